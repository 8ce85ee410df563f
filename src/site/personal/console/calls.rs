//! A search among the calls of everybody. The gateway has written who looks before this is shown.

use askama::Template;

use super::super::super::frame::Frame;
use super::super::super::{NotShown, Page, Shown, Site};
use super::super::calls::{CALLS_OF_A_PAGE, Row, row, unreadable};
use super::super::{Personal, Visit, pages};
use super::{Bar, CallSearch, shown};
use crate::calls;
use crate::store;

#[derive(Template)]
#[template(path = "console_calls.html")]
struct Calls<'a> {
    f: Frame<'a>,
    pages: Vec<(String, &'static str, bool)>,
    bar: Bar<'a>,
    is_kept: bool,
    is_search: bool,
    only_failures: bool,
    fields: Vec<(&'static str, &'static str, &'a str)>,
    calls: Vec<Row>,
    older: Option<String>,
}

pub(in super::super) fn show(site: &Site, visit: &Visit<'_>) -> Result<Shown, NotShown> {
    let language = visit.language();
    let frame = site.frame(visit.place, language.of("Alles kald", "Everybody's calls"));
    let search = CallSearch::of(visit.query).map_err(NotShown::Problem)?;
    let found = match (&search, visit.calls) {
        (Some(search), Some(log)) => {
            let page = calls::Page {
                before: search.before,
                size: CALLS_OF_A_PAGE,
            };
            log.of(&search.filter, page).map_err(unreadable)?
        }
        _ => Vec::new(),
    };
    let last = found
        .last()
        .filter(|_| found.len() == CALLS_OF_A_PAGE as usize);
    let rows = found.iter().map(|call| row(visit, &frame, call));
    let page = Calls {
        calls: rows.collect::<store::Result<_>>()?,
        is_kept: visit.calls.is_some(),
        is_search: search.is_some(),
        only_failures: search.as_ref().is_some_and(|own| own.filter.only_failures),
        fields: fields(visit),
        older: last.map(|last| older(visit, last.id)),
        pages: pages(&frame, visit.rights),
        bar: Bar::of(&frame, visit),
        f: frame,
    };
    shown(visit, &page)
}

/// The fields of the form: name, what it is called, what stands in it.
fn fields<'a>(visit: &Visit<'a>) -> Vec<(&'static str, &'static str, &'a str)> {
    let t = |da, en| visit.language().of(da, en);
    [
        ("cvr", t("Organisation (CVR)", "Organisation (CVR)")),
        ("system", t("System", "System")),
        (
            "fra",
            t("Fra (dag eller tidspunkt)", "From (day or instant)"),
        ),
        ("til", t("Til", "To")),
        ("kode", t("Fejlkode", "Error code")),
    ]
    .map(|(name, label)| (name, label, visit.value(name).unwrap_or_default()))
    .into()
}

/// Where the page with older calls lies: the fields have been read, and hold nothing that must be written another way.
fn older(visit: &Visit<'_>, last: uuid::Uuid) -> String {
    let mut to = format!("{}?foer={last}", visit.place.path());
    for name in ["cvr", "system", "fra", "til", "kode", "kun"] {
        if let Some(value) = visit.value(name) {
            to += &format!("&{name}={}", value.replace('+', "%2B"));
        }
    }
    to
}
