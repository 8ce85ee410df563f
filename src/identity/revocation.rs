//! Revocation lists as they are loaded: whose, how old, whether they may still be believed, and which of an issuer's
//! several counts (kontrakt §8).
//!
//! A list past its nextUpdate is believed for as long as the configuration says (`stale until`), or not at all (`fresh`).
//! One that is no longer believed is left out of the verifier, which then refuses every certificate of its issuer. Of several
//! lists of one issuer the newest counts alone, whatever its file is called: an older one knows less.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustls::pki_types::CertificateRevocationListDer;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use x509_parser::extensions::ParsedExtension;
use x509_parser::oid_registry::OID_X509_EXT_ISSUER_DISTRIBUTION_POINT;
use x509_parser::parse_x509_crl;
use x509_parser::revocation_list::CertificateRevocationList;

use super::error::TlsError;
use super::pem;

/// The most lists that are read from a folder.
const MOST: usize = 1000;

/// The endings of files that are taken from a folder.
const ENDINGS: [&str; 3] = ["crl", "pem", "der"];

/// How long past its nextUpdate a list is believed. Nothing: not at all (`fresh`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Staleness(pub Option<Duration>);

/// Whether a list may be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ListState {
    /// Before its nextUpdate.
    #[serde(rename = "frisk")]
    Fresh,
    /// Past it, and still believed.
    #[serde(rename = "gammel")]
    Stale,
    /// Past it, and no longer believed; or from the future.
    #[serde(rename = "udloebet")]
    Expired,
}

impl ListState {
    /// All.
    pub const ALL: [Self; 3] = [Self::Fresh, Self::Stale, Self::Expired];

    /// The word for it in logs, metrics and `--json`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fresh => "frisk",
            Self::Stale => "gammel",
            Self::Expired => "udloebet",
        }
    }
}

/// A list that is loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevocationList {
    /// The issuer's name.
    pub issuer: String,
    /// Whose certificates it speaks of.
    pub scope: Scope,
    /// How new it is.
    pub edition: Edition,
    /// When the next one was to come.
    pub next_update: OffsetDateTime,
}

/// Whose certificates a list speaks of. Lists of the same take each other's place.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Scope {
    /// The issuer's name as it is in certificates.
    pub(super) issuer: Vec<u8>,
    /// Its issuing distribution point: an issuer may part its certificates between several lists.
    part: Vec<u8>,
}

/// How new a list is: by when it was made, then by its number.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edition {
    /// thisUpdate.
    pub this_update: OffsetDateTime,
    /// cRLNumber, by its length and then its bytes; none counts as the least.
    number: (usize, Vec<u8>),
}

impl RevocationList {
    fn of(parsed: &CertificateRevocationList<'_>) -> Option<Self> {
        let mut number = (0, Vec::new());
        let mut part = Vec::new();
        for extension in parsed.extensions() {
            if let ParsedExtension::CRLNumber(given) = extension.parsed_extension() {
                let bytes = given.to_bytes_be();
                number = (bytes.len(), bytes);
            }
            if extension.oid == OID_X509_EXT_ISSUER_DISTRIBUTION_POINT {
                part = extension.value.to_vec();
            }
        }
        Some(Self {
            issuer: parsed.issuer().to_string(),
            scope: Scope {
                issuer: parsed.issuer().as_raw().to_vec(),
                part,
            },
            edition: Edition {
                this_update: parsed.last_update().to_datetime(),
                number,
            },
            next_update: parsed.next_update()?.to_datetime(),
        })
    }

    /// Whether it may be believed at an instant.
    pub fn state(&self, at: OffsetDateTime, staleness: Staleness) -> ListState {
        let next = self.next_update;
        if at < self.edition.this_update {
            ListState::Expired
        } else if at < next || (at == next && staleness.0.is_some()) {
            // Without a grace the verifier refuses from that very second on, and what is told must be what is done.
            ListState::Fresh
        } else if staleness.0.is_some_and(|grace| at - next <= grace) {
            ListState::Stale
        } else {
            ListState::Expired
        }
    }

    /// The instants, in Unix seconds, from which on another list may count or this one is no longer believed.
    pub(super) fn changes(&self, staleness: Staleness) -> [i64; 2] {
        // With a grace its last second counts; without, nextUpdate itself is too late.
        let grace = staleness.0.map_or(0, |grace| grace.as_secs() + 1);
        let last = self
            .next_update
            .unix_timestamp()
            .saturating_add(i64::try_from(grace).unwrap_or(i64::MAX));
        [self.edition.this_update.unix_timestamp(), last]
    }
}

/// The lists that count at an instant: of those that speak of the same certificates the newest that is not from the future;
/// where all are, the one that will be due first.
pub fn current<'a>(
    lists: impl IntoIterator<Item = &'a RevocationList>,
    at: OffsetDateTime,
) -> Vec<&'a RevocationList> {
    let rank = |list: &'a RevocationList| {
        let made = list.edition.this_update <= at;
        (
            made,
            made.then_some(&list.edition),
            Reverse((!made).then_some(&list.edition)),
        )
    };
    let mut newest: BTreeMap<&Scope, &RevocationList> = BTreeMap::new();
    for list in lists {
        let kept = newest.entry(&list.scope).or_insert(list);
        // Of two that are equally new the later one read.
        if rank(list) >= rank(kept) {
            *kept = list;
        }
    }
    newest.into_values().collect()
}

/// A list, what it says of itself, and the bytes for the verifier.
#[derive(Debug)]
pub(super) struct Loaded {
    pub(super) list: RevocationList,
    pub(super) der: CertificateRevocationListDer<'static>,
}

