//! The units that a person has a right to see, and which right lets them.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use askama::Template;

use super::super::frame::{Frame, Link};
use super::super::institution;
use super::super::{NotShown, Page, Shown, Site};
use super::{Personal, Visit, pages};
use crate::register::{Institutionsnummer, Niveau, Privilege, Record};
use crate::store;

/// So many units are shown; search finds others.
const MOST: usize = 300;

#[derive(Template)]
#[template(path = "units.html")]
struct Units<'a> {
    f: Frame<'a>,
    pages: Vec<(String, &'static str, bool)>,
    units: Vec<Row>,
    more: bool,
}

struct Row {
    link: Link,
    number: Institutionsnummer,
    level: &'static str,
    address: String,
    why: String,
    /// Where its contact data are corrected, if the person may.
    correct: Option<String>,
}

pub(super) fn show(site: &Site, visit: &Visit<'_>) -> Result<Shown, NotShown> {
    let frame = site.frame(visit.place, visit.language().of("Mine enheder", "My units"));
    let mut found = BTreeMap::new();
    for grant in &visit.rights.grants {
        gather(visit, grant, &mut found)?;
    }
    let more = found.len() > MOST;
    let units = found.into_values().take(MOST);
    let units = units.map(|(record, why, correct)| Row {
        link: Link {
            to: frame.record(record.nummer),
            text: record.content.navn().to_owned(),
        },
        number: record.nummer,
        level: institution::level(record.niveau(), visit.place),
        address: record
            .content
            .adresse()
            .map(|own| own.line())
            .unwrap_or_default(),
        why,
        correct: correct.then(|| frame.to(Page::Personal(Personal::Contact(record.nummer)))),
    });
    Shown::html(&Units {
        units: units.collect(),
        pages: pages(&frame, visit.rights),
        more,
        f: frame,
    })
}

/// A record, the rights that reach it, and whether one of them lets the person correct it.
type Found = (Record, String, bool);

/// The open records that a right reaches; one more than is shown at most.
fn gather(
    visit: &Visit<'_>,
    grant: &crate::person::Grant,
    found: &mut BTreeMap<Institutionsnummer, Found>,
) -> store::Result<()> {
    let may_correct = grant.gives(Privilege::Correct);
    visit.view.records(&grant.reach.selection(), &mut |record| {
        let corrects = may_correct && record.niveau() != Niveau::Daginstitution;
        let why = grant.scope.to_string();
        match found.get_mut(&record.nummer) {
            Some((_, known, correct)) => {
                if !known.contains(&why) {
                    *known += &format!(", {why}");
                }
                *correct |= corrects;
            }
            None => {
                found.insert(record.nummer, (record, why, corrects));
            }
        }
        match found.len() > MOST {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    })
}
