//! What is chosen in the list and done with it: read from the form, shown before it is done, and told afterwards.

use std::collections::BTreeSet;

use askama::Template;

use super::super::super::frame::{Frame, Link};
use super::super::super::{NotShown, Page, Shown, Site};
use super::super::{Form, Visit, pages};
use super::row::Names;
use crate::agreements::{Effect, LONGEST_COMMENT, Planned};
use crate::problem::Problem;
use crate::register::{AftaleId, AnmodningId, Om, words};
use crate::store;

/// So many are chosen at once at most.
const MOST: usize = 500;
/// The longest case number, in characters.
const LONGEST_CASE: usize = 40;

words! {
    /// What is done with what is chosen.
    pub enum Handling {
        /// Requests become agreements.
        Approve = "godkend",
        /// Requests are refused.
        Reject = "afvis",
        /// Agreements end.
        End = "afslut",
    }
}

/// What a person wants done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// What.
    pub handling: Handling,
    /// With which, each once.
    pub chosen: Vec<Om>,
    /// What is written beside each.
    pub comment: Option<String>,
    /// The operator's case number.
    pub case_number: Option<String>,
    /// What was shown before, by its digest, where the person has confirmed that.
    pub confirmed: Option<String>,
}

impl Decision {
    /// Reads it from a form.
    ///
    /// # Errors
    /// A value that can't be used.
    pub fn read(form: &Form<'_>) -> Result<Self, Box<Problem>> {
        let handling = form.one("handling").and_then(Handling::parse);
        let handling = handling.ok_or_else(|| form.wrong("handling", "godkend, afvis, afslut"))?;
        let allowed = match handling {
            Handling::End => "AFT-1",
            Handling::Approve | Handling::Reject => "ANM-1",
        };
        let (mut chosen, mut seen) = (Vec::new(), BTreeSet::new());
        for text in form.all("valg") {
            let one = match handling {
                Handling::End => AftaleId::parse(text).map(Om::Aftale),
                Handling::Approve | Handling::Reject => AnmodningId::parse(text).map(Om::Anmodning),
            };
            let one = one.map_err(|_| super::super::super::invalid("valg", text, allowed))?;
            if seen.insert(text) {
                chosen.push(one);
            }
        }
        if chosen.is_empty() || chosen.len() > MOST {
            let count = chosen.len().to_string();
            return Err(super::super::super::invalid("valg", &count, "1-500"));
        }
        // Browsers end lines with two characters.
        let comment = form.one("kommentar").map(|text| text.replace("\r\n", "\n"));
        Ok(Self {
            handling,
            chosen,
            comment: words_of("kommentar", comment, LONGEST_COMMENT)?,
            case_number: words_of(
                "sagsnummer",
                form.one("sagsnummer").map(str::to_owned),
                LONGEST_CASE,
            )?,
            confirmed: form.one("vist").map(str::to_owned),
        })
    }
}

/// A text of a person's, if it is not too long and has nothing in it that can't be read.
fn words_of(
    name: &str,
    text: Option<String>,
    longest: usize,
) -> Result<Option<String>, Box<Problem>> {
    let bad = |text: &String| {
        let many_lines = longest == LONGEST_COMMENT;
        text.chars().count() > longest
            || text
                .chars()
                .any(|c| c.is_control() && !(many_lines && c == '\n'))
    };
    match text {
        Some(text) if bad(&text) => {
            let allowed = format!("1-{longest}");
            Err(super::super::super::invalid(name, "…", &allowed))
        }
        text => Ok(text),
    }
}

/// What became of a decision, or would.
#[derive(Debug)]
pub struct Decided {
    /// The decision.
    pub decision: Decision,
    /// Whether it was carried out. If not, it is shown.
    pub done: bool,
    /// It was confirmed, but what it would do has changed since that was shown.
    pub moved: bool,
    /// What it does, or did.
    pub effects: Vec<Effect>,
    /// What is shown now, by its digest.
    pub digest: String,
    /// Of each that was chosen: the agreement that came of it, or why it is refused.
    pub results: Vec<Result<Option<AftaleId>, Problem>>,
}

#[derive(Template)]
#[template(path = "decided.html")]
struct DecidedHtml<'a> {
    f: Frame<'a>,
    pages: Vec<(String, &'static str, bool)>,
    decided: &'a Decided,
    what: &'static str,
    rows: Vec<Told>,
    may: bool,
    list: String,
    token: &'a str,
}

/// What is told of one that was chosen.
struct Told {
    id: String,
    outcome: String,
    /// Why it is refused, with what to do.
    refused: Option<(Link, String)>,
    effect: Option<EffectRow>,
}

struct EffectRow {
    what: String,
    users: String,
    written: String,
    records: Vec<Link>,
    more: bool,
}

impl Site {
    /// Shows what became of a decision, or what it would do.
    ///
    /// # Errors
    /// [`NotShown`].
    pub fn decided(&self, visit: &Visit<'_>, decided: &Decided) -> Result<Shown, NotShown> {
        let language = visit.language();
        let handling = decided.decision.handling;
        let (title, what) = match (decided.done, handling) {
            (true, _) => (language.of("Det er gjort", "It is done"), ""),
            (false, Handling::Approve) => (
                language.of("Godkend anmodninger", "Approve requests"),
                language.of("Godkend nu", "Approve now"),
            ),
            (false, Handling::Reject) => (
                language.of("Afvis anmodninger", "Reject requests"),
                language.of("Afvis nu", "Reject now"),
            ),
            (false, Handling::End) => (
                language.of("Afslut aftaler", "End agreements"),
                language.of("Afslut nu", "End now"),
            ),
        };
        let frame = self.frame(visit.place, title);
        let mut names = Names::new(visit);
        let mut rows = Vec::with_capacity(decided.results.len());
        for (om, result) in decided.decision.chosen.iter().zip(&decided.results) {
            rows.push(told(&frame, &mut names, decided, (*om, result))?);
        }
        Shown::html(&DecidedHtml {
            may: !decided.done && decided.results.iter().any(Result::is_ok),
            list: visit.place.path(),
            rows,
            what,
            decided,
            token: visit.token,
            pages: pages(&frame, visit.rights),
            f: frame,
        })
    }
}

