//! Whether the machine's clock is to be believed: against the time since the machine's start while this process runs, and
//! against the register's heartbeat when it begins.
//!
//! A clock that ran ahead for a moment would date changes for ever, and let answers be forgotten that callers rely on.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use super::{since_start, wall};
use crate::register::Tidspunkt;

const HOUR: i64 = 60 * 60 * 1000;
const DAY: i64 = 24 * HOUR;

/// How far ahead of the last heartbeat a clock is believed at the start: a server may have been stopped for so long.
const AHEAD: i64 = 30 * DAY;

/// How far the clock may leap while the process runs, unless the configuration says otherwise.
const LEAP: i64 = 24 * HOUR;

/// Never: the start is behind.
const NONE: i64 = i64::MIN;

/// Why a clock is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Distrust {
    /// It leapt while the process ran, by so many milliseconds.
    Leap(i64),
    /// It is far ahead of when the register was last known to be in use.
    Ahead {
        /// The last heartbeat.
        heartbeat: Tidspunkt,
        /// What the clock says.
        says: Tidspunkt,
    },
}

impl fmt::Display for Distrust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Leap(by) => {
                let (hours, way) = (by.abs() / HOUR, if *by < 0 { "back" } else { "ahead" });
                write!(f, "the machine's clock has leapt {hours} hours {way}")
            }
            Self::Ahead { heartbeat, says } => write!(
                f,
                "the machine's clock says {says}, and the register was last in use at {heartbeat}"
            ),
        }?;
        f.write_str(": set the clock right, or run dtr ur godkend if it is right")
    }
}

/// The clock that is set, and the one since the machine's start, in milliseconds.
#[derive(Debug)]
enum Hands {
    Machine,
    /// Where a test puts them.
    #[cfg(test)]
    Test([AtomicI64; 2]),
}

impl Hands {
    fn wall(&self) -> i64 {
        match self {
            Self::Machine => wall().millis(),
            #[cfg(test)]
            Self::Test([wall, _]) => wall.load(Ordering::Relaxed),
        }
    }

    fn steady(&self) -> i64 {
        match self {
            Self::Machine => since_start(),
            #[cfg(test)]
            Self::Test([_, steady]) => steady.load(Ordering::Relaxed),
        }
    }
}

/// A clock that is watched.
#[derive(Debug)]
pub struct Guard {
    hands: Hands,
    /// How far the machine's clock is before the steady one, when it was last believed.
    offset: AtomicI64,
    leap: AtomicI64,
    /// The heartbeat that the clock is too far ahead of; [`NONE`] when it is not.
    heartbeat: AtomicI64,
    /// The steady clock at the beginning.
    begun: AtomicI64,
    told: AtomicBool,
}

impl Guard {
    pub(super) fn new() -> Self {
        Self::with(Hands::Machine)
    }

    fn with(hands: Hands) -> Self {
        let steady = hands.steady();
        Self {
            offset: AtomicI64::new(hands.wall() - steady),
            hands,
            leap: AtomicI64::new(LEAP),
            heartbeat: AtomicI64::new(NONE),
            begun: AtomicI64::new(steady),
            told: AtomicBool::new(false),
        }
    }

    /// What the machine's clock would say without a leap.
    fn without_leap(&self) -> i64 {
        self.hands.steady() + self.offset.load(Ordering::Relaxed)
    }

    fn has_leapt(&self, by: i64) -> bool {
        by.abs() > self.leap.load(Ordering::Relaxed)
    }

    pub(super) fn now(&self) -> Tidspunkt {
        let (wall, usual) = (self.hands.wall(), self.without_leap());
        let ahead = self.heartbeat.load(Ordering::Relaxed) != NONE;
        let now = match self.has_leapt(wall - usual) && !ahead {
            true => usual,
            false => wall,
        };
        Tidspunkt::from_millis(now)
    }

    pub(super) fn begin(&self, hours: u32, heartbeat: Option<Tidspunkt>) {
        self.leap.store(i64::from(hours) * HOUR, Ordering::Relaxed);
        let ahead = heartbeat.filter(|at| self.now().millis() - at.millis() > AHEAD);
        let heartbeat = ahead.map_or(NONE, Tidspunkt::millis);
        self.begun.store(self.hands.steady(), Ordering::Relaxed);
        self.heartbeat.store(heartbeat, Ordering::Relaxed);
    }

    pub(super) fn distrust(&self) -> Option<Distrust> {
        let found = self.look();
        match (found, self.told.swap(found.is_some(), Ordering::Relaxed)) {
            (Some(why), false) => tracing::error!("{why}; no write is taken until then"),
            (None, true) => tracing::info!("the machine's clock is believed again"),
            _ => {}
        }
        found
    }

