//! What may have been meant by an address that is not found: the house with another door, a neighbour's number, the same
//! street in another postal district, a street whose name is nearly the same.

use rusqlite::{Connection, params};

use super::dar::{Vej, at_house, streets};
use crate::spejl::noegle::{Husnr, afstand, uden_husnr, vejnoegle};
use crate::spejl::{Dele, MOST_FORSLAG};

/// Doors of a house, houses of a street, streets of a name, that are looked at.
const LOOKED_AT: i64 = 8;

const DOERE: &str = "
    SELECT etage, doer FROM adresse WHERE vej = ?1 AND hus = ?2 AND status IN (1, 3) LIMIT ?3";
const NABO_FOER: &str = "
    SELECT hus FROM adresse WHERE vej = ?1 AND hus < ?2 AND status IN (1, 3) ORDER BY hus DESC LIMIT ?3";
const NABO_EFTER: &str = "
    SELECT hus FROM adresse WHERE vej = ?1 AND hus > ?2 AND status IN (1, 3) ORDER BY hus LIMIT ?3";
const NAVNE_I_POST: &str = "SELECT DISTINCT noegle, navn FROM vej WHERE postnr = ?1";
const POSTNUMRE: &str = "
    SELECT DISTINCT postnr FROM vej WHERE noegle = ?1 ORDER BY abs(postnr - ?2) LIMIT ?3";

/// The likeliest first, at most [`MOST_FORSLAG`].
pub(super) fn forslag(conn: &Connection, dele: &Dele<'_>) -> rusqlite::Result<Vec<String>> {
    let Some(hus) = Husnr::parse(dele.hus_nummer) else {
        return Ok(Vec::new());
    };
    let mut found = Vec::new();
    let here = streets(conn, dele.post_nummer, dele.vej_navn, hus)?;
    for vej in &here {
        doors(conn, vej, hus, dele, &mut found)?;
    }
    if found.is_empty() {
        elsewhere(conn, hus, dele, &mut found)?;
        neighbours(conn, &here, hus, dele, &mut found)?;
        if here.is_empty() {
            alike(conn, hus, dele, &mut found)?;
        }
    }
    found.truncate(MOST_FORSLAG);
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
    vej: &Vej,
    hus: Husnr,
    dele: &Dele<'_>,
    found: &mut Vec<String>,
) -> rusqlite::Result<()> {
    let doors: Vec<(String, String)> = conn
        .prepare_cached(DOERE)?
        .query_map(params![vej.id, hus.code(), LOOKED_AT], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?
        .collect::<rusqlite::Result<_>>()?;
    let some = |text: &'_ String| (!text.is_empty()).then(|| text.clone());
    for (etage, doer) in doors {
        let (etage, doer) = (some(&etage), some(&doer));
        let exact = Dele {
            etage: etage.as_deref(),
            doer: doer.as_deref(),
            ..*dele
        };
        if let Some(address) = at_house(conn, vej, hus, &exact)? {
            add(found, address.to_string());
        }
    }
    Ok(())
}

/// The houses before and after on the same street.
fn neighbours(
    conn: &Connection,
    here: &[Vej],
    hus: Husnr,
    dele: &Dele<'_>,
    found: &mut Vec<String>,
) -> rusqlite::Result<()> {
    let mut near = Vec::new();
    for vej in here {
        for question in [NABO_FOER, NABO_EFTER] {
            let mut statement = conn.prepare_cached(question)?;
            let mut rows = statement.query(params![vej.id, hus.code(), LOOKED_AT])?;
            while let Some(row) = rows.next()? {
                let code: i64 = row.get(0)?;
                near.extend(Husnr::from_code(code).map(|hus| (hus, vej)));
            }
        }
    }
    near.sort_by_key(|(other, _)| ((other.code() - hus.code()).abs(), other.code()));
    near.dedup_by_key(|(other, _)| *other);
    for (other, vej) in near.into_iter().take(MOST_FORSLAG) {
        house(conn, vej, other, dele, found)?;
    }
    Ok(())
}

fn house(
    conn: &Connection,
    vej: &Vej,
    hus: Husnr,
    dele: &Dele<'_>,
    found: &mut Vec<String>,
) -> rusqlite::Result<bool> {
    let whole = Dele {
        etage: None,
        doer: None,
        dawa_id: None,
        ..*dele
    };
    let there = at_house(conn, vej, hus, &whole)?.filter(|there| there.status.er_gyldig());
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
    hus: Husnr,
    dele: &Dele<'_>,
    found: &mut Vec<String>,
) -> rusqlite::Result<()> {
    let sent: i64 = dele.post_nummer.parse().unwrap_or_default();
    let key = key(dele, hus);
    let codes: Vec<i64> = conn
        .prepare_cached(POSTNUMRE)?
        .query_map(params![key, sent, LOOKED_AT], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    for code in codes.into_iter().filter(|code| *code != sent) {
        for vej in streets(conn, &code.to_string(), &key, hus)? {
            if house(conn, &vej, hus, dele, found)? {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// Streets of the postal district whose names are nearly the one that was sent: with the house where it is there.
fn alike(
    conn: &Connection,
    hus: Husnr,
    dele: &Dele<'_>,
    found: &mut Vec<String>,
) -> rusqlite::Result<()> {
    let sent: Vec<char> = key(dele, hus).chars().collect();
    let most = (sent.len() / 3).clamp(1, 4);
    let postnr: i64 = dele.post_nummer.parse().unwrap_or_default();
    let mut names = Vec::new();
    let mut statement = conn.prepare_cached(NAVNE_I_POST)?;
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
    for (_, navn) in names.into_iter().take(MOST_FORSLAG) {
        let mut any = false;
        for vej in streets(conn, dele.post_nummer, &navn, hus)? {
            any |= house(conn, &vej, hus, dele, found)?;
        }
        if !any {
            add(found, format!("{navn}, {}", dele.post_nummer));
        }
    }
    Ok(())
}

/// The key of the street that was sent, without a house number at its end.
fn key(dele: &Dele<'_>, hus: Husnr) -> String {
    vejnoegle(uden_husnr(dele.vej_navn, hus).unwrap_or(dele.vej_navn))
}
