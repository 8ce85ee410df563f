//! Typed messages: built from the validator's events in the one pass over a call, and made into records.
//!
//! A [`Message`] holds what the schema let through, field by field with its place, so that the register's rules can
//! name the place of what they refuse, and can judge the valid parts of a message that is refused anyway.

mod build;
mod sent;
mod write;

pub use crate::register::Field;
pub use build::{Builder, Message, Value};
pub use sent::Sent;
pub use write::{Form, fields, record};
