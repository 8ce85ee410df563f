//! Commits: carries out the decisions on a message, in order, and finds what the caller should be warned of.

use std::collections::HashMap;

use crate::message::Sent;
use crate::problem::{Problem, register};
use crate::register::{Content, Institutionsnummer, Niveau, Part, Record, Sekvens, Tidspunkt};
use crate::store::{Aendring, Handling, NewChange, Result, Write};

use super::Import;
use super::affected::{closed, moved};
use super::decide::{Change, Decided, Decision};
use super::warnings::advarsler;

/// One record of an accepted write.
#[derive(Debug)]
pub struct Stored {
    /// Its position in the batch, from 1.
    pub nr: u32,
    /// The change as written; undone for a dry run.
    pub change: Aendring,
}

/// What an accepted write did.
#[derive(Debug)]
pub(super) struct Applied {
    pub(super) results: Vec<Stored>,
    pub(super) warnings: Vec<Problem>,
}

impl Applied {
    /// The first and last change.
    pub(super) fn sekvenser(&self) -> Option<(Sekvens, Sekvens)> {
        Some((
            self.results.first()?.change.sekvens,
            self.results.last()?.change.sekvens,
        ))
    }
}

/// Writes all records that were decided on in this transaction. `warnings` come before those of the records.
pub(super) fn apply(
    import: &Import,
    decisions: Vec<Decision<'_>>,
    warnings: &[Problem],
    tx: &mut dyn Write,
    now: Tidspunkt,
) -> Result<Applied> {
    let mut work = Work {
        import,
        part_of: None,
        tx,
        now,
        applied: Applied {
            results: Vec::with_capacity(decisions.len()),
            warnings: warnings.to_vec(),
        },
    };
    for decision in decisions {
        work.carry_out(decision.into_decided())?;
    }
    Ok(work.applied)
}

/// The batch that a write is part of.
#[derive(Debug, Clone, Copy)]
pub(super) struct PartOf<'a> {
    /// What the whole is called in history and audit.
    pub(super) operation: &'a str,
    /// The numbers that the batch has got and that are not reserved, with what they are called.
    pub(super) unreserved: &'a HashMap<Institutionsnummer, String>,
}

/// Writes one record of a batch.
pub(super) fn apply_part(
    import: &Import,
    decision: Decision<'_>,
    part_of: PartOf<'_>,
    tx: &mut dyn Write,
    now: Tidspunkt,
) -> Result<Applied> {
    let mut work = Work {
        import,
        part_of: Some(part_of),
        tx,
        now,
        applied: Applied {
            results: Vec::with_capacity(1),
            warnings: Vec::new(),
        },
    };
    work.carry_out(decision.into_decided())?;
    Ok(work.applied)
}

struct Work<'a> {
    import: &'a Import,
    part_of: Option<PartOf<'a>>,
    tx: &'a mut dyn Write,
    now: Tidspunkt,
    applied: Applied,
}

impl Work<'_> {
    fn carry_out(&mut self, decided: Decided<'_>) -> Result<()> {
        let Decided {
            sent,
            doubts,
            part,
            change,
        } = decided;
        let change = match change {
            Change::Insert { content, afloeser } => {
                let record = Record::unborn(self.tx.issue_number()?, content, afloeser);
                self.warn(sent, &record, None, doubts)?;
                self.save(Handling::Oprettet, part, record)?
            }
            Change::Update { before, after } => {
                self.warn(sent, &after, Some(&before), doubts)?;
                self.save(Handling::Aendret, part, after)?
            }
            Change::Close { after } => {
                let change = self.save(Handling::Nedlagt, part, after)?;
                let ended = closed(self.tx, &change.record, self.now)?;
                self.tell(sent, ended);
                self.left_empty(sent, change.record.content.parent())?;
                change
            }
            Change::Move { from, after } => {
                let change = self.save(Handling::Flyttet, part, after)?;
                let told = moved(self.tx, &change.record, from)?;
                self.tell(sent, told);
                self.left_empty(sent, from)?;
                change
            }
        };
        self.applied.results.push(Stored {
            nr: sent.nr,
            change,
        });
        Ok(())
    }

    /// What is told of a record that is about to say something.
    fn warn(
        &mut self,
        sent: &Sent,
        record: &Record,
        before: Option<&Content>,
        doubts: &[Problem],
    ) -> Result<()> {
        let shown = |number| self.shown(number);
        let told = advarsler(sent, record, before, self.tx, &shown)?;
        self.applied.warnings.extend(told);
        self.applied.warnings.extend_from_slice(doubts);
        Ok(())
    }

    fn save(&mut self, handling: Handling, part: Option<Part>, record: Record) -> Result<Aendring> {
        let mut origin = self.import.origin(part);
        if let Some(whole) = self.part_of {
            whole.operation.clone_into(&mut origin.operation);
        }
        let change = NewChange {
            handling,
            origin,
            record,
        };
        self.tx.save(change, self.now)
    }

    /// A number as a warning shows it. One that this message got in a dry run is not reserved and is called by its position.
    fn shown(&self, number: Institutionsnummer) -> String {
        let whole = self.part_of.map(|whole| whole.unreserved);
        if let Some(name) = whole.and_then(|names| names.get(&number)) {
            return name.clone();
        }
        let mut results = self.applied.results.iter();
        let own = results
            .find(|stored| self.import.is_dry_run() && stored.change.record.nummer == number);
        own.map_or_else(|| number.to_string(), |stored| format!("nr {}", stored.nr))
    }

    /// Warns at the field with the record's own number.
    fn tell(&mut self, sent: &Sent, problems: Vec<Problem>) {
        let place = sent.place_of(sent.level().number());
        let told = problems.into_iter().map(|told| told.at(place.clone()));
        self.applied.warnings.extend(told);
    }

    /// Warns of a daginstitution that lost its last open unit.
    fn left_empty(&mut self, sent: &Sent, parent: Option<Institutionsnummer>) -> Result<()> {
        if let Some(parent) = parent.filter(|_| sent.level() == Niveau::Anvisningsenhed)
            && !self.tx.has_active_children(parent)?
        {
            let problem = Problem::new(&register::SIDSTE_ENHED).with("nummer", parent);
            self.applied.warnings.push(problem.at(sent.place()));
        }
        Ok(())
    }
}
