//! The writer: one thread that owns the one connection that writes, and commits what is queued together.
//!
//! A job that fails or panics takes back its own writes and no others (`group`). Answers are delivered when the transaction that
//! holds them is on disk. A job that comes alone is committed at once: the
//! group is what has gathered while the last commit was on its way.
//!
//! What failed is remembered (`failing`) until as much has reached the disk again, or is proven to have room.
//!
//! Invariant: nothing is written to files that nobody else will find. Before and after each commit, and when there is
//! nothing to do, the names of database and log must still be those of the open files (`filer`); else the store closes.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::checkpoint::Due;
use super::failing::Failing;
use super::filer::{Files, Log};
use super::group::{self, Around, CHANGES, Filled, Waiting, execute, last, refuse};
use super::highwater::HighWater;
use super::memory::Memory;
use super::migrate;
use super::numbers::Numbering;
use super::query;
use super::queue::{Next, Queue};
use super::read::{self, View};
use super::schema;
use super::values::Count;
use super::write::Tx;
use crate::clock::Clock;
use crate::register::{Sekvens, Tidspunkt};
use crate::store::{Job, Position, Result, StoreError, Watch, Write as _};

/// How often an idle writer looks whether another process has written (kontrakt §6).
const LOOK: Duration = Duration::from_millis(250);

/// How a transaction ended that did not fail.
enum Ended {
    Done,
    /// By being taken back, for its jobs to be run again with savepoints.
    Stained,
}

/// What the thread owns.
pub(super) struct Writer {
    pub(super) conn: Connection,
    pub(super) queue: Arc<Queue>,
    pub(super) mark: HighWater,
    pub(super) numbering: Numbering,
    pub(super) clock: Clock,
    /// How many jobs go into a group at most.
    pub(super) group: usize,
    /// Counts how often commits of other processes were noticed.
    pub(super) foreign: Arc<AtomicU64>,
    pub(super) failing: Arc<Failing>,
    pub(super) files: Files,
    /// Told when the store must not be written to any more, with the reason.
    pub(super) gone: tokio::sync::watch::Sender<Option<String>>,
    /// What is remembered for as long as that stands.
    pub(super) memory: Memory,
    pub(super) seen: i64,
    /// SQLite's number of the schema that was last found to be as it should be.
    pub(super) schema: i64,
    pub(super) due: Due,
    pub(super) watch: Option<Arc<dyn Watch>>,
    /// Where the register stands, for all who want to know.
    pub(super) positions: tokio::sync::watch::Sender<Position>,
}

impl Writer {
    /// Works until the queue is closed; jobs not begun by then are refused.
    pub(super) fn run(mut self) {
        let _open = AbandonOnExit(Arc::clone(&self.queue));
        loop {
            match self.queue.next(self.group, CHANGES, LOOK) {
                Next::Group(jobs) => {
                    let mut jobs = VecDeque::from(jobs);
                    let mut careful = 0;
                    while !jobs.is_empty() && !self.queue.is_closed() {
                        careful = self.transaction(&mut jobs, careful);
                    }
                    for job in jobs {
                        refuse(job, &StoreError::Closed);
                    }
                }
                Next::Flush => _ = self.transaction(&mut VecDeque::new(), 0),
                Next::Idle => match self.here().and_then(|()| self.look()) {
                    Ok(()) => {}
                    Err(StoreError::Gone(why)) => drop(self.end(&why)),
                    Err(error) => {
                        tracing::warn!(%error, "cannot see whether other processes have written");
                    }
                },
                Next::End => break,
            }
        }
    }

    /// Notices commits of other processes.
    fn look(&mut self) -> Result<()> {
        let version = data_version(&self.conn)?;
        if version != self.seen {
            self.memory.clear();
            if migrate::is_newer(&self.conn)? {
                let why = "a newer program has migrated the register while this one had it open";
                return Err(StoreError::Gone(why.into()));
            }
            self.same_schema()?;
            self.seen = version;
            self.foreign.fetch_add(1, Ordering::Release);
            self.tell(read::last_change(&self.conn)?);
        }
        Ok(())
    }

