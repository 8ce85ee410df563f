//! The register in one SQLite file. Nothing outside this folder sees SQL or a type of rusqlite.
//!
//! | module | what it holds |
//! | --- | --- |
//! | `filer`, `disk` | the database's files beside SQLite: made, synced, looked at; small files put in place |
//! | `connection`, `migrate`, `schema` | opening the file, its settings, its schema and that it is just that |
//! | `values`, `rows` | domain values and records to and from columns |
//! | `query`, `read`, `select`, `pool` | reading: running a statement, the queries, selections, the connections that read |
//! | `write`, `numbers`, `highwater` | writing: changes, the series of numbers, the mark that a restore keeps to |
//! | `digests` | the chain of digests over the changes |
//! | `failing` | what failed last, and how `/readyz` finds out whether it would again |
//! | `queue`, `turns`, `refusals`, `writer`, `group` | what waits for the writer, whose turn it is, and the thread that commits it in groups |
//! | `mirror` | the mirrors of CVR and DAR, in files of their own |
//! | `drev`, `beats` | what kind of drive it lies on, when it was last in use |
//! | `checkpoint`, `gate` | moving the write-ahead log into the database, and what keeps it from growing |
//! | `rights` | that each version of an organisation, system or agreement stands in an audit line |
//! | `backup`, `restore`, `place`, `left_behind`, `verify`, `lock` | copies, the way back, the invariants, who has the register open |
//!
//! Beside `register.db` lie SQLite's own `register.db-wal` and `-shm`, `register.hoejvande` (the high-water mark of
//! the numbers), `register.laas` (the lock that tells a restore whether the register is in use) and `register.server` (the
//! lock of the one server that runs on it) and `register.ur` (when it was last in use, by a clock that was believed); while a restore puts the new register in place, `register.genskabes` too.
//!
//! Invariant: the current state of a record is a pointer to its last version in the append-only history, so the two
//! cannot disagree. Triggers keep history and audit chain append-only and gap-free, whoever writes to the file.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rusqlite::Connection;

use self::checkpoint::Checkpointer;
use self::error::io;
use self::failing::Failing;
use self::filer::Files;
use self::gate::Gate;
use self::highwater::HighWater;
use self::lock::{InUse, Serving};
use self::memory::Memory;
use self::pool::Pool;
use self::queue::Queue;
use self::read::View;
use self::refusals::Refusals;
use self::writer::Writer;
use super::{Job, Outcome, Position, Read, Result, Store, StoreError, StoreExt as _, Watch};
use crate::audit::{Entry, Udfald};
use crate::clock::Clock;

mod administratorer;
mod anmodninger;
mod backup;
mod beats;
mod checkpoint;
mod connection;
mod digests;
mod disk;
mod drev;
mod error;
mod failing;
mod filer;
mod gate;
mod group;
mod highwater;
mod left_behind;
mod lock;
mod memory;
mod migrate;
pub mod mirror;
mod numbers;
mod place;
mod pool;
mod query;
mod queue;
mod read;
mod refusals;
mod regler;
mod restore;
mod rights;
mod rows;
mod schema;
mod select;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod tilslutning;
mod turns;
mod values;
mod verify;
mod write;
mod writer;

pub use backup::{CopyProgress, backup_as_it_is};
pub use beats::{beat, heartbeat};
pub use drev::network;
pub use left_behind::parts;
pub use numbers::{Format, Numbering};
pub use restore::{Lost, Restored, RestoredBy, restore};
pub use verify::{Verified, examine, verify};

/// How a register is opened. The defaults are those of the product.
#[derive(Debug, Clone)]
pub struct Options {
    /// How institution numbers are issued.
    pub numbers: Numbering,
    /// Connections that read, and so readers at a time (4). A reader that reads again inside its closure takes two.
    pub readers: usize,
    /// Jobs that may wait for the writer before it is [`StoreError::Busy`] (1024).
    pub queue: usize,
    /// Jobs that one commit holds at most (256).
    pub group: usize,
    /// Audit lines of refusals that wait as they are; beyond it alike ones are merged (4096).
    pub refusals: usize,
    /// For how long equal refusals of a caller are counted, to be one line of the audit chain (60 s).
    pub merge: Duration,
    /// Pages (of 4 KiB) in the write-ahead log from which on views that may last wait for it to begin anew (16,384: 64 MiB).
    pub log: u32,
    /// How long such a view may last while others wait for it (30 s).
    pub view: Duration,
    /// After how long without a write the log is cut to nothing (5 s).
    pub idle: Duration,
    /// How long to wait for another process that writes (5 s).
    pub busy_timeout: Duration,
    /// Bring the register of an older program to the version of this one, when no other process has it open. Else it is
    /// refused.
    pub migrate: bool,
    /// This process serves the register: no other may serve it too.
    pub server: bool,
    /// The clock for what the store itself dates.
    pub clock: Clock,
    /// Who is told how the writer is doing.
    pub watch: Option<Arc<dyn Watch>>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            numbers: Numbering::default(),
            readers: 4,
            queue: 1024,
            group: 256,
            refusals: 4096,
            merge: Duration::from_secs(60),
            log: 16_384,
            view: Duration::from_secs(30),
            idle: Duration::from_secs(5),
            busy_timeout: Duration::from_secs(5),
            migrate: true,
            server: false,
            clock: Clock::System,
            watch: None,
        }
    }
}

