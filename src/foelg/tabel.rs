//! A copy in a SQLite file of its own: the table `post` with a row for each record and a column for each field, a view for each
//! level, and `stand` with where it stands. Each step is one transaction. The file is the consumer's, not the register's: `store` knows nothing of it.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::OnceLock;

use rusqlite::{Connection, OptionalExtension as _, ToSql, Transaction, params};

use super::{Aendret, Kopi, KopiFejl, Post, Sted};
use crate::audit::Hash;

/// Told in the file, so that a copy of another form is not written to.
const FORM: i32 = 1;

/// A column for a field of records: its name in XML, and its type.
type Kolonne = (&'static str, &'static str);

const DAGINSTITUTION: &[Kolonne] = &[
    ("daginstitutionsNavn", "TEXT"),
    ("ejerformKode", "INTEGER"),
    ("ejerformKode_Tekst", "TEXT"),
    ("lovgrundlagKode", "INTEGER"),
    ("lovgrundlagKode_Tekst", "TEXT"),
    ("admKommuneKode", "INTEGER"),
    ("admKommuneKode_Tekst", "TEXT"),
];
const ENHED: &[Kolonne] = &[
    ("enhedsNavn", "TEXT"),
    ("instType3", "INTEGER"),
    ("instType3_Tekst", "TEXT"),
];
const ALTERNATIV: &[Kolonne] = &[("alternativAdresseNavn", "TEXT")];
/// Of what stands under a daginstitution.
const STED: &[Kolonne] = &[
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
const LIV: &[Kolonne] = &[
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
const NIVEAUER: [(&str, &str, &str, &[&[Kolonne]]); 3] = [
    (
        "daginstitution",
        "nummer AS daginstitutionsNummer",
        "",
        &[DAGINSTITUTION, LIV],
    ),
    (
        "anvisningsenhed",
        "nummer AS enhedsNummer",
        ", foraelder AS daginstitutionsNummer",
        &[ENHED, STED, LIV],
    ),
    (
        "alternativadresse",
        "nummer AS alternativAdresseNummer",
        ", foraelder AS enhedsNummer",
        &[ALTERNATIV, STED, LIV],
    ),
];

/// Every column of a field, in the order of the table.
fn columns() -> impl Iterator<Item = &'static Kolonne> {
    [DAGINSTITUTION, ENHED, ALTERNATIV, STED, LIV]
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
    for (level, number, parent, parts) in NIVEAUER {
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
        let told = |error: rusqlite::Error| failed(&hvor, &error);
        let mut conn = Connection::open(file).map_err(told)?;
        let tables: i64 = conn
            .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
            .map_err(told)?;
        let form: i32 = conn
            .pragma_query_value(None, "user_version", |row| row.get(0))
            .map_err(told)?;
        if tables > 0 && form != FORM {
            return Err(KopiFejl {
                hvor,
                hvorfor: "it is no copy of a register in this program's form; name another file, or remove it to begin anew".to_owned(),
            });
        }
        make(&mut conn).map_err(told)?;
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

fn make(conn: &mut Connection) -> rusqlite::Result<()> {
    conn.pragma_update(None, "journal_mode", "WAL")?;
    conn.pragma_update(None, "synchronous", "FULL")?;
    let tx = conn.transaction()?;
    tx.execute_batch(&schema())?;
    tx.pragma_update(None, "user_version", FORM)?;
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

fn put(tx: &Transaction<'_>, post: &Post) -> rusqlite::Result<()> {
    let version = i64::try_from(post.version).unwrap_or(i64::MAX);
    let fields: Vec<Option<String>> = columns().map(|(name, _)| value(post, name)).collect();
    let own: [&dyn ToSql; 6] = [
        &post.nummer,
        &post.niveau,
        &post.foraelder,
        &post.aktiv,
        &version,
        &post.xml,
    ];
    let fields = fields.iter().map(|field| field as &dyn ToSql);
    let values: Vec<&dyn ToSql> = own.into_iter().chain(fields).collect();
    tx.prepare_cached(insert())?.execute(values.as_slice())?;
    Ok(())
}

/// The values of a field, where the record has it.
fn value(post: &Post, name: &str) -> Option<String> {
    let mut values = post.felter.iter().filter(|(own, _)| own == name);
    let mut all = values.next()?.1.clone();
    for (_, more) in values {
        all.push(' ');
        all.push_str(more);
    }
    Some(all)
}

fn failed(hvor: &str, error: &rusqlite::Error) -> KopiFejl {
    KopiFejl {
        hvor: hvor.to_owned(),
        hvorfor: error.to_string(),
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
        let refused = Tabel::open(&file).map(|_| ()).unwrap_err();
        assert!(refused.hvorfor.contains("no copy"), "{refused}");
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
