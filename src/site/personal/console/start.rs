//! Where the register stands, and what waits for somebody.

use std::collections::BTreeMap;

use askama::Template;

use super::super::super::frame::{Frame, Link};
use super::super::super::{NotShown, Page, Shown, Site};
use super::super::{Console, Personal, Visit, pages};
use super::{Bar, shown};
use crate::agreements::principal;
use crate::register::{Kommunekode, Standing};
use crate::search::State;
use crate::store::{Anmodninger, Asked, Result};

/// So many requests are shown, those that have waited longest first.
const MOST: u32 = 20;

#[derive(Template)]
#[template(path = "console_start.html")]
struct Start<'a> {
    f: Frame<'a>,
    pages: Vec<(String, &'static str, bool)>,
    bar: Bar<'a>,
    lines: Vec<(String, String)>,
    waiting: Vec<String>,
    agreements: String,
    findings: Vec<(Link, usize)>,
}

pub(in super::super) fn show(
    site: &Site,
    visit: &Visit<'_>,
) -> std::result::Result<Shown, NotShown> {
    let frame = site.frame(visit.place, visit.language().of("Drift", "Operation"));
    let mut lines = visit.told.lines.clone();
    lines.push(search(visit));
    lines.push(call_log(visit));
    let page = Start {
        lines,
        waiting: waiting(visit)?,
        agreements: frame.to(Page::Personal(Personal::Console(Console::Agreements))),
        findings: findings(visit, &frame)?,
        pages: pages(&frame, visit.rights),
        bar: Bar::of(&frame, visit),
        f: frame,
    };
    shown(visit, &page)
}

fn search(visit: &Visit<'_>) -> (String, String) {
    let t = |da, en| visit.language().of(da, en);
    let told = match visit.search.state() {
        State::Building { done, of } => format!("{}: {done}/{of}", t("bygges", "is being built")),
        State::Failed { why } => format!("{}: {why}", t("virker ikke", "does not work")),
        State::Ready { sekvens, behind } => format!(
            "{} {sekvens}, {behind} {}",
            t("er ved ændring", "is at change"),
            t("bagefter", "behind")
        ),
    };
    (t("søgning", "search").to_owned(), told)
}

fn call_log(visit: &Visit<'_>) -> (String, String) {
    let t = |da, en| visit.language().of(da, en);
    let told = match visit.calls {
        None => t("føres ikke (kaldslog.til)", "none is kept (kaldslog.til)").to_owned(),
        Some(log) if !log.is_there() => t(
            "er der ikke endnu: den laves med det første kald",
            "is not there yet: it is made with the first call",
        )
        .to_owned(),
        Some(log) => match log.last() {
            Err(error) => error.to_string(),
            Ok(last) => {
                let latest = last.iter().filter_map(crate::calls::Last::call).max();
                let none = || t("intet kald endnu", "no call yet").to_owned();
                latest.map_or_else(none, |at| {
                    format!("{} {at}", t("seneste kald", "last call"))
                })
            }
        },
    };
    (t("kaldslog", "call log").to_owned(), told)
}

/// The requests that wait for an answer.
fn waiting(visit: &Visit<'_>) -> Result<Vec<String>> {
    let which = Anmodninger {
        af: Asked::Alle,
        standing: Some(Standing::Venter),
        efter: 0,
        antal: MOST,
    };
    let mut told = Vec::new();
    for request in visit.view.anmodninger(&which)? {
        let system = visit.view.system(request.system)?;
        let name = system.map(|own| own.navn).unwrap_or_default();
        told.push(format!(
            "{}: {} ({name}) {} {}, {}",
            request.id,
            request.system,
            visit
                .language()
                .of("beder om aftale med", "asks for an agreement of"),
            principal(request.part),
            request.oprettet
        ));
    }
    Ok(told)
}

/// How many findings are open, by kommune.
fn findings(visit: &Visit<'_>, frame: &Frame<'_>) -> Result<Vec<(Link, usize)>> {
    let mut counts: BTreeMap<Kommunekode, usize> = BTreeMap::new();
    for one in visit.view.fund(None)? {
        if one.loest.is_none() {
            *counts.entry(one.fund.kommune).or_default() += 1;
        }
    }
    let link = |code: Kommunekode| {
        let name = visit.tables.kommune.tekst(i32::from(code.0));
        Link {
            to: frame.to(Page::Kommune(code, super::super::super::Form::Html)),
            text: name.map_or_else(|| code.to_string(), |name| format!("{name} ({code})")),
        }
    };
    Ok(counts
        .into_iter()
        .map(|(code, count)| (link(code), count))
        .collect())
}
