//! The only module that reads the clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::register::Tidspunkt;

/// Tells the time. Cheap to clone.
#[derive(Debug, Clone)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// A clock that stands where a test puts it.
    Fixed(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stands still at `at`.
    pub fn fixed(at: Tidspunkt) -> Self {
        Self::Fixed(Arc::new(AtomicI64::new(at.millis())))
    }

    /// Now, to the millisecond. A machine clock set before 1970 counts as 1970.
    pub fn now(&self) -> Tidspunkt {
        match self {
            Self::System => {
                let since = SystemTime::now()
                    .duration_since(UNIX_EPOCH)
                    .unwrap_or_default();
                Tidspunkt::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
            }
            Self::Fixed(at) => Tidspunkt::from_millis(at.load(Ordering::Relaxed)),
        }
    }
}
