//! Corrections without a vendor: a form for a file, the plan of it in words, and a form for the contact data of one record. What is
//! posted is planned and carried out by the gateway.

mod told;

use askama::Template;

use super::super::frame::{Frame, Link};
use super::super::{NotShown, Page, Shown, Site, no_path};
use super::{Personal, Visit, pages};
use crate::person::Unit;
use crate::plan::{Contact, Done, Plan, Refusal};
use crate::problem::{Problem, login};
use crate::register::{Column, Content, Cvr, Institutionsnummer, Pen, Privilege, Value};
use crate::store::{OrgKind, Organisation};

use told::{Section, Told};

/// What came of a form that was posted.
#[derive(Debug)]
pub enum Came {
    /// A file was planned.
    Planned(Box<Plan>),
    /// A plan was carried out.
    Done(Done),
    /// It was not.
    Refused(Refusal),
}

/// A form that was posted, with what came of it.
#[derive(Debug)]
pub struct Corrected {
    /// For which organisation.
    pub cvr: Cvr,
    /// What came of it.
    pub came: Came,
    /// The contact data that were sent, where it was the form for those.
    pub contact: Option<Contact>,
}

/// An organisation that can be chosen.
struct Choice {
    cvr: Cvr,
    name: String,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "corrections.html")]
struct Corrections<'a> {
    f: Frame<'a>,
    pages: Vec<(String, &'static str, bool)>,
    token: &'a str,
    choices: Vec<Choice>,
    /// Whether a file may be all of a kommune.
    whole: bool,
    plan: Option<Planned<'a>>,
    outcome: Outcome,
}

/// A plan as its page shows it.
struct Planned<'a> {
    plan: &'a Plan,
    name: String,
    sections: Vec<Section>,
    ended: Vec<(Link, String)>,
    more_ended: usize,
    warnings: Vec<Told>,
    more_warnings: usize,
    errors: Vec<Told>,
    more_errors: usize,
    /// Whether it is the operator's.
    case: bool,
    reason: Option<String>,
    not_read: String,
}

impl Planned<'_> {
    fn may_be_done(&self) -> bool {
        self.plan.errors.is_empty() && !self.plan.is_empty()
    }
}

/// What a page says of an act.
#[derive(Default)]
struct Outcome {
    done: Option<Carried>,
    refused: Vec<Told>,
}

struct Carried {
    records: usize,
    id: String,
    numbers: Vec<(String, Link)>,
}

#[derive(Template)]
#[template(path = "contact.html")]
struct ContactForm<'a> {
    f: Frame<'a>,
    pages: Vec<(String, &'static str, bool)>,
    token: &'a str,
    record: Link,
    choices: Vec<Choice>,
    case: bool,
    contact: Contact,
    outcome: Outcome,
}

/// The form for a file.
pub(super) fn show(site: &Site, visit: &Visit<'_>) -> Result<Shown, NotShown> {
    file_page(site, visit, None)
}

fn file_page(
    site: &Site,
    visit: &Visit<'_>,
    corrected: Option<&Corrected>,
) -> Result<Shown, NotShown> {
    let frame = site.frame(visit.place, visit.language().of("Ret", "Correct"));
    let organisations = visit.rights.corrects_for(visit.view)?;
    if organisations.is_empty() {
        return Err(Problem::new(&login::PERSON_UDEN_RET).into());
    }
    let mut planned = None;
    if let Some(Corrected {
        cvr,
        came: Came::Planned(plan),
        ..
    }) = corrected
    {
        let own = organisations.iter().find(|own| own.cvr == *cvr);
        planned = Some(plan_page(visit, &frame, plan, own));
    }
    let page = Corrections {
        pages: pages(&frame, visit.rights),
        token: visit.token,
        whole: organisations
            .iter()
            .any(|own| visit.rights.whole_kommune(own.cvr).is_some()),
        choices: choices(&organisations, corrected.map(|own| own.cvr)),
        plan: planned,
        outcome: outcome(visit, &frame, corrected),
        f: frame,
    };
    shown(&page, corrected)
}

/// A page, with the status of what it tells.
fn shown(page: &impl Template, corrected: Option<&Corrected>) -> Result<Shown, NotShown> {
    let mut shown = Shown::html(page)?;
    if let Some(Came::Refused(refusal)) = corrected.map(|own| &own.came) {
        shown.status = refusal.problem.entry.fault.document_status();
    }
    Ok(shown)
}

fn has_operator(organisations: &[Organisation]) -> bool {
    organisations
        .iter()
        .any(|own| own.art == OrgKind::Operatoer)
}

fn choices(organisations: &[Organisation], chosen: Option<Cvr>) -> Vec<Choice> {
    let choice = |own: &Organisation| Choice {
        cvr: own.cvr,
        name: own.navn.clone(),
        chosen: chosen == Some(own.cvr),
    };
    organisations.iter().map(choice).collect()
}

fn outcome(visit: &Visit<'_>, frame: &Frame<'_>, corrected: Option<&Corrected>) -> Outcome {
    match corrected.map(|own| &own.came) {
        None | Some(Came::Planned(_)) => Outcome::default(),
        Some(Came::Done(done)) => {
            let link = |number: Institutionsnummer| Link {
                to: frame.record(number),
                text: number.to_string(),
            };
            let numbers = done.numbers.iter();
            Outcome {
                done: Some(Carried {
                    records: done.records,
                    id: done.id.to_string(),
                    numbers: numbers
                        .take(told::MOST_NUMBERS)
                        .map(|(called, number)| (called.clone(), link(*number)))
                        .collect(),
                }),
                refused: Vec::new(),
            }
        }
        Some(Came::Refused(refusal)) => {
            let mut refused = vec![told::problem(visit, frame, &refusal.problem)];
            let errors = refusal.errors.iter().take(told::MOST_NOTICES);
            refused.extend(errors.map(|own| told::notice(visit, frame, own)));
            Outcome {
                done: None,
                refused,
            }
        }
    }
}

