//! Children and character data against content models.

use std::borrow::Cow;

use super::path::At;
use super::{Inside, Validator};
use crate::xml::{StartTag, Text, trim, trim_start};
use crate::xsd::error::{Choices, ErrorKind, excerpt};
use crate::xsd::likeness::Likeness;
use crate::xsd::model::{Entry, Mode, Model, NONE};
use crate::xsd::names::NameId;
use crate::xsd::tables::Process;

/// Number of names that an error lists.
const SHOWN: usize = 30;
/// Names that are compared with one in another namespace, and pairs of
/// namespaces that are remembered.
const MOST_COMPARED: usize = 256;

/// What becomes of a child element.
pub(super) enum Match {
    /// A particle of this declaration takes it, or would where it belongs.
    Declared(Entry),
    /// A wildcard takes it.
    Wild(Process),
    /// Nothing takes it.
    Nowhere,
}

impl<'s> Validator<'s> {
    /// Takes a child that the model foresees, which is what most are; the
    /// outcome is that of `child`.
    #[inline]
    pub(super) fn foreseen(&mut self, tag: &StartTag<'_, '_>) -> Option<Entry> {
        let frame = self.stack.last_mut()?;
        let Inside::Elements { model, .. } = frame.inside else {
            return None;
        };
        let model = &self.schema.models[model as usize];
        let state = &mut self.states[frame.state_from..];
        if frame.trouble.is_some() {
            return None;
        }
        let names = &self.schema.names;
        let entry = (model.ahead.after(state[0]).iter())
            .find(|e| names.is(e.name, tag.name.namespace, tag.name.local))?;
        state[0] = entry.leaf;
        frame.has_children = true;
        frame.forgiven = NONE;
        Some(*entry)
    }

    /// Moves the innermost content model on by a child element.
    pub(super) fn child(&mut self, tag: &StartTag<'_, '_>, name: Option<NameId>) -> Match {
        let Some(frame) = self.stack.last_mut() else {
            return Match::Nowhere;
        };
        // Of children where none may be, the first is enough.
        let first = !std::mem::replace(&mut frame.has_children, true);
        let found = || tag.name.local.to_owned();
        let kind = match frame.inside {
            Inside::Elements { model, .. } => return self.match_child(model, tag, name),
            Inside::Empty => ErrorKind::NotEmpty { found: found() },
            Inside::Nil => ErrorKind::NilNotEmpty,
            Inside::Simple(_) => ErrorKind::ElementNotAllowed { found: found() },
            Inside::Excused => return Match::Nowhere,
        };
        let ordinal = frame.count_other(tag.name.local);
        if first {
            let at = At::Child(tag.name.local, ordinal, false);
            self.error(tag.offset, at, |_| kind);
        }
        Match::Nowhere
    }

    fn match_child(&mut self, model: u32, tag: &StartTag<'_, '_>, name: Option<NameId>) -> Match {
        let schema = self.schema;
        let model = &schema.models[model as usize];
        let entries = name.map_or(&[][..], |name| model.candidates(name));
        if self.stack.last().is_some_and(|f| f.trouble.is_some()) {
            let entry = entries.first().copied();
            let entry = entry.or_else(|| self.by_local_name(model, tag));
            return self.note(model, tag, name, entry);
        }
        for entry in entries {
            if self.step(model, entry.leaf, Mode::Strict) {
                return Match::Declared(*entry);
            }
        }
        for (leaf, wildcard) in &model.wildcards {
            if wildcard.namespaces.accepts(tag.name.namespace)
                && self.step(model, *leaf, Mode::Strict)
            {
                return Match::Wild(wildcard.process);
            }
        }
        let mut entry = entries.first().copied();
        if entry.is_none() {
            entry = self.by_local_name(model, tag);
            if let Some(entry) = entry
                && self.step(model, entry.leaf, Mode::Strict)
            {
                return Match::Declared(entry);
            }
        }
        if model.plain {
            self.enter_trouble(model);
            return self.note(model, tag, name, entry);
        }
        self.misplaced(model, tag, entry)
    }

    /// The particle for a name which is right but for its namespace. That is
    /// said once for each two namespaces: it is one mistake, made at one place.
    fn by_local_name(&mut self, model: &Model, tag: &StartTag<'_, '_>) -> Option<Entry> {
        let names = &self.schema.names;
        let (local, namespace) = (tag.name.local, tag.name.namespace);
        let mut near = model.entries.iter().take(MOST_COMPARED);
        let entry =
            *near.find(|e| names.local(e.name) == local && names.namespace(e.name) != namespace)?;
        let expected = names.namespace(entry.name);
        let told = |(found, right): &(Box<str>, &str)| **found == *namespace && *right == expected;
        if !self.namespaces_told.iter().any(told) {
            if self.namespaces_told.len() < MOST_COMPARED {
                self.namespaces_told.push((namespace.into(), expected));
            }
            let count = |frame: &super::Frame| frame.counts_from + entry.local as usize;
            let ordinal = self.stack.last().map_or(1, |f| self.counts[count(f)] + 1);
            let at = At::Child(local, ordinal, model.repeats(entry.leaf));
            self.error(tag.offset, at, |_| ErrorKind::WrongNamespace {
                found: local.to_owned(),
                namespace: excerpt(namespace),
                expected: expected.to_owned(),
            });
        }
        Some(entry)
    }

