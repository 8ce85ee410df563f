//! Paths by local names, with positions where names repeat.

use std::collections::HashMap;
use std::fmt::Write;

use super::{Frame, Validator};
use crate::xsd::model::Model;

/// Counts of children by local name, for the few that no model names.
pub(super) type Others = Option<Box<HashMap<Box<str>, u32>>>;

impl Frame {
    /// Counts a child that the model does not name; its place among its like.
    pub(super) fn count_other(&mut self, local: &str) -> u32 {
        let counts = self.others.get_or_insert_default();
        match counts.get_mut(local) {
            Some(count) => {
                *count += 1;
                *count
            }
            None => {
                counts.insert(local.into(), 1);
                1
            }
        }
    }
}

impl Validator<'_> {
    /// The path of the innermost element.
    pub(super) fn path(&self) -> String {
        let mut path = String::new();
        for frame in &self.stack {
            let local = match (frame.name, &frame.other) {
                (Some(name), _) => self.schema.names.local(name),
                (None, other) => other.as_deref().unwrap_or_default(),
            };
            let repeats = frame
                .place
                .is_some_and(|(model, leaf)| self.schema.models[model as usize].repeats(leaf));
            push_step(&mut path, local, frame.ordinal, repeats);
        }
        path
    }

    /// The path of a child that has no frame.
    pub(super) fn child_path(&self, local: &str, ordinal: u32) -> String {
        let mut path = self.path();
        push_step(&mut path, local, ordinal, false);
        path
    }

    /// The path of a child that this leaf takes, or would.
    pub(super) fn leaf_path(&self, model: &Model, leaf: u32, local: &str, ordinal: u32) -> String {
        let mut path = self.path();
        push_step(&mut path, local, ordinal, model.repeats(leaf));
        path
    }

    /// The path of an attribute of the innermost element.
    pub(super) fn attribute_path(&self, local: &str) -> String {
        format!("{}/@{local}", self.path())
    }
}

fn push_step(path: &mut String, local: &str, ordinal: u32, repeats: bool) {
    path.push('/');
    path.push_str(local);
    if repeats || ordinal > 1 {
        // Writing to a string can't fail.
        let _ = write!(path, "[{ordinal}]");
    }
}
