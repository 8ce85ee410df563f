//! The call log: what the service listener answered, kept for some months in a file of its own (`kald.db`) beside the register.
//! It answers a vendor who quotes a correlation id, and tells which systems have gone silent.
//!
//! | module | what it does |
//! | --- | --- |
//! | `recorder` | takes calls from the server, which never waits for it |
//! | `keeper` | the thread that keeps them: batches, bounds, age |
//! | `polls` | one line a minute for calls that say the same |
//! | `database` | the file and its SQL |
//! | `read` | looks calls up |
//! | `silent` | systems that have gone silent |
//!
//! Codes, paths and ids are kept: no bodies, no values of a message, no addresses. Losing the file loses nothing of the register.

mod database;
mod keeper;
mod polls;
mod read;
mod recorder;
mod silent;
#[cfg(test)]
mod testing;

use std::path::{Path, PathBuf};
use std::time::Duration;

use uuid::Uuid;

use crate::identity::PeerChain;
use crate::problem::{self, Entry, Fault};
use crate::register::{Cvr, Sekvens, SystemId, Tidspunkt};

pub use keeper::Settings;
pub use read::{Calls, Filter, MOST, Page, StatusClass};
pub use recorder::{CallLog, Recording};
pub use silent::{Silent, silent};

/// The call log can't be read or written.
#[derive(Debug, thiserror::Error)]
#[error("the call log {file}: {cause}", file = file.display())]
pub struct CallsError {
    file: PathBuf,
    cause: rusqlite::Error,
}

/// Where the call log of a register lies: beside its database.
pub fn path(database: &Path) -> PathBuf {
    database.with_file_name("kald.db")
}

/// What a stored write left in the register.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    /// The number of its audit line.
    pub line: u64,
    /// Its first and its last change.
    pub changes: (Sekvens, Sekvens),
}

/// A call as the server answered it.
#[derive(Debug)]
pub struct Answered {
    /// The correlation id; it says when the call came.
    pub id: Uuid,
    /// How long it took.
    pub took: Duration,
    /// The listener.
    pub listener: &'static str,
    /// The service, or kind of document.
    pub service: &'static str,
    /// The operation; `-` when it is not known.
    pub operation: &'static str,
    /// HTTP status.
    pub status: u16,
    /// The code of the first error.
    pub kode: Option<&'static str>,
    /// Code and path of the errors, as the log shows them.
    pub errors: Option<Box<str>>,
    /// The caller's MessageID, or its Idempotency-Key.
    pub message_id: Option<Box<str>>,
    /// The organisation of the certificate.
    pub cvr: Option<Cvr>,
    /// The certificate: it names the system.
    pub peer: Option<PeerChain>,
    /// Records in the message.
    pub records: usize,
    /// What it left in the register.
    pub written: Option<Written>,
}

/// A call of the log, or several of a minute that said the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The correlation id; of several, that of the first.
    pub id: Uuid,
    /// The listener.
    pub listener: String,
    /// The service, or kind of document.
    pub service: String,
    /// The operation; `-` when it is not known.
    pub operation: String,
    /// HTTP status.
    pub status: u16,
    /// The code of the first error.
    pub kode: Option<String>,
    /// Code and path of the errors; see [`Call::errors`].
    pub told: Option<String>,
    /// The caller's MessageID, or its Idempotency-Key, cut when it is long.
    pub message_id: Option<String>,
    /// The organisation of the certificate.
    pub cvr: Option<Cvr>,
    /// The system that the certificate was bound to.
    pub system: Option<SystemId>,
    /// The certificate: 64 bits of the hash of its stable identity.
    pub certificate: Option<u64>,
    /// How long it took; of several, the longest.
    pub took: Duration,
    /// Records in the message.
    pub records: u64,
    /// What it left in the register.
    pub written: Option<Written>,
    /// How many calls it stands for.
    pub count: u64,
    /// When the last of them came.
    pub last: Tidspunkt,
}

/// An error of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallError<'a> {
    /// Its code.
    pub kode: &'a str,
    /// Where in the message, by the contract's names.
    pub path: Option<&'a str>,
}

impl Call {
    /// When it came.
    pub fn at(&self) -> Tidspunkt {
        at(self.id)
    }

    /// Its errors as far as they are told, and how many more there were.
    pub fn errors(&self) -> (Vec<CallError<'_>>, u64) {
        let Some(told) = self.told.as_deref() else {
            let bare = |kode| CallError { kode, path: None };
            return (self.kode.as_deref().map(bare).into_iter().collect(), 0);
        };
        let (mut errors, mut more) = (Vec::new(), 0);
        for each in told.split("; ") {
            let left = each.strip_prefix("and ");
            if let Some(left) = left.and_then(|rest| rest.strip_suffix(" more")) {
                more = left.parse().unwrap_or(0);
                continue;
            }
            let (kode, path) = match each.split_once(' ') {
                Some((kode, path)) => (kode, Some(path)),
                None => (each, None),
            };
            errors.push(CallError { kode, path });
        }
        (errors, more)
    }

