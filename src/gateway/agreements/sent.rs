//! What is posted: JSON of a form that is known beforehand, so that it is read without recursion, each value then read once into
//! what it means. All that is wrong with the values is told at once, each with its path.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::agreements::{LONGEST_COMMENT, Wish};
use crate::problem::{Parameter, Problem, aftaler, parameter, words};
use crate::register::{
    AftaleId, AnmodningId, Cvr, Dato, Institutionsnummer, Kommunekode, Omfang, PNummer, Part,
    Standing, Tjeneste,
};
use crate::server::exchange;
use crate::server::routes::AgreementPart;

/// The most things that one message is about.
const MOST: usize = 500;
/// The longest case number, in characters.
const LONGEST_CASE: usize = 40;

/// A message.
#[derive(Debug)]
pub(super) struct Sent {
    /// What is to be done.
    pub(super) acts: Vec<Act>,
    /// What is written beside each.
    pub(super) comment: Option<String>,
    /// The operator's case number.
    pub(super) case_number: Option<String>,
}

/// One thing to be done.
#[derive(Debug, Clone)]
pub(super) enum Act {
    /// To ask.
    Ask(Wish),
    /// To settle a request so.
    Settle(AnmodningId, Standing),
    /// To end an agreement.
    End(AftaleId),
}