/// How often [`SqliteStore::stop`] looks whether the writer has ended.
const ENDED: Duration = Duration::from_millis(5);

/// A register in a SQLite file. Dropping it is [`SqliteStore::close`].
pub struct SqliteStore {
    path: PathBuf,
    options: Options,
    queue: Arc<Queue>,
    pool: Pool,
    foreign: Arc<AtomicU64>,
    failing: Arc<Failing>,
    gone: tokio::sync::watch::Receiver<Option<String>>,
    positions: tokio::sync::watch::Sender<Position>,
    writer: Option<JoinHandle<()>>,
    _checkpointer: Checkpointer,
    _in_use: InUse,
    _serving: Option<Serving>,
}

impl std::fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SqliteStore")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

impl SqliteStore {
    /// Opens the register at `path`; makes an empty one, readable by its owner alone, when there is none.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when the file is no register, or one of a newer program; [`StoreError::Refused`] when it
    /// is being restored, a restore of it was interrupted, or its folder is missing; [`StoreError::Failed`] when it
    /// cannot be opened.
    pub fn open(path: &Path, options: Options) -> Result<Self> {
        let mut in_use = InUse::shared(path)?;
        place::refuse_interrupted(path)?;
        let serving = options.server.then(|| Serving::on(path)).transpose()?;
        let mut conn = connection::writable(path, options.busy_timeout)?;
        let version = migrate::version(&conn)?;
        if (1..migrate::VERSION).contains(&version) {
            drop(conn);
            in_use = migrate_alone(in_use, path, version, &options)?;
            conn = connection::writable(path, options.busy_timeout)?;
        }
        schema::migrate(&mut conn)?;
        for left in left_behind::clear(path) {
            tracing::warn!(file = %left.display(), "removed what an interrupted restore had left");
        }
        // Tells at once when the register was filled with another format of numbers.
        options.numbers.place(options.numbers.counter(&conn)?)?;
        let gate = Gate::default();
        let pool = Pool::open(
            path,
            options.readers,
            options.busy_timeout,
            gate.clone(),
            options.view * 2,
        )?;
        let queue = Arc::new(Queue::new(
            options.queue,
            Refusals::new(options.refusals, options.merge),
            options.watch.clone(),
        ));
        let foreign = Arc::new(AtomicU64::new(0));
        let failing = Arc::new(Failing::of(path));
        let (gone, told) = tokio::sync::watch::channel(None);
        let positions = tokio::sync::watch::Sender::new(read::position(&conn)?);
        let own = connection::writable(path, options.busy_timeout)?;
        let checkpointer = Checkpointer::start(own, gate, &options)?;
        let writer = Writer {
            due: checkpointer.due.clone(),
            memory: Memory::lasting(),
            seen: writer::data_version(&conn)?,
            schema: schema::cookie(&conn)?,
            conn,
            queue: Arc::clone(&queue),
            mark: HighWater::of(path),
            numbering: options.numbers,
            clock: options.clock.clone(),
            group: options.group.max(1),
            foreign: Arc::clone(&foreign),
            failing: Arc::clone(&failing),
            // Log and index are there now that the register has been read.
            files: Files::of(path).map_err(|error| io("find", path, &error))?,
            gone,
            watch: options.watch.clone(),
            positions: positions.clone(),
        };
        let writer = std::thread::Builder::new()
            .name("register-writer".into())
            .spawn(move || writer.run())
            .map_err(|error| StoreError::Failed(format!("cannot start the writer: {error}")))?;
        Ok(Self {
            path: path.to_owned(),
            options,
            queue,
            pool,
            foreign,
            failing,
            gone: told,
            positions,
            writer: Some(writer),
            _checkpointer: checkpointer,
            _in_use: in_use,
            _serving: serving,
        })
    }

    /// Copies the register as it stands at one moment into the new file `to`, while it is written to. Blocks; the file
    /// appears under its name when it is whole and on disk.
    ///
    /// # Errors
    /// [`StoreError::Refused`] when the file exists; [`StoreError::Failed`] when it cannot be written.
    pub fn backup(&self, to: &Path, progress: &mut dyn FnMut(CopyProgress)) -> Result<()> {
        backup::backup(&self.path, to, self.options.busy_timeout, progress)
    }

    /// How many jobs wait for the writer.
    pub fn waiting(&self) -> usize {
        self.queue.waiting()
    }

