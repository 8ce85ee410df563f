//! The mirror of DAR: streets in one table, and under each its addresses in the order of house, floor and door, so that a
//! look-up by parts reads one place of the file. Identifiers are 16 bytes, house numbers and coordinates integers.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use uuid::Uuid;

use super::Fil;
use super::samling::Modtager;
use crate::register::Kommunekode;
use crate::spejl::noegle::{Husnr, uden_husnr, vejnoegle};
use crate::spejl::udtraek::dar::{DarLaeser, DarRaekke};
use crate::spejl::{DarAdresse, DarOpslag, DarSpejl, DarStatus, DarSvar, Dele, Result, Stand};

/// Streets whose numbers are kept in memory while loading.
const STREETS: usize = 50_000;

/// Where addresses gather while an extract is read.
pub(super) const SAMLING: &str = "
    CREATE TABLE post(postnr INTEGER PRIMARY KEY, navn TEXT NOT NULL) STRICT;
    CREATE TABLE vej(id INTEGER PRIMARY KEY, postnr INTEGER NOT NULL, noegle TEXT NOT NULL, kommune INTEGER NOT NULL,
        vejkode INTEGER NOT NULL, supplerende TEXT NOT NULL, navn TEXT NOT NULL,
        UNIQUE (postnr, kommune, vejkode, navn, supplerende)) STRICT;
    CREATE TABLE adresse(vej INTEGER NOT NULL, hus INTEGER NOT NULL, etage TEXT NOT NULL, doer TEXT NOT NULL,
        id BLOB NOT NULL, status INTEGER NOT NULL, bredde INTEGER, laengde INTEGER) STRICT;";

/// The mirror itself, from what has gathered. Of two addresses with one identifier the latest stays: found by the new
/// index, for there are none in a sound extract, and taken from the rows as they were read.
pub(super) const BYG: &str = "
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
pub(super) const ANTAL: &str = "SELECT count(*) FROM ny.adresse";

const VEJE: &str = "
    SELECT vej.id, postnr, kommune, vejkode, supplerende, vej.navn, post.navn
    FROM vej JOIN post USING (postnr) WHERE postnr = ?1 AND noegle = ?2";
const VEJ: &str = "
    SELECT vej.id, postnr, kommune, vejkode, supplerende, vej.navn, post.navn
    FROM vej JOIN post USING (postnr) WHERE vej.id = ?1";
const AF_ID: &str = "
    SELECT etage, doer, id, status, bredde, laengde, hus, vej FROM adresse WHERE id = ?1";
const I_HUS: &str = "
    SELECT etage, doer, id, status, bredde, laengde FROM adresse WHERE vej = ?1 AND hus = ?2";
const PAA_ETAGE: &str = "
    SELECT etage, doer, id, status, bredde, laengde FROM adresse WHERE vej = ?1 AND hus = ?2 AND etage = ?3";
const VED_DOER: &str = "
    SELECT etage, doer, id, status, bredde, laengde FROM adresse
    WHERE vej = ?1 AND hus = ?2 AND etage = ?3 AND doer = ?4";

/// The open mirror.
#[derive(Debug)]
pub(super) struct DarFil(pub(super) Fil);

impl DarSpejl for DarFil {
    fn opslag(&self, opslag: &DarOpslag<'_>) -> Result<DarSvar> {
        self.0.read(|conn| match opslag {
            DarOpslag::Id(id) => by_id(conn, *id),
            DarOpslag::Dele(dele) => by_parts(conn, dele),
        })
    }

    fn forslag(&self, dele: &Dele<'_>) -> Result<Vec<String>> {
        self.0.read(|conn| super::forslag::forslag(conn, dele))
    }

    fn stand(&self) -> &Stand {
        &self.0.stand
    }
}

/// A street in one kommune, postal district and supplementary town.
#[derive(Debug, Clone)]
pub(super) struct Vej {
    pub(super) id: i64,
    postnr: u16,
    kommune: u16,
    vejkode: u16,
    supplerende: String,
    navn: String,
    by: String,
}

fn street(row: &Row<'_>) -> rusqlite::Result<Vej> {
    Ok(Vej {
        id: row.get(0)?,
        postnr: row.get(1)?,
        kommune: row.get(2)?,
        vejkode: row.get(3)?,
        supplerende: row.get(4)?,
        navn: row.get(5)?,
        by: row.get(6)?,
    })
}

/// The streets of a name in a postal district.
pub(super) fn streets(
    conn: &Connection,
    postnr: &str,
    navn: &str,
    hus: Husnr,
) -> rusqlite::Result<Vec<Vej>> {
    let postnr: i64 = postnr.parse().unwrap_or_default();
    let mut statement = conn.prepare_cached(VEJE)?;
    let mut of = |navn: &str| -> rusqlite::Result<Vec<Vej>> {
        statement
            .query_map(params![postnr, vejnoegle(navn)], street)?
            .collect()
    };
    let found = of(navn)?;
    match uden_husnr(navn, hus) {
        Some(road) if found.is_empty() => of(road),
        _ => Ok(found),
    }
}

