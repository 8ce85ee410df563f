//! Namespace declarations in scope.

use std::borrow::Cow;
use std::collections::HashMap;

/// The namespace that the prefix `xml` always stands for.
pub const XML_NAMESPACE: &str = "http://www.w3.org/XML/1998/namespace";
/// The namespace of declarations themselves; nothing may be bound to it.
pub const XMLNS_NAMESPACE: &str = "http://www.w3.org/2000/xmlns/";

/// Up to this many declarations a look through the list beats the map.
const LINEAR: usize = 8;

/// Equality that never compares nothing with nothing: the C library's
/// comparison of zero bytes at a dangling address is slow on some processors.
fn same(a: &str, b: &str) -> bool {
    a.len() == b.len() && (a.is_empty() || a == b)
}

/// A declaration's place in the table; `NONE` is "no namespace", `XML` that of `xml`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct BindingId(u32);

impl BindingId {
    pub(super) const NONE: Self = Self(u32::MAX);
    pub(super) const XML: Self = Self(u32::MAX - 1);
}

#[derive(Debug)]
struct Binding<'a> {
    prefix: &'a str,
    uri: Cow<'a, str>,
    /// The declaration of the same prefix that this one hides.
    hidden: Option<u32>,
}

/// The declarations in scope at a point of the document.
#[derive(Debug, Default)]
pub struct Namespaces<'a> {
    bindings: Vec<Binding<'a>>,
    /// Innermost declaration of each prefix; keeps lookups constant however
    /// many declarations a hostile document nests.
    innermost: HashMap<&'a str, u32>,
    /// The innermost default declaration, which nearly every name asks for.
    default: Option<u32>,
}

impl<'a> Namespaces<'a> {
    /// The namespace that `prefix` stands for here; `""` for the empty prefix
    /// without default namespace, `None` for a prefix that is not declared.
    #[must_use]
    pub fn resolve(&self, prefix: &str) -> Option<&str> {
        self.find(prefix).map(|id| self.uri(id))
    }

    /// Namespace and local name of a `QName` value, `None` when it is not one
    /// or its prefix is not declared. The default namespace applies.
    #[must_use]
    pub fn resolve_qname<'v>(&self, lexical: &'v str) -> Option<(&str, &'v str)> {
        let (prefix, local) = lexical.split_once(':').unwrap_or(("", lexical));
        let well_formed = super::is_ncname(local)
            && (super::is_ncname(prefix) || prefix.is_empty() && !lexical.starts_with(':'));
        if !well_formed {
            return None;
        }
        Some((self.resolve(prefix)?, local))
    }

    /// Every prefix in scope with its namespace, the hidden ones left out; the
    /// default namespace has the prefix `""`. `xml` is not listed.
    #[must_use]
    pub fn in_scope(&self) -> Vec<(&'a str, &str)> {
        let mut list: Vec<_> = self
            .innermost
            .values()
            .filter_map(|&i| self.bindings.get(i as usize))
            .map(|b| (b.prefix, b.uri.as_ref()))
            .collect();
        list.sort_unstable();
        list
    }

    #[inline(always)]
    pub(super) fn find(&self, prefix: &str) -> Option<BindingId> {
        if prefix.is_empty() {
            return Some(self.default.map_or(BindingId::NONE, BindingId));
        }
        self.find_named(prefix)
    }

    #[inline(never)]
    fn find_named(&self, prefix: &str) -> Option<BindingId> {
        let found = if self.bindings.len() <= LINEAR {
            self.bindings
                .iter()
                .rposition(|b| same(b.prefix, prefix))
                .map(|i| i as u32)
        } else {
            self.innermost.get(prefix).copied()
        };
        match found {
            Some(i) => Some(BindingId(i)),
            None if prefix == "xml" => Some(BindingId::XML),
            None => None,
        }
    }

    #[inline]
    pub(super) fn uri(&self, id: BindingId) -> &str {
        match id {
            BindingId::NONE => "",
            BindingId::XML => XML_NAMESPACE,
            BindingId(i) => self.bindings.get(i as usize).map_or("", |b| b.uri.as_ref()),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.bindings.len()
    }

    /// Whether `prefix` is declared at or after place `start`.
    pub(super) fn declared_since(&self, prefix: &str, start: usize) -> bool {
        self.innermost
            .get(prefix)
            .is_some_and(|&i| i as usize >= start)
    }

    /// The declarations from `start` on, in document order.
    pub(super) fn since(
        &self,
        start: usize,
    ) -> impl Iterator<Item = (&'a str, &str)> + use<'_, 'a> {
        self.bindings[start.min(self.bindings.len())..]
            .iter()
            .map(|b| (b.prefix, b.uri.as_ref()))
    }

    pub(super) fn declare(&mut self, prefix: &'a str, uri: Cow<'a, str>) {
        let place = self.bindings.len() as u32;
        let hidden = self.innermost.insert(prefix, place);
        if prefix.is_empty() {
            self.default = Some(place);
        }
        self.bindings.push(Binding {
            prefix,
            uri,
            hidden,
        });
    }

    /// Forgets the declarations from `len` on.
    #[inline]
    pub(super) fn truncate(&mut self, len: usize) {
        // Few elements declare anything.
        if self.bindings.len() > len {
            self.forget(len);
        }
    }

    #[cold]
    fn forget(&mut self, len: usize) {
        while self.bindings.len() > len {
            let Some(gone) = self.bindings.pop() else {
                return;
            };
            if gone.prefix.is_empty() {
                self.default = gone.hidden;
            }
            match gone.hidden {
                Some(i) => self.innermost.insert(gone.prefix, i),
                None => self.innermost.remove(gone.prefix),
            };
        }
    }
}