impl Sent {
    pub(super) fn len(&self) -> usize {
        self.acts.len()
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Requests {
    anmodninger: Vec<Request>,
    kommentar: Option<String>,
    sagsnummer: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    kommune: Option<u16>,
    ejer: Option<String>,
    tjeneste: Option<String>,
    omfang: Option<String>,
    #[serde(default)]
    numre: Vec<String>,
    fra: Option<String>,
    til: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settlements {
    afgoerelser: Vec<Settlement>,
    kommentar: Option<String>,
    sagsnummer: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settlement {
    anmodning: String,
    #[serde(rename = "afgoerelse")]
    standing: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Endings {
    aftaler: Vec<String>,
    kommentar: Option<String>,
    sagsnummer: Option<String>,
}

/// Whether it is only to be tried.
pub(super) fn dry_run(query: &[(String, String)]) -> Result<bool, Box<Problem>> {
    match query {
        [] => Ok(false),
        [(name, value)] if name == "proeve" => match value.as_str() {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => {
                let why = Parameter::Invalid("true, false");
                Err(Box::new(parameter(name, value, why)))
            }
        },
        [(name, _), _, ..] if name == "proeve" => {
            Err(Box::new(parameter(name, "", Parameter::Twice)))
        }
        [(name, _), ..] => Err(Box::new(parameter(name, "", Parameter::Unknown("proeve")))),
    }
}

/// Reads a message.
pub(super) fn read(part: AgreementPart, sent: &exchange::Sent) -> Result<Sent, Vec<Problem>> {
    let kind = sent.content_type.split(';').next().unwrap_or_default();
    if !kind.trim().eq_ignore_ascii_case("application/json") {
        let problem = Problem::new(&aftaler::MEDIETYPE).with("medietype", &sent.content_type);
        return Err(vec![problem]);
    }
    let mut found = Found::default();
    let (acts, list, comment, case_number) = match part {
        AgreementPart::Requests => {
            let message: Requests = form(&sent.bytes)?;
            let acts = each("anmodninger", message.anmodninger, &mut found, request);
            (acts, "anmodninger", message.kommentar, message.sagsnummer)
        }
        AgreementPart::Settlements => {
            let message: Settlements = form(&sent.bytes)?;
            let acts = each("afgoerelser", message.afgoerelser, &mut found, settlement);
            (acts, "afgoerelser", message.kommentar, message.sagsnummer)
        }
        _ => {
            let message: Endings = form(&sent.bytes)?;
            let acts = each("aftaler", message.aftaler, &mut found, ending);
            (acts, "aftaler", message.kommentar, message.sagsnummer)
        }
    };
    let message = Sent {
        comment: found.text("/kommentar", comment, LONGEST_COMMENT, true),
        case_number: found.text("/sagsnummer", case_number, LONGEST_CASE, false),
        acts: acts.unwrap_or_else(|count| {
            let problem = Problem::new(&aftaler::ANTAL)
                .with("sti", format!("/{list}"))
                .with("antal", count)
                .with("mest", MOST);
            found.problems.push(problem);
            Vec::new()
        }),
    };
    match found.problems.is_empty() {
        true => Ok(message),
        false => Err(found.problems),
    }
}

/// Reads JSON of a form.
fn form<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Vec<Problem>> {
    serde_json::from_slice(bytes).map_err(|error| {
        let problem = match error.classify() {
            serde_json::error::Category::Data => {
                // What it names stands between these.
                let text = error.to_string();
                let named = text.split('`').nth(1).unwrap_or("-").to_owned();
                Problem::new(&aftaler::FORM).with("navn", named)
            }
            _ => Problem::new(&aftaler::IKKE_JSON),
        };
        let problem = problem.with("linje", error.line());
        vec![problem.with("kolonne", error.column())]
    })
}

/// Reads each of a list; its length where that is none that is taken.
fn each<T>(
    list: &str,
    all: Vec<T>,
    found: &mut Found,
    read: fn(T, &mut Found) -> Option<Act>,
) -> Result<Vec<Act>, usize> {
    if all.is_empty() || all.len() > MOST {
        return Err(all.len());
    }
    let mut acts = Vec::with_capacity(all.len());
    for (at, one) in all.into_iter().enumerate() {
        found.at = format!("/{list}/{at}");
        acts.extend(read(one, found));
    }
    found.at.clear();
    Ok(acts)
}

/// What is wrong with values.
#[derive(Default)]
struct Found {
    problems: Vec<Problem>,
    /// Where it is looked.
    at: String,
}

impl Found {
    fn wrong(&mut self, name: &str, value: &str, allowed: [String; 2]) {
        let path = match name {
            "" => self.at.clone(),
            name => format!("{}/{name}", self.at),
        };
        let problem = Problem::new(&aftaler::VAERDI)
            .with("sti", path)
            .with("vaerdi", value)
            .with_words("tilladt", allowed);
        self.problems.push(problem);
    }

    /// A value, or nothing and what is wrong with it.
    fn parsed<T>(
        &mut self,
        name: &str,
        text: &str,
        value: Option<T>,
        allowed: [String; 2],
    ) -> Option<T> {
        if value.is_none() {
            self.wrong(name, text, allowed);
        }
        value
    }

    /// A text of so many characters at most, without what surrounds it; none for an empty one.
    fn text(
        &mut self,
        path: &str,
        text: Option<String>,
        longest: usize,
        lines: bool,
    ) -> Option<String> {
        let text = text?;
        let text = text.trim();
        let steers = |c: char| c.is_control() && !(lines && matches!(c, '\n' | '\r' | '\t'));
        if text.chars().count() > longest || text.chars().any(steers) {
            path.clone_into(&mut self.at);
            self.wrong(
                "",
                text,
                words!(
                    "højst {longest} tegn, uden styretegn",
                    "at most {longest} characters, without control characters"
                ),
            );
            return None;
        }
        (!text.is_empty()).then(|| text.to_owned())
    }
}

fn request(sent: Request, found: &mut Found) -> Option<Act> {
    let before = found.problems.len();
    let part = match (sent.kommune, &sent.ejer) {
        (Some(code), None) => Some(Part::Kommune(Kommunekode(code))),
        (None, Some(text)) => {
            let allowed = words!("otte cifre", "eight digits");
            let cvr = found.parsed("ejer", text, Cvr::parse(text).ok(), allowed);
            cvr.map(Part::Ejer)
        }
        (both, _) => {
            let value = if both.is_some() { "kommune, ejer" } else { "-" };
            found.wrong(
                "",
                value,
                words!("enten kommune eller ejer", "either kommune or ejer"),
            );
            None
        }
    };
    let word = sent.tjeneste.as_deref().unwrap_or("import");
    let allowed = words!("import, eksport", "import, eksport");
    let tjeneste = found.parsed("tjeneste", word, Tjeneste::parse(word), allowed);
    let omfang = scope(sent.omfang.as_deref(), &sent.numre, found);
    let mut day = |name, text: Option<String>| {
        let text = text?;
        let allowed = words!("en dato, som 2027-01-31", "a date, such as 2027-01-31");
        found.parsed(name, &text, Dato::parse(&text).ok(), allowed)
    };
    let (fra, til) = (day("fra", sent.fra), day("til", sent.til));
    let (part, tjeneste, omfang) = (part?, tjeneste?, omfang?);
    (found.problems.len() == before).then_some(Act::Ask(Wish {
        part,
        tjeneste,
        omfang,
        fra,
        til,
    }))
}

fn scope(word: Option<&str>, numbers: &[String], found: &mut Found) -> Option<Omfang> {
    let p_number = |text: &str| PNummer::parse(text).ok();
    let number = |text: &str| Institutionsnummer::parse(text).ok();
    match (word.unwrap_or("alle"), numbers.is_empty()) {
        ("alle", true) => Some(Omfang::Alle),
        ("pNumre", false) => {
            let allowed = words!("ti cifre", "ten digits");
            list(numbers, p_number, &allowed, found).map(Omfang::PNumre)
        }
        ("institutionsnumre", false) => {
            let allowed = words!("seks tegn, som G30001", "six characters, such as G30001");
            list(numbers, number, &allowed, found).map(Omfang::Institutioner)
        }
        (other, _) => {
            let allowed = words!(
                "alle uden numre; pNumre eller institutionsnumre med",
                "alle without numre; pNumre or institutionsnumre with some"
            );
            found.wrong("omfang", other, allowed);
            None
        }
    }
}

/// Numbers in order, each once.
fn list<N: Ord>(
    texts: &[String],
    parse: impl Fn(&str) -> Option<N>,
    allowed: &[String; 2],
    found: &mut Found,
) -> Option<Vec<N>> {
    let mut numbers = BTreeSet::new();
    let before = found.problems.len();
    for (at, text) in texts.iter().enumerate() {
        let number = found.parsed(&format!("numre/{at}"), text, parse(text), allowed.clone());
        numbers.extend(number);
    }
    (found.problems.len() == before).then(|| numbers.into_iter().collect())
}

fn settlement(sent: Settlement, found: &mut Found) -> Option<Act> {
    let text = &sent.anmodning;
    let allowed = words!("et id, som ANM-1", "an id, such as ANM-1");
    let id = found.parsed("anmodning", text, AnmodningId::parse(text).ok(), allowed);
    let text = &sent.standing;
    let standing = Standing::parse(text).filter(|own| *own != Standing::Venter);
    let allowed = words!("GODKENDT, AFVIST, TRUKKET", "GODKENDT, AFVIST, TRUKKET");
    let standing = found.parsed("afgoerelse", text, standing, allowed);
    Some(Act::Settle(id?, standing?))
}

fn ending(text: String, found: &mut Found) -> Option<Act> {
    let allowed = words!("et id, som AFT-1", "an id, such as AFT-1");
    let id = found.parsed("", &text, AftaleId::parse(&text).ok(), allowed);
    id.map(Act::End)
}
