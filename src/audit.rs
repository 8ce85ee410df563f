//! The audit chain (decisions §6): what a line says, its canonical form, and its hash. Who stores it is `store`.
//!
//! A line's hash is SHA-256 over the previous line's hash (32 bytes; zeros before the first) and the UTF-8 bytes of
//! its canonical form. The canonical form is one `name=value` per text line in the order of [`Entry::canonical`], with
//! `\`, line feed and carriage return of a value written `\\`, `\n`, `\r`. It is stored as it was hashed, so a reader
//! needs no knowledge of the fields to verify a chain, and tolerates the ones of a later version.

use std::fmt::Write as _;

use aws_lc_rs::digest;

use crate::register::{Cvr, Sekvens, Tidspunkt};

/// The hash before the first line.
pub const GENESIS: Hash = Hash([0; 32]);

/// A SHA-256 hash of the chain.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Hash(pub [u8; 32]);

impl std::fmt::Display for Hash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl std::fmt::Debug for Hash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Hash({self})")
    }
}

/// The end of the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Number of the last line, from 1; 0 before the first.
    pub number: u64,
    /// Its hash.
    pub hash: Hash,
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

impl Line {
    /// The fields of the canonical form in order, as they were before it was written.
    pub fn fields(&self) -> impl Iterator<Item = (&str, String)> {
        self.canonical
            .lines()
            .filter_map(|field| field.split_once('='))
            .map(|(name, value)| (name, unescaped(value)))
    }
}

/// Undoes the writing of `\`, line feed and carriage return.
fn unescaped(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => out.extend(match chars.next() {
                Some('n') => Some('\n'),
                Some('r') => Some('\r'),
                other => other,
            }),
            c => out.push(c),
        }
    }
    out
}

/// What came of the audited act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Udfald {
    /// It was stored.
    Gemt,
    /// It was refused with an answer that lists the errors.
    Afvist,
    /// It was refused with a fault.
    Fejl,
}

impl Udfald {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Gemt => "gemt",
            Self::Afvist => "afvist",
            Self::Fejl => "fejl",
        }
    }
}

/// What a line records: who did what, when, in which call, with what outcome. No field values, no personal data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// When.
    pub tidspunkt: Tidspunkt,
    /// The operation with its service, such as `import:v2/InsertDaginstitution`, or `cli/org add`.
    pub operation: String,
    /// Outcome.
    pub udfald: Udfald,
    /// CVR of the acting organisation; none for the command line.
    pub cvr: Option<Cvr>,
    /// Stable identity of the certificate, or the operating-system user for the command line.
    pub identitet: String,
    /// The call.
    pub korrelations_id: uuid::Uuid,
    /// The caller's MessageID.
    pub message_id: Option<String>,
    /// The operator's case number.
    pub sagsnummer: Option<String>,
    /// First and last change of a stored write.
    pub sekvenser: Option<(Sekvens, Sekvens)>,
    /// Codes of the errors of a refusal, without repetition; or what a command changed.
    pub noter: Vec<String>,
    /// How many alike refusals this line stands for.
    pub antal: u32,
}

impl Entry {
    /// The form that is hashed and stored.
    pub fn canonical(&self, number: u64) -> String {
        let mut out = String::with_capacity(320);
        let mut field = |name: &str, value: &str| {
            if !value.is_empty() {
                let value = value
                    .replace('\\', "\\\\")
                    .replace('\n', "\\n")
                    .replace('\r', "\\r");
                // Writing to a String cannot fail.
                let _ = writeln!(out, "{name}={value}");
            }
        };
        field("art", "handling.1");
        field("nr", &number.to_string());
        field("tidspunkt", &self.tidspunkt.to_string());
        field("operation", &self.operation);
        field("udfald", self.udfald.as_str());
        field("cvr", self.cvr.as_ref().map_or("", Cvr::as_str));
        field("identitet", &self.identitet);
        field("korrelationsId", &self.korrelations_id.to_string());
        field("messageId", self.message_id.as_deref().unwrap_or_default());
        field("sagsnummer", self.sagsnummer.as_deref().unwrap_or_default());
        if let Some((first, last)) = self.sekvenser {
            field("sekvenser", &format!("{first}-{last}"));
        }
        field("noter", &self.noter.join(","));
        field("antal", &self.antal.to_string());
        out
    }
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
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// A line is missing, or stands where another should.
    #[error("line {expected} is missing: line {found} follows line {}", .expected - 1)]
    Gap {
        /// The number that should come.
        expected: u64,
        /// The number that came.
        found: u64,
    },
    /// A line's hash does not follow from its text and the line before.
    #[error("line {0} was changed: its hash does not follow from its text and the line before it")]
    Changed(u64),
    /// A line's text names another number than its place.
    #[error("line {0} names another number in its text")]
    Renumbered(u64),
}

