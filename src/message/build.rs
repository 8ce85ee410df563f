//! Builds a [`Message`] from the validator's events. One shape serves every operation: parameters directly under the
//! operation's element, and records with their fields, those of the address flattened in.

use crate::problem::Place;
use crate::xsd;

use super::Field;

/// The most records that are kept: more are refused by the schema, and nothing is gained by judging them.
const MOST_RECORDS: usize = 500;
/// The most values that are kept of one record, or of parameters, for the same reason.
const MOST_VALUES: usize = 160;

/// A valid value, white space normalised as its type says, with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value {
    /// The text.
    pub text: String,
    /// Byte offset in the decoded text.
    pub offset: usize,
}

/// One record as sent: the fields that the schema let through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawRecord {
    /// Its position in the batch, from 1.
    pub nr: u32,
    /// Byte offset of its start tag.
    pub offset: usize,
    /// The attribute `forventetVersion`.
    pub expected_version: Option<Value>,
    fields: Vec<(Field, Value)>,
    element: &'static str,
}

impl RawRecord {
    /// The value of a field; the first where it repeats.
    pub fn get(&self, field: Field) -> Option<&Value> {
        self.all(field).next()
    }

    /// The text of a field.
    pub fn text(&self, field: Field) -> Option<&str> {
        self.get(field).map(|value| value.text.as_str())
    }

    /// All values of a field that may repeat.
    pub fn all(&self, field: Field) -> impl Iterator<Item = &Value> {
        self.fields
            .iter()
            .filter(move |(name, _)| *name == field)
            .map(|(_, value)| value)
    }

    /// The place of the record itself.
    pub fn place(&self, operation: &str) -> Place {
        let sti = format!("/{operation}/{}[{}]", self.element, self.nr);
        Place {
            nr: Some(self.nr),
            sti: Some(sti),
            offset: Some(self.offset),
        }
    }

    /// The place of a field; that of the record where the field was not sent.
    pub fn place_of(&self, operation: &str, field: Field, index: usize) -> Place {
        let mut place = self.place(operation);
        let Some(value) = self.all(field).nth(index) else {
            return place;
        };
        place.offset = Some(value.offset);
        if let Some(sti) = &mut place.sti {
            sti.push_str(if field.in_address() { "/adresse/" } else { "/" });
            sti.push_str(field.name());
            if matches!(field, Field::Afloeser | Field::AfloestAf) {
                sti.push_str(&format!("[{}]", index + 1));
            }
        }
        place
    }
}

/// A call's content: parameters and records.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Message {
    /// Parameters directly under the operation's element, `proeve` among them.
    pub parameters: Vec<(Field, Value)>,
    /// Records in order.
    pub records: Vec<RawRecord>,
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
    /// The element of a record, for a write.
    record: Option<&'static str>,
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
    /// A builder for an operation whose records are elements of this name, if it has any.
    pub fn new(record: Option<&'static str>) -> Self {
        Self {
            record,
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

    fn open_record(&mut self, element: &'static str, offset: usize) {
        self.current = None;
        self.in_record = true;
        self.full = self.message.records.len() >= MOST_RECORDS;
        if self.full {
            return;
        }
        let nr = u32::try_from(self.message.records.len() + 1).unwrap_or(u32::MAX);
        self.message.records.push(RawRecord {
            nr,
            offset,
            expected_version: None,
            fields: Vec::with_capacity(16),
            element,
        });
    }
}

impl xsd::Sink for Builder {
    fn start(&mut self, element: &xsd::ElementStart<'_>) {
        self.depth += 1;
        self.start = element.offset;
        if self.depth == 2 {
            match self.record {
                Some(name) if element.local == name => {
                    return self.open_record(name, element.offset);
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
            if self.message.empty.len() < MOST_VALUES {
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
            (true, Some(record)) if !self.full && record.fields.len() < MOST_VALUES => {
                record.fields.push((field, value));
            }
            (true, _) => {}
            _ if self.depth == 2 && self.message.parameters.len() < MOST_VALUES => {
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
