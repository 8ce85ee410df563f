//! Several writes as one: all or nothing, in one transaction, with one audit line. Each record is judged by the rules of every
//! write, with all that the batch has done before it; what a record must wait for may come after it.

mod run;

use std::collections::HashMap;

use uuid::Uuid;

use crate::agreements::{Rights, rights};
use crate::audit::{self, Udfald};
use crate::identity::Caller;
use crate::problem::{Problem, register};
use crate::register::{Institutionsnummer, Record, Sekvens, Tidspunkt};
use crate::store::{Aendring, Outcome, Position, Read, Result, Write};

use self::run::Run;
use super::{Import, Prepared, Rules, audit_entry, name_codes};

/// A write of a batch.
#[derive(Debug)]
pub struct Member {
    /// The write.
    pub import: Import,
    /// The member whose record its records stand under, where that is opened by the batch.
    pub under: Option<usize>,
    /// What its records are called while they have no number.
    pub names: Vec<String>,
}

/// Writes that are one.
#[derive(Debug)]
pub struct Batch {
    /// What it is called in history and audit.
    operation: &'static str,
    members: Vec<Part>,
}

#[derive(Debug)]
struct Part {
    prepared: Prepared,
    under: Option<usize>,
    names: Vec<String>,
    /// What the schema refuses.
    shape: Vec<Problem>,
}

/// A record of a batch: its member, and its position in that, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct At {
    /// The member.
    pub member: usize,
    /// The record in it.
    pub record: usize,
}

/// A change that a batch makes.
#[derive(Debug)]
pub struct Made {
    /// The record of the batch.
    pub at: At,
    /// The record as it stood.
    pub before: Option<Record>,
    /// The change.
    pub change: Aendring,
}

/// What a batch comes to.
#[derive(Debug)]
pub struct Tried {
    /// Where the register stood before.
    pub seen: Position,
    /// The changes, in order.
    pub made: Vec<Made>,
    /// Records that say already what they were to say.
    pub idle: Vec<At>,
    /// Records under one that could not be opened.
    pub orphans: Vec<At>,
    /// What is wrong; with nothing, the batch can be kept.
    pub errors: Vec<(At, Problem)>,
    /// What is warned of; no record: of the batch as a whole.
    pub warnings: Vec<(Option<At>, Problem)>,
    /// The records that the batch opens, by the numbers that they got.
    pub opened: HashMap<Institutionsnummer, At>,
}

/// Who carries a batch out, and what the audit says of it.
#[derive(Debug, Clone)]
pub struct Actor {
    /// Who.
    pub caller: Caller,
    /// The operator's case number.
    pub case_number: Option<String>,
    /// Notes of the audit line.
    pub notes: Vec<String>,
}

/// Why a batch was not kept.
#[derive(Debug)]
pub enum NotKept {
    /// These records are no longer at the version that was expected.
    Moved(Vec<Problem>),
    /// The rules refuse it.
    Refused(Tried),
    /// It would do something else than was agreed on.
    Otherwise(Tried),
}

/// A batch that was kept.
#[derive(Debug)]
pub struct Kept {
    /// Names it in the audit.
    pub id: Uuid,
    /// Its first and last change.
    pub changes: Option<(Sekvens, Sekvens)>,
    /// What it did.
    pub tried: Tried,
}

impl Batch {
    /// Prepares writes that are carried out in this order.
    pub fn new(operation: &'static str, members: Vec<Member>, rules: &Rules) -> Self {
        let prepare = |member: Member| {
            let mut import = member.import;
            let mut shape = std::mem::take(&mut import.request.shape.problems);
            name_codes(&mut shape, &rules.tables);
            Part {
                prepared: import.prepare(rules.clone()),
                under: member.under,
                names: member.names,
                shape,
            }
        };
        Self {
            operation,
            members: members.into_iter().map(prepare).collect(),
        }
    }

    /// How many records it has.
    pub fn records(&self) -> usize {
        let drafts = self.members.iter().map(|part| part.prepared.drafts.len());
        drafts.sum()
    }

    /// What it would come to for somebody; with a case number where that is wanted, for nothing is kept. The writes must be
    /// taken back.
    ///
    /// # Errors
    /// The store's.
    pub fn tried(&self, caller: &Caller, tx: &mut dyn Write, now: Tidspunkt) -> Result<Tried> {
        let rights = self.rights(caller, true, tx, now)?;
        let mut run = Run::new(self, rights, true, tx, now)?;
        run.all()?;
        Ok(run.tried)
    }

