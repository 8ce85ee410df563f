//! Writes answers: an envelope in the caller's version around what an operation answers.

use uuid::Uuid;

use crate::server::exchange::SoapVersion;
use crate::xml::Writer;

use super::{SOAP11, SOAP12, WSA};

/// What an envelope needs to know of the call that it answers.
#[derive(Debug, Clone, Copy)]
pub struct Reply<'a> {
    /// The caller's version.
    pub version: SoapVersion,
    /// The caller's `wsa:MessageID`; without one the answer has no addressing headers.
    pub message_id: Option<&'a str>,
}

/// Writes an envelope; `action` is the answer's `wsa:Action`, `body` writes the body's child.
pub fn envelope(reply: Reply<'_>, action: &str, capacity: usize, body: impl FnOnce(&mut Writer)) -> Vec<u8> {
    let mut w = Writer::with_capacity(capacity + 512);
    w.declaration();
    w.open("soap:Envelope");
    w.attr("xmlns:soap", match reply.version {
        SoapVersion::V11 => SOAP11,
        SoapVersion::V12 => SOAP12,
    });
    if let Some(message_id) = reply.message_id {
        w.open("soap:Header");
        w.attr("xmlns:wsa", WSA);
        w.leaf("wsa:Action", action);
        w.leaf("wsa:MessageID", &Uuid::new_v4().urn().to_string());
        w.leaf("wsa:RelatesTo", message_id);
        w.close("soap:Header");
    }
    w.open("soap:Body");
    body(&mut w);
    w.close("soap:Body");
    w.close("soap:Envelope");
    w.into_bytes()
}
