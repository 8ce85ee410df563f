//! Faults in both versions, and the same detail as a document of its own off the SOAP paths (kontrakt §3).

use uuid::Uuid;

use crate::contract::SoapVersion;
use crate::problem::{Fault, Problem};
use crate::register::Tidspunkt;
use crate::xml::{Positions, Writer, XML_NAMESPACE};

use super::addressing::Dialect;
use super::{FEJL, Reply, SOAP11, SOAP12, envelope};

/// The most problems that one answer lists (kontrakt §4).
const MOST_LISTED: usize = 1000;

/// A call refused as a whole.
#[derive(Debug)]
pub struct Failure<'a> {
    /// What decides the fault and gives its text.
    pub head: &'a Problem,
    /// The errors that the detail lists, where there is a list.
    pub listed: &'a [Problem],
    /// How many more there were than were kept.
    pub more: usize,
    /// Names the call.
    pub id: Uuid,
    /// When.
    pub at: Tidspunkt,
    /// The decoded message, to tell line and column.
    pub text: &'a str,
    /// Headers that must be understood and are not, as expanded names.
    pub not_understood: &'a [(String, String)],
}

impl<'a> Failure<'a> {
    /// For one reason, without a list.
    pub const fn of(head: &'a Problem, id: Uuid, at: Tidspunkt) -> Self {
        Self {
            head,
            listed: &[],
            more: 0,
            id,
            at,
            text: "",
            not_understood: &[],
        }
    }

    /// In 1.1 a fault about a header has no detail: code and correlation id then stand in the text.
    fn about_header(&self) -> bool {
        matches!(
            self.head.entry.fault,
            Fault::MustUnderstand | Fault::VersionMismatch | Fault::Header | Fault::Addressing
        )
    }

