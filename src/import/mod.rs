//! The write side: draft → decide → apply (kontrakt §4, §6 to §8).
//!
//! A write is one job of the store's writer. Before its turn its records become drafts, with all that can be said of them
//! without the register. Everything that it reads to decide, it reads inside the transaction that also holds what it stores:
//! state, history, answer and audit line. Its answer is sent when that is on disk.

mod affected;
mod alone;
mod answer;
mod apply;
mod authorise;
mod batch;
mod cross;
mod dagpleje;
mod decide;
mod doubtful;
mod draft;
mod mirrors;
mod normal;
mod operations;
mod outcome;
mod safeguards;
mod schemas;
mod warnings;

use std::sync::Arc;

use crate::agreements::{PrivateRules, Rights, rights};
use crate::contract::{Service, SoapVersion};
use crate::identity::Caller;
use crate::mirror::Mirrors;
use crate::problem::{Problem, http, register};
use crate::register::{Kodetabeller, Niveau, Part, Tidspunkt};
use crate::soap::Request;
use crate::store::{self, Origin, Outcome, Read, StoreError, Undo, Write};

use draft::Draft;
use mirrors::LookedUp;

pub use alone::{alone, independent, name_codes};
pub use answer::{ImportAnswer, import_answer};
pub use apply::Stored;
pub use authorise::{Denied, Reason, authorise};
pub use batch::{Actor, At, Batch, Kept, Made, Member, NotKept, Tried};
pub use dagpleje::{ejer as ejer_af_dagpleje, er_fremmed};
pub use doubtful::suspicious;
pub use operations::{WRITES, WriteKind, WriteOperation};
pub use outcome::{Answered, audit_entry, reply_to};
pub use safeguards::Safeguards;
pub use schemas::{schema_document, validate_document};

/// A write as it waits for the writer: everything that does not change while it waits.
#[derive(Debug)]
pub struct Import {
    /// The service called.
    pub service: &'static Service,
    /// The caller's SOAP version.
    pub version: SoapVersion,
    /// Who calls.
    pub caller: Caller,
    /// What was asked.
    pub request: Request,
    /// The decoded envelope, to tell line and column.
    pub text: String,
    /// Names the call.
    pub id: uuid::Uuid,
    /// What the write is, from the operation.
    pub kind: WriteKind,
    /// The level of its records.
    pub level: Niveau,
}

/// What an installation has decided, for every write.
#[derive(Debug, Clone)]
pub struct Rules {
    /// The code tables.
    pub tables: Arc<Kodetabeller>,
    /// Who maintains private dagtilbud.
    pub privat: PrivateRules,
    /// What accepted writes are warned of having left out.
    pub safeguards: Safeguards,
    /// The mirrors of CVR and DAR. One extract judges a message from its first look-up to its last.
    pub mirrors: Mirrors,
}

/// A write with all that can be known of it without the register: what the writer's turn is not spent on.
#[derive(Debug)]
pub struct Prepared {
    import: Import,
    rules: Rules,
    drafts: Vec<Draft>,
    /// What the mirrors refuse, and what they warn of.
    told: (Vec<Problem>, Vec<Problem>),
    /// What the message as a whole is warned of.
    last: Vec<Problem>,
    /// Of a message whose answer is stored.
    fingerprint: Option<[u8; 32]>,
}

impl Prepared {
    /// The job of the writer, at time `now`: decides and commits. It may be run again once it was taken back.
    pub fn run(&self, tx: &mut dyn Write, now: Tidspunkt) -> store::Result<Outcome<Answered>> {
        let Self { import, rules, .. } = self;
        if let Some(outcome) = import.replay(self.fingerprint, tx, now)? {
            return Ok(outcome);
        }
        let rights = import.rights(tx, rules, now)?;
        if let Some(outcome) = import.closed_since(&rights, now) {
            return Ok(outcome);
        }
        let (errors, warnings) = &self.told;
        let judged = (self.drafts.as_slice(), errors.as_slice());
        let decisions = match decide::decide(import, judged, rules, &rights, tx)? {
            Ok(decisions) => decisions,
            Err(problems) => return Ok(import.refuse(problems, 0, now)),
        };
        match apply::apply(import, decisions, warnings, tx, now) {
            Err(StoreError::NumbersExhausted) => {
                Ok(import.refuse(vec![Problem::new(&register::NUMRE_OPBRUGT)], 0, now))
            }
            Err(error) => Err(error),
            Ok(mut applied) => {
                applied.warnings.extend_from_slice(&self.last);
                import.accept(&applied, self.fingerprint, tx, now)
            }
        }
    }

