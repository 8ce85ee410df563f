//! SOAP 1.1 and 1.2: reading a call's envelope in one pass, and writing answers and faults (kontrakt §3).
//!
//! What an operation does is not known here; `gateway` takes a [`Request`] to `import` or `export`.

mod addressing;
mod answer;
mod bare;
mod envelope;
mod fault;
mod kort;
mod operations;
mod shape;

pub use addressing::{Dialect, MessageId};
pub use answer::{Expiry, Reply, envelope};
pub use bare::{Bare, read_bare};
pub use envelope::{Incoming, Rejected, Request, read};
pub use fault::{Failure, document, fault, problems};
pub use kort::kort;
pub use operations::{ExportOp, Kind, Operation, WriteKind};
pub use shape::Shape;

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

/// The name of an element with its namespace, as problems tell it.
fn expanded(tag: &crate::xml::StartTag<'_, '_>) -> String {
    if tag.name.namespace.is_empty() {
        tag.name.local.to_owned()
    } else {
        format!("{{{}}}{}", tag.name.namespace, tag.name.local)
    }
}
