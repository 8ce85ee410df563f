//! What a write comes to: its answer, given again where it was stored, and its audit line.

use crate::audit::{self, Udfald};
use crate::contract::{Operation, Service, SoapVersion};
use crate::identity::Caller;
use crate::problem::{Problem, soap};
use crate::register::{Sekvens, Tidspunkt};
use crate::soap::{Expiry, Failure, Reply, Request, fault};
use crate::store::{self, AnswerKey, Outcome, Read, SavedAnswer, Write};

use super::apply::Applied;
use super::{Import, ImportAnswer, import_answer};

/// An answer with what the log says of it.
#[derive(Debug, Clone)]
pub struct Answered {
    /// HTTP status.
    pub status: u16,
    /// The envelope.
    pub envelope: Vec<u8>,
    /// The code of the first error of a refusal.
    pub kode: Option<&'static str>,
    /// Code and path of its errors, for the log.
    pub fejl: Option<Box<str>>,
}

impl Answered {
    const fn good(envelope: Vec<u8>) -> Self {
        Self {
            status: 200,
            envelope,
            kode: None,
            fejl: None,
        }
    }
}

impl Import {
    /// The answer to a write that was carried out, kept with its audit line unless it is a dry run.
    pub(super) fn accept(
        &self,
        applied: &Applied,
        fingerprint: Option<[u8; 32]>,
        tx: &mut dyn Write,
        now: Tidspunkt,
    ) -> store::Result<Outcome<Answered>> {
        let answer = ImportAnswer {
            results: &applied.results,
            problems: &applied.warnings,
            ..self.answer(true, now)
        };
        let answered = Answered::good(import_answer(&answer));
        if self.is_dry_run() {
            return Ok(Outcome::Undo(answered, None));
        }
        tx.audit(&self.audit(Udfald::Gemt, applied.sekvenser(), vec![], now))?;
        if let (Some(key), Some(fingeraftryk)) = (self.answer_key(), fingerprint) {
            let kept = SavedAnswer {
                fingeraftryk,
                // As the change is dated: a clock that was set back must not let it be forgotten sooner.
                tidspunkt: applied
                    .results
                    .last()
                    .map_or(now, |last| last.change.tidspunkt),
                konvolut: answered.envelope.as_slice(),
            };
            tx.save_answer(&key, &kept)?;
        }
        Ok(Outcome::Keep(answered))
    }

    /// The stored answer to this MessageID, or the fault when it belongs to another message.
    pub(super) fn replay(
        &self,
        fingerprint: Option<[u8; 32]>,
        view: &dyn Read,
        now: Tidspunkt,
    ) -> store::Result<Option<Outcome<Answered>>> {
        let Some(key) = self.answer_key() else {
            return Ok(None);
        };
        let Some(kept) = view.saved_answer(&key)? else {
            return Ok(None);
        };
        let own = fingerprint.unwrap_or_else(|| self.request.fingerprint(self.service, &self.text));
        if kept.fingeraftryk == own {
            let answered = Answered::good(kept.konvolut);
            return Ok(Some(Outcome::Undo(answered, None)));
        }
        let problem = Problem::new(&soap::MESSAGE_ID_GENBRUGT).with("id", &key.message_id);
        Ok(Some(self.fault(problem, now)))
    }

    /// A refusal with a fault, and its audit line.
    pub(super) fn fault(&self, problem: Problem, now: Tidspunkt) -> Outcome<Answered> {
        let kode = problem.entry.kode;
        let failure = Failure {
            head: &problem,
            listed: &[],
            more: 0,
            id: self.id,
            at: now,
            text: &self.text,
            not_understood: &[],
        };
        let (status, envelope) = fault(self.reply(now), &failure);
        let audit = self.audit(Udfald::Fejl, None, vec![kode.to_owned()], now);
        Outcome::Undo(
            Answered {
                status,
                envelope,
                kode: Some(kode),
                fejl: None,
            },
            Some(audit),
        )
    }

