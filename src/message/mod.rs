//! Typed messages: built from the validator's events in the one pass over a call, and made into records.
//!
//! A [`Message`] holds what the schema let through, field by field with its place, so that the register's rules can
//! name the place of what they refuse, and can judge the valid parts of a message that is refused anyway.
//!
//! That is the message of the import and of the export. An operation may have one of another shape: it says by [`Build`] how
//! the events become one.

mod build;
mod sent;
mod write;

use crate::problem::Problem;
use crate::xsd;

pub use crate::register::Field;
pub use build::{Builder, Message, Value};
pub use sent::Sent;
pub use write::{Form, fields, record};

/// Makes a message of the validator's events: those inside the operation's element, and its end.
pub trait Build: xsd::Sink {
    /// The valid parts of what was sent.
    type Message: Send + 'static;

    /// What was built. `operation` names the element, which begins the paths of problems.
    fn finish(self, operation: &str) -> Built<Self::Message>;

    /// Whether an element's or an attribute's name belongs to such a message: the log shows no other names.
    fn knows(name: &str) -> bool;
}

/// A message as it was built.
#[derive(Debug)]
pub struct Built<M> {
    /// The message.
    pub message: M,
    /// What is wrong with it beside what its schema says.
    pub problems: Vec<Problem>,
    /// How many records it carries, for the log.
    pub records: usize,
}
