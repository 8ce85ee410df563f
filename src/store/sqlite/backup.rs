//! Copies of the register, made while it is written to.

use std::fs;
use std::path::Path;
use std::time::Duration;

use rusqlite::Connection;
use rusqlite::backup::Backup;

use super::connection;
use super::disk::{PART, beside, sync_folder};
use super::error::io;
use super::filer;
use super::lock::InUse;
use super::{migrate, place};
use crate::store::{Result, StoreError};

/// Pages copied at a time; between two steps the progress is told.
const STEP: i32 = 1024;

/// How long to wait for another process that writes.
const BUSY: Duration = Duration::from_secs(5);

/// How far a backup has come, in pages of the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CopyProgress {
    /// Copied.
    pub done: u64,
    /// In all.
    pub total: u64,
}

/// Copies the register at `database` as it stands at one moment into the new file `to`, on disk when this returns.
/// The file appears under its name only when it is whole.
pub(super) fn backup(
    database: &Path,
    to: &Path,
    busy: Duration,
    progress: &mut dyn FnMut(CopyProgress),
) -> Result<()> {
    if to.exists() {
        let name = to.display();
        return Err(StoreError::Refused(format!(
            "{name} exists already, and nothing is overwritten; name another file"
        )));
    }
    let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
        let name = folder.display();
        return Err(StoreError::Refused(format!(
            "there is no folder {name}; make it first"
        )));
    }
    let aside = beside(to, &format!("{PART}{}", uuid::Uuid::new_v4().simple()));
    let done = copy(database, &aside, busy, progress)
        .and_then(|()| fs::rename(&aside, to).map_err(|error| io("name", to, &error)));
    let done = match done {
        Ok(()) => sync_folder(to).map_err(|error| {
            // Nobody may take for a copy what may be gone tomorrow.
            let _ = fs::remove_file(to);
            io("write", to, &error)
        }),
        failed => failed,
    };
    if done.is_err() {
        // What is reported is why the backup failed.
        filer::discard(&aside);
    }
    done
}

/// Copies the register at `database`, of this or an older program, into the new file `to`, while others write to it.
/// Nothing of the register is changed; tells whether it is of this program's version.
///
/// # Errors
/// [`StoreError::Refused`] when the file exists, or the register is being restored; [`StoreError::Failed`] when the copy
/// cannot be written.
pub fn backup_as_it_is(
    database: &Path,
    to: &Path,
    progress: &mut dyn FnMut(CopyProgress),
) -> Result<bool> {
    let _in_use = InUse::shared(database)?;
    place::refuse_interrupted(database)?;
    let version = migrate::version(&connection::readable(database, BUSY)?)?;
    backup(database, to, BUSY, progress)?;
    Ok(version == migrate::VERSION)
}

/// Copies one consistent view of a database into a file of its own, synced.
pub(super) fn copy(
    from: &Path,
    to: &Path,
    busy: Duration,
    progress: &mut dyn FnMut(CopyProgress),
) -> Result<()> {
    let source = connection::readable(from, busy)?;
    // The open read transaction pins the view: without it every commit in between would start the copy anew.
    let view = source.unchecked_transaction()?;
    view.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
    {
        let mut target = connection::plain(to, busy)?;
        let copying = Backup::new(&view, &mut target)?;
        loop {
            let step = copying.step(STEP)?;
            let at = copying.progress();
            let pages = |count: i32| u64::try_from(count).unwrap_or_default();
            progress(CopyProgress {
                done: pages(at.pagecount - at.remaining),
                total: pages(at.pagecount),
            });
            match step {
                rusqlite::backup::StepResult::Done => break,
                rusqlite::backup::StepResult::More => {}
                _ => return Err(StoreError::Busy),
            }
        }
        drop(copying);
        single_file(&target)?;
    }
    // Its connection is closed by now.
    filer::sync(to).map_err(|error| io("write", to, &error))
}

/// Folds the write-ahead log into the database, so that one file is all there is.
pub(super) fn single_file(conn: &Connection) -> Result<()> {
    let mode: String = conn.query_row("PRAGMA journal_mode = DELETE", [], |row| row.get(0))?;
    if mode == "delete" {
        Ok(())
    } else {
        Err(StoreError::Failed(format!(
            "the copy stays in journal mode {mode}"
        )))
    }
}
