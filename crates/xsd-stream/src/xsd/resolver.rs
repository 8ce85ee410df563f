//! Where schema documents come from. Nothing here reaches the network, and
//! nothing is ever fetched because an instance asks for it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A schema document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Its location in a form that tells two documents apart.
    pub location: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Finds schema documents.
pub trait Resolver {
    /// The document at `location` as written in the document at `base` (`""`
    /// for the first ones); `None` when there is none.
    fn resolve(&self, location: &str, base: &str) -> Option<Document>;
}

impl<F: Fn(&str, &str) -> Option<Document>> Resolver for F {
    fn resolve(&self, location: &str, base: &str) -> Option<Document> {
        self(location, base)
    }
}

/// `location` relative to the folder of `base`, `.` and `..` taken out.
fn join(location: &str, base: &str) -> String {
    let folder = base.rsplit_once('/').map_or("", |(folder, _)| folder);
    let absolute = location.starts_with('/');
    let full = if absolute {
        location.to_owned()
    } else {
        format!("{folder}/{location}")
    };
    let mut parts: Vec<&str> = Vec::new();
    for part in full.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|p| *p != "..") => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    let rooted = if full.starts_with('/') && (absolute || base.starts_with('/')) {
        "/"
    } else {
        ""
    };
    format!("{rooted}{}", parts.join("/"))
}

/// Documents in memory, by location.
#[derive(Debug, Clone, Default)]
pub struct MemoryResolver(pub BTreeMap<String, Vec<u8>>);

impl Resolver for MemoryResolver {
    fn resolve(&self, location: &str, base: &str) -> Option<Document> {
        let location = join(location, base);
        let bytes = self.0.get(&location)?.clone();
        Some(Document { location, bytes })
    }
}

/// Documents in a folder; locations are relative to it or absolute.
#[derive(Debug, Clone)]
pub struct FolderResolver(pub PathBuf);

impl Resolver for FolderResolver {
    fn resolve(&self, location: &str, base: &str) -> Option<Document> {
        if location.contains("://") {
            return None;
        }
        let location = join(location, base);
        let bytes = std::fs::read(self.0.join(Path::new(&location))).ok()?;
        Some(Document { location, bytes })
    }
}

#[cfg(test)]
mod tests {
    use super::join;

    #[test]
    fn joining() {
        for (location, base, want) in [
            ("a.xsd", "", "a.xsd"),
            ("a.xsd", "b.xsd", "a.xsd"),
            ("a.xsd", "x/b.xsd", "x/a.xsd"),
            ("../a.xsd", "x/y/b.xsd", "x/a.xsd"),
            ("./a.xsd", "/x/b.xsd", "/x/a.xsd"),
            ("/a.xsd", "x/b.xsd", "/a.xsd"),
            ("../a.xsd", "../x/b.xsd", "../a.xsd"),
        ] {
            assert_eq!(join(location, base), want);
        }
    }
}
