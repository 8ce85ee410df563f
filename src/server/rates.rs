//! How much one organisation may ask at once: connections and requests, by the CVR number of its certificate
//! (kontrakt §10). Certificates without a readable one share a place, for all they get is a refusal.
//!
//! Requests come out of a bucket that fills at a steady rate; a large message takes as much as several. Only buckets
//! that are not full are kept, so that what is held is bounded by who has called in the last seconds.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::time::Instant;

use crate::config::Graenser;
use crate::identity::{Certificate, PeerChain};
use crate::register::Cvr;
use crate::sync::lock;

/// Buckets are swept when so many are held.
const SWEEP: usize = 1024;

/// Whom a connection counts for.
pub(crate) type Payer = Option<Cvr>;

/// The CVR number of a leaf certificate, if it can be read.
pub(crate) fn payer(peer: &PeerChain) -> Payer {
    Certificate::read(peer.first()?).ok().map(|read| read.cvr)
}

/// What is counted for each organisation.
#[derive(Debug)]
pub(crate) struct Rates {
    connections_each: usize,
    per_second: u64,
    burst: u64,
    connections: Mutex<HashMap<Payer, usize>>,
    buckets: Mutex<HashMap<Payer, Bucket>>,
}

/// What has been taken of a bucket that fills at a steady rate, in millionths, and when that was reckoned.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bucket {
    taken: u64,
    pub(super) at: Instant,
}

/// What is taken at a time, a request or a line, in the buckets' unit.
pub(super) const ONE: u64 = 1_000_000;

/// Each so many bytes of a message cost as much as another request; what is smaller costs nothing beside its own.
const LARGE: u64 = 256 << 10;

impl Bucket {
    pub(super) const fn full(at: Instant) -> Self {
        Self { taken: 0, at }
    }

    /// What is still taken at `now`.
    fn left_at(self, now: Instant, per_second: u64) -> u64 {
        let micros = u64::try_from(now.duration_since(self.at).as_micros());
        let given = micros.unwrap_or(u64::MAX).saturating_mul(per_second);
        self.taken.saturating_sub(given)
    }

    /// Takes one, where no more than so much may be taken.
    ///
    /// # Errors
    /// By how much it is too much; nothing is taken.
    pub(super) fn take(&mut self, now: Instant, per_second: u64, most: u64) -> Result<(), u64> {
        let taken = self.left_at(now, per_second).saturating_add(ONE);
        if taken > most {
            return Err(taken - most);
        }
        *self = Self { taken, at: now };
        Ok(())
    }
}

/// Counts down, and away at nothing; whether it is away.
pub(super) fn less<K: Hash + Eq>(counts: &mut HashMap<K, usize>, key: &K) -> bool {
    let Some(count) = counts.get_mut(key) else {
        return false;
    };
    *count -= 1;
    if *count == 0 {
        counts.remove(key);
        return true;
    }
    false
}

/// A connection's place; given back when dropped.
#[derive(Debug)]
pub(crate) struct OpenConnection {
    rates: Arc<Rates>,
    payer: Payer,
}

impl Drop for OpenConnection {
    fn drop(&mut self) {
        less(&mut lock(&self.rates.connections), &self.payer);
    }
}

impl Rates {
    /// From the configured limits.
    pub(crate) fn new(limits: &Graenser) -> Self {
        Self {
            connections_each: limits.forbindelser_pr_cvr,
            per_second: limits.kald_pr_sekund,
            burst: limits.kald_i_traek.saturating_mul(ONE),
            connections: Mutex::default(),
            buckets: Mutex::default(),
        }
    }

    /// A place for one more connection, if there is one.
    pub(crate) fn connect(self: &Arc<Self>, payer: Payer) -> Option<OpenConnection> {
        let mut connections = lock(&self.connections);
        let count = connections.entry(payer).or_default();
        if *count >= self.connections_each {
            return None;
        }
        *count += 1;
        Some(OpenConnection {
            rates: Arc::clone(self),
            payer,
        })
    }

    /// Takes what a message costs beside the request itself when it grows from one size to another. The bucket may owe after
    /// it, so that one large message is taken and the next has to wait.
    pub(crate) fn charge(&self, payer: Payer, from: u64, to: u64, now: Instant) {
        let more = (to / LARGE).saturating_sub(from / LARGE);
        if more == 0 {
            return;
        }
        let mut buckets = lock(&self.buckets);
        let bucket = buckets.entry(payer).or_insert(Bucket::full(now));
        let cost = more.saturating_mul(ONE);
        *bucket = Bucket {
            taken: bucket.left_at(now, self.per_second).saturating_add(cost),
            at: now,
        };
    }

