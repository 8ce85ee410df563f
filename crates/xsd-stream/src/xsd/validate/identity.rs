//! Keys, references and uniqueness while the document goes by.
//!
//! A scope opens with an element that declares a constraint. An element that
//! its selector picks becomes a target; an element that a field of a target
//! picks is captured until its value is known. All three are stacks, and each
//! event looks only at what is open.

use super::Validator;
use super::keys::Keys;
use super::path::At;
use super::targets::{Field, Picked, Targets};
use crate::xml::StartTag;
use crate::xsd::datatype::Value;
use crate::xsd::error::{ErrorKind, excerpt};
use crate::xsd::identity::{IdentityKind, Matcher};
use crate::xsd::names::NameId;
use crate::xsd::tables::{Process, TypeId};

#[derive(Debug)]
struct Scope {
    constraint: u32,
    depth: usize,
    selector: Matcher,
    /// Of a key or unique: the values seen.
    table: Keys,
    /// Of a keyref: what it refers to, to be looked up at the end.
    references: Vec<Reference>,
    /// Of a keyref: the keys that the tables below gave, and by number whether
    /// one came from several, which makes it ambiguous.
    keys: Keys,
    ambiguous: Vec<bool>,
}

#[derive(Debug)]
struct Reference {
    key: Box<str>,
    shown: String,
    offset: usize,
    path: String,
}

#[derive(Debug)]
struct Capture {
    target: usize,
    field: usize,
    depth: usize,
}

#[derive(Debug, Default)]
pub(super) struct Identity {
    scopes: Vec<Scope>,
    targets: Targets,
    captures: Vec<Capture>,
    /// Fields that the element entered last is, by target: room for one event.
    hits: Vec<(usize, usize)>,
    /// Open elements below the last one that a path may name.
    beyond: usize,
}

impl Identity {
    /// Tells every matcher of the elements that were only counted.
    fn catch_up(&mut self) {
        let levels = std::mem::take(&mut self.beyond);
        for scope in &mut self.scopes {
            scope.selector.skip(levels);
        }
        for matcher in self
            .targets
            .open_mut()
            .iter_mut()
            .flat_map(|t| &mut t.matchers)
        {
            matcher.skip(levels);
        }
    }

    /// Whether the element that ends is of no interest, which is then all there
    /// is to do about it.
    #[inline]
    pub(super) fn passes_over(&mut self) -> bool {
        if self.beyond > 0 {
            self.beyond -= 1;
            return true;
        }
        self.scopes.is_empty()
    }

    /// Whether the value of the element at `depth` is asked for.
    pub(super) fn wants(&self, depth: usize) -> bool {
        self.captures.last().is_some_and(|c| c.depth == depth)
    }
}

impl<'s> Validator<'s> {
    /// The innermost element and its attributes have been judged.
    #[inline(always)]
    pub(super) fn identity_start(&mut self, tag: &StartTag<'_, '_>) {
        let Some(frame) = self.stack.last() else {
            return;
        };
        if self.schema.steps.may_name(frame.name) {
            self.identity_enter(tag);
        } else if !self.identity.scopes.is_empty() {
            self.identity.beyond += 1;
        }
    }

