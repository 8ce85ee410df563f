//! Reads an operation's element that stands alone, without an envelope: what `dtr check` is given as often as a whole
//! call. On the wire it is refused.

use crate::contract::Service;
use crate::problem::Problem;
use crate::xml::{Event, Limits, Reader};
use crate::xsd::Schema;

use super::Request;
use super::element::{Begun, Reads, Refusal, malformed};
use super::envelope::find_operation;

/// Reads a document whose root is the element of one of these operations of a service. `schema` is that of the service.
///
/// # Errors
/// What is wrong, never empty: not well-formed, or none of the operations.
pub fn read_bare<O: Reads + ?Sized>(
    service: &Service,
    operations: &[&'static O],
    text: &str,
    schema: &Schema,
    limits: Limits,
) -> Result<Request<O::Message>, Refusal> {
    let mut reader = Reader::new(text, limits);
    let Event::Start(tag) = reader.next().map_err(malformed)? else {
        return Err(vec![Problem::new(&crate::problem::xml::INGEN_ROD)]);
    };
    let found = find_operation(service, operations, &tag)?;
    let begun = Begun::new(schema, &tag);
    let content = found.read(begun.of(&mut reader))?;
    // What follows the root must be read too: it may be garbage.
    while !matches!(reader.next().map_err(malformed)?, Event::Eof) {}
    Ok(Request::bare(found.operation(), content))
}
