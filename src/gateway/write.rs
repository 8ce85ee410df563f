//! A write on its way to the writer: everything that needs no transaction is done before its turn.

use std::sync::Arc;

use super::SoapDesk;
use super::answers::{answered_with, trace};
use crate::import::{Import, Prepared, Rules};
use crate::mirror::Mirrors;
use crate::server::exchange::Answer;
use crate::store::{self, Store, StoreExt};

/// So many records are looked up where the call was read; more of them by a thread that may wait for the disk. One address
/// that is not found costs a millisecond.
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
        let (tables, clock) = (Arc::clone(&self.common.tables), self.common.clock.clone());
        let (privat, mirrors) = (self.common.bounds.privat, self.mirrors.now());
        let safeguards = self.common.bounds.safeguards;
        let whose = Some(import.caller.organisation().cvr);
        let records = u32::try_from(trace.poster).unwrap_or(u32::MAX);
        let import = match prepared(import, mirrors.clone()).await {
            Ok(import) => import,
            Err(error) => return self.failed(version, id, &error, trace),
        };
        let queued = self.common.store.write_for(whose, records, move |tx| {
            let tables = &tables;
            let rules = Rules {
                tables,
                privat,
                safeguards,
                mirrors: &mirrors,
            };
            import.run(tx, rules, clock.now())
        });
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

/// Looks the records of a write up in the mirrors.
async fn prepared(import: Import, mirrors: Mirrors) -> Result<Prepared, tokio::task::JoinError> {
    let loaded = mirrors.cvr.is_some() || mirrors.dar.is_some();
    if !loaded || import.request.message.records.len() <= FEW {
        return Ok(import.prepare(&mirrors));
    }
    tokio::task::spawn_blocking(move || import.prepare(&mirrors)).await
}
