//! Stopping: a word said once and heard by everyone who listens.

use std::io;

use tokio::signal::unix::{SignalKind, signal};
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

/// Waits for SIGTERM or SIGINT.
///
/// # Errors
/// When the signals can't be listened for.
pub(crate) async fn signalled() -> io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}
