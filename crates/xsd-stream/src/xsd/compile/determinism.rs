//! Unique Particle Attribution (Structures 3.8.6): while matching, it must
//! always be plain which particle takes the next element.
//!
//! From each leaf, and from the beginning, the leaves are gathered that may
//! come next, counts aside; no two of them may take the same element. The work
//! is counted, so that a schema that would take too long is refused instead.

use super::Compiler;
use crate::xsd::model::{Kind, Model, NONE};
use crate::xsd::names::NameId;
use crate::xsd::tables::{NamespaceSet, Wildcard};

/// Steps that one model may take, a second or two; a schema with more is refused.
const MAX_WORK: usize = 50_000_000;

/// What is wrong: the rule, and the message.
type Wrong = (&'static str, String);

/// A leaf that may come next, and the way to it: how far up it goes, and
/// whether it begins the particle there anew or leaves it.
#[derive(Debug, Clone, Copy)]
struct Way {
    leaf: u32,
    level: u32,
    again: bool,
    /// The particle occurs a fixed number of times, so that it can't be both
    /// begun anew and left.
    fixed: bool,
}

/// Whether one begins a particle anew that the other leaves, which can't both
/// be when its number is fixed. Leaving shows as a way that goes further up.
fn exclude(a: &Way, b: &Way) -> bool {
    let one = |a: &Way, b: &Way| {
        a.again && a.fixed && (b.level > a.level || b.level == a.level && !b.again)
    };
    one(a, b) || one(b, a)
}

impl Compiler {
    /// Checks a model; the error names what is ambiguous.
    pub(super) fn check_determinism(&self, model: &Model) -> Result<(), Wrong> {
        if model.nodes.is_empty() {
            return Ok(());
        }
        let mut check = Check::new(self, model);
        if model.nodes[0].kind == Kind::All {
            check.ways.extend((1..model.nodes.len() as u32).map(first));
            return check.compete();
        }
        check.firsts(0, first(NONE));
        check.compete()?;
        for (from, node) in (0..).zip(&model.nodes) {
            if node.kind == Kind::Leaf {
                check.follow(from);
                check.compete()?;
            }
        }
        Ok(())
    }
}

/// The way to a leaf from the beginning.
fn first(leaf: u32) -> Way {
    Way {
        leaf,
        level: 0,
        again: false,
        fixed: false,
    }
}

struct Check<'c> {
    compiler: &'c Compiler,
    model: &'c Model,
    /// Names by the leaf that takes them, sorted.
    names: Vec<(u32, NameId)>,
    /// The leaves that may come next.
    ways: Vec<Way>,
    /// Names that they take, each with its place among the ways.
    taken: Vec<(NameId, usize)>,
    work: usize,
}

impl<'c> Check<'c> {
    fn new(compiler: &'c Compiler, model: &'c Model) -> Self {
        let mut names: Vec<(u32, NameId)> = Vec::with_capacity(model.entries.len());
        names.extend(model.entries.iter().map(|e| (e.leaf, e.name)));
        names.sort_unstable();
        Self {
            compiler,
            model,
            names,
            ways: Vec::new(),
            taken: Vec::new(),
            work: 0,
        }
    }

    /// Adds the leaves that can take the first child of the content of `top`.
    fn firsts(&mut self, top: u32, way: Way) {
        let nodes = &self.model.nodes;
        let (mut at, end) = (top, nodes[top as usize].end);
        while at < end {
            self.work += 1;
            let node = &nodes[at as usize];
            if at != top && node.before > 0 {
                // What follows in this sequence comes later still.
                at = nodes[node.parent as usize].end;
                continue;
            }
            if node.kind == Kind::Leaf {
                self.ways.push(Way { leaf: at, ..way });
            }
            at += 1;
        }
    }