fn told(
    frame: &Frame<'_>,
    names: &mut Names<'_>,
    decided: &Decided,
    (om, result): (Om, &Result<Option<AftaleId>, Problem>),
) -> store::Result<Told> {
    let language = frame.place.language;
    let handling = decided.decision.handling;
    let outcome = match (result, decided.done) {
        (Err(_), true) => language
            .of("afvist af registeret", "refused by the register")
            .to_owned(),
        (Err(_), false) => language
            .of("kan ikke lade sig gøre", "cannot be done")
            .to_owned(),
        (Ok(_), false) => language.of("kan lade sig gøre", "can be done").to_owned(),
        (Ok(made), true) => match (handling, made) {
            (Handling::Approve, Some(id)) => {
                format!("{} {id}", language.of("godkendt:", "approved:"))
            }
            (Handling::Approve, None) => language.of("godkendt", "approved").to_owned(),
            (Handling::Reject, _) => language.of("afvist", "rejected").to_owned(),
            (Handling::End, _) => language.of("afsluttet", "ended").to_owned(),
        },
    };
    let refused = result.as_ref().err().map(|problem| {
        let [da, en] = problem.remedies();
        let page = super::super::super::place::error_code(problem.entry.kode);
        let text = language.of(problem.da(), problem.en());
        let link = Link {
            to: page.map(|page| frame.to(page)).unwrap_or_default(),
            text: problem.entry.kode.to_owned(),
        };
        (link, format!("{text} {}", language.of(da, en)))
    });
    let planned = match om {
        Om::Anmodning(id) => Planned::Approve(id),
        Om::Aftale(id) => Planned::End(id),
    };
    let effect = decided.effects.iter().find(|effect| effect.of == planned);
    let effect = effect.map(|effect| row(frame, names, effect)).transpose()?;
    Ok(Told {
        id: shown(om),
        outcome,
        refused,
        effect,
    })
}

fn row(frame: &Frame<'_>, names: &mut Names<'_>, effect: &Effect) -> store::Result<EffectRow> {
    let language = frame.place.language;
    let does = match effect.of {
        Planned::Approve(_) => language.of("begynder at", "begins to"),
        Planned::End(_) => language.of("holder op med at", "ceases to"),
    };
    let (system, owner) = names.system(effect.system.id)?;
    let records = match effect.count {
        1 => language.of("åben post", "open record"),
        _ => language.of("åbne poster", "open records"),
    };
    let inside = language.of("i", "in");
    let service = names.service(effect.tjeneste);
    let link = |number: &crate::register::Institutionsnummer| Link {
        to: frame.record(*number),
        text: number.to_string(),
    };
    Ok(EffectRow {
        what: format!(
            "{system}, {owner}, {does} {service} {inside} {} {records}",
            effect.count
        ),
        users: format!(
            "{} {}",
            language.of("Det gælder brugere hos", "It is about users at"),
            names.part(effect.part)?
        ),
        written: names.written(effect.written),
        records: effect.records.iter().map(link).collect(),
        more: effect.count > effect.records.len(),
    })
}

/// What is chosen, as the form names it.
pub(super) fn shown(om: Om) -> String {
    match om {
        Om::Anmodning(id) => id.to_string(),
        Om::Aftale(id) => id.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &str) -> Result<Decision, &'static str> {
        let form = Form::read("application/x-www-form-urlencoded", pairs.as_bytes()).unwrap();
        Decision::read(&form).map_err(|problem| problem.entry.kode)
    }

    #[test]
    fn what_is_chosen_fits_what_is_done_with_it() {
        let read_well =
            read("handling=godkend&valg=ANM-2&valg=ANM-1&valg=ANM-2&kommentar=a%0D%0Ab");
        let decision = read_well.unwrap();
        let ids = [2, 1].map(|id| Om::Anmodning(AnmodningId(id)));
        assert_eq!(decision.chosen, ids);
        assert_eq!(decision.comment.as_deref(), Some("a\nb"));
        assert_eq!((decision.case_number, decision.confirmed), (None, None));
        let ended = read("handling=afslut&valg=AFT-7&sagsnummer=S-1&vist=x").unwrap();
        assert_eq!(ended.chosen, [Om::Aftale(AftaleId(7))]);
        assert_eq!(ended.confirmed.as_deref(), Some("x"));
        let many: String = (1..=501).map(|id| format!("&valg=ANM-{id}")).collect();
        let long = "x".repeat(2_001);
        for bad in [
            "valg=ANM-1",
            "handling=slet&valg=ANM-1",
            "handling=godkend",
            "handling=godkend&valg=AFT-1",
            "handling=afslut&valg=ANM-1",
            "handling=afvis&valg=ANM-1&kommentar=%00",
            "handling=afvis&valg=ANM-1&sagsnummer=a%0Ab",
            &format!("handling=afvis&valg=ANM-1&kommentar={long}"),
            &format!("handling=afvis{many}"),
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
