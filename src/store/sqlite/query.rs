//! Running a statement of the register: cached, its rows read into the domain's values.

use std::ops::ControlFlow;

use rusqlite::{Connection, OptionalExtension as _, Params, Row};

use crate::store::{Result, Visit};

/// Runs a cached statement that gives no rows; tells how many it has changed.
pub(super) fn run(conn: &Connection, sql: &str, params: impl Params) -> Result<usize> {
    Ok(conn.prepare_cached(sql)?.execute(params)?)
}

/// The first row of a cached statement.
pub(super) fn first<T>(
    conn: &Connection,
    sql: &str,
    params: impl Params,
    read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Option<T>> {
    Ok(conn
        .prepare_cached(sql)?
        .query_row(params, read)
        .optional()?)
}

/// Shows every row of a cached statement to a visitor, until it has enough.
pub(super) fn each<T>(
    conn: &Connection,
    sql: &str,
    params: impl Params,
    read: impl Fn(&Row<'_>) -> Result<T>,
    visit: Visit<'_, T>,
) -> Result<()> {
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    while let Some(row) = rows.next()? {
        if visit(read(row)?) == ControlFlow::Break(()) {
            break;
        }
    }
    Ok(())
}

/// Reads every row of a cached statement.
pub(super) fn for_each(
    conn: &Connection,
    sql: &str,
    params: impl Params,
    mut read: impl FnMut(&Row<'_>) -> Result<()>,
) -> Result<()> {
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    while let Some(row) = rows.next()? {
        read(row)?;
    }
    Ok(())
}

/// All rows of a cached statement.
pub(super) fn all<T>(
    conn: &Connection,
    sql: &str,
    params: impl Params,
    read: impl Fn(&Row<'_>) -> Result<T>,
) -> Result<Vec<T>> {
    let mut list = Vec::new();
    for_each(conn, sql, params, |row| {
        list.push(read(row)?);
        Ok(())
    })?;
    Ok(list)
}
