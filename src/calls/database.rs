//! The file of the call log: a table of calls, each organisation's together, and one of when each system last called. What is
//! written survives a crash of the program, and a power cut costs the last calls at most.

use std::fs::{self, OpenOptions};
use std::io::ErrorKind;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, Error, OpenFlags, OptionalExtension as _, Row, params};
use uuid::Uuid;

use super::{Call, Last, Outcome, Written, first_at};
use crate::register::{Cvr, Sekvens, SystemId, Tidspunkt};

/// Result of a step.
pub(super) type Result<T> = std::result::Result<T, Error>;

/// `DTRk` in SQLite's header: the file is a call log.
const APPLICATION_ID: i32 = 0x4454_526b;
/// Told in the file; one of another form is made anew.
const FORMAT: i32 = 1;
/// Bytes of a page.
const PAGE: u64 = 4096;
/// Of what the file may be, in hundredths, so much is filled: what is beyond it is room for a step.
const FILLED: u64 = 90;
/// What a call takes beside its texts, in bytes, with its place in the index: reckoned by pages of a full log.
const ROW: i64 = 160;
/// Calls that one step takes away.
const STEP: i64 = 500;
/// How long a reader or another program may hold the file.
const BUSY: Duration = Duration::from_secs(2);

const SCHEMA: &str = "\
CREATE TABLE kald (
    cvr        TEXT    NOT NULL,
    id         BLOB    NOT NULL CHECK (length(id) = 16),
    lytter     TEXT    NOT NULL,
    tjeneste   TEXT    NOT NULL,
    operation  TEXT    NOT NULL,
    status     INTEGER NOT NULL,
    kode       TEXT,
    fejl       TEXT,
    besked_id  TEXT,
    system     INTEGER,
    certifikat INTEGER,
    mikros     INTEGER NOT NULL,
    poster     INTEGER NOT NULL,
    revision   INTEGER,
    fra        INTEGER,
    til        INTEGER,
    antal      INTEGER NOT NULL,
    senest     INTEGER NOT NULL,
    PRIMARY KEY (cvr, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX kald_id ON kald (id);
CREATE TABLE sidst (
    cvr       TEXT    NOT NULL,
    system    INTEGER NOT NULL,
    lykkedes  INTEGER,
    fejlede   INTEGER,
    afvist    INTEGER,
    skrev     INTEGER,
    PRIMARY KEY (cvr, system)
) STRICT, WITHOUT ROWID;
";

/// The columns of [`call`].
pub(super) const COLUMNS: &str = "cvr, id, lytter, tjeneste, operation, status, kode, fejl, \
     besked_id, system, certifikat, mikros, poster, revision, fra, til, antal, senest";

/// The bytes of a row.
const WEIGHT: &str = "160 + octet_length(tjeneste) + octet_length(operation) \
     + coalesce(octet_length(fejl), 0) + coalesce(octet_length(besked_id), 0)";

/// The file, open for writing.
#[derive(Debug)]
pub(super) struct Database {
    pub(super) conn: Connection,
    /// Device and inode.
    identity: (u64, u64),
    /// What may be filled of it, in bytes.
    room: u64,
}

/// Which organisation pays for a row, and with how many bytes.
pub(super) type Shares = Vec<(String, i64)>;

impl Database {
    /// Opens it, readable by its owner alone; makes one where there is none.
    pub(super) fn open(file: &Path, bytes: u64) -> Result<Self> {
        make(file)?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let conn = Connection::open_with_flags(file, flags)?;
        settle(&conn)?;
        conn.pragma_update(None, "journal_mode", "WAL")?;
        // A log of some minutes is all that a power cut may take. Of each 16 MiB the disk is waited for once, by this thread.
        conn.pragma_update(None, "synchronous", "NORMAL")?;
        conn.pragma_update(None, "wal_autocheckpoint", 4_000)?;
        conn.pragma_update(None, "journal_size_limit", 16 << 20)?;
        conn.pragma_update(None, "cache_size", -2_000)?;
        let pages = i64::try_from(bytes / PAGE).unwrap_or(i64::MAX);
        conn.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(()))?;
        if version(&conn)? == 0 && is_empty(&conn)? {
            let tx = conn.unchecked_transaction()?;
            tx.execute_batch(SCHEMA)?;
            tx.pragma_update(None, "application_id", APPLICATION_ID)?;
            tx.pragma_update(None, "user_version", FORMAT)?;
            tx.commit()?;
        }
        recognise(&conn)?;
        Ok(Self {
            identity: identity(file)?,
            room: bytes / 100 * FILLED,
            conn,
        })
    }

    /// Whether the file of this name is still the one that is open.
    pub(super) fn is_there(&self, file: &Path) -> bool {
        identity(file).is_ok_and(|now| now == self.identity)
    }

    /// How many bytes each organisation's calls take.
    pub(super) fn shares(&self) -> Result<Shares> {
        let sql = format!("SELECT cvr, sum({WEIGHT}) FROM kald GROUP BY cvr");
        let mut rows = self.conn.prepare(&sql)?;
        let shares = rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        shares.collect()
    }

    /// Keeps a call; gives the bytes that it takes.
    pub(super) fn insert(&self, call: &Call) -> Result<i64> {
        let sql = "INSERT OR IGNORE INTO kald VALUES \
             (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)";
        let changes = call.written.map(|written| written.changes);
        self.conn.prepare_cached(sql)?.execute(params![
            payer(call.cvr),
            call.id.as_bytes(),
            call.listener,
            call.service,
            call.operation,
            call.status,
            call.kode,
            call.told,
            call.message_id,
            call.system.map(|id| id.0),
            call.certificate.map(u64::cast_signed),
            count(call.took.as_micros()),
            count(call.records.into()),
            call.written.map(|written| count(written.line.into())),
            changes.map(|(first, _)| count(first.0.into())),
            changes.map(|(_, last)| count(last.0.into())),
            count(call.count.into()),
            call.last.millis(),
        ])?;
        let text = |own: &Option<String>| own.as_ref().map_or(0, String::len);
        let texts =
            call.service.len() + call.operation.len() + text(&call.told) + text(&call.message_id);
        Ok(ROW + count(texts as u128))
    }

    /// Counts more calls on the line of the first that said the same.
    pub(super) fn add(
        &self,
        (cvr, id): (Option<Cvr>, Uuid),
        more: u64,
        took: Duration,
        last: Tidspunkt,
    ) -> Result<()> {
        let sql = "UPDATE kald SET antal = antal + ?3, mikros = max(mikros, ?4), senest = max(senest, ?5) \
             WHERE cvr = ?1 AND id = ?2";
        self.conn.prepare_cached(sql)?.execute(params![
            payer(cvr),
            id.as_bytes(),
            count(more.into()),
            count(took.as_micros()),
            last.millis(),
        ])?;
        Ok(())
    }

    /// Notes when a system last called, and with what outcome.
    pub(super) fn note_last(&self, last: &Last) -> Result<()> {
        // `max` of several values is NULL when one is.
        let sql = "INSERT INTO sidst VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO UPDATE SET \
             lykkedes = max(coalesce(lykkedes, ?3), coalesce(?3, lykkedes)), \
             fejlede = max(coalesce(fejlede, ?4), coalesce(?4, fejlede)), \
             afvist = max(coalesce(afvist, ?5), coalesce(?5, afvist)), \
             skrev = max(coalesce(skrev, ?6), coalesce(?6, skrev))";
        let at = |at: Option<Tidspunkt>| at.map(Tidspunkt::millis);
        self.conn.prepare_cached(sql)?.execute(params![
            payer(last.cvr),
            last.system.map_or(0, |id| id.0),
            at(last.success),
            at(last.failure),
            at(last.refusal),
            at(last.wrote),
        ])?;
        Ok(())
    }

    /// Leaves at most so many rows of when each last called: those that called last.
    pub(super) fn bound_last(&self, most: u32) -> Result<()> {
        let at = "max(coalesce(lykkedes, 0), coalesce(fejlede, 0), coalesce(afvist, 0))";
        let sql = format!(
            "DELETE FROM sidst WHERE (cvr, system) IN \
             (SELECT cvr, system FROM sidst ORDER BY system > 0 DESC, {at} DESC LIMIT -1 OFFSET ?1)"
        );
        self.conn.execute(&sql, [most])?;
        Ok(())
    }

    /// Whether more is filled than may be.
    pub(super) fn is_over(&self) -> Result<bool> {
        let pragma = |name| {
            self.conn
                .pragma_query_value(None, name, |row| row.get::<_, i64>(0))
        };
        let used = pragma("page_count")?
            .saturating_sub(pragma("freelist_count")?)
            .cast_unsigned();
        Ok(used * PAGE > self.room)
    }

    /// Takes away some of the oldest calls of an organisation; gives the bytes that they took.
    pub(super) fn shorten(&self, payer: &str) -> Result<i64> {
        let sql = format!(
            "SELECT max(id), sum(vaegt) FROM \
             (SELECT id, {WEIGHT} AS vaegt FROM kald WHERE cvr = ?1 ORDER BY id LIMIT {STEP})"
        );
        let read = |row: &Row<'_>| Ok((row.get::<_, Option<Vec<u8>>>(0)?, row.get(1)?));
        let (Some(last), bytes) = self.conn.prepare_cached(&sql)?.query_row([payer], read)? else {
            return Ok(0);
        };
        let sql = "DELETE FROM kald WHERE cvr = ?1 AND id <= ?2";
        self.conn
            .prepare_cached(sql)?
            .execute(params![payer, last])?;
        Ok(bytes)
    }

    /// Takes away some of the calls before a time, oldest first; gives what each organisation's took. None is left when
    /// nothing is given.
    pub(super) fn outdated(&self, before: Tidspunkt) -> Result<Shares> {
        let chosen = format!("SELECT cvr, id FROM kald WHERE id < ?1 ORDER BY id LIMIT {STEP}");
        let sql = format!("DELETE FROM kald WHERE (cvr, id) IN ({chosen}) RETURNING cvr, {WEIGHT}");
        let mut rows = self.conn.prepare_cached(&sql)?;
        let first = first_at(before);
        let gone = rows.query_map([first.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?)))?;
        gone.collect()
    }
}

