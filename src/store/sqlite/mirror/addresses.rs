//! The streets of the mirror of DAR, and what stands at a house of one.

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use uuid::Uuid;

use crate::mirror::key::{HouseNumber, street_key, without_house_number};
use crate::mirror::{AddressParts, DarAddress, DarStatus};
use crate::register::Kommunekode;

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

/// A street in one kommune, postal district and supplementary town.
#[derive(Debug, Clone)]
pub(super) struct Street {
    pub(super) id: i64,
    postnr: u16,
    pub(super) kommune: u16,
    pub(super) vejkode: u16,
    pub(super) supplerende: String,
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
pub(super) struct Door {
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

/// The address that a door of a house is.
pub(super) fn whole(street: &Street, house: HouseNumber, door: Door) -> DarAddress {
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

/// The address of an identifier.
pub(super) fn find(
    conn: &Connection,
    id: Uuid,
) -> rusqlite::Result<Option<(Street, HouseNumber, Door)>> {
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
