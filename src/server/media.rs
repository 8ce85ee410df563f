//! What the head of a SOAP call says, as callers send it in the field: which version, charset and action, the key to repeat it
//! by, and what it waits for. Its limits and its framing are judged before hyper sees it ([`super::framing`]).

use hyper::header::{ACCEPT, AsHeaderName, CONTENT_TYPE, EXPECT, HeaderMap, HeaderValue};

use crate::contract::SoapVersion;
use crate::problem::{Problem, http, soap};

/// What the headers of a SOAP request say of its message.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct SoapMedia {
    /// The version that the Content-Type stands for.
    pub(crate) version: SoapVersion,
    /// The charset, as written.
    pub(crate) charset: Option<String>,
    /// SOAPAction in 1.1, the action parameter in 1.2; none when absent or empty.
    pub(crate) action: Option<String>,
}

/// Why the headers can't be read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum MediaError {
    /// The Content-Type is missing, given twice, malformed, another, or has a parameter twice; what to show of it.
    ContentType(String),
    /// SOAPAction is given twice or is not text.
    Action,
}

/// A header is given more than once.
struct Several;

/// The value of a header that may be given once.
fn only(headers: &HeaderMap, name: impl AsHeaderName) -> Result<Option<&HeaderValue>, Several> {
    let mut values = headers.get_all(name).iter();
    let value = values.next();
    values.next().map_or(Ok(value), |_| Err(Several))
}

impl SoapMedia {
    /// Reads the headers of a request.
    ///
    /// # Errors
    /// [`MediaError`].
    pub(crate) fn of(headers: &HeaderMap) -> Result<Self, MediaError> {
        let mut media = Self::of_type(headers).map_err(MediaError::ContentType)?;
        if media.version == SoapVersion::V11 {
            media.action = soap_action(headers)?;
        }
        media.action = media.action.filter(|action| !action.is_empty());
        Ok(media)
    }

    fn of_type(headers: &HeaderMap) -> Result<Self, String> {
        let value = only(headers, CONTENT_TYPE).map_err(|Several| "(flere / several)")?;
        let value = value.ok_or("(ingen / none)")?;
        let text = value.to_str().unwrap_or_default();
        Self::parse(text).ok_or_else(|| String::from_utf8_lossy(value.as_bytes()).into_owned())
    }

    fn parse(text: &str) -> Option<Self> {
        let (media, mut rest) = text.split_at(text.find(';').unwrap_or(text.len()));
        let media = media.trim();
        let version = if media.eq_ignore_ascii_case("text/xml") {
            SoapVersion::V11
        } else if media.eq_ignore_ascii_case("application/soap+xml") {
            SoapVersion::V12
        } else {
            return None;
        };
        let (mut charset, mut action) = (None, None);
        while let Some(after) = rest.strip_prefix(';') {
            let after = after.trim_start();
            if after.is_empty() || after.starts_with(';') {
                rest = after;
                continue;
            }
            let (name, after) = after.split_once('=')?;
            let (value, after) = parameter_value(after)?;
            rest = after.trim_start();
            let slot = match name.trim().to_ascii_lowercase().as_str() {
                "charset" => &mut charset,
                "action" => &mut action,
                _ => continue,
            };
            if slot.replace(value).is_some() {
                return None;
            }
        }
        rest.is_empty().then_some(Self {
            version,
            charset,
            action,
        })
    }
}

fn soap_action(headers: &HeaderMap) -> Result<Option<String>, MediaError> {
    let value = only(headers, "soapaction").map_err(|Several| MediaError::Action)?;
    let Some(value) = value else {
        return Ok(None);
    };
    let text = std::str::from_utf8(value.as_bytes()).map_err(|_| MediaError::Action)?;
    let text = text.trim();
    let inside = text
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'));
    Ok(Some(inside.unwrap_or(text).trim().to_owned()))
}

