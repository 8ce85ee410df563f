//! Complex types: content and attributes by extension and restriction.

use std::collections::HashMap;

use super::attributes::AttributeSet;
use super::particles::{Part, Particle, ParticleId};
use super::{Compiler, NodeRef, Space};
use crate::xsd::model::{Kind, NONE, Term};
use crate::xsd::simple::{SimpleId, SimpleTypes};
use crate::xsd::tables::{
    ANY_TYPE, AttributeUse, ComplexId, ComplexType, Content, Methods, TypeId, Wildcard,
};

/// Content before its model is built.
enum Draft {
    Empty,
    Simple(SimpleId),
    Elements(Option<ParticleId>, bool),
}

impl Compiler {
    /// Builds every complex type, each after its base, then all models.
    pub(super) fn build_complex_types(&mut self) {
        let nodes = self.nodes(|at| self.complex_ids.contains_key(&at));
        let mut bases: HashMap<NodeRef, Vec<NodeRef>> = HashMap::new();
        for &at in &nodes {
            if let Some((_, derivation)) = self.derivation(at)
                && let Some(name) = self.reference(derivation, "base")
                && let Some(base) = self.lookup(Space::Type, &name)
                && self.complex_ids.contains_key(&base)
            {
                bases.insert(at, vec![base]);
            }
        }
        self.build_any_type();
        let message = "the type is derived from itself";
        for at in self.in_order(&nodes, &bases, "ct-props-correct.3", message) {
            self.build_complex_type(at);
        }
    }

    fn build_any_type(&mut self) {
        let part = Part::Term(Term::Wildcard(Wildcard::ANY));
        self.complex_particles[0] = Some(self.add_particle((0, 0), (0, NONE), part));
        self.complex[0].content = Content::Elements {
            model: 0,
            mixed: true,
        };
    }

    /// The content element and the derivation inside it, if there is one.
    fn derivation(&self, at: NodeRef) -> Option<(NodeRef, NodeRef)> {
        let either = |at, a, b| self.child(at, a).or_else(|| self.child(at, b));
        let content = either(at, "simpleContent", "complexContent")?;
        Some((content, either(content, "restriction", "extension")?))
    }

    fn build_complex_type(&mut self, at: NodeRef) {
        let Some(&id) = self.complex_ids.get(&at) else {
            return;
        };
        let (content, body) = match self.derivation(at) {
            Some((content, derivation)) => (Some(content), derivation),
            None => (None, at),
        };
        let extension = self.tag(body) == "extension";
        let base = match content {
            Some(_) => self.type_reference(body, "base"),
            None => Some(TypeId::Complex(ANY_TYPE)),
        };
        let Some(base) = base else { return };
        let mixed_here = self.flag(at, "mixed");
        let mixed = match content {
            Some(content) if self.attr(content, "mixed").is_some() => self.flag(content, "mixed"),
            _ => mixed_here,
        };
        let simple = content.is_some_and(|c| self.tag(c) == "simpleContent");
        let draft = if simple {
            self.simple_content(body, base, extension)
        } else {
            self.complex_content(body, base, extension, mixed)
        };
        let Some(draft) = draft else { return };
        let own = self.attribute_set(body);
        let inherited = match base {
            TypeId::Complex(base) if content.is_some() => Some(base),
            _ => None,
        };
        let (attributes, wildcard) = self.combine_attributes(body, inherited, extension, own);
        let (content, particle) = match draft {
            Draft::Empty => (Content::Empty, None),
            Draft::Simple(simple) => (Content::Simple(simple), None),
            Draft::Elements(particle, mixed) => (Content::Elements { model: 0, mixed }, particle),
        };
        let place = id.0 as usize;
        self.complex_particles[place] = particle;
        self.complex[place] = ComplexType {
            name: std::mem::take(&mut self.complex[place].name),
            base: Some(base),
            derivation: match extension {
                true => Methods::EXTENSION,
                false => Methods::RESTRICTION,
            },
            is_abstract: self.flag(at, "abstract"),
            block: self.methods(at, "block", "blockDefault"),
            final_methods: self.methods(at, "final", "finalDefault"),
            content,
            attributes,
            wildcard,
        };
    }

