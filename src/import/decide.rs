//! Decides: every rule of kontrakt §6 and §7 that needs the register as it stands. Changes nothing, and judges the valid
//! fields of a record even where others are missing.
//!
//! Only this module makes a [`Decision`], and only for a write with which nothing is wrong: what it carries was found out
//! here, and need not be looked up or doubted again.
//!
//! Where records stand and go is in `place`, what the law says of it in `lawful`, what needs no register in
//! [`super::alone`] and [`super::mirrors`]; what is warned of, and does not refuse, in [`super::warnings`].

use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;
use std::rc::Rc;
use std::sync::Arc;

use crate::agreements::{Places, Rights};
use crate::message::{Field, Sent};
use crate::problem::{Problem, register};
use crate::register::{Content, Institutionsnummer, Part, Record, Sted};
use crate::store::{Read, Result, Selection};

use super::draft::Draft;
use super::operations::WriteKind;
use super::{Import, Rules, alone};

mod lawful;
mod place;

/// The most children that a refusal to close names.
const MOST_CHILDREN: usize = 5;

/// That a record may be written as it was sent.
#[derive(Debug)]
pub(super) struct Decision<'d>(Decided<'d>);

/// What a decision rests on.
#[derive(Debug)]
pub(super) struct Decided<'d> {
    pub(super) sent: &'d Sent,
    /// What is doubtful about it.
    pub(super) doubts: &'d [Problem],
    /// In whose name it is written, where an agreement lets the caller.
    pub(super) part: Option<Part>,
    pub(super) change: Change,
}

/// What becomes of a record.
#[derive(Debug)]
pub(super) enum Change {
    /// It is new.
    Insert {
        content: Arc<Content>,
        afloeser: Vec<Institutionsnummer>,
    },
    /// It says something else.
    Update { before: Arc<Content>, after: Record },
    /// It ends.
    Close { after: Record },
    /// It goes from one parent to another.
    Move {
        from: Option<Institutionsnummer>,
        after: Record,
    },
}

impl<'d> Decision<'d> {
    /// Whether the record would say what it says already.
    pub(super) fn is_idle(&self) -> bool {
        matches!(&self.0.change, Change::Update { before, after } if *before == after.content)
    }

    /// What is to be written.
    pub(super) fn into_decided(self) -> Decided<'d> {
        self.0
    }
}

/// Decides on all records of a write, in their order. The error is everything that is wrong with them, what the mirrors have
/// found (`unlike`) at the end. A record that lacks what it can't be without has been refused by the schema.
pub(super) fn decide<'d>(
    import: &Import,
    (drafts, unlike): (&'d [Draft], &[Problem]),
    rules: &Rules,
    rights: &Rights,
    view: &dyn Read,
) -> Result<std::result::Result<Vec<Decision<'d>>, Vec<Problem>>> {
    let mut decider = Decider {
        import,
        rules,
        rights,
        places: Places::new(view, rights, &rules.mirrors),
        view,
        parents: HashMap::new(),
        seen: HashSet::new(),
        problems: Vec::new(),
    };
    let sent = drafts.len();
    let mut decisions = Vec::with_capacity(sent);
    // All are judged, whatever the first came to.
    for draft in drafts {
        decisions.extend(decider.record(draft)?);
    }
    let mut problems = decider.problems;
    problems.extend_from_slice(unlike);
    Ok(if problems.is_empty() && decisions.len() == sent {
        Ok(decisions)
    } else {
        Err(problems)
    })
}

struct Decider<'a> {
    import: &'a Import,
    rules: &'a Rules,
    rights: &'a Rights,
    places: Places<'a>,
    view: &'a dyn Read,
    /// Those looked up for this message: a batch mostly goes under a few.
    parents: HashMap<Institutionsnummer, Option<Rc<Record>>>,
    seen: HashSet<Institutionsnummer>,
    problems: Vec<Problem>,
}

/// A change, and the place that gives the right to it.
type Allowed = Option<(Sted, Change)>;

