//! The way of a call behind the HTTP layer: identify → read envelope → validate → authorise → decide → commit → answer.
//!
//! The desk for SOAP stands here. It takes a call from one station to the next; each station has its own module. What an
//! operation does is given to it (`operation`), and an operation is given what it may use (`desk`). Beside it stand the
//! front, which knows all desks, and the desks for what is fetched without SOAP: documents, the feed, findings, the audit
//! chain.

mod admission;
mod admitted;
mod answers;
mod budget;
mod cache;
mod common;
mod desk;
mod documents;
mod feed;
mod findings;
mod front;
mod guests;
mod look;
mod operation;
mod refusals;
mod revision;
mod write;

use std::sync::Arc;
use std::time::Duration;

use crate::contract::Contract;
use crate::export::SharedRecords;
use crate::identity::{Caller, Refused};
use crate::mirror::MirrorCell;
use crate::server::exchange::{Answer, SoapCall, Who};
use crate::soap::{self, Incoming, Reply};
use crate::store::Store;
use crate::xml;

pub use answers::answered_with;
pub use budget::{Bounds, Full};
use common::Common;
pub use desk::{About, Asked, Desk, InTurn, Job, Next, Reading, Writing};
pub use front::{Gateway, Needs};
use look::Look;
pub use operation::{Call, Definition, Found, Handler, Offline, Operate};
pub use revision::Publisher;

/// Where calls of SOAP are answered.
#[derive(Debug)]
struct SoapDesk<S> {
    common: Arc<Common<S>>,
    services: Vec<Definition>,
    /// WSDLs and compiled schemas.
    contract: Arc<Contract>,
    mirrors: Arc<MirrorCell>,
    shared_records: SharedRecords,
}

impl<S: Store> SoapDesk<S> {
    fn new(
        common: Arc<Common<S>>,
        (services, contract): (Vec<Definition>, Arc<Contract>),
        mirrors: Arc<MirrorCell>,
    ) -> Self {
        let budget = common.budget.clone();
        Self {
            common,
            services,
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
        let named = (call.version, call.id);
        match self.next(call).await {
            Ok(Next::Answer(answer)) => *answer,
            Ok(Next::Write(writing)) => self.write(writing).await,
            Ok(Next::Read(reading)) => self.read_in_turn(reading).await,
            Err(error) => self.desk().internal(named, &error),
        }
    }

    /// What an operation may use, and reads in views of its own.
    fn desk(&self) -> Desk<'_> {
        self.desk_with(Look::Store(&*self.common.store))
    }

    fn desk_with<'a>(&'a self, look: Look<'a>) -> Desk<'a> {
        Desk {
            look,
            contract: &self.contract,
            tables: &self.common.tables,
            clock: &self.common.clock,
            bounds: &self.common.bounds,
            mirrors: &self.mirrors,
            shared_records: &self.shared_records,
            store: &*self.common.store,
            budget: &self.common.budget,
            cache: &self.common.cache,
        }
    }

    /// Identifies the caller, and reads the call.
    fn read_call(&self, look: Look<'_>, call: SoapCall) -> Next {
        let named = (call.version, call.id);
        match look.caller(&self.common.identify, &call) {
            Ok(caller) => self.read_envelope(look, call, caller),
            Err(Refused::Problem(problem)) => {
                let reply = Reply::bare(call.version);
                Next::answer(self.desk().plain_fault(reply, &problem, call.id))
            }
            Err(Refused::Store(error)) => Next::answer(self.desk().internal(named, &error)),
        }
    }

    /// Reads the envelope, and lets the operation find out what to do.
    fn read_envelope(&self, look: Look<'_>, mut call: SoapCall, caller: Caller) -> Next {
        let desk = self.desk_with(look);
        // The bytes become the text: a message is not held twice.
        let bytes = std::mem::take(&mut call.body).into();
        let text = match xml::decode::decode_owned(bytes, call.charset.as_deref()) {
            Ok(text) => text,
            Err((error, bytes)) => {
                return Next::answer(desk.undecodable(&call, &caller, &error, &bytes));
            }
        };
        let of = |own: &&Definition| own.service == call.service;
        let definition = self.services.iter().find(of);
        let schema = self.contract.schema(call.service.document);
        let (Some(definition), Some(schema)) = (definition, schema) else {
            let named = (call.version, call.id);
            return Next::answer(desk.internal(named, &"a service without definition or schema"));
        };
        let incoming = Incoming {
            service: call.service,
            version: call.version,
            action: call.action.as_deref(),
            idempotency_key: call.idempotency_key.as_deref(),
            text: &text,
        };
        let limits = self.common.bounds.xml;
        match soap::read(incoming, &definition.operations, schema, limits) {
            Ok(request) => {
                let (request, message) = request.exchange(());
                let asked = Asked {
                    call,
                    caller,
                    request,
                    text,
                };
                message.answer(&desk, asked)
            }
            Err(rejected) => Next::answer(desk.rejected(&call, &caller, &rejected, &text)),
        }
    }

    /// Reads what takes long when it is its turn.
    async fn read_in_turn(self: &Arc<Self>, reading: Reading) -> Answer {
        let Reading { about, read } = reading;
        let who = Who::Organisation(Some(about.cvr));
        let Some(turn) = self.common.reads.turn(who).await else {
            return self.desk().busy(about);
        };
        let desk = Arc::clone(self);
        let read = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            read(&desk.desk())
        });
        match read.await {
            Ok(Ok(answer)) => answer,
            Ok(Err(Full)) => {
                self.common.cache.clear();
                self.desk().busy(about)
            }
            Err(error) => self.desk().failed(about, &error),
        }
    }
}
