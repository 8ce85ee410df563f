//! What the thread does that makes the index and follows the register.
//!
//! It takes no more than half of a processor while it follows, behind all others. A new index is made beside the old one and
//! takes its name when it is finished, so that a file of that name is always whole. Of several processes one keeps the file,
//! and holds a lock beside it; the others say that they have none, and try again.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::ops::ControlFlow;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::index::{self, Standing};
use super::readers::Readers;
use super::stop::Stop;
use super::{Phase, Shared, Trouble, build, is_damage};
use crate::store::StoreError;
use crate::sync;

/// How often it is looked whether the register has changed: a search shows a change at most so much later.
const LOOK: Duration = Duration::from_millis(200);
/// How long to wait after a failure.
const AGAIN: Duration = Duration::from_secs(30);
/// Changes taken at a time.
const PORTION: u32 = 500;
/// How far behind all others the thread stands for a processor.
const NICE: i32 = 10;

pub(super) struct Keeper {
    file: PathBuf,
    shared: Arc<Shared>,
    stop: Arc<Stop>,
    lock: Option<File>,
    writer: Option<Writer>,
}

/// A finished index that is followed up.
struct Writer {
    conn: Connection,
    standing: Standing,
    identity: (u64, u64),
}

/// Whether there is more to do.
enum Step {
    More,
    Done,
}

impl Keeper {
    pub(super) const fn new(file: PathBuf, shared: Arc<Shared>, stop: Arc<Stop>) -> Self {
        Self {
            file,
            shared,
            stop,
            lock: None,
            writer: None,
        }
    }

    pub(super) fn run(mut self) {
        // Of this thread alone, as Linux counts. Without it the thread works all the same.
        let _ = rustix::process::setpriority_process(None, NICE);
        let mut told = None;
        loop {
            let begun = Instant::now();
            let step = self.step();
            if self.stop.is_asked() {
                return;
            }
            let pause = match step {
                Ok(step) => {
                    told = None;
                    match step {
                        Step::More => begun.elapsed(),
                        Step::Done => LOOK,
                    }
                }
                Err(Trouble::Stopped | Trouble::Store(StoreError::Closed)) => return,
                Err(trouble) => {
                    let why = trouble.to_string();
                    let damaged = {
                        let mut now = sync::lock(&self.shared.now);
                        now.phase = Phase::Failed(why.clone());
                        now.damaged
                    };
                    if told.as_ref() != Some(&why) {
                        tracing::warn!(error = %why, "the index of the search is not current; it is tried again");
                    }
                    told = Some(why);
                    // What is damaged is made anew at once.
                    if damaged { LOOK } else { AGAIN }
                }
            };
            if self.stop.wait(pause) {
                return;
            }
        }
    }

    fn step(&mut self) -> Result<Step, Trouble> {
        self.take_lock()?;
        self.let_go_of_what_is_lost();
        if self.writer.is_none() {
            let writer = match self.open() {
                Some(writer) => writer,
                None => self.make()?,
            };
            self.shared
                .publish(writer.standing, Readers::open(&self.file)?);
            self.writer = Some(writer);
        }
        self.follow()
    }

    /// One process keeps the file.
    fn take_lock(&mut self) -> Result<(), Trouble> {
        if self.lock.is_some() {
            return Ok(());
        }
        let mut options = OpenOptions::new();
        let options = options.write(true).create(true).truncate(false).mode(0o600);
        let lock = options.open(self.file.with_extension("laas"))?;
        match lock.try_lock() {
            Ok(()) => self.lock = Some(lock),
            Err(fs::TryLockError::WouldBlock) => return Err(Trouble::Locked),
            Err(fs::TryLockError::Error(error)) => return Err(error.into()),
        }
        Ok(())
    }

    /// A file that was removed or replaced, that is damaged, or that tells of another line of history.
    fn let_go_of_what_is_lost(&mut self) {
        let epoke = self.shared.positions.borrow().epoke;
        let Some(writer) = &self.writer else { return };
        let mut now = sync::lock(&self.shared.now);
        if now.damaged || writer.standing.epoke != epoke {
            // What they would answer is wrong. What was removed answers until there is another.
            now.readers = None;
        } else if identity(&self.file).ok() == Some(writer.identity) {
            return;
        }
        let damaged = std::mem::take(&mut now.damaged);
        drop(now);
        self.writer = None;
        if damaged {
            remove(&self.file);
        }
    }

