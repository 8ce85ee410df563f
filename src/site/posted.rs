//! What forms post: `application/x-www-form-urlencoded`, `multipart/form-data` with files as browsers send them, and a message by
//! itself. Everything else is refused: nothing is guessed, nothing nested, and the parts stay where they lie.

use std::borrow::Cow;

use crate::problem::{Problem, http, words};

/// So many parts or pairs a form has at most, and so long is the head of a part, in bytes.
const MOST: usize = 8;
const HEAD: usize = 2048;

/// Why a form can't be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unreadable {
    /// Another Content-Type.
    Type,
    /// No boundary, or one that is none.
    Boundary,
    /// It does not begin, go on or end as its boundary says.
    Framing,
    /// The head of a part is too long, or not one of a form.
    Head,
    /// Percent signs or UTF-8 are wrong.
    Encoding,
    /// Too many parts.
    TooMany,
    /// Two fields of one name.
    Twice,
    /// A field that the form has not.
    Unknown,
    /// No message, or two.
    Messages,
}

impl Unreadable {
    /// What the sender is told.
    pub(super) fn problem(self) -> Problem {
        let why = match self {
            Self::Type => words!(
                "Content-Type er hverken application/x-www-form-urlencoded, multipart/form-data eller application/xml",
                "the Content-Type is none of application/x-www-form-urlencoded, multipart/form-data and application/xml"
            ),
            Self::Boundary => words!(
                "boundary mangler eller er ugyldig",
                "the boundary is missing or invalid"
            ),
            Self::Framing => words!(
                "delene er ikke skilt, som boundary siger, eller den sidste mangler",
                "the parts are not separated as the boundary says, or the last is missing"
            ),
            Self::Head => words!(
                "en del har et hoved, der er for langt eller ikke er et felts",
                "a part has a head that is too long or is not that of a field"
            ),
            Self::Encoding => words!(
                "%-tegn eller UTF-8 er forkert",
                "percent signs or UTF-8 are wrong"
            ),
            Self::TooMany => words!("der er for mange felter", "there are too many fields"),
            Self::Twice => words!("et felt står to gange", "a field is there twice"),
            Self::Unknown => words!(
                "den har andre felter end besked, fil og hent",
                "it has other fields than besked, fil and hent"
            ),
            Self::Messages => words!(
                "den skal have én besked: teksten i besked eller filen i fil",
                "it must have one message: the text in besked or the file in fil"
            ),
        };
        Problem::new(&http::FORMULAR).with_words("grund", why)
    }
}

/// A field with what it holds.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Field<'a> {
    pub(super) name: Cow<'a, str>,
    pub(super) value: Cow<'a, [u8]>,
}

/// The fields of a form, each once, in order.
pub(super) fn fields<'a>(
    content_type: &str,
    bytes: &'a [u8],
) -> Result<Vec<Field<'a>>, Unreadable> {
    let fields = many(content_type, bytes, MOST)?;
    let is_twice = |(at, field): (usize, &Field<'_>)| {
        let mut before = fields[..at].iter();
        before.any(|own| own.name == field.name)
    };
    match fields.iter().enumerate().any(is_twice) {
        true => Err(Unreadable::Twice),
        false => Ok(fields),
    }
}

/// The fields of a form of at most so many, in order; a name may come often.
pub(super) fn many<'a>(
    content_type: &str,
    bytes: &'a [u8],
    most: usize,
) -> Result<Vec<Field<'a>>, Unreadable> {
    match media(content_type) {
        (kind, _) if kind == "application/x-www-form-urlencoded" => pairs(bytes, most),
        (kind, parameters) if kind == "multipart/form-data" => {
            parts(bytes, &boundary(parameters)?, most)
        }
        _ => Err(Unreadable::Type),
    }
}

/// The type of a Content-Type in small letters, and its parameters.
pub(super) fn media(content_type: &str) -> (String, &str) {
    let (kind, parameters) = content_type.split_once(';').unwrap_or((content_type, ""));
    (kind.trim().to_ascii_lowercase(), parameters)
}

/// The value of a parameter, without its quotes; none where it is there twice.
pub(super) fn parameter<'a>(parameters: &'a str, name: &str) -> Option<&'a str> {
    let own = |text: &'a str| {
        let (key, value) = text.split_once('=')?;
        let value = value.trim();
        let inside = value
            .strip_prefix('"')
            .and_then(|value| value.strip_suffix('"'));
        key.trim()
            .eq_ignore_ascii_case(name)
            .then(|| inside.unwrap_or(value))
    };
    let mut found = parameters.split(';').filter_map(own);
    let value = found.next();
    value.filter(|_| found.next().is_none())
}

