//! The documents built last, as bytes that all who ask share. A document is given again for as long as nothing has changed
//! that it shows; it may be asked for by anyone, so the cache holds few and bounded bytes.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use hyper::body::Bytes;

use crate::export::Document;
use crate::store::Position;

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
        let _one = self.packing.lock().unwrap_or_else(PoisonError::into_inner);
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
    pub(super) stand: Position,
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
    /// When somebody last asked for it.
    pub(super) used: Instant,
}

impl Built {
    fn is(&self, document: Document, stand: Position) -> bool {
        self.document == document && self.stand == stand
    }

    fn length(&self) -> u64 {
        let gzip = self.gzip.get().map_or(0, Bytes::len);
        (self.bytes.len() + gzip) as u64
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

    /// The document, if it shows this.
    pub(super) fn get(&self, document: Document, stand: Position) -> Option<Built> {
        self.find(|each| each.is(document, stand))
    }

    /// The document as it was, if it was built so short a time ago that building it again would be too much work.
    pub(super) fn young(&self, document: Document) -> Option<Built> {
        self.find(|each| {
            let (at, took) = each.at;
            each.document == document
                && each.bytes.len() >= LARGE
                && at.elapsed() < YOUNG.min(took * SHARE)
        })
    }

    fn find(&self, is: impl Fn(&Built) -> bool) -> Option<Built> {
        let mut built = self.lock();
        let at = built.iter().position(is)?;
        let mut found = built.remove(at);
        found.used = Instant::now();
        built.push(found.clone());
        Some(found)
    }

    /// Keeps a document in the place of an older one, and drops those asked for longest ago. When somebody was faster it
    /// gives theirs, so that there is one copy.
    pub(super) fn keep(&self, new: Built) -> Built {
        let mut built = self.lock();
        if let Some(same) = built.iter().find(|each| each.is(new.document, new.stand)) {
            return same.clone();
        }
        built.retain(|each| each.document != new.document);
        // One that is larger than all may be together is kept alone, as long as there is room left to send another answer.
        if new.length() > self.most_bytes + self.most_bytes / 2 {
            return new;
        }
        built.push(new.clone());
        self.bound(&mut built);
        new
    }

    /// Drops what is too much since a document that is kept has got its gzip form; gives the bytes that are left.
    pub(super) fn grown(&self) -> u64 {
        let mut built = self.lock();
        self.bound(&mut built)
    }

    fn bound(&self, built: &mut Vec<Built>) -> u64 {
        // Each length is asked for once: a gzip form may be made meanwhile.
        let lengths: Vec<u64> = built.iter().map(Built::length).collect();
        let mut bytes: u64 = lengths.iter().sum();
        let mut dropped = 0;
        for length in &lengths {
            let left = lengths.len() - dropped;
            if left <= ENTRIES && bytes <= self.most_bytes || left == 1 {
                break;
            }
            bytes -= length;
            dropped += 1;
        }
        built.drain(..dropped);
        bytes
    }

    /// Lets go of what nobody has asked for so long; gives the bytes that are left.
    pub(super) fn forget(&self, unused: Duration) -> u64 {
        let mut built = self.lock();
        built.retain(|each| each.used.elapsed() < unused);
        built.iter().map(Built::length).sum()
    }

    /// The bytes that are kept.
    pub(super) fn bytes(&self) -> u64 {
        self.lock().iter().map(Built::length).sum()
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
    use crate::export::Visning;
    use crate::export::parameters::Query;
    use crate::register::{Kommunekode, Sekvens};

    fn stand(sekvens: u64) -> Position {
        Position {
            epoke: uuid::Uuid::nil(),
            sekvens: Sekvens(sekvens),
            tidspunkt: None,
        }
    }

    fn of(kommune: u16) -> Document {
        Document::of(Visning::Traeer).asked(&Query {
            kommune: Kommunekode::parse(&kommune.to_string()).ok(),
            ..Query::default()
        })
    }

    fn built(kommune: u16, sekvens: u64, length: usize) -> Built {
        Built {
            document: of(kommune),
            stand: stand(sekvens),
            shown: stand(sekvens),
            etag: String::new(),
            bytes: vec![b'x'; length].into(),
            gzip: Arc::default(),
            beside: Arc::default(),
            at: (Instant::now(), Duration::ZERO),
            used: Instant::now(),
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
        assert_eq!(cache.young(of(1)).map(|built| built.stand), Some(stand(8)));
        assert!(cache.young(of(2)).is_none());
        let Some(long_ago) = Instant::now().checked_sub(YOUNG) else {
            return;
        };
        cache.keep(Built {
            at: (long_ago, Duration::from_secs(9)),
            stand: stand(9),
            ..slow
        });
        assert!(cache.young(of(1)).is_none(), "a second is the longest");
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
        assert!(cache.get(of(1), stand(7)).is_some(), "another document");
        cache.keep(built(1, 8, 10));
        assert!(cache.get(of(1), stand(7)).is_none(), "of an earlier state");
        cache.clear();
        assert!(cache.get(of(2), stand(8)).is_none());
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
        assert_eq!((cache.grown(), cache.bytes()), (900, 900));
        let gzip = || Ok::<_, ()>(Bytes::from(vec![b'z'; 200]));
        assert!(second.gzip.get_or_make(gzip).unwrap().1);
        assert_eq!((cache.grown(), cache.bytes()), (600, 600));
        assert!(cache.get(of(1), stand(7)).is_none(), "it made room");
        assert!(cache.get(of(2), stand(7)).is_some());
    }

    #[test]
    fn entries_and_bytes_are_bounded_and_the_least_wanted_goes() {
        let cache = Cache::new(1000);
        let most = u16::try_from(ENTRIES).unwrap();
        for kommune in 1..=most {
            cache.keep(built(kommune, 7, 1));
        }
        assert!(cache.get(of(1), stand(7)).is_some());
        cache.keep(built(most + 1, 7, 1));
        assert!(cache.get(of(1), stand(7)).is_some(), "asked for since");
        assert!(cache.get(of(2), stand(7)).is_none());
        cache.keep(built(1018, 7, 995));
        assert!(cache.get(of(3), stand(7)).is_none());
        assert!(cache.get(of(1018), stand(7)).is_some());
        cache.keep(built(1019, 7, 1501));
        assert!(cache.get(of(1019), stand(7)).is_none(), "too large to keep");
        assert!(cache.get(of(1018), stand(7)).is_some());
        cache.keep(built(1020, 7, 1200));
        assert!(cache.get(of(1020), stand(7)).is_some(), "kept alone");
        assert_eq!(cache.bytes(), 1200);
        cache.keep(built(1021, 7, 10));
        assert_eq!(cache.bytes(), 10, "it makes room for others");
    }

    #[test]
    fn what_nobody_asks_for_is_let_go() {
        let cache = Cache::new(1000);
        cache.keep(built(1, 7, 100));
        assert_eq!(cache.forget(Duration::from_secs(3600)), 100);
        assert_eq!(cache.forget(Duration::ZERO), 0);
        assert!(cache.get(of(1), stand(7)).is_none());
    }
}