/// Every list of the files and folders.
pub(super) fn load(paths: &[PathBuf]) -> Result<Vec<Loaded>, TlsError> {
    let mut lists = Vec::new();
    for path in paths {
        for file in files(path)? {
            for (n, der) in pem::revocation_lists(&file)?.into_iter().enumerate() {
                // One without nextUpdate (RFC 5280 demands it) could be believed for ever.
                let list = match parse_x509_crl(&der) {
                    Ok(([], parsed)) => RevocationList::of(&parsed),
                    _ => None,
                };
                let list = list.ok_or_else(|| TlsError::Unreadable {
                    file: file.clone(),
                    number: n + 1,
                    what: "revocation list with a nextUpdate",
                })?;
                lists.push(Loaded { list, der });
            }
        }
    }
    Ok(lists)
}

/// The files behind a path: itself, or those of a folder that are named like lists.
///
/// # Errors
/// [`TlsError::Read`] for a folder that can't be read.
pub fn files(path: &Path) -> Result<Vec<PathBuf>, TlsError> {
    let failed = |cause| TlsError::Read {
        file: path.to_owned(),
        cause,
    };
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(path).map_err(failed)? {
        let file = entry.map_err(failed)?.path();
        let ending = file.extension().and_then(|ending| ending.to_str());
        if ending.is_some_and(|ending| ENDINGS.contains(&ending)) {
            if found.len() == MOST {
                return Err(TlsError::TooMany {
                    folder: path.to_owned(),
                    limit: MOST,
                });
            }
            found.push(file);
        }
    }
    found.sort_unstable();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hours: i64) -> OffsetDateTime {
        OffsetDateTime::UNIX_EPOCH + time::Duration::hours(hours)
    }

    fn list(scope: u8, made: i64, number: &[u8]) -> RevocationList {
        RevocationList {
            issuer: "x".into(),
            scope: Scope {
                issuer: vec![scope],
                part: Vec::new(),
            },
            edition: Edition {
                this_update: at(made),
                number: (number.len(), number.to_vec()),
            },
            next_update: at(made + 100),
        }
    }

    #[test]
    fn a_file_larger_than_any_list_is_not_read() {
        let scratch = crate::pki::scratch::Scratch::new();
        let path = scratch.path().join("stor.crl");
        let file = fs::File::create(&path).unwrap();
        let refused = |length| {
            file.set_len(length).unwrap();
            let told = load(std::slice::from_ref(&path)).map(|_| ()).unwrap_err();
            assert!(told.to_string().contains("stor.crl"), "{told}");
            matches!(told, TlsError::Read { .. })
        };
        assert!(!refused(pem::LARGEST_LIST), "read, and found to be no list");
        assert!(refused(pem::LARGEST_LIST + 1));
    }

    #[test]
    fn a_list_grows_old_as_the_configuration_says() {
        let list = list(1, 100, &[]);
        let until = Staleness(Some(Duration::from_secs(72 * 3600)));
        for (hour, stale, fresh) in [
            (99, ListState::Expired, ListState::Expired),
            (100, ListState::Fresh, ListState::Fresh),
            (199, ListState::Fresh, ListState::Fresh),
            (200, ListState::Fresh, ListState::Expired),
            (201, ListState::Stale, ListState::Expired),
            (272, ListState::Stale, ListState::Expired),
            (273, ListState::Expired, ListState::Expired),
        ] {
            assert_eq!(list.state(at(hour), until), stale, "{hour}");
            assert_eq!(list.state(at(hour), Staleness(None)), fresh, "{hour}");
        }
        // To the second.
        for (staleness, last) in [
            (until, at(272).unix_timestamp()),
            (Staleness(None), at(200).unix_timestamp() - 1),
        ] {
            let [from, end] = list.changes(staleness);
            assert_eq!(from, at(100).unix_timestamp());
            let then = |seconds| OffsetDateTime::from_unix_timestamp(seconds).unwrap();
            assert_eq!(end - 1, last);
            assert_ne!(list.state(then(end - 1), staleness), ListState::Expired);
            assert_eq!(list.state(then(end), staleness), ListState::Expired);
        }
        for state in ListState::ALL {
            let written = serde_json::to_value(state).unwrap();
            assert_eq!(
                written,
                state.as_str(),
                "one word for it in JSON and in the figures"
            );
        }
    }

    #[test]
    fn the_newest_list_counts_whatever_the_order() {
        let old = list(1, 100, &[9]);
        let new = list(1, 110, &[3]);
        let renumbered = list(1, 110, &[1, 0]);
        let future = list(1, 130, &[1, 1]);
        let later = list(1, 140, &[1, 2]);
        let other = list(2, 50, &[1]);
        fn counts<'a>(lists: &[&'a RevocationList], hour: i64) -> Vec<&'a RevocationList> {
            let forward = current(lists.iter().copied(), at(hour));
            let backward = current(lists.iter().rev().copied(), at(hour));
            assert_eq!(forward, backward);
            forward
        }
        assert_eq!(counts(&[&old, &new], 120), [&new]);
        assert_eq!(counts(&[&new, &renumbered, &old], 120), [&renumbered]);
        assert_eq!(counts(&[&old, &other], 120), [&old, &other]);
        // One from the future waits for its time, and takes no place before.
        assert_eq!(counts(&[&future, &old], 120), [&old]);
        assert_eq!(counts(&[&future, &old], 130), [&future]);
        assert_eq!(counts(&[&later, &future], 120), [&future]);
        let part = RevocationList {
            scope: Scope {
                part: vec![1],
                ..old.scope.clone()
            },
            ..new.clone()
        };
        assert_eq!(counts(&[&old, &part], 120).len(), 2);
    }
}
