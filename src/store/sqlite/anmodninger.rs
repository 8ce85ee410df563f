//! Requests for agreements as rows, and beside them what is forgotten: comments, persons, secret addresses.

use std::fmt::Write as _;

use rusqlite::types::Value;
use rusqlite::{Connection, Row, ToSql, params, params_from_iter};

use super::query::{all, first, run};
use super::tilslutning;
use super::values::Count;
use crate::register::{
    Afgjort, AftaleId, Anmodning, AnmodningId, Cvr, Institutionsnummer, Kommentar, Om, Part,
    Person, Pseudonym, RequestState, Standing, SystemId, Tidspunkt, Tjeneste,
};
use crate::store::{Anmodninger, Asked, Result, StoreError};

/// The columns of a request, with one number of its scope.
const COLUMNS: &str = "a.id, a.system, a.kommune, a.ejer, a.tjeneste, a.omfang, a.fra, a.til, a.oprettet, a.stand, a.aftale, \
     a.afgjort, a.afgjort_cvr, a.afgjort_person, o.nummer";

/// The chosen requests, by id.
pub(super) fn requests(conn: &Connection, which: &Anmodninger) -> Result<Vec<Anmodning>> {
    let mut sql = String::from("SELECT * FROM anmodning WHERE id > ?1");
    let mut values: Vec<Value> = vec![which.efter.into(), which.antal.into()];
    let mut chosen = |condition: &str, value: Value| {
        values.push(value);
        // Writing into a String can't fail.
        let _ = write!(
            sql,
            " AND {condition}",
            condition = condition.replace('?', &format!("?{}", values.len()))
        );
    };
    match which.af {
        Asked::Alle => {}
        Asked::En(id) => chosen("id = ?", id.0.into()),
        Asked::System(system) => chosen("system = ?", system.0.into()),
        Asked::Leverandoer(cvr) => chosen(
            "system IN (SELECT s.id FROM system s WHERE s.ejer = ?)",
            cvr.as_str().to_owned().into(),
        ),
        Asked::Hos(Part::Kommune(kommune)) => chosen("kommune = ?", i64::from(kommune.0).into()),
        Asked::Hos(Part::Ejer(cvr)) => chosen("ejer = ?", cvr.as_str().to_owned().into()),
    }
    if let Some(standing) = which.standing {
        // Spelt out, so that the index of those that wait is used.
        let _ = write!(sql, " AND stand = '{}'", standing.as_str());
    }
    let sql = format!(
        "SELECT {COLUMNS} FROM ({sql} ORDER BY id LIMIT ?2) a LEFT JOIN anmodning_omfang o ON o.anmodning = a.id \
         ORDER BY a.id, o.nummer"
    );
    let rows = all(conn, &sql, params_from_iter(values), request_row)?;
    let mut found: Vec<Anmodning> = Vec::new();
    for (request, number) in rows {
        if found.last().is_none_or(|last| last.id != request.id) {
            found.push(request);
        }
        if let (Some(last), Some(number)) = (found.last_mut(), number) {
            tilslutning::add(&mut last.omfang, &number)?;
        }
    }
    Ok(found)
}

fn request_row(row: &Row<'_>) -> Result<(Anmodning, Option<String>)> {
    let unreadable = |what: &str| StoreError::Corrupt(format!("a request has {what}"));
    let settled = match row.get::<_, Option<Tidspunkt>>(11)? {
        None => None,
        Some(tidspunkt) => Some(Afgjort {
            tidspunkt,
            cvr: row.get(12)?,
            person: row.get(13)?,
        }),
    };
    let aftale = row.get::<_, Option<u32>>(10)?.map(AftaleId);
    let state = match (row.get::<_, Standing>(9)?, settled, aftale) {
        (Standing::Venter, None, None) => RequestState::Venter,
        (Standing::Godkendt, Some(af), Some(aftale)) => RequestState::Godkendt(af, aftale),
        (Standing::Afvist, Some(af), None) => RequestState::Afvist(af),
        (Standing::Trukket, Some(af), None) => RequestState::Trukket(af),
        _ => return Err(unreadable("a state that contradicts itself")),
    };
    let request = Anmodning {
        id: AnmodningId(row.get(0)?),
        system: SystemId(row.get(1)?),
        part: tilslutning::part(row.get(2)?, row.get(3)?)
            .ok_or_else(|| unreadable("no principal"))?,
        tjeneste: Tjeneste::parse(&row.get::<_, String>(4)?)
            .ok_or_else(|| unreadable("an unknown service"))?,
        omfang: tilslutning::scope(&row.get::<_, String>(5)?)
            .ok_or_else(|| unreadable("an unknown scope"))?,
        fra: row.get(6)?,
        til: row.get(7)?,
        oprettet: row.get(8)?,
        state,
    };
    Ok((request, row.get(14)?))
}

