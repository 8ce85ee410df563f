//! The file that rows gather in while an extract is read (`cvr.db.indlaeses`), with the checkpoint to go on from; and the
//! making of the mirror from it.

use std::fs::{self, File};
use std::io::{Read as _, Seek as _, SeekFrom};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{SHA256, digest};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::{ABOUT, FORMAT, application_id, cvr, dar};
use crate::mirror::{MirrorKind, MirrorState};
use crate::store::sqlite::disk::sync_folder;
use crate::store::sqlite::filer::{self, discard, with_side};
use crate::store::sqlite::values::Count;

/// What the loading may hold of its files in memory, in KiB.
const CACHE: i32 = 64 * 1024;

/// How much of an extract's beginning and end tells it from another, in bytes.
const EDGE: u64 = 1 << 20;

/// The most rejected records that are kept; beyond it they are counted.
const MOST_REJECTED: u64 = 10_000;

const CHECKPOINT: &str = "
    CREATE TABLE punkt(nr INTEGER PRIMARY KEY CHECK (nr = 1), maerke BLOB NOT NULL, sted INTEGER NOT NULL,
        linje INTEGER NOT NULL, raekker INTEGER NOT NULL, afviste INTEGER NOT NULL) STRICT;
    CREATE TABLE afvist(linje INTEGER PRIMARY KEY, grund TEXT NOT NULL) STRICT;";

/// How far the reading has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Checkpoint {
    pub(super) place: u64,
    pub(super) line: u64,
    pub(super) rows: u64,
    pub(super) rejected: u64,
}

/// The gathering.
#[derive(Debug)]
pub(super) struct Gathering {
    pub(super) conn: Connection,
    path: PathBuf,
    kind: MirrorKind,
}

/// What an extract is known by: its size, when it was last changed, and both its ends.
pub(super) fn mark(file: &mut File) -> std::io::Result<Vec<u8>> {
    let data = file.metadata()?;
    let mut text = format!("{} {} {}\n", data.len(), data.mtime(), data.mtime_nsec()).into_bytes();
    file.seek(SeekFrom::Start(0))?;
    file.by_ref().take(EDGE).read_to_end(&mut text)?;
    file.seek(SeekFrom::Start(data.len().saturating_sub(EDGE)))?;
    file.by_ref().take(EDGE).read_to_end(&mut text)?;
    file.seek(SeekFrom::Start(0))?;
    Ok(digest(&SHA256, &text).as_ref().to_vec())
}

impl Gathering {
    /// Opens the gathering for an extract, with the checkpoint of an earlier reading of the same; else a new one.
    pub(super) fn open(
        target: &Path,
        kind: MirrorKind,
        mark: &[u8],
    ) -> rusqlite::Result<(Self, Option<Checkpoint>)> {
        let path = with_side(target, ".indlaeses");
        if path.exists() {
            // A garbled one, or one of another version, is as good as none.
            if let Ok((old, Some(checkpoint))) = Self::existing(&path, kind, mark) {
                return Ok((old, Some(checkpoint)));
            }
            discard(&path);
        }
        let conn = connect(&path)?;
        let tables = match kind {
            MirrorKind::Cvr => cvr::GATHERING,
            MirrorKind::Dar => dar::GATHERING,
        };
        conn.execute_batch(&format!("BEGIN; {CHECKPOINT} {tables}"))?;
        conn.execute(
            "INSERT INTO punkt VALUES (1, ?1, 0, 0, 0, 0)",
            params![mark],
        )?;
        conn.pragma_update(None, "user_version", FORMAT)?;
        conn.pragma_update(None, "application_id", application_id(kind))?;
        conn.execute_batch("COMMIT")?;
        Ok((Self { conn, path, kind }, None))
    }

    fn existing(
        path: &Path,
        kind: MirrorKind,
        mark: &[u8],
    ) -> rusqlite::Result<(Self, Option<Checkpoint>)> {
        let conn = connect(path)?;
        let number = |name: &str| conn.pragma_query_value(None, name, |row| row.get::<_, i32>(0));
        let ours =
            number("user_version")? == FORMAT && number("application_id")? == application_id(kind);
        let checkpoint = conn
            .query_row(
                "SELECT sted, linje, raekker, afviste FROM punkt WHERE maerke = ?1 AND ?2",
                params![mark, ours],
                |row| {
                    Ok(Checkpoint {
                        place: row.get::<_, Count>(0)?.0,
                        line: row.get::<_, Count>(1)?.0,
                        rows: row.get::<_, Count>(2)?.0,
                        rejected: row.get::<_, Count>(3)?.0,
                    })
                },
            )
            .optional()?;
        let path = path.to_owned();
        Ok((Self { conn, path, kind }, checkpoint))
    }

