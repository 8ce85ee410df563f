//! The records of the whole register as they stand in an answer, kept while the register stands still: what everybody asks
//! for is written once for each state of it, and sent to all.

use std::fmt;
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

use hyper::body::Bytes;

use crate::register::Niveau;
use crate::store::Position;
use crate::sync;

/// The most that are kept, and the longest.
const MOST: usize = 2;
const LONGEST: usize = 64 << 20;

/// What is written: in which version, trees or a level, with closed records or without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Choice {
    pub(super) v2: bool,
    pub(super) niveau: Option<Niveau>,
    pub(super) nedlagte: bool,
}

/// Makes bytes count in what all answers may take together, until the last who has them lets go; none when they don't fit.
type Counter = dyn Fn(Bytes) -> Option<Bytes> + Send + Sync;

/// Those written last.
pub struct SharedRecords {
    kept: Mutex<Vec<(Choice, Position, Bytes)>>,
    /// When somebody last had one of them.
    used: Mutex<Option<Instant>>,
    /// The whole register is read and written for one answer at a time.
    writing: Mutex<()>,
    counter: Box<Counter>,
}

impl fmt::Debug for SharedRecords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedRecords").finish_non_exhaustive()
    }
}

impl SharedRecords {
    /// None yet; what is kept counts by `taeller`.
    pub fn new(counter: impl Fn(Bytes) -> Option<Bytes> + Send + Sync + 'static) -> Self {
        Self {
            kept: Mutex::default(),
            used: Mutex::default(),
            writing: Mutex::default(),
            counter: Box::new(counter),
        }
    }

    /// The records, if they were written when the register stood so.
    pub(super) fn find(&self, choice: Choice, stand: Position) -> Option<Bytes> {
        let kept = sync::lock(&self.kept);
        let found = kept
            .iter()
            .find(|(own, at, _)| *own == choice && *at == stand)
            .map(|(_, _, text)| text.clone());
        if found.is_some() {
            self.use_now();
        }
        found
    }

    /// Lets go of them when nobody has had one for so long.
    pub fn forget(&self, unused: Duration) {
        let used = *sync::lock(&self.used);
        if used.is_some_and(|used| used.elapsed() >= unused) {
            let mut kept = sync::lock(&self.kept);
            kept.clear();
        }
    }

    fn use_now(&self) {
        *sync::lock(&self.used) = Some(Instant::now());
    }

    /// Waits until nobody else writes records: what they wrote may be what was to be written.
    pub fn alone(&self) -> MutexGuard<'_, ()> {
        sync::lock(&self.writing)
    }

    /// Keeps them, in the place of what is of an earlier state; gives them back when they are too long for it.
    pub(super) fn keep(
        &self,
        choice: Choice,
        stand: Position,
        text: String,
    ) -> Result<Bytes, String> {
        if text.len() > LONGEST {
            return Err(text);
        }
        let mut kept = sync::lock(&self.kept);
        kept.retain(|(own, at, _)| *at == stand && *own != choice);
        if kept.len() == MOST {
            kept.remove(0);
        }
        let mut bytes = text.into_bytes();
        bytes.shrink_to_fit();
        let bytes = Bytes::from(bytes);
        match (self.counter)(bytes.clone()) {
            Some(counted) => {
                kept.push((choice, stand, counted.clone()));
                self.use_now();
                Ok(counted)
            }
            None => Err(String::from_utf8_lossy(&bytes).into_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::register::Sekvens;

    #[test]
    fn few_are_kept_and_none_of_an_earlier_state() {
        let kept = SharedRecords::new(Some);
        let at = |sekvens| Position {
            epoke: uuid::Uuid::nil(),
            sekvens: Sekvens(sekvens),
            tidspunkt: None,
        };
        let choice = |v2, nedlagte| Choice {
            v2,
            niveau: None,
            nedlagte,
        };
        kept.keep(choice(true, true), at(1), "a".to_owned())
            .unwrap();
        kept.keep(choice(true, false), at(1), "b".to_owned())
            .unwrap();
        assert_eq!(
            kept.find(choice(true, true), at(1)).as_deref(),
            Some(&b"a"[..])
        );
        kept.keep(choice(false, false), at(1), "c".to_owned())
            .unwrap();
        assert!(kept.find(choice(true, true), at(1)).is_none());
        assert_eq!(
            kept.find(choice(true, false), at(1)).as_deref(),
            Some(&b"b"[..])
        );
        kept.keep(choice(true, true), at(2), "d".to_owned())
            .unwrap();
        assert!(kept.find(choice(true, false), at(1)).is_none());
        assert!(kept.find(choice(true, true), at(1)).is_none());
        let long = kept.keep(choice(true, true), at(3), "x".repeat(LONGEST + 1));
        assert!(long.is_err_and(|text| text.len() == LONGEST + 1));
        let full = SharedRecords::new(|_| None);
        let text = full.keep(choice(true, true), at(1), "a".to_owned());
        assert_eq!(text.unwrap_err(), "a", "what does not fit is not kept");
        assert!(kept.find(choice(true, true), at(3)).is_none());
        assert!(kept.find(choice(true, true), at(2)).is_some());
        kept.forget(Duration::from_secs(3600));
        assert!(kept.find(choice(true, true), at(2)).is_some());
        kept.forget(Duration::ZERO);
        assert!(kept.find(choice(true, true), at(2)).is_none());
    }
}
