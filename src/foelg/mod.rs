//! A consumer's copy of the register, kept current from snapshot and feed (kontrakt §9): the reference for consumers in
//! other languages. `docs/foelg.md` tells the same in ten lines.
//!
//! | module | what it holds |
//! | --- | --- |
//! | `laes` | reading pages of the feed and snapshots, and the digest of each change |
//! | `mappe`, `tabel` | where the copy lies: a folder of XML files, or a SQLite file |
//!
//! Invariant: the copy and the place it stands at are written together, or so that doing it again changes nothing. So the
//! following can be broken off anywhere and taken up again.

mod laes;
mod mappe;
mod tabel;

use std::time::Duration;

use crate::audit::{Hash, PublicKey};
use crate::client::{Client, ClientError, Pace, Response};
use crate::export::feed;
use crate::problem::http;

pub use laes::{Aendret, LaesFejl, Post, Side, Snapshot};
pub use mappe::Mappe;
pub use tabel::Tabel;

/// Changes asked for at a time.
const ANTAL: u32 = 1000;
/// How long a call waits for a change, in seconds.
const VENT: u32 = 25;
/// How long an answer may take to begin beyond what the call waits for, in seconds; and how slow it may come then, in bytes a
/// second: a whole register over a slow line takes minutes, and a server that sends a byte now and then holds nobody up.
const TOEVEN: u64 = 60;
const MINDSTE_FART: Pace = Pace {
    bytes_a_second: 8 << 10,
    head_start: Duration::from_secs(10),
};
/// How long to wait after a call that came to nothing: doubled each time up to the second.
const PAUSE: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));

/// Where a copy stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sted {
    /// The line of history that it follows.
    pub epoke: String,
    /// The last change in it.
    pub sekvens: u64,
    /// The digest of the chain with that change.
    pub kaede: Hash,
}

/// Where a copy lies.
pub trait Kopi {
    /// Where it stands; none for a new one.
    fn sted(&self) -> Result<Option<Sted>, KopiFejl>;

    /// Begins it anew with these records.
    fn forfra(&mut self, poster: &[Post], sted: &Sted) -> Result<(), KopiFejl>;

    /// Carries changes out, in order; done twice they change nothing more.
    fn udfoer(&mut self, aendringer: &[Aendret], sted: &Sted) -> Result<(), KopiFejl>;
}

/// A copy can't be read or written.
#[derive(Debug, thiserror::Error)]
#[error("{hvor}: {hvorfor}")]
pub struct KopiFejl {
    /// The file.
    pub hvor: String,
    /// Why.
    pub hvorfor: String,
}

/// Why following ends, or a step of it.
#[derive(Debug, thiserror::Error)]
pub enum FoelgFejl {
    /// No answer, or none that is of use now: to be tried again.
    #[error("{0}")]
    Forbindelse(#[from] ClientError),
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
    #[error("{url}: {fejl}")]
    Laes {
        /// What was asked for.
        url: String,
        /// Why.
        fejl: LaesFejl,
    },
    /// The chain of digests does not hold: changes are missing, doubled or altered on the way.
    #[error(
        "the chain of digests does not hold after change {sekvens}: what came is not what the register sent. \
         Nothing of it was kept; ask the register's operator, and begin anew with an empty copy"
    )]
    Kaede {
        /// The last change that holds.
        sekvens: u64,
    },
    /// The register's head is not signed by the key, or tells of another chain.
    #[error("{url}: {hvorfor}")]
    Hoved {
        /// Where the head was fetched.
        url: String,
        /// What is wrong.
        hvorfor: &'static str,
    },
    /// The copy.
    #[error(transparent)]
    Kopi(#[from] KopiFejl),
}

impl FoelgFejl {
    /// Whether trying again may help.
    fn gaar_over(&self) -> bool {
        match self {
            Self::Forbindelse(error) => {
                !matches!(error, ClientError::Url(_) | ClientError::Pem { .. })
            }
            Self::Status { status, .. } => matches!(status, 408 | 429 | 500..),
            _ => false,
        }
    }
}

