//! From bytes to text: UTF-8 with or without byte order
//! mark, UTF-16 with one, ISO-8859-1 and windows-1252. The byte order mark
//! decides, then the transport's charset, then the XML declaration (RFC 7303);
//! without any of them it is UTF-8.

use std::borrow::Cow;

use super::kinds::error_kinds;
use super::prolog::parse_declaration;

/// Why bytes are not text this layer can read, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind} (at byte {offset} of the input)")]
#[non_exhaustive]
pub struct DecodeError {
    /// What is wrong.
    pub kind: DecodeErrorKind,
    /// Byte offset in the input, a byte order mark counted.
    pub offset: usize,
}

error_kinds! {
    /// The kinds of error; `args` gives the named values.
    pub enum DecodeErrorKind {
        /// The byte order mark says one encoding and the charset another.
        BomConflict { bom: &'static str, charset: String } = "the byte order mark says {bom}, the charset '{charset}'",
        /// The byte order mark says one encoding and the XML declaration another.
        DeclarationConflict { bom: &'static str, declared: String } = "the byte order mark says {bom}, the XML declaration '{declared}'",
        /// What is no name of an encoding, though it is clear which one is meant.
        MisnamedEncoding { encoding: String, meant: &'static str } = "'{encoding}' is no name of an encoding; write '{meant}'",
        /// What is no text that begins with markup, but bytes of another kind.
        NotXml { found: String } = "not XML: it begins with the bytes {found}",
        /// An encoding that is not one of the four.
        UnsupportedEncoding { encoding: String } = "the encoding '{encoding}' is not accepted; use UTF-8, UTF-16 with byte order mark, ISO-8859-1 or windows-1252",
        /// UTF-16, by name or by look, but no byte order mark.
        MissingBom = "UTF-16 without byte order mark",
        /// Bytes that are nothing in the encoding.
        InvalidBytes { encoding: &'static str } = "bytes that are not {encoding}",
    }
}

/// Bytes in which an XML declaration is looked for.
const LONGEST_DECLARATION: usize = 512;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Utf8,
    Utf16Le,
    Utf16Be,
    Latin1,
    Windows1252,
}

impl Encoding {
    fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Utf16Le => "UTF-16LE",
            Self::Utf16Be => "UTF-16BE",
            Self::Latin1 => "ISO-8859-1",
            Self::Windows1252 => "windows-1252",
        }
    }
}

/// Decodes `bytes`; `charset` is the parameter of the Content-Type, if any.
/// The byte order mark is left out. Borrows when the input is UTF-8.
///
/// # Errors
/// An encoding that is not accepted or can't be told, or invalid bytes.
pub fn decode<'a>(bytes: &'a [u8], charset: Option<&str>) -> Result<Cow<'a, str>, DecodeError> {
    let (encoding, bom) = detect(bytes, charset).map_err(|kind| DecodeError { kind, offset: 0 })?;
    let content = &bytes[bom..];
    let text = match encoding {
        Encoding::Utf8 => std::str::from_utf8(content)
            .map(Cow::Borrowed)
            .map_err(|e| e.valid_up_to()),
        Encoding::Latin1 => Ok(Cow::Owned(content.iter().map(|&b| char::from(b)).collect())),
        Encoding::Windows1252 => windows_1252(content).map(Cow::Owned),
        Encoding::Utf16Le => utf16(content, u16::from_le_bytes).map(Cow::Owned),
        Encoding::Utf16Be => utf16(content, u16::from_be_bytes).map(Cow::Owned),
    };
    text.map_err(|at| DecodeError {
        kind: invalid_bytes(content, encoding.name()),
        offset: bom + at,
    })
}

/// Like [`decode`], of bytes that nobody else needs: UTF-8 is not copied.
///
/// # Errors
/// Those of [`decode`], with the bytes given back.
pub fn decode_owned(
    bytes: Vec<u8>,
    charset: Option<&str>,
) -> Result<String, (DecodeError, Vec<u8>)> {
    let bom = match detect(&bytes, charset) {
        Ok((Encoding::Utf8, bom)) => bom,
        _ => {
            return match decode(&bytes, charset) {
                Ok(text) => Ok(text.into_owned()),
                Err(error) => Err((error, bytes)),
            };
        }
    };
    // The byte order mark is UTF-8 itself.
    let mut text = String::from_utf8(bytes).map_err(|e| {
        let kind = invalid_bytes(&e.as_bytes()[bom..], "UTF-8");
        let offset = e.utf8_error().valid_up_to();
        (DecodeError { kind, offset }, e.into_bytes())
    })?;
    text.drain(..bom);
    Ok(text)
}

