//! Stores what was accepted: every row a change like any other, all in one transaction.

use std::cmp::Reverse;
use std::collections::HashSet;
use std::sync::Arc;

use crate::register::{Institutionsnummer, Record, Sekvens, Tidspunkt};
use crate::store::{Handling, NewChange, Origin, Result, StoreError, Write};

use super::judge::Accepted;

/// Writes all rows, parents first, then closes those that are closed, children first. Gives the first and last change.
///
/// # Errors
/// [`crate::store::StoreError`]: the job must not be kept.
pub fn save(
    rows: &[Accepted],
    origin: &Origin,
    tx: &mut dyn Write,
    now: Tidspunkt,
) -> Result<Option<(Sekvens, Sekvens)>> {
    let kept: HashSet<Institutionsnummer> = rows.iter().filter_map(|row| row.nummer).collect();
    for nummer in &kept {
        if tx.record(*nummer)?.is_some() {
            return Err(StoreError::Refused(format!(
                "{nummer} was issued while the file was judged; load it again"
            )));
        }
    }
    let save = |tx: &mut dyn Write, handling, record| {
        let origin = origin.clone();
        let change = NewChange {
            handling,
            origin,
            record,
        };
        tx.save(change, now)
    };
    let (mut first, mut last) = (None, None);
    let mut closing: Vec<Record> = Vec::new();
    for row in rows {
        let nummer = match row.nummer {
            Some(nummer) => nummer,
            None => unused(tx, &kept)?,
        };
        let record = Record::unborn(nummer, Arc::new(row.content.clone()), Vec::new());
        let change = save(tx, Handling::Oprettet, record)?;
        first.get_or_insert(change.sekvens);
        last = Some(change.sekvens);
        if row.nedlagt {
            closing.push(change.record);
        }
    }
    // A stable sort: records of a level keep the order of the file.
    closing.sort_by_key(|record| Reverse(record.niveau()));
    for record in closing {
        last = Some(save(tx, Handling::Nedlagt, record)?.sekvens);
    }
    Ok(first.zip(last))
}

/// The next number that no row of the file keeps.
fn unused(tx: &mut dyn Write, kept: &HashSet<Institutionsnummer>) -> Result<Institutionsnummer> {
    loop {
        let nummer = tx.issue_number()?;
        if !kept.contains(&nummer) {
            return Ok(nummer);
        }
    }
}
