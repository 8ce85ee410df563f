//! The audit lines of refusals that wait for the next commit. The first of a kind is written at once; those that are equal to
//! it and come within a minute are counted, and are one line when the minute is over. So a caller that is refused again and
//! again adds a line a minute to a chain that is never cut, and not one for each call.
//!
//! A refusal of another caller, operation, outcome, case or with other errors has a line of its own, for as many kinds as
//! there is room for. Beyond that alike ones share a line; the number of lines is bounded, the number of refusals told.

use std::collections::{HashMap, VecDeque};
use std::mem::{Discriminant, discriminant};
use std::time::{Duration, Instant};

use crate::audit::{Entry, Udfald};
use crate::register::{Cvr, Pseudonym};

/// How many kinds of refusal are told apart within a minute; the rest shares one line for each outcome.
const KINDS: usize = 1024;

/// How many of them may be one caller's; beyond that its refusals of an operation share a line, whatever the errors.
const OWN: usize = 64;

/// Who was refused: the organisation, and the certificate or system.
type Caller = (Option<Cvr>, String);

/// What makes two refusals equal.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Kind {
    caller: Caller,
    operation: String,
    outcome: Discriminant<Udfald>,
    person: Option<Pseudonym>,
    sagsnummer: Option<String>,
    noter: Vec<String>,
}

impl Kind {
    fn of(entry: &Entry) -> Self {
        Self {
            caller: (entry.cvr, entry.identitet.clone()),
            operation: entry.operation.clone(),
            outcome: discriminant(&entry.udfald),
            person: entry.person.clone(),
            sagsnummer: entry.sagsnummer.clone(),
            noter: entry.noter.clone(),
        }
    }

    /// The same, with the texts of the entry, which has none of them until [`Kind::give`].
    fn take(entry: &mut Entry) -> Self {
        Self {
            caller: (entry.cvr, std::mem::take(&mut entry.identitet)),
            operation: std::mem::take(&mut entry.operation),
            outcome: discriminant(&entry.udfald),
            person: entry.person.take(),
            sagsnummer: entry.sagsnummer.take(),
            noter: std::mem::take(&mut entry.noter),
        }
    }

    /// Gives an entry its texts back.
    fn give(self, entry: &mut Entry) {
        entry.identitet = self.caller.1;
        entry.operation = self.operation;
        entry.person = self.person;
        entry.sagsnummer = self.sagsnummer;
        entry.noter = self.noter;
    }

    /// The kind of all that a caller is refused in an operation.
    fn coarse(self) -> Self {
        Self {
            person: None,
            sagsnummer: None,
            noter: Vec::new(),
            ..self
        }
    }
}

/// The minute of a kind.
#[derive(Debug)]
struct Minute {
    end: Instant,
    /// What has come since its line, as one.
    held: Option<Entry>,
}

/// Waiting audit lines, bounded.
#[derive(Debug)]
pub(super) struct Refusals {
    bound: usize,
    minute: Duration,
    ready: Vec<Entry>,
    kinds: HashMap<Kind, Minute>,
    /// The kinds in the order in which their minutes end.
    ends: VecDeque<Kind>,
    /// How many kinds each caller has.
    own: HashMap<Caller, usize>,
    /// The earliest end of a minute in which something is held.
    due: Option<Instant>,
}

impl Refusals {
    /// Keeps some `bound` lines apart, and holds equal ones for a `minute`.
    pub(super) fn new(bound: usize, minute: Duration) -> Self {
        Self {
            bound,
            minute,
            ready: Vec::new(),
            kinds: HashMap::new(),
            ends: VecDeque::new(),
            own: HashMap::new(),
            due: None,
        }
    }

    /// Takes a refusal that comes now.
    pub(super) fn push(&mut self, mut entry: Entry, now: Instant) {
        self.end_minutes(now);
        // Of a caller that is refused again and again nothing is copied: it is counted, and looked up once.
        let kind = Kind::take(&mut entry);
        if let Some(Minute {
            held: Some(line), ..
        }) = self.kinds.get_mut(&kind)
        {
            // Its notes are the line's: they are part of the kind.
            line.antal = line.antal.saturating_add(entry.antal);
            return;
        }
        kind.give(&mut entry);
        let (kind, entry) = self.place(entry);
        match self.kinds.get_mut(&kind) {
            Some(minute) => {
                match &mut minute.held {
                    Some(line) => count(line, entry),
                    held => *held = Some(entry),
                }
                self.due = Some(self.due.map_or(minute.end, |due| due.min(minute.end)));
            }
            None => {
                self.begin(kind, now);
                self.ready.push(entry);
            }
        }
        if self.ready.len() > 2 * self.bound {
            self.ready = bounded(std::mem::take(&mut self.ready), self.bound);
        }
    }

    /// Whether a line is to be written with the next commit.
    pub(super) fn is_ready(&self) -> bool {
        !self.ready.is_empty()
    }

