//! TLS as the listeners use it: a configuration that can be replaced while connections live, and why handshakes fail.
//! Building a configuration, and judging certificates, is the work of `identity`.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, RwLock};
use std::time::Duration;

use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::danger::ClientCertVerifier;
use rustls::{HandshakeKind, ServerConfig};
use time::OffsetDateTime;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::clock;
use crate::identity::PeerChain;
use crate::identity::refusal::{Check, HandshakeFailure};
use crate::identity::revocation::{self, Edition, RevocationList, Scope, Staleness};
use crate::register::Tidspunkt;
use crate::status::FetchedList;
use crate::sync;

/// After a refused handshake this much and this long is read and dropped, so that the caller sees the alert and not a
/// reset connection.
const LINGER_BYTES: u64 = 64 << 10;
const LINGER: Duration = Duration::from_secs(1);

/// A listener's TLS: what it is now, and how its last renewal went. Replacing it concerns new connections; those that
/// are open keep their keys, but their callers' certificates are judged anew.
#[derive(Debug)]
pub struct TlsCell {
    held: RwLock<Held>,
    /// When whoever renews it has looked at the files last; none where nobody does.
    looked: Mutex<Option<Instant>>,
    /// The newest list of each issuer that was ever held.
    newest: Mutex<BTreeMap<Scope, Edition>>,
}

/// Renewing looks every few seconds. A look that takes longer than this hangs, as on a disk that is gone.
const HANGS: Duration = Duration::from_secs(60);

/// A revocation list that is older than one that was held before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GoneBack {
    /// Its issuer.
    pub issuer: String,
    /// When it was made.
    pub now: OffsetDateTime,
    /// When the newest that was held was made.
    pub newest: OffsetDateTime,
}

/// What a listener's TLS consists of at one time.
#[derive(Debug, Clone)]
pub struct Held {
    /// For handshakes.
    pub config: Arc<ServerConfig>,
    /// End of validity of the server's own certificate.
    pub not_after: Tidspunkt,
    /// What judges callers' certificates; none where none are asked for.
    pub clients: Option<Arc<dyn ClientCertVerifier>>,
    /// The revocation lists that were loaded; [`revocation::current`] tells which of them count.
    pub lists: Vec<RevocationList>,
    /// How long a list is believed.
    pub staleness: Staleness,
    /// Grows with each replacement.
    pub generation: u64,
    /// Why the last renewal came to nothing; the old stands then.
    pub failed: Option<String>,
    /// How the last fetching of lists went.
    pub fetched: Vec<FetchedList>,
}

impl TlsCell {
    /// With a first configuration, and the end of validity of the server's own certificate. No certificate is judged
    /// again while its session lasts.
    pub fn new(config: Arc<ServerConfig>, not_after: Tidspunkt) -> Self {
        Self::holding(Held {
            config,
            not_after,
            clients: None,
            lists: Vec::new(),
            staleness: Staleness(None),
            generation: 0,
            failed: None,
            fetched: Vec::new(),
        })
    }

    /// With all of it.
    pub fn holding(held: Held) -> Self {
        let newest = seen(&held.lists);
        Self {
            held: RwLock::new(held),
            looked: Mutex::new(None),
            newest: Mutex::new(newest),
        }
    }

    /// Notes that its files have been looked at; from then on that is expected every few seconds.
    pub fn looked(&self, at: Instant) {
        *sync::lock(&self.looked) = Some(at);
    }

    /// Whether whoever renews it has not come back for a minute.
    pub fn renewal_hangs(&self) -> bool {
        let looked = *sync::lock(&self.looked);
        looked.is_some_and(|at| at.elapsed() > HANGS)
    }

    /// The lists that count and are older than one that was held before.
    pub fn gone_back(&self) -> Vec<GoneBack> {
        let lists = self.held().lists;
        let newest = sync::lock(&self.newest);
        let older = |list: &RevocationList| {
            let seen = newest.get(&list.scope);
            let seen = seen.filter(|seen| **seen > list.edition)?;
            Some(GoneBack {
                issuer: list.issuer.clone(),
                now: list.edition.this_update,
                newest: seen.this_update,
            })
        };
        let counting = revocation::current(&lists, clock::of_tls());
        counting.into_iter().filter_map(older).collect()
    }

    /// Puts another configuration in its place; open connections keep theirs.
    pub fn replace(&self, config: Arc<ServerConfig>, not_after: Tidspunkt) {
        let now = self.held();
        self.renew(Held {
            config,
            not_after,
            ..now
        });
    }

    /// Puts all of it in its place.
    pub fn renew(&self, new: Held) {
        {
            let mut newest = sync::lock(&self.newest);
            for (scope, edition) in seen(&new.lists) {
                let kept = newest.entry(scope).or_insert_with(|| edition.clone());
                if edition > *kept {
                    *kept = edition;
                }
            }
        }
        let mut held = sync::write(&self.held);
        let generation = held.generation + 1;
        let fetched = std::mem::take(&mut held.fetched);
        *held = Held {
            generation,
            fetched,
            failed: None,
            ..new
        };
    }

    /// Notes why a renewal came to nothing.
    pub fn failed(&self, why: String) {
        sync::write(&self.held).failed = Some(why);
    }

    /// Notes how the fetching of lists went.
    pub fn fetched(&self, outcomes: Vec<FetchedList>) {
        sync::write(&self.held).fetched = outcomes;
    }

    /// What it is now.
    pub fn held(&self) -> Held {
        sync::read(&self.held).clone()
    }

    /// When the server's own certificate expires.
    pub fn not_after(&self) -> Tidspunkt {
        sync::read(&self.held).not_after
    }

