//! The mirror of DAR: streets in one table, and under each its addresses in the order of house, floor and door, so that a
//! look-up by parts reads one place of the file. Identifiers are 16 bytes, house numbers and coordinates integers.

use std::collections::HashMap;

use rusqlite::{Connection, params};
use uuid::Uuid;

use super::OpenMirror;
use super::addresses::{Street, at_house, find, streets, whole};
use super::taker::Taker;
use crate::mirror::extract::dar::{DarReader, DarRow};
use crate::mirror::key::{HouseNumber, street_key};
use crate::mirror::{
    AddressParts, DarAddress, DarAnswer, DarMirror, DarQuery, MirrorState, Result,
};
use crate::register::Kommunekode;

/// Streets whose numbers are kept in memory while loading.
const STREETS: usize = 50_000;

/// Where addresses gather while an extract is read.
pub(super) const GATHERING: &str = "
    CREATE TABLE post(postnr INTEGER PRIMARY KEY, navn TEXT NOT NULL) STRICT;
    CREATE TABLE vej(id INTEGER PRIMARY KEY, postnr INTEGER NOT NULL, noegle TEXT NOT NULL, kommune INTEGER NOT NULL,
        vejkode INTEGER NOT NULL, supplerende TEXT NOT NULL, navn TEXT NOT NULL,
        UNIQUE (postnr, kommune, vejkode, navn, supplerende)) STRICT;
    CREATE TABLE adresse(vej INTEGER NOT NULL, hus INTEGER NOT NULL, etage TEXT NOT NULL, doer TEXT NOT NULL,
        id BLOB NOT NULL, status INTEGER NOT NULL, bredde INTEGER, laengde INTEGER) STRICT;";

/// The mirror itself, from what has gathered. Of two addresses with one identifier the latest stays: found by the new
/// index, for there are none in a sound extract, and taken from the rows as they were read.
pub(super) const BUILD: &str = "
    CREATE TABLE ny.post(postnr INTEGER PRIMARY KEY, navn TEXT NOT NULL) STRICT;
    CREATE TABLE ny.vej(id INTEGER PRIMARY KEY, postnr INTEGER NOT NULL, noegle TEXT NOT NULL, kommune INTEGER NOT NULL,
        vejkode INTEGER NOT NULL, supplerende TEXT NOT NULL, navn TEXT NOT NULL) STRICT;
    CREATE TABLE ny.adresse(vej INTEGER NOT NULL, hus INTEGER NOT NULL, etage TEXT NOT NULL, doer TEXT NOT NULL,
        id BLOB NOT NULL, status INTEGER NOT NULL, bredde INTEGER, laengde INTEGER,
        PRIMARY KEY (vej, hus, etage, doer, id)) STRICT, WITHOUT ROWID;
    INSERT INTO ny.post SELECT postnr, navn FROM main.post ORDER BY postnr;
    INSERT INTO ny.vej SELECT id, postnr, noegle, kommune, vejkode, supplerende, navn FROM main.vej ORDER BY id;
    INSERT OR REPLACE INTO ny.adresse SELECT * FROM main.adresse ORDER BY vej, hus, etage, doer, id;
    CREATE INDEX ny.vej_i_post ON vej(postnr, noegle);
    CREATE INDEX ny.vej_af_navn ON vej(noegle);
    CREATE INDEX ny.adresse_id ON adresse(id);
    CREATE TEMP TABLE igen AS SELECT id FROM ny.adresse GROUP BY id HAVING count(*) > 1;
    CREATE TEMP TABLE sidst AS SELECT max(rowid), * FROM main.adresse
        WHERE EXISTS (SELECT 1 FROM igen) AND id IN igen GROUP BY id;
    DELETE FROM ny.adresse WHERE id IN igen;
    INSERT INTO ny.adresse SELECT vej, hus, etage, doer, id, status, bredde, laengde FROM sidst;";

/// The rows of the mirror.
pub(super) const COUNT: &str = "SELECT count(*) FROM ny.adresse";

/// The open mirror.
#[derive(Debug)]
pub(super) struct DarFile(pub(super) OpenMirror);

impl DarMirror for DarFile {
    fn query(&self, query: &DarQuery<'_>) -> Result<DarAnswer> {
        self.0.read(|conn| match query {
            DarQuery::Id(id) => by_id(conn, *id),
            DarQuery::Parts(parts) => by_parts(conn, parts),
        })
    }

    fn suggestions(&self, parts: &AddressParts<'_>) -> Result<Vec<String>> {
        self.0
            .read(|conn| super::suggestions::suggestions(conn, parts))
    }

    fn state(&self) -> &MirrorState {
        &self.0.state
    }
}

fn answer(address: DarAddress) -> DarAnswer {
    if address.status.is_valid() {
        DarAnswer::Found(Box::new(address))
    } else {
        DarAnswer::Closed(Box::new(address))
    }
}

