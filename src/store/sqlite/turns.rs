//! Whose job is next: each organisation has a line of its own, and they take turns by how many records they bring, so
//! that one who floods the writer waits for itself and not the others for it (deficit round robin).
//!
//! When there is no room for another job, the organisation with the longest line gives way, by its newest, to one whose
//! line is shorter.

use std::collections::{HashMap, VecDeque};

use crate::register::Cvr;
use crate::store::Job;

/// The records that a turn is good for. A larger batch waits for as many turns as it takes.
const TURN: u32 = 16;

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
    count: usize,
}

/// What became of a job.
pub(super) enum Placed {
    /// It waits.
    Queued,
    /// It waits in the place of this one.
    InsteadOf(Job),
    /// There is no room for it.
    Full,
}

impl Turns {
    /// How many jobs wait.
    pub(super) fn len(&self) -> usize {
        self.count
    }

    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Places a job where `bound` may wait.
    pub(super) fn push(&mut self, job: Job, bound: usize) -> Placed {
        if self.count < bound {
            self.place(job);
            return Placed::Queued;
        }
        let own = self.lines.get(&job.whose).map_or(0, |line| line.jobs.len());
        let longest = self
            .lines
            .iter_mut()
            .max_by_key(|(_, line)| line.jobs.len());
        match longest {
            Some((_, line)) if line.jobs.len() > own + 1 => match line.jobs.pop_back() {
                Some(newest) => {
                    self.count -= 1;
                    self.place(job);
                    Placed::InsteadOf(newest)
                }
                None => Placed::Full,
            },
            _ => Placed::Full,
        }
    }

    fn place(&mut self, job: Job) {
        let whose = job.whose;
        let line = self.lines.entry(whose).or_default();
        if line.jobs.is_empty() {
            line.credit = 0;
            self.order.push_back(whose);
        }
        line.jobs.push_back(job);
        self.count += 1;
    }

    /// Takes at most `jobs` jobs of at most `records` records together, but always one when there is one.
    pub(super) fn take(&mut self, jobs: usize, records: u32) -> Vec<Job> {
        let mut taken: Vec<Job> = Vec::new();
        let mut sum = 0_u32;
        while let Some(whose) = self.order.pop_front() {
            let Some(line) = self.lines.get_mut(&whose) else {
                continue;
            };
            if !std::mem::take(&mut self.begun) {
                line.credit = line.credit.saturating_add(TURN);
            }
            while let Some(next) = line.jobs.front() {
                let weight = next.records.max(1);
                if weight > line.credit {
                    break;
                }
                let fits = taken.len() < jobs && sum.saturating_add(weight) <= records;
                if !fits && !taken.is_empty() {
                    self.begun = true;
                    self.order.push_front(whose);
                    return taken;
                }
                line.credit -= weight;
                sum = sum.saturating_add(weight);
                taken.extend(line.jobs.pop_front());
                self.count -= 1;
            }
            if line.jobs.is_empty() {
                self.lines.remove(&whose);
            } else {
                self.order.push_back(whose);
            }
        }
        taken
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
    use crate::store::Step;

    fn cvr(number: u32) -> Whose {
        Some(Cvr::parse(&format!("{:08}", 10_000_000 + number)).unwrap())
    }

    fn job(number: u32, records: u32) -> Job {
        let step = || Step {
            keep: false,
            audit: None,
            failed: None,
            deliver: Box::new(|_| {}),
        };
        Job {
            whose: cvr(number),
            records,
            run: Box::new(move |_| step()),
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
            assert!(matches!(turns.push(job(1, 1), 2000), Placed::Queued));
        }
        for other in 2..10 {
            turns.push(job(other, 1), 2000);
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
            turns.push(job(1, 500), 1000);
            turns.push(job(2, 1), 1000);
        }
        // The singles need three turns together, a batch more than thirty.
        assert_eq!(
            next(&mut turns, 256, 2000)
                .iter()
                .filter(|n| **n == 2)
                .count(),
            40
        );
        // What is left is the batches, four in each group.
        assert_eq!(next(&mut turns, 256, 2000), [1; 4]);
    }

    #[test]
    fn a_batch_larger_than_a_group_goes_alone() {
        let mut turns = Turns::default();
        turns.push(job(1, 10_000), 10);
        turns.push(job(1, 1), 10);
        turns.push(job(2, 1), 10);
        assert_eq!(next(&mut turns, 256, 2000), [2]);
        assert_eq!(next(&mut turns, 256, 2000), [1]);
        assert_eq!(next(&mut turns, 256, 2000), [1]);
        assert!(turns.is_empty() && turns.lines.is_empty() && turns.order.is_empty());
    }

    #[test]
    fn two_who_bring_the_same_get_the_same() {
        let mut turns = Turns::default();
        for _ in 0..500 {
            turns.push(job(1, 1), 2000);
        }
        for _ in 0..500 {
            turns.push(job(2, 1), 2000);
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
            turns.push(job(1, 1), 4);
        }
        assert!(matches!(turns.push(job(1, 1), 4), Placed::Full));
        let Placed::InsteadOf(gone) = turns.push(job(2, 1), 4) else {
            panic!("no room is made");
        };
        assert_eq!(gone.whose, cvr(1));
        assert!(matches!(turns.push(job(2, 1), 4), Placed::InsteadOf(_)));
        // Two each: nobody's line is longer by more than the one that would come.
        assert!(matches!(turns.push(job(2, 1), 4), Placed::Full));
        assert!(matches!(turns.push(job(1, 1), 4), Placed::Full));
        assert!(matches!(turns.push(job(3, 1), 4), Placed::InsteadOf(_)));
        assert_eq!((turns.len(), turns.drain().len()), (4, 4));
    }
}
