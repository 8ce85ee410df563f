//! The end of the chain as it is published (`/revision/chain_head.json`), and saved heads that a chain is compared with.
//!
//! A chain that was cut off, or an old copy of it, is a good chain: only a head that somebody else kept tells. So the
//! head is public, the first of each day is kept in the register, and what was saved of either is checked here.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{ALGORITHM, Finding, GENESIS, Hash, Head, Line, PublicKey, Signer};
use crate::register::{Dato, Sekvens, Tidspunkt};

/// What the signature is about; a key that signs other things too can't be made to sign a head by them.
const SIGNED: &str = "dtr-revisionshoved.1";
/// No file of saved heads is larger than this: ten years of `/revision/chain_head.json`, one a day, are smaller.
const LARGEST_FILE: u64 = 256 << 20;
/// The most heads that are compared at a time.
const MOST: usize = 1_000_000;
/// Different heads of one line that are kept: more say no more than a fork.
const MOST_OF_ONE: usize = 16;
/// Of how many earlier days the heads are shown.
pub const DAYS: u32 = 90;

/// The head of a register's chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChainHead {
    /// Number and hash of the last line.
    pub head: Head,
    /// When that line was written; none before the first.
    pub tidspunkt: Option<Tidspunkt>,
    /// The line of history.
    pub epoke: Uuid,
    /// The register's last change.
    pub sekvens: Sekvens,
}

/// A head that was published as the first of its day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublishedHead {
    /// The day, in UTC.
    pub dato: Dato,
    /// The head.
    pub chain_head: ChainHead,
}

impl ChainHead {
    /// The head as `/revision/chain_head.json` and `dtr audit head` give it, with those published before, and signed where
    /// there is a key. `public_url` is where its meaning and its key are found.
    pub fn document(
        &self,
        before: &[PublishedHead],
        signer: Option<&Signer>,
        public_url: &str,
    ) -> SavedWithEarlier {
        let of = |day: &PublishedHead| Saved {
            dato: Some(day.dato.to_string()),
            ..Saved::of(&day.chain_head, signer)
        };
        SavedWithEarlier {
            saved: Saved {
                betydning: Some(format!("{public_url}/revision/om.txt")),
                noegle: signer.map(|_| format!("{public_url}/noegle.pem")),
                ..Saved::of(self, signer)
            },
            tidligere: Some(before.iter().map(of).collect()),
        }
    }
}

/// A head with those published before, one a day, newest first. What these say of earlier ones is not read: the depth is
/// bounded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedWithEarlier {
    /// The head.
    #[serde(flatten)]
    pub saved: Saved,
    /// Those before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tidligere: Option<Vec<Saved>>,
}

/// A head in JSON, as it is published and as it is read back. What a later version adds is passed over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Saved {
    /// How the chain is made.
    pub algoritme: String,
    /// Where it is told what this means.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub betydning: Option<String>,
    /// Where the key of the signature is found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub noegle: Option<String>,
    /// Of a head that was the first of its day: the day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dato: Option<String>,
    /// The line of history.
    pub epoke: String,
    /// Number of the last line.
    pub nr: u64,
    /// Its hash.
    pub hash: String,
    /// The register's last change.
    pub sekvens: u64,
    /// When the last line was written.
    pub tidspunkt: Option<String>,
    /// Signature of the rest, base64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signatur: Option<String>,
}

impl Saved {
    fn of(chain_head: &ChainHead, signer: Option<&Signer>) -> Self {
        let mut saved = Self {
            algoritme: ALGORITHM.to_owned(),
            betydning: None,
            noegle: None,
            dato: None,
            epoke: chain_head.epoke.to_string(),
            nr: chain_head.head.number,
            hash: chain_head.head.hash.to_string(),
            sekvens: chain_head.sekvens.0,
            tidspunkt: chain_head.tidspunkt.map(|at| at.to_string()),
            signatur: None,
        };
        saved.signatur = signer.map(|signer| signer.sign(&saved.signed()));
        saved
    }

