//! Checks a whole register against its invariants: sequence, time, versions, tree, pointers, audit chain, and that chain
//! and history tell of the same changes.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, Row, Rows};
use uuid::Uuid;

use super::connection;
use super::digests;
use super::migrate;
use super::place;
use super::query::first;
use super::read;
use super::rights::RightsTold;
use super::schema;
use crate::audit::{self, Examined, Examiner, Finding, Heads, Stored};
use crate::register::Sekvens;
use crate::store::{Position, Result, StoreError};

/// A register whose invariants hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified {
    /// Where it stands.
    pub position: Position,
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
        "SELECT o.cvr FROM organisation o LEFT JOIN organisation_historik h ON h.id = \
         (SELECT max(b.id) FROM organisation_historik b WHERE b.cvr = o.cvr) \
         WHERE h.navn IS NOT o.navn OR h.art IS NOT o.art OR h.kommune IS NOT o.kommune OR h.oprettet IS NOT o.oprettet \
         OR h.lukket IS NOT o.lukket LIMIT 1",
        "state and history disagree on the organisation",
    ),
    (
        "SELECT cvr FROM organisation_historik WHERE cvr NOT IN (SELECT cvr FROM organisation) LIMIT 1",
        "the state lacks the organisation",
    ),
    (
        "SELECT system FROM system_historik WHERE system NOT IN (SELECT id FROM system) LIMIT 1",
        "the state lacks the system of number",
    ),
    (
        "SELECT aftale FROM aftale_historik WHERE aftale NOT IN (SELECT id FROM aftale) LIMIT 1",
        "the state lacks the agreement of number",
    ),
    (
        "SELECT a.identitet FROM administrator a LEFT JOIN administrator_historik h ON h.id = \
         (SELECT max(b.id) FROM administrator_historik b WHERE b.identitet = a.identitet) \
         WHERE h.cvr IS NOT a.cvr OR h.rettigheder IS NOT a.rettigheder OR h.oprettet IS NOT a.oprettet \
         OR h.lukket IS NOT a.lukket LIMIT 1",
        "state and history disagree on the administrator",
    ),
    (
        "SELECT identitet FROM administrator_historik WHERE identitet NOT IN (SELECT identitet FROM administrator) LIMIT 1",
        "the state lacks the administrator",
    ),
    (
        "SELECT a.identitet FROM administrator a JOIN system_certifikat c ON c.identitet = a.identitet \
         WHERE a.lukket IS NULL LIMIT 1",
        "a certificate is a system's and an administrator's:",
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
    (
        "SELECT anmodning FROM anmodning_historik WHERE anmodning NOT IN (SELECT id FROM anmodning) LIMIT 1",
        "the state lacks the request of number",
    ),
    (
        "SELECT a.id FROM anmodning a LEFT JOIN anmodning_historik h ON h.id = \
         (SELECT max(b.id) FROM anmodning_historik b WHERE b.anmodning = a.id) \
         WHERE h.system IS NOT a.system OR h.kommune IS NOT a.kommune OR h.ejer IS NOT a.ejer \
         OR h.tjeneste IS NOT a.tjeneste OR h.omfang IS NOT a.omfang OR h.fra IS NOT a.fra OR h.til IS NOT a.til \
         OR h.oprettet IS NOT a.oprettet OR h.stand IS NOT a.stand OR h.aftale IS NOT a.aftale \
         OR h.afgjort IS NOT a.afgjort OR h.afgjort_cvr IS NOT a.afgjort_cvr OR h.afgjort_person IS NOT a.afgjort_person \
         OR h.numre IS NOT (SELECT group_concat(nummer, ' ' ORDER BY nummer) \
         FROM anmodning_omfang o WHERE o.anmodning = a.id) LIMIT 1",
        "state and history disagree on the request of number",
    ),
    (
        "SELECT r.id FROM anmodning r JOIN aftale a ON a.id = r.aftale WHERE a.system <> r.system \
         OR a.kommune IS NOT r.kommune OR a.ejer IS NOT r.ejer OR a.tjeneste <> r.tjeneste OR a.omfang <> r.omfang \
         OR (SELECT group_concat(nummer, ' ' ORDER BY nummer) FROM aftale_omfang o WHERE o.aftale = a.id) \
         IS NOT (SELECT group_concat(nummer, ' ' ORDER BY nummer) FROM anmodning_omfang o WHERE o.anmodning = r.id) LIMIT 1",
        "an agreement gives something else than was asked by the request of number",
    ),
];

/// Checks the register in a file, which other processes may go on using: one consistent view is looked at.
///
/// # Errors
/// [`StoreError::Corrupt`] says what is wrong first, and where; [`StoreError::Refused`] when a restore was interrupted.
pub fn verify(database: &Path) -> Result<Verified> {
    let (position, examined) = examine(database, Heads::default())?;
    verified(position, examined)
}

/// Looks for everything that is wrong with the register in a file, also by heads of its audit chain that were saved.
///
/// # Errors
/// [`StoreError`], when the register can't be looked at.
pub fn examine(database: &Path, heads: Heads) -> Result<(Position, Examined)> {
    place::refuse_interrupted(database)?;
    let conn = connection::readable(database, Duration::from_secs(5))?;
    if schema::reached(&conn)? != migrate::VERSION {
        return Err(StoreError::Corrupt(
            "the database is of an older program: open it with this one first".into(),
        ));
    }
    connection::distrust(&conn)?;
    let view = conn.unchecked_transaction()?;
    examine_view(&view, heads)
}

/// Checks what a connection sees; to be called inside a transaction.
pub(super) fn verify_view(conn: &Connection) -> Result<Verified> {
    let (position, examined) = examine_view(conn, Heads::default())?;
    verified(position, examined)
}