    pub(super) fn begin(&self) -> rusqlite::Result<()> {
        self.conn.execute_batch("BEGIN IMMEDIATE")
    }

    /// Keeps a rejected record, as long as there are few.
    pub(super) fn reject(
        &self,
        checkpoint: &Checkpoint,
        line: u64,
        reason: &str,
    ) -> rusqlite::Result<()> {
        if checkpoint.rejected >= MOST_REJECTED {
            return Ok(());
        }
        self.conn
            .prepare_cached("INSERT OR REPLACE INTO afvist VALUES (?1, ?2)")?
            .execute(params![Count(line), reason])?;
        Ok(())
    }

    /// Commits what has been put in since [`Gathering::begin`], with the place to go on from.
    pub(super) fn commit(&self, checkpoint: &Checkpoint) -> rusqlite::Result<()> {
        self.conn
            .prepare_cached("UPDATE punkt SET sted = ?1, linje = ?2, raekker = ?3, afviste = ?4")?
            .execute(params![
                Count(checkpoint.place),
                Count(checkpoint.line),
                Count(checkpoint.rows),
                Count(checkpoint.rejected)
            ])?;
        self.conn.execute_batch("COMMIT")
    }

    /// The rejected records that were kept, by line.
    pub(super) fn rejected(&self) -> rusqlite::Result<Vec<(u64, String)>> {
        let mut statement = self
            .conn
            .prepare("SELECT linje, grund FROM afvist ORDER BY linje")?;
        statement
            .query_map([], |row| Ok((row.get::<_, Count>(0)?.0, row.get(1)?)))?
            .collect()
    }

    /// Makes the mirror in a file of its own; tells its rows.
    pub(super) fn build(&self, aside: &Path, state: &MirrorState) -> rusqlite::Result<u64> {
        discard(aside);
        make(aside)?;
        let name = aside.to_string_lossy();
        self.conn.execute("ATTACH ?1 AS ny", [name.as_ref()])?;
        // A file that is not whole is thrown away, so that nothing has to be undone; it is synced at the end.
        self.conn
            .execute_batch("PRAGMA ny.journal_mode = OFF; PRAGMA ny.synchronous = OFF;")?;
        self.conn
            .execute_batch(&format!("PRAGMA ny.cache_size = -{CACHE}; BEGIN; {ABOUT}"))?;
        let (build, count) = match self.kind {
            MirrorKind::Cvr => (cvr::BUILD, cvr::COUNT),
            MirrorKind::Dar => (dar::BUILD, dar::COUNT),
        };
        self.conn.execute_batch(build)?;
        let Count(rows) = self.conn.query_row(count, [], |row| row.get(0))?;
        self.conn.execute(
            "INSERT INTO ny.om VALUES (1, ?1, ?2, ?3, ?4)",
            params![
                state.loaded.millis(),
                state.source,
                Count(rows),
                Count(state.rejected)
            ],
        )?;
        let (id, version) = (application_id(self.kind), FORMAT);
        self.conn.execute_batch(&format!(
            "PRAGMA ny.application_id = {id}; PRAGMA ny.user_version = {version}; COMMIT; DETACH ny;"
        ))?;
        Ok(rows)
    }

    /// Throws the gathering away.
    pub(super) fn discard_all(self) {
        let path = self.path;
        drop(self.conn);
        discard(&path);
    }
}

/// Puts a whole mirror in place, on disk.
pub(super) fn put_in_place(aside: &Path, target: &Path) -> std::io::Result<()> {
    filer::sync(aside)?;
    fs::rename(aside, target)?;
    sync_folder(target)
}

fn make(path: &Path) -> rusqlite::Result<()> {
    filer::make(path).map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    make(path)?;
    let conn = Connection::open(path)?;
    conn.set_prepared_statement_cache_capacity(16);
    conn.pragma_update(None, "journal_mode", "WAL")?;
    // What the last seconds put in may be lost with the machine's power, and is then read again.
    conn.pragma_update(None, "synchronous", "NORMAL")?;
    conn.pragma_update(None, "cache_size", -CACHE)?;
    Ok(conn)
}
