//! The mirrors of CVR and DAR, each in one SQLite file that is never changed: it is replaced as a whole.
//!
//! | module | what it holds |
//! | --- | --- |
//! | `cvr`, `dar`, `addresses` | each mirror: its tables, its look-ups, how its rows are put in (`taker`) |
//! | `suggestions` | what may have been meant by an address that is not found |
//! | `load`, `gathering` | loading an extract: the file it gathers in, checkpoints, putting the new mirror in place |
//!
//! Invariant: a mirror's file is written under another name and renamed into place when it is whole and on disk, so
//! whoever has it open can read it as one that never changes (`immutable`), without locks.

mod addresses;
mod cvr;
mod dar;
mod gathering;
mod load;
mod suggestions;
mod taker;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, OptionalExtension as _};

pub use load::{Load, LoadError, LoadProgress, Loaded, Phase, load};

use super::filer::identity;
use super::pool::Lending;
use super::values::Count;
use crate::files;
use crate::mirror::{CvrMirror, DarMirror, MirrorError, MirrorKind, MirrorState, Mirrors, Result};

/// `DTRC` and `DTRA` in SQLite's header: the file is a mirror, and of what.
const fn application_id(kind: MirrorKind) -> i32 {
    match kind {
        MirrorKind::Cvr => 0x4454_5243,
        MirrorKind::Dar => 0x4454_5241,
    }
}

/// The version of the tables; a file of another is refused, and loaded again.
const FORMAT: i32 = 1;

/// Connections to a mirror, and so look-ups at a time: each takes microseconds, and the writer is one.
const CONNECTIONS: usize = 4;

/// What one connection may hold of the file in memory, in KiB; the rest is the operating system's to hold.
const CACHE: i32 = 8 * 1024;

/// The table that both kinds have: how the mirror was loaded.
const ABOUT: &str =
    "CREATE TABLE ny.om(nr INTEGER PRIMARY KEY CHECK (nr = 1), indlaest INTEGER NOT NULL,
    kilde TEXT NOT NULL, raekker INTEGER NOT NULL, afviste INTEGER NOT NULL) STRICT;";

/// Where a mirror's file lies beside the register's.
pub fn path(database: &Path, kind: MirrorKind) -> PathBuf {
    database.with_file_name(kind.file_name())
}

/// Opens the mirror of CVR; `None` when there is no file. Reads the whole file once, to see that it is undamaged.
///
/// # Errors
/// [`MirrorError`]: the file is damaged, or no mirror of CVR.
pub fn cvr(path: &Path) -> Result<Option<Arc<dyn CvrMirror>>> {
    let file = OpenMirror::open(path, MirrorKind::Cvr)?;
    Ok(file.map(|file| Arc::new(cvr::CvrFile(file)) as Arc<dyn CvrMirror>))
}

/// Opens the mirror of DAR, as [`cvr`] does.
///
/// # Errors
/// [`MirrorError`]: the file is damaged, or no mirror of DAR.
pub fn dar(path: &Path) -> Result<Option<Arc<dyn DarMirror>>> {
    let file = OpenMirror::open(path, MirrorKind::Dar)?;
    Ok(file.map(|file| Arc::new(dar::DarFile(file)) as Arc<dyn DarMirror>))
}

/// Opens both mirrors beside a register, those that are there.
///
/// # Errors
/// [`MirrorError`]: one is damaged.
pub fn beside(database: &Path) -> Result<Mirrors> {
    Ok(Mirrors {
        cvr: cvr(&path(database, MirrorKind::Cvr))?,
        dar: dar(&path(database, MirrorKind::Dar))?,
    })
}

/// How the mirror in a file was loaded, without looking at the rest of it; `None` when there is no file.
///
/// # Errors
/// [`MirrorError`]: it is no mirror of this kind.
pub fn state(path: &Path, kind: MirrorKind) -> Result<Option<MirrorState>> {
    named(path, kind, || {
        if !path.exists() {
            return Ok(None);
        }
        regular(path)?;
        recognise(&connect(path)?, kind).map(Some)
    })
}

/// Why a file is no mirror that can be read.
struct Why(String);

impl From<&str> for Why {
    fn from(what: &str) -> Self {
        Self(what.to_owned())
    }
}

impl From<rusqlite::Error> for Why {
    fn from(error: rusqlite::Error) -> Self {
        Self(format!("fails: {error}"))
    }
}