fn verified(position: Position, examined: Examined) -> Result<Verified> {
    match examined.findings.first() {
        None => Ok(Verified {
            position,
            head: examined.head,
        }),
        Some(Finding::Broken(broken)) => Err(StoreError::Corrupt(format!(
            "the audit chain is broken: {broken}"
        ))),
        Some(finding) => Err(StoreError::Corrupt(finding.to_string())),
    }
}

fn examine_view(conn: &Connection, mut heads: Heads) -> Result<(Position, Examined)> {
    // First of all: what another schema says is nothing to go by.
    schema::check(conn, migrate::VERSION)?;
    let whole: String = conn.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    if whole != "ok" {
        return Err(StoreError::Corrupt(whole));
    }
    let position = read::position(conn)?;
    // The heads that the register itself has kept are expected in its chain too.
    for day in read::heads(conn, u32::MAX)? {
        let expected = heads.expect_published(&day);
        expected.map_err(|error| StoreError::Refused(error.to_string()))?;
    }
    let mut examiner = Examiner::new(heads);
    rules(conn, &mut examiner)?;
    chain(conn, &mut examiner)?;
    Ok((
        position,
        examiner.finish(&position.epoke.to_string(), position.sekvens),
    ))
}

/// The rules of the history and the state.
fn rules(conn: &Connection, examiner: &mut Examiner) -> Result<()> {
    for (sql, meaning) in NEVER {
        let case = first(conn, sql, [], |row| row.get::<_, rusqlite::types::Value>(0))?;
        if let Some(case) = case {
            examiner.found(Finding::Register(format!("{meaning} {}", shown(&case))));
        }
    }
    if let Some(sekvens) = digests::first_broken(conn)? {
        examiner.found(Finding::Register(format!(
            "the chain of digests does not fit the changes from change {sekvens}"
        )));
    }
    let foreign_key = first(conn, "PRAGMA foreign_key_check", [], |row| {
        row.get::<_, String>(0)
    })?;
    if let Some(table) = foreign_key {
        examiner.found(Finding::Register(format!(
            "a row of {table} points to nothing"
        )));
    }
    Ok(())
}

fn shown(case: &rusqlite::types::Value) -> String {
    match case {
        rusqlite::types::Value::Integer(number) => number.to_string(),
        rusqlite::types::Value::Text(text) => text.clone(),
        other => format!("{other:?}"),
    }
}

/// Follows the audit chain to its end, and the history beside it.
fn chain(conn: &Connection, examiner: &mut Examiner) -> Result<()> {
    let mut statement = conn.prepare(
        "SELECT sekvens, korrelations_id, operation, ophav_cvr, sagsnummer FROM aendring ORDER BY sekvens",
    )?;
    let mut history = History(statement.query([])?, None);
    let mut rights = RightsTold::default();
    read::audit_lines_after(conn, 0, |line| {
        let mut findings = match examiner.line(&line) {
            None => Vec::new(),
            Some(stored) => history.compare(&stored)?,
        };
        findings.extend(rights.line(conn, &line)?);
        findings.into_iter().for_each(|found| examiner.found(found));
        Ok(())
    })?;
    let unaudited = rights.finish(conn)?;
    unaudited
        .into_iter()
        .for_each(|found| examiner.found(found));
    Ok(())
}

/// A change, as far as the audit chain tells of it too.
struct Change {
    sekvens: Sekvens,
    korrelations_id: Uuid,
    operation: String,
    cvr: Option<String>,
    sagsnummer: Option<String>,
}

/// The history beside the chain, read once from its beginning; the change that was read and not yet compared.
struct History<'s>(Rows<'s>, Option<Change>);

impl History<'_> {
    /// Compares the changes that a line tells of. Those that no line tells of are found by the gap between two lines.
    fn compare(&mut self, stored: &Stored<'_>) -> Result<Vec<Finding>> {
        let mut findings = Vec::new();
        let line = stored.line;
        let mut expected = stored.first;
        while expected <= stored.last {
            let Some(change) = self.next(expected)? else {
                findings.push(Finding::NoChange(line, expected));
                break;
            };
            let sekvens = change.sekvens;
            if sekvens > expected {
                findings.push(Finding::NoChange(line, expected));
                self.1 = Some(change);
                break;
            }
            if let Some(what) = disagreement(&change, stored) {
                findings.push(Finding::Disagree(line, sekvens, what));
                break;
            }
            expected = expected.next();
        }
        Ok(findings)
    }

    /// The first change not yet compared that is no earlier than this one.
    fn next(&mut self, from: Sekvens) -> Result<Option<Change>> {
        loop {
            let change = match self.1.take() {
                Some(change) => Some(change),
                None => self.0.next()?.map(change).transpose()?,
            };
            if change.as_ref().is_none_or(|change| change.sekvens >= from) {
                return Ok(change);
            }
        }
    }
}

fn change(row: &Row<'_>) -> Result<Change> {
    Ok(Change {
        sekvens: row.get(0)?,
        korrelations_id: Uuid::from_bytes(row.get(1)?),
        operation: row.get(2)?,
        cvr: row.get(3)?,
        sagsnummer: row.get(4)?,
    })
}

/// On what a change and its line disagree.
fn disagreement(change: &Change, stored: &Stored<'_>) -> Option<&'static str> {
    let fields = ["korrelationsId", "operation", "cvr", "sagsnummer"];
    let same = [
        change.korrelations_id == stored.korrelations_id,
        change.operation == stored.operation,
        change.cvr.as_deref() == stored.cvr.as_deref(),
        change.sagsnummer.as_deref() == stored.sagsnummer.as_deref(),
    ];
    fields
        .into_iter()
        .zip(same)
        .find_map(|(field, same)| (!same).then_some(field))
}
