//! Whose job is next: each organisation has a line of its own, and they take turns by how many records they bring, so
//! that one who floods the writer waits for itself and not the others for it (deficit round robin).
//!
//! Who had nothing waiting comes first with what a turn is good for: a quiet organisation's write does not wait for the turns
//! of all who send batches. A batch begins a group and never follows another's job, so nobody waits for more than one.
//!
//! When there is no room for another job, the organisation with the longest line gives way, by its newest, to one whose
//! line is shorter.

use std::collections::{HashMap, VecDeque};

use crate::register::Cvr;
use crate::store::{Job, Result, StoreError};

/// The records that a turn is good for. A larger batch waits for as many turns as it takes.
const TURN: u32 = 16;

/// A job of more records than this is a batch.
const BATCH: u32 = 100;

/// An organisation's line; none: the machine's own jobs.
type Whose = Option<Cvr>;

#[derive(Default)]
struct Line {
    jobs: VecDeque<Job>,
    /// Records that its turns are still good for.
    credit: u32,
}

/// The lines, in the order of their turns.
#[derive(Default)]
pub(super) struct Turns {
    lines: HashMap<Whose, Line>,
    order: VecDeque<Whose>,
    /// The first of the order has begun its turn, and goes on with it.
    begun: bool,
    /// Those that had nothing waiting, and have not had a turn since.
    fresh: VecDeque<Whose>,
    /// A batch had to wait for those: the next group begins with it.
    passed: bool,
    count: usize,
}

/// What is committed together.
struct Group {
    taken: Vec<Job>,
    sum: u32,
    /// A batch is among them.
    batch: bool,
    most: usize,
    records: u32,
}

impl Group {
    /// Whether a job of so many records may join: always one, and a batch none but its own organisation's.
    fn admits(&self, weight: u32) -> bool {
        let fits = self.taken.len() < self.most && self.sum.saturating_add(weight) <= self.records;
        self.taken.is_empty() || fits && weight <= BATCH
    }

    /// Takes from a line what its credit is good for; tells whether it had to stop before that.
    fn serve(&mut self, line: &mut Line) -> bool {
        while let Some(next) = line.jobs.front() {
            let weight = next.records.max(1);
            if weight > line.credit {
                return false;
            }
            if !self.admits(weight) {
                return true;
            }
            line.credit -= weight;
            self.sum = self.sum.saturating_add(weight);
            self.batch |= weight > BATCH;
            self.taken.extend(line.jobs.pop_front());
        }
        false
    }
}

impl Turns {
    /// How many jobs wait.
    pub(super) fn len(&self) -> usize {
        self.count
    }

    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Places a job where `bound` may wait; gives the one that makes room for it, if one must.
    pub(super) fn push(&mut self, job: Job, bound: usize) -> Result<Option<Job>> {
        let mut gone = None;
        if self.count >= bound {
            let own = self.lines.get(&job.whose).map_or(0, |line| line.jobs.len());
            let longest = self.lines.values_mut().max_by_key(|line| line.jobs.len());
            let longest = longest.filter(|line| line.jobs.len() > own + 1);
            gone = longest.and_then(|line| line.jobs.pop_back());
            if gone.is_none() {
                return Err(StoreError::Busy);
            }
            self.count -= 1;
        }
        self.place(job);
        Ok(gone)
    }

    fn place(&mut self, job: Job) {
        let whose = job.whose;
        let line = self.lines.entry(whose).or_default();
        if line.jobs.is_empty() {
            line.credit = TURN;
            self.fresh.push_back(whose);
        }
        line.jobs.push_back(job);
        self.count += 1;
    }

    /// Takes at most `jobs` jobs of at most `records` records together, but always one when there is one.
    pub(super) fn take(&mut self, jobs: usize, records: u32) -> Vec<Job> {
        let mut group = Group {
            taken: Vec::new(),
            sum: 0,
            batch: false,
            most: jobs,
            records,
        };
        if std::mem::take(&mut self.passed) {
            self.rounds(&mut group);
        }
        self.newcomers(&mut group);
        self.rounds(&mut group);
        self.count -= group.taken.len();
        group.taken
    }

    /// Gives those that had nothing waiting their first turn.
    fn newcomers(&mut self, group: &mut Group) {
        while let Some(whose) = self.fresh.pop_front() {
            let Some(line) = self.lines.get_mut(&whose) else {
                continue;
            };
            if group.serve(line) {
                self.fresh.push_front(whose);
                return;
            }
            if line.jobs.is_empty() {
                self.lines.remove(&whose);
            } else {
                self.order.push_back(whose);
            }
        }
    }

    /// Gives turns for as long as the group admits what is next.
    fn rounds(&mut self, group: &mut Group) {
        while let Some(whose) = self.order.pop_front() {
            let Some(line) = self.lines.get_mut(&whose) else {
                continue;
            };
            if !std::mem::take(&mut self.begun) {
                line.credit = line.credit.saturating_add(TURN);
            }
            if group.serve(line) {
                let next = line.jobs.front();
                self.passed = !group.batch && next.is_some_and(|next| next.records > BATCH);
                self.begun = true;
                self.order.push_front(whose);
                return;
            }
            if line.jobs.is_empty() {
                self.lines.remove(&whose);
            } else {
                self.order.push_back(whose);
            }
        }
    }

