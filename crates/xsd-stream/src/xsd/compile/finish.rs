//! The last phase: content models, substitution groups, the checks that need
//! all types, and the tables themselves.

use std::collections::HashMap;

use super::{Compiler, NodeRef, Space};
use crate::xsd::error::SchemaError;
use crate::xsd::identity::Steps;
use crate::xsd::simple::{SimpleId, SimpleTypes};
use crate::xsd::tables::{
    ANY_TYPE, ComplexId, Content, ElementId, Methods, Schema, TypeId, derives,
};

/// Members of substitution groups, each counted for every head above it: a
/// chain of them would ask for the square of its length.
const MAX_SUBSTITUTES: usize = 2_000_000;

impl Compiler {
    /// Builds the models and puts the tables together.
    pub(super) fn finish(mut self) -> Result<Schema, Vec<SchemaError>> {
        self.gather_substitutes();
        let mut models = Vec::new();
        let nodes: HashMap<ComplexId, NodeRef> =
            self.complex_ids.iter().map(|(&n, &id)| (id, n)).collect();
        for id in 0..self.complex.len() as u32 {
            let Content::Elements { mixed, .. } = self.complex[id as usize].content else {
                continue;
            };
            let model = match self.complex_particles[id as usize] {
                None => Ok(Default::default()),
                Some(particle) => self.model(particle),
            };
            match model {
                Ok(built) => models.push(built),
                Err((constraint, message)) => {
                    let at = nodes.get(&ComplexId(id)).copied().unwrap_or((0, 0));
                    self.error(at, constraint, message);
                }
            }
            let model = models.len().saturating_sub(1) as u32;
            self.complex[id as usize].content = Content::Elements { model, mixed };
        }
        if !self.errors.is_empty() {
            return Err(self.errors);
        }
        self.check_element_values();
        self.check_derivations();
        self.check_redefinitions();
        let globals: Vec<((Space, String, String), NodeRef)> =
            self.globals.iter().map(|(k, &v)| (k.clone(), v)).collect();
        let (mut elements, mut attributes, mut types) =
            (HashMap::new(), HashMap::new(), HashMap::new());
        for ((space, namespace, local), at) in globals {
            let name = self.names.intern(&namespace, &local);
            match space {
                Space::Element => elements.extend(self.element_ids.get(&at).map(|&id| (name, id))),
                Space::Attribute => {
                    attributes.extend(self.attribute_declaration(at).map(|a| (name, a)))
                }
                Space::Type => {
                    types.extend(self.find_type(&(namespace, local)).map(|id| (name, id)));
                }
                // Groups not referred to are still to be right.
                Space::AttributeGroup => drop(self.attribute_set(at)),
                Space::Group | Space::Notation => {}
            }
        }
        self.add_builtin_types(&mut types);
        if !self.errors.is_empty() {
            return Err(self.errors);
        }
        let declaring = self.elements.iter().filter(|e| !e.constraints.is_empty());
        Ok(Schema {
            steps: Steps::of(&self.constraints, declaring.map(|e| e.name)),
            names: self.names,
            simple: self.simple,
            complex: self.complex,
            elements: self.elements,
            models,
            constraints: self.constraints,
            global_elements: elements,
            global_attributes: attributes,
            global_types: types,
        })
    }

    /// Works out which elements may stand for each head: members of its group
    /// and of theirs, as far as nothing blocks the derivation of their types.
    fn gather_substitutes(&mut self) {
        let heads = std::mem::take(&mut self.heads);
        let head_of: HashMap<ElementId, ElementId> =
            heads.iter().map(|&(_, m, h)| (m, h)).collect();
        let types = SimpleTypes(&self.simple);
        let mut wrong = Vec::new();
        let mut pairs = 0;
        for &(at, member, head) in &heads {
            let ty = |id: ElementId| self.elements[id.0 as usize].ty;
            let final_methods = self.elements[head.0 as usize].final_methods;
            if !derives(types, &self.complex, ty(member), ty(head), final_methods) {
                wrong.push(at);
            }
            let mut next = Some(head);
            while let Some(head) = next {
                pairs += 1;
                if pairs > MAX_SUBSTITUTES {
                    let message = "too many substitution groups within each other";
                    return self.error(at, "not supported", message);
                }
                let block = self.elements[head.0 as usize].block;
                let own = match ty(head) {
                    TypeId::Complex(id) => self.complex[id.0 as usize].block,
                    TypeId::Simple(_) => Methods::default(),
                };
                let blocked = block
                    .with(own)
                    .with(self.blocked_between(ty(member), ty(head)));
                if !block.has(Methods::SUBSTITUTION)
                    && derives(types, &self.complex, ty(member), ty(head), blocked)
                {
                    self.substitutes.entry(head).or_default().push(member);
                }
                next = head_of.get(&head).copied();
            }
        }
        for at in wrong {
            let message = "the type may not stand for that of the head of the substitution group";
            self.error(at, "e-props-correct.4", message);
        }
    }

    /// What the types between these two block: each has a say in what may stand
    /// for the base by way of it.
    fn blocked_between(&self, derived: TypeId, base: TypeId) -> Methods {
        let above = |ty: TypeId| match ty {
            TypeId::Complex(id) => self.complex[id.0 as usize].base,
            TypeId::Simple(_) => None,
        };
        let mut blocked = Methods::default();
        let mut at = above(derived);
        while let Some(ty) = at.filter(|&ty| derived != base && ty != base) {
            if let TypeId::Complex(id) = ty {
                blocked = blocked.with(self.complex[id.0 as usize].block);
            }
            at = above(ty);
        }
        blocked
    }

    fn add_builtin_types(&mut self, types: &mut HashMap<crate::xsd::names::NameId, TypeId>) {
        use crate::xsd::builtin::XS;
        for place in 0..45 {
            let name = &self.simple[place as usize].name;
            let name = self.names.intern(XS, name.trim_start_matches("xs:"));
            types.insert(name, TypeId::Simple(SimpleId(place)));
        }
        types.insert(self.names.intern(XS, "anyType"), TypeId::Complex(ANY_TYPE));
    }

    /// Default and fixed values of elements must be valid.
    fn check_element_values(&mut self) {
        for (at, id) in self.element_ids.clone() {
            let element = &self.elements[id.0 as usize];
            let Some(value) = &element.value else {
                continue;
            };
            let simple = match element.ty {
                TypeId::Simple(id) => Some(id),
                TypeId::Complex(id) => match self.complex[id.0 as usize].content {
                    Content::Simple(id) => Some(id),
                    Content::Elements { mixed: true, .. } => {
                        let particle = self.complex_particles[id.0 as usize];
                        if self.restricts(None, particle).is_err() {
                            let message = "an element that must have children can't have a value";
                            self.error(at, "cos-valid-default.2.2.2", message);
                        }
                        continue;
                    }
                    _ => None,
                },
            };
            let result = match simple {
                Some(simple) => SimpleTypes(&self.simple)
                    .check(simple, &value.lexical, Some(&self.document(at).scope(at.1)))
                    .map_err(|kind| kind.to_string()),
                None => Err("the type has no simple content".to_owned()),
            };
            if let Err(message) = result {
                let message = format!("the default or fixed value is not valid: {message}");
                self.error(at, "e-props-correct.2", message);
            }
        }
    }
}
