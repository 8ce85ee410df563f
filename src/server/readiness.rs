//! Whether the register can be written: asked at most each second, since anyone may ask the server.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Mutex;
use tokio::time::timeout;

use super::exchange::Backend;

/// The register is asked at most so often.
const ASK_AGAIN: Duration = Duration::from_secs(1);

/// The register has so long to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// What the register last said, and when.
#[derive(Debug, Default)]
pub(crate) struct Readiness(Mutex<Option<(Instant, bool)>>);

impl Readiness {
    /// Asks the register, or answers what it said a moment ago. One asks at a time; the others wait for it.
    pub(crate) async fn ask<B: Backend>(&self, backend: &Arc<B>) -> bool {
        let mut last = self.0.lock().await;
        if let Some((at, ready)) = *last
            && at.elapsed() < ASK_AGAIN
        {
            return ready;
        }
        // Who asks is answered, also when the register is not.
        let asked = timeout(PATIENCE, Arc::clone(backend).ready()).await;
        let outcome = asked.unwrap_or_else(|_| Err("no answer from the register".to_owned()));
        if let Err(reason) = &outcome {
            tracing::error!(reason, "register not ready");
        }
        let ready = outcome.is_ok();
        *last = Some((Instant::now(), ready));
        ready
    }
}
