//! From schema documents to tables.
//!
//! The phases follow each other without looking back: load the documents,
//! check their shape, gather the global names, then build simple types,
//! declarations, complex types and content models. Types are built in the
//! order of their derivation, found by a walk with a list of its own, so that
//! no schema can exhaust the call stack.

mod attributes;
mod complex;
mod declarations;
mod derivation;
mod determinism;
mod facets;
mod finish;
mod grammar;
mod identity;
mod load;
mod models;
mod particles;
mod plain;
mod redefine;
mod restriction;
mod simple;

#[cfg(test)]
mod tests;

use std::cell::Cell;
use std::collections::HashMap;

use super::builtin::{self, XS, builtin_types};
use super::document::SchemaDocument;
use super::error::SchemaError;
use super::identity::IdentityConstraint;
use super::names::Names;
use super::resolver::Resolver;
use super::simple::{SimpleId, SimpleType};
use super::tables::{ComplexId, ComplexType, Element, ElementId, Schema, TypeId};

/// An element of a document: document and node.
pub(super) type NodeRef = (u32, u32);

/// The symbol spaces of global components.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Space {
    Type,
    Element,
    Attribute,
    Group,
    AttributeGroup,
    Notation,
}

impl Space {
    fn of(tag: &str) -> Option<Self> {
        Some(match tag {
            "simpleType" | "complexType" => Self::Type,
            "element" => Self::Element,
            "attribute" => Self::Attribute,
            "group" => Self::Group,
            "attributeGroup" => Self::AttributeGroup,
            "notation" => Self::Notation,
            _ => return None,
        })
    }
}

/// The work in progress.
#[derive(Default)]
struct Compiler {
    documents: Vec<SchemaDocument>,
    /// Where includes, redefines and imports lead to.
    links: HashMap<NodeRef, u32>,
    /// Groups redefined without reference to themselves, and the originals.
    redefinitions: Vec<(NodeRef, NodeRef)>,
    errors: Vec<SchemaError>,
    names: Names,
    globals: HashMap<(Space, String, String), NodeRef>,
    simple: Vec<SimpleType>,
    simple_ids: HashMap<NodeRef, SimpleId>,
    complex: Vec<ComplexType>,
    complex_ids: HashMap<NodeRef, ComplexId>,
    /// What the content model of each complex type is made of.
    complex_particles: Vec<Option<particles::ParticleId>>,
    particles: Vec<particles::Particle>,
    group_particles: HashMap<NodeRef, particles::ParticleId>,
    elements: Vec<Element>,
    element_ids: HashMap<NodeRef, ElementId>,
    constraints: Vec<IdentityConstraint>,
    /// Members of substitution groups and their heads.
    heads: Vec<(NodeRef, ElementId, ElementId)>,
    /// All members of the group of a head that may stand for it.
    substitutes: HashMap<ElementId, Vec<ElementId>>,
    /// Particles compared for the restriction that is being checked.
    comparisons: Cell<usize>,
}

impl Schema {
    /// Compiles the schema documents at `locations` and all they include and
    /// import.
    ///
    /// # Errors
    /// Everything found wrong in the first phase that finds something, each
    /// with document, line and column. A construct that this engine does not
    /// handle is an error too.
    pub fn compile(resolver: &dyn Resolver, locations: &[&str]) -> Result<Self, Vec<SchemaError>> {
        let loaded = load::load(resolver, locations)?;
        let mut compiler = Compiler {
            documents: loaded.documents,
            links: loaded.links,
            simple: builtin_types(),
            ..Compiler::default()
        };
        for phase in PHASES {
            phase(&mut compiler);
            if !compiler.errors.is_empty() {
                return Err(compiler.errors);
            }
        }
        compiler.finish()
    }
}

const PHASES: [fn(&mut Compiler); 11] = [
    Compiler::check_grammar,
    Compiler::gather_globals,
    Compiler::apply_redefinitions,
    Compiler::build_simple_types,
    Compiler::number_components,
    Compiler::build_elements,
    Compiler::build_substitution_groups,
    Compiler::build_identity_constraints,
    Compiler::check_attribute_groups,
    Compiler::build_particles,
    Compiler::build_complex_types,
];

