//! Reads a call's envelope in one pass: structure, headers, then the body's child as its operation reads it. Nothing is parsed
//! twice.

use aws_lc_rs::digest;

use crate::contract::{Operation, Service, SoapVersion};
use crate::message::Message;
use crate::problem::{Place, Problem, soap};
use crate::xml::{Event, Limits, Reader, StartTag};
use crate::xsd::Schema;

use super::addressing::{Dialect, Headers, MessageId, classify, take};
use super::element::{Begun, Content, Reads, Refusal, malformed};
use super::{Names, SOAP11, SOAP12, Shape, expanded, namespace, summary};

/// What the HTTP layer knows of a call, with its text decoded.
#[derive(Debug, Clone, Copy)]
pub struct Incoming<'a> {
    /// Which service was called.
    pub service: &'static Service,
    /// The version that the Content-Type stands for.
    pub version: SoapVersion,
    /// SOAPAction or the action parameter.
    pub action: Option<&'a str>,
    /// The HTTP header `Idempotency-Key`.
    pub idempotency_key: Option<&'a str>,
    /// The body.
    pub text: &'a str,
}

/// A call whose envelope is right. Its message may still be invalid: see `shape`.
#[derive(Debug)]
pub struct Request<M = Message> {
    /// The operation.
    pub operation: &'static Operation,
    /// `wsa:MessageID`.
    pub message_id: Option<MessageId>,
    /// The HTTP header `Idempotency-Key`; where both are there, they say the same.
    pub idempotency_key: Option<String>,
    /// The header `sagsnummer`.
    pub case_number: Option<String>,
    /// What is wrong with the message's shape.
    pub shape: Shape,
    /// The valid parts of the message.
    pub message: M,
    /// How many records it carries.
    pub records: usize,
    /// Which names the log may show.
    pub names: Names,
    /// The version of the envelope.
    pub version: SoapVersion,
    /// Where the body's child stands in the text.
    pub source: std::ops::Range<usize>,
}

impl<M> Request<M> {
    /// A call of an operation's element that stands alone.
    pub fn bare(operation: &'static Operation, content: Content<M>) -> Self {
        Self {
            operation,
            message_id: None,
            idempotency_key: None,
            case_number: None,
            shape: content.shape,
            message: content.message,
            records: content.records,
            names: content.names,
            version: SoapVersion::V11,
            source: content.source,
        }
    }

    /// The same call with its message taken for another, and the message.
    pub fn exchange<N>(self, message: N) -> (Request<N>, M) {
        let request = Request {
            operation: self.operation,
            message_id: self.message_id,
            idempotency_key: self.idempotency_key,
            case_number: self.case_number,
            shape: self.shape,
            message,
            records: self.records,
            names: self.names,
            version: self.version,
            source: self.source,
        };
        (request, self.message)
    }

    /// The errors of its refusal, for the log.
    pub fn summary(&self, problems: &[Problem], more: usize) -> Option<Box<str>> {
        summary(self.names, problems, more)
    }

    /// What a write is repeated by: MessageIDs and keys are one space.
    pub fn key(&self) -> Option<&str> {
        let id = self.message_id.as_ref().map(|own| own.id.as_str());
        id.or(self.idempotency_key.as_deref())
    }

    /// SHA-256 over endpoint, operation, SOAP version and the characters of the body's child. `text` is the one that the
    /// request was read from. Made when an answer is stored or one is found: a refused message has none.
    pub fn fingerprint(&self, service: &Service, text: &str) -> [u8; 32] {
        let mut context = digest::Context::new(&digest::SHA256);
        let version = match self.version {
            SoapVersion::V11 => "1.1",
            SoapVersion::V12 => "1.2",
        };
        let source = text.get(self.source.clone()).unwrap_or_default();
        for part in [service.path, self.operation.name, version, source] {
            context.update(part.as_bytes());
            context.update(&[0]);
        }
        let mut hash = [0; 32];
        hash.copy_from_slice(context.finish().as_ref());
        hash
    }
}

