//! Putting a backup in the register's place: the only way back (decisions §6).
//!
//! The backup is copied beside the register, checked and made ready there, and put in place (`place`); until then
//! nothing of the register in use has changed, and afterwards the old one is still there under another name.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, TransactionBehavior};

use super::backup::{Progress, beside, copy, single_file};
use super::connection;
use super::highwater::HighWater;
use super::lock::InUse;
use super::place;
use super::read::first;
use super::verify::verify_view;
use super::write::Tx;
use super::{Options, migrate};
use crate::audit;
use crate::register::Institutionsnummer;
use crate::store::{Read as _, Result, Stand, StoreError, Write as _};

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
    pub stand: Stand,
    /// Numbers are issued above this one.
    pub numre_fra: Institutionsnummer,
    /// Where the register that stood here before is kept, if there was one.
    pub kept: Option<PathBuf>,
}

/// Puts the backup `from` in the place of the register at `database`.
///
/// Institution numbers continue above the highest of the high-water mark beside the database, the counter of the
/// register in place, and `numre_fra`; that must be given when neither of the others can be read. No process may have
/// the register open.
///
/// # Errors
/// [`StoreError::Corrupt`] when the backup is damaged, no register, or of a newer program; [`StoreError::Refused`] when
/// the register is in use, or mark and register are lost and `numre_fra` is not given; [`StoreError::Failed`] when a
/// file cannot be written. The register is as it was then.
pub fn restore(
    from: &Path,
    database: &Path,
    options: &Options,
    numre_fra: Option<Institutionsnummer>,
    by: &RestoredBy,
    progress: &mut dyn FnMut(Progress),
) -> Result<Restored> {
    let _alone = InUse::alone(database)?;
    let mut mark = HighWater::of(database);
    let in_place = counter_in_place(database, options.busy_timeout)?;
    let above = continue_above(&mark, in_place, numre_fra)?;
    let time_stamp = options.clock.now().to_string().replace(':', "");
    let aside = beside(database, &format!("ny-{time_stamp}"));
    let ready = copy(from, &aside, options.busy_timeout, progress)
        .and_then(|()| prepare(&aside, options, above, by))
        .and_then(|(stand, counter)| {
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
            Ok(Restored {
                stand,
                numre_fra: counter,
                kept,
            })
        });
    if ready.is_err() {
        // Best effort: what is reported is why the restore failed.
        let _ = fs::remove_file(&aside);
    }
    ready
}

/// The highest number that may have been issued and must not be issued again.
fn continue_above(
    mark: &HighWater,
    in_place: Option<Institutionsnummer>,
    given: Option<Institutionsnummer>,
) -> Result<Institutionsnummer> {
    let known = mark.read();
    let lost = if known.is_ok() { "lost" } else { "damaged" };
    [known.ok().flatten(), in_place, given]
        .into_iter()
        .flatten()
        .max()
        .ok_or_else(|| {
            StoreError::Refused(format!(
                "the high-water mark {} is {lost}, and no register in place tells how far the series had come: \
                 numbers issued after the backup are not known; say with --numre-fra above which number to continue",
                mark.path().display()
            ))
        })
}

/// The last number that the register to be replaced has issued. None when it is lost or damaged; and when it has issued
/// none, for an empty register made on a new machine knows nothing of what was issued on the old one.
fn counter_in_place(database: &Path, busy: Duration) -> Result<Option<Institutionsnummer>> {
    // After an interrupted restore the file in place may be the new one; what was issued is in the one kept.
    let file = place::interrupted(database)?.unwrap_or_else(|| database.to_owned());
    // SQLite takes the log of an empty file for a leftover and removes it.
    if !fs::metadata(&file).is_ok_and(|found| found.len() > 0) {
        return Ok(None);
    }
    let counter = connection::readable(&file, busy).and_then(|conn| {
        let sql = "SELECT taeller FROM tilstand WHERE id = 1";
        Ok(first(&conn, sql, [], |row| row.get::<_, Option<_>>(0))?.flatten())
    });
    // A register too damaged to read is what a restore is for.
    Ok(counter.unwrap_or_default())
}

/// Checks the copy, and makes it the beginning of another line of history.
fn prepare(
    copy: &Path,
    options: &Options,
    above: Institutionsnummer,
    by: &RestoredBy,
) -> Result<(Stand, Institutionsnummer)> {
    let mut conn = connection::writable(copy, options.busy_timeout)?;
    connection::distrust(&conn)?;
    if migrate::reached(&conn)? == 0 {
        return Err(StoreError::Corrupt("the backup holds no register".into()));
    }
    migrate::migrate(&mut conn)?;
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
    let mut writing = Tx::new(&tx, &options.clock, &options.numbers)?;
    writing.counts.counter = counter;
    let stand = writing.stand()?;
    writing.audit(&line(options, by, &stand, counter))?;
    writing.finish(before)?;
    tx.commit()?;
    close(conn)?;
    Ok((stand, counter))
}

fn line(
    options: &Options,
    by: &RestoredBy,
    stand: &Stand,
    counter: Institutionsnummer,
) -> audit::Entry {
    audit::Entry {
        tidspunkt: options.clock.now(),
        operation: "cli/restore".into(),
        udfald: audit::Udfald::Gemt,
        cvr: None,
        identitet: by.identitet.clone(),
        korrelations_id: by.korrelations_id,
        message_id: None,
        sagsnummer: None,
        sekvenser: None,
        noter: vec![
            format!("epoke {}", stand.epoke),
            format!("sekvens {}", stand.sekvens),
            format!("numre over {counter}"),
        ],
        antal: 1,
    }
}

fn close(conn: Connection) -> Result<()> {
    single_file(&conn)?;
    conn.close().map_err(|(_, error)| error.into())
}
