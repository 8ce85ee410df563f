//! Content models: which child may come next.
//!
//! A model is the tree of its particles in preorder. The state is the leaf
//! that took the last child, and one counter for each particle around it that
//! may repeat a limited number of times; so `maxOccurs="10000"` costs no more
//! than `maxOccurs="2"`. Where the counts alone leave several ways open
//! (`(a{1,2}){2,3}`), the state is the small set of them.

use super::ahead::Ahead;
use super::names::NameId;
use super::tables::{ElementId, Wildcard};

/// No parent, no counter; as a position, before the first child.
pub(super) const NONE: u32 = u32::MAX;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Leaf,
    Sequence,
    Choice,
    All,
}

/// A particle. `min` is 0 where the content may be empty anyway.
#[derive(Debug, Clone)]
pub(super) struct ModelNode {
    pub(super) kind: Kind,
    pub(super) parent: u32,
    /// Just past the last node below this one.
    pub(super) end: u32,
    pub(super) min: u32,
    /// `u32::MAX` is unbounded.
    pub(super) max: u32,
    /// Required siblings before this one in a sequence.
    pub(super) before: u32,
    /// Required children of this node, if it is a sequence.
    pub(super) required: u32,
    pub(super) counter: u32,
}

/// What a leaf takes.
#[derive(Debug, Clone)]
pub(super) enum Term {
    Element(ElementId),
    Wildcard(Wildcard),
}

/// An element that a leaf takes, by name.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    pub(super) name: NameId,
    pub(super) leaf: u32,
    pub(super) element: ElementId,
    /// A number for this local name within the model.
    pub(super) local: u32,
}

/// A compiled content model. Without nodes it takes nothing.
#[derive(Debug, Default)]
pub(super) struct Model {
    pub(super) nodes: Vec<ModelNode>,
    /// Sorted by name, then leaf.
    pub(super) entries: Vec<Entry>,
    pub(super) wildcards: Vec<(u32, Wildcard)>,
    /// The nodes that count, by counter.
    pub(super) counted: Vec<u32>,
    /// Number of distinct local names.
    pub(super) locals: u32,
    /// What comes next nearly always.
    pub(super) ahead: Ahead,
}

/// Whether rules about what is required are applied, or, to get back on track
/// after an error, only the order is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Strict,
    Relaxed,
}

impl Model {
    /// Words per configuration: the position, then the counters.
    pub(super) fn stride(&self) -> usize {
        1 + self.counted.len()
    }

    /// The state before the first child.
    pub(super) fn start(&self, out: &mut Vec<u32>) {
        out.push(NONE);
        out.resize(out.len() + self.counted.len(), 0);
    }

    /// The entries for a name.
    pub(super) fn candidates(&self, name: NameId) -> &[Entry] {
        let from = self.entries.partition_point(|e| e.name < name);
        let count = self.entries[from..]
            .iter()
            .take_while(|e| e.name == name)
            .count();
        &self.entries[from..from + count]
    }

    /// Whether the particle at `leaf`, or one around it, may repeat.
    pub(super) fn repeats(&self, leaf: u32) -> bool {
        let mut at = leaf;
        while let Some(node) = self.nodes.get(at as usize) {
            if node.max > 1 {
                return true;
            }
            at = node.parent;
        }
        false
    }

    /// Whether no valid content is without `leaf`.
    pub(super) fn is_required(&self, leaf: u32) -> bool {
        let mut at = leaf;
        while let Some(node) = self.nodes.get(at as usize) {
            if node.min == 0 || node.kind == Kind::Choice {
                return false;
            }
            at = node.parent;
        }
        true
    }

    /// Adds to `out` every state reached from `state` when `leaf` takes the
    /// next child. False when there is none.
    pub(super) fn step(&self, state: &[u32], leaf: u32, mode: Mode, out: &mut Vec<u32>) -> bool {
        let from = out.len();
        for config in state.chunks_exact(self.stride()) {
            self.step_config(config, leaf, mode, from, out);
        }
        out.len() > from
    }

    /// Whether the content may end in `state`.
    pub(super) fn accepts(&self, state: &[u32]) -> bool {
        self.nodes.is_empty()
            || state
                .chunks_exact(self.stride())
                .any(|c| self.accepts_config(c))
    }

    fn required(&self, node: u32) -> u32 {
        u32::from(self.nodes[node as usize].min > 0)
    }

    fn holds(&self, node: u32, leaf: u32) -> bool {
        node <= leaf && leaf < self.nodes[node as usize].end
    }

