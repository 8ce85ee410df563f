//! A copy in a SQLite file of its own: the table `post` with a row for each record and a column for each field, a view for each
//! level, and `position` with where it stands. Each step is one transaction. The file is the consumer's, not the register's: `store` knows nothing of it.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::OnceLock;

use rusqlite::{Connection, OptionalExtension as _, ToSql, Transaction, params};

use super::{Change, Progress, Record, Replica, ReplicaError};
use crate::audit::Hash;

/// Told in the file, so that a copy of another form is not written to.
const FORMAT: i32 = 1;

/// A column for a field of records: its name in XML, and its type.
type Column = (&'static str, &'static str);

const DAGINSTITUTION: &[Column] = &[
    ("daginstitutionsNavn", "TEXT"),
    ("ejerformKode", "INTEGER"),
    ("ejerformKode_Tekst", "TEXT"),
    ("lovgrundlagKode", "INTEGER"),
    ("lovgrundlagKode_Tekst", "TEXT"),
    ("admKommuneKode", "INTEGER"),
    ("admKommuneKode_Tekst", "TEXT"),
];
const UNIT: &[Column] = &[
    ("enhedsNavn", "TEXT"),
    ("instType3", "INTEGER"),
    ("instType3_Tekst", "TEXT"),
];
const ALTERNATIVE: &[Column] = &[("alternativAdresseNavn", "TEXT")];
/// Of what stands under a daginstitution.
const PLACE: &[Column] = &[
    ("vejNavn", "TEXT"),
    ("vejKode", "TEXT"),
    ("husNummer", "TEXT"),
    ("etage", "TEXT"),
    ("doer", "TEXT"),
    ("postNummer", "TEXT"),
    ("byNavn", "TEXT"),
    ("supplerendeBynavn", "TEXT"),
    ("kommuneKode", "INTEGER"),
    ("kommuneKode_Tekst", "TEXT"),
    ("dawaId", "TEXT"),
    ("geoBredde", "REAL"),
    ("geoLaengde", "REAL"),
    ("email", "TEXT"),
    ("telefonNummer", "TEXT"),
    ("cvrNummer", "TEXT"),
    ("pNummer", "TEXT"),
];
/// Of every record. Several values of one field stand in one cell, with a space between them.
const LIFE: &[Column] = &[
    ("gyldigFra", "TEXT"),
    ("aktivitetsstatus", "TEXT"),
    ("oprettet", "TEXT"),
    ("senestOpdateret", "TEXT"),
    ("nedlagt", "TEXT"),
    ("lukkeaarsag", "TEXT"),
    ("skolensInstitutionsnummer", "TEXT"),
    ("afloeser", "TEXT"),
    ("afloestAf", "TEXT"),
];
/// A view for each level: its name, what its number and its parent's are called, and its columns.
const LEVELS: [(&str, &str, &str, &[&[Column]]); 3] = [
    (
        "daginstitution",
        "nummer AS daginstitutionsNummer",
        "",
        &[DAGINSTITUTION, LIFE],
    ),
    (
        "anvisningsenhed",
        "nummer AS enhedsNummer",
        ", foraelder AS daginstitutionsNummer",
        &[UNIT, PLACE, LIFE],
    ),
    (
        "alternativadresse",
        "nummer AS alternativAdresseNummer",
        ", foraelder AS enhedsNummer",
        &[ALTERNATIVE, PLACE, LIFE],
    ),
];

/// Every column of a field, in the order of the table.
fn columns() -> impl Iterator<Item = &'static Column> {
    [DAGINSTITUTION, UNIT, ALTERNATIVE, PLACE, LIFE]
        .into_iter()
        .flatten()
}

fn schema() -> String {
    let mut sql = "\
CREATE TABLE IF NOT EXISTS post (
    nummer    TEXT PRIMARY KEY,
    niveau    TEXT NOT NULL,
    foraelder TEXT,
    aktiv     INTEGER NOT NULL,
    version   INTEGER NOT NULL,
"
    .to_owned();
    for (name, kind) in columns() {
        let _ = writeln!(sql, "    {name} {kind},");
    }
    sql.push_str(
        "\
    xml       TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS post_foraelder ON post (foraelder);
CREATE TABLE IF NOT EXISTS stand (
    id      INTEGER PRIMARY KEY CHECK (id = 1),
    epoke   TEXT NOT NULL,
    sekvens INTEGER NOT NULL,
    kaede   TEXT NOT NULL
) STRICT;
",
    );
    for (level, number, parent, parts) in LEVELS {
        let names: Vec<_> = parts
            .iter()
            .copied()
            .flatten()
            .map(|(name, _)| *name)
            .collect();
        let names = names.join(", ");
        let _ = writeln!(
            sql,
            "CREATE VIEW IF NOT EXISTS {level} AS SELECT {number}{parent}, version, {names} FROM post WHERE niveau = '{level}';"
        );
    }
    sql
}

/// A file with a copy.
#[derive(Debug)]
pub struct Database {
    conn: Connection,
    at: String,
}

