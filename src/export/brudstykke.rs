//! The records of the whole register as they stand in an answer, kept while the register stands still: what everybody asks
//! for is written once for each state of it, and copied into each answer.

use std::sync::{Arc, Mutex, PoisonError};

use crate::register::Niveau;
use crate::store::Stand;

/// The most that are kept, and the longest.
const MOST: usize = 2;
const LONGEST: usize = 16 << 20;

/// What is written: in which version, trees or a level, with closed records or without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Valg {
    pub(super) v2: bool,
    pub(super) niveau: Option<Niveau>,
    pub(super) nedlagte: bool,
}

/// Those written last.
#[derive(Debug, Default)]
pub struct Brudstykker(Mutex<Vec<(Valg, Stand, Arc<str>)>>);

impl Brudstykker {
    /// The records, if they were written when the register stood so.
    pub(super) fn find(&self, valg: Valg, stand: Stand) -> Option<Arc<str>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter()
            .find(|(own, at, _)| *own == valg && *at == stand)
            .map(|(_, _, text)| Arc::clone(text))
    }

    /// Keeps them, if they are not too long; what is of an earlier state goes first.
    pub(super) fn behold(&self, valg: Valg, stand: Stand, text: String) -> Arc<str> {
        let text: Arc<str> = text.into();
        if text.len() <= LONGEST {
            let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            kept.retain(|(own, at, _)| *at == stand && *own != valg);
            if kept.len() == MOST {
                kept.remove(0);
            }
            kept.push((valg, stand, Arc::clone(&text)));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::register::Sekvens;

    #[test]
    fn few_are_kept_and_none_of_an_earlier_state() {
        let kept = Brudstykker::default();
        let at = |sekvens| Stand {
            epoke: uuid::Uuid::nil(),
            sekvens: Sekvens(sekvens),
            tidspunkt: None,
        };
        let valg = |v2, nedlagte| Valg {
            v2,
            niveau: None,
            nedlagte,
        };
        kept.behold(valg(true, true), at(1), "a".to_owned());
        kept.behold(valg(true, false), at(1), "b".to_owned());
        assert_eq!(kept.find(valg(true, true), at(1)).as_deref(), Some("a"));
        kept.behold(valg(false, false), at(1), "c".to_owned());
        assert!(kept.find(valg(true, true), at(1)).is_none());
        assert_eq!(kept.find(valg(true, false), at(1)).as_deref(), Some("b"));
        kept.behold(valg(true, true), at(2), "d".to_owned());
        assert!(kept.find(valg(true, false), at(1)).is_none());
        assert!(kept.find(valg(true, true), at(1)).is_none());
        let long = kept.behold(valg(true, true), at(3), "x".repeat(LONGEST + 1));
        assert_eq!(long.len(), LONGEST + 1);
        assert!(kept.find(valg(true, true), at(3)).is_none());
    }
}
