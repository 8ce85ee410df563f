//! A memory with a bound, for what can be read or made again: so many entries, so many bytes, for so long. What was asked for
//! longest ago goes first. It has one lock, held for a look and no longer: what it drops is let go of after that.

use std::borrow::Borrow;
use std::collections::{HashMap, VecDeque};
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

use crate::sync;

/// What is kept, by its key.
#[derive(Debug)]
pub struct Kept<K, V> {
    memory: Mutex<Memory<K, V>>,
    /// The most entries.
    most: usize,
    /// The most bytes.
    bytes: Option<Weight<V>>,
    /// How long an entry is good.
    age: Option<Duration>,
}

#[derive(Debug)]
struct Weight<V> {
    /// Of all entries together.
    most: u64,
    /// Of one, which may then be there alone.
    largest: u64,
    of: fn(&V) -> u64,
}

#[derive(Debug)]
struct Memory<K, V> {
    entries: HashMap<K, Remembered<V>>,
    /// How often something was kept or asked for: the order of that, without a look at the clock for each.
    uses: u64,
    /// How often it was when unused entries were last forgotten.
    marks: VecDeque<(Instant, u64)>,
}

#[derive(Debug)]
struct Remembered<V> {
    value: V,
    since: Instant,
    /// Which use of all was its last.
    used: u64,
}

impl<K: Hash + Eq + Clone, V> Kept<K, V> {
    /// An empty memory for so many entries.
    pub fn new(most: usize) -> Self {
        let memory = Memory {
            entries: HashMap::new(),
            uses: 0,
            marks: VecDeque::new(),
        };
        Self {
            memory: Mutex::new(memory),
            most,
            bytes: None,
            age: None,
        }
    }

    /// The same, whose entries take no more bytes than this together. One that is larger than `largest` is not kept; one
    /// between the two is kept alone.
    #[must_use]
    pub fn within(mut self, most: u64, largest: u64, of: fn(&V) -> u64) -> Self {
        self.bytes = Some(Weight { most, largest, of });
        self
    }

    /// The same, whose entries are good for so long after they came.
    #[must_use]
    pub const fn lasting(mut self, age: Duration) -> Self {
        self.age = Some(age);
        self
    }