/// A token or a quoted string, and what follows it.
fn parameter_value(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let (value, rest) = text.split_at(text.find(';').unwrap_or(text.len()));
        let value = value.trim();
        let plain = !value.contains(|c: char| c.is_whitespace() || c == '"');
        return plain.then(|| (value.to_owned(), rest));
    };
    let mut value = String::new();
    let mut chars = quoted.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((value, quoted.get(at + 1..)?)),
            '\\' => value.push(chars.next()?.1),
            c => value.push(c),
        }
    }
    None
}

/// Whether the headers are those of a SOAP call.
pub(crate) fn is_soap(headers: &HeaderMap) -> bool {
    SoapMedia::of_type(headers).is_ok()
}

/// The version that a Content-Type stands for, for a refusal before the type is judged; 1.1 when it can't be told.
pub(crate) fn version_of(headers: &HeaderMap) -> SoapVersion {
    let value = headers
        .get(CONTENT_TYPE)
        .map_or(&b""[..], HeaderValue::as_bytes);
    let name = b"application/soap+xml";
    match value.get(..name.len()) {
        Some(start) if start.eq_ignore_ascii_case(name) => SoapVersion::V12,
        _ => SoapVersion::V11,
    }
}

/// What a request expects before it sends its body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Expects {
    /// Nothing: the body comes.
    Nothing,
    /// A word that the body is welcome; hyper gives it when the body is read.
    Continue,
    /// Something that is not known here.
    Unknown,
}

impl Expects {
    /// Reads the Expect header.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        match only(headers, EXPECT) {
            Ok(None) => Self::Nothing,
            Ok(Some(value)) if value.as_bytes().eq_ignore_ascii_case(b"100-continue") => {
                Self::Continue
            }
            _ => Self::Unknown,
        }
    }
}

/// The longest `Idempotency-Key`, in characters; as long as a `wsa:MessageID` may be.
const LONGEST: usize = 512;

/// The header `Idempotency-Key`: names a write to be repeated by, for stacks that can't set a SOAP header.
///
/// # Errors
/// The header is given twice, or has no form that can be used.
pub(crate) fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let several = |Several| Problem::new(&http::IDEMPOTENCY_KEY_FLERE);
    let Some(value) = only(headers, "idempotency-key").map_err(several)? else {
        return Ok(None);
    };
    let text = std::str::from_utf8(value.as_bytes()).ok();
    let key = text.and_then(|text| unquoted(text.trim_matches([' ', '\t'])));
    key.filter(|key| (1..=LONGEST).contains(&key.len()))
        .map(Some)
        .ok_or_else(|| Problem::new(&soap::IDEMPOTENCY_KEY_UGYLDIG))
}

/// A bare key, or a string in quotes as structured fields have it (RFC 8941, section 3.3.3); printable ASCII in both.
fn unquoted(text: &str) -> Option<String> {
    if !text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return None;
    }
    let Some(quoted) = text.strip_prefix('"') else {
        return (!text.contains('"')).then(|| text.to_owned());
    };
    let mut key = String::new();
    let mut chars = quoted.chars();
    loop {
        match chars.next()? {
            '"' => break,
            '\\' => key.push(chars.next().filter(|c| matches!(c, '"' | '\\'))?),
            c => key.push(c),
        }
    }
    chars.as_str().is_empty().then_some(key)
}

/// Whether a caller is a browser that a person sits at: it asks for HTML by name.
pub(crate) fn takes_html(headers: &HeaderMap) -> bool {
    takes(headers, "text/html")
}

/// Whether a caller is a program that wants JSON: it asks for that by name, and not for HTML.
pub(crate) fn takes_json(headers: &HeaderMap) -> bool {
    takes(headers, "application/json") && !takes_html(headers)
}

