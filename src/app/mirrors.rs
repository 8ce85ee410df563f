//! The mirrors of a server: opened when it starts, looked at every few seconds, and switched when `dtr mirror load` has
//! put a new one in place. What can't be used leaves the old in place, and is told.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::background::every;
use crate::config::Config;
use crate::mirror::{MirrorCell, MirrorError, MirrorKind};
use crate::store::sqlite::mirror;

/// How often the files are looked at.
const LOOK: Duration = Duration::from_secs(3);

/// What tells that a file is another: device, inode, length, when it was changed.
type Mark = Option<(u64, u64, u64, i64, i64)>;

/// The switching of mirrors.
pub(super) struct Switching {
    paths: [(MirrorKind, PathBuf); 2],
    seen: [Mark; 2],
    cell: Arc<MirrorCell>,
}

impl Switching {
    /// Opens the mirrors beside a configuration's register; a server starts without one that can't be used.
    pub(super) fn new(config: &Config) -> Self {
        let paths = MirrorKind::ALL.map(|kind| (kind, mirror::path(&config.database.fil, kind)));
        let (mut seen, cell) = ([None; 2], Arc::default());
        look(&paths, &mut seen, &cell);
        Self { paths, seen, cell }
    }

    /// Where the mirrors are held.
    pub(super) fn cell(&self) -> Arc<MirrorCell> {
        Arc::clone(&self.cell)
    }

    /// Looks at the files now and then, for as long as the server runs.
    pub(super) async fn watch(self) {
        let Self {
            paths,
            mut seen,
            cell,
        } = self;
        let held = Arc::downgrade(&cell);
        drop(cell);
        // A new mirror is read through once, which may take a second.
        every(LOOK, held, move |cell| look(&paths, &mut seen, cell)).await;
    }
}

fn look(paths: &[(MirrorKind, PathBuf); 2], seen: &mut [Mark; 2], cell: &MirrorCell) {
    for ((kind, path), seen) in paths.iter().zip(seen) {
        let found = mark(path);
        if found == *seen {
            continue;
        }
        *seen = found;
        let put = match kind {
            MirrorKind::Cvr => mirror::cvr(path).map(|cvr| cell.set_cvr(cvr)),
            MirrorKind::Dar => mirror::dar(path).map(|dar| cell.set_dar(dar)),
        };
        told(*kind, put, cell);
    }
}

fn told(kind: MirrorKind, put: Result<(), MirrorError>, cell: &MirrorCell) {
    let mirror = kind.as_str();
    match (put, cell.now().state(kind)) {
        (Ok(()), Some(state)) => {
            tracing::info!(mirror, rows = state.rows, source = %state.source, loaded = %state.loaded, "mirror in use");
        }
        (Ok(()), None) => tracing::warn!(
            mirror,
            "the mirror was taken away; nothing is checked in it"
        ),
        (Err(error), _) => {
            tracing::error!(mirror, %error, "the mirror's file can't be used; the old stands");
            cell.failed(kind, error.why);
        }
    }
}

fn mark(path: &std::path::Path) -> Mark {
    use std::os::unix::fs::MetadataExt as _;
    let data = std::fs::metadata(path).ok()?;
    Some((
        data.dev(),
        data.ino(),
        data.len(),
        data.mtime(),
        data.mtime_nsec(),
    ))
}
