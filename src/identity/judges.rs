//! What judges client certificates at an instant.
//!
//! Which lists count, and whether they are believed, changes with time and without a change of files. So [`Trust`] keeps
//! what was loaded, and makes the [`Judges`] of an instant from it, with the span of time for which they are right.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use rustls::RootCertStore;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateRevocationListDer;
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
use time::OffsetDateTime;

use super::error::TlsError;
use super::revocation::{self, ListState, Loaded, Staleness};

/// The CAs of the configuration and every list that was loaded.
#[derive(Debug)]
pub(super) struct Trust {
    pub(super) with_crl: Arc<RootCertStore>,
    pub(super) without_crl: Arc<RootCertStore>,
    pub(super) lists: Vec<Loaded>,
    pub(super) staleness: Staleness,
    pub(super) provider: Arc<CryptoProvider>,
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
    /// What judges at an instant.
    pub(super) fn at(&self, at: OffsetDateTime) -> Result<Judges, TlsError> {
        let counting = revocation::current(self.lists.iter().map(|loaded| &loaded.list), at);
        let mut ders = Vec::new();
        let mut believed = HashSet::new();
        let mut disbelieved = HashSet::new();
        for list in counting {
            let issuer = list.scope.issuer.clone();
            if list.state(at, self.staleness) == ListState::Expired {
                disbelieved.insert(issuer);
                continue;
            }
            believed.insert(issuer);
            let loaded = self
                .lists
                .iter()
                .find(|loaded| std::ptr::eq(&loaded.list, list));
            ders.extend(loaded.map(|loaded| loaded.der.clone()));
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
        for change in self
            .lists
            .iter()
            .flat_map(|loaded| loaded.list.changes(self.staleness))
        {
            if change <= at {
                span.start = span.start.max(change);
            } else {
                span.end = span.end.min(change);
            }
        }
        span
    }

    /// Refuses lists that can't be used though they don't count yet: they would be met when nobody looks.
    pub(super) fn check_waiting(&self, at: OffsetDateTime) -> Result<(), TlsError> {
        let counting = revocation::current(self.lists.iter().map(|loaded| &loaded.list), at);
        let waiting: Vec<_> = self
            .lists
            .iter()
            .filter(|loaded| {
                !counting
                    .iter()
                    .any(|list| std::ptr::eq(*list, &loaded.list))
            })
            .map(|loaded| loaded.der.clone())
            .collect();
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
