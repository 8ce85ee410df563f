//! The headers of a call: WS-Addressing, `sagsnummer`, and what must be understood (kontrakt §3).

use crate::contract::{Service, SoapVersion};
use crate::problem::{Place, Problem, soap, steers};
use crate::xml::StartTag;

use super::{SOAP11, SOAP12, WSA, WSA_2004, expanded, namespace};

/// The longest `wsa:MessageID`, in characters.
const LONGEST_MESSAGE_ID: usize = 512;
/// The longest `sagsnummer`, in characters.
const LONGEST_CASE_NUMBER: usize = 40;
/// Of a call's headers so many are named that are not understood, and so many that are wrong: an answer must not grow
/// with what it refuses.
const MOST_NAMED: usize = 64;

/// The two dialects of WS-Addressing that are understood; they say the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Dialect {
    /// WS-Addressing 1.0.
    #[default]
    V10,
    /// The submission of August 2004.
    August2004,
}

impl Dialect {
    /// The dialect of a namespace.
    pub(super) fn of(namespace: &str) -> Option<Self> {
        match namespace {
            WSA => Some(Self::V10),
            WSA_2004 => Some(Self::August2004),
            _ => None,
        }
    }

    /// Its namespace.
    pub const fn namespace(self) -> &'static str {
        match self {
            Self::V10 => WSA,
            Self::August2004 => WSA_2004,
        }
    }

    /// The address that stands for the connection itself.
    const fn anonymous(self) -> &'static str {
        match self {
            Self::V10 => "http://www.w3.org/2005/08/addressing/anonymous",
            Self::August2004 => "http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous",
        }
    }

    /// The action of a fault; `addressing`: of one about addressing itself.
    pub(super) const fn fault_action(self, addressing: bool) -> &'static str {
        match (self, addressing) {
            (Self::V10, false) => "http://www.w3.org/2005/08/addressing/soap/fault",
            (Self::V10, true) => "http://www.w3.org/2005/08/addressing/fault",
            (Self::August2004, _) => "http://schemas.xmlsoap.org/ws/2004/08/addressing/fault",
        }
    }
}

/// The `MessageID` of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageId {
    /// What it says; at most 512 characters, none of them invisible.
    pub id: String,
    /// What it was said in, and is answered in.
    pub dialect: Dialect,
    /// Byte offset of its start tag.
    pub offset: usize,
}

/// What the understood headers said.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Headers {
    /// `wsa:MessageID`.
    pub(super) message_id: Option<MessageId>,
    /// `wsa:Action`.
    pub(super) action: Option<(String, usize)>,
    /// `sagsnummer`.
    pub(super) case_number: Option<String>,
    /// Expanded names of blocks that must be understood and are not, up to [`MOST_NAMED`].
    pub(super) not_understood: Vec<(String, String)>,
    /// What is wrong with the understood ones, up to [`MOST_NAMED`].
    pub(super) problems: Vec<Problem>,
}

impl Headers {
    fn wrong(&mut self, problem: Problem) {
        if self.problems.len() < MOST_NAMED {
            self.problems.push(problem);
        }
    }
}

/// A header block that is understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Block {
    MessageId(Dialect),
    Action,
    /// `ReplyTo` or `FaultTo`: its Address is what counts.
    Endpoint(&'static str, Dialect),
    CaseNumber,
    /// Understood, or not meant for us: nothing to do.
    Ignored,
}

/// What a header block is, from its start tag; notes it when it must be understood and is not.
pub(super) fn classify(
    tag: &StartTag<'_, '_>,
    service: &Service,
    version: SoapVersion,
    headers: &mut Headers,
) -> Block {
    let name = tag.name;
    if !addressed_to_us(tag, version) {
        return Block::Ignored;
    }
    match (Dialect::of(name.namespace), name.local) {
        (Some(dialect), "MessageID") => Block::MessageId(dialect),
        (Some(_), "Action") => Block::Action,
        (Some(dialect), "ReplyTo") => Block::Endpoint("wsa:ReplyTo", dialect),
        (Some(dialect), "FaultTo") => Block::Endpoint("wsa:FaultTo", dialect),
        (Some(_), "To" | "From" | "RelatesTo" | "ReferenceParameters" | "ReferenceProperties") => {
            Block::Ignored
        }
        (_, "sagsnummer") if name.namespace == service.namespace => Block::CaseNumber,
        // Whoever sends one relies on it: left aside, a retry would be carried out twice.
        (_, local) if local.eq_ignore_ascii_case("MessageID") => {
            let problem = Problem::new(&soap::MESSAGE_ID_NAVNERUM)
                .with("element", expanded(name.namespace, name.local));
            headers.wrong(problem.at(Place::offset(tag.offset)));
            Block::Ignored
        }
        (_, local) => {
            if must_understand(tag, version) && headers.not_understood.len() < MOST_NAMED {
                headers
                    .not_understood
                    .push((name.namespace.to_owned(), local.to_owned()));
            }
            Block::Ignored
        }
    }
}

/// Whether the block is for the ultimate receiver: no actor (1.1) or role (1.2), or one that names it.
fn addressed_to_us(tag: &StartTag<'_, '_>, version: SoapVersion) -> bool {
    match version {
        SoapVersion::V11 => tag.attribute(SOAP11, "actor").is_none_or(|actor| {
            matches!(
                actor.value,
                "" | "http://schemas.xmlsoap.org/soap/actor/next"
            )
        }),
        SoapVersion::V12 => tag.attribute(SOAP12, "role").is_none_or(|role| {
            let own = role.value.strip_prefix(SOAP12).unwrap_or(role.value);
            matches!(own, "" | "/role/next" | "/role/ultimateReceiver")
        }),
    }
}

fn must_understand(tag: &StartTag<'_, '_>, version: SoapVersion) -> bool {
    tag.attribute(namespace(version), "mustUnderstand")
        .is_some_and(|mark| matches!(mark.value.trim(), "1" | "true"))
}

/// Takes in an understood block: its own text, and the text of its Address child.
pub(super) fn take(block: Block, text: &str, address: &str, offset: usize, headers: &mut Headers) {
    let place = Place::offset(offset);
    let text = text.trim();
    match block {
        Block::MessageId(dialect) => {
            let fits = !text.is_empty() && text.chars().count() <= LONGEST_MESSAGE_ID;
            if !fits || text.chars().any(steers) || headers.message_id.is_some() {
                headers.wrong(Problem::new(&soap::MESSAGE_ID_UGYLDIGT).at(place));
            } else {
                headers.message_id = Some(MessageId {
                    id: text.to_owned(),
                    dialect,
                    offset,
                });
            }
        }
        Block::Action if headers.action.is_some() => headers.wrong(invalid("wsa:Action", place)),
        Block::Action => headers.action = Some((text.to_owned(), offset)),
        Block::Endpoint(name, dialect) => {
            if address.trim() != dialect.anonymous() {
                let problem = Problem::new(&soap::REPLY_TO)
                    .with("element", name)
                    .with("anonym", dialect.anonymous());
                headers.wrong(problem.at(place));
            }
        }
        Block::CaseNumber => {
            let fits = (1..=LONGEST_CASE_NUMBER).contains(&text.chars().count());
            if !fits || text.chars().any(steers) || headers.case_number.is_some() {
                headers.wrong(invalid("sagsnummer", place));
            } else {
                headers.case_number = Some(text.to_owned());
            }
        }
        Block::Ignored => {}
    }
}

fn invalid(element: &str, place: Place) -> Problem {
    Problem::new(&soap::HEADER_UGYLDIG)
        .with("element", element)
        .at(place)
}
