//! A connection's byte stream with its deadlines, and with its framing watched ([`super::framing`]): silence before a
//! request, slow headers, idleness between requests, a caller that does not take its answer. Body deadlines are in
//! [`super::body`]; who has to go when there is no room is decided in [`super::room`].
//!
//! hyper has one timer for headers, which also runs while a connection idles; these four need to differ. A deadline costs
//! a look at the clock per read or write; the timer itself is only moved when it would fire too late.

use std::io::{self, IoSlice};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::Notify;
use tokio::time::{Instant, Sleep, sleep_until};

use super::framing::{self, Found, Framing, Refused};
use crate::config::Graenser;

/// Sent to a caller whose headers are too slow. It has no body, since nothing of the request has been read.
const TOO_SLOW: &[u8] =
    b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";

/// After a refusal so much and so long is read and dropped, so that the caller sees it and not a reset connection.
const REST_BYTES: usize = 64 << 10;
const REST: Duration = Duration::from_secs(1);

/// How often it is asked whether a connection that has to leave still works.
const LEAVING: Duration = Duration::from_millis(50);

/// What a connection is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum Phase {
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
}

/// The phase of a connection, shared between its stream and the service that answers on it, which run in one task, and
/// with the listener that may need its place.
#[derive(Debug)]
pub(crate) struct Pace {
    phase: AtomicU8,
    refused: OnceLock<Refused>,
    /// When the connection was taken.
    taken: Instant,
    /// When its phase began or it last made progress in it: milliseconds after `taken`.
    since: AtomicU64,
    leave: Notify,
}

impl Pace {
    /// Of a connection taken now.
    pub(crate) fn new() -> Self {
        Self::at(Instant::now())
    }

    /// Of a connection taken then.
    pub(crate) fn at(taken: Instant) -> Self {
        Self {
            phase: AtomicU8::default(),
            refused: OnceLock::new(),
            taken,
            since: AtomicU64::default(),
            leave: Notify::new(),
        }
    }

    /// How long the server has waited for the caller; none while the caller waits for the server.
    pub(crate) fn waited(&self, now: Instant) -> Option<Duration> {
        let since = Duration::from_millis(self.since.load(Ordering::Relaxed));
        (self.get() != Phase::Busy).then(|| now.duration_since(self.taken + since))
    }

    /// Its place is needed for another.
    pub(crate) fn leave(&self) {
        self.leave.notify_one();
    }

    /// Until it has to leave. A request that came just then is answered first.
    pub(crate) async fn told_to_leave(&self) {
        self.leave.notified().await;
        while self.get() == Phase::Busy {
            tokio::time::sleep(LEAVING).await;
        }
    }

    /// Why the connection's bytes were refused, if they were. hyper does not tell: to it the stream has ended.
    pub(crate) fn refused(&self) -> Option<Refused> {
        self.refused.get().copied()
    }

    /// A request's head has been read.
    pub(crate) fn busy(&self) {
        self.set(Phase::Busy);
    }

    /// The answer is made.
    pub(crate) fn answering(&self) {
        self.set(Phase::Answering);
    }

    fn set(&self, phase: Phase) {
        let since = u64::try_from(self.taken.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.since.store(since, Ordering::Relaxed);
        self.phase.store(phase as u8, Ordering::Relaxed);
    }

    fn get(&self) -> Phase {
        match self.phase.load(Ordering::Relaxed) {
            0 => Phase::Waiting,
            1 => Phase::Head,
            2 => Phase::Busy,
            3 => Phase::Answering,
            _ => Phase::Refusing,
        }
    }
}

/// How long each phase may last.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deadlines {
    first_byte: Duration,
    head: Duration,
    idle: Duration,
    stuck: Duration,
}

impl Deadlines {
    /// From the configured limits.
    pub(crate) const fn of(limits: &Graenser) -> Self {
        Self {
            first_byte: Duration::from_millis(limits.foerste_byte_ms),
            head: Duration::from_millis(limits.headere_ms),
            idle: Duration::from_millis(limits.ledig_ms),
            stuck: Duration::from_millis(limits.svar_stilstand_ms),
        }
    }
}

/// A stream that fails with `TimedOut` when its phase has lasted too long.
#[derive(Debug)]
pub(crate) struct Paced<S> {
    inner: S,
    pace: Arc<Pace>,
    limits: Deadlines,
    /// The phase that `deadline` was set for.
    seen: Phase,
    deadline: Instant,
    timer: Pin<Box<Sleep>>,
    framing: Framing,
    /// What was found wrong, until it has been told.
    refused: Option<Found>,
    dropped: usize,
}

impl<S> Paced<S> {
    /// A new connection, waiting for its first byte.
    pub(crate) fn new(inner: S, pace: Arc<Pace>, limits: &Graenser) -> Self {
        let framing = Framing::new(framing::Limits::of(limits));
        let limits = Deadlines::of(limits);
        let deadline = Instant::now() + limits.first_byte;
        Self {
            inner,
            pace,
            limits,
            seen: Phase::Waiting,
            deadline,
            timer: Box::pin(sleep_until(deadline)),
            framing,
            refused: None,
            dropped: 0,
        }
    }

    /// The phase now; a phase that is new gets its deadline.
    fn phase(&mut self) -> Phase {
        let phase = self.pace.get();
        if phase != self.seen {
            self.enter(phase);
        }
        phase
    }

    fn enter(&mut self, phase: Phase) {
        self.pace.set(phase);
        self.seen = phase;
        let lasts = match phase {
            Phase::Waiting => self.limits.idle,
            Phase::Head => self.limits.head,
            Phase::Answering => self.limits.stuck,
            Phase::Refusing => REST,
            Phase::Busy => return,
        };
        self.deadline = Instant::now() + lasts;
    }

