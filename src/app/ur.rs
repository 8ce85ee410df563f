//! The register's heartbeat while a server runs on it: written each minute by a clock that is believed; looked at when it
//! is not, for an operator may have approved the clock (`dtr ur godkend`).

use std::path::PathBuf;
use std::sync::{Arc, Weak};
use std::time::Duration;

use crate::clock::Clock;
use crate::metrics::Metrics;
use crate::store::{Store, sqlite};

/// How often the clock is looked at.
const LOOK: Duration = Duration::from_secs(2);

/// How many looks there are between two heartbeats: a minute.
const BEAT: u32 = 30;

/// Keeps the heartbeat for as long as the register is open.
pub(super) async fn keep(
    (store, clock): (Weak<impl Store>, Clock),
    database: PathBuf,
    metrics: Arc<Metrics>,
) {
    let mut ticks = tokio::time::interval(LOOK);
    for tick in 0_u32.. {
        ticks.tick().await;
        if store.strong_count() == 0 {
            return;
        }
        let distrusted = clock.distrust().is_some();
        metrics.clock_distrusted.set(i64::from(distrusted));
        if !distrusted && tick % BEAT != 0 {
            continue;
        }
        let (clock, database) = (clock.clone(), database.clone());
        let kept = tokio::task::spawn_blocking(move || {
            if distrusted {
                if let Some(heartbeat) = sqlite::heartbeat(&database) {
                    clock.approve_by(heartbeat);
                }
            } else if let Err(error) = sqlite::beat(&database, clock.now()) {
                tracing::warn!(%error, "the register's heartbeat can't be kept");
            }
        });
        if kept.await.is_err() {
            return;
        }
    }
}
