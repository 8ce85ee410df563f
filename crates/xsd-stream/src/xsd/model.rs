//! Content models: which child may come next.
//!
//! A model is the tree of its particles in preorder. The state is the leaf
//! that took the last child, and a count for each particle around it that may
//! repeat a limited number of times; so `maxOccurs="10000"` costs no more than
//! `maxOccurs="2"`. How a child moves the state on stands in `steps`.

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
    /// Whether it has a count in the state.
    pub(super) counts: bool,
    /// Counts of the particles around it and its own; its own is the last.
    pub(super) depth: u32,
    /// The next repeating particle around this one, if this one repeats and all
    /// beside it is optional there: then one more of this may as well be the
    /// first in one more of that.
    pub(super) outer: u32,
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
    /// Words per state: the position, then two for each count.
    pub(super) stride: usize,
    /// Number of distinct local names.
    pub(super) locals: u32,
    /// What comes next nearly always.
    pub(super) ahead: Ahead,
    /// Whether it is one sequence of elements of different names, so that what
    /// is wrong with children can be told from their order.
    pub(super) plain: bool,
}

/// Whether rules about what is required are applied, or, to get back on track
/// after an error, only the order is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Strict,
    Relaxed,
}

/// Nodes of the largest model that is called plain: what is looked for after an
/// error grows with it.
const MAX_PLAIN: usize = 256;

impl Model {
    /// Whether the model is [`Model::plain`]; asked once its names are numbered.
    pub(super) fn is_plain(&self) -> bool {
        let leaves = self.nodes.iter().filter(|n| n.kind == Kind::Leaf).count();
        let in_line = |n: &ModelNode| match n.kind {
            Kind::Leaf => true,
            Kind::Sequence => n.max == 1 && (n.min > 0 || n.required == 0),
            Kind::Choice | Kind::All => false,
        };
        self.nodes.len() <= MAX_PLAIN
            && self
                .nodes
                .first()
                .is_some_and(|root| root.kind == Kind::Sequence)
            && self.nodes.iter().all(in_line)
            && self.wildcards.is_empty()
            && self.entries.len() == leaves
            && self.locals as usize == leaves
    }

    /// The state before the first child.
    pub(super) fn start(&self, out: &mut Vec<u32>) {
        out.push(NONE);
        out.resize(out.len() + self.stride.saturating_sub(1), 0);
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
}
