//! The writes of the ImportService: to the writer if the schema accepts them; else the register is only read, to find every
//! error.

use std::sync::Arc;

use crate::gateway::{Asked, Desk, Found, Handler, Job, Next, Offline, Writing, answered_with};
use crate::import::{self, Import, Rules, WriteOperation};
use crate::message::Message;
use crate::problem::{Problem, http, soap};
use crate::server::exchange::Answer;
use crate::store::{OrgKind, Outcome};

/// So many records are prepared where the call was read; more of them by a thread that may wait for the disk. One address that
/// is not found costs a millisecond, and a full batch some milliseconds without any mirror.
const FEW: usize = 1;

impl Handler for WriteOperation {
    const TAKES_INVALID: bool = true;

    fn handle(&'static self, desk: &Desk<'_>, asked: Asked<Message>) -> Next {
        if let Some(problem) = barred(&asked) {
            return Next::answer(desk.refuse_write(&asked, &problem));
        }
        if asked.request.shape.is_valid() {
            self.write(desk, asked)
        } else {
            Next::answer(self.invalid(desk, asked))
        }
    }

    fn check(&self, offline: &Offline<'_>, message: &Message, found: &mut Found) {
        let problems = &mut found.shape.problems;
        import::name_codes(problems, offline.tables);
        problems.extend(import::alone(self, message, offline.tables));
        problems.extend(import::suspicious(self, message));
        import::independent(problems);
    }
}

/// What keeps a caller from writing, whatever it sends.
fn barred(asked: &Asked<Message>) -> Option<Problem> {
    let art = asked.caller.organisation().art;
    match art {
        OrgKind::Aftager => {
            Some(Problem::new(&http::TJENESTE_IKKE_TILLADT).with("art", art.as_str()))
        }
        OrgKind::Operatoer if asked.request.case_number.is_none() => {
            Some(Problem::new(&soap::SAGSNUMMER_MANGLER))
        }
        _ => None,
    }
}

/// What the installation has decided, and the mirrors of now.
fn rules(desk: &Desk<'_>) -> Rules {
    Rules {
        tables: Arc::clone(desk.tables),
        privat: desk.bounds.privat,
        safeguards: desk.bounds.safeguards,
        mirrors: desk.mirrors.now(),
    }
}

impl WriteOperation {
    fn import(&'static self, asked: Asked<Message>) -> Import {
        let Asked {
            call,
            caller,
            request,
            text,
        } = asked;
        Import {
            service: call.service,
            version: call.version,
            caller,
            request,
            text,
            id: call.id,
            kind: self.kind,
            level: self.level,
        }
    }

    /// The job of a message that the schema accepts.
    fn write(&'static self, desk: &Desk<'_>, asked: Asked<Message>) -> Next {
        let (rules, clock) = (rules(desk), desk.clock.clone());
        let waits = asked.request.records > FEW;
        let about = asked.about();
        let import = self.import(asked);
        Next::Write(Writing {
            about,
            waits,
            prepare: Box::new(move || {
                let prepared = Arc::new(import.prepare(rules));
                Job {
                    undo: prepared.undo(),
                    holds: Arc::clone(&prepared) as _,
                    run: Box::new(move |tx| prepared.run(tx, clock.now())),
                }
            }),
        })
    }

    /// Refuses a write that the schema refuses, with everything that the register tells against it too.
    fn invalid(&'static self, desk: &Desk<'_>, asked: Asked<Message>) -> Answer {
        let about = asked.about();
        let import = self.import(asked);
        match desk.read(|view| import.invalid(view, &rules(desk), desk.now())) {
            Ok(Outcome::Undo(answered, audit)) => {
                if let Some(entry) = audit {
                    desk.store().audit_later(entry);
                }
                answered_with(about.version, answered, about.trace)
            }
            Ok(Outcome::Keep(answered)) => answered_with(about.version, answered, about.trace),
            Err(error) => desk.failed(about, &error),
        }
    }
}
