//! What decisions would come to, told before they are made: which system begins or stops, where, for whom, and since when it
//! has written there.

use std::collections::BTreeMap;

use super::cover::covered_places;
use super::decider::Decider;
use super::grants::Rules;
use crate::register::{
    Aftale, AftaleId, AnmodningId, Dato, Institutionsnummer, Part, RequestState, Sted, System,
    Tidspunkt, Tjeneste,
};
use crate::store::{Aftaler, Anmodninger, Organisation, Read, Result};

/// The most records that an effect names; it counts them all.
pub const MOST_NAMED: usize = 100;

/// A decision that somebody thinks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Planned {
    /// To approve a request.
    Approve(AnmodningId),
    /// To end an agreement.
    End(AftaleId),
}

/// What a decision would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effect {
    /// The decision.
    pub of: Planned,
    /// The system whose users it is about.
    pub system: System,
    /// Whose system that is.
    pub owner: Option<Organisation>,
    /// Whose agreement: a kommune or a private owner, whose institutions the users work in.
    pub part: Part,
    /// What the system may do there, or may do no more.
    pub tjeneste: Tjeneste,
    /// The first of the open records where that changes; where another agreement of the system holds it does not.
    pub records: Vec<Institutionsnummer>,
    /// How many they are.
    pub count: usize,
    /// The first and the last time that the system wrote one of them.
    pub written: Option<(Tidspunkt, Tidspunkt)>,
}

/// What decisions would do, those of the decider; what it does not decide over, and what is settled, has no effect.
pub fn effects(
    view: &dyn Read,
    rules: &Rules,
    decider: &Decider,
    (decisions, today): (&[Planned], Dato),
) -> Result<Vec<Effect>> {
    let ending = |id| decisions.contains(&Planned::End(id));
    let mut found = Vec::new();
    for &of in decisions {
        let Some(aftale) = meant(view, of, today)? else {
            continue;
        };
        if !decider.decides(view, aftale.part, &aftale.omfang)? {
            continue;
        }
        let Some(system) = view.system(aftale.system)? else {
            continue;
        };
        let day = aftale.fra.max(today);
        let mut places = covered_places(view, &aftale, day, &rules.mirrors)?;
        let others = view.aftaler(Aftaler::AabneFor(aftale.system))?;
        let others = others.iter().filter(|other| {
            other.id != aftale.id
                && other.tjeneste == aftale.tjeneste
                && other.gaelder(day)
                && !ending(other.id)
        });
        leave_out(&mut places, others);
        let all: Vec<_> = places.into_keys().collect();
        found.push(Effect {
            of,
            owner: view.organisation(system.ejer)?,
            part: aftale.part,
            tjeneste: aftale.tjeneste,
            count: all.len(),
            written: view.written_by(system.id, &all)?,
            records: all.into_iter().take(MOST_NAMED).collect(),
            system,
        });
    }
    Ok(found)
}

/// Takes out the places where another agreement holds.
fn leave_out<'a>(
    places: &mut BTreeMap<Institutionsnummer, Sted>,
    others: impl Iterator<Item = &'a Aftale>,
) {
    for other in others {
        places.retain(|_, sted| !other.daekker(sted));
    }
}

/// The agreement that a decision makes or ends.
fn meant(view: &dyn Read, of: Planned, today: Dato) -> Result<Option<Aftale>> {
    Ok(match of {
        Planned::End(id) => {
            let found = view.aftaler(Aftaler::En(id))?.pop();
            found.filter(|aftale| aftale.lukket.is_none())
        }
        Planned::Approve(id) => {
            let found = view.anmodninger(&Anmodninger::en(id))?.pop();
            let waiting = found.filter(|request| request.state == RequestState::Venter);
            waiting.map(|request| request.som_aftale(today, request.oprettet))
        }
    })
}
