//! Sign-ins under way: bound to the browser that began them, each used once, and few of an address at a time.

use std::collections::{BTreeMap, HashMap};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, MutexGuard};

use super::query::LocalPath;
use super::secret::{self, Hash, NoRandom};
use crate::clock::Clock;
use crate::register::Tidspunkt;
use crate::sync;

/// How long a sign-in may take, in milliseconds.
const PATIENCE: i64 = 10 * 60 * 1000;
/// The most of them at a time; the oldest gives way.
const MOST: usize = 16 << 10;
/// How many an address may begin at once, and how long it waits for each one more, in milliseconds. A whole town hall may sign
/// in from one address in the morning.
const AT_ONCE: i64 = 60;
const EACH: i64 = 1000;
/// The most addresses that are remembered.
const ADDRESSES: usize = 16 << 10;

/// Why a sign-in does not begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum NotBegun {
    /// The address has begun too many; seconds to wait.
    #[error("too many from this address")]
    TooMany(u64),
    /// As it says.
    #[error(transparent)]
    Random(#[from] NoRandom),
}

/// What a browser and an address are given of a sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Begun {
    /// Stands in addresses and forms.
    pub(super) state: String,
    /// Stands in the browser's cookie alone.
    pub(super) browser: String,
}

/// A sign-in under way.
#[derive(Debug)]
pub(super) struct Waits<T> {
    /// Where the person goes afterwards.
    pub(super) return_to: LocalPath,
    /// What its way needs.
    pub(super) of: T,
}

#[derive(Debug)]
struct Entry<T> {
    browser: Hash,
    since: Tidspunkt,
    number: u64,
    waits: Waits<T>,
}

#[derive(Debug)]
struct Table<T> {
    entries: HashMap<Hash, Entry<T>>,
    /// By the order in which they began.
    order: BTreeMap<u64, Hash>,
    next: u64,
    /// Until when each address has used up what it may.
    addresses: HashMap<IpAddr, i64>,
}

/// All sign-ins under way.
#[derive(Debug)]
pub(super) struct Waiting<T> {
    clock: Clock,
    table: Mutex<Table<T>>,
}

/// An address as far as it tells callers apart: of IPv6 the network of 64 bits.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
        v4 => v4,
    }
}

impl<T> Waiting<T> {
    pub(super) fn new(clock: Clock) -> Self {
        let table = Table {
            entries: HashMap::new(),
            order: BTreeMap::new(),
            next: 0,
            addresses: HashMap::new(),
        };
        Self {
            clock,
            table: Mutex::new(table),
        }
    }

    /// Begins one. Its state and the browser's part are random, and of each the hash is kept.
    pub(super) fn begin(
        &self,
        from: IpAddr,
        return_to: LocalPath,
        of: T,
    ) -> Result<Begun, NotBegun> {
        let begun = Begun {
            state: secret::fresh()?,
            browser: secret::fresh()?,
        };
        let now = self.clock.now();
        let mut table = self.lock();
        table.charge(network(from), now.millis())?;
        table.make_room(now);
        let number = table.next;
        table.next += 1;
        let hash = secret::hash(&begun.state);
        let entry = Entry {
            browser: secret::hash(&begun.browser),
            since: now,
            number,
            waits: Waits { return_to, of },
        };
        table.order.insert(number, hash);
        table.entries.insert(hash, entry);
        Ok(begun)
    }

    /// Takes the one of a state out, whoever asks: each is used once. None unless it is the browser's own, and in time.
    pub(super) fn take(&self, state: &str, browser: &str) -> Option<Waits<T>> {
        let now = self.clock.now();
        let mut table = self.lock();
        let entry = table.entries.remove(&secret::hash(state))?;
        table.order.remove(&entry.number);
        let own = entry.browser == secret::hash(browser);
        (own && in_time(entry.since, now)).then_some(entry.waits)
    }

    /// Does something with the one of a state that stays under way; none unless it is in time.
    pub(super) fn with<R>(
        &self,
        state: &str,
        change: impl FnOnce(&mut T) -> Option<R>,
    ) -> Option<R> {
        let now = self.clock.now();
        let mut table = self.lock();
        let entry = table.entries.get_mut(&secret::hash(state))?;
        if !in_time(entry.since, now) {
            return None;
        }
        change(&mut entry.waits.of)
    }

    /// The same for the browser's own.
    pub(super) fn with_own<R>(
        &self,
        state: &str,
        browser: &str,
        change: impl FnOnce(&mut T) -> Option<R>,
    ) -> Option<R> {
        let hash = secret::hash(state);
        let own = self.lock().entries.get(&hash).map(|entry| entry.browser);
        own.filter(|own| *own == secret::hash(browser))?;
        self.with(state, change)
    }

