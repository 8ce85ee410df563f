//! One import source for each institution (kontrakt §8).

use std::collections::HashSet;

use super::cover::covered;
use super::principal;
use super::refused::AgreementRefused;
use crate::mirror::Mirrors;
use crate::register::{Aftale, AftaleId, Omfang, Tjeneste};
use crate::store::{Aftaler, Read, Result};

/// Another system's agreement that meets a new one in time and in a record, unless one of the two allows it.
pub(super) fn overlapping(
    view: &dyn Read,
    new: &Aftale,
    instead_of: Option<AftaleId>,
    mirrors: &Mirrors,
) -> Result<Option<AgreementRefused>> {
    if new.overlap || new.tjeneste != Tjeneste::Import {
        return Ok(None);
    }
    let own: HashSet<_> = covered(view, new, new.fra, mirrors)?.into_iter().collect();
    for other in view.aftaler(Aftaler::Alle)? {
        let apart = other.overlap
            || Some(other.id) == instead_of
            || other.tjeneste != Tjeneste::Import
            || other.system == new.system
            || !new.moedes(&other);
        if apart || is_closed(view, &other)? {
            continue;
        }
        let meets = if same_words(new, &other) {
            Some(principal(new.part))
        } else {
            let theirs = covered(view, &other, new.fra.max(other.fra), mirrors)?;
            let both = theirs.into_iter().find(|number| own.contains(number));
            both.map(|number| number.to_string())
        };
        if let Some(place) = meets {
            return Ok(Some(AgreementRefused::Overlaps {
                other: Box::new(other),
                place,
            }));
        }
    }
    Ok(None)
}

fn is_closed(view: &dyn Read, aftale: &Aftale) -> Result<bool> {
    let system = view.system(aftale.system)?;
    Ok(system.is_none_or(|system| system.lukket.is_some()))
}

/// Whether both speak of the same, whatever the register holds now.
fn same_words(a: &Aftale, b: &Aftale) -> bool {
    a.part == b.part
        && match (&a.omfang, &b.omfang) {
            (Omfang::Alle, Omfang::Alle) => true,
            (a, b) => {
                let theirs = b.numre();
                a.numre().iter().any(|number| theirs.contains(number))
            }
        }
}
