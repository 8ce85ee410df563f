//! Moves what has gathered in the write-ahead log into the database, beside the writer: the commit whose turn it would be
//! took 10 ms and more, and all who waited for it waited along.
//!
//! A log that is written to without a pause is never moved whole from beside it, and only then does it begin anew: so the
//! writer itself moves what little is left when the log has become long (`connection`).
//!
//! A log that views keep from beginning anew does so when it has come to its bound: views that may last wait for it (`gate`).
//! When nothing is written any more it is cut to nothing.

use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::Connection;

use super::gate::Gate;
use super::query::first;
use super::{Options, connection};
use crate::store::{Result, StoreError};
use crate::sync;

/// Pages (of 4 KiB) that gather in the log before they are moved.
const PAGES: i64 = 1_000;

/// From so many pages in the log on it is kept nearly moved, so that little is left for the writer.
const LONG: i64 = 5_000;

/// What is left then at most before it is moved.
const FEW: i64 = 100;

/// How long the writer is kept from its work while the log is to begin anew: for as long as short views last.
const MOMENT: Duration = Duration::from_millis(200);

#[derive(Debug, Default)]
struct State {
    due: bool,
    /// The log has come to its bound.
    long: bool,
    /// Something was written since the log was cut.
    written: bool,
    closed: bool,
}

/// What is to be done.
enum Wanted {
    Move,
    BeginAnew,
    Cut,
    End,
}

/// How the writer asks for it.
#[derive(Debug, Clone)]
pub(super) struct Due {
    state: Arc<(Mutex<State>, Condvar)>,
    /// Pages in the log from which on views wait for it to begin anew.
    pages: u32,
    /// After how long without a write the log is cut.
    idle: Duration,
}

impl Due {
    /// Asks for it when there is enough to be moved; `conn` is the writer's, after a commit.
    pub(super) fn look(&self, conn: &Connection) {
        // Tells without moving anything: how many pages are in the log, and how many of them are moved.
        let pages = first(conn, "PRAGMA wal_checkpoint(NOOP)", [], |row| {
            Ok((row.get::<_, i64>(1)?, row.get::<_, i64>(2)?))
        });
        match pages {
            Ok(Some((all, moved))) => {
                let mut state = self.lock();
                state.written = true;
                if all >= i64::from(self.pages) {
                    state.long = true;
                    self.state.1.notify_one();
                    return;
                }
                let gather = if all < LONG { PAGES } else { FEW };
                // From there on it is the writer's turn: who moves the log keeps others from it.
                if all < i64::from(connection::CHECKPOINT) && all - moved >= gather {
                    state.due = true;
                    self.state.1.notify_one();
                }
            }
            Ok(None) => {}
            Err(error) => tracing::warn!(%error, "cannot see how long the log is"),
        }
    }

    fn close(&self) {
        self.lock().closed = true;
        self.state.1.notify_one();
    }

    /// Waits until there is something to do.
    fn wait(&self) -> Wanted {
        let mut state = self.lock();
        loop {
            if state.closed {
                return Wanted::End;
            }
            if std::mem::take(&mut state.long) {
                state.due = false;
                return Wanted::BeginAnew;
            }
            if std::mem::take(&mut state.due) {
                return Wanted::Move;
            }
            let before = state.written;
            let (now, waited) = sync::wait_timeout(&self.state.1, state, self.idle);
            state = now;
            if waited.timed_out() && before && !state.due && !state.long {
                state.written = false;
                return Wanted::Cut;
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        sync::lock(&self.state.0)
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
    pub(super) fn start(conn: Connection, gate: Gate, options: &Options) -> Result<Self> {
        let view = options.view;
        let due = Due {
            state: Arc::default(),
            pages: options.log,
            idle: options.idle,
        };
        let asked = due.clone();
        let thread = std::thread::Builder::new()
            .name("register-log".into())
            .spawn(move || {
                loop {
                    let done = match asked.wait() {
                        Wanted::Move => checkpoint(&conn, "PASSIVE").map(drop),
                        Wanted::BeginAnew => begin_anew(&conn, &gate, view),
                        Wanted::Cut => cut(&conn, &asked),
                        Wanted::End => return,
                    };
                    if let Err(error) = done {
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

/// Lets the log begin anew: once the views that last have ended, all of it can be moved.
fn begin_anew(conn: &Connection, gate: &Gate, view: Duration) -> Result<()> {
    // Most of it beside everybody.
    checkpoint(conn, "PASSIVE")?;
    let _closed = gate.close(view);
    checkpoint(conn, "PASSIVE")?;
    if !briefly(conn, "RESTART")? {
        tracing::debug!("the log does not begin anew yet");
    }
    Ok(())
}

/// Cuts the log to nothing, now or later.
fn cut(conn: &Connection, due: &Due) -> Result<()> {
    checkpoint(conn, "PASSIVE")?;
    if !briefly(conn, "TRUNCATE")? {
        due.lock().written = true;
    }
    Ok(())
}

/// A checkpoint that waits for others, and lets others wait, for a moment at most.
fn briefly(conn: &Connection, mode: &str) -> Result<bool> {
    conn.busy_timeout(MOMENT)?;
    match checkpoint(conn, mode) {
        Err(StoreError::Busy) => Ok(false),
        done => done,
    }
}

/// Moves the log; false when somebody was in the way.
fn checkpoint(conn: &Connection, mode: &str) -> Result<bool> {
    let sql = format!("PRAGMA wal_checkpoint({mode})");
    let busy = first(conn, &sql, [], |row| row.get::<_, i64>(0))?;
    Ok(busy == Some(0))
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
