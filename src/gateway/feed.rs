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

use super::common::{self, Common, NotGiven};
use super::revision::{Publisher, fingeraftryk};
use crate::agreements;
use crate::export;
use crate::export::feed;
use crate::identity::Caller;
use crate::problem::{Problem, http};
use crate::register::Sekvens;
use crate::server::exchange::{Answer, DocumentCall, Who};
use crate::server::routes::{self, FeedPart};
use crate::store::{Read, Store, StoreError, StoreExt};

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

impl<S: Store> FeedDesk<S> {
    pub(super) fn new(common: Arc<Common<S>>, publisher: Arc<Publisher>) -> Self {
        Self {
            common,
            publisher,
            feed: Feed::new(),
        }
    }

    /// What is asked of the feed.
    pub(super) async fn give(
        &self,
        part: FeedPart,
        call: &DocumentCall,
    ) -> Result<Answer, NotGiven> {
        let privat = part == FeedPart::PrivateChanges;
        if let Some(peer) = &call.peer {
            let (common, peer) = (Arc::clone(&self.common), Arc::clone(peer));
            match privat {
                true => common.judged(peer, may_follow).await?,
                false => common.admitted(peer).await?,
            }
        }
        if part == FeedPart::Nothing {
            return Err(common::no_path(call, &routes::told("feed")).into());
        }
        let asked = self.common.asked(call)?;
        let (etag, bytes) = match part {
            FeedPart::Atom => self.atom(call.asking.who).await?,
            FeedPart::Head => self.head(call.asking.who).await?,
            _ => self.page(&asked, privat, call).await?,
        };
        let held = self.common.room_for(bytes)?;
        Ok(common::given(call, held, Some(etag)))
    }

    async fn atom(&self, who: Who) -> Result<Tagged, NotGiven> {
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
    async fn head(&self, who: Who) -> Result<Tagged, NotGiven> {
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
            let failed = |error: rustls::Error| StoreError::Failed(error.to_string());
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

/// Who reads all of who made changes must have a right to it.
fn may_follow<S: Store>(common: &Common<S>, caller: &Caller) -> Result<(), NotGiven> {
    let today = agreements::today(common.clock.now())?;
    let read = |view: &dyn Read| export::may_follow(view, caller, today);
    match common.store.read(read)? {
        true => Ok(()),
        false => Err(Box::new(Problem::new(&http::FEED_AFTALE)).into()),
    }
}
