//! The end of the chain as it is published (`/revision/hoved.json`), and saved heads that a chain is compared with.
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
/// A file of saved heads larger than this is none: ten years of `/revision/hoved.json`, one a day, are smaller.
const LARGEST_FILE: u64 = 256 << 20;
/// The most heads that are compared at a time.
const MOST: usize = 1_000_000;

/// The head of a register's chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hoved {
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
pub struct Offentliggjort {
    /// The day, in UTC.
    pub dato: Dato,
    /// The head.
    pub hoved: Hoved,
}

impl Hoved {
    /// The head as `/revision/hoved.json` and `dtr audit head` give it, with those published before, and signed where
    /// there is a key. `public_url` is where its meaning and its key are found.
    pub fn document(
        &self,
        before: &[Offentliggjort],
        signer: Option<&Signer>,
        public_url: &str,
    ) -> Saved {
        let mut saved = Saved::of(self, signer);
        saved.betydning = Some(format!("{public_url}/revision/om.txt"));
        saved.noegle = signer.map(|_| format!("{public_url}/noegle.pem"));
        let of = |day: &Offentliggjort| {
            let mut earlier = Saved::of(&day.hoved, signer);
            earlier.dato = Some(day.dato.to_string());
            earlier
        };
        saved.tidligere = Some(before.iter().map(of).collect());
        saved
    }
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
    /// The heads published before, one a day, newest first.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "flat"
    )]
    pub tidligere: Option<Vec<Saved>>,
}

/// Reads earlier heads, and nothing that these say of earlier ones: the depth is bounded.
fn flat<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Vec<Saved>>, D::Error> {
    #[derive(Deserialize)]
    struct Earlier {
        algoritme: String,
        dato: Option<String>,
        epoke: String,
        nr: u64,
        hash: String,
        sekvens: u64,
        tidspunkt: Option<String>,
        signatur: Option<String>,
    }
    let list: Option<Vec<Earlier>> = Deserialize::deserialize(from)?;
    let saved = |each: Earlier| Saved {
        algoritme: each.algoritme,
        betydning: None,
        noegle: None,
        dato: each.dato,
        epoke: each.epoke,
        nr: each.nr,
        hash: each.hash,
        sekvens: each.sekvens,
        tidspunkt: each.tidspunkt,
        signatur: each.signatur,
        tidligere: None,
    };
    Ok(list.map(|list| list.into_iter().map(saved).collect()))
}

