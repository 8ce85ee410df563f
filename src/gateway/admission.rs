//! How many heavy reads run at one time. Each holds a connection of the store for as long as it takes; one connection
//! is always left (of two or more) for what is short: who calls, and whether the service is up.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// How long a read waits for its turn before its caller is told to come again.
const PATIENCE: Duration = Duration::from_secs(10);

/// The turns.
#[derive(Debug)]
pub(super) struct Admission(Arc<Semaphore>);

impl Admission {
    /// So many turns at a time, but at least one.
    pub(super) fn new(turns: usize) -> Self {
        Self(Arc::new(Semaphore::new(
            turns.clamp(1, Semaphore::MAX_PERMITS),
        )))
    }

    /// Waits for a turn, which lasts until what is given is dropped; none when it does not come in time.
    pub(super) async fn turn(&self) -> Option<OwnedSemaphorePermit> {
        let turn = Arc::clone(&self.0).acquire_owned();
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
            assert_eq!(admission.0.available_permits(), 0, "{readers}");
            taken.pop();
            assert!(admission.turn().await.is_some(), "{readers}");
        }
    }
}