/// The boundary (RFC 2046, 5.1.1): 1 to 70 characters. Those that would have to be in quotes are not used by browsers.
fn boundary(parameters: &str) -> Result<String, Unreadable> {
    let value = parameter(parameters, "boundary").ok_or(Unreadable::Boundary)?;
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"'()+_,-./:=?".contains(&byte);
    match (1..=70).contains(&value.len()) && value.bytes().all(allowed) {
        true => Ok(format!("\r\n--{value}")),
        false => Err(Unreadable::Boundary),
    }
}

fn pairs(bytes: &[u8], most: usize) -> Result<Vec<Field<'_>>, Unreadable> {
    let mut fields = Vec::new();
    for pair in bytes.split(|byte| *byte == b'&') {
        if pair.is_empty() {
            continue;
        }
        if fields.len() == most {
            return Err(Unreadable::TooMany);
        }
        let equals = pair.iter().position(|byte| *byte == b'=');
        let (name, value) = pair.split_at(equals.unwrap_or(pair.len()));
        let name = decoded(name).ok_or(Unreadable::Encoding)?;
        let name = String::from_utf8(name).map_err(|_| Unreadable::Encoding)?;
        let value = value.get(1..).unwrap_or_default();
        fields.push(Field {
            name: name.into(),
            value: decoded(value).ok_or(Unreadable::Encoding)?.into(),
        });
    }
    Ok(fields)
}

fn decoded(raw: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(raw.len());
    let mut bytes = raw.iter().copied();
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'%' => {
                let mut digit = || char::from(bytes.next()?).to_digit(16);
                u8::try_from(digit()? << 4 | digit()?).ok()?
            }
            b'+' => b' ',
            byte => byte,
        });
    }
    Some(out)
}

/// The parts between boundaries. The first begins the body; after the last there is nothing but the end of its line.
fn parts<'a>(bytes: &'a [u8], boundary: &str, most: usize) -> Result<Vec<Field<'a>>, Unreadable> {
    let boundary = boundary.as_bytes();
    let mut rest = bytes
        .strip_prefix(&boundary[2..])
        .ok_or(Unreadable::Framing)?;
    let mut fields = Vec::new();
    loop {
        if matches!(rest, b"--" | b"--\r\n") {
            return Ok(fields);
        }
        if fields.len() == most {
            return Err(Unreadable::TooMany);
        }
        let part = rest.strip_prefix(b"\r\n").ok_or(Unreadable::Framing)?;
        let head = &part[..part.len().min(HEAD)];
        let end = find(head, b"\r\n\r\n").ok_or(Unreadable::Head)?;
        let name = field_name(&head[..end]).ok_or(Unreadable::Head)?;
        let content = &part[end + 4..];
        let length = find(content, boundary).ok_or(Unreadable::Framing)?;
        fields.push(Field {
            name: name.into(),
            value: Cow::Borrowed(&content[..length]),
        });
        rest = &content[length + boundary.len()..];
    }
}

/// The name of the field that a head is of. What it says of types is not looked at, but for what would change the bytes.
fn field_name(head: &[u8]) -> Option<String> {
    let head = std::str::from_utf8(head).ok()?;
    let mut name = None;
    for line in head.split("\r\n") {
        let (key, value) = line.split_once(':')?;
        let value = value.trim();
        match key.to_ascii_lowercase().as_str() {
            "content-disposition" => {
                let (kind, parameters) = media(value);
                let own = parameter(parameters, "name")?;
                if kind != "form-data" || name.replace(own.to_owned()).is_some() {
                    return None;
                }
            }
            "content-type" if !media(value).0.starts_with("multipart/") => {}
            "content-length" => {}
            "content-transfer-encoding"
                if matches!(
                    value.to_ascii_lowercase().as_str(),
                    "7bit" | "8bit" | "binary"
                ) => {}
            _ => return None,
        }
    }
    name
}

/// Where a short text first is in bytes. Its first byte is rare in what is searched.
fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    let first = *wanted.first()?;
    let mut from = 0;
    while let Some(at) = bytes[from..].iter().position(|byte| *byte == first) {
        let at = from + at;
        if bytes[at..].starts_with(wanted) {
            return Some(at);
        }
        from = at + 1;
    }
    None
}

#[cfg(test)]
mod tests;
