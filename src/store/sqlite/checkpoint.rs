//! Moves what has gathered in the write-ahead log into the database, beside the writer: the commit whose turn it would be
//! took 10 ms and more, and all who waited for it waited along.
//!
//! A log that is written to without a pause is never moved whole from beside it, and only then does it begin anew: so the
//! writer itself moves what little is left when the log has become long (`connection`).

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use rusqlite::Connection;

use super::connection;
use super::read::first;
use crate::store::{Result, StoreError};

/// Pages (of 4 KiB) that gather in the log before they are moved.
const PAGES: i64 = 1_000;

/// From so many pages in the log on it is kept nearly moved, so that little is left for the writer.
const LONG: i64 = 5_000;

/// What is left then at most before it is moved.
const FEW: i64 = 100;

#[derive(Debug, Default)]
struct State {
    due: bool,
    closed: bool,
}

/// How the writer asks for it.
#[derive(Debug, Clone, Default)]
pub(super) struct Due(Arc<(Mutex<State>, Condvar)>);

impl Due {
    /// Asks for it when there is enough to be moved; `conn` is the writer's, after a commit.
    pub(super) fn look(&self, conn: &Connection) {
        // Tells without moving anything: how many pages are in the log, and how many of them are moved.
        let pages = first(conn, "PRAGMA wal_checkpoint(NOOP)", [], |row| {
            Ok((row.get::<_, i64>(1)?, row.get::<_, i64>(2)?))
        });
        match pages {
            Ok(Some((all, moved))) => {
                let gather = if all < LONG { PAGES } else { FEW };
                // From there on it is the writer's turn: who moves the log keeps others from it.
                if all < i64::from(connection::CHECKPOINT) && all - moved >= gather {
                    self.lock().due = true;
                    self.0.1.notify_one();
                }
            }
            Ok(None) => {}
            Err(error) => tracing::warn!(%error, "cannot see how long the log is"),
        }
    }

    fn close(&self) {
        self.lock().closed = true;
        self.0.1.notify_one();
    }

    /// Waits until it is asked for; false at the end.
    fn wait(&self) -> bool {
        let mut state = self.lock();
        while !state.due && !state.closed {
            let woken = self.0.1.wait(state);
            state = woken.unwrap_or_else(PoisonError::into_inner);
        }
        state.due = false;
        !state.closed
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The thread that does it; ends when this is dropped.
#[derive(Debug)]
pub(super) struct Checkpointer {
    pub(super) due: Due,
    thread: Option<JoinHandle<()>>,
}

impl Checkpointer {
    /// Starts it on a connection of its own.
    pub(super) fn start(conn: Connection) -> Result<Self> {
        let due = Due::default();
        let asked = due.clone();
        let thread = std::thread::Builder::new()
            .name("register-log".into())
            .spawn(move || {
                while asked.wait() {
                    let moved = first(&conn, "PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
                    if let Err(error) = moved {
                        // The writer tries too when the log has become long.
                        tracing::warn!(%error, "cannot move the log into the database");
                    }
                }
            })
            .map_err(|error| StoreError::Failed(format!("cannot start a thread: {error}")))?;
        Ok(Self {
            due,
            thread: Some(thread),
        })
    }
}

impl Drop for Checkpointer {
    fn drop(&mut self) {
        self.due.close();
        if let Some(thread) = self.thread.take()
            && thread.thread().id() != std::thread::current().id()
            && thread.join().is_err()
        {
            tracing::error!("the thread that moves the log panicked");
        }
    }
}
