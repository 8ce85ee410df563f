//! Two safeguards that a write may leave out, and is warned of when it does: a name to be repeated by (`wsa:MessageID` or
//! `Idempotency-Key`), and the version that a change was made from (`forventetVersion`).
//!
//! Both are easily left out without anybody meaning to: .NET sends `forventetVersion` only when a second property is set as
//! well, and a MessageID that a stack was told to send may never have been sent. So a write that went well says what it
//! did without, once for the message.

use crate::problem::{Problem, register};
use crate::register::Version;

use super::Import;
use super::operations::WriteKind;

/// Which of them an installation warns of (`[advarsler]`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Safeguards {
    /// Updates, moves and closings of version 2 without `forventetVersion`.
    pub expected_version: bool,
    /// Writes that can't be repeated safely.
    pub message_id: bool,
}

impl Safeguards {
    /// Nothing is warned of.
    pub const NONE: Self = Self {
        expected_version: false,
        message_id: false,
    };

    /// What an accepted write is warned of.
    pub(super) fn missing(self, import: &Import) -> impl Iterator<Item = Problem> {
        let version = self
            .expected_version
            .then(|| without_version(import))
            .flatten();
        let id = self.message_id && import.request.key().is_none();
        let id = id.then(|| Problem::new(&register::MESSAGE_ID_MANGLER));
        version.into_iter().chain(id)
    }
}

/// How many records say not from which version they were changed, at the first of them.
fn without_version(import: &Import) -> Option<Problem> {
    if import.kind == WriteKind::Insert || import.service.version < Version::V2 {
        return None;
    }
    let records = &import.request.message.records;
    let mut without = records
        .iter()
        .filter(|sent| sent.expected_version.is_none());
    let first = without.next()?;
    let problem = Problem::new(&register::FORVENTET_VERSION_MANGLER)
        .with("antal", 1 + without.count())
        .with("poster", records.len());
    Some(problem.at(first.place()))
}
