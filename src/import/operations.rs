//! The writes of the ImportService, each a row: its name, and what it does to records of which level.

use crate::contract::Operation;
use crate::message::Builder;
use crate::register::Niveau;
use crate::soap::Shaped;

/// What a write does to the records that it carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WriteKind {
    /// New records, numbered by the register.
    Insert,
    /// The whole record anew.
    Update,
    /// A logical close.
    Delete,
    /// Under another parent.
    Move,
}

/// An operation that writes.
#[derive(Debug, PartialEq, Eq)]
pub struct WriteOperation {
    /// Its name and answer.
    pub operation: Operation,
    /// What it does to records.
    pub kind: WriteKind,
    /// Their level.
    pub level: Niveau,
}

impl Shaped for WriteOperation {
    type Builder = Builder;

    fn operation(&'static self) -> &'static Operation {
        &self.operation
    }

    fn builder(&self) -> Builder {
        Builder::new(Some((self.operation.name, self.level)))
    }
}

const fn row(name: &'static str, kind: WriteKind, level: Niveau) -> WriteOperation {
    WriteOperation {
        operation: Operation::writes(name, "importSvar"),
        kind,
        level,
    }
}

use Niveau::{AlternativAdresse, Anvisningsenhed, Daginstitution};
use WriteKind::{Delete, Insert, Move, Update};

/// All writes, in the order of the WSDL. Both versions have them.
pub static WRITES: [&WriteOperation; 11] = [
    &row("InsertDaginstitution", Insert, Daginstitution),
    &row("UpdateDaginstitution", Update, Daginstitution),
    &row("DeleteDaginstitution", Delete, Daginstitution),
    &row("InsertAnvisningsEnhed", Insert, Anvisningsenhed),
    &row("UpdateAnvisningsEnhed", Update, Anvisningsenhed),
    &row("DeleteAnvisningsEnhed", Delete, Anvisningsenhed),
    &row("MoveAnvisningsEnhed", Move, Anvisningsenhed),
    &row("InsertAlternativAdresse", Insert, AlternativAdresse),
    &row("UpdateAlternativAdresse", Update, AlternativAdresse),
    &row("DeleteAlternativAdresse", Delete, AlternativAdresse),
    &row("MoveAlternativAdresse", Move, AlternativAdresse),
];