    /// A count that has risen when another process has committed: noticed before each group of writes, and within
    /// 250 ms when there are none. Costs nothing to ask.
    pub fn foreign_commits(&self) -> u64 {
        self.foreign.load(Ordering::Acquire)
    }

    /// Told when the register's files were taken away under the store: why it takes no more jobs. The process should
    /// end, so that another begins with the files that are there.
    pub fn gone(&self) -> tokio::sync::watch::Receiver<Option<String>> {
        self.gone.clone()
    }

    /// Takes no more jobs from anybody, refuses those not begun with [`StoreError::Closed`], and lets the writer commit
    /// what it has begun and write the audit lines that wait. Waits for that at most `patience` long, and tells whether
    /// it is done. Readers are not affected.
    pub fn stop(&self, patience: Duration) -> bool {
        self.queue.close();
        let give_up = Instant::now() + patience;
        let ended = || self.writer.as_ref().is_none_or(JoinHandle::is_finished);
        while !ended() && Instant::now() < give_up {
            std::thread::sleep(ENDED);
        }
        ended()
    }

    /// As [`SqliteStore::stop`], but waits as long as the job takes that is being done, and closes the file. The same
    /// as dropping the store. Whoever wants a job done waits for its answer before.
    pub fn close(self) {}

    /// Shows a job what a connection of a reader sees.
    fn show(&self, conn: &Connection, job: &mut dyn FnMut(&dyn Read) -> Result<()>) -> Result<()> {
        job(&View {
            conn,
            clock: &self.options.clock,
            numbering: &self.options.numbers,
            memory: &Memory::default(),
        })
    }
}

/// Brings a register of an older program to the version of this one: a server of that program would go on writing as if
/// nothing had happened, so none may have it open.
fn migrate_alone(in_use: InUse, path: &Path, version: usize, options: &Options) -> Result<InUse> {
    let newest = migrate::VERSION;
    let refused = |why: &str| {
        StoreError::Refused(format!(
            "the register is of version {version}, and this program of version {newest}: {why}; dtr backup copies it as it is"
        ))
    };
    if !options.migrate {
        return Err(refused(
            "dtr serve brings it to that version, when no other dtr has it open",
        ));
    }
    let migrated = in_use.alone_for(path, || {
        let mut conn = connection::writable(path, options.busy_timeout)?;
        schema::migrate(&mut conn)
    });
    match migrated {
        Ok((in_use, ())) => Ok(in_use),
        Err(StoreError::Refused(_)) => Err(refused(
            "an older dtr still has it open; stop it, and start this one again",
        )),
        Err(error) => Err(error),
    }
}

impl Store for SqliteStore {
    fn check(&self) -> Result<tokio::sync::oneshot::Receiver<Result<()>>> {
        let probe = Entry {
            tidspunkt: self.options.clock.now(),
            operation: "intern/readyz".into(),
            udfald: Udfald::Gemt,
            cvr: None,
            identitet: String::new(),
            person: None,
            korrelations_id: uuid::Uuid::nil(),
            message_id: None,
            sagsnummer: None,
            sekvenser: None,
            noter: Vec::new(),
            antal: 1,
        };
        let failing = Arc::clone(&self.failing);
        self.write(move |tx| {
            if failing.is() {
                // Writes that are rolled back never reach a full disk; the writer makes this a commit that does.
                return Ok(Outcome::Keep(()));
            }
            tx.audit(&probe)?;
            Ok(Outcome::Undo((), None))
        })
    }

    fn read_boxed(&self, job: &mut dyn FnMut(&dyn Read) -> Result<()>) -> Result<()> {
        self.pool.read(|conn| self.show(conn, job))
    }

    fn read_long_boxed(&self, job: &mut dyn FnMut(&dyn Read) -> Result<()>) -> Result<()> {
        self.pool.read_long(|conn| self.show(conn, job))
    }

    fn positions(&self) -> tokio::sync::watch::Receiver<Position> {
        self.positions.subscribe()
    }

    fn read_now_boxed(&self, job: &mut dyn FnMut(&dyn Read) -> Result<()>) -> Option<Result<()>> {
        self.pool.read_now(|conn| self.show(conn, job))
    }

    fn submit(&self, job: Job) -> Result<()> {
        if let Some(gone) = self.queue.submit(job)? {
            group::refuse(gone, &StoreError::Busy);
        }
        Ok(())
    }

    fn audit_later(&self, entry: Entry) {
        self.queue.refuse(entry);
    }
}

impl Drop for SqliteStore {
    fn drop(&mut self) {
        self.queue.close();
        if let Some(writer) = self.writer.take() {
            // The last owner may be a job: the writer cannot wait for itself.
            if writer.thread().id() != std::thread::current().id() && writer.join().is_err() {
                tracing::error!("the writer of the register panicked");
            }
        }
    }
}