    fn simple_content(&mut self, at: NodeRef, base: TypeId, extension: bool) -> Option<Draft> {
        let inline = self.child(at, "simpleType");
        let inline = inline.and_then(|c| self.simple_ids.get(&c).copied());
        let base_content = match base {
            TypeId::Simple(id) if extension => return Some(Draft::Simple(id)),
            TypeId::Simple(_) => None,
            TypeId::Complex(id) => match self.complex[id.0 as usize].content {
                Content::Simple(id) => Some(id),
                Content::Elements { mixed: true, .. } if !extension => inline,
                _ => None,
            },
        };
        let Some(base_content) = base_content else {
            let message = "the base type has no simple content to derive from";
            return self.refuse(at, "src-ct.2", message);
        };
        if extension {
            return Some(Draft::Simple(base_content));
        }
        let from = inline.unwrap_or(base_content);
        if !SimpleTypes(&self.simple).derives(from, base_content) {
            let message = "the simple type is not derived from the base type's";
            self.error(at, "derivation-ok-restriction.5.2.2", message);
        }
        let restricted = self.restrict(at, from);
        Some(Draft::Simple(self.add_simple(restricted)))
    }

    fn complex_content(
        &mut self,
        at: NodeRef,
        base: TypeId,
        extension: bool,
        mixed: bool,
    ) -> Option<Draft> {
        let TypeId::Complex(base) = base else {
            let message = "the base of complex content must be a complex type";
            return self.refuse(at, "src-ct.1", message);
        };
        let compositor = self
            .children(at)
            .into_iter()
            .find(|&c| matches!(self.tag(c), "group" | "all" | "choice" | "sequence"));
        let own = compositor
            .and_then(|c| self.particle(c))
            .filter(|&p| !self.is_empty_group(p));
        if !extension {
            return Some(match own {
                None if !mixed => Draft::Empty,
                own => Draft::Elements(own, mixed),
            });
        }
        match (self.complex[base.0 as usize].content.clone(), own) {
            (Content::Empty, None) if !mixed => Some(Draft::Empty),
            (Content::Empty, own) => Some(Draft::Elements(own, mixed)),
            (Content::Simple(simple), None) => Some(Draft::Simple(simple)),
            (Content::Simple(_), Some(_)) => {
                let message = "simple content can't be extended by elements";
                self.refuse(at, "cos-ct-extends.1.4", message)
            }
            (
                Content::Elements {
                    mixed: was_mixed, ..
                },
                own,
            ) => {
                if was_mixed != mixed && (own.is_some() || mixed) {
                    let message = "base type and extension differ in being mixed";
                    self.error(at, "cos-ct-extends.1.4.3.2.2.1", message);
                }
                let inherited = self.complex_particles[base.0 as usize];
                let particle = match (inherited, own) {
                    (Some(first), Some(second)) => {
                        let part = Part::Group(Kind::Sequence, vec![first, second]);
                        Some(self.add_particle(at, (1, 1), part))
                    }
                    (first, second) => first.or(second),
                };
                Some(Draft::Elements(particle, was_mixed))
            }
        }
    }

    /// A group that takes nothing counts as no content at all.
    fn is_empty_group(&self, particle: ParticleId) -> bool {
        let Particle { min, part, .. } = &self.particles[particle.0 as usize];
        match part {
            Part::Group(Kind::Choice, children) => children.is_empty() && *min == 0,
            Part::Group(_, children) => children.is_empty(),
            Part::Term(_) => false,
        }
    }

    fn combine_attributes(
        &mut self,
        at: NodeRef,
        base: Option<ComplexId>,
        extension: bool,
        own: AttributeSet,
    ) -> (Vec<AttributeUse>, Option<Wildcard>) {
        let Some(base) = base else {
            return (own.uses, own.wildcard);
        };
        let base = self.complex[base.0 as usize].clone();
        let mut uses = base.attributes;
        if !extension {
            // What is prohibited is not inherited; it takes nothing from what the type says itself.
            uses.retain(|u| !own.prohibited.iter().any(|p| p.name == u.name));
        }
        for attribute in own.uses {
            match uses.iter_mut().find(|u| u.name == attribute.name) {
                Some(same) if extension && same.origin == attribute.origin => {}
                Some(_) if extension => {
                    let message = format!(
                        "the attribute '{}' is declared in the base type",
                        self.names.local(attribute.name)
                    );
                    self.error(at, "ct-props-correct.4", message);
                }
                Some(old) => *old = attribute,
                None => uses.push(attribute),
            }
        }
        if !extension {
            return (uses, own.wildcard);
        }
        let wildcard = match (own.wildcard, base.wildcard) {
            (Some(own), Some(base)) => {
                let message = "the attribute wildcards have no common form";
                let both = super::attributes::union(&own.namespaces, &base.namespaces);
                let both = both.or_else(|| self.refuse(at, "src-ct.5", message));
                let process = own.process;
                both.map(|namespaces| Wildcard {
                    namespaces,
                    process,
                })
            }
            (own, base) => own.or(base),
        };
        (uses, wildcard)
    }
}
