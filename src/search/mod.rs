//! The search for institutions: an index of words in a file of its own beside each gateway, `soeg.db`.
//!
//! | module | what it holds |
//! | --- | --- |
//! | `asked` | what is asked and what is found |
//! | `fold` | how words are compared |
//! | `entry`, `index` | a record as the index keeps it; the file: its tables, its writing |
//! | `build`, `keeper` | the index made from the register; what makes and follows it |
//! | `feeder`, `stop` | the thread that does so, and how it is stopped |
//! | `cell`, `figures` | where a record counts; counters of records, for pages of figures |
//! | `query`, `gather`, `terms` | the hits of what is asked; how they are gathered; words in the index's own language |
//! | `readers` | the connections that read |
//!
//! The index is made of what any store tells: records, and the feed of changes. No write waits for it, and no search waits for
//! whoever writes it. Losing it loses nothing: it is made anew when it is gone, damaged, of another form or another line of
//! history. Without it there is no search, and all else goes on.

mod asked;
mod build;
mod cell;
mod entry;
mod feeder;
mod figures;
mod fold;
mod gather;
mod index;
mod keeper;
mod query;
mod readers;
mod stop;
mod terms;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use rusqlite::Connection;
use tokio::sync::watch;

use self::build::Source;
use self::entry::Names;
use self::index::Standing;
use self::readers::Readers;
use crate::register::{Institutionsnummer, Kodetabeller, Kommunekode, Sekvens};
use crate::store::{Position, Store, StoreError};
use crate::sync;

pub use asked::{
    Asked, FormerNumber, Found, HITS, Hit, MOST_CHARACTERS, PAGES, Page, Shown, TooLong, Total,
    Words,
};
pub use feeder::Feeder;
pub use figures::{Cell, Figures};
pub use fold::folded;

/// Where the index of a register in a file lies: beside it.
pub fn path(database: &Path) -> PathBuf {
    database.with_file_name("soeg.db")
}

/// Why nothing can be searched now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotReady {
    /// The index is being made: so many records of so many are in it.
    #[error("the index is being made: {done} of {of} records")]
    Building {
        /// Records in it.
        done: u64,
        /// Records there are.
        of: u64,
    },
    /// There is no index, and the log says why.
    #[error("there is no index now")]
    Failed,
}

/// How the index is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// It is being made. One that was there before answers meanwhile, if it is of the same register.
    Building {
        /// Records in it.
        done: u64,
        /// Records there are.
        of: u64,
    },
    /// It answers.
    Ready {
        /// The last change in it.
        sekvens: Sekvens,
        /// How many changes are not in it yet.
        behind: u64,
    },
    /// It can't be made or kept current. It is tried again.
    Failed {
        /// Why.
        why: String,
    },
}

