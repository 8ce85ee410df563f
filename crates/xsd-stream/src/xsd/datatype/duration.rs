//! Durations, which have only a partial order.

use std::cmp::Ordering;

use super::temporal::{ATTOS, attos, days_before, days_in_month};

/// A duration: months and time, which do not convert into each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::xsd) struct Duration {
    months: i64,
    attos: i128,
}

/// Months beyond this, some 800,000 million years, are refused: days and
/// attoseconds are counted in what their instants fit into.
const MAX_MONTHS: i128 = 10_000_000_000_000;

/// Dates of XML Schema Part 2, 3.2.6.2: year and month, on the first.
const REFERENCES: [(i64, i64); 4] = [(1696, 9), (1697, 2), (1903, 3), (1903, 7)];

impl Duration {
    /// Reads `-?PnYnMnDTnHnMnS`; figures beyond 15 digits
    /// are refused, as are more than `MAX_MONTHS`.
    pub(super) fn parse(lexical: &str) -> Option<Self> {
        let (sign, rest) = match lexical.strip_prefix('-') {
            Some(rest) => (-1, rest),
            None => (1, lexical),
        };
        let rest = rest.strip_prefix('P')?;
        let (date, time) = match rest.split_once('T') {
            Some((_, "")) => return None,
            Some((date, time)) => (date, time),
            None => (rest, ""),
        };
        if date.is_empty() && time.is_empty() {
            return None;
        }
        let ([years, months, days, _], _) = fields(date, ['Y', 'M', 'D', '\0'], false)?;
        let ([hours, minutes, seconds, _], fraction) = fields(time, ['H', 'M', 'S', '\0'], true)?;
        let months = years * 12 + months;
        if months > MAX_MONTHS {
            return None;
        }
        let seconds = days * 86_400 + hours * 3600 + minutes * 60 + seconds;
        Some(Self {
            months: sign as i64 * months as i64,
            attos: sign * (seconds * ATTOS + fraction),
        })
    }

    pub(super) fn compare(&self, other: &Self) -> Option<Ordering> {
        let mut orders = REFERENCES
            .map(|from| self.after(from).cmp(&other.after(from)))
            .into_iter();
        let first = orders.next()?;
        orders.all(|order| order == first).then_some(first)
    }

    /// The instant that lies this far after the first of a month.
    fn after(&self, (year, month): (i64, i64)) -> i128 {
        let months = year * 12 + (month - 1) + self.months;
        let (year, month) = (months.div_euclid(12), months.rem_euclid(12) + 1);
        debug_assert!(days_in_month(year, month) >= 28);
        i128::from(days_before(year, month, 1)) * 86_400 * ATTOS + self.attos
    }
}

/// The figures before each of `units`, which must come in order; with
/// `fraction`, the third may have one, given in attoseconds.
fn fields(text: &str, units: [char; 4], fraction: bool) -> Option<([i128; 4], i128)> {
    let mut found = [0; 4];
    let mut attoseconds = 0;
    let mut next = 0;
    let mut rest = text;
    while !rest.is_empty() {
        let length = rest.bytes().take_while(u8::is_ascii_digit).count();
        if !(1..=15).contains(&length) {
            return None;
        }
        let figure = rest[..length].parse().ok()?;
        rest = &rest[length..];
        let point = rest.strip_prefix('.');
        if let Some(after) = point {
            let length = after.bytes().take_while(u8::is_ascii_digit).count();
            if !fraction || length == 0 || !after[length..].starts_with('S') {
                return None;
            }
            attoseconds = attos(&after.as_bytes()[..length]);
            rest = &after[length..];
        }
        let unit = rest.chars().next()?;
        let place = units.iter().position(|&u| u == unit && u != '\0')?;
        if place < next {
            return None;
        }
        found[place] = figure;
        next = place + 1;
        rest = &rest[1..];
    }
    Some((found, attoseconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        for bad in [
            "",
            "P",
            "PT",
            "P1",
            "1Y",
            "P1YT",
            "P1M1Y",
            "P1.5Y",
            "PT1.S",
            "P-1Y",
            "PT1S1M",
            "P1H",
            "P999999999999Y",
            "P999999999999999M",
        ] {
            assert_eq!(Duration::parse(bad), None, "{bad}");
        }
        use Ordering::*;
        for (a, b, want) in [
            ("P1Y", "P12M", Some(Equal)),
            ("P1D", "PT24H", Some(Equal)),
            ("P1M", "P30D", None),
            ("P1M", "P32D", Some(Less)),
            ("-P1M", "-P32D", Some(Greater)),
            ("PT1.5S", "PT1S", Some(Greater)),
            (
                "P9999999999999M",
                "P999999999999999DT999999999999999H",
                Some(Less),
            ),
            ("-P1Y2M3DT4H5M6.7S", "P0D", Some(Less)),
        ] {
            let (a, b) = (Duration::parse(a).unwrap(), Duration::parse(b).unwrap());
            assert_eq!(a.compare(&b), want);
        }
    }
}
