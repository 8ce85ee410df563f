//! The shape of schema documents: which element may have which attributes and
//! which children in which order, as the schema for schemas says.
//!
//! Each child is a letter; what may stand in an element is a pattern over
//! these letters, so that the engine's own patterns do the work.

use std::collections::{HashMap, HashSet};

use crate::xsd::datatype::is_uri;
use crate::xsd::document::SchemaDocument;
use crate::xsd::error::SchemaError;
use crate::xsd::regex::Pattern;

/// Letters of the elements in the patterns below.
const LETTERS: &[(&str, char)] = &[
    ("annotation", 'n'),
    ("include", 'i'),
    ("import", 'm'),
    ("redefine", 'r'),
    ("simpleType", 's'),
    ("complexType", 'c'),
    ("group", 'g'),
    ("attributeGroup", 'a'),
    ("element", 'e'),
    ("attribute", 't'),
    ("notation", 'o'),
    ("simpleContent", 'x'),
    ("complexContent", 'y'),
    ("all", 'l'),
    ("choice", 'h'),
    ("sequence", 'q'),
    ("any", 'z'),
    ("anyAttribute", 'w'),
    ("restriction", 'R'),
    ("extension", 'E'),
    ("list", 'L'),
    ("union", 'U'),
    ("unique", 'u'),
    ("key", 'k'),
    ("keyref", 'f'),
    ("selector", 'v'),
    ("field", 'd'),
    ("minExclusive", 'F'),
    ("minInclusive", 'F'),
    ("maxExclusive", 'F'),
    ("maxInclusive", 'F'),
    ("totalDigits", 'F'),
    ("fractionDigits", 'F'),
    ("length", 'F'),
    ("minLength", 'F'),
    ("maxLength", 'F'),
    ("enumeration", 'F'),
    ("whiteSpace", 'F'),
    ("pattern", 'F'),
];

/// Element, its parent's role, required attributes, other attributes, children.
type Rule = (&'static str, Role, &'static str, &'static str, &'static str);

/// Where an element stands, as far as its own shape depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Role {
    Any,
    /// A child of schema or redefine.
    Global,
    Local,
    /// A local declaration that refers to a global one.
    Reference,
    InSimpleType,
    InSimpleContent,
    InComplexContent,
    /// A compositor that is the whole of a named group.
    InGroup,
}

const OCCURS: &str = "id minOccurs maxOccurs";