    /// Goes to the state in which `leaf` took the child, if there is one.
    fn step(&mut self, model: &Model, leaf: u32, mode: Mode) -> bool {
        let Some(frame) = self.stack.last_mut() else {
            return false;
        };
        self.next.clear();
        let found = !model.nodes.is_empty()
            && model.step(&self.states[frame.state_from..], leaf, mode, &mut self.next);
        if found {
            self.states.truncate(frame.state_from);
            self.states.extend_from_slice(&self.next);
            frame.forgiven = NONE;
        }
        found
    }

    /// A child that may not stand here. One that is named elsewhere in the
    /// model moves it there, so that only what is missing is reported.
    fn misplaced(&mut self, model: &Model, tag: &StartTag<'_, '_>, entry: Option<Entry>) -> Match {
        let leaves = self.expected_leaves(model);
        if let Some(entry) = entry
            && let Some(forgiven) = self.stack.last().map(|f| f.forgiven).filter(|&l| l != NONE)
            && self.follows(model, forgiven, entry)
        {
            return Match::Declared(entry);
        }
        if let Some(entry) = entry
            && let [only] = leaves[..]
            && self.follows(model, only, entry)
        {
            self.missed(model, only, tag);
            return Match::Declared(entry);
        }
        let ordinal = match (self.stack.last_mut(), entry) {
            (Some(frame), None) => frame.count_other(tag.name.local),
            (Some(frame), Some(entry)) => self.counts[frame.counts_from + entry.local as usize] + 1,
            (None, _) => 1,
        };
        let at = At::Child(tag.name.local, ordinal, false);
        self.error(tag.offset, at, |v| v.unexpected(model, tag, &leaves));
        match entry {
            Some(entry) => {
                self.step(model, entry.leaf, Mode::Relaxed);
                Match::Declared(entry)
            }
            None => {
                // It may be a misspelling of the one element that had to come.
                let ended = self.innermost_accepts(model);
                if let (Some(frame), [only], false) = (self.stack.last_mut(), &leaves[..], ended) {
                    frame.forgiven = *only;
                }
                Match::Nowhere
            }
        }
    }

    /// Whether `entry` may come after a child that `leaf` takes, which is then
    /// taken for there.
    fn follows(&mut self, model: &Model, leaf: u32, entry: Entry) -> bool {
        let Some(frame) = self.stack.last() else {
            return false;
        };
        let from = frame.state_from;
        let saved = self.states[from..].to_vec();
        if self.step(model, leaf, Mode::Strict) && self.step(model, entry.leaf, Mode::Strict) {
            return true;
        }
        self.states.truncate(from);
        self.states.extend_from_slice(&saved);
        false
    }

    /// The one child that had to come before this one is missing.
    fn missed(&mut self, model: &Model, leaf: u32, tag: &StartTag<'_, '_>) {
        let expected = self.choices(model, &[leaf], None);
        let step = expected.0.join("|");
        let before = tag.name.local.to_owned();
        let kind = ErrorKind::MissingElement { expected, before };
        self.error(tag.offset, At::Child(&step, 1, false), |_| kind);
    }

    fn innermost_accepts(&self, model: &Model) -> bool {
        let from = self.stack.last().map_or(0, |f| f.state_from);
        model.accepts(&self.states[from..])
    }

    /// The leaves that could take the next child.
    fn expected_leaves(&self, model: &Model) -> Vec<u32> {
        let from = self.stack.last().map_or(0, |f| f.state_from);
        let state = &self.states[from..];
        let mut leaves: Vec<u32> = Vec::new();
        // Only as many as an error shows are looked for.
        if !self.keeps() || model.nodes.is_empty() {
            return leaves;
        }
        let mut next = Vec::new();
        let named = model.entries.iter().map(|e| e.leaf);
        for leaf in named.chain(model.wildcards.iter().map(|w| w.0)) {
            next.clear();
            if model.step(state, leaf, Mode::Strict, &mut next) && !leaves.contains(&leaf) {
                leaves.push(leaf);
            }
        }
        leaves.sort_unstable();
        leaves
    }

    /// What the leaves take, by local name; with its namespace where only
    /// that differs from what was found.
    fn choices(&self, model: &Model, leaves: &[u32], found: Option<&str>) -> Choices {
        let mut shown: Vec<String> = Vec::new();
        for &leaf in leaves {
            let names = model.entries.iter().filter(|e| e.leaf == leaf);
            let names = names.map(|e| {
                let local = self.schema.names.local(e.name);
                match self.schema.names.namespace(e.name) {
                    namespace if Some(local) == found => format!("{{{namespace}}}{local}"),
                    _ => local.to_owned(),
                }
            });
            let before = shown.len();
            shown.extend(names);
            if shown.len() == before {
                shown.push("*".to_owned());
            }
            if shown.len() > SHOWN {
                shown.truncate(SHOWN);
                shown.push("…".to_owned());
                break;
            }
        }
        shown.dedup();
        Choices(shown)
    }