    /// Judges a caller's chain again, if that is due: something was replaced, or some time has passed since.
    ///
    /// # Errors
    /// The check that it fails now.
    pub(crate) fn judge(&self, chain: &PeerChain, judged: &Judged) -> Result<(), Check> {
        let held = sync::read(&self.held);
        let (generation, clients) = (held.generation, held.clients.clone());
        drop(held);
        let Some(clients) = clients.filter(|_| judged.is_due(generation)) else {
            return Ok(());
        };
        let mut certificates = chain.iter().map(|der| CertificateDer::from(der.as_slice()));
        let leaf = certificates.next().ok_or(Check::NoCertificate)?;
        let rest: Vec<_> = certificates.collect();
        let verdict = clients.verify_client_cert(&leaf, &rest, UnixTime::now());
        verdict.map_err(|error| Check::of(&error))?;
        judged.note(generation);
        Ok(())
    }
}

/// The newest list of each issuer, of those that count.
fn seen(lists: &[RevocationList]) -> BTreeMap<Scope, Edition> {
    let counting = revocation::current(lists, clock::of_tls()).into_iter();
    counting
        .map(|list| (list.scope.clone(), list.edition.clone()))
        .collect()
}

/// A certificate is judged again after so long at most, though nothing was replaced: it or a list may have run out.
const AGAIN: Duration = Duration::from_secs(5);

/// When a connection's certificate was judged last, and by which generation; none before the first time.
#[derive(Debug)]
pub(crate) struct Judged(Mutex<Option<(u64, Instant)>>);

impl Judged {
    /// In the handshake just now, by this generation.
    pub(crate) fn by(generation: u64) -> Self {
        Self(Mutex::new(Some((generation, Instant::now()))))
    }

    /// Not in this handshake: it resumed a session.
    pub(crate) fn not_yet() -> Self {
        Self(Mutex::new(None))
    }

    fn is_due(&self, generation: u64) -> bool {
        let last = *sync::lock(&self.0);
        last.is_none_or(|(by, at)| by != generation || at.elapsed() >= AGAIN)
    }

    fn note(&self, generation: u64) {
        let now = Some((generation, Instant::now()));
        *sync::lock(&self.0) = now;
    }
}

/// A handshake that came to nothing.
#[derive(Debug)]
pub(crate) struct HandshakeFailed {
    /// One of a fixed set, for the metrics.
    pub(crate) reason: &'static str,
    /// For the log.
    pub(crate) detail: String,
    /// What is left of the connection.
    stream: Option<TcpStream>,
}

impl HandshakeFailed {
    /// Says no more, and reads what the caller still sends, so that it sees its alert.
    pub(crate) async fn linger(self) {
        let Some(mut stream) = self.stream else {
            return;
        };
        let _ = timeout(LINGER, async {
            stream.shutdown().await?;
            tokio::io::copy(
                &mut (&mut stream).take(LINGER_BYTES),
                &mut tokio::io::sink(),
            )
            .await
        })
        .await;
    }
}

/// A handshake that is done.
#[derive(Debug)]
pub(crate) struct Accepted {
    /// The session.
    pub(crate) stream: TlsStream<TcpStream>,
    /// The caller's certificates; of a resumed session those that it showed when it began.
    pub(crate) peer: PeerChain,
    /// Whether it resumed a session, so that nobody has judged the certificates now.
    pub(crate) resumed: bool,
}

/// Performs the handshake within `limit` and takes the caller's certificates from it.
///
/// # Errors
/// When it fails or takes too long; the alert is then on its way.
pub(crate) async fn accept(
    cell: &TlsCell,
    stream: TcpStream,
    limit: Duration,
) -> Result<Accepted, HandshakeFailed> {
    let acceptor = TlsAcceptor::from(Arc::clone(&sync::read(&cell.held).config));
    let handshake = acceptor.accept(stream).into_fallible();
    let (error, stream) = match timeout(limit, handshake).await {
        Ok(Ok(stream)) => {
            let session = stream.get_ref().1;
            let certificates = session.peer_certificates().unwrap_or_default();
            return Ok(Accepted {
                peer: certificates.iter().map(|der| der.to_vec()).collect(),
                resumed: session.handshake_kind() == Some(HandshakeKind::Resumed),
                stream,
            });
        }
        Ok(Err(failed)) => failed,
        Err(_) => {
            return Err(HandshakeFailed {
                reason: "timeout",
                detail: format!("not done within {} ms", limit.as_millis()),
                stream: None,
            });
        }
    };
    let failure = HandshakeFailure::of(&error);
    Err(HandshakeFailed {
        reason: failure.check.as_str(),
        detail: failure.text,
        stream: Some(stream),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustls::crypto::aws_lc_rs::default_provider;
    use rustls::server::ResolvesServerCertUsingSni;

    #[test]
    fn a_renewal_that_does_not_come_back_hangs_after_a_minute() {
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(ResolvesServerCertUsingSni::new()));
        let cell = TlsCell::new(Arc::new(config), Tidspunkt::from_millis(0));
        assert!(!cell.renewal_hangs(), "nobody renews it");
        let now = Instant::now();
        cell.looked(now);
        assert!(!cell.renewal_hangs());
        // A machine that was started less than a minute ago can't know of a time before.
        if let Some(long_ago) = now.checked_sub(HANGS + Duration::from_secs(1)) {
            cell.looked(long_ago);
            assert!(cell.renewal_hangs());
            cell.looked(now);
            assert!(!cell.renewal_hangs());
        }
    }
}
