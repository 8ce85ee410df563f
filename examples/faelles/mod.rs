//! What the examples that call a server share: a caller's TLS, envelopes, and numbers out of answers.

use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};

/// Whatever went wrong; an example tells it and ends.
pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;

/// TLS of a caller that trusts a CA and shows a certificate, all PEM.
pub(crate) fn tls(ca: &[u8], chain: &[u8], key: &[u8]) -> Result<Arc<ClientConfig>, Failure> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(ca)?)?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_client_auth_cert(
            vec![CertificateDer::from_pem_slice(chain)?],
            PrivateKeyDer::from_pem_slice(key)?,
        )?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// An envelope of `/v2/ImportService` or `/v2/EksportService`.
pub(crate) fn envelope(service: &str, operation: &str, inside: &str) -> String {
    format!(
        "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body><i:{operation} \
         xmlns:i=\"urn:dagtilbudsregister:{service}:v2\" xmlns=\"urn:dagtilbudsregister:typer:v2\">{inside}</i:{operation}>\
         </s:Body></s:Envelope>"
    )
}

/// The numbers that an answer names, in its order.
pub(crate) fn numbers_in(answer: &str) -> Vec<String> {
    let tag = "<institutionsnummer>";
    answer
        .match_indices(tag)
        .filter_map(|(at, _)| answer.get(at + tag.len()..at + tag.len() + 6))
        .map(str::to_owned)
        .collect()
}
