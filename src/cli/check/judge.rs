//! Judges one message without a register: the stations of the gateway that need none, in their order.

use crate::contract::Contract;
use crate::contract::services::IMPORT_V2;
use crate::contract::{Service, SoapVersion};
use crate::gateway::{Call, Definition, Found, Offline};
use crate::problem::{self, Problem, http};
use crate::register::Kodetabeller;
use crate::soap::{self, Incoming, Request, SOAP12, Shape};
use crate::xml::{self, Event, Limits, Reader};

/// What is left for the server to find, for those who read the answer.
pub(super) const NOT_CHECKED: [&str; 6] = [
    "whether numbers are known, open and of the right level",
    "parents, children left and moves",
    "rights and agreements",
    "forventetVersion",
    "wsa:MessageID used before, the operator's sagsnummer",
    "P-numbers in CVR and addresses in DAR",
];

/// What messages are judged by.
pub(super) struct Judge<'a> {
    pub(super) services: Vec<Definition>,
    pub(super) contract: &'a Contract,
    pub(super) tables: &'a Kodetabeller,
    pub(super) limits: Limits,
    /// The largest message, in bytes.
    pub(super) largest: u64,
}

/// What came of it.
pub(super) struct Judgement {
    /// The operation with its service, such as `import:v2/InsertDaginstitution`, when it could be told.
    pub(super) operation: Option<String>,
    /// How many records the message has.
    pub(super) records: usize,
    /// What is wrong, in the order of the message.
    pub(super) problems: Vec<Problem>,
    /// How many more errors there were than were kept.
    pub(super) more: usize,
    /// The decoded text that the problems' offsets point into.
    pub(super) text: String,
}

impl Judgement {
    pub(super) fn is_good(&self) -> bool {
        self.more == 0 && !self.problems.iter().any(Problem::is_error)
    }

    /// A message that could not be read as one.
    fn refused(problems: Vec<Problem>, text: String) -> Self {
        Self {
            operation: None,
            records: 0,
            problems,
            more: 0,
            text,
        }
    }
}

/// What kind of document the message is, from its first elements.
pub(in crate::cli) struct Wrapping {
    pub(in crate::cli) service: &'static Service,
    /// The version of the envelope; none for an operation's element alone.
    pub(in crate::cli) envelope: Option<SoapVersion>,
}

impl Judge<'_> {
    /// Judges a message as it lies in a file.
    pub(super) fn judge(&self, bytes: &[u8]) -> Judgement {
        if bytes.len() as u64 > self.largest {
            let problem = Problem::new(&http::FOR_STOR).with("graense", self.largest);
            return Judgement::refused(vec![problem], String::new());
        }
        let text = match xml::decode::decode(bytes, None) {
            Ok(text) => text.into_owned(),
            Err(error) => {
                let before = xml::decode::readable(bytes, None, &error);
                let problem = problem::from_decode(&error, &before);
                return Judgement::refused(vec![problem], before.into_owned());
            }
        };
        let wrapping = wrapping(&text, self.contract.services(), self.limits);
        let of = |own: &&Definition| own.service == wrapping.service;
        let definition = self.services.iter().find(of);
        let schema = self.contract.schema(wrapping.service.document);
        let (Some(definition), Some(schema)) = (definition, schema) else {
            return Judgement::refused(Vec::new(), text);
        };
        let operations = &definition.operations;
        let read = match wrapping.envelope {
            None => soap::read_bare(wrapping.service, operations, &text, schema, self.limits),
            Some(version) => {
                let incoming = Incoming {
                    service: wrapping.service,
                    version,
                    action: None,
                    idempotency_key: None,
                    text: &text,
                };
                soap::read(incoming, operations, schema, self.limits)
                    .map_err(|rejected| rejected.problems)
            }
        };
        match read {
            Err(problems) => Judgement::refused(problems, text),
            Ok(request) => self.judged(wrapping.service, request, text),
        }
    }

    /// What schema and rules say of a message whose operation is known.
    fn judged(
        &self,
        service: &Service,
        request: Request<Box<dyn Call>>,
        text: String,
    ) -> Judgement {
        let offline = Offline {
            contract: self.contract,
            tables: self.tables,
            limits: self.limits,
        };
        let mut found = Found {
            shape: request.shape,
            inside: None,
        };
        request.message.check(&offline, &mut found);
        let Shape { mut problems, more } = found.shape;
        problems.sort_by_key(|problem| problem.place.offset);
        Judgement {
            operation: Some(request.operation.qualified(service)),
            records: request.records,
            problems,
            more,
            text: found.inside.unwrap_or(text),
        }
    }
}

