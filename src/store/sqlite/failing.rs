//! What the writer remembers of a write that failed, so that `/readyz` stays red until as much would be stored: a page may
//! have room where a batch has none.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use super::disk::beside;
use super::error::io;
use super::filer;
use crate::store::{Result, StoreError};

/// What a change takes in the log at most, in bytes, and what a commit takes besides.
const CHANGE: u64 = 16 << 10;
const COMMIT: u64 = 64 << 10;

/// How much failed last: 0, nothing; else one more than its changes.
#[derive(Debug)]
pub(super) struct Failing {
    database: PathBuf,
    more: AtomicU64,
}

impl Failing {
    pub(super) fn of(database: &Path) -> Self {
        Self {
            database: database.to_owned(),
            more: AtomicU64::new(0),
        }
    }

    /// Remembers a failure of the database or the disk. Other reasons to refuse a job do not count.
    pub(super) fn remember(&self, error: &StoreError, changes: u64) {
        if matches!(
            error,
            StoreError::Failed(_)
                | StoreError::Full(_)
                | StoreError::Unknown(_)
                | StoreError::Corrupt(_)
        ) {
            self.more
                .fetch_max(changes.saturating_add(1), Ordering::Relaxed);
        }
    }

    /// Whether something failed, and nothing like it has been stored since.
    pub(super) fn is(&self) -> bool {
        self.more.load(Ordering::Relaxed) > 0
    }

    /// Proves what a commit of nothing that is asked for is to tell, whether there is room: by a file as large as the log may
    /// grow. Tells whether that was to be proven.
    pub(super) fn prove(&self, kept: bool, changes: u64) -> Result<bool> {
        let more = self.more.load(Ordering::Relaxed);
        if more == 0 || !kept || changes > 0 {
            return Ok(false);
        }
        if more > 1 {
            let file = beside(&self.database, "plads");
            let bytes = (more - 1).saturating_mul(CHANGE).saturating_add(COMMIT);
            let written = filer::fill(&file, bytes).map_err(|error| io("write", &file, &error));
            let removed = filer::remove(&file).map_err(|error| io("remove", &file, &error));
            written.and(removed)?;
        }
        Ok(true)
    }

    /// A commit is on disk: forgets what failed if it proved as much, or was as much.
    pub(super) fn forget(&self, kept: bool, changes: u64) {
        if kept && (changes == 0 || changes.saturating_add(1) >= self.more.load(Ordering::Relaxed))
        {
            self.more.store(0, Ordering::Relaxed);
        }
    }
}
