//! What an agreement covers.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use super::places::Places;
use crate::mirror::Mirrors;
use crate::register::{Aftale, Dato, Institutionsnummer, Omfang, Part, Record};
use crate::store::{Read, Result, Selection};

/// The open records that an agreement covers on a day, by number.
pub fn covered(
    view: &dyn Read,
    aftale: &Aftale,
    day: Dato,
    mirrors: &Mirrors,
) -> Result<Vec<Institutionsnummer>> {
    let places = Places::on(view, day, mirrors);
    let mut posts = Vec::new();
    let mut gather = |selection: &Selection| {
        view.records(selection, &mut |record| {
            posts.push(record);
            ControlFlow::Continue(())
        })
    };
    match (&aftale.omfang, aftale.part) {
        (Omfang::Alle, Part::Kommune(kommune)) => gather(&Selection {
            adm_kommune: Some(kommune),
            ..Selection::default()
        })?,
        (Omfang::Alle, Part::Ejer(_)) => gather(&Selection::default())?,
        (Omfang::PNumre(list), _) => {
            for &number in list {
                gather(&Selection {
                    p_nummer: Some(number),
                    ..Selection::default()
                })?;
            }
            let units: Vec<_> = posts.iter().map(|record: &Record| record.nummer).collect();
            for unit in units {
                view.records(
                    &Selection {
                        parent: Some(unit),
                        ..Selection::default()
                    },
                    &mut |record| {
                        posts.push(record);
                        ControlFlow::Continue(())
                    },
                )?;
            }
        }
        (Omfang::Institutioner(list), _) => {
            for &number in list {
                below(view, number, &mut posts)?;
            }
        }
    }
    let mut numbers = BTreeSet::new();
    for record in posts {
        if record.is_active()
            && places
                .of(&record)?
                .is_some_and(|sted| aftale.daekker(&sted))
        {
            numbers.insert(record.nummer);
        }
    }
    Ok(numbers.into_iter().collect())
}

/// A record and everything under it: three levels at most.
fn below(view: &dyn Read, top: Institutionsnummer, posts: &mut Vec<Record>) -> Result<()> {
    let mut level: Vec<Record> = view.record(top)?.into_iter().collect();
    while !level.is_empty() {
        let mut next = Vec::new();
        for record in level {
            view.records(
                &Selection {
                    parent: Some(record.nummer),
                    ..Selection::default()
                },
                &mut |child| {
                    next.push(child);
                    ControlFlow::Continue(())
                },
            )?;
            posts.push(record);
        }
        level = next;
    }
    Ok(())
}