    /// Adds the leaves that may take the child after that of `from`.
    fn follow(&mut self, from: u32) {
        let nodes = &self.model.nodes;
        let mut at = from;
        for level in 0.. {
            self.work += 1;
            let node = &nodes[at as usize];
            let mut way = first(NONE);
            way.level = level;
            if node.max > 1 {
                let again = Way {
                    again: true,
                    fixed: node.max != NONE && node.min == node.max,
                    ..way
                };
                self.firsts(at, again);
            }
            if node.parent == NONE {
                return;
            }
            let parent = &nodes[node.parent as usize];
            if parent.kind == Kind::Sequence {
                let passed = node.before + u32::from(node.min > 0);
                let mut next = node.end;
                while next < parent.end && nodes[next as usize].before == passed {
                    self.firsts(next, way);
                    next = nodes[next as usize].end;
                }
                if parent.required != passed {
                    return;
                }
            }
            at = node.parent;
        }
    }

    /// Whether two of the leaves take the same element; forgets them all.
    fn compete(&mut self) -> Result<(), Wrong> {
        self.taken.clear();
        for (place, way) in self.ways.iter().enumerate() {
            let from = self.names.partition_point(|n| n.0 < way.leaf);
            let names = self.names[from..].iter().take_while(|n| n.0 == way.leaf);
            self.taken.extend(names.map(|n| (n.1, place)));
        }
        self.taken.sort_unstable();
        spend(&mut self.work, self.taken.len())?;
        for same in self.taken.chunk_by(|a, b| a.0 == b.0) {
            for (place, a) in same.iter().enumerate() {
                spend(&mut self.work, place)?;
                if same[..place].iter().any(|b| self.clash(a.1, b.1)) {
                    return Err(self.ambiguous(a.0));
                }
            }
        }
        self.compete_with_wildcards()?;
        self.ways.clear();
        Ok(())
    }

    fn compete_with_wildcards(&mut self) -> Result<(), Wrong> {
        let wildcard = |leaf: u32| {
            let wildcards = &self.model.wildcards;
            let place = wildcards.binary_search_by_key(&leaf, |w| w.0).ok();
            place.map(|p| &wildcards[p].1)
        };
        let wild: Vec<(usize, &Wildcard)> = (self.ways.iter().enumerate())
            .filter_map(|(place, way)| Some((place, wildcard(way.leaf)?)))
            .collect();
        for (i, &(place, wildcard)) in wild.iter().enumerate() {
            spend(&mut self.work, self.taken.len() + i)?;
            let names = &self.compiler.names;
            let takes = |name: NameId| wildcard.namespaces.accepts(names.namespace(name));
            let named = self.taken.iter();
            if let Some(&(name, _)) = named.clone().find(|t| takes(t.0) && self.clash(place, t.1)) {
                return Err(self.ambiguous(name));
            }
            let overlaps = |other: &Wildcard| overlap(&wildcard.namespaces, &other.namespaces);
            let mut others = wild[..i].iter();
            if others.any(|w| overlaps(w.1) && self.clash(place, w.0)) {
                return Err(ambiguous("*"));
            }
        }
        Ok(())
    }

    fn clash(&self, a: usize, b: usize) -> bool {
        let (a, b) = (&self.ways[a], &self.ways[b]);
        a.leaf != b.leaf && !exclude(a, b)
    }

    fn ambiguous(&self, name: NameId) -> Wrong {
        ambiguous(self.compiler.names.local(name))
    }
}

fn ambiguous(what: &str) -> Wrong {
    let message = format!("'{what}' could be taken by more than one particle");
    ("cos-nonambig", message)
}

/// Counts work; the error is that it is too much.
fn spend(work: &mut usize, steps: usize) -> Result<(), Wrong> {
    *work += steps;
    if *work > MAX_WORK {
        let message = "a content model with too many particles that may follow each other";
        return Err(("not supported", message.to_owned()));
    }
    Ok(())
}

fn overlap(a: &NamespaceSet, b: &NamespaceSet) -> bool {
    match (a, b) {
        (NamespaceSet::Of(list), other) | (other, NamespaceSet::Of(list)) => {
            list.iter().any(|n| other.accepts(n))
        }
        _ => true,
    }
}
