//! The listeners' TLS configurations, from the files that the configuration names (kontrakt §2, §8).
//!
//! TLS 1.2 and 1.3, ALPN `http/1.1`, aws-lc-rs given explicitly. A built configuration doesn't change; a reload builds a new one
//! around the same [`Refusals`].
//!
//! Sessions are resumed, early data is not taken. What a session is resumed from is kept here and not by the caller: a fixed
//! number of them, each for one configuration, so that none outlives a change of CAs or lists. As a resumed session skips the
//! verifier, whoever serves one must have its chain judged before its first request ([`crate::server`] does).
//!
//! The order of cipher suites is the server's: AES-256-GCM, AES-128-GCM, ChaCha20-Poly1305, each with forward secrecy.
//!
//! Ed25519, P-256, P-384, P-521 and RSA from 2048 bits are accepted, RSA also with PSS; SHA-1 and MD5 are not.

use std::sync::Arc;

use rustls::ServerConfig;
use rustls::crypto::CryptoProvider;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::server::ServerSessionMemoryCache;
use rustls::server::danger::ClientCertVerifier;
use time::OffsetDateTime;

use super::TlsError;
use super::files::{ServerFiles, ServiceFiles, refuse_example};
use super::pem::{self, parsed};
use super::refusal::Refusals;
use super::revocation::RevocationList;
use super::trust::Trust;
use super::verifier::ClientVerifier;

/// The most sessions that can be resumed: some 3 KB each, most of it the caller's chain. A caller that opens more pushes out
/// the oldest, whose caller shakes hands in full.
const SESSIONS: usize = 1024;

/// A listener's configuration, and what must be watched about its own certificate.
#[derive(Debug, Clone)]
pub struct ListenerTls {
    /// For the acceptor.
    pub config: Arc<ServerConfig>,
    /// End of validity of the listener's own certificate.
    pub not_after: OffsetDateTime,
    /// What judges callers' certificates, to judge them again while their sessions last; none where none are asked for.
    pub clients: Option<Arc<dyn ClientCertVerifier>>,
    /// The revocation lists that were loaded; [`super::revocation::current`] tells which of them count.
    pub lists: Vec<RevocationList>,
}

impl ListenerTls {
    /// Whole days until the listener's certificate expires; negative once it has.
    pub fn days_to_expiry(&self, now: OffsetDateTime) -> i64 {
        (self.not_after - now)
            .whole_seconds()
            .div_euclid(24 * 60 * 60)
    }
}

/// The service listener as it judges at `at`: a client certificate is required and judged in the handshake.
///
/// # Errors
/// [`TlsError`]; nothing is half built.
pub fn service(
    files: &ServiceFiles,
    refusals: Arc<Refusals>,
    at: OffsetDateTime,
) -> Result<ListenerTls, TlsError> {
    let provider = Arc::new(default_provider());
    let (verifier, lists) = client_verifier(files, refusals, &provider, at)?;
    let listener = listener(
        &files.server,
        Some(verifier),
        files.allow_example_ca,
        provider,
    )?;
    Ok(ListenerTls { lists, ..listener })
}

/// What judges callers' certificates, and the revocation lists that were loaded for it.
fn client_verifier(
    files: &ServiceFiles,
    refusals: Arc<Refusals>,
    provider: &Arc<CryptoProvider>,
    at: OffsetDateTime,
) -> Result<(Arc<dyn ClientCertVerifier>, Vec<RevocationList>), TlsError> {
    let trust = Trust::load(files, provider)?;
    let lists = trust.lists.iter().map(|loaded| loaded.list.clone());
    let lists = lists.collect();
    Ok((Arc::new(ClientVerifier::new(trust, refusals, at)?), lists))
}

/// The public listener, when it has a certificate: none is asked of the caller.
///
/// # Errors
/// [`TlsError`]; nothing is half built.
pub fn public(files: &ServerFiles, allow_example_ca: bool) -> Result<ListenerTls, TlsError> {
    listener(files, None, allow_example_ca, Arc::new(default_provider()))
}

fn listener(
    files: &ServerFiles,
    verifier: Option<Arc<dyn ClientCertVerifier>>,
    allow_example_ca: bool,
    provider: Arc<CryptoProvider>,
) -> Result<ListenerTls, TlsError> {
    let chain = pem::certificates(&files.certificate)?;
    let key = pem::private_key(&files.key)?;
    let mut not_after = None;
    for (n, der) in chain.iter().enumerate() {
        let certificate = parsed(&files.certificate, n, der)?;
        refuse_example(&files.certificate, &certificate, allow_example_ca)?;
        not_after.get_or_insert(certificate.validity().not_after.to_datetime());
    }
    let builder = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])?;
    let clients = verifier.clone();
    let builder = match verifier {
        Some(verifier) => builder.with_client_cert_verifier(verifier),
        None => builder.with_no_client_auth(),
    };
    let mut config = builder
        .with_single_cert(chain, key)
        .map_err(|cause| TlsError::Pair {
            certificate: files.certificate.clone(),
            key: files.key.clone(),
            cause,
        })?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config.session_storage = ServerSessionMemoryCache::new(SESSIONS);
    config.send_tls13_tickets = 1;
    config.max_early_data_size = 0;
    config.ignore_client_order = true;
    Ok(ListenerTls {
        config: Arc::new(config),
        not_after: not_after.ok_or_else(|| TlsError::Empty {
            file: files.certificate.clone(),
            what: "CERTIFICATE",
        })?,
        clients,
        lists: Vec::new(),
    })
}

#[cfg(test)]
mod tests;
