//! Systems that have gone silent: an agreement lets them write, they have written before, and no call of theirs has gone well
//! for some hours.

use std::collections::{HashMap, HashSet};

use super::Last;
use crate::register::{Dato, System, SystemId, Tidspunkt, Tjeneste};
use crate::store::{self, Aftaler, Read};

const HOUR: i64 = 3600 * 1000;

/// A system that has gone silent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Silent {
    /// The system.
    pub system: System,
    /// When it last called: refusals tell a system that fails from one that does not call.
    pub last: Last,
}

/// The systems that have gone silent, by id; none for 0 hours.
///
/// # Errors
/// What the store says.
pub fn silent(
    view: &dyn Read,
    last: &[Last],
    now: Tidspunkt,
    hours: u32,
) -> store::Result<Vec<Silent>> {
    let latest = now.plus_millis(-i64::from(hours).saturating_mul(HOUR));
    let quiet = |last: &&Last| last.wrote.is_some() && last.success < Some(latest);
    let mut found: HashMap<SystemId, Last> = HashMap::new();
    let of_systems = last.iter().filter_map(|last| Some((last.system?, last)));
    for (id, last) in of_systems {
        found.insert(id, *last);
    }
    found.retain(|_, last| quiet(&&*last));
    let Some(today) = Dato::dansk(now).filter(|_| hours > 0 && !found.is_empty()) else {
        return Ok(Vec::new());
    };
    let may: HashSet<_> = view
        .aftaler(Aftaler::Alle)?
        .into_iter()
        .filter(|aftale| aftale.tjeneste == Tjeneste::Import && aftale.gaelder(today))
        .map(|aftale| aftale.system)
        .collect();
    let systems = view.systemer()?.into_iter();
    let silent = systems
        .filter(|system| system.lukket.is_none() && may.contains(&system.id))
        .filter_map(|system| {
            let last = *found.get(&system.id)?;
            Some(Silent { system, last })
        });
    Ok(silent.collect())
}
