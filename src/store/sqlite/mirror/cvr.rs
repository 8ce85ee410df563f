//! The mirror of CVR: one row for each production unit, by its number; words that repeat are numbered.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::OpenMirror;
use super::taker::Taker;
use crate::mirror::extract::cvr::CvrReader;
use crate::mirror::{CvrMirror, MirrorState, ProductionUnit, Result, UnitAddress};
use crate::register::{Cvr, PNummer};

/// Words whose numbers are kept in memory while loading.
const WORDS: usize = 50_000;

/// Where units gather while an extract is read. The latest of two with one number stays.
pub(super) const GATHERING: &str = "
    CREATE TABLE ord(id INTEGER PRIMARY KEY, tekst TEXT NOT NULL UNIQUE) STRICT;
    CREATE TABLE penhed(p INTEGER PRIMARY KEY, cvr INTEGER, status INTEGER NOT NULL, navn TEXT NOT NULL, vej INTEGER,
        hus TEXT, etage TEXT, doer TEXT, postnr TEXT, by INTEGER) STRICT;";

/// The mirror itself, from what has gathered.
pub(super) const BUILD: &str = "
    CREATE TABLE ny.ord(id INTEGER PRIMARY KEY, tekst TEXT NOT NULL) STRICT;
    CREATE TABLE ny.penhed(p INTEGER PRIMARY KEY, cvr INTEGER, status INTEGER NOT NULL, navn TEXT NOT NULL, vej INTEGER,
        hus TEXT, etage TEXT, doer TEXT, postnr TEXT, by INTEGER) STRICT;
    INSERT INTO ny.ord SELECT id, tekst FROM main.ord ORDER BY id;
    INSERT INTO ny.penhed SELECT * FROM main.penhed ORDER BY p;";

/// The rows of the mirror.
pub(super) const COUNT: &str = "SELECT count(*) FROM ny.penhed";

const UNIT: &str = "
    SELECT cvr, (SELECT tekst FROM ord WHERE id = status), navn, (SELECT tekst FROM ord WHERE id = vej), hus, etage,
        doer, postnr, (SELECT tekst FROM ord WHERE id = by)
    FROM penhed WHERE p = ?1";

/// The open mirror.
#[derive(Debug)]
pub(super) struct CvrFile(pub(super) OpenMirror);

impl CvrMirror for CvrFile {
    fn production_unit(&self, p_nummer: PNummer) -> Result<Option<ProductionUnit>> {
        let number: i64 = p_nummer.as_str().parse().unwrap_or_default();
        self.0.read(|conn| {
            let mut statement = conn.prepare_cached(UNIT)?;
            statement
                .query_row([number], |row| unit(p_nummer, row))
                .optional()
        })
    }

    fn state(&self) -> &MirrorState {
        &self.0.state
    }
}

fn unit(p_nummer: PNummer, row: &Row<'_>) -> rusqlite::Result<ProductionUnit> {
    let cvr: Option<i64> = row.get(0)?;
    let street: Option<String> = row.get(3)?;
    let adresse = match street {
        None => None,
        Some(vej_navn) => Some(UnitAddress {
            vej_navn,
            hus_nummer: row.get::<_, Option<_>>(4)?.unwrap_or_default(),
            etage: row.get(5)?,
            doer: row.get(6)?,
            post_nummer: row.get::<_, Option<_>>(7)?.unwrap_or_default(),
            by_navn: row.get(8)?,
        }),
    };
    Ok(ProductionUnit {
        p_nummer,
        cvr: cvr.and_then(|cvr| Cvr::parse(&format!("{cvr:08}")).ok()),
        status: row.get(1)?,
        name: row.get(2)?,
        adresse,
    })
}

/// Puts the records of an extract in.
#[derive(Debug)]
pub(super) struct CvrIntake {
    laeser: CvrReader,
    words: HashMap<String, i64>,
}

impl CvrIntake {
    pub(super) fn new(laeser: CvrReader) -> Self {
        Self {
            laeser,
            words: HashMap::new(),
        }
    }

    fn word(&mut self, conn: &Connection, text: &str) -> rusqlite::Result<i64> {
        if let Some(&id) = self.words.get(text) {
            return Ok(id);
        }
        conn.prepare_cached("INSERT OR IGNORE INTO ord(tekst) VALUES (?1)")?
            .execute([text])?;
        let id = conn
            .prepare_cached("SELECT id FROM ord WHERE tekst = ?1")?
            .query_row([text], |row| row.get(0))?;
        if self.words.len() >= WORDS {
            self.words.clear();
        }
        self.words.insert(text.to_owned(), id);
        Ok(id)
    }
}

impl Taker for CvrIntake {
    fn take(&mut self, conn: &Connection, bytes: &[u8]) -> rusqlite::Result<Option<String>> {
        let unit = match self.laeser.read(bytes) {
            Ok(unit) => unit,
            Err(why) => return Ok(Some(why)),
        };
        let number = |text: &str| text.parse::<i64>().ok();
        let status = self.word(conn, &unit.status)?;
        let at = unit.adresse.as_ref();
        let street = match at {
            Some(at) => Some(self.word(conn, &at.vej_navn)?),
            None => None,
        };
        let by = match at.and_then(|at| at.by_navn.as_deref()) {
            Some(by) => Some(self.word(conn, by)?),
            None => None,
        };
        conn.prepare_cached(
            "INSERT OR REPLACE INTO penhed VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )?
        .execute(params![
            number(unit.p_nummer.as_str()),
            unit.cvr.and_then(|cvr| number(cvr.as_str())),
            status,
            unit.name,
            street,
            at.map(|at| &at.hus_nummer),
            at.and_then(|at| at.etage.as_deref()),
            at.and_then(|at| at.doer.as_deref()),
            at.map(|at| &at.post_nummer),
            by,
        ])?;
        Ok(None)
    }
}
