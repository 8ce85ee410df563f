//! Looking calls up: by correlation id, by filter page by page, and when each system last called. Works beside the server that
//! keeps them, and writes nothing.

use std::path::{Path, PathBuf};

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};
use uuid::Uuid;

use super::database::{self, COLUMNS};
use super::{Call, CallsError, Last, first_at, path};
use crate::register::{Cvr, SystemId, Tidspunkt};

/// The most calls of a page.
pub const MOST: u32 = 1_000;

/// The first digit of a status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatusClass(u16);

impl StatusClass {
    /// Reads `2xx`, or its digit alone.
    pub fn parse(text: &str) -> Option<Self> {
        let digit = text.strip_suffix("xx").unwrap_or(text);
        let digit = digit.parse().ok().filter(|digit| (1..=5).contains(digit))?;
        Some(Self(digit))
    }
}

/// Which calls to look up. Everything that is given must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Of this organisation.
    pub cvr: Option<Cvr>,
    /// Of this system.
    pub system: Option<SystemId>,
    /// From this time on.
    pub from: Option<Tidspunkt>,
    /// Before this time.
    pub to: Option<Tidspunkt>,
    /// With such a status.
    pub status: Option<StatusClass>,
    /// With this error among those that are told.
    pub code: Option<String>,
    /// Only those that were refused or failed.
    pub only_failures: bool,
}

/// A part of the calls that a filter chooses, newest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// Those older than this call: the last of the page before.
    pub before: Option<Uuid>,
    /// So many, at most [`MOST`].
    pub size: u32,
}

/// The call log of a register, for reading. Each look opens the file, for it may be made anew at any time.
#[derive(Debug, Clone)]
pub struct Calls {
    file: PathBuf,
}

impl Calls {
    /// That of the register in this database.
    pub fn beside(database: &Path) -> Self {
        Self {
            file: path(database),
        }
    }

    /// Whether there is one.
    pub fn is_there(&self) -> bool {
        self.file.exists()
    }

    /// The call of this id; none where it is not kept, or counted on the line of another.
    ///
    /// # Errors
    /// [`CallsError`].
    pub fn by_id(&self, id: Uuid) -> Result<Option<Call>, CallsError> {
        Ok(self.read(|conn| database::by_id(conn, id))?.flatten())
    }

    /// A page of the calls that a filter chooses, newest first.
    ///
    /// # Errors
    /// [`CallsError`].
    pub fn of(&self, filter: &Filter, page: Page) -> Result<Vec<Call>, CallsError> {
        Ok(self
            .read(|conn| of(conn, filter, page))?
            .unwrap_or_default())
    }

    /// When each system last called, and each organisation's certificates that are bound to none.
    ///
    /// # Errors
    /// [`CallsError`].
    pub fn last(&self) -> Result<Vec<Last>, CallsError> {
        Ok(self.read(database::last)?.unwrap_or_default())
    }

    fn read<T>(
        &self,
        job: impl FnOnce(&Connection) -> database::Result<T>,
    ) -> Result<Option<T>, CallsError> {
        let read = || database::reading(&self.file)?.as_ref().map(job).transpose();
        read().map_err(|cause| CallsError {
            file: self.file.clone(),
            cause,
        })
    }
}

fn of(conn: &Connection, filter: &Filter, page: Page) -> database::Result<Vec<Call>> {
    let mut sql = format!("SELECT {COLUMNS} FROM kald WHERE true");
    let mut values = Vec::new();
    let mut must = |condition: &str, value: Value| {
        sql.push_str(" AND ");
        sql.push_str(condition);
        values.push(value);
    };
    let id = |id: Uuid| Value::Blob(id.as_bytes().to_vec());
    if let Some(cvr) = filter.cvr {
        must("cvr = ?", Value::Text(database::payer(Some(cvr))));
    }
    if let Some(system) = filter.system {
        must("system = ?", Value::Integer(system.0.into()));
    }
    if let Some(from) = filter.from {
        must("id >= ?", id(first_at(from)));
    }
    if let Some(to) = filter.to {
        must("id < ?", id(first_at(to)));
    }
    if let Some(before) = page.before {
        must("id < ?", id(before));
    }
    if let Some(StatusClass(digit)) = filter.status {
        must("status / 100 = ?", Value::Integer(digit.into()));
    }
    if let Some(code) = &filter.code {
        let whole = "instr(coalesce(fejl, kode, ''), ?) > 0";
        must(whole, Value::Text(code.clone()));
    }
    if filter.only_failures {
        must("(kode IS NOT NULL OR status >= ?)", Value::Integer(400));
    }
    must(
        "true ORDER BY id DESC LIMIT ?",
        Value::Integer(page.size.min(MOST).into()),
    );
    let mut rows = conn.prepare(&sql)?;
    let calls = rows.query_map(params_from_iter(values), database::call)?;
    calls.collect()
}

#[cfg(test)]
mod tests;
