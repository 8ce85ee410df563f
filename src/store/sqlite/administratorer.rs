//! Administrators of organisations as rows.

use rusqlite::{Connection, Row, params};

use super::query::{all, first, run};
use crate::register::{Administrator, Privilege, Tidspunkt};
use crate::store::{Result, StoreError};

pub(super) fn administrator(conn: &Connection, identitet: &str) -> Result<Option<Administrator>> {
    let sql = "SELECT identitet, cvr, rettigheder, oprettet, lukket FROM administrator WHERE identitet = ?1";
    let found = first(conn, sql, [identitet], |row| Ok(read(row)))?;
    found.transpose()
}

pub(super) fn administrators(conn: &Connection) -> Result<Vec<Administrator>> {
    let sql = "SELECT identitet, cvr, rettigheder, oprettet, lukket FROM administrator ORDER BY cvr, oprettet, identitet";
    all(conn, sql, [], read)
}

fn read(row: &Row<'_>) -> Result<Administrator> {
    let words: String = row.get(2)?;
    let privileges: Option<Vec<_>> = words.split(' ').map(Privilege::parse).collect();
    let unreadable = || StoreError::Corrupt(format!("an administrator has the privileges {words}"));
    Ok(Administrator {
        identitet: row.get(0)?,
        cvr: row.get(1)?,
        rettigheder: privileges.ok_or_else(unreadable)?,
        oprettet: row.get(3)?,
        lukket: row.get(4)?,
    })
}

/// Writes a version of an administrator, with its history.
pub(super) fn save(conn: &Connection, one: &Administrator, now: Tidspunkt) -> Result<()> {
    let words: Vec<_> = one.rettigheder.iter().map(|own| own.as_str()).collect();
    run(
        conn,
        "INSERT INTO administrator (identitet, cvr, rettigheder, oprettet, lukket) VALUES (?1, ?2, ?3, ?4, ?5) \
         ON CONFLICT (identitet) DO UPDATE SET cvr = excluded.cvr, rettigheder = excluded.rettigheder, \
         oprettet = excluded.oprettet, lukket = excluded.lukket",
        params![
            one.identitet,
            one.cvr,
            words.join(" "),
            one.oprettet,
            one.lukket
        ],
    )?;
    run(
        conn,
        "INSERT INTO administrator_historik (tidspunkt, identitet, cvr, rettigheder, oprettet, lukket) \
         SELECT ?1, identitet, cvr, rettigheder, oprettet, lukket FROM administrator WHERE identitet = ?2",
        params![now, one.identitet],
    )?;
    Ok(())
}
