//! What all desks have in common: the register, who calls, turns for reading, room for answers, and the refusals of documents
//! as `fejlDetalje`. Callers must be registered. Those who read what anybody may have are remembered for a moment, so that a
//! poll each second does not look its caller up each time.

use std::sync::Arc;

use hyper::body::Bytes;
use tokio::sync::watch;
use uuid::Uuid;

use super::admission::Reads;
use super::budget::{Bounds, Budget, Full};
use super::cache::Cache;
use super::refusals::RETRY_AFTER;
use crate::clock::Clock;
use crate::export::parameters::Query;
use crate::identity::{Caller, Identify, PeerChain, Refused};
use crate::kept::Kept;
use crate::metrics::Metrics;
use crate::problem::{Problem, http, intern, register};
use crate::register::{Kodetabeller, Sekvens};
use crate::server::exchange::{Answer, AnswerBody, DocumentCall, Who};
use crate::soap::{self, Failure};
use crate::store::{Position, Store, StoreError};

/// What refusals without SOAP are.
const XML: &str = "application/xml; charset=utf-8";

/// What the desks share.
#[derive(Debug)]
pub(super) struct Common<S> {
    /// The register.
    pub(super) store: Arc<S>,
    /// Where the register stands, and when that changes.
    pub(super) positions: watch::Receiver<Position>,
    /// The code tables.
    pub(super) tables: Arc<Kodetabeller>,
    /// The clock.
    pub(super) clock: Clock,
    /// How much the gateway lets itself be asked for.
    pub(super) bounds: Bounds,
    /// Makes callers of certificates.
    pub(super) identify: Identify,
    /// Callers with a certificate who were known a moment ago, by it.
    pub(super) guests: Kept<Vec<u8>, ()>,
    /// Turns for reads that take long.
    pub(super) reads: Reads,
    /// What the answers of all may take together.
    pub(super) budget: Budget,
    /// Documents that are kept: they go before anybody is refused for want of room.
    pub(super) cache: Cache,
    /// Where figures are told.
    pub(super) metrics: Arc<Metrics>,
}

/// Why something is not given.
#[derive(Debug)]
pub(super) enum NotGiven {
    /// What the caller is told.
    Problem(Box<Problem>),
    Store(StoreError),
    /// It has no room beside other answers, or no turn among what takes long.
    Full,
    /// It would have to wait, and has no place for it.
    NoPlace,
}

impl From<Box<Problem>> for NotGiven {
    fn from(problem: Box<Problem>) -> Self {
        Self::Problem(problem)
    }
}

impl From<StoreError> for NotGiven {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Full> for NotGiven {
    fn from(Full: Full) -> Self {
        Self::Full
    }
}

impl From<Refused> for NotGiven {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Problem(problem) => Self::Problem(problem),
            Refused::Store(error) => Self::Store(error),
        }
    }
}

impl<S: Store> Common<S> {
    /// The bytes of an answer, counted; what is kept of documents goes before anybody is refused for want of room.
    pub(super) fn room_for(&self, bytes: Bytes) -> Result<Bytes, Full> {
        self.budget.room_for(bytes, &self.cache)
    }

    /// Whether a caller may send a message: it is registered, and neither it nor its system is closed.
    ///
    /// # Errors
    /// What it is told.
    pub(super) async fn admitted(self: Arc<Self>, peer: PeerChain) -> Result<(), NotGiven> {
        match self.is_guest(&peer) {
            true => Ok(()),
            // No reader is free, or it is unknown: looked up where there is time for it.
            false => self.judged(peer, |_, _| Ok(())).await,
        }
    }

    /// Finds out who calls and whether that one may go on, on a thread that may block.
    pub(super) async fn judged(
        self: Arc<Self>,
        peer: PeerChain,
        may: impl FnOnce(&Self, &Caller) -> Result<(), NotGiven> + Send + 'static,
    ) -> Result<(), NotGiven> {
        let judged = tokio::task::spawn_blocking(move || {
            let caller = self.identify.caller(&peer, &*self.store)?;
            may(&self, &caller)
        });
        judged.await.unwrap_or(Err(StoreError::Closed.into()))
    }

