//! Loads an extract: reads it as a stream into a gathering, with a checkpoint every so many records, makes the mirror
//! from that, looks whether it is whole, and puts it in place. Interrupted at any moment, the mirror that was there stands,
//! and the same file given again goes on from the last checkpoint.

use std::fs::{File, OpenOptions};
use std::io::BufReader;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use super::gathering::{Checkpoint, Gathering, mark, put_in_place};
use super::taker::Taker;
use super::{cvr, dar, state};
use crate::files;
use crate::mirror::extract::cvr::CvrReader;
use crate::mirror::extract::dar::DarReader;
use crate::mirror::extract::{Extract, ExtractError};
use crate::mirror::{MirrorError, MirrorKind, MirrorState};
use crate::register::Tidspunkt;
use crate::store::StoreError;
use crate::store::sqlite::filer::{discard, with_side};

/// Bytes of the extract that are read at a time.
const BUFFER: usize = 1 << 20;

/// A mirror may not shrink below so many hundredths of the one in place: an extract that was cut off would make the
/// register refuse what is right.
const LEAST: u64 = 90;

/// What is loaded, and where.
#[derive(Debug, Clone)]
pub struct Load<'a> {
    /// Which mirror.
    pub kind: MirrorKind,
    /// The extract.
    pub extract: &'a Path,
    /// The mirror's file.
    pub target: &'a Path,
    /// Now, for the mirror to tell how old it is.
    pub now: Tidspunkt,
    /// Put it in place also when it holds much less than the one that is there.
    pub allow_smaller: bool,
    /// Columns that a CSV may lack.
    pub allow_without: &'a [String],
    /// Records between two checkpoints; 0 counts as 1.
    pub between_points: u64,
}

/// What the loading is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// It reads the extract.
    Reading,
    /// It makes the mirror.
    Building,
}

/// How far it has come. Told at each checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LoadProgress {
    /// What is being done.
    pub phase: Phase,
    /// Bytes of the extract that are behind.
    pub bytes: u64,
    /// Bytes of the extract.
    pub total: u64,
    /// Records taken in.
    pub rows: u64,
    /// Records rejected.
    pub rejected: u64,
}

/// A mirror that was loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loaded {
    /// What it tells of itself.
    pub state: MirrorState,
    /// Rejected records: the line that each begins on, and why. The first ten thousand.
    pub rejected: Vec<(u64, String)>,
    /// The line that an interrupted loading was taken up at.
    pub resumed: Option<u64>,
}

/// Why a mirror was not loaded. The one that was there stands.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The extract can't be read.
    #[error("{file}: {1}", file = .0.display())]
    Extract(PathBuf, ExtractError),
    /// The gathering or the new mirror can't be written.
    #[error("the mirror can't be written: {}", .0.detail())]
    Write(StoreError),
    /// The new mirror is not whole.
    #[error(transparent)]
    Mirror(#[from] MirrorError),
    /// A file beside the mirror.
    #[error("{file}: {1}", file = .0.display())]
    File(PathBuf, std::io::Error),
    /// Somebody loads the same mirror.
    #[error("another dtr mirror load is loading {}", .0.display())]
    Busy(PathBuf),
    /// Nothing came of it, or less than was rejected.
    #[error(
        "{rows} records could be used and {rejected} not, so this is no extract to rely on; line {line}: {reason}"
    )]
    Unusable {
        /// Records taken in.
        rows: u64,
        /// Records rejected.
        rejected: u64,
        /// The line of the first that was rejected; 0 when there was none.
        line: u64,
        /// Why.
        reason: String,
    },
    /// It holds much less than the one in place: rows of the one and of the other.
    #[error(
        "the extract has {0} rows, the mirror in place {1}: was it cut off? --tillad-mindre puts it in place all the same"
    )]
    Smaller(u64, u64),
    /// Whoever watches the progress stopped it.
    #[error("interrupted; give the same file again to go on")]
    Interrupted,
}

impl From<rusqlite::Error> for LoadError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Write(error.into())
    }
}

/// The records of the extract.
type Records = Extract<BufReader<File>>;