    /// How the writer takes back what [`Prepared::run`] has done.
    pub fn undo(&self) -> Undo {
        if self.import.is_dry_run() {
            Undo::Tentative
        } else {
            Undo::Transaction
        }
    }
}

impl Import {
    /// Does what needs no transaction: nobody waits for it but the caller.
    pub fn prepare(mut self, rules: Rules) -> Prepared {
        let key = self.request.key();
        let fingerprint = key.map(|_| self.request.fingerprint(self.service, &self.text));
        let records = &self.request.message.records;
        let mut last = match self.kind {
            WriteKind::Insert | WriteKind::Update => {
                normal::advarsler(records, self.level, &self.text)
            }
            WriteKind::Delete | WriteKind::Move => Vec::new(),
        };
        last.extend(rules.safeguards.missing(&self));
        let looked_up = mirrors::look_up(&self, &rules.mirrors);
        Prepared {
            drafts: self.drafts(&rules, &looked_up),
            told: looked_up.told(),
            last,
            fingerprint,
            rules,
            import: self,
        }
    }

    /// Makes drafts of its records.
    fn drafts(&mut self, rules: &Rules, looked_up: &LookedUp) -> Vec<Draft> {
        let records = std::mem::take(&mut self.request.message.records);
        let draft = |sent| Draft::new(sent, self.kind, &rules.tables, looked_up);
        records.into_iter().map(draft).collect()
    }

    /// Judges a message that the schema refuses: with its errors stand those that the rules find in its valid parts.
    pub fn invalid(
        mut self,
        view: &dyn Read,
        rules: &Rules,
        now: Tidspunkt,
    ) -> store::Result<Outcome<Answered>> {
        // A refused message is hashed only where an answer is found.
        if let Some(outcome) = self.replay(None, view, now)? {
            return Ok(outcome);
        }
        let rights = self.rights(view, rules, now)?;
        if let Some(outcome) = self.closed_since(&rights, now) {
            return Ok(outcome);
        }
        let mut problems = std::mem::take(&mut self.request.shape.problems);
        name_codes(&mut problems, &rules.tables);
        let looked_up = mirrors::look_up(&self, &rules.mirrors);
        let drafts = self.drafts(rules, &looked_up);
        let (errors, _) = looked_up.told();
        let decided = decide::decide(&self, (&drafts, &errors), rules, &rights, view)?;
        problems.extend(decided.err().into_iter().flatten());
        independent(&mut problems);
        let more = self.request.shape.more;
        Ok(self.refuse(problems, more, now))
    }

    fn rights(&self, view: &dyn Read, rules: &Rules, now: Tidspunkt) -> store::Result<Rights> {
        let case = self.request.case_number.is_some();
        rights(view, &self.caller, case, rules.privat, now)
    }

    /// The fault for a caller whose organisation or system was closed while its message waited.
    fn closed_since(&self, rights: &Rights, now: Tidspunkt) -> Option<Outcome<Answered>> {
        let problem = match self.caller.system() {
            Some(system) if rights.system_closed => {
                Problem::new(&http::SYSTEM_LUKKET).with("system", system.id)
            }
            _ if rights.organisation.lukket.is_some() => {
                Problem::new(&http::ORGANISATION_LUKKET).with("cvr", rights.organisation.cvr)
            }
            _ => return None,
        };
        Some(self.fault(problem, now))
    }

    fn origin(&self, part: Option<Part>) -> Origin {
        Origin {
            cvr: Some(self.caller.organisation().cvr),
            navn: self.caller.organisation().navn.clone(),
            operation: self.request.operation.qualified(self.service),
            korrelations_id: self.id,
            sagsnummer: self.request.case_number.clone(),
            system: self.caller.system().map(|system| system.id),
            part,
        }
    }

    fn is_dry_run(&self) -> bool {
        self.request.message.flag(crate::message::Field::Proeve)
    }
}
