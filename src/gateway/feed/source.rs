//! Where the feed's changes come from: the tail where they are recent, else the history. The first who asks for more than the
//! tail holds fills it; the others wait for that.

use std::sync::Arc;
use std::time::Duration;

use super::FeedDesk;
use super::memory::{Stretch, Tail};
use crate::audit::Hash;
use crate::export::feed::{self, ChainLink};
use crate::gateway::common::NotGiven;
use crate::register::{Kodetabeller, Sekvens};
use crate::server::exchange::Who;
use crate::store::{self, Position, Read, Store, StoreExt};

/// The tail is filled up from at most so far behind the register.
const BEHIND: u64 = 2000;
/// Changes looked at in one look at the history.
const LOOK: u32 = 1000;

impl<S: Store> FeedDesk<S> {
    /// Where the register stands by the register itself: a caller may have seen what another process wrote before the
    /// writer has noticed it.
    pub(super) async fn position_now(&self, who: Who) -> Result<Position, NotGiven> {
        self.read_in_turn(who, |view, _| view.position()).await
    }

    /// The digest of a change: from memory where it is in the tail.
    pub(super) async fn digest_at(
        &self,
        sekvens: Sekvens,
        position: Position,
        who: Who,
    ) -> Result<Hash, NotGiven> {
        if position.sekvens.0 - sekvens.0 <= BEHIND {
            self.fill(position).await?;
            if let Some(stretch) = self.feed.tail().after(sekvens, 0) {
                return Ok(stretch.before);
            }
        }
        self.read_in_turn(who, move |view, _| view.digest_at(sekvens))
            .await
    }

    /// The changes after one: from the tail if it goes back so far, else from the history, some of them.
    pub(super) async fn stretch(
        &self,
        after: Sekvens,
        position: Position,
        most: usize,
        who: Who,
    ) -> Result<Stretch, NotGiven> {
        if position.sekvens.0 - after.0 <= BEHIND {
            self.fill(position).await?;
            if let Some(stretch) = self.feed.tail().after(after, most) {
                return Ok(stretch);
            }
        }
        let antal = LOOK.min(u32::try_from(most).unwrap_or(LOOK));
        if let Some(known) = self.feed.older(after, antal) {
            return Ok(known);
        }
        let (before, links) = self.read_changes(after, antal, who).await?;
        let stretch = Stretch {
            before,
            links: links.into_iter().map(Arc::new).collect(),
        };
        self.feed.keep_older(after, antal, &stretch);
        Ok(stretch)
    }

    /// Makes the tail reach up to where the register stands.
    async fn fill(&self, position: Position) -> Result<(), NotGiven> {
        let reaches = |tail: &Tail| {
            tail.last_sekvens()
                .is_some_and(|last| last >= position.sekvens)
        };
        if reaches(&self.feed.tail()) {
            return Ok(());
        }
        let _filling = self.feed.filling.lock().await;
        loop {
            let last = {
                let mut tail = self.feed.tail();
                if reaches(&tail) {
                    return Ok(());
                }
                // One that has fallen far behind begins anew: nobody has asked for what lies between.
                if tail
                    .last_sekvens()
                    .is_some_and(|last| position.sekvens.0 - last.0 > BEHIND)
                {
                    *tail = Tail::default();
                }
                tail.last_sekvens()
            };
            let from = last.unwrap_or(Sekvens(position.sekvens.0.saturating_sub(BEHIND)));
            // One at a time reads for all of both listeners, in a line where nobody else is.
            let (before, links) = self
                .read_changes(from, LOOK, Who::Organisation(None))
                .await?;
            // The first filling is of what was there before anybody asked.
            if last.is_some() {
                let now = self.common.clock.now().millis();
                for each in &links {
                    let lag = u64::try_from(now - each.tidspunkt.millis()).unwrap_or(0);
                    let lag = Duration::from_millis(lag).as_secs_f64();
                    self.common.metrics.feed_lag.observe(lag);
                }
            }
            let mut tail = self.feed.tail();
            tail.before.get_or_insert((from, before));
            if links.is_empty() {
                return Ok(());
            }
            tail.append(links);
        }
    }

    async fn read_changes(
        &self,
        after: Sekvens,
        antal: u32,
        who: Who,
    ) -> Result<(Hash, Vec<ChainLink>), NotGiven> {
        self.read_in_turn(who, move |view, tables| {
            feed::read(view, tables, after, antal)
        })
        .await
    }

    /// Reads on a thread that may block, when it is its turn.
    async fn read_in_turn<T: Send + 'static>(
        &self,
        who: Who,
        job: impl FnOnce(&dyn Read, &Kodetabeller) -> store::Result<T> + Send + 'static,
    ) -> Result<T, NotGiven> {
        let common = Arc::clone(&self.common);
        let read = move || Ok(common.store.read(|view| job(view, &common.tables))?);
        self.common.in_turn(who, read).await
    }
}