/// Writes a version of a request, with its history.
pub(super) fn save_request(conn: &Connection, request: &Anmodning, now: Tidspunkt) -> Result<()> {
    let (kommune, ejer) = tilslutning::columns(request.part);
    let settled = request.state.afgjort();
    let id = request.id.0;
    let new = conn
        .prepare_cached(
            "INSERT INTO anmodning (id, system, kommune, ejer, tjeneste, omfang, fra, til, oprettet, stand, aftale, \
             afgjort, afgjort_cvr, afgjort_person) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14) \
             ON CONFLICT (id) DO UPDATE SET stand = excluded.stand, aftale = excluded.aftale, \
             afgjort = excluded.afgjort, afgjort_cvr = excluded.afgjort_cvr, afgjort_person = excluded.afgjort_person \
             RETURNING (SELECT count(*) FROM anmodning_historik WHERE anmodning = ?1) = 0",
        )?
        .query_row(
            params![
                id,
                request.system.0,
                kommune,
                ejer,
                request.tjeneste.as_str(),
                request.omfang.art(),
                request.fra,
                request.til,
                request.oprettet,
                request.state.standing(),
                request.state.aftale().map(|id| id.0),
                settled.map(|af| af.tidspunkt),
                settled.and_then(|af| af.cvr),
                settled.and_then(|af| af.person.as_ref()),
            ],
            |row| row.get::<_, bool>(0),
        )?;
    if new {
        for number in request.omfang.numre() {
            let sql = "INSERT INTO anmodning_omfang (anmodning, nummer) VALUES (?1, ?2)";
            run(conn, sql, params![id, number])?;
        }
    }
    run(
        conn,
        "INSERT INTO anmodning_historik (tidspunkt, anmodning, system, kommune, ejer, tjeneste, omfang, numre, fra, til, \
         oprettet, stand, aftale, afgjort, afgjort_cvr, afgjort_person) \
         SELECT ?1, id, system, kommune, ejer, tjeneste, omfang, (SELECT group_concat(nummer, ' ' ORDER BY nummer) \
         FROM anmodning_omfang WHERE anmodning = a.id), fra, til, oprettet, stand, aftale, afgjort, afgjort_cvr, \
         afgjort_person FROM anmodning a WHERE id = ?2",
        params![now, id],
    )?;
    Ok(())
}

/// What was written about something, oldest first.
pub(super) fn comments(conn: &Connection, om: Om) -> Result<Vec<Kommentar>> {
    let (sql, id) = match om {
        Om::Anmodning(id) => (
            "SELECT tidspunkt, cvr, person, tekst FROM kommentar WHERE anmodning = ?1 ORDER BY id",
            id.0,
        ),
        Om::Aftale(id) => (
            "SELECT tidspunkt, cvr, person, tekst FROM kommentar WHERE aftale = ?1 ORDER BY id",
            id.0,
        ),
    };
    all(conn, sql, [id], |row| {
        Ok(Kommentar {
            om,
            tidspunkt: row.get(0)?,
            cvr: row.get(1)?,
            person: row.get(2)?,
            tekst: row.get(3)?,
        })
    })
}

pub(super) fn save_comment(conn: &Connection, comment: &Kommentar) -> Result<()> {
    let (anmodning, aftale) = match comment.om {
        Om::Anmodning(id) => (Some(id.0), None),
        Om::Aftale(id) => (None, Some(id.0)),
    };
    run(
        conn,
        "INSERT INTO kommentar (anmodning, aftale, tidspunkt, cvr, person, tekst) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![
            anmodning,
            aftale,
            comment.tidspunkt,
            comment.cvr,
            comment.person,
            comment.tekst
        ],
    )?;
    Ok(())
}

