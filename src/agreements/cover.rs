//! What an agreement covers.

use std::collections::BTreeMap;

use super::places::{Places, records};
use crate::mirror::Mirrors;
use crate::register::{Aftale, Dato, Institutionsnummer, Omfang, Part, Sted};
use crate::store::{Read, Result, Selection};

/// The open records that an agreement covers on a day, by number.
pub fn covered(
    view: &dyn Read,
    aftale: &Aftale,
    day: Dato,
    mirrors: &Mirrors,
) -> Result<Vec<Institutionsnummer>> {
    Ok(covered_places(view, aftale, day, mirrors)?
        .into_keys()
        .collect())
}

/// The same, each with where it stands on that day.
pub(super) fn covered_places(
    view: &dyn Read,
    aftale: &Aftale,
    day: Dato,
    mirrors: &Mirrors,
) -> Result<BTreeMap<Institutionsnummer, Sted>> {
    let places = Places::on(view, day, mirrors);
    let chosen = |selection: &Selection| records(view, selection);
    let mut posts = Vec::new();
    match (&aftale.omfang, aftale.part) {
        (Omfang::Alle, part) => {
            posts = chosen(&Selection {
                adm_kommune: match part {
                    Part::Kommune(kommune) => Some(kommune),
                    Part::Ejer(_) => None,
                },
                ..Selection::default()
            })?;
        }
        (Omfang::PNumre(list), _) => {
            for &number in list {
                posts.extend(chosen(&Selection {
                    p_nummer: Some(number),
                    ..Selection::default()
                })?);
            }
            for at in 0..posts.len() {
                posts.extend(chosen(&Selection::under(posts[at].nummer))?);
            }
        }
        (Omfang::Institutioner(list), _) => {
            // Each with everything under it: three levels at most.
            for &number in list {
                let mut at = posts.len();
                posts.extend(view.record(number)?);
                while let Some(record) = posts.get(at) {
                    posts.extend(chosen(&Selection::under(record.nummer))?);
                    at += 1;
                }
            }
        }
    }
    let mut found = BTreeMap::new();
    for record in posts.iter().filter(|record| record.is_active()) {
        let sted = places.of(record)?;
        if let Some(sted) = sted.filter(|sted| aftale.daekker(sted)) {
            found.insert(record.nummer, sted);
        }
    }
    Ok(found)
}