    /// What came of it.
    pub fn outcome(&self) -> Outcome {
        Outcome::of(self.status, self.kode.as_deref())
    }
}

/// What came of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It was answered as asked.
    Success,
    /// The caller was told what is wrong with it.
    Refusal,
    /// The service could not answer it.
    Failure,
}

impl Outcome {
    /// That of a status and the code of the first error.
    pub fn of(status: u16, kode: Option<&str>) -> Self {
        match (status, kode) {
            (0..400, None) => Self::Success,
            (400..500, _) => Self::Refusal,
            (_, None) => Self::Failure,
            (_, Some(kode)) => match entry(kode).map(|entry| entry.fault) {
                Some(Fault::Receiver | Fault::Unavailable(_)) => Self::Failure,
                _ => Self::Refusal,
            },
        }
    }

    /// The word of the command line for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Success => "lykkedes",
            Self::Refusal => "afvist",
            Self::Failure => "fejlede",
        }
    }
}

/// The catalogue's entry of a code.
pub fn entry(kode: &str) -> Option<&'static Entry> {
    problem::all().find(|entry| entry.kode == kode)
}

/// When a system, or an organisation's certificate without one, last called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Last {
    /// The organisation of the certificate.
    pub cvr: Option<Cvr>,
    /// The system; none where the certificate was bound to none.
    pub system: Option<SystemId>,
    /// The last call that was answered as asked.
    pub success: Option<Tidspunkt>,
    /// The last that the service failed to answer.
    pub failure: Option<Tidspunkt>,
    /// The last that was refused.
    pub refusal: Option<Tidspunkt>,
    /// The last write that was stored.
    pub wrote: Option<Tidspunkt>,
}

impl Last {
    /// As JSON, for the command line.
    pub fn json(&self) -> serde_json::Value {
        let at = |at: Option<Tidspunkt>| at.map(|at| at.to_string());
        serde_json::json!({
            "lykkedes": at(self.success),
            "afvist": at(self.refusal),
            "fejlede": at(self.failure),
            "skrev": at(self.wrote),
        })
    }

    /// Its last call, whatever came of it.
    pub fn call(&self) -> Option<Tidspunkt> {
        self.success.max(self.failure).max(self.refusal)
    }
}

/// When a call came, by its id.
fn at(id: Uuid) -> Tidspunkt {
    let (head, _) = id.as_u64_pair();
    Tidspunkt::from_millis(i64::try_from(head >> 16).unwrap_or_default())
}

/// The least id of a call that came at this time or later.
fn first_at(at: Tidspunkt) -> Uuid {
    let millis = u64::try_from(at.millis()).unwrap_or_default();
    Uuid::from_u64_pair(millis << 16, 0)
}

#[cfg(test)]
mod tests {
    use super::testing::call;
    use super::*;

    #[test]
    fn an_id_says_when() {
        let now = Tidspunkt::from_millis(1_790_000_000_123);
        assert_eq!(at(crate::ids::timed(1_790_000_000_123)), now);
        assert!(first_at(now) <= crate::ids::timed(1_790_000_000_123));
        assert!(crate::ids::timed(1_790_000_000_122) < first_at(now));
        assert_eq!(first_at(Tidspunkt::from_millis(-1)), Uuid::nil());
    }

    #[test]
    fn errors_are_read_back() {
        let told = "DTR4004 /A/b[2]/c; DTR5001; and 3 more";
        let own = Call {
            kode: Some("DTR4004".into()),
            told: Some(told.into()),
            ..call()
        };
        let at = |kode, path| CallError { kode, path };
        let errors = vec![at("DTR4004", Some("/A/b[2]/c")), at("DTR5001", None)];
        assert_eq!(own.errors(), (errors, 3));
        let bare = Call { told: None, ..own };
        assert_eq!(bare.errors(), (vec![at("DTR4004", None)], 0));
        assert_eq!(call().errors(), (vec![], 0));
    }

    #[test]
    fn a_refusal_is_no_failure() {
        use crate::problem::{http, intern, register};
        let of = |status, entry: &Entry| Outcome::of(status, Some(entry.kode));
        assert_eq!(of(200, &register::SIDSTE_ENHED), Outcome::Refusal);
        assert_eq!(of(500, &http::ORGANISATION_UKENDT), Outcome::Refusal);
        assert_eq!(of(429, &http::FOR_HURTIGT), Outcome::Refusal);
        assert_eq!(of(503, &http::TRAVLT), Outcome::Failure);
        assert_eq!(of(500, &intern::INTERN), Outcome::Failure);
        assert_eq!(Outcome::of(304, None), Outcome::Success);
        assert_eq!(Outcome::of(404, None), Outcome::Refusal);
        assert_eq!(Outcome::of(500, None), Outcome::Failure);
    }
}
