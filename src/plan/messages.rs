//! Messages of ImportService in a file: one, or several one after the other, each as a whole call or its operation alone.

use super::source::Source;
use super::{Desk, Notice, Where, file};
use crate::contract::Service;
use crate::contract::services::IMPORT;
use crate::identity::Caller;
use crate::import::{Import, Member, WRITES, WriteOperation};
use crate::message::{Field, Message};
use crate::problem::{self, Problem, plan};
use crate::soap::{self, Incoming, Request, Wrapping, wrapping};
use crate::xml::Positions;

/// The messages of a file.
#[derive(Default)]
pub(super) struct Messages {
    pub(super) members: Vec<Member>,
    pub(super) sources: Vec<Source>,
    /// What keeps the file from being read.
    pub(super) errors: Vec<Notice>,
}

/// Reads all messages.
pub(super) fn read(text: &str, caller: &Caller, desk: &Desk<'_>) -> Messages {
    let mut found = Messages::default();
    let mut positions = Positions::new(text);
    let mut before = 0;
    for (at, part) in file::parts(text, desk.limits) {
        let begins = positions.at(at);
        let mut place = |problem: &Problem| {
            let offset = at + problem.place.offset.unwrap_or_default();
            let position = positions.at(offset);
            Where::Message {
                line: position.line,
                column: position.column,
                path: problem.place.sti.clone(),
            }
        };
        match one(part, desk) {
            Err(problems) => found
                .errors
                .extend(problems.into_iter().map(|problem| Notice {
                    place: place(&problem),
                    number: None,
                    problem,
                })),
            Ok((of, write, request)) => {
                let records = request.message.records.len();
                let import = import((of.service, write), request, part.to_owned(), caller);
                found.sources.push(Source::message(begins, &import, before));
                let names = (1..=records)
                    .map(|nr| format!("nr {}", before + nr))
                    .collect();
                before += records;
                found.members.push(Member {
                    import,
                    under: None,
                    names,
                });
            }
        }
    }
    found
}

type Read = (Wrapping, &'static WriteOperation, Request<Message>);

/// Reads one message.
fn one(text: &str, desk: &Desk<'_>) -> Result<Read, Vec<Problem>> {
    let of = wrapping(text, desk.contract.services(), desk.limits);
    let none = || vec![Problem::new(&plan::SKRIVER_INTET)];
    if !IMPORT.contains(&of.service) {
        return Err(none());
    }
    let schema = desk.contract.schema(of.service.document).ok_or_else(none)?;
    let read = match of.envelope {
        Some(version) => {
            let incoming = Incoming {
                service: of.service,
                version,
                action: None,
                idempotency_key: None,
                text,
            };
            soap::read(incoming, &WRITES, schema, desk.limits).map_err(|rejected| rejected.problems)
        }
        None => soap::read_bare(of.service, &WRITES, text, schema, desk.limits),
    };
    let request = read.map_err(|problems| match problems.first() {
        Some(first) if *first.entry == problem::soap::UKENDT_OPERATION => none(),
        _ => problems,
    })?;
    let (request, (write, message)) = request.exchange(());
    let request = request.exchange(message).0;
    if request.message.flag(Field::Proeve) {
        return Err(vec![Problem::new(&plan::PROEVE_I_FIL)]);
    }
    Ok((of, write, request))
}

/// The import of a message that is nobody's retry.
pub(super) fn import(
    (service, write): (&'static Service, &'static WriteOperation),
    request: Request<Message>,
    text: String,
    caller: &Caller,
) -> Import {
    Import {
        service,
        version: request.version,
        caller: caller.clone(),
        request: Request {
            message_id: None,
            idempotency_key: None,
            ..request
        },
        text,
        id: uuid::Uuid::nil(),
        kind: write.kind,
        level: write.level,
    }
}
