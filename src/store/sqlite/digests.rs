//! The chain of digests over the changes, as rows.

use rusqlite::{Connection, params};

use super::query::{first, for_each, run};
use super::rows::{self, select_rows};
use crate::audit::Hash;
use crate::register::Sekvens;
use crate::store::{Aendring, Result, digests};

/// The digest of a change, or of the last one before it; that of the beginning where there is none.
pub(super) fn at(conn: &Connection, sekvens: Sekvens) -> Result<Hash> {
    let sql = "SELECT hash FROM kaede WHERE sekvens <= ?1 ORDER BY sekvens DESC LIMIT 1";
    let hash = first(conn, sql, [sekvens], |row| row.get(0).map(Hash))?;
    Ok(hash.unwrap_or(digests::BEGINNING))
}

/// Appends the digest of a change.
pub(super) fn append(conn: &Connection, sekvens: Sekvens, hash: &Hash) -> Result<()> {
    let sql = "INSERT OR FAIL INTO kaede (hash) VALUES (?1)";
    run(conn, sql, [hash.0])?;
    rows::numbered(conn, sekvens.0)
}

/// Gives every change of a register from before migration 5 its digest. One that has any digest keeps what it has.
pub(super) fn fill(conn: &Connection) -> Result<()> {
    let any = first(conn, "SELECT 1 FROM kaede LIMIT 1", [], |row| {
        row.get::<_, i64>(0)
    })?;
    if any.is_some() {
        return Ok(());
    }
    let mut hash = digests::BEGINNING;
    let mut insert = conn.prepare("INSERT INTO kaede (sekvens, hash) VALUES (?1, ?2)")?;
    all(conn, |aendring| {
        hash = digests::next(&hash, &aendring);
        insert.execute(params![aendring.sekvens, hash.0])?;
        Ok(())
    })
}

/// The first change whose digest is not what the changes up to it come to, or that has none.
pub(super) fn first_broken(conn: &Connection) -> Result<Option<Sekvens>> {
    let mut hash = digests::BEGINNING;
    let mut broken = None;
    let mut stored = conn.prepare("SELECT hash FROM kaede WHERE sekvens = ?1")?;
    all(conn, |aendring| {
        if broken.is_none() {
            hash = digests::next(&hash, &aendring);
            let kept = stored.query_row([aendring.sekvens], |row| row.get(0).map(Hash));
            if !kept.is_ok_and(|kept| kept == hash) {
                broken = Some(aendring.sekvens);
            }
        }
        Ok(())
    })?;
    if broken.is_none() {
        let sql = "SELECT sekvens FROM kaede WHERE sekvens > (SELECT coalesce(max(sekvens), 0) FROM aendring) LIMIT 1";
        broken = first(conn, sql, [], |row| row.get(0))?;
    }
    Ok(broken)
}

fn all(conn: &Connection, mut visit: impl FnMut(Aendring) -> Result<()>) -> Result<()> {
    let sql = select_rows!("FROM aendring a ORDER BY a.sekvens");
    for_each(conn, sql, [], |row| visit(rows::aendring(row)?))
}
