//! Systems and agreements as rows: reading them, and writing a version of one with its history.

use rusqlite::{Connection, Row, ToSql, params, params_from_iter};

use super::query::{all, first, run};
use crate::register::{
    Aftale, AftaleId, Cvr, Institutionsnummer, Kommunekode, Omfang, PNummer, Part, System,
    SystemId, Tidspunkt, Tjeneste,
};
use crate::store::{Aftaler, Result, StoreError};

/// The columns of an agreement, with one number of its scope.
macro_rules! select_aftaler {
    ($rest:literal) => {
        concat!(
            "SELECT a.id, a.system, a.kommune, a.ejer, a.tjeneste, a.omfang, a.fra, a.til, a.overlap, a.oprettet, \
             a.lukket, a.aarsag, a.afloeser, o.nummer FROM aftale a LEFT JOIN aftale_omfang o ON o.aftale = a.id ",
            $rest,
            " ORDER BY a.id, o.nummer"
        )
    };
}

const SYSTEM: &str = "SELECT id, navn, ejer, oprettet, lukket FROM system ";

pub(super) fn system(conn: &Connection, id: SystemId) -> Result<Option<System>> {
    let sql = "SELECT id, navn, ejer, oprettet, lukket FROM system WHERE id = ?1";
    whole(conn, first(conn, sql, [id.0], system_row)?)
}

/// The system that a certificate of this stable identity acts as.
pub(super) fn system_with(conn: &Connection, identitet: &str) -> Result<Option<System>> {
    let sql = "SELECT s.id, s.navn, s.ejer, s.oprettet, s.lukket FROM system_certifikat c \
               JOIN system s ON s.id = c.system WHERE c.identitet = ?1";
    whole(conn, first(conn, sql, [identitet], system_row)?)
}

pub(super) fn systems(conn: &Connection) -> Result<Vec<System>> {
    let rows = all(conn, &format!("{SYSTEM}ORDER BY id"), [], |row| {
        Ok(system_row(row)?)
    })?;
    rows.into_iter()
        .map(|system| with_certificates(conn, system))
        .collect()
}

fn whole(conn: &Connection, found: Option<System>) -> Result<Option<System>> {
    found
        .map(|system| with_certificates(conn, system))
        .transpose()
}

fn with_certificates(conn: &Connection, system: System) -> Result<System> {
    let sql = "SELECT identitet FROM system_certifikat WHERE system = ?1 ORDER BY identitet";
    let certifikater = all(conn, sql, [system.id.0], |row| Ok(row.get(0)?))?;
    Ok(System {
        certifikater,
        ..system
    })
}

fn system_row(row: &Row<'_>) -> rusqlite::Result<System> {
    Ok(System {
        id: SystemId(row.get(0)?),
        navn: row.get(1)?,
        ejer: row.get(2)?,
        certifikater: Vec::new(),
        oprettet: row.get(3)?,
        lukket: row.get(4)?,
    })
}

/// An agreement as one of its rows has it, and the number of its scope that the row names.
fn agreement_row(row: &Row<'_>) -> Result<(Aftale, Option<String>)> {
    let (kommune, ejer): (Option<Kommunekode>, Option<Cvr>) = (row.get(2)?, row.get(3)?);
    let (closed, why): (Option<Tidspunkt>, Option<String>) = (row.get(10)?, row.get(11)?);
    let unreadable = |what: &str| StoreError::Corrupt(format!("an agreement has {what}"));
    let aftale = Aftale {
        id: AftaleId(row.get(0)?),
        system: SystemId(row.get(1)?),
        part: part(kommune, ejer).ok_or_else(|| unreadable("no principal"))?,
        tjeneste: Tjeneste::parse(&row.get::<_, String>(4)?)
            .ok_or_else(|| unreadable("an unknown service"))?,
        omfang: scope(&row.get::<_, String>(5)?).ok_or_else(|| unreadable("an unknown scope"))?,
        fra: row.get(6)?,
        til: row.get(7)?,
        overlap: row.get(8)?,
        oprettet: row.get(9)?,
        lukket: closed.zip(why),
        afloeser: row.get::<_, Option<u32>>(12)?.map(AftaleId),
    };
    Ok((aftale, row.get(13)?))
}

/// The chosen agreements, by id.
pub(super) fn agreements(conn: &Connection, which: Aftaler<'_>) -> Result<Vec<Aftale>> {
    let (sql, key): (_, Option<&dyn ToSql>) = match &which {
        Aftaler::Alle => (select_aftaler!(""), None),
        Aftaler::En(id) => (select_aftaler!("WHERE a.id = ?1"), Some(&id.0)),
        Aftaler::AabneFor(system) => (
            select_aftaler!("WHERE a.system = ?1 AND a.lukket IS NULL"),
            Some(&system.0),
        ),
        Aftaler::Fra(Part::Kommune(kommune)) => {
            (select_aftaler!("WHERE a.kommune = ?1"), Some(kommune))
        }
        Aftaler::Fra(Part::Ejer(cvr)) => (select_aftaler!("WHERE a.ejer = ?1"), Some(cvr)),
        Aftaler::AabneOm(number) => (
            select_aftaler!(
                "WHERE a.lukket IS NULL AND a.id IN (SELECT aftale FROM aftale_omfang WHERE nummer = ?1)"
            ),
            Some(number),
        ),
    };
    let rows = all(conn, sql, params_from_iter(key), agreement_row)?;
    let mut found: Vec<Aftale> = Vec::new();
    for (aftale, number) in rows {
        if found.last().is_none_or(|last| last.id != aftale.id) {
            found.push(aftale);
        }
        if let (Some(last), Some(number)) = (found.last_mut(), number) {
            add(&mut last.omfang, &number)?;
        }
    }
    Ok(found)
}