    /// Whether a caller is known, as far as that can be told without waiting: who is not must be looked up where there is
    /// time for it, and told why.
    pub(super) fn is_guest(&self, peer: &PeerChain) -> bool {
        let Some(leaf) = peer.first() else {
            return false;
        };
        if self.guests.get(leaf, |()| Some(())).is_some() {
            return true;
        }
        let mut known = false;
        let looked = self.store.read_now_boxed(&mut |view| {
            known = self.identify.caller_in(peer, view).is_ok();
            Ok(())
        });
        let known = known && matches!(looked, Some(Ok(())));
        if known {
            self.guests.keep(leaf.clone(), ());
        }
        known
    }

    /// Does what takes long when it is its turn, on a thread that may block.
    pub(super) async fn in_turn<T: Send + 'static>(
        &self,
        who: Who,
        job: impl FnOnce() -> Result<T, NotGiven> + Send + 'static,
    ) -> Result<T, NotGiven> {
        let turn = self.reads.turn(who).await.ok_or(NotGiven::Full)?;
        let done = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            job()
        });
        done.await.unwrap_or(Err(StoreError::Closed.into()))
    }

    /// What names a content together with its address: the line of history, and the last change that it shows.
    pub(super) fn tag(&self, position: Position, sekvens: Sekvens) -> String {
        let epoke = position.epoke.simple().to_string();
        let tables = self.bounds.tables_tag.as_deref().unwrap_or_default();
        format!("{}-{sekvens}{tables}", &epoke[..8])
    }

    /// What a query asks, of a kommune that there is.
    ///
    /// # Errors
    /// What the caller is told.
    pub(super) fn asked(&self, call: &DocumentCall) -> Result<Query, Box<Problem>> {
        call.asked.clone()?.known(&self.tables.kommune)
    }

    /// What is given, or a refusal.
    pub(super) fn answered(&self, given: Result<Answer, NotGiven>, id: Uuid) -> Answer {
        given.unwrap_or_else(|why| {
            let later = matches!(
                why,
                NotGiven::Full | NotGiven::NoPlace | NotGiven::Store(StoreError::Busy)
            );
            let mut answer = self.refused(&told(why, id), id);
            if later {
                let wait = ("retry-after", RETRY_AFTER.to_string());
                answer.headers.push(wait);
            }
            answer
        })
    }

    /// Refuses what is asked for without SOAP.
    pub(super) fn refused(&self, problem: &Problem, id: Uuid) -> Answer {
        let body = soap::document(&Failure::of(problem, id, self.clock.now()));
        let mut answer = Answer::new(problem.entry.fault.document_status(), XML, body);
        answer.trace.kode = Some(problem.entry.kode);
        answer.refused = Some(Box::new(problem.clone()));
        answer
    }
}

/// What a caller is told. When something of ours failed the log says what, and the caller gets the correlation id.
pub(super) fn told(why: NotGiven, id: Uuid) -> Box<Problem> {
    let later = |entry| Box::new(Problem::new(entry).with("sekunder", RETRY_AFTER));
    match why {
        NotGiven::Problem(problem) => problem,
        NotGiven::Full | NotGiven::Store(StoreError::Busy) => later(&http::TRAVLT),
        NotGiven::NoPlace => later(&http::FOR_MANGE_VENTER),
        NotGiven::Store(error) => {
            tracing::error!(korrelationsId = %id, %error, "internal error");
            Box::new(Problem::new(&intern::INTERN).with("id", id))
        }
    }
}

/// An answer with bytes that are there.
pub(super) fn given(
    call: &DocumentCall,
    body: impl Into<AnswerBody>,
    etag: Option<String>,
) -> Answer {
    Answer {
        etag,
        ..Answer::new(200, call.content_type, body)
    }
}

/// What a caller is told whose path is not here; these are.
pub(super) fn no_path(call: &DocumentCall, paths: &str) -> Box<Problem> {
    let problem = Problem::new(&http::UKENDT_STI)
        .with("sti", &call.path)
        .with("stier", paths);
    Box::new(problem)
}

/// What a caller is told of a signature, a seal or a key that this register does not have: what is not configured.
pub(super) fn unsigned(call: &DocumentCall, field: &str) -> Box<Problem> {
    let problem = Problem::new(&register::IKKE_UNDERSKREVET)
        .with("sti", &call.path)
        .with("felt", field);
    Box::new(problem)
}
