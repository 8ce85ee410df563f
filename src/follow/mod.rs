//! A consumer's copy of the register, kept current from snapshot and feed (kontrakt §9): the reference for consumers in
//! other languages. `docs/foelg.md` tells the same in ten lines.
//!
//! | module | what it holds |
//! | --- | --- |
//! | `parse` | reading pages of the feed and snapshots, and the digest of each change |
//! | `folder`, `database` | where the copy lies: a folder of XML files, or a SQLite file |
//!
//! Invariant: the copy and the place it stands at are written together, or so that doing it again changes nothing. So the
//! following can be broken off anywhere and taken up again.

mod database;
mod folder;
mod parse;

use std::time::Duration;

use crate::audit::{Hash, PublicKey};
use crate::client::{Client, ClientError, LowestPace, Response};
use crate::export::feed;
use crate::problem::http;

pub use database::Database;
pub use folder::Folder;
pub use parse::{Change, Page, ParseError, Record, Snapshot};

/// Changes asked for at a time.
const MOST: u32 = 1000;
/// How long a call waits for a change, in seconds.
const WAIT: u32 = 25;
/// How long an answer may take to begin beyond what the call waits for, in seconds; and how slow it may come then, in bytes a
/// second: a whole register over a slow line takes minutes, and a server that sends a byte now and then holds nobody up.
const PATIENCE: u64 = 60;
const SLOWEST: LowestPace = LowestPace {
    bytes_a_second: 8 << 10,
    head_start: Duration::from_secs(10),
};
/// How long to wait after a call that came to nothing: doubled each time up to the second.
const PAUSE: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));

/// Where a copy stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// The line of history that it follows.
    pub epoke: String,
    /// The last change in it.
    pub sekvens: u64,
    /// The digest of the chain with that change.
    pub digest: Hash,
}

/// Where a copy lies.
pub trait Replica {
    /// Where it stands; none for a new one.
    fn progress(&self) -> Result<Option<Progress>, ReplicaError>;

    /// Begins it anew with these records.
    fn begin_anew(&mut self, records: &[Record], progress: &Progress) -> Result<(), ReplicaError>;

    /// Carries changes out, in order; done twice they change nothing more.
    fn apply(&mut self, changes: &[Change], progress: &Progress) -> Result<(), ReplicaError>;
}

/// A copy can't be read or written.
#[derive(Debug, thiserror::Error)]
#[error("{at}: {why}")]
pub struct ReplicaError {
    /// The file.
    pub at: String,
    /// Why.
    pub why: String,
}

/// Why following ends, or a step of it.
#[derive(Debug, thiserror::Error)]
pub enum FollowError {
    /// No answer, or none that is of use now: to be tried again.
    #[error("{0}")]
    Connection(#[from] ClientError),
    /// The register answers otherwise than it should.
    #[error("{url}: status {status}: {svar}")]
    Status {
        /// What was asked for.
        url: String,
        /// Its status.
        status: u16,
        /// The beginning of its body.
        svar: String,
    },
    /// An answer that is no page or snapshot.
    #[error("{url}: {error}")]
    Parse {
        /// What was asked for.
        url: String,
        /// Why.
        error: ParseError,
    },
    /// The chain of digests does not hold: changes are missing, doubled or altered on the way.
    #[error(
        "the chain of digests does not hold after change {sekvens}: what came is not what the register sent. \
         Nothing of it was kept; ask the register's operator, and begin anew with an empty copy"
    )]
    Chain {
        /// The last change that holds.
        sekvens: u64,
    },
    /// The register's head is not signed by the key, or tells of another chain.
    #[error("{url}: {why}")]
    Head {
        /// Where the head was fetched.
        url: String,
        /// What is wrong.
        why: &'static str,
    },
    /// The copy.
    #[error(transparent)]
    Replica(#[from] ReplicaError),
}

impl FollowError {
    /// Whether trying again may help.
    fn is_transient(&self) -> bool {
        match self {
            Self::Connection(error) => {
                !matches!(error, ClientError::Url(_) | ClientError::Pem { .. })
            }
            Self::Status { status, .. } => matches!(status, 408 | 429 | 500..),
            _ => false,
        }
    }
}

/// What a step came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Whether the copy was begun anew from a snapshot, with so many records.
    pub begun_anew: Option<usize>,
    /// Changes carried out.
    pub changes: usize,
    /// Where the copy stands now.
    pub progress: Progress,
    /// Whether the register had no more.
    pub up_to_date: bool,
}

