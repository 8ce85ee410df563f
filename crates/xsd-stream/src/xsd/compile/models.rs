//! From particles to content models: groups are written out, empty ones
//! dropped, and what the matching needs is worked out once.

use super::Compiler;
use super::particles::{Part, Particle, ParticleId};
use crate::xsd::ahead::Ahead;
use crate::xsd::model::{Entry, Kind, Model, ModelNode, NONE, Term};
/// Nodes of one model. Groups are shared in the schema but written out here,
/// so a few lines could otherwise ask for any amount of memory.
const MAX_NODES: usize = 1_000_000;

enum Task {
    Enter(ParticleId, u32),
    Leave(u32),
}

impl Compiler {
    /// The model of a particle; the error is what is wrong with it.
    pub(super) fn model(&self, root: ParticleId) -> Result<Model, (&'static str, String)> {
        let mut model = Model::default();
        let mut terms: Vec<(u32, &Term)> = Vec::new();
        let mut tasks = vec![Task::Enter(root, NONE)];
        while let Some(task) = tasks.pop() {
            match task {
                Task::Enter(particle, parent) => {
                    let Particle { min, max, part, .. } = &self.particles[particle.0 as usize];
                    let id = model.nodes.len() as u32;
                    if model.nodes.len() == MAX_NODES {
                        let message = format!("a content model of more than {MAX_NODES} particles");
                        return Err(("not supported", message));
                    }
                    let kind = match part {
                        Part::Term(_) => Kind::Leaf,
                        Part::Group(kind, _) => *kind,
                    };
                    if kind == Kind::All && parent != NONE {
                        let message = "an all group can't be part of another group";
                        return Err(("cos-all-limited.1.2", message.to_owned()));
                    }
                    model.nodes.push(ModelNode {
                        kind,
                        parent,
                        end: id + 1,
                        min: *min,
                        max: *max,
                        before: 0,
                        required: 0,
                        counts: false,
                        depth: 0,
                        outer: NONE,
                    });
                    match part {
                        Part::Term(term) => terms.push((id, term)),
                        Part::Group(_, children) => {
                            tasks.push(Task::Leave(id));
                            tasks.extend(children.iter().rev().map(|&c| Task::Enter(c, id)));
                        }
                    }
                }
                Task::Leave(id) => leave(&mut model, id),
            }
        }
        number_counts(&mut model);
        for (leaf, term) in terms {
            match term {
                Term::Wildcard(wildcard) => model.wildcards.push((leaf, wildcard.clone())),
                Term::Element(head) => {
                    let members = self.substitutes.get(head).into_iter().flatten();
                    let takes = std::iter::once(head).chain(members);
                    model.entries.extend(takes.map(|&element| Entry {
                        name: self.elements[element.0 as usize].name,
                        leaf,
                        element,
                        local: 0,
                    }));
                }
            }
        }
        self.number_names(&mut model);
        self.check_consistent(&model)?;
        self.check_determinism(&model)?;
        model.ahead = Ahead::new(&model);
        model.plain = model.is_plain();
        Ok(model)
    }

    fn number_names(&self, model: &mut Model) {
        model
            .entries
            .sort_by_key(|e| (self.names.local(e.name), e.name, e.leaf));
        let mut previous = "";
        let mut count = 0;
        for entry in &mut model.entries {
            let local = self.names.local(entry.name);
            if count == 0 || local != previous {
                count += 1;
                previous = local;
            }
            entry.local = count - 1;
        }
        model.locals = count;
        model.entries.sort_by_key(|e| (e.name, e.leaf));
    }

    /// Elements of one name in one model must have one type.
    fn check_consistent(&self, model: &Model) -> Result<(), (&'static str, String)> {
        let ty = |e: &Entry| self.elements[e.element.0 as usize].ty;
        let mut pairs = model.entries.windows(2);
        match pairs.find(|w| w[0].name == w[1].name && ty(&w[0]) != ty(&w[1])) {
            None => Ok(()),
            Some(w) => {
                let local = self.names.local(w[0].name);
                let message = format!("'{local}' is declared with two types");
                Err(("cos-element-consistent", message))
            }
        }
    }
}

/// All below `id` is there: work out what depends on it.
fn leave(model: &mut Model, id: u32) {
    let end = model.nodes.len() as u32;
    let kind = model.nodes[id as usize].kind;
    let mut required = 0;
    let (mut any_empty, mut all_empty, mut child) = (false, true, id + 1);
    while child < end {
        let node = &mut model.nodes[child as usize];
        if kind == Kind::Sequence {
            node.before = required;
        }
        let needed = node.min > 0;
        required += u32::from(needed);
        any_empty |= !needed;
        all_empty &= !needed;
        child = node.end;
    }
    let node = &mut model.nodes[id as usize];
    node.end = end;
    node.required = required;
    let may_be_empty = match kind {
        Kind::Choice => any_empty,
        _ => all_empty,
    };
    if may_be_empty {
        node.min = 0;
    }
}

/// What is known of a particle from those around it.
#[derive(Clone, Copy)]
struct Around {
    /// The next repeating particle around it.
    repeating: u32,
    /// Whether all beside it is optional in that one.
    alone: bool,
    /// Particles around it that count.
    depth: u32,
}

/// Works out which particles count, and over which borders.
fn number_counts(model: &mut Model) {
    if model.nodes.first().is_some_and(|n| n.kind == Kind::All) {
        model.stride = model.nodes.len();
        return;
    }
    let mut around: Vec<Around> = Vec::with_capacity(model.nodes.len());
    let mut deepest = 0;
    for id in 0..model.nodes.len() {
        let node = &model.nodes[id];
        let mut this = Around {
            repeating: NONE,
            alone: false,
            depth: 0,
        };
        if node.parent != NONE {
            let (parent, outer) = (
                &model.nodes[node.parent as usize],
                around[node.parent as usize],
            );
            let single =
                parent.kind != Kind::Sequence || parent.required == u32::from(node.min > 0);
            this.depth = parent.depth;
            (this.repeating, this.alone) = match parent.max > 1 {
                true => (node.parent, single),
                false => (outer.repeating, single && outer.alone),
            };
        }
        let repeats = node.max > 1;
        let outer = match repeats && this.alone {
            true => this.repeating,
            false => NONE,
        };
        // Where neither the least nor the greatest number says anything, here and further out, there is no need.
        let counts = repeats
            && (node.min > 1
                || node.max != NONE
                || outer != NONE && model.nodes[outer as usize].counts);
        let depth = this.depth + u32::from(counts);
        deepest = deepest.max(depth);
        let node = &mut model.nodes[id];
        (node.counts, node.depth, node.outer) = (counts, depth, outer);
        around.push(this);
    }
    model.stride = 1 + 2 * deepest as usize;
}
