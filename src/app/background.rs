//! What goes on beside answering, for as long as the register is open: figures, monthly runs, the day's head of the audit
//! chain, letting go of what nobody asks for.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};
use std::time::Duration;

use crate::agreements::Act;
use crate::clock::Clock;
use crate::gateway::Gateway;
use crate::metrics::{Metrics, whole};
use crate::mirror::MirrorCell;
use crate::monthly;
use crate::register::{Dato, Kodetabeller};
use crate::search::{self, Feeder, Search, State};
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

/// Does a job now and then on a thread that may block, for as long as what it is about is there.
pub(super) async fn every<T: Send + Sync + 'static>(
    pause: Duration,
    about: Weak<T>,
    mut job: impl FnMut(&Arc<T>) + Send + 'static,
) {
    let mut ticks = tokio::time::interval(pause);
    loop {
        ticks.tick().await;
        let Some(about) = about.upgrade() else { return };
        let done = tokio::task::spawn_blocking(move || {
            job(&about);
            job
        });
        match done.await {
            Ok(again) => job = again,
            Err(_) => return,
        }
    }
}

/// Lets go of kept answers that nobody asks for any more, for as long as the server runs.
pub(super) async fn forget_unused(gateway: Weak<Gateway<impl Store>>) {
    every(FIGURES, gateway, |gateway| gateway.forget_unused()).await;
}

/// Keeps the figures of the register up to date for as long as it is open.
pub(super) async fn keep_figures<S: Store>(store: Weak<S>, file: PathBuf, metrics: Arc<Metrics>) {
    let look = move |store: &Arc<S>| {
        for (name, bytes) in files(&file) {
            metrics.files.at(name).set(whole(bytes));
        }
        match store.read(|view| view.numbers_left()) {
            Ok(left) => _ = metrics.numbers_left.set(whole(left)),
            Err(error) => tracing::warn!(%error, "cannot count the numbers left"),
        }
    };
    every(FIGURES, store, look).await;
}

/// Starts to keep the index of the search beside a register, with its figures.
pub(super) fn start_search(
    store: &Arc<impl Store>,
    database: &Path,
    tables: &Kodetabeller,
    metrics: &Arc<Metrics>,
) -> (Arc<Search>, Feeder) {
    let store: Arc<dyn Store> = Arc::clone(store) as _;
    let (search, feeder) = Search::start(&search::path(database), tables, &store);
    let search = Arc::new(search);
    let figures = keep_figures_of_search(Arc::downgrade(&search), Arc::clone(metrics));
    tokio::spawn(figures);
    (search, feeder)
}

/// Keeps the figures of the search up to date for as long as there is one.
async fn keep_figures_of_search(search: Weak<Search>, metrics: Arc<Metrics>) {
    let look = move |search: &Arc<Search>| {
        let (behind, failed) = match search.state() {
            State::Ready { behind, .. } => (behind, false),
            State::Building { done, of } => (of.saturating_sub(done), false),
            State::Failed { .. } => (search.behind(), true),
        };
        metrics.search_lag.set(whole(behind));
        metrics.search_failed.set(i64::from(failed));
    };
    every(FIGURES, search, look).await;
}

/// Makes the monthly run when it is due, for as long as the register is open. Other processes may make it too: what
/// counts is the last run that the register knows of.
pub(super) async fn make_monthly_runs<S: Store>(
    store: Weak<S>,
    (tables, mirrors): (Kodetabeller, Arc<MirrorCell>),
    clock: Clock,
    days: u32,
) {
    if days == 0 {
        return;
    }
    let between = i64::from(days) * 24 * 60 * 60 * 1000;
    // Not at the very start: whoever starts a server wants it to serve.
    tokio::time::sleep(RUN_DUE).await;
    let run_if_due = move |store: &Arc<S>| {
        if clock.distrust().is_some() {
            return Ok(None);
        }
        let last = store.read(|view| view.last_kontrol())?;
        if last.is_some_and(|run| clock.now() < run.begyndt.plus_millis(between)) {
            return Ok(None);
        }
        monthly::run(&**store, &tables, &mirrors.now(), &clock).map(Some)
    };
    let run = move |store: &Arc<S>| match run_if_due(store) {
        Ok(None) => {}
        Ok(Some(run)) => tracing::info!(
            poster = run.records,
            nye = run.nye,
            aabne = run.aabne,
            loeste = run.loeste,
            "kontrol"
        ),
        Err(error) => tracing::warn!(%error, "the monthly run failed"),
    };
    every(RUN_DUE, store, run).await;
}

/// How often it is asked whether there is something to forget of persons.
const FORGET_DUE: Duration = Duration::from_secs(3600);

/// Forgets what is kept of persons when it is old enough, for as long as the register is open.
pub(super) async fn forget_persons<S: Store>(store: Weak<S>, clock: Clock, days: u32) {
    let forget = move |store: &Arc<S>| match forget_old(&**store, &clock, days) {
        Ok(0) => {}
        Ok(rows) => tracing::info!(rows, "comments and names of persons forgotten"),
        Err(error) => tracing::warn!(%error, "cannot forget comments and names of persons"),
    };
    every(FORGET_DUE, store, forget).await;
}

/// Forgets comments and persons that are older than so many days; tells how many rows. A clock that has leapt forgets none.
/// Blocks.
///
/// # Errors
/// [`StoreError`]: they are forgotten at a later try.
pub fn forget_old(store: &dyn Store, clock: &Clock, days: u32) -> Result<u64, StoreError> {
    let now = clock.now();
    let before = now.plus_millis(-i64::from(days) * 24 * 60 * 60 * 1000);
    if clock.distrust().is_some() || !store.read(|view| view.has_persons_before(before))? {
        return Ok(0);
    }
    store.write_blocking(move |tx| {
        let rows = tx.forget_persons(before)?;
        let act = Act {
            operation: "serve/glem".to_owned(),
            identity: "dtr serve".to_owned(),
            cvr: None,
            person: None,
            sagsnummer: None,
            id: uuid::Uuid::new_v4(),
            now,
        };
        tx.audit(&act.line(vec![format!("slettet {rows}")]))?;
        Ok(Outcome::Keep(rows))
    })
}

/// Keeps the first head of each day as published, for as long as the register is open.
pub(super) async fn publish_heads<S: Store>(store: Weak<S>, clock: Clock) {
    let mut published = None;
    let publish = move |store: &Arc<S>| {
        let today = clock.now().dato();
        let due = today > published && clock.distrust().is_none();
        let Some(day) = today.filter(|_| due) else {
            return;
        };
        match publish_head(&**store, day) {
            Ok(true) => published = today,
            Ok(false) => {}
            Err(error) => tracing::warn!(%error, "cannot keep the day's head of the audit chain"),
        }
    };
    every(FIGURES, store, publish).await;
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
