//! Agreements: one list over all that a person may look at, requests that wait first, and what is chosen in it (`decision`).

mod decision;
mod filter;
mod row;

pub use decision::{Decided, Decision, Handling};

use askama::Template;

use super::super::frame::Frame;
use super::super::{NotShown, Page, Shown, Site};
use super::{Visit, pages};
use crate::agreements::{self, Decider};
use crate::register::{Anmodning, Dato, Privilege, Standing};
use crate::store::{self, Aftaler};
use filter::{Filter, State};
use row::{Names, Row};

/// So many stand on a page.
const PAGE: usize = 50;
/// So many requests are read at a time.
const READ: u32 = 500;

#[derive(Template)]
#[template(path = "agreements.html")]
struct Agreements<'a> {
    f: Frame<'a>,
    pages: Vec<(String, &'static str, bool)>,
    filter: &'a Filter,
    states: Vec<(&'static str, &'static str, bool)>,
    services: Vec<(&'static str, &'static str, bool)>,
    requests: Vec<Row>,
    agreements: Vec<Row>,
    count: usize,
    needs_case: bool,
    may: bool,
    before: Option<String>,
    after: Option<String>,
    token: &'a str,
}

impl Agreements<'_> {
    /// Whether one of the rows can be chosen.
    fn has_open(rows: &[Row]) -> bool {
        rows.iter().any(|row| row.may)
    }
}

pub(super) fn show(site: &Site, visit: &Visit<'_>) -> Result<Shown, NotShown> {
    let language = visit.language();
    let filter = Filter::of(visit)?;
    let frame = site.frame(visit.place, language.of("Aftaler", "Agreements"));
    let decider = |privilege| visit.rights.decider(visit.view, privilege, None);
    let (sees, decides) = (decider(Privilege::Read)?, decider(Privilege::Agreements)?);
    let mut names = Names::new(visit);
    let mut listed = Listed::from(&filter);
    if let Some(sees) = &sees {
        requests(visit, sees, (&filter, &mut names), &mut listed)?;
        held(visit, sees, (&filter, &mut names), &mut listed)?;
    }
    let mut found = Found {
        requests: Vec::new(),
        agreements: Vec::new(),
    };
    for item in listed.page {
        match item {
            Item::Request(own) => {
                let may = match (&decides, own.state.standing()) {
                    (Some(decider), Standing::Venter) => {
                        decider.decides(visit.view, own.part, &own.omfang)?
                    }
                    _ => false,
                };
                found.requests.push(names.request(&own, may)?);
            }
            Item::Agreement(own) => {
                let may = match &decides {
                    Some(decider) if own.lukket.is_none() => {
                        decider.decides(visit.view, own.part, &own.omfang)?
                    }
                    _ => false,
                };
                found.agreements.push(names.agreement(&own, may)?);
            }
        }
    }
    let to = |side: usize| filter.address(visit.place, side);
    Shown::html(&Agreements {
        states: filter.states(language),
        services: filter.services(language),
        before: (filter.side > 1).then(|| to(filter.side - 1)),
        after: (filter.side * PAGE < listed.count).then(|| to(filter.side + 1)),
        requests: found.requests,
        agreements: found.agreements,
        count: listed.count,
        needs_case: decides.as_ref().is_some_and(Decider::is_operator),
        may: decides.is_some(),
        token: visit.token,
        filter: &filter,
        pages: pages(&frame, visit.rights),
        f: frame,
    })
}

struct Found {
    requests: Vec<Row>,
    agreements: Vec<Row>,
}

enum Item {
    Request(Anmodning),
    Agreement(crate::register::Aftale),
}

/// What is on the page, and how many there are.
struct Listed {
    from: usize,
    count: usize,
    page: Vec<Item>,
}

impl Listed {
    const fn from(filter: &Filter) -> Self {
        Self {
            from: (filter.side - 1) * PAGE,
            count: 0,
            page: Vec::new(),
        }
    }

    fn take(&mut self, item: impl FnOnce() -> Item) {
        if self.count >= self.from && self.page.len() < PAGE {
            self.page.push(item());
        }
        self.count += 1;
    }
}

/// Requests: those that wait, or those that are settled.
fn requests(
    visit: &Visit<'_>,
    sees: &Decider,
    (filter, names): (&Filter, &mut Names<'_>),
    listed: &mut Listed,
) -> store::Result<()> {
    let standings: &[Standing] = match filter.state {
        State::Aabne | State::Venter => &[Standing::Venter],
        State::Afgjort => &[Standing::Godkendt, Standing::Afvist, Standing::Trukket],
        State::Gaelder | State::Afsluttet => &[],
    };
    for &standing in standings {
        let mut after = 0;
        loop {
            let which = (Some(standing), after, READ);
            let found = agreements::requests_of(visit.view, sees, which)?;
            let Some(last) = found.last() else { break };
            after = last.id.0;
            let is_last = found.len() < READ as usize;
            for own in found {
                if filter.takes(names, (own.system, own.part, own.tjeneste))? {
                    listed.take(|| Item::Request(own));
                }
            }
            if is_last {
                break;
            }
        }
    }
    Ok(())
}

/// Agreements, by id.
fn held(
    visit: &Visit<'_>,
    sees: &Decider,
    (filter, names): (&Filter, &mut Names<'_>),
    listed: &mut Listed,
) -> store::Result<()> {
    let wants_open = match filter.state {
        State::Aabne | State::Gaelder => true,
        State::Afsluttet => false,
        State::Venter | State::Afgjort => return Ok(()),
    };
    let today: Dato = agreements::today(visit.now)?;
    let mut found = Vec::new();
    if sees.is_operator() {
        found = visit.view.aftaler(Aftaler::Alle)?;
    } else {
        for part in sees.parts(visit.view)? {
            for own in visit.view.aftaler(Aftaler::Fra(part))? {
                if sees.decides(visit.view, own.part, &own.omfang)? {
                    found.push(own);
                }
            }
        }
        found.sort_by_key(|own| own.id);
    }
    for own in found {
        let is_open = own.lukket.is_none() && own.til.is_none_or(|last| today <= last);
        if is_open == wants_open && filter.takes(names, (own.system, own.part, own.tjeneste))? {
            listed.take(|| Item::Agreement(own));
        }
    }
    Ok(())
}
