//! The way of a call behind the HTTP layer: identify → read envelope → validate → authorise → decide → commit → answer.
//!
//! The desk for SOAP stands here. It takes a call from one station to the next; each station has its own module. Beside it
//! stand the front, which knows all desks, and the desks for what is fetched without SOAP: documents, the feed, findings,
//! the audit chain.

mod admission;
mod admitted;
mod answers;
mod budget;
mod cache;
mod common;
mod documents;
mod feed;
mod findings;
mod front;
mod guests;
mod look;
mod refusals;
mod revision;
mod write;

use std::sync::Arc;
use std::time::Duration;

use hyper::body::Bytes;
use uuid::Uuid;

use crate::contract::Contract;
use crate::contract::SoapVersion;
use crate::export::{Export, SharedRecords};
use crate::identity::{Caller, Refused};
use crate::import::{self, Import, Rules, Svar};
use crate::mirror::MirrorCell;
use crate::problem::{self, Problem, http, soap as soap_problems};
use crate::server::exchange::{Answer, AnswerBody, SoapCall, Trace, Who};
use crate::soap::{self, Incoming, Kind, MessageId, Reply, Request};
use crate::store::{OrgKind, Outcome, Store, StoreError, StoreExt};
use crate::xml;

use answers::{answer, answered_with, trace};
pub use budget::Bounds;
use common::Common;
pub use front::{Gateway, Needs};
use look::Look;
use refusals::Shown;
pub use revision::Publisher;

/// Where calls of SOAP are answered.
#[derive(Debug)]
struct SoapDesk<S> {
    common: Arc<Common<S>>,
    /// WSDLs and compiled schemas.
    contract: Arc<Contract>,
    mirrors: Arc<MirrorCell>,
    shared_records: SharedRecords,
}

/// What came of reading a call: an answer, or what still has to be done elsewhere.
enum Next {
    Answer(Box<Answer>),
    Write(Box<Import>),
    Export(Box<Asked>),
}

/// An operation other than a write, as it was asked for.
struct Asked {
    call: SoapCall,
    caller: Caller,
    request: Request,
}

impl<S: Store> SoapDesk<S> {
    fn new(common: Arc<Common<S>>, contract: Arc<Contract>, mirrors: Arc<MirrorCell>) -> Self {
        let budget = common.budget.clone();
        Self {
            common,
            contract,
            mirrors,
            shared_records: SharedRecords::new(move |bytes| budget.hold(bytes).ok()),
        }
    }

    /// Lets go of what was kept for others and nobody has asked for in a while.
    fn forget(&self, unused: Duration) {
        self.shared_records.forget(unused);
    }

    /// Answers a call.
    async fn call(self: &Arc<Self>, call: SoapCall) -> Answer {
        let (version, id) = (call.version, call.id);
        match self.next(call).await {
            Ok(Next::Answer(answer)) => *answer,
            Ok(Next::Write(import)) => self.write(*import).await,
            Ok(Next::Export(asked)) => Arc::clone(self).export_in_turn(*asked).await,
            Err(error) => self.failed(version, id, &error, Trace::default()),
        }
    }

    /// Identifies the caller, reads the envelope, and finds out what to do.
    fn read_call(&self, look: Look<'_, S>, mut call: SoapCall) -> Next {
        let caller = match look.caller(&self.common.identify, &call) {
            Ok(caller) => caller,
            Err(Refused::Problem(problem)) => return self.refused(&call, &problem, None),
            Err(Refused::Store(error)) => {
                return Next::Answer(Box::new(self.internal(&call, &error)));
            }
        };
        // The bytes become the text: a message is not held twice.
        let bytes = std::mem::take(&mut call.body).into();
        let text = match xml::decode::decode_owned(bytes, call.charset.as_deref()) {
            Ok(text) => text,
            Err((error, bytes)) => return self.undecodable(&call, &caller, &error, &bytes),
        };
        let Some(schema) = self.contract.schema(call.service.document()) else {
            return Next::Answer(Box::new(
                self.internal(&call, &"a service without a schema"),
            ));
        };
        let incoming = Incoming {
            service: call.service,
            version: call.version,
            action: call.action.as_deref(),
            idempotency_key: call.idempotency_key.as_deref(),
            text: &text,
        };
        match soap::read(incoming, schema, self.common.bounds.xml) {
            Ok(request) => self.dispatch(look, call, caller, request, text),
            Err(rejected) => {
                Next::Answer(Box::new(self.rejected(&call, &caller, &rejected, &text)))
            }
        }
    }

