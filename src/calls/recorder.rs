//! Takes calls from the server to the thread that keeps them. The server never waits: a call that finds no room is left out
//! and counted.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, Weak};
use std::thread;
use std::time::Duration;

use super::Answered;
use super::keeper::{Keeper, Settings, Stop, Told};
use crate::clock::Clock;
use crate::metrics::Metrics;
use crate::store::Store;
use crate::sync;

/// Calls that wait to be kept, at most.
const WAITING: usize = 16_384;

/// How long the end of the server waits for the last calls to be kept.
const PATIENCE: Duration = Duration::from_secs(2);

/// Where answered calls are told. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct CallLog(Option<Open>);

#[derive(Debug, Clone)]
struct Open {
    sender: SyncSender<Told>,
    metrics: Arc<Metrics>,
}

impl CallLog {
    /// One that keeps nothing.
    pub const fn none() -> Self {
        Self(None)
    }

    /// Keeps calls in a file, on a thread of its own that ends with what is given beside. The store tells which system a
    /// certificate is bound to; it is not kept open for that.
    pub fn keep(
        settings: Settings,
        store: Weak<dyn Store>,
        (clock, metrics): (Clock, Arc<Metrics>),
    ) -> (Self, Recording) {
        let (sender, receiver) = sync_channel(WAITING);
        let stop = Arc::new(Stop::default());
        let (done, ended) = sync_channel(1);
        let own = (Arc::clone(&stop), Arc::clone(&metrics));
        let kept = thread::Builder::new()
            .name("kald".to_owned())
            .spawn(move || {
                let (stop, metrics) = own;
                Keeper::new(settings, store, clock, metrics).run(&receiver, &stop);
                // Nobody waits for it when this fails.
                let _ = done.send(());
            });
        if let Err(error) = kept {
            tracing::error!(%error, "no call log is kept");
            return (Self::none(), Recording(None));
        }
        let recording = Recording(Some(Thread {
            sender: sender.clone(),
            stop,
            ended: Mutex::new(ended),
        }));
        (Self(Some(Open { sender, metrics })), recording)
    }

    /// Tells of an answered call.
    pub fn note(&self, call: impl FnOnce() -> Answered) {
        let Some(open) = &self.0 else { return };
        if open.sender.try_send(Told::Call(Box::new(call()))).is_err() {
            open.metrics.calls_left_out.at("queue").inc();
        }
    }
}

/// The thread that keeps calls. Dropped, it keeps what it has been told of and ends.
#[derive(Debug)]
pub struct Recording(Option<Thread>);

#[derive(Debug)]
struct Thread {
    sender: SyncSender<Told>,
    stop: Arc<Stop>,
    ended: Mutex<Receiver<()>>,
}

impl Drop for Recording {
    fn drop(&mut self) {
        if let Some(own) = &self.0 {
            own.stop.tell();
            // A full queue wakes it as well.
            let _ = own.sender.try_send(Told::Stop);
            // What a disk that hangs keeps from being written is lost.
            let _ = sync::lock(&own.ended).recv_timeout(PATIENCE);
        }
    }
}