    /// Refuses to write on where another process has changed the schema: its trigger would run with the next write.
    fn same_schema(&mut self) -> Result<()> {
        let schema = schema::cookie(&self.conn)?;
        if schema != self.schema {
            schema::reached(&self.conn)?;
            self.schema = schema;
        }
        Ok(())
    }

    /// Tells where the register stands.
    fn tell(&self, last: Option<(Sekvens, Tidspunkt)>) {
        self.positions.send_if_modified(|position| {
            let sekvens = last.map_or(Sekvens(0), |(sekvens, _)| sekvens);
            let newer = position.sekvens != sekvens;
            position.sekvens = sekvens;
            position.tidspunkt = last.map(|(_, tidspunkt)| tidspunkt);
            newer
        });
    }

    /// Runs jobs in one transaction, as many as it takes, and delivers their answers; the first `careful` with savepoints. Gives
    /// the number of those that are to be run again so.
    fn transaction(&mut self, jobs: &mut VecDeque<Job>, careful: usize) -> usize {
        let begun = self
            .here()
            .and_then(|()| self.dated(jobs))
            .and_then(|()| execute(&self.conn, "BEGIN IMMEDIATE"))
            .and_then(|()| self.look());
        if let Err(error) = begun {
            self.roll_back();
            self.failing.remember(&error, 0);
            for job in jobs.drain(..) {
                refuse(job, &error);
            }
            match error {
                // The lines of refusals do not rest on the clock, and are written when it is their turn.
                StoreError::Clock(_) => {}
                StoreError::Gone(why) => {
                    drop(self.end(&why));
                    self.queue.put_back(self.queue.take_refusals());
                }
                _ => self.queue.put_back(self.queue.take_refusals()),
            }
            return 0;
        }
        let mut waiting = Vec::new();
        let done = match self.fill_and_commit(jobs, careful, &mut waiting) {
            Ok(Ended::Stained) => {
                self.roll_back();
                let again = waiting.len();
                group::put_back(waiting, jobs);
                return again;
            }
            Ok(Ended::Done) => Ok(()),
            Err(error) => Err(error),
        };
        if let Err(error) = &done {
            tracing::error!(%error, jobs = waiting.len(), "a group of writes failed");
            self.roll_back();
            // What was to be flushed waits for a later try.
            self.queue.put_back(self.queue.take_refusals());
        }
        for job in waiting {
            job.deliver(&done);
        }
        // Nobody waits for this.
        self.due.look(&self.conn);
        0
    }

    fn fill_and_commit(
        &mut self,
        jobs: &mut VecDeque<Job>,
        careful: usize,
        waiting: &mut Vec<Waiting>,
    ) -> Result<Ended> {
        let view = View {
            conn: &self.conn,
            clock: &self.clock,
            numbering: &self.numbering,
            memory: &self.memory,
        };
        let mut tx = Tx::new(view).inspect_err(|error| {
            jobs.drain(..).for_each(|job| refuse(job, error));
            self.failing.remember(error, 0);
        })?;
        let (before, last_before) = (tx.counts.counter, last(&tx));
        let changes = |tx: &Tx<'_>| last(tx) - last_before;
        let around = Around {
            conn: &self.conn,
            queue: &self.queue,
            failing: &self.failing,
        };
        let filled = around.fill(&mut tx, jobs, careful, waiting);
        let filled = filled.inspect_err(|error| self.failing.remember(error, changes(&tx)))?;
        let Filled::Ready(kept) = filled else {
            return Ok(Ended::Stained);
        };
        if !kept && !self.queue.flush_is_due() {
            return execute(&self.conn, "ROLLBACK").map(|()| Ended::Done);
        }
        let mut refusals = self.queue.take_refusals();
        let latest = self.clock.believed();
        for entry in &mut refusals {
            entry.tidspunkt = entry.tidspunkt.min(latest);
        }
        let done = refusals
            .iter()
            .try_for_each(|entry| tx.audit(entry))
            .and_then(|()| tx.finish(before))
            .and_then(|()| match tx.counts.counter {
                counter if counter == before => Ok(()),
                counter => self.mark.cover(counter, &self.numbering),
            })
            .and_then(|()| match self.failing.prove(kept, changes(&tx))? {
                true => self.mark.prove().and_then(|()| touch(&self.conn)),
                false => Ok(()),
            })
            .and_then(|()| self.commit(waiting.len(), changes(&tx)));
        match &done {
            Ok(()) => {
                self.failing.forget(kept, changes(&tx));
                self.tell(tx.counts.last);
            }
            Err(error) => {
                self.failing.remember(error, changes(&tx));
                self.queue.put_back(refusals);
            }
        }
        done.map(|()| Ended::Done)
    }

