//! A write on its way to the writer: everything that needs no transaction is done before its turn.

use super::SoapDesk;
use super::answers::{answered_with, trace};
use crate::import::{Import, Prepared, Rules};
use crate::server::exchange::Answer;
use crate::store::{self, Store, StoreExt, Write};

/// So many records are prepared where the call was read; more of them by a thread that may wait for the disk. One address that
/// is not found costs a millisecond, and a full batch some milliseconds without any mirror.
const FEW: usize = 1;

impl<S: Store> SoapDesk<S> {
    /// Hands a write to the writer and waits for its answer.
    pub(super) async fn write(&self, import: Import) -> Answer {
        let (version, id) = (import.version, import.id);
        let message_id = import.request.message_id.clone();
        let trace = trace(
            import.request.operation,
            &import.caller,
            None,
            import.request.message.records.len(),
        );
        let clock = self.common.clock.clone();
        let whose = Some(import.caller.organisation().cvr);
        let records = u32::try_from(trace.poster).unwrap_or(u32::MAX);
        let import = match prepared(import, self.rules()).await {
            Ok(import) => import,
            Err(error) => return self.failed(version, id, &error, trace),
        };
        let run = move |tx: &mut dyn Write| import.run(tx, clock.now());
        let queued = self.common.store.write_for(whose, records, run);
        let answered = match queued {
            Ok(receiver) => store::answer(receiver.await),
            Err(error) => Err(error),
        };
        match answered {
            Ok(answered) => answered_with(version, answered, trace),
            Err(error) => self.not_written((version, id), message_id.as_ref(), &error, trace),
        }
    }
}

/// Prepares a write, which looks its records up in the mirrors.
async fn prepared(import: Import, rules: Rules) -> Result<Prepared, tokio::task::JoinError> {
    if import.request.message.records.len() <= FEW {
        return Ok(import.prepare(rules));
    }
    tokio::task::spawn_blocking(move || import.prepare(rules)).await
}
