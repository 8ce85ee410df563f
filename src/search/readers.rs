//! The connections that searches read with: a few, lent out one at a time.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::Path;
use std::sync::{Condvar, Mutex};

use rusqlite::Connection;

use super::index;
use crate::sync;

/// Searches at a time; more wait.
const READERS: usize = 4;

/// Connections to one index.
#[derive(Debug)]
pub(super) struct Readers {
    idle: Mutex<Vec<Connection>>,
    returned: Condvar,
}

impl Readers {
    /// Those to an index in a file.
    pub(super) fn open(file: &Path) -> rusqlite::Result<Self> {
        let open = (0..READERS).map(|_| index::readable(file));
        Ok(Self::of(open.collect::<rusqlite::Result<_>>()?))
    }

    pub(super) fn of(idle: Vec<Connection>) -> Self {
        Self {
            idle: Mutex::new(idle),
            returned: Condvar::new(),
        }
    }

    /// Does something with a connection; waits while all are lent out. One comes back also when its user panics.
    pub(super) fn lend<T>(&self, job: impl FnOnce(&Connection) -> T) -> T {
        let mut idle = sync::lock(&self.idle);
        let conn = loop {
            match idle.pop() {
                Some(conn) => break conn,
                None => idle = sync::wait(&self.returned, idle),
            }
        };
        drop(idle);
        let done = catch_unwind(AssertUnwindSafe(|| job(&conn)));
        sync::lock(&self.idle).push(conn);
        self.returned.notify_one();
        done.unwrap_or_else(|panic| resume_unwind(panic))
    }
}
