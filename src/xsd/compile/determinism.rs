//! Unique Particle Attribution (Structures 3.8.6): while matching, it must
//! always be plain which particle takes the next element.

use super::Compiler;
use crate::xsd::model::{Kind, Model, NONE};
use crate::xsd::tables::NamespaceSet;

/// Pairs of particles that are compared; a schema with more is refused.
const MAX_PAIRS: usize = 2_000_000;

/// A way from one leaf to another: how far up it goes, and whether it begins
/// the particle there anew or leaves it.
#[derive(Debug, Clone, Copy)]
struct Way {
    level: usize,
    again: bool,
    /// The particle occurs a fixed number of times, so that it can't be both
    /// begun anew and left.
    fixed: bool,
}

impl Compiler {
    /// Checks a model; the error names what is ambiguous.
    pub(super) fn check_determinism(&self, model: &Model) -> Result<(), (&'static str, String)> {
        let mut pairs: Vec<(u32, u32, String)> = Vec::new();
        for run in model.entries.chunk_by(|a, b| a.name == b.name) {
            for (i, a) in run.iter().enumerate() {
                for b in &run[..i] {
                    if a.leaf != b.leaf {
                        pairs.push((b.leaf, a.leaf, self.names.local(a.name).to_owned()));
                    }
                }
                if pairs.len() > MAX_PAIRS {
                    return Err(("not supported", "too many particles of one name".to_owned()));
                }
            }
        }
        for (i, (leaf, wildcard)) in model.wildcards.iter().enumerate() {
            for entry in &model.entries {
                if wildcard
                    .namespaces
                    .accepts(self.names.namespace(entry.name))
                {
                    pairs.push((entry.leaf, *leaf, self.names.local(entry.name).to_owned()));
                }
            }
            for (other, second) in &model.wildcards[..i] {
                if overlap(&wildcard.namespaces, &second.namespaces) {
                    pairs.push((*other, *leaf, "*".to_owned()));
                }
            }
            if pairs.len() > MAX_PAIRS {
                return Err(("not supported", "too many wildcards".to_owned()));
            }
        }
        pairs.sort_unstable();
        pairs.dedup_by(|a, b| (a.0, a.1) == (b.0, b.1));
        match pairs.iter().find(|(x, y, _)| compete(model, *x, *y)) {
            None => Ok(()),
            Some((.., name)) => Err((
                "cos-nonambig",
                format!("'{name}' could be taken by more than one particle"),
            )),
        }
    }
}

fn overlap(a: &NamespaceSet, b: &NamespaceSet) -> bool {
    match (a, b) {
        (NamespaceSet::Of(list), other) | (other, NamespaceSet::Of(list)) => {
            list.iter().any(|n| other.accepts(n))
        }
        _ => true,
    }
}

/// Whether some state lets both leaves take the next element.
fn compete(model: &Model, x: u32, y: u32) -> bool {
    if model.nodes[0].kind == Kind::All {
        return true;
    }
    let first = |leaf| is_first(model, 0, leaf);
    if first(x) && first(y) {
        return true;
    }
    let leaves =
        (0..model.nodes.len() as u32).filter(|&n| model.nodes[n as usize].kind == Kind::Leaf);
    for from in leaves {
        let to_x = ways(model, from, x);
        if to_x.is_empty() {
            continue;
        }
        let to_y = ways(model, from, y);
        // Beginning a particle anew and leaving it exclude each other when its
        // number is fixed; leaving shows as a way that goes further up.
        let excluded = |a: &Way, b: &Way| {
            a.again && a.fixed && (b.level > a.level || b.level == a.level && !b.again)
        };
        if to_x
            .iter()
            .any(|a| to_y.iter().any(|b| !excluded(a, b) && !excluded(b, a)))
        {
            return true;
        }
    }
    false
}

fn is_first(model: &Model, top: u32, leaf: u32) -> bool {
    let mut at = leaf;
    while at != top {
        let node = &model.nodes[at as usize];
        if node.before > 0 {
            return false;
        }
        at = node.parent;
    }
    true
}

/// All ways from `from` to `leaf`, counts aside.
fn ways(model: &Model, from: u32, leaf: u32) -> Vec<Way> {
    let mut found = Vec::new();
    let holds = |node: u32| node <= leaf && leaf < model.nodes[node as usize].end;
    let mut at = from;
    for level in 0.. {
        let node = &model.nodes[at as usize];
        if node.max > 1 && holds(at) && is_first(model, at, leaf) {
            let fixed = node.max != NONE && node.min == node.max;
            found.push(Way {
                level,
                again: true,
                fixed,
            });
        }
        if node.parent == NONE {
            break;
        }
        let parent = &model.nodes[node.parent as usize];
        if parent.kind == Kind::Sequence {
            let passed = node.before + u32::from(node.min > 0);
            if holds(node.parent) && leaf >= node.end {
                let mut branch = leaf;
                while model.nodes[branch as usize].parent != node.parent {
                    branch = model.nodes[branch as usize].parent;
                }
                if model.nodes[branch as usize].before == passed && is_first(model, branch, leaf) {
                    found.push(Way {
                        level,
                        again: false,
                        fixed: false,
                    });
                }
            }
            if parent.required != passed {
                break;
            }
        }
        at = node.parent;
    }
    found
}
