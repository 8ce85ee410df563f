//! A schema document as a flat list of its elements.

use crate::xml::decode::decode;
use crate::xml::{Event, Limits, Positions, Reader, StartTag, XML_NAMESPACE, trim};

use super::builtin::XS;
use super::datatype::{Lexical, Scope, is_uri};
use super::error::SchemaError;
use super::resolver::Document;

/// An element of a schema document.
#[derive(Debug)]
pub(super) struct Node {
    /// Local name of an element of the schema namespace, else `""`.
    pub(super) tag: Box<str>,
    pub(super) attributes: Vec<(Box<str>, Box<str>)>,
    pub(super) parent: u32,
    /// Children in document order; what is inside an annotation is left out.
    pub(super) children: Vec<u32>,
    /// The namespaces in scope, as a place in `scopes`.
    pub(super) scope: u32,
    pub(super) offset: usize,
}

/// A schema document, read but not understood.
#[derive(Debug)]
pub(super) struct SchemaDocument {
    pub(super) location: String,
    pub(super) text: String,
    pub(super) nodes: Vec<Node>,
    /// Prefix and namespace pairs.
    scopes: Vec<Vec<(Box<str>, Box<str>)>>,
    /// Target namespace in force: its own or, without one, that of the
    /// document that includes it.
    pub(super) target: String,
    /// Where characters stand, or something in an annotation, that may not.
    pub(super) stray: Option<usize>,
    /// It has no target namespace of its own but took one over.
    pub(super) chameleon: bool,
}

/// Schemas nest deeper than messages, names in them are longer.
fn limits() -> Limits {
    Limits {
        depth: 256,
        elements: 5_000_000,
        misc_count: 1_000_000,
        misc_bytes: 1 << 28,
        ..Limits::default()
    }
}

impl SchemaDocument {
    /// Reads a document; it must be well-formed and its root `xs:schema`.
    pub(super) fn read(document: Document) -> Result<Self, SchemaError> {
        let mut this = Self {
            location: document.location,
            text: String::new(),
            nodes: Vec::new(),
            scopes: Vec::new(),
            target: String::new(),
            stray: None,
            chameleon: false,
        };
        let text = decode(&document.bytes, None);
        let text = text.map_err(|e| this.error(0, "xml", e.to_string()))?;
        let filled = this.fill(&text);
        this.text = text.into_owned();
        filled.map_err(|e| this.error(e.offset, "xml", e.kind.to_string()))?;
        if this.tag(0) != "schema" {
            return Err(this.error(0, "schema", "the root element is not xs:schema".to_owned()));
        }
        let target = this.attr(0, "targetNamespace").unwrap_or_default();
        this.target = target.to_owned();
        Ok(this)
    }

    fn fill(&mut self, text: &str) -> Result<(), crate::xml::XmlError> {
        let mut reader = Reader::new(text, limits());
        let mut open: Vec<u32> = Vec::new();
        // Depth inside an annotation, whose content is anything.
        let mut skipped = 0_usize;
        loop {
            match reader.next()? {
                Event::Start(tag) => {
                    if skipped > 0 {
                        if skipped == 1 && !is_annotation_part(&tag) {
                            self.stray.get_or_insert(tag.offset);
                        }
                        skipped += 1;
                        continue;
                    }
                    let scope = if tag.declarations().next().is_some() || self.scopes.is_empty() {
                        let list = tag.namespaces().in_scope().into_iter();
                        let list = list.map(|(prefix, uri)| (prefix.into(), uri.into()));
                        self.scopes.push(list.collect());
                        self.scopes.len() as u32 - 1
                    } else {
                        let parent = open.last().map(|&parent| &self.nodes[parent as usize]);
                        parent.map_or(0, |parent| parent.scope)
                    };
                    let id = self.nodes.len() as u32;
                    if let Some(&parent) = open.last() {
                        self.nodes[parent as usize].children.push(id);
                    }
                    let attributes = tag.attributes().filter_map(|a| match a.name.namespace {
                        "" => Some((a.name.local.into(), a.value.into())),
                        // The schema namespace has no attributes, so the
                        // qualified name is not known.
                        XS => Some((a.name.qname.into(), a.value.into())),
                        _ => None,
                    });
                    let local = Some(tag.name.local).filter(|_| tag.name.namespace == XS);
                    self.nodes.push(Node {
                        tag: local.unwrap_or_default().into(),
                        attributes: attributes.collect(),
                        parent: open.last().copied().unwrap_or(u32::MAX),
                        children: Vec::new(),
                        scope,
                        offset: tag.offset,
                    });
                    if tag.name.namespace == XS && tag.name.local == "annotation" {
                        skipped = 1;
                    } else {
                        open.push(id);
                    }
                }
                Event::End(_) if skipped > 0 => skipped -= 1,
                // A declaration on an element that has ended is out of scope.
                Event::End(_) => drop(open.pop()),
                Event::Text(text) => {
                    if skipped < 2 && !trim(&text.value).is_empty() {
                        self.stray.get_or_insert(text.offset);
                    }
                }
                Event::Eof => return Ok(()),
            }
        }
    }

