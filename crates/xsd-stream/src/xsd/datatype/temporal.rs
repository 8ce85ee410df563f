//! Dates, times and their parts, as points on one line of time.

use std::cmp::Ordering;

use super::Primitive;

/// Parts of a second that are told apart; finer digits are cut.
pub(super) const ATTOS: i128 = 1_000_000_000_000_000_000;
const HOURS_14: i128 = 14 * 3600 * ATTOS;
/// Years are read up to this many digits.
const YEAR_DIGITS: usize = 12;

/// A point of time, or of the day, month or year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::xsd) struct Temporal {
    kind: Primitive,
    /// Attoseconds since a fixed origin; in UTC when `zoned`.
    instant: i128,
    zoned: bool,
}

impl Temporal {
    /// Whether both are, say, dates.
    pub(super) fn same_kind(&self, other: &Self) -> bool {
        self.kind == other.kind
    }

    /// The order of XML Schema Part 2, 3.2.7.4: with and without zone compare
    /// only when more than 14 hours apart.
    pub(super) fn compare(&self, other: &Self) -> Option<Ordering> {
        if self.zoned == other.zoned {
            return Some(self.instant.cmp(&other.instant));
        }
        let far = (self.instant - other.instant).abs() > HOURS_14;
        far.then(|| self.instant.cmp(&other.instant))
    }

    /// Reads the lexical form of `kind`.
    pub(super) fn parse(kind: Primitive, lexical: &str) -> Option<Self> {
        let mut cursor = Cursor {
            rest: lexical.as_bytes(),
        };
        // Parts that the type does not have: a leap year and its first day.
        let (mut year, mut month, mut day) = (1972, 1, 1);
        let (mut seconds, mut fraction) = (0, 0);
        match kind {
            Primitive::DateTime | Primitive::Date => {
                year = cursor.year()?;
                month = cursor.dash()?.two(1, 12)?;
                day = cursor.dash()?.two(1, 31)?;
                if kind == Primitive::DateTime {
                    (seconds, fraction) = cursor.literal(b'T')?.time()?;
                }
            }
            Primitive::Time => {
                (seconds, fraction) = cursor.time()?;
                // 24:00:00 is the same moment of the day as 00:00:00.
                seconds %= 86_400;
            }
            Primitive::YearMonth => {
                year = cursor.year()?;
                month = cursor.dash()?.two(1, 12)?;
            }
            Primitive::Year => year = cursor.year()?,
            Primitive::MonthDay => {
                month = cursor.dashes()?.two(1, 12)?;
                day = cursor.dash()?.two(1, 31)?;
            }
            Primitive::Day => day = cursor.dashes()?.dash()?.two(1, 31)?,
            Primitive::Month => month = cursor.dashes()?.two(1, 12)?,
            _ => return None,
        }
        if day > days_in_month(year, month) {
            return None;
        }
        let offset = cursor.zone()?;
        let seconds = i128::from(days_before(year, month, day)) * 86_400
            + i128::from(seconds - offset.unwrap_or(0) * 60);
        Some(Self {
            kind,
            instant: seconds * ATTOS + fraction,
            zoned: offset.is_some(),
        })
    }
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

pub(super) fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if is_leap(year) => 29,
        2 => 28,
        _ => 31,
    }
}

/// Days from the origin to a date of the proleptic Gregorian calendar.
pub(super) fn days_before(year: i64, month: i64, day: i64) -> i64 {
    // Count years from March, so that the leap day is the last of its year.
    let (y, m) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let leap_days = y.div_euclid(4) - y.div_euclid(100) + y.div_euclid(400);
    y * 365 + leap_days + (153 * m + 2) / 5 + day - 1
}

struct Cursor<'a> {
    rest: &'a [u8],
}

impl<'a> Cursor<'a> {
    fn literal(&mut self, byte: u8) -> Option<&mut Self> {
        let (&first, rest) = self.rest.split_first()?;
        self.rest = rest;
        (first == byte).then_some(self)
    }

    fn dash(&mut self) -> Option<&mut Self> {
        self.literal(b'-')
    }

    fn dashes(&mut self) -> Option<&mut Self> {
        self.dash()?.dash()
    }

    /// Two digits between `min` and `max`.
    fn two(&mut self, min: i64, max: i64) -> Option<i64> {
        let (digits, rest) = self.rest.split_first_chunk::<2>()?;
        if !digits.iter().all(u8::is_ascii_digit) {
            return None;
        }
        self.rest = rest;
        let n = number(digits);
        (min..=max).contains(&n).then_some(n)
    }

