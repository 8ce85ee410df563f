//! Attribute declarations, uses and groups.

use std::collections::{HashMap, HashSet};

use super::{Compiler, NodeRef, Space};
use crate::xsd::builtin::find;
use crate::xsd::simple::{ANY_SIMPLE, IdKind, SimpleId, SimpleTypes};
use crate::xsd::tables::{AttributeUse, NamespaceSet, ValueConstraint, Wildcard};

/// What the attribute part of a type or group says.
#[derive(Debug, Default)]
pub(super) struct AttributeSet {
    pub(super) uses: Vec<AttributeUse>,
    pub(super) prohibited: Vec<AttributeUse>,
    pub(super) wildcard: Option<Wildcard>,
}

impl Compiler {
    /// Attribute groups must exist and not contain themselves.
    pub(super) fn check_attribute_groups(&mut self) {
        let groups = self.nodes(|at| self.tag(at) == "attributeGroup" && self.is_global(at));
        let mut parts: HashMap<NodeRef, Vec<NodeRef>> = HashMap::new();
        for &group in &groups {
            for child in self.children(group) {
                if self.tag(child) == "attributeGroup" {
                    let part = self.attribute_group(child);
                    parts.entry(group).or_default().extend(part);
                }
            }
        }
        let message = "the attribute group contains itself";
        self.in_order(&groups, &parts, "src-attribute_group.3", message);
    }

    fn attribute_group(&mut self, at: NodeRef) -> Option<NodeRef> {
        self.referred(at, "ref", Space::AttributeGroup, "attribute group")
    }

    /// The attributes that are children of `at`, groups written out. The groups
    /// come after what `at` says itself, in document order and each before the
    /// next: the first wildcard says how strictly all are processed.
    pub(super) fn attribute_set(&mut self, at: NodeRef) -> AttributeSet {
        let mut set = AttributeSet::default();
        let mut entered: HashSet<NodeRef> = HashSet::new();
        let mut work = vec![at];
        while let Some(owner) = work.pop() {
            if !entered.insert(owner) {
                continue;
            }
            let mut groups = Vec::new();
            for child in self.children(owner) {
                match self.tag(child) {
                    "attribute" => self.attribute_use(child, owner == at, &mut set),
                    "anyAttribute" => {
                        let wildcard = self.wildcard(child);
                        self.add_wildcard(child, &mut set, wildcard);
                    }
                    "attributeGroup" => groups.extend(self.attribute_group(child)),
                    _ => {}
                }
            }
            work.extend(groups.into_iter().rev());
        }
        set
    }

    /// Several wildcards of one type take what all of them take. The first
    /// met in the document says how strictly.
    fn add_wildcard(&mut self, at: NodeRef, set: &mut AttributeSet, wildcard: Wildcard) {
        set.wildcard = match set.wildcard.take() {
            None => Some(wildcard),
            Some(old) => match intersection(&old.namespaces, &wildcard.namespaces) {
                Some(namespaces) => Some(Wildcard {
                    namespaces,
                    process: old.process,
                }),
                None => {
                    let message = "the attribute wildcards have no common form";
                    self.error(at, "src-attribute_group.2", message);
                    Some(old)
                }
            },
        };
    }

    /// Adds an attribute. What a group prohibits is no part of the group, so
    /// that only a type's `own` attributes prohibit anything.
    fn attribute_use(&mut self, at: NodeRef, own: bool, set: &mut AttributeSet) {
        let mode = self.attr(at, "use").unwrap_or("optional").trim().to_owned();
        let Some(mut declared) = self.attribute_declaration(at) else {
            return;
        };
        match mode.as_str() {
            "required" => declared.required = true,
            "optional" | "prohibited" => {}
            _ => return self.error(at, "s4s", format!("'{mode}' is no use of an attribute")),
        }
        if mode != "optional" && self.attr(at, "default").is_some() {
            let message = format!("a {mode} attribute can't have a default");
            self.error(at, "src-attribute.2", message);
        }
        if mode == "prohibited" {
            if own {
                set.prohibited.push(declared);
            }
            return;
        }
        if set.uses.iter().any(|u| u.name == declared.name) {
            let message = format!(
                "the attribute '{}' is declared twice",
                self.names.local(declared.name)
            );
            return self.error(at, "ct-props-correct.4", message);
        }
        set.uses.push(declared);
    }

