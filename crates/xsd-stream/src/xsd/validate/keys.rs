//! A set of keys in one piece of memory.
//!
//! Keys are many and short. Here their text lies end to end, and the table
//! over it holds a number for each; so adding a key allocates nothing, and
//! growing moves a few bytes per key without hashing any again. The hash is
//! the standard library's, keyed at random: a document can't choose keys that
//! collide.

use std::hash::{BuildHasher, Hasher, RandomState};

/// Slots of the first table.
const FIRST: usize = 16;

/// A key's number plus one, 0 for none, and a part of its hash.
#[derive(Debug, Clone, Copy, Default)]
struct Slot {
    place: u32,
    hash: u32,
}

#[derive(Debug, Default)]
pub(super) struct Keys {
    state: RandomState,
    /// A power of two, at least twice as many as there are keys.
    slots: Vec<Slot>,
    text: String,
    /// Where in `text` each key ends.
    ends: Vec<usize>,
}

impl Keys {
    /// Adds a key: its number, and whether it is new.
    pub(super) fn insert(&mut self, key: &str) -> (usize, bool) {
        if self.slots.len() <= self.ends.len() * 2 {
            self.grow();
        }
        let hash = self.hash(key);
        let slot = self.slot(key, hash);
        if let Some(place) = self.slots[slot].place.checked_sub(1) {
            return (place as usize, false);
        }
        self.text.push_str(key);
        self.ends.push(self.text.len());
        let place = self.ends.len() as u32;
        self.slots[slot] = Slot { place, hash };
        (self.ends.len() - 1, true)
    }

    /// The number of a key.
    pub(super) fn find(&self, key: &str) -> Option<usize> {
        if self.slots.is_empty() {
            return None;
        }
        let slot = self.slot(key, self.hash(key));
        let place = self.slots[slot].place.checked_sub(1)?;
        Some(place as usize)
    }

    /// The keys by number.
    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.ends.len()).map(|place| self.key(place))
    }

    fn key(&self, place: usize) -> &str {
        let from = place.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.text[from..self.ends[place]]
    }

    fn hash(&self, key: &str) -> u32 {
        let mut hasher = self.state.build_hasher();
        hasher.write(key.as_bytes());
        (hasher.finish() >> 32) as u32
    }

    /// The slot that holds the key, or the free one where it belongs.
    fn slot(&self, key: &str, hash: u32) -> usize {
        let mask = self.slots.len() - 1;
        let mut at = hash as usize & mask;
        loop {
            let slot = self.slots[at];
            match slot.place.checked_sub(1) {
                None => return at,
                Some(place) if slot.hash == hash && self.key(place as usize) == key => return at,
                Some(_) => at = (at + 1) & mask,
            }
        }
    }

    fn grow(&mut self) {
        let length = (self.slots.len() * 2).max(FIRST);
        let old = std::mem::replace(&mut self.slots, vec![Slot::default(); length]);
        for slot in old.into_iter().filter(|slot| slot.place > 0) {
            let mut at = slot.hash as usize & (length - 1);
            while self.slots[at].place > 0 {
                at = (at + 1) & (length - 1);
            }
            self.slots[at] = slot;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Keys;

    #[test]
    fn keys() {
        let mut keys = Keys::default();
        assert_eq!(keys.find(""), None);
        let names: Vec<String> = (0..5_000).map(|n| format!("{}", n * n)).collect();
        for (place, name) in names.iter().enumerate() {
            assert_eq!(keys.insert(name), (place, true));
        }
        for (place, name) in names.iter().enumerate() {
            assert_eq!(keys.insert(name), (place, false));
            assert_eq!(keys.find(name), Some(place));
        }
        assert_eq!(keys.insert(""), (5_000, true));
        assert_eq!((keys.find("x"), keys.find("")), (None, Some(5_000)));
        assert!(keys.iter().take(5_000).eq(&names));
    }
}
