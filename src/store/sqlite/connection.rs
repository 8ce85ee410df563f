//! Connections to the register's file, and the settings that every one of them needs.

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::error::io;
use super::filer;
use crate::store::{Result, StoreError};

/// `DTR1` in SQLite's header: the file is a register.
pub(super) const APPLICATION_ID: i32 = 0x4454_5231;

/// Statements kept prepared for each connection: all of ours, with the shapes of selections in use.
const STATEMENTS: usize = 128;

/// What the writer may hold of the file in memory, in KiB.
const WRITER_CACHE: i32 = 16 * 1024;

/// Pages (of 4 KiB) in the write-ahead log from which on a commit moves what `checkpoint` has not yet moved, so that the
/// log begins anew. A command that writes without one moves it all.
pub(super) const CHECKPOINT: u32 = 6_000;

/// A connection that may write, whatever the file holds. Makes the file, readable by its owner alone, when there is
/// none.
pub(super) fn plain(path: &Path, busy: Duration) -> Result<Connection> {
    filer::make(path).map_err(|error| io("open", path, &error))?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags)?;
    settle(&conn, busy)?;
    Ok(conn)
}

/// A connection that may write to a register.
pub(super) fn writable(path: &Path, busy: Duration) -> Result<Connection> {
    let conn = plain(path, busy)?;
    recognise(&conn, path)?;
    conn.pragma_update(None, "journal_mode", "WAL")?;
    // Each commit is on disk before it is answered.
    conn.pragma_update(None, "synchronous", "FULL")?;
    conn.pragma_update(None, "foreign_keys", true)?;
    conn.pragma_update(None, "cache_size", -WRITER_CACHE)?;
    conn.pragma_update(None, "wal_autocheckpoint", CHECKPOINT)?;
    // After a checkpoint the WAL shrinks to this again, whatever a long read made it grow to.
    conn.pragma_update(None, "journal_size_limit", 64 << 20)?;
    Ok(conn)
}

/// A connection that may only read.
pub(super) fn readable(path: &Path, busy: Duration) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags)
        .map_err(|error| StoreError::Failed(format!("cannot open {}: {error}", path.display())))?;
    settle(&conn, busy)?;
    recognise(&conn, path)?;
    Ok(conn)
}

/// Makes a connection look at each page of a file that somebody else may have made before it believes it.
pub(super) fn distrust(conn: &Connection) -> Result<()> {
    Ok(conn.pragma_update(None, "cell_size_check", true)?)
}

fn settle(conn: &Connection, busy: Duration) -> Result<()> {
    conn.busy_timeout(busy)?;
    conn.set_prepared_statement_cache_capacity(STATEMENTS);
    // Without this a statement is compiled anew for each set of parameters, a sixth of all work of a write.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    // A function or view smuggled into the file's schema must not run. (`schema` finds it; until then it is harmless.)
    conn.pragma_update(None, "trusted_schema", false)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    Ok(())
}

/// Refuses a file that is not a register before anything is written to it. An empty database passes.
fn recognise(conn: &Connection, path: &Path) -> Result<()> {
    let foreign = || StoreError::Corrupt(format!("{} is not a register", path.display()));
    let id: i32 = conn
        .pragma_query_value(None, "application_id", |row| row.get(0))
        .map_err(|error| match StoreError::from(error) {
            StoreError::Corrupt(_) => foreign(),
            other => other,
        })?;
    let empty = || -> Result<bool> {
        let tables: i64 =
            conn.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
        Ok(tables == 0)
    };
    if id == APPLICATION_ID || (id == 0 && empty()?) {
        Ok(())
    } else {
        Err(foreign())
    }
}
