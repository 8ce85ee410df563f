//! The audit lines of refusals that wait for the next commit: as they are up to a bound, beyond it merged and counted.

use std::collections::HashMap;
use std::mem::{Discriminant, discriminant};

use crate::audit::{Entry, Udfald};
use crate::register::Cvr;

/// How many kinds of refusal are counted apart beyond the bound; the rest shares one line for each outcome.
const KINDS: usize = 1024;

/// What makes two refusals alike.
type Kind = (Option<Cvr>, String, Discriminant<Udfald>);

/// Waiting audit lines, bounded.
#[derive(Debug)]
pub(super) struct Refusals {
    bound: usize,
    single: Vec<Entry>,
    merged: Vec<Entry>,
    place: HashMap<Kind, usize>,
}

impl Refusals {
    /// Keeps at most `bound` lines as they are.
    pub(super) fn new(bound: usize) -> Self {
        Self {
            bound,
            single: Vec::new(),
            merged: Vec::new(),
            place: HashMap::new(),
        }
    }

    pub(super) fn push(&mut self, entry: Entry) {
        if self.single.len() < self.bound {
            self.single.push(entry);
            return;
        }
        let known = self.place.len() < KINDS || self.place.contains_key(&kind(&entry));
        let entry = if known { entry } else { anonymous(entry) };
        match self.place.get(&kind(&entry)) {
            Some(&at) => {
                if let Some(line) = self.merged.get_mut(at) {
                    count(line, entry);
                }
            }
            None => {
                self.place.insert(kind(&entry), self.merged.len());
                self.merged.push(entry);
            }
        }
    }

    /// Takes all lines, in the order of their coming (merged ones by their first).
    pub(super) fn take(&mut self) -> Vec<Entry> {
        self.place.clear();
        let mut lines = std::mem::take(&mut self.single);
        lines.append(&mut self.merged);
        lines
    }

    /// Puts back what could not be written, before what came since.
    pub(super) fn put_back(&mut self, lines: Vec<Entry>) {
        let newer = self.take();
        for entry in lines.into_iter().chain(newer) {
            self.push(entry);
        }
    }
}

fn kind(entry: &Entry) -> Kind {
    (
        entry.cvr,
        entry.operation.clone(),
        discriminant(&entry.udfald),
    )
}

/// The first refusal stands for its kind: its time and its call, everybody's codes and their count.
fn count(line: &mut Entry, entry: Entry) {
    line.antal = line.antal.saturating_add(entry.antal);
    for note in entry.noter {
        if !line.noter.contains(&note) {
            line.noter.push(note);
        }
    }
}

/// The line of those that are too many to be told apart.
fn anonymous(entry: Entry) -> Entry {
    Entry {
        operation: "*".into(),
        cvr: None,
        identitet: "*".into(),
        message_id: None,
        sagsnummer: None,
        ..entry
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::sqlite::testing::refusal;

    fn from(cvr: u32, code: &str) -> Entry {
        Entry {
            cvr: Cvr::parse(&format!("{cvr:08}")).ok(),
            noter: vec![code.into()],
            ..refusal()
        }
    }

    #[test]
    fn beyond_the_bound_alike_refusals_are_one_line_with_a_count() {
        let mut waiting = Refusals::new(2);
        for code in ["K1", "K2", "K3", "K4", "K3"] {
            waiting.push(from(1, code));
        }
        waiting.push(from(2, "K1"));
        let lines = waiting.take();
        let counts: Vec<_> = lines.iter().map(|line| line.antal).collect();
        assert_eq!(counts, [1, 1, 3, 1]);
        assert_eq!(lines[2].noter, ["K3", "K4"]);
        assert!(waiting.take().is_empty());
    }

    #[test]
    fn the_lines_are_bounded_however_many_callers_there_are() {
        let mut waiting = Refusals::new(2);
        for caller in 0..5_000 {
            waiting.push(from(caller, "K1"));
        }
        let lines = waiting.take();
        assert_eq!(lines.len(), 2 + KINDS + 1);
        assert_eq!(lines.iter().map(|line| line.antal).sum::<u32>(), 5_000);
        assert_eq!(lines.last().unwrap().operation, "*");
    }

    #[test]
    fn what_is_put_back_comes_first_again() {
        let mut waiting = Refusals::new(8);
        waiting.push(from(1, "K1"));
        let failed = waiting.take();
        waiting.push(from(2, "K2"));
        waiting.put_back(failed);
        let codes: Vec<_> = waiting.take().into_iter().flat_map(|e| e.noter).collect();
        assert_eq!(codes, ["K1", "K2"]);
    }
}
