//! The thread that keeps calls: some at a time, each in a line or on the line of another, within the bounds of the file. What
//! can't be kept is left out and counted. A file that can't be read is laid aside and made anew.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, Condvar, Mutex, Weak};
use std::time::{Duration, Instant};

use aws_lc_rs::digest;
use rusqlite::ErrorCode;

use super::database::{self, Database};
use super::polls::Polls;
use super::{Answered, Call, Last, path};
use crate::clock::Clock;
use crate::config::Config;
use crate::identity::{Certificate, PeerChain};
use crate::kept::Kept;
use crate::metrics::{Metrics, whole};
use crate::register::{Cvr, SystemId};
use crate::store::{Store, StoreExt as _};
use crate::sync;

/// So long calls gather before they are kept.
const GATHER: Duration = Duration::from_millis(250);
/// The most calls of one step.
const STEP: usize = 512;
/// How often what is too old is looked for, and who has gone silent.
const TENDED: Duration = Duration::from_secs(60);
/// How long it is believed which system a certificate is bound to, and of how many certificates.
const BOUND: Duration = Duration::from_secs(5);
const CERTIFICATES: usize = 1_024;
/// The longest MessageID that is kept, in bytes.
const LONGEST: usize = 200;
/// The most rows of when each system last called.
const SYSTEMS: u32 = 20_000;
const DAY: i64 = 24 * 3600 * 1000;

/// How a call log is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The file.
    pub file: PathBuf,
    /// For how many days.
    pub days: u32,
    /// The most bytes of the file.
    pub bytes: u64,
    /// Hours without a success after which a system that has written is silent; 0: never.
    pub silent_after: u32,
}

impl Settings {
    /// Those of a configuration; none when it keeps no call log.
    pub fn of(config: &Config) -> Option<Self> {
        let own = &config.kaldslog;
        own.til.then(|| Self {
            file: path(&config.database.fil),
            days: own.dage,
            bytes: own.maks_mb << 20,
            silent_after: own.tavs_efter_timer,
        })
    }
}

/// What the thread is told.
pub(super) enum Told {
    /// A call was answered.
    Call(Box<Answered>),
    /// The server stops.
    Stop,
}

/// Tells a thread that waits to stop.
#[derive(Debug, Default)]
pub(super) struct Stop {
    told: Mutex<bool>,
    changed: Condvar,
}

impl Stop {
    pub(super) fn tell(&self) {
        *sync::lock(&self.told) = true;
        self.changed.notify_all();
    }

    /// Waits so long, or until it is told; whether it was.
    fn wait(&self, most: Duration) -> bool {
        let mut told = sync::lock(&self.told);
        if !*told {
            (told, _) = sync::wait_timeout(&self.changed, told, most);
        }
        *told
    }
}

/// Who calls, as a certificate says it.
#[derive(Debug, Clone, Copy)]
struct Whose {
    certificate: Option<u64>,
    system: Option<SystemId>,
}

/// Keeps calls.
pub(super) struct Keeper {
    settings: Settings,
    store: Weak<dyn Store>,
    clock: Clock,
    metrics: Arc<Metrics>,
    pub(super) database: Option<Database>,
    polls: Polls,
    /// Bytes of each organisation's calls.
    shares: HashMap<String, i64>,
    whose: Kept<Vec<u8>, Whose>,
    /// Calls that were left out since that was last told; none while calls are kept.
    failing: Option<u64>,
}

impl Keeper {
    pub(super) fn new(
        settings: Settings,
        store: Weak<dyn Store>,
        clock: Clock,
        metrics: Arc<Metrics>,
    ) -> Self {
        Self {
            settings,
            store,
            clock,
            metrics,
            database: None,
            polls: Polls::default(),
            shares: HashMap::new(),
            whose: Kept::new(CERTIFICATES).lasting(BOUND),
            failing: None,
        }
    }

    /// Keeps what it is told of, until it is told to stop and has kept all that came before.
    pub(super) fn run(mut self, receiver: &Receiver<Told>, stop: &Stop) {
        let mut calls = Vec::new();
        self.tend();
        let mut tended = Instant::now();
        loop {
            let mut stopping = false;
            // Who sends wakes this thread once, whatever comes while it gathers.
            match receiver.recv_timeout(TENDED) {
                Ok(Told::Call(call)) => {
                    calls.push(*call);
                    stopping = stop.wait(GATHER);
                }
                Ok(Told::Stop) | Err(RecvTimeoutError::Disconnected) => stopping = true,
                Err(RecvTimeoutError::Timeout) => {}
            }
            while let Ok(told) = receiver.try_recv() {
                match told {
                    Told::Call(call) => calls.push(*call),
                    Told::Stop => stopping = true,
                }
                if calls.len() >= STEP {
                    self.keep(std::mem::take(&mut calls));
                }
            }
            self.keep(std::mem::take(&mut calls));
            if tended.elapsed() >= TENDED {
                tended = Instant::now();
                self.tend();
            }
            if stopping {
                return;
            }
        }
    }

