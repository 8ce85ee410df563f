//! A page of changes, and waiting for one: a poll holds neither a thread nor a look at the database meanwhile.

use std::sync::Arc;

use tokio::time::Instant;

use super::memory::MOST;
use super::{FeedDesk, Tagged};
use crate::audit::Hash;
use crate::export::feed::{self, ChainLink, FeedPage};
use crate::export::parameters::Query;
use crate::gateway::common::NotGiven;
use crate::register::Sekvens;
use crate::server::exchange::{self, DocumentCall, Place};
use crate::store::{Position, Store, StoreError};

/// A page on its way: what was looked at for it.
struct Poll<'a> {
    asked: &'a Query,
    privat: bool,
    call: &'a DocumentCall,
    /// The last change looked at.
    after: Sekvens,
    /// The digest before the first change.
    before: Option<Hash>,
    /// The digest with the last.
    with: Option<Hash>,
    found: Vec<Arc<ChainLink>>,
}

impl<S: Store> FeedDesk<S> {
    /// A page. An empty one waits for a change where the caller asks for that.
    pub(super) async fn page(
        &self,
        asked: &Query,
        privat: bool,
        call: &DocumentCall,
    ) -> Result<Tagged, NotGiven> {
        let mut page = Poll {
            asked,
            privat,
            call,
            after: asked.after,
            before: None,
            with: None,
            found: Vec::new(),
        };
        let mut positions = self.common.positions.clone();
        let mut stopping = call.stopping.clone();
        let end = Instant::now() + asked.vent;
        let mut place: Option<Place> = None;
        let mut needed = false;
        loop {
            let known = *positions.borrow_and_update();
            let position = self.look(&mut page, known).await?;
            // Only a caller who has caught up waits; others go on by their next call.
            let behind = page.after < position.sekvens;
            if !page.found.is_empty() || behind || needed || Instant::now() >= end {
                return self.written(page, position).await;
            }
            let place = match &place {
                Some(place) => place,
                None => {
                    let new = call
                        .asking
                        .wait()
                        .map_err(|exchange::Full| NotGiven::NoPlace)?;
                    place.insert(new)
                }
            };
            tokio::select! {
                changed = positions.changed() => if changed.is_err() {
                    return Err(StoreError::Closed.into());
                },
                () = tokio::time::sleep_until(end) => {}
                // Another waits for this place: what there is has to do.
                () = place.is_needed() => needed = true,
                () = stopping.told() => return Err(NotGiven::Full),
            }
        }
    }

    /// Looks at the changes that follow; gives where the register stands.
    async fn look(&self, page: &mut Poll<'_>, known: Position) -> Result<Position, NotGiven> {
        let (asked, who) = (page.asked, page.call.asking.who);
        let position = match asked.after > known.sekvens {
            true => self.position_now(who).await?,
            false => known,
        };
        feed::fits(asked, position)?;
        if page.after >= position.sekvens {
            return Ok(position);
        }
        // Of a kommune's changes it can't be told how many must be looked at.
        let most = asked.kommune.map_or(asked.antal, |_| MOST);
        let stretch = self.stretch(page.after, position, most, who).await?;
        page.before.get_or_insert(stretch.before);
        for link in stretch.links {
            if page.found.len() == asked.antal {
                break;
            }
            page.after = link.sekvens;
            page.with = Some(link.digest);
            if link.concerns(asked.kommune) {
                page.found.push(link);
            }
        }
        Ok(position)
    }

    async fn written(&self, page: Poll<'_>, position: Position) -> Result<Tagged, NotGiven> {
        let digest = match (page.asked.kommune, page.before, page.with) {
            (Some(_), ..) => None,
            (None, Some(before), Some(with)) => Some((before, with)),
            (None, ..) => {
                let who = page.call.asking.who;
                let hash = self.digest_at(page.after, position, who).await?;
                Some((hash, hash))
            }
        };
        let written = FeedPage {
            after: page.asked.after,
            position,
            last_sekvens: page.after,
            digest,
            privat: page.privat,
        };
        let bytes = written.write(page.found.iter().map(Arc::as_ref));
        Ok((self.common.tag(position, page.after), bytes.into()))
    }
}
