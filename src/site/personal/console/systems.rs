//! Systems: their certificates, when each last called; registered, bound, and closed once it is told what that means.

use std::collections::HashMap;

use askama::Template;

use super::super::super::frame::Frame;
use super::super::super::{NotShown, Page, Shown, Site};
use super::super::calls::unreadable;
use super::super::{Visit, pages};
use super::{Bar, MOST, holds, named, shown};
use crate::agreements::{LONGEST_CASE, LONGEST_NAME, principal};
use crate::calls::Last;
use crate::register::{System, SystemId};
use crate::store::{Aftaler, Result};

#[derive(Template)]
#[template(path = "console_systems.html")]
struct Systems<'a> {
    f: Frame<'a>,
    pages: Vec<(String, &'static str, bool)>,
    bar: Bar<'a>,
    wanted: &'a str,
    longest: (usize, usize),
    closing: Option<Closing>,
    binding: Option<System>,
    systems: Vec<Row>,
    more: bool,
}

struct Row {
    own: System,
    owner: String,
    last: String,
    closed: Option<String>,
    bind: String,
    close: String,
}

/// What closing one means.
struct Closing {
    own: System,
    consequences: Vec<String>,
}

pub(in super::super) fn show(
    site: &Site,
    visit: &Visit<'_>,
) -> std::result::Result<Shown, NotShown> {
    let frame = site.frame(visit.place, visit.language().of("Systemer", "Systems"));
    let wanted = visit.value("soeg").unwrap_or_default();
    let last = last(visit)?;
    let (mut rows, mut more) = (Vec::new(), false);
    for own in visit.view.systemer()? {
        let owner = named(visit.view, own.ejer)?;
        if !holds(&[&own.id.to_string(), &own.navn, &owner], wanted) {
            continue;
        }
        if rows.len() == MOST {
            more = true;
            break;
        }
        rows.push(row(visit, own, owner, &last));
    }
    let page = Systems {
        systems: rows,
        more,
        wanted,
        longest: (LONGEST_NAME, LONGEST_CASE),
        closing: closing(visit, &last)?,
        binding: open(visit, "system")?,
        pages: pages(&frame, visit.rights),
        bar: Bar::of(&frame, visit),
        f: frame,
    };
    shown(visit, &page)
}

/// When each system last called.
fn last(visit: &Visit<'_>) -> std::result::Result<HashMap<SystemId, Last>, NotShown> {
    let Some(log) = visit.calls else {
        return Ok(HashMap::new());
    };
    let all = log.last().map_err(unreadable)?.into_iter();
    Ok(all.filter_map(|own| Some((own.system?, own))).collect())
}

fn row(visit: &Visit<'_>, own: System, owner: String, last: &HashMap<SystemId, Last>) -> Row {
    let path = visit.place.path();
    Row {
        owner,
        last: told(visit, last.get(&own.id)),
        closed: own.lukket.map(|at| at.to_string()),
        bind: format!("{path}?system={}", own.id),
        close: format!("{path}?luk={}", own.id),
        own,
    }
}

/// When a system last called, and what came of it.
pub(in super::super) fn told(visit: &Visit<'_>, last: Option<&Last>) -> String {
    let t = |da, en| visit.language().of(da, en);
    let Some(last) = last else {
        return t("intet kald kendes", "no call is known").to_owned();
    };
    let kinds = [
        (t("lykkedes", "went well"), last.success),
        (t("afvist", "refused"), last.refusal),
        (t("fejlede", "failed"), last.failure),
        (t("skrev", "wrote"), last.wrote),
    ];
    let told = kinds
        .iter()
        .filter_map(|(name, at)| at.map(|at| format!("{name} {at}")));
    told.collect::<Vec<_>>().join("; ")
}

/// The open system that a parameter of the query names.
fn open(visit: &Visit<'_>, name: &str) -> Result<Option<System>> {
    let id = visit
        .value(name)
        .and_then(|text| SystemId::parse(text).ok());
    let Some(id) = id else {
        return Ok(None);
    };
    let known = visit.view.system(id)?;
    Ok(known.filter(|own| own.lukket.is_none()))
}

/// What closing the system in the query means.
fn closing(visit: &Visit<'_>, last: &HashMap<SystemId, Last>) -> Result<Option<Closing>> {
    let Some(own) = open(visit, "luk")? else {
        return Ok(None);
    };
    let t = |da, en| visit.language().of(da, en);
    let agreements = visit.view.aftaler(Aftaler::AabneFor(own.id))?;
    let each = agreements
        .iter()
        .map(|one| format!("{} ({})", one.id, principal(one.part)));
    let consequences = vec![
        format!(
            "{}: {}.",
            t(
                "Dets certifikater afvises fra det næste kald",
                "Its certificates are refused from the next call on"
            ),
            own.certifikater.len()
        ),
        format!(
            "{}: {} {}",
            t(
                "Aftaler, der ingen ret giver mere",
                "Agreements that give no right any more"
            ),
            agreements.len(),
            each.collect::<Vec<_>>().join(", ")
        ),
        format!(
            "{}: {}",
            t("Seneste kald", "Last call"),
            told(visit, last.get(&own.id))
        ),
        t(
            "Et lukket system åbnes ikke igen: registrér et nyt.",
            "A closed system is not opened again: register a new one.",
        )
        .to_owned(),
    ];
    Ok(Some(Closing { own, consequences }))
}