    /// The declaration at `at`, or that which it refers to.
    pub(super) fn attribute_declaration(&mut self, at: NodeRef) -> Option<AttributeUse> {
        let own = self.value_constraint(at, "src-attribute.1");
        if self.attr(at, "ref").is_some() {
            let name = self.reference(at, "ref")?;
            if name.0 == crate::xml::XML_NAMESPACE && self.lookup(Space::Attribute, &name).is_none()
            {
                return self.xml_attribute(at, &name, own);
            }
            let Some(global) = self.lookup(Space::Attribute, &name) else {
                return self.missing(at, "attribute", &name);
            };
            let mut declared = self.attribute_declaration(global)?;
            let outer = declared.value.take();
            declared.value = match (own, outer) {
                (Some(own), Some(outer))
                    if outer.fixed && (!own.fixed || own.lexical != outer.lexical) =>
                {
                    let message = "the declaration's fixed value can't be changed";
                    self.refuse(at, "au-props-correct.2", message)
                }
                (own, outer) => own.or(outer),
            };
            declared.origin = at;
            self.check_attribute_value(at, &declared);
            return Some(declared);
        }
        let name = self.declared_name(at, "attributeFormDefault");
        if self.names.local(name) == "xmlns" {
            self.error(at, "no-xmlns", "an attribute can't be named xmlns");
        }
        if self.names.namespace(name) == super::super::validate::XSI {
            let message = "attributes of the instance namespace can't be declared";
            self.error(at, "no-xsi", message);
        }
        let ty = self.attribute_type(at)?;
        self.check_notation(at, ty);
        let declared = AttributeUse {
            name,
            ty,
            required: false,
            value: own,
            origin: at,
        };
        self.check_attribute_value(at, &declared);
        Some(declared)
    }

    /// The attributes of the namespace `xml` are known without a schema, so
    /// that none need be fetched for them.
    fn xml_attribute(
        &mut self,
        at: NodeRef,
        name: &(String, String),
        value: Option<ValueConstraint>,
    ) -> Option<AttributeUse> {
        let ty = match name.1.as_str() {
            "lang" => "language",
            "space" => "NCName",
            "base" => "anyURI",
            "id" => "ID",
            _ => return self.missing(at, "attribute", name),
        };
        let ty = find(&self.simple, ty)?;
        let name = self.names.intern(&name.0, &name.1);
        Some(AttributeUse {
            name,
            ty,
            required: false,
            value,
            origin: at,
        })
    }

    fn attribute_type(&mut self, at: NodeRef) -> Option<SimpleId> {
        let inline = self.child(at, "simpleType");
        match (self.attr(at, "type").is_some(), inline) {
            (true, Some(_)) => {
                let message = "both 'type' and a type inside are given";
                self.refuse(at, "src-attribute.4", message)
            }
            (true, None) => self.simple_reference(at, "type"),
            (false, Some(child)) => self.simple_ids.get(&child).copied(),
            (false, None) => Some(ANY_SIMPLE),
        }
    }

    fn check_attribute_value(&mut self, at: NodeRef, declared: &AttributeUse) {
        let Some(value) = &declared.value else {
            return;
        };
        if self.simple[declared.ty.0 as usize].id_kind == IdKind::Id {
            let message = "an ID can't have a default or fixed value";
            return self.error(at, "a-props-correct.3", message);
        }
        let scope = self.document(at).scope(at.1);
        if let Err(kind) =
            SimpleTypes(&self.simple).check(declared.ty, &value.lexical, Some(&scope))
        {
            let message = format!("the default or fixed value is not valid: {kind}");
            self.error(at, "a-props-correct.2", message);
        }
    }
}

/// The namespaces that both take; `None` when no wildcard expresses them.
pub(super) fn intersection(a: &NamespaceSet, b: &NamespaceSet) -> Option<NamespaceSet> {
    use NamespaceSet::{Any, Not, Of};
    Some(match (a, b) {
        (Any, other) | (other, Any) => other.clone(),
        (Of(list), other) | (other, Of(list)) => {
            Of(list.iter().filter(|n| other.accepts(n)).cloned().collect())
        }
        (Not(x), Not(y)) if x == y || y.is_empty() => Not(x.clone()),
        (Not(x), Not(y)) if x.is_empty() => Not(y.clone()),
        (Not(_), Not(_)) => return None,
    })
}

/// The namespaces that one of them takes; `None` when no wildcard expresses them.
pub(super) fn union(a: &NamespaceSet, b: &NamespaceSet) -> Option<NamespaceSet> {
    use NamespaceSet::{Any, Not, Of};
    Some(match (a, b) {
        (Any, _) | (_, Any) => Any,
        (Of(x), Of(y)) => {
            let new = y.iter().filter(|n| !x.contains(n));
            Of(x.iter().chain(new).cloned().collect())
        }
        (Not(x), Not(y)) if x == y => Not(x.clone()),
        (Not(_), Not(_)) => Not("".into()),
        (Not(x), Of(list)) | (Of(list), Not(x)) => {
            let (has_none, has_x) = (list.iter().any(|n| n.is_empty()), list.contains(x));
            match (x.is_empty(), has_x, has_none) {
                (true, _, true) | (false, true, true) => Any,
                (true, _, false) => Not("".into()),
                (false, true, false) => Not("".into()),
                (false, false, true) => return None,
                (false, false, false) => Not(x.clone()),
            }
        }
    })
}