/// What can be read before the place of an error, to tell its line and column.
pub fn readable<'a>(bytes: &'a [u8], charset: Option<&str>, error: &DecodeError) -> Cow<'a, str> {
    let before = bytes.get(..error.offset).unwrap_or_default();
    decode(before, charset).unwrap_or_default()
}

/// Bytes that are nothing in the encoding: a fault in a document, or no document at all.
#[cold]
fn invalid_bytes(content: &[u8], encoding: &'static str) -> DecodeErrorKind {
    let blank = |b: &u8| matches!(b, b' ' | b'\t' | b'\r' | b'\n' | 0);
    let mut rest = content.iter().copied().skip_while(blank);
    if rest.next() == Some(b'<') {
        return DecodeErrorKind::InvalidBytes { encoding };
    }
    let shown: Vec<String> = content.iter().take(4).map(|b| format!("{b:02X}")).collect();
    DecodeErrorKind::NotXml {
        found: shown.join(" "),
    }
}

/// The encoding and the length of the byte order mark.
fn detect(bytes: &[u8], charset: Option<&str>) -> Result<(Encoding, usize), DecodeErrorKind> {
    let found = detect_by_mark(bytes, charset)?;
    check_declared(bytes, found, charset.is_none())?;
    Ok(found)
}

/// The XML declaration must not name what is no encoding, nor another one than the byte order mark gives, unless the
/// transport has said which it is.
fn check_declared(
    bytes: &[u8],
    (encoding, bom): (Encoding, usize),
    alone: bool,
) -> Result<(), DecodeErrorKind> {
    let start = &bytes[bom..bytes.len().min(bom + LONGEST_DECLARATION)];
    let text = match encoding {
        Encoding::Utf16Le => Cow::Owned(start.iter().step_by(2).copied().collect()),
        Encoding::Utf16Be => Cow::Owned(start.iter().skip(1).step_by(2).copied().collect()),
        _ => Cow::Borrowed(start),
    };
    let Some(name) = declared(&text) else {
        return Ok(());
    };
    if let Some(meant) = misnamed(name) {
        let encoding = super::error_excerpt(name);
        return Err(DecodeErrorKind::MisnamedEncoding { encoding, meant });
    }
    if bom == 0 || by_name(name).contains(&encoding) || !alone {
        return Ok(());
    }
    let bom = encoding.name();
    let declared = super::error_excerpt(name);
    Err(DecodeErrorKind::DeclarationConflict { bom, declared })
}

/// What a name that no registry has was meant to be.
fn misnamed(name: &str) -> Option<&'static str> {
    Some(match name.to_ascii_lowercase().as_str() {
        "utf8" => "UTF-8",
        "utf16" => "UTF-16",
        "iso8859-1" => "ISO-8859-1",
        "cp1252" => "windows-1252",
        _ => return None,
    })
}

fn detect_by_mark(
    bytes: &[u8],
    charset: Option<&str>,
) -> Result<(Encoding, usize), DecodeErrorKind> {
    let unsupported = |name: &str| DecodeErrorKind::UnsupportedEncoding {
        encoding: super::error_excerpt(name),
    };
    if bytes.starts_with(&[0xFF, 0xFE, 0, 0]) || bytes.starts_with(&[0, 0, 0xFE, 0xFF]) {
        return Err(unsupported("UTF-32"));
    }
    let bom = match bytes {
        [0xEF, 0xBB, 0xBF, ..] => Some((Encoding::Utf8, 3)),
        [0xFF, 0xFE, ..] => Some((Encoding::Utf16Le, 2)),
        [0xFE, 0xFF, ..] => Some((Encoding::Utf16Be, 2)),
        _ => None,
    };
    let charset = charset
        .map(|c| c.trim_matches([' ', '\t', '"', '\'']))
        .filter(|c| !c.is_empty());
    if let Some((encoding, length)) = bom {
        return match charset {
            Some(charset) if !by_name(charset).contains(&encoding) => {
                let (bom, charset) = (encoding.name(), super::error_excerpt(charset));
                Err(DecodeErrorKind::BomConflict { bom, charset })
            }
            _ => Ok((encoding, length)),
        };
    }
    let name = match charset {
        Some(name) => Some(name),
        None => sniff(bytes)?,
    };
    let Some(name) = name else {
        return Ok((Encoding::Utf8, 0));
    };
    match *by_name(name) {
        [] => Err(unsupported(name)),
        [Encoding::Utf16Le | Encoding::Utf16Be, ..] => Err(DecodeErrorKind::MissingBom),
        [encoding, ..] => Ok((encoding, 0)),
    }
}

