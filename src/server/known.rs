//! What is known of a caller with a certificate, for as long as its connection lasts.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::time::Instant;
use uuid::Uuid;

use super::exchange::Backend;
use super::rates::Payer;
use super::tls::{Judged, TlsCell};
use crate::identity::PeerChain;
use crate::problem::Problem;
use crate::sync::lock;

/// So long a caller that was registered is taken for it. The gateway asks again of every message that has come whole.
const REMEMBERED: Duration = Duration::from_secs(1);

/// A caller with a certificate.
#[derive(Debug)]
pub(crate) struct Known {
    /// Its certificates.
    pub(crate) peer: PeerChain,
    /// Whom the connection counts for.
    pub(crate) payer: Payer,
    /// When they were judged.
    pub(crate) judged: Judged,
    /// What judges them.
    pub(crate) tls: Arc<TlsCell>,
    /// When it was last seen to be registered.
    pub(crate) registered: Mutex<Option<Instant>>,
}

impl Known {
    /// Whether it is registered, asked before its message is read: a certificate alone gives no right to our memory.
    ///
    /// # Errors
    /// What it is told.
    pub(crate) async fn admitted<B: Backend>(
        &self,
        backend: &Arc<B>,
        id: Uuid,
    ) -> Result<(), Box<Problem>> {
        let now = Instant::now();
        let last = *lock(&self.registered);
        if last.is_some_and(|at| now.duration_since(at) < REMEMBERED) {
            return Ok(());
        }
        let peer = PeerChain::clone(&self.peer);
        Arc::clone(backend).admit(peer, id).await?;
        *lock(&self.registered) = Some(now);
        Ok(())
    }
}
