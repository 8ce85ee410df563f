//! What becomes of agreements when a record that they name is moved or closed (kontrakt §8).

use std::collections::HashSet;

use crate::problem::{Entry, Problem, register};
use crate::register::{Aftale, Institutionsnummer, Omfang, Record, Tidspunkt};
use crate::store::{Aftaler, Result, Write};

/// The agreements that a move concerns: those that name the record or its P-number go along, those on the parent that it
/// leaves cover it no more.
pub(super) fn moved(
    tx: &dyn Write,
    record: &Record,
    parent_before: Option<Institutionsnummer>,
) -> Result<Vec<Problem>> {
    let mut warnings = Vec::new();
    let mut along = HashSet::new();
    for aftale in naming(tx, record)? {
        if along.insert(aftale.id) {
            warnings.push(agreement(&register::FLYTTER_MED, &aftale).with("nummer", record.nummer));
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
                let problem = agreement(&register::FLYTTER_UD, &aftale);
                warnings.push(problem.with("fra", from).with("nummer", record.nummer));
            }
        }
    }
    Ok(warnings)
}

/// The agreements that name a record, then those that name its P-number.
fn naming(tx: &dyn Write, record: &Record) -> Result<Vec<Aftale>> {
    let mut found = tx.aftaler(Aftaler::AabneOm(record.nummer.as_str()))?;
    if let Some(number) = record.content.p_nummer() {
        found.extend(tx.aftaler(Aftaler::AabneOm(number.as_str()))?);
    }
    Ok(found)
}

fn agreement(entry: &'static Entry, aftale: &Aftale) -> Problem {
    Problem::new(entry)
        .with("system", aftale.system)
        .with("aftale", aftale.id)
}

/// Ends the agreements of which a closed record was the last that they name (kontrakt §8), and tells of them and of
/// the others that name it or its P-number.
pub(super) fn closed(tx: &mut dyn Write, closed: &Record, now: Tidspunkt) -> Result<Vec<Problem>> {
    let mut warnings = Vec::new();
    for mut aftale in naming(tx, closed)? {
        let ends = match &aftale.omfang {
            Omfang::Institutioner(list) => all_closed(tx, list)?,
            Omfang::Alle | Omfang::PNumre(_) => false,
        };
        let mut entry = &register::AFTALE_BEROERT;
        if ends {
            entry = &register::AFTALE_OPHOERT;
            aftale.lukket = Some((now, format!("{} er nedlagt", closed.nummer)));
            tx.end_agreement(&aftale)?;
        }
        warnings.push(agreement(entry, &aftale).with("nummer", closed.nummer));
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