/// The name in the XML declaration, if there is one; an error for families of
/// encodings in which no declaration could be read (XML 1.0, appendix F).
fn sniff(bytes: &[u8]) -> Result<Option<&str>, DecodeErrorKind> {
    let encoding = match bytes {
        [0, 0, 0, b'<', ..] | [b'<', 0, 0, 0, ..] => "UTF-32",
        [b'<', 0, ..] | [0, b'<', ..] => return Err(DecodeErrorKind::MissingBom),
        [0x4C, 0x6F, 0xA7, 0x94, ..] => "EBCDIC",
        [b'+', b'/', b'v', ..] => "UTF-7",
        _ => return Ok(declared(bytes)),
    };
    Err(DecodeErrorKind::UnsupportedEncoding {
        encoding: encoding.to_owned(),
    })
}

/// The encoding that an XML declaration at the beginning names.
fn declared(bytes: &[u8]) -> Option<&str> {
    let rest = bytes.strip_prefix(b"<?xml")?;
    let end = rest
        .iter()
        .take(LONGEST_DECLARATION)
        .position(|&b| b == b'?')?;
    let content = std::str::from_utf8(&rest[..end]).ok()?;
    parse_declaration(content)?.encoding
}

/// What a name can mean: UTF-16 is either byte order, and an unknown name nothing.
fn by_name(name: &str) -> &'static [Encoding] {
    match name.to_ascii_lowercase().as_str() {
        "utf-8" | "utf8" => &[Encoding::Utf8],
        "utf-16" | "utf16" => &[Encoding::Utf16Le, Encoding::Utf16Be],
        "utf-16le" => &[Encoding::Utf16Le],
        "utf-16be" => &[Encoding::Utf16Be],
        "iso-8859-1" | "iso_8859-1" | "iso8859-1" | "latin1" | "l1" => &[Encoding::Latin1],
        "windows-1252" | "cp1252" => &[Encoding::Windows1252],
        _ => &[],
    }
}

/// Characters of the bytes 0x80 to 0x9F; `\0` for the five that are nothing.
const WINDOWS_1252: [char; 32] = [
    '€', '\0', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\0', 'Ž', '\0', '\0', '‘',
    '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\0', 'ž', 'Ÿ',
];

/// The text, or the offset of the first byte that is nothing.
fn windows_1252(bytes: &[u8]) -> Result<String, usize> {
    let mut out = String::with_capacity(bytes.len() + bytes.len() / 8);
    for (at, &b) in bytes.iter().enumerate() {
        let c = match b {
            0x80..=0x9F => WINDOWS_1252[usize::from(b - 0x80)],
            _ => char::from(b),
        };
        if c == '\0' && b != 0 {
            return Err(at);
        }
        out.push(c);
    }
    Ok(out)
}

