//! How many lines a second callers may cause in the log whom nothing else bounds: those without a certificate, and those
//! that are refused because they ask too much. What is left out is counted, and told; the metrics count every call.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use tokio::time::Instant;

use super::exchange::Listener;
use super::rates::{Bucket, ONE};
use super::shutdown::Stopping;
use crate::metrics::Metrics;
use crate::sync;

/// After a pause so many seconds' lines may be written at once.
const BURST: u64 = 10;

/// How often it is told what was left out, when no line comes that could tell it.
const TELL: Duration = Duration::from_secs(10);

/// Why a line is bounded. Each has a bucket of its own, so that one kind hides no other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cause {
    /// A call to the public listener, or the end of a connection to it.
    Public,
    /// A connection to another listener whose caller is not known.
    Unknown,
    /// An organisation that asks too much.
    TooMuch,
}

impl Cause {
    /// Of a connection to a listener. Only callers of the service listener may be known by then, if at all.
    pub(crate) const fn on(listener: Listener) -> Self {
        match listener {
            Listener::Public => Self::Public,
            Listener::Service | Listener::Admin => Self::Unknown,
        }
    }

    const ALL: [Self; 3] = [Self::Public, Self::Unknown, Self::TooMuch];

    /// The word in the log and in the metrics.
    const fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Unknown => "unknown",
            Self::TooMuch => "too_much",
        }
    }
}

/// The bound.
#[derive(Debug)]
pub(crate) struct Journal {
    per_second: u64,
    kinds: [Mutex<Kind>; 3],
    metrics: Arc<Metrics>,
}

/// The lines of a kind, and how many were left out since that was last told.
#[derive(Debug)]
struct Kind {
    bucket: Bucket,
    left_out: u64,
}

impl Journal {
    /// So many lines a second of each kind; 0: any.
    pub(crate) fn new(per_second: u64, metrics: Arc<Metrics>) -> Arc<Self> {
        let bucket = Bucket::full(Instant::now());
        let kind = |_| {
            Mutex::new(Kind {
                bucket,
                left_out: 0,
            })
        };
        Arc::new(Self {
            per_second,
            kinds: Cause::ALL.map(kind),
            metrics,
        })
    }

    /// Whether one more line may be written. Where the log does not take such lines, none is left out of it.
    pub(crate) fn may_write(&self, cause: Cause) -> bool {
        tracing::enabled!(tracing::Level::INFO) && self.takes(cause, Instant::now())
    }

    fn takes(&self, cause: Cause, now: Instant) -> bool {
        if self.per_second == 0 {
            return true;
        }
        let mut kind = self.kind(cause);
        let most = self.per_second * BURST * ONE;
        if kind.bucket.take(now, self.per_second, most).is_err() {
            kind.left_out += 1;
            drop(kind);
            self.metrics.left_out.at(cause.as_str()).inc();
            return false;
        }
        let left_out = std::mem::take(&mut kind.left_out);
        drop(kind);
        tell(cause, left_out);
        true
    }

    fn kind(&self, cause: Cause) -> MutexGuard<'_, Kind> {
        sync::lock(&self.kinds[cause as usize])
    }

    /// Tells what was left out, until the server stops.
    pub(crate) async fn watch(self: Arc<Self>, mut stopping: Stopping) {
        loop {
            tokio::select! {
                () = tokio::time::sleep(TELL) => {}
                () = stopping.told() => {}
            }
            for cause in Cause::ALL {
                let left_out = std::mem::take(&mut self.kind(cause).left_out);
                tell(cause, left_out);
            }
            if stopping.is_stopping() {
                return;
            }
        }
    }
}

fn tell(cause: Cause, lines: u64) {
    if lines > 0 {
        tracing::warn!(of = cause.as_str(), lines, "log lines left out");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_beyond_the_bound_are_counted() {
        let metrics = Arc::new(Metrics::new());
        let journal = Journal::new(2, Arc::clone(&metrics));
        let from = journal.kind(Cause::Public).bucket.at;
        let after = |ms| from + Duration::from_millis(ms);
        let written = |of, now| (0..25).filter(|_| journal.takes(of, now)).count();
        assert_eq!(written(Cause::Public, from), 20);
        assert_eq!(journal.kind(Cause::Public).left_out, 5);
        assert_eq!(written(Cause::Unknown, after(0)), 20, "of another kind");
        // As many as the time since allows; the first of them tells what was left out.
        assert_eq!(written(Cause::Public, after(1500)), 3);
        assert_eq!(journal.kind(Cause::Public).left_out, 22);
        assert_eq!(written(Cause::Public, after(3_600_000)), 20);
        let line = r#"dtr_log_lines_left_out_total{of="public"} 32"#;
        assert!(metrics.render().contains(line), "{}", metrics.render());
    }

    #[test]
    fn without_a_bound_every_line_is_written() {
        let journal = Journal::new(0, Arc::default());
        let now = Instant::now();
        assert!((0..10_000).all(|_| journal.takes(Cause::Public, now)));
    }
}
