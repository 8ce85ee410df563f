//! Refusing: faults in the caller's version, what is audited of them, and failures of our own.

use std::fmt::Display;

use uuid::Uuid;

use super::{Next, SoapDesk, answer, trace};
use crate::audit::Udfald;
use crate::contract::SoapVersion;
use crate::identity::Caller;
use crate::import::{AuditedCall, audit_entry};
use crate::problem::{self, Place, Problem, http, intern};
use crate::register::Tidspunkt;
use crate::server::exchange::{Answer, SoapCall, Trace};
use crate::soap::{self, Failure, MessageId, Operation, Rejected, Reply, Request};
use crate::store::{Store, StoreError};
use crate::xml::{self, decode::DecodeError};

/// After how many seconds a caller that met a full queue should try again.
pub(super) const RETRY_AFTER: u32 = 1;

/// After how many seconds where somebody must do something first, such as making room on the disk.
const WHEN_MENDED: u32 = 60;

/// What a fault shows.
pub(super) struct Shown<'a> {
    pub(super) head: &'a Problem,
    pub(super) listed: &'a [Problem],
    pub(super) more: usize,
    pub(super) text: &'a str,
}

impl<'a> Shown<'a> {
    /// A fault without a list.
    pub(super) const fn only(head: &'a Problem) -> Self {
        Self {
            head,
            listed: &[],
            more: 0,
            text: "",
        }
    }

    /// The failure of a call that is told so.
    pub(super) fn failure(&self, id: Uuid, at: Tidspunkt) -> Failure<'a> {
        Failure {
            head: self.head,
            listed: self.listed,
            more: self.more,
            id,
            at,
            text: self.text,
            not_understood: &[],
        }
    }
}

impl<S: Store> SoapDesk<S> {
    /// Refuses an operation.
    pub(super) fn fault(
        &self,
        call: &SoapCall,
        caller: &Caller,
        request: &Request,
        shown: Shown<'_>,
    ) -> Answer {
        let mut trace = trace(
            request.operation,
            caller,
            Some(shown.head.entry.kode),
            request.message.records.len(),
        );
        trace.fejl = crate::soap::kort(shown.listed, shown.more);
        let failure = self.failure(call.id, &shown);
        let (status, bytes) = soap::fault(self.reply(call, caller, request), &failure);
        answer(call.version, status, bytes, trace)
    }

    /// Refuses a call before its envelope is read.
    pub(super) fn refused(
        &self,
        call: &SoapCall,
        problem: &Problem,
        caller: Option<&Caller>,
    ) -> Next {
        let mut answer = self.plain_fault(Reply::bare(call.version), problem, call.id);
        answer.trace.cvr = caller.map(|caller| caller.organisation().cvr);
        Next::Answer(Box::new(answer))
    }

