//! Admitting callers: they must be registered. Those who read what anybody may have are remembered for a moment, so that a poll
//! each second does not look its caller up each time.

use std::sync::Arc;
use std::time::Duration;

use super::common::{Common, NotGiven};
use crate::identity::{Caller, PeerChain};
use crate::kept::Kept;
use crate::store::{Store, StoreError};

/// How long a caller is remembered, and how many are.
const REMEMBERED: Duration = Duration::from_secs(1);
const MOST: usize = 1024;

/// Callers with a certificate who were known a moment ago, by it.
pub(super) type Guests = Kept<Vec<u8>, ()>;

pub(super) fn guests() -> Guests {
    Kept::new(MOST).lasting(REMEMBERED)
}

impl<S: Store> Common<S> {
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
}
