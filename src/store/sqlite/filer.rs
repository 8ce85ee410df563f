//! The database's files beside SQLite: made, synced, and looked at without ever being opened while SQLite has them.
//!
//! Invariant: no other module of the store opens a database or one of its side files but through SQLite. Closing *any*
//! descriptor of a file gives up all POSIX locks that the process has on it, SQLite's too; the next program that reads
//! the register then believes to be alone, and removes the log with what it holds.

use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read as _, Result as IoResult};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use crate::sync;

/// What SQLite keeps beside a database: the log, an index of it that is made anew from the log, and the journal of one
/// that has no log.
pub(super) const LOG: &str = "-wal";
pub(super) const INDEX: &str = "-shm";
pub(super) const JOURNAL: &str = "-journal";

/// Makes an empty file that only its owner can read, unless there is one. A file that is there is not opened.
///
/// SQLite gives its side files the mode of the database, but would make the database with the umask's.
pub(super) fn make(path: &Path) -> IoResult<()> {
    // Another thread must not open a connection between the making and the closing.
    static MAKING: Mutex<()> = Mutex::new(());
    let _alone = sync::lock(&MAKING);
    let made = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path);
    match made {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// Puts a database on disk that no connection of this process has open.
pub(super) fn sync(path: &Path) -> IoResult<()> {
    File::open(path)?.sync_all()
}

/// Fills a file that is no database with so many bytes, on disk.
pub(super) fn fill(path: &Path, bytes: u64) -> IoResult<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)?;
    // Not zeros, which some file systems keep without taking room.
    std::io::copy(&mut std::io::repeat(0xa5).take(bytes), &mut file)?;
    file.sync_all()
}

/// Gives a database or log that no connection of this process has open a second name that is not taken, or where the
/// file system has no such thing, a copy.
pub(super) fn double(from: &Path, to: &Path) -> IoResult<()> {
    fs::hard_link(from, to).or_else(|error| {
        if error.kind() == ErrorKind::AlreadyExists {
            return Err(error);
        }
        fs::copy(from, to)?;
        sync(to)
    })
}

/// Removes a file, if it is there.
pub(super) fn remove(path: &Path) -> IoResult<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Removes a database that nobody has open, with its side files, as far as that can be done.
pub(super) fn discard(path: &Path) {
    for side in ["", LOG, INDEX, JOURNAL] {
        // What can't be removed shows when the file is made anew, or is found as a leftover.
        let _ = remove(&with_side(path, side));
    }
}

/// The path with something after its name.
pub(super) fn with_side(path: &Path, side: impl AsRef<OsStr>) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(side);
    PathBuf::from(name)
}

/// Device and inode.
type Identity = (u64, u64);

/// Which file has a name; looked up without opening it.
pub(super) fn identity(path: &Path) -> IoResult<Identity> {
    fs::metadata(path).map(|file| (file.dev(), file.ino()))
}

/// The files that the connections of a store have open: database, log and its index.
#[derive(Debug)]
pub(super) struct Files([(PathBuf, Identity); 3]);

impl Files {
    /// Those of a database that a connection has read, so that all three are there.
    pub(super) fn of(database: &Path) -> IoResult<Self> {
        let file = |side: &str| -> IoResult<(PathBuf, Identity)> {
            let path = with_side(database, side);
            let identity = identity(&path)?;
            Ok((path, identity))
        };
        Ok(Self([file("")?, file(LOG)?, file(INDEX)?]))
    }

    /// The file that was taken away, or replaced by another of its name, if one was. What is written to it reaches
    /// nobody who opens the register later.
    pub(super) fn missing(&self) -> Option<&Path> {
        let gone = |(path, was): &&(PathBuf, Identity)| identity(path).ok() != Some(*was);
        self.0.iter().find(gone).map(|(path, _)| path.as_path())
    }

    /// What became of the log.
    pub(super) fn log(&self) -> Log {
        let [database, log, _] = &self.0;
        let same = |(path, was): &(PathBuf, Identity)| identity(path).ok() == Some(*was);
        if !same(database) {
            Log::Replaced
        } else if same(log) {
            Log::Here
        } else if fs::metadata(&log.0).is_ok_and(|other| other.len() > 0) {
            Log::Replaced
        } else {
            Log::Gone
        }
    }
}

/// What became of the log that the connections have open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Log {
    /// It lies beside its database.
    Here,
    /// It has no name any more, and nobody has begun another for the same database.
    Gone,
    /// Somebody has begun another, or the database itself is another.
    Replaced,
}