    /// Whether `leaf` can take the first child of the content of `top`, which
    /// holds it.
    fn is_first(&self, top: u32, leaf: u32, mode: Mode) -> bool {
        let mut at = leaf;
        while at != top {
            let node = &self.nodes[at as usize];
            if mode == Mode::Strict && node.before > 0 {
                return false;
            }
            at = node.parent;
        }
        true
    }

    /// The child of `parent` that holds `leaf`.
    fn branch(&self, parent: u32, leaf: u32) -> u32 {
        let mut at = leaf;
        while self.nodes[at as usize].parent != parent {
            at = self.nodes[at as usize].parent;
        }
        at
    }

    fn step_config(&self, config: &[u32], leaf: u32, mode: Mode, from: usize, out: &mut Vec<u32>) {
        if self.nodes[0].kind == Kind::All {
            return self.step_all(config, leaf, mode, out);
        }
        if config[0] == NONE {
            if self.is_first(0, leaf, mode) {
                self.enter(config, 0, 0, leaf, from, out);
            }
            return;
        }
        // Counters of the particles left on the way up are cleared by `enter`.
        let mut at = config[0];
        loop {
            let node = &self.nodes[at as usize];
            let count = if node.counter == NONE {
                0
            } else {
                config[1 + node.counter as usize]
            };
            let again =
                node.max > 1 && (node.max == NONE || node.counter == NONE || count < node.max);
            if again && self.holds(at, leaf) && self.is_first(at, leaf, mode) {
                // Beyond the minimum an unlimited count tells nothing new.
                let more = if node.max == NONE {
                    (count + 1).min(node.min.max(1))
                } else {
                    count + 1
                };
                self.enter(config, at, more, leaf, from, out);
                if self.counted.is_empty() {
                    return;
                }
            }
            let strict = mode == Mode::Strict;
            if strict && node.counter != NONE && count < node.min || node.parent == NONE {
                return;
            }
            let parent = &self.nodes[node.parent as usize];
            if parent.kind == Kind::Sequence {
                let passed = node.before + self.required(at);
                if self.holds(node.parent, leaf) && leaf >= node.end {
                    let branch = self.branch(node.parent, leaf);
                    let open = !strict || self.nodes[branch as usize].before == passed;
                    if open && self.is_first(branch, leaf, mode) {
                        self.enter(config, branch, 1, leaf, from, out);
                        if self.counted.is_empty() {
                            return;
                        }
                    }
                }
                if strict && parent.required != passed {
                    return;
                }
            }
            at = node.parent;
        }
    }

    /// Adds the state in which `leaf` took a child as the first of `top`,
    /// whose count is now `count`; 0 stands for the first entry from outside.
    fn enter(
        &self,
        config: &[u32],
        top: u32,
        count: u32,
        leaf: u32,
        from: usize,
        out: &mut Vec<u32>,
    ) {
        let new = out.len();
        out.push(leaf);
        if !self.counted.is_empty() {
            out.extend_from_slice(&config[1..]);
            // Only the particles around the new position keep a count.
            for (counter, &id) in self.counted.iter().enumerate() {
                let slot = new + 1 + counter;
                if !self.holds(id, leaf) {
                    out[slot] = 0;
                } else if id > top || id == top && count == 0 {
                    out[slot] = 1;
                } else if id == top {
                    out[slot] = count;
                }
            }
            let (old, added) = out.split_at(new);
            if old[from..]
                .chunks_exact(self.stride())
                .any(|known| known == added)
            {
                out.truncate(new);
            }
        } else if out[from..new].contains(&leaf) {
            out.truncate(new);
        }
    }

    /// In an all group the counter of each member says whether it was seen.
    fn step_all(&self, config: &[u32], leaf: u32, mode: Mode, out: &mut Vec<u32>) {
        let slot = self.nodes[leaf as usize].counter as usize;
        if config[1 + slot] > 0 || mode == Mode::Relaxed {
            return;
        }
        let new = out.len();
        out.extend_from_slice(config);
        out[new] = leaf;
        out[new + 1 + slot] = 1;
    }

    fn accepts_config(&self, config: &[u32]) -> bool {
        let root = &self.nodes[0];
        if config[0] == NONE {
            return root.min == 0;
        }
        if root.kind == Kind::All {
            return self.nodes[1..]
                .iter()
                .all(|node| node.min == 0 || config[1 + node.counter as usize] > 0);
        }
        let mut at = config[0];
        loop {
            let node = &self.nodes[at as usize];
            if node.counter != NONE && config[1 + node.counter as usize] < node.min {
                return false;
            }
            if node.parent == NONE {
                return true;
            }
            let parent = &self.nodes[node.parent as usize];
            if parent.kind == Kind::Sequence && parent.required != node.before + self.required(at) {
                return false;
            }
            at = node.parent;
        }
    }
}