    /// The digits that come next.
    fn digits(&mut self) -> &'a [u8] {
        let length = self.rest.iter().take_while(|b| b.is_ascii_digit()).count();
        let (digits, rest) = self.rest.split_at(length);
        self.rest = rest;
        digits
    }

    /// A year of at least four digits, more only without leading zero. The
    /// year before 1 is -1; it counts as 0.
    fn year(&mut self) -> Option<i64> {
        let negative = self.rest.first() == Some(&b'-');
        self.rest = &self.rest[usize::from(negative)..];
        let digits = self.digits();
        let length = digits.len();
        if !(4..=YEAR_DIGITS).contains(&length) || length > 4 && digits[0] == b'0' {
            return None;
        }
        match (negative, number(digits)) {
            (_, 0) => None,
            (true, year) => Some(1 - year),
            (false, year) => Some(year),
        }
    }

    /// `hh:mm:ss(.s+)?` as seconds and attoseconds; 24:00:00 is allowed.
    fn time(&mut self) -> Option<(i64, i128)> {
        let hour = self.two(0, 24)?;
        let minute = self.literal(b':')?.two(0, 59)?;
        let second = self.literal(b':')?.two(0, 59)?;
        let fraction = self.fraction()?;
        if hour == 24 && (minute, second, fraction) != (0, 0, 0) {
            return None;
        }
        Some((hour * 3600 + minute * 60 + second, fraction))
    }

    fn fraction(&mut self) -> Option<i128> {
        if self.rest.first() != Some(&b'.') {
            return Some(0);
        }
        let digits = self.literal(b'.')?.digits();
        (!digits.is_empty()).then(|| attos(digits))
    }

    /// The zone in minutes, at the very end; the outer `None` is an error.
    fn zone(&mut self) -> Option<Option<i64>> {
        let sign = match self.rest {
            [] => return Some(None),
            [b'Z'] => return Some(Some(0)),
            [b'+', ..] => 1,
            [b'-', ..] => -1,
            _ => return None,
        };
        self.rest = &self.rest[1..];
        let hours = self.two(0, 14)?;
        let minutes = self.literal(b':')?.two(0, 59)?;
        let whole = self.rest.is_empty() && (hours < 14 || minutes == 0);
        whole.then_some(Some(sign * (hours * 60 + minutes)))
    }
}

/// The number that at most 18 digits write.
fn number(digits: &[u8]) -> i64 {
    (digits.iter()).fold(0, |n, &digit| n * 10 + i64::from(digit - b'0'))
}

/// Attoseconds of the digits after a point.
pub(super) fn attos(fraction: &[u8]) -> i128 {
    let kept = &fraction[..fraction.len().min(18)];
    let scale = 10_i64.pow(18 - kept.len() as u32);
    i128::from(number(kept) * scale)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Primitive::*;

    #[test]
    fn lexical_forms() {
        for (kind, good, bad) in [
            (
                Date,
                &[
                    "2024-02-29",
                    "2000-02-29",
                    "-0001-12-31",
                    "12024-01-01",
                    "2024-01-01Z",
                    "2024-01-01+14:00",
                    "2024-12-31-13:59",
                ][..],
                &[
                    "2023-02-29",
                    "1900-02-29",
                    "2024-13-01",
                    "2024-00-01",
                    "2024-01-32",
                    "2024-04-31",
                    "24-01-01",
                    "0000-01-01",
                    "02024-01-01",
                    "2024-1-1",
                    "2024-01-01+14:01",
                    "2024-01-01+15:00",
                    "2024-01-01T00:00:00",
                    "+2024-01-01",
                    "2024-01-01z",
                    "",
                ][..],
            ),
            (
                DateTime,
                &[
                    "2024-01-01T00:00:00",
                    "2024-01-01T23:59:59.999Z",
                    "2024-01-01T24:00:00",
                    "2024-01-01T12:00:00-05:00",
                ],
                &[
                    "2024-01-01",
                    "2024-01-01T24:00:01",
                    "2024-01-01T12:60:00",
                    "2024-01-01T12:00:60",
                    "2024-01-01T12:00",
                    "2024-01-01T12:00:00.",
                    "2024-01-01 12:00:00",
                ],
            ),
            (
                Time,
                &["00:00:00", "24:00:00", "12:30:00.5+01:00"],
                &["1:00:00", "12:30", "25:00:00"],
            ),
            (YearMonth, &["2024-01", "2024-01Z"], &["2024", "2024-13"]),
            (Year, &["2024", "-2024", "2024+01:00"], &["24", "0000"]),
            (
                MonthDay,
                &["--02-29", "--12-31Z"],
                &["--02-30", "--04-31", "-02-29"],
            ),
            (Day, &["---31", "---01Z"], &["---32", "--01", "---1"]),
            (Month, &["--12", "--01Z"], &["--13", "--1", "--01--"]),
        ] {
            for lexical in good {
                assert!(Temporal::parse(kind, lexical).is_some(), "{lexical}");
            }
            for lexical in bad {
                assert!(Temporal::parse(kind, lexical).is_none(), "{lexical}");
            }
        }
    }

    #[test]
    fn order() {
        use Ordering::*;
        for (kind, a, b, want) in [
            (Date, "2024-02-29", "2024-03-01", Some(Less)),
            (Date, "-0002-01-01", "-0001-01-01", Some(Less)),
            (
                DateTime,
                "2024-01-01T24:00:00",
                "2024-01-02T00:00:00",
                Some(Equal),
            ),
            (
                DateTime,
                "2024-01-01T12:00:00+01:00",
                "2024-01-01T11:00:00Z",
                Some(Equal),
            ),
            (
                DateTime,
                "2024-01-01T12:00:00",
                "2024-01-01T12:00:00Z",
                None,
            ),
            (
                DateTime,
                "2024-01-02T12:00:00",
                "2024-01-01T12:00:00Z",
                Some(Greater),
            ),
            (
                DateTime,
                "2024-01-01T00:00:00.10",
                "2024-01-01T00:00:00.1",
                Some(Equal),
            ),
            (Time, "24:00:00", "00:00:00", Some(Equal)),
            (Year, "1999", "2000", Some(Less)),
        ] {
            let (a, b) = (
                Temporal::parse(kind, a).unwrap(),
                Temporal::parse(kind, b).unwrap(),
            );
            assert_eq!(a.compare(&b), want);
        }
    }
}
