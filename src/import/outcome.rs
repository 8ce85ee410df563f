//! What a write comes to: its answer, given again where it was stored, and its audit line.

use uuid::Uuid;

use crate::audit::{self, Udfald};
use crate::calls::Written;
use crate::contract::{Operation, Service, SoapVersion};
use crate::identity::Caller;
use crate::problem::{Problem, soap};
use crate::register::Tidspunkt;
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
    /// What a stored write left in the register.
    pub written: Option<Written>,
}

impl Answered {
    const fn good(envelope: Vec<u8>) -> Self {
        Self {
            status: 200,
            envelope,
            kode: None,
            fejl: None,
            written: None,
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
        let mut answered = Answered::good(import_answer(&answer));
        if self.is_dry_run() {
            return Ok(Outcome::Undo(answered, None));
        }
        let sekvenser = applied.sekvenser();
        tx.audit(&audit::Entry {
            sekvenser,
            ..self.audit(Udfald::Gemt, vec![], now)
        })?;
        let line = tx.last_audit_line();
        answered.written = sekvenser.map(|changes| Written { line, changes });
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
            text: &self.text,
            ..Failure::of(&problem, self.id, now)
        };
        let (status, envelope) = fault(self.reply(now), &failure);
        let audit = self.audit(Udfald::Fejl, vec![kode.to_owned()], now);
        let answered = Answered {
            status,
            kode: Some(kode),
            ..Answered::good(envelope)
        };
        Outcome::Undo(answered, Some(audit))
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
        let errors = problems.iter().filter(|problem| problem.is_error());
        let mut codes: Vec<_> = errors.map(|problem| problem.entry.kode).collect();
        let answered = Answered {
            kode: codes.first().copied(),
            fejl: self.request.summary(&problems, more),
            ..Answered::good(envelope)
        };
        codes.sort_unstable();
        codes.dedup();
        let codes = codes.into_iter().map(str::to_owned).collect();
        let audit = (!self.is_dry_run()).then(|| self.audit(Udfald::Afvist, codes, now));
        Outcome::Undo(answered, audit)
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

    fn audit(&self, udfald: Udfald, noter: Vec<String>, now: Tidspunkt) -> audit::Entry {
        let (called, by) = (
            (self.service, self.request.operation),
            (&self.caller, self.id),
        );
        audit::Entry {
            message_id: self.request.key().map(str::to_owned),
            sagsnummer: self.request.case_number.clone(),
            ..audit_entry(called, by, udfald, noter, now)
        }
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

/// The audit line of a call that writes, stored or refused, with what every call has.
pub fn audit_entry(
    (service, operation): (&Service, &Operation),
    (caller, id): (&Caller, Uuid),
    udfald: Udfald,
    noter: Vec<String>,
    now: Tidspunkt,
) -> audit::Entry {
    audit::Entry {
        tidspunkt: now,
        operation: operation.qualified(service),
        udfald,
        cvr: Some(caller.organisation().cvr),
        identitet: caller.identitet(),
        person: caller.person().cloned(),
        korrelations_id: id,
        message_id: None,
        sagsnummer: None,
        sekvenser: None,
        noter,
        antal: 1,
    }
}
