//! Loads an extract: reads it as a stream into a gathering, with a checkpoint every so many records, makes the mirror
//! from that, looks whether it is whole, and puts it in place. Interrupted at any moment, the mirror that was there stands,
//! and the same file given again goes on from the last checkpoint.

use std::fs::{File, OpenOptions};
use std::io::BufReader;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use super::samling::{Modtager, Punkt, Samling, maerke, put_in_place};
use super::{cvr, dar, stand};
use crate::files;
use crate::register::Tidspunkt;
use crate::spejl::udtraek::cvr::CvrLaeser;
use crate::spejl::udtraek::dar::DarLaeser;
use crate::spejl::udtraek::{Udtraek, UdtraekFejl};
use crate::spejl::{Slags, SpejlFejl, Stand};
use crate::store::StoreError;
use crate::store::sqlite::filer::{discard, with_side};

/// Bytes of the extract that are read at a time.
const BUFFER: usize = 1 << 20;

/// A mirror may not shrink below so many hundredths of the one in place: an extract that was cut off would make the
/// register refuse what is right.
const LEAST: u64 = 90;

/// What is loaded, and where.
#[derive(Debug, Clone)]
pub struct Indlaes<'a> {
    /// Which mirror.
    pub slags: Slags,
    /// The extract.
    pub udtraek: &'a Path,
    /// The mirror's file.
    pub til: &'a Path,
    /// Now, for the mirror to tell how old it is.
    pub nu: Tidspunkt,
    /// Put it in place also when it holds much less than the one that is there.
    pub tillad_mindre: bool,
    /// Columns that a CSV may lack.
    pub tillad_uden: &'a [String],
    /// Records between two checkpoints; 0 counts as 1.
    pub mellem_punkter: u64,
}

/// What the loading is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fase {
    /// It reads the extract.
    Laeser,
    /// It makes the mirror.
    Bygger,
}

/// How far it has come. Told at each checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fremskridt {
    /// What is being done.
    pub fase: Fase,
    /// Bytes of the extract that are behind.
    pub bytes: u64,
    /// Bytes of the extract.
    pub i_alt: u64,
    /// Records taken in.
    pub raekker: u64,
    /// Records rejected.
    pub afviste: u64,
}

/// A mirror that was loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Indlaest {
    /// What it tells of itself.
    pub stand: Stand,
    /// Rejected records: the line that each begins on, and why. The first ten thousand.
    pub afviste: Vec<(u64, String)>,
    /// The line that an interrupted loading was taken up at.
    pub genoptaget: Option<u64>,
}

/// Why a mirror was not loaded. The one that was there stands.
#[derive(Debug, thiserror::Error)]
pub enum IndlaesFejl {
    /// The extract can't be read.
    #[error("{}: {fejl}", .fil.display())]
    Udtraek {
        /// Its file.
        fil: PathBuf,
        /// Why.
        fejl: UdtraekFejl,
    },
    /// The gathering or the new mirror can't be written.
    #[error("the mirror can't be written: {}", .0.detail())]
    Skriv(StoreError),
    /// The new mirror is not whole.
    #[error(transparent)]
    Spejl(#[from] SpejlFejl),
    /// A file beside the mirror.
    #[error("{}: {fejl}", .fil.display())]
    Fil {
        /// Which.
        fil: PathBuf,
        /// From the operating system.
        fejl: std::io::Error,
    },
    /// Somebody loads the same mirror.
    #[error("another dtr mirror load is loading {}", .0.display())]
    Optaget(PathBuf),
    /// Nothing came of it, or less than was rejected.
    #[error(
        "{raekker} records could be used and {afviste} not, so this is no extract to rely on; line {linje}: {grund}"
    )]
    Ubrugelig {
        /// Records taken in.
        raekker: u64,
        /// Records rejected.
        afviste: u64,
        /// The line of the first that was rejected; 0 when there was none.
        linje: u64,
        /// Why.
        grund: String,
    },
    /// It holds much less than the one in place.
    #[error(
        "the extract has {ny} rows, the mirror in place {nu}: was it cut off? --tillad-mindre puts it in place all the same"
    )]
    Mindre {
        /// Its rows.
        ny: u64,
        /// The rows of the mirror in place.
        nu: u64,
    },
    /// Whoever watches the progress stopped it.
    #[error("interrupted; give the same file again to go on")]
    Afbrudt,
}

impl From<rusqlite::Error> for IndlaesFejl {
    fn from(error: rusqlite::Error) -> Self {
        Self::Skriv(error.into())
    }
}

