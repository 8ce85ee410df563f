//! What TLS of a configuration's files looks like, and what TLS of a running server has seen: `/tls.json`.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::identity::revocation::{self, ListState, RevocationList, Staleness};
use crate::identity::tls::ListenerTls;

/// What TLS of the configuration's files looks like.
#[derive(Debug)]
pub struct OwnTls {
    /// Days until the server's certificate expires.
    pub(super) days: i64,
    pub(super) lists: Vec<ListStatus>,
}

impl OwnTls {
    /// At an instant.
    pub fn of(tls: &ListenerTls, at: OffsetDateTime, staleness: Staleness) -> Self {
        Self {
            days: tls.days_to_expiry(at),
            lists: ListStatus::current(&tls.lists, at, staleness),
        }
    }
}

/// A revocation list that counts.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ListStatus {
    /// Whose certificates it speaks of.
    #[serde(rename = "udsteder")]
    pub issuer: String,
    /// Whether it is believed.
    #[serde(rename = "tilstand")]
    pub state: ListState,
    /// When it was made, in seconds since 1970.
    #[serde(rename = "thisUpdate")]
    pub this_update: i64,
    /// When the next is due, in seconds since 1970.
    #[serde(rename = "nextUpdate")]
    pub next_update: i64,
}

impl ListStatus {
    /// Those of the lists that count at an instant.
    pub fn current(
        lists: &[RevocationList],
        at: OffsetDateTime,
        staleness: Staleness,
    ) -> Vec<Self> {
        let told = |list: &RevocationList| Self {
            issuer: list.issuer.clone(),
            state: list.state(at, staleness),
            this_update: list.edition.this_update.unix_timestamp(),
            next_update: list.next_update.unix_timestamp(),
        };
        revocation::current(lists, at)
            .into_iter()
            .map(told)
            .collect()
    }
}

/// What TLS of a server has seen since its start, and how its renewal went. Another version may tell less.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TlsSeen {
    /// The lists that count, of all listeners.
    #[serde(rename = "spaerrelister")]
    pub lists: Vec<ListStatus>,
    /// Lists that are older than one that was used before.
    #[serde(rename = "gaaetTilbage")]
    pub gone_back: Vec<OlderList>,
    /// The latest refused certificates, oldest first.
    #[serde(rename = "afviste")]
    pub refused: Vec<RefusedCertificate>,
    /// How often certificates and lists were replaced.
    #[serde(rename = "fornyet")]
    pub renewals: u64,
    /// Listeners that go on with the old.
    #[serde(rename = "fornyelse")]
    pub failed: Vec<FailedRenewal>,
    /// Looking at the files has not come back.
    #[serde(rename = "eftersynHaenger")]
    pub renewal_hangs: bool,
    /// How the last fetching of each list went.
    #[serde(rename = "hentning")]
    pub fetched: Vec<FetchedList>,
}

/// A revocation list that is older than one that was held before.
#[derive(Debug, Serialize, Deserialize)]
pub struct OlderList {
    /// Its issuer.
    #[serde(rename = "udsteder")]
    pub issuer: String,
    /// When it was made, in seconds since 1970.
    #[serde(rename = "thisUpdate")]
    pub this_update: i64,
    /// When the newest that was held was made.
    #[serde(rename = "nyesteSet")]
    pub newest: i64,
}

/// A client certificate that was refused.
#[derive(Debug, Serialize, Deserialize)]
pub struct RefusedCertificate {
    /// When, in seconds since 1970.
    #[serde(rename = "tid")]
    pub at: u64,
    /// The check that failed.
    #[serde(rename = "kontrol")]
    pub check: String,
    /// The CVR number that it claims.
    pub cvr: Option<String>,
    /// Its fingerprint.
    pub sha256: String,
}

/// A listener whose new certificates or lists can't be used.
#[derive(Debug, Serialize, Deserialize)]
pub struct FailedRenewal {
    /// Which.
    #[serde(rename = "lytter")]
    pub listener: String,
    /// Why.
    #[serde(rename = "fejl")]
    pub why: String,
}

/// How the last fetching of a list went.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct FetchedList {
    /// From where.
    pub url: String,
    /// When.
    #[serde(rename = "tid")]
    pub at: String,
    /// Why it came to nothing, if it did.
    #[serde(rename = "fejl")]
    pub why: Option<String>,
}