    /// What is read of an entry. One of which nothing is read was not asked for.
    pub fn get<Q, R>(&self, key: &Q, read: impl FnOnce(&V) -> Option<R>) -> Option<R>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let mut memory = self.lock();
        let Memory { entries, uses, .. } = &mut *memory;
        let entry = entries.get_mut(key)?;
        if self.age.is_some_and(|age| entry.since.elapsed() >= age) {
            return None;
        }
        let found = read(&entry.value)?;
        *uses += 1;
        entry.used = *uses;
        Some(found)
    }

    /// Keeps a value in the place of the one before.
    pub fn keep(&self, key: K, value: V) {
        let now = Instant::now();
        let mut gone = Vec::new();
        let mut memory = self.lock();
        gone.extend(memory.entries.remove(&key));
        if self.is_too_large(&value) {
            return;
        }
        memory.uses += 1;
        let entry = Remembered {
            value,
            since: now,
            used: memory.uses,
        };
        memory.entries.insert(key, entry);
        self.bound(&mut memory.entries, self.most, &mut gone);
        drop(memory);
    }

    /// Makes room for one more, before it is there.
    pub fn make_room(&self) {
        let mut gone = Vec::new();
        let mut memory = self.lock();
        let others = self.most.saturating_sub(1);
        self.bound(&mut memory.entries, others, &mut gone);
        drop(memory);
    }

    /// Drops what is too much since entries have grown; gives the bytes that are left.
    pub fn grown(&self) -> u64 {
        let mut gone = Vec::new();
        let mut memory = self.lock();
        self.bound(&mut memory.entries, self.most, &mut gone);
        let left = self.bytes_of(&memory.entries);
        drop(memory);
        left
    }

    /// Lets go of entries that nobody has asked for in so long, as far as that is known from the earlier times that this was
    /// called; gives the bytes that are left.
    pub fn forget(&self, unused: Duration) -> u64 {
        let now = Instant::now();
        let mut last = 0;
        let mut memory = self.lock();
        let mark = (now, memory.uses);
        memory.marks.push_back(mark);
        let is_old = |(at, _): &(Instant, u64)| now.saturating_duration_since(*at) >= unused;
        while let Some((_, uses)) = memory.marks.pop_front_if(|mark| is_old(mark)) {
            last = uses;
        }
        drop(memory);
        self.leave(|_, entry| entry.used > last)
    }

    /// Lets go of entries whose keys are not such.
    pub fn retain(&self, is: impl Fn(&K) -> bool) {
        self.leave(|key, _| is(key));
    }

    /// The bytes that are kept.
    pub fn bytes(&self) -> u64 {
        self.bytes_of(&self.lock().entries)
    }

    /// Lets go of all.
    pub fn clear(&self) {
        self.leave(|_, _| false);
    }

    fn leave(&self, is: impl Fn(&K, &Remembered<V>) -> bool) -> u64 {
        let mut memory = self.lock();
        let gone = memory.entries.extract_if(|key, entry| !is(key, entry));
        let gone: Vec<_> = gone.collect();
        let left = self.bytes_of(&memory.entries);
        drop(memory);
        drop(gone);
        left
    }

    /// Takes the entries out that were asked for longest ago, until there are no more than so many and no more bytes than
    /// may be. The last stays.
    fn bound(
        &self,
        entries: &mut HashMap<K, Remembered<V>>,
        most: usize,
        gone: &mut Vec<Remembered<V>>,
    ) {
        let mut bytes = self.bytes_of(entries);
        let most_bytes = self.bytes.as_ref().map_or(u64::MAX, |bytes| bytes.most);
        while entries.len() > most || (bytes > most_bytes && entries.len() > 1) {
            let oldest = entries.iter().min_by_key(|(_, entry)| entry.used);
            let Some(oldest) = oldest.map(|(key, _)| key.clone()) else {
                return;
            };
            let Some(entry) = entries.remove(&oldest) else {
                return;
            };
            let of = self.bytes.as_ref().map(|bytes| bytes.of);
            // It may have grown meanwhile.
            bytes = bytes.saturating_sub(of.map_or(0, |of| of(&entry.value)));
            gone.push(entry);
        }
    }

    fn bytes_of(&self, entries: &HashMap<K, Remembered<V>>) -> u64 {
        let of = self.bytes.as_ref().map(|bytes| bytes.of);
        of.map_or(0, |of| entries.values().map(|entry| of(&entry.value)).sum())
    }

    fn is_too_large(&self, value: &V) -> bool {
        let bytes = self.bytes.as_ref();
        bytes.is_some_and(|bytes| (bytes.of)(value) > bytes.largest)
    }

    fn lock(&self) -> MutexGuard<'_, Memory<K, V>> {
        sync::lock(&self.memory)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn text(kept: &Kept<u32, String>, key: u32) -> Option<String> {
        kept.get(&key, |text| Some(text.clone()))
    }

    fn lengths(most: u64, largest: u64) -> Kept<u32, String> {
        Kept::new(9).within(most, largest, |text| text.len() as u64)
    }

    #[test]
    fn what_was_asked_for_longest_ago_goes_first() {
        let kept = Kept::new(2);
        kept.keep(1, "a".to_owned());
        kept.keep(2, "b".to_owned());
        assert_eq!(text(&kept, 1).as_deref(), Some("a"));
        assert_eq!(kept.get(&2, |_| None::<()>), None, "not asked for");
        kept.keep(3, "c".to_owned());
        assert_eq!(text(&kept, 2), None);
        assert_eq!(text(&kept, 1).as_deref(), Some("a"));
        kept.keep(1, "new".to_owned());
        assert_eq!(text(&kept, 1).as_deref(), Some("new"));
        assert_eq!(text(&kept, 3).as_deref(), Some("c"), "in its place");
        kept.make_room();
        assert_eq!(text(&kept, 1), None);
        assert_eq!(text(&kept, 3).as_deref(), Some("c"));
    }

    #[test]
    fn bytes_are_bounded_and_the_last_stays() {
        let kept = lengths(10, 15);
        kept.keep(1, "x".repeat(6));
        kept.keep(2, "x".repeat(4));
        assert_eq!(kept.bytes(), 10);
        kept.keep(3, "x".to_owned());
        assert_eq!((text(&kept, 1), kept.bytes()), (None, 5));
        kept.keep(4, "x".repeat(15));
        assert_eq!((text(&kept, 3), kept.bytes()), (None, 15), "alone");
        kept.keep(4, "x".repeat(16));
        assert_eq!(kept.bytes(), 0, "too large, and the one before is old");
    }

    #[test]
    fn what_grows_is_counted_as_it_is() {
        let kept: Kept<u32, Arc<Mutex<Vec<u8>>>> =
            Kept::new(9).within(10, 10, |bytes| bytes.lock().unwrap().len() as u64);
        let growing = Arc::new(Mutex::new(vec![0; 4]));
        kept.keep(1, Arc::default());
        kept.keep(2, Arc::clone(&growing));
        assert_eq!(kept.grown(), 4);
        growing.lock().unwrap().resize(12, 0);
        assert_eq!(kept.grown(), 12, "the last stays");
        assert!(kept.get(&1, |_| Some(())).is_none());
    }

    #[test]
    fn entries_grow_old_and_are_forgotten() {
        let brief = Kept::new(9).lasting(Duration::ZERO);
        brief.keep(1, "a".to_owned());
        assert_eq!(text(&brief, 1), None);
        let long = Kept::new(9).lasting(Duration::from_secs(3600));
        long.keep(1, "a".to_owned());
        assert_eq!(text(&long, 1).as_deref(), Some("a"));

        let kept = lengths(10, 10);
        kept.keep(1, "abc".to_owned());
        kept.keep(2, "d".to_owned());
        assert_eq!(kept.forget(Duration::from_secs(3600)), 4);
        kept.retain(|key| *key == 2);
        assert_eq!((text(&kept, 1), kept.bytes()), (None, 1));
        assert_eq!(kept.forget(Duration::ZERO), 0);
        kept.keep(1, "abc".to_owned());
        kept.clear();
        assert_eq!(text(&kept, 1), None);
    }
}
