//! Which documents make up a schema: include and import, followed from the
//! given documents through the resolver, each document once per namespace.

use std::collections::HashSet;

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

/// Reads the documents at `locations` and all they include and import.
pub(super) fn load(
    resolver: &dyn Resolver,
    locations: &[&str],
) -> Result<Vec<SchemaDocument>, Vec<SchemaError>> {
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
    let mut seen: HashSet<(String, String)> = HashSet::new();
    while let Some(Request { document, from }) = queue.pop_front() {
        if let Some((.., target)) = &from
            && seen.contains(&(document.location.clone(), target.clone()))
        {
            continue;
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
        if seen.insert((read.location.clone(), read.target.clone())) {
            follow(&read, documents.len(), resolver, &mut queue, &mut errors);
            documents.push(read);
        }
    }
    if errors.is_empty() {
        Ok(documents)
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
    let constraint = if include {
        "src-include.2.1"
    } else {
        "src-import.3.1"
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
    errors: &mut Vec<SchemaError>,
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
        match resolver.resolve(location.trim(), &read.location) {
            Some(document) => queue.push_back(Request {
                document,
                from: Some((place, node, target)),
            }),
            // An import's location is only a hint: what is missing is missed
            // when it is referred to.
            None if tag == "import" => {}
            None => {
                let offset = read.nodes[node as usize].offset;
                let message = format!("the document '{location}' can't be read");
                errors.push(read.error(offset, "src-include.1", message));
            }
        }
    }
}
