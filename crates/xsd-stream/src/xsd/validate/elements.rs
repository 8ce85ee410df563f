//! Which declaration and type an element has, and the frame it gets.

use super::content::Match;
use super::path::At;
use super::{Frame, Inside, Validator, XSI};
use crate::xml::{StartTag, trim};
use crate::xsd::error::{Choices, ErrorKind, excerpt};
use crate::xsd::model::Entry;
use crate::xsd::names::NameId;
use crate::xsd::tables::{ANY_TYPE, Content, ElementId, Methods, Process, TypeId};

impl Validator<'_> {
    /// Finds the declaration of the element and opens a frame for it. False
    /// when there is no declaration; a wildcard may have opened one all the
    /// same, which `opened` tells.
    pub(super) fn admit(&mut self, tag: &StartTag<'_, '_>) -> bool {
        self.text.clear();
        self.text_offset = None;
        if let Some(entry) = self.foreseen(tag) {
            return self.admit_declared(tag, entry);
        }
        let name = self.schema.names.find(tag.name.namespace, tag.name.local);
        if self.stack.is_empty() {
            return self.admit_root(tag, name);
        }
        match self.child(tag, name) {
            Match::Declared(entry) => self.admit_declared(tag, entry),
            Match::Wild(process) => self.admit_wild(tag, name, process),
            Match::Nowhere => false,
        }
    }

    /// Opens the frame of a child that the content model names.
    #[inline]
    fn admit_declared(&mut self, tag: &StartTag<'_, '_>, entry: Entry) -> bool {
        let Some(parent) = self.stack.last_mut() else {
            return false;
        };
        parent.last_child = tag.offset;
        let count = &mut self.counts[parent.counts_from + entry.local as usize];
        *count += 1;
        let ordinal = *count;
        let place = match parent.inside {
            Inside::Elements { model, .. } => Some((model, entry.leaf)),
            _ => None,
        };
        self.open(tag, Some(entry.element), Some(entry.name), ordinal, place)
    }

    /// Whether `admit` opened a frame for this tag.
    pub(super) fn opened(&self, tag: &StartTag<'_, '_>) -> bool {
        self.stack
            .last()
            .is_some_and(|f| f.element.is_none() && f.offset == tag.offset)
    }

    fn admit_root(&mut self, tag: &StartTag<'_, '_>, name: Option<NameId>) -> bool {
        let declared = name.and_then(|n| self.schema.global_elements.get(&n).copied());
        if let Some(element) = declared {
            return self.open(tag, Some(element), name, 1, None);
        }
        if tag.attribute(XSI, "type").is_some() {
            self.open(tag, None, name, 1, None);
            return false;
        }
        let local = tag.name.local;
        // No element is open, so that the root is as a child.
        self.error(tag.offset, At::Child(local, 1, false), |v| {
            let names = &v.schema.names;
            let globals = v.schema.global_elements.keys();
            // Where only the namespace is wrong, the namespaces are shown.
            let twin = globals.clone().any(|&n| names.local(n) == local);
            let show = |namespace: &str, local: &str| match twin {
                true => format!("{{{namespace}}}{local}"),
                false => local.to_owned(),
            };
            let mut known: Vec<String> = globals
                .filter(|&&n| !twin || names.local(n) == local)
                .map(|&n| show(names.namespace(n), names.local(n)))
                .collect();
            known.sort_unstable();
            known.truncate(30);
            ErrorKind::UnknownRoot {
                found: excerpt(&show(tag.name.namespace, local)),
                expected: Choices(known),
            }
        });
        false
    }

    fn admit_wild(
        &mut self,
        tag: &StartTag<'_, '_>,
        name: Option<NameId>,
        process: Process,
    ) -> bool {
        if process == Process::Skip {
            return false;
        }
        let ordinal = self
            .stack
            .last_mut()
            .map_or(1, |f| f.count_other(tag.name.local));
        let declared = name.and_then(|n| self.schema.global_elements.get(&n).copied());
        if declared.is_some() {
            return self.open(tag, declared, name, ordinal, None);
        }
        if process == Process::Strict && tag.attribute(XSI, "type").is_none() {
            let at = At::Child(tag.name.local, ordinal, false);
            let found = excerpt(tag.name.local);
            self.error(tag.offset, at, |_| ErrorKind::UndeclaredElement { found });
            return false;
        }
        self.open(tag, None, name, ordinal, None);
        false
    }

    /// Opens the frame; true when the element has a declaration.
    fn open(
        &mut self,
        tag: &StartTag<'_, '_>,
        element: Option<ElementId>,
        name: Option<NameId>,
        ordinal: u32,
        place: Option<(u32, u32)>,
    ) -> bool {
        let schema = self.schema;
        let declared = element.map(|id| schema.element(id));
        let ty = declared.map_or(TypeId::Complex(ANY_TYPE), |e| e.ty);
        // Filled in where it lies, which spares a copy of what was just written.
        self.stack.push(Frame::NEW);
        if let Some(frame) = self.stack.last_mut() {
            frame.offset = tag.offset;
            frame.element = element;
            frame.name = name;
            if name.is_none() {
                frame.other = Some(tag.name.local.into());
            }
            frame.ty = ty;
            frame.state_from = self.states.len();
            frame.counts_from = self.counts.len();
            frame.ordinal = ordinal;
            frame.place = place;
        }
        if declared.is_some_and(|e| e.is_abstract) {
            let found = tag.name.local.to_owned();
            let kind = ErrorKind::AbstractElement { found };
            self.error(tag.offset, At::Here, |_| kind);
        }
        let ty = self.actual_type(tag, ty, declared.map_or(Methods::default(), |e| e.block));
        if let TypeId::Complex(id) = ty
            && schema.complex(id).is_abstract
        {
            let type_name = schema.type_name(ty).to_owned();
            let kind = ErrorKind::AbstractType { type_name };
            self.error(tag.offset, At::Here, |_| kind);
        }
        let nil = self.nil(tag, element);
        let inside = match ty {
            _ if let Some(inside) = nil => inside,
            TypeId::Simple(id) => Inside::Simple(id),
            TypeId::Complex(id) => match schema.complex(id).content {
                Content::Empty => Inside::Empty,
                Content::Simple(id) => Inside::Simple(id),
                Content::Elements { model, mixed } => {
                    let model_ref = &schema.models[model as usize];
                    model_ref.start(&mut self.states);
                    self.counts
                        .resize(self.counts.len() + model_ref.locals as usize, 0);
                    Inside::Elements { model, mixed }
                }
            },
        };
        if let Some(frame) = self.stack.last_mut() {
            (frame.ty, frame.inside) = (ty, inside);
        }
        element.is_some()
    }

    /// The declared type, or that which `xsi:type` names if it may.
    fn actual_type(&mut self, tag: &StartTag<'_, '_>, declared: TypeId, block: Methods) -> TypeId {
        let Some(attribute) = tag.attribute(XSI, "type") else {
            return declared;
        };
        let (schema, at) = (self.schema, At::Attribute("type"));
        let lexical = trim(attribute.value);
        let named = tag.namespaces().resolve_qname(lexical);
        let named = named.and_then(|(namespace, local)| schema.names.find(namespace, local));
        let Some(&named) = named.and_then(|name| schema.global_types.get(&name)) else {
            let value = excerpt(lexical);
            self.error(attribute.offset, at, |_| ErrorKind::UnknownType { value });
            return declared;
        };
        let own = match declared {
            TypeId::Complex(id) => schema.complex(id).block,
            TypeId::Simple(_) => Methods::default(),
        };
        if schema.derives(named, declared, block.with(own)) {
            return named;
        }
        let (value, expected) = (excerpt(lexical), schema.type_name(declared).to_owned());
        let kind = ErrorKind::WrongType { value, expected };
        self.error(attribute.offset, at, |_| kind);
        declared
    }

    /// What `xsi:nil` makes of the content. Where it may not be, nothing is said of what is or is not inside.
    fn nil(&mut self, tag: &StartTag<'_, '_>, element: Option<ElementId>) -> Option<Inside> {
        let (attribute, at) = (tag.attribute(XSI, "nil")?, At::Attribute("nil"));
        let nil = match trim(attribute.value) {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => None,
        };
        // Only a declaration says whether an element may be nil.
        let declared = element.map(|id| self.schema.element(id));
        if declared.is_some_and(|e| !e.nillable) {
            self.error(attribute.offset, at, |_| ErrorKind::NotNillable);
            return (nil != Some(false)).then_some(Inside::Excused);
        }
        let Some(nil) = nil else {
            let value = excerpt(attribute.value);
            let type_name = "xs:boolean".to_owned();
            let kind = ErrorKind::InvalidLexical { type_name, value };
            self.error(attribute.offset, at, |_| kind);
            return None;
        };
        let declared = declared?;
        if nil && declared.value.as_ref().is_some_and(|v| v.fixed) {
            self.error(attribute.offset, At::Here, |_| ErrorKind::NilFixed);
        }
        nil.then_some(Inside::Nil)
    }
}
