//! Parameters in addresses and forms, and where a person may be sent after signing in.

/// The longest query that is read, and the most parameters.
const LONGEST: usize = 8 << 10;
const MOST: usize = 24;

/// The parameters of a query or a form, each once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Reads them; none when there are too many, when one comes twice, or when they are not UTF-8.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > LONGEST {
            return None;
        }
        let mut found: Vec<(String, String)> = Vec::new();
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let name = decode(name)?;
            if found.len() == MOST || found.iter().any(|(known, _)| *known == name) {
                return None;
            }
            found.push((name, decode(value)?));
        }
        Some(Self(found))
    }

    /// Pairs that were read elsewhere, as a query again.
    pub fn written(pairs: &[(String, String)]) -> String {
        write(
            pairs
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str())),
        )
    }

    /// The value of a parameter.
    pub fn get(&self, name: &str) -> Option<&str> {
        let own = self.0.iter().find(|(known, _)| known == name);
        own.map(|(_, value)| value.as_str())
    }
}

fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        match (first, after) {
            (b'+', _) => bytes.push(b' '),
            (b'%', [high, low, after @ ..]) => {
                bytes.push(digit(*high)? << 4 | digit(*low)?);
                rest = after;
            }
            (b'%', _) => return None,
            (byte, _) => bytes.push(*byte),
        }
    }
    String::from_utf8(bytes).ok()
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte)
        .to_digit(16)
        .and_then(|digit| u8::try_from(digit).ok())
}

/// A text as it stands in a query or a form.
pub fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push_str(&format!("{byte:02X}"));
        }
    }
    out
}

/// Pairs as a query or a form.
pub(super) fn write<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let pairs = pairs
        .into_iter()
        .map(|(name, value)| format!("{}={}", encode(name), encode(value)));
    pairs.collect::<Vec<_>>().join("&")
}

/// The longest path that a person is sent to.
const LONGEST_PATH: usize = 1024;

/// A place of this site that a person may be sent to: a path, and nothing that a browser could read as another host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalPath(String);

impl LocalPath {
    /// Where a person comes who asked for nothing else.
    pub fn start() -> Self {
        Self("/mit".to_owned())
    }

    /// Reads one.
    pub fn parse(text: &str) -> Option<Self> {
        let safe = |c: char| c.is_ascii_alphanumeric() || "-._~/?=&%+,:@".contains(c);
        let path = text.split('?').next().unwrap_or_default();
        let local = text.len() <= LONGEST_PATH
            && text.starts_with('/')
            && text.chars().all(safe)
            && !path.contains("//")
            && !path.contains("/.");
        // A path that goes on as another once it is decoded is nobody's link.
        let plain = !["%2f", "%5c", "%00", "%0a", "%0d"]
            .iter()
            .any(|hidden| path.to_ascii_lowercase().contains(hidden));
        (local && plain).then(|| Self(text.to_owned()))
    }

    /// The same as the value of a parameter.
    pub fn escaped(&self) -> String {
        encode(&self.0)
    }

    /// The path, with its query.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_read_once_each() {
        let read = Parameters::parse("a=1&b=x%20y+z&c&%C3%A6=%C3%B8").unwrap();
        assert_eq!(read.get("b"), Some("x y z"));
        assert_eq!(
            (read.get("c"), read.get("æ"), read.get("d")),
            (Some(""), Some("ø"), None)
        );
        for wrong in [
            "a=1&a=2",
            "a=%",
            "a=%4",
            "a=%zz",
            "a=%ff",
            &"a".repeat(LONGEST + 1),
        ] {
            assert_eq!(
                Parameters::parse(wrong),
                None,
                "{}",
                &wrong[..wrong.len().min(20)]
            );
        }
        let many: Vec<_> = (0..=MOST).map(|n| format!("p{n}=1")).collect();
        assert_eq!(Parameters::parse(&many.join("&")), None);
        assert_eq!(
            Parameters::parse(&write([("a b", "æ&=")]))
                .unwrap()
                .get("a b"),
            Some("æ&=")
        );
    }

    #[test]
    fn nobody_is_sent_to_another_host() {
        for good in [
            "/mit",
            "/mit/aftaler?side=2&navn=M%C3%B8lle",
            "/",
            "/en/institution/G30001",
            "/mit?a=//b",
        ] {
            assert_eq!(
                LocalPath::parse(good).as_ref().map(LocalPath::as_str),
                Some(good)
            );
        }
        for bad in [
            "",
            "mit",
            "//evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "https://evil.example",
            "https:/evil.example",
            "javascript:alert(1)",
            "/mit//evil.example",
            "/.//evil.example",
            "/../evil",
            "/%2f%2fevil.example",
            "/%5Cevil.example",
            "/mit\r\nSet-Cookie: a=b",
            "/mit%0d%0aSet-Cookie:%20a=b",
            "/\tevil",
            "/mit#a",
            "/mit;a",
            "/mit<script>",
            "/mit/å",
            " /mit",
        ] {
            assert_eq!(LocalPath::parse(bad), None, "{bad:?}");
        }
        assert_eq!(
            LocalPath::parse(&format!("/{}", "a".repeat(LONGEST_PATH))),
            None
        );
    }
}
