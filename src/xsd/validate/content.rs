//! Children and character data against content models.

use std::borrow::Cow;

use super::{Inside, Validator};
use crate::xml::{StartTag, Text, trim, trim_start};
use crate::xsd::error::{Choices, ErrorKind, excerpt};
use crate::xsd::model::{Entry, Mode, Model};
use crate::xsd::names::NameId;
use crate::xsd::tables::Process;

/// Number of names that an error lists.
const SHOWN: usize = 30;

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
        let names = &self.schema.names;
        let entry = (model.ahead.after(state[0]).iter())
            .find(|e| names.is(e.name, tag.name.namespace, tag.name.local))?;
        state[0] = entry.leaf;
        frame.has_children = true;
        frame.forgiven = None;
        Some(*entry)
    }

    /// Moves the innermost content model on by a child element.
    pub(super) fn child(&mut self, tag: &StartTag<'_, '_>, name: Option<NameId>) -> Match {
        let Some(frame) = self.stack.last_mut() else {
            return Match::Nowhere;
        };
        frame.has_children = true;
        let found = || tag.name.local.to_owned();
        let kind = match frame.inside {
            Inside::Elements { model, .. } => return self.match_child(model, tag, name),
            Inside::Empty => ErrorKind::NotEmpty { found: found() },
            Inside::Nil => ErrorKind::NilNotEmpty,
            Inside::Simple(_) => ErrorKind::ElementNotAllowed { found: found() },
        };
        let ordinal = frame.count_other(tag.name.local);
        self.error(
            tag.offset,
            |_| kind,
            |v| v.child_path(tag.name.local, ordinal),
        );
        Match::Nowhere
    }

    fn match_child(&mut self, model: u32, tag: &StartTag<'_, '_>, name: Option<NameId>) -> Match {
        let schema = self.schema;
        let model = &schema.models[model as usize];
        let entries = name.map_or(&[][..], |name| model.candidates(name));
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
        self.misplaced(model, tag, entries.first().copied())
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
            frame.forgiven = None;
        }
        found
    }

    /// A child that may not stand here. One that is named elsewhere in the
    /// model moves it there, so that only what is missing is reported.
    fn misplaced(&mut self, model: &Model, tag: &StartTag<'_, '_>, entry: Option<Entry>) -> Match {
        let leaves = self.expected_leaves(model);
        if let Some(entry) = entry
            && self.follows_forgiven(model, entry)
        {
            return Match::Declared(entry);
        }
        let ordinal = match (self.stack.last_mut(), entry) {
            (Some(frame), None) => frame.count_other(tag.name.local),
            (Some(frame), Some(entry)) => self.counts[frame.counts_from + entry.local as usize] + 1,
            (None, _) => 1,
        };
        let local = tag.name.local;
        self.error(
            tag.offset,
            |v| v.unexpected(model, tag, &leaves),
            |v| v.child_path(local, ordinal),
        );
        match entry {
            Some(entry) => {
                self.step(model, entry.leaf, Mode::Relaxed);
                Match::Declared(entry)
            }
            None => {
                // It may be a misspelling of the one element that had to come.
                let ended = self.innermost_accepts(model);
                if let (Some(frame), [only], false) = (self.stack.last_mut(), &leaves[..], ended) {
                    frame.forgiven = Some(*only);
                }
                Match::Nowhere
            }
        }
    }

    /// Whether `entry` may come after the element for which an unknown one
    /// stood; then that is not reported twice.
    fn follows_forgiven(&mut self, model: &Model, entry: Entry) -> bool {
        let Some(leaf) = self.stack.last().and_then(|f| f.forgiven) else {
            return false;
        };
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
        let all = model
            .entries
            .iter()
            .map(|e| e.leaf)
            .chain(model.wildcards.iter().map(|w| w.0));
        for leaf in all {
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
                let (local, namespace) = (
                    self.schema.names.local(e.name),
                    self.schema.names.namespace(e.name),
                );
                if Some(local) == found {
                    format!("{{{namespace}}}{local}")
                } else {
                    local.to_owned()
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
        let twin = format!("}}{local}");
        let found = if expected.0.iter().any(|e| e.ends_with(&twin)) {
            format!("{{{namespace}}}{local}")
        } else {
            local.to_owned()
        };
        ErrorKind::UnexpectedElement { found, expected }
    }

    /// The innermost element ends: is anything missing?
    pub(super) fn end_content(&mut self, model: u32, offset: usize) {
        let schema = self.schema;
        let model = &schema.models[model as usize];
        if self.innermost_accepts(model) {
            return;
        }
        if let Some(leaf) = self.stack.last().and_then(|f| f.forgiven)
            && self.step(model, leaf, Mode::Strict)
            && self.innermost_accepts(model)
        {
            return;
        }
        let leaves = self.expected_leaves(model);
        // Where there is no doubt which child is missing, the path goes on to it, and optional ones are not named.
        let required: Vec<u32> = leaves
            .iter()
            .copied()
            .filter(|&l| model.is_required(l))
            .collect();
        let missing = if required.len() == 1 {
            &required
        } else {
            &leaves
        };
        let expected = self.choices(model, missing, None);
        let child = match &expected.0[..] {
            [only] if only != "*" => format!("/{only}"),
            _ => String::new(),
        };
        self.error(
            offset,
            |_| ErrorKind::MissingElement { expected },
            |v| format!("{}{child}", v.path()),
        );
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
            Inside::Elements { .. } => ErrorKind::TextNotAllowed { found: excerpt() },
            Inside::Empty => ErrorKind::NotEmpty { found: excerpt() },
            Inside::Nil => ErrorKind::NilNotEmpty,
        };
        self.error(offset, |_| kind, Self::path);
    }
}
