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
mod cross;
mod dagpleje;
mod decide;
mod doubtful;
mod draft;
mod mirrors;
mod normal;
mod safeguards;
mod schemas;
mod warnings;

use std::sync::Arc;

use crate::agreements::{PrivateRules, Rights, rights};
use crate::audit::{self, Udfald};
use crate::contract::{Service, SoapVersion};
use crate::identity::Caller;
use crate::mirror::Mirrors;
use crate::problem::{Problem, http, register, soap};
use crate::register::{Kodetabeller, Niveau, Part, Sekvens, Tidspunkt};
use crate::soap::{Expiry, Failure, Kind, Operation, Reply, Request, WriteKind, fault};
use crate::store::{self, AnswerKey, Origin, Outcome, Read, SavedAnswer, StoreError, Write};

use apply::Applied;
use draft::Draft;
use mirrors::Opslag;

pub use alone::{alone, independent, name_codes};
pub use answer::{Svar, import_svar};
pub use apply::Stored;
pub use authorise::{Denied, Grund, authorise};
pub use dagpleje::{ejer as ejer_af_dagpleje, er_fremmed};
pub use doubtful::suspicious;
pub use safeguards::Safeguards;
pub use schemas::{schema_document, validate_document};

/// A write as it waits for the writer: everything that does not change while it waits.
#[derive(Debug)]
pub struct Import {
    /// The service called.
    pub service: Service,
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

/// An answer with what the log says of it.
#[derive(Debug)]
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
    /// The job of the writer, at time `now`: decides and commits.
    pub fn run(self, tx: &mut dyn Write, now: Tidspunkt) -> store::Result<Outcome<Answered>> {
        let Self {
            import,
            rules,
            drafts,
            told: (errors, warnings),
            last,
            fingerprint,
        } = self;
        if let Some(outcome) = import.replay(fingerprint, tx, now)? {
            return Ok(outcome);
        }
        let rights = import.rights(tx, &rules, now)?;
        if let Some(outcome) = import.closed_since(&rights, now) {
            return Ok(outcome);
        }
        let decisions = match decide::decide(&import, drafts, errors, &rules, &rights, tx)? {
            Ok(decisions) => decisions,
            Err(problems) => return Ok(import.refuse(problems, 0, now)),
        };
        match apply::apply(&import, decisions, warnings, tx, now) {
            Err(StoreError::NumbersExhausted) => {
                Ok(import.refuse(vec![Problem::new(&register::NUMRE_OPBRUGT)], 0, now))
            }
            Err(error) => Err(error),
            Ok(mut applied) => {
                applied.warnings.extend(last);
                import.accept(&applied, fingerprint, tx, now)
            }
        }
    }
}

impl Import {
    /// Prepares a write; `None` when the operation is none.
    pub fn new(
        service: Service,
        version: SoapVersion,
        caller: Caller,
        request: Request,
        text: String,
        id: uuid::Uuid,
    ) -> Option<Self> {
        let Kind::Write(kind, level) = request.operation.kind else {
            return None;
        };
        Some(Self {
            service,
            version,
            caller,
            request,
            text,
            id,
            kind,
            level,
        })
    }

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
        let opslag = mirrors::slaa_op(&self, &rules.mirrors);
        Prepared {
            drafts: self.drafts(&rules, &opslag),
            told: opslag.told(),
            last,
            fingerprint,
            rules,
            import: self,
        }
    }

    /// Makes drafts of its records.
    fn drafts(&mut self, rules: &Rules, opslag: &Opslag) -> Vec<Draft> {
        let records = std::mem::take(&mut self.request.message.records);
        let draft = |sent| Draft::new(sent, self.kind, &rules.tables, opslag);
        records.into_iter().map(draft).collect()
    }

    /// The answer to a write that was carried out, kept with its audit line unless it is a dry run.
    fn accept(
        &self,
        applied: &Applied,
        fingerprint: Option<[u8; 32]>,
        tx: &mut dyn Write,
        now: Tidspunkt,
    ) -> store::Result<Outcome<Answered>> {
        let svar = Svar {
            results: &applied.results,
            problems: &applied.warnings,
            ..self.svar(true, now)
        };
        let answered = Answered {
            status: 200,
            envelope: import_svar(&svar),
            kode: None,
            fejl: None,
        };
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
                konvolut: answered.envelope.clone(),
            };
            tx.save_answer(&key, &kept)?;
        }
        Ok(Outcome::Keep(answered))
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
        let opslag = mirrors::slaa_op(&self, &rules.mirrors);
        let drafts = self.drafts(rules, &opslag);
        let (errors, _) = opslag.told();
        let decided = decide::decide(&self, drafts, errors, rules, &rights, view)?;
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

    /// The stored answer to this MessageID, or the fault when it belongs to another message.
    fn replay(
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
            let answered = Answered {
                status: 200,
                envelope: kept.konvolut,
                kode: None,
                fejl: None,
            };
            return Ok(Some(Outcome::Undo(answered, None)));
        }
        let problem = Problem::new(&soap::MESSAGE_ID_GENBRUGT).with("id", &key.message_id);
        Ok(Some(self.fault(problem, now)))
    }

    /// A refusal with a fault, and its audit line.
    fn fault(&self, problem: Problem, now: Tidspunkt) -> Outcome<Answered> {
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
    fn refuse(&self, mut problems: Vec<Problem>, more: usize, now: Tidspunkt) -> Outcome<Answered> {
        problems.sort_by_key(|problem| problem.place.offset);
        let svar = Svar {
            problems: &problems,
            more,
            ..self.svar(false, now)
        };
        let envelope = import_svar(&svar);
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
                fejl: crate::soap::kort(&problems, more),
            },
            audit,
        )
    }

    fn svar(&self, ok: bool, now: Tidspunkt) -> Svar<'_> {
        Svar {
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

    fn ophav(&self, part: Option<Part>) -> Origin {
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

    fn answer_key(&self) -> Option<AnswerKey> {
        let key = self.request.key()?;
        Some(AnswerKey {
            kalder: self.caller.answer_key(),
            message_id: key.to_owned(),
        })
    }

    fn is_dry_run(&self) -> bool {
        self.request.message.flag(crate::message::Field::Proeve)
    }

    fn reply(&self, now: Tidspunkt) -> Reply<'_> {
        reply_to(self.version, self.service, &self.caller, &self.request, now)
    }
}

/// How an identified caller's call is answered.
pub fn reply_to<'a>(
    version: SoapVersion,
    service: Service,
    caller: &Caller,
    request: &'a Request,
    now: Tidspunkt,
) -> Reply<'a> {
    let namespace = service.namespace();
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
    pub service: Service,
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
