//! Carries out a plan that was shown.

use std::sync::Arc;

use super::build;
use super::source::Source;
use super::{Desk, Done, Order, Plan, Refusal, digest, refusal};
use crate::import::{Actor, Kept, NotKept, Tried};
use crate::problem::{Problem, plan as told};
use crate::store::{self, StoreError, StoreExt, Undo};

/// Carries out a plan, made again of the same file, if it is the one that was shown: as one write, or not at all.
/// Waits for the writer: for threads outside the runtime.
///
/// # Errors
/// Why nothing was done.
pub fn carry_out(plan: Plan, order: Order, desk: &Desk<'_>) -> Result<Done, Refusal> {
    let closings = plan.closings.len();
    if !plan.digest.is_of_the_plan(&order.shown) {
        return Err(refusal::another(&plan, order.shown, desk.store)?);
    }
    if !plan.errors.is_empty() {
        let errors = plan.errors.len() + plan.more[0];
        return Err(Refusal::of(
            Problem::new(&told::PLAN_MED_FEJL).with("antal", errors),
        ));
    }
    if plan.is_empty() {
        return Err(Refusal::of(Problem::new(&told::PLAN_TOM)));
    }
    if plan.needs_confirmation().is_some() && !is_confirmed(&plan, &order) {
        return Err(Refusal::of(
            Problem::new(&told::PLAN_BEKRAEFT).with("antal", closings),
        ));
    }
    stored(plan, order, desk)
}

/// Whether the closings that were confirmed are the plan's.
fn is_confirmed(plan: &Plan, order: &Order) -> bool {
    let confirmed = order.confirmed.as_ref();
    confirmed.is_some_and(|own| own.0.is_of_the_plan(&plan.digest))
}

/// Has the writer do it.
fn stored(plan: Plan, order: Order, desk: &Desk<'_>) -> Result<Done, Refusal> {
    let Plan {
        batch,
        sources,
        expected,
        digest,
        ..
    } = plan;
    let Some(batch) = batch else {
        return Err(Refusal::of(Problem::new(&told::PLAN_TOM)));
    };
    let person = order.person;
    let actor = Actor {
        caller: order.caller,
        case_number: order.case_number,
        notes: vec![format!("plan {digest}")],
    };
    let (whose, now) = (Some(actor.caller.organisation().cvr), desk.clock.now());
    let size = u32::try_from(batch.records()).unwrap_or(u32::MAX);
    let (mut job, own) = (Some(batch), Arc::clone(&sources));
    let received = desk
        .store
        .write_for(whose, size, Undo::Savepoint, move |tx| {
            let batch = job
                .take()
                .ok_or_else(|| StoreError::Failed("a plan was run twice".into()))?;
            if let Some(person) = &person {
                tx.save_person(person, now)?;
            }
            let agreed = |tried: &Tried| digest.is_of_the_plan(&digest::of(tried, &own));
            batch.carry_out(&actor, &expected, agreed, tx, now)
        })?;
    match store::answer(received.blocking_recv())? {
        Ok(kept) => Ok(done(kept, &sources)),
        Err(NotKept::Moved(moved)) => Err(refusal::moved(&moved)),
        Err(NotKept::Refused(tried)) => {
            let count = tried.errors.len() + tried.orphans.len();
            let refused = Refusal::of(Problem::new(&told::PLAN_MED_FEJL).with("antal", count));
            let errors = tried.errors.into_iter().map(|(at, own)| (Some(at), own));
            Err(Refusal {
                errors: build::notices(errors, &sources),
                ..refused
            })
        }
        Err(NotKept::Otherwise(tried)) => {
            Err(refusal::otherwise(digest, digest::of(&tried, &sources)))
        }
    }
}

fn done(kept: Kept, sources: &[Source]) -> Done {
    let mut numbers: Vec<_> = kept
        .tried
        .opened
        .iter()
        .filter_map(|(number, at)| Some((sources.get(at.member)?.called(at.record), *number)))
        .collect();
    numbers.sort_by_key(|(_, number)| *number);
    Done {
        id: kept.id,
        changes: kept.changes,
        numbers,
        records: kept.tried.made.len(),
    }
}