    /// Keeps calls, or leaves them out and says so.
    pub(super) fn keep(&mut self, calls: Vec<Answered>) {
        if calls.is_empty() {
            return;
        }
        let antal = calls.len() as u64;
        let calls: Vec<_> = calls
            .into_iter()
            .map(|answered| {
                let call = self.call(&answered);
                (answered, call)
            })
            .collect();
        let mut done = self.within(|keeper, database| keeper.write(database, &calls));
        if done.as_ref().is_err_and(is_unreadable) {
            done = self.within(|keeper, database| keeper.write(database, &calls));
        }
        match done {
            Ok(()) => {
                if let Some(left_out) = self.failing.take() {
                    tracing::info!(left_out, "the call log takes calls again");
                }
            }
            Err(error) => {
                if self.failing.is_none() {
                    tracing::warn!(%error, "the call log takes no calls; they are answered all the same");
                }
                *self.failing.get_or_insert(0) += antal;
                self.metrics.calls_left_out.at("disk").inc_by(antal);
            }
        }
    }

    /// Takes away what is too old, and counts the systems that have gone silent.
    pub(super) fn tend(&mut self) {
        let done = self.within(|keeper, database| {
            keeper.outdated(database)?;
            database.bound_last(SYSTEMS)?;
            database::last(&database.conn)
        });
        match done {
            Ok(last) => self.count_silent(&last),
            Err(error) => tracing::warn!(%error, "the call log can't be tended"),
        }
    }

    fn count_silent(&self, last: &[Last]) {
        let Some(store) = self.store.upgrade() else {
            return;
        };
        let (now, hours) = (self.clock.now(), self.settings.silent_after);
        match store.read(|view| super::silent(view, last, now, hours)) {
            Ok(silent) => _ = self.metrics.silent_systems.set(whole(silent.len())),
            Err(error) => tracing::warn!(%error, "cannot count the systems that have gone silent"),
        }
    }

    /// Does something with the file, which is opened or made when it is not there.
    fn within<T>(
        &mut self,
        job: impl FnOnce(&mut Self, &Database) -> database::Result<T>,
    ) -> database::Result<T> {
        let file = &self.settings.file;
        let kept = self.database.take().filter(|own| own.is_there(file));
        let database = match kept {
            Some(database) => database,
            None => self.open()?,
        };
        let done = job(self, &database);
        match &done {
            Err(error) if is_unreadable(error) => {
                drop(database);
                self.set_aside(error);
            }
            _ => self.database = Some(database),
        }
        done
    }

    fn open(&mut self) -> database::Result<Database> {
        self.polls.forget();
        let open = |settings: &Settings| -> database::Result<_> {
            let database = Database::open(&settings.file, settings.bytes)?;
            let shares = database.shares()?;
            Ok((database, shares))
        };
        let mut opened = open(&self.settings);
        if let Err(error) = &opened
            && is_unreadable(error)
        {
            self.set_aside(error);
            opened = open(&self.settings);
        }
        let (database, shares) = opened?;
        self.shares = shares.into_iter().collect();
        Ok(database)
    }

    fn set_aside(&self, error: &rusqlite::Error) {
        let aside = database::set_aside(&self.settings.file);
        let aside = aside.display();
        tracing::warn!(%error, "the call log can't be read and is made anew; the old file is {aside}. The register is whole");
    }

    /// Writes calls in one transaction.
    fn write(&mut self, database: &Database, calls: &[(Answered, Call)]) -> database::Result<()> {
        self.make_room(database)?;
        let done = self.transaction(database, calls);
        match &done {
            Ok(grown) => {
                for (cvr, bytes) in grown {
                    *self.shares.entry(database::payer(*cvr)).or_default() += bytes;
                }
            }
            // Lines that others were to be counted on may not be there.
            Err(_) => self.polls.forget(),
        }
        done.map(drop)
    }

