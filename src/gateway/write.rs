//! A write on its way to the writer: everything that needs no transaction is done before its turn.

use super::desk::{Job, Writing, answered_with};
use super::soap::SoapDesk;
use crate::server::exchange::Answer;
use crate::store::{self, Store, StoreExt};

impl<S: Store> SoapDesk<S> {
    /// Hands a write to the writer and waits for its answer.
    pub(super) async fn write(&self, writing: Writing) -> Answer {
        let Writing {
            about,
            prepare,
            waits,
        } = writing;
        let Job { run, undo, holds } = if waits {
            match tokio::task::spawn_blocking(prepare).await {
                Ok(job) => job,
                Err(error) => return self.desk().failed(about, &error),
            }
        } else {
            prepare()
        };
        let records = u32::try_from(about.trace.poster).unwrap_or(u32::MAX);
        let queued = self
            .common
            .store
            .write_for(Some(about.cvr), records, undo, run);
        let answered = match queued {
            Ok(receiver) => store::answer(receiver.await),
            Err(error) => Err(error),
        };
        drop(holds);
        match answered {
            Ok(answered) => answered_with(about.version, answered, about.trace),
            Err(error) => self.desk().not_written(about, &error),
        }
    }
}