    /// What to do for an operation whose envelope is right.
    fn dispatch(
        &self,
        look: Look<'_, S>,
        call: SoapCall,
        caller: Caller,
        request: Request,
        text: String,
    ) -> Next {
        if request.operation.is_write() {
            return self.dispatch_write(look, call, caller, request, text);
        }
        let shape = &request.shape;
        if !shape.is_valid() && request.operation.kind != Kind::Validate {
            let head = Problem::new(&problem::schema::BESKED_UGYLDIG)
                .with("antal", shape.problems.len() + shape.more);
            let failure = Shown {
                head: &head,
                listed: &shape.problems,
                more: shape.more,
                text: &text,
            };
            return Next::Answer(Box::new(self.fault(&call, &caller, &request, failure)));
        }
        match request.operation.kind {
            Kind::HelloWorld => Next::Answer(Box::new(self.hello(look, &call, &caller, &request))),
            Kind::GetSchema => Next::Answer(Box::new(
                match import::schema_document(&self.contract, &request.message) {
                    Ok(document) => self.text_answer(&call, &caller, &request, &document),
                    Err(problem) => self.fault(&call, &caller, &request, Shown::only(&problem)),
                },
            )),
            Kind::Validate => {
                Next::Answer(Box::new(self.validate(&call, &caller, &request, &text)))
            }
            Kind::Export(_) | Kind::Write(..) => Next::Export(Box::new(Asked {
                call,
                caller,
                request,
            })),
        }
    }

    /// A write goes to the writer if the schema accepts it; else the register is only read, to find every error.
    fn dispatch_write(
        &self,
        look: Look<'_, S>,
        call: SoapCall,
        caller: Caller,
        request: Request,
        text: String,
    ) -> Next {
        let art = caller.organisation().art;
        let problem = match art {
            OrgKind::Aftager => {
                Some(Problem::new(&http::TJENESTE_IKKE_TILLADT).with("art", art.as_str()))
            }
            OrgKind::Operatoer if request.case_number.is_none() => {
                Some(Problem::new(&soap_problems::SAGSNUMMER_MANGLER))
            }
            _ => None,
        };
        if let Some(problem) = problem {
            self.audit_refusal(&call, &caller, request.operation, request.key(), &problem);
            return Next::Answer(Box::new(self.fault(
                &call,
                &caller,
                &request,
                Shown::only(&problem),
            )));
        }
        let valid = request.shape.is_valid();
        match Import::new(call.service, call.version, caller, request, text, call.id) {
            Some(import) if valid => Next::Write(Box::new(import)),
            Some(import) => Next::Answer(Box::new(self.invalid(look, import))),
            None => Next::Answer(Box::new(
                self.internal(&call, &"the operation of a write writes nothing"),
            )),
        }
    }

    fn validate(&self, call: &SoapCall, caller: &Caller, request: &Request, text: &str) -> Answer {
        let inner = request
            .message
            .parameter(crate::message::Field::Xml)
            .unwrap_or_default();
        let (problems, more, text) = if request.shape.is_valid() {
            match import::validate_document(
                &self.contract,
                &request.message,
                self.common.bounds.xml,
            ) {
                Ok((mut problems, more)) => {
                    import::name_codes(&mut problems, &self.common.tables);
                    (problems, more, inner)
                }
                Err(problem) => return self.fault(call, caller, request, Shown::only(&problem)),
            }
        } else {
            (request.shape.problems.clone(), request.shape.more, text)
        };
        let svar = Svar {
            service: call.service,
            operation: request.operation,
            reply: self.reply(call, caller, request),
            ok: problems.is_empty(),
            dry_run: false,
            id: call.id,
            at: self.common.clock.now(),
            results: &[],
            problems: &problems,
            more,
            text,
        };
        let kode = problems.first().map(|problem| problem.entry.kode);
        answer(
            call.version,
            200,
            import::import_svar(&svar),
            trace(request.operation, caller, kode, 0),
        )
    }

    /// Shows that service and register are up.
    fn hello(
        &self,
        look: Look<'_, S>,
        call: &SoapCall,
        caller: &Caller,
        request: &Request,
    ) -> Answer {
        match look.read(|view| view.stand()) {
            Ok(_) => {
                let text = format!("Hello {}", self.common.clock.now());
                self.text_answer(call, caller, request, &text)
            }
            Err(error) => self.internal(call, &error),
        }
    }

    /// Refuses a write that the schema refuses, with everything that the register tells against it too.
    fn invalid(&self, look: Look<'_, S>, import: Import) -> Answer {
        let (version, id) = (import.version, import.id);
        let records = import.request.message.records.len();
        let trace = trace(import.request.operation, &import.caller, None, records);
        let now = self.common.clock.now();
        match look.read(|view| import.invalid(view, &self.rules(), now)) {
            Ok(Outcome::Undo(answered, audit)) => {
                if let Some(entry) = audit {
                    self.common.store.audit_later(entry);
                }
                answered_with(version, answered, trace)
            }
            Ok(Outcome::Keep(answered)) => answered_with(version, answered, trace),
            Err(error) => self.failed(version, id, &error, trace),
        }
    }

