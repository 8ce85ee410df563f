//! The desk for SOAP: takes a call from one station to the next. What an operation does is given to it (`operation`), and an
//! operation is given what it may use (`desk`).

use std::sync::Arc;
use std::time::Duration;

use super::budget::Full;
use super::common::Common;
use super::desk::{Asked, Desk, Job, Look, Next, Reading, Writing, answered_with};
use super::judge::Judge;
use super::operation::Definition;
use crate::contract::Contract;
use crate::export::SharedRecords;
use crate::identity::{Caller, Refused};
use crate::mirror::MirrorCell;
use crate::server::exchange::{Answer, SoapCall, Who};
use crate::soap::{self, Incoming, Reply};
use crate::store::{self, Store, StoreExt};
use crate::xml;

/// A message up to this size, in bytes, is read at once: judging it takes some tens of microseconds, and handing it to
/// another thread and back takes as long.
const SMALL: usize = 8 << 10;

/// Where calls of SOAP are answered.
#[derive(Debug)]
pub(super) struct SoapDesk<S> {
    pub(super) common: Arc<Common<S>>,
    services: Vec<Definition>,
    /// WSDLs and compiled schemas.
    contract: Arc<Contract>,
    mirrors: Arc<MirrorCell>,
    shared_records: SharedRecords,
}

impl<S: Store> SoapDesk<S> {
    pub(super) fn new(
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
    pub(super) fn forget(&self, unused: Duration) {
        self.shared_records.forget(unused);
    }

    /// What a message is judged by without the register.
    pub(super) fn judge(&self) -> Judge<'_> {
        Judge {
            services: &self.services,
            contract: &self.contract,
            tables: &self.common.tables,
            limits: self.common.bounds.xml,
            largest: self.common.bounds.message_bytes,
        }
    }

    /// Answers a call.
    pub(super) async fn call(self: &Arc<Self>, call: SoapCall) -> Answer {
        let named = (call.version, call.id);
        match self.next(call).await {
            Ok(Next::Answer(answer)) => *answer,
            Ok(Next::Write(writing)) => self.write(writing).await,
            Ok(Next::Read(reading)) => self.read_in_turn(reading).await,
            Err(error) => self.desk().internal(named, &error),
        }
    }

    /// What an operation may use, and reads in views of its own.
    pub(super) fn desk(&self) -> Desk<'_> {
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

    /// Reads a call, and finds out what to do: a small one at once, in one view of the register, by the thread that it came to; a
    /// large one by a thread that may block.
    async fn next(self: &Arc<Self>, call: SoapCall) -> std::result::Result<Next, String> {
        let small = call.body.len() <= SMALL;
        let (mut call, mut next) = (Some(call), None);
        if small {
            // When all readers are at work they are not waited for here.
            let _ = self.common.store.read_now_boxed(&mut |view| {
                let look = Look::At(view);
                next = call.take().map(|call| self.read_call(look, call));
                Ok(())
            });
        }
        match (next, call) {
            (Some(next), _) => Ok(next),
            (None, Some(call)) => {
                let desk = Arc::clone(self);
                let read = move || desk.read_call(Look::Store(&*desk.common.store), call);
                tokio::task::spawn_blocking(read)
                    .await
                    .map_err(|error| error.to_string())
            }
            (None, None) => Err("a call was lost".to_owned()),
        }
    }

    /// Identifies the caller, and reads the call.
    fn read_call(&self, look: Look<'_>, call: SoapCall) -> Next {
        let named = (call.version, call.id);
        let identify = &self.common.identify;
        let caller = match look {
            Look::Store(store) => identify.caller(&call.peer, store),
            Look::At(view) => identify.caller_in(&call.peer, view),
        };
        match caller {
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
                self.common.cache.kept.clear();
                self.desk().busy(about)
            }
            Err(error) => self.desk().failed(about, &error),
        }
    }

    /// Hands a write to the writer and waits for its answer.
    pub(super) async fn write(&self, writing: Writing) -> Answer {
        let Writing {
            about,
            prepare,
            waits,
        } = writing;
        let Job { run, undo, holds } = if waits {
            match tokio::task::spawn_blocking(prepare).await {
                Ok(job) => job,
                Err(error) => return self.desk().failed(about, &error),
            }
        } else {
            prepare()
        };
        let records = u32::try_from(about.trace.poster).unwrap_or(u32::MAX);
        let queued = self
            .common
            .store
            .write_for(Some(about.cvr), records, undo, run);
        let answered = match queued {
            Ok(receiver) => store::answer(receiver.await),
            Err(error) => Err(error),
        };
        drop(holds);
        match answered {
            Ok(answered) => answered_with(about.version, answered, about.trace),
            Err(error) => self.desk().not_written(about, &error),
        }
    }
}
