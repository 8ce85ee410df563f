//! Whom the service listener trusts: the client CAs and their revocation lists, checked as they are loaded.
//!
//! A CA certificate in a file is trusted as it stands, so what webpki asks of an intermediate is asked of it here. Judging a
//! caller's chain is [`super::verifier`].

use std::path::Path;
use std::sync::Arc;

use rustls::RootCertStore;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::server::danger::ClientCertVerifier;
use time::OffsetDateTime;

use super::error::TlsError;
use super::files::{ServiceFiles, refuse_example};
use super::judges::Trust;
use super::pem::{self, parsed};
use super::refusal::Refusals;
use super::revocation::{self, Loaded, RevocationList};
use super::verifier::ClientVerifier;

/// The verifier of client certificates alone, without a listener around it, as it judges at `at`; and the lists that
/// were loaded.
pub(super) fn client_verifier(
    files: &ServiceFiles,
    refusals: Arc<Refusals>,
    provider: &Arc<CryptoProvider>,
    at: OffsetDateTime,
) -> Result<(Arc<dyn ClientCertVerifier>, Vec<RevocationList>), TlsError> {
    let crls = revocation::load(&files.crl)?;
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
    let mut others = Vec::new();
    for file in &files.other_environment {
        for (n, der) in pem::certificates(file)?.iter().enumerate() {
            others.push(parsed(file, n, der)?.subject().as_raw().to_vec());
        }
    }
    let lists = crls.iter().map(|loaded| loaded.list.clone()).collect();
    let trust = Trust {
        with_crl: Arc::new(with_crl),
        without_crl: Arc::new(without_crl),
        lists: crls,
        staleness: files.staleness,
        provider: Arc::clone(provider),
    };
    trust.check_waiting(at)?;
    let judges = trust.at(at)?;
    let verifier = ClientVerifier::new(trust, judges, refusals, others);
    Ok((Arc::new(verifier.ok_or(TlsError::NoClientCa)?), lists))
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
    crls: &[Loaded],
) -> Result<(), TlsError> {
    let certificate = parsed(file, n, der)?;
    let subject = certificate.subject();
    if crls
        .iter()
        .any(|loaded| loaded.list.scope.issuer == subject.as_raw())
    {
        return Ok(());
    }
    Err(TlsError::NoCrl {
        file: file.to_owned(),
        subject: subject.to_string(),
    })
}
