//! Primitive datatypes: from a lexical form to a value, and comparison of
//! values (XML Schema Part 2). Facets and derivation are not here.

mod decimal;
mod duration;
mod lexical;
mod temporal;
mod uri;
mod value;

pub(super) use decimal::Decimal;
pub(super) use lexical::Lexical;
pub(super) use uri::is_uri;
pub(super) use value::Value;

use std::borrow::Cow;

/// The primitive types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Primitive {
    String,
    Boolean,
    Decimal,
    Float,
    Double,
    Duration,
    DateTime,
    Time,
    Date,
    YearMonth,
    Year,
    MonthDay,
    Day,
    Month,
    HexBinary,
    Base64Binary,
    AnyUri,
    QName,
    Notation,
}

/// Where the prefixes of qualified names are looked up.
pub(super) trait Scope {
    /// The namespace of a prefix, `""` for none.
    fn namespace(&self, prefix: &str) -> Option<&str>;
}

impl Scope for crate::xml::Namespaces<'_> {
    fn namespace(&self, prefix: &str) -> Option<&str> {
        self.resolve(prefix)
    }
}

/// What the whiteSpace facet asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum WhiteSpace {
    Preserve,
    Replace,
    Collapse,
}

const SPACES: [char; 4] = [' ', '\t', '\n', '\r'];

impl WhiteSpace {
    /// The value with white space normalised; borrows when that changes
    /// nothing but the ends.
    pub(super) fn normalise(self, raw: &str) -> Cow<'_, str> {
        match self {
            Self::Preserve => Cow::Borrowed(raw),
            Self::Replace if raw.contains(&SPACES[1..]) => {
                Cow::Owned(raw.replace(&SPACES[1..], " "))
            }
            Self::Replace => Cow::Borrowed(raw),
            // Most values that are collapsed hold no white space at all.
            Self::Collapse if is_solid(raw.as_bytes()) => Cow::Borrowed(raw),
            Self::Collapse => {
                let trimmed = crate::xml::trim(raw);
                // A space may only stand between two other characters.
                let mut after_space = false;
                let clean = trimmed.bytes().all(|b| {
                    let space = b == b' ';
                    let keep = !(space && after_space || matches!(b, b'\t' | b'\n' | b'\r'));
                    after_space = space;
                    keep
                });
                if clean {
                    return Cow::Borrowed(trimmed);
                }
                let mut out = String::with_capacity(trimmed.len());
                for word in words(trimmed) {
                    if !out.is_empty() {
                        out.push(' ');
                    }
                    out.push_str(word);
                }
                Cow::Owned(out)
            }
        }
    }
}

/// Whether no byte is a space or below; eight at a time, the last ones
/// overlapping.
fn is_solid(bytes: &[u8]) -> bool {
    const ONES: u64 = u64::MAX / 255;
    const HIGH: u64 = ONES << 7;
    // Wherever a byte is below 0x21 the subtraction borrows into its high bit;
    // what it borrows from the next byte can only matter once one was found.
    let solid = |word: &[u8; 8]| {
        let word = u64::from_le_bytes(*word);
        word.wrapping_sub(ONES * 0x21) & !word & HIGH == 0
    };
    match bytes.last_chunk::<8>() {
        Some(tail) => bytes.as_chunks::<8>().0.iter().all(solid) && solid(tail),
        None => bytes.iter().all(|&b| b > b' '),
    }
}

/// The items of a list.
pub(super) fn words(value: &str) -> impl Iterator<Item = &str> {
    value.split(SPACES).filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::WhiteSpace::{Collapse, Preserve, Replace};
    use super::*;

    #[test]
    fn white_space() {
        for (mode, raw, want) in [
            (Preserve, " a\tb ", " a\tb "),
            (Replace, " a\tb\r\n", " a b  "),
            (Collapse, "  a b\t", "a b"),
            (Collapse, "a \n b", "a b"),
            (Collapse, "\u{A0}a", "\u{A0}a"),
            (Collapse, "  ", ""),
            (Collapse, "abcdefgh\tijk", "abcdefgh ijk"),
            (Collapse, "abcdefghijk ", "abcdefghijk"),
            (
                Collapse,
                "!\u{A0}!\u{7F}!!!!!\u{A0}",
                "!\u{A0}!\u{7F}!!!!!\u{A0}",
            ),
        ] {
            assert_eq!(mode.normalise(raw), want);
        }
        assert!(matches!(Collapse.normalise(" abc "), Cow::Borrowed("abc")));
    }
}
