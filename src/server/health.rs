//! Whether the server lives, and whether it can serve. What fails is named; why is told to the log alone.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Serialize;
use serde_json::json;
use time::OffsetDateTime;
use tokio::sync::Mutex;
use tokio::time::timeout;

use super::exchange::Backend;
use super::handle::Shared;
use super::respond::Reply;
use crate::clock::Clock;
use crate::identity::revocation::{self, RevocationList, Tilstand};
use crate::mirror::MirrorKind;

const JSON: &str = "application/json";

/// The register is asked at most so often, since anyone may ask the server.
const ASK_AGAIN: Duration = Duration::from_secs(1);

/// The register has so long to answer.
const PATIENCE: Duration = Duration::from_secs(5);

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
    /// The machine's clock is believed.
    ur: bool,
    /// Every revocation list that counts is believed.
    spaerrelister: bool,
    /// The files of TLS are looked at: a renewal that hangs would leave old lists in use.
    fornyelse: bool,
    /// The server is not being told to stop.
    modtager: bool,
}

#[derive(Debug, Serialize)]
struct Report {
    klar: bool,
    checks: Checks,
    /// The mirrors that are loaded; for information, since the register works without.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[serde(rename = "spejle")]
    mirrors: BTreeMap<&'static str, serde_json::Value>,
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
        ur: shared.clock.distrust().is_none(),
        spaerrelister: lists(shared).all(|(_, state)| state != Tilstand::Udloebet),
        fornyelse: shared
            .certificates
            .iter()
            .all(|(_, tls)| !tls.renewal_hangs()),
        modtager: !shared.stopping.is_stopping(),
    };
    let klar = checks.register
        && checks.ur
        && checks.certifikat
        && checks.spaerrelister
        && checks.fornyelse
        && checks.modtager;
    let status = if klar { 200 } else { 503 };
    let report = Report {
        klar,
        checks,
        mirrors: mirrors(shared),
    };
    // Booleans, numbers and plain texts always serialise.
    let body = serde_json::to_vec(&report).unwrap_or_default();
    Reply::own(status, JSON, body)
}

/// When each loaded mirror was loaded, and its rows.
fn mirrors<B>(shared: &Shared<B>) -> BTreeMap<&'static str, serde_json::Value> {
    let now = shared.mirrors.now();
    let told = |slags: MirrorKind| {
        let stand = now.state(slags)?;
        let about = json!({ "indlaest": stand.loaded.to_string(), "raekker": stand.rows });
        Some((slags.as_str(), about))
    };
    MirrorKind::ALL.into_iter().filter_map(told).collect()
}

/// The revocation lists that count, of all listeners, each with whether it is believed now.
pub(crate) fn lists<B>(shared: &Shared<B>) -> impl Iterator<Item = (RevocationList, Tilstand)> {
    // TLS goes by the machine's clock, as rustls does.
    let now = Clock::System.now().millis().div_euclid(1000);
    let now = OffsetDateTime::from_unix_timestamp(now).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let held: Vec<_> = shared
        .certificates
        .iter()
        .map(|(_, tls)| tls.held())
        .collect();
    held.into_iter().flat_map(move |held| {
        let told = |list: &RevocationList| (list.clone(), list.tilstand(now, held.staleness));
        let counting = revocation::current(&held.lists, now);
        counting.into_iter().map(told).collect::<Vec<_>>()
    })
}

/// What TLS has refused and how its renewal went, for the admin listener: certificates by CVR number and fingerprint.
pub(crate) fn tls<B>(shared: &Shared<B>) -> Reply {
    let lists: Vec<_> = lists(shared)
        .map(|(list, state)| {
            json!({
                "udsteder": list.udsteder,
                "tilstand": state.as_str(),
                "thisUpdate": list.alder.this_update.unix_timestamp(),
                "nextUpdate": list.next_update.unix_timestamp(),
            })
        })
        .collect();
    let back: Vec<_> = shared
        .certificates
        .iter()
        .flat_map(|(_, tls)| tls.gone_back())
        .map(|one| {
            json!({
                "udsteder": one.udsteder,
                "thisUpdate": one.now.unix_timestamp(),
                "nyesteSet": one.newest.unix_timestamp(),
            })
        })
        .collect();
    let refused: Vec<_> = shared
        .refusals
        .latest()
        .into_iter()
        .map(|refusal| {
            json!({
                "tid": refusal.at,
                "kontrol": refusal.check.as_str(),
                "cvr": refusal.whose.cvr.map(|cvr| cvr.to_string()),
                "sha256": refusal.whose.fingerprint.to_string(),
            })
        })
        .collect();
    let failed: Vec<_> = shared
        .certificates
        .iter()
        .filter_map(|(listener, tls)| {
            let why = tls.held().failed?;
            Some(json!({ "lytter": listener.as_str(), "fejl": why }))
        })
        .collect();
    let fetched: Vec<_> = shared
        .certificates
        .iter()
        .flat_map(|(_, tls)| tls.held().fetched)
        .map(|one| json!({ "url": one.url, "tid": one.tid.to_string(), "fejl": one.fejl }))
        .collect();
    let renewed = shared
        .certificates
        .iter()
        .map(|(_, tls)| tls.held().generation);
    let told = json!({
        "spaerrelister": lists,
        "gaaetTilbage": back,
        "afviste": refused,
        "fornyet": renewed.sum::<u64>(),
        "fornyelse": failed,
        "eftersynHaenger": shared.certificates.iter().any(|(_, tls)| tls.renewal_hangs()),
        "hentning": fetched,
    });
    Reply::own(200, JSON, told.to_string())
}

/// Asks the register, or answers what it said a moment ago. One asks at a time; the others wait for it.
async fn register<B: Backend>(shared: &Shared<B>) -> bool {
    let mut last = shared.readiness.0.lock().await;
    if let Some((at, ready)) = *last
        && at.elapsed() < ASK_AGAIN
    {
        return ready;
    }
    // Who asks is answered, also when the register is not.
    let asked = timeout(PATIENCE, Arc::clone(&shared.backend).ready()).await;
    let outcome = asked.unwrap_or_else(|_| Err("no answer from the register".to_owned()));
    if let Err(reason) = &outcome {
        tracing::error!(reason, "register not ready");
    }
    let ready = outcome.is_ok();
    *last = Some((Instant::now(), ready));
    ready
}
