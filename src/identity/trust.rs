//! Whom the service listener trusts: the client CAs and their revocation lists, checked as they are loaded; and what judges
//! client certificates by them at an instant.
//!
//! A CA certificate in a file is trusted as it stands, so what webpki asks of an intermediate is asked of it here. Which lists
//! count, and whether they are believed, changes with time and without a change of files. So [`Trust`] keeps what was loaded,
//! and makes the [`Judges`] of an instant from it. Judging a caller's chain is [`super::verifier`].

use std::collections::HashSet;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use rustls::RootCertStore;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
use time::OffsetDateTime;
use x509_parser::certificate::X509Certificate;
use x509_parser::x509::X509Name;

use super::error::TlsError;
use super::files::{ServiceFiles, refuse_example};
use super::pem::{self, parsed};
use super::revocation::{self, ListState, Loaded, RevocationList, Staleness};

/// The CAs of the configuration and every list that was loaded.
#[derive(Debug)]
pub(super) struct Trust {
    with_crl: Arc<RootCertStore>,
    without_crl: Arc<RootCertStore>,
    pub(super) lists: Vec<Loaded>,
    staleness: Staleness,
    provider: Arc<CryptoProvider>,
    /// Names of CAs of the other environment.
    pub(super) others: Vec<Vec<u8>>,
}

/// What judges certificates in a span of time.
#[derive(Debug)]
pub(super) struct Judges {
    /// Knows the CAs that have a revocation list. Refuses an unknown status, but checks no revocation at all when it has no
    /// list: what it accepts counts only where `believed` has the issuer.
    pub(super) strict: Option<Arc<dyn ClientCertVerifier>>,
    /// Knows the CAs that are marked as having none.
    pub(super) lenient: Option<Arc<dyn ClientCertVerifier>>,
    /// Names of issuers with a list that is believed.
    pub(super) believed: HashSet<Vec<u8>>,
    /// Names of issuers with a list that counts and is not believed.
    pub(super) disbelieved: HashSet<Vec<u8>>,
    /// Unix seconds for which all this is right.
    pub(super) span: Range<i64>,
}

impl Trust {
    /// What a configuration's files say.
    pub(super) fn load(
        files: &ServiceFiles,
        provider: &Arc<CryptoProvider>,
    ) -> Result<Self, TlsError> {
        let crls = revocation::load(&files.crl)?;
        let mut with_crl = RootCertStore::empty();
        let mut without_crl = RootCertStore::empty();
        for ca in &files.client_ca {
            for (n, der) in pem::certificates(&ca.file)?.into_iter().enumerate() {
                let checked = checked_ca(&ca.file, n, &der, files.allow_example_ca)?;
                let store = if ca.without_crl {
                    &mut without_crl
                } else {
                    require_crl(&ca.file, checked.subject(), &crls)?;
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
        Ok(Self {
            with_crl: Arc::new(with_crl),
            without_crl: Arc::new(without_crl),
            lists: crls,
            staleness: files.staleness,
            provider: Arc::clone(provider),
            others,
        })
    }

    /// What judges at an instant.
    pub(super) fn at(&self, at: OffsetDateTime) -> Result<Judges, TlsError> {
        let mut ders = Vec::new();
        let mut believed = HashSet::new();
        let mut disbelieved = HashSet::new();
        for loaded in self.counting(at).0 {
            let issuer = loaded.list.scope.issuer.clone();
            if loaded.list.state(at, self.staleness) == ListState::Expired {
                disbelieved.insert(issuer);
            } else {
                believed.insert(issuer);
                ders.push(loaded.der.clone());
            }
        }
        let strict = self.build(&self.with_crl, false, &ders)?;
        let lenient = self.build(&self.without_crl, true, &ders)?;
        Ok(Judges {
            strict,
            lenient,
            believed,
            disbelieved,
            span: self.span(at.unix_timestamp()),
        })
    }

    /// The seconds around an instant in which no list begins to count or ceases to be believed.
    fn span(&self, at: i64) -> Range<i64> {
        let mut span = i64::MIN..i64::MAX;
        let lists = self.lists.iter().map(|loaded| &loaded.list);
        for change in lists.flat_map(|list| list.changes(self.staleness)) {
            if change <= at {
                span.start = span.start.max(change);
            } else {
                span.end = span.end.min(change);
            }
        }
        span
    }

    /// The lists that count at an instant, and the others.
    fn counting(&self, at: OffsetDateTime) -> (Vec<&Loaded>, Vec<&Loaded>) {
        let counting = revocation::current(self.lists.iter().map(|loaded| &loaded.list), at);
        let counts = |own: &RevocationList| counting.iter().any(|list| std::ptr::eq(*list, own));
        self.lists.iter().partition(|loaded| counts(&loaded.list))
    }

    /// Refuses lists that can't be used though they don't count yet: they would be met when nobody looks.
    pub(super) fn check_waiting(&self, at: OffsetDateTime) -> Result<(), TlsError> {
        let waiting = self.counting(at).1.into_iter();
        let waiting: Vec<_> = waiting.map(|loaded| loaded.der.clone()).collect();
        if waiting.is_empty() {
            return Ok(());
        }
        self.build(&self.with_crl, false, &waiting)?;
        self.build(&self.without_crl, true, &waiting)?;
        Ok(())
    }

    fn build(
        &self,
        roots: &Arc<RootCertStore>,
        lenient: bool,
        lists: &[CertificateRevocationListDer<'static>],
    ) -> Result<Option<Arc<dyn ClientCertVerifier>>, TlsError> {
        if roots.is_empty() {
            return Ok(None);
        }
        let mut builder = WebPkiClientVerifier::builder_with_provider(
            Arc::clone(roots),
            Arc::clone(&self.provider),
        )
        .with_crls(lists.iter().cloned());
        if self.staleness.0.is_none() {
            builder = builder.enforce_revocation_expiration();
        }
        if lenient {
            builder = builder.allow_unknown_revocation_status();
        }
        let built = builder.build().map_err(|e| TlsError::Crl(e.to_string()))?;
        Ok(Some(built))
    }
}

/// A trust anchor is trusted as it is, so what webpki would ask of an intermediate is asked here, once.
fn checked_ca<'a>(
    file: &Path,
    n: usize,
    der: &'a CertificateDer<'_>,
    allow_example: bool,
) -> Result<X509Certificate<'a>, TlsError> {
    let certificate = parsed(file, n, der)?;
    refuse_example(file, &certificate, allow_example)?;
    let usage = certificate.key_usage();
    let may_issue = usage.is_ok_and(|usage| usage.is_none_or(|usage| usage.value.key_cert_sign()));
    if certificate.is_ca() && may_issue {
        return Ok(certificate);
    }
    Err(TlsError::NotACa {
        file: file.to_owned(),
        subject: certificate.subject().to_string(),
    })
}

fn require_crl(file: &Path, subject: &X509Name<'_>, crls: &[Loaded]) -> Result<(), TlsError> {
    let is_own = |loaded: &Loaded| loaded.list.scope.issuer == subject.as_raw();
    if crls.iter().any(is_own) {
        return Ok(());
    }
    Err(TlsError::NoCrl {
        file: file.to_owned(),
        subject: subject.to_string(),
    })
}
