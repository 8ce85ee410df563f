//! Requests for agreements: a system asks and may take that back, who decides approves or rejects, and ends what it has let.
//!
//! Each change of many is judged by itself, by what those before it in the same transaction have made, and has an audit line of
//! its own. One that is refused leaves nothing and keeps no other back.

use super::decider::Decider;
use super::grants::{Rules, granted, open, words};
use super::refused::{Changed, RequestRefused, Unchanged, refuse};
use super::rights::today;
use super::usable::can_work;
use super::{Act, principal};
use crate::register::{
    Afgjort, Aftale, AftaleId, Anmodning, AnmodningId, Dato, Kommentar, Om, Omfang, Part,
    RequestState, Standing, SystemId, Tidspunkt, Tjeneste,
};
use crate::store::{self, Aftaler, Anmodninger, Asked, Read, Right, Write};

/// The most requests of one system that wait.
pub const MOST_WAITING: u64 = 2_000;
/// The longest comment, in characters.
pub const LONGEST_COMMENT: usize = 2_000;

type Result<T> = Changed<T, RequestRefused>;

/// What a system asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// Of whom.
    pub part: Part,
    /// For which service.
    pub tjeneste: Tjeneste,
    /// How much; its numbers in order.
    pub omfang: Omfang,
    /// From this Danish day on; none: from today.
    pub fra: Option<Dato>,
    /// To this one; none: until it is ended.
    pub til: Option<Dato>,
}

/// How a request is settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ruling {
    /// It becomes an agreement.
    Approve,
    /// It does not.
    Reject,
}

/// Asks for an agreement.
pub fn request(
    tx: &mut dyn Write,
    act: &Act,
    rules: &Rules,
    (system, wish): (SystemId, Wish),
    comment: Option<&str>,
) -> Result<Anmodning> {
    let today = today(act.now)?;
    let new = Anmodning {
        id: AnmodningId(0),
        system,
        part: wish.part,
        tjeneste: wish.tjeneste,
        omfang: wish.omfang,
        fra: wish.fra.unwrap_or(today).max(today),
        til: wish.til,
        oprettet: act.now,
        state: RequestState::Venter,
    };
    can_work(tx, &new.som_aftale(today, act.now), today, rules.by_kommune)
        .map_err(Unchanged::because)?;
    is_new(tx, &new)?;
    let new = Anmodning {
        id: tx.new_request_id()?,
        ..new
    };
    let mut noter = asked(&new);
    noter.extend(new.til.map(|last| format!("til {last}")));
    tx.save_rights(&[Right::Request(&new)], &act.line(noter))?;
    keep_comment(tx, act, Om::Anmodning(new.id), comment)?;
    Ok(new)
}

/// Refuses what is asked already, or agreed to already.
fn is_new(view: &dyn Read, new: &Anmodning) -> Result<()> {
    if view.waiting_of(new.system)? >= MOST_WAITING {
        return refuse(RequestRefused::TooManyWaiting(new.system));
    }
    let waiting = view.anmodninger(&Anmodninger {
        af: Asked::System(new.system),
        standing: Some(Standing::Venter),
        efter: 0,
        antal: u32::MAX,
    })?;
    let same = waiting.iter().find(|own| {
        own.part == new.part && own.tjeneste == new.tjeneste && holds(&own.omfang, &new.omfang)
    });
    if let Some(same) = same {
        return refuse(RequestRefused::Asked(same.id));
    }
    let held = view.aftaler(Aftaler::AabneFor(new.system))?;
    let same = held.iter().find(|own| {
        own.part == new.part
            && own.tjeneste == new.tjeneste
            && own.fra <= new.fra
            && own
                .til
                .is_none_or(|last| new.til.is_some_and(|wished| wished <= last))
            && holds(&own.omfang, &new.omfang)
    });
    match same {
        Some(same) => refuse(RequestRefused::Agreed(same.id)),
        None => Ok(()),
    }
}

/// Whether a scope says all that another says, by its words.
fn holds(all: &Omfang, part: &Omfang) -> bool {
    let (numbers, wished) = (all.numre(), part.numre());
    *all == Omfang::Alle
        || (all.art() == part.art() && wished.iter().all(|number| numbers.contains(number)))
}

/// Takes a request of a system back.
pub fn withdraw(
    tx: &mut dyn Write,
    act: &Act,
    (system, id): (SystemId, AnmodningId),
    comment: Option<&str>,
) -> Result<Anmodning> {
    let own = waiting(tx, id, |request| Ok(request.system == system))?;
    let state = RequestState::Trukket(settled(act));
    settle_as(tx, act, own, state, comment)
}

