//! The thread that keeps the index: started, and stopped wherever it is.

use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;

use super::keeper::Keeper;
use super::stop::Stop;
use super::{Phase, Shared};
use crate::sync;

/// The thread, for as long as this is held; letting it go stops it and waits for the portion that it is at.
#[derive(Debug)]
pub struct Feeder {
    stop: Arc<Stop>,
    thread: Option<JoinHandle<()>>,
}

impl Feeder {
    pub(super) fn start(file: PathBuf, shared: Arc<Shared>) -> Self {
        let stop = Arc::new(Stop::default());
        let keeper = Keeper::new(file, Arc::clone(&shared), Arc::clone(&stop));
        let named = std::thread::Builder::new().name("soeg".to_owned());
        let thread = named.spawn(move || keeper.run());
        if let Err(error) = &thread {
            tracing::warn!(%error, "there is no search: its thread can't be started");
            sync::lock(&shared.now).phase = Phase::Failed(error.to_string());
        }
        Self {
            stop,
            thread: thread.ok(),
        }
    }
}

impl Drop for Feeder {
    fn drop(&mut self) {
        self.stop.ask();
        if let Some(thread) = self.thread.take() {
            // Its panic has been told of by itself.
            let _ = thread.join();
        }
    }
}
