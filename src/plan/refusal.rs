//! Why a plan is not carried out.

use std::ops::ControlFlow;

use super::{Digest, Notice, Plan};
use crate::problem::{Problem, plan, words};
use crate::register::Institutionsnummer;
use crate::store::{self, Moment, Portion, Read, Store, StoreError, StoreExt};

/// The most records that a refusal names.
const MOST_NAMED: usize = 20;
/// So many records are looked up at once.
const PORTION: usize = 500;

/// Why nothing was done.
#[derive(Debug)]
pub struct Refusal {
    /// What is wrong, and what to do.
    pub problem: Box<Problem>,
    /// The errors of the rules, where those refused it.
    pub errors: Vec<Notice>,
}

impl Refusal {
    pub(super) fn of(problem: Problem) -> Self {
        Self {
            problem: Box::new(problem),
            errors: Vec::new(),
        }
    }
}

/// The store failed: what it says is for the log.
impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        tracing::error!(error = %error.detail(), "a plan was not carried out");
        let entry = match error {
            StoreError::Unknown(_) => &crate::problem::intern::UVIST,
            _ => &crate::problem::intern::INTERN,
        };
        Self::of(Problem::new(entry))
    }
}

/// Records that others have changed while the plan waited for its turn.
pub(super) fn moved(problems: &[Problem]) -> Refusal {
    let number = |problem: &Problem| {
        let mut values = problem.values.iter();
        values
            .find(|(name, _)| *name == "nummer")
            .map(|(_, value)| value.clone())
    };
    Refusal::of(overtaken(problems.iter().filter_map(number).collect()))
}

fn overtaken(mut numbers: Vec<String>) -> Problem {
    if numbers.len() > MOST_NAMED {
        numbers.truncate(MOST_NAMED);
        numbers.push("…".to_owned());
    }
    Problem::new(&plan::PLAN_OVERHALET).with("numre", numbers.join(", "))
}

/// Another plan than the one that was shown: because the register has moved on, or because it is of another file.
pub(super) fn another(plan: &Plan, shown: Digest, store: &dyn Store) -> store::Result<Refusal> {
    let since = store.read_long(|view| changed_since(plan, shown, view))?;
    Ok(if since.is_empty() {
        otherwise(shown, plan.digest)
    } else {
        Refusal::of(overtaken(since))
    })
}

/// What the plan does is not what was shown, and no record that it names is why.
pub(super) fn otherwise(shown: Digest, is: Digest) -> Refusal {
    let problem = Problem::new(&plan::PLAN_ANDEN)
        .with("er", is)
        .with("vist", shown)
        .with_words(
            "grund",
            words!(
                "Filen, aftaler, spejle af CVR og DAR eller valg på kommandolinjen er andre end da",
                "The file, agreements, mirrors of CVR and DAR, or options are others than then"
            ),
        );
    Refusal::of(problem)
}

/// The records of a plan that have been changed since another one was shown.
fn changed_since(plan: &Plan, shown: Digest, view: &dyn Read) -> store::Result<Vec<String>> {
    let mut numbers: Vec<Institutionsnummer> = plan.named.clone();
    numbers.extend(plan.expected.iter().map(|(number, _)| *number));
    numbers.sort_unstable();
    numbers.dedup();
    let mut changed = Vec::new();
    for portion in numbers.chunks(PORTION) {
        let mut then = std::collections::HashMap::new();
        view.chosen_on(
            Moment::Sekvens(shown.seen),
            Portion::Disse(portion),
            &mut |record| {
                then.insert(record.nummer, record.life.version);
                ControlFlow::Continue(())
            },
        )?;
        for number in portion {
            let now = view.record(*number)?.map(|record| record.life.version);
            if now != then.get(number).copied() {
                changed.push(number.to_string());
            }
            if changed.len() > MOST_NAMED {
                return Ok(changed);
            }
        }
    }
    Ok(changed)
}