/// A row of an address: floor, door, identifier, status, position.
struct Doer {
    etage: String,
    doer: String,
    id: Uuid,
    status: DarStatus,
    position: Option<(i64, i64)>,
}

fn door(row: &Row<'_>) -> rusqlite::Result<Doer> {
    let status: i64 = row.get(3)?;
    let (bredde, laengde): (Option<i64>, Option<i64>) = (row.get(4)?, row.get(5)?);
    Ok(Doer {
        etage: row.get(0)?,
        doer: row.get(1)?,
        id: Uuid::from_bytes(row.get(2)?),
        status: DarStatus::from_number(status)
            .ok_or(rusqlite::Error::IntegralValueOutOfRange(3, status))?,
        position: bredde.zip(laengde),
    })
}

fn whole(vej: &Vej, hus: Husnr, door: Doer) -> DarAdresse {
    let some = |text: String| (!text.is_empty()).then_some(text);
    DarAdresse {
        id: Some(door.id),
        status: door.status,
        vej_navn: vej.navn.clone(),
        vej_kode: format!("{:04}", vej.vejkode),
        hus_nummer: hus.to_string(),
        etage: some(door.etage),
        doer: some(door.doer),
        supplerende_bynavn: some(vej.supplerende.clone()),
        post_nummer: format!("{:04}", vej.postnr),
        by_navn: vej.by.clone(),
        kommune_kode: Kommunekode(vej.kommune),
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

fn answer(address: DarAdresse) -> DarSvar {
    if address.status.er_gyldig() {
        DarSvar::Fundet(Box::new(address))
    } else {
        DarSvar::Lukket(Box::new(address))
    }
}

/// The address of an identifier.
fn find(conn: &Connection, id: Uuid) -> rusqlite::Result<Option<(Vej, Husnr, Doer)>> {
    let found = conn
        .prepare_cached(AF_ID)?
        .query_row([id.as_bytes()], |row| {
            Ok((door(row)?, row.get::<_, i64>(6)?, row.get::<_, i64>(7)?))
        })
        .optional()?;
    let Some((door, hus, vej)) = found else {
        return Ok(None);
    };
    let vej = conn.prepare_cached(VEJ)?.query_row([vej], street)?;
    let hus = Husnr::from_code(hus).ok_or(rusqlite::Error::IntegralValueOutOfRange(6, hus))?;
    Ok(Some((vej, hus, door)))
}

fn by_id(conn: &Connection, id: Uuid) -> rusqlite::Result<DarSvar> {
    let found = find(conn, id)?;
    Ok(found.map_or(DarSvar::Ukendt, |(vej, hus, door)| {
        answer(whole(&vej, hus, door))
    }))
}

fn by_parts(conn: &Connection, dele: &Dele<'_>) -> rusqlite::Result<DarSvar> {
    let Some(hus) = Husnr::parse(dele.hus_nummer) else {
        return Ok(DarSvar::Ukendt);
    };
    let mut valid = Vec::new();
    let mut closed = None;
    for vej in streets(conn, dele.post_nummer, dele.vej_navn, hus)? {
        match at_house(conn, &vej, hus, dele)? {
            Some(found) if found.status.er_gyldig() => valid.push((vej, found)),
            Some(found) => closed = closed.or(Some(found)),
            None => {}
        }
    }
    narrow(&mut valid, |_, found| {
        found.id.is_some() && found.id == dele.dawa_id
    });
    narrow(&mut valid, |vej, _| {
        dele.vej_kode.and_then(|code| code.parse().ok()) == Some(vej.vejkode)
    });
    narrow(&mut valid, |vej, _| {
        dele.kommune_kode == Some(Kommunekode(vej.kommune))
    });
    narrow(&mut valid, |vej, _| {
        let sent = dele.supplerende_bynavn.unwrap_or_default();
        vejnoegle(sent) == vejnoegle(&vej.supplerende)
    });
    let mut valid = valid.into_iter().map(|(_, found)| found);
    Ok(match (valid.next(), valid.next(), closed) {
        (Some(one), Some(other), _) => DarSvar::Flertydig(Box::new([one, other])),
        (Some(one), None, _) => DarSvar::Fundet(Box::new(one)),
        (None, _, Some(closed)) => DarSvar::Lukket(Box::new(closed)),
        (None, _, None) => DarSvar::Ukendt,
    })
}

/// Keeps those that fit, where some do: what is sent chooses among what is found, and is not itself looked for.
fn narrow(found: &mut Vec<(Vej, DarAdresse)>, fits: impl Fn(&Vej, &DarAdresse) -> bool) {
    if found.len() > 1 && found.iter().any(|(vej, address)| fits(vej, address)) {
        found.retain(|(vej, address)| fits(vej, address));
    }
}

/// What stands at a house, floor and door of a street, a valid one before a closed one. Where a house is asked for that
/// has several doors, the house without any of them, unless the identifier tells which.
pub(super) fn at_house(
    conn: &Connection,
    vej: &Vej,
    hus: Husnr,
    dele: &Dele<'_>,
) -> rusqlite::Result<Option<DarAdresse>> {
    let lower = |text: Option<&str>| text.map(str::to_lowercase);
    let (etage, doer) = (lower(dele.etage), lower(dele.doer));
    let mut statement = conn.prepare_cached(match (&etage, &doer) {
        (_, Some(_)) => VED_DOER,
        (Some(_), None) => PAA_ETAGE,
        (None, None) => I_HUS,
    })?;
    let place = (vej.id, hus.code());
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
    let exact = |door: &Doer| {
        door.etage == etage.as_deref().unwrap_or_default()
            && door.doer == doer.as_deref().unwrap_or_default()
    };
    let (mut first, mut closed): (Option<Doer>, Option<Doer>) = (None, None);
    while let Some(row) = rows.next()? {
        let door = door(row)?;
        if !door.status.er_gyldig() {
            closed.get_or_insert(door);
        } else if exact(&door) {
            return Ok(Some(whole(vej, hus, door)));
        } else if let Some(first) = first.take() {
            drop(rows);
            return several(conn, vej, hus, first, dele).map(Some);
        } else {
            first = Some(door);
        }
    }
    Ok(first.or(closed).map(|door| whole(vej, hus, door)))
}

/// The house, or the floor, of which there is more than one door.
fn several(
    conn: &Connection,
    vej: &Vej,
    hus: Husnr,
    first: Doer,
    dele: &Dele<'_>,
) -> rusqlite::Result<DarAdresse> {
    if let Some(id) = dele.dawa_id
        && let Some((its, number, door)) = find(conn, id)?
        && (its.id, number) == (vej.id, hus)
        && door.status.er_gyldig()
        && dele
            .etage
            .is_none_or(|etage| etage.to_lowercase() == door.etage)
    {
        return Ok(whole(vej, hus, door));
    }
    let etage = dele.etage.map(str::to_lowercase);
    Ok(DarAdresse {
        id: None,
        etage,
        doer: None,
        ..whole(vej, hus, first)
    })
}

/// Puts the records of an extract in.
#[derive(Debug)]
pub(super) struct Ind {
    laeser: DarLaeser,
    streets: HashMap<StreetKey, i64>,
}

/// Postal code, kommune, road code, name, supplementary town.
type StreetKey = (u16, u16, u16, String, String);

impl Ind {
    pub(super) fn new(laeser: DarLaeser) -> Self {
        Self {
            laeser,
            streets: HashMap::new(),
        }
    }

    fn street(&mut self, conn: &Connection, row: &mut DarRaekke) -> rusqlite::Result<i64> {
        let navn = std::mem::take(&mut row.vej_navn);
        let supplerende = std::mem::take(&mut row.supplerende_bynavn);
        let key = (row.postnr, row.kommune, row.vej_kode, navn, supplerende);
        if let Some(&id) = self.streets.get(&key) {
            return Ok(id);
        }
        let (postnr, kommune, vejkode, navn, supplerende) = &key;
        conn.prepare_cached("INSERT INTO post VALUES (?1, ?2) ON CONFLICT DO UPDATE SET navn = excluded.navn WHERE navn = ''")?
            .execute(params![postnr, row.by_navn])?;
        conn.prepare_cached("INSERT OR IGNORE INTO vej VALUES (NULL, ?1, ?2, ?3, ?4, ?5, ?6)")?
            .execute(params![
                postnr,
                vejnoegle(navn),
                kommune,
                vejkode,
                supplerende,
                navn
            ])?;
        let id = conn
            .prepare_cached(
                "SELECT id FROM vej WHERE postnr = ?1 AND kommune = ?2 AND vejkode = ?3 AND navn = ?4
                    AND supplerende = ?5",
            )?
            .query_row(params![postnr, kommune, vejkode, navn, supplerende], |row| {
                row.get(0)
            })?;
        if self.streets.len() >= STREETS {
            self.streets.clear();
        }
        self.streets.insert(key, id);
        Ok(id)
    }
}

impl Modtager for Ind {
    fn modtag(&mut self, conn: &Connection, bytes: &[u8]) -> rusqlite::Result<Option<String>> {
        let mut row = match self.laeser.laes(bytes) {
            Ok(row) => row,
            Err(why) => return Ok(Some(why)),
        };
        let vej = self.street(conn, &mut row)?;
        conn.prepare_cached("INSERT INTO adresse VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")?
            .execute(params![
                vej,
                row.hus.code(),
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
