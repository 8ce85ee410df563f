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

use Role::{
    Any, Global, InComplexContent, InGroup, InSimpleContent, InSimpleType, Local, Reference,
};

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
    ("enumeration", 'F'),
    ("pattern", 'F'),
];

/// The other facets, which share one shape.
const FACETS: &str = "length minLength maxLength totalDigits fractionDigits whiteSpace \
    minInclusive minExclusive maxInclusive maxExclusive";

/// Whether a word is one of those in a list.
fn is_among(word: &str, list: &str) -> bool {
    list.split_ascii_whitespace().any(|w| w == word)
}

fn letter(tag: &str) -> char {
    match LETTERS.iter().find(|l| l.0 == tag) {
        Some(&(_, letter)) => letter,
        None if is_among(tag, FACETS) => 'F',
        None => '?',
    }
}

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
const COMPLEX_TYPE: &str = "n?(x|y|(g|l|h|q)?(t|a)*w?)";
const CONTENT: &str = "n?(g|l|h|q)?(t|a)*w?";
const PARTICLES: &str = "n?(e|g|h|q|z)*";
const DECLARATION: &str = "n?(s|c)?(u|k|f)*";

const RULES: &[Rule] = &[
    (
        "schema",
        Any,
        "",
        "targetNamespace version finalDefault blockDefault attributeFormDefault elementFormDefault id",
        "(i|m|r|n)*((s|c|g|a|e|t|o)n*)*",
    ),
    ("annotation", Any, "", "id", ""),
    ("include", Any, "schemaLocation", "id", "n?"),
    ("import", Any, "", "id namespace schemaLocation", "n?"),
    ("redefine", Any, "schemaLocation", "id", "(n|s|c|g|a)*"),
    ("notation", Any, "name", "id public system", "n?"),
    (
        "element",
        Global,
        "name",
        "id type substitutionGroup default fixed nillable abstract final block",
        DECLARATION,
    ),
    (
        "element",
        Local,
        "name",
        "id type minOccurs maxOccurs default fixed nillable block form",
        DECLARATION,
    ),
    ("element", Reference, "ref", OCCURS, "n?"),
    ("attribute", Global, "name", "id type default fixed", "n?s?"),
    (
        "attribute",
        Local,
        "name",
        "id type use default fixed form",
        "n?s?",
    ),
    ("attribute", Reference, "ref", "id use default fixed", "n?"),
    (
        "complexType",
        Global,
        "name",
        "id abstract final block mixed",
        COMPLEX_TYPE,
    ),
    ("complexType", Local, "", "id mixed", COMPLEX_TYPE),
    ("simpleContent", Any, "", "id", "n?(R|E)"),
    ("complexContent", Any, "", "id mixed", "n?(R|E)"),
    ("restriction", InSimpleType, "", "id base", "n?s?F*"),
    (
        "restriction",
        InSimpleContent,
        "base",
        "id",
        "n?s?F*(t|a)*w?",
    ),
    ("restriction", InComplexContent, "base", "id", CONTENT),
    ("extension", InSimpleContent, "base", "id", "n?(t|a)*w?"),
    ("extension", InComplexContent, "base", "id", CONTENT),
    ("group", Global, "name", "id", "n?(l|h|q)"),
    ("group", Reference, "ref", OCCURS, "n?"),
    ("attributeGroup", Global, "name", "id", "n?(t|a)*w?"),
    ("attributeGroup", Reference, "ref", "id", "n?"),
    ("all", InGroup, "", "id", "n?e*"),
    ("choice", InGroup, "", "id", PARTICLES),
    ("sequence", InGroup, "", "id", PARTICLES),
    ("all", Local, "", OCCURS, "n?e*"),
    ("choice", Local, "", OCCURS, PARTICLES),
    ("sequence", Local, "", OCCURS, PARTICLES),
    (
        "any",
        Any,
        "",
        "id minOccurs maxOccurs namespace processContents",
        "n?",
    ),
    (
        "anyAttribute",
        Any,
        "",
        "id namespace processContents",
        "n?",
    ),
    ("simpleType", Global, "name", "id final", "n?(R|L|U)"),
    ("simpleType", Local, "", "id", "n?(R|L|U)"),
    ("list", Any, "", "id itemType", "n?s?"),
    ("union", Any, "", "id memberTypes", "n?s*"),
    ("unique", Any, "name", "id", "n?vd+"),
    ("key", Any, "name", "id", "n?vd+"),
    ("keyref", Any, "name refer", "id", "n?vd+"),
    ("selector", Any, "xpath", "id", "n?"),
    ("field", Any, "xpath", "id", "n?"),
    ("enumeration", Any, "value", "id", "n?"),
    ("pattern", Any, "value", "id", "n?"),
];

/// The shape of most facets.
const FACET: Rule = ("", Any, "value", "id fixed", "n?");

/// The rules, looked up and with their patterns compiled when first needed.
#[derive(Default)]
pub(super) struct Grammar {
    patterns: HashMap<&'static str, Option<Pattern>>,
}