/// A call that is refused with a fault before its operation is looked at.
#[derive(Debug)]
pub struct Rejected {
    /// What is wrong; the first decides the fault. Boxed, for a refusal is the rarer case.
    pub problems: Vec<Problem>,
    /// The version of the envelope, as far as it could be told.
    pub version: SoapVersion,
    /// `wsa:MessageID`, when it had been read.
    pub message_id: Option<MessageId>,
    /// Headers that must be understood and are not, as expanded names.
    pub not_understood: Vec<(String, String)>,
    /// The operation, when it could be told.
    pub operation: Option<&'static Operation>,
    /// Which names the log may show.
    names: Names,
}

impl Rejected {
    /// The errors, for the log.
    pub fn summary(&self) -> Option<Box<str>> {
        summary(self.names, &self.problems, 0)
    }
}

/// Reads a call of one of these operations. `schema` is that of the service.
///
/// # Errors
/// What is wrong with the envelope, or keeps its content from being read as a message.
pub fn read<O: Reads + ?Sized>(
    incoming: Incoming<'_>,
    operations: &[&'static O],
    schema: &Schema,
    limits: Limits,
) -> Result<Request<O::Message>, Box<Rejected>> {
    let reader = Reader::new(incoming.text, limits);
    let mut parse = Parse {
        incoming,
        operations,
        schema,
        reader,
        version: incoming.version,
        headers: Headers::default(),
        operation: None,
    };
    parse.envelope().map_err(|problems| {
        Box::new(Rejected {
            problems,
            version: parse.version,
            message_id: parse.headers.message_id.take(),
            not_understood: std::mem::take(&mut parse.headers.not_understood),
            operation: parse.operation.map(Reads::operation),
            names: parse.operation.map_or(Names::NONE, Reads::names),
        })
    })
}

struct Parse<'a, O: ?Sized + 'static> {
    incoming: Incoming<'a>,
    operations: &'a [&'static O],
    schema: &'a Schema,
    reader: Reader<'a>,
    version: SoapVersion,
    headers: Headers,
    operation: Option<&'static O>,
}

/// The next step between the parts of the envelope.
enum Part {
    Header,
    Body,
    End,
}