impl Saved {
    fn of(hoved: &Hoved, signer: Option<&Signer>) -> Self {
        let mut saved = Self {
            algoritme: ALGORITHM.to_owned(),
            betydning: None,
            noegle: None,
            dato: None,
            epoke: hoved.epoke.to_string(),
            nr: hoved.head.number,
            hash: hoved.head.hash.to_string(),
            sekvens: hoved.sekvens.0,
            tidspunkt: hoved.tidspunkt.map(|at| at.to_string()),
            signatur: None,
            tidligere: None,
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
    /// A head whose hash is none.
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
        let read = |cause| HeadsError::Read(file.to_owned(), cause);
        let opened = std::fs::File::open(file).map_err(read)?;
        let mut text = String::new();
        opened
            .take(LARGEST_FILE + 1)
            .read_to_string(&mut text)
            .map_err(read)?;
        if text.len() as u64 > LARGEST_FILE {
            return Err(HeadsError::TooLarge(file.to_owned()));
        }
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
            Many(Vec<Saved>),
            One(Box<Saved>),
        }
        let not_heads = |cause| HeadsError::NotHeads(file.to_owned(), cause);
        let mut any = false;
        for document in serde_json::Deserializer::from_str(text).into_iter::<OneOrMany>() {
            any = true;
            let saved = match document.map_err(not_heads)? {
                OneOrMany::Many(list) => list,
                OneOrMany::One(one) => vec![*one],
            };
            for mut head in saved {
                let earlier = head.tidligere.take().unwrap_or_default();
                for each in std::iter::once(&head).chain(&earlier) {
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
            self.findings
                .push(Finding::HeadAlgorithm { line, algorithm });
            return Ok(());
        }
        let hash =
            Hash::parse(&saved.hash).ok_or_else(|| HeadsError::NoHash(file.to_owned(), line))?;
        if let Some(key) = key {
            match &saved.signatur {
                None => self.findings.push(Finding::HeadUnsigned { line }),
                Some(signature) if key.verifies(&saved.signed(), signature) => self.signed += 1,
                Some(_) => self.findings.push(Finding::HeadSignature { line }),
            }
        }
        self.expect(Head { number: line, hash }, Some(saved.epoke.clone()))
    }

    /// A head that the register itself has kept as published.
    pub fn expect_published(&mut self, published: &Offentliggjort) -> Result<(), HeadsError> {
        self.expect(
            published.hoved.head,
            Some(published.hoved.epoke.to_string()),
        )
    }

    fn expect(&mut self, head: Head, epoke: Option<String>) -> Result<(), HeadsError> {
        if self.count == MOST {
            return Err(HeadsError::TooMany);
        }
        let same = self.expected.entry(head.number).or_default();
        if same.iter().any(|known| known.hash == head.hash) {
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
                findings.push(Finding::Fork { line });
            }
            for missed in expected.into_iter().filter(|expected| !expected.seen) {
                // A restore begins another epoch: what followed its backup is not in the chain any more.
                let epoke = missed.epoke.filter(|its| its != epoke);
                findings.push(if line > end.number {
                    Finding::Short {
                        line,
                        end: end.number,
                        epoke,
                    }
                } else {
                    Finding::OtherHead { line, epoke }
                });
            }
        }
        findings
    }
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
mod tests {
    use super::super::testing::lines;
    use super::*;
    use crate::pki::scratch::Scratch;

    const KEY: &str = "-----BEGIN PRIVATE KEY-----\n\
        MC4CAQAwBQYDK2VwBCIEIEzNCJso/5banbbDRuwRTg9bijGfNaumJNqM9u1PuKb7\n\
        -----END PRIVATE KEY-----\n";
    const EPOKE: Uuid = Uuid::from_u128(1);

    fn signer() -> Signer {
        let scratch = Scratch::new();
        let file = scratch.path().join("noegle.pem");
        std::fs::write(&file, KEY).unwrap();
        Signer::load(&file).unwrap()
    }

    fn hoved(line: &Line) -> Hoved {
        Hoved {
            head: Head {
                number: line.number,
                hash: line.hash,
            },
            tidspunkt: line.tidspunkt(),
            epoke: EPOKE,
            sekvens: Sekvens(line.number),
        }
    }

    fn document(chain: &[Line], signer: Option<&Signer>) -> Saved {
        let day = |line: &Line, dato: &str| Offentliggjort {
            dato: Dato::parse(dato).unwrap(),
            hoved: hoved(line),
        };
        let before = [day(&chain[1], "2026-11-02"), day(&chain[0], "2026-11-01")];
        hoved(chain.last().unwrap()).document(&before, signer, "https://a.example")
    }

    /// What is found when these heads are compared with this chain, in this epoch.
    fn compared(mut heads: Heads, chain: &[Line], epoke: Uuid) -> Vec<Finding> {
        chain.iter().for_each(|line| heads.line(line));
        let end = chain.last().map_or(Head::START, |line| Head {
            number: line.number,
            hash: line.hash,
        });
        heads.finish(end, &epoke.to_string())
    }

    fn saved(text: &str, key: Option<&PublicKey>) -> Result<Heads, HeadsError> {
        let mut heads = Heads::default();
        heads
            .add_json(text, Path::new("hoved.json"), key)
            .map(|()| heads)
    }

    #[test]
    fn a_head_is_published_with_those_before_it() {
        let chain = lines(3);
        let text = serde_json::to_string(&document(&chain, None)).unwrap();
        let hash = |n: usize| chain[n].hash.to_string();
        let epoke = EPOKE.to_string();
        assert_eq!(
            text,
            format!(
                "{{\"algoritme\":\"sha256-kaede.1\",\"betydning\":\"https://a.example/revision/om.txt\",\
                 \"epoke\":\"{epoke}\",\"nr\":3,\"hash\":\"{}\",\"sekvens\":3,\
                 \"tidspunkt\":\"1970-01-01T00:00:03.000Z\",\"tidligere\":[\
                 {{\"algoritme\":\"sha256-kaede.1\",\"dato\":\"2026-11-02\",\"epoke\":\"{epoke}\",\"nr\":2,\
                 \"hash\":\"{}\",\"sekvens\":2,\"tidspunkt\":\"1970-01-01T00:00:02.000Z\"}},\
                 {{\"algoritme\":\"sha256-kaede.1\",\"dato\":\"2026-11-01\",\"epoke\":\"{epoke}\",\"nr\":1,\
                 \"hash\":\"{}\",\"sekvens\":1,\"tidspunkt\":\"1970-01-01T00:00:01.000Z\"}}]}}",
                hash(2),
                hash(1),
                hash(0)
            )
        );
        let empty = Hoved {
            head: Head::START,
            tidspunkt: None,
            epoke: EPOKE,
            sekvens: Sekvens(0),
        };
        let empty = empty.document(&[], None, "https://a.example");
        assert_eq!((empty.nr, empty.tidspunkt.as_deref()), (0, None));
        assert!(empty.signed().ends_with("\nsekvens=0\ntidspunkt=\n"));
        let empty = saved(&serde_json::to_string(&empty).unwrap(), None).unwrap();
        assert_eq!(
            compared(empty, &chain, EPOKE),
            [],
            "any chain continues the empty one"
        );
    }

    #[test]
    fn the_signed_text_is_these_lines() {
        let chain = lines(1);
        let signer = signer();
        let saved = hoved(&chain[0]).document(&[], Some(&signer), "https://a.example");
        let text = format!(
            "dtr-revisionshoved.1\nalgoritme=sha256-kaede.1\nepoke={EPOKE}\nnr=1\nhash={}\nsekvens=1\n\
             tidspunkt=1970-01-01T00:00:01.000Z\n",
            chain[0].hash
        );
        assert_eq!(saved.signed(), text);
        assert_eq!(saved.signatur, Some(signer.sign(&text)));
        assert_eq!(
            saved.noegle.as_deref(),
            Some("https://a.example/noegle.pem")
        );
    }

    #[test]
    fn signatures_of_saved_heads_are_checked() {
        let chain = lines(3);
        let signer = signer();
        let key = PublicKey::from_pem(signer.public_pem().as_bytes()).unwrap();
        let good = serde_json::to_string(&document(&chain, Some(&signer))).unwrap();
        let heads = saved(&good, Some(&key)).unwrap();
        assert_eq!(heads.counts(), (3, 3));
        assert_eq!(compared(heads, &chain, EPOKE), []);
        assert_eq!(
            saved(&good, None).unwrap().counts(),
            (3, 0),
            "without a key none is looked at"
        );
        let other = good.replace("\"sekvens\":2", "\"sekvens\":9");
        let wrong = compared(saved(&other, Some(&key)).unwrap(), &chain, EPOKE);
        assert_eq!(wrong, [Finding::HeadSignature { line: 2 }]);
        let unsigned = serde_json::to_string(&document(&chain[..2], None)).unwrap();
        let found = compared(saved(&unsigned, Some(&key)).unwrap(), &chain, EPOKE);
        let unsigned = |line| Finding::HeadUnsigned { line };
        assert_eq!(found, [unsigned(2), unsigned(2), unsigned(1)]);
    }

    #[test]
    fn a_chain_is_compared_with_what_was_saved_of_it() {
        let chain = lines(5);
        let text = serde_json::to_string(&document(&chain, None)).unwrap();
        let heads = || saved(&text, None).unwrap();
        assert_eq!(heads().counts(), (3, 0));
        assert_eq!(compared(heads(), &chain, EPOKE), []);
        let short = |epoke| Finding::Short {
            line: 5,
            end: 4,
            epoke,
        };
        assert_eq!(compared(heads(), &chain[..4], EPOKE), [short(None)]);
        let left = Some(EPOKE.to_string());
        assert_eq!(
            compared(heads(), &chain[..4], Uuid::nil()),
            [short(left.clone())]
        );
        let mut other = chain.clone();
        other[4].hash.0[31] ^= 1;
        let other_head = |epoke| Finding::OtherHead { line: 5, epoke };
        assert_eq!(compared(heads(), &other, EPOKE), [other_head(None)]);
        assert_eq!(compared(heads(), &other, Uuid::nil()), [other_head(left)]);
    }

    #[test]
    fn two_heads_of_one_number_are_a_fork_unless_a_restore_parted_them() {
        let chain = lines(2);
        let of = |hash: Hash, epoke: u128| {
            let head = Hoved {
                head: Head { number: 2, hash },
                epoke: Uuid::from_u128(epoke),
                ..hoved(&chain[1])
            };
            serde_json::to_string(&head.document(&[], None, "")).unwrap()
        };
        let mine = of(chain[1].hash, 1);
        let found = |theirs: &str| {
            compared(
                saved(&format!("{mine}\n{theirs}"), None).unwrap(),
                &chain,
                EPOKE,
            )
        };
        assert_eq!(found(&mine), []);
        let other = Finding::OtherHead {
            line: 2,
            epoke: None,
        };
        assert_eq!(
            found(&of(Hash([9; 32]), 1)),
            [Finding::Fork { line: 2 }, other.clone()]
        );
        let left = Finding::OtherHead {
            line: 2,
            epoke: Some(Uuid::from_u128(2).to_string()),
        };
        assert_eq!(found(&of(Hash([9; 32]), 2)), [left]);
        let mut heads = saved(&mine, None).unwrap();
        heads
            .add(Path::new(&format!("2:{}", Hash([9; 32]))), None)
            .unwrap();
        assert_eq!(
            compared(heads, &chain, EPOKE),
            [Finding::Fork { line: 2 }, other]
        );
    }

    #[test]
    fn heads_come_as_arguments_files_and_from_the_register() {
        let chain = lines(3);
        let mut heads = Heads::default();
        let argument = format!("2:{}", chain[1].hash);
        heads.add(Path::new(&argument), None).unwrap();
        let published = Offentliggjort {
            dato: Dato::parse("2026-11-03").unwrap(),
            hoved: hoved(&chain[2]),
        };
        heads.expect_published(&published).unwrap();
        let scratch = Scratch::new();
        let file = scratch.path().join("hoveder.json");
        let one = serde_json::to_string(&document(&chain, None)).unwrap();
        std::fs::write(&file, format!("[{one}]")).unwrap();
        heads.add(&file, None).unwrap();
        assert_eq!(heads.counts(), (3, 0), "each once");
        assert_eq!(compared(heads, &chain, EPOKE), []);
    }

    #[test]
    fn what_holds_no_heads_is_refused() {
        let scratch = Scratch::new();
        let absent = scratch.path().join("findes-ikke.json");
        let refused = Heads::default().add(&absent, None).unwrap_err();
        assert!(
            matches!(&refused, HeadsError::Read(file, _) if *file == absent),
            "{refused}"
        );
        for bad in ["", "{}", "5", "[5]", "{\"nr\":1", "1:abc"] {
            let refused = saved(bad, None).map(|heads| heads.counts());
            assert!(
                matches!(refused, Err(HeadsError::NotHeads(..))),
                "{bad}: {refused:?}"
            );
        }
        let text = serde_json::to_string(&document(&lines(2), None)).unwrap();
        let no_hash = text.replacen("\"hash\":\"", "\"hash\":\"x", 1);
        assert!(matches!(
            saved(&no_hash, None),
            Err(HeadsError::NoHash(_, 2))
        ));
        assert_eq!(inline("3"), None);
        assert_eq!(inline("x:00"), None);
        assert_eq!(inline("3:00"), None);
    }

    #[test]
    fn heads_of_later_versions_are_told_and_their_fields_passed_over() {
        let chain = lines(2);
        let text = serde_json::to_string(&document(&chain, None)).unwrap();
        let later = text.replacen("{", "{\"nyt\":[1],", 1);
        assert_eq!(compared(saved(&later, None).unwrap(), &chain, EPOKE), []);
        let other = text.replacen("sha256-kaede.1", "sha3-trae.7", 1);
        let algorithm = Finding::HeadAlgorithm {
            line: 2,
            algorithm: "sha3-trae.7".into(),
        };
        assert_eq!(
            compared(saved(&other, None).unwrap(), &chain, EPOKE),
            [algorithm]
        );
    }

    #[test]
    fn how_many_heads_are_compared_is_bounded() {
        let mut heads = Heads {
            count: MOST,
            ..Heads::default()
        };
        let one = Path::new("1:0000000000000000000000000000000000000000000000000000000000000000");
        assert!(matches!(heads.add(one, None), Err(HeadsError::TooMany)));
        heads.count -= 1;
        assert!(heads.add(one, None).is_ok());
    }
}
