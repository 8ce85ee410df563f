//! `/valider`: a message is pasted or uploaded, judged as the services would without the register, and reported on. Nothing of it
//! is kept. The report is a page, a file that can be sent to others, or JSON.

use askama::Template;

use super::excerpt::{Row, visible};
use super::frame::Frame;
use super::posted::{self, Unreadable};
use super::{Asked, JSON, Look, NotShown, Page, STYLE, Sent, Shown, Site};
use crate::export::sha256;
use crate::register::Tidspunkt;
use crate::soap::{Judgement, NOT_CHECKED};
use crate::xml::Positions;

/// A message up to this size, in bytes, is given back in the page, to be corrected and tried again.
const GIVEN_BACK: usize = 16 << 10;

/// So many bytes of errors a page shows; the file and JSON have all.
const SHOWN: usize = 60 << 10;

#[derive(Template)]
#[template(path = "validate.html")]
struct Ask<'a> {
    f: Frame<'a>,
    message: Option<&'a str>,
}

#[derive(Template)]
#[template(path = "report.html")]
struct Reported<'a> {
    f: Frame<'a>,
    report: Report<'a>,
    base: &'static str,
    message: Option<&'a str>,
}

#[derive(Template)]
#[template(path = "report_file.html")]
struct File<'a> {
    f: Frame<'a>,
    report: Report<'a>,
    base: &'a str,
    style: &'static str,
}

/// What is said of a message.
struct Report<'a> {
    judgement: &'a Judgement,
    found: Vec<Found>,
    /// How many problems there are beyond those that are shown.
    hidden: usize,
    /// How large the message is, and the digest of its bytes.
    size: usize,
    digest: String,
    at: Tidspunkt,
}

/// A problem as it is shown.
struct Found {
    kode: &'static str,
    is_error: bool,
    text: String,
    remedy: String,
    path: Option<String>,
    at: Option<Spot>,
}

/// Where in the message it is.
struct Spot {
    line: u32,
    column: u32,
    row: Row,
}

/// A message as it was posted.
struct Posted<'a> {
    bytes: std::borrow::Cow<'a, [u8]>,
    /// Its encoding, where that is known from elsewhere than itself.
    charset: Option<String>,
    /// Whether the report is wanted as a file.
    as_file: bool,
}

pub(super) fn show(site: &Site, asked: &Asked<'_>, look: Look<'_>) -> Result<Shown, NotShown> {
    let title = asked.place.language.of("Prøv en besked", "Check a message");
    let frame = site.frame(asked.place, title);
    let Some(sent) = asked.sent else {
        return Shown::html(&Ask {
            f: frame,
            message: None,
        });
    };
    let posted = posted(sent).map_err(Unreadable::problem)?;
    let judgement = (look.judge)(&posted.bytes, posted.charset.as_deref());
    if asked.takes_json {
        let mut all = judgement.json();
        let left = NOT_CHECKED.map(|(da, en)| asked.place.language.of(da, en));
        all["ikkeKontrolleret"] = left.to_vec().into();
        return Ok(Shown::new(JSON, all.to_string()));
    }
    let most = if posted.as_file { usize::MAX } else { SHOWN };
    let report = report(asked, &posted, &judgement, (most, look.now));
    if !posted.as_file {
        let mut shown = Shown::html(&Reported {
            f: frame,
            report,
            base: "",
            message: given_back(&judgement, &posted),
        })?;
        // Who has followed a link comes back to the report, which the browser could not show if it kept nothing.
        let own = "private, no-cache".to_owned();
        shown.headers.push(("cache-control", own));
        return Ok(shown);
    }
    let mut shown = Shown::html(&File {
        f: frame,
        report,
        base: &site.settings.public_url,
        style: STYLE,
    })?;
    let name = asked.place.language.of("rapport.html", "report.html");
    let disposition = format!("attachment; filename=\"{name}\"");
    shown.headers.push(("content-disposition", disposition));
    Ok(shown)
}

/// The message of a form, or what is posted by itself.
fn posted(sent: Sent<'_>) -> Result<Posted<'_>, Unreadable> {
    let (kind, parameters) = posted::media(sent.content_type);
    if kind == "application/xml" {
        return Ok(Posted {
            bytes: sent.bytes.into(),
            charset: posted::parameter(parameters, "charset").map(str::to_owned),
            as_file: false,
        });
    }
    let (mut text, mut file, mut as_file) = (None, None, false);
    for field in posted::fields(sent.content_type, sent.bytes)? {
        match &*field.name {
            "besked" => text = Some(field.value),
            "fil" => file = Some(field.value),
            "hent" => as_file = matches!(&*field.value, b"1"),
            _ => return Err(Unreadable::Unknown),
        }
    }
    let is_there = |value: &std::borrow::Cow<'_, [u8]>| !value.is_empty();
    match (text.filter(is_there), file.filter(is_there)) {
        // A browser has decoded what is pasted, and sends it in the encoding of its page, whatever the message says of itself.
        (Some(bytes), None) => Ok(Posted {
            bytes,
            charset: Some("utf-8".to_owned()),
            as_file,
        }),
        (None, Some(bytes)) => Ok(Posted {
            bytes,
            charset: None,
            as_file,
        }),
        _ => Err(Unreadable::Messages),
    }
}

fn report<'a>(
    asked: &Asked<'_>,
    posted: &Posted<'_>,
    judgement: &'a Judgement,
    (most, at): (usize, Tidspunkt),
) -> Report<'a> {
    let language = asked.place.language;
    let mut positions = Positions::new(&judgement.text);
    let (mut found, mut bytes) = (Vec::new(), 0);
    for problem in &judgement.problems {
        let [remedy_da, remedy_en] = problem.remedies();
        let spot = problem.place.offset.map(|offset| {
            let at = positions.at(offset);
            Spot {
                line: at.line,
                column: at.column,
                row: Row::at(&judgement.text, offset, at.line as usize),
            }
        });
        let one = Found {
            kode: problem.entry.kode,
            is_error: problem.is_error(),
            text: language.of(problem.da(), problem.en()),
            remedy: language.of(remedy_da, remedy_en),
            path: problem.place.sti.as_deref().map(|path| visible(path, 300)),
            at: spot,
        };
        // Escapes make four bytes of one, and more.
        bytes += 600 + 2 * (one.text.len() + one.remedy.len());
        if bytes > most && !found.is_empty() {
            break;
        }
        found.push(one);
    }
    Report {
        judgement,
        hidden: judgement.problems.len() - found.len() + judgement.more,
        found,
        size: posted.bytes.len(),
        digest: sha256(&posted.bytes),
        at,
    }
}

/// The message for the form beside its report; none that is long, that stands inside another one, or that HTML can't hold.
fn given_back<'a>(judgement: &'a Judgement, posted: &Posted<'_>) -> Option<&'a str> {
    let text = &judgement.text;
    let strange = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    let is_whole = posted.bytes.ends_with(text.as_bytes());
    (is_whole && !text.is_empty() && text.len() <= GIVEN_BACK && !text.contains(strange))
        .then_some(text)
}