/// Which service a message is for, by the namespace of its operation; whether it is in an envelope, by its root. What
/// can't be told is taken for an import of version 2, and is refused by what reads it with the errors that it has.
pub(in crate::cli) fn wrapping(
    text: &str,
    services: &[&'static Service],
    limits: Limits,
) -> Wrapping {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app;
    use crate::config::Config;
    use crate::soap::SOAP11;

    /// The codes found, with line and column.
    fn found(message: &[u8]) -> Vec<String> {
        let config = Config::default();
        let (contract, tables) = app::rules(&config, "", "").unwrap();
        let judge = Judge {
            services: crate::services::all(),
            contract: &contract,
            tables: &tables,
            limits: app::xml_limits(&config),
            largest: 1 << 20,
        };
        let judgement = judge.judge(message);
        let mut positions = xml::Positions::new(&judgement.text);
        let shown = |problem: &Problem| {
            let at = problem.place.offset.map(|offset| positions.at(offset));
            let at = at.map_or(String::new(), |at| format!(" {}:{}", at.line, at.column));
            format!("{}{at}", problem.entry.kode)
        };
        judgement.problems.iter().map(shown).collect()
    }

    fn insert(service: &str, ejerform: &str, kommune: &str) -> String {
        format!(
            "<i:InsertDaginstitution xmlns:i='urn:dagtilbudsregister:import:{service}' xmlns='urn:dagtilbudsregister:typer:{service}'>\n\
             <i:daginstitution><daginstitutionsNavn>Blåbær</daginstitutionsNavn>\n\
             <ejerformKode>{ejerform}</ejerformKode><lovgrundlagKode>1</lovgrundlagKode>\n\
             <admKommuneKode>{kommune}</admKommuneKode></i:daginstitution></i:InsertDaginstitution>"
        )
    }

    fn enveloped(namespace: &str, body: &str) -> String {
        format!("<s:Envelope xmlns:s='{namespace}'><s:Header/><s:Body>{body}</s:Body></s:Envelope>")
    }

    #[test]
    fn a_good_message_is_good_bare_and_in_both_envelopes() {
        for service in ["v1", "v2"] {
            let bare = insert(service, "1", "751");
            for message in [
                bare.clone(),
                enveloped(SOAP11, &bare),
                enveloped(SOAP12, &bare),
            ] {
                assert_eq!(found(message.as_bytes()), [""; 0], "{message}");
            }
        }
    }

    #[test]
    fn schema_and_codes_are_judged_together_with_their_places() {
        let message = insert("v2", "9", "750x");
        assert_eq!(found(message.as_bytes()), ["DTR5001 3:15", "DTR4010 4:17"]);
    }

    #[test]
    fn what_a_message_breaks_by_itself_is_found() {
        let record = |number: &str, rest: &str| {
            format!(
                "<i:anvisningsenhed><enhedsNummer>{number}</enhedsNummer>{rest}</i:anvisningsenhed>"
            )
        };
        let reason = "<lukkeaarsag>brugerSkolensNummer</lukkeaarsag>";
        let records = [
            record("G30076", reason),
            record("A12345", ""),
            record("G30076", ""),
        ];
        let message = format!(
            "<i:DeleteAnvisningsEnhed xmlns:i='urn:dagtilbudsregister:import:v2' xmlns='urn:dagtilbudsregister:typer:v2'>\n{}\n</i:DeleteAnvisningsEnhed>",
            records.join("\n")
        );
        assert_eq!(
            found(message.as_bytes()),
            ["DTR5014 2:68", "DTR5008 3:34", "DTR5013 4:34"]
        );
    }

    #[test]
    fn a_document_to_be_validated_is_validated() {
        let message = |document: &str| {
            format!(
                "<ValidateXmlAgainstSchema xmlns='urn:dagtilbudsregister:import:v2'><skemanavn>ImportService-v2</skemanavn><xml><![CDATA[{document}]]></xml></ValidateXmlAgainstSchema>"
            )
        };
        assert_eq!(
            found(message(&insert("v2", "1", "751")).as_bytes()),
            [""; 0]
        );
        let wrong = insert("v2", "x", "751");
        assert_eq!(found(message(&wrong).as_bytes()), ["DTR4010 3:15"]);
    }

    #[test]
    fn an_empty_flag_is_refused_as_the_server_does() {
        for service in ["v1", "v2"] {
            let message = insert(service, "1", "751").replacen('\n', "\n<i:proeve/>", 1);
            assert_eq!(found(message.as_bytes()), ["DTR3019 2:1"], "{service}");
        }
    }

    #[test]
    fn every_encoding_of_the_server_is_read() {
        let text = insert("v2", "1", "751");
        let mut utf16 = vec![0xff, 0xfe];
        utf16.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
        assert_eq!(found(&utf16), [""; 0]);
        let latin = format!("<?xml version='1.0' encoding='ISO-8859-1'?>{text}");
        let latin: Vec<u8> = latin
            .chars()
            .map(|c| u8::try_from(u32::from(c)).unwrap())
            .collect();
        assert_eq!(found(&latin), [""; 0]);
        assert_eq!(found(b"\xff\xff")[0].get(..4), Some("DTR2"));
    }

    #[test]
    fn what_is_no_message_says_why() {
        for (message, kode) in [
            ("", "DTR2"),
            (
                "<i:HelloWorld xmlns:i='urn:dagtilbudsregister:import:v2'>",
                "DTR2",
            ),
            ("<a/>", "DTR3008"),
            (&enveloped(SOAP11, ""), "DTR3004"),
            (&enveloped("urn:x", "<a/>"), "DTR3001"),
            (&enveloped(SOAP12, "<a/>"), "DTR3008"),
        ] {
            let found = found(message.as_bytes());
            assert!(found[0].starts_with(kode), "{message}: {found:?}");
        }
    }
}
