//! The XML declaration, comments and processing instructions.

use super::attributes::name_end;
use super::chars::{is_blank, is_space, trim_start};
use super::error::{XmlError, XmlErrorKind as Kind};
use super::limits::Limits;

/// The parts of an XML declaration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Declaration<'a> {
    pub(super) version: &'a str,
    pub(super) encoding: Option<&'a str>,
    pub(super) standalone: Option<&'a str>,
}

/// Cuts an XML declaration, given what stands between `<?xml` and `?>`.
/// `None` when it does not follow the grammar.
pub(super) fn parse_declaration(content: &str) -> Option<Declaration<'_>> {
    let (version, rest) = pseudo_attribute(content, "version")?;
    let version = version?;
    let (encoding, rest) = pseudo_attribute(rest, "encoding")?;
    let (standalone, rest) = pseudo_attribute(rest, "standalone")?;
    let numbered = version
        .strip_prefix("1.")
        .is_some_and(|minor| !minor.is_empty() && minor.bytes().all(|b| b.is_ascii_digit()));
    let well_formed = is_blank(rest)
        && (numbered
            || version
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"_.:-".contains(&b)))
        && !version.is_empty()
        && encoding.is_none_or(is_encoding_name)
        && standalone.is_none_or(|s| matches!(s, "yes" | "no"));
    well_formed.then_some(Declaration {
        version,
        encoding,
        standalone,
    })
}

/// Production `EncName`.
fn is_encoding_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
}

/// `S name Eq quoted` at the start of `content`, if it is there: the value and
/// what follows. `None` when the name is there but the rest is not.
fn pseudo_attribute<'a>(content: &'a str, name: &str) -> Option<(Option<&'a str>, &'a str)> {
    let trimmed = trim_start(content);
    let Some(rest) = trimmed.strip_prefix(name) else {
        return Some((None, content));
    };
    if trimmed.len() == content.len() {
        return None;
    }
    let rest = trim_start(trim_start(rest).strip_prefix('=')?);
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let (value, rest) = rest[1..].split_once(quote)?;
    Some((Some(value), rest))
}

/// Checks the XML declaration `markup` (`<?xml …?>`) at the start of the text.
pub(super) fn check_declaration(markup: &str) -> Result<(), XmlError> {
    let content = &markup[5..markup.len() - 2];
    match parse_declaration(content) {
        Some(Declaration { version: "1.0", .. }) => Ok(()),
        Some(Declaration { version, .. }) => {
            let version = version.to_owned();
            Err(XmlError::new(Kind::UnsupportedVersion { version }, 0))
        }
        None => Err(XmlError::new(Kind::BadDeclaration, 0)),
    }
}

/// Checks a comment, `<!--…-->`.
pub(super) fn check_comment(markup: &str, offset: usize) -> Result<(), XmlError> {
    let content = &markup[4..markup.len() - 3];
    match content.find("--") {
        Some(at) => Err(XmlError::new(Kind::DoubleHyphen, offset + 4 + at)),
        None if content.ends_with('-') => Err(XmlError::new(
            Kind::DoubleHyphen,
            offset + 4 + content.len() - 1,
        )),
        None => Ok(()),
    }
}

/// Checks a processing instruction, `<?…?>`.
pub(super) fn check_instruction(
    markup: &str,
    offset: usize,
    limits: &Limits,
) -> Result<(), XmlError> {
    let end = markup.len() - 2;
    let name = markup[2..end].find(|c: char| c.is_ascii() && is_space(c as u8));
    let target = &markup[2..name.map_or(end, |n| n + 2)];
    if target.len() > limits.name {
        return Err(XmlError::new(
            Kind::NameTooLong { limit: limits.name },
            offset + 2,
        ));
    }
    if name_end(target, 0, target.len()) != target.len() || !super::is_ncname(target) {
        let name = super::error_excerpt(target);
        return Err(XmlError::new(Kind::BadName { name }, offset + 2));
    }
    if target.eq_ignore_ascii_case("xml") {
        let target = target.to_owned();
        return Err(XmlError::new(Kind::ReservedTarget { target }, offset));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declarations() {
        for (content, ok) in [
            (" version='1.0'", true),
            (" version=\"1.0\" encoding='utf-8' standalone = 'no' ", true),
            (" version='1.0' standalone='yes'", true),
            ("", false),
            (" encoding='utf-8'", false),
            ("version='1.0'", false),
            (" version='1.0'encoding='utf-8'", false),
            (" version='1.0' standalone='yes' encoding='utf-8'", false),
            (" version='1.0' standalone='maybe'", false),
            (" version='1.0' encoding=''", false),
            (" version='1.0' encoding='1a'", false),
            (" version='1.0' x='y'", false),
            (" version=1.0", false),
            (" version='1.0", false),
        ] {
            assert_eq!(parse_declaration(content).is_some(), ok, "{content}");
        }
    }
}
