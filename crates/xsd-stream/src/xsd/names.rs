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

impl Default for Names {
    fn default() -> Self {
        Self {
            entries: Vec::new(),
            slots: vec![0; 64],
        }
    }
}

impl Names {
    pub(super) fn namespace(&self, id: NameId) -> &str {
        &self.entries[id.0 as usize].namespace
    }

    pub(super) fn local(&self, id: NameId) -> &str {
        &self.entries[id.0 as usize].local
    }

    /// Whether `id` is this name; cheaper than to find out which one it is.
    #[inline]
    pub(super) fn is(&self, id: NameId, namespace: &str, local: &str) -> bool {
        let entry = &self.entries[id.0 as usize];
        same(&entry.local, local) && same(&entry.namespace, namespace)
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
            if same(&entry.local, local) && same(&entry.namespace, namespace) {
                return slot;
            }
            slot = (slot + 1) & mask;
        }
    }
}

const SEED: u64 = 0x9E37_79B9_7F4A_7C15;

/// Eight bytes at a time, the last ones overlapping; the namespace is left to
/// the comparison.
fn hash(local: &str) -> usize {
    let bytes = local.as_bytes();
    let mix = |h: u64, word: u64| (h.rotate_left(5) ^ word).wrapping_mul(SEED);
    let mut h = bytes.len() as u64;
    if let Some(tail) = bytes.last_chunk::<8>() {
        for word in bytes.as_chunks::<8>().0 {
            h = mix(h, u64::from_le_bytes(*word));
        }
        h = mix(h, u64::from_le_bytes(*tail));
    } else if let (Some(head), Some(tail)) = (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        let (head, tail) = (u32::from_le_bytes(*head), u32::from_le_bytes(*tail));
        h = mix(h, u64::from(head) << 32 | u64::from(tail));
    } else {
        let word = bytes.iter().fold(0, |word, &b| word << 8 | u64::from(b));
        h = mix(h, word);
    }
    (h >> 32) as usize
}

/// Equality of names, which are short: comparing words here beats a call.
fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    match (a.last_chunk::<8>(), b.last_chunk::<8>()) {
        (Some(x), Some(y)) => {
            // The ends differ most often.
            u64::from_le_bytes(*x) == u64::from_le_bytes(*y)
                && a.as_chunks::<8>().0.iter().eq(b.as_chunks::<8>().0)
        }
        _ => match (a.first_chunk::<4>(), b.first_chunk::<4>()) {
            (Some(x), Some(y)) => x == y && a.last_chunk::<4>() == b.last_chunk::<4>(),
            _ => a.iter().eq(b),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interning() {
        let mut names = Names::default();
        let ids: Vec<NameId> = (0..500)
            .map(|i| names.intern("u", &format!("navn{i}")))
            .collect();
        assert_eq!(names.intern("u", "navn7"), ids[7]);
        assert_ne!(names.intern("v", "navn7"), ids[7]);
        assert_eq!(names.find("u", "navn499"), Some(ids[499]));
        assert_eq!(names.find("w", "navn7"), None);
        for local in ["", "a", "abc", "abcd", "abcdefg", "abcdefgh", "abcdefghi"] {
            let id = names.intern("", local);
            assert_eq!(names.find("", local), Some(id));
            assert_eq!(names.find("", &format!("{local}x")), None);
        }
        assert_eq!(
            (names.namespace(ids[3]), names.local(ids[3])),
            ("u", "navn3")
        );
    }
}