    /// Whether anything waits at all.
    pub(super) fn is_empty(&self) -> bool {
        self.ready.is_empty() && self.due.is_none()
    }

    /// When the next of what is held must be written.
    pub(super) const fn due(&self) -> Option<Instant> {
        self.due
    }

    /// Takes the lines that are to be written now, in the order of their coming (merged ones by their first).
    pub(super) fn take(&mut self, now: Instant) -> Vec<Entry> {
        self.end_minutes(now);
        std::mem::take(&mut self.ready)
    }

    /// Takes all that waits, its minute over or not.
    pub(super) fn take_all(&mut self) -> Vec<Entry> {
        let mut lines = std::mem::take(&mut self.ready);
        let held = self.ends.drain(..).filter_map(|kind| {
            let minute = self.kinds.remove(&kind)?;
            minute.held
        });
        lines.extend(held);
        self.kinds.clear();
        self.own.clear();
        self.due = None;
        lines
    }

    /// Puts back what could not be written, before what came since.
    pub(super) fn put_back(&mut self, mut lines: Vec<Entry>) {
        lines.append(&mut self.ready);
        self.ready = if lines.len() > self.bound {
            bounded(lines, self.bound)
        } else {
            lines
        };
    }

    /// The kind that a refusal counts as, and what its line says.
    fn place(&self, entry: Entry) -> (Kind, Entry) {
        let kind = Kind::of(&entry);
        if self.kinds.contains_key(&kind) {
            return (kind, entry);
        }
        if self.own.get(&kind.caller).is_some_and(|own| *own >= OWN) {
            let coarse = kind.clone().coarse();
            if self.kinds.contains_key(&coarse) || self.kinds.len() < KINDS {
                let entry = Entry {
                    sagsnummer: None,
                    ..entry
                };
                return (coarse, entry);
            }
        }
        if self.kinds.len() < KINDS {
            return (kind, entry);
        }
        let entry = anonymous(entry);
        (Kind::of(&entry).coarse(), entry)
    }

    fn begin(&mut self, kind: Kind, now: Instant) {
        *self.own.entry(kind.caller.clone()).or_default() += 1;
        self.ends.push_back(kind.clone());
        let minute = Minute {
            end: now + self.minute,
            held: None,
        };
        self.kinds.insert(kind, minute);
    }

    /// Makes lines of what was held in minutes that are over. What goes on has another minute; the rest is forgotten.
    fn end_minutes(&mut self, now: Instant) {
        let mut over = Vec::new();
        while let Some(kind) = self.ends.front()
            && self.kinds.get(kind).is_none_or(|minute| minute.end <= now)
        {
            over.extend(self.ends.pop_front());
        }
        if over.is_empty() {
            return;
        }
        for kind in over {
            if let Some(own) = self.own.get_mut(&kind.caller) {
                *own -= 1;
                if *own == 0 {
                    self.own.remove(&kind.caller);
                }
            }
            if let Some(line) = self.kinds.remove(&kind).and_then(|minute| minute.held) {
                self.ready.push(line);
                self.begin(kind, now);
            }
        }
        let held = self.kinds.values().filter(|minute| minute.held.is_some());
        self.due = held.map(|minute| minute.end).min();
    }
}

