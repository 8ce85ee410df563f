//! The first load (kontrakt §6, §7 and §11): the register as Danmarks Statistik or the register itself had it, from a
//! CSV of three levels. Rows are judged one by one by the schema and the codes that every import is judged by; numbers
//! that stand in the file are kept; everything is stored, or nothing.
//!
//! The way of a row: `columns` finds its cells, `row` writes them as the record an import would send, `judge` judges that, and
//! `save` stores what was accepted.

mod bounded;
mod columns;
mod fill;
mod header;
mod judge;
mod notes;
mod reader;
mod row;
mod save;

use std::io::Read;

use crate::problem::Problem;
use crate::register::{Institutionsnummer, Kodetabeller, Niveau};
use crate::store;
use crate::xml::Writer;
use crate::xsd::Schema;

pub use bounded::{Bounded, LONGEST};
pub(crate) use columns::{code_of, house_number, level_of, spellings};
pub use header::{ColumnError, Header, Nearest};
pub use judge::{Accepted, counted};
pub use reader::RowReader;
pub use save::save;

/// Why a file can't be judged at all.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file, or a row of it, is no CSV.
    #[error("line {line}: {why}")]
    Csv {
        /// The line, from 1.
        line: u64,
        /// Why.
        why: Broken,
    },
    /// The columns that rows need are not there.
    #[error(transparent)]
    Columns(#[from] ColumnError),
    /// The register can't be read.
    #[error("the register: {}", .0.detail())]
    Store(#[from] store::StoreError),
}

/// What is wrong with a row as a row.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// A quote is missing, or one too many.
    #[error("a cell in quotes goes over several lines; is a quote (\") missing or too many?")]
    Quote,
    /// There are more cells than columns.
    #[error("the row has more cells than the header names; is a cell with ; in it not in quotes?")]
    MoreCells,
    /// Its bytes are of no encoding that is read.
    #[error("the row is neither UTF-8 nor windows-1252")]
    Encoding,
    /// It is too long, or whatever else the reader of rows refuses.
    #[error("{0}")]
    Unreadable(String),
}

/// What is said of a row: why it is not accepted, or what is noteworthy about it.
#[derive(Debug)]
pub struct RowProblem {
    /// The line of the file on which it begins, from 1; the header is 1.
    pub line: u64,
    /// The number in the row, where there is one.
    pub nummer: Option<String>,
    /// What is wrong or noteworthy.
    pub problem: Problem,
}

/// What came of judging a file.
#[derive(Debug, Default)]
pub struct Report {
    /// The rows accepted, parents first.
    pub accepted: Vec<Accepted>,
    /// Why rows are not accepted. A parent that is missing or not accepted is told once for all rows under it.
    pub fejl: Vec<RowProblem>,
    /// What is noteworthy about accepted rows.
    pub warnings: Vec<RowProblem>,
    /// Rows read, the header left out.
    pub rows: u64,
    /// The rows not accepted, as they stand, in the order of the file.
    pub rejected: Vec<Rejected>,
    /// The header as it stands.
    pub header: csv::StringRecord,
    /// Whether the file was read as windows-1252.
    pub windows_1252: bool,
    /// Columns that are known and not loaded, since the register keeps them by itself.
    pub not_loaded: Vec<&'static str>,
}

/// A row that is not accepted.
#[derive(Debug)]
pub struct Rejected {
    /// The line of the file on which it begins.
    pub line: u64,
    /// Its cells as they stand.
    pub raw: csv::StringRecord,
    /// The codes of what is wrong with it, in the order found.
    pub codes: Vec<&'static str>,
}

