//! Builds a [`Message`] from the validator's events. One shape serves the operations of import and export: parameters directly
//! under the operation's element, and records with their fields, those of the address flattened in.
//!
//! Two rules about parameters stand beside the schema, and here.
//!
//! The schemas give the parameters `proeve`, `inkluderNedlagte` and `maksAntal` a default, so that generated clients send
//! them whenever they are set to another value: without one, .NET leaves out `proeve` unless a second property is set as
//! well, and a dry run would be carried out. By the recommendation an empty element then means the default. Nobody who
//! sends an empty one can be known to mean that, so it is refused here; the validator stays as the recommendation has it.
//!
//! An instant is a plain `xs:dateTime` in the schema, for stacks write a restricted one as they write any text; that it
//! needs a zone is said here.

use crate::problem::{self, Parameter, Place, Problem, soap};
use crate::register::{Niveau, Tidspunkt};
use crate::xsd;

use super::{Build, Built, Field, Sent};

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

impl Value {
    fn of(text: &str, offset: usize) -> Self {
        let text = text.to_owned();
        Self { text, offset }
    }
}

/// A call's content: parameters and records.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Message {
    /// Parameters directly under the operation's element, `proeve` among them.
    pub parameters: Vec<(Field, Value)>,
    /// Records in order.
    pub records: Vec<Sent>,
    /// Parameters that were sent empty: the default that the schema gave them, and the place of the start tag. They are no
    /// parameters.
    empty: Vec<(Field, Value)>,
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

    /// What is wrong with the parameters beside what the schema says.
    fn problems(&self, operation: &str) -> Vec<Problem> {
        let at = |field: Field, offset| Place {
            sti: Some(format!("/{operation}/{}", field.name())),
            ..Place::offset(offset)
        };
        let mut problems = Vec::new();
        for (field, default) in &self.empty {
            let problem = Problem::new(&soap::TOM_PARAMETER)
                .with("felt", field.name())
                .with("standard", &default.text);
            problems.push(problem.at(at(*field, default.offset)));
        }
        for (field, value) in &self.parameters {
            if *field == Field::Tidspunkt
                && let Some(problem) = instant(*field, &value.text)
            {
                problems.push(problem.at(at(*field, value.offset)));
            }
        }
        problems
    }
}

/// What keeps a valid `xs:dateTime` from being one certain instant of the register's calendar.
fn instant(field: Field, text: &str) -> Option<Problem> {
    if Tidspunkt::parse(text).is_ok() {
        return None;
    }
    let problem = match Tidspunkt::parse(&format!("{text}Z")) {
        Ok(_) => Problem::new(&soap::TID_UDEN_ZONE).with("felt", field.name()),
        Err(_) => {
            let allowed = "0001-01-01T00:00:00Z, …, 9999-12-31T23:59:59Z";
            problem::parameter(field.name(), text, Parameter::Invalid(allowed))
        }
    };
    Some(problem.with("vaerdi", text))
}

/// Receives the validator's events inside one operation's element.
#[derive(Debug)]
pub struct Builder {
    /// The operation and the level of its records, for a write.
    records: Option<(&'static str, Niveau)>,
    /// 1 for what stands directly under the operation's element.
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
        if self.depth == 1 {
            match self.records {
                Some((operation, level)) if element.local == level.element() => {
                    return self.open_record(operation, level, element.offset);
                }
                _ => self.in_record = false,
            }
        }
        let known = element.known.then(|| Field::from_name(element.local));
        self.current = known.flatten();
    }

    fn attribute(&mut self, attribute: &xsd::AttributeValue<'_>) {
        let of_record = self.depth == 1 && self.in_record && !self.full;
        if of_record
            && attribute.valid
            && attribute.local == "forventetVersion"
            && let Some(record) = self.message.records.last_mut()
        {
            record.expected_version = Some(Value::of(attribute.value, attribute.offset));
        }
    }

    fn value(&mut self, value: &xsd::SimpleValue<'_>) {
        let Some(field) = self.current.take().filter(|_| value.valid) else {
            return;
        };
        if value.defaulted {
            // Only parameters have one: a test of the contract holds that.
            if self.message.empty.len() < MOST_PARAMETERS {
                let default = Value::of(value.value, self.start);
                self.message.empty.push((field, default));
            }
            return;
        }
        let value = Value::of(value.value, value.offset);
        match (self.in_record, self.message.records.last_mut()) {
            (true, Some(record)) if !self.full => record.push(field, value),
            (true, _) => {}
            _ if self.depth == 1 && self.message.parameters.len() < MOST_PARAMETERS => {
                self.message.parameters.push((field, value));
            }
            _ => {}
        }
    }

    fn end(&mut self, _: &xsd::ElementEnd<'_>) {
        self.current = None;
        if self.depth == 1 {
            self.in_record = false;
        }
        self.depth = self.depth.saturating_sub(1);
    }
}

impl Build for Builder {
    type Message = Message;

    fn finish(self, operation: &str) -> Built<Message> {
        Built {
            problems: self.message.problems(operation),
            records: self.message.records.len(),
            message: self.message,
        }
    }

    fn knows(name: &str) -> bool {
        Field::from_name(name).is_some()
            || Niveau::from_element(name).is_some()
            || ["adresse", "@forventetVersion"].contains(&name)
    }
}
