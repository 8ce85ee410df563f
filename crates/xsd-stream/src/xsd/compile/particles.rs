//! Particles: elements, wildcards and groups with their bounds, as written.

use std::collections::HashMap;

use super::{Compiler, NodeRef, Space};
use crate::xsd::model::{Kind, NONE, Term};
use crate::xsd::tables::{NamespaceSet, Process, Wildcard};

/// A particle's place in the compiler's list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ParticleId(pub(super) u32);

#[derive(Debug, Clone)]
pub(super) enum Part {
    Term(Term),
    Group(Kind, Vec<ParticleId>),
}

/// A term with bounds; `max` is `NONE` for unbounded.
#[derive(Debug, Clone)]
pub(super) struct Particle {
    pub(super) min: u32,
    pub(super) max: u32,
    pub(super) part: Part,
    pub(super) at: NodeRef,
}

impl Compiler {
    /// Builds the particles of all documents, definitions of groups first.
    pub(super) fn build_particles(&mut self) {
        let is_group = |this: &Self, at| this.tag(at) == "group";
        let groups = self.nodes(|at| is_group(self, at) && self.is_global(at));
        let mut parts: HashMap<NodeRef, Vec<NodeRef>> = HashMap::new();
        for at in self.nodes(|at| is_group(self, at) && !self.is_global(at)) {
            let Some(target) = self.referred(at, "ref", Space::Group, "group") else {
                continue;
            };
            // A group inside a type inside the group's element is no part of it.
            let mut outer = self.parent(at);
            while let Some(node) = outer.filter(|&n| self.is_compositor(n)) {
                outer = self.parent(node);
            }
            if let Some(outer) = outer {
                parts.entry(outer).or_default().push(target);
            }
        }
        if !self.errors.is_empty() {
            return;
        }
        let message = "the group contains itself";
        for group in self.in_order(&groups, &parts, "mg-props-correct.2", message) {
            let body = self.children(group).first().copied();
            if let Some(particle) = body.and_then(|b| self.particle(b)) {
                self.group_particles.insert(group, particle);
            }
        }
    }

    fn is_compositor(&self, at: NodeRef) -> bool {
        matches!(self.tag(at), "sequence" | "choice" | "all")
    }

    pub(super) fn add_particle(
        &mut self,
        at: NodeRef,
        (min, max): (u32, u32),
        part: Part,
    ) -> ParticleId {
        self.particles.push(Particle { min, max, part, at });
        ParticleId(self.particles.len() as u32 - 1)
    }

    /// The particle of an element, any, group reference or compositor and of
    /// all below it. `None` when it may not occur at all.
    pub(super) fn particle(&mut self, top: NodeRef) -> Option<ParticleId> {
        // Children are numbered after their parents, so one walk down gathers
        // and one walk back builds.
        let mut order = vec![top];
        let mut next = 0;
        while let Some(&at) = order.get(next) {
            next += 1;
            if self.is_compositor(at) {
                order.extend(self.children(at));
            }
        }
        let mut built: HashMap<NodeRef, ParticleId> = HashMap::new();
        for &at in order.iter().rev() {
            let (min, max) = self.occurs(at);
            let part = match self.tag(at) {
                "element" => self.element_part(at),
                "any" => Some(Part::Term(Term::Wildcard(self.wildcard(at)))),
                "group" => self.group_part(at, max),
                tag => {
                    let kind = match tag {
                        "sequence" => Kind::Sequence,
                        "choice" => Kind::Choice,
                        _ => Kind::All,
                    };
                    let children = self.children(at).into_iter();
                    let children: Vec<ParticleId> =
                        children.filter_map(|c| built.get(&c).copied()).collect();
                    if kind == Kind::All {
                        self.check_all(at, max, &children);
                    }
                    Some(Part::Group(kind, children))
                }
            };
            if let Some(part) = part
                && max > 0
            {
                built.insert(at, self.add_particle(at, (min, max), part));
            }
        }
        built.get(&top).copied()
    }

    fn element_part(&mut self, at: NodeRef) -> Option<Part> {
        let id = match self.element_ids.get(&at) {
            Some(&id) => id,
            None => self.element_reference(at)?,
        };
        Some(Part::Term(Term::Element(id)))
    }

    fn group_part(&mut self, at: NodeRef, max: u32) -> Option<Part> {
        let target = self.referred(at, "ref", Space::Group, "group")?;
        let body = *self.group_particles.get(&target)?;
        let part = self.particles[body.0 as usize].part.clone();
        let is_all = matches!(part, Part::Group(Kind::All, _));
        // At most once by way of a reference too; never is no part at all.
        if max > 1 && is_all {
            self.repeated_all(at);
        }
        if is_all && self.parent(at).is_some_and(|p| self.is_compositor(p)) {
            let message = "an all group can't be part of another group";
            self.error(at, "cos-all-limited.1.2", message);
        }
        Some(part)
    }

    fn repeated_all(&mut self, at: NodeRef) {
        let message = "maxOccurs of an all group must be 1";
        self.error(at, "cos-all-limited.1.2", message);
    }

    fn check_all(&mut self, at: NodeRef, max: u32, children: &[ParticleId]) {
        if max != 1 {
            self.repeated_all(at);
        }
        for &child in children {
            let Particle { max, at, .. } = self.particles[child.0 as usize];
            if max > 1 {
                let message = "an element of an all group can't repeat";
                self.error(at, "cos-all-limited.2", message);
            }
        }
    }

    fn occurs(&mut self, at: NodeRef) -> (u32, u32) {
        let mut count = |name: &str| match self.attr(at, name).map(|v| v.trim().to_owned()) {
            None => 1,
            Some(v) if v == "unbounded" && name == "maxOccurs" => NONE,
            Some(v) => match v.parse::<u32>() {
                Ok(n) if n < NONE => n,
                // As good as unbounded, and as a minimum never reached.
                _ if !v.is_empty() && v.bytes().all(|b| b.is_ascii_digit()) => NONE - 1,
                _ => {
                    self.error(at, "s4s", format!("'{v}' is not a number of occurrences"));
                    1
                }
            },
        };
        let (min, max) = (count("minOccurs"), count("maxOccurs"));
        if min > max {
            let message = format!("minOccurs {min} is greater than maxOccurs {max}");
            self.error(at, "p-props-correct.2.1", message);
        }
        (min, max)
    }

    /// The wildcard of an any or anyAttribute.
    pub(super) fn wildcard(&mut self, at: NodeRef) -> Wildcard {
        let process = match self.attr(at, "processContents").map(str::trim) {
            None | Some("strict") => Process::Strict,
            Some("lax") => Process::Lax,
            Some("skip") => Process::Skip,
            Some(other) => {
                let message = format!("'{other}' is no way to process contents");
                self.error(at, "s4s", message);
                Process::Strict
            }
        };
        let target = self.document(at).target.clone();
        let namespaces = match self.attr(at, "namespace").map(str::trim) {
            None | Some("##any") => NamespaceSet::Any,
            Some("##other") => NamespaceSet::Not(target.into()),
            Some(list) => {
                let namespaces = list.split_ascii_whitespace().map(|word| match word {
                    "##targetNamespace" => Box::from(target.as_str()),
                    "##local" => Box::from(""),
                    uri => Box::from(uri),
                });
                NamespaceSet::Of(namespaces.collect())
            }
        };
        if let NamespaceSet::Of(list) = &namespaces
            && list.iter().any(|n| n.starts_with("##"))
        {
            self.error(at, "s4s", "a wildcard's namespace is not well-formed");
        }
        Wildcard {
            namespaces,
            process,
        }
    }
}
