//! Lexical spaces of the built-in derived types that no facet of the engine
//! expresses as cheaply as a few lines of code.

use crate::xml::{is_name_char, is_ncname};

/// A narrower lexical space within a primitive type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::xsd) enum Lexical {
    Any,
    Integer,
    Language,
    NmToken,
    Name,
    NcName,
}

impl Lexical {
    pub(in crate::xsd) fn accepts(self, value: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Integer => value.bytes().all(|b| b != b'.'),
            Self::Language => is_language(value),
            Self::NmToken => !value.is_empty() && value.chars().all(is_name_char),
            Self::Name => crate::xml::is_name(value),
            Self::NcName => is_ncname(value),
        }
    }
}

/// `[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*`.
fn is_language(value: &str) -> bool {
    value.split('-').enumerate().all(|(i, part)| {
        (1..=8).contains(&part.len())
            && part
                .bytes()
                .all(|b| b.is_ascii_alphabetic() || i > 0 && b.is_ascii_digit())
    })
}

/// The octets of a hexBinary.
pub(super) fn hex(value: &str) -> Option<Vec<u8>> {
    let bytes = value.as_bytes();
    if !bytes.len().is_multiple_of(2) {
        return None;
    }
    let digit = |b: u8| char::from(b).to_digit(16).map(|d| d as u8);
    bytes
        .chunks(2)
        .map(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?))
        .collect()
}

/// The octets of a base64Binary (RFC 2045 alphabet, single spaces anywhere).
pub(super) fn base64(value: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(value.len() / 4 * 3);
    let (mut bits, mut count, mut padding, mut digits) = (0_u32, 0, 0, 0);
    for b in value.bytes().filter(|&b| b != b' ') {
        digits += 1;
        let digit = match b {
            b'A'..=b'Z' => b - b'A',
            b'a'..=b'z' => b - b'a' + 26,
            b'0'..=b'9' => b - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            b'=' => {
                padding += 1;
                continue;
            }
            _ => return None,
        };
        if padding > 0 {
            return None;
        }
        bits = bits << 6 | u32::from(digit);
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
            bits &= (1 << count) - 1;
        }
    }
    // Two or four bits are left over with one or two padding characters, and
    // must be zero.
    let complete = digits % 4 == 0 && padding * 2 == count && padding <= 2 && bits == 0;
    complete.then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn binaries() {
        assert_eq!(hex("0aFf"), Some(vec![10, 255]));
        assert_eq!((hex("0"), hex("0g"), hex("")), (None, None, Some(vec![])));
        for (value, want) in [
            ("", Some(&b""[..])),
            ("aGVq", Some(b"hej")),
            ("aG U=", Some(b"he")),
            ("aA==", Some(b"h")),
            ("aB==", None),
            ("aA=", None),
            ("aA", None),
            ("a===", None),
            ("aA==aA==", None),
            ("=", None),
        ] {
            assert_eq!(base64(value).as_deref(), want, "{value}");
        }
    }

    #[test]
    fn languages() {
        assert!(is_language("da") && is_language("en-GB-1"));
        assert!(
            !is_language("")
                && !is_language("da-")
                && !is_language("1a")
                && !is_language("abcdefghi")
        );
    }
}