    /// Gives how many bytes of each organisation came.
    fn transaction(
        &mut self,
        database: &Database,
        calls: &[(Answered, Call)],
    ) -> database::Result<HashMap<Option<Cvr>, i64>> {
        let tx = database.conn.unchecked_transaction()?;
        let mut last = HashMap::<_, Last>::new();
        let mut grown = HashMap::new();
        for (answered, call) in calls {
            let own = Last::of(call);
            let of = last.entry((own.cvr, own.system)).or_insert(own);
            of.success = of.success.max(own.success);
            of.failure = of.failure.max(own.failure);
            of.refusal = of.refusal.max(own.refusal);
            of.wrote = of.wrote.max(own.wrote);
            if !self.polls.take(answered, call) {
                *grown.entry(call.cvr).or_default() += database.insert(call)?;
            }
        }
        for more in self.polls.counted() {
            database.add(more.line, more.calls, more.longest, more.last)?;
        }
        for last in last.values() {
            database.note_last(last)?;
        }
        tx.commit()?;
        Ok(grown)
    }

    /// Takes away the oldest calls of whose calls take most, until there is room. Who calls less keeps its own.
    pub(super) fn make_room(&mut self, database: &Database) -> database::Result<()> {
        while database.is_over()? {
            let most = self.shares.iter().max_by_key(|(_, bytes)| **bytes);
            let Some(most) = most.map(|(payer, _)| payer.clone()) else {
                return Ok(());
            };
            let tx = database.conn.unchecked_transaction()?;
            let bytes = database.shorten(&most)?;
            tx.commit()?;
            self.took(&most, bytes);
            if bytes == 0 {
                self.shares.remove(&most);
            }
        }
        Ok(())
    }

    /// Takes away the calls of days gone by, unless the clock is not believed.
    fn outdated(&mut self, database: &Database) -> database::Result<()> {
        if self.clock.distrust().is_some() {
            return Ok(());
        }
        let days = i64::from(self.settings.days).saturating_mul(DAY);
        let before = self.clock.now().plus_millis(-days);
        loop {
            let gone = database.outdated(before)?;
            if gone.is_empty() {
                return Ok(());
            }
            for (payer, bytes) in gone {
                self.took(&payer, bytes);
            }
        }
    }

    fn took(&mut self, payer: &str, bytes: i64) {
        if let Some(share) = self.shares.get_mut(payer) {
            *share = share.saturating_sub(bytes).max(0);
        }
    }

    /// The line of a call.
    fn call(&self, answered: &Answered) -> Call {
        let whose = answered.peer.as_ref().map(|peer| self.whose(peer));
        let owned = |text: &Option<Box<str>>| text.as_deref().map(str::to_owned);
        let mut message_id = owned(&answered.message_id);
        if let Some(own) = &mut message_id {
            own.truncate(own.floor_char_boundary(LONGEST));
        }
        Call {
            id: answered.id,
            listener: answered.listener.to_owned(),
            service: answered.service.to_owned(),
            operation: answered.operation.to_owned(),
            status: answered.status,
            kode: answered.kode.map(str::to_owned),
            told: owned(&answered.errors),
            message_id,
            cvr: answered.cvr,
            system: whose.and_then(|own| own.system),
            certificate: whose.and_then(|own| own.certificate),
            took: answered.took,
            records: answered.records as u64,
            written: answered.written,
            count: 1,
            last: super::at(answered.id),
        }
    }

    /// Whose a certificate is. What can't be told is left out.
    fn whose(&self, peer: &PeerChain) -> Whose {
        let mut whose = Whose {
            certificate: None,
            system: None,
        };
        let Some(leaf) = peer.first() else {
            return whose;
        };
        if let Some(known) = self.whose.get(leaf, |known| Some(*known)) {
            return known;
        }
        if let Ok(certificate) = Certificate::read(leaf) {
            let identity = certificate.identity.to_string();
            let hash = digest::digest(&digest::SHA256, identity.as_bytes());
            let first = hash.as_ref().first_chunk().copied();
            whose.certificate = first.map(u64::from_be_bytes);
            let store = self.store.upgrade();
            let bound = store.map(|store| store.read(|view| view.system_with(&identity)));
            let own = |cvr: Cvr| cvr == certificate.cvr;
            whose.system = match bound {
                Some(Ok(Some(system))) if own(system.ejer) => Some(system.id),
                _ => None,
            };
        }
        self.whose.keep(leaf.clone(), whose);
        whose
    }
}

/// Whether a file is damaged, or no call log.
fn is_unreadable(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
    )
}

#[cfg(test)]
mod tests;
