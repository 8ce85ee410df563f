//! The mirrors of a server: opened when it starts, looked at every few seconds, and switched when `dtr mirror load` has
//! put a new one in place. What can't be used leaves the old in place, and is told.

use std::path::PathBuf;
use std::sync::{Arc, Weak};
use std::time::Duration;

use crate::config::Config;
use crate::spejl::{Slags, SpejlCelle, SpejlFejl};
use crate::store::sqlite::spejl;

/// How often the files are looked at.
const LOOK: Duration = Duration::from_secs(3);

/// What tells that a file is another: device, inode, length, when it was changed.
type Mark = Option<(u64, u64, u64, i64, i64)>;

/// The switching of mirrors.
pub(super) struct Skift {
    paths: [(Slags, PathBuf); 2],
    seen: [Mark; 2],
    celle: Arc<SpejlCelle>,
}

impl Skift {
    /// Opens the mirrors beside a configuration's register; a server starts without one that can't be used.
    pub(super) fn new(config: &Config) -> Self {
        let mut new = Self {
            paths: Slags::ALL.map(|slags| (slags, spejl::path(&config.database.fil, slags))),
            seen: [None; 2],
            celle: Arc::default(),
        };
        let celle = Arc::clone(&new.celle);
        new.look(&celle);
        new
    }

    /// Where the mirrors are held.
    pub(super) fn celle(&self) -> Arc<SpejlCelle> {
        Arc::clone(&self.celle)
    }

    /// Looks at the files now and then, for as long as the server runs.
    pub(super) async fn watch(self) {
        let Self {
            paths,
            mut seen,
            celle,
        } = self;
        let held = celle;
        let celle: Weak<SpejlCelle> = Arc::downgrade(&held);
        drop(held);
        let mut ticks = tokio::time::interval(LOOK);
        loop {
            ticks.tick().await;
            let Some(celle) = celle.upgrade() else { return };
            let mut this = Self {
                paths: paths.clone(),
                seen,
                celle,
            };
            // A new mirror is read through once, which may take a second.
            let looked = tokio::task::spawn_blocking(move || {
                let celle = Arc::clone(&this.celle);
                this.look(&celle);
                this.seen
            });
            match looked.await {
                Ok(now) => seen = now,
                Err(_) => return,
            }
        }
    }

    fn look(&mut self, celle: &SpejlCelle) {
        for ((slags, path), seen) in self.paths.iter().zip(&mut self.seen) {
            let found = mark(path);
            if found == *seen {
                continue;
            }
            *seen = found;
            let put = match slags {
                Slags::Cvr => spejl::cvr(path).map(|cvr| celle.set_cvr(cvr)),
                Slags::Dar => spejl::dar(path).map(|dar| celle.set_dar(dar)),
            };
            told(*slags, put, celle);
        }
    }
}

fn told(slags: Slags, put: Result<(), SpejlFejl>, celle: &SpejlCelle) {
    let mirror = slags.as_str();
    match (put, celle.now().stand(slags)) {
        (Ok(()), Some(stand)) => {
            tracing::info!(mirror, rows = stand.raekker, source = %stand.kilde, loaded = %stand.indlaest, "mirror in use");
        }
        (Ok(()), None) => tracing::warn!(
            mirror,
            "the mirror was taken away; nothing is checked in it"
        ),
        (Err(error), _) => {
            tracing::error!(mirror, %error, "the mirror's file can't be used; the old stands");
            celle.failed(slags, error.why);
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
