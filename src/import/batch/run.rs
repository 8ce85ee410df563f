//! A batch on its way: each record decided on and written in its turn, and looked at again after the others where it is
//! refused.

use std::collections::{HashMap, HashSet};
use std::slice;

use crate::agreements::Rights;
use crate::problem::{Problem, register};
use crate::register::{Institutionsnummer, Tidspunkt};
use crate::store::{Handling, Read, Result, StoreError, Write};

use super::super::apply::{Applied, PartOf, apply_part};
use super::super::draft::Draft;
use super::super::{WriteKind, alone, decide, independent};
use super::{At, Batch, Made, Part, Tried};

/// So often records are looked at again that could not be written before others were.
const PASSES: usize = 4;

/// A batch on its way.
pub(super) struct Run<'a> {
    batch: &'a Batch,
    rights: Rights,
    /// Whether the writes will be taken back.
    tentative: bool,
    tx: &'a mut dyn Write,
    now: Tidspunkt,
    /// The numbers of the records that members opened.
    numbers: HashMap<usize, Institutionsnummer>,
    unreserved: HashMap<Institutionsnummer, String>,
    pub(super) tried: Tried,
}

/// What came of a record.
enum Came {
    Done,
    /// What stands under it can't be judged.
    Orphan,
    Refused(Vec<Problem>),
}

impl<'a> Run<'a> {
    pub(super) fn new(
        batch: &'a Batch,
        rights: Rights,
        tentative: bool,
        tx: &'a mut dyn Write,
        now: Tidspunkt,
    ) -> Result<Self> {
        let seen = tx.position()?;
        Ok(Self {
            batch,
            rights,
            tentative,
            tx,
            now,
            numbers: HashMap::new(),
            unreserved: HashMap::new(),
            tried: Tried {
                seen,
                made: Vec::new(),
                idle: Vec::new(),
                orphans: Vec::new(),
                errors: Vec::new(),
                warnings: Vec::new(),
                opened: HashMap::new(),
            },
        })
    }

    /// All records, those that are refused once more after the others: what they wait for may come later.
    pub(super) fn all(&mut self) -> Result<()> {
        self.general();
        let members = self.batch.members.iter().enumerate();
        let mut left: Vec<At> = members
            .flat_map(|(member, part)| {
                (0..part.prepared.drafts.len()).map(move |record| At { member, record })
            })
            .collect();
        for pass in 0..=PASSES {
            let (before, mut refused) = (left.len(), Vec::new());
            for at in std::mem::take(&mut left) {
                match self.one(at)? {
                    Came::Done => {}
                    Came::Orphan => refused.push((at, None)),
                    Came::Refused(problems) => refused.push((at, Some(problems))),
                }
            }
            if refused.len() == before || pass == PASSES {
                self.refuse(refused);
                break;
            }
            left = refused.iter().map(|(at, _)| *at).collect();
        }
        Ok(())
    }

    fn refuse(&mut self, refused: Vec<(At, Option<Vec<Problem>>)>) {
        for (at, problems) in refused {
            match problems {
                None => self.tried.orphans.push(at),
                Some(problems) => {
                    let told = problems.into_iter().map(|problem| (at, problem));
                    self.tried.errors.extend(told);
                }
            }
        }
    }

    /// What is said of messages as a whole, each once: and the numbers that one message has twice.
    fn general(&mut self) {
        let mut said = HashSet::new();
        for (member, part) in self.batch.members.iter().enumerate() {
            let (_, warnings) = &part.prepared.told;
            let all = warnings.iter().chain(&part.prepared.last);
            for problem in all.filter(|problem| problem.place.nr.is_none()) {
                if said.insert(problem.entry.kode) {
                    self.tried.warnings.push((None, problem.clone()));
                }
            }
            let mut seen = HashSet::new();
            for (record, draft) in part.prepared.drafts.iter().enumerate() {
                let own = draft.sent.number(draft.sent.level().number());
                if let Some(number) = own.filter(|own| !own.is_a_number() && !seen.insert(*own)) {
                    let problem = alone::twice(&draft.sent, number);
                    self.tried.errors.push((At { member, record }, problem));
                }
            }
        }
    }

