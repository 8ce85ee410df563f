//! What callers of a store use: its methods with typed answers.

use std::panic::{AssertUnwindSafe, catch_unwind};

use tokio::sync::oneshot::{self, Receiver, Sender, error::RecvError};

use super::{Job, Outcome, Read, Result, Store, StoreError, Undo, Verdict, Work, Write};
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
    ) -> Result<Receiver<Result<T>>> {
        let mut job = Some(job);
        self.write_for(None, 1, Undo::Savepoint, move |tx| match job.take() {
            Some(job) => job(tx),
            None => Err(StoreError::Failed("a job was run twice".into())),
        })
    }

    /// [`StoreExt::write`] of so many records for an organisation, by a job that may be run again where `undo` says so.
    fn write_for<T: Send + 'static>(
        &self,
        whose: Option<Cvr>,
        records: u32,
        undo: Undo,
        job: impl FnMut(&mut dyn Write) -> Result<Outcome<T>> + Send + 'static,
    ) -> Result<Receiver<Result<T>>> {
        let (sender, receiver) = oneshot::channel();
        self.submit(Job {
            whose,
            records,
            undo,
            work: Box::new(Called {
                job,
                answer: Err(StoreError::Closed),
                sender,
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

/// A closure as the writer's work, and who waits for its answer.
struct Called<T, F> {
    job: F,
    answer: Result<T>,
    sender: Sender<Result<T>>,
}

impl<T, F> Work for Called<T, F>
where
    T: Send,
    F: FnMut(&mut dyn Write) -> Result<Outcome<T>> + Send,
{
    fn run(&mut self, tx: &mut dyn Write) -> Verdict {
        // A bug of one job is that job's error; its neighbours in the transaction go on.
        let done = catch_unwind(AssertUnwindSafe(|| (self.job)(tx)))
            .unwrap_or_else(|_| Err(StoreError::Failed("a job panicked".into())));
        let failed = done.as_ref().err().cloned();
        let (keep, audit, answer) = match done {
            Ok(Outcome::Keep(answer)) => (true, None, Ok(answer)),
            Ok(Outcome::Undo(answer, audit)) => (false, audit, Ok(answer)),
            Err(error) => (false, None, Err(error)),
        };
        self.answer = answer;
        Verdict {
            keep,
            audit,
            failed,
        }
    }

    fn deliver(self: Box<Self>, done: Result<()>) {
        let Self {
            job,
            answer,
            sender,
        } = *self;
        // Whoever shares something with the job is the last to have it.
        drop(job);
        // A caller that went away no longer listens; its write stands all the same.
        drop(sender.send(done.and(answer)));
    }
}

/// What a job was answered. One whose answer is lost was begun, and perhaps kept: those not begun are refused.
pub fn answer<T>(received: std::result::Result<Result<T>, RecvError>) -> Result<T> {
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
