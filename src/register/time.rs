//! Instants and dates as the register writes them: UTC with milliseconds and `Z`, dates without zone (kontrakt §3).

use std::fmt;

use time::{Date, Month, OffsetDateTime, PrimitiveDateTime, Time};

/// A text that is not a date or an instant in the register's form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an instant or date in the register's form")]
pub struct UgyldigTid;

/// A day, in milliseconds.
const DAY: i64 = 86_400_000;

/// An instant: milliseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Tidspunkt(i64);

impl Tidspunkt {
    /// From milliseconds since the epoch.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the epoch.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// The instant `millis` later.
    #[must_use]
    pub const fn plus_millis(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// The day that it is in UTC; none beyond the calendar.
    pub fn dato(self) -> Option<Dato> {
        let nanos = i128::from(self.0) * 1_000_000;
        let at = OffsetDateTime::from_unix_timestamp_nanos(nanos).ok()?;
        Some(Dato(at.date()))
    }

    /// Reads `YYYY-MM-DDThh:mm:ss[.fff…]` followed by `Z` or an offset `±hh:mm`; finer than a millisecond is cut off.
    /// `24:00:00` is the beginning of the next day, as `xs:dateTime` has it.
    pub fn parse(text: &str) -> Result<Self, UgyldigTid> {
        let (date, rest) = text.split_once('T').ok_or(UgyldigTid)?;
        let (clock, offset_minutes) = split_zone(rest)?;
        let mut parts = clock.splitn(3, ':');
        let (hour, minute, seconds) = (next(&mut parts)?, next(&mut parts)?, next(&mut parts)?);
        let (second, fraction) = seconds.split_once('.').unwrap_or((seconds, ""));
        let midnight = (hour, minute, second) == ("24", "00", "00")
            && fraction.bytes().all(|digit| digit == b'0');
        let (hour, days) = if midnight { ("00", 1) } else { (hour, 0) };
        let millis: String = fraction.chars().chain("000".chars()).take(3).collect();
        let time = Time::from_hms_milli(
            two_digits(hour)?,
            two_digits(minute)?,
            two_digits(second)?,
            number(&millis)?,
        )
        .map_err(|_| UgyldigTid)?;
        let local = PrimitiveDateTime::new(Dato::parse(date)?.0, time).assume_utc();
        let millis =
            i64::try_from(local.unix_timestamp_nanos() / 1_000_000).map_err(|_| UgyldigTid)?;
        Ok(Self(millis + days * DAY - offset_minutes * 60_000))
    }
}

/// `…Z` or `…±hh:mm` into the clock and the offset in minutes.
fn split_zone(text: &str) -> Result<(&str, i64), UgyldigTid> {
    if let Some(clock) = text.strip_suffix('Z') {
        return Ok((clock, 0));
    }
    let at = text.rfind(['+', '-']).ok_or(UgyldigTid)?;
    let (clock, zone) = text.split_at(at);
    let (hours, minutes) = zone[1..].split_once(':').ok_or(UgyldigTid)?;
    let minutes = i64::from(two_digits(hours)?) * 60 + i64::from(two_digits(minutes)?);
    let ahead = if zone.starts_with('-') { -1 } else { 1 };
    Ok((clock, ahead * minutes))
}

fn next<'a>(parts: &mut impl Iterator<Item = &'a str>) -> Result<&'a str, UgyldigTid> {
    parts.next().ok_or(UgyldigTid)
}

fn two_digits(text: &str) -> Result<u8, UgyldigTid> {
    if text.len() == 2 {
        number(text)
    } else {
        Err(UgyldigTid)
    }
}

/// Digits alone: `str::parse` would take a sign as well.
fn number<T: std::str::FromStr>(text: &str) -> Result<T, UgyldigTid> {
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(UgyldigTid);
    }
    text.parse().map_err(|_| UgyldigTid)
}

