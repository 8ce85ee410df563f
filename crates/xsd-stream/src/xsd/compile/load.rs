//! Which documents make up a schema: include and import, followed from the
//! given documents through the resolver, each document once per namespace.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::xsd::document::SchemaDocument;
use crate::xsd::error::SchemaError;
use crate::xsd::resolver::{Document, Resolver};

/// What is to be read next, and from where it was asked for.
struct Request {
    document: Document,
    /// Document and node of the include or import, and the namespace that the
    /// document must have or takes over.
    from: Option<(usize, u32, String)>,
}

/// The documents of a schema.
pub(super) struct Loaded {
    pub(super) documents: Vec<SchemaDocument>,
    /// The document that an include, redefine or import, given by document and
    /// node, leads to.
    pub(super) links: HashMap<(u32, u32), u32>,
}

/// Reads the documents at `locations` and all they include and import.
pub(super) fn load(
    resolver: &dyn Resolver,
    locations: &[&str],
) -> Result<Loaded, Vec<SchemaError>> {
    let mut errors = Vec::new();
    let mut queue = std::collections::VecDeque::new();
    for location in locations {
        match resolver.resolve(location, "") {
            Some(document) => queue.push_back(Request {
                document,
                from: None,
            }),
            None => errors.push(SchemaError {
                document: (*location).to_owned(),
                line: 1,
                column: 1,
                constraint: "schema_reference.1",
                message: "the schema document can't be read".to_owned(),
            }),
        }
    }
    let mut documents: Vec<SchemaDocument> = Vec::new();
    let mut seen: HashMap<(String, String), u32> = HashMap::new();
    let mut links: Vec<((u32, u32), (String, String))> = Vec::new();
    while let Some(Request { document, from }) = queue.pop_front() {
        if let Some((place, node, target)) = &from {
            let key = (document.location.clone(), target.clone());
            links.push(((*place as u32, *node), key.clone()));
            if seen.contains_key(&key) {
                continue;
            }
        }
        let mut read = match SchemaDocument::read(document) {
            Ok(read) => read,
            Err(error) => {
                errors.push(error);
                continue;
            }
        };
        if let Some(error) = adopt(&mut read, &documents, from) {
            errors.push(error);
            continue;
        }
        let key = (read.location.clone(), read.target.clone());
        if let Entry::Vacant(place) = seen.entry(key) {
            place.insert(documents.len() as u32);
            follow(&read, documents.len(), resolver, &mut queue);
            documents.push(read);
        }
    }
    let links = links
        .into_iter()
        .filter_map(|(from, key)| Some((from, *seen.get(&key)?)))
        .collect();
    if errors.is_empty() {
        Ok(Loaded { documents, links })
    } else {
        Err(errors)
    }
}

/// Checks the namespace of an included or imported document; one without
/// takes over the including document's.
fn adopt(
    read: &mut SchemaDocument,
    documents: &[SchemaDocument],
    from: Option<(usize, u32, String)>,
) -> Option<SchemaError> {
    let (document, node, target) = from?;
    let from = &documents[document];
    if read.target == target {
        return None;
    }
    let include = from.tag(node) != "import";
    if include && read.attr(0, "targetNamespace").is_none() {
        read.target = target;
        read.chameleon = true;
        return None;
    }
    let constraint = match include {
        true => "src-include.2.1",
        false => "src-import.3.1",
    };
    let message = format!(
        "the target namespace of {} is '{}', not '{target}'",
        read.location, read.target
    );
    Some(from.error(from.nodes[node as usize].offset, constraint, message))
}

/// Asks for everything that `read` includes or imports.
fn follow(
    read: &SchemaDocument,
    place: usize,
    resolver: &dyn Resolver,
    queue: &mut std::collections::VecDeque<Request>,
) {
    for &node in read.children(0) {
        let tag = read.tag(node);
        if !matches!(tag, "include" | "import" | "redefine") {
            continue;
        }
        let Some(location) = read.attr(node, "schemaLocation") else {
            continue;
        };
        let target = match tag {
            "import" => read.attr(node, "namespace").unwrap_or_default().to_owned(),
            _ => read.target.clone(),
        };
        // A location that leads nowhere is no error by itself: what is missing
        // is missed when it is referred to, or redefined.
        if let Some(document) = resolver.resolve(location.trim(), &read.location) {
            queue.push_back(Request {
                document,
                from: Some((place, node, target)),
            });
        }
    }
}
