//! SOAP 1.1 and 1.2: reading a call's envelope in one pass, and writing answers and faults (kontrakt §3).
//!
//! What an operation does is not known here, nor what its message is made into: [`read`] is given the operations, and each
//! reads its own element.

mod addressing;
mod answer;
mod element;
mod envelope;
mod fault;
mod judgement;
mod summary;
mod wrapping;

pub use addressing::{Dialect, MessageId};
pub use answer::{Expiry, Reply, envelope};
pub use element::{Content, Element, MessageOf, Reads, Refusal, Shape, Shaped};
pub use envelope::{Incoming, Rejected, Request, read};
pub use fault::{Failure, document, fault, problems};
pub use judgement::{Judgement, NOT_CHECKED};
pub use summary::Names;
use summary::summary;
pub use wrapping::{Wrapping, wrapping};

use crate::contract::{Service, SoapVersion};
use crate::problem::{self, Problem};
use crate::xml::{Event, Limits, Reader};
use crate::xsd::Schema;
use element::{Begun, malformed};
use envelope::find_operation;

/// Namespace of the SOAP 1.1 envelope.
pub const SOAP11: &str = "http://schemas.xmlsoap.org/soap/envelope/";
/// Namespace of the SOAP 1.2 envelope.
pub const SOAP12: &str = "http://www.w3.org/2003/05/soap-envelope";
/// Namespace of WS-Addressing 1.0.
pub const WSA: &str = "http://www.w3.org/2005/08/addressing";
/// Namespace of WS-Addressing as submitted in August 2004, which older stacks send.
pub const WSA_2004: &str = "http://schemas.xmlsoap.org/ws/2004/08/addressing";
/// Namespace of the contract's faults and errors.
pub const FEJL: &str = "urn:dagtilbudsregister:fejl:v1";

/// The namespace of a version's envelope.
const fn namespace(version: SoapVersion) -> &'static str {
    match version {
        SoapVersion::V11 => SOAP11,
        SoapVersion::V12 => SOAP12,
    }
}

/// The name of an element with its namespace, as problems tell it.
fn expanded(namespace: &str, local: &str) -> String {
    match namespace {
        "" => local.to_owned(),
        _ => format!("{{{namespace}}}{local}"),
    }
}

/// Reads a document whose root is the element of one of these operations of a service, without an envelope: what `dtr check`
/// is given as often as a whole call. On the wire it is refused. `schema` is that of the service.
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
        return Err(vec![Problem::new(&problem::xml::INGEN_ROD)]);
    };
    let found = find_operation(service, operations, &tag)?;
    let begun = Begun::new(schema, &tag);
    let content = found.read(begun.of(&mut reader))?;
    // What follows the root must be read too: it may be garbage.
    while !matches!(reader.next().map_err(malformed)?, Event::Eof) {}
    Ok(Request::bare(found.operation(), content))
}
