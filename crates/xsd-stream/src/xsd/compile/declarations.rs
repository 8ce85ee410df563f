//! Numbers for all types and elements, and the element declarations.

use std::collections::HashMap;

use super::{Compiler, NodeRef, Space};
use crate::xsd::datatype::Primitive;
use crate::xsd::names::NameId;
use crate::xsd::simple::{IdKind, SimpleId, Variety};
use crate::xsd::tables::{
    ANY_TYPE, ComplexId, ComplexType, Content, Element, ElementId, Methods, NamespaceSet, Process,
    TypeId, ValueConstraint, Wildcard,
};

/// `nodes`, each after its `parts`; the error is one that is part of itself.
pub(super) fn in_order(
    nodes: &[NodeRef],
    parts: &HashMap<NodeRef, Vec<NodeRef>>,
) -> Result<Vec<NodeRef>, NodeRef> {
    #[derive(Clone, Copy, PartialEq)]
    enum Mark {
        Open,
        Done,
    }
    let mut marks: HashMap<NodeRef, Mark> = HashMap::new();
    let mut order = Vec::with_capacity(nodes.len());
    for &root in nodes {
        let mut stack = vec![(root, false)];
        while let Some((at, leaving)) = stack.pop() {
            if leaving {
                marks.insert(at, Mark::Done);
                order.push(at);
                continue;
            }
            match marks.get(&at) {
                Some(Mark::Done) => continue,
                Some(Mark::Open) => return Err(at),
                None => {}
            }
            marks.insert(at, Mark::Open);
            stack.push((at, true));
            for &part in parts.get(&at).into_iter().flatten() {
                match marks.get(&part) {
                    Some(Mark::Done) => {}
                    Some(Mark::Open) => return Err(part),
                    None => stack.push((part, false)),
                }
            }
        }
    }
    Ok(order)
}

