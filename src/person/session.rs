//! Sessions: who has signed in, in the memory of the process. A restart signs everybody out; nothing is on disk.
//!
//! A browser has 256 random bits, of which the hash is kept. They change at sign-in, and every quarter of an hour from then on. A
//! session ends after so long without a request, and after so long in any case; a person's sessions can be ended all at once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

use aws_lc_rs::hmac;

use super::secret::{self, Hash, NoRandom};
use super::{Person, Subject};
use crate::clock::Clock;
use crate::config::Login;
use crate::register::Tidspunkt;
use crate::sync;

/// The most sessions; the one unused for longest gives way.
const MOST: usize = 10_000;
/// The most sessions of one person.
const MOST_OF_ONE: usize = 8;
/// How long an id is given out, in milliseconds.
const ROTATION: i64 = 15 * 60 * 1000;
/// How long the id before it is still good, for requests that were under way.
const OVERLAP: i64 = 60 * 1000;

/// A session as pages see it.
#[derive(Debug)]
pub struct Session {
    /// Who has signed in.
    pub person: Person,
    /// When.
    pub begun: Tidspunkt,
    key: hmac::Key,
}

impl Session {
    /// The token that a form of this session carries. It is good for this form alone, as long as the session lasts.
    pub fn form_token(&self, form: &str) -> String {
        secret::encode(hmac::sign(&self.key, form.as_bytes()).as_ref())
    }

    /// Whether a form came from a page of this session.
    pub fn is_own_form(&self, form: &str, token: &str) -> bool {
        let given = secret::decode(token);
        given.is_some_and(|given| hmac::verify(&self.key, form.as_bytes(), &given).is_ok())
    }
}

/// A session that a browser has, and the cookie that it is to have from now on, if that is another.
#[derive(Debug, Clone)]
pub struct Opened {
    /// The session.
    pub session: Arc<Session>,
    /// The new id.
    pub renewed: Option<String>,
}

#[derive(Debug)]
struct Entry {
    session: Arc<Session>,
    used: Tidspunkt,
    /// The id that is given out, and since when.
    id: (Hash, Tidspunkt),
    /// The one before it.
    before: Option<Hash>,
}

#[derive(Debug, Default)]
struct Table {
    /// By number.
    entries: HashMap<u64, Entry>,
    /// Numbers by the ids that are good.
    ids: HashMap<Hash, u64>,
    next: u64,
}

/// All sessions.
#[derive(Debug)]
pub struct Sessions {
    clock: Clock,
    /// Without a request, in milliseconds.
    idle: i64,
    /// In any case.
    longest: i64,
    table: Mutex<Table>,
}

fn minutes(count: u64) -> i64 {
    i64::try_from(count.saturating_mul(60_000)).unwrap_or(i64::MAX)
}

impl Sessions {
    /// None yet.
    pub fn new(clock: Clock, config: &Login) -> Self {
        Self {
            clock,
            idle: minutes(config.ledig_minutter),
            longest: minutes(config.laengst_minutter),
            table: Mutex::default(),
        }
    }

    /// Begins a session with an id that nobody has seen: one that the browser had before is not taken over.
    pub fn begin(&self, person: Person) -> Result<String, NoRandom> {
        let id = secret::fresh()?;
        let key = hmac::Key::new(hmac::HMAC_SHA256, &secret::bytes::<32>()?);
        let now = self.clock.now();
        let session = Session {
            person,
            begun: now,
            key,
        };
        let mut table = self.lock();
        table.remove(|entry| !self.holds(entry, now));
        table.make_room(&session.person.subject);
        let number = table.next;
        table.next += 1;
        let hash = secret::hash(&id);
        table.ids.insert(hash, number);
        let entry = Entry {
            session: Arc::new(session),
            used: now,
            id: (hash, now),
            before: None,
        };
        table.entries.insert(number, entry);
        Ok(id)
    }

    /// The session of an id, if it still holds. It counts as used.
    pub fn open(&self, id: &str) -> Option<Opened> {
        let (hash, now) = (secret::hash(id), self.clock.now());
        let mut table = self.lock();
        let number = *table.ids.get(&hash)?;
        let entry = table.entries.get_mut(&number)?;
        let since = now.millis() - entry.id.1.millis();
        let outdated = entry.before == Some(hash) && since > OVERLAP;
        if !self.holds(entry, now) {
            table.remove_one(number);
            return None;
        }
        if outdated {
            table.ids.remove(&hash);
            return None;
        }
        entry.used = now;
        let session = Arc::clone(&entry.session);
        let renewed = if since >= ROTATION {
            table.rotate(number, now).ok()
        } else {
            None
        };
        Some(Opened { session, renewed })
    }

    /// Ends the session of an id.
    pub fn end(&self, id: &str) {
        let mut table = self.lock();
        if let Some(&number) = table.ids.get(&secret::hash(id)) {
            table.remove_one(number);
        }
    }

    /// Ends all sessions of a person; tells how many there were.
    pub fn end_all(&self, subject: &Subject) -> usize {
        let mut table = self.lock();
        let before = table.entries.len();
        table.remove(|entry| entry.session.person.subject == *subject);
        before - table.entries.len()
    }

    /// How many there are; those that have ended unnoticed are counted until the next one begins.
    pub fn count(&self) -> usize {
        self.lock().entries.len()
    }

    fn holds(&self, entry: &Entry, now: Tidspunkt) -> bool {
        let since = |at: Tidspunkt| now.millis().saturating_sub(at.millis());
        since(entry.used) < self.idle && since(entry.session.begun) < self.longest
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        sync::lock(&self.table)
    }
}

impl Table {
    fn remove_one(&mut self, number: u64) {
        if let Some(gone) = self.entries.remove(&number) {
            self.ids.remove(&gone.id.0);
            if let Some(before) = gone.before {
                self.ids.remove(&before);
            }
        }
    }

    fn remove(&mut self, which: impl Fn(&Entry) -> bool) {
        let gone = self.entries.iter().filter(|(_, entry)| which(entry));
        let gone: Vec<u64> = gone.map(|(number, _)| *number).collect();
        gone.into_iter().for_each(|number| self.remove_one(number));
    }

    /// Ends the sessions unused for longest that are too many: of a person, and of all.
    fn make_room(&mut self, subject: &Subject) {
        let own = |entry: &Entry| entry.session.person.subject == *subject;
        while self.entries.values().filter(|entry| own(entry)).count() >= MOST_OF_ONE {
            self.remove_oldest(own);
        }
        while self.entries.len() >= MOST {
            self.remove_oldest(|_| true);
        }
    }

    fn remove_oldest(&mut self, which: impl Fn(&Entry) -> bool) {
        let those = self.entries.iter().filter(|(_, entry)| which(entry));
        let oldest = those
            .min_by_key(|(_, entry)| entry.used)
            .map(|(number, _)| *number);
        if let Some(oldest) = oldest {
            self.remove_one(oldest);
        }
    }

    /// Gives a session another id.
    fn rotate(&mut self, number: u64, now: Tidspunkt) -> Result<String, NoRandom> {
        let id = secret::fresh()?;
        let hash = secret::hash(&id);
        if let Some(entry) = self.entries.get_mut(&number) {
            let old = std::mem::replace(&mut entry.id, (hash, now));
            if let Some(oldest) = entry.before.replace(old.0) {
                self.ids.remove(&oldest);
            }
            self.ids.insert(hash, number);
        }
        Ok(id)
    }
}

#[cfg(test)]
#[path = "session_tests.rs"]
mod tests;