/// As they are up to a bound; beyond it one line for each organisation, operation and outcome, for so many of them.
fn bounded(lines: Vec<Entry>, bound: usize) -> Vec<Entry> {
    let mut kept: Vec<Entry> = Vec::new();
    let mut place: HashMap<(Option<Cvr>, String, Discriminant<Udfald>), usize> = HashMap::new();
    for entry in lines {
        if kept.len() < bound {
            kept.push(entry);
            continue;
        }
        let alike = |entry: &Entry| {
            (
                entry.cvr,
                entry.operation.clone(),
                discriminant(&entry.udfald),
            )
        };
        let known = place.len() < KINDS || place.contains_key(&alike(&entry));
        let entry = if known { entry } else { anonymous(entry) };
        match place.get(&alike(&entry)) {
            Some(&at) => {
                if let Some(line) = kept.get_mut(at) {
                    count(line, entry);
                }
            }
            None => {
                place.insert(alike(&entry), kept.len());
                kept.push(entry);
            }
        }
    }
    kept
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
        person: None,
        sagsnummer: None,
        ..entry
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::sqlite::testing::refusal;

    const MINUTE: Duration = Duration::from_secs(60);

    fn from(cvr: u32, code: &str) -> Entry {
        Entry {
            cvr: Cvr::parse(&format!("{cvr:08}")).ok(),
            noter: vec![code.into()],
            ..refusal()
        }
    }

    fn counts(lines: &[Entry]) -> Vec<u32> {
        lines.iter().map(|line| line.antal).collect()
    }

    #[test]
    fn equal_refusals_of_a_minute_are_the_first_line_and_one_with_their_count() {
        let mut waiting = Refusals::new(4096, MINUTE);
        let begin = Instant::now();
        for second in 0..30 {
            waiting.push(from(1, "K1"), begin + Duration::from_secs(second));
        }
        assert!(waiting.is_ready());
        assert_eq!(counts(&waiting.take(begin)), [1]);
        assert!(!waiting.is_ready() && !waiting.is_empty());
        assert_eq!(waiting.due(), Some(begin + MINUTE));
        assert_eq!(counts(&waiting.take(begin + MINUTE / 2)), [0_u32; 0]);
        assert_eq!(counts(&waiting.take(begin + MINUTE)), [29]);
        // It goes on: another minute, another line.
        for second in 61..71 {
            waiting.push(from(1, "K1"), begin + Duration::from_secs(second));
        }
        assert_eq!(counts(&waiting.take(begin + MINUTE * 2)), [10]);
        // It does not: the next one is the first of its kind again.
        assert_eq!(counts(&waiting.take(begin + MINUTE * 3)), [0_u32; 0]);
        assert!(waiting.is_empty() && waiting.kinds.is_empty() && waiting.own.is_empty());
        waiting.push(from(1, "K1"), begin + MINUTE * 4);
        assert_eq!(counts(&waiting.take(begin + MINUTE * 4)), [1]);
    }

    #[test]
    fn a_refusal_of_another_kind_or_caller_has_its_own_line() {
        let mut waiting = Refusals::new(4096, MINUTE);
        let now = Instant::now();
        let kinds = [
            from(1, "K1"),
            from(1, "K2"),
            from(2, "K1"),
            Entry {
                operation: "import:v2/DeleteDaginstitution".into(),
                ..from(1, "K1")
            },
            Entry {
                udfald: Udfald::Fejl,
                ..from(1, "K1")
            },
            Entry {
                identitet: "another".into(),
                ..from(1, "K1")
            },
            Entry {
                sagsnummer: Some("2026-1".into()),
                ..from(1, "K1")
            },
        ];
        for _ in 0..3 {
            for entry in &kinds {
                waiting.push(entry.clone(), now);
            }
        }
        assert_eq!(waiting.take(now), kinds);
        assert_eq!(counts(&waiting.take(now + MINUTE)), [2; 7]);
    }

    #[test]
    fn nothing_is_lost_at_the_end() {
        let mut waiting = Refusals::new(4096, MINUTE);
        let now = Instant::now();
        for n in 0..100 {
            waiting.push(from(n % 3, "K1"), now);
        }
        let lines = waiting.take_all();
        assert_eq!(counts(&lines), [1, 1, 1, 33, 32, 32]);
        assert!(waiting.is_empty() && waiting.take_all().is_empty());
    }

    #[test]
    fn a_caller_with_ever_other_errors_shares_lines_by_operation() {
        let mut waiting = Refusals::new(4096, MINUTE);
        let now = Instant::now();
        for n in 0..1_000 {
            waiting.push(from(1, &format!("K{n}")), now);
        }
        waiting.push(from(2, "K1"), now);
        let lines = waiting.take_all();
        // The kinds, the shared line, the other caller's, and what is held of the shared one.
        assert_eq!(lines.len(), OWN + 1 + 1 + 1);
        assert_eq!(counts(&lines).iter().sum::<u32>(), 1_001);
        assert_eq!(lines.last().unwrap().noter.len(), 1_000 - OWN - 1);
    }

    #[test]
    fn the_lines_are_bounded_however_many_callers_there_are() {
        let mut waiting = Refusals::new(4096, MINUTE);
        let now = Instant::now();
        for caller in 0..5_000 {
            waiting.push(from(caller, "K1"), now);
        }
        let lines = waiting.take_all();
        assert_eq!(lines.len(), KINDS + 1 + 1);
        assert_eq!(counts(&lines).iter().sum::<u32>(), 5_000);
        assert_eq!(lines.last().unwrap().operation, "*");
    }

    #[test]
    fn lines_that_cannot_be_written_are_bounded_and_come_first_again() {
        let mut waiting = Refusals::new(2, Duration::ZERO);
        let now = Instant::now();
        waiting.push(from(1, "K1"), now);
        let failed = waiting.take(now);
        waiting.push(from(2, "K2"), now);
        waiting.put_back(failed);
        let lines = waiting.take(now);
        let codes: Vec<_> = lines.iter().flat_map(|line| &line.noter).collect();
        assert_eq!(codes, ["K1", "K2"]);
        waiting.put_back(lines);
        for n in 0..5_000 {
            waiting.push(from(7, &format!("K{n}")), now);
            let lines = waiting.take(now);
            waiting.put_back(lines);
        }
        let lines = waiting.take(now);
        assert_eq!(counts(&lines), [1, 1, 5_000]);
    }
}
