//! The front of the gateway: takes a call to the desk that answers it. Each desk owns what it remembers.

use std::sync::Arc;
use std::time::Duration;

use uuid::Uuid;

use super::admission::Reads;
use super::agreements::AgreementDesk;
use super::budget::{Bounds, Budget};
use super::cache::{self, Cache};
use super::common::{self, Common, NotGiven};
use super::documents::DocumentDesk;
use super::feed::FeedDesk;
use super::login::LoginDesk;
use super::operation::Definition;
use super::personal::PersonalDesk;
use super::revision::{Publisher, RevisionDesk};
use super::site::SiteDesk;
use super::soap::SoapDesk;
use crate::calls::Calls;
use crate::clock::Clock;
use crate::contract::{Contract, SoapVersion};
use crate::identity::{Identify, PeerChain};
use crate::kept::Kept;
use crate::metrics::Metrics;
use crate::mirror::MirrorCell;
use crate::person::SignIn;
use crate::problem::Problem;
use crate::register::Kodetabeller;
use crate::search::Search;
use crate::server::exchange::{Answer, Backend, DocumentCall, SoapCall};
use crate::server::routes::{AgreementPart, DocumentPart, Item};
use crate::site::{Page, Site};
use crate::soap::Reply;
use crate::status::Gathering;
use crate::store::{self, Store};

/// How long a caller of what anybody may have is remembered, and how many are.
const REMEMBERED: Duration = Duration::from_secs(1);
const GUESTS: usize = 1024;

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
    /// The pages for persons.
    pub site: Arc<Site>,
    /// The search that they offer.
    pub search: Arc<Search>,
    /// The call log, where one is kept.
    pub calls: Option<Arc<Calls>>,
    /// How persons sign in, if they can.
    pub signin: Option<Arc<SignIn>>,
    /// Where the register stands, for the operator.
    pub status: Gathering,
}

/// Everything behind the HTTP layer.
#[derive(Debug)]
pub struct Gateway<S> {
    common: Arc<Common<S>>,
    soap: Arc<SoapDesk<S>>,
    documents: DocumentDesk<S>,
    feed: FeedDesk<S>,
    revision: RevisionDesk<S>,
    site: SiteDesk<S>,
    login: LoginDesk<S>,
    personal: Arc<PersonalDesk<S>>,
    agreements: AgreementDesk<S>,
}

impl<S: Store> Gateway<S> {
    /// A gateway over a store.
    pub fn new(needs: Needs<S>) -> Self {
        let bounds = needs.bounds;
        let common = Arc::new(Common {
            positions: needs.store.positions(),
            store: needs.store,
            tables: Arc::new(needs.tables),
            clock: needs.clock,
            identify: Identify::default(),
            guests: Kept::new(GUESTS).lasting(REMEMBERED),
            reads: Reads::new(bounds.readers.saturating_sub(1)),
            budget: Budget::new(bounds.answer_bytes),
            cache: Cache::new(bounds.answer_bytes / 2),
            metrics: needs.metrics,
            bounds,
        });
        let publisher = Arc::new(needs.publisher);
        let contract = Arc::clone(&needs.contract);
        let soap = Arc::new(SoapDesk::new(
            Arc::clone(&common),
            (needs.services, needs.contract),
            Arc::clone(&needs.mirrors),
        ));
        Self {
            documents: DocumentDesk::new(Arc::clone(&common), Arc::clone(&publisher)),
            feed: FeedDesk::new(Arc::clone(&common), Arc::clone(&publisher)),
            revision: RevisionDesk::new(Arc::clone(&common), publisher),
            personal: Arc::new(PersonalDesk::new(
                Arc::clone(&common),
                Arc::clone(&needs.site),
                Arc::clone(&needs.search),
                needs.calls,
                needs.status,
                (Arc::clone(&needs.mirrors), contract),
            )),
            login: LoginDesk::new(Arc::clone(&common), Arc::clone(&needs.site), needs.signin),
            site: SiteDesk::new(
                Arc::clone(&common),
                Arc::clone(&soap),
                (needs.site, needs.search),
            ),
            agreements: AgreementDesk::new(Arc::clone(&common), needs.mirrors),
            soap,
            common,
        }
    }

