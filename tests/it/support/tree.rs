//! Answers as a tree of elements by local name: just enough to ask what stands in one.

use dtr::xml::{Event, Limits, Reader};

/// An element.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Element {
    /// Local name.
    pub name: String,
    /// Namespace.
    pub namespace: String,
    /// Attributes by local name.
    pub attributes: Vec<(String, String)>,
    /// Its own text.
    pub text: String,
    /// What stands in it.
    pub children: Vec<Element>,
}

impl Element {
    /// Reads a whole document.
    pub(crate) fn parse(text: &str) -> Self {
        let mut reader = Reader::new(text, Limits::unlimited());
        let mut open = vec![Self::default()];
        loop {
            match reader.next().unwrap_or_else(|e| panic!("{e}: {text}")) {
                Event::Start(tag) => open.push(Self {
                    name: tag.name.local.to_owned(),
                    namespace: tag.name.namespace.to_owned(),
                    attributes: tag
                        .attributes()
                        .map(|a| (a.name.local.to_owned(), a.value.to_owned()))
                        .collect(),
                    ..Self::default()
                }),
                Event::Text(part) => open.last_mut().unwrap().text.push_str(&part.value),
                Event::End(_) => {
                    let done = open.pop().unwrap();
                    open.last_mut().unwrap().children.push(done);
                }
                Event::Eof => return open.pop().unwrap().children.pop().unwrap(),
            }
        }
    }

    /// All elements of this name at any depth, in document order.
    pub(crate) fn all(&self, name: &str) -> Vec<&Self> {
        let mut found = Vec::new();
        self.collect(name, &mut found);
        found
    }

    fn collect<'a>(&'a self, name: &str, found: &mut Vec<&'a Self>) {
        for child in &self.children {
            if child.name == name {
                found.push(child);
            }
            child.collect(name, found);
        }
    }

    /// The first element of this name at any depth.
    pub(crate) fn first(&self, name: &str) -> Option<&Self> {
        self.all(name).into_iter().next()
    }

    /// The text of the first element of this name; empty when there is none.
    pub(crate) fn text_of(&self, name: &str) -> &str {
        self.first(name).map_or("", |found| &found.text)
    }

    /// The texts of all elements of this name.
    pub(crate) fn texts(&self, name: &str) -> Vec<&str> {
        self.all(name)
            .into_iter()
            .map(|e| e.text.as_str())
            .collect()
    }

    /// An attribute.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The child of this name.
    pub(crate) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }
}
