//! Whether the server lives, and whether it can serve. What fails is named; why is told to the log alone.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Serialize;
use tokio::sync::Mutex;

use super::exchange::Backend;
use super::handle::Shared;
use super::respond::Reply;

const JSON: &str = "application/json";

/// The register is asked at most so often, since anyone may ask the server.
const ASK_AGAIN: Duration = Duration::from_secs(1);

/// What the register last said, and when.
#[derive(Debug, Default)]
pub(crate) struct Readiness(Mutex<Option<(Instant, bool)>>);

/// The checks as they are shown.
#[derive(Debug, Serialize)]
struct Checks {
    /// The register can be written.
    register: bool,
    /// The listeners' own certificates have not expired.
    certifikat: bool,
    /// The server is not being told to stop.
    modtager: bool,
}

#[derive(Debug, Serialize)]
struct Report {
    klar: bool,
    checks: Checks,
}

/// The process lives.
pub(crate) fn alive() -> Reply {
    Reply::own(200, JSON, "{\"status\":\"ok\"}")
}

/// Each check, and 503 unless all hold.
pub(crate) async fn ready<B: Backend>(shared: &Shared<B>) -> Reply {
    let now = shared.clock.now();
    let checks = Checks {
        register: register(shared).await,
        certifikat: shared
            .certificates
            .iter()
            .all(|(_, tls)| tls.not_after() > now),
        modtager: !shared.stopping.is_stopping(),
    };
    let klar = checks.register && checks.certifikat && checks.modtager;
    let status = if klar { 200 } else { 503 };
    // Three booleans always serialise.
    let body = serde_json::to_vec(&Report { klar, checks }).unwrap_or_default();
    Reply::own(status, JSON, body)
}

/// Asks the register, or answers what it said a moment ago. One asks at a time; the others wait for it.
async fn register<B: Backend>(shared: &Shared<B>) -> bool {
    let mut last = shared.readiness.0.lock().await;
    if let Some((at, ready)) = *last
        && at.elapsed() < ASK_AGAIN
    {
        return ready;
    }
    let outcome = Arc::clone(&shared.backend).ready().await;
    if let Err(reason) = &outcome {
        tracing::error!(reason, "register not ready");
    }
    let ready = outcome.is_ok();
    *last = Some((Instant::now(), ready));
    ready
}
