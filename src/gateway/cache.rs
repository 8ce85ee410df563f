//! The documents built last, as bytes that all who ask share. A document is given again for as long as the register
//! stands where it stood; it may be asked for by anyone, so the cache holds few and bounded bytes.

use std::sync::{Mutex, MutexGuard, PoisonError};

use hyper::body::Bytes;

use crate::export::Document;
use crate::store::Stand;

/// The most documents.
const ENTRIES: usize = 16;

/// A built document.
#[derive(Debug, Clone)]
pub(super) struct Built {
    /// Which one.
    pub(super) document: Document,
    /// Where the register stood when it was built.
    pub(super) stand: Stand,
    /// What names its content, without quotes.
    pub(super) etag: String,
    /// Its bytes.
    pub(super) bytes: Bytes,
}

impl Built {
    fn is(&self, document: Document, stand: Stand) -> bool {
        self.document == document && self.stand == stand
    }
}

/// The documents, that which was asked for last at the end.
#[derive(Debug)]
pub(super) struct Cache {
    built: Mutex<Vec<Built>>,
    most_bytes: u64,
}

impl Cache {
    /// An empty cache for at most so many bytes.
    pub(super) const fn new(most_bytes: u64) -> Self {
        Self {
            built: Mutex::new(Vec::new()),
            most_bytes,
        }
    }

    /// The document, if it was built when the register stood so.
    pub(super) fn get(&self, document: Document, stand: Stand) -> Option<Built> {
        let mut built = self.lock();
        let at = built.iter().position(|each| each.is(document, stand))?;
        let found = built.remove(at);
        built.push(found.clone());
        Some(found)
    }

    /// Keeps a document, and drops those of other states and those asked for longest ago. When somebody was faster it
    /// gives theirs, so that there is one copy.
    pub(super) fn keep(&self, new: Built) -> Built {
        let mut built = self.lock();
        if let Some(same) = built.iter().find(|each| each.is(new.document, new.stand)) {
            return same.clone();
        }
        built.retain(|each| each.stand == new.stand);
        if new.bytes.len() as u64 > self.most_bytes {
            return new;
        }
        built.push(new.clone());
        let mut bytes: u64 = built.iter().map(|each| each.bytes.len() as u64).sum();
        while built.len() > ENTRIES || bytes > self.most_bytes {
            bytes -= built.remove(0).bytes.len() as u64;
        }
        new
    }

    /// Lets go of all, to make room.
    pub(super) fn clear(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Built>> {
        self.built.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::register::{Kommunekode, Sekvens};

    fn stand(sekvens: u64) -> Stand {
        Stand {
            epoke: uuid::Uuid::nil(),
            sekvens: Sekvens(sekvens),
            tidspunkt: None,
        }
    }

    fn of(kommune: u16) -> Document {
        Document::Dagtilbud {
            kommune: Kommunekode::parse(&kommune.to_string()).ok(),
            moment: None,
        }
    }

    fn built(kommune: u16, sekvens: u64, length: usize) -> Built {
        Built {
            document: of(kommune),
            stand: stand(sekvens),
            etag: String::new(),
            bytes: vec![b'x'; length].into(),
        }
    }

    #[test]
    fn a_document_is_shared_while_the_register_stands_still() {
        let cache = Cache::new(1000);
        let first = cache.keep(built(1, 7, 10));
        let found = cache.get(of(1), stand(7)).unwrap();
        assert_eq!(found.bytes.as_ptr(), first.bytes.as_ptr());
        let second = cache.keep(built(1, 7, 10));
        assert_eq!(second.bytes.as_ptr(), first.bytes.as_ptr(), "one copy");
        assert!(cache.get(of(2), stand(7)).is_none());
        assert!(cache.get(of(1), stand(8)).is_none());
        cache.keep(built(2, 8, 10));
        assert!(cache.get(of(1), stand(7)).is_none(), "of an earlier state");
        cache.clear();
        assert!(cache.get(of(2), stand(8)).is_none());
    }

    #[test]
    fn entries_and_bytes_are_bounded_and_the_least_wanted_goes() {
        let cache = Cache::new(1000);
        for kommune in 1..=16 {
            cache.keep(built(kommune, 7, 10));
        }
        assert!(cache.get(of(1), stand(7)).is_some());
        cache.keep(built(17, 7, 10));
        assert!(cache.get(of(1), stand(7)).is_some(), "asked for since");
        assert!(cache.get(of(2), stand(7)).is_none());
        cache.keep(built(18, 7, 995));
        assert!(cache.get(of(1), stand(7)).is_none());
        assert!(cache.get(of(18), stand(7)).is_some());
        cache.keep(built(19, 7, 1001));
        assert!(cache.get(of(19), stand(7)).is_none(), "too large to keep");
        assert!(cache.get(of(18), stand(7)).is_some());
    }
}