impl fmt::Display for Tidspunkt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nanos = i128::from(self.0) * 1_000_000;
        let Ok(at) = OffsetDateTime::from_unix_timestamp_nanos(nanos) else {
            return write!(f, "{}ms", self.0);
        };
        let (hour, minute, second, milli) = at.to_hms_milli();
        sign(f, at.date())?;
        // Several for each record: the formatter's own numbers would cost a hundredth of a write.
        let mut text = *b"0000-00-00T00:00:00.000Z";
        write_date(&mut text[..10], at.date());
        digits(&mut text[11..13], hour.into());
        digits(&mut text[14..16], minute.into());
        digits(&mut text[17..19], second.into());
        digits(&mut text[20..23], milli.into());
        f.write_str(std::str::from_utf8(&text).unwrap_or_default())
    }
}

fn sign(f: &mut fmt::Formatter<'_>, date: Date) -> fmt::Result {
    f.write_str(if date.year() < 0 { "-" } else { "" })
}

/// A number right-aligned in what is there, with leading zeros.
fn digits(into: &mut [u8], mut value: u32) {
    for digit in into.iter_mut().rev() {
        // Below ten, so a byte.
        *digit = b'0' + (value % 10) as u8;
        value /= 10;
    }
}

/// `YYYY-MM-DD` into ten bytes that have the dashes; of a year before 0 without its sign.
fn write_date(into: &mut [u8], date: Date) {
    // `time` knows no year of more digits.
    digits(&mut into[..4], date.year().unsigned_abs());
    digits(&mut into[5..7], u8::from(date.month()).into());
    digits(&mut into[8..10], date.day().into());
}

/// A calendar date without zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Dato(Date);

impl Dato {
    /// Reads `YYYY-MM-DD`.
    pub fn parse(text: &str) -> Result<Self, UgyldigTid> {
        let mut parts = text.splitn(3, '-');
        let (year, month, day) = (next(&mut parts)?, next(&mut parts)?, next(&mut parts)?);
        if year.len() != 4 {
            return Err(UgyldigTid);
        }
        let month = Month::try_from(two_digits(month)?).map_err(|_| UgyldigTid)?;
        Date::from_calendar_date(number(year)?, month, two_digits(day)?)
            .map(Self)
            .map_err(|_| UgyldigTid)
    }

    /// The last instant of the day in Denmark; none beyond the calendar.
    pub fn slut(self) -> Option<Tidspunkt> {
        let next = self.0.next_day()?;
        let midnight =
            i64::try_from(next.midnight().assume_utc().unix_timestamp_nanos() / 1_000_000).ok()?;
        // Denmark is one hour ahead of UTC in winter and two in summer, and no change of time falls on midnight.
        [2, 1].into_iter().find_map(|hours| {
            let begins = Tidspunkt::from_millis(midnight - hours * 3_600_000);
            let ends = begins.plus_millis(-1);
            (Self::dansk(begins) == Some(Self(next)) && Self::dansk(ends) == Some(self))
                .then_some(ends)
        })
    }

    /// The Danish calendar day of an instant: Central European Time, with summer time from 01:00 UTC on the last Sunday
    /// of March to the same on the last Sunday of October. None beyond the years that a date can have.
    pub fn dansk(at: Tidspunkt) -> Option<Self> {
        let local = |hours: i64| {
            let seconds = at.millis().div_euclid(1000) + hours * 3600;
            time::OffsetDateTime::from_unix_timestamp(seconds).ok()
        };
        let (utc, winter) = (local(0)?, local(1)?);
        let (begins, ends) = (
            last_sunday(utc.year(), Month::March)?,
            last_sunday(utc.year(), Month::October)?,
        );
        let switch = |day: Date| day.midnight().assume_utc() + time::Duration::HOUR;
        let summer = switch(begins) <= utc && utc < switch(ends);
        let local = if summer { local(2)? } else { winter };
        Some(Self(local.date()))
    }

    /// The day before; none before the first that there is.
    #[must_use]
    pub fn dagen_foer(self) -> Option<Self> {
        self.0.previous_day().map(Self)
    }
}

/// The last Sunday of a month of 31 days.
fn last_sunday(year: i32, month: Month) -> Option<Date> {
    let last = Date::from_calendar_date(year, month, 31).ok()?;
    let after_sunday = u64::from(last.weekday().number_days_from_sunday());
    last.checked_sub(time::Duration::days(after_sunday.try_into().ok()?))
}

