//! The names a schema knows, numbered, so that validation compares numbers.

/// A namespace and local name that the schema mentions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct NameId(pub(super) u32);

#[derive(Debug)]
struct Entry {
    namespace: Box<str>,
    local: Box<str>,
}

/// An open-addressing table. Only the schema adds names, so a hostile
/// document can't make its chains long.
#[derive(Debug)]
pub(super) struct Names {
    entries: Vec<Entry>,
    /// Place in `entries` plus one; 0 is free. A power of two long.
    slots: Vec<u32>,
}

impl Names {
    pub(super) fn new() -> Self {
        Self {
            entries: Vec::new(),
            slots: vec![0; 64],
        }
    }

    pub(super) fn namespace(&self, id: NameId) -> &str {
        &self.entries[id.0 as usize].namespace
    }

    pub(super) fn local(&self, id: NameId) -> &str {
        &self.entries[id.0 as usize].local
    }

    pub(super) fn find(&self, namespace: &str, local: &str) -> Option<NameId> {
        match self.slots[self.slot(namespace, local)] {
            0 => None,
            n => Some(NameId(n - 1)),
        }
    }

    pub(super) fn intern(&mut self, namespace: &str, local: &str) -> NameId {
        if self.entries.len() * 2 >= self.slots.len() {
            self.grow();
        }
        let slot = self.slot(namespace, local);
        if self.slots[slot] == 0 {
            self.entries.push(Entry {
                namespace: namespace.into(),
                local: local.into(),
            });
            self.slots[slot] = self.entries.len() as u32;
        }
        NameId(self.slots[slot] - 1)
    }

    fn grow(&mut self) {
        self.slots = vec![0; self.slots.len() * 2];
        for place in 0..self.entries.len() {
            let slot = self.slot(&self.entries[place].namespace, &self.entries[place].local);
            self.slots[slot] = place as u32 + 1;
        }
    }

    /// The slot that holds the name, or the free one where it belongs.
    fn slot(&self, namespace: &str, local: &str) -> usize {
        let mask = self.slots.len() - 1;
        let mut slot = hash(local) & mask;
        loop {
            let Some(place) = self.slots[slot].checked_sub(1) else {
                return slot;
            };
            let entry = &self.entries[place as usize];
            if *entry.local == *local && *entry.namespace == *namespace {
                return slot;
            }
            slot = (slot + 1) & mask;
        }
    }
}

/// Eight bytes at a time; the namespace is left to the comparison.
fn hash(local: &str) -> usize {
    const SEED: u64 = 0x9E37_79B9_7F4A_7C15;
    let mut h = local.len() as u64;
    let (words, rest) = local.as_bytes().as_chunks::<8>();
    for word in words {
        h = (h.rotate_left(5) ^ u64::from_le_bytes(*word)).wrapping_mul(SEED);
    }
    for &b in rest {
        h = (h.rotate_left(5) ^ u64::from(b)).wrapping_mul(SEED);
    }
    (h >> 32) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interning() {
        let mut names = Names::new();
        let ids: Vec<NameId> = (0..500)
            .map(|i| names.intern("u", &format!("navn{i}")))
            .collect();
        assert_eq!(names.intern("u", "navn7"), ids[7]);
        assert_ne!(names.intern("v", "navn7"), ids[7]);
        assert_eq!(names.find("u", "navn499"), Some(ids[499]));
        assert_eq!(names.find("w", "navn7"), None);
        assert_eq!(
            (names.namespace(ids[3]), names.local(ids[3])),
            ("u", "navn3")
        );
    }
}
