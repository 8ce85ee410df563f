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
    let mut search = Search {
        conn,
        house,
        parts,
        found: Vec::new(),
    };
    let here = streets(conn, parts.post_nummer, parts.vej_navn, house)?;
    for street in &here {
        search.doors(street)?;
    }
    if search.found.is_empty() {
        search.elsewhere()?;
        search.neighbours(&here)?;
        if here.is_empty() {
            search.alike()?;
        }
    }
    search.found.truncate(MOST_SUGGESTIONS);
    Ok(search.found)
}

/// What is looked for, and what was found.
struct Search<'a> {
    conn: &'a Connection,
    house: HouseNumber,
    parts: &'a AddressParts<'a>,
    found: Vec<String>,
}

impl Search<'_> {
    fn add(&mut self, one: String) {
        if !self.found.contains(&one) {
            self.found.push(one);
        }
    }

    /// The house is there, but not the floor or the door.
    fn doors(&mut self, street: &Street) -> rusqlite::Result<()> {
        let doors: Vec<(String, String)> = self
            .conn
            .prepare_cached(DOORS)?
            .query_map(params![street.id, self.house.code(), LOOKED_AT], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })?
            .collect::<rusqlite::Result<_>>()?;
        for (etage, doer) in &doors {
            let exact = AddressParts {
                etage: Some(etage.as_str()).filter(|etage| !etage.is_empty()),
                doer: Some(doer.as_str()).filter(|doer| !doer.is_empty()),
                ..*self.parts
            };
            if let Some(address) = at_house(self.conn, street, self.house, &exact)? {
                self.add(address.to_string());
            }
        }
        Ok(())
    }

    /// The houses before and after on the same street.
    fn neighbours(&mut self, here: &[Street]) -> rusqlite::Result<()> {
        let own = self.house.code();
        let mut near = Vec::new();
        for street in here {
            for question in [NEIGHBOUR_BEFORE, NEIGHBOUR_AFTER] {
                let mut statement = self.conn.prepare_cached(question)?;
                let mut rows = statement.query(params![street.id, own, LOOKED_AT])?;
                while let Some(row) = rows.next()? {
                    let house = HouseNumber::from_code(row.get(0)?);
                    near.extend(house.map(|house| (house, street)));
                }
            }
        }
        near.sort_by_key(|(other, _)| ((other.code() - own).abs(), other.code()));
        near.dedup_by_key(|(other, _)| *other);
        for (other, street) in near.into_iter().take(MOST_SUGGESTIONS) {
            self.add_house(street, other)?;
        }
        Ok(())
    }

    fn add_house(&mut self, street: &Street, house: HouseNumber) -> rusqlite::Result<bool> {
        let whole = AddressParts {
            etage: None,
            doer: None,
            dawa_id: None,
            ..*self.parts
        };
        let there = at_house(self.conn, street, house, &whole)?;
        let Some(mut address) = there.filter(|there| there.status.is_valid()) else {
            return Ok(false);
        };
        (address.etage, address.doer) = (None, None);
        self.add(address.to_string());
        Ok(true)
    }

    /// The same street and house in another postal district, the nearest by number.
    fn elsewhere(&mut self) -> rusqlite::Result<()> {
        let sent: i64 = self.parts.post_nummer.parse().unwrap_or_default();
        let key = self.key();
        let codes: Vec<i64> = self
            .conn
            .prepare_cached(POSTAL_CODES)?
            .query_map(params![key, sent, LOOKED_AT], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        for code in codes.into_iter().filter(|code| *code != sent) {
            for street in streets(self.conn, &code.to_string(), &key, self.house)? {
                if self.add_house(&street, self.house)? {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// Streets of the postal district whose names are nearly the one that was sent: with the house where it is there.
    fn alike(&mut self) -> rusqlite::Result<()> {
        let sent: Vec<char> = self.key().chars().collect();
        let most = (sent.len() / 3).clamp(1, 4);
        let code = self.parts.post_nummer;
        let postnr: i64 = code.parse().unwrap_or_default();
        let mut names = Vec::new();
        let mut statement = self.conn.prepare_cached(NAMES_IN_POSTAL)?;
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
            for street in streets(self.conn, code, &name, self.house)? {
                any |= self.add_house(&street, self.house)?;
            }
            if !any {
                self.add(format!("{name}, {code}"));
            }
        }
        Ok(())
    }

    /// The key of the street that was sent, without a house number at its end.
    fn key(&self) -> String {
        let sent = self.parts.vej_navn;
        street_key(without_house_number(sent, self.house).unwrap_or(sent))
    }
}
