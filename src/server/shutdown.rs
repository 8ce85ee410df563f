//! Stopping: a word said once and heard by everyone who listens.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

/// Tells the server to stop. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Stopper(watch::Sender<bool>);

impl Stopper {
    /// Nothing is stopped yet.
    pub(crate) fn new() -> Self {
        Self(watch::Sender::new(false))
    }

    /// Tells it. To tell it twice changes nothing.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }

    /// One more who listens.
    pub(crate) fn listen(&self) -> Stopping {
        Stopping(self.0.subscribe())
    }
}

/// Hears that the server is told to stop.
#[derive(Debug, Clone)]
pub struct Stopping(watch::Receiver<bool>);

impl Stopping {
    /// Whether it has been told.
    pub(crate) fn is_stopping(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until it is told; also ends when nobody is left to tell it.
    pub(crate) async fn told(&mut self) {
        let _ = self.0.wait_for(|told| *told).await;
    }
}

/// SIGTERM and SIGINT, heard from now on: from here they no longer end the process by themselves.
///
/// Whoever says that a server runs takes them first, so that who stops it on that word stops it gently.
#[derive(Debug)]
pub struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// Begins to hear them.
    ///
    /// # Errors
    /// When they can't be listened for.
    pub fn listen() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// Waits for either, or until somebody tells the server to stop.
    pub(super) async fn or(mut self, stopping: &mut Stopping) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
            () = stopping.told() => {}
        }
    }
}
