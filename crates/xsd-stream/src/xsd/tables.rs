//! The compiled schema: flat tables that nothing changes after compilation.

use std::collections::HashMap;

use super::error::{ErrorKind, excerpt};
use super::identity::{IdentityConstraint, Steps};
use super::model::Model;
use super::names::{NameId, Names};
use super::simple::{SimpleId, SimpleType, SimpleTypes};

/// A complex type's place in the table; 0 is xs:anyType.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct ComplexId(pub(super) u32);

/// An element declaration's place in the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct ElementId(pub(super) u32);

/// A type of either kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum TypeId {
    Simple(SimpleId),
    Complex(ComplexId),
}

pub(super) const ANY_TYPE: ComplexId = ComplexId(0);

/// A default or fixed value.
#[derive(Debug, Clone)]
pub(super) struct ValueConstraint {
    pub(super) fixed: bool,
    /// As in the schema, white space normalised.
    pub(super) lexical: Box<str>,
}

impl ValueConstraint {
    /// What is wrong with a value other than the fixed one.
    pub(super) fn broken_by(&self, value: &str) -> ErrorKind {
        ErrorKind::FixedValue {
            value: excerpt(value),
            expected: self.lexical.to_string(),
        }
    }
}

/// Derivation methods and substitution, as bits of block and final.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Methods(pub(super) u8);

impl Methods {
    pub(super) const EXTENSION: Self = Self(1);
    pub(super) const RESTRICTION: Self = Self(2);
    pub(super) const SUBSTITUTION: Self = Self(4);
    pub(super) const LIST: Self = Self(8);
    pub(super) const UNION: Self = Self(16);

    pub(super) fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub(super) fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// An element declaration, global or local.
#[derive(Debug, Clone)]
pub(super) struct Element {
    pub(super) name: NameId,
    pub(super) ty: TypeId,
    pub(super) value: Option<ValueConstraint>,
    pub(super) nillable: bool,
    pub(super) is_abstract: bool,
    pub(super) block: Methods,
    pub(super) final_methods: Methods,
    /// Identity constraints, by place.
    pub(super) constraints: Vec<u32>,
}

/// An attribute of a complex type.
#[derive(Debug, Clone)]
pub(super) struct AttributeUse {
    pub(super) name: NameId,
    pub(super) ty: SimpleId,
    pub(super) required: bool,
    pub(super) value: Option<ValueConstraint>,
    /// Where the use is written, as document and node: types that share an
    /// attribute group share its uses.
    pub(super) origin: (u32, u32),
}

/// Which namespaces a wildcard takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NamespaceSet {
    Any,
    /// Any but this one and none.
    Not(Box<str>),
    /// These; `""` stands for no namespace.
    Of(Box<[Box<str>]>),
}

impl NamespaceSet {
    pub(super) fn accepts(&self, namespace: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Not(other) => !namespace.is_empty() && **other != *namespace,
            Self::Of(list) => list.iter().any(|n| **n == *namespace),
        }
    }
}

/// How strictly what a wildcard takes is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Process {
    Skip,
    Lax,
    Strict,
}

/// A wildcard for elements or attributes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wildcard {
    pub(super) namespaces: NamespaceSet,
    pub(super) process: Process,
}

impl Wildcard {
    /// That of xs:anyType.
    pub(super) const ANY: Self = Self {
        namespaces: NamespaceSet::Any,
        process: Process::Lax,
    };
}

/// What may stand inside an element.
#[derive(Debug, Clone)]
pub(super) enum Content {
    Empty,
    Simple(SimpleId),
    Elements { model: u32, mixed: bool },
}

/// A complex type.
#[derive(Debug, Clone)]
pub(super) struct ComplexType {
    /// Its name for messages; that of its element when it has none.
    pub(super) name: Box<str>,
    pub(super) base: Option<TypeId>,
    pub(super) derivation: Methods,
    pub(super) is_abstract: bool,
    pub(super) block: Methods,
    pub(super) final_methods: Methods,
    pub(super) content: Content,
    pub(super) attributes: Vec<AttributeUse>,
    pub(super) wildcard: Option<Wildcard>,
}

/// A compiled schema. Built by [`Schema::compile`]; immutable, so that one can
/// be shared by all threads.
#[derive(Debug)]
pub struct Schema {
    pub(super) names: Names,
    pub(super) simple: Vec<SimpleType>,
    pub(super) complex: Vec<ComplexType>,
    pub(super) elements: Vec<Element>,
    pub(super) models: Vec<Model>,
    pub(super) constraints: Vec<IdentityConstraint>,
    /// What their paths may name.
    pub(super) steps: Steps,
    /// Global declarations by name.
    pub(super) global_elements: HashMap<NameId, ElementId>,
    pub(super) global_attributes: HashMap<NameId, AttributeUse>,
    pub(super) global_types: HashMap<NameId, TypeId>,
}

impl Schema {
    pub(super) fn types(&self) -> SimpleTypes<'_> {
        SimpleTypes(&self.simple)
    }

    pub(super) fn element(&self, id: ElementId) -> &Element {
        &self.elements[id.0 as usize]
    }

    pub(super) fn complex(&self, id: ComplexId) -> &ComplexType {
        &self.complex[id.0 as usize]
    }

    pub(super) fn type_name(&self, ty: TypeId) -> &str {
        match ty {
            TypeId::Simple(id) => &self.types().get(id).name,
            TypeId::Complex(id) => &self.complex(id).name,
        }
    }

    /// Whether a global element of this name is declared.
    #[must_use]
    pub fn declares(&self, namespace: &str, local: &str) -> bool {
        self.names
            .find(namespace, local)
            .is_some_and(|name| self.global_elements.contains_key(&name))
    }

    /// Whether `derived` may stand where `base` is declared: the same type, or
    /// derived from it by no method in `blocked`.
    pub(super) fn derives(&self, derived: TypeId, base: TypeId, blocked: Methods) -> bool {
        derives(self.types(), &self.complex, derived, base, blocked)
    }
}

/// See [`Schema::derives`]; for tables still being built.
pub(super) fn derives(
    types: SimpleTypes<'_>,
    complex: &[ComplexType],
    derived: TypeId,
    base: TypeId,
    blocked: Methods,
) -> bool {
    let any = TypeId::Complex(ANY_TYPE);
    let mut at = derived;
    loop {
        if at == base {
            return true;
        }
        match (at, base) {
            // Simple types are restrictions, of anyType in the end.
            (TypeId::Simple(_), TypeId::Complex(_)) => {
                return base == any && !blocked.has(Methods::RESTRICTION);
            }
            (TypeId::Simple(a), TypeId::Simple(b)) => {
                return !blocked.has(Methods::RESTRICTION) && types.derives(a, b);
            }
            (TypeId::Complex(id), _) => {
                let this = &complex[id.0 as usize];
                match this.base {
                    Some(next) if !blocked.has(this.derivation) => at = next,
                    _ => return false,
                }
            }
        }
    }
}
