//! Reads an operation's element that stands alone, without an envelope: what `dtr check` is given as often as a whole
//! call. On the wire it is refused.

use crate::contract::Service;
use crate::problem::Problem;
use crate::xml::{Event, Limits, Reader};
use crate::xsd::Schema;

use super::envelope::{Judge, find_operation, malformed};
use super::{Operation, Shape};
use crate::message::Message;

/// An operation's element, read and judged.
#[derive(Debug)]
pub struct Bare {
    /// The operation.
    pub operation: &'static Operation,
    /// What is wrong with the message's shape.
    pub shape: Shape,
    /// The valid parts of the message.
    pub message: Message,
}

/// Reads a document whose root is an operation's element of this service. `schema` is that of the service.
///
/// # Errors
/// What is wrong, never empty: not well-formed, or no operation of the service.
pub fn read_bare(
    service: Service,
    text: &str,
    schema: &Schema,
    limits: Limits,
) -> Result<Bare, Vec<Problem>> {
    let mut reader = Reader::new(text, limits);
    let Event::Start(tag) = reader.next().map_err(malformed)? else {
        return Err(vec![Problem::new(&crate::problem::xml::INGEN_ROD)]);
    };
    let operation = find_operation(service, &tag)?;
    let start = tag.offset;
    let mut judge = Judge::new(schema, operation);
    judge.validator.start(&tag, &mut judge.builder);
    let call = judge.run(&mut reader, operation, start)?;
    // What follows the root must be read too: it may be garbage.
    while !matches!(reader.next().map_err(malformed)?, Event::Eof) {}
    Ok(Bare {
        operation,
        shape: call.shape,
        message: call.message,
    })
}