/// What a step came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skridt {
    /// Whether the copy was begun anew from a snapshot, with so many records.
    pub forfra: Option<usize>,
    /// Changes carried out.
    pub aendringer: usize,
    /// Where the copy stands now.
    pub sted: Sted,
    /// Whether the register had no more.
    pub ajour: bool,
}

/// What whoever follows is told.
#[derive(Debug, Clone, Copy)]
pub enum Nyt<'a> {
    /// A step was done.
    Skridt(&'a Skridt),
    /// One came to nothing, and is tried again after so long.
    Igen(&'a FoelgFejl, Duration),
}

/// Follows a register.
#[derive(Debug)]
pub struct Foelger {
    client: Client,
    url: String,
    noegle: Option<PublicKey>,
}

impl Foelger {
    /// Follows the register whose public listener, or service listener, has this address. With a key, its head is checked
    /// whenever the copy has caught up.
    pub fn new(client: Client, url: &str, noegle: Option<PublicKey>) -> Self {
        Self {
            client: client
                .with_timeout(Duration::from_secs(u64::from(VENT) + TOEVEN))
                .with_pace(MINDSTE_FART),
            url: url.trim_end_matches('/').to_owned(),
            noegle,
        }
    }

    /// One step: a snapshot for a new copy, else a page; waits for a change when there is none and `vent` says so.
    ///
    /// # Errors
    /// [`FoelgFejl`]: nothing of the step is in the copy.
    pub async fn skridt(&self, kopi: &mut dyn Kopi, vent: bool) -> Result<Skridt, FoelgFejl> {
        let Some(sted) = kopi.sted()? else {
            return self.forfra(kopi).await;
        };
        let seconds = if vent { VENT } else { 0 };
        let path = format!(
            "/feed/v1/aendringer?efter={}&antal={ANTAL}&vent={seconds}&epoke={}",
            sted.sekvens, sted.epoke
        );
        let (url, answer) = self.get(&path).await?;
        // The register was restored since.
        if answer.status.as_u16() == 410 {
            return self.forfra(kopi).await;
        }
        let text = body(&url, &answer)?;
        let side = Side::laes(&text).map_err(|fejl| FoelgFejl::Laes { url, fejl })?;
        let naeste = side.efter(&sted).ok_or(FoelgFejl::Kaede {
            sekvens: sted.sekvens,
        })?;
        if !side.aendringer.is_empty() {
            kopi.udfoer(&side.aendringer, &naeste)?;
        }
        let ajour = side.aendringer.len() < ANTAL as usize;
        if ajour {
            self.hoved(&naeste).await?;
        }
        Ok(Skridt {
            forfra: None,
            aendringer: side.aendringer.len(),
            sted: naeste,
            ajour,
        })
    }

    /// Begins the copy anew from a snapshot; where the register is too large for one, from the first change of its feed.
    async fn forfra(&self, kopi: &mut dyn Kopi) -> Result<Skridt, FoelgFejl> {
        let (url, answer) = self.get("/eksport/v2/dagtilbud.xml").await?;
        if answer.status.as_u16() == 400 && answer.text().contains(http::FOR_MANGE_POSTER.kode) {
            return self.fra_foerste(kopi).await;
        }
        let text = body(&url, &answer)?;
        let snapshot = Snapshot::laes(&text).map_err(|fejl| FoelgFejl::Laes { url, fejl })?;
        // The digest at the snapshot's place is where the chain is taken up.
        let path = format!(
            "/feed/v1/aendringer?efter={}&antal=1&epoke={}",
            snapshot.sekvens, snapshot.epoke
        );
        let (url, answer) = self.get(&path).await?;
        let text = body(&url, &answer)?;
        let side = Side::laes(&text).map_err(|fejl| FoelgFejl::Laes { url, fejl })?;
        let sted = Sted {
            epoke: snapshot.epoke,
            sekvens: snapshot.sekvens,
            kaede: side.kaede_foer,
        };
        kopi.forfra(&snapshot.poster, &sted)?;
        Ok(Skridt {
            forfra: Some(snapshot.poster.len()),
            aendringer: 0,
            sted,
            ajour: false,
        })
    }

    /// Begins the copy anew with nothing in it: the feed brings everything, page by page.
    async fn fra_foerste(&self, kopi: &mut dyn Kopi) -> Result<Skridt, FoelgFejl> {
        let (url, answer) = self.get("/feed/v1/aendringer?efter=0&antal=1").await?;
        let text = body(&url, &answer)?;
        let side = Side::laes(&text).map_err(|fejl| FoelgFejl::Laes { url, fejl })?;
        let sted = Sted {
            epoke: side.epoke,
            sekvens: 0,
            kaede: side.kaede_foer,
        };
        kopi.forfra(&[], &sted)?;
        Ok(Skridt {
            forfra: Some(0),
            aendringer: 0,
            sted,
            ajour: false,
        })
    }

    /// Compares the copy with the register's signed head, where there is a key and both stand at the same change.
    async fn hoved(&self, sted: &Sted) -> Result<(), FoelgFejl> {
        let Some(noegle) = &self.noegle else {
            return Ok(());
        };
        let (url, answer) = self.get("/feed/v1/hoved.json").await?;
        let text = body(&url, &answer)?;
        let wrong = |hvorfor| FoelgFejl::Hoved {
            url: url.clone(),
            hvorfor,
        };
        let head: Hoved =
            serde_json::from_str(&text).map_err(|_| wrong("this is no head of a feed"))?;
        let signature = head.signatur.as_deref().ok_or_else(|| {
            wrong("the head is not signed: the register has no key; follow it without --noegle")
        })?;
        let kaede = Hash::parse(&head.kaede).ok_or_else(|| wrong("this is no head of a feed"))?;
        let line = feed::hoved_linje(&head.epoke, head.sekvens, &kaede);
        if !noegle.verifies(&line, signature) {
            return Err(wrong("the head is not signed by the key of --noegle"));
        }
        let same = head.epoke == sted.epoke && head.sekvens == sted.sekvens;
        if same && kaede != sted.kaede {
            return Err(FoelgFejl::Kaede {
                sekvens: sted.sekvens,
            });
        }
        Ok(())
    }

    /// Goes on step by step for as long as `videre` says so, waiting for changes where `vent` says so; calls that come to nothing are tried again.
    ///
    /// # Errors
    /// [`FoelgFejl`] that trying again does not help, or was not tried again.
    pub async fn foelg(
        &self,
        kopi: &mut dyn Kopi,
        vent: bool,
        videre: &mut dyn FnMut(Nyt<'_>) -> bool,
    ) -> Result<(), FoelgFejl> {
        let (first, longest) = PAUSE;
        let mut pause = first;
        loop {
            match self.skridt(kopi, vent).await {
                Ok(done) => {
                    pause = first;
                    if !videre(Nyt::Skridt(&done)) {
                        return Ok(());
                    }
                }
                Err(error) if error.gaar_over() => {
                    if !videre(Nyt::Igen(&error, pause)) {
                        return Err(error);
                    }
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(longest);
                }
                Err(error) => return Err(error),
            }
        }
    }

    async fn get(&self, path: &str) -> Result<(String, Response), FoelgFejl> {
        let url = format!("{}{path}", self.url);
        let answer = self.client.get(&url, &[]).await?;
        Ok((url, answer))
    }
}

/// What the register's head of the feed tells.
#[derive(serde::Deserialize)]
struct Hoved {
    epoke: String,
    sekvens: u64,
    kaede: String,
    signatur: Option<String>,
}

/// The text of an answer that is what was asked for.
fn body(url: &str, answer: &Response) -> Result<String, FoelgFejl> {
    let text = answer.text();
    if answer.status.as_u16() == 200 {
        return Ok(text.into_owned());
    }
    Err(FoelgFejl::Status {
        url: url.to_owned(),
        status: answer.status.as_u16(),
        svar: text.chars().take(300).collect(),
    })
}
