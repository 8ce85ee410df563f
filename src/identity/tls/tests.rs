//! The whole handshake in memory with the example PKI ([`handshake`]), the verifier alone with chains that no example holds
//! ([`chains`]), the files that can't be configured ([`files`]), and whose order of cipher suites counts ([`suites`]).

mod chains;
mod files;
mod handshake;
mod suites;

use super::*;
use crate::identity::files::ClientCa;
use crate::identity::refusal::{Check, Refusals};
use crate::identity::revocation::Staleness;
use crate::pki::scratch::Scratch;
use rustls::RootCertStore;
use rustls::pki_types::{CertificateDer, UnixTime};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The example folder, freshly made.
struct Example {
    scratch: Scratch,
}

impl Example {
    fn new() -> Self {
        let scratch = Scratch::new();
        crate::pki::write_example(scratch.path(), OffsetDateTime::now_utc()).unwrap();
        Self { scratch }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.scratch.path().join(name)
    }

    fn files(&self) -> ServiceFiles {
        ServiceFiles {
            server: ServerFiles {
                certificate: self.path("server.pem"),
                key: self.path("server.key"),
            },
            client_ca: vec![ClientCa {
                file: self.path("ca.pem"),
                without_crl: false,
            }],
            crl: vec![self.path("crl.pem")],
            staleness: Staleness(None),
            allow_example_ca: true,
            other_environment: Vec::new(),
        }
    }
}

/// Judges a chain, leaf first, as the handshake would.
fn judge(
    files: &ServiceFiles,
    chain: &[CertificateDer<'static>],
    at: OffsetDateTime,
) -> Result<(), Check> {
    judge_as(files, chain, at).map_err(|(told, recorded)| {
        assert_eq!(told, recorded);
        recorded
    })
}

/// The same: what the caller is told, and what is recorded.
fn judge_as(
    files: &ServiceFiles,
    chain: &[CertificateDer<'static>],
    at: OffsetDateTime,
) -> Result<(), (Check, Check)> {
    let refusals = Arc::new(Refusals::default());
    let provider = Arc::new(default_provider());
    let (verifier, _) = client_verifier(files, Arc::clone(&refusals), &provider, at).unwrap();
    let now = UnixTime::since_unix_epoch(Duration::from_secs(at.unix_timestamp() as u64));
    let verdict = verifier.verify_client_cert(&chain[0], &chain[1..], now);
    let recorded = refusals.latest();
    assert_eq!(recorded.len(), usize::from(verdict.is_err()));
    verdict.map(|_| ()).map_err(|error| {
        assert_eq!(recorded[0].at, now.as_secs());
        (Check::of(&error), recorded[0].check)
    })
}
