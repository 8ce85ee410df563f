//! The files of plans that were shown, until they are carried out: in memory, the last of each session, for a while.

use std::sync::{Arc, Mutex, MutexGuard, Weak};

use crate::clock::Clock;
use crate::person::Session;
use crate::plan::Digest;
use crate::register::{Cvr, Kommunekode, Tidspunkt};
use crate::sync;

/// How long a file is kept, in milliseconds.
const KEPT: i64 = 15 * 60 * 1000;
/// The most bytes of all together; the oldest give way.
const MOST_BYTES: usize = 64 << 20;

/// A file with what it was planned as.
#[derive(Debug)]
pub(super) struct Upload {
    /// What the plan is known by.
    pub(super) digest: Digest,
    /// For whom it is.
    pub(super) cvr: Cvr,
    /// The kommune that it is all of.
    pub(super) whole: Option<Kommunekode>,
    /// The bytes.
    pub(super) bytes: Vec<u8>,
}

#[derive(Debug)]
struct Kept {
    session: Weak<Session>,
    until: Tidspunkt,
    upload: Arc<Upload>,
}

/// All of them, oldest first.
#[derive(Debug)]
pub(super) struct Uploads {
    clock: Clock,
    kept: Mutex<Vec<Kept>>,
}

impl Uploads {
    /// None yet.
    pub(super) const fn new(clock: Clock) -> Self {
        Self {
            clock,
            kept: Mutex::new(Vec::new()),
        }
    }

    /// Keeps a file in the place of the one that its session has.
    pub(super) fn keep(&self, session: &Arc<Session>, upload: Upload) {
        let mut kept = self.still();
        kept.retain(|own| !is_of(own, session));
        kept.push(Kept {
            session: Arc::downgrade(session),
            until: self.clock.now().plus_millis(KEPT),
            upload: Arc::new(upload),
        });
        let mut bytes: usize = kept.iter().map(|own| own.upload.bytes.len()).sum();
        while bytes > MOST_BYTES {
            bytes -= kept.remove(0).upload.bytes.len();
        }
    }

    /// The file of a session whose plan has this digest.
    pub(super) fn of(&self, session: &Arc<Session>, digest: &Digest) -> Option<Arc<Upload>> {
        let kept = self.still();
        let found = kept.iter().find(|own| is_of(own, session))?;
        let own = Arc::clone(&found.upload);
        own.digest.is_of_the_plan(digest).then_some(own)
    }

    /// Lets the file of a session go.
    pub(super) fn forget(&self, session: &Arc<Session>) {
        self.still().retain(|own| !is_of(own, session));
    }

    /// Those that are still kept: of sessions that last, and not too old.
    fn still(&self) -> MutexGuard<'_, Vec<Kept>> {
        let now = self.clock.now();
        let mut kept = sync::lock(&self.kept);
        kept.retain(|own| own.session.strong_count() > 0 && now < own.until);
        kept
    }
}

fn is_of(kept: &Kept, session: &Arc<Session>) -> bool {
    std::ptr::eq(kept.session.as_ptr(), Arc::as_ptr(session))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering};

    use super::*;
    use crate::config::Login;
    use crate::person::session::Sessions;
    use crate::person::{Person, Subject, Way};

    fn person() -> Person {
        Person {
            subject: Subject {
                way: "demo",
                issuer: String::new(),
                id: "a".to_owned(),
            },
            way: Way::Demonstration,
            cvr: Cvr::parse("55133018").unwrap(),
            p_nummer: None,
            navn: String::new(),
            level: None,
            held: Vec::new(),
        }
    }

    fn upload(seen: u8, size: usize) -> Upload {
        Upload {
            digest: digest(seen),
            cvr: Cvr::parse("55133018").unwrap(),
            whole: None,
            bytes: vec![0; size],
        }
    }

    fn digest(seen: u8) -> Digest {
        Digest::parse(&format!("1-{}", format!("{seen:02x}").repeat(16))).unwrap()
    }

    #[test]
    fn the_last_file_of_a_session_is_kept_for_a_while_and_all_are_bounded() {
        let time = Arc::new(AtomicI64::new(1_800_000_000_000));
        let clock = Clock::Fixed(Arc::clone(&time));
        let sessions = Sessions::new(clock.clone(), &Login::default());
        let open = || {
            let id = sessions.begin(person()).unwrap();
            (sessions.open(&id).unwrap().session, id)
        };
        let uploads = Uploads::new(clock);
        let ((one, first), (two, _)) = (open(), open());
        uploads.keep(&one, upload(1, 10));
        assert!(uploads.of(&one, &digest(1)).is_some());
        assert!(uploads.of(&two, &digest(1)).is_none(), "another's");
        uploads.keep(&one, upload(2, 10));
        assert!(uploads.of(&one, &digest(1)).is_none(), "one of a session");
        uploads.keep(&two, upload(3, MOST_BYTES - 9));
        assert!(uploads.of(&one, &digest(2)).is_none(), "it made room");
        uploads.keep(&one, upload(4, 9));
        assert!(uploads.of(&two, &digest(3)).is_some());
        time.fetch_add(KEPT, Ordering::Relaxed);
        assert!(uploads.of(&two, &digest(3)).is_none(), "too old");
        uploads.keep(&one, upload(5, 9));
        sessions.end(&first);
        drop(one);
        assert_eq!(uploads.still().len(), 0, "signed out");
        uploads.keep(&two, upload(6, 9));
        uploads.forget(&two);
        assert!(uploads.of(&two, &digest(6)).is_none());
    }
}
