//! How many heavy reads run at one time. Each holds a connection of the store for as long as it takes; one connection
//! is always left (of two or more) for what is short: who calls, and whether the service is up.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

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

#[cfg(test)]
mod tests {
    use super::*;

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
