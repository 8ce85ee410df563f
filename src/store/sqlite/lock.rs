//! Who has the register open: a lock file beside the database, held as long as a store is open.
//!
//! Any number of processes may have the register open, none while it is restored. The lock is the operating system's
//! and ends with the process; the file stays.

use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use super::error::io;
use crate::store::{Result, StoreError};

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

    /// Has the register alone. Fails while any process has it open.
    pub(super) fn alone(database: &Path) -> Result<Self> {
        Self::lock(database, File::try_lock, "is in use: stop the server first")
    }

    fn lock(
        database: &Path,
        lock: fn(&File) -> std::result::Result<(), TryLockError>,
        refused: &str,
    ) -> Result<Self> {
        let path = database.with_extension("laas");
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .map_err(|error| io("open", &path, &error))?;
        match lock(&file) {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(StoreError::Failed(format!(
                "{} {refused}",
                database.display()
            ))),
            Err(TryLockError::Error(error)) => Err(io("lock", &path, &error)),
        }
    }
}
