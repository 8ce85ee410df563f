//! A change in words, beside the change before it, with the record that it is of.

use super::super::frame::{Frame, Link};
use super::Visit;
use crate::chronicle::{Names, Words, told};
use crate::store::{self, Aendring};

/// The record of a change, and what the change did to it.
pub(super) fn said(
    visit: &Visit<'_>,
    frame: &Frame<'_>,
    change: &Aendring,
) -> store::Result<(Link, String)> {
    let record = &change.record;
    let mut history = visit.view.historik(record.nummer)?;
    history.retain(|own| own.sekvens <= change.sekvens);
    let all = told(&history[history.len().saturating_sub(2)..]);
    let names = Names::of(visit.view, &all)?;
    let name = |number| names.get(number);
    let words = Words {
        language: visit.language(),
        tables: visit.tables,
        name: &name,
    };
    let events = all.last().map(|told| told.events.as_slice());
    let said = events.unwrap_or_default().iter();
    let said: Vec<_> = said.map(|event| words.event(event)).collect();
    let link = Link {
        to: frame.record(record.nummer),
        text: format!("{} ({})", record.content.navn(), record.nummer),
    };
    Ok((link, said.join(". ")))
}
