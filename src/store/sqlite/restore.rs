//! Putting a backup in the register's place: the only way back (decisions §6).
//!
//! The backup is copied beside the register, checked and made ready there, and renamed into place; until then nothing
//! of the register in use has changed, and afterwards the old one is still there under another name.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, TransactionBehavior};

use super::backup::{Progress, beside, copy, single_file};
use super::connection;
use super::error::io;
use super::highwater::{HighWater, sync_folder};
use super::lock::InUse;
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
/// Institution numbers continue above the high-water mark beside the database, and above `numre_fra` where that is
/// given; it must be given when the mark is lost. No process may have the register open.
///
/// # Errors
/// [`StoreError::Corrupt`] when the backup is damaged, no register, or of a newer program; [`StoreError::Failed`] when
/// the register is in use, or the mark is lost and `numre_fra` is not given. The register is as it was then.
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
    let above = continue_above(&mark, numre_fra)?;
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
            let kept = put_in_place(&aside, database, &time_stamp)?;
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

/// The number that may have been issued and must not be issued again.
fn continue_above(
    mark: &HighWater,
    given: Option<Institutionsnummer>,
) -> Result<Institutionsnummer> {
    match (mark.read(), given) {
        (Ok(Some(mark)), given) => Ok(given.map_or(mark, |given| given.max(mark))),
        (_, Some(given)) => Ok(given),
        (lost, None) => Err(StoreError::Failed(format!(
            "the high-water mark {} is {}: numbers issued after the backup are not known; \
             say with --numre-fra above which number to continue",
            mark.path().display(),
            if lost.is_ok() { "lost" } else { "damaged" }
        ))),
    }
}

/// Checks the copy, and makes it the beginning of another line of history.
fn prepare(
    copy: &Path,
    options: &Options,
    above: Institutionsnummer,
    by: &RestoredBy,
) -> Result<(Stand, Institutionsnummer)> {
    let mut conn = connection::writable(copy, options.busy_timeout)?;
    if migrate::version(&conn)? == 0 {
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

/// Renames the copy into place; the register that stood there is kept under a name with the time.
fn put_in_place(copy: &Path, database: &Path, time_stamp: &str) -> Result<Option<PathBuf>> {
    let failed = |error| io("put in place", database, &error);
    fs::File::open(copy)
        .and_then(|file| file.sync_all())
        .map_err(failed)?;
    let mut kept = None;
    if database.exists() {
        let old = beside(database, &format!("foer-{time_stamp}"));
        // A second name, so that the rename below replaces the register in one step.
        fs::hard_link(database, &old)
            .or_else(|_| fs::copy(database, &old).map(|_| ()))
            .map_err(failed)?;
        // A log that a crash left behind belongs to the old file: left here it would be read into the new one. It is
        // not folded in, since the old file may be damaged.
        for side in ["-wal", "-shm"] {
            match fs::rename(with_side(database, side), with_side(&old, side)) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(failed(error)),
                _ => {}
            }
        }
        kept = Some(old);
    }
    fs::rename(copy, database).map_err(failed)?;
    sync_folder(database).map_err(failed)?;
    Ok(kept)
}

fn with_side(path: &Path, side: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(side);
    PathBuf::from(name)
}