pub(super) fn person(conn: &Connection, pseudonym: &Pseudonym) -> Result<Option<Person>> {
    let sql = "SELECT pseudonym, navn, cvr FROM person WHERE pseudonym = ?1";
    first(conn, sql, [pseudonym], |row| {
        Ok(Person {
            pseudonym: row.get(0)?,
            navn: row.get(1)?,
            cvr: row.get(2)?,
        })
    })
}

/// Takes note of a person who was seen.
pub(super) fn save_person(conn: &Connection, person: &Person, seen: Tidspunkt) -> Result<()> {
    run(
        conn,
        "INSERT INTO person (pseudonym, navn, cvr, sidst_set) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (pseudonym) \
         DO UPDATE SET navn = excluded.navn, cvr = excluded.cvr, sidst_set = max(sidst_set, excluded.sidst_set)",
        params![person.pseudonym, person.navn, person.cvr, seen],
    )?;
    Ok(())
}

/// Forgets comments written and persons last seen before a moment; tells how many. What is deleted is overwritten.
pub(super) fn forget(conn: &Connection, before: Tidspunkt) -> Result<u64> {
    conn.pragma_update(None, "secure_delete", true)?;
    let forgotten = || -> Result<usize> {
        Ok(
            run(conn, "DELETE FROM kommentar WHERE tidspunkt < ?1", [before])?
                + run(conn, "DELETE FROM person WHERE sidst_set < ?1", [before])?,
        )
    };
    let forgotten = forgotten();
    conn.pragma_update(None, "secure_delete", false)?;
    Ok(forgotten? as u64)
}

/// Whether comments or persons are older than a moment.
pub(super) fn forgettable(conn: &Connection, before: Tidspunkt) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM kommentar WHERE tidspunkt < ?1) \
               OR EXISTS (SELECT 1 FROM person WHERE sidst_set < ?1)";
    Ok(first(conn, sql, [before], |row| row.get(0))?.unwrap_or(false))
}

/// Whose notices lie at the address with a secret of this hash.
pub(super) fn notices_of(conn: &Connection, hash: &[u8; 32]) -> Result<Option<Cvr>> {
    first(
        conn,
        "SELECT cvr FROM varsel WHERE hash = ?1",
        [&hash[..]],
        |row| row.get(0),
    )
}

/// Gives an organisation the address with a secret of this hash, in place of any before; or takes it away.
pub(super) fn save_notices(
    conn: &Connection,
    cvr: Cvr,
    hash: Option<&[u8; 32]>,
    now: Tidspunkt,
) -> Result<bool> {
    let had = run(conn, "DELETE FROM varsel WHERE cvr = ?1", [cvr])? > 0;
    if let Some(hash) = hash {
        let sql = "INSERT INTO varsel (cvr, hash, oprettet) VALUES (?1, ?2, ?3)";
        run(conn, sql, params![cvr, &hash[..], now])?;
    }
    Ok(had)
}

/// The first and the last time that a system wrote one of these records.
pub(super) fn written_by(
    conn: &Connection,
    system: SystemId,
    numbers: &[Institutionsnummer],
) -> Result<Option<(Tidspunkt, Tidspunkt)>> {
    let sql = "SELECT min(tidspunkt), max(tidspunkt) FROM aendring WHERE nummer = ?1 AND ophav_system = ?2";
    let mut span: Option<(Tidspunkt, Tidspunkt)> = None;
    for number in numbers {
        let params: [&dyn ToSql; 2] = [number, &system.0];
        let found: Option<(Option<Tidspunkt>, Option<Tidspunkt>)> =
            first(conn, sql, &params[..], |row| Ok((row.get(0)?, row.get(1)?)))?;
        if let Some((Some(begun), Some(last))) = found {
            span = Some(match span {
                None => (begun, last),
                Some((first, end)) => (first.min(begun), end.max(last)),
            });
        }
    }
    Ok(span)
}

/// How many requests of a system wait.
pub(super) fn waiting_of(conn: &Connection, system: SystemId) -> Result<u64> {
    let sql = "SELECT count(*) FROM anmodning WHERE system = ?1 AND stand = 'VENTER'";
    let found: Option<Count> = first(conn, sql, [system.0], |row| row.get(0))?;
    Ok(found.map_or(0, |count| count.0))
}