    /// Takes a request out of the bucket.
    ///
    /// # Errors
    /// It is empty: how long until it holds one again.
    pub(crate) fn take(&self, payer: Payer, now: Instant) -> Result<(), Duration> {
        let mut buckets = lock(&self.buckets);
        if buckets.len() >= SWEEP {
            buckets.retain(|_, bucket| bucket.left_at(now, self.per_second) > 0);
        }
        let bucket = buckets.entry(payer).or_insert(Bucket::full(now));
        let taken = bucket.take(now, self.per_second, self.burst);
        taken.map_err(|over| Duration::from_micros(over.div_ceil(self.per_second.max(1))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rates() -> Arc<Rates> {
        Arc::new(Rates::new(&Graenser {
            forbindelser_pr_cvr: 2,
            kald_pr_sekund: 20,
            kald_i_traek: 60,
            ..Graenser::default()
        }))
    }

    fn cvr(n: u32) -> Payer {
        Cvr::parse(&format!("{n:08}")).ok()
    }

    #[test]
    fn a_burst_and_then_so_many_a_second() {
        let (rates, from) = (rates(), Instant::now());
        for n in 0..60 {
            assert_eq!(rates.take(cvr(1), from), Ok(()), "{n}");
        }
        assert_eq!(rates.take(cvr(1), from), Err(Duration::from_millis(50)));
        // Another organisation has its own.
        assert_eq!(rates.take(cvr(2), from), Ok(()));
        // After a second there are twenty again, and not one more.
        let later = from + Duration::from_secs(1);
        for n in 0..20 {
            assert_eq!(rates.take(cvr(1), later), Ok(()), "{n}");
        }
        assert!(rates.take(cvr(1), later).is_err());
        // A refusal takes nothing.
        let soon = later + Duration::from_millis(50);
        assert_eq!(rates.take(cvr(1), soon), Ok(()));
        // However long nobody calls, the burst is no larger.
        let much_later = later + Duration::from_secs(86_400);
        let taken = (0..100).filter(|_| rates.take(cvr(1), much_later).is_ok());
        assert_eq!(taken.count(), 60);
    }

    #[test]
    fn large_messages_cost_more() {
        let (rates, from) = (rates(), Instant::now());
        // Forty requests' worth beside its own, and another: more than the burst, and taken all the same.
        for _ in 0..2 {
            assert_eq!(rates.take(cvr(1), from), Ok(()));
            rates.charge(cvr(1), 0, 40 * LARGE, from);
        }
        // 82 are taken of 60: the next waits for 23.
        assert_eq!(rates.take(cvr(1), from), Err(Duration::from_millis(1150)));
        let later = from + Duration::from_millis(1150);
        assert_eq!(rates.take(cvr(1), later), Ok(()));
        // What is small costs no more than its own request, so that the burst is what it says.
        for _ in 0..60 {
            assert_eq!(rates.take(cvr(2), from), Ok(()));
            rates.charge(cvr(2), 0, LARGE - 1, from);
        }
        assert!(rates.take(cvr(2), from).is_err());
    }

    #[test]
    fn full_buckets_are_not_held() {
        let (rates, from) = (rates(), Instant::now());
        for n in 0..5000 {
            let now = from + Duration::from_millis(100) * n;
            rates.take(cvr(n), now).unwrap();
            assert!(lock(&rates.buckets).len() <= SWEEP);
        }
    }

    #[test]
    fn connections_are_counted_and_given_back() {
        let rates = rates();
        let first = rates.connect(cvr(1)).unwrap();
        let second = rates.connect(cvr(1)).unwrap();
        assert!(rates.connect(cvr(1)).is_none());
        assert!(rates.connect(cvr(2)).is_some());
        drop(first);
        let third = rates.connect(cvr(1)).unwrap();
        assert!(rates.connect(cvr(1)).is_none());
        drop((second, third));
        assert!(lock(&rates.connections).is_empty());
        // Those without a number share one place.
        let unknown = [rates.connect(None), rates.connect(None)];
        assert!(unknown.iter().all(Option::is_some) && rates.connect(None).is_none());
    }
}
