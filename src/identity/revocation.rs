//! Revocation lists as they are loaded: whose, how old, and whether they may still be believed (contract §8).
//!
//! A list past its nextUpdate is believed for as long as the configuration says (`stale until`), or not at all (`fresh`).
//! One that is no longer believed is left out of the verifier, which then refuses every certificate of its issuer.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustls::pki_types::CertificateRevocationListDer;
use time::OffsetDateTime;
use x509_parser::parse_x509_crl;

use super::pem;
use super::tls::TlsError;

/// The largest file of lists that is read. The largest of the issuers of OCES is a tenth of it.
const LARGEST: u64 = 32 << 20;

/// The endings of files that are taken from a folder.
const ENDINGS: [&str; 3] = ["crl", "pem", "der"];

/// How long past its nextUpdate a list is believed. Nothing: not at all (`fresh`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Staleness(pub Option<Duration>);

/// Whether a list may be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Tilstand {
    /// Before its nextUpdate.
    Frisk,
    /// Past it, and still believed.
    Gammel,
    /// Past it, and no longer believed; or from the future.
    Udloebet,
}

impl Tilstand {
    /// All, with the word of logs, metrics and `--json`.
    pub const ALL: [(Self, &'static str); 3] = [
        (Self::Frisk, "frisk"),
        (Self::Gammel, "gammel"),
        (Self::Udloebet, "udloebet"),
    ];

    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Frisk => "frisk",
            Self::Gammel => "gammel",
            Self::Udloebet => "udloebet",
        }
    }
}

/// A list that is loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spaerreliste {
    /// The issuer's name.
    pub udsteder: String,
    /// When it was made.
    pub this_update: OffsetDateTime,
    /// When the next one was to come; none: it says nothing, and is never old.
    pub next_update: Option<OffsetDateTime>,
}

impl Spaerreliste {
    /// Whether it may be believed at an instant.
    #[must_use]
    pub fn tilstand(&self, at: OffsetDateTime, staleness: Staleness) -> Tilstand {
        let Some(next) = self.next_update else {
            return Tilstand::Frisk;
        };
        if at < self.this_update {
            Tilstand::Udloebet
        } else if at <= next {
            Tilstand::Frisk
        } else if staleness.0.is_some_and(|grace| at - next <= grace) {
            Tilstand::Gammel
        } else {
            Tilstand::Udloebet
        }
    }
}

/// A list, what it says of itself, and the bytes for the verifier.
pub(super) struct Loaded {
    pub(super) list: Spaerreliste,
    /// The issuer's name as it is in certificates.
    pub(super) issuer: Vec<u8>,
    pub(super) der: CertificateRevocationListDer<'static>,
}

/// Every list of the files and folders.
pub(super) fn load(paths: &[PathBuf]) -> Result<Vec<Loaded>, TlsError> {
    let mut lists = Vec::new();
    for path in paths {
        for file in files(path)? {
            for (n, der) in read(&file)?.into_iter().enumerate() {
                let unreadable = || TlsError::Unreadable {
                    file: file.clone(),
                    number: n + 1,
                    what: "revocation list",
                };
                let Ok(([], parsed)) = parse_x509_crl(&der) else {
                    return Err(unreadable());
                };
                let list = Spaerreliste {
                    udsteder: parsed.issuer().to_string(),
                    this_update: parsed.last_update().to_datetime(),
                    next_update: parsed.next_update().map(|at| at.to_datetime()),
                };
                let issuer = parsed.issuer().as_raw().to_vec();
                lists.push(Loaded { list, issuer, der });
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
            found.push(file);
        }
    }
    found.sort_unstable();
    Ok(found)
}

fn read(file: &Path) -> Result<Vec<CertificateRevocationListDer<'static>>, TlsError> {
    let length = fs::metadata(file).map(|data| data.len());
    if length.is_ok_and(|length| length > LARGEST) {
        return Err(TlsError::TooLarge {
            file: file.to_owned(),
            limit: LARGEST,
        });
    }
    pem::revocation_lists(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_larger_than_any_list_is_not_read() {
        let scratch = crate::pki::scratch::Scratch::new();
        let path = scratch.path().join("stor.crl");
        let file = fs::File::create(&path).unwrap();
        file.set_len(LARGEST).unwrap();
        assert!(!matches!(read(&path), Err(TlsError::TooLarge { .. })));
        file.set_len(LARGEST + 1).unwrap();
        assert!(matches!(read(&path), Err(TlsError::TooLarge { .. })));
    }

    #[test]
    fn a_list_grows_old_as_the_configuration_says() {
        let at = |hours: i64| OffsetDateTime::UNIX_EPOCH + time::Duration::hours(hours);
        let list = Spaerreliste {
            udsteder: "x".into(),
            this_update: at(100),
            next_update: Some(at(200)),
        };
        let until = Staleness(Some(Duration::from_secs(72 * 3600)));
        for (hour, stale, fresh) in [
            (99, Tilstand::Udloebet, Tilstand::Udloebet),
            (100, Tilstand::Frisk, Tilstand::Frisk),
            (200, Tilstand::Frisk, Tilstand::Frisk),
            (201, Tilstand::Gammel, Tilstand::Udloebet),
            (272, Tilstand::Gammel, Tilstand::Udloebet),
            (273, Tilstand::Udloebet, Tilstand::Udloebet),
        ] {
            assert_eq!(list.tilstand(at(hour), until), stale, "{hour}");
            assert_eq!(list.tilstand(at(hour), Staleness(None)), fresh, "{hour}");
        }
        let open = Spaerreliste {
            next_update: None,
            ..list
        };
        assert_eq!(open.tilstand(at(9999), Staleness(None)), Tilstand::Frisk);
        for (state, word) in Tilstand::ALL {
            assert_eq!(state.as_str(), word);
        }
    }
}