    /// Carries it out, if the records are at the versions that are expected, the rules allow all of it, and what it does is
    /// what was agreed on.
    ///
    /// # Errors
    /// The store's: nothing was kept.
    pub fn carry_out(
        mut self,
        actor: &Actor,
        expected: &[(Institutionsnummer, u32)],
        agreed: impl FnOnce(&Tried) -> bool,
        tx: &mut dyn Write,
        now: Tidspunkt,
    ) -> Result<Outcome<std::result::Result<Kept, NotKept>>> {
        let id = Uuid::new_v4();
        for part in &mut self.members {
            let import = &mut part.prepared.import;
            import.caller = actor.caller.clone();
            import.request.case_number.clone_from(&actor.case_number);
            import.id = id;
        }
        let moved = moved_on(expected, tx)?;
        if !moved.is_empty() {
            let line = self.line(actor, id, Udfald::Afvist, codes(moved.iter()), now);
            return Ok(Outcome::Undo(Err(NotKept::Moved(moved)), line));
        }
        let rights = self.rights(&actor.caller, actor.case_number.is_some(), tx, now)?;
        let mut run = Run::new(&self, rights, false, tx, now)?;
        run.all()?;
        let tried = run.tried;
        if !tried.errors.is_empty() || !tried.orphans.is_empty() {
            let told = codes(tried.errors.iter().map(|(_, problem)| problem));
            let line = self.line(actor, id, Udfald::Afvist, told, now);
            return Ok(Outcome::Undo(Err(NotKept::Refused(tried)), line));
        }
        if !agreed(&tried) {
            let line = self.line(actor, id, Udfald::Afvist, actor.notes.clone(), now);
            return Ok(Outcome::Undo(Err(NotKept::Otherwise(tried)), line));
        }
        let ends = [tried.made.first(), tried.made.last()];
        let [first, last] = ends.map(|made| made.map(|made| made.change.sekvens));
        let changes = first.zip(last);
        if let Some(line) = self.line(actor, id, Udfald::Gemt, actor.notes.clone(), now) {
            tx.audit(&audit::Entry {
                sekvenser: changes,
                ..line
            })?;
        }
        let kept = Kept { id, changes, tried };
        Ok(Outcome::Keep(Ok(kept)))
    }

    fn rights(
        &self,
        caller: &Caller,
        case: bool,
        view: &dyn Read,
        now: Tidspunkt,
    ) -> Result<Rights> {
        let first = self.members.first();
        let privat = first.map_or_else(Default::default, |part| part.prepared.rules.privat);
        rights(view, caller, case, privat, now)
    }

    /// Its audit line; none for a batch of nothing.
    fn line(
        &self,
        actor: &Actor,
        id: Uuid,
        udfald: Udfald,
        noter: Vec<String>,
        now: Tidspunkt,
    ) -> Option<audit::Entry> {
        let import = &self.members.first()?.prepared.import;
        let called = (import.service, import.request.operation);
        Some(audit::Entry {
            operation: self.operation.to_owned(),
            sagsnummer: actor.case_number.clone(),
            ..audit_entry(called, (&actor.caller, id), udfald, noter, now)
        })
    }
}

/// The codes of a refusal, for the audit.
fn codes<'a>(problems: impl Iterator<Item = &'a Problem>) -> Vec<String> {
    let mut codes: Vec<_> = problems.map(|problem| problem.entry.kode).collect();
    codes.sort_unstable();
    codes.dedup();
    codes.into_iter().map(str::to_owned).collect()
}

/// The records that are not at the version expected.
fn moved_on(expected: &[(Institutionsnummer, u32)], view: &dyn Read) -> Result<Vec<Problem>> {
    let mut moved = Vec::new();
    for &(number, version) in expected {
        let stands = view.record(number)?.map_or(0, |own| own.life.version);
        if stands != version {
            let problem = Problem::new(&register::VERSION_AFVIGER)
                .with("nummer", number)
                .with("version", stands)
                .with("forventet", version);
            moved.push(problem);
        }
    }
    Ok(moved)
}
