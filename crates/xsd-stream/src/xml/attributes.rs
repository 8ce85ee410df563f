//! The inside of a start tag: name, attributes, namespace declarations.

use super::chars::{is_name, is_ncname, is_space};
use super::error::{XmlError, XmlErrorKind as Kind};
use super::event::RawAttribute;
use super::limits::Limits;
use super::namespaces::{BindingId, Namespaces, XML_NAMESPACE, XMLNS_NAMESPACE};
use super::text::normalise_attribute;

/// Up to this many attributes every pair is compared; beyond, they are sorted.
const PAIRWISE: usize = 16;

/// A qualified name as it stands in the text.
#[derive(Debug, Clone, Copy)]
pub(super) struct QName<'a> {
    pub(super) qname: &'a str,
    /// Bytes of the prefix and its colon, 0 for no prefix.
    prefixed: usize,
}

impl<'a> QName<'a> {
    /// The whole name, its prefix (`""` for none) and local name.
    #[inline]
    pub(super) fn parts(self) -> (&'a str, &'a str, &'a str) {
        let local = &self.qname[self.prefixed..];
        let prefix = &self.qname[..self.prefixed.saturating_sub(1)];
        (self.qname, prefix, local)
    }
}

/// The name that begins at `at`. An empty one is not told from a bad one.
#[inline(always)]
pub(super) fn read_name<'a>(
    text: &'a str,
    at: usize,
    end: usize,
    limits: &Limits,
) -> Result<QName<'a>, XmlError> {
    // Nearly every name is ASCII, and most have no prefix.
    let bytes = &text.as_bytes()[at..end];
    let length = plain_name(bytes);
    let ended = bytes.get(length).is_none_or(|&b| ends_name(b));
    if length > 0 && ended && length <= limits.name {
        return Ok(QName {
            qname: &text[at..at + length],
            prefixed: 0,
        });
    }
    read_other_name(text, at, end, length, limits)
}

/// `length` is that of the plain name that it begins with.
#[inline(never)]
fn read_other_name<'a>(
    text: &'a str,
    at: usize,
    end: usize,
    mut length: usize,
    limits: &Limits,
) -> Result<QName<'a>, XmlError> {
    let bytes = &text.as_bytes()[at..end];
    let mut prefixed = 0;
    if length > 0 && bytes.get(length) == Some(&b':') {
        prefixed = length + 1;
        let local = plain_name(&bytes[prefixed..]);
        length = if local > 0 { prefixed + local } else { 0 };
    }
    let whole = bytes.get(length).is_none_or(|&b| ends_name(b));
    let qname = if length > 0 && whole {
        &text[at..at + length]
    } else {
        let qname = &text[at..name_end(text, at, end)];
        prefixed = split_qname(qname, at, limits)?;
        qname
    };
    if qname.len() > limits.name {
        let limit = limits.name;
        return Err(XmlError::new(Kind::NameTooLong { limit }, at));
    }
    Ok(QName { qname, prefixed })
}

/// Length of the ASCII name without colon that `bytes` begin with, or 0.
#[inline(always)]
fn plain_name(bytes: &[u8]) -> usize {
    match bytes.first() {
        Some(b) if b.is_ascii_alphabetic() || *b == b'_' => {}
        _ => return 0,
    }
    bytes
        .iter()
        .position(|&b| !PLAIN[usize::from(b)])
        .unwrap_or(bytes.len())
}

/// The ASCII characters of a name, the colon left out.
const PLAIN: [bool; 256] = {
    let mut table = [false; 256];
    let mut b = 0;
    while b < 128 {
        let byte = b as u8;
        table[b] = byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
        b += 1;
    }
    table
};

/// Cuts a name at its colon: bytes of the prefix and its colon.
fn split_qname(qname: &str, offset: usize, limits: &Limits) -> Result<usize, XmlError> {
    if qname.len() > limits.name {
        return Err(XmlError::new(
            Kind::NameTooLong { limit: limits.name },
            offset,
        ));
    }
    if is_ncname(qname) {
        return Ok(0);
    }
    match qname.split_once(':') {
        Some((prefix, local)) if is_ncname(prefix) && is_ncname(local) => Ok(prefix.len() + 1),
        _ => {
            let name = super::error_excerpt(qname);
            let kind = if is_name(qname) {
                Kind::BadQName { name }
            } else {
                Kind::BadName { name }
            };
            Err(XmlError::new(kind, offset))
        }
    }
}

#[inline(always)]
fn ends_name(b: u8) -> bool {
    is_space(b) || matches!(b, b'=' | b'/' | b'>' | b'<' | b'"' | b'\'' | b'&')
}

/// Offset where the name that begins at `at` ends.
pub(super) fn name_end(text: &str, at: usize, end: usize) -> usize {
    text.as_bytes()[at..end]
        .iter()
        .position(|&b| ends_name(b))
        .map_or(end, |n| at + n)
}

fn skip_space(text: &str, at: usize, end: usize) -> usize {
    text.as_bytes()[at..end]
        .iter()
        .position(|&b| !is_space(b))
        .map_or(end, |n| at + n)
}