    /// Follows the paths into an element that they may name, and opens its
    /// scopes.
    #[inline(never)]
    fn identity_enter(&mut self, tag: &StartTag<'_, '_>) {
        let Some(frame) = self.stack.last() else {
            return;
        };
        let (schema, depth, name) = (self.schema, self.stack.len(), frame.name);
        let own = frame
            .element
            .map_or(&[][..], |id| &schema.element(id).constraints);
        if own.is_empty() {
            if self.identity.scopes.is_empty() {
                return;
            }
            if self.identity.beyond > 0 {
                self.identity.beyond += 1;
                return;
            }
        } else if self.identity.beyond > 0 {
            self.identity.catch_up();
        }
        let (namespace, offset) = (tag.name.namespace, tag.offset);
        let Identity {
            scopes,
            targets,
            hits,
            ..
        } = &mut self.identity;
        hits.clear();
        for (place, target) in targets.open_mut().iter_mut().enumerate() {
            let fields = &schema.constraints[target.constraint as usize].fields;
            for (field, (matcher, paths)) in target.matchers.iter_mut().zip(fields).enumerate() {
                if matcher.enter(paths, namespace, name) {
                    hits.push((place, field));
                }
            }
        }
        let picked = |scope: usize, constraint: u32| Picked {
            scope,
            constraint,
            depth,
            offset,
            fields: &schema.constraints[constraint as usize].fields,
        };
        for (place, scope) in scopes.iter_mut().enumerate() {
            let paths = &schema.constraints[scope.constraint as usize].selector;
            if scope.selector.enter(paths, namespace, name) {
                targets.push(picked(place, scope.constraint), hits);
            }
        }
        for &constraint in own {
            let mut selector = Matcher::default();
            if selector.begin(&schema.constraints[constraint as usize].selector) {
                targets.push(picked(scopes.len(), constraint), hits);
            }
            scopes.push(Scope {
                constraint,
                depth,
                selector,
                table: Keys::default(),
                references: Vec::new(),
                keys: Keys::default(),
                ambiguous: Vec::new(),
            });
        }
        let hits = std::mem::take(hits);
        for &(target, field) in &hits {
            self.match_field(tag, target, field);
        }
        self.identity.hits = hits;
    }

    /// The element, or attributes of it, are what a field picks.
    fn match_field(&mut self, tag: &StartTag<'_, '_>, target: usize, field: usize) {
        let (schema, depth) = (self.schema, self.stack.len());
        let found = &self.identity.targets.open()[target];
        let paths = &schema.constraints[found.constraint as usize].fields[field];
        let matched = || found.matchers[field].matched(paths);
        // Alternatives that pick the same element pick it once.
        if matched().any(|path| path.attribute.is_none()) {
            self.identity.captures.push(Capture {
                target,
                field,
                depth,
            });
        }
        if matched().all(|path| path.attribute.is_none()) {
            return;
        }
        let matched: Vec<_> = matched().collect();
        for entry in self.attribute_values(tag) {
            let picked = matched.iter().any(|path| {
                path.attribute
                    .as_ref()
                    .is_some_and(|test| test.accepts(&entry.namespace, entry.name))
            });
            if picked && entry.typed {
                let value = entry.value.as_ref().map(|(v, shown)| (v, shown.as_str()));
                self.set_field(target, field, value);
            } else if picked {
                self.identity.targets.open_mut()[target].fields[field] = Field::Spoiled;
                self.bad_field(target, field);
            }
        }
    }

    /// The attributes of the innermost element, defaults included, each with
    /// its value if it is valid.
    fn attribute_values(&self, tag: &StartTag<'_, '_>) -> Vec<AttributeEntry> {
        let schema = self.schema;
        let types = schema.types();
        let Some(TypeId::Complex(id)) = self.stack.last().map(|f| f.ty) else {
            return Vec::new();
        };
        let complex = schema.complex(id);
        let mut found: Vec<AttributeEntry> = Vec::new();
        for attribute in tag.attributes() {
            let namespace = attribute.name.namespace;
            let name = schema.names.find(namespace, attribute.name.local);
            let wild = complex
                .wildcard
                .as_ref()
                .is_some_and(|w| w.process != Process::Skip && w.namespaces.accepts(namespace));
            let declared = name.and_then(|n| {
                let own = complex.attributes.iter().find(|u| u.name == n);
                own.or_else(|| schema.global_attributes.get(&n).filter(|_| wild))
            });
            let value = declared.and_then(|d| {
                let value = types
                    .value(d.ty, attribute.value, Some(tag.namespaces()))
                    .ok()?;
                Some((value, excerpt(&types.normalise(d.ty, attribute.value))))
            });
            let namespace = namespace.to_owned();
            found.push(AttributeEntry {
                name,
                namespace,
                typed: declared.is_some(),
                value,
            });
        }
        for declared in &complex.attributes {
            let Some(constraint) = &declared.value else {
                continue;
            };
            if found.iter().all(|f| f.name != Some(declared.name)) {
                let value = types.value(declared.ty, &constraint.lexical, Some(tag.namespaces()));
                let value = value.ok().map(|v| (v, excerpt(&constraint.lexical)));
                let namespace = schema.names.namespace(declared.name).to_owned();
                found.push(AttributeEntry {
                    name: Some(declared.name),
                    namespace,
                    typed: true,
                    value,
                });
            }
        }
        found
    }