impl fmt::Display for Dato {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        sign(f, self.0)?;
        let mut text = *b"0000-00-00";
        write_date(&mut text, self.0);
        f.write_str(std::str::from_utf8(&text).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_ends_at_midnight_in_denmark() {
        for (day, end) in [
            ("2026-11-29", "2026-11-29T22:59:59.999Z"),
            ("2026-07-01", "2026-07-01T21:59:59.999Z"),
            ("2026-03-28", "2026-03-28T22:59:59.999Z"),
            ("2026-03-29", "2026-03-29T21:59:59.999Z"),
            ("2026-10-24", "2026-10-24T21:59:59.999Z"),
            ("2026-10-25", "2026-10-25T22:59:59.999Z"),
        ] {
            let ends = Dato::parse(day).unwrap().slut().unwrap();
            assert_eq!(ends.to_string(), end, "{day}");
        }
    }

    #[test]
    fn the_danish_day_follows_summer_time() {
        for (instant, day) in [
            ("2026-01-14T22:59:59Z", "2026-01-14"),
            ("2026-01-14T23:00:00Z", "2026-01-15"),
            // Summer time begins on 29 March and ends on 25 October 2026.
            ("2026-03-28T22:59:59Z", "2026-03-28"),
            ("2026-03-28T23:00:00Z", "2026-03-29"),
            ("2026-03-29T21:59:59Z", "2026-03-29"),
            ("2026-03-29T22:00:00Z", "2026-03-30"),
            ("2026-10-24T22:00:00Z", "2026-10-25"),
            ("2026-10-25T22:59:59Z", "2026-10-25"),
            ("2026-10-25T23:00:00Z", "2026-10-26"),
            ("2026-12-31T23:00:00Z", "2027-01-01"),
            // A last Sunday that is the 31st: March 2024.
            ("2024-03-30T22:59:59Z", "2024-03-30"),
            ("2024-03-31T22:00:00Z", "2024-04-01"),
        ] {
            let at = Tidspunkt::parse(instant).unwrap();
            assert_eq!(Dato::dansk(at).unwrap().to_string(), day, "{instant}");
        }
        assert_eq!(Dato::dansk(Tidspunkt::from_millis(i64::MAX)), None);
        let before = Dato::parse("2026-03-01").unwrap().dagen_foer();
        assert_eq!(before.unwrap().to_string(), "2026-02-28");
    }

    #[test]
    fn instants_are_written_as_utc_with_milliseconds() {
        for (text, written) in [
            ("2026-11-22T01:02:03Z", "2026-11-22T01:02:03.000Z"),
            ("2026-11-22T01:02:03.4567Z", "2026-11-22T01:02:03.456Z"),
            ("2026-03-29T02:30:00+02:00", "2026-03-29T00:30:00.000Z"),
            ("2024-02-29T23:59:59.999-01:00", "2024-03-01T00:59:59.999Z"),
            ("2024-02-28T24:00:00.000Z", "2024-02-29T00:00:00.000Z"),
        ] {
            assert_eq!(Tidspunkt::parse(text).unwrap().to_string(), written);
        }
        for bad in [
            "",
            "2026-11-22",
            "2026-02-29T00:00:00Z",
            "2026-11-22T1:02:03Z",
            "2026-11-22T01:02:03",
            "2026-11-22T24:00:00.001Z",
            "2026-11-22T24:00:01Z",
        ] {
            assert!(Tidspunkt::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_instant_has_its_day_in_utc() {
        let day = |millis| {
            Tidspunkt::from_millis(millis)
                .dato()
                .map(|day| day.to_string())
        };
        assert_eq!(day(DAY - 1).as_deref(), Some("1970-01-01"));
        assert_eq!(day(DAY).as_deref(), Some("1970-01-02"));
        assert_eq!(day(i64::MAX), None);
    }

    #[test]
    fn dates_are_real_ones() {
        assert_eq!(Dato::parse("2024-02-29").unwrap().to_string(), "2024-02-29");
        for bad in ["2023-02-29", "2024-2-29", "+024-02-29", "2024-02-29Z"] {
            assert!(Dato::parse(bad).is_err(), "{bad}");
        }
    }
}