    /// A refusal that lists errors, and its audit line; a dry run leaves none.
    pub(super) fn refuse(
        &self,
        mut problems: Vec<Problem>,
        more: usize,
        now: Tidspunkt,
    ) -> Outcome<Answered> {
        problems.sort_by_key(|problem| problem.place.offset);
        let answer = ImportAnswer {
            problems: &problems,
            more,
            ..self.answer(false, now)
        };
        let envelope = import_answer(&answer);
        let mut codes: Vec<_> = problems
            .iter()
            .filter(|problem| problem.is_error())
            .map(|p| p.entry.kode)
            .collect();
        let first = codes.first().copied();
        codes.sort_unstable();
        codes.dedup();
        let codes = codes.into_iter().map(str::to_owned).collect();
        let audit = (!self.is_dry_run()).then(|| self.audit(Udfald::Afvist, None, codes, now));
        Outcome::Undo(
            Answered {
                status: 200,
                envelope,
                kode: first,
                fejl: self.request.summary(&problems, more),
            },
            audit,
        )
    }

    fn answer(&self, ok: bool, now: Tidspunkt) -> ImportAnswer<'_> {
        ImportAnswer {
            service: self.service,
            operation: self.request.operation,
            reply: self.reply(now),
            ok,
            dry_run: self.is_dry_run(),
            id: self.id,
            at: now,
            results: &[],
            problems: &[],
            more: 0,
            text: &self.text,
        }
    }

    fn audit(
        &self,
        udfald: Udfald,
        sekvenser: Option<(Sekvens, Sekvens)>,
        noter: Vec<String>,
        now: Tidspunkt,
    ) -> audit::Entry {
        audit_entry(
            &AuditedCall {
                service: self.service,
                operation: self.request.operation,
                caller: &self.caller,
                id: self.id,
                message_id: self.request.key(),
                case_number: self.request.case_number.as_deref(),
            },
            udfald,
            sekvenser,
            noter,
            now,
        )
    }

    fn answer_key(&self) -> Option<AnswerKey> {
        let key = self.request.key()?;
        Some(AnswerKey {
            kalder: self.caller.answer_key(),
            message_id: key.to_owned(),
        })
    }

    fn reply(&self, now: Tidspunkt) -> Reply<'_> {
        reply_to(self.version, self.service, &self.caller, &self.request, now)
    }
}

/// How an identified caller's call is answered.
pub fn reply_to<'a, M>(
    version: SoapVersion,
    service: &'static Service,
    caller: &Caller,
    request: &'a Request<M>,
    now: Tidspunkt,
) -> Reply<'a> {
    let namespace = service.namespace;
    Reply {
        version,
        message_id: request.message_id.as_ref(),
        expiry: caller.expires_soon(now).map(|at| Expiry { namespace, at }),
    }
}

/// The call that an audit line is about.
#[derive(Debug)]
pub struct AuditedCall<'a> {
    /// The service called.
    pub service: &'static Service,
    /// The operation.
    pub operation: &'static Operation,
    /// Who called.
    pub caller: &'a Caller,
    /// Names the call.
    pub id: uuid::Uuid,
    /// `wsa:MessageID` or `Idempotency-Key`.
    pub message_id: Option<&'a str>,
    /// The operator's case number.
    pub case_number: Option<&'a str>,
}

/// The audit line of a write, stored or refused.
pub fn audit_entry(
    call: &AuditedCall<'_>,
    udfald: Udfald,
    sekvenser: Option<(Sekvens, Sekvens)>,
    noter: Vec<String>,
    now: Tidspunkt,
) -> audit::Entry {
    audit::Entry {
        tidspunkt: now,
        operation: call.operation.qualified(call.service),
        udfald,
        cvr: Some(call.caller.organisation().cvr),
        identitet: call.caller.identitet(),
        korrelations_id: call.id,
        message_id: call.message_id.map(str::to_owned),
        sagsnummer: call.case_number.map(str::to_owned),
        sekvenser,
        noter,
        antal: 1,
    }
}