    /// Whether the phase has lasted too long; else the task is woken when it has.
    fn is_overdue(&mut self, cx: &mut Context<'_>) -> bool {
        if self.phase() == Phase::Busy {
            return false;
        }
        if self.timer.deadline() > self.deadline {
            self.timer.as_mut().reset(self.deadline);
        }
        while self.timer.as_mut().poll(cx).is_ready() {
            if Instant::now() >= self.deadline {
                return true;
            }
            self.timer.as_mut().reset(self.deadline);
        }
        false
    }
}

impl<S: AsyncWrite + Unpin> Paced<S> {
    /// What a write came to, with the deadline moved by progress and judged without it.
    fn written(
        &mut self,
        cx: &mut Context<'_>,
        result: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        match result {
            Poll::Ready(Ok(_)) if self.phase() != Phase::Busy => self.enter(Phase::Answering),
            Poll::Pending if self.is_overdue(cx) => return Poll::Ready(Err(overdue())),
            _ => {}
        }
        result
    }
}

fn overdue() -> io::Error {
    io::Error::from(io::ErrorKind::TimedOut)
}

impl<S: AsyncRead + AsyncWrite + Unpin> Paced<S> {
    /// Looks at what was read: bytes of requests before one that is refused are passed on, and nothing after them.
    fn watch(&mut self, buf: &mut ReadBuf<'_>, before: usize) {
        if let Err(found) = self.framing.feed(&buf.filled()[before..]) {
            buf.set_filled(before + found.good);
            self.refused = Some(found);
            let _ = self.pace.refused.set(found.refused);
        }
    }

    /// Tells what is wrong, drops what still comes for a while, and ends the connection.
    fn poll_refusal(&mut self, cx: &mut Context<'_>, refused: Refused) -> Poll<io::Error> {
        if self.phase() != Phase::Refusing {
            self.enter(Phase::Refusing);
            // Once, and without waiting: a caller that does not take it has nothing else to come.
            let _ = pin!(&mut self.inner).poll_write(cx, refusal(refused.status));
            let _ = pin!(&mut self.inner).poll_flush(cx);
            let _ = pin!(&mut self.inner).poll_shutdown(cx);
        }
        let mut room = [0; 2048];
        loop {
            let mut rest = ReadBuf::new(&mut room);
            match pin!(&mut self.inner).poll_read(cx, &mut rest) {
                Poll::Ready(Ok(())) if !rest.filled().is_empty() => {
                    self.dropped += rest.filled().len();
                    if self.dropped > REST_BYTES {
                        break;
                    }
                }
                Poll::Pending if !self.is_overdue(cx) => return Poll::Pending,
                _ => break,
            }
        }
        Poll::Ready(not_requests())
    }
}

fn not_requests() -> io::Error {
    io::Error::from(io::ErrorKind::InvalidData)
}

/// An answer without a body: nothing of the request has been understood.
const fn refusal(status: u16) -> &'static [u8] {
    match status {
        414 => b"HTTP/1.1 414 URI Too Long\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
        431 => b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
        505 => b"HTTP/1.1 505 HTTP Version Not Supported\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
        _ => b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Paced<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if let Some(found) = this.refused {
            return match this.phase() {
                // hyper tells who reads the body, and that one answers.
                _ if found.in_body => Poll::Ready(Err(not_requests())),
                // The request before it is still being worked on: to hyper this is the end, told after the answer.
                Phase::Busy | Phase::Answering => Poll::Ready(Ok(())),
                _ => this.poll_refusal(cx, found.refused).map(Err),
            };
        }
        let before = buf.filled().len();
        let result = pin!(&mut this.inner).poll_read(cx, buf);
        match result {
            Poll::Ready(Ok(())) if buf.filled().len() > before => {
                this.watch(buf, before);
                if buf.filled().len() == before {
                    // All of it is of the request that is refused.
                    return Pin::new(this).poll_read(cx, buf);
                }
                if this.phase() == Phase::Waiting {
                    this.enter(Phase::Head);
                }
            }
            Poll::Pending => {
                let reading = matches!(this.phase(), Phase::Waiting | Phase::Head);
                if reading && this.is_overdue(cx) {
                    if this.seen == Phase::Head {
                        // Once, and without waiting: a caller this slow may not take it.
                        let _ = pin!(&mut this.inner).poll_write(cx, TOO_SLOW);
                        let _ = pin!(&mut this.inner).poll_flush(cx);
                    }
                    return Poll::Ready(Err(overdue()));
                }
            }
            Poll::Ready(_) => {}
        }
        result
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Paced<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let result = pin!(&mut this.inner).poll_write(cx, buf);
        this.written(cx, result)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let result = pin!(&mut this.inner).poll_write_vectored(cx, bufs);
        this.written(cx, result)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let result = pin!(&mut this.inner).poll_flush(cx);
        match result {
            Poll::Ready(Ok(())) if this.phase() == Phase::Answering => this.enter(Phase::Waiting),
            Poll::Pending if this.is_overdue(cx) => return Poll::Ready(Err(overdue())),
            _ => {}
        }
        result
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let untold = |found: &Found| !found.in_body;
        if let Some(found) = this.refused.filter(untold)
            && this.phase() != Phase::Refusing
        {
            this.enter(Phase::Refusing);
            let _ = pin!(&mut this.inner).poll_write(cx, refusal(found.refused.status));
            let _ = pin!(&mut this.inner).poll_flush(cx);
        }
        let result = pin!(&mut this.inner).poll_shutdown(cx);
        if result.is_pending() {
            if !matches!(this.phase(), Phase::Answering | Phase::Refusing) {
                this.enter(Phase::Answering);
            }
            if this.is_overdue(cx) {
                return Poll::Ready(Err(overdue()));
            }
        }
        result
    }
}
