//! The files of certificates that a configuration names, and refusing the example's where they do not belong.

use std::path::{Path, PathBuf};

use x509_parser::certificate::X509Certificate;

use super::error::TlsError;
use super::revocation::Staleness;

/// How the common name of an example CA begins (kontrakt §8); [`crate::pki`] makes such.
pub const EXAMPLE_PREFIX: &str = "EKSEMPEL";

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
