//! Makes a plan of a file: read, compared, and tried by the writer, which takes it back.

use std::collections::HashMap;
use std::sync::Arc;

use super::build;
use super::file::{self, Kind};
use super::rows::{self, By, Step};
use super::source::Source;
use super::{Desk, MOST_CHANGES, Notice, Plan, messages, nowhere, sheet};
use crate::agreements::today;
use crate::contract::services::IMPORT_V2;
use crate::identity::Caller;
use crate::import::{Batch, Member, Rules, Safeguards, WRITES, WriteOperation};
use crate::message::Message;
use crate::problem::{Problem, intern, plan as told};
use crate::register::Kommunekode;
use crate::soap::{self, Request};
use crate::store::{self, Outcome, StoreError, StoreExt, Undo};

/// Plans what a file would do for somebody, with the register as it is. With `whole` the file is all of a kommune: what it does
/// not name is closed. Waits for the writer: for threads outside the runtime.
///
/// # Errors
/// The store's. What is wrong with the file is in the plan.
pub fn plan(
    bytes: &[u8],
    whole: Option<Kommunekode>,
    caller: &Caller,
    desk: &Desk<'_>,
) -> store::Result<Plan> {
    let seen = desk.store.read(|view| view.position())?;
    let kind = match file::recognise(bytes) {
        Ok(kind) => kind,
        Err(problem) => return Ok(build::refused(seen, vec![nowhere(problem)])),
    };
    match kind {
        Kind::Messages(text) => {
            let read = messages::read(&text, caller, desk);
            if read.errors.is_empty() {
                tried(
                    read.members,
                    read.sources,
                    caller,
                    desk,
                    build::Read::default(),
                )
            } else {
                Ok(build::refused(seen, read.errors))
            }
        }
        Kind::Rows(rows, separator) => {
            let sheet = match sheet::read(rows, separator) {
                Ok(sheet) => sheet,
                Err(problems) => {
                    let all = problems.into_iter().map(nowhere).collect();
                    return Ok(build::refused(seen, all));
                }
            };
            let by = By {
                tables: &desk.rules.tables,
                today: today(desk.clock.now())?,
                whole,
            };
            let compared = desk
                .store
                .read_long(|view| rows::compare(&sheet, by, view))?;
            of_rows(&sheet, compared, caller, desk)
        }
    }
}

/// That a file changes more than one turn of the writer may.
fn too_many(changes: usize) -> Option<Notice> {
    let problem = Problem::new(&told::FOR_MANGE).with("antal", changes);
    (changes > MOST_CHANGES).then(|| nowhere(problem.with("graense", MOST_CHANGES)))
}

/// The plan of rows that were compared.
fn of_rows(
    sheet: &sheet::Sheet,
    compared: rows::Compared,
    caller: &Caller,
    desk: &Desk<'_>,
) -> store::Result<Plan> {
    let mut read = build::Read {
        errors: compared.errors,
        warnings: compared.warnings,
        unchanged: compared.unchanged,
        not_read: sheet.columns.not_read.clone(),
        named: compared.numbers,
    };
    if let Some(problem) = too_many(compared.steps.len()) {
        read.errors.insert(0, problem);
        let seen = desk.store.read(|view| view.position())?;
        return Ok(build::untried(seen, read));
    }
    // The members that open the records of rows. Parents are opened first.
    let mut opening: HashMap<usize, usize> = HashMap::new();
    let (mut members, mut sources) = (Vec::new(), Vec::new());
    for step in compared.steps {
        let Step {
            row,
            under,
            name,
            text,
            opens,
            ..
        } = step;
        let source = Source::row(sheet, row, &name);
        // A parent whose row is refused has no member: what stands under it waits for one that never comes.
        let under = under.map(|row| opening.get(&row).copied().unwrap_or(usize::MAX));
        match bare(&text, desk) {
            Ok((write, request)) => {
                if let Some(row) = row.filter(|_| opens) {
                    opening.insert(row, members.len());
                }
                let import = messages::import((&IMPORT_V2, write), request, text, caller);
                let names = vec![name];
                members.push(Member {
                    import,
                    under,
                    names,
                });
                sources.push(source);
            }
            Err(problems) => {
                let told = problems
                    .into_iter()
                    .map(|problem| source.notice(0, problem));
                read.errors.extend(told);
            }
        }
    }
    tried(members, sources, caller, desk, read)
}

/// A message that this module has written, read as any other.
fn bare(
    text: &str,
    desk: &Desk<'_>,
) -> Result<(&'static WriteOperation, Request<Message>), Vec<Problem>> {
    let Some(schema) = desk.contract.schema(IMPORT_V2.document) else {
        return Err(vec![Problem::new(&intern::INTERN)]);
    };
    let request = soap::read_bare(&IMPORT_V2, &WRITES, text, schema, desk.limits)?;
    let (request, (write, message)) = request.exchange(());
    Ok((write, request.exchange(message).0))
}

/// Has the writer do all of it and take it back, and makes a plan of what came of it.
fn tried(
    members: Vec<Member>,
    sources: Vec<Source>,
    caller: &Caller,
    desk: &Desk<'_>,
    mut read: build::Read,
) -> store::Result<Plan> {
    let rules = Rules {
        safeguards: Safeguards::NONE,
        ..desk.rules.clone()
    };
    let records: usize = members
        .iter()
        .map(|own| own.import.request.message.records.len())
        .sum();
    if let Some(problem) = too_many(records) {
        read.errors.insert(0, problem);
        let seen = desk.store.read(|view| view.position())?;
        return Ok(build::untried(seen, read));
    }
    let batch = Arc::new(Batch::new(desk.operation, members, &rules));
    let (job, actor, now) = (Arc::clone(&batch), caller.clone(), desk.clock.now());
    let whose = Some(caller.organisation().cvr);
    let size = u32::try_from(records).unwrap_or(u32::MAX);
    let received = desk
        .store
        .write_for(whose, size, Undo::Tentative, move |tx| {
            let tried = job.tried(&actor, tx, now)?;
            Ok(Outcome::Undo(tried, None))
        })?;
    let tried = store::answer(received.blocking_recv())?;
    // The job is done and let go.
    let batch = Arc::into_inner(batch)
        .ok_or_else(|| StoreError::Failed("a plan is still being tried".into()))?;
    Ok(build::plan(batch, sources, tried, read))
}
