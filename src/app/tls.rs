//! TLS of the listeners from the configuration, and its renewal while the server runs: certificates, keys, trusted CAs
//! and revocation lists are read again when their files change, at SIGHUP, and when a list has run out.
//!
//! TLS goes by the machine's clock, as rustls does.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::Instant;

use crate::clock;
use crate::config::Config;
use crate::identity::TlsError;
use crate::identity::files::{ClientCa, ServerFiles, ServiceFiles};
use crate::identity::refusal::Refusals;
use crate::identity::revocation::{self, ListState, RevocationList, Staleness};
use crate::identity::tls::{self, ListenerTls};
use crate::register::Tidspunkt;
use crate::server::{Held, TlsCell};

/// How often the files are looked at.
const LOOK: Duration = Duration::from_secs(3);

/// TLS of the service listener of a configuration, as it judges now.
///
/// # Errors
/// [`TlsError`]: what keeps the server from starting.
pub fn service_tls(config: &Config) -> Result<ListenerTls, TlsError> {
    service(config, Arc::new(Refusals::default()))
}

pub(super) fn service(config: &Config, refusals: Arc<Refusals>) -> Result<ListenerTls, TlsError> {
    let tls = &config.tls;
    let client_ca = |file: &PathBuf| ClientCa {
        file: file.clone(),
        without_crl: tls.uden_crl.contains(file),
    };
    let files = ServiceFiles {
        server: ServerFiles {
            certificate: tls.certifikat.clone(),
            key: tls.noegle.clone(),
        },
        client_ca: tls.klient_ca.iter().map(client_ca).collect(),
        crl: tls.crl.clone(),
        staleness: staleness(config),
        allow_example_ca: tls.tillad_eksempel_ca,
        other_environment: tls.andet_miljoe.clone(),
    };
    tls::service(&files, refusals, clock::of_tls())
}

/// TLS of the public listener, where it has a certificate.
pub(super) fn public(config: &Config) -> Result<Option<ListenerTls>, TlsError> {
    let Some(own) = &config.offentlig_tls else {
        return Ok(None);
    };
    let files = ServerFiles {
        certificate: own.certifikat.clone(),
        key: own.noegle.clone(),
    };
    tls::public(&files, config.tls.tillad_eksempel_ca).map(Some)
}

/// What the server keeps of it.
pub(super) fn cell(tls: &ListenerTls, config: &Config) -> TlsCell {
    TlsCell::holding(held(tls, config))
}

fn held(tls: &ListenerTls, config: &Config) -> Held {
    Held {
        config: Arc::clone(&tls.config),
        not_after: Tidspunkt::from_millis(tls.not_after.unix_timestamp().saturating_mul(1000)),
        clients: tls.clients.clone(),
        lists: tls.lists.clone(),
        staleness: staleness(config),
        generation: 0,
        failed: None,
        fetched: Vec::new(),
    }
}

/// How long a revocation list is believed, by the configuration.
pub(super) fn staleness(config: &Config) -> Staleness {
    let hours = config.tls.crl_foraeldet_timer;
    Staleness((hours > 0).then(|| Duration::from_secs(hours.saturating_mul(3600))))
}

/// Renews the TLS of a server for as long as it runs.
pub(super) struct Renewal {
    pub(super) config: Config,
    pub(super) service: Weak<TlsCell>,
    pub(super) public: Option<Weak<TlsCell>>,
    pub(super) refusals: Arc<Refusals>,
    /// The mark of the files, taken before they were first read: what changes meanwhile is seen.
    pub(super) seen: u64,
    /// SIGHUP, heard since before the server could be asked.
    pub(super) hangups: Option<Signal>,
}

/// SIGHUP, heard from now on; nothing where the system has no more signals to give.
pub(super) fn hangups() -> Option<Signal> {
    signal(SignalKind::hangup()).ok()
}

