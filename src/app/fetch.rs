//! Fetching revocation lists: the one outbound connection of the product, off unless the configuration names addresses.
//!
//! An address comes from the configuration alone, never from a certificate. A list takes the place of the file only when
//! a CA of the configuration has signed it, it is not from the future, and it is newer than the one there; then the file
//! is replaced whole, and the renewal of TLS sees it.

use std::path::{Path, PathBuf};
use std::sync::Weak;
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer};
use x509_parser::{parse_x509_certificate, parse_x509_crl};

use crate::client::Client;
use crate::clock::Clock;
use crate::config::{Config, Hent};
use crate::files;
use crate::register::Tidspunkt;
use crate::server::TlsCell;
use crate::status::FetchedList;

/// How long a list may take to come.
const PATIENCE: Duration = Duration::from_secs(60);
/// The largest that is taken, in bytes: no larger than a file of lists may be, and no more is received.
const LARGEST: u64 = 32 << 20;

/// Fetches the lists of a configuration for as long as its server runs.
pub(super) async fn watch(config: Config, cell: Weak<TlsCell>) {
    if config.tls.hent.is_empty() {
        return;
    }
    let every = Duration::from_secs(config.tls.hent_minutter.max(1).saturating_mul(60));
    let mut ticks = tokio::time::interval(every);
    loop {
        ticks.tick().await;
        let mut outcomes = Vec::new();
        for source in &config.tls.hent {
            let outcome = fetch(source, &config.tls.klient_ca).await;
            match &outcome {
                Ok(true) => tracing::info!(url = source.url, "revocation list fetched"),
                Ok(false) => tracing::debug!(url = source.url, "no newer revocation list"),
                Err(error) => {
                    tracing::warn!(url = source.url, %error, "revocation list not fetched");
                }
            }
            outcomes.push(FetchedList {
                url: source.url.clone(),
                at: Clock::System.now().to_string(),
                why: outcome.err().map(|error| error.to_string()),
            });
        }
        let Some(cell) = cell.upgrade() else { return };
        cell.fetched(outcomes);
    }
}

/// Why a list was not taken.
#[derive(Debug, thiserror::Error)]
enum NotFetched {
    #[error("no answer: {0}")]
    Client(String),
    #[error("answered with status {0}")]
    Status(u16),
    #[error("what came is no revocation list")]
    NoList,
    #[error("no CA of klient_ca has signed it")]
    NotSigned,
    #[error("it is from the future: made {0}")]
    Future(Tidspunkt),
    #[error("{file} can't be written: {cause}")]
    File { file: String, cause: std::io::Error },
}

/// Fetches one list; whether it was newer than the one there.
async fn fetch(source: &Hent, cas: &[PathBuf]) -> Result<bool, NotFetched> {
    let client = Client::plain().map_err(|error| NotFetched::Client(error.to_string()))?;
    let client = client.with_timeout(PATIENCE).with_largest(LARGEST);
    let got = client.get(&source.url, &[]).await;
    let got = got.map_err(|error| NotFetched::Client(error.to_string()))?;
    if !got.status.is_success() {
        return Err(NotFetched::Status(got.status.as_u16()));
    }
    let (body, file, cas) = (got.body, source.fil.clone(), cas.to_vec());
    let kept = tokio::task::spawn_blocking(move || keep(&body, &file, &cas));
    kept.await
        .unwrap_or_else(|error| Err(NotFetched::Client(error.to_string())))
}

fn keep(body: &[u8], file: &Path, cas: &[PathBuf]) -> Result<bool, NotFetched> {
    let der = list_of(body).ok_or(NotFetched::NoList)?;
    let made = signed(&der, cas)?;
    if made > Clock::System.now() {
        return Err(NotFetched::Future(made));
    }
    let there = files::read(file, LARGEST).ok();
    let there = there.and_then(|old| list_of(&old));
    let newer = there
        .and_then(|old| made_at(&old))
        .is_none_or(|old| made > old);
    if !newer {
        return Ok(false);
    }
    let failed = |cause| NotFetched::File {
        file: file.display().to_string(),
        cause,
    };
    // Aside first, on the same disk: a reader finds the old list or the new one, whole.
    files::replace(file, ".hentet", &der).map_err(failed)?;
    Ok(true)
}

/// The bytes of a list, sent as DER or PEM.
fn list_of(bytes: &[u8]) -> Option<Vec<u8>> {
    if bytes.first() == Some(&0x30) {
        return Some(bytes.to_vec());
    }
    let list = CertificateRevocationListDer::from_pem_slice(bytes).ok()?;
    Some(list.to_vec())
}

fn made_at(der: &[u8]) -> Option<Tidspunkt> {
    let (_, list) = parse_x509_crl(der).ok()?;
    let seconds = list.last_update().timestamp();
    Some(Tidspunkt::from_millis(seconds.saturating_mul(1000)))
}

/// When a list was made, if a trusted CA has signed it.
fn signed(der: &[u8], cas: &[PathBuf]) -> Result<Tidspunkt, NotFetched> {
    let Ok(([], list)) = parse_x509_crl(der) else {
        return Err(NotFetched::NoList);
    };
    let certificates = cas.iter().flat_map(|file| {
        // One that can't be read fails the renewal, which tells it.
        let text = files::read(file, files::SMALL).unwrap_or_default();
        CertificateDer::pem_slice_iter(&text)
            .filter_map(Result::ok)
            .collect::<Vec<_>>()
    });
    for ca in certificates {
        if let Ok((_, ca)) = parse_x509_certificate(&ca)
            && ca.subject().as_raw() == list.issuer().as_raw()
            && list.verify_signature(ca.public_key()).is_ok()
        {
            return made_at(der).ok_or(NotFetched::NoList);
        }
    }
    Err(NotFetched::NotSigned)
}