/// A connection that reads; none when there is no file.
pub(super) fn reading(file: &Path) -> Result<Option<Connection>> {
    if identity(file).is_err() {
        return Ok(None);
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(file, flags)?;
    settle(&conn)?;
    if version(&conn)? == 0 && is_empty(&conn)? {
        // Its server is making it.
        return Ok(None);
    }
    recognise(&conn)?;
    Ok(Some(conn))
}

/// When each system last called.
pub(super) fn last(conn: &Connection) -> Result<Vec<Last>> {
    let sql = "SELECT cvr, system, lykkedes, fejlede, afvist, skrev FROM sidst";
    let at = |at: Option<i64>| at.map(Tidspunkt::from_millis);
    let mut rows = conn.prepare(sql)?;
    let all = rows.query_map([], |row| {
        Ok(Last {
            cvr: Cvr::parse(&row.get::<_, String>(0)?).ok(),
            system: Some(row.get(1)?).filter(|id| *id > 0).map(SystemId),
            success: at(row.get(2)?),
            failure: at(row.get(3)?),
            refusal: at(row.get(4)?),
            wrote: at(row.get(5)?),
        })
    })?;
    all.collect()
}

/// A call by its id.
pub(super) fn by_id(conn: &Connection, id: Uuid) -> Result<Option<Call>> {
    let sql = format!("SELECT {COLUMNS} FROM kald WHERE id = ?1");
    conn.query_row(&sql, [id.as_bytes()], call).optional()
}

/// Reads a row of [`COLUMNS`].
pub(super) fn call(row: &Row<'_>) -> Result<Call> {
    let number = |at| -> Result<u64> { Ok(row.get::<_, i64>(at)?.cast_unsigned()) };
    let (line, first, last) = (
        row.get::<_, Option<i64>>(13)?,
        row.get::<_, Option<i64>>(14)?,
        row.get::<_, Option<i64>>(15)?,
    );
    let written = line
        .zip(first.zip(last))
        .map(|(line, (first, last))| Written {
            line: line.cast_unsigned(),
            changes: (sekvens(first), sekvens(last)),
        });
    Ok(Call {
        cvr: Cvr::parse(&row.get::<_, String>(0)?).ok(),
        id: Uuid::from_bytes(row.get(1)?),
        listener: row.get(2)?,
        service: row.get(3)?,
        operation: row.get(4)?,
        status: row.get(5)?,
        kode: row.get(6)?,
        told: row.get(7)?,
        message_id: row.get(8)?,
        system: row.get::<_, Option<u32>>(9)?.map(SystemId),
        certificate: row.get::<_, Option<i64>>(10)?.map(i64::cast_unsigned),
        took: Duration::from_micros(number(11)?),
        records: number(12)?,
        written,
        count: number(16)?,
        last: Tidspunkt::from_millis(row.get(17)?),
    })
}

impl Last {
    /// What one call says.
    pub(super) fn of(call: &Call) -> Self {
        let at = |outcome| (call.outcome() == outcome).then_some(call.last);
        Self {
            cvr: call.cvr,
            system: call.system,
            success: at(Outcome::Success),
            failure: at(Outcome::Failure),
            refusal: at(Outcome::Refusal),
            wrote: call.written.map(|_| call.last),
        }
    }
}

/// Lays a file that can't be read aside, as far as that can be done; gives its new name.
pub(super) fn set_aside(file: &Path) -> PathBuf {
    let with = |end: &str| {
        let mut name = file.as_os_str().to_owned();
        name.push(end);
        PathBuf::from(name)
    };
    let aside = with(".ulaeselig");
    // What can't be moved or removed shows when the file is made anew.
    let _ = fs::rename(file, &aside);
    for side in ["-wal", "-shm"] {
        let _ = fs::remove_file(with(side));
    }
    aside
}

/// What an organisation's calls are kept under.
pub(super) fn payer(cvr: Option<Cvr>) -> String {
    cvr.map_or_else(String::new, |cvr| cvr.as_str().to_owned())
}

fn make(file: &Path) -> Result<()> {
    let made = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(file);
    match made {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(io(&error)),
        _ => Ok(()),
    }
}

fn io(error: &std::io::Error) -> Error {
    let code = match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => rusqlite::ffi::SQLITE_FULL,
        _ => rusqlite::ffi::SQLITE_CANTOPEN,
    };
    Error::SqliteFailure(rusqlite::ffi::Error::new(code), Some(error.to_string()))
}

