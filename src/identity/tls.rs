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

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::crypto::CryptoProvider;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::CertificateDer;
use rustls::server::ServerSessionMemoryCache;
use rustls::server::danger::ClientCertVerifier;
use time::OffsetDateTime;
use x509_parser::certificate::X509Certificate;
use x509_parser::parse_x509_certificate;

use super::pem;
use super::refusal::Refusals;
use super::revocation::{RevocationList, Staleness};
use super::trust::client_verifier;

/// How the common name of an example CA begins (kontrakt §8); [`crate::pki`] makes such.
pub const EXAMPLE_PREFIX: &str = "EKSEMPEL";

/// The most sessions that can be resumed: some 3 KB each, most of it the caller's chain. A caller that opens more pushes out
/// the oldest, whose caller shakes hands in full.
const SESSIONS: usize = 1024;

/// A listener's own certificate.
#[derive(Debug, Clone)]
pub struct ServerFiles {
    /// PEM: the certificate, then its issuers.
    pub certificate: PathBuf,
    /// PEM: the certificate's private key, unencrypted.
    pub key: PathBuf,
}

/// What the service listener is built from.
#[derive(Debug, Clone)]
pub struct ServiceFiles {
    /// Its own certificate.
    pub server: ServerFiles,
    /// The CAs whose certificates callers may use; at least one.
    pub client_ca: Vec<ClientCa>,
    /// Revocation lists, PEM or DER; of a folder those named `.crl`, `.pem` or `.der`.
    pub crl: Vec<PathBuf>,
    /// How long past its nextUpdate a list is believed.
    pub staleness: Staleness,
    /// Accept a CA whose common name begins [`EXAMPLE_PREFIX`].
    pub allow_example_ca: bool,
    /// CAs of the other environment, whose certificates are refused by name.
    pub other_environment: Vec<PathBuf>,
}

/// A file of trusted CAs.
#[derive(Debug, Clone)]
pub struct ClientCa {
    /// PEM, one or more CA certificates.
    pub file: PathBuf,
    /// These CAs publish no revocation list, so an unknown status is accepted (`uden_crl`).
    pub without_crl: bool,
}

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
    #[must_use]
    pub fn days_to_expiry(&self, now: OffsetDateTime) -> i64 {
        (self.not_after - now)
            .whole_seconds()
            .div_euclid(24 * 60 * 60)
    }
}

/// Why a TLS configuration can't be built. Each names its file and what to do.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The file can't be read.
    #[error("{file}: can't be read: {cause}; check the path, what lies there, and that dtr's user may read it", file = file.display())]
    Read {
        /// The file.
        file: PathBuf,
        /// From the operating system.
        cause: io::Error,
    },
    /// The file is not PEM.
    #[error("{file}: damaged PEM: {}; write the file anew from its source", pem::damage(.cause), file = file.display())]
    Pem {
        /// The file.
        file: PathBuf,
        /// What the reader met.
        cause: rustls::pki_types::pem::Error,
    },
    /// The file holds none of what is looked for.
    #[error("{file}: holds no -----BEGIN {what}-----; is it the right file, in PEM and not encrypted?", file = file.display())]
    Empty {
        /// The file.
        file: PathBuf,
        /// The PEM section looked for.
        what: &'static str,
    },
    /// More files of revocation lists than anybody needs.
    #[error("{folder}: holds more than {limit} revocation lists; keep one for each issuer", folder = folder.display())]
    TooMany {
        /// The folder.
        folder: PathBuf,
        /// The most that are read.
        limit: usize,
    },
    /// A certificate or list in the file is not readable.
    #[error("{file}: number {number} in the file is not a readable {what}; take it out or replace it", file = file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// Its place in the file, from 1.
        number: usize,
        /// Certificate or revocation list.
        what: &'static str,
    },
    /// A certificate in the list of client CAs that is no CA's.
    #[error("{file}: {subject} is no CA certificate; only CAs belong in the list of client CAs", file = file.display())]
    NotACa {
        /// The file.
        file: PathBuf,
        /// The certificate's subject.
        subject: String,
    },
    /// The example CA outside the folders made for it.
    #[error("{file}: {subject} is an example CA, whose key anyone may have; use a real one, or say tillad_eksempel_ca = true for a trial", file = file.display())]
    ExampleCa {
        /// The file.
        file: PathBuf,
        /// The example's subject or issuer.
        subject: String,
    },
    /// A CA with neither list nor mark.
    #[error("{file}: no revocation list for {subject}; name its list, or mark the file uden_crl", file = file.display())]
    NoCrl {
        /// The CA's file.
        file: PathBuf,
        /// The CA.
        subject: String,
    },
    /// No CA at all.
    #[error("no client CA is configured; name at least one file of CA certificates")]
    NoClientCa,
    /// Certificate and key don't belong together, or the key is of a kind that TLS can't use.
    #[error("{certificate} and {key}: not a usable pair: {cause}; the key must be the one that the first certificate was issued for", certificate = certificate.display(), key = key.display())]
    Pair {
        /// The certificate's file.
        certificate: PathBuf,
        /// The key's file.
        key: PathBuf,
        /// From rustls.
        cause: rustls::Error,
    },
    /// A revocation list that the verifier doesn't accept (a delta or indirect list, an unknown critical extension, …).
    #[error("a revocation list can't be used: {0}; take the issuer's full, direct list")]
    Crl(String),
    /// rustls refuses the configuration as a whole.
    #[error("TLS can't be configured: {0}")]
    Rustls(#[from] rustls::Error),
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

/// Refuses a certificate that names an example CA as its holder or its issuer.
pub(super) fn refuse_example(
    file: &Path,
    certificate: &X509Certificate<'_>,
    allowed: bool,
) -> Result<(), TlsError> {
    if allowed {
        return Ok(());
    }
    for name in [certificate.subject(), certificate.issuer()] {
        let example = name
            .iter_common_name()
            .any(|cn| cn.as_slice().starts_with(EXAMPLE_PREFIX.as_bytes()));
        if example {
            return Err(TlsError::ExampleCa {
                file: file.to_owned(),
                subject: name.to_string(),
            });
        }
    }
    Ok(())
}

/// Reads one certificate of a file, the `n`th from 0.
pub(super) fn parsed<'a>(
    file: &Path,
    n: usize,
    der: &'a CertificateDer<'_>,
) -> Result<X509Certificate<'a>, TlsError> {
    match parse_x509_certificate(der) {
        Ok(([], certificate)) => Ok(certificate),
        _ => Err(TlsError::Unreadable {
            file: file.to_owned(),
            number: n + 1,
            what: "certificate",
        }),
    }
}

#[cfg(test)]
mod tests;
