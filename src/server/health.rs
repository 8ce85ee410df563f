//! Whether the server lives, and whether it can serve: what fails is named; why is told to the log alone. And its figures, and
//! what TLS has seen.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};
use serde_json::json;

use super::call::Shared;
use super::exchange::{Backend, Listener};
use super::respond::Reply;
use super::tls::GoneBack;
use crate::clock;
use crate::identity::refusal::Refusal;
use crate::identity::revocation::ListState;
use crate::metrics;
use crate::status::{
    FailedRenewal, ListStatus, MirrorStatus, OlderList, RefusedCertificate, TlsSeen,
};

const JSON: &str = "application/json";

#[derive(Debug, Serialize)]
struct Report {
    klar: bool,
    #[serde(serialize_with = "in_order")]
    checks: [(&'static str, bool); 6],
    /// The mirrors that are loaded; for information, since the register works without.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[serde(rename = "spejle")]
    mirrors: BTreeMap<&'static str, serde_json::Value>,
}

fn in_order<S: Serializer>(checks: &[(&str, bool)], to: S) -> Result<S::Ok, S::Error> {
    to.collect_map(checks.iter().copied())
}

/// The process lives.
pub(crate) fn alive() -> Reply {
    Reply::own(200, JSON, "{\"status\":\"ok\"}")
}

/// Each check, and 503 unless all hold.
pub(crate) async fn ready<B: Backend>(shared: &Shared<B>) -> Reply {
    let now = shared.clock.now();
    let cells = || shared.certificates.iter().map(|(_, tls)| tls);
    let believed = |list: &ListStatus| list.state != ListState::Expired;
    let checks = [
        // The register can be written.
        ("register", shared.readiness.ask(&shared.backend).await),
        // The listeners' own certificates have not expired.
        ("certifikat", cells().all(|tls| tls.not_after() > now)),
        // The machine's clock is believed.
        ("ur", shared.clock.distrust().is_none()),
        // Every revocation list that counts is believed.
        ("spaerrelister", lists(shared).iter().all(believed)),
        // The files of TLS are looked at: a renewal that hangs would leave old lists in use.
        ("fornyelse", cells().all(|tls| !tls.renewal_hangs())),
        // The server is not being told to stop.
        ("modtager", !shared.stopping.is_stopping()),
    ];
    let klar = checks.iter().all(|(_, holds)| *holds);
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
    let told = |mirror: MirrorStatus| {
        let state = mirror.state?;
        let about = json!({ "indlaest": state.loaded.to_string(), "raekker": state.rows });
        Some((mirror.kind.as_str(), about))
    };
    let mirrors = MirrorStatus::in_use(&shared.mirrors);
    mirrors.into_iter().filter_map(told).collect()
}

/// The revocation lists that count, of all listeners.
pub(crate) fn lists<B>(shared: &Shared<B>) -> Vec<ListStatus> {
    let now = clock::of_tls();
    let cells = shared.certificates.iter().map(|(_, tls)| tls.held());
    cells
        .flat_map(|held| ListStatus::current(&held.lists, now, held.staleness))
        .collect()
}

/// What TLS has refused and how its renewal went, for the admin listener: certificates by CVR number and fingerprint.
pub(crate) fn tls<B>(shared: &Shared<B>) -> Reply {
    let mut seen = TlsSeen {
        lists: lists(shared),
        refused: shared.refusals.latest().into_iter().map(refused).collect(),
        ..TlsSeen::default()
    };
    for (listener, tls) in &shared.certificates {
        let held = tls.held();
        seen.gone_back
            .extend(tls.gone_back().into_iter().map(older));
        seen.renewals += held.generation;
        seen.renewal_hangs |= tls.renewal_hangs();
        seen.failed.extend(held.failed.map(|why| FailedRenewal {
            listener: listener.as_str().to_owned(),
            why,
        }));
        seen.fetched.extend(held.fetched);
    }
    // By way of a value, whose names are sorted.
    let told = serde_json::to_value(seen).unwrap_or_default();
    Reply::own(200, JSON, told.to_string())
}

fn refused(refusal: Refusal) -> RefusedCertificate {
    RefusedCertificate {
        at: refusal.at,
        check: refusal.check.as_str().to_owned(),
        cvr: refusal.whose.cvr.map(|cvr| cvr.to_string()),
        sha256: refusal.whose.fingerprint.to_string(),
    }
}

fn older(list: GoneBack) -> OlderList {
    OlderList {
        issuer: list.issuer,
        this_update: list.now.unix_timestamp(),
        newest: list.newest.unix_timestamp(),
    }
}

/// The text for Prometheus.
pub(crate) fn figures<B>(shared: &Shared<B>) -> String {
    let metrics = &shared.metrics;
    let mut failed = 0;
    for (listener, tls) in &shared.certificates {
        let seconds = tls.not_after().millis() / 1000;
        metrics
            .certificates
            .at(listener.as_str())
            .set(seconds as f64);
        failed += i64::from(tls.held().failed.is_some());
    }
    metrics.renewals_failed.set(failed);
    let lists = lists(shared);
    for state in ListState::ALL {
        let count = lists.iter().filter(|list| list.state == state).count();
        metrics.lists.at(state.as_str()).set(metrics::whole(count));
    }
    let now = shared.clock.now();
    for mirror in MirrorStatus::in_use(&shared.mirrors) {
        let failed = mirror.error.is_some();
        metrics.mirror(mirror.kind.as_str(), mirror.age_and_rows(now), failed);
    }
    let free = shared.in_flight.available_permits();
    let busy = shared.limits.kald_i_gang.saturating_sub(free);
    metrics.in_flight.set(metrics::whole(busy));
    for listener in [Listener::Service, Listener::Public] {
        let name = listener.as_str();
        let waiting = metrics::whole(shared.polls.on(listener).waiting());
        metrics.polls.at(name).set(waiting);
        let bytes = metrics::whole(shared.answers.on(listener).taken());
        metrics.answers.at(name).set(bytes);
    }
    metrics
        .body_bytes
        .set(metrics::whole(shared.budget.taken()));
    metrics.render()
}