    fn lock(&self) -> MutexGuard<'_, Table<T>> {
        sync::lock(&self.table)
    }
}

fn in_time(since: Tidspunkt, now: Tidspunkt) -> bool {
    now.millis().saturating_sub(since.millis()) < PATIENCE
}

impl<T> Table<T> {
    fn charge(&mut self, from: IpAddr, now: i64) -> Result<(), NotBegun> {
        if self.addresses.len() >= ADDRESSES && !self.addresses.contains_key(&from) {
            self.addresses.retain(|_, until| *until > now);
            // Nobody is kept out because others fill the memory.
            if self.addresses.len() >= ADDRESSES {
                self.addresses.clear();
            }
        }
        let until = self.addresses.entry(from).or_insert(now);
        let next = (*until).max(now) + EACH;
        let beyond = next - now - AT_ONCE * EACH;
        if beyond > 0 {
            let seconds = u64::try_from(beyond).unwrap_or_default().div_ceil(1000);
            return Err(NotBegun::TooMany(seconds));
        }
        *until = next;
        Ok(())
    }

    fn make_room(&mut self, now: Tidspunkt) {
        while let Some((&number, hash)) = self.order.first_key_value() {
            let late = self
                .entries
                .get(hash)
                .is_none_or(|entry| !in_time(entry.since, now));
            if !late && self.entries.len() < MOST {
                return;
            }
            let hash = *hash;
            self.entries.remove(&hash);
            self.order.remove(&number);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicI64, Ordering};

    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    fn waiting() -> (Waiting<u32>, Arc<AtomicI64>) {
        let at = Arc::new(AtomicI64::new(1_700_000_000_000));
        (Waiting::new(Clock::Fixed(Arc::clone(&at))), at)
    }

    fn begin(waiting: &Waiting<u32>, of: u32) -> Begun {
        waiting.begin(HERE, LocalPath::start(), of).unwrap()
    }

    #[test]
    fn each_is_the_browsers_own_in_time_and_used_once() {
        let (waiting, at) = waiting();
        let (one, other) = (begin(&waiting, 1), begin(&waiting, 2));
        // Another browser, or the state of one with the cookie of the other: gone for the right one as well.
        assert!(waiting.take(&one.state, &other.browser).is_none());
        assert!(waiting.take(&one.state, &one.browser).is_none());
        assert_eq!(waiting.with(&other.state, |of| Some(*of)), Some(2));
        assert_eq!(waiting.take(&other.state, &other.browser).unwrap().of, 2);
        assert!(waiting.take(&other.state, &other.browser).is_none());
        assert!(waiting.take("", "").is_none());
        let late = begin(&waiting, 3);
        at.fetch_add(PATIENCE, Ordering::Relaxed);
        assert_eq!(waiting.with(&late.state, |of| Some(*of)), None);
        assert!(waiting.take(&late.state, &late.browser).is_none());
    }

    #[test]
    fn an_address_begins_so_many_and_then_one_a_second() {
        let (waiting, at) = waiting();
        for n in 0..AT_ONCE {
            begin(&waiting, u32::try_from(n).unwrap());
        }
        let again = || waiting.begin(HERE, LocalPath::start(), 0);
        assert_eq!(again(), Err(NotBegun::TooMany(1)));
        let other = "2001:db8::1".parse().unwrap();
        assert!(waiting.begin(other, LocalPath::start(), 0).is_ok());
        at.fetch_add(EACH, Ordering::Relaxed);
        assert!(again().is_ok());
        assert_eq!(again(), Err(NotBegun::TooMany(1)));
        assert_eq!(
            network("::ffff:10.1.2.3".parse().unwrap()),
            "10.1.2.3".parse::<IpAddr>().unwrap()
        );
        let (one, two) = (
            "2001:db8::1".parse().unwrap(),
            "2001:db8::2:3".parse().unwrap(),
        );
        assert_eq!(network(one), network(two));
    }

    #[test]
    fn what_is_under_way_and_who_began_it_are_bounded() {
        let (waiting, _) = waiting();
        let first = begin(&waiting, 0);
        for n in 0..MOST as u32 {
            let from = IpAddr::from(n.to_be_bytes());
            waiting.begin(from, LocalPath::start(), n).unwrap();
        }
        let table = waiting.lock();
        assert!(table.entries.len() <= MOST && table.order.len() == table.entries.len());
        assert!(table.addresses.len() <= ADDRESSES);
        drop(table);
        assert!(
            waiting.take(&first.state, &first.browser).is_none(),
            "it gave way"
        );
    }
}
