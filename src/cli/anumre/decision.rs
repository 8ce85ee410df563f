//! Who an A-number goes on as: confirmed, rejected, or a confirmation taken back. A pair is never both.

use std::io::Write;

use super::{PairArgs, a_number, refused};
use crate::cli::common::{self, CliError, value};
use crate::clock::Clock;
use crate::register::{ANummer, Institutionsnummer, Record, Tidspunkt};
use crate::store::{self, Handling, NewChange, Outcome, StoreExt};

/// Makes a record the successor of an A-number: the number stands in its lineage from this change on. Tells whether that
/// is new.
pub(super) fn link(
    tx: &mut dyn store::Write,
    a: Institutionsnummer,
    g: Institutionsnummer,
    now: Tidspunkt,
) -> store::Result<bool> {
    let number = loaded(tx, a)?;
    match number.afgjort {
        Some((known, _)) if known == g => return Ok(false),
        Some((known, _)) => return Err(refused(format!("{a} goes on as {known} already"))),
        None => {}
    }
    if tx.afviste(a)?.contains(&g) {
        return Err(refused(format!(
            "{g} has been rejected as the successor of {a} (dtr anumre afvis)"
        )));
    }
    let Some(mut record) = tx.record(g)?.filter(Record::is_active) else {
        return Err(refused(format!("there is no open record {g}")));
    };
    record.life.afloeser.push(a);
    change(tx, "anumre bekraeft", a, record, now)?;
    tx.save_a_nummer(&ANummer {
        afgjort: Some((g, now)),
        ..number
    })?;
    Ok(true)
}

/// Takes a confirmation back: the A-number leaves the record's lineage by another change, and its plan goes, which only
/// a confirmed one has.
fn unlink(
    tx: &mut dyn store::Write,
    a: Institutionsnummer,
    g: Institutionsnummer,
    now: Tidspunkt,
) -> store::Result<()> {
    let number = loaded(tx, a)?;
    match number.afgjort {
        Some((known, _)) if known == g => {}
        Some((known, _)) => return Err(refused(format!("{a} goes on as {known}, not as {g}"))),
        None => return Err(refused(format!("{a} has no confirmed successor"))),
    }
    let Some(mut record) = tx.record(g)?.filter(Record::is_active) else {
        return Err(refused(format!(
            "{g} is closed, and a closed record never changes again"
        )));
    };
    record.life.afloeser.retain(|own| *own != a);
    change(tx, "anumre fortryd", a, record, now)?;
    tx.save_a_nummer(&ANummer {
        afgjort: None,
        aftaler_til: None,
        lukkes: None,
        ..number
    })
}

fn loaded(tx: &dyn store::Write, a: Institutionsnummer) -> store::Result<ANummer> {
    tx.a_nummer(a)?
        .ok_or_else(|| refused(format!("{a} is not loaded (dtr anumre load)")))
}

/// Writes a record whose lineage has changed, with the audit line of who did it.
fn change(
    tx: &mut dyn store::Write,
    operation: &str,
    a: Institutionsnummer,
    record: Record,
    now: Tidspunkt,
) -> store::Result<()> {
    let noter = vec![format!("a-nummer {a}"), format!("nummer {}", record.nummer)];
    let entry = common::audit_entry(operation, noter, now);
    let change = tx.save(
        NewChange {
            handling: Handling::Aendret,
            origin: common::origin(&entry),
            record,
        },
        now,
    )?;
    tx.audit(&crate::audit::Entry {
        sekvenser: Some((change.sekvens, change.sekvens)),
        ..entry
    })
}

/// Decides about the two numbers of the command line.
fn decided<T: Send + 'static>(
    args: &PairArgs,
    clock: &Clock,
    failed: &'static str,
    decide: fn(
        &mut dyn store::Write,
        Institutionsnummer,
        Institutionsnummer,
        Tidspunkt,
    ) -> store::Result<T>,
) -> Result<(Institutionsnummer, Institutionsnummer, T), CliError> {
    let a = a_number(&args.a).map_err(|why| value("A", why))?;
    let g = Institutionsnummer::parse(&args.g)
        .map_err(|_| value("G", format!("{} is no institution number", args.g)))?;
    let (_, store) = args.config.open(clock)?;
    let now = clock.now();
    let done = store
        .write_blocking(move |tx| decide(tx, a, g, now).map(Outcome::Keep))
        .map_err(CliError::store(failed))?;
    Ok((a, g, done))
}

pub(super) fn confirm(args: &PairArgs, clock: &Clock, out: &mut dyn Write) -> Result<(), CliError> {
    let (a, g, new) = decided(args, clock, "nothing was confirmed", link)?;
    let told = if new {
        "goes on as"
    } else {
        "went on already as"
    };
    Ok(writeln!(out, "{a} {told} {g}")?)
}

pub(super) fn undo(args: &PairArgs, clock: &Clock, out: &mut dyn Write) -> Result<(), CliError> {
    let (a, g, ()) = decided(args, clock, "nothing was taken back", unlink)?;
    Ok(writeln!(
        out,
        "{a} goes on as {g} no more; it is undecided and has no plan"
    )?)
}

pub(super) fn reject(args: &PairArgs, clock: &Clock, out: &mut dyn Write) -> Result<(), CliError> {
    let (a, g, ()) = decided(args, clock, "nothing was rejected", |tx, a, g, now| {
        let number = loaded(tx, a)?;
        if tx.record(g)?.is_none() {
            return Err(refused(format!("{g} is not known")));
        }
        if number.afgjort.is_some_and(|(known, _)| known == g) {
            return Err(refused(format!(
                "{a} is confirmed to go on as {g}; dtr anumre fortryd {a} {g} takes that back"
            )));
        }
        tx.reject(a, g)?;
        let noter = vec![format!("a-nummer {a}"), format!("nummer {g}")];
        tx.audit(&common::audit_entry("anumre afvis", noter, now))
    })?;
    Ok(writeln!(out, "{a} is not {g}")?)
}
