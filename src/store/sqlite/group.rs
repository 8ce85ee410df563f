//! The jobs of one transaction: run one after another, kept or taken back each for itself, delivered together.
//!
//! A job that may be run again has no savepoint at first, for that would copy each page that it changes. Should one that has
//! written keep nothing after all, the transaction is rolled back, and its jobs are run again with savepoints.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};

use rusqlite::Connection;

use super::failing::Failing;
use super::query::run;
use super::queue::Queue;
use super::write::Tx;
use crate::audit::Entry;
use crate::store::{Job, Result, StoreError, Undo, Verdict};

/// A group takes no further job once it holds this many changes: neighbours of a large batch must not wait for more.
pub(super) const CHANGES: u32 = 500;

/// A job that was run and waits for the commit.
pub(super) struct Waiting {
    /// Whether the commit holds something of the job.
    kept: bool,
    job: Job,
}

impl Waiting {
    /// Tells the job how its transaction ended.
    pub(super) fn deliver(self, done: &Result<()>) {
        let done = done.clone().map_err(|error| error.of(self.kept));
        deliver(self.job, done);
    }
}

/// What a transaction was filled with.
pub(super) enum Filled {
    /// Jobs, and whether any of them is to be kept.
    Ready(bool),
    /// A job without a savepoint has left writes that must not stay.
    Stained,
}

/// What jobs need beside the transaction.
pub(super) struct Around<'a> {
    pub(super) conn: &'a Connection,
    pub(super) queue: &'a Queue,
    pub(super) failing: &'a Failing,
}

/// What running a job came to.
enum Attempt {
    Ran(Verdict),
    /// It was taken back, whatever it meant to keep.
    Refused(StoreError),
    Stained,
    /// The transaction as a whole is lost.
    Lost(Option<Verdict>, StoreError),
}

impl Around<'_> {
    /// Runs jobs until there is none or the transaction is full; the first `careful` with savepoints, and then no more. What
    /// need not wait for the commit is delivered at once. An error means that the transaction as a whole is lost.
    pub(super) fn fill(
        &self,
        tx: &mut Tx<'_>,
        jobs: &mut VecDeque<Job>,
        careful: usize,
        waiting: &mut Vec<Waiting>,
    ) -> Result<Filled> {
        let full = last(tx) + u64::from(CHANGES);
        let repeats = jobs.front().is_some_and(|job| job.undo.repeats());
        let most = if careful > 0 { careful } else { usize::MAX };
        let mut lines = Vec::new();
        let mut kept = false;
        for _ in 0..most {
            if last(tx) >= full || self.queue.is_closed() {
                break;
            }
            let Some(mut job) = jobs.pop_front_if(|job| job.undo.repeats() == repeats) else {
                break;
            };
            let savepoint = careful > 0 || job.undo != Undo::Transaction;
            let (verdict, lost) = match self.attempt(tx, &mut job, savepoint) {
                Attempt::Ran(verdict) => (Some(verdict), None),
                Attempt::Lost(verdict, error) => (verdict, Some(error)),
                Attempt::Refused(error) => {
                    deliver(job, Err(error));
                    continue;
                }
                Attempt::Stained => {
                    waiting.push(Waiting { kept: false, job });
                    return Ok(Filled::Stained);
                }
            };
            let (keep, line) = verdict.map_or((false, None), |verdict| {
                self.remember(&job, &verdict);
                (verdict.keep, verdict.audit)
            });
            kept |= keep;
            // Whoever may have seen a neighbour's writes must not be answered before they are on disk.
            if kept || lost.is_some() {
                waiting.push(Waiting { kept: keep, job });
                lines.extend(line);
            } else {
                self.tell([line]);
                deliver(job, Ok(()));
            }
            if let Some(error) = lost {
                self.tell(lines.into_iter().map(Some));
                return Err(error);
            }
        }
        self.tell(lines.into_iter().map(Some));
        Ok(Filled::Ready(kept))
    }

    /// The errors of a job are its own, but for a full disk.
    fn remember(&self, job: &Job, verdict: &Verdict) {
        if let Some(full @ StoreError::Full(_)) = &verdict.failed {
            self.failing.remember(full, u64::from(job.records));
        }
    }

    /// Audit lines go along with this commit or the next.
    fn tell(&self, lines: impl IntoIterator<Item = Option<Entry>>) {
        for line in lines.into_iter().flatten() {
            self.queue.refuse(line);
        }
    }

    fn attempt(&self, tx: &mut Tx<'_>, job: &mut Job, savepoint: bool) -> Attempt {
        let conn = self.conn;
        let (counts, changes) = (tx.counts, conn.total_changes());
        if savepoint && let Err(error) = execute(conn, "SAVEPOINT job") {
            return Attempt::Lost(None, error);
        }
        let verdict = catch_unwind(AssertUnwindSafe(|| job.work.run(tx))).ok();
        if conn.is_autocommit() {
            // Some errors, such as a full disk, make SQLite end the whole transaction.
            let failed = verdict.as_ref().and_then(|verdict| verdict.failed.clone());
            let full = failed.filter(|error| matches!(error, StoreError::Full(_)));
            let ended = || StoreError::Failed("the database ended the transaction".into());
            return Attempt::Lost(verdict, full.unwrap_or_else(ended));
        }
        // Nobody gets a right that no audit line gives.
        let unaudited = !tx.counts.unaudited.is_empty();
        let keeps = verdict.as_ref().is_some_and(|verdict| verdict.keep);
        let ended = match (keeps && !unaudited, savepoint) {
            (true, true) => execute(conn, "RELEASE job"),
            (true, false) => Ok(()),
            (false, true) => {
                tx.take_back(counts, conn.total_changes() != changes);
                execute(conn, "ROLLBACK TO job").and_then(|()| execute(conn, "RELEASE job"))
            }
            (false, false) if conn.total_changes() != changes => return Attempt::Stained,
            (false, false) => {
                tx.take_back(counts, false);
                Ok(())
            }
        };
        let refused = |why: &str| Attempt::Refused(StoreError::Failed(why.into()));
        match (ended, verdict) {
            (Err(error), verdict) => Attempt::Lost(verdict, error),
            (Ok(()), Some(_)) if keeps && unaudited => {
                refused("a right was to be written without its audit line")
            }
            (Ok(()), Some(verdict)) => Attempt::Ran(verdict),
            (Ok(()), None) => refused("a job panicked"),
        }
    }
}

/// Puts jobs back to where they were taken from, to be run again.
pub(super) fn put_back(waiting: Vec<Waiting>, jobs: &mut VecDeque<Job>) {
    for Waiting { job, .. } in waiting.into_iter().rev() {
        jobs.push_front(job);
    }
}

/// The last change, 0 before the first.
pub(super) fn last(tx: &Tx<'_>) -> u64 {
    tx.counts.last.map_or(0, |(last, _)| last.0)
}

/// Tells a job that there is no transaction for it.
pub(super) fn refuse(job: Job, error: &StoreError) {
    deliver(job, Err(error.clone()));
}

/// Delivers an answer. A recipient that panics is its own affair.
fn deliver(job: Job, done: Result<()>) {
    let _ = catch_unwind(AssertUnwindSafe(|| job.work.deliver(done)));
}

pub(super) fn execute(conn: &Connection, sql: &str) -> Result<()> {
    run(conn, sql, []).map(drop)
}
