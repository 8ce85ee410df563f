//! Where a write of a plan comes from: a row, or a message, and the places in it.

use super::sheet::{Sheet, number_column};
use super::{Notice, Where};
use crate::import::Import;
use crate::problem::Problem;
use crate::register::{Field, Institutionsnummer, Niveau};
use crate::xml::{Position, Positions};

/// Where a write of a batch comes from.
#[derive(Debug)]
pub(super) enum Source {
    /// A row, or a record that the file does not name.
    Row {
        line: Option<u64>,
        called: String,
        /// What the file calls names of records.
        name: &'static str,
    },
    /// A message.
    Message {
        /// How many records stand before it in the file.
        before: usize,
        /// Where it begins in the file.
        begins: Position,
        /// Where each of its records begins in the file.
        records: Vec<Position>,
        /// Its text, which problems point into.
        text: String,
    },
}

impl Source {
    pub(super) fn row(sheet: &Sheet, row: Option<usize>, called: &str) -> Self {
        Self::Row {
            line: row.map(|row| sheet.line(row)),
            called: called.to_owned(),
            name: sheet
                .columns
                .called(Field::EnhedsNavn, Niveau::Anvisningsenhed),
        }
    }

    /// A message that begins at this place of the file.
    pub(super) fn message(begins: Position, import: &Import, before: usize) -> Self {
        let mut positions = Positions::new(&import.text);
        let records = import.request.message.records.iter().map(|sent| {
            let at = positions.at(sent.place().offset.unwrap_or_default());
            in_file(begins, at)
        });
        Self::Message {
            before,
            begins,
            records: records.collect(),
            text: import.text.clone(),
        }
    }

    /// What a record of it is called that has no number.
    pub(super) fn called(&self, record: usize) -> String {
        match self {
            Self::Row { called, .. } => called.clone(),
            Self::Message { before, .. } => format!("nr {}", before + record + 1),
        }
    }

    /// Where a record of it stands.
    pub(super) fn place(&self, record: usize) -> Where {
        match self {
            Self::Row { line: None, .. } => Where::File,
            Self::Row {
                line: Some(line), ..
            } => Where::Row {
                line: *line,
                column: None,
            },
            Self::Message { records, .. } => {
                let nowhere = Position { line: 1, column: 1 };
                let Position { line, column } = records.get(record).copied().unwrap_or(nowhere);
                Where::Message {
                    line,
                    column,
                    path: None,
                }
            }
        }
    }

    /// Something about a record of it.
    pub(super) fn notice(&self, record: usize, problem: Problem) -> Notice {
        let mut place = self.place(record);
        match (&mut place, self) {
            (Where::Row { column, .. }, Self::Row { name, .. }) => {
                *column = problem
                    .place
                    .sti
                    .as_deref()
                    .and_then(|path| column_of(path, name));
            }
            (Where::Message { line, column, path }, Self::Message { begins, text, .. }) => {
                path.clone_from(&problem.place.sti);
                if let Some(offset) = problem.place.offset {
                    let at = in_file(*begins, Positions::new(text).at(offset));
                    (*line, *column) = (at.line, at.column);
                }
            }
            _ => {}
        }
        let called = self.called(record);
        Notice {
            place,
            number: Institutionsnummer::parse(&called).ok(),
            problem,
        }
    }
}

/// A place in a message as a place in the file.
const fn in_file(begins: Position, at: Position) -> Position {
    Position {
        line: begins.line + at.line - 1,
        column: match at.line {
            1 => begins.column + at.column - 1,
            _ => at.column,
        },
    }
}

/// The column of a path in a message that a row was written as.
fn column_of(path: &str, name: &'static str) -> Option<String> {
    let last = path.rsplit('/').next()?;
    let last = last.split('[').next()?;
    let level = |level: Niveau| Some(number_column(level).to_owned());
    match last {
        "@forventetVersion" => Some(Field::Version.name().to_owned()),
        "enhedsNummer" | "nytEnhedsNummer" => level(Niveau::Anvisningsenhed),
        "nytDaginstitutionsNummer" => level(Niveau::Daginstitution),
        "daginstitutionsNavn" | "enhedsNavn" | "alternativAdresseNavn" => Some(name.to_owned()),
        "daginstitution" | "anvisningsenhed" | "alternativadresse" => None,
        other => Field::from_name(other).map(|field| field.name().to_owned()),
    }
}
