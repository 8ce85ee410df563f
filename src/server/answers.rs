//! How much of the larger answers callers may hold while they take them, apart for each listener: who reads slowly holds on to
//! what is being sent, and callers without a certificate must not take that from those who have one.
//!
//! What many are sent counts once for a listener, and once for each caller of it. A caller alone gets half of a listener's
//! budget, and so on ([`super::share`]), but always one answer if it fits at all.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use hyper::body::Bytes;

use super::exchange::{AnswerBody, told_of};
use super::rates::less;
use super::share::{NoRoom, is_fair};
use super::who::Who;
use crate::sync::lock;

/// A part of an answer up to this size, in bytes, is not counted: the limits on connections bound them.
const SMALL: usize = 64 << 10;

/// The budget of a listener's answers.
#[derive(Debug)]
pub(crate) struct Answers {
    most: u64,
    held: Mutex<Held>,
}

/// What is being sent. A part is known by where it lies in memory, for as long as somebody holds it.
#[derive(Debug, Default)]
struct Held {
    taken: u64,
    parts: HashMap<usize, usize>,
    of: HashMap<(Who, usize), usize>,
    by: HashMap<Who, u64>,
}

fn place(bytes: &Bytes) -> usize {
    bytes.as_ptr() as usize
}

impl Held {
    fn hold(&mut self, who: Who, bytes: &Bytes, most: u64) -> Result<(), NoRoom> {
        let (at, length) = (place(bytes), bytes.len() as u64);
        let own = self.by.get(&who).copied().unwrap_or(0);
        let fresh = |known: bool| if known { 0 } else { length };
        let taken = self.taken + fresh(self.parts.contains_key(&at));
        let after = own + fresh(self.of.contains_key(&(who, at)));
        if taken > most && self.taken > 0 {
            return Err(NoRoom::All);
        }
        if own > 0 && after > own && !is_fair(after, taken, most) {
            return Err(NoRoom::Own);
        }
        self.taken = taken;
        self.by.insert(who, after);
        *self.parts.entry(at).or_default() += 1;
        *self.of.entry((who, at)).or_default() += 1;
        Ok(())
    }

    fn release(&mut self, who: Who, bytes: &Bytes) {
        let (at, length) = (place(bytes), bytes.len() as u64);
        if less(&mut self.parts, &at) {
            self.taken = self.taken.saturating_sub(length);
        }
        if less(&mut self.of, &(who, at))
            && let Some(own) = self.by.get_mut(&who)
        {
            *own = own.saturating_sub(length);
            if *own == 0 {
                self.by.remove(&who);
            }
        }
    }
}

impl Answers {
    /// A budget of so many bytes.
    pub(crate) fn new(most: u64) -> Arc<Self> {
        Arc::new(Self {
            most,
            held: Mutex::default(),
        })
    }

    /// Bytes being sent, what is shared counted once.
    pub(crate) fn taken(&self) -> u64 {
        lock(&self.held).taken
    }

    /// The body, counted until it is sent.
    ///
    /// # Errors
    /// [`NoRoom`], and the body is gone.
    pub(crate) fn hold(self: &Arc<Self>, who: Who, body: AnswerBody) -> Result<AnswerBody, NoRoom> {
        if body.parts().all(|part| part.len() <= SMALL) {
            return Ok(body);
        }
        let mut parts = Vec::new();
        for bytes in body.parts() {
            if bytes.len() <= SMALL {
                parts.push(bytes.clone());
                continue;
            }
            lock(&self.held).hold(who, bytes, self.most)?;
            let answers = Arc::clone(self);
            let sent = move |bytes: &Bytes| lock(&answers.held).release(who, bytes);
            parts.push(told_of(bytes.clone(), sent));
        }
        Ok(AnswerBody::of(parts))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::who::Address;

    fn who(last: u8) -> Who {
        Who::Address(Address::V4([192, 0, 2, last].into()))
    }

    fn document(kilobytes: usize) -> AnswerBody {
        vec![b'x'; kilobytes << 10].into()
    }

    #[test]
    fn what_many_are_sent_counts_once() {
        let answers = Answers::new(1000 << 10);
        let shared = document(400);
        let held: Vec<_> = (0..50)
            .map(|n| answers.hold(who(n), shared.clone()).unwrap())
            .collect();
        assert_eq!(answers.taken(), 400 << 10);
        let again = answers.hold(who(1), shared).unwrap();
        drop(held);
        assert_eq!(answers.taken(), 400 << 10, "one is still sent");
        drop(again);
        assert_eq!(answers.taken(), 0);
        assert!(lock(&answers.held).by.is_empty() && lock(&answers.held).of.is_empty());
    }

    #[test]
    fn who_has_much_leaves_as_much_to_the_others() {
        let answers = Answers::new(1000 << 10);
        let first = answers.hold(who(1), document(300)).unwrap();
        let second = answers.hold(who(1), document(200)).unwrap();
        let third = answers.hold(who(1), document(100));
        assert_eq!(third.unwrap_err(), NoRoom::Own);
        let other = answers.hold(who(2), document(450)).unwrap();
        assert_eq!(
            answers.hold(who(3), document(100)).unwrap_err(),
            NoRoom::All
        );
        drop((first, second, other));
        assert_eq!(answers.taken(), 0);
    }

    #[test]
    fn one_answer_always_goes_and_small_ones_are_not_counted() {
        let answers = Answers::new(100 << 10);
        let large = answers.hold(who(1), document(500)).unwrap();
        assert_eq!(answers.hold(who(2), document(65)).unwrap_err(), NoRoom::All);
        assert!(answers.hold(who(2), document(64)).is_ok());
        // Half of an answer that does not fit gives itself back.
        let parts = AnswerBody::of([vec![0; 70 << 10].into(), vec![0; 70 << 10].into()]);
        drop(large);
        assert!(answers.hold(who(1), parts).is_err());
        assert_eq!(answers.taken(), 0);
    }
}
