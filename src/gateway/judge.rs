//! Judges one message without a register: the stations of the gateway that need none, in their order. `dtr check` and the page
//! `/valider` are this and nothing else.

use super::operation::{Call, Definition, Found, Offline};
use crate::contract::{Contract, Service};
use crate::problem::{self, Problem, http};
use crate::register::Kodetabeller;
use crate::soap::{self, Incoming, Judgement, Request, Shape, wrapping};
use crate::xml::{self, Limits};

/// What messages are judged by.
#[derive(Debug, Clone, Copy)]
pub struct Judge<'a> {
    /// The services with their operations.
    pub services: &'a [Definition],
    /// The schemas.
    pub contract: &'a Contract,
    /// The code tables.
    pub tables: &'a Kodetabeller,
    /// Limits of XML.
    pub limits: Limits,
    /// The largest message, in bytes.
    pub largest: u64,
}

impl Judge<'_> {
    /// Judges a message by its bytes, in an encoding that is known or that they tell themselves.
    pub fn judge(&self, bytes: &[u8], charset: Option<&str>) -> Judgement {
        if bytes.len() as u64 > self.largest {
            let problem = Problem::new(&http::FOR_STOR).with("graense", self.largest);
            return Judgement::refused(vec![problem], String::new());
        }
        let text = match xml::decode::decode(bytes, charset) {
            Ok(text) => text.into_owned(),
            Err(error) => {
                let before = xml::decode::readable(bytes, charset, &error);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app;
    use crate::config::Config;
    use crate::soap::{SOAP11, SOAP12};

    /// The codes found, with line and column.
    fn found(message: &[u8]) -> Vec<String> {
        let config = Config::default();
        let (contract, tables) = app::rules(&config, "", "").unwrap();
        let judge = Judge {
            services: &crate::services::all(),
            contract: &contract,
            tables: &tables,
            limits: app::xml_limits(&config),
            largest: 1 << 20,
        };
        let judgement = judge.judge(message, None);
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