impl Compiler {
    /// The wanted among the elements of all documents.
    fn nodes(&self, wanted: impl Fn(NodeRef) -> bool) -> Vec<NodeRef> {
        let documents = (0..).zip(&self.documents);
        let all = documents
            .flat_map(|(d, document)| (0..document.nodes.len() as u32).map(move |n| (d, n)));
        all.filter(|&at| wanted(at)).collect()
    }

    fn document(&self, at: NodeRef) -> &SchemaDocument {
        &self.documents[at.0 as usize]
    }

    fn tag(&self, at: NodeRef) -> &str {
        self.document(at).tag(at.1)
    }

    fn attr(&self, at: NodeRef, name: &str) -> Option<&str> {
        self.document(at).attr(at.1, name)
    }

    /// The children of an element, annotations left out.
    fn children(&self, at: NodeRef) -> Vec<NodeRef> {
        let children = self.document(at).children(at.1).iter();
        let children = children.map(|&n| (at.0, n));
        children.filter(|&c| self.tag(c) != "annotation").collect()
    }

    fn child(&self, at: NodeRef, tag: &str) -> Option<NodeRef> {
        self.document(at).child(at.1, tag).map(|n| (at.0, n))
    }

    fn parent(&self, at: NodeRef) -> Option<NodeRef> {
        let parent = self.document(at).nodes[at.1 as usize].parent;
        (parent != u32::MAX).then_some((at.0, parent))
    }

    fn is_global(&self, at: NodeRef) -> bool {
        self.parent(at)
            .is_some_and(|p| matches!(self.tag(p), "schema" | "redefine"))
    }

    fn error(&mut self, at: NodeRef, constraint: &'static str, message: impl Into<String>) {
        let document = self.document(at);
        let offset = document.nodes[at.1 as usize].offset;
        let error = document.error(offset, constraint, message.into());
        self.errors.push(error);
    }

    /// Adds an error after which there is nothing to go on with.
    fn refuse<T>(
        &mut self,
        at: NodeRef,
        constraint: &'static str,
        message: impl Into<String>,
    ) -> Option<T> {
        self.error(at, constraint, message);
        None
    }

    /// An attribute of type boolean; the grammar lets no other value pass.
    fn flag(&self, at: NodeRef, name: &str) -> bool {
        matches!(self.attr(at, name).map(str::trim), Some("true" | "1"))
    }

    /// The name that `at` gives itself.
    fn name(&self, at: NodeRef) -> String {
        self.attr(at, "name").unwrap_or_default().trim().to_owned()
    }

    /// The same; an error when it is none.
    fn checked_name(&mut self, at: NodeRef) -> String {
        let name = self.name(at);
        if !crate::xml::is_ncname(&name) {
            self.error(at, "s4s", format!("'{name}' is not a name without colon"));
        }
        name
    }

    /// Namespace and local name of the reference in attribute `name`.
    fn reference(&mut self, at: NodeRef, name: &str) -> Option<(String, String)> {
        let lexical = self.attr(at, name)?;
        match self.resolve(at, lexical) {
            Some(name) if !self.sees(at, &name.0) => {
                let message = format!("the namespace '{}' of '{lexical}' is not imported", name.0);
                self.refuse(at, "src-resolve.4", message)
            }
            Some(name) => Some(name),
            None => {
                let message = format!("'{lexical}' is not a qualified name with a declared prefix");
                self.refuse(at, "src-resolve", message)
            }
        }
    }

    /// Whether references in this document may go to `namespace`.
    fn sees(&self, at: NodeRef, namespace: &str) -> bool {
        let document = self.document(at);
        namespace == document.target
            || namespace == XS
            || document.children(0).iter().any(|&child| {
                document.tag(child) == "import"
                    && document.attr(child, "namespace").unwrap_or_default() == namespace
            })
    }

