//! Numbers for all types and elements, and the element declarations.

use std::collections::HashMap;

use super::{Compiler, NodeRef, Space};
use crate::xsd::datatype::Primitive;
use crate::xsd::names::NameId;
use crate::xsd::simple::{IdKind, SimpleId, Variety};
use crate::xsd::tables::{
    ANY_TYPE, ComplexId, ComplexType, Content, Element, ElementId, Methods, TypeId,
    ValueConstraint, Wildcard,
};

/// `nodes`, each after its `parts`; the error is one that is part of itself.
fn in_order(
    nodes: &[NodeRef],
    parts: &HashMap<NodeRef, Vec<NodeRef>>,
) -> Result<Vec<NodeRef>, NodeRef> {
    // Whether all parts of what was met are done.
    let mut done: HashMap<NodeRef, bool> = HashMap::new();
    let mut order = Vec::with_capacity(nodes.len());
    for &root in nodes {
        let mut stack = vec![(root, false)];
        while let Some((at, leaving)) = stack.pop() {
            if leaving {
                done.insert(at, true);
                order.push(at);
                continue;
            }
            match done.get(&at) {
                Some(true) => continue,
                Some(false) => return Err(at),
                None => {}
            }
            done.insert(at, false);
            stack.push((at, true));
            for &part in parts.get(&at).into_iter().flatten() {
                match done.get(&part) {
                    Some(true) => {}
                    Some(false) => return Err(part),
                    None => stack.push((part, false)),
                }
            }
        }
    }
    Ok(order)
}

impl Compiler {
    /// `nodes`, each after its `parts`; none, and an error, when one is part of itself.
    pub(super) fn in_order(
        &mut self,
        nodes: &[NodeRef],
        parts: &HashMap<NodeRef, Vec<NodeRef>>,
        rule: &'static str,
        message: &str,
    ) -> Vec<NodeRef> {
        in_order(nodes, parts).unwrap_or_else(|at| {
            self.error(at, rule, message);
            Vec::new()
        })
    }
    /// Gives every complex type and every element declaration its number.
    pub(super) fn number_components(&mut self) {
        self.complex.push(any_type());
        self.complex_particles.push(None);
        for at in self.nodes(|at| self.tag(at) == "complexType") {
            let around = self.parent(at).filter(|_| !self.is_global(at));
            let name = self.attr(around.unwrap_or(at), "name");
            let name = name.unwrap_or("anonymous type").trim().into();
            let id = ComplexId(self.complex.len() as u32);
            self.complex_ids.insert(at, id);
            self.complex.push(ComplexType { name, ..any_type() });
            self.complex_particles.push(None);
        }
        for at in self.nodes(|at| self.tag(at) == "element" && self.attr(at, "ref").is_none()) {
            let id = ElementId(self.elements.len() as u32);
            self.element_ids.insert(at, id);
            let name = self.declared_name(at, "elementFormDefault");
            self.elements.push(Element {
                name,
                ty: TypeId::Complex(ANY_TYPE),
                value: None,
                nillable: false,
                is_abstract: false,
                block: Methods::default(),
                final_methods: Methods::default(),
                constraints: Vec::new(),
            });
        }
    }

    /// The name that a declaration declares; a local one is in the target
    /// namespace when its form or the schema's default says so.
    pub(super) fn declared_name(&mut self, at: NodeRef, default: &str) -> NameId {
        let local = self.checked_name(at);
        let form = self.attr(at, "form");
        let form = form.or_else(|| self.attr((at.0, 0), default));
        // The grammar lets no form but these two pass.
        let qualified = self.is_global(at) || form.map(str::trim) == Some("qualified");
        let target = &self.documents[at.0 as usize].target;
        self.names
            .intern(if qualified { target } else { "" }, &local)
    }

    /// Fills in the element declarations.
    pub(super) fn build_elements(&mut self) {
        for at in self.nodes(|at| self.element_ids.contains_key(&at)) {
            let ty = self.declared_type(at);
            let value = self.value_constraint(at, "src-element.1");
            if let TypeId::Simple(simple) = ty
                && value.is_some()
                && self.simple[simple.0 as usize].id_kind == IdKind::Id
            {
                let message = "an ID can't have a default or fixed value";
                self.error(at, "e-props-correct.5", message);
            }
            if let TypeId::Simple(simple) = ty {
                self.check_notation(at, simple);
            }
            let id = self.element_ids[&at].0 as usize;
            self.elements[id] = Element {
                name: self.elements[id].name,
                ty,
                value,
                nillable: self.flag(at, "nillable"),
                is_abstract: self.flag(at, "abstract"),
                block: self.methods(at, "block", "blockDefault"),
                final_methods: self.methods(at, "final", "finalDefault"),
                constraints: Vec::new(),
            };
        }
    }

