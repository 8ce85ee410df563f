//! Elements that a selector has picked, and the fields found in them so far.

use std::borrow::Cow;
use std::fmt::Write;

use crate::xsd::datatype::Value;
use crate::xsd::identity::{Matcher, Paths};

/// Targets that are over and keep what they have allocated, at most.
const SPARE: usize = 8;

/// And only when their text is not longer than this.
const SPARE_TEXT: usize = 4096;

#[derive(Debug, Clone, Copy)]
pub(super) enum Field {
    Absent,
    /// Where in the target's text its canonical form begins, where that ends
    /// and the form for messages begins, and where that ends.
    Value(usize, usize, usize),
    /// Several nodes or an invalid value; reported already.
    Spoiled,
}

#[derive(Debug, Default)]
pub(super) struct Target {
    pub(super) scope: usize,
    /// That of its scope.
    pub(super) constraint: u32,
    pub(super) depth: usize,
    pub(super) offset: usize,
    pub(super) matchers: Vec<Matcher>,
    pub(super) fields: Vec<Field>,
    /// Values of the fields.
    text: String,
}

impl Target {
    /// Puts a value, and its form for messages, into a field.
    pub(super) fn set(&mut self, field: usize, value: &Value<'_>, shown: &str) {
        let from = self.text.len();
        value.write_canonical(&mut self.text);
        let middle = self.text.len();
        self.text.push_str(shown);
        self.fields[field] = Field::Value(from, middle, self.text.len());
    }

    /// The values of all fields in one.
    pub(super) fn key(&self) -> Cow<'_, str> {
        if let [Field::Value(from, middle, _)] = self.fields[..] {
            return Cow::Borrowed(&self.text[from..middle]);
        }
        let mut key = String::new();
        for field in &self.fields {
            if let Field::Value(from, middle, _) = *field {
                // Lengths keep the fields apart.
                let _ = write!(key, "{}:{}", middle - from, &self.text[from..middle]);
            }
        }
        Cow::Owned(key)
    }

    /// The values of all fields for a message.
    pub(super) fn shown(&self) -> String {
        let values: Vec<_> = self
            .fields
            .iter()
            .filter_map(|field| match *field {
                Field::Value(_, middle, to) => Some(&self.text[middle..to]),
                Field::Absent | Field::Spoiled => None,
            })
            .collect();
        values.join(", ")
    }
}

/// What a selector has picked, for [`Targets::push`].
pub(super) struct Picked<'a> {
    pub(super) scope: usize,
    pub(super) constraint: u32,
    pub(super) depth: usize,
    pub(super) offset: usize,
    pub(super) fields: &'a [Paths],
}

/// The stack of targets. What has been popped stays where it lies, to be
/// filled again: a key over many records would else move and allocate for each.
#[derive(Debug, Default)]
pub(super) struct Targets {
    list: Vec<Target>,
    open: usize,
}

impl Targets {
    pub(super) fn open(&self) -> &[Target] {
        &self.list[..self.open]
    }

    pub(super) fn open_mut(&mut self) -> &mut [Target] {
        &mut self.list[..self.open]
    }

    /// Opens a target whose fields are found by `paths`; those fields that it
    /// is itself are added to `hits`.
    pub(super) fn push(&mut self, from: Picked<'_>, hits: &mut Vec<(usize, usize)>) {
        let paths = from.fields;
        if self.open == self.list.len() {
            self.list.push(Target::default());
        }
        let target = &mut self.list[self.open];
        self.open += 1;
        (target.scope, target.constraint) = (from.scope, from.constraint);
        (target.depth, target.offset) = (from.depth, from.offset);
        target.matchers.resize_with(paths.len(), Matcher::default);
        for (field, (matcher, paths)) in target.matchers.iter_mut().zip(paths).enumerate() {
            matcher.reset();
            if matcher.begin(paths) {
                hits.push((self.open - 1, field));
            }
        }
        target.fields.clear();
        target.fields.resize(paths.len(), Field::Absent);
        target.text.clear();
    }

    /// Closes the innermost target.
    pub(super) fn pop(&mut self) {
        let Some(place) = self.open.checked_sub(1) else {
            return;
        };
        self.open = place;
        if self.list[place].text.capacity() > SPARE_TEXT {
            self.list[place].text = String::new();
        }
        self.list.truncate(place + SPARE);
    }
}