/// Loads an extract. Blocks for as long as it takes; holds one record in memory, and a bounded part of the files.
///
/// # Errors
/// [`LoadError`].
pub fn load(
    job: &Load<'_>,
    progress: &mut dyn FnMut(LoadProgress) -> ControlFlow<()>,
) -> Result<Loaded, LoadError> {
    let _lock = lock(job.target)?;
    let extract = |error: ExtractError| LoadError::Extract(job.extract.to_owned(), error);
    let mut file = files::open(job.extract).map_err(|error| extract(error.into()))?;
    let total = file.metadata().map_or(0, |data| data.len());
    let mark = mark(&mut file).map_err(|error| extract(error.into()))?;
    let mut records = Extract::open(BufReader::with_capacity(BUFFER, file)).map_err(extract)?;
    let mut taker = taker(job, &records).map_err(extract)?;
    let (gathering, from) = Gathering::open(job.target, job.kind, &mark)?;
    let resumed = from.filter(|checkpoint| checkpoint.place > 0);
    if let Some(checkpoint) = resumed {
        let place = (checkpoint.place, checkpoint.line);
        records
            .seek_to(place)
            .map_err(|error| extract(error.into()))?;
    }
    let mut checkpoint = resumed.unwrap_or_default();
    let mut told = |phase, checkpoint: &Checkpoint| {
        progress(LoadProgress {
            phase,
            bytes: checkpoint.place,
            total,
            rows: checkpoint.rows,
            rejected: checkpoint.rejected,
        })
    };
    loop {
        let into = (&gathering, &mut checkpoint);
        let more = gather(job, (&mut records, &mut *taker), into, &extract)?;
        if told(Phase::Reading, &checkpoint).is_break() {
            return Err(LoadError::Interrupted);
        }
        if !more {
            break;
        }
    }
    let rejected = gathering.rejected()?;
    if checkpoint.rows == 0 || checkpoint.rejected > checkpoint.rows {
        gathering.discard_all();
        let (line, reason) = rejected.into_iter().next().unwrap_or_default();
        return Err(LoadError::Unusable {
            rows: checkpoint.rows,
            rejected: checkpoint.rejected,
            line,
            reason,
        });
    }
    if told(Phase::Building, &checkpoint).is_break() {
        return Err(LoadError::Interrupted);
    }
    let state = build(job, &gathering, &checkpoint)?;
    gathering.discard_all();
    Ok(Loaded {
        state,
        rejected,
        resumed: resumed.map(|checkpoint| checkpoint.line),
    })
}

fn taker(job: &Load<'_>, records: &Records) -> Result<Box<dyn Taker>, ExtractError> {
    let (form, without) = (records.form(), job.allow_without);
    Ok(match job.kind {
        MirrorKind::Cvr => Box::new(cvr::CvrIntake::new(CvrReader::new(form, without)?)),
        MirrorKind::Dar => Box::new(dar::DarIntake::new(DarReader::new(form, without)?)),
    })
}

/// Takes records in, up to the next checkpoint; tells whether there are more.
fn gather(
    job: &Load<'_>,
    (records, taker): (&mut Records, &mut dyn Taker),
    (gathering, checkpoint): (&Gathering, &mut Checkpoint),
    extract: &dyn Fn(ExtractError) -> LoadError,
) -> Result<bool, LoadError> {
    gathering.begin()?;
    let mut more = true;
    for _ in 0..job.between_points.max(1) {
        let Some(record) = records.next_entry().map_err(extract)? else {
            more = false;
            break;
        };
        let rejected = match record.bytes {
            Some(bytes) => taker.take(&gathering.conn, bytes)?,
            None => Some("too long to be a record".to_owned()),
        };
        if let Some(why) = rejected {
            gathering.reject(checkpoint, record.line, &why)?;
            checkpoint.rejected += 1;
        } else {
            checkpoint.rows += 1;
        }
    }
    (checkpoint.place, checkpoint.line) = records.place();
    gathering.commit(checkpoint)?;
    Ok(more)
}

/// Makes the mirror, looks whether it is whole, and puts it in place.
fn build(
    job: &Load<'_>,
    gathering: &Gathering,
    checkpoint: &Checkpoint,
) -> Result<MirrorState, LoadError> {
    let aside = with_side(job.target, ".ny");
    let name = job.extract.file_name().unwrap_or_default();
    let mut made = MirrorState {
        loaded: job.now,
        source: name.to_string_lossy().into_owned(),
        rows: 0,
        rejected: checkpoint.rejected,
    };
    made.rows = gathering.build(&aside, &made)?;
    // One that can't be read is replaced whatever it held.
    let now = state(job.target, job.kind).unwrap_or_default();
    let now = now.map_or(0, |state| state.rows);
    if !job.allow_smaller && made.rows.saturating_mul(100) < now.saturating_mul(LEAST) {
        discard(&aside);
        return Err(LoadError::Smaller(made.rows, now));
    }
    super::OpenMirror::open(&aside, job.kind)?;
    put_in_place(&aside, job.target)
        .map_err(|error| LoadError::File(job.target.to_owned(), error))?;
    Ok(made)
}

/// Keeps a second loading of the same mirror away for as long as the file is open.
fn lock(target: &Path) -> Result<File, LoadError> {
    let path = with_side(target, ".laas");
    let told = |error| LoadError::File(path.clone(), error);
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .map_err(told)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(LoadError::Busy(target.to_owned())),
        Err(std::fs::TryLockError::Error(error)) => Err(told(error)),
    }
}