    /// Finds the heads of substitution groups, gives members without a type
    /// that of their head, and looks for circles.
    pub(super) fn build_substitution_groups(&mut self) {
        let mut parts: HashMap<NodeRef, Vec<NodeRef>> = HashMap::new();
        let mut members: Vec<NodeRef> = Vec::new();
        for at in self.nodes(|at| self.tag(at) == "element") {
            let head = self.referred(at, "substitutionGroup", Space::Element, "element");
            if let Some(head) = head {
                parts.insert(at, vec![head]);
                members.push(at);
            }
        }
        if !self.errors.is_empty() {
            return;
        }
        let message = "the element is in its own substitution group";
        for at in self.in_order(&members, &parts, "e-props-correct.6", message) {
            let Some(head) = parts.get(&at).and_then(|heads| heads.first()) else {
                continue;
            };
            let (Some(&id), Some(&head)) = (self.element_ids.get(&at), self.element_ids.get(head))
            else {
                continue;
            };
            if self.attr(at, "type").is_none() && self.inline_type(at).is_none() {
                self.elements[id.0 as usize].ty = self.elements[head.0 as usize].ty;
            }
            self.heads.push((at, id, head));
        }
    }

    /// The type that stands inside a declaration.
    fn inline_type(&self, at: NodeRef) -> Option<NodeRef> {
        let simple = self.child(at, "simpleType");
        simple.or_else(|| self.child(at, "complexType"))
    }

    fn declared_type(&mut self, at: NodeRef) -> TypeId {
        let inline = self.inline_type(at);
        let any = TypeId::Complex(ANY_TYPE);
        match (self.attr(at, "type").is_some(), inline) {
            (true, Some(_)) => {
                let message = "both 'type' and a type inside are given";
                self.error(at, "src-element.3", message);
                any
            }
            (true, None) => self.type_reference(at, "type").unwrap_or(any),
            (false, child) => child.and_then(|c| self.built_type(c)).unwrap_or(any),
        }
    }

    /// A NOTATION must be restricted to declared ones before it is used.
    pub(super) fn check_notation(&mut self, at: NodeRef, ty: SimpleId) {
        let simple = &self.simple[ty.0 as usize];
        if matches!(simple.variety, Variety::Atomic(Primitive::Notation, _))
            && simple.facets.enumeration.is_none()
        {
            let message = "a NOTATION needs an enumeration";
            self.error(at, "enumeration-required-notation", message);
        }
    }

    /// The default or fixed value of an element or attribute.
    pub(super) fn value_constraint(
        &mut self,
        at: NodeRef,
        rule: &'static str,
    ) -> Option<ValueConstraint> {
        let (default, fixed) = (self.attr(at, "default"), self.attr(at, "fixed"));
        if default.and(fixed).is_some() {
            return self.refuse(at, rule, "both 'default' and 'fixed' are given");
        }
        let lexical = default.or(fixed)?.into();
        let fixed = fixed.is_some();
        Some(ValueConstraint { fixed, lexical })
    }

    /// The methods listed in `block` or `final`, or in the schema's default.
    pub(super) fn methods(&self, at: NodeRef, name: &str, default: &str) -> Methods {
        let list = self.attr(at, name);
        let list = list.or_else(|| self.attr((at.0, 0), default));
        // The schema's default may list what does not concern this component.
        let relevant = match (self.tag(at), name) {
            ("element", "block") => 7,
            ("simpleType", _) => 26,
            _ => 3,
        };
        let words = list.unwrap_or_default().split_ascii_whitespace();
        let methods = words.map(|word| match word {
            "extension" => Methods::EXTENSION,
            "restriction" => Methods::RESTRICTION,
            "substitution" => Methods::SUBSTITUTION,
            "list" => Methods::LIST,
            "union" => Methods::UNION,
            // #all; the grammar lets nothing else pass.
            _ => Methods(31),
        });
        Methods(methods.fold(Methods::default(), Methods::with).0 & relevant)
    }

    /// The global element that `ref` names.
    pub(super) fn element_reference(&mut self, at: NodeRef) -> Option<ElementId> {
        let global = self.referred(at, "ref", Space::Element, "element")?;
        self.element_ids.get(&global).copied()
    }
}

/// xs:anyType, but for its content model.
pub(super) fn any_type() -> ComplexType {
    ComplexType {
        name: "xs:anyType".into(),
        base: None,
        derivation: Methods::RESTRICTION,
        is_abstract: false,
        block: Methods::default(),
        final_methods: Methods::default(),
        content: Content::Empty,
        attributes: Vec::new(),
        wildcard: Some(Wildcard::ANY),
    }
}
