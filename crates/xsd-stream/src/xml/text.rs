//! Character data and attribute values: references resolved, line ends and
//! white space normalised as XML 1.0 sections 2.11 and 3.3.3 say.

use std::borrow::Cow;

use super::chars::is_xml_char;
use super::error::{XmlError, XmlErrorKind};

/// The characters of a text piece with line ends made `\n`.
pub(super) fn normalise_line_ends(piece: &str) -> Cow<'_, str> {
    if !piece.contains('\r') {
        return Cow::Borrowed(piece);
    }
    let mut out = String::with_capacity(piece.len());
    let mut rest = piece;
    while let Some(at) = rest.find('\r') {
        out.push_str(&rest[..at]);
        out.push('\n');
        rest = &rest[at + 1..];
        rest = rest.strip_prefix('\n').unwrap_or(rest);
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// The character that a reference stands for; `name` is what stands between
/// `&` and `;`, `offset` that of `&`.
pub(super) fn resolve_reference(name: &str, offset: usize) -> Result<char, XmlError> {
    match name {
        "amp" => return Ok('&'),
        "lt" => return Ok('<'),
        "gt" => return Ok('>'),
        "quot" => return Ok('"'),
        "apos" => return Ok('\''),
        _ => {}
    }
    let Some(number) = name.strip_prefix('#') else {
        let kind = if super::is_name(name) {
            XmlErrorKind::UnknownEntity {
                name: name.to_owned(),
            }
        } else {
            XmlErrorKind::BadReference
        };
        return Err(XmlError::new(kind, offset));
    };
    let (digits, radix) = match number.strip_prefix('x') {
        Some(hex) => (hex, 16),
        None => (number, 10),
    };
    // `from_str_radix` would take a sign.
    if digits.is_empty() || !digits.chars().all(|c| c.is_digit(radix)) {
        return Err(XmlError::new(XmlErrorKind::BadReference, offset));
    }
    u32::from_str_radix(digits.trim_start_matches('0'), radix)
        .ok()
        .and_then(char::from_u32)
        .filter(|&c| is_xml_char(c))
        .ok_or_else(|| {
            let code = format!("&{};", super::error_excerpt(name));
            XmlError::new(XmlErrorKind::InvalidChar { code }, offset)
        })
}

/// An attribute value as XML processors report it; `offset` is that of its
/// first character.
pub(super) fn normalise_attribute(raw: &str, offset: usize) -> Result<Cow<'_, str>, XmlError> {
    let special = |b: u8| matches!(b, b'&' | b'<' | b'\t' | b'\n' | b'\r');
    let Some(first) = raw.bytes().position(special) else {
        return Ok(Cow::Borrowed(raw));
    };
    let mut out = String::with_capacity(raw.len());
    out.push_str(&raw[..first]);
    let mut at = first;
    while at < raw.len() {
        let rest = &raw[at..];
        match rest.as_bytes()[0] {
            b'<' => return Err(XmlError::new(XmlErrorKind::LtInAttribute, offset + at)),
            b'&' => {
                let end = rest
                    .find(';')
                    .ok_or_else(|| XmlError::new(XmlErrorKind::BadReference, offset + at))?;
                out.push(resolve_reference(&rest[1..end], offset + at)?);
                at += end + 1;
            }
            b'\r' if rest.as_bytes().get(1) == Some(&b'\n') => at += 1,
            b'\t' | b'\n' | b'\r' => {
                out.push(' ');
                at += 1;
            }
            _ => {
                let run = rest.bytes().position(special).unwrap_or(rest.len());
                out.push_str(&rest[..run]);
                at += run;
            }
        }
    }
    Ok(Cow::Owned(out))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attribute_values() {
        for (raw, want) in [
            ("plain", "plain"),
            ("a\tb\nc\r\nd\re", "a b c d e"),
            ("&lt;&amp;&gt;&quot;&apos;", "<&>\"'"),
            ("x&#10;y&#x9;z", "x\ny\tz"),
            ("&#0000000065;&#x1F600;", "A\u{1F600}"),
        ] {
            assert_eq!(normalise_attribute(raw, 0).unwrap(), want);
        }
    }

    #[test]
    fn bad_references() {
        for (name, kind) in [
            ("#0", "InvalidChar"),
            ("#1", "InvalidChar"),
            ("#xD800", "InvalidChar"),
            ("#xFFFF", "InvalidChar"),
            ("#x110000", "InvalidChar"),
            ("#99999999999999999999", "InvalidChar"),
            ("#", "BadReference"),
            ("#x", "BadReference"),
            ("#+65", "BadReference"),
            ("#X41", "BadReference"),
            ("", "BadReference"),
            ("a b", "BadReference"),
            ("aring", "UnknownEntity"),
        ] {
            let error = resolve_reference(name, 7).unwrap_err();
            assert_eq!((error.kind.name(), error.offset), (kind, 7), "{name}");
        }
    }

    #[test]
    fn line_ends() {
        assert_eq!(normalise_line_ends("a\r\nb\rc\n\r\r\n"), "a\nb\nc\n\n\n");
    }
}