impl Decider<'_> {
    fn record<'d>(&mut self, draft: &'d Draft) -> Result<Option<Decision<'d>>> {
        let Draft {
            sent,
            content,
            codes,
            end,
            doubts,
        } = draft;
        self.problems.extend_from_slice(codes);
        let allowed = match self.import.kind {
            WriteKind::Insert => self.insert(sent, content.as_ref(), end)?,
            WriteKind::Update => self.update(sent, content.as_ref())?,
            WriteKind::Delete => self.close(sent, end)?,
            WriteKind::Move => self.put_elsewhere(sent)?,
        };
        let (kind, level) = (self.import.kind, self.import.level);
        Ok(allowed.map(|(sted, change)| {
            Decision(Decided {
                sent,
                doubts,
                part: self.rights.part(kind, level, &sted),
                change,
            })
        }))
    }

    fn insert(
        &mut self,
        sent: &Sent,
        content: Option<&Arc<Content>>,
        end: &[Problem],
    ) -> Result<Allowed> {
        let place = self.new_place(sent)?;
        let parent = place.as_ref().and_then(|(_, parent)| parent.as_deref());
        self.lawful(sent, None, parent)?;
        self.problems.extend_from_slice(end);
        self.known_numbers(sent, Field::Afloeser)?;
        Ok(place.zip(content).map(|((sted, _), content)| {
            let content = content.clone();
            let afloeser = sent.numbers(Field::Afloeser).collect();
            (sted, Change::Insert { content, afloeser })
        }))
    }

    fn update(&mut self, sent: &Sent, content: Option<&Arc<Content>>) -> Result<Allowed> {
        let Some((mut record, sted)) = self.existing(sent)? else {
            return Ok(None);
        };
        let parent = record
            .content
            .parent()
            .map(|number| self.view.record(number));
        let parent = parent.transpose()?.flatten();
        self.same_parent(sent, &record)?;
        self.as_updated(sent, (&record, &sted), parent.as_ref())?;
        self.lawful(sent, Some(&record), parent.as_ref())?;
        Ok(content.cloned().map(|mut content| {
            // An update leaves the fields that its version does not have (kontrakt §3).
            Arc::make_mut(&mut content).keep(&record.content, self.import.service.version);
            let before = std::mem::replace(&mut record.content, content);
            let after = record;
            (sted, Change::Update { before, after })
        }))
    }

    fn close(&mut self, sent: &Sent, end: &[Problem]) -> Result<Allowed> {
        let found = self.existing(sent)?;
        if let Some((existing, _)) = &found {
            self.no_children(sent, existing)?;
            self.goes_to_school(sent, existing)?;
        }
        self.problems.extend_from_slice(end);
        self.known_numbers(sent, Field::AfloestAf)?;
        Ok(found.map(|(mut after, sted)| {
            sent.close(&mut after.life);
            (sted, Change::Close { after })
        }))
    }

    fn put_elsewhere(&mut self, sent: &Sent) -> Result<Allowed> {
        let found = self.existing(sent)?;
        let existing = found.as_ref().map(|(existing, _)| existing);
        let parent = self.destination(sent, existing)?;
        self.lawful(sent, existing, parent.as_deref())?;
        Ok(found.zip(parent).map(|((mut after, sted), parent)| {
            let from = after.content.parent();
            Arc::make_mut(&mut after.content).set_parent(parent.nummer);
            (sted, Change::Move { from, after })
        }))
    }

    fn no_children(&mut self, sent: &Sent, existing: &Record) -> Result<()> {
        if !self.view.has_active_children(existing.nummer)? {
            return Ok(());
        }
        let mut children = Vec::new();
        let under = Selection::under(existing.nummer);
        self.view.records(&under, &mut |child| {
            if children.len() == MOST_CHILDREN {
                children.push("…".to_owned());
                return ControlFlow::Break(());
            }
            children.push(child.nummer.to_string());
            ControlFlow::Continue(())
        })?;
        let problem = Problem::new(&register::HAR_BOERN)
            .with("nummer", existing.nummer)
            .with("boern", children.join(", "));
        self.push(sent, self.import.level.number(), problem);
        Ok(())
    }

    /// Lineage names numbers of the register, closed ones and other kommuner's too: the export shows them all.
    fn known_numbers(&mut self, sent: &Sent, field: Field) -> Result<()> {
        for (index, number) in sent.numbers(field).enumerate() {
            if self.usable(sent, (field, index, number))? && self.view.record(number)?.is_none() {
                let problem = Problem::new(&register::AFLOESER_UKENDT)
                    .with("felt", field.name())
                    .with("nummer", number);
                self.problems
                    .push(problem.at(sent.place_of_nth(field, index)));
            }
        }
        Ok(())
    }

    /// Whether a number as sent is no A-number; one is refused with the number that it has now, if that is known.
    fn usable(&mut self, sent: &Sent, named: (Field, usize, Institutionsnummer)) -> Result<bool> {
        let Some(mut problem) = alone::a_number(sent, named) else {
            return Ok(true);
        };
        let (.., number) = named;
        if let Some(known) = self.view.a_nummer(number)?
            && let Some((now, _)) = known.afgjort
        {
            problem = Problem::new(&register::A_NUMMER_KENDT)
                .with("nummer", number)
                .with("nyt", now)
                .at(problem.place);
        }
        self.problems.push(problem);
        Ok(false)
    }

    fn push(&mut self, sent: &Sent, field: Field, problem: Problem) {
        self.problems.push(problem.at(sent.place_of(field)));
    }
}
