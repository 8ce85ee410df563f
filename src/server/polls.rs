//! Long polls that wait: how many may, in all and of one caller, and which of them is answered when there is no place for
//! another: the one that has waited longest, of the caller with the most. It gets what there is, and may ask again.
//!
//! A poll that waits keeps no connection from others either: see [`super::room`].

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::time::Instant;

use super::pace::Pace;
use super::who::Who;
use crate::sync::lock;

/// A poll is left to wait so long at least. Who asks beyond the limit before then is told to come again, so that callers in
/// turns can't keep each other and the server busy.
const LEAST: Duration = Duration::from_secs(1);

/// The polls that wait on a listener, in the order in which they came.
#[derive(Debug)]
pub(crate) struct Polls {
    most: usize,
    each: usize,
    waiting: Mutex<Vec<Waiting>>,
}

/// One that waits.
#[derive(Debug)]
struct Waiting {
    who: Who,
    since: Instant,
    pace: Arc<Pace>,
}

/// Where a call may wait, and for whom that counts.
#[derive(Debug)]
pub struct Asking {
    pub(crate) polls: Arc<Polls>,
    pub(crate) who: Who,
    pub(crate) pace: Arc<Pace>,
}

/// So many wait already that this one may not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Full;

/// A call that waits, for as long as this is held.
#[derive(Debug)]
pub struct Place {
    polls: Arc<Polls>,
    pace: Arc<Pace>,
}

impl Asking {
    /// Begins to wait.
    ///
    /// # Errors
    /// [`Full`].
    pub fn wait(&self) -> Result<Place, Full> {
        self.polls.enter(self.who, &self.pace, Instant::now())
    }
}

impl Place {
    /// Until the place is needed for another, and this call has to be answered.
    pub async fn is_needed(&self) {
        self.pace.told_to_answer().await;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut waiting = lock(&self.polls.waiting);
        // It is there no more when it had to be answered.
        waiting.retain(|each| !Arc::ptr_eq(&each.pace, &self.pace));
        drop(waiting);
        self.pace.busy();
    }
}

impl Polls {
    /// Places for so many, and for so many of one caller.
    pub(crate) fn new(most: usize, each: usize) -> Arc<Self> {
        Arc::new(Self {
            most,
            each,
            waiting: Mutex::default(),
        })
    }

    /// How many wait.
    pub(crate) fn waiting(&self) -> usize {
        lock(&self.waiting).len()
    }

    fn enter(self: &Arc<Self>, who: Who, pace: &Arc<Pace>, now: Instant) -> Result<Place, Full> {
        let mut waiting = lock(&self.waiting);
        let own = waiting.iter().filter(|each| each.who == who).count();
        let gives = if own >= self.each {
            Some(who)
        } else if waiting.len() >= self.most {
            with_most(&waiting)
        } else {
            None
        };
        if let Some(gives) = gives {
            let oldest = waiting.iter().position(|each| each.who == gives);
            let at = oldest.filter(|at| now.duration_since(waiting[*at].since) >= LEAST);
            waiting.remove(at.ok_or(Full)?).pace.answer_now();
        }
        waiting.push(Waiting {
            who,
            since: now,
            pace: Arc::clone(pace),
        });
        pace.polling();
        Ok(Place {
            polls: Arc::clone(self),
            pace: Arc::clone(pace),
        })
    }
}

/// Who has the most polls that wait; of several that who waits longest.
fn with_most(waiting: &[Waiting]) -> Option<Who> {
    let mut counts = HashMap::new();
    for each in waiting {
        *counts.entry(each.who).or_insert(0_usize) += 1;
    }
    let most = counts.values().copied().max()?;
    let mut oldest = waiting.iter().map(|each| each.who);
    oldest.find(|who| counts.get(who) == Some(&most))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::who::Address;

    fn who(last: u8) -> Who {
        Who::Address(Address::V4([192, 0, 2, last].into()))
    }

    fn asks(polls: &Arc<Polls>, last: u8, now: Instant) -> (Arc<Pace>, Result<Place, Full>) {
        let pace = Arc::new(Pace::at(now, [192, 0, 2, last].into()));
        let place = polls.enter(who(last), &pace, now);
        (pace, place)
    }

    #[tokio::test]
    async fn the_one_that_has_waited_longest_is_answered() {
        let (polls, from) = (Polls::new(3, 2), Instant::now());
        let after = |ms| from + Duration::from_millis(ms);
        let first = asks(&polls, 1, from);
        let second = asks(&polls, 1, after(10));
        // Its caller has two; nobody has waited long.
        assert!(asks(&polls, 1, after(900)).1.is_err());
        let third = asks(&polls, 1, after(1000));
        assert!(third.1.is_ok());
        first.1.unwrap().is_needed().await;
        // Another caller finds a place, and the next one has to take it from who has most.
        let other = asks(&polls, 2, after(1100));
        let newest = asks(&polls, 3, after(1200));
        assert!(newest.1.is_ok() && other.1.is_ok());
        second.1.unwrap().is_needed().await;
        assert_eq!(polls.waiting(), 3);
        drop((third, other, newest));
        assert_eq!(polls.waiting(), 0);
    }

    #[tokio::test]
    async fn what_was_told_before_a_poll_does_not_end_it() {
        let polls = Polls::new(9, 9);
        let (pace, place) = asks(&polls, 1, Instant::now());
        pace.answer_now();
        place.unwrap().is_needed().await;
        let again = polls.enter(who(1), &pace, Instant::now()).unwrap();
        let told = tokio::time::timeout(Duration::from_millis(20), again.is_needed()).await;
        assert!(told.is_err());
    }
}