    fn set_field(&mut self, target: usize, field: usize, value: Option<(&Value<'_>, &str)>) {
        let picked = &mut self.identity.targets.open_mut()[target];
        let slot = &mut picked.fields[field];
        let Field::Absent = slot else {
            let spoiled = matches!(slot, Field::Spoiled);
            *slot = Field::Spoiled;
            if !spoiled {
                self.bad_field(target, field);
            }
            return;
        };
        match value {
            Some((value, shown)) => picked.set(field, value, shown),
            None => *slot = Field::Spoiled,
        }
    }

    /// Told at the element that the field picks, which is the innermost.
    fn bad_field(&mut self, target: usize, field: usize) {
        let offset = self.stack.last().map_or(0, |f| f.offset);
        let scope = &self.identity.scopes[self.identity.targets.open()[target].scope];
        let constraint = &self.schema.constraints[scope.constraint as usize];
        let field = constraint.fields[field].source.to_string();
        let constraint = constraint.name.to_string();
        let kind = ErrorKind::BadKeyField { constraint, field };
        self.error(offset, At::Here, |_| kind);
    }

    /// The value of the innermost element, which is captured: `None` when it
    /// has none because its content is not simple, `Some(None)` when it is
    /// invalid or nil.
    pub(super) fn identity_value(&mut self, value: Option<Option<&Value<'_>>>, shown: &str) {
        let depth = self.stack.len();
        if !self.identity.wants(depth) {
            return;
        }
        let nillable = self
            .stack
            .last()
            .and_then(|f| f.element)
            .is_some_and(|id| self.schema.element(id).nillable);
        while let Some(capture) = self.identity.captures.pop_if(|c| c.depth == depth) {
            let scope = self.identity.targets.open()[capture.target].scope;
            let constraint = self.identity.scopes[scope].constraint;
            let is_key = self.schema.constraints[constraint as usize].kind == IdentityKind::Key;
            match value {
                Some(Some(_)) if is_key && nillable => {
                    self.identity.targets.open_mut()[capture.target].fields[capture.field] =
                        Field::Spoiled;
                    self.bad_field(capture.target, capture.field);
                }
                Some(Some(value)) => {
                    self.set_field(capture.target, capture.field, Some((value, shown)));
                }
                Some(None) => self.set_field(capture.target, capture.field, None),
                None => {
                    self.identity.targets.open_mut()[capture.target].fields[capture.field] =
                        Field::Spoiled;
                    self.bad_field(capture.target, capture.field);
                }
            }
        }
    }

    /// Forgets captures of an element that is nil: the field is absent.
    pub(super) fn identity_nil(&mut self) {
        let depth = self.stack.len();
        while self
            .identity
            .captures
            .pop_if(|c| c.depth == depth)
            .is_some()
        {}
    }

    /// The innermost element, which some path reached, ends; its frame is still there.
    pub(super) fn identity_end(&mut self) {
        let (schema, depth) = (self.schema, self.stack.len());
        let ends = |targets: &Targets| targets.open().last().is_some_and(|t| t.depth == depth);
        while ends(&self.identity.targets) {
            self.close_target();
            self.identity.targets.pop();
        }
        if self
            .identity
            .scopes
            .last()
            .is_some_and(|s| s.depth == depth)
        {
            self.close_scopes(depth);
        }
        for scope in &mut self.identity.scopes {
            scope
                .selector
                .leave(&schema.constraints[scope.constraint as usize].selector);
        }
        for target in self.identity.targets.open_mut() {
            let fields = &schema.constraints[target.constraint as usize].fields;
            for (matcher, paths) in target.matchers.iter_mut().zip(fields) {
                matcher.leave(paths);
            }
        }
    }

    /// Judges and forgets the scopes that opened with the element at `depth`.
    fn close_scopes(&mut self, depth: usize) {
        let schema = self.schema;
        // Keys first: a reference beside them may be to them.
        let from = self.identity.scopes.partition_point(|s| s.depth < depth);
        let closing: Vec<Scope> = self.identity.scopes.drain(from..).collect();
        let (mut references, tables): (Vec<Scope>, Vec<Scope>) =
            closing.into_iter().partition(|s| {
                matches!(
                    schema.constraints[s.constraint as usize].kind,
                    IdentityKind::Keyref(_)
                )
            });
        for table in tables {
            for scope in self.identity.scopes.iter_mut().chain(&mut references) {
                let kind = schema.constraints[scope.constraint as usize].kind;
                if kind == IdentityKind::Keyref(table.constraint) {
                    let own = scope.depth == depth;
                    for key in table.table.iter() {
                        let (place, new) = scope.keys.insert(key);
                        if new {
                            scope.ambiguous.push(false);
                        } else {
                            scope.ambiguous[place] = !own;
                        }
                    }
                }
            }
        }
        for scope in references {
            self.close_keyref(scope);
        }
    }

    /// Judges the innermost target.
    fn close_target(&mut self) {
        let Some(target) = self.identity.targets.open().last() else {
            return;
        };
        let (scope, offset) = (target.scope, target.offset);
        let constraint = &self.schema.constraints[self.identity.scopes[scope].constraint as usize];
        for (field, paths) in target.fields.iter().zip(&constraint.fields) {
            match field {
                Field::Value(..) => {}
                Field::Absent if constraint.kind == IdentityKind::Key => {
                    let field = paths.source.to_string();
                    let constraint = constraint.name.to_string();
                    let kind = ErrorKind::IncompleteKey { constraint, field };
                    return self.error(offset, At::Here, |_| kind);
                }
                Field::Absent | Field::Spoiled => return,
            }
        }
        let key = target.key();
        match constraint.kind {
            IdentityKind::Keyref(_) => {
                let reference = Reference {
                    key: key.into(),
                    shown: target.shown(),
                    offset,
                    path: self.path(At::Here),
                };
                self.identity.scopes[scope].references.push(reference);
            }
            IdentityKind::Key | IdentityKind::Unique => {
                if self.identity.scopes[scope].table.insert(&key).1 {
                    return;
                }
                let value = excerpt(&target.shown());
                let constraint = constraint.name.to_string();
                let kind = ErrorKind::DuplicateKey { constraint, value };
                self.error(offset, At::Here, |_| kind);
            }
        }
    }

    fn close_keyref(&mut self, scope: Scope) {
        let name = &self.schema.constraints[scope.constraint as usize].name;
        for reference in scope.references {
            let found = scope.keys.find(&reference.key);
            if found.is_none_or(|place| scope.ambiguous[place]) {
                let at = At::Path(&reference.path);
                self.error(reference.offset, at, |_| ErrorKind::UnknownKeyref {
                    constraint: name.to_string(),
                    value: excerpt(&reference.shown),
                });
            }
        }
    }
}

/// An attribute that a field may pick.
struct AttributeEntry {
    name: Option<NameId>,
    namespace: String,
    /// Whether a declaration judged it.
    typed: bool,
    /// The value and its form for messages, if it is valid.
    value: Option<(Value<'static>, String)>,
}
