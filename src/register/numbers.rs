//! Numbers that name things: parsed once at the edge, trusted inside. Shapes by kontrakt §3 and §6.

use std::fmt;

/// A text that is not the number it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a {0}")]
pub struct UgyldigtNummer(pub &'static str);

/// Fixed-width ASCII numbers share everything but their name, width and alphabet.
macro_rules! fixed_width {
    ($(#[$doc:meta])* $name:ident, $len:literal, $what:literal, $allowed:expr) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; $len]);

        impl $name {
            /// Reads exactly the characters of the number; no white space, no other forms.
            pub fn parse(text: &str) -> Result<Self, UgyldigtNummer> {
                let allowed: fn(&u8) -> bool = $allowed;
                match <[u8; $len]>::try_from(text.as_bytes()) {
                    Ok(bytes) if bytes.iter().all(allowed) => Ok(Self(bytes)),
                    _ => Err(UgyldigtNummer($what)),
                }
            }

            /// The number as text, leading zeros included.
            pub fn as_str(&self) -> &str {
                // Only ASCII gets past `parse`.
                std::str::from_utf8(&self.0).unwrap_or_default()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.as_str())
            }
        }
    };
}

fixed_width!(
    /// A CVR-nummer: eight digits.
    Cvr, 8, "CVR-nummer", u8::is_ascii_digit
);
fixed_width!(
    /// A P-nummer (produktionsenhed): ten digits.
    PNummer, 10, "P-nummer", u8::is_ascii_digit
);
fixed_width!(
    /// An institution number: six capital letters and digits; issued ones are `G` and five digits.
    Institutionsnummer, 6, "institutionsnummer",
    |b| b.is_ascii_digit() || b.is_ascii_uppercase()
);

impl Cvr {
    /// Whether its last digit is the one that the others demand (modulus 11): a number with two digits swapped, or one
    /// wrong, is nobody's.
    pub fn har_kontrolciffer(&self) -> bool {
        let weights = [2, 7, 6, 5, 4, 3, 2, 1];
        let digits = self.0.iter().map(|digit| u32::from(digit - b'0'));
        let sum: u32 = weights.into_iter().zip(digits).map(|(w, d)| w * d).sum();
        sum > 0 && sum.is_multiple_of(11)
    }
}

impl Institutionsnummer {
    /// An A-number: the older key for institutions outside the register, refused in writes.
    pub fn is_a_number(&self) -> bool {
        self.0[0] == b'A' && self.0[1..].iter().all(u8::is_ascii_digit)
    }
}

/// An official kommunekode, 1 to 9999; `0101` and `101` are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kommunekode(pub u16);

impl Kommunekode {
    /// Reads one to four digits.
    pub fn parse(text: &str) -> Result<Self, UgyldigtNummer> {
        let digits = (1..=4).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        match text.parse() {
            Ok(code) if digits && code > 0 => Ok(Self(code)),
            _ => Err(UgyldigtNummer("kommunekode")),
        }
    }
}

impl fmt::Display for Kommunekode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// The register's count of changes: gap-free from 1; 0 stands for "before the first".
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Sekvens(pub u64);

impl Sekvens {
    /// The one that follows.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl fmt::Display for Sekvens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cvr_number_has_its_check_digit() {
        for (number, right) in [
            ("55133018", true),
            ("64942212", true),
            ("35209115", true),
            ("55133081", false),
            ("12345678", false),
            ("00000000", false),
        ] {
            let cvr = Cvr::parse(number).unwrap();
            assert_eq!(cvr.har_kontrolciffer(), right, "{number}");
        }
    }

    #[test]
    fn numbers_keep_leading_zeros_and_refuse_other_shapes() {
        assert_eq!(Cvr::parse("00000001").unwrap().as_str(), "00000001");
        for bad in [
            "",
            "1234567",
            "123456789",
            "1234567a",
            " 1234567",
            "１２３４５６７８",
        ] {
            assert!(Cvr::parse(bad).is_err(), "{bad:?}");
        }
        assert!(PNummer::parse("1000010435").is_ok());
        assert!(Institutionsnummer::parse("g30001").is_err());
        assert!(Institutionsnummer::parse("A00827").unwrap().is_a_number());
        assert!(!Institutionsnummer::parse("G00827").unwrap().is_a_number());
    }

    #[test]
    fn a_kommunekode_with_leading_zero_is_the_same() {
        assert_eq!(Kommunekode::parse("0101"), Kommunekode::parse("101"));
        for bad in ["0", "10000", "+101", "x", ""] {
            assert!(Kommunekode::parse(bad).is_err(), "{bad:?}");
        }
    }
}
