//! How the mirrors of CVR and DAR are loaded.

use std::path::Path;

use crate::mirror::{MirrorCell, MirrorKind, MirrorState};
use crate::register::Tidspunkt;
use crate::store::sqlite;

/// A mirror: how it was loaded, if it is; and why its file can't be used, if it can't.
#[derive(Debug)]
pub struct MirrorStatus {
    /// Which.
    pub kind: MirrorKind,
    /// How it was loaded.
    pub state: Option<MirrorState>,
    /// Why its file can't be used.
    pub error: Option<String>,
}

impl MirrorStatus {
    /// Those of the files beside a register.
    pub fn of_files(database: &Path) -> [Self; 2] {
        MirrorKind::ALL.map(|kind| {
            let path = sqlite::mirror::path(database, kind);
            let (state, error) = match sqlite::mirror::state(&path, kind) {
                Ok(state) => (state, None),
                Err(error) => (None, Some(error.why)),
            };
            Self { kind, state, error }
        })
    }

    /// Those that a server uses. One whose new file can't be used goes on with the old.
    pub fn in_use(cell: &MirrorCell) -> [Self; 2] {
        let mirrors = cell.now();
        MirrorKind::ALL.map(|kind| Self {
            kind,
            state: mirrors.state(kind).cloned(),
            error: cell.error(kind),
        })
    }

    /// The seconds since it was loaded, and its rows.
    pub fn age_and_rows(&self, now: Tidspunkt) -> Option<(i64, u64)> {
        let state = self.state.as_ref()?;
        let age = now.millis().saturating_sub(state.loaded.millis()) / 1000;
        Some((age, state.rows))
    }
}
