//! Constraints on the derivation of complex types (Structures 3.4.6).

use std::collections::HashMap;

use super::restriction::wildcard_restricts;
use super::{Compiler, NodeRef};
use crate::xsd::simple::{IdKind, SimpleTypes};
use crate::xsd::tables::{
    ANY_TYPE, AttributeUse, ComplexId, ComplexType, Content, Methods, TypeId, Wildcard,
};

impl Compiler {
    /// Checks every complex type against its base.
    pub(super) fn check_derivations(&mut self) {
        let mut types: Vec<(NodeRef, ComplexId)> =
            self.complex_ids.iter().map(|(&n, &id)| (n, id)).collect();
        types.sort_unstable_by_key(|t| t.0);
        for (at, id) in types {
            let complex = self.complex[id.0 as usize].clone();
            self.check_ids(at, &complex.attributes);
            let Some(base) = complex.base else { continue };
            self.check_final(at, &complex, base);
            if let TypeId::Complex(base_id) = base
                && complex.derivation == Methods::RESTRICTION
                && base_id != ANY_TYPE
            {
                self.check_restriction(at, id, base_id);
            }
        }
    }

    fn check_final(&mut self, at: NodeRef, complex: &ComplexType, base: TypeId) {
        let final_methods = match base {
            TypeId::Complex(id) => self.complex[id.0 as usize].final_methods,
            TypeId::Simple(id) => self.simple[id.0 as usize].final_methods,
        };
        if final_methods.has(complex.derivation) {
            let rule = match complex.derivation {
                Methods::EXTENSION => "cos-ct-extends.1.1",
                _ => "derivation-ok-restriction.1",
            };
            self.error(at, rule, "the base type is final");
        }
    }

    /// At most one attribute of a type may be an ID.
    fn check_ids(&mut self, at: NodeRef, attributes: &[AttributeUse]) {
        let types = SimpleTypes(&self.simple);
        let is_id = |a: &&AttributeUse| types.get(a.ty).id_kind == IdKind::Id;
        if attributes.iter().filter(is_id).count() > 1 {
            self.error(at, "ct-props-correct.5", "more than one attribute is an ID");
        }
    }

    fn check_restriction(&mut self, at: NodeRef, id: ComplexId, base_id: ComplexId) {
        let derived = self.complex[id.0 as usize].clone();
        let base = self.complex[base_id.0 as usize].clone();
        if let Err(message) = self.attributes_restrict(&derived, &base) {
            self.error(at, "derivation-ok-restriction", message);
        }
        let particles = |id: ComplexId| self.complex_particles[id.0 as usize];
        let result = match (&derived.content, &base.content) {
            (Content::Simple(_), Content::Simple(_)) => Ok(()),
            (Content::Simple(_), Content::Elements { mixed: true, .. }) => {
                self.restricts(None, particles(base_id))
            }
            (_, Content::Simple(_)) => Err("the base type has simple content".to_owned()),
            (Content::Simple(_), _) => Err("the base type has no simple content".to_owned()),
            (
                Content::Elements { mixed: true, .. },
                Content::Empty | Content::Elements { mixed: false, .. },
            ) => Err("the base type is not mixed".to_owned()),
            _ => self.restricts(particles(id), particles(base_id)),
        };
        if let Err(message) = result {
            self.error(at, "derivation-ok-restriction.5.4.2", message);
        }
    }

    pub(super) fn attributes_restrict(
        &self,
        derived: &ComplexType,
        base: &ComplexType,
    ) -> Result<(), String> {
        let types = SimpleTypes(&self.simple);
        let bases: HashMap<_, _> = base.attributes.iter().map(|a| (a.name, a)).collect();
        for attribute in &derived.attributes {
            let local = self.names.local(attribute.name);
            match bases.get(&attribute.name) {
                Some(old) => {
                    if old.required && !attribute.required {
                        return Err(format!(
                            "the attribute '{local}' is required in the base type"
                        ));
                    }
                    if !types.derives(attribute.ty, old.ty) {
                        return Err(format!(
                            "the type of the attribute '{local}' is not derived from that in the base type"
                        ));
                    }
                    let fixed = |a: &AttributeUse| a.value.clone().filter(|v| v.fixed);
                    if let Some(value) = fixed(old) {
                        let own = fixed(attribute).map(|v| v.lexical);
                        let own = own.as_deref();
                        if !self.same_value(TypeId::Simple(old.ty), own, &value.lexical) {
                            return Err(format!(
                                "the attribute '{local}' does not keep its fixed value"
                            ));
                        }
                    }
                }
                None => {
                    let namespace = self.names.namespace(attribute.name);
                    let taken = |w: &Wildcard| w.namespaces.accepts(namespace);
                    if !base.wildcard.as_ref().is_some_and(taken) {
                        return Err(format!("the base type has no attribute '{local}'"));
                    }
                }
            }
        }
        for old in base.attributes.iter().filter(|a| a.required) {
            if derived.attributes.iter().all(|a| a.name != old.name) {
                let local = self.names.local(old.name);
                return Err(format!("the required attribute '{local}' is missing"));
            }
        }
        match (&derived.wildcard, &base.wildcard) {
            (Some(new), Some(old)) if !wildcard_restricts(new, old) => {
                Err("the attribute wildcard is wider than the base type's".to_owned())
            }
            (Some(_), None) => Err("the base type has no attribute wildcard".to_owned()),
            _ => Ok(()),
        }
    }
}
