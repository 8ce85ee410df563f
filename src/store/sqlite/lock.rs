//! Who has the register open: a lock file beside the database, held as long as a store is open.
//!
//! Any number of processes may have the register open, none while it is restored. The lock is the operating system's
//! and ends with the process; the file stays.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

use super::error::io;
use crate::store::{Result, StoreError};

/// How long a process that is just ending is waited for, and how often it is looked for.
const PATIENCE: Duration = Duration::from_secs(1);
const PAUSE: Duration = Duration::from_millis(20);

/// A server runs on the register for as long as this lives; a second one on the same register is refused.
#[derive(Debug)]
pub(super) struct Serving {
    _file: File,
}

impl Serving {
    /// Takes the register for this server; one that is just ending is waited for.
    pub(super) fn on(database: &Path) -> Result<Self> {
        let path = database.with_extension("server");
        let mut file = open(&path).map_err(|error| io("open", &path, &error))?;
        match patiently(&file) {
            Ok(()) => {}
            Err(TryLockError::Error(error)) => return Err(io("lock", &path, &error)),
            Err(TryLockError::WouldBlock) => {
                let mut process = String::new();
                let _ = file.take(20).read_to_string(&mut process);
                return Err(StoreError::Refused(format!(
                    "another dtr serve (process {}) runs on {}: stop it first, or give this one a register of its own",
                    process.trim(),
                    database.display()
                )));
            }
        }
        // For the one that is refused; the lock does not depend on it.
        let told = file
            .set_len(0)
            .and_then(|()| writeln!(file, "{}", std::process::id()));
        if let Err(error) = told {
            tracing::warn!(%error, "cannot write {}", path.display());
        }
        Ok(Self { _file: file })
    }
}

/// The register is in use for as long as this lives.
#[derive(Debug)]
pub(super) struct InUse {
    _file: File,
}

impl InUse {
    /// Shares the register with other processes. Fails while it is restored.
    pub(super) fn shared(database: &Path) -> Result<Self> {
        Self::lock(database, File::try_lock_shared, "is being restored")
    }

    /// Has the register alone. Fails while any process has it open; one that is just ending is waited for.
    pub(super) fn alone(database: &Path) -> Result<Self> {
        let refused = "is in use by another dtr: stop the server first";
        Self::lock(database, patiently, refused)
    }

    /// Has the register alone for a while, from sharing it. Fails while another process has it open; the register is not
    /// in use any more then.
    pub(super) fn alone_for<T>(
        self,
        database: &Path,
        work: impl FnOnce() -> Result<T>,
    ) -> Result<(Self, T)> {
        drop(self);
        let alone = Self::alone(database)?;
        let done = work()?;
        match alone._file.try_lock_shared() {
            Ok(()) => Ok((alone, done)),
            Err(error) => Err(StoreError::Refused(format!(
                "{} is in use: {error}",
                database.display()
            ))),
        }
    }

    fn lock(
        database: &Path,
        lock: fn(&File) -> std::result::Result<(), TryLockError>,
        refused: &str,
    ) -> Result<Self> {
        let path = database.with_extension("laas");
        let file = open(&path).map_err(|error| match (error.kind(), path.parent()) {
            (ErrorKind::NotFound, Some(folder)) => {
                StoreError::Refused(format!("the folder {} does not exist", folder.display()))
            }
            _ => io("open", &path, &error),
        })?;
        match lock(&file) {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(StoreError::Refused(format!(
                "{} {refused}",
                database.display()
            ))),
            Err(TryLockError::Error(error)) => Err(io("lock", &path, &error)),
        }
    }
}

fn open(path: &Path) -> std::io::Result<File> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
}

/// Locks a file, also when a process that has it is just ending.
fn patiently(file: &File) -> std::result::Result<(), TryLockError> {
    let end = Instant::now() + PATIENCE;
    loop {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) if Instant::now() < end => std::thread::sleep(PAUSE),
            done => return done,
        }
    }
}