/// Does something with a mirror's file, which an error names.
fn named<T>(
    path: &Path,
    kind: MirrorKind,
    job: impl FnOnce() -> std::result::Result<T, Why>,
) -> Result<T> {
    job().map_err(|Why(why)| MirrorError {
        kind,
        why: format!("{} {why}", path.display()),
    })
}

/// An open mirror: its connections, lent out one look-up at a time. All are opened at once, for later the name may be
/// that of another file.
#[derive(Debug)]
struct OpenMirror {
    kind: MirrorKind,
    path: PathBuf,
    state: MirrorState,
    lending: Lending,
}

impl OpenMirror {
    fn open(path: &Path, kind: MirrorKind) -> Result<Option<Self>> {
        named(path, kind, || {
            if !path.exists() {
                return Ok(None);
            }
            regular(path)?;
            loop {
                let before = identity(path).ok();
                let connections: Vec<_> = (0..CONNECTIONS)
                    .map(|_| connect(path))
                    .collect::<rusqlite::Result<_>>()?;
                if before != identity(path).ok() {
                    // Replaced meanwhile: the connections may be to two files.
                    continue;
                }
                let Some(conn) = connections.first() else {
                    return Ok(None);
                };
                let state = recognise(conn, kind)?;
                undamaged(conn, path)?;
                return Ok(Some(Self {
                    kind,
                    path: path.to_owned(),
                    state,
                    lending: Lending::of(connections),
                }));
            }
        })
    }

    /// Does one look-up.
    fn read<T>(&self, job: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T> {
        named(&self.path, self.kind, || Ok(self.lending.lend(job)?))
    }
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_URI;
    let conn = Connection::open_with_flags(format!("file:{}?immutable=1", escaped(path)), flags)?;
    conn.set_prepared_statement_cache_capacity(32);
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    conn.pragma_update(None, "trusted_schema", false)?;
    conn.pragma_update(None, "cache_size", -CACHE)?;
    Ok(conn)
}

/// A path as it stands in a URI.
fn escaped(path: &Path) -> String {
    use std::os::unix::ffi::OsStrExt as _;
    let mut out = String::new();
    for &byte in path.as_os_str().as_bytes() {
        match byte {
            b'/' | b'.' | b'-' | b'_' => out.push(char::from(byte)),
            byte if byte.is_ascii_alphanumeric() => out.push(char::from(byte)),
            byte => out.push_str(&format!("%{byte:02x}")),
        }
    }
    out
}

/// Refuses what is no mirror of this kind, and tells how it was loaded.
fn recognise(conn: &Connection, kind: MirrorKind) -> std::result::Result<MirrorState, Why> {
    let number = |name: &str| conn.pragma_query_value(None, name, |row| row.get::<_, i32>(0));
    if number("application_id")? != application_id(kind) {
        return Err("is no mirror of this kind".into());
    }
    if number("user_version")? != FORMAT {
        return Err("was made by another version of the program: load the extract again".into());
    }
    let sql = "SELECT indlaest, kilde, raekker, afviste FROM om";
    let om = conn.query_row(sql, [], |row| {
        Ok(MirrorState {
            loaded: row.get(0)?,
            source: row.get(1)?,
            rows: row.get::<_, Count>(2)?.0,
            rejected: row.get::<_, Count>(3)?.0,
        })
    });
    om.optional()?.ok_or_else(|| "is not whole".into())
}

/// Refuses a file of which a part is missing or garbled.
fn undamaged(conn: &Connection, path: &Path) -> std::result::Result<(), Why> {
    let number = |name: &str| conn.pragma_query_value(None, name, |row| row.get::<_, Count>(0));
    let meant = number("page_count")?.0 * number("page_size")?.0;
    let length = std::fs::metadata(path).map_or(0, |data| data.len());
    if length != meant {
        return Err("is cut off".into());
    }
    let found: String = conn.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    match found.as_str() {
        "ok" => Ok(()),
        _ => Err(Why(format!("is damaged: {found}"))),
    }
}

/// Refuses what is no file: SQLite would wait for a pipe, and with it whoever starts a server.
fn regular(path: &Path) -> std::result::Result<(), Why> {
    let opened = files::open(path).map(drop);
    opened.map_err(|error| Why(format!("can't be read: {error}")))
}
