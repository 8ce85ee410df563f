//! Commits: writes the records of an accepted message, in order, and finds what the caller should be warned of.

use std::collections::HashSet;

use crate::message::{Field, RawRecord, closing, content, lineage};
use crate::problem::{Problem, register};
use crate::register::{
    Aftale, Content, Institutionsnummer, Life, Niveau, Omfang, Record, Sekvens, Since, Tidspunkt,
};
use crate::soap::WriteKind;
use crate::store::{Aendring, Aftaler, Handling, NewChange, Result, StoreError, Write};

use super::Import;
use super::alone::number_field;
use super::check::Parter;
use super::doubtful::doubtful;
use super::mirrors::Opslag;
use super::normal::Normaliseret;
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

/// Writes all records; the rules have been checked in this transaction.
pub(super) fn apply(
    import: &Import,
    opslag: &Opslag,
    parter: &Parter,
    tx: &mut dyn Write,
    now: Tidspunkt,
) -> Result<Applied> {
    let mut applied = Applied {
        results: Vec::new(),
        warnings: opslag.advarsler(),
    };
    let mut normaliseret = Normaliseret::default();
    for raw in &import.request.message.records {
        let before = match import.kind {
            WriteKind::Insert => None,
            _ => Some(existing(import, raw, tx)?),
        };
        let indhold_before = before.as_ref().map(|record| record.content.clone());
        let parent_before = indhold_before.as_ref().and_then(Content::parent);
        let mut record = match before {
            None => inserted(import, raw, tx)?,
            Some(before) => changed(import, raw, before)?,
        };
        opslag.fyld(raw.nr, &mut record.content);
        if matches!(import.kind, WriteKind::Insert | WriteKind::Update) {
            normaliseret.se(import, raw);
            let shown = |number| shown(import, &applied.results, number);
            let told = advarsler(import, raw, &record, indhold_before.as_ref(), tx, &shown)?;
            applied.warnings.extend(told);
            let operation = import.request.operation.name;
            applied.warnings.extend(doubtful(raw, operation));
        }
        let handling = match import.kind {
            WriteKind::Insert => Handling::Oprettet,
            WriteKind::Update => Handling::Aendret,
            WriteKind::Delete => Handling::Nedlagt,
            WriteKind::Move => Handling::Flyttet,
        };
        let change = tx.save(
            NewChange {
                handling,
                ophav: import.ophav(parter.get(&raw.nr).copied()),
                record,
            },
            now,
        )?;
        if import.kind == WriteKind::Delete {
            let ended = affected(tx, &change.record, now)?;
            applied.warnings.extend(at_number(import, raw, ended));
        }
        if import.kind == WriteKind::Move {
            let told = moved(tx, &change.record, parent_before)?;
            applied.warnings.extend(at_number(import, raw, told));
        }
        applied.results.push(Stored { nr: raw.nr, change });
        if matches!(import.kind, WriteKind::Delete | WriteKind::Move)
            && import.level == Niveau::Anvisningsenhed
        {
            applied
                .warnings
                .extend(left_empty(import, raw, parent_before, tx)?);
        }
    }
    applied.warnings.extend(normaliseret.advarsler());
    Ok(applied)
}

/// A number as a warning shows it. One that this message got in a dry run is not reserved and is called by its position.
fn shown(import: &Import, results: &[Stored], number: Institutionsnummer) -> String {
    let own = results
        .iter()
        .find(|stored| import.is_dry_run() && stored.change.record.nummer == number);
    own.map_or_else(|| number.to_string(), |stored| format!("nr {}", stored.nr))
}

/// Warnings at the field with the record's own number.
fn at_number(
    import: &Import,
    raw: &RawRecord,
    problems: Vec<Problem>,
) -> impl Iterator<Item = Problem> {
    let place = raw.place_of(import.request.operation.name, number_field(import.level), 0);
    problems
        .into_iter()
        .map(move |problem| problem.at(place.clone()))
}

/// The agreements that a move concerns: those that name the record or its P-number go along, those on the parent that it
/// leaves cover it no more.
fn moved(
    tx: &dyn Write,
    record: &Record,
    parent_before: Option<Institutionsnummer>,
) -> Result<Vec<Problem>> {
    let mut warnings = Vec::new();
    let mut along = HashSet::new();
    let own = [
        Some(record.nummer.to_string()),
        record.content.p_nummer().map(|number| number.to_string()),
    ];
    for number in own.into_iter().flatten() {
        for aftale in tx.aftaler(Aftaler::AabneOm(&number))? {
            if along.insert(aftale.id) {
                let problem = Problem::new(&register::FLYTTER_MED);
                warnings.push(agreement(problem, &aftale).with("nummer", record.nummer));
            }
        }
    }
    // One on the new parent too covers it as before.
    if let Some(parent) = record.content.parent() {
        let covering = tx.aftaler(Aftaler::AabneOm(parent.as_str()))?;
        along.extend(covering.iter().map(|aftale| aftale.id));
    }
    if let Some(from) = parent_before {
        for aftale in tx.aftaler(Aftaler::AabneOm(from.as_str()))? {
            if !along.contains(&aftale.id) {
                let problem = agreement(Problem::new(&register::FLYTTER_UD), &aftale);
                warnings.push(problem.with("fra", from).with("nummer", record.nummer));
            }
        }
    }
    Ok(warnings)
}