    /// The text that is signed: a line that says what it is, then the fields as they stand.
    pub fn signed(&self) -> String {
        format!(
            "{SIGNED}\nalgoritme={}\nepoke={}\nnr={}\nhash={}\nsekvens={}\ntidspunkt={}\n",
            self.algoritme,
            self.epoke,
            self.nr,
            self.hash,
            self.sekvens,
            self.tidspunkt.as_deref().unwrap_or_default(),
        )
    }
}

/// Why saved heads can't be read.
#[derive(Debug, thiserror::Error)]
pub enum HeadsError {
    /// The file can't be read.
    #[error("{file}: can't be read: {cause}; name a saved hoved.json, or a head as NR:HASH", file = .0.display(), cause = .1)]
    Read(PathBuf, std::io::Error),
    /// The file is too large to be one.
    #[error("{file}: is larger than any file of saved heads", file = .0.display())]
    TooLarge(PathBuf),
    /// The file does not hold heads.
    #[error("{file}: holds no heads as /revision/hoved.json gives them: {cause}", file = .0.display(), cause = .1)]
    NotHeads(PathBuf, serde_json::Error),
    /// A head whose hash is not one.
    #[error("{file}: the head of line {nr} has no hash of 64 hex digits", file = .0.display(), nr = .1)]
    NoHash(PathBuf, u64),
    /// Too many.
    #[error("more than {MOST} heads can't be compared at a time")]
    TooMany,
}

/// A head that a chain is expected to have, and whether it does.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Expected {
    hash: Hash,
    epoke: Option<String>,
    seen: bool,
}

/// Saved heads, to be compared with a chain.
#[derive(Debug, Default)]
pub struct Heads {
    expected: BTreeMap<u64, Vec<Expected>>,
    count: usize,
    findings: Vec<Finding>,
    signed: usize,
}

impl Heads {
    /// Reads an argument: `NR:HASH`, or the name of a file with one or many heads (objects one after the other, or in
    /// an array), each with the earlier ones that it lists.
    ///
    /// # Errors
    /// [`HeadsError`].
    pub fn add(&mut self, argument: &Path, key: Option<&PublicKey>) -> Result<(), HeadsError> {
        match argument.to_str().and_then(inline) {
            Some(head) => self.expect(head, None),
            None => self.add_file(argument, key),
        }
    }

    fn add_file(&mut self, file: &Path, key: Option<&PublicKey>) -> Result<(), HeadsError> {
        let text = bounded(file, LARGEST_FILE)?;
        self.add_json(&text, file, key)
    }

