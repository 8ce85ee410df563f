//! Validation of a document as its events come by.
//!
//! The validator keeps one frame per open element and nothing of what has
//! ended, except the IDs seen. After an error it gets back on track as well as
//! it can: an element out of place moves the content model forward to where it
//! belongs, one that is unknown is skipped with all below it.

mod attributes;
mod content;
mod elements;
mod identity;
mod ids;
mod keys;
mod path;
mod repair;
mod targets;
mod values;

#[cfg(test)]
mod tests;

use self::path::At;
use super::error::{ErrorKind, Report, ValidationError};
use super::model::NONE;
use super::names::NameId;
use super::simple::SimpleId;
use super::sink::{ElementEnd, ElementStart, Sink};
use super::tables::{ANY_TYPE, ElementId, Schema, TypeId};
use crate::xml::{EndTag, Event, Limits, Reader, StartTag, Text, XmlError};

/// The namespace of `xsi:type`, `xsi:nil` and `xsi:schemaLocation`.
pub(super) const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// Errors kept unless the caller says otherwise.
const MAX_ERRORS: usize = 1000;

/// What may stand in an open element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Inside {
    Empty,
    /// Empty because of `xsi:nil`.
    Nil,
    /// Whatever it is, for what is wrong with the element was said.
    Excused,
    Simple(SimpleId),
    Elements {
        model: u32,
        mixed: bool,
    },
}

/// An open element.
#[derive(Debug)]
struct Frame {
    /// Offset of its start tag.
    offset: usize,
    /// Its declaration; none when a wildcard took it without one.
    element: Option<ElementId>,
    /// Its name when the schema knows it.
    name: Option<NameId>,
    /// Its local name when the schema does not.
    other: Option<Box<str>>,
    ty: TypeId,
    inside: Inside,
    /// Where its state begins in the list of states.
    state_from: usize,
    /// Where its counts of children by name begin.
    counts_from: usize,
    /// Counts of children that the model does not name.
    others: path::Others,
    /// Its place among the siblings of its local name.
    ordinal: u32,
    /// The model and leaf that took it.
    place: Option<(u32, u32)>,
    /// Offset of the last child that followed the model.
    last_child: usize,
    /// An unknown element stood where exactly this leaf was expected.
    forgiven: u32,
    /// Its children no longer follow the model.
    trouble: Option<Box<repair::Trouble>>,
    /// Child elements were met, allowed or not.
    has_children: bool,
    /// Characters that are not white space were met in mixed content.
    has_text: bool,
}

impl Frame {
    const NEW: Self = Self {
        offset: 0,
        element: None,
        name: None,
        other: None,
        ty: TypeId::Complex(ANY_TYPE),
        inside: Inside::Empty,
        state_from: 0,
        counts_from: 0,
        others: None,
        ordinal: 0,
        place: None,
        last_child: 0,
        forgiven: NONE,
        trouble: None,
        has_children: false,
        has_text: false,
    };
}

/// Judges a document against a schema, event by event.
#[derive(Debug)]
pub struct Validator<'s> {
    schema: &'s Schema,
    stack: Vec<Frame>,
    /// Depth inside an element that is not judged.
    skipped: usize,
    /// States of all open content models, one after the other.
    states: Vec<u32>,
    /// Room for the next state of the innermost one.
    next: Vec<u32>,
    counts: Vec<u32>,
    text: String,
    text_offset: Option<usize>,
    /// Which attributes of its type the element has.
    seen: Vec<bool>,
    /// A wildcard has let an ID in on this element.
    wild_id: bool,
    ids: ids::Ids,
    identity: identity::Identity,
    /// Wrong namespaces that were told, each with the right one.
    namespaces_told: Vec<(Box<str>, &'s str)>,
    report: Report,
    max_errors: usize,
}

impl<'s> Validator<'s> {
    /// A validator that keeps up to 1000 errors and counts the rest.
    #[must_use]
    pub fn new(schema: &'s Schema) -> Self {
        Self::with_max_errors(schema, MAX_ERRORS)
    }

    /// A validator that keeps up to `max_errors` errors.
    #[must_use]
    pub fn with_max_errors(schema: &'s Schema, max_errors: usize) -> Self {
        Self {
            schema,
            stack: Vec::with_capacity(16),
            skipped: 0,
            states: Vec::new(),
            next: Vec::new(),
            counts: Vec::new(),
            text: String::new(),
            text_offset: None,
            seen: Vec::new(),
            wild_id: false,
            ids: ids::Ids::default(),
            identity: identity::Identity::default(),
            namespaces_told: Vec::new(),
            report: Report::default(),
            max_errors,
        }
    }

    /// Number of open elements; 0 again after the end of the first.
    #[must_use]
    pub fn depth(&self) -> usize {
        self.stack.len() + self.skipped
    }

    /// An element begins. The first one must be declared globally.
    pub fn start<S: Sink + ?Sized>(&mut self, tag: &StartTag<'_, '_>, sink: &mut S) {
        let known = self.skipped == 0 && self.admit(tag);
        // A wildcard may have taken an element without declaration.
        let judged = known || self.skipped == 0 && self.opened(tag);
        sink.start(&ElementStart {
            local: tag.name.local,
            namespace: tag.name.namespace,
            offset: tag.offset,
            known,
        });
        if judged {
            self.attributes(tag, sink);
            self.identity_start(tag);
        } else {
            self.skipped += 1;
        }
    }

    /// Character data.
    pub fn text(&mut self, text: &Text<'_>) {
        if self.skipped == 0 {
            self.take_text(text);
        }
    }

    /// The innermost element ends.
    pub fn end<S: Sink + ?Sized>(&mut self, tag: &EndTag<'_, '_>, sink: &mut S) {
        if self.skipped > 0 {
            self.skipped -= 1;
        } else {
            self.close(tag, sink);
        }
        sink.end(&ElementEnd {
            local: tag.name.local,
            namespace: tag.name.namespace,
            offset: tag.offset,
        });
        if self.depth() == 0 {
            self.close_ids();
        }
    }

    /// The errors, in document order.
    #[must_use]
    pub fn finish(mut self) -> Report {
        // References are judged at the end of what they may refer to.
        if !self.report.errors.is_sorted_by_key(|e| e.offset) {
            self.report.errors.sort_by_key(|e| e.offset);
        }
        self.report
    }

    /// Whether another error would be kept.
    fn keeps(&self) -> bool {
        self.report.errors.len() < self.max_errors
    }

    /// Adds an error; its kind and path are made only when it is kept.
    fn error(&mut self, offset: usize, at: At<'_>, kind: impl FnOnce(&Self) -> ErrorKind) {
        if self.keeps() {
            let error = ValidationError::new(kind(self), offset, self.path(at));
            self.report.errors.push(error);
        } else {
            self.report.more += 1;
        }
    }
}

/// Validates a whole document.
///
/// # Errors
/// The text is not well-formed or exceeds a limit; what was found by then is lost.
pub fn validate(schema: &Schema, text: &str, limits: Limits) -> Result<Report, XmlError> {
    let mut reader = Reader::new(text, limits);
    let mut validator = Validator::new(schema);
    loop {
        // By reference: to take the event out would copy it.
        match &reader.next() {
            Ok(Event::Start(tag)) => validator.start(tag, &mut ()),
            Ok(Event::Text(text)) => validator.text(text),
            Ok(Event::End(tag)) => validator.end(tag, &mut ()),
            Ok(Event::Eof) => return Ok(validator.finish()),
            Err(error) => return Err(error.clone()),
        }
    }
}