fn takes(headers: &HeaderMap, wanted: &str) -> bool {
    let values = headers.get_all(ACCEPT).iter();
    let mut kinds = values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    kinds.any(|kind| {
        let name = kind.split(';').next().unwrap_or_default().trim();
        name.eq_ignore_ascii_case(wanted)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use SoapVersion::{V11, V12};

    fn media(text: &str) -> Option<(SoapVersion, Option<String>, Option<String>)> {
        SoapMedia::parse(text).map(|m| (m.version, m.charset, m.action))
    }

    #[test]
    fn content_types_in_the_field() {
        let s = |text: &str| Some(text.to_owned());
        for (text, expected) in [
            ("text/xml", Some((V11, None, None))),
            ("TEXT/XML;charset=UTF-8", Some((V11, s("UTF-8"), None))),
            ("text/xml; charset=\"utf-8\"", Some((V11, s("utf-8"), None))),
            ("text/xml ; charset = utf-8", Some((V11, s("utf-8"), None))),
            ("text/xml;", Some((V11, None, None))),
            ("text/xml; ; charset=a", Some((V11, s("a"), None))),
            (
                "application/soap+xml; charset=utf-8; action=\"urn:a;b=\\\"c\"",
                Some((V12, s("utf-8"), s("urn:a;b=\"c"))),
            ),
            ("application/soap+xml;action=", Some((V12, None, s("")))),
            ("application/soap+xml;action=\"\"", Some((V12, None, s("")))),
            ("application/soap+xml;action=\"a", None),
            ("application/soap+xml;action=\"a\"b", None),
            ("text/xml; charset=a; charset=a", None),
            ("text/xml; charset", None),
            ("text/xml2", None),
            ("application/xml", None),
            ("multipart/related; type=\"application/xop+xml\"", None),
            ("application/xop+xml; type=\"text/xml\"", None),
            ("", None),
        ] {
            assert_eq!(media(text), expected, "{text}");
        }
    }

    #[test]
    fn soap_action_absent_empty_quoted_unquoted() {
        let action = |values: &[&'static str]| {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/xml"));
            for value in values {
                headers.append("SOAPAction", HeaderValue::from_static(value));
            }
            SoapMedia::of(&headers).map(|media| media.action)
        };
        assert_eq!(action(&[]), Ok(None));
        assert_eq!(action(&[""]), Ok(None));
        assert_eq!(action(&["\"\""]), Ok(None));
        assert_eq!(action(&["\"urn:a\""]), Ok(Some("urn:a".into())));
        assert_eq!(action(&["urn:a"]), Ok(Some("urn:a".into())));
        assert_eq!(action(&["a", "a"]), Err(MediaError::Action));
    }

    fn key_of(values: &[&str]) -> Result<Option<String>, &'static str> {
        let mut headers = HeaderMap::new();
        for value in values {
            let value = HeaderValue::from_bytes(value.as_bytes()).unwrap();
            headers.append("Idempotency-Key", value);
        }
        idempotency_key(&headers).map_err(|problem| problem.entry.kode)
    }

    #[test]
    fn bare_and_quoted_keys_are_the_same() {
        assert_eq!(key_of(&[]), Ok(None));
        let longest = "x".repeat(512);
        for (value, key) in [
            ("urn:uuid:1", "urn:uuid:1"),
            ("\"urn:uuid:1\"", "urn:uuid:1"),
            ("  a b\t", "a b"),
            (r#""a\"b\\c""#, r#"a"b\c"#),
            (longest.as_str(), longest.as_str()),
            (&format!("\"{longest}\""), longest.as_str()),
        ] {
            assert_eq!(key_of(&[value]), Ok(Some(key.to_owned())), "{value}");
        }
    }

    #[test]
    fn what_is_no_key_is_refused() {
        let long = "x".repeat(513);
        for value in [
            "",
            " ",
            "\"\"",
            "\"a",
            "a\"",
            "\"a\"b",
            "\"a\";p=1",
            r#""\a""#,
            "æ",
            "a\tb",
            &long,
        ] {
            assert_eq!(key_of(&[value]), Err("DTR3021"), "{value}");
        }
        assert_eq!(key_of(&["a", "a"]), Err("DTR1035"));
        assert_eq!(key_of(&["a", "b"]), Err("DTR1035"));
    }
}