    /// The fault's code, by what the version calls the caller and the service.
    const fn code(&self, [sender, receiver]: [&'static str; 2]) -> &'static str {
        match self.head.entry.fault {
            Fault::Sender
            | Fault::Header
            | Fault::Addressing
            | Fault::Refused(_)
            | Fault::Malformed => sender,
            Fault::Receiver | Fault::Unavailable(_) => receiver,
            Fault::MustUnderstand => "soap:MustUnderstand",
            Fault::VersionMismatch => "soap:VersionMismatch",
        }
    }

    /// What the detail lists: at least the head, for its remedy.
    fn list(&self) -> &[Problem] {
        if self.listed.is_empty() {
            std::slice::from_ref(self.head)
        } else {
            self.listed
        }
    }
}

/// The HTTP status and the envelope of a fault.
pub fn fault(reply: Reply<'_>, failure: &Failure<'_>) -> (u16, Vec<u8>) {
    let dialect = reply.message_id.map_or(Dialect::default(), |id| id.dialect);
    let action = dialect.fault_action(failure.head.entry.fault == Fault::Addressing);
    let capacity = 1024 + 512 * failure.listed.len();
    let bytes = match reply.version {
        SoapVersion::V11 => envelope(reply, action, capacity, None, |w| write_11(w, failure)),
        SoapVersion::V12 => {
            let head: Option<&dyn Fn(&mut Writer)> = match failure.head.entry.fault {
                Fault::MustUnderstand => Some(&|w| not_understood(w, failure.not_understood)),
                Fault::VersionMismatch => Some(&upgrade),
                _ => None,
            };
            envelope(reply, action, capacity, head, |w| write_12(w, failure))
        }
    };
    (failure.head.entry.fault.soap_status(), bytes)
}

fn write_11(w: &mut Writer, failure: &Failure<'_>) {
    let (da, en) = (failure.head.da(), failure.head.en());
    w.open("soap:Fault");
    w.leaf("faultcode", failure.code(["soap:Client", "soap:Server"]));
    if failure.about_header() {
        let (kode, id, hjaelp) = (failure.head.entry.kode, failure.id, failure.head.hjaelp());
        w.leaf(
            "faultstring",
            &format!("{da} / {en} [{kode}, {id}] {hjaelp}"),
        );
    } else {
        w.leaf("faultstring", &format!("{da} / {en}"));
        w.open("detail");
        detail(w, failure);
        w.close("detail");
    }
    w.close("soap:Fault");
}

fn write_12(w: &mut Writer, failure: &Failure<'_>) {
    let (da, en) = (failure.head.da(), failure.head.en());
    w.open("soap:Fault");
    w.open("soap:Code");
    w.leaf("soap:Value", failure.code(["soap:Sender", "soap:Receiver"]));
    w.close("soap:Code");
    w.open("soap:Reason");
    // One text with both languages: stacks lose the fault of two, or show one of them.
    w.open("soap:Text");
    w.attr("xml:lang", "da");
    w.text(&format!("{da} / {en}"));
    w.close("soap:Text");
    w.close("soap:Reason");
    w.open("soap:Detail");
    detail(w, failure);
    w.close("soap:Detail");
    w.close("soap:Fault");
}

/// SOAP 1.2, section 5.4.8: which header blocks were not understood.
fn not_understood(w: &mut Writer, blocks: &[(String, String)]) {
    for (namespace, local) in blocks {
        w.open("soap:NotUnderstood");
        if namespace.is_empty() {
            w.attr("qname", local);
        } else if namespace == XML_NAMESPACE {
            // No other prefix may be bound to it.
            w.attr("qname", &format!("xml:{local}"));
        } else {
            w.attr("xmlns:n", namespace);
            w.attr("qname", &format!("n:{local}"));
        }
        w.close("soap:NotUnderstood");
    }
}

/// SOAP 1.2, section 5.4.7: which envelopes are understood.
fn upgrade(w: &mut Writer) {
    w.open("soap:Upgrade");
    for namespace in [SOAP12, SOAP11] {
        w.open("soap:SupportedEnvelope");
        w.attr("xmlns:e", namespace);
        w.attr("qname", "e:Envelope");
        w.close("soap:SupportedEnvelope");
    }
    w.close("soap:Upgrade");
}

/// `fejlDetalje` as a document of its own.
pub fn document(failure: &Failure<'_>) -> Vec<u8> {
    let mut w = Writer::with_capacity(1024);
    w.declaration();
    detail(&mut w, failure);
    w.into_bytes()
}

fn detail(w: &mut Writer, failure: &Failure<'_>) {
    let (da, en) = (failure.head.da(), failure.head.en());
    w.open("f:fejlDetalje");
    w.attr("xmlns:f", FEJL);
    w.leaf("f:korrelationsId", &failure.id.to_string());
    w.leaf("f:tidspunkt", &failure.at.to_string());
    w.leaf("f:kode", failure.head.entry.kode);
    w.leaf("f:beskedDa", &da);
    w.leaf("f:beskedEn", &en);
    let (listed, more, text) = (failure.list(), failure.more, failure.text);
    problems(w, ["f:fejl", "f:flereFejl"], listed, more, text);
    w.close("f:fejlDetalje");
}

/// Lists problems as `fejl` elements (children in `fejl:v1`, prefix `f`), then how many more there were.
/// `text` is the decoded message that their offsets point into.
pub fn problems(
    w: &mut Writer,
    [element, more_element]: [&str; 2],
    problems: &[Problem],
    more: usize,
    text: &str,
) {
    let mut positions = Positions::new(text);
    for problem in problems.iter().take(MOST_LISTED) {
        w.open(element);
        w.leaf("f:kode", problem.entry.kode);
        w.leaf("f:alvor", problem.entry.alvor.as_str());
        if let Some(nr) = problem.place.nr {
            w.leaf("f:nr", &nr.to_string());
        }
        if let Some(sti) = &problem.place.sti {
            w.leaf("f:sti", sti);
        }
        if let Some(offset) = problem.place.offset {
            let position = positions.at(offset);
            w.leaf("f:linje", &position.line.to_string());
            w.leaf("f:kolonne", &position.column.to_string());
        }
        w.leaf_by("f:beskedDa", |out| problem.write_da(out));
        w.leaf_by("f:beskedEn", |out| problem.write_en(out));
        w.leaf_by("f:afhjaelpning", |out| problem.write_hjaelp(out));
        w.close(element);
    }
    let more = more + problems.len().saturating_sub(MOST_LISTED);
    if more > 0 {
        w.leaf(more_element, &more.to_string());
    }
}
