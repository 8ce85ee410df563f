//! What passes between the gateway and an operation: the call, what the operation may use, and what came of it.

use std::sync::Arc;

use hyper::body::Bytes;
use uuid::Uuid;

use super::budget::{Bounds, Budget, Full};
use super::cache::Cache;
use crate::clock::Clock;
use crate::contract::{Contract, SoapVersion};
use crate::export::SharedRecords;
use crate::identity::Caller;
use crate::import::{self, Answered};
use crate::mirror::MirrorCell;
use crate::register::{Cvr, Kodetabeller, Tidspunkt};
use crate::server::exchange::{Answer, AnswerBody, SoapCall, Trace};
use crate::soap::{self, MessageId, Reply, Request};
use crate::store::{self, Outcome, Read, Store, StoreExt as _, Undo, Write};
use crate::xml::Writer;

/// What came of reading a call: an answer, or what has to be done first.
pub enum Next {
    /// The answer is at hand.
    Answer(Box<Answer>),
    /// A job for the writer.
    Write(Writing),
    /// Something to be read when it is its turn among what takes long.
    Read(Reading),
}

impl Next {
    /// The answer is at hand.
    pub fn answer(answer: Answer) -> Self {
        Self::Answer(Box::new(answer))
    }
}

/// A job for the writer.
pub struct Writing {
    /// The call.
    pub about: About,
    /// Does what needs no transaction, and gives the job.
    pub prepare: Box<dyn FnOnce() -> Job + Send>,
    /// Whether preparing may wait for the disk.
    pub waits: bool,
}

/// Decides and writes, in a transaction of the writer.
pub type Run = Box<dyn FnMut(&mut dyn Write) -> store::Result<Outcome<Answered>> + Send>;

/// What the writer does, and how it is taken back.
pub struct Job {
    /// Decides and writes.
    pub run: Run,
    /// How its writes are taken back.
    pub undo: Undo,
    /// What it works on. The caller lets go of it after the answer, so that the writer need not.
    pub holds: Arc<dyn Send + Sync>,
}

/// Something that takes long to read. A thread that may block does it.
pub struct Reading {
    /// The call.
    pub about: About,
    /// Reads and answers.
    pub read: Box<InTurn>,
}

