//! A day or an instant that a person names as an end of a span.

use super::{Dato, Tidspunkt};

/// A Danish day, or an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Day {
    /// From its first instant to the first of the next.
    Day(Tidspunkt, Tidspunkt),
    /// An instant.
    Instant(Tidspunkt),
}

impl Day {
    /// Reads `YYYY-MM-DD`, or an instant such as `2026-11-30T08:00:00Z`.
    pub fn parse(text: &str) -> Option<Self> {
        if let Ok(instant) = Tidspunkt::parse(text) {
            return Some(Self::Instant(instant));
        }
        let day = Dato::parse(text).ok()?;
        let last = |day: Option<Dato>| day.and_then(Dato::slut).map(|at| at.plus_millis(1));
        Some(Self::Day(last(day.dagen_foer())?, last(Some(day))?))
    }

    /// Where it begins.
    pub const fn begins(self) -> Tidspunkt {
        match self {
            Self::Day(at, _) | Self::Instant(at) => at,
        }
    }

    /// The first instant after it; an instant itself.
    pub const fn ends(self) -> Tidspunkt {
        match self {
            Self::Day(_, at) | Self::Instant(at) => at,
        }
    }
}