    /// The expanded name written in `at`. What redefines itself refers to
    /// what it redefines, which has been put away under another name.
    fn resolve(&self, at: NodeRef, lexical: &str) -> Option<(String, String)> {
        let (namespace, local) = self.document(at).qname(at.1, lexical)?;
        let redefining = match self.tag(at) {
            "restriction" | "extension" => self.component(at, 2),
            "group" | "attributeGroup" => self.component(at, usize::MAX),
            _ => None,
        };
        let is_meant = |&component: &NodeRef| {
            self.attr(component, "name").map(str::trim) == Some(local)
                && Space::of(self.tag(component)) == Space::of(self.tag(at)).or(Some(Space::Type))
                && self.document(at).target == namespace
        };
        let local = match redefining.filter(is_meant) {
            Some(component) => redefine::original_name(local, component),
            None => local.to_owned(),
        };
        Some((namespace.to_owned(), local))
    }

    /// The child of a redefine that `at` is in, at most `levels` above.
    fn component(&self, at: NodeRef, levels: usize) -> Option<NodeRef> {
        let mut node = at;
        for _ in 0..=levels {
            let parent = self.parent(node)?;
            if self.tag(parent) == "redefine" {
                return Some(node);
            }
            node = parent;
        }
        None
    }

    fn lookup(&self, space: Space, name: &(String, String)) -> Option<NodeRef> {
        self.globals
            .get(&(space, name.0.clone(), name.1.clone()))
            .copied()
    }

    fn missing<T>(&mut self, at: NodeRef, what: &str, name: &(String, String)) -> Option<T> {
        let message = format!("there is no {what} '{}' in namespace '{}'", name.1, name.0);
        self.refuse(at, "src-resolve", message)
    }

    /// The global component that the attribute `name` refers to; `what` it is to be.
    fn referred(&mut self, at: NodeRef, name: &str, space: Space, what: &str) -> Option<NodeRef> {
        let reference = self.reference(at, name)?;
        let found = self.lookup(space, &reference);
        found.or_else(|| self.missing(at, what, &reference))
    }

    /// The type that the attribute `name` refers to.
    fn type_reference(&mut self, at: NodeRef, name: &str) -> Option<TypeId> {
        let reference = self.reference(at, name)?;
        let found = self.find_type(&reference);
        found.or_else(|| self.missing(at, "type", &reference))
    }

    fn find_type(&self, name: &(String, String)) -> Option<TypeId> {
        if name.0 == XS {
            if name.1 == "anyType" {
                return Some(TypeId::Complex(super::tables::ANY_TYPE));
            }
            return builtin::find(&self.simple, &name.1).map(TypeId::Simple);
        }
        self.built_type(self.lookup(Space::Type, name)?)
    }

    /// The type that stands at `at`, once it has a number.
    fn built_type(&self, at: NodeRef) -> Option<TypeId> {
        let simple = self.simple_ids.get(&at).map(|&id| TypeId::Simple(id));
        simple.or_else(|| self.complex_ids.get(&at).map(|&id| TypeId::Complex(id)))
    }

    fn check_grammar(&mut self) {
        let mut grammar = grammar::Grammar::default();
        for document in &self.documents {
            grammar.check(document, &mut self.errors);
        }
        for at in self.nodes(|at| self.tag(at) == "import") {
            let imported = self.attr(at, "namespace");
            if imported != self.attr((at.0, 0), "targetNamespace") {
                continue;
            }
            let (rule, message) = match imported {
                None => (
                    "src-import.1.2",
                    "an import without namespace needs a target namespace",
                ),
                Some(_) => ("src-import.1.1", "a schema can't import its own namespace"),
            };
            self.error(at, rule, message);
        }
    }

    fn gather_globals(&mut self) {
        for d in 0..self.documents.len() as u32 {
            for at in self.children((d, 0)) {
                let Some(space) = Space::of(self.tag(at)) else {
                    continue;
                };
                let before = self.errors.len();
                let name = self.checked_name(at);
                if self.errors.len() > before {
                    continue;
                }
                let key = (space, self.document(at).target.clone(), name);
                if self.globals.contains_key(&key) {
                    let message = format!("'{}' is declared twice", key.2);
                    self.error(at, "sch-props-correct.2", message);
                }
                self.globals.insert(key, at);
            }
        }
    }
}
