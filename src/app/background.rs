//! What goes on beside answering, for as long as the register is open: figures, monthly runs, the day's head of the audit
//! chain, letting go of what nobody asks for.

use std::path::PathBuf;
use std::sync::{Arc, Weak};
use std::time::Duration;

use crate::clock::Clock;
use crate::gateway::Gateway;
use crate::metrics::{Metrics, whole};
use crate::mirror::MirrorCell;
use crate::monthly;
use crate::register::{Dato, Kodetabeller};
use crate::server::Stopper;
use crate::status::files;
use crate::store::{Outcome, Store, StoreError, StoreExt};

/// How often the figures of the register are looked at.
const FIGURES: Duration = Duration::from_secs(5);

/// How often it is asked whether the monthly run is due.
const RUN_DUE: Duration = Duration::from_secs(60);

/// Stops the server when the register's files were taken away under it.
pub(super) async fn stop_without_files(
    mut gone: tokio::sync::watch::Receiver<Option<String>>,
    stop: Stopper,
) {
    // The store is closed when this fails.
    if gone.wait_for(Option::is_some).await.is_ok() {
        stop.stop();
    }
}

/// Lets go of kept answers that nobody asks for any more, for as long as the server runs.
pub(super) async fn forget_unused(gateway: Weak<Gateway<impl Store>>) {
    let mut ticks = tokio::time::interval(FIGURES);
    loop {
        ticks.tick().await;
        let Some(gateway) = gateway.upgrade() else {
            return;
        };
        gateway.forget_unused();
    }
}

/// Keeps the figures of the register up to date for as long as it is open.
pub(super) async fn keep_figures(store: Weak<impl Store>, file: PathBuf, metrics: Arc<Metrics>) {
    let mut ticks = tokio::time::interval(FIGURES);
    loop {
        ticks.tick().await;
        let Some(store) = store.upgrade() else { return };
        for (name, bytes) in files(&file) {
            metrics.file(name, bytes);
        }
        let left =
            tokio::task::spawn_blocking(move || store.read(|view| view.numbers_left())).await;
        match left {
            Ok(Ok(left)) => {
                metrics.numbers_left.set(whole(left));
            }
            Ok(Err(error)) => tracing::warn!(%error, "cannot count the numbers left"),
            Err(_) => return,
        }
    }
}

/// Makes the monthly run when it is due, for as long as the register is open. Other processes may make it too: what
/// counts is the last run that the register knows of.
pub(super) async fn make_monthly_runs(
    store: Weak<impl Store>,
    (tables, mirrors): (Kodetabeller, Arc<MirrorCell>),
    clock: Clock,
    days: u32,
) {
    if days == 0 {
        return;
    }
    let between = i64::from(days) * 24 * 60 * 60 * 1000;
    let tables = Arc::new(tables);
    let mut ticks = tokio::time::interval(RUN_DUE);
    // Not at the very start: whoever starts a server wants it to serve.
    ticks.tick().await;
    loop {
        ticks.tick().await;
        let Some(store) = store.upgrade() else { return };
        if clock.distrust().is_some() {
            continue;
        }
        let (tables, clock) = (Arc::clone(&tables), clock.clone());
        let mirrors = mirrors.now();
        let done = tokio::task::spawn_blocking(move || {
            let last = store.read(|view| view.last_kontrol())?;
            if last.is_some_and(|run| clock.now() < run.begyndt.plus_millis(between)) {
                return Ok(None);
            }
            monthly::run(&*store, &tables, &mirrors, &clock).map(Some)
        });
        match done.await {
            Ok(Ok(None)) => {}
            Ok(Ok(Some(run))) => tracing::info!(
                poster = run.records,
                nye = run.nye,
                aabne = run.aabne,
                loeste = run.loeste,
                "kontrol"
            ),
            Ok(Err(error)) => tracing::warn!(%error, "the monthly run failed"),
            Err(_) => return,
        }
    }
}

/// Keeps the first head of each day as published, for as long as the register is open.
pub(super) async fn publish_heads(store: Weak<impl Store>, clock: Clock) {
    let mut ticks = tokio::time::interval(FIGURES);
    let mut published = None;
    loop {
        ticks.tick().await;
        let Some(store) = store.upgrade() else { return };
        let today = clock.now().dato();
        let due = today > published && clock.distrust().is_none();
        let Some(day) = today.filter(|_| due) else {
            continue;
        };
        let done = tokio::task::spawn_blocking(move || publish_head(&*store, day)).await;
        match done {
            Ok(Ok(true)) => published = today,
            Ok(Ok(false)) => {}
            Ok(Err(error)) => {
                tracing::warn!(%error, "cannot keep the day's head of the audit chain")
            }
            Err(_) => return,
        }
    }
}

/// Keeps the head of a day; tells whether the day has one now. An empty chain has none. Blocks.
///
/// # Errors
/// [`StoreError`]: the head is kept at a later try.
pub fn publish_head(store: &dyn Store, day: Dato) -> Result<bool, StoreError> {
    let (begun, newest) = store.read(|view| {
        let newest = view.heads(1)?.pop();
        Ok((view.audit_head()?.number > 0, newest.map(|head| head.dato)))
    })?;
    if newest >= Some(day) || !begun {
        return Ok(begun);
    }
    store.write_blocking(move |tx| tx.publish(day).map(Outcome::Keep))?;
    Ok(true)
}
