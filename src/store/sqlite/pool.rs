//! The readers: a fixed number of read-only connections, lent out one reader at a time.

use std::path::Path;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::Connection;

use super::connection;
use super::gate::Gate;
use crate::store::Result;

/// Idle read-only connections.
pub(super) struct Pool {
    idle: Mutex<Vec<Connection>>,
    returned: Condvar,
    gate: Gate,
    /// How long a view that may last waits at the gate.
    patience: Duration,
}

impl Pool {
    pub(super) fn open(
        path: &Path,
        readers: usize,
        busy: Duration,
        gate: Gate,
        patience: Duration,
    ) -> Result<Self> {
        let idle = (0..readers.max(1))
            .map(|_| connection::readable(path, busy))
            .collect::<Result<_>>()?;
        Ok(Self {
            idle: Mutex::new(idle),
            returned: Condvar::new(),
            gate,
            patience,
        })
    }

    #[cfg(test)]
    pub(super) const fn gate(&self) -> &Gate {
        &self.gate
    }

    /// The same for a view that may last: it waits while the log is to begin anew, and is ended when it lasts too long then.
    pub(super) fn read_long<T>(&self, job: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        self.gate.wait(self.patience);
        self.read(|conn| {
            let _through = self.gate.enter(conn.get_interrupt_handle());
            job(conn)
        })
    }

    /// Runs `job` inside one deferred transaction; waits while all connections are lent out.
    pub(super) fn read<T>(&self, job: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let conn = loop {
            match idle.pop() {
                Some(conn) => break conn,
                None => {
                    idle = self
                        .returned
                        .wait(idle)
                        .unwrap_or_else(PoisonError::into_inner);
                }
            }
        };
        drop(idle);
        self.lent(conn).run(job)
    }

    /// The same if a connection is idle now; none when all are lent out, and nothing was done.
    pub(super) fn read_now<T>(
        &self,
        job: impl FnOnce(&Connection) -> Result<T>,
    ) -> Option<Result<T>> {
        let mut idle = self.idle.try_lock().ok()?;
        let conn = idle.pop()?;
        drop(idle);
        Some(self.lent(conn).run(job))
    }

    const fn lent(&self, conn: Connection) -> Lent<'_> {
        Lent {
            pool: self,
            conn: Some(conn),
        }
    }
}

/// A lent connection: comes back whole also when the reader panics.
struct Lent<'p> {
    pool: &'p Pool,
    conn: Option<Connection>,
}

impl Lent<'_> {
    fn run<T>(&self, job: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let Some(conn) = &self.conn else {
            return Err(crate::store::StoreError::Closed);
        };
        // The view is that of the first statement; letting go of it ends it, whatever the reader did.
        conn.prepare_cached("BEGIN")?.execute([])?;
        let _view = View(conn);
        job(conn)
    }
}

/// A transaction that reads.
struct View<'c>(&'c Connection);

impl Drop for View<'_> {
    fn drop(&mut self) {
        let ended = self.0.prepare_cached("ROLLBACK");
        if let Err(error) = ended.and_then(|mut end| end.execute([])) {
            tracing::error!(%error, "a view of the register cannot be ended");
        }
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        if let Some(conn) = self.conn.take() {
            self.pool
                .idle
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(conn);
            self.pool.returned.notify_one();
        }
    }
}