const RULES: &[Rule] = &[
    (
        "schema",
        Role::Any,
        "",
        "targetNamespace version finalDefault blockDefault attributeFormDefault elementFormDefault id",
        "(i|m|r|n)*((s|c|g|a|e|t|o)n*)*",
    ),
    ("annotation", Role::Any, "", "id", ""),
    ("include", Role::Any, "schemaLocation", "id", "n?"),
    ("import", Role::Any, "", "id namespace schemaLocation", "n?"),
    (
        "redefine",
        Role::Any,
        "schemaLocation",
        "id",
        "(n|s|c|g|a)*",
    ),
    ("notation", Role::Any, "name", "id public system", "n?"),
    (
        "element",
        Role::Global,
        "name",
        "id type substitutionGroup default fixed nillable abstract final block",
        "n?(s|c)?(u|k|f)*",
    ),
    (
        "element",
        Role::Local,
        "name",
        "id type minOccurs maxOccurs default fixed nillable block form",
        "n?(s|c)?(u|k|f)*",
    ),
    ("element", Role::Reference, "ref", OCCURS, "n?"),
    (
        "attribute",
        Role::Global,
        "name",
        "id type default fixed",
        "n?s?",
    ),
    (
        "attribute",
        Role::Local,
        "name",
        "id type use default fixed form",
        "n?s?",
    ),
    (
        "attribute",
        Role::Reference,
        "ref",
        "id use default fixed",
        "n?",
    ),
    (
        "complexType",
        Role::Global,
        "name",
        "id abstract final block mixed",
        "n?(x|y|(g|l|h|q)?(t|a)*w?)",
    ),
    (
        "complexType",
        Role::Local,
        "",
        "id mixed",
        "n?(x|y|(g|l|h|q)?(t|a)*w?)",
    ),
    ("simpleContent", Role::Any, "", "id", "n?(R|E)"),
    ("complexContent", Role::Any, "", "id mixed", "n?(R|E)"),
    ("restriction", Role::InSimpleType, "", "id base", "n?s?F*"),
    (
        "restriction",
        Role::InSimpleContent,
        "base",
        "id",
        "n?s?F*(t|a)*w?",
    ),
    (
        "restriction",
        Role::InComplexContent,
        "base",
        "id",
        "n?(g|l|h|q)?(t|a)*w?",
    ),
    (
        "extension",
        Role::InSimpleContent,
        "base",
        "id",
        "n?(t|a)*w?",
    ),
    (
        "extension",
        Role::InComplexContent,
        "base",
        "id",
        "n?(g|l|h|q)?(t|a)*w?",
    ),
    ("group", Role::Global, "name", "id", "n?(l|h|q)"),
    ("group", Role::Reference, "ref", OCCURS, "n?"),
    ("attributeGroup", Role::Global, "name", "id", "n?(t|a)*w?"),
    ("attributeGroup", Role::Reference, "ref", "id", "n?"),
    ("all", Role::InGroup, "", "id", "n?e*"),
    ("choice", Role::InGroup, "", "id", "n?(e|g|h|q|z)*"),
    ("sequence", Role::InGroup, "", "id", "n?(e|g|h|q|z)*"),
    ("all", Role::Local, "", OCCURS, "n?e*"),
    ("choice", Role::Local, "", OCCURS, "n?(e|g|h|q|z)*"),
    ("sequence", Role::Local, "", OCCURS, "n?(e|g|h|q|z)*"),
    (
        "any",
        Role::Any,
        "",
        "id minOccurs maxOccurs namespace processContents",
        "n?",
    ),
    (
        "anyAttribute",
        Role::Any,
        "",
        "id namespace processContents",
        "n?",
    ),
    ("simpleType", Role::Global, "name", "id final", "n?(R|L|U)"),
    ("simpleType", Role::Local, "", "id", "n?(R|L|U)"),
    ("list", Role::Any, "", "id itemType", "n?s?"),
    ("union", Role::Any, "", "id memberTypes", "n?s*"),
    ("unique", Role::Any, "name", "id", "n?vd+"),
    ("key", Role::Any, "name", "id", "n?vd+"),
    ("keyref", Role::Any, "name refer", "id", "n?vd+"),
    ("selector", Role::Any, "xpath", "id", "n?"),
    ("field", Role::Any, "xpath", "id", "n?"),
    ("enumeration", Role::Any, "value", "id", "n?"),
    ("pattern", Role::Any, "value", "id", "n?"),
];

/// The other facets share one shape.
const FACET: Rule = ("", Role::Any, "value", "id fixed", "n?");

/// The rules, looked up and with their patterns compiled when first needed.
#[derive(Default)]
pub(super) struct Grammar {
    patterns: HashMap<&'static str, Option<Pattern>>,
}

impl Grammar {
    /// Checks every element of a document.
    pub(super) fn check(&mut self, document: &SchemaDocument, errors: &mut Vec<SchemaError>) {
        if let Some(offset) = document.stray {
            errors.push(document.error(
                offset,
                "s4s",
                "text or an annotation's content where it may not be".to_owned(),
            ));
        }
        let mut ids: HashSet<&str> = HashSet::new();
        for node in 0..document.nodes.len() as u32 {
            if let Some(id) = document.attr(node, "id")
                && (!crate::xml::is_ncname(id.trim()) || !ids.insert(id.trim()))
            {
                let offset = document.nodes[node as usize].offset;
                errors.push(document.error(
                    offset,
                    "s4s",
                    format!("the id '{id}' is no name or occurs twice"),
                ));
            }
            if let Err(message) = self.check_node(document, node) {
                let offset = document.nodes[node as usize].offset;
                errors.push(document.error(offset, "s4s", message));
            }
        }
    }