fn agreement(problem: Problem, aftale: &Aftale) -> Problem {
    problem
        .with("system", aftale.system)
        .with("aftale", aftale.id)
}

/// Ends the agreements of which a closed record was the last that they name (kontrakt §8), and tells of them and of
/// the others that name it or its P-number.
fn affected(tx: &mut dyn Write, closed: &Record, now: Tidspunkt) -> Result<Vec<Problem>> {
    let mut warnings = Vec::new();
    let numbers = [
        Some(closed.nummer.to_string()),
        closed.content.p_nummer().map(|number| number.to_string()),
    ];
    for number in numbers.into_iter().flatten() {
        for mut aftale in tx.aftaler(Aftaler::AabneOm(&number))? {
            let ends = match &aftale.omfang {
                Omfang::Institutioner(list) => all_closed(tx, list)?,
                Omfang::Alle | Omfang::PNumre(_) => false,
            };
            if ends {
                aftale.lukket = Some((now, format!("{} er nedlagt", closed.nummer)));
                tx.end_agreement(&aftale)?;
            }
            let entry = if ends {
                &register::AFTALE_OPHOERT
            } else {
                &register::AFTALE_BEROERT
            };
            warnings.push(agreement(Problem::new(entry), &aftale).with("nummer", closed.nummer));
        }
    }
    Ok(warnings)
}

fn all_closed(tx: &dyn Write, numbers: &[Institutionsnummer]) -> Result<bool> {
    for &number in numbers {
        if tx.record(number)?.is_some_and(|record| record.is_active()) {
            return Ok(false);
        }
    }
    Ok(true)
}

fn existing(import: &Import, raw: &RawRecord, tx: &dyn Write) -> Result<Record> {
    let number = raw
        .text(number_field(import.level))
        .and_then(|text| Institutionsnummer::parse(text).ok());
    let record = match number {
        Some(number) => tx.record(number)?,
        None => None,
    };
    record.ok_or_else(incoherent)
}

fn inserted(import: &Import, raw: &RawRecord, tx: &mut dyn Write) -> Result<Record> {
    let epoch = Tidspunkt::from_millis(0);
    Ok(Record {
        nummer: tx.issue_number()?,
        content: content(raw, import.level).ok_or_else(incoherent)?,
        life: Life {
            version: 0,
            oprettet: epoch,
            senest_opdateret: epoch,
            nedlagt: None,
            lukkeaarsag: None,
            skolens_nummer: None,
            afloeser: lineage(raw, Field::Afloeser),
            afloest_af: Vec::new(),
        },
    })
}

fn changed(import: &Import, raw: &RawRecord, mut record: Record) -> Result<Record> {
    match import.kind {
        WriteKind::Insert => {}
        WriteKind::Update => {
            let mut content = content(raw, import.level).ok_or_else(incoherent)?;
            if !import.service.is_v2() {
                // An update through v1 leaves the fields that v1 does not have (kontrakt §3).
                content.keep(&record.content, Since::V1);
            }
            record.content = content;
        }
        WriteKind::Delete => closing(raw, &mut record.life),
        WriteKind::Move => {
            let field = match import.level {
                Niveau::AlternativAdresse => Field::NytEnhedsNummer,
                _ => Field::NytDaginstitutionsNummer,
            };
            let number = raw
                .text(field)
                .and_then(|text| Institutionsnummer::parse(text).ok());
            record.content.set_parent(number.ok_or_else(incoherent)?);
        }
    }
    Ok(record)
}

/// A daginstitution that lost its last open unit.
fn left_empty(
    import: &Import,
    raw: &RawRecord,
    parent: Option<Institutionsnummer>,
    tx: &dyn Write,
) -> Result<Option<Problem>> {
    let Some(parent) = parent else {
        return Ok(None);
    };
    if tx.has_active_children(parent)? {
        return Ok(None);
    }
    let problem = Problem::new(&register::SIDSTE_ENHED).with("nummer", parent);
    Ok(Some(problem.at(raw.place(import.request.operation.name))))
}

/// The schema accepted what the records cannot hold: a fault of ours, told as an internal error.
fn incoherent() -> StoreError {
    StoreError::Corrupt("an accepted message lacks a mandatory field".to_owned())
}