/// The text, or the offset of the first unit that is no character.
fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, usize> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let mut out = String::with_capacity(bytes.len());
    let mut at = 0;
    for c in char::decode_utf16(pairs.iter().map(|&pair| unit(pair))) {
        let c = c.map_err(|_| at)?;
        out.push(c);
        at += 2 * c.len_utf16();
    }
    if rest.is_empty() { Ok(out) } else { Err(at) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn le(text: &str) -> Vec<u8> {
        let units = std::iter::once(0xFEFF).chain(text.encode_utf16());
        units.flat_map(u16::to_le_bytes).collect()
    }

    fn be(text: &str) -> Vec<u8> {
        let units = std::iter::once(0xFEFF).chain(text.encode_utf16());
        units.flat_map(u16::to_be_bytes).collect()
    }

    const LATIN: &[u8] = b"<?xml version='1.0' encoding='ISO-8859-1'?><a>Bl\xE5b\xE6rh\xF8j</a>";

    #[test]
    fn decodes() {
        let utf8 = "<a>Blåbærhøj</a>";
        let bom = [b"\xEF\xBB\xBF", utf8.as_bytes()].concat();
        let declared = "<?xml version='1.0' encoding='utf-8'?><a>å\u{1F600}</a>";
        let wide = "<?xml version='1.0' encoding='utf-16'?><a>å\u{1F600}</a>";
        for (bytes, charset, want) in [
            (utf8.as_bytes(), None, utf8),
            (&bom, None, utf8),
            (&bom, Some("UTF-8"), utf8),
            (&le(wide), None, wide),
            (&be(wide), Some("utf-16"), wide),
            (&le(declared), Some("UTF-16LE"), declared),
            (b"<a>Bl\xE5b\xE6rh\xF8j</a>", Some("\"iso-8859-1\""), utf8),
            (b"<a>\x80\x99</a>", Some("windows-1252"), "<a>€™</a>"),
            // The header wins over the declaration.
            (
                b"<?xml version='1.0' encoding='utf-8'?><a>\xE5</a>",
                Some("latin1"),
                "<?xml version='1.0' encoding='utf-8'?><a>å</a>",
            ),
        ] {
            assert_eq!(decode(bytes, charset).unwrap(), want);
            assert_eq!(decode_owned(bytes.to_vec(), charset).unwrap(), want);
        }
        assert!(decode(LATIN, None).unwrap().ends_with("<a>Blåbærhøj</a>"));
        assert!(matches!(
            decode(utf8.as_bytes(), None),
            Ok(Cow::Borrowed(_))
        ));
    }

    #[test]
    fn refuses() {
        let declared = |name: &str| format!("<?xml version='1.0' encoding='{name}'?><a/>");
        for (bytes, charset, kind, offset) in [
            (LATIN, Some("utf-8"), "InvalidBytes", LATIN.len() - 11),
            (b"\xEF\xBB\xBF<a>\xC0\x80</a>", None, "InvalidBytes", 6),
            (b"<a>\xED\xA0\x80</a>", None, "InvalidBytes", 3),
            (b"\xEF\xBB\xBF<a/>", Some("iso-8859-1"), "BomConflict", 0),
            (b"\xFF\xFE<\0", Some("utf-8"), "BomConflict", 0),
            (b"\xFF\xFE<\0", Some("utf-16be"), "BomConflict", 0),
            (b"\xFF\xFE<\0/", None, "InvalidBytes", 4),
            (b"\xFF\xFE<\0\x00\xD8<\0", None, "InvalidBytes", 4),
            (b"<\0a\0", None, "MissingBom", 0),
            (b"\0<\0a", None, "MissingBom", 0),
            (b"<a/>", Some("utf-16"), "MissingBom", 0),
            (
                b"<?xml version='1.0' encoding='utf-16'?><a/>",
                None,
                "MissingBom",
                0,
            ),
            (b"\xFF\xFE\0\0<\0\0\0", None, "UnsupportedEncoding", 0),
            (&le(&declared("utf-8")), None, "DeclarationConflict", 0),
            (&be(&declared("iso-8859-1")), None, "DeclarationConflict", 0),
            (
                b"\xEF\xBB\xBF<?xml version='1.0' encoding='utf-16'?><a/>",
                None,
                "DeclarationConflict",
                0,
            ),
            (declared("utf8").as_bytes(), None, "MisnamedEncoding", 0),
            (
                declared("UTF8").as_bytes(),
                Some("utf-8"),
                "MisnamedEncoding",
                0,
            ),
            (b"\x1F\x8B\x08\0\0", None, "NotXml", 1),
            (b"\0\0\0<", None, "UnsupportedEncoding", 0),
            (b"+/v8-", None, "UnsupportedEncoding", 0),
            (b"\x4C\x6F\xA7\x94", None, "UnsupportedEncoding", 0),
            (b"<a/>", Some("klingon"), "UnsupportedEncoding", 0),
            (
                b"<?xml version='1.0' encoding='utf-7'?><a/>",
                None,
                "UnsupportedEncoding",
                0,
            ),
            (b"<a>\x81</a>", Some("windows-1252"), "InvalidBytes", 3),
        ] {
            let error = decode(bytes, charset).unwrap_err();
            assert_eq!(
                (error.kind.name(), error.offset),
                (kind, offset),
                "{bytes:?}"
            );
            let owned = decode_owned(bytes.to_vec(), charset).unwrap_err();
            assert_eq!(owned, (error, bytes.to_vec()));
        }
    }
}