/// A principal of its two columns.
pub(super) fn part(kommune: Option<Kommunekode>, ejer: Option<Cvr>) -> Option<Part> {
    match (kommune, ejer) {
        (Some(kommune), None) => Some(Part::Kommune(kommune)),
        (None, Some(cvr)) => Some(Part::Ejer(cvr)),
        _ => None,
    }
}

/// The two columns of a principal.
pub(super) const fn columns(part: Part) -> (Option<Kommunekode>, Option<Cvr>) {
    match part {
        Part::Kommune(kommune) => (Some(kommune), None),
        Part::Ejer(cvr) => (None, Some(cvr)),
    }
}

/// A scope of its column, without numbers yet.
pub(super) fn scope(word: &str) -> Option<Omfang> {
    match word {
        "alle" => Some(Omfang::Alle),
        "pNumre" => Some(Omfang::PNumre(Vec::new())),
        "institutionsnumre" => Some(Omfang::Institutioner(Vec::new())),
        _ => None,
    }
}

/// Adds a number that a row names to a scope.
pub(super) fn add(omfang: &mut Omfang, number: &str) -> Result<()> {
    let wrong = |_| StoreError::Corrupt(format!("an agreement names {number}"));
    match omfang {
        Omfang::Alle => {
            return Err(StoreError::Corrupt(
                "an agreement about all names one".into(),
            ));
        }
        Omfang::PNumre(list) => list.push(PNummer::parse(number).map_err(wrong)?),
        Omfang::Institutioner(list) => list.push(Institutionsnummer::parse(number).map_err(wrong)?),
    }
    Ok(())
}

/// The next id of a table that has some of its own; rows are never deleted, so none is given twice.
pub(super) fn next_id(conn: &Connection, table: &str) -> Result<u32> {
    let sql = format!("SELECT coalesce(max(id), 0) + 1 FROM {table}");
    first(conn, &sql, [], |row| row.get(0))?
        .ok_or_else(|| StoreError::Corrupt("no id can be issued".into()))
}

pub(super) fn save_system(conn: &Connection, system: &System, now: Tidspunkt) -> Result<()> {
    let System {
        id: SystemId(id),
        navn,
        ejer,
        certifikater,
        oprettet,
        lukket,
    } = system;
    run(
        conn,
        "INSERT INTO system (id, navn, ejer, oprettet, lukket) VALUES (?1, ?2, ?3, ?4, ?5) \
         ON CONFLICT (id) DO UPDATE SET navn = excluded.navn, ejer = excluded.ejer, lukket = excluded.lukket",
        params![id, navn, ejer, oprettet, lukket],
    )?;
    run(
        conn,
        "DELETE FROM system_certifikat WHERE system = ?1",
        [id],
    )?;
    for identitet in certifikater {
        let sql = "INSERT INTO system_certifikat (identitet, system) VALUES (?1, ?2)";
        run(conn, sql, params![identitet, id])?;
    }
    run(
        conn,
        "INSERT INTO system_historik (tidspunkt, system, navn, ejer, certifikater, oprettet, lukket) \
         SELECT ?1, id, navn, ejer, (SELECT group_concat(identitet, ' ' ORDER BY identitet) FROM system_certifikat \
         WHERE system = s.id), oprettet, lukket FROM system s WHERE id = ?2",
        params![now, id],
    )?;
    Ok(())
}

pub(super) fn save_agreement(conn: &Connection, aftale: &Aftale, now: Tidspunkt) -> Result<()> {
    let (kommune, ejer) = columns(aftale.part);
    let (closed, why) = aftale.lukket.as_ref().map(|(at, why)| (at, why)).unzip();
    let id = aftale.id.0;
    let new = conn
        .prepare_cached(
            "INSERT INTO aftale (id, system, kommune, ejer, tjeneste, omfang, fra, til, overlap, oprettet, lukket, \
             aarsag, afloeser) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13) \
             ON CONFLICT (id) DO UPDATE SET til = excluded.til, lukket = excluded.lukket, aarsag = excluded.aarsag \
             RETURNING (SELECT count(*) FROM aftale_historik WHERE aftale = ?1) = 0",
        )?
        .query_row(
            params![
                id,
                aftale.system.0,
                kommune,
                ejer,
                aftale.tjeneste.as_str(),
                aftale.omfang.art(),
                aftale.fra,
                aftale.til,
                aftale.overlap,
                aftale.oprettet,
                closed,
                why,
                aftale.afloeser.map(|id| id.0),
            ],
            |row| row.get::<_, bool>(0),
        )?;
    if new {
        for number in aftale.omfang.numre() {
            let sql = "INSERT INTO aftale_omfang (aftale, nummer) VALUES (?1, ?2)";
            run(conn, sql, params![id, number])?;
        }
    }
    run(
        conn,
        "INSERT INTO aftale_historik (tidspunkt, aftale, system, kommune, ejer, tjeneste, omfang, numre, fra, til, \
         overlap, oprettet, lukket, aarsag, afloeser) \
         SELECT ?1, id, system, kommune, ejer, tjeneste, omfang, (SELECT group_concat(nummer, ' ' ORDER BY nummer) \
         FROM aftale_omfang WHERE aftale = a.id), fra, til, overlap, oprettet, lukket, aarsag, afloeser \
         FROM aftale a WHERE id = ?2",
        params![now, id],
    )?;
    Ok(())
}