/// What whoever follows is told.
#[derive(Debug, Clone, Copy)]
pub enum News<'a> {
    /// A step was done.
    Step(&'a Step),
    /// One came to nothing, and is tried again after so long.
    Again(&'a FollowError, Duration),
}

/// Follows a register.
#[derive(Debug)]
pub struct Follower {
    client: Client,
    url: String,
    key: Option<PublicKey>,
}

impl Follower {
    /// Follows the register whose public listener, or service listener, has this address. With a key, its head is checked
    /// whenever the copy has caught up.
    pub fn new(client: Client, url: &str, key: Option<PublicKey>) -> Self {
        Self {
            client: client
                .with_timeout(Duration::from_secs(u64::from(WAIT) + PATIENCE))
                .with_pace(SLOWEST),
            url: url.trim_end_matches('/').to_owned(),
            key,
        }
    }

    /// One step: a snapshot for a new copy, else a page; waits for a change when there is none, if `wait` says so.
    ///
    /// # Errors
    /// [`FollowError`]: nothing of the step is in the copy.
    pub async fn step(&self, replica: &mut dyn Replica, wait: bool) -> Result<Step, FollowError> {
        let Some(progress) = replica.progress()? else {
            return self.begin_anew(replica).await;
        };
        let seconds = if wait { WAIT } else { 0 };
        let path = format!(
            "/feed/v1/aendringer?efter={}&antal={MOST}&vent={seconds}&epoke={}",
            progress.sekvens, progress.epoke
        );
        let (url, answer) = self.get(&path).await?;
        // The register was restored since.
        if answer.status.as_u16() == 410 {
            return self.begin_anew(replica).await;
        }
        let page = parsed(url, &answer, Page::parse)?;
        let next = page.after(&progress).ok_or(FollowError::Chain {
            sekvens: progress.sekvens,
        })?;
        if !page.changes.is_empty() {
            replica.apply(&page.changes, &next)?;
        }
        let up_to_date = page.changes.len() < MOST as usize;
        if up_to_date {
            self.check_head(&next).await?;
        }
        Ok(Step {
            begun_anew: None,
            changes: page.changes.len(),
            progress: next,
            up_to_date,
        })
    }

    /// Begins the copy anew from a snapshot; where the register is too large for one, from the first change of its feed.
    async fn begin_anew(&self, replica: &mut dyn Replica) -> Result<Step, FollowError> {
        let (url, answer) = self.get("/eksport/v2/dagtilbud.xml").await?;
        // Too large for one: the feed brings everything, page by page, from its first change on.
        let too_large =
            answer.status.as_u16() == 400 && answer.text().contains(http::FOR_MANGE_POSTER.kode);
        let snapshot = match too_large {
            true => None,
            false => Some(parsed(url, &answer, Snapshot::parse)?),
        };
        // The digest at the snapshot's place is where the chain is taken up.
        let path = match &snapshot {
            Some(own) => format!(
                "/feed/v1/aendringer?efter={}&antal=1&epoke={}",
                own.sekvens, own.epoke
            ),
            None => "/feed/v1/aendringer?efter=0&antal=1".to_owned(),
        };
        let (url, answer) = self.get(&path).await?;
        let page = parsed(url, &answer, Page::parse)?;
        let (epoke, sekvens, records) = match snapshot {
            Some(own) => (own.epoke, own.sekvens, own.records),
            None => (page.epoke, 0, Vec::new()),
        };
        let progress = Progress {
            epoke,
            sekvens,
            digest: page.digest_before,
        };
        replica.begin_anew(&records, &progress)?;
        Ok(Step {
            begun_anew: Some(records.len()),
            changes: 0,
            progress,
            up_to_date: false,
        })
    }

    /// Compares the copy with the register's signed head, where there is a key and both stand at the same change.
    async fn check_head(&self, progress: &Progress) -> Result<(), FollowError> {
        let Some(key) = &self.key else {
            return Ok(());
        };
        let (url, answer) = self.get("/feed/v1/hoved.json").await?;
        let text = body(&url, &answer)?;
        let wrong = |why| FollowError::Head {
            url: url.clone(),
            why,
        };
        let head: Head =
            serde_json::from_str(&text).map_err(|_| wrong("this is no head of a feed"))?;
        let signature = head.signature.as_deref().ok_or_else(|| {
            wrong("the head is not signed: the register has no key; follow it without --noegle")
        })?;
        let digest = Hash::parse(&head.digest).ok_or_else(|| wrong("this is no head of a feed"))?;
        let line = feed::head_line(&head.epoke, head.sekvens, &digest);
        if !key.verifies(&line, signature) {
            return Err(wrong("the head is not signed by the key of --noegle"));
        }
        let same = head.epoke == progress.epoke && head.sekvens == progress.sekvens;
        if same && digest != progress.digest {
            return Err(FollowError::Chain {
                sekvens: progress.sekvens,
            });
        }
        Ok(())
    }

    /// Goes on step by step for as long as `go_on` says so, waiting for changes if `wait` says so. Calls that come to nothing are
    /// tried again.
    ///
    /// # Errors
    /// [`FollowError`] that trying again does not help, or was not tried again.
    pub async fn follow(
        &self,
        replica: &mut dyn Replica,
        wait: bool,
        go_on: &mut dyn FnMut(News<'_>) -> bool,
    ) -> Result<(), FollowError> {
        let (first, longest) = PAUSE;
        let mut pause = first;
        loop {
            match self.step(replica, wait).await {
                Ok(done) => {
                    pause = first;
                    if !go_on(News::Step(&done)) {
                        return Ok(());
                    }
                }
                Err(error) if error.is_transient() => {
                    if !go_on(News::Again(&error, pause)) {
                        return Err(error);
                    }
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(longest);
                }
                Err(error) => return Err(error),
            }
        }
    }

    async fn get(&self, path: &str) -> Result<(String, Response), FollowError> {
        let url = format!("{}{path}", self.url);
        let answer = self.client.get(&url, &[]).await?;
        Ok((url, answer))
    }
}

/// What the register's head of the feed tells.
#[derive(serde::Deserialize)]
struct Head {
    epoke: String,
    sekvens: u64,
    #[serde(rename = "kaede")]
    digest: String,
    #[serde(rename = "signatur")]
    signature: Option<String>,
}

/// What an answer holds that is what was asked for.
fn parsed<T>(
    url: String,
    answer: &Response,
    parse: fn(&str) -> Result<T, ParseError>,
) -> Result<T, FollowError> {
    let text = body(&url, answer)?;
    parse(&text).map_err(|error| FollowError::Parse { url, error })
}

/// The text of an answer that is what was asked for.
fn body(url: &str, answer: &Response) -> Result<String, FollowError> {
    let text = answer.text();
    if answer.status.as_u16() == 200 {
        return Ok(text.into_owned());
    }
    Err(FollowError::Status {
        url: url.to_owned(),
        status: answer.status.as_u16(),
        svar: text.chars().take(300).collect(),
    })
}
