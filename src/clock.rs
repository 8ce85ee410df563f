//! The only module that reads the clock.

mod guard;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use time::OffsetDateTime;

use crate::register::Tidspunkt;
use guard::Guard;

pub use guard::Distrust;

/// Tells the time. Cheap to clone.
#[derive(Debug, Clone)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// The machine's clock, compared with the time since the machine's start: a leap is not believed.
    Watched(Arc<Guard>),
    /// A clock that stands where a test puts it.
    Fixed(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stands still at `at`.
    pub fn fixed(at: Tidspunkt) -> Self {
        Self::Fixed(Arc::new(AtomicI64::new(at.millis())))
    }

    /// The machine's clock, watched.
    pub fn watched() -> Self {
        Self::Watched(Arc::new(Guard::new()))
    }

    /// Now, to the millisecond. A machine clock set before 1970 counts as 1970. After a leap it is what the time would be
    /// without.
    pub fn now(&self) -> Tidspunkt {
        match self {
            Self::System => wall(),
            Self::Watched(guard) => guard.now(),
            Self::Fixed(at) => Tidspunkt::from_millis(at.load(Ordering::Relaxed)),
        }
    }

    /// Goes by what is known of the register's time: how far a clock may leap, in hours, and when it was last known to be
    /// right. A clock that is not watched is believed.
    pub fn begin(&self, hours: u32, heartbeat: Option<Tidspunkt>) {
        if let Self::Watched(guard) = self {
            guard.begin(hours, heartbeat);
        }
    }

    /// Why the clock is not believed, if it is not. Asked for before each write.
    pub fn distrust(&self) -> Option<Distrust> {
        match self {
            Self::Watched(guard) => guard.distrust(),
            Self::System | Self::Fixed(_) => None,
        }
    }

    /// Now, as the calendar has it.
    pub fn calendar(&self) -> OffsetDateTime {
        let nanos = i128::from(self.now().millis()) * 1_000_000;
        OffsetDateTime::from_unix_timestamp_nanos(nanos).unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }

    /// The latest time that it can be, for what must be dated although the clock is not believed.
    pub fn believed(&self) -> Tidspunkt {
        match self {
            Self::Watched(guard) => guard.believed(),
            clock => clock.now(),
        }
    }

    /// Believes the clock as it stands: its operator has looked at it.
    pub fn approve(&self) {
        if let Self::Watched(guard) = self {
            guard.approve();
        }
    }

    /// Believes the clock if a heartbeat says nearly the same: another process has approved it.
    pub fn approve_by(&self, heartbeat: Tidspunkt) {
        if let Self::Watched(guard) = self {
            guard.approve_by(heartbeat);
        }
    }
}

/// The instant that TLS goes by: the machine's clock in whole seconds, as rustls reads it.
pub fn of_tls() -> OffsetDateTime {
    let seconds = wall().millis().div_euclid(1000);
    OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

/// The machine's clock.
fn wall() -> Tidspunkt {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Tidspunkt::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// Milliseconds since the machine's start, with those that it slept: nobody can set this clock.
fn since_start() -> i64 {
    #[cfg(target_os = "linux")]
    const STEADY: rustix::time::ClockId = rustix::time::ClockId::Boottime;
    #[cfg(not(target_os = "linux"))]
    const STEADY: rustix::time::ClockId = rustix::time::ClockId::Monotonic;
    let at = rustix::time::clock_gettime(STEADY);
    at.tv_sec.saturating_mul(1000) + at.tv_nsec / 1_000_000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_keeps_its_milliseconds() {
        let at = Tidspunkt::parse("2026-11-22T02:03:04.567Z").unwrap();
        let calendar = Clock::fixed(at).calendar();
        assert_eq!(
            calendar.unix_timestamp_nanos() / 1_000_000,
            i128::from(at.millis())
        );
    }
}