fn plan_page<'a>(
    visit: &Visit<'_>,
    frame: &Frame<'_>,
    plan: &'a Plan,
    organisation: Option<&Organisation>,
) -> Planned<'a> {
    let [more_errors, more_warnings] = plan.more;
    let rest = |all: usize| all.saturating_sub(told::MOST_NOTICES);
    let notices = |all: &[crate::plan::Notice]| -> Vec<Told> {
        let some = all.iter().take(told::MOST_NOTICES);
        some.map(|own| told::notice(visit, frame, own)).collect()
    };
    let ended = plan.ended.iter().take(told::MOST_NUMBERS).map(|own| {
        let record = Link {
            to: frame.record(own.number),
            text: own.number.to_string(),
        };
        (record, format!("{} ({})", own.agreement, own.system))
    });
    Planned {
        name: organisation.map_or_else(String::new, |own| own.navn.clone()),
        sections: told::sections(visit, frame, plan),
        ended: ended.collect(),
        more_ended: plan.ended.len().saturating_sub(told::MOST_NUMBERS),
        warnings: notices(&plan.warnings),
        more_warnings: more_warnings + rest(plan.warnings.len()),
        errors: notices(&plan.errors),
        more_errors: more_errors + rest(plan.errors.len()),
        case: organisation.is_some_and(|own| own.art == OrgKind::Operatoer),
        reason: plan
            .needs_confirmation()
            .map(|reason| reason.told(visit.language())),
        not_read: plan.not_read.join(", "),
        plan,
    }
}

/// The form for the contact data of a record.
pub(super) fn contact(
    site: &Site,
    visit: &Visit<'_>,
    number: Institutionsnummer,
) -> Result<Shown, NotShown> {
    contact_page(site, visit, number, None)
}

fn contact_page(
    site: &Site,
    visit: &Visit<'_>,
    number: Institutionsnummer,
    corrected: Option<&Corrected>,
) -> Result<Shown, NotShown> {
    let record = visit.view.record(number)?;
    let record = record.filter(|own| !matches!(*own.content, Content::Daginstitution(_)));
    let Some(record) = record.filter(|own| own.life.nedlagt.is_none()) else {
        return Err(no_path(visit.place).into());
    };
    let unit = Unit::of(visit.view, &record)?;
    let mut organisations = visit.rights.corrects_for(visit.view)?;
    organisations.retain(|own| {
        let mut grants = visit.rights.correcting(own.cvr);
        grants.any(|grant| unit.as_ref().is_some_and(|unit| grant.reach.covers(unit)))
    });
    let may = |unit: &Unit| visit.rights.may(Privilege::Correct, unit).is_some();
    if organisations.is_empty() || !unit.as_ref().is_some_and(may) {
        return Err(Problem::new(&login::PERSON_UDEN_RET).into());
    }
    let sent = corrected.filter(|own| !matches!(own.came, Came::Done(_)));
    let sent = sent.and_then(|own| own.contact.clone());
    let title = visit.language().of("Kontaktdata", "Contact data");
    let frame = site.frame(visit.place, title);
    let page = ContactForm {
        pages: pages(&frame, visit.rights),
        token: visit.token,
        record: Link {
            to: frame.record(number),
            text: format!("{} ({number})", record.content.navn()),
        },
        case: has_operator(&organisations),
        choices: choices(&organisations, corrected.map(|own| own.cvr)),
        contact: sent.unwrap_or_else(|| stands(&record.content, record.life.version)),
        outcome: outcome(visit, &frame, corrected),
        f: frame,
    };
    shown(&page, corrected)
}

/// The contact data of a record as they stand.
fn stands(content: &Content, version: u32) -> Contact {
    struct Gather(Contact);
    impl<'a> Pen<'a> for Gather {
        fn field(&mut self, def: &'static crate::register::Def, value: Value<'a>) {
            match def.column {
                Column::Email => self.0.email = value.to_string(),
                Column::Telefon => self.0.telephone = value.to_string(),
                _ => {}
            }
        }
    }
    let mut gather = Gather(Contact {
        version: version.to_string(),
        ..Contact::default()
    });
    content.write(&mut gather);
    gather.0
}

impl Site {
    /// Shows what came of corrections that were posted to a page.
    ///
    /// # Errors
    /// [`NotShown`].
    pub fn corrected(
        &self,
        personal: Personal,
        visit: &Visit<'_>,
        corrected: &Corrected,
    ) -> Result<Shown, NotShown> {
        match personal {
            Personal::Contact(number) => contact_page(self, visit, number, Some(corrected)),
            _ => file_page(self, visit, Some(corrected)),
        }
    }

    /// All of a plan, as a file.
    pub fn plan_file(&self, visit: &Visit<'_>, plan: &Plan) -> Shown {
        let mut shown = Shown::new(super::super::JSON, plan.json(visit.tables).to_string());
        let name = "attachment; filename=\"plan.json\"".to_owned();
        shown.headers.push(("content-disposition", name));
        shown
    }
}
