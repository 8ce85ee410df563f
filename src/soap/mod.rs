//! SOAP 1.1 and 1.2: reading a call's envelope in one pass, and writing answers and faults (kontrakt §3).
//!
//! What an operation does is not known here, nor what its message is made into: [`read`] is given the operations, and each
//! reads its own element.

mod addressing;
mod answer;
mod bare;
mod element;
mod envelope;
mod fault;
mod summary;

pub use addressing::{Dialect, MessageId};
pub use answer::{Expiry, Reply, envelope};
pub use bare::read_bare;
pub use element::{Content, Element, MessageOf, Reads, Refusal, Shape, Shaped};
pub use envelope::{Incoming, Rejected, Request, read};
pub use fault::{Failure, document, fault, problems};
pub use summary::Names;
use summary::summary;

use crate::contract::SoapVersion;

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