fn by_id(conn: &Connection, id: Uuid) -> rusqlite::Result<DarAnswer> {
    let found = find(conn, id)?;
    Ok(found.map_or(DarAnswer::Unknown, |(street, house, door)| {
        answer(whole(&street, house, door))
    }))
}

fn by_parts(conn: &Connection, parts: &AddressParts<'_>) -> rusqlite::Result<DarAnswer> {
    let Some(house) = HouseNumber::parse(parts.hus_nummer) else {
        return Ok(DarAnswer::Unknown);
    };
    let mut valid = Vec::new();
    let mut closed = None;
    for street in streets(conn, parts.post_nummer, parts.vej_navn, house)? {
        match at_house(conn, &street, house, parts)? {
            Some(found) if found.status.is_valid() => valid.push((street, found)),
            Some(found) => closed = closed.or(Some(found)),
            None => {}
        }
    }
    narrow(&mut valid, |_, found| {
        found.id.is_some() && found.id == parts.dawa_id
    });
    narrow(&mut valid, |street, _| {
        parts.vej_kode.and_then(|code| code.parse().ok()) == Some(street.vejkode)
    });
    narrow(&mut valid, |street, _| {
        parts.kommune_kode == Some(Kommunekode(street.kommune))
    });
    narrow(&mut valid, |street, _| {
        let sent = parts.supplerende_bynavn.unwrap_or_default();
        street_key(sent) == street_key(&street.supplerende)
    });
    let mut valid = valid.into_iter().map(|(_, found)| found);
    Ok(match (valid.next(), valid.next(), closed) {
        (Some(one), Some(other), _) => DarAnswer::Ambiguous(Box::new([one, other])),
        (Some(one), None, _) => DarAnswer::Found(Box::new(one)),
        (None, _, Some(closed)) => DarAnswer::Closed(Box::new(closed)),
        (None, _, None) => DarAnswer::Unknown,
    })
}

/// Keeps those that fit, where some do: what is sent chooses among what is found, and is not itself looked for.
fn narrow(found: &mut Vec<(Street, DarAddress)>, fits: impl Fn(&Street, &DarAddress) -> bool) {
    if found.len() > 1 && found.iter().any(|(street, address)| fits(street, address)) {
        found.retain(|(street, address)| fits(street, address));
    }
}

/// Puts the records of an extract in.
#[derive(Debug)]
pub(super) struct DarIntake {
    laeser: DarReader,
    streets: HashMap<StreetKey, i64>,
}

/// Postal code, kommune, road code, name, supplementary town.
type StreetKey = (u16, u16, u16, String, String);

impl DarIntake {
    pub(super) fn new(laeser: DarReader) -> Self {
        Self {
            laeser,
            streets: HashMap::new(),
        }
    }

    fn street(&mut self, conn: &Connection, row: &mut DarRow) -> rusqlite::Result<i64> {
        let name = std::mem::take(&mut row.vej_navn);
        let supplerende = std::mem::take(&mut row.supplerende_bynavn);
        let key = (row.postnr, row.kommune, row.vej_kode, name, supplerende);
        if let Some(&id) = self.streets.get(&key) {
            return Ok(id);
        }
        let (postnr, kommune, vejkode, name, supplerende) = &key;
        conn.prepare_cached("INSERT INTO post VALUES (?1, ?2) ON CONFLICT DO UPDATE SET navn = excluded.navn WHERE navn = ''")?
            .execute(params![postnr, row.by_navn])?;
        conn.prepare_cached("INSERT OR IGNORE INTO vej VALUES (NULL, ?1, ?2, ?3, ?4, ?5, ?6)")?
            .execute(params![
                postnr,
                street_key(name),
                kommune,
                vejkode,
                supplerende,
                name
            ])?;
        let id = conn
            .prepare_cached(
                "SELECT id FROM vej WHERE postnr = ?1 AND kommune = ?2 AND vejkode = ?3 AND navn = ?4
                    AND supplerende = ?5",
            )?
            .query_row(params![postnr, kommune, vejkode, name, supplerende], |row| {
                row.get(0)
            })?;
        if self.streets.len() >= STREETS {
            self.streets.clear();
        }
        self.streets.insert(key, id);
        Ok(id)
    }
}

impl Taker for DarIntake {
    fn take(&mut self, conn: &Connection, bytes: &[u8]) -> rusqlite::Result<Option<String>> {
        let mut row = match self.laeser.read(bytes) {
            Ok(row) => row,
            Err(why) => return Ok(Some(why)),
        };
        let street = self.street(conn, &mut row)?;
        conn.prepare_cached("INSERT INTO adresse VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")?
            .execute(params![
                street,
                row.house.code(),
                row.etage,
                row.doer,
                row.id.as_bytes(),
                row.status.number(),
                row.position.map(|at| at.0),
                row.position.map(|at| at.1),
            ])?;
        Ok(None)
    }
}