/// Follows a chain line by line, in constant memory.
#[derive(Debug)]
pub struct Verifier {
    head: Head,
}

impl Default for Verifier {
    fn default() -> Self {
        Self {
            head: Head {
                number: 0,
                hash: GENESIS,
            },
        }
    }
}

impl Verifier {
    /// Checks the next line.
    pub fn push(&mut self, line: &Line) -> Result<(), Broken> {
        let expected = self.head.number + 1;
        if line.number != expected {
            return Err(Broken::Gap {
                expected,
                found: line.number,
            });
        }
        if chain(&self.head.hash, &line.canonical) != line.hash {
            return Err(Broken::Changed(expected));
        }
        let named = line
            .canonical
            .lines()
            .find_map(|field| field.strip_prefix("nr="));
        if named != Some(expected.to_string().as_str()) {
            return Err(Broken::Renumbered(expected));
        }
        self.head = Head {
            number: expected,
            hash: line.hash,
        };
        Ok(())
    }

    /// The end of what was checked so far.
    pub const fn head(&self) -> Head {
        self.head
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(count: u64) -> Vec<Line> {
        let mut previous = GENESIS;
        (1..=count)
            .map(|number| {
                let entry = Entry {
                    tidspunkt: Tidspunkt::from_millis(number as i64),
                    operation: "import:v2/InsertDaginstitution".into(),
                    udfald: Udfald::Gemt,
                    cvr: Cvr::parse("55133018").ok(),
                    identitet: "linje\nskift\\".into(),
                    korrelations_id: uuid::Uuid::nil(),
                    message_id: None,
                    sagsnummer: None,
                    sekvenser: Some((Sekvens(number), Sekvens(number))),
                    noter: vec![],
                    antal: 1,
                };
                let canonical = entry.canonical(number);
                previous = chain(&previous, &canonical);
                Line {
                    number,
                    canonical,
                    hash: previous,
                }
            })
            .collect()
    }

    fn verify(lines: &[Line]) -> Result<Head, Broken> {
        let mut verifier = Verifier::default();
        lines.iter().try_for_each(|line| verifier.push(line))?;
        Ok(verifier.head())
    }

    #[test]
    fn a_chain_verifies_and_values_cannot_forge_fields() {
        let chain = lines(5);
        assert_eq!(verify(&chain).unwrap().number, 5);
        assert!(chain[0].canonical.contains("identitet=linje\\nskift\\\\\n"));
        let read: Vec<_> = chain[0].fields().collect();
        assert!(
            read.contains(&("identitet", "linje\nskift\\".to_owned())),
            "{read:?}"
        );
    }

    #[test]
    fn every_tampering_is_found_where_it_was_done() {
        let good = lines(5);
        let mut changed = good.clone();
        changed[2].canonical = changed[2].canonical.replace("gemt", "afvist");
        assert_eq!(verify(&changed), Err(Broken::Changed(3)));
        let mut deleted = good.clone();
        deleted.remove(1);
        assert_eq!(
            verify(&deleted),
            Err(Broken::Gap {
                expected: 2,
                found: 3
            })
        );
        let mut swapped = good.clone();
        swapped.swap(3, 4);
        assert_eq!(
            verify(&swapped),
            Err(Broken::Gap {
                expected: 4,
                found: 5
            })
        );
        let mut hashed = good;
        hashed[4].hash.0[0] ^= 1;
        assert_eq!(verify(&hashed), Err(Broken::Changed(5)));
    }
}
