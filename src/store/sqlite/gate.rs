//! The gate that views which may last go through. SQLite's log begins anew only when no view needs it, and views that overlap
//! always need it: so when the log has become long, new ones wait here until those that are under way have ended. One that
//! lasts longer than any should is ended then. Short views do not come by here.

use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use rusqlite::InterruptHandle;

use crate::sync;

/// How often views that must end are told so: one between two statements is not told by the first time.
const AGAIN: Duration = Duration::from_millis(50);

#[derive(Default)]
struct State {
    /// New views wait.
    closed: bool,
    /// The views under way.
    live: Vec<(u64, Instant, InterruptHandle)>,
    last: u64,
}

/// The gate. Clones share it.
#[derive(Clone, Default)]
pub(super) struct Gate(Arc<(Mutex<State>, Condvar)>);

/// A view that has gone through.
pub(super) struct Through<'g> {
    gate: &'g Gate,
    number: u64,
}

/// The gate while it is closed.
pub(super) struct Closed<'g>(&'g Gate);

impl Gate {
    /// Waits while the gate is closed, at most so long: nobody waits for ever for a view that does not end.
    pub(super) fn wait(&self, patience: Duration) {
        let give_up = Instant::now() + patience;
        let mut state = self.lock();
        while state.closed {
            let left = give_up.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            state = self.wait_on(state, left);
        }
    }

    /// A view begins; it can be ended by its connection's handle.
    pub(super) fn enter(&self, handle: InterruptHandle) -> Through<'_> {
        let mut state = self.lock();
        state.last += 1;
        let number = state.last;
        state.live.push((number, Instant::now(), handle));
        Through { gate: self, number }
    }

    /// Closes the gate and waits until no view is left; those that have lasted `longest` are ended. It opens when what is given
    /// is dropped.
    pub(super) fn close(&self, longest: Duration) -> Closed<'_> {
        let mut state = self.lock();
        state.closed = true;
        let give_up = Instant::now() + longest * 2;
        while !state.live.is_empty() && Instant::now() < give_up {
            for (_, since, handle) in &state.live {
                if since.elapsed() >= longest {
                    handle.interrupt();
                }
            }
            state = self.wait_on(state, AGAIN.min(longest));
        }
        Closed(self)
    }

    #[cfg(test)]
    pub(super) fn is_closed(&self) -> bool {
        self.lock().closed
    }

    fn wait_on<'s>(
        &'s self,
        state: MutexGuard<'s, State>,
        patience: Duration,
    ) -> MutexGuard<'s, State> {
        sync::wait_timeout(&self.0.1, state, patience).0
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        sync::lock(&self.0.0)
    }
}

impl Drop for Through<'_> {
    fn drop(&mut self) {
        let mut state = self.gate.lock();
        state.live.retain(|(number, ..)| *number != self.number);
        drop(state);
        self.gate.0.1.notify_all();
    }
}

impl Drop for Closed<'_> {
    fn drop(&mut self) {
        self.0.lock().closed = false;
        self.0.0.1.notify_all();
    }
}
