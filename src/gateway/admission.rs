//! How many heavy reads run at one time. Each holds a connection of the store for as long as it takes; one connection
//! is always left (of two or more) for what is short: who calls, and whether the service is up.
//!
//! Each organisation has a line of its own before that of all, and so have callers without a certificate together: of none of
//! them more than a few stand before the others.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use crate::server::exchange::Who;
use crate::sync;

/// How long a read waits for its turn before its caller is told to come again.
const PATIENCE: Duration = Duration::from_secs(10);

/// The turns, and who waits for one.
#[derive(Debug)]
pub(super) struct Admission {
    turns: Arc<Semaphore>,
    line: Semaphore,
}

impl Admission {
    /// So many turns at a time, but at least one.
    pub(super) fn new(turns: usize) -> Self {
        Self::with_line(turns, Semaphore::MAX_PERMITS)
    }

    /// The same, where no more than so many wait.
    pub(super) fn with_line(turns: usize, line: usize) -> Self {
        Self {
            turns: Arc::new(Semaphore::new(turns.clamp(1, Semaphore::MAX_PERMITS))),
            line: Semaphore::new(line),
        }
    }

    /// Whether anybody has a turn or waits for one.
    fn is_in_use(self: &Arc<Self>) -> bool {
        Arc::strong_count(self) > 1 || Arc::strong_count(&self.turns) > 1
    }

    /// Waits for a turn, which lasts until what is given is dropped; none when it does not come in time, or when so many wait
    /// already.
    pub(super) async fn turn(&self) -> Option<OwnedSemaphorePermit> {
        if let Ok(turn) = Arc::clone(&self.turns).try_acquire_owned() {
            return Some(turn);
        }
        let _place = self.line.try_acquire().ok()?;
        let turn = Arc::clone(&self.turns).acquire_owned();
        timeout(PATIENCE, turn).await.ok()?.ok()
    }
}

/// A turn among one's own and among all, for as long as it is held.
pub(super) type Turn = [OwnedSemaphorePermit; 2];

/// So many callers without a certificate wait for a turn; the next is told to come again at once.
const PUBLIC_LINE: usize = 64;

/// Who reads, in turns.
#[derive(Debug)]
pub(super) struct Reads {
    all: Admission,
    public: Admission,
    each: usize,
    of: Mutex<HashMap<Who, Arc<Admission>>>,
}

impl Reads {
    /// So many turns at a time: of one organisation one fewer, and without a certificate too.
    pub(super) fn new(turns: usize) -> Self {
        let fewer = turns.saturating_sub(1);
        Self {
            all: Admission::new(turns),
            public: Admission::with_line(fewer, PUBLIC_LINE),
            each: fewer,
            of: Mutex::default(),
        }
    }

    /// Waits for a turn; none when it does not come in time.
    pub(super) async fn turn(&self, who: Who) -> Option<Turn> {
        let own = match who {
            Who::Address(_) => self.public.turn().await?,
            Who::Organisation(_) => self.line(who).turn().await?,
        };
        Some([self.all.turn().await?, own])
    }

    /// The line of an organisation. Those in which nobody is are let go.
    fn line(&self, who: Who) -> Arc<Admission> {
        let mut of = sync::lock(&self.of);
        of.retain(|_, line| line.is_in_use());
        let new = || Arc::new(Admission::new(self.each));
        Arc::clone(of.entry(who).or_insert_with(new))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::register::Cvr;

    #[tokio::test]
    async fn one_connection_is_left() {
        for (readers, turns) in [(4, 3), (2, 1), (1, 1)] {
            let admission = Admission::new(readers - 1);
            let mut taken = Vec::new();
            for _ in 0..turns {
                taken.push(admission.turn().await.unwrap());
            }
            assert_eq!(admission.turns.available_permits(), 0, "{readers}");
            taken.pop();
            assert!(admission.turn().await.is_some(), "{readers}");
        }
    }

    #[tokio::test]
    async fn one_organisation_leaves_a_turn_to_the_others() {
        let reads = Reads::new(3);
        let who = |n: u32| Who::Organisation(Cvr::parse(&format!("1000000{n}")).ok());
        let first = [reads.turn(who(1)).await, reads.turn(who(1)).await];
        assert!(first.iter().all(Option::is_some));
        // Its third waits among its own, so that another's first does not stand behind it.
        let third = reads.turn(who(1));
        let mut third = std::pin::pin!(third);
        assert!(timeout(Duration::ZERO, &mut third).await.is_err());
        let other = reads.turn(who(2)).await;
        assert!(other.is_some());
        drop(first);
        assert!(third.await.is_some());
        drop(other);
        assert!(reads.turn(who(3)).await.is_some());
        assert_eq!(
            reads.of.lock().unwrap().len(),
            1,
            "lines without anybody are let go"
        );
    }

    #[tokio::test]
    async fn a_line_has_an_end() {
        let admission = Admission::with_line(1, 1);
        let taken = admission.turn().await.unwrap();
        let waits = admission.turn();
        let next = async {
            assert!(admission.turn().await.is_none(), "one waits already");
            drop(taken);
        };
        let (turn, ()) = tokio::join!(waits, next);
        assert!(turn.is_some());
    }
}
