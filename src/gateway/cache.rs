//! The documents built last, as bytes that all who ask share. A document is given again for as long as nothing has changed
//! that it shows; it may be asked for by anyone, so the cache holds few and bounded bytes.

use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use hyper::body::Bytes;

use crate::export::Document;
use crate::kept::Kept;
use crate::store::Position;
use crate::sync;

/// The most documents: one for each kommune, and some besides.
const ENTRIES: usize = 256;
/// The longest time for which a document that takes long to build is given again when it has grown old.
const YOUNG: Duration = Duration::from_secs(1);
/// A document smaller than this, in bytes, is always built anew: that costs next to nothing.
const LARGE: usize = 256 << 10;
/// As many times as long as it took to build is it given again: so building takes a twentieth of one processor at most.
const SHARE: u32 = 20;

/// The gzip form of a document: it is made once, whoever else asks meanwhile waits for it.
#[derive(Debug, Default)]
pub(super) struct Packed {
    bytes: OnceLock<Bytes>,
    packing: Mutex<()>,
}

impl Packed {
    /// The bytes, if they are made.
    pub(super) fn get(&self) -> Option<&Bytes> {
        self.bytes.get()
    }

    /// The bytes, made now if need be; and whether they were. What fails is tried again by the next who asks.
    ///
    /// # Errors
    /// Those of `make`.
    pub(super) fn get_or_make<E>(
        &self,
        make: impl FnOnce() -> Result<Bytes, E>,
    ) -> Result<(Bytes, bool), E> {
        if let Some(bytes) = self.get() {
            return Ok((bytes.clone(), false));
        }
        let _one = sync::lock(&self.packing);
        if let Some(bytes) = self.get() {
            return Ok((bytes.clone(), false));
        }
        let made = make()?;
        Ok((self.bytes.get_or_init(|| made).clone(), true))
    }
}

/// What is proved about a document: made from all of its bytes, and so once.
#[derive(Debug, Default)]
pub(super) struct Beside {
    /// Its SHA-256, in hexadecimal.
    pub(super) sha256: OnceLock<String>,
    /// Its seal.
    pub(super) segl: OnceLock<Bytes>,
}

/// For how long a document is kept that nobody asks for.
pub(super) const UNUSED: Duration = Duration::from_secs(60);

/// A built document.
#[derive(Debug, Clone)]
pub(super) struct Built {
    /// Which one.
    pub(super) document: Document,
    /// What it shows: the last change that it depends on, or where the register stood for a document of another time.
    pub(super) position: Position,
    /// The state that it tells of.
    pub(super) shown: Position,
    /// What names its content, without quotes.
    pub(super) etag: String,
    /// Its bytes.
    pub(super) bytes: Bytes,
    /// The same in gzip, once somebody has asked for it.
    pub(super) gzip: Arc<Packed>,
    /// What is proved about it, once somebody has asked for it.
    pub(super) beside: Arc<Beside>,
    /// When it was built, and how long that took.
    pub(super) at: (Instant, Duration),
}

impl Built {
    fn length(&self) -> u64 {
        let gzip = self.gzip.get().map_or(0, Bytes::len);
        (self.bytes.len() + gzip) as u64
    }
}

/// The documents, each in the state that it was built in last.
#[derive(Debug)]
pub(super) struct Cache {
    pub(super) kept: Kept<Document, Built>,
}

impl Cache {
    /// An empty cache for at most so many bytes. A document that is larger than all may be together is kept alone, as long
    /// as there is room left to send another answer.
    pub(super) fn new(most_bytes: u64) -> Self {
        let largest = most_bytes + most_bytes / 2;
        let kept = Kept::new(ENTRIES).within(most_bytes, largest, Built::length);
        Self { kept }
    }

    /// The document, if it shows this.
    pub(super) fn get(&self, document: Document, position: Position) -> Option<Built> {
        self.find(document, |built| built.position == position)
    }

    /// The document, if it shows this or is as good as that.
    pub(super) fn current(&self, document: Document, position: Position) -> Option<Built> {
        let same = self.get(document, position);
        same.or_else(|| self.young(document))
    }

    /// The document as it was, if it was built so short a time ago that building it again would be too much work.
    fn young(&self, document: Document) -> Option<Built> {
        self.find(document, |built| {
            let (at, took) = built.at;
            built.bytes.len() >= LARGE && at.elapsed() < YOUNG.min(took * SHARE)
        })
    }

    fn find(&self, document: Document, is: impl Fn(&Built) -> bool) -> Option<Built> {
        self.kept
            .get(&document, |built| is(built).then(|| built.clone()))
    }

