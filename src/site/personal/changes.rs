//! Who changed what among a person's units, newest first: with the system and the call, since who has a right to a unit has a right
//! to know (docs/hvem.md).

use askama::Template;

use super::super::frame::{Frame, Link};
use super::super::{NotShown, Page, Shown, Site};
use super::said::said;
use super::{Personal, Visit, pages};
use crate::person::Unit;
use crate::register::{Privilege, Sekvens};
use crate::store::{self, Aendring};

/// So many changes stand on a page, and so many are looked through for them.
const MOST: usize = 50;
const LOOK: u64 = 5_000;

#[derive(Template)]
#[template(path = "changes.html")]
struct Changes<'a> {
    f: Frame<'a>,
    pages: Vec<(String, &'static str, bool)>,
    changes: Vec<Row>,
    /// Where older ones are.
    older: Option<String>,
}

struct Row {
    at: String,
    record: Link,
    said: String,
    who: String,
    call: Link,
}

pub(super) fn show(site: &Site, visit: &Visit<'_>) -> Result<Shown, NotShown> {
    let frame = site.frame(visit.place, visit.language().of("Ændringer", "Changes"));
    let last = visit.view.position()?.sekvens.0;
    let before = visit.value("foer").and_then(|text| text.parse().ok());
    let upto: u64 = before.unwrap_or(last + 1).min(last + 1);
    let (found, reached) = found(visit, upto)?;
    let rows = found.iter().map(|change| row(visit, &frame, change));
    Shown::html(&Changes {
        changes: rows.collect::<store::Result<_>>()?,
        older: (reached > 1).then(|| format!("{}?foer={reached}", visit.place.path())),
        pages: pages(&frame, visit.rights),
        f: frame,
    })
}

/// The last changes before one that the person may see, newest first; and the change that was looked back to.
fn found(visit: &Visit<'_>, upto: u64) -> store::Result<(Vec<Aendring>, u64)> {
    let mut found = Vec::new();
    let mut at = upto;
    let end = upto.saturating_sub(LOOK);
    while at > end.max(1) && found.len() < MOST {
        let from = at.saturating_sub(500).max(end).max(1);
        let limit = u32::try_from(at - from).unwrap_or(500);
        let changes = visit.view.aendringer(Sekvens(from - 1), limit)?;
        for change in changes.into_iter().rev() {
            if found.len() == MOST {
                break;
            }
            at = change.sekvens.0;
            if may_see(visit, &change)? {
                found.push(change);
            }
        }
        if found.len() < MOST {
            at = from;
        }
    }
    Ok((found, at))
}

fn may_see(visit: &Visit<'_>, change: &Aendring) -> store::Result<bool> {
    if visit.rights.operator().is_some() {
        return Ok(true);
    }
    let unit = Unit::of(visit.view, &change.record)?;
    Ok(unit.is_some_and(|unit| visit.rights.may(Privilege::Read, &unit).is_some()))
}

fn row(visit: &Visit<'_>, frame: &Frame<'_>, change: &Aendring) -> store::Result<Row> {
    let (record, said) = said(visit, frame, change)?;
    let origin = &change.origin;
    let mut who = origin.navn.clone();
    if let Some(id) = origin.system {
        let system = visit.view.system(id)?;
        let name = system.map(|system| system.navn).unwrap_or_default();
        who += &format!(", {name} ({id})");
    }
    let id = origin.korrelations_id.to_string();
    let call = frame.to(Page::Personal(Personal::Call));
    let acts_for = |cvr| {
        visit
            .rights
            .grants
            .iter()
            .any(|grant| grant.acts_for == cvr)
    };
    let may_open = visit.rights.operator().is_some() || origin.cvr.is_some_and(acts_for);
    Ok(Row {
        at: change.tidspunkt.to_string(),
        record,
        said,
        who,
        call: Link {
            to: match may_open {
                true => format!("{call}?id={id}"),
                false => String::new(),
            },
            text: origin.operation.clone(),
        },
    })
}
