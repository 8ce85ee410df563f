//! Simple types: restriction with facets, list and union.

use std::collections::HashMap;

use super::{Compiler, NodeRef, Space};
use crate::xsd::builtin::XS;
use crate::xsd::datatype::WhiteSpace;
use crate::xsd::error::excerpt;
use crate::xsd::simple::{ANY_SIMPLE, IdKind, SimpleId, SimpleType, SimpleTypes, Variety};
use crate::xsd::tables::{Methods, TypeId};

/// Unions and lists may nest this deep; checking a value recurses into them.
const MAX_NESTING: usize = 100;
/// Types that a value may have to be tried against.
const MAX_MEMBERS: u32 = 10_000;

impl Compiler {
    /// Builds every simple type, each after those it is made of.
    pub(super) fn build_simple_types(&mut self) {
        let nodes = self.nodes(|at| self.tag(at) == "simpleType");
        let parts = nodes.iter().map(|&at| (at, self.simple_parts(at)));
        let parts: HashMap<NodeRef, Vec<NodeRef>> = parts.collect();
        let message = "the simple type is made of itself";
        let mut depth: HashMap<NodeRef, usize> = HashMap::new();
        for at in self.in_order(&nodes, &parts, "st-props-correct.2", message) {
            let parts = parts.get(&at).into_iter().flatten();
            let below = parts.filter_map(|p| depth.get(p)).max();
            let is_union = self.child(at, "union").is_some() || self.child(at, "list").is_some();
            let own = below.copied().unwrap_or(0) + usize::from(is_union);
            depth.insert(at, own);
            if own > MAX_NESTING {
                let message = format!("unions nest deeper than {MAX_NESTING}");
                self.error(at, "not supported", message);
                return;
            }
            let Some(mut built) = self.build_simple_type(at) else {
                continue;
            };
            built.final_methods = self.methods(at, "final", "finalDefault");
            if let Some(name) = self.attr(at, "name") {
                built.name = name.trim().into();
            }
            let id = self.add_simple(built);
            self.simple_ids.insert(at, id);
        }
    }

    /// Gives a simple type its number.
    pub(super) fn add_simple(&mut self, built: SimpleType) -> SimpleId {
        self.simple.push(built);
        SimpleId(self.simple.len() as u32 - 1)
    }

    /// The simple types of documents that this one is made of.
    fn simple_parts(&self, at: NodeRef) -> Vec<NodeRef> {
        let mut parts = Vec::new();
        for variety in self.children(at) {
            let is_simple = |&at: &NodeRef| self.tag(at) == "simpleType";
            parts.extend(self.children(variety).into_iter().filter(is_simple));
            for attribute in ["base", "itemType", "memberTypes"] {
                let named = self.attr(variety, attribute).unwrap_or_default();
                let names = named.split_ascii_whitespace();
                let names = names.filter_map(|lexical| self.resolve(variety, lexical));
                let nodes = names
                    .filter(|name| name.0 != XS)
                    .filter_map(|name| self.lookup(Space::Type, &name));
                parts.extend(nodes.filter(is_simple));
            }
        }
        parts
    }

    fn build_simple_type(&mut self, at: NodeRef) -> Option<SimpleType> {
        let variety = *self.children(at).first()?;
        match self.tag(variety) {
            "restriction" => {
                let base = self.simple_operand(variety, "base", "st-restrict")?;
                if base == ANY_SIMPLE {
                    let message = "anySimpleType can't be restricted";
                    return self.refuse(variety, "st-props-correct.1", message);
                }
                self.check_simple_final(variety, base, Methods::RESTRICTION);
                Some(self.restrict(variety, base))
            }
            "list" => {
                let item =
                    self.simple_operand(variety, "itemType", "src-list-itemType-or-simpleType")?;
                self.check_simple_final(variety, item, Methods::LIST);
                self.build_list(variety, item)
            }
            _ => self.build_union(variety),
        }
    }