    /// Reads an export when it is its turn.
    async fn export_in_turn(self: Arc<Self>, asked: Asked) -> Answer {
        let (version, id) = (asked.call.version, asked.call.id);
        let message_id = asked.request.message_id.clone();
        let trace = trace(asked.request.operation, &asked.caller, None, 0);
        let who = Who::Organisation(Some(asked.caller.organisation().cvr));
        let Some(turn) = self.common.reads.turn(who).await else {
            return self.busy(version, message_id.as_ref(), id, trace);
        };
        let desk = Arc::clone(&self);
        let read = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            desk.export(&asked.call, &asked.caller, &asked.request)
        });
        match read.await {
            Ok(Ok(answer)) => answer,
            Ok(Err(budget::Full)) => {
                self.common.cache.clear();
                self.busy(version, message_id.as_ref(), id, trace)
            }
            Err(error) => self.failed(version, id, &error, trace),
        }
    }

    /// Tells a caller to come again: nothing was done.
    fn busy(
        &self,
        version: SoapVersion,
        message_id: Option<&MessageId>,
        id: Uuid,
        trace: Trace,
    ) -> Answer {
        self.come_again(
            (version, id),
            message_id,
            (&http::TRAVLT, refusals::RETRY_AFTER),
            trace,
        )
    }

    fn export(
        &self,
        call: &SoapCall,
        caller: &Caller,
        request: &Request,
    ) -> Result<Answer, budget::Full> {
        let Kind::Export(kind) = request.operation.kind else {
            return Ok(self.internal(call, &"the operation of an export exports nothing"));
        };
        let mirrors = self.mirrors.now();
        let export = Export {
            service: call.service,
            operation: request.operation,
            kind,
            message: &request.message,
            caller,
            reply: self.reply(call, caller, request),
            tables: &self.common.tables,
            mirrors: &mirrors,
            shared_records: &self.shared_records,
            now: self.common.clock.now(),
            mest: self.common.bounds.mest(),
        };
        let at_hand = match export.is_whole() {
            true => self.common.store.read(|view| export.ved_haanden(view)),
            false => Ok(None),
        };
        let given = match at_hand {
            Ok(Some(parts)) => Ok(Ok(parts)),
            Ok(None) => {
                // Waited for without a view: what is read afterwards is what was written meanwhile.
                let _alone = export.is_whole().then(|| self.shared_records.alone());
                self.common.store.read_long(|view| export.answer(view))
            }
            Err(error) => Err(error),
        };
        match given {
            Ok(Ok(parts)) => {
                // What is shared in several parts counts once for all; an answer in one part counts for itself.
                let body = match <[Bytes; 1]>::try_from(parts) {
                    Ok([whole]) => self.common.room_for(whole)?.into(),
                    Err(parts) => AnswerBody::of(parts),
                };
                let trace = trace(request.operation, caller, None, 0);
                Ok(answer(call.version, 200, body, trace))
            }
            Ok(Err(problem)) => Ok(self.fault(call, caller, request, Shown::only(&problem))),
            Err(StoreError::Busy) => {
                let trace = trace(request.operation, caller, None, 0);
                Ok(self.busy(call.version, request.message_id.as_ref(), call.id, trace))
            }
            Err(error) => Ok(self.internal(call, &error)),
        }
    }

    fn rules(&self) -> Rules {
        Rules {
            tables: Arc::clone(&self.common.tables),
            privat: self.common.bounds.privat,
            safeguards: self.common.bounds.safeguards,
            mirrors: self.mirrors.now(),
        }
    }

    /// How an identified caller's call is answered.
    fn reply<'a>(&self, call: &SoapCall, caller: &Caller, request: &'a Request) -> Reply<'a> {
        import::reply_to(
            call.version,
            call.service,
            caller,
            request,
            self.common.clock.now(),
        )
    }

    /// An operation whose answer is one string.
    fn text_answer(
        &self,
        call: &SoapCall,
        caller: &Caller,
        request: &Request,
        text: &str,
    ) -> Answer {
        let operation = request.operation;
        let response = format!("{}Response", operation.name);
        let action = format!("{}Response", operation.action(call.service));
        let bytes = soap::envelope(
            self.reply(call, caller, request),
            &action,
            text.len() + 256,
            None,
            |w| {
                w.open(&response);
                w.attr("xmlns", call.service.namespace());
                w.leaf(operation.result, text);
                w.close(&response);
            },
        );
        answer(call.version, 200, bytes, trace(operation, caller, None, 0))
    }
}
