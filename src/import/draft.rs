//! A record on its way to a decision, with all that can be said of it without the register: so much is done before a write's
//! turn.

use std::sync::Arc;

use crate::message::Sent;
use crate::problem::Problem;
use crate::register::{Content, Kodetabeller};

use super::alone;
use super::doubtful::doubtful;
use super::mirrors::LookedUp;
use super::operations::WriteKind;

/// A record as sent, judged by itself.
#[derive(Debug)]
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
}