    fn add_json(
        &mut self,
        text: &str,
        file: &Path,
        key: Option<&PublicKey>,
    ) -> Result<(), HeadsError> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum OneOrMany {
            Many(Vec<SavedWithEarlier>),
            One(Box<SavedWithEarlier>),
        }
        let not_heads = |cause| HeadsError::NotHeads(file.to_owned(), cause);
        let mut any = false;
        for document in serde_json::Deserializer::from_str(text).into_iter::<OneOrMany>() {
            any = true;
            let saved = match document.map_err(not_heads)? {
                OneOrMany::Many(list) => list,
                OneOrMany::One(one) => vec![*one],
            };
            for head in saved {
                for each in std::iter::once(&head.saved).chain(head.tidligere.iter().flatten()) {
                    self.add_saved(each, file, key)?;
                }
            }
        }
        if any {
            return Ok(());
        }
        Err(not_heads(serde::de::Error::custom("the file is empty")))
    }

    fn add_saved(
        &mut self,
        saved: &Saved,
        file: &Path,
        key: Option<&PublicKey>,
    ) -> Result<(), HeadsError> {
        let line = saved.nr;
        if saved.algoritme != ALGORITHM {
            let algorithm = saved.algoritme.chars().take(80).collect();
            self.findings.push(Finding::HeadAlgorithm(line, algorithm));
            return Ok(());
        }
        let hash =
            Hash::parse(&saved.hash).ok_or_else(|| HeadsError::NoHash(file.to_owned(), line))?;
        if let Some(key) = key {
            match &saved.signatur {
                None => self.findings.push(Finding::HeadUnsigned(line)),
                Some(signature) if key.verifies(&saved.signed(), signature) => self.signed += 1,
                Some(_) => self.findings.push(Finding::HeadSignature(line)),
            }
        }
        self.expect(Head { number: line, hash }, Some(saved.epoke.clone()))
    }

    /// A head that the register itself has kept as published.
    pub fn expect_published(&mut self, published: &PublishedHead) -> Result<(), HeadsError> {
        self.expect(
            published.chain_head.head,
            Some(published.chain_head.epoke.to_string()),
        )
    }

    fn expect(&mut self, head: Head, epoke: Option<String>) -> Result<(), HeadsError> {
        if self.count == MOST {
            return Err(HeadsError::TooMany);
        }
        let same = self.expected.entry(head.number).or_default();
        if same.len() == MOST_OF_ONE || same.iter().any(|known| known.hash == head.hash) {
            return Ok(());
        }
        self.count += 1;
        same.push(Expected {
            hash: head.hash,
            epoke,
            // Before the first line there is nothing to compare but the zeros that the chain begins with.
            seen: head.number == 0 && head.hash == GENESIS,
        });
        Ok(())
    }

    /// Takes note of a line of the chain.
    pub(super) fn line(&mut self, line: &Line) {
        for expected in self.expected.get_mut(&line.number).into_iter().flatten() {
            expected.seen |= expected.hash == line.hash;
        }
    }

    /// How many different heads are compared, and how many signatures were right.
    pub(super) const fn counts(&self) -> (usize, usize) {
        (self.count, self.signed)
    }

    /// What is wrong with the chain that ends here, by what was saved.
    pub(super) fn finish(self, end: Head, epoke: &str) -> Vec<Finding> {
        let mut findings = self.findings;
        for (line, expected) in self.expected {
            if forked(&expected) {
                findings.push(Finding::Fork(line));
            }
            for missed in expected.into_iter().filter(|expected| !expected.seen) {
                // A restore begins another epoch: what followed its backup is not in the chain any more.
                let epoke = missed.epoke.filter(|its| its != epoke);
                findings.push(if line > end.number {
                    Finding::Short(line, end.number, epoke)
                } else {
                    Finding::OtherHead(line, epoke)
                });
            }
        }
        findings
    }
}

/// The text of a file that is no larger than so many bytes.
fn bounded(file: &Path, most: u64) -> Result<String, HeadsError> {
    let read = |cause| HeadsError::Read(file.to_owned(), cause);
    let opened = std::fs::File::open(file).map_err(read)?;
    let mut text = String::new();
    let length = opened
        .take(most + 1)
        .read_to_string(&mut text)
        .map_err(read)?;
    if length as u64 > most {
        return Err(HeadsError::TooLarge(file.to_owned()));
    }
    Ok(text)
}

/// Whether one line of history had two heads of the same number. Two epochs may: a restore parted them.
fn forked(heads: &[Expected]) -> bool {
    let same =
        |a: &Expected, b: &Expected| a.epoke.is_none() || b.epoke.is_none() || a.epoke == b.epoke;
    let pairs = heads.iter().enumerate();
    pairs
        .into_iter()
        .any(|(at, a)| heads[at + 1..].iter().any(|b| same(a, b)))
}

/// `NR:HASH`.
fn inline(text: &str) -> Option<Head> {
    let (number, hash) = text.split_once(':')?;
    Some(Head {
        number: number.parse().ok()?,
        hash: Hash::parse(hash)?,
    })
}

#[cfg(test)]
mod tests;