/// What reads, and answers unless there is no room for the answer.
pub type InTurn = dyn FnOnce(&Desk<'_>) -> Result<Answer, Full> + Send;

/// What is kept of a call to say what became of it.
#[derive(Debug, Clone)]
pub struct About {
    /// The caller's SOAP version.
    pub version: SoapVersion,
    /// Names the call.
    pub id: Uuid,
    /// The caller's `wsa:MessageID`.
    pub message_id: Option<MessageId>,
    /// Who calls.
    pub cvr: Cvr,
    /// What the log says of the call.
    pub trace: Trace,
}

/// A call whose envelope is right.
#[derive(Debug)]
pub struct Asked<M> {
    /// As it came; its bytes became the text.
    pub call: SoapCall,
    /// Who calls.
    pub caller: Caller,
    /// What is asked.
    pub request: Request<M>,
    /// The decoded envelope, which places count in.
    pub text: String,
}

impl<M> Asked<M> {
    /// The same call with a message.
    pub(super) fn with<N>(self, message: N) -> Asked<N> {
        Asked {
            request: self.request.exchange(message).0,
            call: self.call,
            caller: self.caller,
            text: self.text,
        }
    }

    /// What is kept of it.
    pub fn about(&self) -> About {
        About {
            version: self.call.version,
            id: self.call.id,
            message_id: self.request.message_id.clone(),
            cvr: self.caller.organisation().cvr,
            trace: self.trace(None),
        }
    }

    /// What the log says of it, and of the first error of a refusal.
    pub fn trace(&self, kode: Option<&'static str>) -> Trace {
        Trace {
            operation: Some(self.request.operation.name),
            cvr: Some(self.caller.organisation().cvr),
            kode,
            poster: self.request.records,
            fejl: None,
            message_id: self.request.key().map(Into::into),
            written: None,
        }
    }
}

/// Where a call is looked up: in the register, or in a view of it that its thread has already.
#[derive(Clone, Copy)]
pub(super) enum Look<'a> {
    Store(&'a dyn Store),
    At(&'a dyn Read),
}

/// What an operation may use while it answers.
#[derive(Clone, Copy)]
pub struct Desk<'a> {
    pub(super) look: Look<'a>,
    /// WSDLs and compiled schemas.
    pub contract: &'a Contract,
    /// The code tables.
    pub tables: &'a std::sync::Arc<Kodetabeller>,
    /// The clock.
    pub clock: &'a Clock,
    /// How much may be asked for.
    pub bounds: &'a Bounds,
    /// The mirrors of CVR and DAR.
    pub mirrors: &'a MirrorCell,
    /// What was written for others.
    pub shared_records: &'a SharedRecords,
    pub(super) store: &'a dyn Store,
    pub(super) budget: &'a Budget,
    pub(super) cache: &'a Cache,
}

impl<'a> Desk<'a> {
    /// The register; for what takes long, see [`Next::Read`].
    pub fn store(&self) -> &'a dyn Store {
        self.store
    }

    /// Reads in the view that the call is looked at in.
    ///
    /// # Errors
    /// The store's.
    pub fn read<T>(&self, job: impl FnOnce(&dyn Read) -> store::Result<T>) -> store::Result<T> {
        match self.look {
            Look::Store(store) => store.read(job),
            Look::At(view) => job(view),
        }
    }

    /// What time it is.
    pub fn now(&self) -> Tidspunkt {
        self.clock.now()
    }

    /// How the call is answered.
    pub fn reply<'m, M>(&self, asked: &'m Asked<M>) -> Reply<'m> {
        let call = &asked.call;
        import::reply_to(
            call.version,
            call.service,
            &asked.caller,
            &asked.request,
            self.now(),
        )
    }

    /// The envelope with the response wrapper and the result element around what `body` writes.
    pub fn envelope<M>(
        &self,
        asked: &Asked<M>,
        capacity: usize,
        body: impl FnOnce(&mut Writer),
    ) -> Vec<u8> {
        let (operation, service) = (asked.request.operation, asked.call.service);
        let response = format!("{}Response", operation.name);
        let action = format!("{}Response", operation.action(service));
        soap::envelope(self.reply(asked), &action, capacity + 256, None, |w| {
            w.open(&response);
            w.attr("xmlns", service.namespace);
            w.open(operation.result);
            body(w);
            w.close(operation.result);
            w.close(&response);
        })
    }

    /// The answer with an envelope.
    pub fn answer<M>(
        &self,
        asked: &Asked<M>,
        envelope: impl Into<AnswerBody>,
        kode: Option<&'static str>,
    ) -> Answer {
        answer(asked.call.version, 200, envelope, asked.trace(kode))
    }

    /// The bytes of an answer, counted; what is kept of documents goes before anybody is refused for want of room.
    ///
    /// # Errors
    /// The answer does not fit beside those that are alive.
    pub fn room_for(&self, bytes: Bytes) -> Result<Bytes, Full> {
        self.budget.room_for(bytes, self.cache)
    }
}

/// An answer with a SOAP body.
pub(super) fn answer(
    version: SoapVersion,
    status: u16,
    body: impl Into<AnswerBody>,
    trace: Trace,
) -> Answer {
    Answer {
        trace,
        ..Answer::new(status, version.content_type(), body)
    }
}

/// An answer that the import has made.
pub fn answered_with(version: SoapVersion, answered: Answered, trace: Trace) -> Answer {
    let trace = Trace {
        kode: answered.kode,
        fejl: answered.fejl,
        written: answered.written,
        ..trace
    };
    answer(version, answered.status, answered.envelope, trace)
}