/// Approves or rejects a request. An approval makes the agreement.
pub fn settle(
    tx: &mut dyn Write,
    act: &Act,
    rules: &Rules,
    decider: &Decider,
    (id, ruling): (AnmodningId, Ruling),
    comment: Option<&str>,
) -> Result<Anmodning> {
    let view: &dyn Read = tx;
    let request = waiting(view, id, |request| {
        decider.decides(view, request.part, &request.omfang)
    })?;
    if ruling == Ruling::Reject {
        let state = RequestState::Afvist(settled(act));
        return settle_as(tx, act, request, state, comment);
    }
    if let Some(system) = tx.system(request.system)?
        && decider.owns(tx, &system)?
    {
        return refuse(RequestRefused::OwnSystem(system));
    }
    let new = request.som_aftale(today(act.now)?, act.now);
    let aftale = granted(tx, act, rules, new).map_err(Unchanged::because)?;
    let approved = Anmodning {
        state: RequestState::Godkendt(settled(act), aftale.id),
        ..request
    };
    let mut noter = vec![format!("anmodning {}", approved.id)];
    noter.extend(words(&aftale));
    let rights = [Right::Agreement(&aftale), Right::Request(&approved)];
    tx.save_rights(&rights, &act.line(noter))?;
    keep_comment(tx, act, Om::Anmodning(approved.id), comment)?;
    Ok(approved)
}

/// Ends an agreement that the decider has let, or that is everybody's to the operator. The comment stays out of its reason,
/// which the audit chain keeps.
pub fn end_own(
    tx: &mut dyn Write,
    act: &Act,
    decider: &Decider,
    id: AftaleId,
    comment: Option<&str>,
) -> Result<Aftale> {
    let found = tx.aftaler(Aftaler::En(id))?.pop();
    if let Some(found) = found {
        decider.own(tx, found)?;
    }
    let mut aftale = open(tx, id).map_err(Unchanged::because)?;
    let by = match decider.is_operator() {
        true => "registerets drift".to_owned(),
        false => principal(aftale.part),
    };
    aftale.lukket = Some((act.now, format!("afsluttet af {by}")));
    tx.save_rights(&[Right::Agreement(&aftale)], &act.line(words(&aftale)))?;
    keep_comment(tx, act, Om::Aftale(id), comment)?;
    Ok(aftale)
}

/// A request that waits, if it is somebody's: one that is not there, and one of others, are told alike.
fn waiting(
    view: &dyn Read,
    id: AnmodningId,
    is_own: impl FnOnce(&Anmodning) -> store::Result<bool>,
) -> Result<Anmodning> {
    let Some(request) = view.anmodninger(&Anmodninger::en(id))?.pop() else {
        return refuse(RequestRefused::Unknown(id));
    };
    if !is_own(&request)? {
        return refuse(RequestRefused::Unknown(id));
    }
    match request.state {
        RequestState::Venter => Ok(request),
        _ => refuse(RequestRefused::Settled(Box::new(request))),
    }
}

fn settle_as(
    tx: &mut dyn Write,
    act: &Act,
    request: Anmodning,
    state: RequestState,
    comment: Option<&str>,
) -> Result<Anmodning> {
    let request = Anmodning { state, ..request };
    tx.save_rights(&[Right::Request(&request)], &act.line(asked(&request)))?;
    keep_comment(tx, act, Om::Anmodning(request.id), comment)?;
    Ok(request)
}

fn settled(act: &Act) -> Afgjort {
    Afgjort {
        tidspunkt: act.now,
        cvr: act.cvr,
        person: act.person.clone(),
    }
}

/// What an audit line says of a request.
fn asked(request: &Anmodning) -> Vec<String> {
    vec![
        format!("anmodning {}", request.id),
        format!("stand {}", request.state.standing().as_str()),
        format!("system {}", request.system),
        principal(request.part),
        format!("tjeneste {}", request.tjeneste.as_str()),
        format!("omfang {}", request.omfang.art()),
        format!("fra {}", request.fra),
    ]
}

fn keep_comment(tx: &mut dyn Write, act: &Act, om: Om, comment: Option<&str>) -> store::Result<()> {
    let Some(text) = comment else {
        return Ok(());
    };
    tx.save_comment(&Kommentar {
        om,
        tidspunkt: act.now,
        cvr: act.cvr,
        person: act.person.clone(),
        tekst: text.to_owned(),
    })
}

/// The first so many requests after one that somebody decides over, by id.
pub fn requests_of(
    view: &dyn Read,
    decider: &Decider,
    (standing, efter, antal): (Option<Standing>, u32, u32),
) -> store::Result<Vec<Anmodning>> {
    let asked = match decider.is_operator() {
        true => vec![Asked::Alle],
        false => decider.parts(view)?.into_iter().map(Asked::Hos).collect(),
    };
    let most = usize::try_from(antal).unwrap_or(usize::MAX);
    let mut found = Vec::new();
    for af in asked {
        let mut which = Anmodninger {
            af,
            standing,
            efter,
            antal,
        };
        let mut own = Vec::new();
        while own.len() < most {
            let page = view.anmodninger(&which)?;
            let Some(last) = page.last() else { break };
            which.efter = last.id.0;
            for request in page {
                if decider.decides(view, request.part, &request.omfang)? {
                    own.push(request);
                }
            }
        }
        found.append(&mut own);
    }
    found.sort_by_key(|request| request.id);
    found.truncate(most);
    Ok(found)
}

/// Takes note of the person who decides, where one does.
pub fn note_person(tx: &mut dyn Write, decider: &Decider, now: Tidspunkt) -> store::Result<()> {
    match &decider.person {
        Some(person) => tx.save_person(person, now),
        None => Ok(()),
    }
}
