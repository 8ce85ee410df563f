//! Reading a request's body within its limits, and dropping the rest of one that is refused.
//!
//! What all callers together may have in memory is one budget ([`super::share`]). A body takes of it what has come, not what
//! its head announces; what it costs of its organisation's rate is taken before it is read.

use std::time::Duration;

use http_body_util::BodyExt;
use hyper::body::{Body, Bytes, Incoming};
use tokio::time::{Instant, timeout, timeout_at};

use super::call::Shared;
use super::share::{NoRoom, Share};
use super::who::Who;
use crate::config::Graenser;

/// After an early refusal so much and so long is read and dropped, so that the caller sees the answer (kontrakt §3).
const REST_BYTES: u64 = 16 << 20;
const REST: Duration = Duration::from_secs(2);

/// A body longer than this is not given all its room at once: its length is only the caller's word.
const FIRST_ROOM: usize = 64 << 10;

/// A body's pace is judged over so long.
const PACE: Duration = Duration::from_secs(10);

/// Why a body was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BodyError {
    /// Longer than allowed.
    TooLarge,
    /// It stood still, or took too long in all.
    TooSlow,
    /// It ended early, or its framing is wrong.
    Broken,
    /// There is no room beside other bodies.
    NoRoom(NoRoom),
}

impl From<NoRoom> for BodyError {
    fn from(none: NoRoom) -> Self {
        Self::NoRoom(none)
    }
}

/// Reads a body of at most so many bytes whole, with its share of the budget, which it takes for as long as it is worked on. Its
/// size is charged to its organisation.
///
/// # Errors
/// [`BodyError`]; what is left of the body stays with the caller.
pub(crate) async fn read<B>(
    body: &mut Incoming,
    shared: &Shared<B>,
    (who, most): (Who, u64),
) -> Result<(Bytes, Share), BodyError> {
    let (limits, rates) = (&shared.limits, &shared.rates);
    let hint = body.size_hint();
    let told = hint.exact();
    if hint.lower() > most {
        return Err(BodyError::TooLarge);
    }
    let begun = Instant::now();
    let charge = |before, length, at| {
        if let Who::Organisation(payer) = who {
            rates.charge(payer, before, length, at);
        }
    };
    charge(0, told.unwrap_or(0), begun);
    let end = begun + Duration::from_millis(limits.kald_ms);
    let mut pace = Pace {
        since: begun,
        bytes: 0,
    };
    let first = part(body, limits, end).await?.unwrap_or_default();
    let mut share = shared.budget.share(who, first.len() as u64)?;
    if told == Some(first.len() as u64) {
        return Ok((first, share));
    }

    let room = told.and_then(|told| usize::try_from(told).ok());
    let first_room = FIRST_ROOM.max(first.len());
    let mut whole = Vec::with_capacity(room.unwrap_or(0).clamp(first.len(), first_room));
    let mut next = Some(first);
    while let Some(bytes) = next {
        let before = whole.len() as u64;
        let length = before + bytes.len() as u64;
        if length > most {
            return Err(BodyError::TooLarge);
        }
        let now = Instant::now();
        if pace.is_too_slow(bytes.len(), length, now, limits) {
            return Err(BodyError::TooSlow);
        }
        if told.is_none() {
            charge(before, length, now);
        }
        if before > 0 {
            share.grow(bytes.len() as u64)?;
        }
        if length > whole.capacity() as u64 {
            // Beyond a little, room for all that may come, so that what is there is not copied again and again. It is
            // address space alone: memory is taken as it is written to.
            let most = told.unwrap_or(most).max(length);
            let room = match length <= FIRST_ROOM as u64 {
                true => FIRST_ROOM,
                false => usize::try_from(most).unwrap_or(0),
            };
            whole.reserve_exact(room.saturating_sub(whole.len()));
        }
        whole.extend_from_slice(&bytes);
        next = part(body, limits, end).await?;
    }
    Ok((whole.into(), share))
}

/// What has come since when.
#[derive(Debug)]
struct Pace {
    since: Instant,
    bytes: u64,
}

impl Pace {
    /// Counts a part, with which so much is held; whether less came in the last ten seconds than must. Who holds much must
    /// be quick: at the pace at which as much again would come within the time of a whole body. Who has kept one pace from the
    /// beginning is always as quick as that.
    fn is_too_slow(&mut self, bytes: usize, held: u64, now: Instant, limits: &Graenser) -> bool {
        self.bytes += bytes as u64;
        let lasted = now.duration_since(self.since);
        if lasted < PACE {
            return false;
        }
        let rising = match limits.langsom_bytes {
            0 => 0,
            _ => held / limits.kald_ms.div_ceil(1000).max(1),
        };
        let least = limits.langsom_bytes.max(rising);
        let least = least.saturating_mul(lasted.as_secs());
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
        let held = 20_000;
        assert!(
            !pace.is_too_slow(10, held, after(9), &limits),
            "not yet judged"
        );
        assert!(
            pace.is_too_slow(10_229, held, after(10), &limits),
            "10,239 bytes in 10 s"
        );
        assert!(
            !pace.is_too_slow(10_240, held, after(20), &limits),
            "10,240 bytes in 10 s"
        );
        assert!(
            pace.is_too_slow(0, held, after(31), &limits),
            "nothing in 11 s"
        );
        let any = Graenser {
            langsom_bytes: 0,
            ..limits
        };
        assert!(!pace.is_too_slow(0, 9 << 20, after(99), &any));
    }

    #[test]
    fn who_holds_much_must_be_quick() {
        let limits = Graenser::default();
        let since = Instant::now();
        let after = |seconds| since + Duration::from_secs(seconds);
        // Nine megabytes at once, and then a drip that is enough for a small message.
        let mut pace = Pace { since, bytes: 0 };
        assert!(!pace.is_too_slow(9 << 20, 9 << 20, after(10), &limits));
        assert!(pace.is_too_slow(20_480, 9 << 20, after(20), &limits));
        // One pace from the beginning to the end of the time is never too slow.
        for each in [1024, 20_000, 349_525] {
            let mut pace = Pace { since, bytes: 0 };
            for second in 1..=30 {
                let held = each as u64 * second;
                let slow = pace.is_too_slow(each, held, after(second), &limits);
                assert!(!slow, "{each} bytes a second after {second} s");
            }
        }
    }
}