impl Renewal {
    /// Looks at the files now and then.
    pub(super) async fn watch(mut self) {
        let mut hangups = self.hangups.take();
        self.looked();
        let mut ticks = tokio::time::interval(LOOK);
        let renewal = Arc::new(self);
        let mut seen = (renewal.seen, renewal.states());
        loop {
            let told = async {
                match &mut hangups {
                    Some(hangups) => hangups.recv().await,
                    None => std::future::pending().await,
                }
            };
            let asked = tokio::select! {
                _ = ticks.tick() => false,
                _ = told => true,
            };
            if renewal.service.strong_count() == 0 {
                return;
            }
            let found = renewal.look().await;
            if asked || found != seen {
                let changed = Arc::clone(&renewal);
                let _ = tokio::task::spawn_blocking(move || changed.renew()).await;
                // Of the lists that are known now; of the files as they were before they were read.
                seen = (found.0, renewal.states());
            }
            renewal.looked();
        }
    }

    /// A mark of what the files are now, and which lists are believed.
    async fn look(self: &Arc<Self>) -> (u64, Vec<ListState>) {
        let renewal = Arc::clone(self);
        let looks = tokio::task::spawn_blocking(move || (mark(&renewal.config), renewal.states()));
        looks.await.unwrap_or_default()
    }

    fn states(&self) -> Vec<ListState> {
        let held = self.service.upgrade().map(|cell| cell.held());
        let lists = held.iter().flat_map(|held| {
            let state = |list: &RevocationList| list.state(clock::of_tls(), held.staleness);
            held.lists.iter().map(state)
        });
        lists.collect()
    }

    /// Tells the listeners that a look has come back.
    fn looked(&self) {
        for cell in std::iter::once(&self.service).chain(&self.public) {
            if let Some(cell) = cell.upgrade() {
                cell.looked(Instant::now());
            }
        }
    }

    /// Reads everything anew; what can't be used leaves the old in place, and is told.
    fn renew(&self) {
        let service = service(&self.config, Arc::clone(&self.refusals));
        put("service", &self.service, service, &self.config);
        if let Some(cell) = &self.public
            && let Some(own) = public(&self.config).transpose()
        {
            put("public", cell, own, &self.config);
        }
    }
}

fn put(
    listener: &'static str,
    cell: &Weak<TlsCell>,
    new: Result<ListenerTls, TlsError>,
    config: &Config,
) {
    let Some(cell) = cell.upgrade() else { return };
    match new {
        Ok(tls) => {
            cell.renew(held(&tls, config));
            tracing::info!(listener, "TLS renewed");
            for back in cell.gone_back() {
                tracing::warn!(
                    listener,
                    issuer = back.issuer,
                    made = %back.now,
                    newest = %back.newest,
                    "the revocation list is older than one used before: what was revoked since is let in again; was an old file put back?"
                );
            }
        }
        Err(error) => {
            tracing::error!(listener, %error, "TLS can't be renewed; the old stands");
            cell.failed(error.to_string());
        }
    }
}

/// A mark of what the files of a configuration are now.
pub(super) fn mark(config: &Config) -> u64 {
    let mut hasher = DefaultHasher::new();
    let tls = &config.tls;
    let own = [&tls.certifikat, &tls.noegle];
    for file in own.into_iter().chain(&tls.klient_ca) {
        mark_file(file, &mut hasher);
    }
    for path in &tls.crl {
        mark_file(path, &mut hasher);
        for file in revocation::files(path).unwrap_or_default() {
            file.hash(&mut hasher);
            mark_file(&file, &mut hasher);
        }
    }
    if let Some(own) = &config.offentlig_tls {
        mark_file(&own.certifikat, &mut hasher);
        mark_file(&own.noegle, &mut hasher);
    }
    hasher.finish()
}

/// What tells that a file has been changed or replaced.
fn mark_file(file: &Path, hasher: &mut DefaultHasher) {
    use std::os::unix::fs::MetadataExt;
    if let Ok(data) = std::fs::metadata(file) {
        (data.ino(), data.len(), data.mtime(), data.mtime_nsec()).hash(hasher);
    }
}
