//! How much a gateway lets itself be asked for, and how much memory the answers of all callers may take together, from when
//! they are built until the last byte is sent.
//!
//! A caller that asks for much and reads nothing holds on to its answer; this bounds what many such callers can hold.
//! Small answers are not counted: the limits on connections bound them already.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use hyper::body::Bytes;

use super::cache::Cache;
use crate::server::exchange::told_of;
use crate::{import, xml};

/// An answer up to this size, in bytes, is not counted.
const SMALL: usize = 64 * 1024;

/// How much a gateway lets itself be asked for.
#[derive(Debug, Clone)]
pub struct Bounds {
    /// Limits of XML.
    pub xml: xml::Limits,
    /// The largest message, in bytes.
    pub message_bytes: u64,
    /// Who maintains private dagtilbud.
    pub privat: crate::agreements::PrivateRules,
    /// What accepted writes are warned of having left out.
    pub safeguards: import::Safeguards,
    /// Connections of the store that read: one of them is kept for what is short.
    pub readers: usize,
    /// Bytes of larger answers alive at one time, from when they are built until they are sent.
    pub answer_bytes: u64,
    /// What ETags end with where the code tables are not the built-in ones.
    pub tables_tag: Option<String>,
}

impl Bounds {
    /// The most records of an answer: more would not fit beside no other, and are not read.
    pub fn most(&self) -> usize {
        usize::try_from(self.answer_bytes).unwrap_or(usize::MAX) / crate::export::POST
    }
}

/// The budget. Clones share it.
#[derive(Debug, Clone)]
pub(super) struct Budget {
    alive: Arc<AtomicU64>,
    most: u64,
}

/// The answer does not fit beside those that are alive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Full;

impl Budget {
    /// A budget of `most` bytes.
    pub(super) fn new(most: u64) -> Self {
        Self {
            alive: Arc::default(),
            most,
        }
    }

    /// The answer's bytes, counted until their last clone is dropped.
    ///
    /// # Errors
    /// [`Full`]: it does not fit, and the bytes are gone.
    pub(super) fn hold(&self, bytes: Bytes) -> Result<Bytes, Full> {
        if bytes.len() <= SMALL {
            return Ok(bytes);
        }
        let length = bytes.len() as u64;
        let fits = |alive: u64| alive.checked_add(length).filter(|sum| *sum <= self.most);
        self.alive
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits)
            .map_err(|_| Full)?;
        let alive = Arc::clone(&self.alive);
        Ok(told_of(bytes, move |gone| {
            alive.fetch_sub(gone.len() as u64, Ordering::Relaxed);
        }))
    }

    /// The same; where it does not fit, what is kept of documents goes first.
    pub(super) fn room_for(&self, bytes: Bytes, cache: &Cache) -> Result<Bytes, Full> {
        self.hold(bytes.clone()).or_else(|Full| {
            cache.kept.clear();
            self.hold(bytes)
        })
    }

    /// Bytes alive.
    #[cfg(test)]
    fn alive(&self) -> u64 {
        self.alive.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(length: usize) -> Bytes {
        vec![b'x'; length].into()
    }

    #[test]
    fn an_answer_counts_until_its_last_clone_is_dropped() {
        let budget = Budget::new(250_000);
        let first = budget.hold(answer(200_000)).unwrap();
        let (clone, part) = (first.clone(), first.slice(10..20));
        assert_eq!((budget.alive(), first.len()), (200_000, 200_000));
        assert_eq!(budget.hold(answer(100_000)), Err(Full));
        drop((first, clone));
        assert_eq!(budget.alive(), 200_000, "a part of it is still held");
        drop(part);
        assert_eq!(budget.alive(), 0);
        assert!(budget.hold(answer(100_000)).is_ok());
    }

    #[test]
    fn small_answers_always_fit() {
        let budget = Budget::new(0);
        assert!(budget.hold(answer(SMALL)).is_ok());
        assert_eq!(budget.hold(answer(SMALL + 1)), Err(Full));
        assert_eq!(budget.alive(), 0);
    }
}
