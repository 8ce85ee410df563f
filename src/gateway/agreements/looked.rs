//! The lists of requests and agreements: whose they are depends on who looks, and a page has an end.

use serde_json::{Value, json};

use super::told::Names;
use crate::agreements::{self, Decider};
use crate::identity::Caller;
use crate::problem::{Parameter, Problem, parameter};
use crate::register::{Aftale, AftaleId, AnmodningId, Dato, Standing};
use crate::server::routes::AgreementPart;
use crate::store::{self, Aftaler, Anmodninger, Asked};

/// How many stand on a page, and the most that may be asked for.
const PAGE: u32 = 100;
const MOST: u32 = 500;

/// What is asked.
#[derive(Debug)]
pub(super) struct Query {
    requests: bool,
    standing: Option<Standing>,
    /// As whom the caller looks, where it says so.
    decides: Option<bool>,
    in_force: bool,
    after: u32,
    most: u32,
}

type Result<T> = std::result::Result<T, Box<Problem>>;

impl Query {
    /// Reads the query of a list.
    pub(super) fn of(part: AgreementPart, pairs: &[(String, String)]) -> Result<Self> {
        let requests = part == AgreementPart::Requests;
        let known = match requests {
            true => "stand, rolle, efter, antal",
            false => "gaelder, efter, antal",
        };
        let mut query = Self {
            requests,
            standing: None,
            decides: None,
            in_force: false,
            after: 0,
            most: PAGE,
        };
        for (at, (name, value)) in pairs.iter().enumerate() {
            if pairs[..at].iter().any(|(before, _)| before == name) {
                return Err(Box::new(parameter(name, value, Parameter::Twice)));
            }
            let wrong = |allowed| Box::new(parameter(name, value, Parameter::Invalid(allowed)));
            match (requests, name.as_str()) {
                (true, "stand") => {
                    let standing = Standing::parse(value);
                    let words = "VENTER, GODKENDT, AFVIST, TRUKKET";
                    query.standing = Some(standing.ok_or_else(|| wrong(words))?);
                }
                (true, "rolle") => {
                    query.decides = Some(match value.as_str() {
                        "afgoerer" => true,
                        "anmoder" => false,
                        _ => return Err(wrong("afgoerer, anmoder")),
                    });
                }
                (false, "gaelder") => {
                    query.in_force = match value.as_str() {
                        "true" => true,
                        "false" => false,
                        _ => return Err(wrong("true, false")),
                    };
                }
                (true, "efter") => {
                    let id = AnmodningId::parse(value).map_err(|_| wrong("ANM-1 …"))?;
                    query.after = id.0;
                }
                (false, "efter") => {
                    let id = AftaleId::parse(value).map_err(|_| wrong("AFT-1 …"))?;
                    query.after = id.0;
                }
                (_, "antal") => {
                    let most = value.parse().ok().filter(|most| (1..=MOST).contains(most));
                    query.most = most.ok_or_else(|| wrong("1-500"))?;
                }
                _ => return Err(Box::new(parameter(name, value, Parameter::Unknown(known)))),
            }
        }
        Ok(query)
    }
}

/// A page of a list.
pub(super) fn list(
    query: &Query,
    caller: &Caller,
    names: &Names<'_>,
    today: Dato,
) -> store::Result<Result<Value>> {
    let decider = match caller.system() {
        Some(_) => None,
        None => Decider::of(caller.organisation()),
    };
    match query.requests {
        true => requests(query, caller, decider, names).map(Ok),
        false => held(query, caller, decider, (names, today)).map(Ok),
    }
}

fn requests(
    query: &Query,
    caller: &Caller,
    decider: Option<Decider>,
    names: &Names<'_>,
) -> store::Result<Value> {
    let decider = decider.filter(|_| query.decides != Some(false));
    let of = |af| Anmodninger {
        af,
        standing: query.standing,
        efter: query.after,
        antal: query.most,
    };
    let page = (query.standing, query.after, query.most);
    let found = match (&decider, query.decides, caller.system()) {
        (Some(decider), ..) => agreements::requests_of(names.view, decider, page)?,
        // Who has nothing to decide over sees nothing as who does.
        (None, Some(true), _) => Vec::new(),
        (None, _, Some(system)) => names.view.anmodninger(&of(Asked::System(system.id)))?,
        (None, _, None) => {
            let own = Asked::Leverandoer(caller.organisation().cvr);
            names.view.anmodninger(&of(own))?
        }
    };
    let next = found.last().filter(|_| found.len() == query.most as usize);
    let next = next.map(|last| last.id.to_string());
    let shown: store::Result<Vec<_>> = found.iter().map(|own| names.request(own)).collect();
    Ok(json!({ "anmodninger": shown?, "naeste": next }))
}

fn held(
    query: &Query,
    caller: &Caller,
    decider: Option<Decider>,
    (names, today): (&Names<'_>, Dato),
) -> store::Result<Value> {
    let view = names.view;
    let found = match (&decider, caller.system()) {
        (Some(decider), _) if decider.is_operator() => view.aftaler(Aftaler::Alle)?,
        (Some(decider), _) => {
            let mut all = Vec::new();
            for part in decider.parts(view)? {
                all.extend(view.aftaler(Aftaler::Fra(part))?);
            }
            all
        }
        (None, Some(system)) => view.aftaler(Aftaler::AabneFor(system.id))?,
        (None, None) => Vec::new(),
    };
    let chosen = |own: &&Aftale| own.id.0 > query.after && (!query.in_force || own.gaelder(today));
    let found: Vec<_> = found
        .iter()
        .filter(chosen)
        .take(query.most as usize)
        .collect();
    let next = found.last().filter(|_| found.len() == query.most as usize);
    let next = next.map(|last| last.id.to_string());
    let shown: store::Result<Vec<_>> = found
        .iter()
        .map(|own| names.agreement(own, Some(today)))
        .collect();
    Ok(json!({ "aftaler": shown?, "naeste": next }))
}
