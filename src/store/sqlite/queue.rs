//! What waits for the writer: jobs, bounded, and the audit lines of refusals.

use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use super::refusals::Refusals;
use super::turns::Turns;
use crate::audit::Entry;
use crate::store::{Job, Result, StoreError, Watch};
use crate::sync;

/// How long an audit line waits for a commit to go along with.
const FLUSH: Duration = Duration::from_millis(100);

/// How long the writer waits with lines that it failed to write.
const RETRY: Duration = Duration::from_secs(1);

/// What the writer does next.
pub(super) enum Next {
    /// These jobs, each organisation's in the order of their coming.
    Group(Vec<Job>),
    /// No job, but audit lines that have waited long enough.
    Flush,
    /// Nothing came for as long as the writer was willing to wait.
    Idle,
    /// The store is closed, and nothing is queued any more.
    End,
}

/// The queue between callers and the writer.
pub(super) struct Queue {
    state: Mutex<State>,
    wake: Condvar,
    bound: usize,
    watch: Option<Arc<dyn Watch>>,
}

struct State {
    jobs: Turns,
    refusals: Refusals,
    /// When the refusals that are ready must go to disk, job or no job; none when there are none.
    due: Option<Instant>,
    /// The writer waits and has not been woken: to wake one who works is a call of the system for nothing.
    waits: bool,
    closed: bool,
}

impl State {
    /// When the next audit line must go to disk.
    fn due(&self) -> Option<Instant> {
        let held = self.refusals.due();
        self.due.into_iter().chain(held).min()
    }
}

impl Queue {
    /// A queue for at most `jobs` jobs.
    pub(super) fn new(jobs: usize, refusals: Refusals, watch: Option<Arc<dyn Watch>>) -> Self {
        Self {
            state: Mutex::new(State {
                jobs: Turns::default(),
                refusals,
                due: None,
                waits: false,
                closed: false,
            }),
            wake: Condvar::new(),
            bound: jobs,
            watch,
        }
    }

    /// Queues a job; gives the one that makes room for it, if one must, to be told.
    pub(super) fn submit(&self, job: Job) -> Result<Option<Job>> {
        let mut state = self.lock();
        if state.closed {
            return Err(StoreError::Closed);
        }
        let gone = state.jobs.push(job, self.bound)?;
        self.tell(&state);
        self.wake(state);
        Ok(gone)
    }

    fn tell(&self, state: &State) {
        if let Some(watch) = &self.watch {
            watch.waiting(state.jobs.len());
        }
    }

    /// How many jobs wait.
    pub(super) fn waiting(&self) -> usize {
        self.lock().jobs.len()
    }

    /// Queues an audit line. After [`Queue::close`] it still goes along with what the writer has left to do.
    pub(super) fn refuse(&self, entry: Entry) {
        let mut state = self.lock();
        let (now, before) = (Instant::now(), state.due());
        state.refusals.push(entry, now);
        if state.due.is_none() && state.refusals.is_ready() {
            state.due = Some(now + FLUSH);
        }
        let sooner = state
            .due()
            .is_some_and(|due| before.is_none_or(|before| due < before));
        if sooner {
            self.wake(state);
        }
    }

    /// Wakes the writer if it waits.
    fn wake(&self, mut state: MutexGuard<'_, State>) {
        if std::mem::take(&mut state.waits) {
            drop(state);
            self.wake.notify_one();
        }
    }

    /// Takes the audit lines that are to be written now; after [`Queue::close`] all.
    pub(super) fn take_refusals(&self) -> Vec<Entry> {
        let mut state = self.lock();
        state.due = None;
        if state.closed {
            state.refusals.take_all()
        } else {
            state.refusals.take(Instant::now())
        }
    }

    /// Puts back audit lines that could not be written, for a later try; there is none when the store is closed.
    pub(super) fn put_back(&self, lines: Vec<Entry>) {
        let mut state = self.lock();
        if state.closed {
            tracing::error!(lines = lines.len(), "audit lines of refusals are lost");
        } else if !lines.is_empty() {
            state.refusals.put_back(lines);
            state.due = Some(Instant::now() + RETRY);
        }
    }

    /// Waits for work, at most `patience` long: at most so many jobs with so many records together.
    pub(super) fn next(&self, most: usize, records: u32, patience: Duration) -> Next {
        let give_up = Instant::now() + patience;
        let mut state = self.lock();
        let mut let_by = false;
        loop {
            let now = Instant::now();
            if !state.jobs.is_empty() {
                // Whoever has a job and waits for a processor alone comes into this group instead of the next.
                if !std::mem::replace(&mut let_by, true) && state.jobs.len() < most {
                    drop(state);
                    std::thread::yield_now();
                    state = self.lock();
                    continue;
                }
                let group = state.jobs.take(most, records);
                self.tell(&state);
                return Next::Group(group);
            }
            if state.closed {
                return if state.refusals.is_empty() {
                    Next::End
                } else {
                    Next::Flush
                };
            }
            if state.due().is_some_and(|due| due <= now) {
                return Next::Flush;
            }
            if give_up <= now {
                return Next::Idle;
            }
            let until = state.due().map_or(give_up, |due| due.min(give_up));
            state.waits = true;
            state = sync::wait_timeout(&self.wake, state, until - now).0;
            state.waits = false;
        }
    }

    /// Whether waiting audit lines must not wait for a job any longer.
    pub(super) fn flush_is_due(&self) -> bool {
        let state = self.lock();
        let over = state.due().is_some_and(|due| due <= Instant::now());
        over || state.closed && !state.refusals.is_empty()
    }

    /// Whether no more jobs are taken: those not begun are to be refused.
    pub(super) fn is_closed(&self) -> bool {
        self.lock().closed
    }

    /// Takes no more jobs; the writer ends when it has finished the one it does and refused the others.
    pub(super) fn close(&self) {
        let mut state = self.lock();
        state.closed = true;
        self.wake(state);
    }

    /// Takes no more jobs, and gives those that nobody will do any more, to be told.
    pub(super) fn abandon(&self) -> Vec<Job> {
        let mut state = self.lock();
        state.closed = true;
        let lines = state.refusals.take_all().len();
        if lines > 0 {
            tracing::error!(lines, "audit lines of refusals are lost");
        }
        state.jobs.drain()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing under the lock leaves the state half changed.
        sync::lock(&self.state)
    }
}
