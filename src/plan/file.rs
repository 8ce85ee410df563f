//! What a file is, by its bytes: a CSV and what stands between its cells, or messages. What a spreadsheet or an old system
//! writes instead is refused with what to do; nothing is guessed.

use crate::problem::{Problem, plan, words};
use crate::xml::{self, Event, Limits, Reader};

/// The largest file, in bytes.
pub const LARGEST: usize = 10 << 20;

/// What a file holds.
pub(super) enum Kind<'a> {
    /// Rows, and the sign between their cells.
    Rows(&'a [u8], u8),
    /// XML.
    Messages(String),
}

/// Recognises a file.
pub(super) fn recognise(bytes: &[u8]) -> Result<Kind<'_>, Problem> {
    if bytes.len() > LARGEST {
        return Err(Problem::new(&plan::FIL_FOR_STOR).with("graense", LARGEST));
    }
    let workbook = [&b"PK\x03\x04"[..], b"\xd0\xcf\x11\xe0"];
    if workbook.iter().any(|start| bytes.starts_with(start)) {
        return Err(format([
            "en projektmappe fra et regneark",
            "a spreadsheet's workbook",
        ]));
    }
    let rest = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let wide = bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff");
    let begins = rest.trim_ascii_start().first();
    if wide || begins == Some(&b'<') {
        return messages(bytes, wide);
    }
    let Some(_) = begins else {
        return Err(format(["tom", "empty"]));
    };
    if rest.contains(&0) {
        return Err(format([
            "ikke tekst, eller tekst i UTF-16",
            "no text, or text in UTF-16",
        ]));
    }
    if let Err(error) = std::str::from_utf8(rest) {
        let before = rest.get(..error.valid_up_to()).unwrap_or_default();
        let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
        return Err(format(words!(
            "ikke i UTF-8 (linje {line}), men formentlig i Windows-1252",
            "not in UTF-8 (line {line}), but probably in Windows-1252"
        )));
    }
    let heading = rest.split(|byte| *byte == b'\n').next().unwrap_or_default();
    match [b';', b',', b'\t']
        .into_iter()
        .find(|sign| heading.contains(sign))
    {
        Some(b'\t') => Err(format(["skilt af tabulatorer", "parted by tabs"])),
        Some(separator) => Ok(Kind::Rows(rest, separator)),
        None => Ok(Kind::Rows(rest, b';')),
    }
}

fn format(is: [impl Into<std::borrow::Cow<'static, str>>; 2]) -> Problem {
    Problem::new(&plan::FIL_FORMAT)
        .with_words("format", is)
        .with_words(
            "raad",
            [
                "Gem den i regnearket som CSV UTF-8 (semikolonsepareret), eller læg en besked i XML op",
                "Save it in the spreadsheet as CSV UTF-8 (semicolon delimited), or upload a message in XML",
            ],
        )
}

fn messages(bytes: &[u8], wide: bool) -> Result<Kind<'_>, Problem> {
    match xml::decode::decode(bytes, None) {
        Ok(text) if text.trim_start().starts_with('<') => Ok(Kind::Messages(text.into_owned())),
        Err(error) if !wide => {
            let before = xml::decode::readable(bytes, None, &error);
            Err(crate::problem::from_decode(&error, &before))
        }
        _ => Err(format(["i UTF-16", "in UTF-16"])),
    }
}

/// The messages that stand in a text one after the other, with the offset of each. One that is not well-formed is the last:
/// where it ends can't be told.
pub(super) fn parts(text: &str, limits: Limits) -> Vec<(usize, &str)> {
    let mut all = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.trim().is_empty()) {
        let length = length(rest, limits).unwrap_or(rest.len());
        all.push((at, rest.get(..length).unwrap_or(rest)));
        at += length;
        // A declaration must be the first thing of a message.
        let space = text.get(at..).unwrap_or_default();
        at += space.len() - space.trim_start().len();
    }
    all
}

/// Where the first root of a text ends.
fn length(text: &str, limits: Limits) -> Option<usize> {
    let mut reader = Reader::new(text, limits);
    loop {
        match reader.next().ok()? {
            Event::End(_) => {}
            Event::Eof => return None,
            Event::Start(_) | Event::Text(_) => continue,
        }
        if reader.depth() == 0 {
            return Some(reader.offset());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(bytes: &[u8]) -> String {
        recognise(bytes)
            .err()
            .map(|problem| problem.en())
            .unwrap_or_default()
    }

    #[test]
    fn what_is_no_csv_is_told_for_what_it_is() {
        let wide = |text: &str| {
            let units = text.encode_utf16().flat_map(u16::to_le_bytes);
            [vec![0xff, 0xfe], units.collect()].concat()
        };
        for (bytes, told) in [
            (b"PK\x03\x04...".to_vec(), "workbook"),
            (b"\xd0\xcf\x11\xe0...".to_vec(), "workbook"),
            (wide("a;b\n"), "in UTF-16"),
            (b"a\0;\0b\0".to_vec(), "UTF-16"),
            (
                b"a;b\n1;Bj\xf8rnen\n".to_vec(),
                "(line 2), but probably in Windows-1252",
            ),
            (b"a\tb\n".to_vec(), "parted by tabs"),
            (b" \n".to_vec(), "empty"),
            (vec![b'a'; LARGEST + 1], "more than 10485760 bytes"),
        ] {
            assert!(
                refused(&bytes).contains(told),
                "{told}: {}",
                refused(&bytes)
            );
        }
        for (text, sign) in [("a;b,c\n", b';'), ("\u{feff}a,b\n", b','), ("a\n", b';')] {
            let kind = recognise(text.as_bytes());
            assert!(
                matches!(kind, Ok(Kind::Rows(_, own)) if own == sign),
                "{text}"
            );
        }
        let xml = wide("<a/>");
        assert!(matches!(recognise(&xml), Ok(Kind::Messages(_))));
    }

    #[test]
    fn messages_that_follow_each_other_are_told_apart() {
        let text = "<?xml version='1.0'?><a><b/></a>\n\n<?xml version='1.0'?><c/>\n<d";
        let found = parts(text, Limits::default());
        let texts: Vec<_> = found.iter().map(|(_, part)| *part).collect();
        assert_eq!(
            texts,
            [
                "<?xml version='1.0'?><a><b/></a>",
                "<?xml version='1.0'?><c/>",
                "<d"
            ]
        );
        assert!(found.iter().all(|(at, part)| text[*at..].starts_with(part)));
    }
}
