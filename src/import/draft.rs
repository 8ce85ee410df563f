//! A record on its way to a decision, with all that can be said of it without the register: so much is done before a write's
//! turn.

use std::sync::Arc;

use crate::message::{Field, Sent};
use crate::problem::Problem;
use crate::register::{Content, Institutionsnummer, Kodetabeller, Niveau};

use super::alone;
use super::doubtful::doubtful;
use super::mirrors::LookedUp;
use super::operations::WriteKind;

/// A record as sent, judged by itself.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    pub(super) sent: Sent,
    /// What an insert or an update would store, filled in from the mirrors; absent where the schema refused what it can't be
    /// without.
    pub(super) content: Option<Arc<Content>>,
    /// Its codes that no table has.
    pub(super) codes: Vec<Problem>,
    /// What is wrong with its closing and its lineage by themselves.
    pub(super) end: Vec<Problem>,
    /// What it is warned of once it is accepted.
    pub(super) doubts: Vec<Problem>,
}

impl Draft {
    pub(super) fn new(
        sent: Sent,
        kind: WriteKind,
        tables: &Kodetabeller,
        looked_up: &LookedUp,
    ) -> Self {
        let mut draft = Self {
            content: None,
            codes: alone::codes(&sent, kind, tables),
            end: alone::closing(&sent, kind).into_iter().collect(),
            doubts: Vec::new(),
            sent,
        };
        draft.end.extend(alone::lineage(&draft.sent));
        if matches!(kind, WriteKind::Insert | WriteKind::Update) {
            draft.doubts = doubtful(&draft.sent);
            draft.content = draft.sent.content().map(|mut content| {
                looked_up.fill(draft.sent.nr, &mut content);
                Arc::new(content)
            });
        }
        draft
    }

    /// The same under a parent whose number was not known when it was written.
    pub(super) fn under(&self, kind: WriteKind, parent: Institutionsnummer) -> Self {
        let mut draft = self.clone();
        let level = draft.sent.level();
        let field = match (kind, level) {
            (WriteKind::Move, Niveau::AlternativAdresse) => Field::NytEnhedsNummer,
            (WriteKind::Move, _) => Field::NytDaginstitutionsNummer,
            _ => level.parent().unwrap_or(level).number(),
        };
        draft.sent.set_number(field, parent);
        if let Some(content) = &mut draft.content {
            Arc::make_mut(content).set_parent(parent);
        }
        draft
    }
}
