//! Hashes and lines, and following a chain from its beginning.

use aws_lc_rs::digest;

use crate::hex::Hex;

/// Names how the chain is made: SHA-256 over the hash before and the canonical form. Another way gets another name.
pub const ALGORITHM: &str = "sha256-kaede.1";

/// The hash before the first line.
pub const GENESIS: Hash = Hash([0; 32]);

/// A SHA-256 hash of the chain.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Hash(pub [u8; 32]);

impl Hash {
    /// Reads 64 lower-case hex digits, as it is shown.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.as_bytes();
        if digits.len() != 64 {
            return None;
        }
        let digit = |byte: u8| match byte {
            b'0'..=b'9' => Some(byte - b'0'),
            b'a'..=b'f' => Some(byte - b'a' + 10),
            _ => None,
        };
        let mut hash = [0; 32];
        for (byte, pair) in hash.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = 16 * digit(pair[0])? + digit(pair[1])?;
        }
        Some(Self(hash))
    }
}

impl std::fmt::Display for Hash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        Hex(&self.0).fmt(f)
    }
}

impl std::fmt::Debug for Hash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Hash({self})")
    }
}

/// The end of a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Number of the last line, from 1; 0 before the first.
    pub number: u64,
    /// Its hash.
    pub hash: Hash,
}

impl Head {
    /// Before the first line.
    pub const START: Self = Self {
        number: 0,
        hash: GENESIS,
    };
}

/// A line as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its number, from 1 without gaps.
    pub number: u64,
    /// Its canonical form.
    pub canonical: String,
    /// Its hash as stored.
    pub hash: Hash,
}

/// The hash of a line that follows `previous`.
pub fn chain(previous: &Hash, canonical: &str) -> Hash {
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(&previous.0);
    context.update(canonical.as_bytes());
    let mut hash = [0; 32];
    hash.copy_from_slice(context.finish().as_ref());
    Hash(hash)
}

/// What is wrong with a chain, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// Lines are missing: the number that should come, and the one that came.
    #[error("line {0} is missing: line {1} follows line {before}", before = .0 - 1)]
    Gap(u64, u64),
    /// A line comes again, or too late, after this one.
    #[error("line {0} stands after line {1}")]
    Misplaced(u64, u64),
    /// A line's hash does not follow from its text and the line before.
    #[error("line {0} was changed: its hash does not follow from its text and the line before it")]
    Changed(u64),
    /// A line's text names another number than its place.
    #[error("line {0} names another number in its text")]
    Renumbered(u64),
}

impl Broken {
    /// The line it is about.
    pub const fn line(&self) -> u64 {
        match *self {
            Self::Gap(line, _)
            | Self::Misplaced(line, _)
            | Self::Changed(line)
            | Self::Renumbered(line) => line,
        }
    }
}

/// Follows a chain line by line, in constant memory.
#[derive(Debug)]
pub struct Verifier {
    head: Head,
}

impl Default for Verifier {
    fn default() -> Self {
        Self { head: Head::START }
    }
}

impl Verifier {
    /// Checks the next line. After an error it goes on from the line as it stands, so that the next error is another
    /// one; a line out of place is passed over.
    pub fn push(&mut self, line: &Line) -> Result<(), Broken> {
        let before = self.head;
        let expected = before.number.saturating_add(1);
        if line.number < expected {
            return Err(Broken::Misplaced(line.number, before.number));
        }
        self.head = Head {
            number: line.number,
            hash: line.hash,
        };
        if line.number > expected {
            return Err(Broken::Gap(expected, line.number));
        }
        if chain(&before.hash, &line.canonical) != line.hash {
            return Err(Broken::Changed(expected));
        }
        if line.named() != Some(expected) {
            return Err(Broken::Renumbered(expected));
        }
        Ok(())
    }

