//! Plans: what a file of corrections would do to the register, shown before anything is done, and then carried out as it was
//! shown or not at all (docs/csv.md).
//!
//! ```text
//!  bytes ─ file ─┬─ sheet ─ rows (beside the register) ─┐
//!                └─ messages ───────────────────────────┴─ import::Batch ─ tried, and taken back ─▶ Plan, digest
//!                                                                        └ carried out ─▶ one transaction
//! ```
//!
//! Rules are those of every import: a row becomes the message that a vendor would send, and a batch of them is judged by
//! [`crate::import`], in the writer's turn, with all of it done and taken back. Here is neither a file nor HTTP: bytes come
//! in, and a value goes out.

mod build;
mod carry;
mod contact;
mod damage;
mod differing;
mod digest;
mod file;
mod json;
mod make;
mod message;
mod messages;
mod refusal;
mod rows;
mod sheet;
mod source;
mod told;
mod within;

use std::sync::Arc;

use crate::clock::Clock;
use crate::contract::Contract;
use crate::identity::Caller;
use crate::import::{Batch, Rules};
use crate::problem::Problem;
use crate::register::{AftaleId, Content, Institutionsnummer, Niveau, Person, Sekvens, SystemId};
use crate::store::{Position, Store};
use crate::xml::Limits;

pub use carry::carry_out;
pub use contact::Contact;
pub use differing::Difference;
pub use digest::Digest;
pub use file::LARGEST;
pub use make::plan;
pub use refusal::Refusal;

use source::Source;

/// What a plan is called in history and audit that the command line carries out.
pub const OPERATION: &str = "plan/udfoer";
/// The most records that a plan changes: they take one turn of the writer.
pub const MOST_CHANGES: usize = 5000;
/// The most errors, and the most warnings, that a plan tells; the others are counted.
pub const MOST_TOLD: usize = 1000;
/// More closings than these are confirmed by themselves.
pub const MOST_CLOSED: usize = 5;

/// What plans are made with.
pub struct Desk<'a> {
    /// The schemas.
    pub contract: &'a Contract,
    /// What an installation has decided. Of safeguards nothing is warned: a plan has its own.
    pub rules: Rules,
    /// The register.
    pub store: &'a dyn Store,
    /// The clock.
    pub clock: &'a Clock,
    /// The limits of messages.
    pub limits: Limits,
    /// What its plans are called in history and audit.
    pub operation: &'static str,
}

impl std::fmt::Debug for Desk<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Desk").finish_non_exhaustive()
    }
}

/// Where in a file something stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Where {
    /// In all of it, or nowhere.
    File,
    /// In a row.
    Row {
        /// The line on which it begins, from 1.
        line: u64,
        /// The column.
        column: Option<String>,
    },
    /// In a message.
    Message {
        /// Line and column in the decoded text, from 1.
        line: u32,
        /// The column.
        column: u32,
        /// The path.
        path: Option<String>,
    },
}

/// Something that is wrong with a file, or that should be looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Where.
    pub place: Where,
    /// The record, where it has a number.
    pub number: Option<Institutionsnummer>,
    /// What.
    pub problem: Problem,
}

/// What becomes of a record.
#[derive(Debug, Clone)]
pub struct Planned {
    /// Where the file says so; nowhere for a record that the file of a whole kommune does not have.
    pub place: Where,
    /// Its number; none for a record that is yet to be opened.
    pub number: Option<Institutionsnummer>,
    /// What it is called: its number, or a name of the file's.
    pub called: String,
    /// Its level.
    pub level: Niveau,
    /// What it says now; nothing for one that is opened.
    pub before: Option<Arc<Content>>,
    /// What it will say.
    pub after: Arc<Content>,
    /// What it will stand under, as the file calls that.
    pub under: Option<String>,
}

/// An agreement that a closing ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ended {
    /// The agreement.
    pub agreement: AftaleId,
    /// Whose it is.
    pub system: SystemId,
    /// The record that is closed.
    pub number: Institutionsnummer,
}

/// Why the closings of a plan are confirmed by themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// They are many.
    Many {
        /// So many.
        closings: usize,
    },
    /// The file of a whole kommune has not all of its records.
    Missing {
        /// So many closings.
        closings: usize,
        /// So many of them for records that the file does not name.
        missing: usize,
    },
}

/// That somebody has confirmed the closings of one plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Confirmed(Digest);

/// What a file would do.
#[derive(Debug)]
pub struct Plan {
    /// Where the register stood.
    pub seen: Position,
    /// Records that come to be.
    pub openings: Vec<Planned>,
    /// Records that say something else.
    pub changes: Vec<Planned>,
    /// Records that go under another one, or into another kommune.
    pub moves: Vec<Planned>,
    /// Records that end.
    pub closings: Vec<Planned>,
    /// Records that are as the file says.
    pub unchanged: u64,
    /// Agreements that closings end.
    pub ended: Vec<Ended>,
    /// What should be looked at.
    pub warnings: Vec<Notice>,
    /// What is wrong: a plan with errors is not carried out.
    pub errors: Vec<Notice>,
    /// Errors and warnings that are not told.
    pub more: [usize; 2],
    /// Columns of the file that are known and not read.
    pub not_read: Vec<&'static str>,
    /// What the plan is known by.
    pub digest: Digest,
    /// The records that the file names.
    pub named: Vec<Institutionsnummer>,
    batch: Option<Batch>,
    sources: Arc<Vec<Source>>,
    expected: Vec<(Institutionsnummer, u32)>,
}

/// What a plan did.
#[derive(Debug)]
pub struct Done {
    /// Names it in the audit.
    pub id: uuid::Uuid,
    /// The first and last change.
    pub changes: Option<(Sekvens, Sekvens)>,
    /// The numbers that new records got, with what the file calls them.
    pub numbers: Vec<(String, Institutionsnummer)>,
    /// How many records were opened, changed, moved and closed.
    pub records: usize,
}

/// Who carries a plan out, with what they saw.
#[derive(Debug)]
pub struct Order {
    /// Who.
    pub caller: Caller,
    /// The person behind a pseudonym, whose name is kept apart from the audit.
    pub person: Option<Person>,
    /// The operator's case number.
    pub case_number: Option<String>,
    /// The digest of the plan that was shown.
    pub shown: Digest,
    /// That the closings are meant.
    pub confirmed: Option<Confirmed>,
}

impl Plan {
    /// Whether it would do nothing.
    pub fn is_empty(&self) -> bool {
        self.records() == 0
    }

    /// How many things it does.
    pub fn records(&self) -> usize {
        self.openings.len() + self.changes.len() + self.moves.len() + self.closings.len()
    }

    /// Why its closings are confirmed by themselves, if they are.
    pub fn needs_confirmation(&self) -> Option<Reason> {
        let closings = self.closings.len();
        let nowhere = self.closings.iter().filter(|own| own.place == Where::File);
        match nowhere.count() {
            0 if closings > MOST_CLOSED => Some(Reason::Many { closings }),
            0 => None,
            missing => Some(Reason::Missing { closings, missing }),
        }
    }

    /// Confirms its closings.
    pub const fn confirm(&self) -> Confirmed {
        Confirmed(self.digest)
    }
}

/// Something about the file as a whole.
fn nowhere(problem: Problem) -> Notice {
    Notice {
        place: Where::File,
        number: None,
        problem,
    }
}