    /// The attribute without namespace of this name.
    pub(super) fn attr(&self, node: u32, name: &str) -> Option<&str> {
        find(&self.nodes[node as usize].attributes, name)
    }

    pub(super) fn tag(&self, node: u32) -> &str {
        &self.nodes[node as usize].tag
    }

    pub(super) fn children(&self, node: u32) -> &[u32] {
        &self.nodes[node as usize].children
    }

    /// The first child with this tag.
    pub(super) fn child(&self, node: u32, tag: &str) -> Option<u32> {
        let mut children = self.children(node).iter().copied();
        children.find(|&c| self.tag(c) == tag)
    }

    /// Namespace and local name of a qualified name written in `node`. A
    /// chameleon's references without prefix go to the namespace it took over.
    pub(super) fn qname<'v>(&self, node: u32, lexical: &'v str) -> Option<(&str, &'v str)> {
        let lexical = trim(lexical);
        let (prefix, local) = lexical.split_once(':').unwrap_or(("", lexical));
        if !crate::xml::is_ncname(local) {
            return None;
        }
        match find(self.scope(node).0, prefix) {
            Some(namespace) if !namespace.is_empty() => Some((namespace, local)),
            None if prefix == "xml" => Some((XML_NAMESPACE, local)),
            _ if prefix.is_empty() && !lexical.starts_with(':') => {
                Some((if self.chameleon { &self.target } else { "" }, local))
            }
            _ => None,
        }
    }

    /// The namespaces in scope at `node`, for values.
    pub(super) fn scope(&self, node: u32) -> DocumentScope<'_> {
        DocumentScope(&self.scopes[self.nodes[node as usize].scope as usize])
    }

    pub(super) fn error(
        &self,
        offset: usize,
        constraint: &'static str,
        message: String,
    ) -> SchemaError {
        let at = Positions::new(&self.text).at(offset);
        SchemaError {
            document: self.location.clone(),
            line: at.line,
            column: at.column,
            constraint,
            message,
        }
    }
}

/// The second of the pair whose first is `wanted`.
fn find<'p>(pairs: &'p [(Box<str>, Box<str>)], wanted: &str) -> Option<&'p str> {
    let pair = pairs.iter().find(|pair| *pair.0 == *wanted)?;
    Some(&pair.1)
}

/// The namespaces in scope at an element of a schema document.
pub(super) struct DocumentScope<'d>(&'d [(Box<str>, Box<str>)]);

impl Scope for DocumentScope<'_> {
    fn namespace(&self, prefix: &str) -> Option<&str> {
        let found = find(self.0, prefix);
        match prefix {
            "xml" => Some(XML_NAMESPACE),
            "" => Some(found.unwrap_or_default()),
            _ => found,
        }
    }
}

/// Whether this may be a child of an annotation.
fn is_annotation_part(tag: &StartTag<'_, '_>) -> bool {
    let documentation = tag.name.local == "documentation";
    let known = tag.name.namespace == XS && (documentation || tag.name.local == "appinfo");
    let mut attributes = tag.attributes();
    known
        && attributes.all(|a| match (a.name.namespace, a.name.local) {
            ("", local) => local == "source" && is_uri(trim(a.value)),
            (XML_NAMESPACE, "lang") => !documentation || Lexical::Language.accepts(trim(a.value)),
            (XS, _) => false,
            _ => true,
        })
}