impl Report {
    /// The rows that were not accepted as a file of their own, to be corrected and loaded: the same columns, and one that
    /// names the codes of what was wrong, which a load passes over.
    ///
    /// # Errors
    /// What can't be written.
    pub fn rest(&self, out: impl std::io::Write) -> csv::Result<()> {
        let mut writer = csv::WriterBuilder::new()
            .delimiter(b';')
            .flexible(true)
            .terminator(csv::Terminator::CRLF)
            .from_writer(out);
        let names = || {
            self.header
                .iter()
                .filter(|name| *name != columns::ERROR_COLUMN)
        };
        let columns: Vec<usize> = (0..self.header.len())
            .filter(|at| self.header.get(*at) != Some(columns::ERROR_COLUMN))
            .collect();
        writer.write_record(names().chain([columns::ERROR_COLUMN]))?;
        for row in &self.rejected {
            let cells = columns
                .iter()
                .map(|at| row.raw.get(*at).unwrap_or_default());
            writer.write_record(cells.chain([row.codes.join(" ").as_str()]))?;
        }
        Ok(writer.flush()?)
    }
}

/// What rows are judged by.
#[derive(Debug, Clone, Copy)]
pub struct FileRules<'a> {
    /// The schema of ImportService-v2.
    pub schema: &'a Schema,
    /// The code tables.
    pub tables: &'a Kodetabeller,
}

/// Judges a file with the register as it stands, without the columns that the operator leaves out. `progress` is told the
/// rows read so far.
///
/// # Errors
/// [`ReadError`]: the file can't be judged. A row that is wrong is in the report instead.
pub fn judge(
    file: impl Read,
    ignore: &[String],
    rules: FileRules<'_>,
    view: &dyn store::Read,
    progress: &mut dyn FnMut(u64),
) -> Result<Report, ReadError> {
    let loaded = columns::read(file, rules.tables, ignore, progress)?;
    let report = judge::all(loaded.rows, rules, view)?;
    Ok(Report {
        header: loaded.header,
        windows_1252: loaded.windows_1252,
        not_loaded: loaded.not_loaded,
        ..report
    })
}

/// A row as an import would send it, before anything has judged it.
#[derive(Debug)]
pub struct Row(columns::Cells);

impl Row {
    /// The line of the file, from 1.
    pub fn line(&self) -> u64 {
        self.0.line
    }

    /// Its level; none when the file names one that is not known.
    pub fn niveau(&self) -> Option<Niveau> {
        self.0.niveau
    }

    /// Its number in the file, and that of what it stands under.
    pub fn numbers(&self) -> (&str, Option<&str>) {
        let above = match self.0.niveau {
            Some(Niveau::Anvisningsenhed) => Some(self.0.daginstitution.as_str()),
            Some(Niveau::AlternativAdresse) => Some(self.0.enhed.as_str()),
            Some(Niveau::Daginstitution) | None => None,
        };
        (self.0.nummer(), above)
    }

    /// Whether it is closed.
    pub fn nedlagt(&self) -> bool {
        self.0.status.eq_ignore_ascii_case("nedlagt")
    }

    /// The record of an insert, under another number than the file's; `i:` is the service's namespace, the default one the
    /// types'. Nothing for a row of no known level.
    pub fn record_under(&self, above: &str) -> String {
        let mut cells = self.0.clone();
        match cells.niveau {
            Some(Niveau::Anvisningsenhed) => above.clone_into(&mut cells.daginstitution),
            Some(Niveau::AlternativAdresse) => above.clone_into(&mut cells.enhed),
            Some(Niveau::Daginstitution) | None => {}
        }
        let mut w = Writer::with_capacity(1024);
        if let Some(niveau) = cells.niveau {
            row::record(&mut w, &cells, niveau);
        }
        w.into_string()
    }
}

/// The rows of a file, for a system that wants to send them itself.
///
/// # Errors
/// [`ReadError`].
pub fn rows(file: impl Read, tables: &Kodetabeller) -> Result<Vec<Row>, ReadError> {
    let loaded = columns::read(file, tables, &[], &mut |_| ())?;
    Ok(loaded.rows.into_iter().map(Row).collect())
}

/// A number of the register, where the text is one.
fn number(text: &str) -> Option<Institutionsnummer> {
    Institutionsnummer::parse(text).ok()
}
