//! Checks a whole register against its invariants: sequence, time, versions, tree, pointers and audit chain.

use std::path::Path;
use std::time::Duration;

use rusqlite::Connection;

use super::connection;
use super::migrate;
use super::numbers::Numbering;
use super::place;
use super::read::{View, first};
use crate::audit;
use crate::clock::Clock;
use crate::store::{Read, Result, Stand, StoreError};

/// A register whose invariants hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified {
    /// Where it stands.
    pub stand: Stand,
    /// The end of its audit chain, to be compared with one noted elsewhere: a chain that was cut off verifies.
    pub head: audit::Head,
}

/// What must never be found, whatever the rules of the register say: a query for the first case, and what it means.
const NEVER: &[(&str, &str)] = &[
    (
        "SELECT sekvens FROM (SELECT sekvens, row_number() OVER (ORDER BY sekvens) AS n FROM aendring) \
         WHERE sekvens <> n LIMIT 1",
        "the sequence of changes has a gap before",
    ),
    (
        "SELECT sekvens FROM (SELECT sekvens, tidspunkt, lag(tidspunkt) OVER (ORDER BY sekvens) AS t FROM aendring) \
         WHERE tidspunkt <= t LIMIT 1",
        "time does not go forward at change",
    ),
    (
        "SELECT sekvens FROM (SELECT sekvens, version, row_number() OVER (PARTITION BY nummer ORDER BY sekvens) AS n \
         FROM aendring) WHERE version <> n LIMIT 1",
        "a record's versions have a gap at change",
    ),
    (
        "SELECT sekvens FROM (SELECT sekvens, nedlagt, oprettet, \
         lag(nedlagt) OVER w AS closed, lag(oprettet) OVER w AS born FROM aendring \
         WINDOW w AS (PARTITION BY nummer ORDER BY sekvens)) \
         WHERE closed IS NOT NULL OR born <> oprettet LIMIT 1",
        "a closed record was changed, or a record's birth, by change",
    ),
    (
        "SELECT nummer FROM aendring WHERE nummer NOT IN (SELECT nummer FROM post) LIMIT 1",
        "the state lacks the record",
    ),
    (
        "SELECT p.nummer FROM post p LEFT JOIN aendring a ON a.sekvens = \
         (SELECT max(b.sekvens) FROM aendring b WHERE b.nummer = p.nummer) \
         WHERE a.sekvens IS NOT p.sekvens OR a.niveau <> p.niveau OR a.foraelder IS NOT p.foraelder \
         OR (a.nedlagt IS NULL) <> p.aktiv OR a.p_nummer IS NOT p.p_nummer OR a.cvr IS NOT p.cvr \
         OR (p.niveau = 1 AND p.adm_kommune IS NOT a.adm_kommune) LIMIT 1",
        "state and history disagree on the record",
    ),
    (
        "SELECT p.nummer FROM post p LEFT JOIN post o ON o.nummer = p.foraelder \
         WHERE p.niveau > 1 AND (o.niveau IS NOT p.niveau - 1 OR o.rod IS NOT p.rod) \
         OR p.niveau = 1 AND p.rod <> p.nummer LIMIT 1",
        "the tree is broken at the record",
    ),
    (
        "SELECT s.id FROM system s LEFT JOIN system_historik h ON h.id = \
         (SELECT max(b.id) FROM system_historik b WHERE b.system = s.id) \
         WHERE h.navn IS NOT s.navn OR h.ejer IS NOT s.ejer OR h.oprettet IS NOT s.oprettet OR h.lukket IS NOT s.lukket \
         OR h.certifikater IS NOT (SELECT group_concat(identitet, ' ' ORDER BY identitet) FROM system_certifikat c \
         WHERE c.system = s.id) LIMIT 1",
        "state and history disagree on the system of number",
    ),
    (
        "SELECT a.id FROM aftale a LEFT JOIN aftale_historik h ON h.id = \
         (SELECT max(b.id) FROM aftale_historik b WHERE b.aftale = a.id) \
         WHERE h.system IS NOT a.system OR h.kommune IS NOT a.kommune OR h.ejer IS NOT a.ejer \
         OR h.tjeneste IS NOT a.tjeneste OR h.omfang IS NOT a.omfang OR h.fra IS NOT a.fra OR h.til IS NOT a.til \
         OR h.overlap IS NOT a.overlap OR h.lukket IS NOT a.lukket OR h.aarsag IS NOT a.aarsag \
         OR h.afloeser IS NOT a.afloeser OR h.numre IS NOT (SELECT group_concat(nummer, ' ' ORDER BY nummer) \
         FROM aftale_omfang o WHERE o.aftale = a.id) LIMIT 1",
        "state and history disagree on the agreement of number",
    ),
];

/// Checks the register in a file, which other processes may go on using: one consistent view is looked at.
///
/// # Errors
/// [`StoreError::Corrupt`] says what is wrong, and where; [`StoreError::Refused`] when a restore was interrupted.
pub fn verify(database: &Path) -> Result<Verified> {
    place::refuse_interrupted(database)?;
    let conn = connection::readable(database, Duration::from_secs(5))?;
    if migrate::version(&conn)? != migrate::VERSION {
        return Err(StoreError::Corrupt(
            "the database is of an older program: open it with this one first".into(),
        ));
    }
    let view = conn.unchecked_transaction()?;
    verify_view(&view)
}

/// Checks what a connection sees; to be called inside a transaction.
pub(super) fn verify_view(conn: &Connection) -> Result<Verified> {
    let whole: String = conn.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    if whole != "ok" {
        return Err(StoreError::Corrupt(whole));
    }
    for (sql, meaning) in NEVER {
        let case = first(conn, sql, [], |row| row.get::<_, rusqlite::types::Value>(0))?;
        if let Some(case) = case {
            return Err(StoreError::Corrupt(format!("{meaning} {}", shown(&case))));
        }
    }
    let foreign_key = first(conn, "PRAGMA foreign_key_check", [], |row| {
        row.get::<_, String>(0)
    })?;
    if let Some(table) = foreign_key {
        return Err(StoreError::Corrupt(format!(
            "a row of {table} points to nothing"
        )));
    }
    let view = View {
        conn,
        clock: &Clock::System,
        numbering: &Numbering::default(),
    };
    Ok(Verified {
        stand: view.stand()?,
        head: verify_chain(&view)?,
    })
}

fn shown(case: &rusqlite::types::Value) -> String {
    match case {
        rusqlite::types::Value::Integer(number) => number.to_string(),
        rusqlite::types::Value::Text(text) => text.clone(),
        other => format!("{other:?}"),
    }
}

/// Follows the audit chain to its end.
fn verify_chain(view: &View<'_>) -> Result<audit::Head> {
    let mut verifier = audit::Verifier::default();
    let mut broken = None;
    view.audit_lines(&mut |line| match verifier.push(&line) {
        Ok(()) => std::ops::ControlFlow::Continue(()),
        Err(error) => {
            broken = Some(error);
            std::ops::ControlFlow::Break(())
        }
    })?;
    match broken {
        None => Ok(verifier.head()),
        Some(error) => Err(StoreError::Corrupt(format!(
            "the audit chain is broken: {error}"
        ))),
    }
}