    fn unexpected(&self, model: &Model, tag: &StartTag<'_, '_>, leaves: &[u32]) -> ErrorKind {
        let (local, namespace) = (tag.name.local, tag.name.namespace);
        let expected = self.choices(model, leaves, Some(local));
        let like = |name: &&String| Likeness::of(local, name).is_some_and(|_| **name != local);
        if let Some(meant) = expected.0.iter().find(like) {
            let (found, meant) = (excerpt(local), meant.clone());
            return ErrorKind::MisspelledElement { found, meant };
        }
        let twin = format!("}}{local}");
        let found = if expected.0.iter().any(|e| e.ends_with(&twin)) {
            format!("{{{namespace}}}{local}")
        } else {
            local.to_owned()
        };
        let (inside, namespace) = self.inside(model);
        ErrorKind::UnexpectedElement {
            found,
            expected,
            inside,
            namespace,
        }
    }

    /// The name of the innermost element, and the namespace of what its model takes.
    pub(super) fn inside(&self, model: &Model) -> (String, String) {
        let names = &self.schema.names;
        let own = self.stack.last().and_then(|f| f.name);
        let first = model.entries.first().map(|e| e.name);
        (
            own.map_or(String::new(), |own| names.local(own).to_owned()),
            first.map_or(String::new(), |first| names.namespace(first).to_owned()),
        )
    }

    /// The innermost element ends: is anything missing?
    pub(super) fn end_content(&mut self, model: u32, offset: usize) {
        let schema = self.schema;
        let model = &schema.models[model as usize];
        let in_trouble = self.stack.last().is_some_and(|f| f.trouble.is_some());
        if !in_trouble && self.innermost_accepts(model) {
            return;
        }
        if model.plain {
            return self.resolve(model, offset);
        }
        if let Some(leaf) = self.stack.last().map(|f| f.forgiven).filter(|&l| l != NONE)
            && self.step(model, leaf, Mode::Strict)
            && self.innermost_accepts(model)
        {
            return;
        }
        let leaves = self.expected_leaves(model);
        // Where there is no doubt which child is missing, the path goes on to it, and optional ones are not named.
        let mut required = leaves.iter().filter(|&&l| model.is_required(l));
        let missing = match (required.next(), required.next()) {
            (Some(only), None) => std::slice::from_ref(only),
            _ => &leaves,
        };
        let expected = self.choices(model, missing, None);
        let only = expected.0.first().filter(|&e| e != "*").cloned();
        let at = match &only {
            Some(only) if expected.0.len() == 1 => At::Child(only, 1, false),
            _ => At::Here,
        };
        let before = String::new();
        self.error(offset, at, |_| ErrorKind::MissingElement {
            expected,
            before,
        });
    }

    pub(super) fn take_text(&mut self, text: &Text<'_>) {
        let Some(frame) = self.stack.last_mut() else {
            return;
        };
        let leading = text.value.len() - trim_start(&text.value).len();
        let blank = leading == text.value.len();
        // A borrowed value stands in the document as it is.
        let offset = match &text.value {
            Cow::Borrowed(_) if !blank => text.offset + leading,
            _ => text.offset,
        };
        let excerpt = || excerpt(trim(&text.value));
        let kind = match frame.inside {
            Inside::Simple(_) | Inside::Elements { mixed: true, .. } => {
                self.text.push_str(&text.value);
                self.text_offset.get_or_insert(offset);
                frame.has_text = true;
                return;
            }
            Inside::Elements { .. } if blank => return,
            Inside::Empty if text.value.is_empty() => return,
            Inside::Nil if text.value.is_empty() => return,
            Inside::Excused => return,
            Inside::Elements { model, .. } => {
                // Of texts between the children, the first is enough.
                if std::mem::replace(&mut frame.has_text, true) {
                    return;
                }
                return self.stray_text(model, offset, excerpt());
            }
            Inside::Empty => ErrorKind::NotEmpty { found: excerpt() },
            Inside::Nil => ErrorKind::NilNotEmpty,
        };
        self.error(offset, At::Here, |_| kind);
    }

    fn stray_text(&mut self, model: u32, offset: usize, found: String) {
        let model = &self.schema.models[model as usize];
        let entries = model.entries.iter().take(MOST_COMPARED);
        let mut leaves: Vec<u32> = entries.map(|e| e.leaf).collect();
        leaves.sort_unstable();
        leaves.dedup();
        let expected = self.choices(model, &leaves, None);
        let kind = ErrorKind::TextNotAllowed { found, expected };
        self.error(offset, At::Here, |_| kind);
    }
}