impl<O: Reads + ?Sized> Parse<'_, O> {
    fn envelope(&mut self) -> Result<Request<O::Message>, Refusal> {
        self.root()?;
        let mut call = None;
        let mut seen_header = false;
        loop {
            match self.part(seen_header, call.is_some())? {
                Part::Header => {
                    seen_header = true;
                    self.header()?;
                }
                Part::Body => call = Some(self.body()?),
                Part::End => break,
            }
        }
        // What follows the root must be read too: it may be garbage.
        while !matches!(self.reader.next().map_err(malformed)?, Event::Eof) {}
        let call = call.ok_or_else(|| vec![Problem::new(&soap::BODY_MANGLER)])?;
        let (operation, content) = call;
        Ok(Request {
            message_id: self.headers.message_id.take(),
            idempotency_key: self.incoming.idempotency_key.map(str::to_owned),
            case_number: self.headers.case_number.take(),
            version: self.version,
            ..Request::bare(operation, content)
        })
    }

    /// The root must be an envelope, of the version that the Content-Type says.
    fn root(&mut self) -> Result<(), Refusal> {
        let declared = self.incoming.version;
        let Event::Start(tag) = self.reader.next().map_err(malformed)? else {
            return Err(vec![Problem::new(&soap::BODY_MANGLER)]);
        };
        let version = match (tag.name.namespace, tag.name.local) {
            (SOAP11, "Envelope") => SoapVersion::V11,
            (SOAP12, "Envelope") => SoapVersion::V12,
            _ => {
                let element = expanded(tag.name.namespace, tag.name.local);
                let problem = Problem::new(&soap::IKKE_KONVOLUT).with("element", element);
                return Err(vec![problem.at(Place::offset(tag.offset))]);
            }
        };
        refuse_encoding_style(&tag)?;
        self.version = version;
        if version == declared {
            return Ok(());
        }
        let (found, media_type) = match version {
            SoapVersion::V11 => ("1.1", "application/soap+xml"),
            SoapVersion::V12 => ("1.2", "text/xml"),
        };
        let problem = Problem::new(&soap::VERSION_MOD_TYPE)
            .with("version", found)
            .with("medietype", media_type);
        Err(vec![problem.at(Place::offset(tag.offset))])
    }

    /// The next child of the envelope, in its place.
    fn part(&mut self, seen_header: bool, seen_body: bool) -> Result<Part, Refusal> {
        let own = namespace(self.version);
        loop {
            let (element, offset) = match self.reader.next().map_err(malformed)? {
                Event::Text(text) if is_blank(&text.value) => continue,
                Event::Text(text) => ("#text".to_owned(), text.offset),
                Event::End(_) | Event::Eof => return Ok(Part::End),
                Event::Start(tag) => {
                    refuse_encoding_style(&tag)?;
                    match tag.name.local {
                        "Header" if tag.name.namespace == own && !seen_header && !seen_body => {
                            return Ok(Part::Header);
                        }
                        "Body" if tag.name.namespace == own && !seen_body => return Ok(Part::Body),
                        local => (expanded(tag.name.namespace, local), tag.offset),
                    }
                }
            };
            let problem = Problem::new(&soap::KONVOLUT_ORDEN).with("element", element);
            return Err(vec![problem.at(Place::offset(offset))]);
        }
    }

    fn header(&mut self) -> Result<(), Refusal> {
        loop {
            let (block, offset) = match self.reader.next().map_err(malformed)? {
                Event::Start(tag) => (
                    classify(&tag, self.incoming.service, self.version, &mut self.headers),
                    tag.offset,
                ),
                Event::Text(_) => continue,
                Event::End(_) | Event::Eof => break,
            };
            let (text, address) = self.block()?;
            take(block, &text, &address, offset, &mut self.headers);
        }
        self.refuse_two_keys();
        if let Some((namespace, local)) = self.headers.not_understood.first() {
            let problem = Problem::new(&soap::HEADER_IKKE_FORSTAAET);
            return Err(vec![problem.with("element", expanded(namespace, local))]);
        }
        match std::mem::take(&mut self.headers.problems) {
            none if none.is_empty() => Ok(()),
            problems => Err(problems),
        }
    }

    /// A call has one name to be repeated by.
    fn refuse_two_keys(&mut self) {
        let key = self.incoming.idempotency_key;
        if let (Some(own), Some(key)) = (&self.headers.message_id, key)
            && own.id != key
        {
            let problem = Problem::new(&soap::NOEGLER_UENIGE)
                .with("id", &own.id)
                .with("noegle", key)
                .at(Place::offset(own.offset));
            self.headers.problems.push(problem);
        }
    }

    /// Reads a header block to its end: its own text, and that of its Address child.
    fn block(&mut self) -> Result<(String, String), Refusal> {
        let outside = self.reader.depth() - 1;
        let (mut text, mut address, mut in_address) = (String::new(), String::new(), false);
        loop {
            match self.reader.next().map_err(malformed)? {
                Event::Start(tag) => {
                    in_address =
                        Dialect::of(tag.name.namespace).is_some() && tag.name.local == "Address";
                }
                Event::Text(part) if in_address => address.push_str(&part.value),
                Event::Text(part) => text.push_str(&part.value),
                Event::End(_) => in_address = false,
                Event::Eof => break,
            }
            if self.reader.depth() == outside {
                break;
            }
        }
        Ok((text, address))
    }

    /// Reads the body and its one child.
    fn body(&mut self) -> Result<(&'static Operation, Content<O::Message>), Refusal> {
        let mut call = None;
        let mut children = 0_u32;
        // Where the second child is, else the end of the empty Body.
        let mut place = None;
        loop {
            match self.reader.next().map_err(malformed)? {
                Event::Text(text) if is_blank(&text.value) => {}
                Event::Text(text) => {
                    children += 1;
                    place.get_or_insert(text.offset);
                }
                Event::End(tag) => {
                    place.get_or_insert(tag.offset);
                    break;
                }
                Event::Eof => break,
                Event::Start(tag) if children == 0 && call.is_none() => {
                    refuse_encoding_style(&tag)?;
                    let found = find_operation(self.incoming.service, self.operations, &tag)?;
                    self.operation = Some(found);
                    let operation = found.operation();
                    check_actions(&self.incoming, &self.headers, self.version, operation)?;
                    children += 1;
                    let begun = Begun::new(self.schema, &tag);
                    call = Some((operation, found.read(begun.of(&mut self.reader))?));
                }
                Event::Start(tag) => {
                    children += 1;
                    place.get_or_insert(tag.offset);
                    self.block()?;
                }
            }
        }
        call.filter(|_| children == 1).ok_or_else(|| {
            let problem = Problem::new(&soap::BODY_INDHOLD).with("antal", children);
            vec![problem.at(place.map_or(Place::NOWHERE, Place::offset))]
        })
    }
}

