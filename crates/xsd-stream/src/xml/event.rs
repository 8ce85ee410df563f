//! What the reader hands out.

use std::borrow::Cow;

use super::Namespaces;
use super::namespaces::BindingId;

/// One event. `'r` is the reader's borrow, `'a` the text's.
#[derive(Debug)]
pub enum Event<'r, 'a> {
    /// A start tag, or the first half of an empty-element tag.
    Start(StartTag<'r, 'a>),
    /// An end tag, or the second half of an empty-element tag.
    End(EndTag<'r, 'a>),
    /// All character data between two tags, as one event.
    Text(Text<'a>),
    /// The end of a well-formed document.
    Eof,
}

/// A name as written and as resolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Name<'r, 'a> {
    /// As written: `prefix:local` or `local`.
    pub qname: &'a str,
    /// The prefix, `""` when there is none.
    pub prefix: &'a str,
    /// The local name.
    pub local: &'a str,
    /// The namespace, `""` when there is none.
    pub namespace: &'r str,
}

/// A start tag.
#[derive(Debug, Clone, Copy)]
pub struct StartTag<'r, 'a> {
    /// The element's name.
    pub name: Name<'r, 'a>,
    /// Byte offset of `<`.
    pub offset: usize,
    /// Byte offset just past `>`.
    pub end: usize,
    /// Whether it is an empty-element tag; an `End` follows all the same.
    pub empty: bool,
    pub(super) attributes: &'r [RawAttribute<'a>],
    pub(super) namespaces: &'r Namespaces<'a>,
    pub(super) declared_from: usize,
}

/// An attribute as the reader keeps it.
#[derive(Debug)]
pub(super) struct RawAttribute<'a> {
    pub(super) qname: &'a str,
    pub(super) prefix: &'a str,
    pub(super) local: &'a str,
    pub(super) binding: BindingId,
    pub(super) value: Cow<'a, str>,
    pub(super) offset: usize,
    pub(super) value_offset: usize,
}

/// An attribute that is not a namespace declaration.
#[derive(Debug, Clone, Copy)]
pub struct Attribute<'r, 'a> {
    /// The attribute's name; without prefix it has no namespace.
    pub name: Name<'r, 'a>,
    /// The value, references resolved and white space made spaces.
    pub value: &'r str,
    /// Byte offset of the name.
    pub offset: usize,
    /// Byte offset of the value, inside the quotes.
    pub value_offset: usize,
}

impl<'r, 'a> StartTag<'r, 'a> {
    /// The attributes in document order, namespace declarations left out.
    pub fn attributes(&self) -> impl ExactSizeIterator<Item = Attribute<'r, 'a>> + use<'r, 'a> {
        let namespaces = self.namespaces;
        self.attributes.iter().map(move |raw| Attribute {
            name: Name {
                qname: raw.qname,
                prefix: raw.prefix,
                local: raw.local,
                namespace: namespaces.uri(raw.binding),
            },
            value: raw.value.as_ref(),
            offset: raw.offset,
            value_offset: raw.value_offset,
        })
    }

    /// The attribute of this namespace (`""` for none) and local name.
    #[must_use]
    pub fn attribute(&self, namespace: &str, local: &str) -> Option<Attribute<'r, 'a>> {
        self.attributes()
            .find(|a| a.name.local == local && a.name.namespace == namespace)
    }

    /// The namespace declarations of this tag: prefix (`""` for the default)
    /// and namespace.
    pub fn declarations(&self) -> impl Iterator<Item = (&'a str, &'r str)> + use<'r, 'a> {
        self.namespaces.since(self.declared_from)
    }

    /// The namespaces in scope inside this tag.
    #[must_use]
    pub fn namespaces(&self) -> &'r Namespaces<'a> {
        self.namespaces
    }
}

/// An end tag.
#[derive(Debug, Clone, Copy)]
pub struct EndTag<'r, 'a> {
    /// The element's name.
    pub name: Name<'r, 'a>,
    /// Byte offset of `</`; for an empty-element tag that of its `<`.
    pub offset: usize,
    /// Byte offset just past `>`.
    pub end: usize,
    pub(super) namespaces: &'r Namespaces<'a>,
}

impl<'r, 'a> EndTag<'r, 'a> {
    /// The namespaces in scope inside the element that ends.
    #[must_use]
    pub fn namespaces(&self) -> &'r Namespaces<'a> {
        self.namespaces
    }
}

/// Character data: text, CDATA sections and references, up to the next tag.
#[derive(Debug, Clone)]
pub struct Text<'a> {
    /// The characters, borrowed when they stand so in the document.
    pub value: Cow<'a, str>,
    /// Byte offset of the first piece.
    pub offset: usize,
}
