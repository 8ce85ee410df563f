//! What callers of a store use: its methods with typed answers.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::{Job, Outcome, Read, Result, Step, Store, StoreError, Write};
use crate::register::Cvr;

/// Typed forms of [`Store`]'s methods.
pub trait StoreExt: Store {
    /// Runs `job` with one consistent view and returns what it returns. Blocks.
    fn read<T>(&self, job: impl FnOnce(&dyn Read) -> Result<T>) -> Result<T> {
        once(job, |job| self.read_boxed(job))
    }

    /// [`StoreExt::read`] for a view that may last, by [`Store::read_long_boxed`].
    fn read_long<T>(&self, job: impl FnOnce(&dyn Read) -> Result<T>) -> Result<T> {
        once(job, |job| self.read_long_boxed(job))
    }

    /// Queues `job` for the writer; the receiver gets its answer once it may be sent.
    fn write<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut dyn Write) -> Result<Outcome<T>> + Send + 'static,
    ) -> Result<tokio::sync::oneshot::Receiver<Result<T>>> {
        self.write_for(None, 1, job)
    }

    /// [`StoreExt::write`] of so many records for an organisation.
    fn write_for<T: Send + 'static>(
        &self,
        whose: Option<Cvr>,
        records: u32,
        job: impl FnOnce(&mut dyn Write) -> Result<Outcome<T>> + Send + 'static,
    ) -> Result<tokio::sync::oneshot::Receiver<Result<T>>> {
        let (sender, receiver) = tokio::sync::oneshot::channel();
        self.submit(Job {
            whose,
            records,
            run: Box::new(move |tx| {
                // A bug of one job is that job's error; its neighbours in the transaction go on.
                let done = tx.and_then(|tx| {
                    catch_unwind(AssertUnwindSafe(|| job(tx)))
                        .unwrap_or_else(|_| Err(StoreError::Failed("a job panicked".into())))
                });
                let failed = done.as_ref().err().cloned();
                let (keep, audit, answer) = match done {
                    Ok(Outcome::Keep(answer)) => (true, None, Ok(answer)),
                    Ok(Outcome::Undo(answer, audit)) => (false, audit, Ok(answer)),
                    Err(error) => (false, None, Err(error)),
                };
                // A caller that went away no longer listens; its write stands all the same.
                let deliver = Box::new(move |done: Result<()>| drop(sender.send(done.and(answer))));
                Step {
                    keep,
                    audit,
                    failed,
                    deliver,
                }
            }),
        })?;
        Ok(receiver)
    }

    /// [`StoreExt::write`] for callers outside the runtime: waits for the answer.
    fn write_blocking<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut dyn Write) -> Result<Outcome<T>> + Send + 'static,
    ) -> Result<T> {
        answer(self.write(job)?.blocking_recv())
    }
}

/// What a job was answered. One whose answer is lost was begun, and perhaps kept: those not begun are refused.
pub fn answer<T>(
    received: std::result::Result<Result<T>, tokio::sync::oneshot::error::RecvError>,
) -> Result<T> {
    received.unwrap_or_else(|_| Err(StoreError::Unknown("the writer ended".into())))
}

impl<S: Store + ?Sized> StoreExt for S {}

/// Runs a job that is done once by something that takes one that may be done often.
fn once<T>(
    job: impl FnOnce(&dyn Read) -> Result<T>,
    run: impl FnOnce(&mut dyn FnMut(&dyn Read) -> Result<()>) -> Result<()>,
) -> Result<T> {
    let (mut job, mut answer) = (Some(job), None);
    run(&mut |view| {
        if let Some(job) = job.take() {
            answer = Some(job(view)?);
        }
        Ok(())
    })?;
    answer.ok_or(StoreError::Closed)
}
