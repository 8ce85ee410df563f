//! What an anyURI may be: a URI reference by RFC 2396 and RFC 2732 once the
//! characters that XLink 1.0 (5.4) names are escaped.
//!
//! The escaping lets nearly every character stand, so that the parts are what
//! is left to judge: the scheme, what follows it, the authority, the places of
//! brackets, a second `#`, and escapes already there.

/// Whether this is a URI reference; the empty one is.
pub(in crate::xsd) fn is_uri(lexical: &str) -> bool {
    let (reference, fragment) = lexical.split_once('#').unwrap_or((lexical, ""));
    if fragment.contains('#') || !escapes_are_whole(lexical) {
        return false;
    }
    let first = reference.split(['/', '?']).next().unwrap_or_default();
    // A colon before any slash ends a scheme, and something has to follow it.
    let rest = match first.split_once(':') {
        None => reference,
        Some((scheme, _)) => {
            let rest = &reference[scheme.len() + 1..];
            if !is_scheme(scheme) || rest.is_empty() {
                return false;
            }
            // What is no path has no structure.
            if !rest.starts_with('/') {
                return true;
            }
            rest
        }
    };
    let hierarchy = rest.split('?').next().unwrap_or_default();
    let Some(network) = hierarchy.strip_prefix("//") else {
        return !has_brackets(hierarchy);
    };
    let (authority, path) = network.split_at(network.find('/').unwrap_or(network.len()));
    // Two slashes announce an authority. `file:///x` leaves it out, but nothing at all can't follow.
    !(network.is_empty() && lexical.ends_with("//"))
        && is_authority(authority)
        && !has_brackets(path)
}

fn escapes_are_whole(lexical: &str) -> bool {
    let mut escapes = lexical.split('%').skip(1);
    escapes.all(|after| {
        let digits = after.as_bytes().get(..2);
        digits.is_some_and(|d| d.iter().all(u8::is_ascii_hexdigit))
    })
}

fn is_scheme(scheme: &str) -> bool {
    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
}

fn has_brackets(part: &str) -> bool {
    part.contains(['[', ']'])
}

/// Brackets stand around an IPv6 address and nowhere else.
fn is_authority(authority: &str) -> bool {
    if !has_brackets(authority) {
        return true;
    }
    let host = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    let Some((address, port)) = host.strip_prefix('[').and_then(|h| h.split_once(']')) else {
        return false;
    };
    address.parse::<std::net::Ipv6Addr>().is_ok()
        && (port.is_empty() || port.starts_with(':') && !has_brackets(port))
        && !has_brackets(&authority[..authority.len() - host.len()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references() {
        for good in [
            "",
            ".",
            "a",
            "/a/b",
            "../x#y",
            "#",
            "?q",
            "//host",
            "////",
            "/a//",
            "urn:uuid:1",
            "mailto:a@b",
            "C:/x",
            "a:?",
            "http://h:80/p?q=[1]#r[2]",
            "file:///x",
            "///x",
            "http://[::1]:8080/",
            "http://u@[::1]",
            "æ ø/å",
            "a\\b",
            "{x}|^`<>\"",
            "x%20y",
            "urn:x[1]",
        ] {
            assert!(is_uri(good), "{good}");
        }
        for bad in [
            ":a",
            "1a:b",
            "b:",
            "b:#c",
            "å:b",
            "//",
            "http://",
            "//host/[0]",
            "a#b#c",
            "%",
            "%2",
            "%2g",
            "a[1]",
            "//[x]",
            "//[::1]x",
            "//a[b]",
            "//[::1/",
        ] {
            assert!(!is_uri(bad), "{bad}");
        }
    }
}
