//! The mirror of DAR: streets in one table, and under each its addresses in the order of house, floor and door, so that a
//! look-up by parts reads one place of the file. Identifiers are 16 bytes, house numbers and coordinates integers.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use uuid::Uuid;

use super::OpenMirror;
use super::gathering::Taker;
use crate::mirror::extract::dar::{DarReader, DarRow};
use crate::mirror::key::{HouseNumber, street_key, without_house_number};
use crate::mirror::{
    AddressParts, DarAddress, DarAnswer, DarMirror, DarQuery, DarStatus, MirrorState, Result,
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

const STREETS_OF: &str = "
    SELECT vej.id, postnr, kommune, vejkode, supplerende, vej.navn, post.navn
    FROM vej JOIN post USING (postnr) WHERE postnr = ?1 AND noegle = ?2";
const STREET: &str = "
    SELECT vej.id, postnr, kommune, vejkode, supplerende, vej.navn, post.navn
    FROM vej JOIN post USING (postnr) WHERE vej.id = ?1";
const BY_ID: &str = "
    SELECT etage, doer, id, status, bredde, laengde, hus, vej FROM adresse WHERE id = ?1";
const IN_HOUSE: &str = "
    SELECT etage, doer, id, status, bredde, laengde FROM adresse WHERE vej = ?1 AND hus = ?2";
const ON_FLOOR: &str = "
    SELECT etage, doer, id, status, bredde, laengde FROM adresse WHERE vej = ?1 AND hus = ?2 AND etage = ?3";
const AT_DOOR: &str = "
    SELECT etage, doer, id, status, bredde, laengde FROM adresse
    WHERE vej = ?1 AND hus = ?2 AND etage = ?3 AND doer = ?4";

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

/// A street in one kommune, postal district and supplementary town.
#[derive(Debug, Clone)]
pub(super) struct Street {
    pub(super) id: i64,
    postnr: u16,
    kommune: u16,
    vejkode: u16,
    supplerende: String,
    name: String,
    by: String,
}

fn street(row: &Row<'_>) -> rusqlite::Result<Street> {
    Ok(Street {
        id: row.get(0)?,
        postnr: row.get(1)?,
        kommune: row.get(2)?,
        vejkode: row.get(3)?,
        supplerende: row.get(4)?,
        name: row.get(5)?,
        by: row.get(6)?,
    })
}

/// The streets of a name in a postal district.
pub(super) fn streets(
    conn: &Connection,
    postnr: &str,
    name: &str,
    house: HouseNumber,
) -> rusqlite::Result<Vec<Street>> {
    let postnr: i64 = postnr.parse().unwrap_or_default();
    let mut statement = conn.prepare_cached(STREETS_OF)?;
    let mut of = |name: &str| -> rusqlite::Result<Vec<Street>> {
        statement
            .query_map(params![postnr, street_key(name)], street)?
            .collect()
    };
    let found = of(name)?;
    match without_house_number(name, house) {
        Some(road) if found.is_empty() => of(road),
        _ => Ok(found),
    }
}

/// A row of an address: floor, door, identifier, status, position.
struct Door {
    etage: String,
    doer: String,
    id: Uuid,
    status: DarStatus,
    position: Option<(i64, i64)>,
}

fn door(row: &Row<'_>) -> rusqlite::Result<Door> {
    let status: i64 = row.get(3)?;
    let (bredde, laengde): (Option<i64>, Option<i64>) = (row.get(4)?, row.get(5)?);
    Ok(Door {
        etage: row.get(0)?,
        doer: row.get(1)?,
        id: Uuid::from_bytes(row.get(2)?),
        status: DarStatus::from_number(status)
            .ok_or(rusqlite::Error::IntegralValueOutOfRange(3, status))?,
        position: bredde.zip(laengde),
    })
}

fn whole(street: &Street, house: HouseNumber, door: Door) -> DarAddress {
    let some = |text: String| (!text.is_empty()).then_some(text);
    DarAddress {
        id: Some(door.id),
        status: door.status,
        vej_navn: street.name.clone(),
        vej_kode: format!("{:04}", street.vejkode),
        hus_nummer: house.to_string(),
        etage: some(door.etage),
        doer: some(door.doer),
        supplerende_bynavn: some(street.supplerende.clone()),
        post_nummer: format!("{:04}", street.postnr),
        by_navn: street.by.clone(),
        kommune_kode: Kommunekode(street.kommune),
        geo_bredde: door.position.map(|(bredde, _)| degrees(bredde)),
        geo_laengde: door.position.map(|(_, laengde)| degrees(laengde)),
    }
}

/// Ten-millionths of a degree as a decimal number without needless zeros.
fn degrees(parts: i64) -> String {
    let sign = if parts < 0 { "-" } else { "" };
    let parts = parts.unsigned_abs();
    let text = format!("{sign}{}.{:07}", parts / 10_000_000, parts % 10_000_000);
    let short = text.trim_end_matches('0');
    short.strip_suffix('.').unwrap_or(short).to_owned()
}

fn answer(address: DarAddress) -> DarAnswer {
    if address.status.is_valid() {
        DarAnswer::Found(Box::new(address))
    } else {
        DarAnswer::Closed(Box::new(address))
    }
}

/// The address of an identifier.
fn find(conn: &Connection, id: Uuid) -> rusqlite::Result<Option<(Street, HouseNumber, Door)>> {
    let found = conn
        .prepare_cached(BY_ID)?
        .query_row([id.as_bytes()], |row| {
            Ok((door(row)?, row.get::<_, i64>(6)?, row.get::<_, i64>(7)?))
        })
        .optional()?;
    let Some((door, house, key)) = found else {
        return Ok(None);
    };
    let street = conn.prepare_cached(STREET)?.query_row([key], street)?;
    let house =
        HouseNumber::from_code(house).ok_or(rusqlite::Error::IntegralValueOutOfRange(6, house))?;
    Ok(Some((street, house, door)))
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

/// What stands at a house, floor and door of a street, a valid one before a closed one. Where a house is asked for that
/// has several doors, the house without any of them, unless the identifier tells which.
pub(super) fn at_house(
    conn: &Connection,
    street: &Street,
    house: HouseNumber,
    parts: &AddressParts<'_>,
) -> rusqlite::Result<Option<DarAddress>> {
    let lower = |text: Option<&str>| text.map(str::to_lowercase);
    let (etage, doer) = (lower(parts.etage), lower(parts.doer));
    let mut statement = conn.prepare_cached(match (&etage, &doer) {
        (_, Some(_)) => AT_DOOR,
        (Some(_), None) => ON_FLOOR,
        (None, None) => IN_HOUSE,
    })?;
    let place = (street.id, house.code());
    let mut rows = match (&etage, &doer) {
        (etage, Some(doer)) => statement.query(params![
            place.0,
            place.1,
            etage.as_deref().unwrap_or(""),
            doer
        ])?,
        (Some(etage), None) => statement.query(params![place.0, place.1, etage])?,
        (None, None) => statement.query(params![place.0, place.1])?,
    };
    let exact = |door: &Door| {
        door.etage == etage.as_deref().unwrap_or_default()
            && door.doer == doer.as_deref().unwrap_or_default()
    };
    let (mut first, mut closed): (Option<Door>, Option<Door>) = (None, None);
    while let Some(row) = rows.next()? {
        let door = door(row)?;
        if !door.status.is_valid() {
            closed.get_or_insert(door);
        } else if exact(&door) {
            return Ok(Some(whole(street, house, door)));
        } else if let Some(first) = first.take() {
            drop(rows);
            return several(conn, street, house, first, parts).map(Some);
        } else {
            first = Some(door);
        }
    }
    Ok(first.or(closed).map(|door| whole(street, house, door)))
}

/// The house, or the floor, of which there is more than one door.
fn several(
    conn: &Connection,
    street: &Street,
    house: HouseNumber,
    first: Door,
    parts: &AddressParts<'_>,
) -> rusqlite::Result<DarAddress> {
    if let Some(id) = parts.dawa_id
        && let Some((its, number, door)) = find(conn, id)?
        && (its.id, number) == (street.id, house)
        && door.status.is_valid()
        && parts
            .etage
            .is_none_or(|etage| etage.to_lowercase() == door.etage)
    {
        return Ok(whole(street, house, door));
    }
    let etage = parts.etage.map(str::to_lowercase);
    Ok(DarAddress {
        id: None,
        etage,
        doer: None,
        ..whole(street, house, first)
    })
}

/// Puts the records of an extract in.
#[derive(Debug)]
pub(super) struct Intake {
    laeser: DarReader,
    streets: HashMap<StreetKey, i64>,
}

/// Postal code, kommune, road code, name, supplementary town.
type StreetKey = (u16, u16, u16, String, String);

impl Intake {
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

impl Taker for Intake {
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
