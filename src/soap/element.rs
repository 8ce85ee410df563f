//! Reads an operation's element: each event goes to the validator, which passes typed values to the builder of the operation's
//! message. What is built is the operation's own affair.

use std::ops::Range;

use crate::contract::Operation;
use crate::message::{Build, Built};
use crate::problem::{self, Problem};
use crate::xml::{Event, Reader, StartTag, XmlError};
use crate::xsd::{Report, Schema, Validator};

use super::Names;

/// A refusal while reading: never empty.
pub type Refusal = Vec<Problem>;

/// An operation as it is read: its definition, and what its element becomes.
pub trait Reads {
    /// The message.
    type Message;

    /// The definition.
    fn operation(&'static self) -> &'static Operation;

    /// Which names the log may show of its messages.
    fn names(&'static self) -> Names;

    /// Reads its element to the end.
    ///
    /// # Errors
    /// What is not well-formed.
    fn read(&'static self, element: Element<'_, '_, '_>)
    -> Result<Content<Self::Message>, Refusal>;
}

/// An operation whose message is built by a builder of its own. It reads itself with its message.
pub trait Shaped: 'static {
    /// Builds the message.
    type Builder: Build;

    /// The definition.
    fn operation(&'static self) -> &'static Operation;

    /// A builder for one message.
    fn builder(&self) -> Self::Builder;
}

/// The message of an operation.
pub type MessageOf<T> = <<T as Shaped>::Builder as Build>::Message;

impl<T: Shaped> Reads for T {
    type Message = (&'static T, MessageOf<T>);

    fn operation(&'static self) -> &'static Operation {
        Shaped::operation(self)
    }

    fn names(&'static self) -> Names {
        Names::of::<T::Builder>(Shaped::operation(self))
    }

    fn read(
        &'static self,
        element: Element<'_, '_, '_>,
    ) -> Result<Content<Self::Message>, Refusal> {
        let content = element.read(Shaped::operation(self), self.builder())?;
        Ok(content.map(|message| (self, message)))
    }
}

/// What is wrong with a message's shape.
#[derive(Debug, Default)]
pub struct Shape {
    /// In the order in which it was found.
    pub problems: Vec<Problem>,
    /// How many more errors there were than are kept.
    pub more: usize,
}

impl Shape {
    /// What the schema says, then what stands beside it.
    pub fn of(report: &Report, beside: Vec<Problem>) -> Self {
        let mut problems: Vec<_> = report.errors.iter().map(problem::from_schema).collect();
        problems.extend(beside);
        Self {
            problems,
            more: report.more,
        }
    }

    /// Whether nothing is wrong.
    pub fn is_valid(&self) -> bool {
        self.problems.is_empty() && self.more == 0
    }
}

/// An operation's element, read and judged.
#[derive(Debug)]
pub struct Content<M> {
    /// What is wrong with its shape.
    pub shape: Shape,
    /// The valid parts.
    pub message: M,
    /// How many records they are.
    pub records: usize,
    /// Which names the log may show.
    pub(super) names: Names,
    /// Where the element stands in the text.
    pub(super) source: Range<usize>,
}

impl<M> Content<M> {
    /// The same with another message made of its own.
    pub fn map<N>(self, of: impl FnOnce(M) -> N) -> Content<N> {
        Content {
            shape: self.shape,
            message: of(self.message),
            records: self.records,
            names: self.names,
            source: self.source,
        }
    }
}

/// An operation's element whose start tag the validator has seen.
pub(super) struct Begun<'s> {
    validator: Validator<'s>,
    start: usize,
}

impl<'s> Begun<'s> {
    /// Begins with the start tag.
    pub(super) fn new(schema: &'s Schema, tag: &StartTag<'_, '_>) -> Self {
        let mut validator = Validator::new(schema);
        validator.start(tag, &mut ());
        Self {
            validator,
            start: tag.offset,
        }
    }

    /// The element, to be read on.
    pub(super) fn of<'e, 'r>(self, reader: &'e mut Reader<'r>) -> Element<'e, 'r, 's> {
        Element {
            begun: self,
            reader,
        }
    }
}

/// An operation's element, its start tag read.
pub struct Element<'e, 'r, 's> {
    begun: Begun<'s>,
    reader: &'e mut Reader<'r>,
}

impl Element<'_, '_, '_> {
    /// Reads the element to its end. What is not well-formed comes first, then what was found before it.
    ///
    /// # Errors
    /// What is not well-formed.
    pub fn read<B: Build>(
        self,
        operation: &Operation,
        mut builder: B,
    ) -> Result<Content<B::Message>, Refusal> {
        let Self {
            begun: Begun {
                mut validator,
                start,
            },
            reader,
        } = self;
        let end = loop {
            // By reference: to take the event out would copy it.
            match &reader.next() {
                Ok(Event::Start(tag)) => validator.start(tag, &mut builder),
                Ok(Event::Text(text)) => validator.text(text),
                Ok(Event::End(tag)) => {
                    validator.end(tag, &mut builder);
                    if validator.depth() == 0 {
                        break tag.end;
                    }
                }
                Ok(Event::Eof) => break start,
                Err(error) => {
                    // What was found behind an element that is not closed stands elsewhere than it seems.
                    let found = validator.finish().errors;
                    let sound = found.iter().filter(|e| e.offset < error.sound_until());
                    let mut problems = malformed(error.clone());
                    problems.extend(sound.map(problem::from_schema));
                    return Err(problems);
                }
            }
        };
        let Built {
            message,
            problems,
            records,
        } = builder.finish(operation.name);
        Ok(Content {
            shape: Shape::of(&validator.finish(), problems),
            message,
            records,
            names: Names::of::<B>(operation),
            source: start..end,
        })
    }
}

pub(super) fn malformed(error: XmlError) -> Refusal {
    vec![problem::from_xml(&error)]
}
