//! What comes next in a content model nearly always, worked out once.
//!
//! From most places the next child is one of the few leaves that follow. Where
//! the step to such a leaf hangs on no count, its outcome is known beforehand:
//! then comparing names is all there is to do, and neither the name's number
//! nor the way through the tree has to be searched. The outcome is that of
//! [`Model::step`], which is asked here for every case that is kept.

use super::model::{Entry, Kind, Mode, Model, NONE};

/// Entries that are looked at beyond each place, and kept at most.
const NEAR: usize = 6;
/// Nodes of a model for which this is worth its memory.
const MAX_NODES: usize = 4_096;

/// For each place, the children that may come next whatever was before.
#[derive(Debug, Default)]
pub(super) struct Ahead {
    /// By place, the beginning of the model first: where its entries begin.
    starts: Vec<u32>,
    entries: Vec<Entry>,
}

impl Ahead {
    pub(super) fn new(model: &Model) -> Self {
        let mut ahead = Self::default();
        if model.nodes.is_empty() || model.nodes.len() > MAX_NODES {
            return ahead;
        }
        let mut by_leaf = model.entries.clone();
        by_leaf.sort_by_key(|e| (e.leaf, e.name));
        let places = std::iter::once(NONE).chain(0..model.nodes.len() as u32);
        for place in places {
            ahead.starts.push(ahead.entries.len() as u32);
            if place == NONE || is_free(model, place) {
                let from = by_leaf.partition_point(|e| place != NONE && e.leaf < place);
                let near = by_leaf[from..].iter().take(NEAR);
                ahead
                    .entries
                    .extend(near.filter(|e| is_certain(model, place, e)));
            }
        }
        ahead.starts.push(ahead.entries.len() as u32);
        ahead
    }

    /// The children foreseen after `place`.
    pub(super) fn after(&self, place: u32) -> &[Entry] {
        let at = place.wrapping_add(1) as usize;
        match self.starts.get(at..at + 2) {
            Some(&[from, to]) => &self.entries[from as usize..to as usize],
            _ => &[],
        }
    }
}

/// Whether the place is a leaf around which nothing counts, so that all
/// counts are zero when it has taken a child.
fn is_free(model: &Model, place: u32) -> bool {
    let node = &model.nodes[place as usize];
    node.kind == Kind::Leaf && node.depth == 0
}

/// Whether a child of this name is always taken by this entry, and leaves all
/// counts zero.
fn is_certain(model: &Model, place: u32, entry: &Entry) -> bool {
    let same_name = model.candidates(entry.name);
    if same_name.len() > NEAR {
        return false;
    }
    let mut state = vec![0; model.stride];
    state[0] = place;
    let step = |leaf: u32| {
        let mut next = Vec::new();
        let found = model.step(&state, leaf, Mode::Strict, &mut next);
        found.then_some(next)
    };
    let mut after = state.clone();
    after[0] = entry.leaf;
    let mut earlier = same_name.iter().take_while(|e| e.leaf < entry.leaf);
    earlier.all(|e| step(e.leaf).is_none()) && step(entry.leaf) == Some(after)
}
