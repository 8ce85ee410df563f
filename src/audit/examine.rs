//! Everything that can be found wrong with a chain, and where: its links, what its lines say, and the heads that were
//! saved of it. Line by line and in constant memory; what is found is bounded.

use super::chain::Broken;
use super::entry::KIND;
use super::{Head, Heads, Line, Stored, Verifier};
use crate::register::{Sekvens, Tidspunkt};

/// Beyond so many findings they are only counted.
const MOST: usize = 100;

/// One thing that is wrong, by the line of the chain where there is one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Finding {
    /// The chain is broken.
    #[error(transparent)]
    Broken(#[from] Broken),
    /// A line of a known kind lacks this field, which every such line has.
    #[error("line {0} has no readable {1}")]
    Unreadable(u64, &'static str),
    /// Time goes back.
    #[error("line {0} says an earlier time than the line before it")]
    TimeBack(u64),
    /// The changes that lines tell of do not follow each other: the first of the line, and the one that comes next.
    #[error(
        "line {0} begins at change {1}, where change {2} comes next: changes stand in no line, or in two"
    )]
    Uncovered(u64, Sekvens, Sekvens),
    /// A change that no line tells of.
    #[error("change {0} stands in no audit line")]
    Unaudited(Sekvens),
    /// A change that the history lacks.
    #[error("line {0} tells of change {1}, which the history lacks")]
    NoChange(u64, Sekvens),
    /// Line and history tell of the same change in two ways, by this field.
    #[error("line {0} and change {1} disagree on {2}")]
    Disagree(u64, Sekvens, &'static str),
    /// A line and the organisations, systems or agreements that it changed do not belong together.
    #[error("line {0} {1}")]
    Rights(u64, String),
    /// The chain ends at another line, before a head that was published; with its epoch, when that is not the chain's.
    #[error("the chain ends at line {1}, before the head of line {0} that was published: it was cut off, or is an old copy{left}", left = left(.2))]
    Short(u64, u64, Option<String>),
    /// A line is another than the one that was published; with the head's epoch, when that is not the chain's.
    #[error("line {0} is not the one that was published{left}", left = left(.1))]
    OtherHead(u64, Option<String>),
    /// Two heads of the same line.
    #[error("two different heads of line {0} were published: the chain was forked")]
    Fork(u64),
    /// A saved head's signature is wrong.
    #[error(
        "the signature of the saved head of line {0} is wrong: the head was changed, or another key signed it"
    )]
    HeadSignature(u64),
    /// A saved head is not signed, though a key was given.
    #[error("the saved head of line {0} is not signed")]
    HeadUnsigned(u64),
    /// A saved head of a chain that is made in another way, by this algorithm.
    #[error(
        "the saved head of line {0} is of the algorithm '{1}', which this program does not know: use a newer one"
    )]
    HeadAlgorithm(u64, String),
    /// Something else about the register.
    #[error("{0}")]
    Register(String),
}

fn left(epoke: &Option<String>) -> String {
    match epoke {
        None => String::new(),
        Some(epoke) => format!(
            " (the head is of epoch {epoke}, which a restore has ended: see the lines cli/restore)"
        ),
    }
}

impl Finding {
    /// The audit line it is about, where there is one.
    pub const fn line(&self) -> Option<u64> {
        match self {
            Self::Broken(broken) => Some(broken.line()),
            Self::Unreadable(line, _)
            | Self::TimeBack(line)
            | Self::Uncovered(line, ..)
            | Self::NoChange(line, _)
            | Self::Disagree(line, ..)
            | Self::Rights(line, _)
            | Self::Short(line, ..)
            | Self::OtherHead(line, _)
            | Self::Fork(line)
            | Self::HeadSignature(line)
            | Self::HeadUnsigned(line)
            | Self::HeadAlgorithm(line, _) => Some(*line),
            Self::Unaudited(_) | Self::Register(_) => None,
        }
    }
}

/// What came of an examination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Examined {
    /// The end of the chain.
    pub head: Head,
    /// What is wrong, in the order in which it was found.
    pub findings: Vec<Finding>,
    /// How much more is.
    pub more: u64,
    /// Lines of kinds that this program does not know. They are chained like the others.
    pub unknown: u64,
    /// Saved heads that the chain was compared with.
    pub heads: usize,
    /// Signatures of saved heads that are right.
    pub signed: usize,
}

impl Examined {
    /// Whether nothing is wrong.
    pub const fn holds(&self) -> bool {
        self.findings.is_empty()
    }
}

/// Follows a chain and looks for everything that is wrong with it.
#[derive(Debug, Default)]
pub struct Examiner {
    verifier: Verifier,
    heads: Heads,
    last: Option<Tidspunkt>,
    covered: Sekvens,
    findings: Vec<Finding>,
    more: u64,
    unknown: u64,
}

impl Examiner {
    /// An examination that compares with these heads.
    pub fn new(heads: Heads) -> Self {
        Self {
            heads,
            ..Self::default()
        }
    }

    /// Takes note of something found elsewhere.
    pub fn found(&mut self, finding: Finding) {
        if self.findings.len() < MOST {
            self.findings.push(finding);
        } else {
            self.more += 1;
        }
    }

    /// Looks at the next line; gives what the history must agree with, where the line tells of changes.
    pub fn line<'a>(&mut self, line: &'a Line) -> Option<Stored<'a>> {
        if let Err(broken) = self.verifier.push(line) {
            self.found(broken.into());
        }
        self.heads.line(line);
        if line.kind().as_deref() != Some(KIND) {
            self.unknown += 1;
            return None;
        }
        let said = line.said();
        let number = line.number;
        match said.tidspunkt {
            None => self.unreadable(number, "tidspunkt"),
            Some(at) => {
                if self.last.is_some_and(|last| at < last) {
                    self.found(Finding::TimeBack(number));
                }
                self.last = Some(at);
            }
        }
        if said.korrelations_id.is_none() {
            self.unreadable(number, "korrelationsId");
        }
        if said.operation.is_none() {
            self.unreadable(number, "operation");
        }
        let Some((first, last)) = said.sekvenser? else {
            self.unreadable(number, "sekvenser");
            return None;
        };
        let expected = Sekvens(self.covered.0.saturating_add(1));
        if first != expected {
            self.found(Finding::Uncovered(number, first, expected));
        }
        self.covered = last;
        Some(Stored {
            line: number,
            first,
            last,
            korrelations_id: said.korrelations_id?,
            operation: said.operation?,
            cvr: said.cvr,
            sagsnummer: said.sagsnummer,
        })
    }

    fn unreadable(&mut self, line: u64, field: &'static str) {
        self.found(Finding::Unreadable(line, field));
    }

    /// The chain has ended; the register it is of is in this epoch and has this last change.
    pub fn finish(mut self, epoke: &str, sekvens: Sekvens) -> Examined {
        let head = self.verifier.head();
        if self.covered < sekvens {
            let sekvens = Sekvens(self.covered.0 + 1);
            self.found(Finding::Unaudited(sekvens));
        }
        let (heads, signed) = self.heads.counts();
        let of_heads = std::mem::take(&mut self.heads).finish(head, epoke);
        of_heads.into_iter().for_each(|finding| self.found(finding));
        Examined {
            head,
            findings: self.findings,
            more: self.more,
            unknown: self.unknown,
            heads,
            signed,
        }
    }
}

#[cfg(test)]
mod tests;
