//! Running one group of tests.

use std::collections::HashSet;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use xsd_stream::xml::Limits;
use xsd_stream::xsd::{FolderResolver, Schema, validate};

use crate::suite::{Group, text, walk};

const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// What the engine says.
pub(crate) enum Verdict {
    Valid,
    Invalid(String),
    NotWellFormed(String),
    /// Not tried, because the schema was refused.
    NotRun,
    Panicked,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Valid => write!(f, "found valid"),
            Self::Invalid(message) => write!(f, "found invalid: {message}"),
            Self::NotWellFormed(message) => write!(f, "not well-formed: {message}"),
            Self::NotRun => write!(f, "not run"),
            Self::Panicked => write!(f, "panicked"),
        }
    }
}

/// The verdicts on a group.
pub(crate) struct Outcome {
    pub(crate) schema: Verdict,
    pub(crate) instances: Vec<Verdict>,
}

/// Runs the tests of a group. Without a schema test the schemas are those
/// that the instances point to.
pub(crate) fn group(group: &Group) -> Outcome {
    let instances: Vec<PathBuf> = group
        .instances
        .iter()
        .filter_map(|t| t.documents.first().cloned())
        .collect();
    let schemas = match &group.schema {
        Some(test) => test.documents.clone(),
        None => instances.iter().flat_map(|i| hints(i)).collect(),
    };
    documents(&schemas, &instances)
}

/// Compiles the schemas and validates the instances.
pub(crate) fn documents(schemas: &[PathBuf], instances: &[PathBuf]) -> Outcome {
    let compiled = catch_unwind(AssertUnwindSafe(|| compile(schemas)));
    let schema = match compiled {
        Err(_) => return refused(Verdict::Panicked, instances),
        Ok(Err(message)) => return refused(Verdict::Invalid(message), instances),
        Ok(Ok(schema)) => schema,
    };
    let instances = instances
        .iter()
        .map(|path| {
            let run = || match hinted(schemas, path) {
                Some(schema) => instance(&schema, path),
                None => instance(&schema, path),
            };
            catch_unwind(AssertUnwindSafe(run)).unwrap_or(Verdict::Panicked)
        })
        .collect();
    Outcome {
        schema: Verdict::Valid,
        instances,
    }
}

/// The schema with the documents that the instance points to beside those
/// given, if there are such and they fit together. The engine never follows
/// these hints; some tests of the suite cannot be run without.
fn hinted(schemas: &[PathBuf], instance: &Path) -> Option<Schema> {
    let known: Vec<PathBuf> = schemas
        .iter()
        .filter_map(|p| p.canonicalize().ok())
        .collect();
    let mut all = schemas.to_vec();
    for hint in hints(instance) {
        let hint = hint.canonicalize().ok()?;
        if !known.contains(&hint) {
            all.push(hint);
        }
    }
    if all.len() == schemas.len() {
        None
    } else {
        compile(&all).ok()
    }
}

fn refused(schema: Verdict, instances: &[PathBuf]) -> Outcome {
    Outcome {
        schema,
        instances: instances.iter().map(|_| Verdict::NotRun).collect(),
    }
}

fn compile(schemas: &[PathBuf]) -> Result<Schema, String> {
    let locations: Vec<String> = schemas
        .iter()
        .map(|p| p.to_string_lossy().into_owned())
        .collect();
    let locations: Vec<&str> = locations.iter().map(String::as_str).collect();
    Schema::compile(&FolderResolver(PathBuf::new()), &locations)
        .map_err(|errors| errors.first().map(ToString::to_string).unwrap_or_default())
}

fn instance(schema: &Schema, path: &Path) -> Verdict {
    let text = match text(path) {
        Ok(text) => text,
        Err(message) => return Verdict::NotWellFormed(message),
    };
    if let Some(namespace) = late_hint(&text) {
        let message = format!("a schema location for '{namespace}' after its first use");
        return Verdict::Invalid(message);
    }
    match validate(schema, &text, Limits::unlimited()) {
        Err(error) => Verdict::NotWellFormed(error.to_string()),
        Ok(report) => match report.errors.first() {
            None => Verdict::Valid,
            Some(error) => Verdict::Invalid(error.to_string()),
        },
    }
}

/// The namespace of the first hint that stands after something in that
/// namespace and says something new. Structures 4.3.2 calls that an error of
/// the document, for whichever processor follows hints; so it is one here and
/// not in the engine.
fn late_hint(text: &str) -> Option<String> {
    let (mut used, mut known) = (HashSet::new(), HashSet::new());
    let mut late = None;
    // A document that is not well-formed is judged by the engine.
    let _ = walk(text, |tag, _| {
        for attribute in tag.attributes().filter(|a| a.name.namespace == XSI) {
            let mut words = attribute.value.split_ascii_whitespace();
            let hints: Vec<(String, String)> = match attribute.name.local {
                "schemaLocation" => {
                    let pairs = std::iter::from_fn(|| Some((words.next()?, words.next()?)));
                    pairs.map(|(n, l)| (n.to_owned(), l.to_owned())).collect()
                }
                "noNamespaceSchemaLocation" => vec![(String::new(), words.collect())],
                _ => continue,
            };
            for hint in hints {
                if used.contains(&hint.0) && !known.contains(&hint) {
                    late.get_or_insert_with(|| hint.0.clone());
                }
                known.insert(hint);
            }
        }
        used.insert(tag.name.namespace.to_owned());
        let qualified = tag.attributes().filter(|a| !a.name.namespace.is_empty());
        used.extend(qualified.map(|a| a.name.namespace.to_owned()));
    });
    late
}

/// The schema documents that an instance's root points to.
fn hints(instance: &Path) -> Vec<PathBuf> {
    let folder = instance.parent().unwrap_or(Path::new("."));
    let mut found = Vec::new();
    let Ok(text) = text(instance) else {
        return found;
    };
    // A document that is not well-formed has no hints worth following.
    let _ = walk(&text, |tag, depth| {
        if depth > 1 {
            return;
        }
        if let Some(a) = tag.attribute(XSI, "noNamespaceSchemaLocation") {
            found.push(folder.join(a.value.trim()));
        }
        if let Some(a) = tag.attribute(XSI, "schemaLocation") {
            found.extend(
                a.value
                    .split_ascii_whitespace()
                    .skip(1)
                    .step_by(2)
                    .map(|l| folder.join(l)),
            );
        }
    });
    found
}
