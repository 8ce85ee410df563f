//! What a person's rights reach of a plan. The organisation's rights are judged by the import as for everybody; a person may have
//! less than that.

use super::{MOST_TOLD, Notice, Plan, Planned};
use crate::person::{Grant, PersonRights, Reach, Unit};
use crate::problem::{Problem, login};
use crate::register::{Cvr, PNummer};
use crate::store::{Read, Result};

impl Plan {
    /// The plan of a person who acts for an organisation: what the person's own rights do not reach is an error of it.
    ///
    /// # Errors
    /// The store's.
    pub fn within(mut self, rights: &PersonRights, cvr: Cvr, view: &dyn Read) -> Result<Self> {
        let grants: Vec<_> = rights.correcting(cvr).copied().collect();
        let mut beyond = Vec::new();
        for own in self.openings.iter().chain(&self.moves) {
            // A right on a place opens and moves nothing.
            if !grants.iter().any(is_wide) {
                beyond.push(notice(own));
            }
        }
        for own in self.changes.iter().chain(&self.moves).chain(&self.closings) {
            if !reaches(&grants, own, view)? {
                beyond.push(notice(own));
            }
        }
        beyond.dedup_by_key(|own| own.number);
        let room = MOST_TOLD.saturating_sub(self.errors.len());
        self.more[0] += beyond.len().saturating_sub(room);
        self.errors.extend(beyond.into_iter().take(room));
        Ok(self)
    }
}

/// Whether a right is one to all that an organisation has.
const fn is_wide(grant: &Grant) -> bool {
    !matches!(grant.reach, Reach::Place(_))
}

/// Whether one of the rights reaches a record, and goes on reaching it.
fn reaches(grants: &[Grant], own: &Planned, view: &dyn Read) -> Result<bool> {
    let record = match own.number {
        Some(number) => view.record(number)?,
        None => None,
    };
    let Some(record) = record else {
        return Ok(false);
    };
    let Some(unit) = Unit::of(view, &record)? else {
        return Ok(false);
    };
    let place = |content: Option<&crate::register::Content>| -> Option<PNummer> {
        content.and_then(crate::register::Content::p_nummer)
    };
    let stays = place(own.before.as_deref()) == place(Some(&own.after));
    let mut grants = grants.iter();
    Ok(grants.any(|grant| grant.reach.covers(&unit) && (is_wide(grant) || stays)))
}

fn notice(own: &Planned) -> Notice {
    Notice {
        place: own.place.clone(),
        number: own.number,
        problem: Problem::new(&login::PERSON_UDEN_RET),
    }
}