fn is_blank(text: &str) -> bool {
    text.bytes()
        .all(|b| matches!(b, b' ' | b'\t' | b'\n' | b'\r'))
}

fn refuse_encoding_style(tag: &StartTag<'_, '_>) -> Result<(), Refusal> {
    let mut namespaces = [SOAP11, SOAP12].into_iter();
    let found = namespaces.find_map(|namespace| tag.attribute(namespace, "encodingStyle"));
    match found.filter(|style| !style.value.is_empty()) {
        Some(style) => {
            let problem = Problem::new(&soap::ENCODING_STYLE);
            Err(vec![problem.at(Place::offset(style.offset))])
        }
        None => Ok(()),
    }
}

/// The operation that the body's child names.
pub(super) fn find_operation<O: Reads + ?Sized>(
    service: &Service,
    operations: &[&'static O],
    tag: &StartTag<'_, '_>,
) -> Result<&'static O, Refusal> {
    let own = tag.name.namespace == service.namespace;
    let named = |found: &&&'static O| found.operation().name == tag.name.local;
    let found = operations.iter().find(named).filter(|_| own).copied();
    found.ok_or_else(|| {
        let names: Vec<_> = operations.iter().map(|own| own.operation().name).collect();
        let problem = Problem::new(&soap::UKENDT_OPERATION)
            .with("operation", expanded(tag.name.namespace, tag.name.local))
            .with("tjeneste", service.path)
            .with("operationer", names.join(", "));
        vec![problem.at(Place::offset(tag.offset))]
    })
}

/// SOAPAction, the action parameter and wsa:Action must not contradict the body.
fn check_actions(
    incoming: &Incoming<'_>,
    headers: &Headers,
    version: SoapVersion,
    operation: &Operation,
) -> Result<(), Refusal> {
    let right = operation.action(incoming.service);
    let source = match version {
        SoapVersion::V11 => "SOAPAction",
        SoapVersion::V12 => "action",
    };
    let from_http = incoming
        .action
        .map(|action| (&soap::ACTION_MODSIGER, action, Place::NOWHERE));
    let from_header = headers.action.as_ref().map(|(action, offset)| {
        (
            &soap::WSA_ACTION_MODSIGER,
            action.as_str(),
            Place::offset(*offset),
        )
    });
    for (entry, action, place) in from_http.into_iter().chain(from_header) {
        if !action.is_empty() && !operation.is_named_by(action) {
            let problem = Problem::new(entry)
                .with("kilde", source)
                .with("action", action)
                .with("operation", operation.name)
                .with("rigtig", &right);
            return Err(vec![problem.at(place)]);
        }
    }
    Ok(())
}
