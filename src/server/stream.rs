//! A connection's byte stream with its deadlines, and with its framing watched ([`super::framing`]): silence before a
//! request, slow headers, idleness between requests, a caller that takes its answer slowly or not. Body deadlines are in
//! [`super::body`]; who has to go when there is no room is decided in [`super::room`].
//!
//! hyper has one timer for headers, which also runs while a connection idles; these four need to differ. A deadline costs
//! a look at the clock per read or write; the timer itself is only moved when it would fire too late.

use std::io::{self, IoSlice};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

use super::framing::{self, Found, Framing, Refused};
use super::pace::{Pace, Phase};
use crate::config::Graenser;

/// After a refusal so much and so long is read and dropped, so that the caller sees it and not a reset connection.
const REST_BYTES: usize = 64 << 10;
const REST: Duration = Duration::from_secs(1);

/// How fast a caller takes its answer is judged over so long.
const PACE: Duration = Duration::from_secs(10);

/// In so many seconds a caller must take a whole answer, if it is so large that the configured pace is slower.
const WHOLE: u64 = 600;

/// How long each phase may last.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deadlines {
    first_byte: Duration,
    head: Duration,
    idle: Duration,
    stuck: Duration,
    /// Bytes a second that a caller must take of an answer; 0: any.
    least: u64,
}

impl Deadlines {
    /// From the configured limits.
    pub(crate) const fn of(limits: &Graenser) -> Self {
        Self {
            first_byte: Duration::from_millis(limits.foerste_byte_ms),
            head: Duration::from_millis(limits.headere_ms),
            idle: Duration::from_millis(limits.ledig_ms),
            stuck: Duration::from_millis(limits.svar_stilstand_ms),
            least: limits.svar_langsom_bytes,
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
    /// What the caller has taken of its answer, since when.
    taken: (Instant, u64),
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
            taken: (deadline, 0),
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
        let now = Instant::now();
        if phase == Phase::Answering && self.seen != phase {
            self.taken = (now, 0);
        }
        self.seen = phase;
        let lasts = match phase {
            Phase::Waiting => self.limits.idle,
            Phase::Head => self.limits.head,
            Phase::Answering => self.limits.stuck,
            Phase::Refusing => REST,
            Phase::Busy | Phase::Polling => return,
        };
        self.deadline = now + lasts;
    }

    /// When the phase has to be looked at again.
    fn next_look(&self) -> Instant {
        match self.seen {
            Phase::Answering => self.deadline.min(self.taken.0 + PACE),
            _ => self.deadline,
        }
    }

    /// Whether the caller has taken less of its answer in the last seconds than it must. Of a large answer it must take more:
    /// it is held until the end.
    fn takes_too_slowly(&mut self, now: Instant) -> bool {
        let (since, bytes) = self.taken;
        let lasted = now.duration_since(since);
        if self.seen != Phase::Answering || self.limits.least == 0 || lasted < PACE {
            return false;
        }
        let length = self.pace.length();
        let least = self.limits.least.max(length / WHOLE);
        self.taken = (now, 0);
        bytes < least.saturating_mul(lasted.as_secs())
    }

    /// Whether the phase has lasted too long; else the task is woken when it has.
    fn is_overdue(&mut self, cx: &mut Context<'_>) -> bool {
        if matches!(self.phase(), Phase::Busy | Phase::Polling) {
            return false;
        }
        let look = self.next_look();
        if self.timer.deadline() > look {
            self.timer.as_mut().reset(look);
        }
        while self.timer.as_mut().poll(cx).is_ready() {
            let now = Instant::now();
            if now >= self.deadline || self.takes_too_slowly(now) {
                return true;
            }
            let look = self.next_look();
            self.timer.as_mut().reset(look);
        }
        false
    }
}

impl<S: AsyncWrite + Unpin> Paced<S> {
    /// Tells that it is over. Once, and without waiting: a caller that does not take it has nothing else to come.
    fn say(&mut self, cx: &mut Context<'_>, status: u16) {
        let _ = pin!(&mut self.inner).poll_write(cx, refusal(status));
        let _ = pin!(&mut self.inner).poll_flush(cx);
    }

    /// What a write came to, with the deadline moved by progress and judged without it.
    fn written(
        &mut self,
        cx: &mut Context<'_>,
        result: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        match result {
            Poll::Ready(Ok(bytes)) if self.phase() != Phase::Busy => {
                self.enter(Phase::Answering);
                self.taken.1 += bytes as u64;
            }
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
            self.pace.refuse(found.refused);
        }
    }

    /// Tells what is wrong, drops what still comes for a while, and ends the connection.
    fn poll_refusal(&mut self, cx: &mut Context<'_>, refused: Refused) -> Poll<io::Error> {
        if self.phase() != Phase::Refusing {
            self.enter(Phase::Refusing);
            self.say(cx, refused.status);
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

/// An answer without a body: nothing of the request has been understood, or its headers are too slow.
const fn refusal(status: u16) -> &'static [u8] {
    match status {
        408 => b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
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
                Phase::Busy | Phase::Polling | Phase::Answering => Poll::Ready(Ok(())),
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
                    this.pace.has_spoken();
                    this.enter(Phase::Head);
                }
            }
            Poll::Pending => {
                let reading = matches!(this.phase(), Phase::Waiting | Phase::Head);
                if reading && this.is_overdue(cx) {
                    if this.seen == Phase::Head {
                        this.say(cx, 408);
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
            this.say(cx, found.refused.status);
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A connection on which an answer of so many bytes is on its way since then.
    fn answering(length: u64) -> (Paced<tokio::io::Empty>, Instant) {
        let pace = Arc::new(Pace::at(Instant::now(), [127, 0, 0, 1].into()));
        pace.busy();
        let mut paced = Paced::new(tokio::io::empty(), Arc::clone(&pace), &Graenser::default());
        pace.answering(length);
        assert_eq!(paced.phase(), Phase::Answering);
        let since = paced.taken.0;
        (paced, since)
    }

    #[tokio::test]
    async fn an_answer_must_be_taken_at_a_pace() {
        let (mut paced, since) = answering(100_000);
        let after = |seconds| since + Duration::from_secs(seconds);
        paced.taken.1 = 10_239;
        assert!(!paced.takes_too_slowly(after(9)), "not yet judged");
        assert!(paced.takes_too_slowly(after(10)), "10,239 bytes in 10 s");
        paced.taken.1 = 10_240;
        assert!(!paced.takes_too_slowly(after(20)), "10,240 bytes in 10 s");
        assert!(paced.takes_too_slowly(after(31)), "nothing in 11 s");
        paced.limits.least = 0;
        assert!(!paced.takes_too_slowly(after(99)), "any pace will do");
    }

    #[tokio::test]
    async fn a_large_answer_must_be_taken_faster() {
        let (mut paced, since) = answering(60 << 20);
        let after = |seconds| since + Duration::from_secs(seconds);
        // A hundred kilobytes a second, and a little more: all of it in ten minutes.
        paced.taken.1 = 1_048_570;
        assert!(!paced.takes_too_slowly(after(10)));
        paced.taken.1 = 1_000_000;
        assert!(paced.takes_too_slowly(after(20)));
        // The time is that of one answer: a new one begins anew.
        paced.enter(Phase::Waiting);
        paced.pace.busy();
        paced.pace.answering(10);
        assert_eq!(paced.phase(), Phase::Answering);
        assert_eq!(paced.taken.1, 0);
    }
}