impl Compiler {
    /// Gives every complex type and every element declaration its number.
    pub(super) fn number_components(&mut self) {
        self.complex.push(any_type());
        self.complex_particles.push(None);
        for at in self.all_nodes() {
            match self.tag(at) {
                "complexType" => {
                    let owner = self
                        .parent(at)
                        .filter(|_| !self.is_global(at))
                        .unwrap_or(at);
                    let name = self
                        .attr(owner, "name")
                        .unwrap_or("anonymous type")
                        .trim()
                        .into();
                    self.complex_ids
                        .insert(at, ComplexId(self.complex.len() as u32));
                    self.complex.push(ComplexType { name, ..any_type() });
                    self.complex_particles.push(None);
                }
                "element" if self.attr(at, "ref").is_none() => {
                    let name = self.declared_name(at, "elementFormDefault");
                    self.element_ids
                        .insert(at, ElementId(self.elements.len() as u32));
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
                _ => {}
            }
        }
    }

    /// The name that a declaration declares; a local one is in the target
    /// namespace when its form or the schema's default says so.
    pub(super) fn declared_name(&mut self, at: NodeRef, default: &str) -> NameId {
        let local = self.attr(at, "name").unwrap_or_default().trim().to_owned();
        if !crate::xml::is_ncname(&local) {
            self.error(at, "s4s", format!("'{local}' is not a name without colon"));
        }
        let form = self
            .attr(at, "form")
            .or_else(|| self.attr((at.0, 0), default));
        let qualified = match form.map(str::trim) {
            _ if self.is_global(at) => true,
            Some("qualified") => true,
            None | Some("unqualified") => false,
            Some(other) => {
                let message = format!("'{other}' is no form");
                self.error(at, "s4s", message);
                false
            }
        };
        let namespace = if qualified {
            self.document(at).target.clone()
        } else {
            String::new()
        };
        self.names.intern(&namespace, &local)
    }

    /// Fills in the element declarations.
    pub(super) fn build_elements(&mut self) {
        for at in self.all_nodes() {
            let Some(&id) = self.element_ids.get(&at) else {
                continue;
            };
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
            let nillable = self.flag(at, "nillable");
            let is_abstract = self.flag(at, "abstract");
            let block = self.methods(at, "block", "blockDefault");
            let final_methods = self.methods(at, "final", "finalDefault");
            let element = &mut self.elements[id.0 as usize];
            element.final_methods = final_methods;
            (element.ty, element.value, element.nillable) = (ty, value, nillable);
            (element.is_abstract, element.block) = (is_abstract, block);
        }
    }

    /// Finds the heads of substitution groups, gives members without a type
    /// that of their head, and looks for circles.
    pub(super) fn build_substitution_groups(&mut self) {
        let mut parts: HashMap<NodeRef, Vec<NodeRef>> = HashMap::new();
        let mut members: Vec<NodeRef> = Vec::new();
        for at in self.all_nodes() {
            if self.tag(at) != "element" || self.attr(at, "substitutionGroup").is_none() {
                continue;
            }
            let Some(name) = self.reference(at, "substitutionGroup") else {
                continue;
            };
            match self.lookup(Space::Element, &name) {
                Some(head) => {
                    parts.insert(at, vec![head]);
                    members.push(at);
                }
                None => self.missing(at, "element", &name),
            }
        }
        if !self.errors.is_empty() {
            return;
        }
        let order = match in_order(&members, &parts) {
            Ok(order) => order,
            Err(at) => {
                let message = "the element is in its own substitution group";
                return self.error(at, "e-props-correct.6", message);
            }
        };
        for at in order {
            let Some(&head) = parts.get(&at).and_then(|heads| heads.first()) else {
                continue;
            };
            let (Some(&id), Some(&head_id)) =
                (self.element_ids.get(&at), self.element_ids.get(&head))
            else {
                continue;
            };
            let untyped = self.attr(at, "type").is_none()
                && self.child(at, "simpleType").is_none()
                && self.child(at, "complexType").is_none();
            if untyped {
                self.elements[id.0 as usize].ty = self.elements[head_id.0 as usize].ty;
            }
            self.heads.push((at, id, head_id));
        }
    }

    fn declared_type(&mut self, at: NodeRef) -> TypeId {
        let inline = self
            .child(at, "simpleType")
            .or_else(|| self.child(at, "complexType"));
        let any = TypeId::Complex(ANY_TYPE);
        match (self.attr(at, "type").is_some(), inline) {
            (true, Some(_)) => {
                let message = "both 'type' and a type inside are given";
                self.error(at, "src-element.3", message);
                any
            }
            (true, None) => self.type_reference(at, "type").unwrap_or(any),
            (false, Some(child)) => match self.complex_ids.get(&child) {
                Some(&id) => TypeId::Complex(id),
                None => self
                    .simple_ids
                    .get(&child)
                    .map_or(any, |&id| TypeId::Simple(id)),
            },
            (false, None) => any,
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
        let default = self.attr(at, "default").map(Box::from);
        let fixed = self.attr(at, "fixed").map(Box::from);
        match (default, fixed) {
            (Some(_), Some(_)) => {
                self.error(at, rule, "both 'default' and 'fixed' are given");
                None
            }
            (Some(lexical), None) => Some(ValueConstraint {
                fixed: false,
                lexical,
            }),
            (None, Some(lexical)) => Some(ValueConstraint {
                fixed: true,
                lexical,
            }),
            (None, None) => None,
        }
    }

    /// The methods listed in `block` or `final`, or in the schema's default.
    pub(super) fn methods(&mut self, at: NodeRef, name: &str, default: &str) -> Methods {
        let own = self.attr(at, name);
        let list = own
            .or_else(|| self.attr((at.0, 0), default))
            .unwrap_or_default()
            .to_owned();
        // The schema's default may list what does not concern this component.
        let relevant = match (self.tag(at), name) {
            ("element", "block") => 7,
            ("simpleType", _) => 26,
            _ => 3,
        };
        let mut methods = Methods::default();
        for word in list.split_ascii_whitespace() {
            methods = methods.with(match word {
                "extension" => Methods::EXTENSION,
                "restriction" => Methods::RESTRICTION,
                "substitution" => Methods::SUBSTITUTION,
                "list" => Methods::LIST,
                "union" => Methods::UNION,
                // #all; the grammar lets nothing else pass.
                _ => Methods(31),
            });
        }
        Methods(methods.0 & relevant)
    }

    /// The global element that `ref` names.
    pub(super) fn element_reference(&mut self, at: NodeRef) -> Option<ElementId> {
        let name = self.reference(at, "ref")?;
        let found = self
            .lookup(Space::Element, &name)
            .and_then(|n| self.element_ids.get(&n).copied());
        if found.is_none() {
            self.missing(at, "element", &name);
        }
        found
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
        wildcard: Some(Wildcard {
            namespaces: NamespaceSet::Any,
            process: Process::Lax,
        }),
    }
}