    /// The simple type given by an attribute or by a simpleType child, one of
    /// which must be there.
    fn simple_operand(
        &mut self,
        at: NodeRef,
        attribute: &str,
        rule: &'static str,
    ) -> Option<SimpleId> {
        let inline = self.child(at, "simpleType");
        match (self.attr(at, attribute).is_some(), inline) {
            (true, None) => self.simple_reference(at, attribute),
            (false, Some(child)) => self.simple_ids.get(&child).copied(),
            _ => {
                let message = format!("either '{attribute}' or a simpleType must be given");
                self.refuse(at, rule, message)
            }
        }
    }

    /// The simple type that an attribute refers to.
    pub(super) fn simple_reference(&mut self, at: NodeRef, attribute: &str) -> Option<SimpleId> {
        let name = self.reference(at, attribute)?;
        self.simple_by_name(at, &name)
    }

    fn simple_by_name(&mut self, at: NodeRef, name: &(String, String)) -> Option<SimpleId> {
        match self.find_type(name) {
            Some(TypeId::Simple(id)) => Some(id),
            None if self.lookup(Space::Type, name).is_none() => {
                self.missing(at, "simple type", name)
            }
            // A simple type that itself has an error.
            None if !self.errors.is_empty() => None,
            _ => {
                let message = format!("'{}' is not a simple type", name.1);
                self.refuse(at, "src-resolve", message)
            }
        }
    }

    fn check_simple_final(&mut self, at: NodeRef, from: SimpleId, method: Methods) {
        if self.simple[from.0 as usize].final_methods.has(method) {
            let message = "the type is final for this derivation";
            self.error(at, "st-props-correct.3", message);
        }
    }

    fn build_list(&mut self, at: NodeRef, item: SimpleId) -> Option<SimpleType> {
        let types = SimpleTypes(&self.simple);
        let nested = match &types.get(item).variety {
            Variety::List(_) => true,
            Variety::Union(members) => members.iter().any(|&m| types.get(m).is_list()),
            _ => false,
        };
        if nested {
            let message = "the items of a list can't be lists";
            return self.refuse(at, "cos-st-restricts.2.1", message);
        }
        let of = types.get(item);
        Some(SimpleType::list(format!("list of {}", of.name), item, of))
    }

    fn build_union(&mut self, at: NodeRef) -> Option<SimpleType> {
        let mut members = Vec::new();
        let listed = self.attr(at, "memberTypes").unwrap_or_default().to_owned();
        for lexical in listed.split_ascii_whitespace() {
            let name = match self.resolve(at, lexical) {
                Some(name) if self.sees(at, &name.0) => name,
                Some(name) => {
                    let message = format!("the namespace '{}' is not imported", name.0);
                    return self.refuse(at, "src-resolve.4", message);
                }
                None => {
                    let message = format!("'{lexical}' is not a qualified name");
                    return self.refuse(at, "src-resolve", message);
                }
            };
            members.push(self.simple_by_name(at, &name)?);
        }
        for child in self.children(at) {
            members.push(*self.simple_ids.get(&child)?);
        }
        for &member in &members {
            self.check_simple_final(at, member, Methods::UNION);
        }
        if members.is_empty() {
            let message = "a union needs members";
            return self.refuse(at, "src-union-memberTypes-or-simpleTypes", message);
        }
        let weights = members.iter().map(|m| self.simple[m.0 as usize].weight);
        let weight = weights.fold(1_u32, u32::saturating_add);
        if weight > MAX_MEMBERS {
            let message =
                format!("a union of more than {MAX_MEMBERS} types, members of members counted");
            return self.refuse(at, "not supported", message);
        }
        let types = SimpleTypes(&self.simple);
        let names: Vec<&str> = members.iter().map(|&m| &*types.get(m).name).collect();
        let telling = |&m: &SimpleId| types.get(m).id_kind != IdKind::None;
        let id_kind = match members.iter().any(telling) {
            true => IdKind::Member,
            false => IdKind::None,
        };
        let name = format!("union of {}", excerpt(&names.join(", ")));
        Some(SimpleType {
            id_kind,
            weight,
            // Each member normalises for itself.
            ..SimpleType::new(name, Variety::Union(members.into()), WhiteSpace::Preserve)
        })
    }
}
