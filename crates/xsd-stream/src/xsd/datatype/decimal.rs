//! Decimals of any size, kept as digits.

use std::borrow::Cow;
use std::cmp::Ordering;

/// A decimal number in lowest terms: no leading zeros before the point, no
/// trailing ones after it, no sign on zero.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(in crate::xsd) struct Decimal<'a> {
    negative: bool,
    integer: Cow<'a, str>,
    fraction: Cow<'a, str>,
}

impl<'a> Decimal<'a> {
    /// Reads `[+-]? (digits (. digits?)? | . digits)`.
    pub(in crate::xsd) fn parse(lexical: &'a str) -> Option<Self> {
        let (negative, digits) = match lexical.as_bytes().first()? {
            b'-' => (true, &lexical[1..]),
            b'+' => (false, &lexical[1..]),
            _ => (false, lexical),
        };
        let mut point = None;
        for (at, byte) in digits.bytes().enumerate() {
            match byte {
                b'0'..=b'9' => {}
                b'.' if point.is_none() => point = Some(at),
                _ => return None,
            }
        }
        let (integer, fraction) = match point {
            Some(at) => (&digits[..at], &digits[at + 1..]),
            None => (digits, ""),
        };
        if integer.is_empty() && fraction.is_empty() {
            return None;
        }
        let zeros = integer.bytes().take_while(|&b| b == b'0').count();
        let integer = &integer[zeros..];
        let zeros = fraction.bytes().rev().take_while(|&b| b == b'0').count();
        let fraction = &fraction[..fraction.len() - zeros];
        Some(Self {
            negative: negative && !(integer.is_empty() && fraction.is_empty()),
            integer: Cow::Borrowed(integer),
            fraction: Cow::Borrowed(fraction),
        })
    }

    pub(in crate::xsd) fn into_owned(self) -> Decimal<'static> {
        Decimal {
            negative: self.negative,
            integer: Cow::Owned(self.integer.into_owned()),
            fraction: Cow::Owned(self.fraction.into_owned()),
        }
    }

    /// Digits that totalDigits counts.
    pub(in crate::xsd) fn total_digits(&self) -> u64 {
        let fraction = self.fraction.len();
        let digits = match self.integer.len() {
            0 => self.fraction.trim_start_matches('0').len(),
            n => n + fraction,
        };
        digits.max(fraction).max(1) as u64
    }

    /// Digits that fractionDigits counts.
    pub(in crate::xsd) fn fraction_digits(&self) -> u64 {
        self.fraction.len() as u64
    }

    /// Equality without comparing empty strings, which is slow where they
    /// dangle.
    pub(in crate::xsd) fn same(&self, other: &Decimal<'_>) -> bool {
        let same = |a: &str, b: &str| a.len() == b.len() && (a.is_empty() || a == b);
        self.negative == other.negative
            && same(&self.integer, &other.integer)
            && same(&self.fraction, &other.fraction)
    }

    fn magnitude(&self) -> (usize, &str, &str) {
        (self.integer.len(), &self.integer, &self.fraction)
    }
}

impl std::fmt::Display for Decimal<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sign = if self.negative { "-" } else { "" };
        write!(f, "{sign}{}.{}", self.integer, self.fraction)
    }
}

impl PartialOrd for Decimal<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        // Without leading and trailing zeros, more integer digits is more,
        // and digits of equal place compare as text.
        match (self.negative, other.negative) {
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
            (false, false) => self.magnitude().cmp(&other.magnitude()),
            (true, true) => other.magnitude().cmp(&self.magnitude()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order() {
        let ascending = [
            "-100", "-99.5", "-99", "-0.1", "0", "0.09", "0.1", "1", "9", "10", "1e",
        ];
        for pair in ascending[..10].windows(2) {
            assert!(
                Decimal::parse(pair[0]) < Decimal::parse(pair[1]),
                "{pair:?}"
            );
        }
        for (a, b) in [
            ("0101", "101"),
            ("+1.0", "1"),
            ("-0", "0"),
            (".50", "0.5"),
            ("1.", "1"),
        ] {
            assert_eq!(Decimal::parse(a).unwrap(), Decimal::parse(b).unwrap());
        }
        for bad in ["", "+", ".", "1e3", "1,5", " 1", "--1", "1.2.3", "INF"] {
            assert_eq!(Decimal::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn digits() {
        for (lexical, total, fraction) in [
            ("0", 1, 0),
            ("0012.3400", 4, 2),
            ("0.001", 3, 3),
            ("-100", 3, 0),
            ("123.456", 6, 3),
        ] {
            let d = Decimal::parse(lexical).unwrap();
            assert_eq!(
                (d.total_digits(), d.fraction_digits()),
                (total, fraction),
                "{lexical}"
            );
        }
    }
}
