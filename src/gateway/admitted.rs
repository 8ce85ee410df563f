//! Admitting callers: they must be registered. Those who read what anybody may have are remembered for a moment, so that a poll
//! each second does not look its caller up each time.

use std::sync::Arc;

use uuid::Uuid;

use super::common::Common;
use crate::identity::PeerChain;
use crate::identity::Refused;
use crate::problem::{Problem, intern};
use crate::store::{Store, StoreError};

impl<S: Store> Common<S> {
    /// Whether a caller may send a message: it is registered, and neither it nor its system is closed.
    ///
    /// # Errors
    /// What it is told.
    pub(super) async fn admitted(
        self: Arc<Self>,
        peer: PeerChain,
        id: Uuid,
    ) -> Result<(), Box<Problem>> {
        if self.is_guest(&peer) {
            return Ok(());
        }
        // No reader is free, or it is unknown: looked up where there is time for it.
        let looked = tokio::task::spawn_blocking(move || {
            let looked = self.identify.caller(&peer, &*self.store);
            match looked {
                Ok(_) => Ok(()),
                Err(Refused::Problem(problem)) => Err(Ok(problem)),
                Err(Refused::Store(error)) => Err(Err(error)),
            }
        });
        let failed = |error: StoreError| {
            tracing::error!(korrelationsId = %id, %error, "internal error");
            Box::new(Problem::new(&intern::INTERN).with("id", id))
        };
        let looked = looked.await.unwrap_or(Err(Err(StoreError::Closed)));
        looked.map_err(|refused| refused.unwrap_or_else(failed))
    }

    /// Whether a caller is known, as far as that can be told without waiting: who is not must be looked up where there is
    /// time for it, and told why.
    pub(super) fn is_guest(&self, peer: &PeerChain) -> bool {
        let Some(leaf) = peer.first() else {
            return false;
        };
        if self.guests.knows(leaf) {
            return true;
        }
        let mut known = false;
        let looked = self.store.read_now_boxed(&mut |view| {
            known = self.identify.caller_in(peer, view).is_ok();
            Ok(())
        });
        let known = known && matches!(looked, Some(Ok(())));
        if known {
            self.guests.remember(leaf);
        }
        known
    }
}