/// Loads an extract. Blocks for as long as it takes; holds one record in memory, and a bounded part of the files.
///
/// # Errors
/// [`IndlaesFejl`].
pub fn indlaes(
    job: &Indlaes<'_>,
    progress: &mut dyn FnMut(Fremskridt) -> ControlFlow<()>,
) -> Result<Indlaest, IndlaesFejl> {
    let _lock = lock(job.til)?;
    let extract = |fejl: UdtraekFejl| IndlaesFejl::Udtraek {
        fil: job.udtraek.to_owned(),
        fejl,
    };
    let mut file = files::open(job.udtraek).map_err(|error| extract(error.into()))?;
    let i_alt = file.metadata().map_or(0, |data| data.len());
    let mark = maerke(&mut file).map_err(|error| extract(error.into()))?;
    let mut records = Udtraek::open(BufReader::with_capacity(BUFFER, file)).map_err(extract)?;
    let mut taker: Box<dyn Modtager> = match job.slags {
        Slags::Cvr => Box::new(cvr::Ind::new(
            CvrLaeser::new(records.form(), job.tillad_uden).map_err(extract)?,
        )),
        Slags::Dar => Box::new(dar::Ind::new(
            DarLaeser::new(records.form(), job.tillad_uden).map_err(extract)?,
        )),
    };
    let (gathering, from) = Samling::open(job.til, job.slags, &mark)?;
    let genoptaget = from.filter(|punkt| punkt.sted > 0);
    if let Some(punkt) = genoptaget {
        let place = (punkt.sted, punkt.linje);
        records
            .spring(place)
            .map_err(|error| extract(error.into()))?;
    }
    let mut punkt = genoptaget.unwrap_or_default();
    let mut told = |fase, punkt: &Punkt| {
        progress(Fremskridt {
            fase,
            bytes: punkt.sted,
            i_alt,
            raekker: punkt.raekker,
            afviste: punkt.afviste,
        })
    };
    loop {
        gathering.begin()?;
        let mut more = true;
        for _ in 0..job.mellem_punkter.max(1) {
            let Some(record) = records.naeste().map_err(extract)? else {
                more = false;
                break;
            };
            let rejected = match record.bytes {
                Some(bytes) => taker.modtag(&gathering.conn, bytes)?,
                None => Some("too long to be a record".to_owned()),
            };
            if let Some(why) = rejected {
                gathering.afvis(&punkt, record.linje, &why)?;
                punkt.afviste += 1;
            } else {
                punkt.raekker += 1;
            }
        }
        (punkt.sted, punkt.linje) = records.sted();
        gathering.commit(&punkt)?;
        if told(Fase::Laeser, &punkt).is_break() {
            return Err(IndlaesFejl::Afbrudt);
        }
        if !more {
            break;
        }
    }
    let afviste = gathering.afviste()?;
    if punkt.raekker == 0 || punkt.afviste > punkt.raekker {
        gathering.ryd();
        let (linje, grund) = afviste.into_iter().next().unwrap_or_default();
        return Err(IndlaesFejl::Ubrugelig {
            raekker: punkt.raekker,
            afviste: punkt.afviste,
            linje,
            grund,
        });
    }
    if told(Fase::Bygger, &punkt).is_break() {
        return Err(IndlaesFejl::Afbrudt);
    }
    let stand = build(job, &gathering, &punkt)?;
    gathering.ryd();
    Ok(Indlaest {
        stand,
        afviste,
        genoptaget: genoptaget.map(|punkt| punkt.linje),
    })
}

/// Makes the mirror, looks whether it is whole, and puts it in place.
fn build(job: &Indlaes<'_>, gathering: &Samling, punkt: &Punkt) -> Result<Stand, IndlaesFejl> {
    let ny = with_side(job.til, ".ny");
    let name = job.udtraek.file_name().unwrap_or_default();
    let mut made = Stand {
        indlaest: job.nu,
        kilde: name.to_string_lossy().into_owned(),
        raekker: 0,
        afviste: punkt.afviste,
    };
    made.raekker = gathering.byg(&ny, &made)?;
    // One that can't be read is replaced whatever it held.
    let now = stand(job.til, job.slags).unwrap_or_default();
    let now = now.map_or(0, |stand| stand.raekker);
    if !job.tillad_mindre && made.raekker.saturating_mul(100) < now.saturating_mul(LEAST) {
        discard(&ny);
        return Err(IndlaesFejl::Mindre {
            ny: made.raekker,
            nu: now,
        });
    }
    super::Fil::open(&ny, job.slags)?;
    put_in_place(&ny, job.til).map_err(|fejl| IndlaesFejl::Fil {
        fil: job.til.to_owned(),
        fejl,
    })?;
    Ok(made)
}

/// Keeps a second loading of the same mirror away for as long as the file is open.
fn lock(target: &Path) -> Result<File, IndlaesFejl> {
    let path = with_side(target, ".laas");
    let told = |fejl| IndlaesFejl::Fil {
        fil: path.clone(),
        fejl,
    };
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .map_err(told)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(IndlaesFejl::Optaget(target.to_owned())),
        Err(std::fs::TryLockError::Error(fejl)) => Err(told(fejl)),
    }
}
