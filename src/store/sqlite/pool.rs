//! The readers: a fixed number of read-only connections, lent out one reader at a time.

use std::path::Path;
use std::sync::{Condvar, Mutex, MutexGuard};
use std::time::Duration;

use rusqlite::Connection;

use super::connection;
use super::gate::Gate;
use crate::store::Result;
use crate::sync;

/// Read-only connections.
pub(super) struct Pool {
    idle: Mutex<Idle>,
    returned: Condvar,
    gate: Gate,
    /// How long a view that may last waits at the gate.
    patience: Duration,
}

/// Those that are lent to nobody.
struct Idle {
    connections: Vec<Connection>,
    /// How many wait for one: where nobody does, nobody is woken, which would be a call of the system.
    waiting: usize,
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
            idle: Mutex::new(Idle {
                connections,
                waiting: 0,
            }),
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
        let mut idle = self.idle();
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
        self.lent(conn).run(job)
    }

    /// The same if a connection is idle now; none when all are lent out, and nothing was done.
    pub(super) fn read_now<T>(
        &self,
        job: impl FnOnce(&Connection) -> Result<T>,
    ) -> Option<Result<T>> {
        let mut idle = self.idle.try_lock().ok()?;
        let conn = idle.connections.pop()?;
        drop(idle);
        Some(self.lent(conn).run(job))
    }

    fn idle(&self) -> MutexGuard<'_, Idle> {
        sync::lock(&self.idle)
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
            let mut idle = self.pool.idle();
            idle.connections.push(conn);
            if idle.waiting > 0 {
                drop(idle);
                self.pool.returned.notify_one();
            }
        }
    }
}
