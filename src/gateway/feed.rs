//! The desk of the change feed: pages from memory where the changes are recent, long polls that wait without a thread or a look
//! at the database, everything older from the history; the Atom feed, and the head.

mod memory;
mod page;
mod source;

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::body::Bytes;
use serde_json::json;

use super::budget::Full;
use super::common::{self, Common};
use super::refusals::RETRY_AFTER;
use super::revision::{Publisher, fingeraftryk};
use crate::agreements;
use crate::export;
use crate::export::feed;
use crate::identity::{Caller, PeerChain, Refused};
use crate::problem::{Problem, http};
use crate::register::Sekvens;
use crate::server::exchange::{Answer, DocumentCall, Who};
use crate::server::routes::{self, FeedPart};
use crate::store::{Store, StoreError, StoreExt};

use memory::{Feed, MOST};

/// An ETag and the bytes that it names.
type Tagged = (String, Bytes);

/// Where the feed is given.
#[derive(Debug)]
pub(super) struct FeedDesk<S> {
    common: Arc<Common<S>>,
    publisher: Arc<Publisher>,
    feed: Feed,
}

/// Why there is no page.
enum NotGiven {
    Problem(Box<Problem>),
    Store(StoreError),
    Full,
    /// It would have to wait, and has no place for it.
    NoPlace,
}

impl<S: Store> FeedDesk<S> {
    pub(super) fn new(common: Arc<Common<S>>, publisher: Arc<Publisher>) -> Self {
        Self {
            common,
            publisher,
            feed: Feed::new(),
        }
    }

    /// Answers what is asked of the feed.
    pub(super) async fn answer(self: Arc<Self>, part: FeedPart, call: DocumentCall) -> Answer {
        let id = call.id;
        match self.given(part, &call).await {
            Ok(answer) => answer,
            Err(NotGiven::Problem(problem)) => self.common.refused(&problem, id),
            Err(NotGiven::Store(error)) => self.common.failed(id, &error),
            Err(NotGiven::Full) => self.common.busy(id),
            Err(NotGiven::NoPlace) => {
                let problem = Problem::new(&http::FOR_MANGE_VENTER).with("sekunder", RETRY_AFTER);
                self.common.come_again(&problem, id)
            }
        }
    }

    async fn given(
        self: &Arc<Self>,
        part: FeedPart,
        call: &DocumentCall,
    ) -> Result<Answer, NotGiven> {
        let privat = part == FeedPart::PrivateChanges;
        if let Some(peer) = &call.peer
            && (privat || !self.common.is_guest(peer))
        {
            Arc::clone(self).admit(Arc::clone(peer), privat).await?;
        }
        if part == FeedPart::Nothing {
            let problem = common::no_path(call, &routes::told("feed"));
            return Err(NotGiven::Problem(Box::new(problem)));
        }
        let asked = self.common.asked(call).map_err(NotGiven::Problem)?;
        let (etag, bytes) = match part {
            FeedPart::Atom => self.atom(call.asking.who).await?,
            FeedPart::Head => self.head(call.asking.who).await?,
            _ => self.page(&asked, privat, call).await?,
        };
        let held = self.common.room_for(bytes).map_err(|Full| NotGiven::Full)?;
        Ok(common::given(call, held, Some(etag)))
    }

    /// Who calls with a certificate must be known here, and for the private feed have a right to it.
    async fn admit(self: Arc<Self>, peer: PeerChain, privat: bool) -> Result<(), NotGiven> {
        let admitted = tokio::task::spawn_blocking(move || {
            let caller = match self.common.identify.caller(&peer, &*self.common.store) {
                Ok(caller) => caller,
                Err(Refused::Problem(problem)) => return Err(NotGiven::Problem(problem)),
                Err(Refused::Store(error)) => return Err(NotGiven::Store(error)),
            };
            if privat && !self.may_follow(&caller).map_err(NotGiven::Store)? {
                let problem = Problem::new(&http::FEED_AFTALE);
                return Err(NotGiven::Problem(Box::new(problem)));
            }
            Ok(())
        });
        admitted
            .await
            .unwrap_or(Err(NotGiven::Store(StoreError::Closed)))
    }

    /// Whether a caller may read all of who made changes.
    fn may_follow(&self, caller: &Caller) -> Result<bool, StoreError> {
        let today = agreements::today(self.common.clock.now())?;
        self.common
            .store
            .read(|view| export::may_follow(view, caller, today))
    }

    async fn atom(self: &Arc<Self>, who: Who) -> Result<Tagged, NotGiven> {
        let position = *self.common.positions.borrow();
        let first = Sekvens(position.sekvens.0.saturating_sub(feed::ATOM));
        let links = if position.sekvens.0 == 0 {
            Vec::new()
        } else {
            let stretch = self.stretch(first, position, MOST, who).await?;
            stretch.links
        };
        let shown = links.iter().filter(|link| link.sekvens <= position.sekvens);
        let newest: Vec<_> = shown.map(Arc::as_ref).collect();
        let bytes = feed::atom(&self.publisher.url, position, newest.into_iter().rev());
        Ok((self.common.tag(position, position.sekvens), bytes.into()))
    }

    /// Where the feed stands, signed where there is a key: what a consumer compares its own chain with.
    async fn head(self: &Arc<Self>, who: Who) -> Result<Tagged, NotGiven> {
        let position = *self.common.positions.borrow();
        if let Some(known) = self.feed.head_at(position) {
            return Ok(known);
        }
        let digest = self.digest_at(position.sekvens, position, who).await?;
        let line = feed::head_line(&position.epoke.to_string(), position.sekvens.0, &digest);
        let mut head = json!({
            "algoritme": "sha256-kaede-v1",
            "epoke": position.epoke.to_string(),
            "sekvens": position.sekvens.0,
            "tidspunkt": position.tidspunkt.map(|at| at.to_string()),
            "kaede": digest.to_string(),
        });
        if let Some(signer) = &self.publisher.signer {
            head["signatur"] = json!(signer.sign(&line));
            head["noegle"] = json!(format!("{}/noegle.pem", self.publisher.url));
        }
        let mut etag = self.common.tag(position, position.sekvens);
        if let Some(seal) = &self.publisher.seal {
            let failed =
                |error: rustls::Error| NotGiven::Store(StoreError::Failed(error.to_string()));
            let seal = STANDARD.encode(seal.af(line.as_bytes()).map_err(failed)?);
            // Some algorithms make another seal in another process.
            etag = format!("{etag}-{}", fingeraftryk(seal.as_bytes()));
            head["segl"] = json!(seal);
        }
        let bytes = Bytes::from(format!("{head:#}\n"));
        self.feed.keep_head(position, etag.clone(), bytes.clone());
        Ok((etag, bytes))
    }
}
