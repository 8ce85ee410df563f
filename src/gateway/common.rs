//! What all desks have in common: the register, who calls, turns for reading, room for answers, and the refusals of documents
//! as `fejlDetalje`.

use std::sync::Arc;

use hyper::body::Bytes;
use tokio::sync::watch;
use uuid::Uuid;

use super::admission::Reads;
use super::budget::{Bounds, Budget, Full};
use super::cache::Cache;
use super::guests::Guests;
use super::refusals::{RETRY_AFTER, Shown};
use crate::clock::Clock;
use crate::export::parameters::Query;
use crate::identity::Identify;
use crate::metrics::Metrics;
use crate::problem::{Problem, http, intern, register};
use crate::register::{Kodetabeller, Sekvens};
use crate::server::exchange::{Answer, AnswerBody, DocumentCall, Trace};
use crate::soap;
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
    /// Callers known a moment ago.
    pub(super) guests: Guests,
    /// Turns for reads that take long.
    pub(super) reads: Reads,
    /// What the answers of all may take together.
    pub(super) budget: Budget,
    /// Documents that are kept: they go before anybody is refused for want of room.
    pub(super) cache: Cache,
    /// Where figures are told.
    pub(super) metrics: Arc<Metrics>,
}

impl<S: Store> Common<S> {
    pub(super) fn new(
        (store, tables): (Arc<S>, Arc<Kodetabeller>),
        (bounds, clock, metrics): (Bounds, Clock, Arc<Metrics>),
    ) -> Self {
        Self {
            positions: store.positions(),
            store,
            tables,
            clock,
            identify: Identify::default(),
            guests: Guests::default(),
            reads: Reads::new(bounds.readers.saturating_sub(1)),
            budget: Budget::new(bounds.answer_bytes),
            cache: Cache::new(bounds.answer_bytes / 2),
            metrics,
            bounds,
        }
    }

    /// The bytes of an answer, counted; what is kept of documents goes before anybody is refused for want of room.
    pub(super) fn room_for(&self, bytes: Bytes) -> Result<Bytes, Full> {
        self.budget.room_for(bytes, || self.cache.clear())
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

    /// Tells a caller to come again.
    pub(super) fn busy(&self, id: Uuid) -> Answer {
        let problem = Problem::new(&http::TRAVLT).with("sekunder", RETRY_AFTER);
        self.come_again(&problem, id)
    }

    /// Refuses for now.
    pub(super) fn come_again(&self, problem: &Problem, id: Uuid) -> Answer {
        let mut answer = self.refused(problem, id);
        answer
            .headers
            .push(("retry-after", RETRY_AFTER.to_string()));
        answer
    }

    /// Something of ours failed: the log says what, the caller gets the correlation id.
    pub(super) fn failed(&self, id: Uuid, error: &StoreError) -> Answer {
        tracing::error!(korrelationsId = %id, %error, "internal error");
        self.refused(&Problem::new(&intern::INTERN).with("id", id), id)
    }

    /// Refuses what is asked for without SOAP.
    pub(super) fn refused(&self, problem: &Problem, id: Uuid) -> Answer {
        let failure = Shown::only(problem).failure(id, self.clock.now());
        Answer {
            status: problem.entry.fault.document_status(),
            content_type: XML,
            body: soap::document(&failure).into(),
            etag: None,
            headers: Vec::new(),
            trace: Trace {
                kode: Some(problem.entry.kode),
                ..Trace::default()
            },
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
        status: 200,
        content_type: call.content_type,
        body: body.into(),
        etag,
        headers: Vec::new(),
        trace: Trace::default(),
    }
}

/// What a caller is told whose path is not here; these are.
pub(super) fn no_path(call: &DocumentCall, paths: &str) -> Problem {
    Problem::new(&http::UKENDT_STI)
        .with("sti", &call.path)
        .with("stier", paths)
}

/// What a caller is told of a signature, a seal or a key that this register does not have: what is not configured.
pub(super) fn unsigned(call: &DocumentCall, field: &str) -> Box<Problem> {
    let problem = Problem::new(&register::IKKE_UNDERSKREVET)
        .with("sti", &call.path)
        .with("felt", field);
    Box::new(problem)
}
