//! Refusing: faults in the caller's version, what is audited of them, and failures of our own.

use std::fmt::Display;

use uuid::Uuid;

use super::desk::{About, Asked, Desk, answer};
use crate::audit::{self, Udfald};
use crate::contract::{Operation, SoapVersion};
use crate::identity::Caller;
use crate::import::audit_entry;
use crate::problem::{self, Place, Problem, http, intern, schema};
use crate::server::exchange::{Answer, SoapCall, Trace};
use crate::soap::{self, Failure, Rejected, Reply};
use crate::store::StoreError;
use crate::xml::{self, decode::DecodeError};

/// After how many seconds a caller that met a full queue should try again.
pub(super) const RETRY_AFTER: u32 = 1;

/// After how many seconds where somebody must do something first, such as making room on the disk.
const WHEN_MENDED: u32 = 60;

/// A fault as an answer.
fn fault(reply: Reply<'_>, failure: &Failure<'_>, trace: Trace) -> Answer {
    let (status, bytes) = soap::fault(reply, failure);
    let trace = Trace {
        kode: Some(failure.head.entry.kode),
        ..trace
    };
    answer(reply.version, status, bytes, trace)
}

impl Desk<'_> {
    /// Refuses a call with a fault.
    pub fn refuse<M>(&self, asked: &Asked<M>, problem: &Problem) -> Answer {
        self.fault(asked, self.failure(problem, asked.call.id))
    }

    /// Refuses a message that its schema refuses.
    pub(super) fn misshapen<M>(&self, asked: &Asked<M>) -> Answer {
        let shape = &asked.request.shape;
        let head =
            Problem::new(&schema::BESKED_UGYLDIG).with("antal", shape.problems.len() + shape.more);
        let failure = Failure {
            listed: &shape.problems,
            more: shape.more,
            text: &asked.text,
            ..self.failure(&head, asked.call.id)
        };
        self.fault(asked, failure)
    }

    /// Refuses an operation.
    fn fault<M>(&self, asked: &Asked<M>, failure: Failure<'_>) -> Answer {
        let trace = Trace {
            fejl: asked.request.summary(failure.listed, failure.more),
            ..asked.trace(None)
        };
        fault(self.reply(asked), &failure, trace)
    }

    /// Refuses an operation that writes, with a line in the audit chain.
    pub fn refuse_write<M>(&self, asked: &Asked<M>, problem: &Problem) -> Answer {
        let request = &asked.request;
        self.audit_refusal(
            (&asked.call, &asked.caller),
            request.operation,
            request.key(),
            problem,
        );
        self.refuse(asked, problem)
    }

    /// Refuses a call whose bytes are not text in its encoding; what comes before them tells line and column.
    pub(super) fn undecodable(
        &self,
        call: &SoapCall,
        caller: &Caller,
        error: &DecodeError,
        bytes: &[u8],
    ) -> Answer {
        let charset = call.charset.as_deref();
        let before = xml::decode::readable(bytes, charset, error);
        let problem = problem::from_decode(error, &before);
        let failure = Failure {
            listed: std::slice::from_ref(&problem),
            text: &before,
            ..self.failure(&problem, call.id)
        };
        let trace = Trace {
            cvr: Some(caller.organisation().cvr),
            ..Trace::default()
        };
        fault(Reply::bare(call.version), &failure, trace)
    }

    /// Refuses a call whose envelope is wrong; a write's refusal is audited when the operation could be told.
    pub(super) fn rejected(
        &self,
        call: &SoapCall,
        caller: &Caller,
        rejected: &Rejected,
        text: &str,
    ) -> Answer {
        let Some(head) = rejected.problems.first() else {
            return self.internal((call.version, call.id), &"a refusal without a reason");
        };
        let malformed = head.entry.group == problem::Group::Xml;
        let message_id = rejected.message_id.as_ref().map(|own| own.id.as_str());
        let key = message_id.or(call.idempotency_key.as_deref());
        if let Some(operation) = rejected.operation.filter(|own| own.writes && !malformed) {
            self.audit_refusal((call, caller), operation, key, head);
        }
        let mut failure = Failure {
            text,
            not_understood: &rejected.not_understood,
            ..self.failure(head, call.id)
        };
        let problems = &rejected.problems;
        if problems.iter().any(|each| each.place != Place::NOWHERE) {
            failure.listed = problems;
        }
        let reply = Reply::bare(rejected.version).to(rejected.message_id.as_ref());
        let trace = Trace {
            operation: rejected.operation.map(|operation| operation.name),
            cvr: Some(caller.organisation().cvr),
            fejl: rejected.summary(),
            message_id: key.map(Into::into),
            ..Trace::default()
        };
        fault(reply, &failure, trace)
    }

    fn audit_refusal(
        &self,
        (call, caller): (&SoapCall, &Caller),
        operation: &'static Operation,
        message_id: Option<&str>,
        problem: &Problem,
    ) {
        let (called, by) = ((call.service, operation), (caller, call.id));
        let noter = vec![problem.entry.kode.to_owned()];
        self.store.audit_later(audit::Entry {
            message_id: message_id.map(str::to_owned),
            ..audit_entry(called, by, Udfald::Fejl, noter, self.clock.now())
        });
    }

    fn failure<'p>(&self, problem: &'p Problem, id: Uuid) -> Failure<'p> {
        Failure::of(problem, id, self.clock.now())
    }

    pub(super) fn plain_fault(&self, reply: Reply<'_>, problem: &Problem, id: Uuid) -> Answer {
        fault(reply, &self.failure(problem, id), Trace::default())
    }

    /// A write that was not stored, or is not known to be: says which, and what to do.
    pub(super) fn not_written(&self, about: About, error: &StoreError) -> Answer {
        let (entry, seconds) = match error {
            StoreError::Busy | StoreError::Closed | StoreError::Gone(_) => {
                (&http::TRAVLT, RETRY_AFTER)
            }
            StoreError::Full(_) => (&http::INGEN_PLADS, WHEN_MENDED),
            StoreError::Clock(_) => (&http::UR_UTROVAERDIGT, WHEN_MENDED),
            StoreError::Unknown(_) => {
                tracing::error!(korrelationsId = %about.id, %error, "not known whether it was stored");
                let problem = Problem::new(&intern::UVIST).with("id", about.id);
                return self.told(about, &problem);
            }
            error => return self.failed(about, error),
        };
        tracing::warn!(korrelationsId = %about.id, %error, "a write is refused");
        self.come_again(about, (entry, seconds))
    }

    /// Tells a caller to come again: nothing was done.
    pub fn busy(&self, about: About) -> Answer {
        self.come_again(about, (&http::TRAVLT, RETRY_AFTER))
    }

    fn come_again(&self, about: About, (entry, seconds): (&'static problem::Entry, u32)) -> Answer {
        let mut answer = self.told(about, &Problem::new(entry).with("sekunder", seconds));
        answer.headers.push(("retry-after", seconds.to_string()));
        answer
    }

    /// A fault that answers the caller's message, as the log tells of the call.
    fn told(&self, about: About, problem: &Problem) -> Answer {
        let reply = Reply::bare(about.version).to(about.message_id.as_ref());
        fault(reply, &self.failure(problem, about.id), about.trace)
    }

    /// Something of ours failed: the log says what, the caller gets the correlation id.
    pub fn failed(&self, about: About, error: &dyn Display) -> Answer {
        let bare = About {
            message_id: None,
            ..about
        };
        tracing::error!(korrelationsId = %bare.id, %error, "internal error");
        let problem = Problem::new(&intern::INTERN).with("id", bare.id);
        self.told(bare, &problem)
    }

    /// The same before anything is known of the call.
    pub(super) fn internal(
        &self,
        (version, id): (SoapVersion, Uuid),
        error: &dyn Display,
    ) -> Answer {
        tracing::error!(korrelationsId = %id, %error, "internal error");
        let problem = Problem::new(&intern::INTERN).with("id", id);
        self.plain_fault(Reply::bare(version), &problem, id)
    }
}
