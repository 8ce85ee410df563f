//! The front of the gateway: takes a call to the desk that answers it. Each desk owns what it remembers.

use std::sync::Arc;

use uuid::Uuid;

use super::budget::Bounds;
use super::cache;
use super::common::{self, Common};
use super::documents::DocumentDesk;
use super::feed::FeedDesk;
use super::findings::FindingsDesk;
use super::operation::Definition;
use super::revision::{Publisher, RevisionDesk};
use super::soap::SoapDesk;
use crate::clock::Clock;
use crate::contract::{Contract, SoapVersion};
use crate::identity::{PeerChain, Refused};
use crate::metrics::Metrics;
use crate::mirror::MirrorCell;
use crate::problem::Problem;
use crate::register::Kodetabeller;
use crate::server::exchange::{Answer, Backend, DocumentCall, SoapCall};
use crate::server::routes::{DocumentPart, Item};
use crate::soap::Reply;
use crate::store::{self, Store, StoreError};

/// What a gateway is made of.
#[derive(Debug)]
pub struct Needs<S> {
    /// The register.
    pub store: Arc<S>,
    /// The services that are served, with what they do.
    pub services: Vec<Definition>,
    /// WSDLs and compiled schemas.
    pub contract: Arc<Contract>,
    /// The code tables.
    pub tables: Kodetabeller,
    /// How much it lets itself be asked for.
    pub bounds: Bounds,
    /// The clock.
    pub clock: Clock,
    /// The mirrors of CVR and DAR.
    pub mirrors: Arc<MirrorCell>,
    /// Where it tells its figures.
    pub metrics: Arc<Metrics>,
    /// What documents are published with.
    pub publisher: Publisher,
}

/// Everything behind the HTTP layer.
#[derive(Debug)]
pub struct Gateway<S> {
    common: Arc<Common<S>>,
    soap: Arc<SoapDesk<S>>,
    documents: DocumentDesk<S>,
    feed: Arc<FeedDesk<S>>,
    revision: RevisionDesk<S>,
    findings: FindingsDesk<S>,
}

impl<S: Store> Gateway<S> {
    /// A gateway over a store.
    pub fn new(needs: Needs<S>) -> Self {
        let common = Arc::new(Common::new(
            (needs.store, Arc::new(needs.tables)),
            (needs.bounds, needs.clock, needs.metrics),
        ));
        let publisher = Arc::new(needs.publisher);
        Self {
            soap: Arc::new(SoapDesk::new(
                Arc::clone(&common),
                (needs.services, needs.contract),
                needs.mirrors,
            )),
            documents: DocumentDesk::new(Arc::clone(&common), Arc::clone(&publisher)),
            feed: Arc::new(FeedDesk::new(Arc::clone(&common), Arc::clone(&publisher))),
            revision: RevisionDesk::new(Arc::clone(&common), publisher),
            findings: FindingsDesk::new(Arc::clone(&common)),
            common,
        }
    }

    /// Lets go of answers that were kept for others and that nobody has asked for in a while.
    pub fn forget_unused(&self) {
        self.documents.forget(cache::UNUSED);
        self.soap.forget(cache::UNUSED);
    }

    /// Gives what is asked for; runs on a thread that may block.
    fn give(&self, call: &DocumentCall) -> Answer {
        let mut caller = None;
        if let Some(chain) = &call.peer {
            match self.common.identify.caller(chain, &*self.common.store) {
                Ok(known) => caller = Some(known),
                Err(Refused::Problem(problem)) => return self.common.refused(&problem, call.id),
                Err(Refused::Store(error)) => return self.common.failed(call.id, &error),
            }
        }
        match call.item {
            Item::Document(document, part) => self.documents.give(document, part, call),
            Item::Findings(kommune) => self.findings.give(kommune, caller.as_ref(), call),
            Item::Revision(part) => self.revision.give(part, call),
            Item::Feed(_) | Item::Nothing => {
                self.common.refused(&common::no_path(call, "/"), call.id)
            }
        }
    }
}

impl<S: Store> Backend for Gateway<S> {
    async fn admit(self: Arc<Self>, peer: PeerChain, id: Uuid) -> Result<(), Box<Problem>> {
        Arc::clone(&self.common).admitted(peer, id).await
    }

    async fn soap(self: Arc<Self>, call: SoapCall) -> Answer {
        self.soap.call(call).await
    }

    async fn document(self: Arc<Self>, call: DocumentCall) -> Answer {
        match call.item {
            Item::Feed(part) => return Arc::clone(&self.feed).answer(part, call).await,
            Item::Document(document, DocumentPart::Whole) => {
                if let Some(answer) = self.documents.at_hand(document, &call) {
                    return answer;
                }
            }
            _ => {}
        }
        let (common, id) = (Arc::clone(&self.common), call.id);
        // Who is not known here takes no turn.
        if let Some(peer) = &call.peer
            && let Err(problem) = Arc::clone(&common).admitted(Arc::clone(peer), id).await
        {
            return common.refused(&problem, id);
        }
        let Some(turn) = common.reads.turn(call.asking.who).await else {
            return common.busy(id);
        };
        let answer = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            self.give(&call)
        });
        answer
            .await
            .unwrap_or_else(|_| common.failed(id, &StoreError::Closed))
    }

    fn refuse(&self, version: Option<SoapVersion>, problem: Problem, id: Uuid) -> Answer {
        match version {
            Some(version) => self
                .soap
                .desk()
                .plain_fault(Reply::bare(version), &problem, id),
            None => self.common.refused(&problem, id),
        }
    }

    async fn ready(self: Arc<Self>) -> Result<(), String> {
        let answer = match self.common.store.check() {
            Ok(receiver) => store::answer(receiver.await),
            Err(error) => Err(error),
        };
        answer.map_err(|error| error.to_string())
    }
}