fn settle(conn: &Connection) -> Result<()> {
    conn.busy_timeout(BUSY)?;
    conn.pragma_update(None, "trusted_schema", false)?;
    conn.pragma_update(None, "cell_size_check", true)
}

fn identity(file: &Path) -> Result<(u64, u64)> {
    let file = fs::metadata(file).map_err(|error| io(&error))?;
    Ok((file.dev(), file.ino()))
}

fn version(conn: &Connection) -> Result<i32> {
    conn.pragma_query_value(None, "user_version", |row| row.get(0))
}

fn is_empty(conn: &Connection) -> Result<bool> {
    conn.query_row("SELECT count(*) = 0 FROM sqlite_schema", [], |row| {
        row.get(0)
    })
}

/// Refuses a file that is no call log of this form.
fn recognise(conn: &Connection) -> Result<()> {
    let id: i32 = conn.pragma_query_value(None, "application_id", |row| row.get(0))?;
    if id == APPLICATION_ID && version(conn)? == FORMAT {
        return Ok(());
    }
    let foreign = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_NOTADB);
    let told = "is no call log of this version of dtr".to_owned();
    Err(Error::SqliteFailure(foreign, Some(told)))
}

fn count(number: u128) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn sekvens(number: i64) -> Sekvens {
    Sekvens(number.cast_unsigned())
}
