//! Builds a [`Message`] from the validator's events. One shape serves every operation: parameters directly under the
//! operation's element, and records with their fields, those of the address flattened in.

use crate::register::Niveau;
use crate::xsd;

use super::{Field, Sent};

/// The most records that are kept: more are refused by the schema, and nothing is gained by judging them.
const MOST_RECORDS: usize = 500;
/// The most parameters that are kept, for the same reason.
const MOST_PARAMETERS: usize = 160;

/// A valid value, white space normalised as its type says, with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value {
    /// The text.
    pub text: String,
    /// Byte offset in the decoded text.
    pub offset: usize,
}

/// A call's content: parameters and records.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Message {
    /// Parameters directly under the operation's element, `proeve` among them.
    pub parameters: Vec<(Field, Value)>,
    /// Records in order.
    pub records: Vec<Sent>,
    /// Parameters that were sent empty: the default that the schema gave them, and the place of the start tag. They are no
    /// parameters: see [`crate::soap::Shape`].
    pub empty: Vec<(Field, Value)>,
}

impl Message {
    /// The text of a parameter.
    pub fn parameter(&self, field: Field) -> Option<&str> {
        self.parameters
            .iter()
            .find(|(name, _)| *name == field)
            .map(|(_, value)| value.text.as_str())
    }

    /// A boolean parameter; false when absent.
    pub fn flag(&self, field: Field) -> bool {
        matches!(self.parameter(field), Some("true" | "1"))
    }
}

/// Receives the validator's events of one operation's element.
#[derive(Debug)]
pub struct Builder {
    /// The operation and the level of its records, for a write.
    records: Option<(&'static str, Niveau)>,
    depth: usize,
    in_record: bool,
    /// No more records are kept.
    full: bool,
    current: Option<Field>,
    /// Byte offset of the start tag read last.
    start: usize,
    message: Message,
}

impl Builder {
    /// A builder for an operation of this name with records of this level, if it has any.
    pub fn new(records: Option<(&'static str, Niveau)>) -> Self {
        Self {
            records,
            depth: 0,
            in_record: false,
            full: false,
            current: None,
            start: 0,
            message: Message::default(),
        }
    }

    /// What was built.
    pub fn finish(self) -> Message {
        self.message
    }

    fn open_record(&mut self, operation: &'static str, level: Niveau, offset: usize) {
        self.current = None;
        self.in_record = true;
        self.full = self.message.records.len() >= MOST_RECORDS;
        if self.full {
            return;
        }
        let nr = u32::try_from(self.message.records.len() + 1).unwrap_or(u32::MAX);
        let record = Sent::new(operation, level, nr, offset);
        self.message.records.push(record);
    }
}

impl xsd::Sink for Builder {
    fn start(&mut self, element: &xsd::ElementStart<'_>) {
        self.depth += 1;
        self.start = element.offset;
        if self.depth == 2 {
            match self.records {
                Some((operation, level)) if element.local == level.element() => {
                    return self.open_record(operation, level, element.offset);
                }
                _ => self.in_record = false,
            }
        }
        self.current = if element.known {
            Field::from_name(element.local)
        } else {
            None
        };
    }

    fn attribute(&mut self, attribute: &xsd::AttributeValue<'_>) {
        let expected = self.depth == 2
            && self.in_record
            && !self.full
            && attribute.local == "forventetVersion";
        if let (true, true, Some(record)) =
            (expected, attribute.valid, self.message.records.last_mut())
        {
            let value = Value {
                text: attribute.value.to_owned(),
                offset: attribute.offset,
            };
            record.expected_version = Some(value);
        }
    }

    fn value(&mut self, value: &xsd::SimpleValue<'_>) {
        let Some(field) = self.current.take().filter(|_| value.valid) else {
            return;
        };
        if value.defaulted {
            // Only parameters have one: a test of the contract holds that.
            if self.message.empty.len() < MOST_PARAMETERS {
                let default = Value {
                    text: value.value.to_owned(),
                    offset: self.start,
                };
                self.message.empty.push((field, default));
            }
            return;
        }
        let value = Value {
            text: value.value.to_owned(),
            offset: value.offset,
        };
        match (self.in_record, self.message.records.last_mut()) {
            (true, Some(record)) if !self.full => record.push(field, value),
            (true, _) => {}
            _ if self.depth == 2 && self.message.parameters.len() < MOST_PARAMETERS => {
                self.message.parameters.push((field, value));
            }
            _ => {}
        }
    }

    fn end(&mut self, _: &xsd::ElementEnd<'_>) {
        self.current = None;
        if self.depth == 2 {
            self.in_record = false;
        }
        self.depth = self.depth.saturating_sub(1);
    }
}
