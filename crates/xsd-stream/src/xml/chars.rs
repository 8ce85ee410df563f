//! Which characters and names XML 1.0 (fifth edition) and Namespaces 1.0 know.

/// True for the characters that a document may hold (production `Char`).
#[must_use]
pub fn is_xml_char(c: char) -> bool {
    match c {
        '\t' | '\n' | '\r' => true,
        '\u{FFFE}' | '\u{FFFF}' => false,
        _ => c >= ' ',
    }
}

/// Production `NameStartChar`, the colon included.
pub(crate) fn is_name_start(c: char) -> bool {
    matches!(c,
        'a'..='z' | 'A'..='Z' | '_' | ':'
        | '\u{C0}'..='\u{D6}' | '\u{D8}'..='\u{F6}' | '\u{F8}'..='\u{2FF}'
        | '\u{370}'..='\u{37D}' | '\u{37F}'..='\u{1FFF}' | '\u{200C}'..='\u{200D}'
        | '\u{2070}'..='\u{218F}' | '\u{2C00}'..='\u{2FEF}' | '\u{3001}'..='\u{D7FF}'
        | '\u{F900}'..='\u{FDCF}' | '\u{FDF0}'..='\u{FFFD}' | '\u{10000}'..='\u{EFFFF}')
}

/// Production `NameChar`, the colon included.
pub(crate) fn is_name_char(c: char) -> bool {
    is_name_start(c)
        || matches!(c, '0'..='9' | '-' | '.' | '\u{B7}' | '\u{300}'..='\u{36F}' | '\u{203F}'..='\u{2040}')
}

/// True when `s` is a `Name`.
#[must_use]
pub fn is_name(s: &str) -> bool {
    let mut chars = s.chars();
    chars.next().is_some_and(is_name_start) && chars.all(is_name_char)
}

/// True when `s` is an `NCName`: a name without colon.
#[must_use]
pub fn is_ncname(s: &str) -> bool {
    let bytes = s.as_bytes();
    // Nearly every name is ASCII, and is then judged without decoding.
    let plain = bytes
        .iter()
        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'));
    match bytes.first() {
        Some(first) if plain => first.is_ascii_alphabetic() || *first == b'_',
        _ => is_name(s) && !bytes.contains(&b':'),
    }
}

/// True for the white space of XML.
pub(super) fn is_space(b: u8) -> bool {
    matches!(b, b' ' | b'\t' | b'\n' | b'\r')
}

/// `s` without white space at its start.
pub(crate) fn trim_start(s: &str) -> &str {
    let n = s.bytes().take_while(|&b| is_space(b)).count();
    &s[n..]
}

/// `s` without white space at its end.
pub(crate) fn trim_end(s: &str) -> &str {
    let n = s.bytes().rev().take_while(|&b| is_space(b)).count();
    &s[..s.len() - n]
}

/// `s` without white space around it.
pub(crate) fn trim(s: &str) -> &str {
    trim_end(trim_start(s))
}

/// True when `s` is nothing but white space.
pub(super) fn is_blank(s: &str) -> bool {
    s.bytes().all(is_space)
}

/// Offset at or after `from` of the first byte that is `a` or `b`; eight bytes
/// at a time.
pub(super) fn find_either(bytes: &[u8], from: usize, a: u8, b: u8) -> Option<usize> {
    const ONES: u64 = u64::MAX / 255;
    const HIGH: u64 = ONES << 7;
    let (a8, b8) = (ONES * u64::from(a), ONES * u64::from(b));
    let (words, rest) = bytes[from..].as_chunks::<8>();
    for (i, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        let (x, y) = (word ^ a8, word ^ b8);
        // The lowest high bit set marks the first zero byte of either.
        let zero = (x.wrapping_sub(ONES) & !x | y.wrapping_sub(ONES) & !y) & HIGH;
        if zero != 0 {
            return Some(from + i * 8 + zero.trailing_zeros() as usize / 8);
        }
    }
    let tail = rest.iter().position(|&x| x == a || x == b)?;
    Some(bytes.len() - rest.len() + tail)
}

/// What one pass over the text found out, so that the reader need not look
/// again at every piece.
#[derive(Debug, Clone, Copy)]
pub(super) struct Survey {
    /// Offset of the first character that XML does not allow.
    pub(super) first_invalid: usize,
    /// Whether any carriage return occurs.
    pub(super) has_cr: bool,
    /// Whether any `]` occurs.
    pub(super) has_bracket: bool,
}

/// Looks over the whole text once, a block at a time without branches; a
/// second time at blocks in which something may be to be found.
pub(super) fn survey(text: &str) -> Survey {
    let bytes = text.as_bytes();
    let mut found = Survey {
        first_invalid: usize::MAX,
        has_cr: false,
        has_bracket: false,
    };
    for (i, block) in bytes.chunks(256).enumerate() {
        let notable = block.iter().fold(false, |notable, &b| {
            notable | (b < b' ') & (b != b'\n') | (b == b']') | (b == 0xEF)
        });
        if !notable {
            continue;
        }
        let (mut odd, mut cr, mut bracket) = (false, false, false);
        for &b in block {
            odd |= (b < b' ') & (b != b'\n') & (b != b'\t') | (b == 0xEF);
            cr |= b == b'\r';
            bracket |= b == b']';
        }
        found.has_cr |= cr;
        found.has_bracket |= bracket;
        if odd && found.first_invalid == usize::MAX {
            found.first_invalid = first_invalid(bytes, i * 256, block.len());
        }
    }
    found
}

/// Offset of the first invalid character that begins in the block, or `usize::MAX`.
fn first_invalid(bytes: &[u8], start: usize, len: usize) -> usize {
    (start..start + len)
        .find(|&i| match bytes[i] {
            b'\t' | b'\n' | b'\r' => false,
            0..=0x1F => true,
            // U+FFFE and U+FFFF.
            0xEF => matches!(bytes.get(i + 1..i + 3), Some([0xBF, 0xBE | 0xBF])),
            _ => false,
        })
        .unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for good in ["a", "_", "a-b.c", "blåbær", "a1", "\u{10000}"] {
            assert!(is_ncname(good), "{good}");
        }
        for bad in ["", "1a", "-a", "a b", "a:b", "\u{D7}", ".", "a\u{2190}"] {
            assert!(!is_ncname(bad), "{bad}");
        }
        assert!(is_name("a:b:c"));
    }

    #[test]
    fn finding_either() {
        for at in 0..40 {
            let mut text = vec![b'a'; 40];
            text[at] = b'&';
            for from in 0..=at {
                assert_eq!(find_either(&text, from, b'<', b'&'), Some(at));
            }
            assert_eq!(find_either(&text, at + 1, b'<', b'&'), None);
        }
        // Neighbours in value and bytes beyond ASCII are not mistaken.
        assert_eq!(
            find_either("\u{BC};=%'\u{A6}<".as_bytes(), 0, b'<', b'&'),
            Some(8)
        );
    }

    #[test]
    fn survey_finds_the_first_invalid_character() {
        let long = "x".repeat(300);
        for (text, want) in [
            ("abc\u{1}\u{2}".to_owned(), 3),
            ("\u{FFFD}\u{FFFE}".to_owned(), 3),
            (format!("{long}\u{FFFF}"), 300),
            (format!("{}\u{FFFF}", "x".repeat(255)), 255),
            ("a\tb\r\nc\u{FFFD}".to_owned(), usize::MAX),
        ] {
            assert_eq!(survey(&text).first_invalid, want, "{text:?}");
        }
    }
}
