//! Paths by local names, with positions where names repeat.

use std::collections::HashMap;
use std::fmt::Write;

use super::{Frame, Validator};

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

/// What an error is about, as far as its path says.
#[derive(Debug, Clone, Copy)]
pub(super) enum At<'p> {
    /// The innermost element.
    Here,
    /// An attribute of it.
    Attribute(&'p str),
    /// A child of it that has no frame, by name and ordinal, and whether its particle repeats.
    Child(&'p str, u32, bool),
    /// What was innermost when this path was written down.
    Path(&'p str),
}

impl Validator<'_> {
    pub(super) fn path(&self, at: At<'_>) -> String {
        if let At::Path(path) = at {
            return path.to_owned();
        }
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
        match at {
            At::Attribute(local) => path.extend(["/@", local]),
            At::Child(local, ordinal, repeats) => push_step(&mut path, local, ordinal, repeats),
            At::Here | At::Path(_) => {}
        }
        path
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
