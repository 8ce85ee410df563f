//! Whom the service listener trusts: the client CAs and their revocation lists, checked as they are loaded.
//!
//! A CA certificate in a file is trusted as it stands, so what webpki asks of an intermediate is asked of it here. Judging a
//! caller's chain is [`super::verifier`].

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::RootCertStore;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
use x509_parser::parse_x509_crl;

use super::pem;
use super::refusal::Refusals;
use super::tls::{ServiceFiles, TlsError, parsed, refuse_example};
use super::verifier::ClientVerifier;

/// The verifier of client certificates alone, without a listener around it.
pub(super) fn client_verifier(
    files: &ServiceFiles,
    refusals: Arc<Refusals>,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ClientCertVerifier>, TlsError> {
    let crls = revocation_lists(&files.crl)?;
    let mut with_crl = RootCertStore::empty();
    let mut without_crl = RootCertStore::empty();
    for ca in &files.client_ca {
        for (n, der) in pem::certificates(&ca.file)?.into_iter().enumerate() {
            check_ca(&ca.file, n, &der, files.allow_example_ca)?;
            let store = if ca.without_crl {
                &mut without_crl
            } else {
                require_crl(&ca.file, n, &der, &crls)?;
                &mut with_crl
            };
            store.add(der).map_err(|_| TlsError::Unreadable {
                file: ca.file.clone(),
                number: n + 1,
                what: "CA certificate",
            })?;
        }
    }
    let build = |store: RootCertStore, lenient: bool| {
        let lists = crls.iter().map(|list| list.der.clone());
        let mut builder =
            WebPkiClientVerifier::builder_with_provider(Arc::new(store), Arc::clone(provider))
                .with_crls(lists)
                .enforce_revocation_expiration();
        if lenient {
            builder = builder.allow_unknown_revocation_status();
        }
        builder.build().map_err(|e| TlsError::Crl(e.to_string()))
    };
    let (strict, lenient) = match (with_crl.is_empty(), without_crl.is_empty()) {
        (true, true) => return Err(TlsError::NoClientCa),
        (true, false) => (build(without_crl, true)?, None),
        (false, true) => (build(with_crl, false)?, None),
        (false, false) => (build(with_crl, false)?, Some(build(without_crl, true)?)),
    };
    Ok(Arc::new(ClientVerifier::new(strict, lenient, refusals)))
}

/// A revocation list and whose it is.
struct RevocationList {
    issuer: Vec<u8>,
    der: CertificateRevocationListDer<'static>,
}

fn revocation_lists(files: &[PathBuf]) -> Result<Vec<RevocationList>, TlsError> {
    let mut lists = Vec::new();
    for file in files {
        for (n, der) in pem::revocation_lists(file)?.into_iter().enumerate() {
            let issuer = match parse_x509_crl(&der) {
                Ok(([], list)) => list.issuer().as_raw().to_vec(),
                _ => {
                    return Err(TlsError::Unreadable {
                        file: file.clone(),
                        number: n + 1,
                        what: "revocation list",
                    });
                }
            };
            lists.push(RevocationList { issuer, der });
        }
    }
    Ok(lists)
}

/// A trust anchor is trusted as it is, so what webpki would ask of an intermediate is asked here, once.
fn check_ca(
    file: &Path,
    n: usize,
    der: &CertificateDer<'_>,
    allow_example: bool,
) -> Result<(), TlsError> {
    let certificate = parsed(file, n, der)?;
    refuse_example(file, &certificate, allow_example)?;
    let may_issue = match certificate.key_usage() {
        Ok(usage) => usage.is_none_or(|usage| usage.value.key_cert_sign()),
        Err(_) => false,
    };
    if certificate.is_ca() && may_issue {
        Ok(())
    } else {
        Err(TlsError::NotACa {
            file: file.to_owned(),
            subject: certificate.subject().to_string(),
        })
    }
}

fn require_crl(
    file: &Path,
    n: usize,
    der: &CertificateDer<'_>,
    crls: &[RevocationList],
) -> Result<(), TlsError> {
    let certificate = parsed(file, n, der)?;
    let subject = certificate.subject();
    if crls.iter().any(|list| list.issuer == subject.as_raw()) {
        return Ok(());
    }
    Err(TlsError::NoCrl {
        file: file.to_owned(),
        subject: subject.to_string(),
    })
}
