//! The suite's own documents: which tests there are and what they expect.

use std::path::{Path, PathBuf};

use xsd_stream::xml::decode::decode;
use xsd_stream::xml::{Event, Limits, Reader, StartTag};

/// A test set.
pub(crate) struct Set {
    pub(crate) name: String,
    pub(crate) contributor: String,
    pub(crate) groups: Vec<Group>,
}

/// Tests around one schema.
#[derive(Default)]
pub(crate) struct Group {
    pub(crate) name: String,
    pub(crate) schema: Option<Test>,
    pub(crate) instances: Vec<Test>,
}

/// A schema or instance test; `expected` is none when it is not counted.
#[derive(Default)]
pub(crate) struct Test {
    pub(crate) name: String,
    pub(crate) documents: Vec<PathBuf>,
    pub(crate) expected: Option<bool>,
}

/// The test sets that `suite.xml` names and the folder holds; those beyond
/// XSD 1.0, and the one that needs the network, are left out.
pub(crate) fn read(directory: &Path) -> Result<Vec<Set>, String> {
    let mut sets = Vec::new();
    let suite = text(&directory.join("suite.xml"))?;
    let mut references = Vec::new();
    walk(&suite, |tag, _| {
        if tag.name.local == "testSetRef" {
            references.extend(href(tag));
        }
    })?;
    for reference in references {
        let path = directory.join(&reference);
        if reference.starts_with("common/") || !path.exists() {
            continue;
        }
        let set = read_set(&path)?;
        if set
            .groups
            .iter()
            .any(|g| g.schema.is_some() || !g.instances.is_empty())
        {
            sets.push(set);
        }
    }
    Ok(sets)
}

fn read_set(path: &Path) -> Result<Set, String> {
    let text = text(path)?;
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut set = Set {
        name: String::new(),
        contributor: String::new(),
        groups: Vec::new(),
    };
    // Version of the set, group and test that are open.
    let mut applies = [true; 3];
    let mut in_schema = false;
    let mut specific = false;
    walk(&text, |tag, _| {
        let attribute = |name: &str| tag.attribute("", name).map(|a| a.value.to_owned());
        let for_1_0 =
            attribute("version").is_none_or(|v| v.split_ascii_whitespace().any(|w| w == "1.0"));
        match tag.name.local {
            "testSet" => {
                set.name = attribute("name").unwrap_or_default();
                set.contributor = attribute("contributor").unwrap_or_default();
                applies[0] = for_1_0;
            }
            "testGroup" => {
                applies[1] = for_1_0;
                set.groups.push(Group {
                    name: attribute("name").unwrap_or_default(),
                    ..Group::default()
                });
            }
            kind @ ("schemaTest" | "instanceTest") => {
                applies[2] = for_1_0;
                (in_schema, specific) = (kind == "schemaTest", false);
                let test = Test {
                    name: attribute("name").unwrap_or_default(),
                    ..Test::default()
                };
                if let Some(group) = set.groups.last_mut() {
                    if in_schema {
                        group.schema = Some(test)
                    } else {
                        group.instances.push(test)
                    }
                }
            }
            "current" => {
                // Where the working group itself was in doubt nothing is counted.
                let doubted = attribute("status")
                    .is_some_and(|s| s == "queried" || s.starts_with("disputed"));
                let Some(group) = set.groups.last_mut().filter(|_| doubted) else {
                    return;
                };
                let test = if in_schema {
                    group.schema.as_mut()
                } else {
                    group.instances.last_mut()
                };
                if let Some(test) = test {
                    test.expected = None;
                }
            }
            "schemaDocument" | "instanceDocument" | "expected" => {
                let Some(group) = set.groups.last_mut() else {
                    return;
                };
                let test = if in_schema {
                    group.schema.as_mut()
                } else {
                    group.instances.last_mut()
                };
                let Some(test) = test else { return };
                if tag.name.local != "expected" {
                    test.documents.extend(href(tag).map(|h| folder.join(h)));
                    return;
                }
                let versioned = attribute("version").is_some();
                if for_1_0 && applies == [true; 3] && (versioned || !specific) {
                    specific = versioned;
                    test.expected = match attribute("validity").as_deref() {
                        Some("valid") => Some(true),
                        Some("invalid" | "notKnown") => Some(false),
                        _ => None,
                    };
                }
            }
            _ => {}
        }
    })?;
    Ok(set)
}

fn href(tag: &StartTag<'_, '_>) -> Option<String> {
    tag.attribute("http://www.w3.org/1999/xlink", "href")
        .map(|a| a.value.to_owned())
}

/// The decoded text of a file.
pub(crate) fn text(path: &Path) -> Result<String, String> {
    let bytes = std::fs::read(path).map_err(|e| format!("{}: {e}", path.display()))?;
    decode(&bytes, None)
        .map(|t| t.into_owned())
        .map_err(|e| format!("{}: {e}", path.display()))
}

/// Calls `visit` for each start tag.
pub(crate) fn walk(
    text: &str,
    mut visit: impl FnMut(&StartTag<'_, '_>, usize),
) -> Result<(), String> {
    let mut reader = Reader::new(text, Limits::unlimited());
    let mut depth = 0;
    loop {
        match reader.next().map_err(|e| e.to_string())? {
            Event::Start(tag) => {
                depth += 1;
                visit(&tag, depth);
            }
            Event::End(_) => depth -= 1,
            Event::Text(_) => {}
            Event::Eof => return Ok(()),
        }
    }
}