impl Grammar {
    /// Checks every element of a document.
    pub(super) fn check(&mut self, document: &SchemaDocument, errors: &mut Vec<SchemaError>) {
        let mut error = |offset, message| errors.push(document.error(offset, "s4s", message));
        if let Some(offset) = document.stray {
            let message = "text or an annotation's content where it may not be";
            error(offset, message.to_owned());
        }
        let mut ids: HashSet<&str> = HashSet::new();
        for (place, node) in (0..).zip(&document.nodes) {
            if let Some(id) = document.attr(place, "id")
                && (!crate::xml::is_ncname(id.trim()) || !ids.insert(id.trim()))
            {
                let message = format!("the id '{id}' is no name or occurs twice");
                error(node.offset, message);
            }
            if let Err(message) = self.check_node(document, place) {
                error(node.offset, message);
            }
        }
    }

    fn check_node(&mut self, document: &SchemaDocument, node: u32) -> Result<(), String> {
        let tag = document.tag(node);
        let role = role(document, node);
        let fits = |r: &&Rule| r.0 == tag && (r.1 == role || r.1 == Any);
        let (.., required, optional, children) = match RULES.iter().find(fits) {
            Some(rule) => *rule,
            None if letter(tag) == 'F' => FACET,
            None => return Err(format!("'{tag}' is not known here")),
        };
        let given = |name| document.attr(node, name).is_some();
        if tag == "notation" && !given("public") && !given("system") {
            return Err("a notation needs 'public' or 'system'".to_owned());
        }
        for name in required.split_ascii_whitespace() {
            if !given(name) {
                return Err(format!("{tag} needs the attribute '{name}'"));
            }
        }
        for (name, value) in &document.nodes[node as usize].attributes {
            check_value(tag, name, value.trim())?;
            if !is_among(name, required) && !is_among(name, optional) {
                return Err(format!("{tag} has no attribute '{name}' here"));
            }
        }
        let found = document.children(node).iter();
        let found: Vec<&str> = found.map(|&c| document.tag(c)).collect();
        let letters: String = found.iter().map(|tag| letter(tag)).collect();
        let pattern = self.patterns.entry(children);
        let pattern = pattern.or_insert_with(|| Pattern::new(children).ok());
        if pattern.as_ref().is_none_or(|p| !p.matches(&letters)) {
            return Err(format!("{tag} can't contain: {}", found.join(", ")));
        }
        Ok(())
    }
}

fn role(document: &SchemaDocument, node: u32) -> Role {
    let parent = document.nodes[node as usize].parent;
    if parent == u32::MAX {
        return Any;
    }
    match (document.tag(node), document.tag(parent)) {
        (_, "schema" | "redefine") => Global,
        ("restriction", "simpleType") => InSimpleType,
        ("restriction" | "extension", "simpleContent") => InSimpleContent,
        ("restriction" | "extension", "complexContent") => InComplexContent,
        ("all" | "choice" | "sequence", "group") => InGroup,
        ("group" | "attributeGroup", _) => Reference,
        ("element" | "attribute", _) if document.attr(node, "ref").is_some() => Reference,
        _ => Local,
    }
}

/// Attribute values that are of few kinds; which ones may depend on the element.
fn check_value(tag: &str, name: &str, value: &str) -> Result<(), String> {
    let is_flag = matches!(name, "mixed" | "abstract" | "nillable");
    let words = match (name, tag) {
        ("block", "element") | ("blockDefault", _) => "extension restriction substitution",
        ("block" | "final", "complexType") | ("final", "element") => "extension restriction",
        ("final", "simpleType") => "list union restriction",
        ("finalDefault", _) => "extension restriction list union",
        ("elementFormDefault" | "attributeFormDefault" | "form", _) => {
            return match value {
                "qualified" | "unqualified" => Ok(()),
                _ => Err(format!("'{value}' is no form")),
            };
        }
        _ if is_flag || name == "fixed" && is_among(tag, FACETS) => {
            return match value {
                "true" | "false" | "1" | "0" => Ok(()),
                _ => Err(format!("'{name}' is not a boolean")),
            };
        }
        ("targetNamespace" | "namespace", "schema" | "import") if value.is_empty() => {
            return Err(format!("'{name}' can't be empty"));
        }
        ("targetNamespace" | "schemaLocation" | "namespace" | "system", _) => {
            let wrong = |uri: &&str| !uri.starts_with("##") && !is_uri(uri);
            let found = match tag {
                // A wildcard's is a list.
                "any" | "anyAttribute" => value.split_ascii_whitespace().find(wrong),
                _ => Some(value).filter(wrong),
            };
            let message = |uri| format!("'{uri}' in '{name}' is not a URI reference");
            return found.map_or(Ok(()), |uri| Err(message(uri)));
        }
        _ => return Ok(()),
    };
    let mut given = value.split_ascii_whitespace();
    if value == "#all" || given.all(|word| is_among(word, words)) {
        Ok(())
    } else {
        Err(format!("'{value}' can't stand in '{name}'"))
    }
}