/// What keeps the index from being made or followed.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error("the index: {0}")]
    File(#[from] rusqlite::Error),
    #[error("the index: {0}")]
    System(#[from] std::io::Error),
    #[error("the register: {0}")]
    Store(#[from] StoreError),
    #[error("another process keeps the index")]
    Locked,
    #[error("stopped")]
    Stopped,
}

/// The search.
#[derive(Debug)]
pub struct Search(Arc<Shared>);

/// What searches and the one who keeps the index share.
struct Shared {
    source: Source,
    names: Names,
    positions: watch::Receiver<Position>,
    now: Mutex<Now>,
}

/// What is there now.
#[derive(Debug)]
struct Now {
    phase: Phase,
    /// Where the index stands that answers.
    standing: Option<Standing>,
    readers: Option<Arc<Readers>>,
    /// A search found the file damaged.
    damaged: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Phase {
    Building { done: u64, of: u64 },
    Following,
    Failed(String),
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared")
            .field("now", &self.now)
            .finish_non_exhaustive()
    }
}

impl Search {
    /// Starts to keep the index of a register in a file, on a thread of its own, until the [`Feeder`] is let go.
    ///
    /// The names of kommuner are those of the code tables.
    pub fn start(file: &Path, tables: &Kodetabeller, store: &Arc<dyn Store>) -> (Self, Feeder) {
        let shared = Arc::new(Shared::new(tables, store));
        let feeder = Feeder::start(file.to_owned(), Arc::clone(&shared));
        (Self(shared), feeder)
    }

    /// The search in the index that another process keeps for this register; none where there is none that can be used.
    pub fn beside(file: &Path, tables: &Kodetabeller, store: &Arc<dyn Store>) -> Option<Self> {
        let shared = Shared::new(tables, store);
        let conn = index::readable(file).ok()?;
        let standing = index::standing(&conn, &shared.names).ok()??;
        (standing.epoke == shared.positions.borrow().epoke).then_some(())?;
        shared.publish(standing, Readers::of(vec![conn]));
        Some(Self(Arc::new(shared)))
    }

    /// The search in an index that is made now, in memory: for a small register.
    ///
    /// # Errors
    /// What keeps it from being made, in words.
    pub fn in_memory(tables: &Kodetabeller, store: &Arc<dyn Store>) -> Result<Self, String> {
        let shared = Shared::new(tables, store);
        let mut go_on = |_, _| ControlFlow::Continue(());
        let made = Connection::open_in_memory()
            .map_err(Trouble::from)
            .and_then(|mut conn| {
                let standing = build::fill(&mut conn, &shared.source, &shared.names, &mut go_on)?;
                Ok((conn, standing))
            });
        let (conn, standing) = made.map_err(|trouble| trouble.to_string())?;
        shared.publish(standing, Readers::of(vec![conn]));
        Ok(Self(Arc::new(shared)))
    }

    /// Finds what is asked for. Blocks for a few milliseconds.
    ///
    /// # Errors
    /// [`NotReady`].
    pub fn find(&self, asked: &Asked) -> Result<Found, NotReady> {
        let shared = &*self.0;
        let number = asked.words.as_str().trim().to_uppercase();
        let number = Institutionsnummer::parse(&number).ok();
        let a_number = number.and_then(|number| shared.former(number));
        let now = a_number.as_ref().and_then(|former| former.now);
        let named: Vec<_> = number.into_iter().chain(now).collect();
        let (hits, total) = self.read(|conn| query::find(conn, asked, &named))?;
        Ok(Found {
            hits,
            total,
            page: asked.page,
            a_number,
        })
    }

    /// The figures of a kommune, or of all. Blocks for a few milliseconds.
    ///
    /// # Errors
    /// [`NotReady`].
    pub fn figures(&self, kommune: Option<Kommunekode>) -> Result<Figures, NotReady> {
        self.read(|conn| figures::read(conn, kommune))
    }

    /// How many open anvisningsenheder each kommune has, by its code.
    ///
    /// # Errors
    /// [`NotReady`].
    pub fn units_by_kommune(&self) -> Result<BTreeMap<u16, u64>, NotReady> {
        self.read(figures::units)
    }

    fn read<T>(&self, job: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, NotReady> {
        let shared = &*self.0;
        let readers = {
            let now = sync::lock(&shared.now);
            now.readers.clone().ok_or_else(|| now.not_ready())?
        };
        readers
            .lend(job)
            .map_err(|error| shared.failed(&readers, &error))
    }

    /// How the index is doing.
    pub fn state(&self) -> State {
        let now = sync::lock(&self.0.now);
        match (&now.phase, now.standing) {
            (Phase::Building { done, of }, _) => State::Building {
                done: *done,
                of: *of,
            },
            (Phase::Failed(why), _) => State::Failed { why: why.clone() },
            (Phase::Following, standing) => State::Ready {
                sekvens: standing.map_or(Sekvens(0), |standing| standing.sekvens),
                behind: self.0.behind(standing),
            },
        }
    }

    /// How many changes of the register are not in the index that answers, whatever its state.
    pub fn behind(&self) -> u64 {
        let standing = sync::lock(&self.0.now).standing;
        self.0.behind(standing)
    }
}

impl Shared {
    fn behind(&self, standing: Option<Standing>) -> u64 {
        let last = self.positions.borrow().sekvens;
        last.0
            .saturating_sub(standing.map_or(0, |standing| standing.sekvens.0))
    }

    fn new(tables: &Kodetabeller, store: &Arc<dyn Store>) -> Self {
        Self {
            source: Source(Arc::downgrade(store)),
            names: Names::of(tables),
            positions: store.positions(),
            now: Mutex::new(Now {
                phase: Phase::Building { done: 0, of: 0 },
                standing: None,
                readers: None,
                damaged: false,
            }),
        }
    }

    /// Lets an index answer.
    fn publish(&self, standing: Standing, readers: Readers) {
        let mut now = sync::lock(&self.now);
        *now = Now {
            phase: Phase::Following,
            standing: Some(standing),
            readers: Some(Arc::new(readers)),
            damaged: false,
        };
    }

    /// What an A-number is now. The register is asked, for the feed does not tell of these.
    fn former(&self, number: Institutionsnummer) -> Option<FormerNumber> {
        number.is_a_number().then_some(())?;
        let known = self.source.read(|view| view.a_nummer(number));
        let known = known
            .inspect_err(|error| tracing::warn!(%error, "an A-number can't be looked up"))
            .ok()??;
        Some(FormerNumber {
            number,
            name: known.navn,
            now: known.afgjort.map(|(now, _)| now),
        })
    }

    /// A search failed: one that finds the file damaged has it made anew.
    fn failed(&self, readers: &Arc<Readers>, error: &rusqlite::Error) -> NotReady {
        tracing::warn!(%error, "the index of the search can't be read");
        let mut now = sync::lock(&self.now);
        let is_own = now
            .readers
            .as_ref()
            .is_some_and(|own| Arc::ptr_eq(own, readers));
        if is_own && is_damage(error) {
            now.readers = None;
            now.damaged = true;
        }
        NotReady::Failed
    }
}

impl Now {
    fn not_ready(&self) -> NotReady {
        match self.phase {
            Phase::Building { done, of } => NotReady::Building { done, of },
            Phase::Following | Phase::Failed(_) => NotReady::Failed,
        }
    }
}

/// Whether an error says that a file is no good any more.
fn is_damage(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase, SystemIoFailure};
    match error.sqlite_error_code() {
        Some(code) => matches!(code, DatabaseCorrupt | NotADatabase | SystemIoFailure),
        // A value that no index of ours holds.
        None => true,
    }
}
