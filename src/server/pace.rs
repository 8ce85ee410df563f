//! What a connection is doing, and since when: shared between its stream, the service that answers on it, which run in one
//! task, and the listener that may need its place ([`super::room`], [`super::polls`]).

use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::framing::Refused;
use super::who::Address;
use crate::sync;

/// How often it is asked whether a connection that has to leave still works.
const LEAVING: Duration = Duration::from_millis(50);

/// A caller whose long poll was answered to make room has so long to take the answer.
const LAST: Duration = Duration::from_secs(1);

/// What a connection is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Phase {
    /// Waiting for a request to begin.
    Waiting,
    /// A request's head has begun to arrive.
    Head,
    /// A request is being read or worked on: no deadline here.
    Busy,
    /// An answer is on its way out.
    Answering,
    /// A refusal has been written: what still comes is dropped.
    Refusing,
    /// A request waits for something to happen: no deadline here, but its place may be given to another.
    Polling,
}

/// Who waits for whom on a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Waits {
    /// The caller for the server.
    Server,
    /// The server for a caller that has never asked anything.
    Silent,
    /// The server for the caller: to ask, or to take its answer.
    Caller,
    /// Both for a change.
    Poll,
}

/// What a connection is doing, and since when.
#[derive(Debug)]
pub(crate) struct Pace {
    phase: AtomicU8,
    refused: OnceLock<Refused>,
    /// When the connection was taken.
    taken: Instant,
    /// When its phase began or it last made progress in it: milliseconds after `taken`.
    since: AtomicU64,
    /// Where its caller is, as far as that is known.
    address: Mutex<Address>,
    /// A byte of a request has come.
    spoken: AtomicBool,
    /// The length of the answer that is on its way.
    length: AtomicU64,
    leave: Notify,
    leaving: AtomicBool,
    /// A poll that waits has to be answered.
    answer: Notify,
    answer_now: AtomicBool,
}

impl Pace {
    /// Of a connection taken then, from there.
    pub(crate) fn at(taken: Instant, from: IpAddr) -> Self {
        Self {
            phase: AtomicU8::default(),
            refused: OnceLock::new(),
            taken,
            since: AtomicU64::default(),
            address: Mutex::new(from.into()),
            spoken: AtomicBool::default(),
            length: AtomicU64::default(),
            leave: Notify::new(),
            leaving: AtomicBool::default(),
            answer: Notify::new(),
            answer_now: AtomicBool::default(),
        }
    }

    /// Who waits for whom, and how long already.
    pub(crate) fn waits(&self, now: Instant) -> (Waits, Duration) {
        let since = Duration::from_millis(self.since.load(Ordering::Relaxed));
        let waited = now.duration_since(self.taken + since);
        let waits = match self.get() {
            Phase::Busy => Waits::Server,
            Phase::Polling => Waits::Poll,
            _ if self.spoken.load(Ordering::Relaxed) => Waits::Caller,
            _ => Waits::Silent,
        };
        (waits, waited)
    }

    /// Where its caller is.
    pub(crate) fn address(&self) -> Address {
        *sync::lock(&self.address)
    }

    /// A proxy has told where its caller is.
    pub(crate) fn is_from(&self, address: IpAddr) {
        *sync::lock(&self.address) = address.into();
    }

    /// A byte of a request has come.
    pub(crate) fn has_spoken(&self) {
        self.spoken.store(true, Ordering::Relaxed);
    }

    /// Its place is needed for another.
    pub(crate) fn leave(&self) {
        self.leaving.store(true, Ordering::Relaxed);
        self.leave.notify_one();
        self.answer_now();
    }

    /// Whether its place is another's already, so that its next answer is its last.
    pub(crate) fn is_leaving(&self) -> bool {
        self.leaving.load(Ordering::Relaxed)
    }

    /// Until it has to leave. A poll is answered first, and so is a request that came just then.
    pub(crate) async fn told_to_leave(&self) {
        self.leave.notified().await;
        let works = || matches!(self.get(), Phase::Busy | Phase::Polling);
        if !works() {
            return;
        }
        while works() {
            self.answer_now();
            tokio::time::sleep(LEAVING).await;
        }
        tokio::time::sleep(LAST).await;
    }

    /// A poll that waits on it has to be answered.
    pub(crate) fn answer_now(&self) {
        self.answer_now.store(true, Ordering::Relaxed);
        self.answer.notify_one();
    }

    /// Until a poll that waits on it has to be answered.
    pub(crate) async fn told_to_answer(&self) {
        // A word from before the poll began does not concern it.
        while !self.answer_now.load(Ordering::Relaxed) {
            self.answer.notified().await;
        }
    }

    /// A request waits for a change.
    pub(crate) fn polling(&self) {
        self.answer_now.store(self.is_leaving(), Ordering::Relaxed);
        self.set(Phase::Polling);
    }

    /// Why the connection's bytes were refused, if they were. hyper does not tell: to it the stream has ended.
    pub(crate) fn refused(&self) -> Option<Refused> {
        self.refused.get().copied()
    }

    /// A request's head has been read.
    pub(crate) fn busy(&self) {
        self.set(Phase::Busy);
    }

    /// The answer is made; it has so many bytes.
    pub(crate) fn answering(&self, length: u64) {
        self.length.store(length, Ordering::Relaxed);
        self.set(Phase::Answering);
    }

    /// The answer's length, while it is on its way.
    pub(crate) fn length(&self) -> u64 {
        self.length.load(Ordering::Relaxed)
    }

    /// The connection's bytes are refused, for this reason.
    pub(crate) fn refuse(&self, refused: Refused) {
        let _ = self.refused.set(refused);
    }

    /// A phase begins, or makes progress.
    pub(crate) fn set(&self, phase: Phase) {
        let since = u64::try_from(self.taken.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.since.store(since, Ordering::Relaxed);
        self.phase.store(phase as u8, Ordering::Relaxed);
    }

    /// The phase now.
    pub(crate) fn get(&self) -> Phase {
        match self.phase.load(Ordering::Relaxed) {
            0 => Phase::Waiting,
            1 => Phase::Head,
            2 => Phase::Busy,
            3 => Phase::Answering,
            5 => Phase::Polling,
            _ => Phase::Refusing,
        }
    }
}
