//! Whether the server lives, and whether it can serve. What fails is named; why is told to the log alone.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::json;

use super::call::Shared;
use super::exchange::Backend;
use super::respond::Reply;
use super::tls::{FetchOutcome, GoneBack};
use crate::clock;
use crate::identity::refusal::Refusal;
use crate::identity::revocation::ListState;
use crate::status::{
    FailedRenewal, FetchedList, ListStatus, MirrorStatus, OlderList, RefusedCertificate, TlsSeen,
};

const JSON: &str = "application/json";

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
        register: shared.readiness.ask(&shared.backend).await,
        certifikat: shared
            .certificates
            .iter()
            .all(|(_, tls)| tls.not_after() > now),
        ur: shared.clock.distrust().is_none(),
        spaerrelister: lists(shared)
            .iter()
            .all(|list| list.state != ListState::Expired),
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
        seen.fetched.extend(held.fetched.into_iter().map(fetched));
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

fn fetched(outcome: FetchOutcome) -> FetchedList {
    FetchedList {
        url: outcome.url,
        at: outcome.tid.to_string(),
        why: outcome.fejl,
    }
}