    fn one(&mut self, at: At) -> Result<Came> {
        let batch = self.batch;
        let (Some(part), Some(first)) = (
            batch.members.get(at.member),
            batch
                .members
                .get(at.member)
                .and_then(|part| part.prepared.drafts.get(at.record)),
        ) else {
            return Ok(Came::Done);
        };
        let (prepared, import) = (&part.prepared, &part.prepared.import);
        let placed;
        let draft = match part.under {
            None => first,
            Some(above) => match self.numbers.get(&above) {
                Some(number) => {
                    placed = first.under(import.kind, *number);
                    &placed
                }
                None => return Ok(Came::Orphan),
            },
        };
        let unlike = of_record(&prepared.told.0, draft);
        let judged = (slice::from_ref(draft), unlike.as_slice());
        let view: &dyn Read = &*self.tx;
        let decided = decide::decide(import, judged, &prepared.rules, &self.rights, view)?;
        let mut problems = of_record(&part.shape, draft);
        if !problems.is_empty() || part.shape.iter().any(|problem| problem.place.nr.is_none()) {
            let whole = part.shape.iter().filter(|own| own.place.nr.is_none());
            problems.extend(whole.filter(|_| at.record == 0).cloned());
            problems.extend(decided.err().into_iter().flatten());
            independent(&mut problems);
            return Ok(Came::Refused(problems));
        }
        match decided {
            Err(problems) => Ok(Came::Refused(problems)),
            Ok(decisions) => {
                for decision in decisions {
                    if decision.is_idle() {
                        self.tried.idle.push(at);
                    } else if let Some(problem) = self.write(at, part, draft, decision)? {
                        return Ok(Came::Refused(vec![problem]));
                    }
                }
                Ok(Came::Done)
            }
        }
    }

    /// Writes one record; gives what keeps the register from numbering it.
    fn write(
        &mut self,
        at: At,
        part: &Part,
        draft: &Draft,
        decision: decide::Decision<'_>,
    ) -> Result<Option<Problem>> {
        let import = &part.prepared.import;
        let before = match (import.kind, draft.sent.number(draft.sent.level().number())) {
            (WriteKind::Insert, _) | (_, None) => None,
            (_, Some(number)) => self.tx.record(number)?,
        };
        let whole = PartOf {
            operation: self.batch.operation,
            unreserved: &self.unreserved,
        };
        let Applied { results, warnings } =
            match apply_part(import, decision, whole, self.tx, self.now) {
                Err(StoreError::NumbersExhausted) => {
                    return Ok(Some(Problem::new(&register::NUMRE_OPBRUGT)));
                }
                applied => applied?,
            };
        for stored in results {
            let change = stored.change;
            if change.handling == Handling::Oprettet {
                let number = change.record.nummer;
                self.numbers.insert(at.member, number);
                self.tried.opened.insert(number, at);
                if self.tentative {
                    let name = part.names.get(at.record).cloned();
                    self.unreserved.insert(number, name.unwrap_or_default());
                }
            }
            self.tried.made.push(Made {
                at,
                before: before.clone(),
                change,
            });
        }
        let told = of_record(&part.prepared.told.1, draft);
        let last = of_record(&part.prepared.last, draft);
        let all = warnings.into_iter().chain(told).chain(last);
        self.tried
            .warnings
            .extend(all.map(|problem| (Some(at), problem)));
        Ok(None)
    }
}

/// What is said of a record of its message.
fn of_record(problems: &[Problem], draft: &Draft) -> Vec<Problem> {
    let nr = Some(draft.sent.nr);
    let own = problems.iter().filter(|problem| problem.place.nr == nr);
    own.cloned().collect()
}