    /// Keeps a document in the place of an older one. When somebody was faster it gives theirs, so that there is one copy.
    pub(super) fn keep(&self, new: Built) -> Built {
        if let Some(same) = self.get(new.document, new.position) {
            return same;
        }
        self.kept.keep(new.document, new.clone());
        new
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::Contents;
    use crate::export::parameters::Query;
    use crate::register::{Kommunekode, Sekvens};

    fn position(sekvens: u64) -> Position {
        Position {
            epoke: uuid::Uuid::nil(),
            sekvens: Sekvens(sekvens),
            tidspunkt: None,
        }
    }

    fn of(kommune: u16) -> Document {
        Document::of(Contents::Traeer).asked(&Query {
            kommune: Kommunekode::parse(&kommune.to_string()).ok(),
            ..Query::default()
        })
    }

    fn built(kommune: u16, sekvens: u64, length: usize) -> Built {
        Built {
            document: of(kommune),
            position: position(sekvens),
            shown: position(sekvens),
            etag: String::new(),
            bytes: vec![b'x'; length].into(),
            gzip: Arc::default(),
            beside: Arc::default(),
            at: (Instant::now(), Duration::ZERO),
        }
    }

    #[test]
    fn what_takes_long_to_build_is_given_again_for_a_moment() {
        let cache = Cache::new(4 * LARGE as u64);
        cache.keep(built(1, 7, LARGE));
        assert!(cache.young(of(1)).is_none(), "it costs nothing to build");
        let small = Built {
            at: (Instant::now(), Duration::from_secs(9)),
            ..built(1, 6, LARGE - 1)
        };
        cache.keep(small);
        assert!(
            cache.young(of(1)).is_none(),
            "it is small, whatever held it up"
        );
        let slow = Built {
            at: (Instant::now(), Duration::from_secs(9)),
            ..built(1, 8, LARGE)
        };
        cache.keep(slow.clone());
        assert_eq!(
            cache.young(of(1)).map(|built| built.position),
            Some(position(8))
        );
        assert!(cache.young(of(2)).is_none());
        let Some(long_ago) = Instant::now().checked_sub(YOUNG) else {
            return;
        };
        cache.keep(Built {
            at: (long_ago, Duration::from_secs(9)),
            position: position(9),
            ..slow
        });
        assert!(cache.young(of(1)).is_none(), "a second is the longest");
    }

    #[test]
    fn a_document_is_shared_while_the_register_stands_still() {
        let cache = Cache::new(1000);
        let first = cache.keep(built(1, 7, 10));
        let found = cache.get(of(1), position(7)).unwrap();
        assert_eq!(found.bytes.as_ptr(), first.bytes.as_ptr());
        let second = cache.keep(built(1, 7, 10));
        assert_eq!(second.bytes.as_ptr(), first.bytes.as_ptr(), "one copy");
        assert!(cache.get(of(2), position(7)).is_none());
        assert!(cache.get(of(1), position(8)).is_none());
        cache.keep(built(2, 8, 10));
        assert!(cache.get(of(1), position(7)).is_some(), "another document");
        cache.keep(built(1, 8, 10));
        assert!(
            cache.get(of(1), position(7)).is_none(),
            "of an earlier state"
        );
        cache.kept.clear();
        assert!(cache.get(of(2), position(8)).is_none());
    }

    #[test]
    fn a_gzip_form_is_made_once_and_counts() {
        let packed = Packed::default();
        assert_eq!(packed.get_or_make(|| Err("full")), Err("full"));
        assert!(packed.get().is_none(), "what failed is not kept");
        let made = std::sync::atomic::AtomicU32::new(0);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    packed.get_or_make(|| {
                        std::thread::sleep(Duration::from_millis(20));
                        made.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                        Ok::<_, ()>(Bytes::from_static(b"gz"))
                    })
                });
            }
        });
        assert_eq!(made.into_inner(), 1);
        assert_eq!(packed.get().map(|bytes| &bytes[..]), Some(&b"gz"[..]));

        let cache = Cache::new(1000);
        cache.keep(built(1, 7, 500));
        let second = cache.keep(built(2, 7, 400));
        assert_eq!((cache.kept.grown(), cache.kept.bytes()), (900, 900));
        let gzip = || Ok::<_, ()>(Bytes::from(vec![b'z'; 200]));
        assert!(second.gzip.get_or_make(gzip).unwrap().1);
        assert_eq!((cache.kept.grown(), cache.kept.bytes()), (600, 600));
        assert!(cache.get(of(1), position(7)).is_none(), "it made room");
        assert!(cache.get(of(2), position(7)).is_some());
    }

    #[test]
    fn entries_and_bytes_are_bounded_and_the_least_wanted_goes() {
        let cache = Cache::new(1000);
        let most = u16::try_from(ENTRIES).unwrap();
        for kommune in 1..=most {
            cache.keep(built(kommune, 7, 1));
        }
        assert!(cache.get(of(1), position(7)).is_some());
        cache.keep(built(most + 1, 7, 1));
        assert!(cache.get(of(1), position(7)).is_some(), "asked for since");
        assert!(cache.get(of(2), position(7)).is_none());
        cache.keep(built(1018, 7, 995));
        assert!(cache.get(of(3), position(7)).is_none());
        assert!(cache.get(of(1018), position(7)).is_some());
        cache.keep(built(1019, 7, 1501));
        assert!(
            cache.get(of(1019), position(7)).is_none(),
            "too large to keep"
        );
        assert!(cache.get(of(1018), position(7)).is_some());
        cache.keep(built(1020, 7, 1200));
        assert!(cache.get(of(1020), position(7)).is_some(), "kept alone");
        assert_eq!(cache.kept.bytes(), 1200);
        cache.keep(built(1021, 7, 10));
        assert_eq!(cache.kept.bytes(), 10, "it makes room for others");
    }

    #[test]
    fn what_nobody_asks_for_is_let_go() {
        let cache = Cache::new(1000);
        cache.keep(built(1, 7, 100));
        assert_eq!(cache.kept.forget(Duration::from_secs(3600)), 100);
        assert_eq!(cache.kept.forget(Duration::ZERO), 0);
        assert!(cache.get(of(1), position(7)).is_none());
    }
}
