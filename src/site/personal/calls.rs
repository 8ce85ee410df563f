//! The calls of a person's organisations: the last ones, and one with its errors and what it changed.

use std::collections::BTreeSet;

use askama::Template;
use uuid::Uuid;

use super::super::frame::{Frame, Link};
use super::super::{NotShown, Page, Shown, Site, no_path};
use super::said::said;
use super::{Personal, Visit, pages};
use crate::calls::{self, Call, CallsError, Filter, Outcome};
use crate::register::{Cvr, Language, Sekvens};
use crate::store::{self, StoreError};

/// So many calls stand on a page, and so many changes of one are told.
pub(super) const CALLS_OF_A_PAGE: u32 = 50;
const CHANGES: u32 = 100;

#[derive(Template)]
#[template(path = "calls.html")]
struct Calls<'a> {
    f: Frame<'a>,
    pages: Vec<(String, &'static str, bool)>,
    is_kept: bool,
    only_failures: bool,
    code: &'a str,
    calls: Vec<Row>,
    older: Option<String>,
}

/// A call on a line.
pub(super) struct Row {
    pub(super) at: String,
    pub(super) call: Link,
    pub(super) who: String,
    pub(super) status: u16,
    pub(super) outcome: &'static str,
    pub(super) kode: Option<Link>,
    pub(super) count: u64,
}

#[derive(Template)]
#[template(path = "call.html")]
struct OneCall<'a> {
    f: Frame<'a>,
    pages: Vec<(String, &'static str, bool)>,
    call: Row,
    id: String,
    milliseconds: u128,
    message_id: Option<String>,
    records: u64,
    errors: Vec<Told>,
    more: u64,
    audit: Option<u64>,
    changes: Vec<(Link, String)>,
}

/// An error in words.
struct Told {
    kode: Link,
    path: String,
    remedy: String,
}

pub(super) fn all(site: &Site, visit: &Visit<'_>) -> Result<Shown, NotShown> {
    let frame = site.frame(visit.place, visit.language().of("Kald", "Calls"));
    let only_failures = visit.value("kun") == Some("fejl");
    let code = visit.value("kode").unwrap_or_default();
    let before = visit
        .value("foer")
        .and_then(|text| Uuid::parse_str(text).ok());
    let mut found = Vec::new();
    if let Some(log) = visit.calls {
        for cvr in own(visit) {
            let filter = Filter {
                cvr: Some(cvr),
                only_failures,
                code: (!code.is_empty()).then(|| code.to_owned()),
                ..Filter::default()
            };
            let page = calls::Page {
                before,
                size: CALLS_OF_A_PAGE,
            };
            found.extend(log.of(&filter, page).map_err(unreadable)?);
        }
    }
    found.sort_by_key(|call| std::cmp::Reverse(call.id));
    found.truncate(CALLS_OF_A_PAGE as usize);
    let older = found
        .last()
        .filter(|_| found.len() == CALLS_OF_A_PAGE as usize);
    let path = visit.place.path();
    let kept = match only_failures {
        true => "&kun=fejl",
        false => "",
    };
    let older = older.map(|last| format!("{path}?foer={}{kept}", last.id));
    let rows = found.iter().map(|call| row(visit, &frame, call));
    Shown::html(&Calls {
        calls: rows.collect::<store::Result<_>>()?,
        is_kept: visit.calls.is_some(),
        only_failures,
        code,
        older,
        pages: pages(&frame, visit.rights),
        f: frame,
    })
}

pub(super) fn one(site: &Site, visit: &Visit<'_>) -> Result<Shown, NotShown> {
    let id = visit
        .value("id")
        .and_then(|text| Uuid::parse_str(text).ok());
    let found = match (visit.calls, id) {
        (Some(log), Some(id)) => log.by_id(id).map_err(unreadable)?,
        _ => None,
    };
    // Calls of others are as unknown as those that never were.
    let may = |call: &Call| {
        visit.rights.operator().is_some() || call.cvr.is_some_and(|cvr| own(visit).contains(&cvr))
    };
    let call = found.filter(may).ok_or_else(|| no_path(visit.place))?;
    let frame = site.frame(visit.place, visit.language().of("Et kald", "A call"));
    let (errors, more) = call.errors();
    let errors = errors.iter().map(|error| Told {
        kode: code(&frame, error.kode),
        path: error.path.unwrap_or_default().to_owned(),
        remedy: calls::entry(error.kode)
            .map(|entry| visit.language().of(entry.hjaelp_da, entry.hjaelp_en))
            .unwrap_or_default()
            .to_owned(),
    });
    Shown::html(&OneCall {
        errors: errors.collect(),
        more,
        id: call.id.to_string(),
        milliseconds: call.took.as_millis(),
        message_id: call.message_id.clone(),
        records: call.records,
        audit: call.written.map(|written| written.line),
        changes: changes(visit, &frame, &call)?,
        call: row(visit, &frame, &call)?,
        pages: pages(&frame, visit.rights),
        f: frame,
    })
}

/// What a call changed, in words.
fn changes(
    visit: &Visit<'_>,
    frame: &Frame<'_>,
    call: &Call,
) -> store::Result<Vec<(Link, String)>> {
    let written = call.written.map(|written| written.changes);
    let Some((first, last)) = written else {
        return Ok(Vec::new());
    };
    let limit = u32::try_from(last.0.saturating_sub(first.0) + 1).unwrap_or(CHANGES);
    let from = Sekvens(first.0.saturating_sub(1));
    let mut all = Vec::new();
    for change in visit.view.aendringer(from, limit.min(CHANGES))? {
        all.push(said(visit, frame, &change)?);
    }
    Ok(all)
}

/// The organisations that the person acts for.
pub(super) fn own(visit: &Visit<'_>) -> BTreeSet<Cvr> {
    visit
        .rights
        .grants
        .iter()
        .map(|grant| grant.acts_for)
        .collect()
}

pub(super) fn row(visit: &Visit<'_>, frame: &Frame<'_>, call: &Call) -> store::Result<Row> {
    let mut who = match call.cvr {
        Some(cvr) => visit
            .view
            .organisation(cvr)?
            .map_or_else(|| cvr.to_string(), |own| own.navn),
        None => String::new(),
    };
    if let Some(id) = call.system {
        let name = visit.view.system(id)?.map(|system| system.navn);
        who += &format!(", {} ({id})", name.unwrap_or_default());
    }
    let to = frame.to(Page::Personal(Personal::Call));
    Ok(Row {
        at: call.at().to_string(),
        call: Link {
            to: format!("{to}?id={}", call.id),
            text: format!("{}/{}", call.service, call.operation),
        },
        who,
        status: call.status,
        outcome: outcome(call.outcome(), visit.language()),
        kode: call.kode.as_deref().map(|kode| code(frame, kode)),
        count: call.count,
    })
}

fn code(frame: &Frame<'_>, kode: &str) -> Link {
    let page = super::super::place::error_code(kode);
    Link {
        to: page.map(|page| frame.to(page)).unwrap_or_default(),
        text: kode.to_owned(),
    }
}

fn outcome(outcome: Outcome, language: Language) -> &'static str {
    match outcome {
        Outcome::Success => language.of("lykkedes", "went well"),
        Outcome::Refusal => language.of("afvist", "refused"),
        Outcome::Failure => language.of("fejlede", "failed"),
    }
}

pub(super) fn unreadable(error: CallsError) -> NotShown {
    NotShown::Store(StoreError::Failed(error.to_string()))
}