    /// The index in the file, where it can be used. Reads the whole file once.
    fn open(&self) -> Option<Writer> {
        // SQLite would make it.
        let identity = identity(&self.file).ok()?;
        let opened = || -> Result<Option<Writer>, Trouble> {
            let conn = index::writable(&self.file)?;
            self.stop.may_break_off(&conn);
            let Some(standing) = index::standing(&conn, &self.shared.names)? else {
                return Ok(None);
            };
            let position = self.shared.source.read(|view| view.position())?;
            let is_ours = standing.epoke == position.epoke && standing.sekvens <= position.sekvens;
            Ok((is_ours && index::is_whole(&conn)?).then_some(Writer {
                conn,
                standing,
                identity,
            }))
        };
        let opened = opened();
        let opened = opened
            .inspect_err(|error| tracing::warn!(%error, "the index of the search is made anew"));
        opened.ok().flatten()
    }

    /// Makes the index anew, beside what is there.
    fn make(&self) -> Result<Writer, Trouble> {
        let mut name = self.file.as_os_str().to_owned();
        name.push("-ny");
        let new = PathBuf::from(name);
        remove(&new);
        let begun = Instant::now();
        let made = self.make_in(&new).and_then(|records| {
            // The side files of the one before; whoever has that open has them open too.
            remove_sides(&self.file);
            fs::rename(&new, &self.file)?;
            Ok(records)
        });
        let records = made.inspect_err(|_| remove(&new))?;
        let seconds = begun.elapsed().as_secs();
        tracing::info!(records, seconds, "the index of the search is made");
        let conn = index::writable(&self.file)?;
        self.stop.may_break_off(&conn);
        let standing = index::standing(&conn, &self.shared.names)?;
        let standing =
            standing.ok_or_else(|| io::Error::other("it was replaced while it was made"))?;
        Ok(Writer {
            conn,
            standing,
            identity: identity(&self.file)?,
        })
    }

    /// Makes it in a file; tells of how many records.
    fn make_in(&self, new: &Path) -> Result<u64, Trouble> {
        // Like the register, for its owner alone: SQLite would go by the umask.
        OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(new)?;
        let mut conn = Connection::open(new)?;
        self.stop.may_break_off(&conn);
        let mut records = 0;
        let mut progress = |done, of| {
            records = done;
            sync::lock(&self.shared.now).phase = Phase::Building { done, of };
            match self.stop.is_asked() {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(()),
            }
        };
        let (source, names) = (&self.shared.source, &self.shared.names);
        build::fill(&mut conn, source, names, &mut progress)?;
        conn.close().map_err(|(_, error)| error)?;
        File::open(new)?.sync_all()?;
        Ok(records)
    }

    /// Takes the next changes, if there are any.
    fn follow(&mut self) -> Result<Step, Trouble> {
        let Some(writer) = &mut self.writer else {
            return Ok(Step::Done);
        };
        let last = self.shared.positions.borrow().sekvens;
        let reached = |standing: Standing| {
            let mut now = sync::lock(&self.shared.now);
            now.standing = Some(standing);
            now.phase = Phase::Following;
        };
        if last <= writer.standing.sekvens {
            reached(writer.standing);
            return Ok(Step::Done);
        }
        let after = writer.standing.sekvens;
        let changes = self
            .shared
            .source
            .read(|view| view.aendringer(after, PORTION))?;
        let Some(newest) = changes.last() else {
            return Ok(Step::Done);
        };
        let standing = Standing {
            sekvens: newest.sekvens,
            ..writer.standing
        };
        let done = index::apply(&mut writer.conn, &self.shared.names, &changes, standing);
        if let Err(error) = &done
            && is_damage(error)
        {
            sync::lock(&self.shared.now).damaged = true;
        }
        done?;
        writer.standing = standing;
        reached(standing);
        Ok(match changes.len() < PORTION as usize {
            true => Step::Done,
            false => Step::More,
        })
    }
}

/// Device and inode.
fn identity(file: &Path) -> io::Result<(u64, u64)> {
    fs::metadata(file).map(|file| (file.dev(), file.ino()))
}

/// Removes an index, as far as it can be: what stays shows when it is made anew.
fn remove(file: &Path) {
    let _ = fs::remove_file(file);
    remove_sides(file);
}

/// Removes what SQLite keeps beside an index.
fn remove_sides(file: &Path) {
    for side in ["-wal", "-shm", "-journal"] {
        let mut name = file.as_os_str().to_owned();
        name.push(side);
        let _ = fs::remove_file(name);
    }
}
