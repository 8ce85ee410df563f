//! A copy in a SQLite file of its own: the table `post` with a row for each record, and `stand` with where it stands. Each
//! step is one transaction. The file is the consumer's, not the register's: `store` knows nothing of it.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension as _, Transaction, params};

use super::{Aendret, Kopi, KopiFejl, Post, Sted};
use crate::audit::Hash;

const SCHEMA: &str = "\
CREATE TABLE IF NOT EXISTS post (
    nummer    TEXT PRIMARY KEY,
    niveau    TEXT NOT NULL,
    foraelder TEXT,
    aktiv     INTEGER NOT NULL,
    version   INTEGER NOT NULL,
    xml       TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS post_foraelder ON post (foraelder);
CREATE TABLE IF NOT EXISTS stand (
    id      INTEGER PRIMARY KEY CHECK (id = 1),
    epoke   TEXT NOT NULL,
    sekvens INTEGER NOT NULL,
    kaede   TEXT NOT NULL
) STRICT;";

/// A file with a copy.
#[derive(Debug)]
pub struct Tabel {
    conn: Connection,
    hvor: String,
}

impl Tabel {
    /// The copy in a file, which is made when it is not there.
    ///
    /// # Errors
    /// [`KopiFejl`].
    pub fn open(file: &Path) -> Result<Self, KopiFejl> {
        let hvor = file.display().to_string();
        let opened = Connection::open(file).and_then(|conn| {
            conn.pragma_update(None, "journal_mode", "WAL")?;
            conn.pragma_update(None, "synchronous", "FULL")?;
            conn.execute_batch(SCHEMA)?;
            Ok(conn)
        });
        let conn = opened.map_err(|error| failed(&hvor, &error))?;
        Ok(Self { conn, hvor })
    }

    fn step(
        &mut self,
        work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<()>,
        sted: &Sted,
    ) -> Result<(), KopiFejl> {
        let done = self.conn.transaction().and_then(|tx| {
            work(&tx)?;
            tx.execute(
                "INSERT OR REPLACE INTO stand (id, epoke, sekvens, kaede) VALUES (1, ?1, ?2, ?3)",
                params![
                    sted.epoke,
                    i64::try_from(sted.sekvens).unwrap_or(i64::MAX),
                    sted.kaede.to_string()
                ],
            )?;
            tx.commit()
        });
        done.map_err(|error| failed(&self.hvor, &error))
    }
}

impl Kopi for Tabel {
    fn sted(&self) -> Result<Option<Sted>, KopiFejl> {
        let row = self
            .conn
            .query_row(
                "SELECT epoke, sekvens, kaede FROM stand WHERE id = 1",
                [],
                |row| {
                    Ok((
                        row.get::<_, String>(0)?,
                        row.get::<_, i64>(1)?,
                        row.get::<_, String>(2)?,
                    ))
                },
            )
            .optional()
            .map_err(|error| failed(&self.hvor, &error))?;
        // Damaged: as if there were none.
        Ok(row.and_then(|(epoke, sekvens, kaede)| {
            Some(Sted {
                epoke,
                sekvens: u64::try_from(sekvens).ok()?,
                kaede: Hash::parse(&kaede)?,
            })
        }))
    }

    fn forfra(&mut self, poster: &[Post], sted: &Sted) -> Result<(), KopiFejl> {
        self.step(
            |tx| {
                tx.execute("DELETE FROM post", [])?;
                poster.iter().try_for_each(|post| put(tx, post))
            },
            sted,
        )
    }

    fn udfoer(&mut self, aendringer: &[Aendret], sted: &Sted) -> Result<(), KopiFejl> {
        self.step(
            |tx| {
                let mut posts = aendringer.iter().map(|change| &change.post);
                posts.try_for_each(|post| put(tx, post))
            },
            sted,
        )
    }
}

fn put(tx: &Transaction<'_>, post: &Post) -> rusqlite::Result<()> {
    tx.prepare_cached(
        "INSERT OR REPLACE INTO post (nummer, niveau, foraelder, aktiv, version, xml) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute(params![
        post.nummer,
        post.niveau,
        post.foraelder,
        post.aktiv,
        i64::try_from(post.version).unwrap_or(i64::MAX),
        post.xml
    ])?;
    Ok(())
}

fn failed(hvor: &str, error: &rusqlite::Error) -> KopiFejl {
    KopiFejl {
        hvor: hvor.to_owned(),
        hvorfor: error.to_string(),
    }
}
