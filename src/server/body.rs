//! Reading a request's body within its limits, and dropping the rest of one that is refused.
//!
//! What all callers together may have in memory is one budget of [`BLOCK`]s: a body takes its share before it is read.

use std::sync::Arc;
use std::time::Duration;

use http_body_util::BodyExt;
use hyper::body::{Body, Bytes, Incoming};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout, timeout_at};

use crate::config::Graenser;

/// The unit of the budget, in bytes.
const BLOCK: u64 = 1024;

/// After an early refusal so much and so long is read and dropped, so that the caller sees the answer (decisions §3).
const REST_BYTES: u64 = 16 << 20;
const REST: Duration = Duration::from_secs(2);

/// A body longer than this is not given all its room at once: its length is only the caller's word.
const FIRST_ROOM: usize = 64 << 10;

/// A body's pace is judged over so long.
const PACE: Duration = Duration::from_secs(10);

/// The budget of all bodies.
#[derive(Debug)]
pub(crate) struct Budget {
    free: Arc<Semaphore>,
    blocks: usize,
}

impl Budget {
    /// As much as the configuration allows.
    pub(crate) fn new(limits: &Graenser) -> Self {
        let blocks = usize::try_from(limits.beskeder_i_alt_bytes.div_ceil(BLOCK));
        let blocks = blocks.unwrap_or(usize::MAX).min(Semaphore::MAX_PERMITS);
        Self {
            free: Arc::new(Semaphore::new(blocks)),
            blocks,
        }
    }

    /// Bytes taken, in whole blocks.
    pub(crate) fn taken(&self) -> u64 {
        self.blocks.saturating_sub(self.free.available_permits()) as u64 * BLOCK
    }

    /// Takes what `bytes` need; none when all is taken.
    fn take(&self, bytes: u64) -> Option<OwnedSemaphorePermit> {
        let blocks = u32::try_from(bytes.div_ceil(BLOCK)).ok()?;
        Arc::clone(&self.free).try_acquire_many_owned(blocks).ok()
    }
}

/// A whole body, and its share of the budget for as long as it is worked on.
#[derive(Debug)]
pub(crate) struct Whole {
    /// The bytes.
    pub(crate) bytes: Bytes,
    /// Given back when dropped.
    pub(crate) share: OwnedSemaphorePermit,
}

/// Why a body was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BodyError {
    /// Longer than allowed.
    TooLarge,
    /// It stood still, or took too long in all.
    TooSlow,
    /// It ended early, or its framing is wrong.
    Broken,
    /// The budget of all bodies is used up.
    Busy,
}

/// Reads a body whole.
///
/// # Errors
/// [`BodyError`]; what is left of the body stays with the caller.
pub(crate) async fn read(
    body: &mut Incoming,
    limits: &Graenser,
    budget: &Budget,
) -> Result<Whole, BodyError> {
    let hint = body.size_hint();
    let told = hint.exact();
    if hint.lower() > limits.besked_bytes {
        return Err(BodyError::TooLarge);
    }
    let mut share = budget.take(told.unwrap_or(0)).ok_or(BodyError::Busy)?;
    let begun = Instant::now();
    let end = begun + Duration::from_millis(limits.kald_ms);
    let mut pace = Pace {
        since: begun,
        bytes: 0,
    };
    let first = part(body, limits, end).await?.unwrap_or_default();
    if told == Some(first.len() as u64) {
        return Ok(Whole {
            bytes: first,
            share,
        });
    }

    let room = told.and_then(|told| usize::try_from(told).ok());
    let mut whole = Vec::with_capacity(
        room.unwrap_or(0)
            .clamp(first.len(), FIRST_ROOM.max(first.len())),
    );
    let mut next = Some(first);
    while let Some(bytes) = next {
        if pace.is_too_slow(bytes.len(), Instant::now(), limits) {
            return Err(BodyError::TooSlow);
        }
        let length = (whole.len() + bytes.len()) as u64;
        if length > limits.besked_bytes {
            return Err(BodyError::TooLarge);
        }
        let held = share.num_permits() as u64 * BLOCK;
        if length > held {
            share.merge(budget.take(length - held).ok_or(BodyError::Busy)?);
        }
        if length > whole.capacity() as u64 {
            // Beyond a little, room for all that may come, so that what is there is not copied again and again. It is
            // address space alone: memory is taken as it is written to.
            let most = told.unwrap_or(limits.besked_bytes).max(length);
            let room = if length <= FIRST_ROOM as u64 {
                FIRST_ROOM as u64
            } else {
                most
            };
            whole.reserve_exact(
                usize::try_from(room)
                    .unwrap_or(0)
                    .saturating_sub(whole.len()),
            );
        }
        whole.extend_from_slice(&bytes);
        next = part(body, limits, end).await?;
    }
    Ok(Whole {
        bytes: whole.into(),
        share,
    })
}

/// What has come since when.
#[derive(Debug)]
struct Pace {
    since: Instant,
    bytes: u64,
}

impl Pace {
    /// Counts a part; whether less came in the last ten seconds than must.
    fn is_too_slow(&mut self, bytes: usize, now: Instant, limits: &Graenser) -> bool {
        self.bytes += bytes as u64;
        let lasted = now.duration_since(self.since);
        if lasted < PACE {
            return false;
        }
        let least = limits.langsom_bytes.saturating_mul(lasted.as_secs());
        let slow = self.bytes < least;
        *self = Self {
            since: now,
            bytes: 0,
        };
        slow
    }
}

/// The next part that holds data; none at the end.
async fn part(
    body: &mut Incoming,
    limits: &Graenser,
    end: Instant,
) -> Result<Option<Bytes>, BodyError> {
    let stall = Duration::from_millis(limits.stilstand_ms);
    loop {
        let by = end.min(Instant::now() + stall);
        return match timeout_at(by, body.frame()).await {
            Err(_) => Err(BodyError::TooSlow),
            Ok(None) => Ok(None),
            Ok(Some(Err(_))) => Err(BodyError::Broken),
            Ok(Some(Ok(frame))) => match frame.into_data() {
                Ok(data) => Ok(Some(data)),
                // Trailers say nothing that is listened to.
                Err(_) => continue,
            },
        };
    }
}

/// Reads on in the background while the refusal is sent, and drops what comes. hyper closes the connection after it.
pub(crate) fn drop_rest(mut body: Incoming) {
    if body.is_end_stream() {
        return;
    }
    tokio::spawn(timeout(REST, async move {
        let mut dropped = 0;
        while let Some(Ok(frame)) = body.frame().await {
            dropped += frame.data_ref().map_or(0, Bytes::len) as u64;
            if dropped > REST_BYTES {
                break;
            }
        }
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_must_come_at_a_pace() {
        let limits = Graenser {
            langsom_bytes: 1024,
            ..Graenser::default()
        };
        let since = Instant::now();
        let after = |seconds| since + Duration::from_secs(seconds);
        let mut pace = Pace { since, bytes: 0 };
        assert!(!pace.is_too_slow(10, after(9), &limits), "not yet judged");
        assert!(
            pace.is_too_slow(10_229, after(10), &limits),
            "10,239 bytes in 10 s"
        );
        assert!(
            !pace.is_too_slow(10_240, after(20), &limits),
            "10,240 bytes in 10 s"
        );
        assert!(pace.is_too_slow(0, after(31), &limits), "nothing in 11 s");
        let any = Graenser {
            langsom_bytes: 0,
            ..limits
        };
        assert!(!pace.is_too_slow(0, after(99), &any));
    }
}
