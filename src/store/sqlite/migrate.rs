//! The schema's migrations: numbered, forward only. [`super::schema`] runs them, each in a transaction of its own.

use rusqlite::Connection;

use super::connection::APPLICATION_ID;
use super::digests;
use super::values::Count;
use crate::store::{Result, StoreError};

/// The migrations in order; the first is number 1. A published one never changes.
const MIGRATIONS: &[&str] = &[
    include_str!("../migrations/0001-register.sql"),
    include_str!("../migrations/0002-tilslutning.sql"),
    include_str!("../migrations/0003-revision.sql"),
    include_str!("../migrations/0004-regler.sql"),
    include_str!("../migrations/0005-kaede.sql"),
    include_str!("../migrations/0006-skrivning.sql"),
    include_str!("../migrations/0007-ophav.sql"),
    include_str!("../migrations/0008-anmodninger.sql"),
    include_str!("../migrations/0009-administratorer.sql"),
];

/// The schema version of this binary.
pub(super) const VERSION: usize = MIGRATIONS.len();

/// The schema version of a database; 0 for an empty one. Refuses one that is newer than this binary.
pub(super) fn version(conn: &Connection) -> Result<usize> {
    let version: i64 = conn.pragma_query_value(None, "user_version", |row| row.get(0))?;
    match usize::try_from(version) {
        Ok(version) if version <= VERSION => Ok(version),
        _ => Err(StoreError::Corrupt(format!(
            "the database has schema version {version}, this program knows versions up to {VERSION}: \
             use a newer program"
        ))),
    }
}

/// Whether a newer program has brought a database beyond this binary.
pub(super) fn is_newer(conn: &Connection) -> Result<bool> {
    let version: i64 = conn.pragma_query_value(None, "user_version", |row| row.get(0))?;
    Ok(usize::try_from(version).is_ok_and(|version| version > VERSION))
}

/// Makes the next migration.
pub(super) fn step(conn: &Connection, reached: usize) -> Result<()> {
    let Some(migration) = MIGRATIONS.get(reached) else {
        return Ok(());
    };
    conn.execute_batch(migration)?;
    if reached == 0 {
        conn.pragma_update(None, "application_id", APPLICATION_ID)?;
        conn.execute(
            "INSERT INTO tilstand (id, epoke) VALUES (1, ?1)",
            [uuid::Uuid::new_v4().into_bytes()],
        )?;
    }
    // Rows are read as this program knows them, so after the last step.
    if reached + 1 == VERSION {
        digests::fill(conn)?;
    }
    Ok(conn.pragma_update(None, "user_version", Count(reached as u64 + 1))?)
}

/// Makes an empty database a register of an earlier version, or of this one: what a file's schema is compared with.
pub(super) fn make(conn: &Connection, version: usize) -> Result<()> {
    (0..version.min(VERSION)).try_for_each(|reached| step(conn, reached))
}
