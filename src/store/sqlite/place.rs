//! Putting a new file in the register's place, so that a crash at any point loses nothing.
//!
//! The last commits of a register that crashed stand in its log (`-wal`) alone, and SQLite reads a log into whatever
//! database lies beside it. So database and log must change together, which no file system can do. The order:
//!
//! 1. Database and log get second names, `register.db.foer-<time>` and the same with `-wal`. The log is not folded in,
//!    since the old file may be damaged. A crash leaves the register as it was, with a second name.
//! 2. The marker `register.genskabes`, which holds the second name, is put on disk. From here on nobody opens the
//!    register: [`refuse_interrupted`].
//! 3. The new database is renamed over the old one.
//! 4. The side files of the old one are removed, and the folder is synced.
//! 5. The marker is removed.
//!
//! After a crash between 2 and 5 another restore goes on at 3; the register as it was is whole under its second name
//! whatever lies in place. A failure in 3 or 4 puts the files back from their second names, then removes the marker.

use std::ffi::OsString;
use std::fs;
use std::io::{ErrorKind, Result as IoResult};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};

use super::disk::{BACK, BEFORE, beside, replace, sync_folder};
use super::error::io;
use super::filer::{self, INDEX, LOG, double, remove, with_side};
use crate::files;
use crate::store::{Result, StoreError};

/// More than the mark of a restore ever holds, in bytes.
const LARGEST: u64 = 4096;

fn marker(database: &Path) -> PathBuf {
    database.with_extension("genskabes")
}

/// After a restore that was interrupted: where the register as it was is kept, if there was one.
pub(super) fn interrupted(database: &Path) -> Result<Option<PathBuf>> {
    let marker = marker(database);
    match files::read(&marker, LARGEST) {
        Ok(name) => Ok(Some(database.with_file_name(OsString::from_vec(name)))),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(io("read", &marker, &error)),
    }
}

/// Refuses a register whose restore was interrupted.
pub(super) fn refuse_interrupted(database: &Path) -> Result<()> {
    let Some(kept) = interrupted(database)? else {
        return Ok(());
    };
    let from = if kept.exists() {
        format!(
            "the backup, or with {}, which is the register as it was",
            kept.display()
        )
    } else {
        "the backup".to_owned()
    };
    let database = database.display();
    Err(StoreError::Refused(format!(
        "a restore of {database} was interrupted: run dtr restore again, with {from}"
    )))
}

/// Puts the file `copy`, which must have no log, in the place of the register; tells where the register that stood
/// there is kept. The caller has the register alone.
pub(super) fn put_in_place(
    copy: &Path,
    database: &Path,
    time_stamp: &str,
) -> Result<Option<PathBuf>> {
    let failed = |error| io("put in place", database, &error);
    filer::sync(copy).map_err(failed)?;
    let begun = interrupted(database)?;
    let again = begun.is_some();
    let kept = match begun {
        Some(kept) => kept,
        None => begin(database, time_stamp).map_err(failed)?,
    };
    if let Err(error) = swap(copy, database) {
        // What an earlier restore left half done stays so, and refused.
        if !again {
            put_back(&kept, database).map_err(|again| half(database, &kept, &again))?;
        }
        return Err(failed(error));
    }
    end(database).map_err(|error| half(database, &kept, &error))?;
    Ok(kept.exists().then_some(kept))
}

/// The restore is half done and stays marked so.
fn half(database: &Path, kept: &Path, error: &std::io::Error) -> StoreError {
    StoreError::Gone(format!(
        "{} is half restored ({error}), and nobody can open it until dtr restore has been run again; \
         the register as it was is {}",
        database.display(),
        kept.display()
    ))
}

/// Steps 1 and 2: gives the register its second name and marks it. Undone when it fails.
pub(super) fn begin(database: &Path, time_stamp: &str) -> IoResult<PathBuf> {
    let kept = beside(database, &format!("{BEFORE}{time_stamp}"));
    if kept.exists() || with_side(&kept, LOG).exists() {
        return Err(ErrorKind::AlreadyExists.into());
    }
    let begun = ["", LOG]
        .into_iter()
        .try_for_each(|side| {
            let (from, to) = (with_side(database, side), with_side(&kept, side));
            if from.exists() {
                double(&from, &to)
            } else {
                Ok(())
            }
        })
        .and_then(|()| sync_folder(database))
        .and_then(|()| {
            let name = kept.file_name().unwrap_or_default();
            replace(&marker(database), name.as_bytes())
        });
    match begun {
        Ok(()) => Ok(kept),
        Err(error) => {
            end(database)?;
            forget(&kept)?;
            Err(error)
        }
    }
}

/// Steps 3 and 4.
fn swap(copy: &Path, database: &Path) -> IoResult<()> {
    fs::rename(copy, database)?;
    for side in [LOG, INDEX] {
        remove(&with_side(database, side))?;
    }
    sync_folder(database)
}

/// Step 5.
fn end(database: &Path) -> IoResult<()> {
    remove(&marker(database))?;
    sync_folder(database)
}

/// Makes the register what it was. The second names are the last to go, so that this can be interrupted too.
fn put_back(kept: &Path, database: &Path) -> IoResult<()> {
    remove(&with_side(database, INDEX))?;
    for side in [LOG, ""] {
        let (from, to) = (with_side(kept, side), with_side(database, side));
        if from.exists() {
            let aside = beside(&to, BACK);
            remove(&aside)?;
            double(&from, &aside)?;
            fs::rename(&aside, &to)?;
            // A rename between two names of one file leaves both.
            remove(&aside)?;
        } else {
            remove(&to)?;
        }
    }
    sync_folder(database)?;
    end(database)?;
    forget(kept)
}

fn forget(kept: &Path) -> IoResult<()> {
    remove(kept)?;
    remove(&with_side(kept, LOG))
}
