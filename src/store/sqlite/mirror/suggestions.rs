//! What may have been meant by an address that is not found: the house with another door, a neighbour's number, the same
//! street in another postal district, a street whose name is nearly the same.

use rusqlite::{Connection, params};

use super::addresses::{Street, at_house, streets};
use crate::mirror::key::{HouseNumber, afstand, street_key, without_house_number};
use crate::mirror::{AddressParts, MOST_SUGGESTIONS};

/// Doors of a house, houses of a street, streets of a name, that are looked at.
const LOOKED_AT: i64 = 8;

const DOORS: &str = "
    SELECT etage, doer FROM adresse WHERE vej = ?1 AND hus = ?2 AND status IN (1, 3) LIMIT ?3";
const NEIGHBOUR_BEFORE: &str = "
    SELECT hus FROM adresse WHERE vej = ?1 AND hus < ?2 AND status IN (1, 3) ORDER BY hus DESC LIMIT ?3";
const NEIGHBOUR_AFTER: &str = "
    SELECT hus FROM adresse WHERE vej = ?1 AND hus > ?2 AND status IN (1, 3) ORDER BY hus LIMIT ?3";
const NAMES_IN_POSTAL: &str = "SELECT DISTINCT noegle, navn FROM vej WHERE postnr = ?1";
const POSTAL_CODES: &str = "
    SELECT DISTINCT postnr FROM vej WHERE noegle = ?1 ORDER BY abs(postnr - ?2) LIMIT ?3";

/// The likeliest first, at most [`MOST_SUGGESTIONS`].
pub(super) fn suggestions(
    conn: &Connection,
    parts: &AddressParts<'_>,
) -> rusqlite::Result<Vec<String>> {
    let Some(house) = HouseNumber::parse(parts.hus_nummer) else {
        return Ok(Vec::new());
    };
    let mut found = Vec::new();
    let here = streets(conn, parts.post_nummer, parts.vej_navn, house)?;
    for street in &here {
        doors(conn, street, house, parts, &mut found)?;
    }
    if found.is_empty() {
        elsewhere(conn, house, parts, &mut found)?;
        neighbours(conn, &here, house, parts, &mut found)?;
        if here.is_empty() {
            alike(conn, house, parts, &mut found)?;
        }
    }
    found.truncate(MOST_SUGGESTIONS);
    Ok(found)
}

fn add(found: &mut Vec<String>, one: String) {
    if !found.contains(&one) {
        found.push(one);
    }
}

/// The house is there, but not the floor or the door.
fn doors(
    conn: &Connection,
    street: &Street,
    house: HouseNumber,
    parts: &AddressParts<'_>,
    found: &mut Vec<String>,
) -> rusqlite::Result<()> {
    let doors: Vec<(String, String)> = conn
        .prepare_cached(DOORS)?
        .query_map(params![street.id, house.code(), LOOKED_AT], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?
        .collect::<rusqlite::Result<_>>()?;
    let some = |text: &'_ String| (!text.is_empty()).then(|| text.clone());
    for (etage, doer) in doors {
        let (etage, doer) = (some(&etage), some(&doer));
        let exact = AddressParts {
            etage: etage.as_deref(),
            doer: doer.as_deref(),
            ..*parts
        };
        if let Some(address) = at_house(conn, street, house, &exact)? {
            add(found, address.to_string());
        }
    }
    Ok(())
}

/// The houses before and after on the same street.
fn neighbours(
    conn: &Connection,
    here: &[Street],
    house: HouseNumber,
    parts: &AddressParts<'_>,
    found: &mut Vec<String>,
) -> rusqlite::Result<()> {
    let mut near = Vec::new();
    for street in here {
        for question in [NEIGHBOUR_BEFORE, NEIGHBOUR_AFTER] {
            let mut statement = conn.prepare_cached(question)?;
            let mut rows = statement.query(params![street.id, house.code(), LOOKED_AT])?;
            while let Some(row) = rows.next()? {
                let code: i64 = row.get(0)?;
                near.extend(HouseNumber::from_code(code).map(|house| (house, street)));
            }
        }
    }
    near.sort_by_key(|(other, _)| ((other.code() - house.code()).abs(), other.code()));
    near.dedup_by_key(|(other, _)| *other);
    for (other, street) in near.into_iter().take(MOST_SUGGESTIONS) {
        add_house(conn, street, other, parts, found)?;
    }
    Ok(())
}

fn add_house(
    conn: &Connection,
    street: &Street,
    house: HouseNumber,
    parts: &AddressParts<'_>,
    found: &mut Vec<String>,
) -> rusqlite::Result<bool> {
    let whole = AddressParts {
        etage: None,
        doer: None,
        dawa_id: None,
        ..*parts
    };
    let there = at_house(conn, street, house, &whole)?.filter(|there| there.status.is_valid());
    let any = there.is_some();
    if let Some(mut address) = there {
        (address.etage, address.doer) = (None, None);
        add(found, address.to_string());
    }
    Ok(any)
}

/// The same street and house in another postal district, the nearest by number.
fn elsewhere(
    conn: &Connection,
    house: HouseNumber,
    parts: &AddressParts<'_>,
    found: &mut Vec<String>,
) -> rusqlite::Result<()> {
    let sent: i64 = parts.post_nummer.parse().unwrap_or_default();
    let key = key(parts, house);
    let codes: Vec<i64> = conn
        .prepare_cached(POSTAL_CODES)?
        .query_map(params![key, sent, LOOKED_AT], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    for code in codes.into_iter().filter(|code| *code != sent) {
        for street in streets(conn, &code.to_string(), &key, house)? {
            if add_house(conn, &street, house, parts, found)? {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// Streets of the postal district whose names are nearly the one that was sent: with the house where it is there.
fn alike(
    conn: &Connection,
    house: HouseNumber,
    parts: &AddressParts<'_>,
    found: &mut Vec<String>,
) -> rusqlite::Result<()> {
    let sent: Vec<char> = key(parts, house).chars().collect();
    let most = (sent.len() / 3).clamp(1, 4);
    let postnr: i64 = parts.post_nummer.parse().unwrap_or_default();
    let mut names = Vec::new();
    let mut statement = conn.prepare_cached(NAMES_IN_POSTAL)?;
    let mut rows = statement.query([postnr])?;
    let mut name = Vec::new();
    while let Some(row) = rows.next()? {
        name.clear();
        name.extend(row.get_ref(0)?.as_str()?.chars());
        if let Some(distance) = afstand(&sent, &name, most) {
            names.push((distance, row.get::<_, String>(1)?));
        }
    }
    names.sort();
    for (_, name) in names.into_iter().take(MOST_SUGGESTIONS) {
        let mut any = false;
        for street in streets(conn, parts.post_nummer, &name, house)? {
            any |= add_house(conn, &street, house, parts, found)?;
        }
        if !any {
            add(found, format!("{name}, {}", parts.post_nummer));
        }
    }
    Ok(())
}

/// The key of the street that was sent, without a house number at its end.
fn key(parts: &AddressParts<'_>, house: HouseNumber) -> String {
    street_key(without_house_number(parts.vej_navn, house).unwrap_or(parts.vej_navn))
}
