//! Writes answers: an envelope in the caller's version around what an operation answers.

use crate::contract::SoapVersion;
use crate::ids;
use crate::register::Tidspunkt;
use crate::xml::Writer;

use super::{MessageId, namespace};

/// What an envelope needs to know of the call that it answers.
#[derive(Debug, Clone, Copy)]
pub struct Reply<'a> {
    /// The caller's version.
    pub version: SoapVersion,
    /// The caller's `wsa:MessageID`; without one the answer has no addressing headers.
    pub message_id: Option<&'a MessageId>,
    /// A warning that the caller's certificate is about to expire.
    pub expiry: Option<Expiry>,
}

/// The header `certifikatUdloeb`: the caller's certificate expires then.
#[derive(Debug, Clone, Copy)]
pub struct Expiry {
    /// Namespace of the service called.
    pub namespace: &'static str,
    /// End of validity.
    pub at: Tidspunkt,
}

impl<'a> Reply<'a> {
    /// An answer to a call of which no more than the version is known.
    #[must_use]
    pub const fn bare(version: SoapVersion) -> Self {
        Self {
            version,
            message_id: None,
            expiry: None,
        }
    }

    /// The answer to a caller's MessageID.
    #[must_use]
    pub const fn to(self, message_id: Option<&'a MessageId>) -> Self {
        Self { message_id, ..self }
    }
}

/// Writes an envelope: `action` is the answer's `wsa:Action`, `head` writes further header blocks, `body` the body's
/// child. `capacity` is a guess at the body's size in bytes.
pub fn envelope(
    reply: Reply<'_>,
    action: &str,
    capacity: usize,
    head: Option<&dyn Fn(&mut Writer)>,
    body: impl FnOnce(&mut Writer),
) -> Vec<u8> {
    let mut w = Writer::with_capacity(capacity + 512);
    w.declaration();
    w.open("soap:Envelope");
    w.attr("xmlns:soap", namespace(reply.version));
    if reply.message_id.is_some() || reply.expiry.is_some() || head.is_some() {
        w.open("soap:Header");
        if let Some(message_id) = reply.message_id {
            addressing(&mut w, action, message_id);
        }
        if let Some(expiry) = reply.expiry {
            w.open("certifikatUdloeb");
            w.attr("xmlns", expiry.namespace);
            w.text(&expiry.at.to_string());
            w.close("certifikatUdloeb");
        }
        if let Some(head) = head {
            head(&mut w);
        }
        w.close("soap:Header");
    }
    w.open("soap:Body");
    body(&mut w);
    w.close("soap:Body");
    w.close("soap:Envelope");
    w.into_bytes()
}

/// The addressing headers, in the caller's dialect, each with its own declaration so that no header block depends on
/// another.
fn addressing(w: &mut Writer, action: &str, message_id: &MessageId) {
    let own = ids::fresh().urn().to_string();
    for (element, value) in [
        ("wsa:Action", action),
        ("wsa:MessageID", own.as_str()),
        ("wsa:RelatesTo", message_id.id.as_str()),
    ] {
        w.open(element);
        w.attr("xmlns:wsa", message_id.dialect.namespace());
        w.text(value);
        w.close(element);
    }
}