    fn commit(&self, jobs: usize, changes: u64) -> Result<()> {
        let from = Instant::now();
        let done = execute(&self.conn, "COMMIT").map_err(StoreError::of_a_commit);
        if let Some(watch) = &self.watch {
            watch.committed(jobs, changes, from.elapsed(), done.is_ok());
        }
        done?;
        match self.here() {
            Ok(()) => Ok(()),
            // What has gone into a log that nobody will find is not stored.
            Err(gone) => self.end(&gone.to_string()).map_err(StoreError::Unknown),
        }
    }

    /// Refuses jobs while the clock is not believed. The lines of what was refused are dated by what is believed.
    fn dated(&self, jobs: &VecDeque<Job>) -> Result<()> {
        match self.clock.distrust() {
            Some(why) if !jobs.is_empty() => Err(StoreError::Clock(why.to_string())),
            _ => Ok(()),
        }
    }

    /// Refuses to go on when a file that is open is not the one of its name any more.
    fn here(&self) -> Result<()> {
        match self.files.missing() {
            None => Ok(()),
            Some(file) => Err(StoreError::Gone(format!(
                "{} was removed or replaced while the register was open",
                file.display()
            ))),
        }
    }

    /// Takes no more jobs, and tells who watches over the store. Fails when what was stored last may be lost: with the
    /// log gone, what it alone holds is moved into the database while that is still the register's.
    fn end(&self, why: &str) -> std::result::Result<(), String> {
        self.queue.close();
        let safe = match self.files.log() {
            Log::Here => true,
            Log::Gone => self.move_all(),
            Log::Replaced => false,
        };
        let told = if safe {
            "all that was stored is in the register"
        } else {
            "what was stored last may be lost: compare the audit chain with a published head"
        };
        let told = format!("{why}; {told}; nothing is written any more: start dtr again");
        tracing::error!("{told}");
        self.gone.send_replace(Some(told.clone()));
        if safe { Ok(()) } else { Err(told) }
    }

    /// Moves the whole log into the database; tells whether that was done.
    fn move_all(&self) -> bool {
        let moved = query::first(&self.conn, "PRAGMA wal_checkpoint(FULL)", [], |row| {
            let (busy, all, moved): (i64, i64, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
            Ok(busy == 0 && all == moved)
        });
        moved.is_ok_and(|done| done == Some(true))
    }

    fn roll_back(&self) {
        self.memory.clear();
        if !self.conn.is_autocommit()
            && let Err(error) = execute(&self.conn, "ROLLBACK")
        {
            tracing::error!(%error, "cannot roll back");
        }
    }
}

/// Makes the transaction write a page, and changes nothing. A row set to itself is not enough: SQLite sees that.
fn touch(conn: &Connection) -> Result<()> {
    let version = migrate::version(conn)?;
    conn.pragma_update(None, "user_version", Count(version as u64))?;
    Ok(())
}

/// A number that changes when another connection has committed.
pub(super) fn data_version(conn: &Connection) -> Result<i64> {
    let version = query::first(conn, "PRAGMA data_version", [], |row| row.get(0))?;
    Ok(version.unwrap_or_default())
}

/// However the thread ends, nobody waits for it in vain.
struct AbandonOnExit(Arc<Queue>);

impl Drop for AbandonOnExit {
    fn drop(&mut self) {
        for job in self.0.abandon() {
            refuse(job, &StoreError::Closed);
        }
    }
}