    /// Takes all that wait.
    pub(super) fn drain(&mut self) -> Vec<Job> {
        let lines = std::mem::take(self).lines;
        lines.into_values().flat_map(|line| line.jobs).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{self, Undo, Verdict, Work, Write};

    struct Nothing;

    impl Work for Nothing {
        fn run(&mut self, _: &mut dyn Write) -> Verdict {
            unreachable!("nobody runs it")
        }

        fn deliver(self: Box<Self>, _: store::Result<()>) {}
    }

    fn cvr(number: u32) -> Whose {
        Some(Cvr::parse(&format!("{:08}", 10_000_000 + number)).unwrap())
    }

    fn job(number: u32, records: u32) -> Job {
        Job {
            whose: cvr(number),
            records,
            undo: Undo::Savepoint,
            work: Box::new(Nothing),
        }
    }

    /// Whose jobs come next, as numbers.
    fn next(turns: &mut Turns, jobs: usize, records: u32) -> Vec<u32> {
        let taken = turns.take(jobs, records);
        let number = |job: &Job| job.whose.unwrap().as_str().parse::<u32>().unwrap();
        taken.iter().map(|job| number(job) - 10_000_000).collect()
    }

    #[test]
    fn one_that_floods_waits_for_itself() {
        let mut turns = Turns::default();
        for _ in 0..1000 {
            assert!(matches!(turns.push(job(1, 1), 2000), Ok(None)));
        }
        for other in 2..10 {
            turns.push(job(other, 1), 2000).unwrap();
        }
        let group = next(&mut turns, 64, 2000);
        assert_eq!(group.len(), 64);
        for other in 2..10 {
            assert!(group.contains(&other), "{other}: {group:?}");
        }
        assert_eq!(turns.len(), 1008 - 64);
    }

    #[test]
    fn a_batch_counts_as_its_records() {
        let mut turns = Turns::default();
        for _ in 0..40 {
            turns.push(job(1, 500), 1000).unwrap();
            turns.push(job(2, 1), 1000).unwrap();
        }
        // The singles need three turns together, a batch more than thirty.
        assert_eq!(
            next(&mut turns, 256, 2000)
                .iter()
                .filter(|n| **n == 2)
                .count(),
            40
        );
        // What is left is the batches, each by itself: whoever comes meanwhile waits for one.
        assert_eq!(next(&mut turns, 256, 2000), [1]);
    }

    #[test]
    fn a_quiet_one_waits_for_no_batch_that_has_not_begun() {
        let mut turns = Turns::default();
        for round in 0..40 {
            for other in 1..=12 {
                turns.push(job(other, 500), 10_000).unwrap();
            }
            // Whatever has gone before: the one that had nothing waiting is next, and no batch goes with it.
            let first = next(&mut turns, 256, 500);
            assert_eq!(first.len(), 1, "{first:?}");
            turns.push(job(99, 1), 10_000).unwrap();
            assert_eq!(next(&mut turns, 256, 500), [99], "{round}");
        }
    }

    #[test]
    fn batches_are_not_passed_over_for_ever() {
        let mut turns = Turns::default();
        for other in 1..=3 {
            turns.push(job(other, 500), 10_000).unwrap();
        }
        let mut batches = Vec::new();
        for quiet in 0..12 {
            turns.push(job(100 + quiet, 1), 10_000).unwrap();
            turns.push(job(200 + quiet, 1), 10_000).unwrap();
            let taken = next(&mut turns, 256, 500);
            batches.extend(taken.into_iter().filter(|whose| *whose < 100));
        }
        batches.sort_unstable();
        assert_eq!(batches, [1, 2, 3]);
    }

    #[test]
    fn a_batch_larger_than_a_group_goes_alone() {
        let mut turns = Turns::default();
        turns.push(job(1, 10_000), 10).unwrap();
        turns.push(job(1, 1), 10).unwrap();
        turns.push(job(2, 1), 10).unwrap();
        assert_eq!(next(&mut turns, 256, 2000), [2]);
        assert_eq!(next(&mut turns, 256, 2000), [1]);
        assert_eq!(next(&mut turns, 256, 2000), [1]);
        assert!(turns.is_empty() && turns.lines.is_empty() && turns.order.is_empty());
    }

    #[test]
    fn two_who_bring_the_same_get_the_same() {
        let mut turns = Turns::default();
        for _ in 0..500 {
            turns.push(job(1, 1), 2000).unwrap();
        }
        for _ in 0..500 {
            turns.push(job(2, 1), 2000).unwrap();
        }
        let (mut first, mut second) = (0, 0);
        // Groups smaller and larger than a turn.
        for size in [50, 10, 1, 7, 50, 3, 10, 60, 5, 50, 50, 50] {
            let group = next(&mut turns, size, 2000);
            first += group.iter().filter(|n| **n == 1).count();
            second += group.iter().filter(|n| **n == 2).count();
            assert!(first.abs_diff(second) <= TURN as usize, "{first} {second}");
        }
        assert_eq!(first + second, 346);
    }

    #[test]
    fn when_there_is_no_room_the_longest_line_gives_way() {
        let mut turns = Turns::default();
        for _ in 0..4 {
            turns.push(job(1, 1), 4).unwrap();
        }
        assert!(matches!(turns.push(job(1, 1), 4), Err(StoreError::Busy)));
        let Ok(Some(gone)) = turns.push(job(2, 1), 4) else {
            panic!("no room is made");
        };
        assert_eq!(gone.whose, cvr(1));
        assert!(matches!(turns.push(job(2, 1), 4), Ok(Some(_))));
        // Two each: nobody's line is longer by more than the one that would come.
        assert!(matches!(turns.push(job(2, 1), 4), Err(StoreError::Busy)));
        assert!(matches!(turns.push(job(1, 1), 4), Err(StoreError::Busy)));
        assert!(matches!(turns.push(job(3, 1), 4), Ok(Some(_))));
        assert_eq!((turns.len(), turns.drain().len()), (4, 4));
    }
}
