//! The records of the whole register as they stand in an answer, kept while the register stands still: what everybody asks
//! for is written once for each state of it, and sent to all.

use std::fmt;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use hyper::body::Bytes;

use crate::kept::Kept;
use crate::register::{Niveau, Version};
use crate::store::Position;
use crate::sync;

/// The most that are kept, and the longest.
const MOST: usize = 2;
const LONGEST: usize = 64 << 20;

/// What is written: in which version, trees or a level, with closed records or without.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Choice {
    pub(super) version: Version,
    pub(super) niveau: Option<Niveau>,
    pub(super) nedlagte: bool,
}

/// Makes bytes count in what all answers may take together, until the last who has them lets go; none when they don't fit.
type Counter = dyn Fn(Bytes) -> Option<Bytes> + Send + Sync;

/// Those written last.
pub struct SharedRecords {
    kept: Kept<(Choice, Position), Bytes>,
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
            kept: Kept::new(MOST),
            writing: Mutex::default(),
            counter: Box::new(counter),
        }
    }

    /// The records, if they were written when the register stood so.
    pub(super) fn find(&self, choice: Choice, position: Position) -> Option<Bytes> {
        self.kept
            .get(&(choice, position), |text| Some(text.clone()))
    }

    /// Lets go of those that nobody has had for so long.
    pub fn forget(&self, unused: Duration) {
        self.kept.forget(unused);
    }

    /// Waits until nobody else writes records: what they wrote may be what was to be written.
    pub fn alone(&self) -> MutexGuard<'_, ()> {
        sync::lock(&self.writing)
    }

    /// Keeps them, in the place of what is of an earlier state; gives them back when they are too long for it.
    pub(super) fn keep(
        &self,
        choice: Choice,
        position: Position,
        text: String,
    ) -> Result<Bytes, String> {
        if text.len() > LONGEST {
            return Err(text);
        }
        self.kept.retain(|(_, at)| *at == position);
        self.kept.make_room();
        let mut bytes = text.into_bytes();
        bytes.shrink_to_fit();
        let bytes = Bytes::from(bytes);
        match (self.counter)(bytes.clone()) {
            Some(counted) => {
                self.kept.keep((choice, position), counted.clone());
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
            version: if v2 { Version::V2 } else { Version::V1 },
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
        assert!(kept.find(choice(true, false), at(1)).is_none());
        assert_eq!(
            kept.find(choice(true, true), at(1)).as_deref(),
            Some(&b"a"[..]),
            "asked for since"
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