    /// Lets go of answers that were kept for others and that nobody has asked for in a while.
    pub fn forget_unused(&self) {
        self.documents.forget(cache::UNUSED);
        self.soap.forget(cache::UNUSED);
    }

    /// Gives what is asked for; runs on a thread that may block.
    fn give(&self, call: &DocumentCall) -> Result<Answer, NotGiven> {
        let identify = &self.common.identify;
        let caller = call.peer.as_ref();
        let caller = caller.map(|chain| identify.caller(chain, &*self.common.store));
        let caller = caller.transpose()?;
        match call.item {
            Item::Document(document, part) => self.documents.give(document, part, call),
            Item::Findings(kommune) => self.common.findings(kommune, caller.as_ref(), call),
            Item::Revision(part) => self.revision.give(part, call),
            Item::Page(place) => self.site.give(place, call),
            Item::Handover => self.login.hand_over(call, caller.as_ref()),
            Item::Agreements(part) => self.agreements.look(part, call),
            Item::Notices(secret) => self.common.notices(secret, call),
            Item::Feed(_) | Item::Nothing => Err(common::no_path(call, "/").into()),
        }
    }

    async fn given(self: Arc<Self>, call: DocumentCall) -> Result<Answer, NotGiven> {
        match call.item {
            Item::Feed(part) => return self.feed.give(part, &call).await,
            Item::Agreements(AgreementPart::Description) => {
                return Ok(AgreementDesk::<S>::description(&call));
            }
            Item::Agreements(part) if call.sent.is_some() => {
                return self.agreements.post(part, call).await;
            }
            Item::Document(document, DocumentPart::Whole) => {
                if let Some(answer) = self.documents.at_hand(document, &call) {
                    return Ok(answer);
                }
            }
            Item::Page(place) => {
                if let Page::Personal(personal) = place.page {
                    let desk = Arc::clone(&self.personal);
                    return desk.give(&self.login, (personal, place), &call).await;
                }
                if let Page::Mine(mine) = place.page {
                    return self.login.give(mine, place, &call).await;
                }
                if let Some(answer) = self.site.at_hand(place, &call) {
                    return Ok(answer);
                }
            }
            _ => {}
        }
        let common = Arc::clone(&self.common);
        // Who is not known here takes no turn.
        if let Some(peer) = &call.peer {
            Arc::clone(&common).admitted(Arc::clone(peer)).await?;
        }
        let who = call.asking.who;
        common.in_turn(who, move || self.give(&call)).await
    }
}

impl<S: Store> Backend for Gateway<S> {
    async fn admit(self: Arc<Self>, peer: PeerChain, id: Uuid) -> Result<(), Box<Problem>> {
        let admitted = Arc::clone(&self.common).admitted(peer).await;
        admitted.map_err(|why| common::told(why, id))
    }

    async fn soap(self: Arc<Self>, call: SoapCall) -> Answer {
        self.soap.call(call).await
    }

    async fn document(self: Arc<Self>, call: DocumentCall) -> Answer {
        let (common, id) = (Arc::clone(&self.common), call.id);
        common.answered(self.given(call).await, id)
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

    fn refusal_page(&self, answer: Answer, path: &str, id: Uuid) -> Answer {
        self.site.refusal(answer, path, id)
    }

    fn refusal_json(&self, answer: Answer, id: Uuid) -> Answer {
        self.agreements.in_json(answer, id)
    }

    async fn ready(self: Arc<Self>) -> Result<(), String> {
        let answer = match self.common.store.check() {
            Ok(receiver) => store::answer(receiver.await),
            Err(error) => Err(error),
        };
        answer.map_err(|error| error.to_string())
    }
}