impl Database {
    /// The copy in a file, which is made when it is not there.
    ///
    /// # Errors
    /// [`ReplicaError`].
    pub fn open(file: &Path) -> Result<Self, ReplicaError> {
        let at = file.display().to_string();
        let told = |error: rusqlite::Error| failed(&at, &error);
        let mut conn = Connection::open(file).map_err(told)?;
        let tables: i64 = conn
            .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
            .map_err(told)?;
        let form: i32 = conn
            .pragma_query_value(None, "user_version", |row| row.get(0))
            .map_err(told)?;
        if tables > 0 && form != FORMAT {
            return Err(ReplicaError {
                at,
                why: "it is no copy of a register in this program's form; name another file, or remove it to begin anew".to_owned(),
            });
        }
        make(&mut conn).map_err(told)?;
        Ok(Self { conn, at })
    }

    fn step(
        &mut self,
        work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<()>,
        progress: &Progress,
    ) -> Result<(), ReplicaError> {
        let done = self.conn.transaction().and_then(|tx| {
            work(&tx)?;
            tx.execute(
                "INSERT OR REPLACE INTO stand (id, epoke, sekvens, kaede) VALUES (1, ?1, ?2, ?3)",
                params![
                    progress.epoke,
                    i64::try_from(progress.sekvens).unwrap_or(i64::MAX),
                    progress.digest.to_string()
                ],
            )?;
            tx.commit()
        });
        done.map_err(|error| failed(&self.at, &error))
    }
}

impl Replica for Database {
    fn progress(&self) -> Result<Option<Progress>, ReplicaError> {
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
            .map_err(|error| failed(&self.at, &error))?;
        // Damaged: as if there were none.
        Ok(row.and_then(|(epoke, sekvens, digest)| {
            Some(Progress {
                epoke,
                sekvens: u64::try_from(sekvens).ok()?,
                digest: Hash::parse(&digest)?,
            })
        }))
    }

    fn begin_anew(&mut self, records: &[Record], progress: &Progress) -> Result<(), ReplicaError> {
        self.step(
            |tx| {
                tx.execute("DELETE FROM post", [])?;
                records.iter().try_for_each(|record| put(tx, record))
            },
            progress,
        )
    }

    fn apply(&mut self, changes: &[Change], progress: &Progress) -> Result<(), ReplicaError> {
        self.step(
            |tx| {
                let mut posts = changes.iter().map(|change| &change.record);
                posts.try_for_each(|record| put(tx, record))
            },
            progress,
        )
    }
}

fn make(conn: &mut Connection) -> rusqlite::Result<()> {
    conn.pragma_update(None, "journal_mode", "WAL")?;
    conn.pragma_update(None, "synchronous", "FULL")?;
    let tx = conn.transaction()?;
    tx.execute_batch(&schema())?;
    tx.pragma_update(None, "user_version", FORMAT)?;
    tx.commit()
}

/// The statement that puts a record in the place of the one with its number.
fn insert() -> &'static str {
    static INSERT: OnceLock<String> = OnceLock::new();
    INSERT.get_or_init(|| {
        let names: String = columns().map(|(name, _)| format!(", {name}")).collect();
        let places = ", ?".repeat(columns().count());
        format!(
            "INSERT OR REPLACE INTO post (nummer, niveau, foraelder, aktiv, version, xml{names}) \
             VALUES (?, ?, ?, ?, ?, ?{places})"
        )
    })
}

fn put(tx: &Transaction<'_>, record: &Record) -> rusqlite::Result<()> {
    let version = i64::try_from(record.version).unwrap_or(i64::MAX);
    let fields: Vec<Option<String>> = columns().map(|(name, _)| value(record, name)).collect();
    let own: [&dyn ToSql; 6] = [
        &record.nummer,
        &record.niveau,
        &record.foraelder,
        &record.active,
        &version,
        &record.xml,
    ];
    let fields = fields.iter().map(|field| field as &dyn ToSql);
    let values: Vec<&dyn ToSql> = own.into_iter().chain(fields).collect();
    tx.prepare_cached(insert())?.execute(values.as_slice())?;
    Ok(())
}

/// The values of a field, where the record has it.
fn value(record: &Record, name: &str) -> Option<String> {
    let mut values = record.fields.iter().filter(|(own, _)| own == name);
    let mut all = values.next()?.1.clone();
    for (_, more) in values {
        all.push(' ');
        all.push_str(more);
    }
    Some(all)
}

fn failed(at: &str, error: &rusqlite::Error) -> ReplicaError {
    ReplicaError {
        at: at.to_owned(),
        why: error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::scratch::Scratch;

    #[test]
    fn another_programs_file_is_left_alone() {
        let scratch = Scratch::new();
        let file = scratch.path().join("andres.db");
        let other = Connection::open(&file).unwrap();
        other.execute_batch("CREATE TABLE post (a)").unwrap();
        let refused = Database::open(&file).map(|_| ()).unwrap_err();
        assert!(refused.why.contains("no copy"), "{refused}");
        let columns: i64 = other
            .query_row(
                "SELECT count(*) FROM pragma_table_info('post')",
                [],
                |row| row.get(0),
            )
            .unwrap();
        assert_eq!(columns, 1);
    }
}
