//! A budget of bytes that many draw on and nobody can use up: whoever takes of it may hold no more than what is then left
//! for the others. One payer alone gets half of it, two a third each, and so on; a newcomer always finds something.
//!
//! What is taken has come already: nothing is set aside for what somebody says will come.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex};

use super::who::Who;
use crate::sync::lock;

/// The budget.
#[derive(Debug)]
pub(crate) struct Budget {
    most: u64,
    held: Mutex<Held>,
}

/// What is taken, by whom.
#[derive(Debug, Default)]
struct Held {
    taken: u64,
    by: HashMap<Who, Own>,
}

/// What one payer has taken, for how many messages.
#[derive(Debug, Clone, Copy, Default)]
struct Own {
    bytes: u64,
    shares: usize,
}

/// Why there is no room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoRoom {
    /// The payer has several at a time, and too much in all: fewer at a time would go well.
    Own,
    /// So much is taken by all.
    All,
}

/// Whether a payer may hold so much of a budget in which so much is taken with it.
pub(crate) const fn is_fair(own: u64, taken: u64, most: u64) -> bool {
    taken <= most && own <= most - taken
}

impl Held {
    /// Takes so many bytes: for a share that holds `mine` already, or for a new one.
    fn take(&mut self, who: Who, bytes: u64, mine: Option<u64>, most: u64) -> Result<(), NoRoom> {
        let taken = self.taken.saturating_add(bytes);
        let entry = self.by.entry(who);
        let own = match &entry {
            Entry::Occupied(own) => *own.get(),
            Entry::Vacant(_) => Own::default(),
        };
        let after = own.bytes.saturating_add(bytes);
        if !is_fair(after, taken, most) {
            let others = own.shares > usize::from(mine.is_some());
            let alone = mine.unwrap_or(0).saturating_add(bytes);
            let fewer = others && is_fair(alone, taken, most);
            return Err(if fewer { NoRoom::Own } else { NoRoom::All });
        }
        let own = entry.or_default();
        own.bytes = after;
        own.shares += usize::from(mine.is_none());
        self.taken = taken;
        Ok(())
    }
}

impl Budget {
    /// A budget of so many bytes.
    pub(crate) fn new(most: u64) -> Arc<Self> {
        Arc::new(Self {
            most,
            held: Mutex::default(),
        })
    }

    /// Bytes taken.
    pub(crate) fn taken(&self) -> u64 {
        lock(&self.held).taken
    }

    /// A share of so many bytes.
    ///
    /// # Errors
    /// [`NoRoom`]: nothing is taken.
    pub(crate) fn share(self: &Arc<Self>, who: Who, bytes: u64) -> Result<Share, NoRoom> {
        lock(&self.held).take(who, bytes, None, self.most)?;
        Ok(Share {
            budget: Arc::clone(self),
            who,
            bytes,
        })
    }
}

/// What is taken for one message; given back when dropped.
#[derive(Debug)]
pub(crate) struct Share {
    budget: Arc<Budget>,
    who: Who,
    bytes: u64,
}

impl Share {
    /// Takes so many bytes more.
    ///
    /// # Errors
    /// [`NoRoom`]: nothing more is taken.
    pub(crate) fn grow(&mut self, bytes: u64) -> Result<(), NoRoom> {
        let (who, mine, most) = (self.who, Some(self.bytes), self.budget.most);
        lock(&self.budget.held).take(who, bytes, mine, most)?;
        self.bytes += bytes;
        Ok(())
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut held = lock(&self.budget.held);
        held.taken = held.taken.saturating_sub(self.bytes);
        if let Some(own) = held.by.get_mut(&self.who) {
            own.bytes = own.bytes.saturating_sub(self.bytes);
            own.shares = own.shares.saturating_sub(1);
            if own.shares == 0 {
                held.by.remove(&self.who);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::register::Cvr;

    fn who(n: u32) -> Who {
        Who::Organisation(Cvr::parse(&format!("{:08}", 10_000_000 + n)).ok())
    }

    #[test]
    fn nobody_holds_more_than_is_left_for_the_others() {
        let budget = Budget::new(120);
        let mut first = budget.share(who(1), 0).unwrap();
        assert_eq!(first.grow(60), Ok(()));
        assert_eq!(
            first.grow(1),
            Err(NoRoom::All),
            "one message, too large now"
        );
        let again = budget.share(who(1), 1).err();
        assert_eq!(again, Some(NoRoom::Own), "alone it would go well");
        let mut again = budget.share(who(1), 0).unwrap();
        assert_eq!(again.grow(1), Err(NoRoom::Own), "alone it would go well");
        let mut second = budget.share(who(2), 0).unwrap();
        assert_eq!(second.grow(30), Ok(()));
        assert_eq!(second.grow(1), Err(NoRoom::All));
        // However many come, the next finds something.
        let mut others = Vec::new();
        for n in 3..8 {
            let left = 120 - budget.taken();
            let mut share = budget.share(who(n), 0).unwrap();
            assert_eq!(share.grow(left / 2), Ok(()), "{n}");
            others.push(share);
        }
        assert!(budget.taken() < 120);
        drop((first, again, second, others));
        assert_eq!(budget.taken(), 0);
        assert!(lock(&budget.held).by.is_empty());
    }

    #[test]
    fn what_is_not_taken_is_not_given_back() {
        let budget = Budget::new(10);
        let mut share = budget.share(who(1), 0).unwrap();
        assert_eq!(share.grow(u64::MAX), Err(NoRoom::All));
        assert!(budget.share(who(2), u64::MAX).is_err());
        assert_eq!(
            lock(&budget.held).by.len(),
            1,
            "nothing is kept of who got none"
        );
        assert_eq!(share.grow(5), Ok(()));
        assert_eq!(budget.taken(), 5);
        drop(share);
        assert_eq!(budget.taken(), 0);
    }
}