/// Reads the attributes in `text[at..end]` into `attributes` and declares the
/// namespaces among them.
pub(super) fn read_attributes<'a>(
    text: &'a str,
    mut at: usize,
    end: usize,
    limits: &Limits,
    attributes: &mut Vec<RawAttribute<'a>>,
    namespaces: &mut Namespaces<'a>,
) -> Result<(), XmlError> {
    let declared_from = namespaces.len();
    loop {
        let next = skip_space(text, at, end);
        if next == end {
            break;
        }
        if next == at {
            return Err(XmlError::new(Kind::MissingSpace, at));
        }
        let (attribute, after) = read_attribute(text, next, end, limits)?;
        at = after;
        if attribute.qname == "xmlns" || attribute.prefix == "xmlns" {
            if namespaces.len() - declared_from == limits.declarations {
                let limit = limits.declarations;
                return Err(XmlError::new(Kind::TooManyDeclarations { limit }, next));
            }
            declare(attribute, declared_from, namespaces)?;
        } else {
            if attributes.len() == limits.attributes {
                let limit = limits.attributes;
                return Err(XmlError::new(Kind::TooManyAttributes { limit }, next));
            }
            attributes.push(attribute);
        }
    }
    resolve(attributes, namespaces)
}

/// The attribute that begins at `offset`, its prefix not looked up, and where what follows it begins.
#[inline(always)]
fn read_attribute<'a>(
    text: &'a str,
    offset: usize,
    end: usize,
    limits: &Limits,
) -> Result<(RawAttribute<'a>, usize), XmlError> {
    let bytes = text.as_bytes();
    let bad = |at: usize| XmlError::new(Kind::BadAttribute, at);
    if ends_name(bytes[offset]) {
        return Err(bad(offset));
    }
    let (qname, prefix, local) = read_name(text, offset, end, limits)?.parts();
    let after_name = offset + qname.len();
    let equals = skip_space(text, after_name, end);
    if equals == end || bytes[equals] != b'=' {
        return Err(bad(offset));
    }
    let quote_at = skip_space(text, equals + 1, end);
    let quote = match bytes[quote_at..end].first() {
        Some(&q @ (b'"' | b'\'')) => q,
        _ => return Err(bad(offset)),
    };
    let value_offset = quote_at + 1;
    let raw_len = bytes[value_offset..end]
        .iter()
        .position(|&b| b == quote)
        .ok_or_else(|| bad(offset))?;
    if raw_len > limits.attribute_value {
        let limit = limits.attribute_value;
        return Err(XmlError::new(Kind::AttributeTooLong { limit }, offset));
    }
    let value = normalise_attribute(&text[value_offset..value_offset + raw_len], value_offset)?;
    let attribute = RawAttribute {
        qname,
        prefix,
        local,
        binding: BindingId::NONE,
        value,
        offset,
        value_offset,
    };
    Ok((attribute, value_offset + raw_len + 1))
}

/// Namespaces in XML 1.0, section 3 and its constraints.
fn declare<'a>(
    attribute: RawAttribute<'a>,
    declared_from: usize,
    namespaces: &mut Namespaces<'a>,
) -> Result<(), XmlError> {
    let offset = attribute.offset;
    let prefix = if attribute.prefix.is_empty() {
        ""
    } else {
        attribute.local
    };
    let uri = attribute.value.as_ref();
    let reserved =
        prefix == "xmlns" || uri == XMLNS_NAMESPACE || (prefix == "xml") != (uri == XML_NAMESPACE);
    if reserved {
        let prefix = prefix.to_owned();
        return Err(XmlError::new(Kind::ReservedNamespace { prefix }, offset));
    }
    if uri.is_empty() && !prefix.is_empty() {
        let prefix = prefix.to_owned();
        return Err(XmlError::new(Kind::EmptyNamespace { prefix }, offset));
    }
    if namespaces.declared_since(prefix, declared_from) {
        let name = attribute.qname.to_owned();
        return Err(XmlError::new(Kind::DuplicateAttribute { name }, offset));
    }
    namespaces.declare(prefix, attribute.value);
    Ok(())
}

/// Gives every attribute its namespace and looks for duplicates.
fn resolve(
    attributes: &mut [RawAttribute<'_>],
    namespaces: &Namespaces<'_>,
) -> Result<(), XmlError> {
    for attribute in attributes.iter_mut() {
        if !attribute.prefix.is_empty() {
            attribute.binding = namespaces.find(attribute.prefix).ok_or_else(|| {
                let prefix = attribute.prefix.to_owned();
                XmlError::new(Kind::UnboundPrefix { prefix }, attribute.offset)
            })?;
        }
    }
    let twin = if attributes.len() <= PAIRWISE {
        pairwise_twin(attributes, namespaces)
    } else {
        sorted_twin(attributes, namespaces)
    };
    match twin {
        None => Ok(()),
        Some(attribute) => {
            let name = attribute.qname.to_owned();
            Err(XmlError::new(
                Kind::DuplicateAttribute { name },
                attribute.offset,
            ))
        }
    }
}

fn pairwise_twin<'r, 'a>(
    attributes: &'r [RawAttribute<'a>],
    namespaces: &Namespaces<'_>,
) -> Option<&'r RawAttribute<'a>> {
    attributes.iter().enumerate().find_map(|(i, a)| {
        attributes[..i]
            .iter()
            .any(|b| a.local == b.local && namespaces.uri(a.binding) == namespaces.uri(b.binding))
            .then_some(a)
    })
}

fn sorted_twin<'r, 'a>(
    attributes: &'r [RawAttribute<'a>],
    namespaces: &Namespaces<'_>,
) -> Option<&'r RawAttribute<'a>> {
    let mut sorted: Vec<_> = attributes
        .iter()
        .map(|a| (a.local, namespaces.uri(a.binding), a.offset, a))
        .collect();
    sorted.sort_unstable_by_key(|&(local, uri, offset, _)| (local, uri, offset));
    sorted
        .windows(2)
        .filter(|w| (w[0].0, w[0].1) == (w[1].0, w[1].1))
        .map(|w| w[1].3)
        .min_by_key(|a| a.offset)
}
