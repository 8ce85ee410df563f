//! IDs and references to them, over the whole document; and names of entities, which it cannot have.

use std::collections::HashSet;

use super::Validator;
use super::path::At;
use crate::xsd::datatype::words;
use crate::xsd::error::{ErrorKind, excerpt};
use crate::xsd::simple::{IdKind, SimpleId};

#[derive(Debug, Default)]
pub(super) struct Ids {
    known: HashSet<Box<str>>,
    /// References to what was not yet known: value, offset, path.
    open: Vec<(Box<str>, usize, String)>,
}

impl Validator<'_> {
    /// Remembers a valid value whose type has to do with IDs.
    pub(super) fn note_ids(&mut self, ty: SimpleId, value: &str, offset: usize, at: At<'_>) {
        if self.schema.types().get(ty).id_kind == IdKind::None {
            return;
        }
        match self.schema.types().id_kind(ty, value) {
            IdKind::None | IdKind::Member => {}
            IdKind::Entity => {
                let value = excerpt(value);
                self.error(offset, at, |_| ErrorKind::UndeclaredEntity { value });
            }
            IdKind::Id => {
                if !self.ids.known.insert(value.into()) {
                    let value = excerpt(value);
                    self.error(offset, at, |_| ErrorKind::DuplicateId { value });
                }
            }
            IdKind::Idref => {
                for word in words(value) {
                    if !self.ids.known.contains(word) {
                        // Beyond what is reported a path is not needed.
                        let reported = self.ids.open.len() < self.max_errors;
                        let path = match reported {
                            true => self.path(at),
                            false => String::new(),
                        };
                        self.ids.open.push((word.into(), offset, path));
                    }
                }
            }
        }
    }

    /// The document ends: which references lead nowhere?
    pub(super) fn close_ids(&mut self) {
        for (value, offset, path) in std::mem::take(&mut self.ids.open) {
            if !self.ids.known.contains(&value) {
                let value = excerpt(&value);
                let kind = ErrorKind::UnknownIdref { value };
                self.error(offset, At::Path(&path), |_| kind);
            }
        }
    }
}
