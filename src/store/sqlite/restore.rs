//! Putting a backup in the register's place: the only way back (kontrakt §6).
//!
//! The backup is copied beside the register, checked and made ready there, and put in place (`place`); until then
//! nothing of the register in use has changed, and afterwards the old one is still there under another name.

use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, TransactionBehavior};

use super::backup::{CopyProgress, copy, single_file};
use super::disk::{READY, beside};
use super::highwater::HighWater;
use super::left_behind;
use super::lock::InUse;
use super::memory::Memory;
use super::place;
use super::query::first;
use super::read::{self, View};
use super::verify::verify_view;
use super::write::Tx;
use super::{Options, schema};
use super::{connection, filer};
use crate::audit;
use crate::register::{Institutionsnummer, Sekvens, Tidspunkt};
use crate::store::{Position, Read as _, Result, StoreError, Write as _};

/// Who restores, for the audit line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestoredBy {
    /// The operating-system user.
    pub identitet: String,
    /// Names the command in the audit chain.
    pub korrelations_id: uuid::Uuid,
}

/// What a restore did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// Where the register stands now, with its new line of history.
    pub position: Position,
    /// Numbers are issued above this one.
    pub numre_fra: Institutionsnummer,
    /// The last that the backup had issued.
    pub numre_i_kopien: Institutionsnummer,
    /// Where the register that stood here before is kept, if there was one.
    pub kept: Option<PathBuf>,
    /// What that register has and the backup has not; none when it can't be read.
    pub lost: Option<Lost>,
    /// The audit lines of what was done after the backup without a change of a record: rights given and taken, decisions,
    /// runs. Nothing of it is in the register now.
    pub undone: Vec<audit::Line>,
}

/// What the register in place had, and the backup has not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lost {
    /// No change.
    Nothing,
    /// The changes made after the backup.
    Changes {
        /// The first.
        from: Sekvens,
        /// The last.
        to: Sekvens,
        /// When the first and the last of them were made.
        made: (Tidspunkt, Tidspunkt),
    },
    /// It was of another line of history: nothing says which changes both have.
    Other(Position),
}

/// Puts the backup `from` in the place of the register at `database`.
///
/// Institution numbers continue above the highest of the high-water mark beside the database, the counter of the
/// register in place, and `numre_fra`; that must be given when neither of the others can be known. No process may have
/// the register open.
///
/// # Errors
/// [`StoreError::Corrupt`] when the backup is damaged, no register, or of a newer program; [`StoreError::Refused`] when
/// there is no backup, the register is in use, or mark and register are lost and `numre_fra` is not given;
/// [`StoreError::Failed`] when a file cannot be written. The register is as it was then. [`StoreError::Gone`]: it is half
/// restored, and nobody can open it.
pub fn restore(
    from: &Path,
    database: &Path,
    options: &Options,
    numre_fra: Option<Institutionsnummer>,
    by: &RestoredBy,
    progress: &mut dyn FnMut(CopyProgress),
) -> Result<Restored> {
    let backup = About::of_a_backup(from, options)?;
    let _alone = InUse::alone(database)?;
    for left in left_behind::clear(database) {
        tracing::warn!(file = %left.display(), "removed what an interrupted restore had left");
    }
    let mut mark = HighWater::of(database);
    let in_place = in_place(database, &backup, options)?;
    let about = in_place.as_ref().map(|before| &before.about);
    let above = continue_above(&mark, about, &backup, numre_fra)?;
    let time_stamp = options.clock.now().to_string().replace(':', "");
    let aside = beside(database, &format!("{READY}{time_stamp}"));
    let ready = copy(from, &aside, options.busy_timeout, progress)
        .and_then(|()| prepare(&aside, options, above, by))
        .and_then(|(position, counter)| {
            // The mark first: once the new register is in place it must cover it.
            if mark
                .read()
                .ok()
                .flatten()
                .is_none_or(|known| known < counter)
            {
                mark.write(counter)?;
            }
            let kept = place::put_in_place(&aside, database, &time_stamp)?;
            let (lost, undone) = match in_place {
                Some(before) => (Some(before.lost), before.undone),
                None => (None, Vec::new()),
            };
            Ok(Restored {
                position,
                numre_fra: counter,
                numre_i_kopien: backup.counter,
                kept,
                lost,
                undone,
            })
        });
    if ready.is_err() {
        // What is reported is why the restore failed.
        filer::discard(&aside);
    }
    ready
}

/// What is to be known of a register before it is replaced, or takes another's place.
struct About {
    position: Position,
    /// The number of its last audit line.
    audited: u64,
    /// The last number it issued, or where its series begins.
    counter: Institutionsnummer,
    has_issued: bool,
}

impl About {
    fn of_a_backup(from: &Path, options: &Options) -> Result<Self> {
        if !from.is_file() {
            return Err(StoreError::Refused(format!(
                "there is no file {}",
                from.display()
            )));
        }
        let conn = connection::readable(from, options.busy_timeout)?;
        connection::distrust(&conn)?;
        // What another schema says is nothing to go by.
        match schema::reached(&conn)? {
            0 => Err(no_register()),
            _ => Self::of(&conn, options),
        }
    }

    fn of(conn: &Connection, options: &Options) -> Result<Self> {
        let sql = "SELECT taeller IS NOT NULL FROM tilstand WHERE id = 1";
        let has_issued = first(conn, sql, [], |row| row.get(0))?;
        Ok(Self {
            position: read::position(conn)?,
            audited: read::audit_end(conn)?.0.number,
            counter: options.numbers.counter(conn)?,
            has_issued: has_issued.unwrap_or_default(),
        })
    }
}

