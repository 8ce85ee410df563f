//! How the thread is told to stop, wherever it is: between two looks, between two portions, in a long statement.

use std::sync::{Condvar, Mutex};
use std::time::Duration;

use rusqlite::{Connection, InterruptHandle};

use crate::sync;

/// Tells the thread to stop.
#[derive(Default)]
pub(super) struct Stop {
    asked: Mutex<bool>,
    told: Condvar,
    /// Breaks off what the thread has its database do.
    statement: Mutex<Option<InterruptHandle>>,
}

impl std::fmt::Debug for Stop {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stop").finish_non_exhaustive()
    }
}

impl Stop {
    /// Waits; tells whether to stop.
    pub(super) fn wait(&self, pause: Duration) -> bool {
        let asked = sync::lock(&self.asked);
        *asked || *sync::wait_timeout(&self.told, asked, pause).0
    }

    pub(super) fn is_asked(&self) -> bool {
        *sync::lock(&self.asked)
    }

    /// Makes what a connection does something that can be broken off: some statements take seconds in a large index.
    pub(super) fn may_break_off(&self, conn: &Connection) {
        *sync::lock(&self.statement) = Some(conn.get_interrupt_handle());
    }

    pub(super) fn ask(&self) {
        *sync::lock(&self.asked) = true;
        self.told.notify_all();
        if let Some(statement) = &*sync::lock(&self.statement) {
            statement.interrupt();
        }
    }
}