    fn look(&self) -> Option<Distrust> {
        let (wall, heartbeat) = (self.hands.wall(), self.heartbeat.load(Ordering::Relaxed));
        if heartbeat != NONE {
            if wall - heartbeat > AHEAD {
                return Some(Distrust::Ahead {
                    heartbeat: Tidspunkt::from_millis(heartbeat),
                    says: Tidspunkt::from_millis(wall),
                });
            }
            // It was set right: from here on it is compared with this.
            self.approve();
        }
        let by = self.hands.wall() - self.without_leap();
        self.has_leapt(by).then_some(Distrust::Leap(by))
    }

    pub(super) fn believed(&self) -> Tidspunkt {
        match self.look() {
            Some(Distrust::Ahead { heartbeat, .. }) => {
                heartbeat.plus_millis(self.hands.steady() - self.begun.load(Ordering::Relaxed))
            }
            _ => self.now(),
        }
    }

    pub(super) fn approve(&self) {
        let offset = self.hands.wall() - self.hands.steady();
        self.offset.store(offset, Ordering::Relaxed);
        self.heartbeat.store(NONE, Ordering::Relaxed);
    }

    pub(super) fn approve_by(&self, heartbeat: Tidspunkt) {
        if !self.has_leapt(self.hands.wall() - heartbeat.millis()) {
            self.approve();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A clock whose hands a test moves: the wall's, and the one since the machine's start.
    fn guard() -> Guard {
        Guard::with(Hands::Test([1000 * DAY, 5 * DAY].map(AtomicI64::new)))
    }

    fn goes(guard: &Guard, wall: i64, steady: i64) {
        let Hands::Test(hands) = &guard.hands else {
            panic!()
        };
        hands[0].fetch_add(wall, Ordering::Relaxed);
        hands[1].fetch_add(steady, Ordering::Relaxed);
    }

    fn at(days: i64) -> Tidspunkt {
        Tidspunkt::from_millis(days * DAY)
    }

    #[test]
    fn time_that_passes_is_no_leap() {
        let guard = guard();
        for _ in 0..1000 {
            // Slewed by a second a day.
            goes(&guard, DAY + 1000, DAY);
            assert_eq!(guard.distrust(), None);
        }
        assert_eq!(guard.now().millis(), 2000 * DAY + 1_000_000);
    }

    #[test]
    fn a_leap_is_not_believed_while_it_lasts_in_either_direction() {
        for days in [400, 2, -2, -400] {
            let guard = guard();
            goes(&guard, days * DAY, 0);
            assert_eq!(guard.distrust(), Some(Distrust::Leap(days * DAY)));
            goes(&guard, HOUR, HOUR);
            assert_eq!(guard.now(), at(1000).plus_millis(HOUR));
            assert_eq!(guard.believed(), guard.now());
            goes(&guard, -days * DAY, 0);
            assert_eq!(guard.distrust(), None);
            goes(&guard, days * DAY, 0);
            // A heartbeat of before the leap approves nothing, one of now does.
            guard.approve_by(at(1000));
            assert!(guard.distrust().is_some());
            guard.approve_by(at(1000 + days));
            assert_eq!(guard.distrust(), None);
            assert_eq!(guard.now(), at(1000 + days).plus_millis(HOUR));
        }
    }

    #[test]
    fn a_small_leap_is_believed_and_how_small_can_be_said() {
        let guard = guard();
        goes(&guard, 23 * HOUR, 0);
        assert_eq!(guard.distrust(), None);
        assert_eq!(guard.now(), at(1000).plus_millis(23 * HOUR));
        guard.begin(2, None);
        assert_eq!(guard.distrust(), Some(Distrust::Leap(23 * HOUR)));
    }

    #[test]
    fn a_clock_far_ahead_of_the_heartbeat_is_not_believed_at_the_start() {
        for (heartbeat, believed) in [
            (None, true),
            (Some(at(1000)), true),
            (Some(at(970)), true),
            (Some(at(969)), false),
            (Some(at(1200)), true),
        ] {
            let guard = guard();
            guard.begin(24, heartbeat);
            assert_eq!(guard.distrust().is_none(), believed, "{heartbeat:?}");
        }
        let guard = guard();
        guard.begin(24, Some(at(600)));
        goes(&guard, HOUR, HOUR);
        assert_eq!(guard.now(), at(1000).plus_millis(HOUR));
        assert_eq!(guard.believed(), at(600).plus_millis(HOUR));
        // Set right by 400 days, it goes on from there.
        goes(&guard, -400 * DAY, 0);
        assert_eq!(guard.distrust(), None);
        goes(&guard, HOUR, HOUR);
        assert_eq!(
            (guard.distrust(), guard.now()),
            (None, at(600).plus_millis(2 * HOUR))
        );
        goes(&guard, 2 * DAY, 0);
        assert!(guard.distrust().is_some());
    }

    #[test]
    fn an_operator_can_believe_it() {
        let guard = guard();
        guard.begin(24, Some(at(600)));
        assert!(guard.distrust().is_some());
        guard.approve();
        assert_eq!((guard.distrust(), guard.now()), (None, at(1000)));
    }
}