    fn check_node(&mut self, document: &SchemaDocument, node: u32) -> Result<(), String> {
        let tag = document.tag(node);
        let role = role(document, node);
        let letter = LETTERS.iter().find(|l| l.0 == tag).map_or('?', |l| l.1);
        let rule = match RULES
            .iter()
            .find(|r| r.0 == tag && (r.1 == role || r.1 == Role::Any))
        {
            Some(rule) => rule,
            None if letter == 'F' => &FACET,
            None => return Err(format!("'{tag}' is not known here")),
        };
        let (.., required, optional, children) = *rule;
        let given = |name| document.attr(node, name).is_some();
        if tag == "notation" && !given("public") && !given("system") {
            return Err("a notation needs 'public' or 'system'".to_owned());
        }
        for name in required.split_ascii_whitespace() {
            if document.attr(node, name).is_none() {
                return Err(format!("{tag} needs the attribute '{name}'"));
            }
        }
        for (name, _) in &document.nodes[node as usize].attributes {
            let known = |list: &str| list.split_ascii_whitespace().any(|n| n == name.as_ref());
            check_value(
                tag,
                role,
                name,
                document.attr(node, name).unwrap_or_default().trim(),
            )?;
            if !known(required) && !known(optional) {
                return Err(format!("{tag} has no attribute '{name}' here"));
            }
        }
        let letters: String = document
            .children(node)
            .iter()
            .map(|&c| {
                LETTERS
                    .iter()
                    .find(|l| l.0 == document.tag(c))
                    .map_or('?', |l| l.1)
            })
            .collect();
        let pattern = self
            .patterns
            .entry(children)
            .or_insert_with(|| Pattern::new(children).ok());
        if pattern.as_ref().is_none_or(|p| !p.matches(&letters)) {
            let found: Vec<&str> = document
                .children(node)
                .iter()
                .map(|&c| document.tag(c))
                .collect();
            return Err(format!("{tag} can't contain: {}", found.join(", ")));
        }
        Ok(())
    }
}

fn role(document: &SchemaDocument, node: u32) -> Role {
    let parent = document.nodes[node as usize].parent;
    if parent == u32::MAX {
        return Role::Any;
    }
    match (document.tag(node), document.tag(parent)) {
        (_, "schema" | "redefine") => Role::Global,
        ("restriction", "simpleType") => Role::InSimpleType,
        ("restriction" | "extension", "simpleContent") => Role::InSimpleContent,
        ("restriction" | "extension", "complexContent") => Role::InComplexContent,
        ("all" | "choice" | "sequence", "group") => Role::InGroup,
        ("group" | "attributeGroup", _) => Role::Reference,
        ("element" | "attribute", _) if document.attr(node, "ref").is_some() => Role::Reference,
        _ => Role::Local,
    }
}

/// Attribute values that are lists of words; which words depends on the element.
fn check_value(tag: &str, role: Role, name: &str, value: &str) -> Result<(), String> {
    let words = match (name, tag, role) {
        ("block", "element", _) | ("blockDefault", ..) => "extension restriction substitution",
        ("block" | "final", "complexType", _) | ("final", "element", _) => "extension restriction",
        ("final", "simpleType", _) => "list union restriction",
        ("finalDefault", ..) => "extension restriction list union",
        ("elementFormDefault" | "attributeFormDefault" | "form", ..) => {
            return match value {
                "qualified" | "unqualified" => Ok(()),
                _ => Err(format!("'{value}' is no form")),
            };
        }
        ("mixed" | "abstract" | "nillable", ..) => {
            return match value {
                "true" | "false" | "1" | "0" => Ok(()),
                _ => Err(format!("'{name}' is not a boolean")),
            };
        }
        ("fixed", ..)
            if tag.starts_with("min")
                || tag.starts_with("max")
                || tag.ends_with("Digits")
                || tag == "length"
                || tag == "whiteSpace" =>
        {
            return match value {
                "true" | "false" | "1" | "0" => Ok(()),
                _ => Err(format!("'{name}' is not a boolean")),
            };
        }
        ("targetNamespace" | "namespace", "schema" | "import", _) if value.is_empty() => {
            return Err(format!("'{name}' can't be empty"));
        }
        ("targetNamespace" | "schemaLocation" | "namespace" | "system", ..) => {
            let wrong = |uri: &&str| !uri.starts_with("##") && !is_uri(uri);
            // A wildcard's is a list.
            let mut parts: Vec<&str> = vec![value];
            if matches!(tag, "any" | "anyAttribute") {
                parts = value.split_ascii_whitespace().collect();
            }
            return match parts.into_iter().find(wrong) {
                None => Ok(()),
                Some(uri) => Err(format!("'{uri}' in '{name}' is not a URI reference")),
            };
        }
        _ => return Ok(()),
    };
    let allowed = |word: &str| words.split_ascii_whitespace().any(|w| w == word);
    if value == "#all" || value.split_ascii_whitespace().all(allowed) {
        Ok(())
    } else {
        Err(format!("'{value}' can't stand in '{name}'"))
    }
}