    /// The end of what was checked so far.
    pub const fn head(&self) -> Head {
        self.head
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::lines;
    use super::*;

    /// Everything that is found, line by line.
    fn broken(lines: &[Line]) -> Vec<Broken> {
        let mut verifier = Verifier::default();
        let found = lines.iter().filter_map(|line| verifier.push(line).err());
        found.collect()
    }

    #[test]
    fn a_chain_verifies_to_its_head() {
        let good = lines(5);
        let mut verifier = Verifier::default();
        assert_eq!(verifier.head(), Head::START);
        for line in &good {
            verifier.push(line).unwrap();
        }
        let head = Head {
            number: 5,
            hash: good[4].hash,
        };
        assert_eq!(verifier.head(), head);
    }

    #[test]
    fn the_hash_is_sha_256_over_the_hash_before_and_the_text() {
        // sha256 of 32 zero bytes and "a\n", by another implementation.
        let expected = "64f5793b201c211072cc4c622e04bf326e2737f175f3a20619c48966b8bfffd8";
        let hash = chain(&GENESIS, "a\n");
        assert_eq!(hash.to_string(), expected);
        assert_ne!(chain(&hash, "a\n"), hash);
    }

    #[test]
    fn a_hash_has_one_spelling() {
        let hash = Hash([0xAF; 32]);
        let text = "af".repeat(32);
        assert_eq!(hash.to_string(), text);
        assert_eq!(format!("{hash:?}"), format!("Hash({text})"));
        assert_eq!(Hash::parse(&text), Some(hash));
        let digits = "0123456789abcdef".repeat(4);
        assert_eq!(Hash::parse(&digits).map(|h| h.to_string()), Some(digits));
        for bad in [
            "",
            "af",
            &"AF".repeat(32),
            &"ag".repeat(32),
            &"/:".repeat(32),
            &"`f".repeat(32),
            &"af".repeat(33),
        ] {
            assert_eq!(Hash::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn every_tampering_is_found_where_it_was_done() {
        let good = lines(6);
        let with = |change: &dyn Fn(&mut Vec<Line>)| {
            let mut lines = good.clone();
            change(&mut lines);
            broken(&lines)
        };
        assert_eq!(with(&|_| ()), []);
        let text = with(&|lines| lines[2].canonical = lines[2].canonical.replace("gemt", "afvist"));
        assert_eq!(text, [Broken::Changed(3)]);
        let hash = with(&|lines| lines[4].hash.0[0] ^= 1);
        assert_eq!(hash, [Broken::Changed(5), Broken::Changed(6)]);
        let deleted = with(&|lines| drop(lines.remove(1)));
        assert_eq!(deleted, [Broken::Gap(2, 3)]);
        let first = with(&|lines| drop(lines.remove(0)));
        assert_eq!(first, [Broken::Gap(1, 2)]);
        assert_eq!(
            with(&|lines| drop(lines.pop())),
            [],
            "the tail is what heads are for"
        );
        let swapped = with(&|lines| lines.swap(3, 4));
        let late = Broken::Misplaced(4, 5);
        assert_eq!(swapped, [Broken::Gap(4, 5), late]);
        let twice = with(&|lines| lines.insert(3, good[2].clone()));
        assert_eq!(twice, [Broken::Misplaced(3, 3)]);
    }

    #[test]
    fn a_line_that_names_another_number_is_found_though_its_hash_is_right() {
        let mut lines = lines(2);
        lines[1].canonical = lines[1].canonical.replace("nr=2\n", "nr=3\n");
        lines[1].hash = chain(&lines[0].hash, &lines[1].canonical);
        assert_eq!(broken(&lines), [Broken::Renumbered(2)]);
    }

    #[test]
    fn what_is_wrong_names_its_line() {
        let all = [
            (
                Broken::Gap(4, 6),
                4,
                "line 4 is missing: line 6 follows line 3",
            ),
            (Broken::Misplaced(2, 7), 2, "line 2 stands after line 7"),
            (
                Broken::Changed(3),
                3,
                "line 3 was changed: its hash does not follow from its text and the line before it",
            ),
            (
                Broken::Renumbered(5),
                5,
                "line 5 names another number in its text",
            ),
        ];
        for (broken, line, text) in all {
            assert_eq!(broken.line(), line);
            assert_eq!(broken.to_string(), text);
        }
    }
}