    /// Refuses a call whose bytes are not text in its encoding; what comes before them tells line and column.
    pub(super) fn undecodable(
        &self,
        call: &SoapCall,
        caller: &Caller,
        error: &DecodeError,
        bytes: &[u8],
    ) -> Next {
        let charset = call.charset.as_deref();
        let before = xml::decode::readable(bytes, charset, error);
        let problem = problem::from_decode(error, &before);
        let shown = Shown {
            head: &problem,
            listed: std::slice::from_ref(&problem),
            more: 0,
            text: &before,
        };
        let failure = self.failure(call.id, &shown);
        let (status, bytes) = soap::fault(Reply::bare(call.version), &failure);
        let trace = Trace {
            cvr: Some(caller.organisation().cvr),
            kode: Some(problem.entry.kode),
            ..Trace::default()
        };
        Next::Answer(Box::new(answer(call.version, status, bytes, trace)))
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
            return self.internal(call, &"a refusal without a reason");
        };
        let malformed = head.entry.kode.starts_with("DTR2");
        if let Some(operation) = rejected
            .operation
            .filter(|operation| operation.is_write() && !malformed)
        {
            self.audit_refusal(
                call,
                caller,
                operation,
                rejected
                    .message_id
                    .as_ref()
                    .map(|own| own.id.as_str())
                    .or(call.idempotency_key.as_deref()),
                head,
            );
        }
        let placed = rejected
            .problems
            .iter()
            .any(|problem| problem.place != Place::NOWHERE);
        let listed = if placed {
            rejected.problems.as_slice()
        } else {
            &[]
        };
        let failure = Failure {
            not_understood: &rejected.not_understood,
            ..self.failure(
                call.id,
                &Shown {
                    head,
                    listed,
                    more: 0,
                    text,
                },
            )
        };
        let reply = Reply::bare(rejected.version).to(rejected.message_id.as_ref());
        let (status, bytes) = soap::fault(reply, &failure);
        let trace = Trace {
            operation: rejected.operation.map(|operation| operation.name),
            cvr: Some(caller.organisation().cvr),
            kode: Some(head.entry.kode),
            poster: 0,
            fejl: crate::soap::kort(&rejected.problems, 0),
        };
        answer(rejected.version, status, bytes, trace)
    }

    pub(super) fn audit_refusal(
        &self,
        call: &SoapCall,
        caller: &Caller,
        operation: &'static Operation,
        message_id: Option<&str>,
        problem: &Problem,
    ) {
        let audited = AuditedCall {
            service: call.service,
            operation,
            caller,
            id: call.id,
            message_id,
            case_number: None,
        };
        let noter = vec![problem.entry.kode.to_owned()];
        self.common.store.audit_later(audit_entry(
            &audited,
            Udfald::Fejl,
            None,
            noter,
            self.common.clock.now(),
        ));
    }

    pub(super) fn failure<'a>(&self, id: Uuid, shown: &Shown<'a>) -> Failure<'a> {
        shown.failure(id, self.common.clock.now())
    }

    pub(super) fn plain_fault(&self, reply: Reply<'_>, problem: &Problem, id: Uuid) -> Answer {
        let (status, bytes) = soap::fault(reply, &self.failure(id, &Shown::only(problem)));
        let trace = Trace {
            kode: Some(problem.entry.kode),
            ..Trace::default()
        };
        answer(reply.version, status, bytes, trace)
    }

    /// A write that was not stored, or is not known to be: says which, and what to do.
    pub(super) fn not_written(
        &self,
        (version, id): (SoapVersion, Uuid),
        message_id: Option<&MessageId>,
        error: &StoreError,
        trace: Trace,
    ) -> Answer {
        let (entry, seconds) = match error {
            StoreError::Busy | StoreError::Closed | StoreError::Gone(_) => {
                (&http::TRAVLT, RETRY_AFTER)
            }
            StoreError::Full(_) => (&http::INGEN_PLADS, WHEN_MENDED),
            StoreError::Clock(_) => (&http::UR_UTROVAERDIGT, WHEN_MENDED),
            StoreError::Unknown(_) => {
                tracing::error!(korrelationsId = %id, %error, "not known whether it was stored");
                let problem = Problem::new(&intern::UVIST).with("id", id);
                let mut answer =
                    self.plain_fault(Reply::bare(version).to(message_id), &problem, id);
                answer.trace = Trace {
                    kode: answer.trace.kode,
                    ..trace
                };
                return answer;
            }
            error => return self.failed(version, id, error, trace),
        };
        tracing::warn!(korrelationsId = %id, %error, "a write is refused");
        self.come_again((version, id), message_id, (entry, seconds), trace)
    }

    /// Tells a caller to come again: nothing was done.
    pub(super) fn come_again(
        &self,
        (version, id): (SoapVersion, Uuid),
        message_id: Option<&MessageId>,
        (entry, seconds): (&'static problem::Entry, u32),
        trace: Trace,
    ) -> Answer {
        let problem = Problem::new(entry).with("sekunder", seconds);
        let mut answer = self.plain_fault(Reply::bare(version).to(message_id), &problem, id);
        answer.headers.push(("retry-after", seconds.to_string()));
        answer.trace = Trace {
            kode: answer.trace.kode,
            ..trace
        };
        answer
    }

    /// Something of ours failed: the log says what, the caller gets the correlation id.
    pub(super) fn internal(&self, call: &SoapCall, error: &dyn Display) -> Answer {
        self.failed(call.version, call.id, error, Trace::default())
    }

    pub(super) fn failed(
        &self,
        version: SoapVersion,
        id: Uuid,
        error: &dyn Display,
        trace: Trace,
    ) -> Answer {
        tracing::error!(korrelationsId = %id, %error, "internal error");
        let problem = Problem::new(&intern::INTERN).with("id", id);
        let mut answer = self.plain_fault(Reply::bare(version), &problem, id);
        answer.trace = Trace {
            kode: answer.trace.kode,
            ..trace
        };
        answer
    }
}
