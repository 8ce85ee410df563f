//! The HTTP header `Idempotency-Key`: names a write to be repeated by, for stacks that can't set a SOAP header.

use hyper::header::HeaderMap;

use crate::problem::{Problem, http, soap};

/// The header, and how errors call it.
const NAME: &str = "idempotency-key";
/// The longest key, in characters; as long as a `wsa:MessageID` may be.
const LONGEST: usize = 512;

/// The key of a request, if it has one.
///
/// # Errors
/// The header is given twice, or has no form that can be used.
pub(crate) fn key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let mut values = headers.get_all(NAME).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err(Problem::new(&http::IDEMPOTENCY_KEY_FLERE));
    }
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

#[cfg(test)]
mod tests {
    use hyper::header::HeaderValue;

    use super::*;

    fn of(values: &[&str]) -> Result<Option<String>, &'static str> {
        let mut headers = HeaderMap::new();
        for value in values {
            let value = HeaderValue::from_bytes(value.as_bytes()).unwrap();
            headers.append("Idempotency-Key", value);
        }
        key(&headers).map_err(|problem| problem.entry.kode)
    }

    #[test]
    fn bare_and_quoted_keys_are_the_same() {
        assert_eq!(of(&[]), Ok(None));
        let longest = "x".repeat(512);
        for (value, key) in [
            ("urn:uuid:1", "urn:uuid:1"),
            ("\"urn:uuid:1\"", "urn:uuid:1"),
            ("  a b\t", "a b"),
            (r#""a\"b\\c""#, r#"a"b\c"#),
            (longest.as_str(), longest.as_str()),
            (&format!("\"{longest}\""), longest.as_str()),
        ] {
            assert_eq!(of(&[value]), Ok(Some(key.to_owned())), "{value}");
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
            assert_eq!(of(&[value]), Err("DTR3021"), "{value}");
        }
        assert_eq!(of(&["a", "a"]), Err("DTR1035"));
        assert_eq!(of(&["a", "b"]), Err("DTR1035"));
    }
}
