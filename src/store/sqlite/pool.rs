//! The readers: a fixed number of read-only connections, lent out one reader at a time.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::Path;
use std::sync::{Condvar, Mutex};
use std::time::Duration;

use rusqlite::Connection;

use super::connection;
use super::gate::Gate;
use crate::store::Result;
use crate::sync;

/// Connections that are lent out, one to each user.
#[derive(Debug)]
pub(super) struct Lending {
    idle: Mutex<Idle>,
    returned: Condvar,
}

/// Those that are lent to nobody.
#[derive(Debug)]
struct Idle {
    connections: Vec<Connection>,
    /// How many wait for one: where nobody does, nobody is woken, which would be a call of the system.
    waiting: usize,
}

impl Lending {
    pub(super) const fn of(connections: Vec<Connection>) -> Self {
        Self {
            idle: Mutex::new(Idle {
                connections,
                waiting: 0,
            }),
            returned: Condvar::new(),
        }
    }

    /// Does something with a connection; waits while all are lent out.
    pub(super) fn lend<T>(&self, job: impl FnOnce(&Connection) -> T) -> T {
        let mut idle = sync::lock(&self.idle);
        let conn = loop {
            match idle.connections.pop() {
                Some(conn) => break conn,
                None => {
                    idle.waiting += 1;
                    idle = sync::wait(&self.returned, idle);
                    idle.waiting -= 1;
                }
            }
        };
        drop(idle);
        self.lent(conn, job)
    }

    /// The same if a connection is idle now; none when all are lent out, and nothing was done.
    fn lend_now<T>(&self, job: impl FnOnce(&Connection) -> T) -> Option<T> {
        let mut idle = self.idle.try_lock().ok()?;
        let conn = idle.connections.pop()?;
        drop(idle);
        Some(self.lent(conn, job))
    }

    /// A connection comes back also when its user panics.
    fn lent<T>(&self, conn: Connection, job: impl FnOnce(&Connection) -> T) -> T {
        let done = catch_unwind(AssertUnwindSafe(|| job(&conn)));
        let mut idle = sync::lock(&self.idle);
        idle.connections.push(conn);
        if idle.waiting > 0 {
            drop(idle);
            self.returned.notify_one();
        }
        done.unwrap_or_else(|panic| resume_unwind(panic))
    }
}

/// Read-only connections.
pub(super) struct Pool {
    lending: Lending,
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
        let connections = (0..readers.max(1))
            .map(|_| connection::readable(path, busy))
            .collect::<Result<_>>()?;
        Ok(Self {
            lending: Lending::of(connections),
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
        self.lending.lend(|conn| view(conn, job))
    }

    /// The same if a connection is idle now; none when all are lent out, and nothing was done.
    pub(super) fn read_now<T>(
        &self,
        job: impl FnOnce(&Connection) -> Result<T>,
    ) -> Option<Result<T>> {
        self.lending.lend_now(|conn| view(conn, job))
    }
}

/// Runs `job` with one view: that of the first statement.
fn view<T>(conn: &Connection, job: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
    conn.prepare_cached("BEGIN")?.execute([])?;
    let _view = View(conn);
    job(conn)
}

/// A transaction that reads. Letting go of it ends it, whatever the reader did.
struct View<'c>(&'c Connection);

impl Drop for View<'_> {
    fn drop(&mut self) {
        let ended = self.0.prepare_cached("ROLLBACK");
        if let Err(error) = ended.and_then(|mut end| end.execute([])) {
            tracing::error!(%error, "a view of the register cannot be ended");
        }
    }
}