/// The register to be replaced, with what of it a backup has not.
struct InPlace {
    about: About,
    lost: Lost,
    undone: Vec<audit::Line>,
}

/// The register to be replaced; none when it is lost, or too damaged to read: that is what a restore is for.
fn in_place(database: &Path, backup: &About, options: &Options) -> Result<Option<InPlace>> {
    // After an interrupted restore the file in place may be the new one; what was issued is in the one kept.
    let file = place::interrupted(database)?.unwrap_or_else(|| database.to_owned());
    // SQLite takes the log of an empty file for a leftover and removes it.
    if !fs::metadata(&file).is_ok_and(|found| found.len() > 0) {
        return Ok(None);
    }
    let looked = connection::readable(&file, options.busy_timeout).and_then(|conn| {
        let about = About::of(&conn, options)?;
        let lost = lost(&conn, &about.position, &backup.position)?;
        let undone = match lost {
            Lost::Other(_) => Vec::new(),
            Lost::Nothing | Lost::Changes { .. } => undone(&conn, backup.audited)?,
        };
        Ok(InPlace {
            about,
            lost,
            undone,
        })
    });
    Ok(looked.ok())
}

/// What a register has and a backup has not.
fn lost(conn: &Connection, position: &Position, backup: &Position) -> Result<Lost> {
    if position.epoke != backup.epoke {
        return Ok(Lost::Other(*position));
    }
    let from = backup.sekvens.next();
    let first = read::change_at(conn, from)?.filter(|(sekvens, _)| *sekvens == from);
    Ok(match first.zip(position.tidspunkt) {
        Some(((from, begun), ended)) => Lost::Changes {
            from,
            to: position.sekvens,
            made: (begun, ended),
        },
        None => Lost::Nothing,
    })
}

/// The audit lines after one that tell of something stored, but of no change of a record.
fn undone(conn: &Connection, after: u64) -> Result<Vec<audit::Line>> {
    let mut found = Vec::new();
    read::audit_lines_after(conn, after, |line| {
        if line.stored_beside_records() {
            found.push(line);
        }
        Ok(())
    })?;
    Ok(found)
}

/// The highest number that may have been issued and must not be issued again.
fn continue_above(
    mark: &HighWater,
    in_place: Option<&About>,
    backup: &About,
    given: Option<Institutionsnummer>,
) -> Result<Institutionsnummer> {
    let known = mark.read();
    // An empty register made on a new machine knows nothing of what was issued on the old one; but the register that the
    // backup is of knows that it has issued nothing.
    let knows = |about: &&About| {
        about.has_issued
            || (about.position.epoke == backup.position.epoke
                && about.position.sekvens >= backup.position.sekvens)
    };
    let counted = in_place.filter(knows).map(|about| about.counter);
    let read = known.as_ref().ok().copied().flatten();
    let highest = [read, counted, given].into_iter().flatten().max();
    highest.ok_or_else(|| {
        let mark = mark.path().display();
        let mark = match known {
            Ok(_) => format!("there is no high-water mark {mark}"),
            Err(_) => format!("the high-water mark {mark} is damaged"),
        };
        let place = match in_place {
            Some(_) => "the register in place has issued no number",
            None => "no register in place can be read",
        };
        StoreError::Refused(format!(
            "{mark}, and {place}: numbers issued after the backup are not known; say with --numre-fra above which \
             number to continue, such as {} if none was",
            backup.counter
        ))
    })
}

fn no_register() -> StoreError {
    StoreError::Corrupt("the backup holds no register".into())
}

/// Checks the copy, and makes it the beginning of another line of history.
fn prepare(
    copy: &Path,
    options: &Options,
    above: Institutionsnummer,
    by: &RestoredBy,
) -> Result<(Position, Institutionsnummer)> {
    let mut conn = connection::writable(copy, options.busy_timeout)?;
    connection::distrust(&conn)?;
    if schema::reached(&conn)? == 0 {
        return Err(no_register());
    }
    schema::migrate(&mut conn)?;
    verify_view(&conn)?;
    let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let before = options.numbers.counter(&tx)?;
    tx.execute(
        "UPDATE tilstand SET epoke = ?1 WHERE id = 1",
        [uuid::Uuid::new_v4().into_bytes()],
    )?;
    // A number of another format than the series' would stop the register at its first insert.
    options.numbers.place(above)?;
    let counter = before.max(above);
    let memory = Memory::default();
    let mut writing = Tx::new(View {
        conn: &tx,
        clock: &options.clock,
        numbering: &options.numbers,
        memory: &memory,
    })?;
    writing.counts.counter = counter;
    let position = writing.position()?;
    writing.audit(&line(options, by, &position, counter))?;
    writing.finish(before)?;
    tx.commit()?;
    close(conn)?;
    Ok((position, counter))
}

fn line(
    options: &Options,
    by: &RestoredBy,
    position: &Position,
    counter: Institutionsnummer,
) -> audit::Entry {
    audit::Entry {
        tidspunkt: options.clock.now(),
        operation: "cli/restore".into(),
        udfald: audit::Udfald::Gemt,
        cvr: None,
        identitet: by.identitet.clone(),
        person: None,
        korrelations_id: by.korrelations_id,
        message_id: None,
        sagsnummer: None,
        sekvenser: None,
        noter: vec![
            format!("epoke {}", position.epoke),
            format!("sekvens {}", position.sekvens),
            format!("numre over {counter}"),
        ],
        antal: 1,
    }
}

fn close(conn: Connection) -> Result<()> {
    single_file(&conn)?;
    conn.close().map_err(|(_, error)| error.into())
}
