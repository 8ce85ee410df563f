//! What a file of a message is: an envelope or an operation's element alone, and for which service.

use crate::contract::services::IMPORT_V2;
use crate::contract::{Service, SoapVersion};
use crate::xml::{Event, Limits, Reader};

use super::SOAP12;

/// What kind of document the message is, from its first elements.
#[derive(Debug, Clone, Copy)]
pub struct Wrapping {
    /// The service.
    pub service: &'static Service,
    /// The version of the envelope; none for an operation's element alone.
    pub envelope: Option<SoapVersion>,
}

/// Which service a message is for, by the namespace of its operation; whether it is in an envelope, by its root. What
/// can't be told is taken for an import of version 2, and is refused by what reads it with the errors that it has.
pub fn wrapping(text: &str, services: &[&'static Service], limits: Limits) -> Wrapping {
    let of = |namespace: &str| {
        let mut services = services.iter().copied();
        services.find(|service| service.namespace == namespace)
    };
    let mut wrapping = Wrapping {
        service: &IMPORT_V2,
        envelope: None,
    };
    let mut reader = Reader::new(text, limits);
    let (mut depth, mut in_body) = (0_usize, false);
    while let Ok(event) = reader.next() {
        let tag = match event {
            Event::Start(tag) => tag,
            Event::Text(_) => continue,
            Event::End(_) => {
                depth = depth.saturating_sub(1);
                continue;
            }
            Event::Eof => break,
        };
        depth += 1;
        let (namespace, local) = (tag.name.namespace, tag.name.local);
        match (depth, wrapping.envelope) {
            (1, _) if local == "Envelope" => {
                let v12 = namespace == SOAP12;
                wrapping.envelope = Some(if v12 {
                    SoapVersion::V12
                } else {
                    SoapVersion::V11
                });
            }
            (1, _) => {
                wrapping.service = of(namespace).unwrap_or(wrapping.service);
                break;
            }
            (2, Some(_)) => in_body = local == "Body",
            (3, Some(_)) if in_body => {
                wrapping.service = of(namespace).unwrap_or(wrapping.service);
                break;
            }
            _ => {}
        }
    }
    wrapping
}
