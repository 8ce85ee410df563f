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
use std::sync::{Arc, Condvar, Mutex};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, OptionalExtension as _};

pub use load::{Load, LoadError, LoadProgress, Loaded, Phase, load};

use super::values::Count;
use crate::files;
use crate::mirror::{CvrMirror, DarMirror, MirrorError, MirrorKind, MirrorState, Mirrors, Result};
use crate::register::Tidspunkt;
use crate::sync;

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
    if !path.exists() {
        return Ok(None);
    }
    regular(path, kind)?;
    let conn = connect(path).map_err(|error| unreadable(kind, path, &error))?;
    recognise(&conn, path, kind).map(Some)
}

/// An open mirror: its connections, lent out one look-up at a time. All are opened at once, for later the name may be
/// that of another file.
#[derive(Debug)]
struct OpenMirror {
    kind: MirrorKind,
    path: PathBuf,
    state: MirrorState,
    idle: Mutex<Vec<Connection>>,
    returned: Condvar,
}

impl OpenMirror {
    fn open(path: &Path, kind: MirrorKind) -> Result<Option<Self>> {
        if !path.exists() {
            return Ok(None);
        }
        regular(path, kind)?;
        let told = |error: rusqlite::Error| unreadable(kind, path, &error);
        loop {
            let before = inode(path);
            let idle: Vec<_> = (0..CONNECTIONS)
                .map(|_| connect(path))
                .collect::<rusqlite::Result<_>>()
                .map_err(told)?;
            if before != inode(path) {
                // Replaced meanwhile: the connections may be to two files.
                continue;
            }
            let Some(conn) = idle.first() else {
                return Ok(None);
            };
            let state = recognise(conn, path, kind)?;
            undamaged(conn, path, kind)?;
            return Ok(Some(Self {
                kind,
                path: path.to_owned(),
                state,
                idle: Mutex::new(idle),
                returned: Condvar::new(),
            }));
        }
    }

    /// Does one look-up.
    fn read<T>(&self, job: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T> {
        let mut idle = sync::lock(&self.idle);
        let conn = loop {
            match idle.pop() {
                Some(conn) => break conn,
                None => idle = sync::wait(&self.returned, idle),
            }
        };
        drop(idle);
        let lent = Lent {
            file: self,
            conn: Some(conn),
        };
        let Some(conn) = &lent.conn else {
            return Err(wrong(self.kind, &self.path, "is closed"));
        };
        job(conn).map_err(|error| unreadable(self.kind, &self.path, &error))
    }
}

/// A lent connection: comes back also when the look-up panics.
struct Lent<'f> {
    file: &'f OpenMirror,
    conn: Option<Connection>,
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        sync::lock(&self.file.idle).extend(self.conn.take());
        self.file.returned.notify_one();
    }
}

fn inode(path: &Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt as _;
    let data = std::fs::metadata(path).ok()?;
    Some((data.dev(), data.ino()))
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
fn recognise(conn: &Connection, path: &Path, kind: MirrorKind) -> Result<MirrorState> {
    let told = |error: rusqlite::Error| unreadable(kind, path, &error);
    let number = |name: &str| conn.pragma_query_value(None, name, |row| row.get::<_, i32>(0));
    if number("application_id").map_err(told)? != application_id(kind) {
        return Err(wrong(kind, path, "is no mirror of this kind"));
    }
    if number("user_version").map_err(told)? != FORMAT {
        let why = "was made by another version of the program: load the extract again";
        return Err(wrong(kind, path, why));
    }
    let om = conn
        .query_row(
            "SELECT indlaest, kilde, raekker, afviste FROM om",
            [],
            |row| {
                Ok(MirrorState {
                    loaded: Tidspunkt::from_millis(row.get(0)?),
                    source: row.get(1)?,
                    rows: row.get::<_, Count>(2)?.0,
                    rejected: row.get::<_, Count>(3)?.0,
                })
            },
        )
        .optional()
        .map_err(told)?;
    om.ok_or_else(|| wrong(kind, path, "is not whole"))
}

/// Refuses a file of which a part is missing or garbled.
fn undamaged(conn: &Connection, path: &Path, kind: MirrorKind) -> Result<()> {
    let told = |error: rusqlite::Error| unreadable(kind, path, &error);
    let number = |name: &str| conn.pragma_query_value(None, name, |row| row.get::<_, Count>(0));
    let meant = number("page_count").map_err(told)?.0 * number("page_size").map_err(told)?.0;
    let length = std::fs::metadata(path).map_or(0, |data| data.len());
    if length != meant {
        return Err(wrong(kind, path, "is cut off"));
    }
    let found: String = conn
        .query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
        .map_err(told)?;
    if found == "ok" {
        Ok(())
    } else {
        Err(wrong(kind, path, &format!("is damaged: {found}")))
    }
}

/// Refuses what is no file: SQLite would wait for a pipe, and with it whoever starts a server.
fn regular(path: &Path, kind: MirrorKind) -> Result<()> {
    let opened = files::open(path);
    opened
        .map(drop)
        .map_err(|error| wrong(kind, path, &format!("can't be read: {error}")))
}

fn unreadable(kind: MirrorKind, path: &Path, error: &rusqlite::Error) -> MirrorError {
    wrong(kind, path, &format!("fails: {error}"))
}

fn wrong(kind: MirrorKind, path: &Path, what: &str) -> MirrorError {
    MirrorError {
        kind,
        why: format!("{} {what}", path.display()),
    }
}
