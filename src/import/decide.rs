//! Decides: every rule of kontrakt §6 and §7 that needs the register as it stands. Changes nothing, and judges the valid
//! fields of a record even where others are missing.
//!
//! Only this module makes a [`Decision`], and only for a write with which nothing is wrong: what it carries was found out
//! here, and need not be looked up or doubted again.
//!
//! Where records stand and go is in `place`, the cross-validation in [`super::cross`], what needs no register in
//! [`super::alone`] and [`super::mirrors`]; what is warned of, and does not refuse, in [`super::warnings`].

use std::collections::{HashMap, HashSet};

use crate::agreements::{Places, Rights};
use crate::message::{Field, Sent};
use crate::problem::{Problem, register};
use crate::register::{
    Content, Institutionsnummer, Lukkeaarsag, Niveau, PNummer, Part, Record, Since, Sted,
};
use crate::soap::WriteKind;
use crate::store::{Read, Result, Selection};

use super::draft::Draft;
use super::{Import, Rules, alone, cross, dagpleje};

mod place;

/// The legal basis of a landsbyordning (kontrakt §7).
const LANDSBYORDNING: i32 = 6;
/// The most children that a refusal to close names.
const MOST_CHILDREN: usize = 5;

/// That a record may be written as it was sent.
#[derive(Debug)]
pub(super) struct Decision(Decided);

/// What a decision rests on.
#[derive(Debug)]
pub(super) struct Decided {
    pub(super) sent: Sent,
    /// What is doubtful about it.
    pub(super) doubts: Vec<Problem>,
    /// In whose name it is written, where an agreement lets the caller.
    pub(super) part: Option<Part>,
    pub(super) change: Change,
}

/// What becomes of a record.
#[derive(Debug)]
pub(super) enum Change {
    /// It is new.
    Insert {
        content: Content,
        afloeser: Vec<Institutionsnummer>,
    },
    /// It says something else.
    Update { before: Box<Content>, after: Record },
    /// It ends.
    Close { after: Record },
    /// It goes from one parent to another.
    Move {
        from: Option<Institutionsnummer>,
        after: Record,
    },
}

impl Decision {
    /// What is to be written.
    pub(super) fn into_decided(self) -> Decided {
        self.0
    }
}

/// Decides on all records of a write, in their order. The error is everything that is wrong with them, what the mirrors have
/// found (`unlike`) at the end. A record that lacks what it can't be without has been refused by the schema.
pub(super) fn decide(
    import: &Import,
    drafts: Vec<Draft>,
    unlike: Vec<Problem>,
    rules: &Rules,
    rights: &Rights,
    view: &dyn Read,
) -> Result<std::result::Result<Vec<Decision>, Vec<Problem>>> {
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
    let decisions = drafts.into_iter().map(|draft| decider.record(draft));
    // All are judged, whatever the first came to.
    let decisions = decisions.collect::<Result<Vec<_>>>()?;
    let mut problems = decider.problems;
    problems.extend(unlike);
    if !problems.is_empty() {
        return Ok(Err(problems));
    }
    let all: Option<Vec<_>> = decisions.into_iter().collect();
    Ok(all.ok_or(problems))
}

struct Decider<'a> {
    import: &'a Import,
    rules: &'a Rules,
    rights: &'a Rights,
    places: Places<'a>,
    view: &'a dyn Read,
    /// Those looked up for this message: a batch mostly goes under a few.
    parents: HashMap<Institutionsnummer, Option<Record>>,
    seen: HashSet<Institutionsnummer>,
    problems: Vec<Problem>,
}

/// A change, and the place that gives the right to it.
type Allowed = Option<(Sted, Change)>;

impl Decider<'_> {
    fn record(&mut self, draft: Draft) -> Result<Option<Decision>> {
        let Draft {
            sent,
            content,
            codes,
            end,
            doubts,
        } = draft;
        self.problems.extend(codes);
        let allowed = match self.import.kind {
            WriteKind::Insert => self.insert(&sent, content, end)?,
            WriteKind::Update => self.update(&sent, content)?,
            WriteKind::Delete => self.close(&sent, end)?,
            WriteKind::Move => self.put_elsewhere(&sent)?,
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
        content: Option<Content>,
        end: Vec<Problem>,
    ) -> Result<Allowed> {
        let place = self.new_place(sent)?;
        let parent = place.as_ref().and_then(|(_, parent)| parent.as_ref());
        self.lawful(sent, None, parent)?;
        self.problems.extend(end);
        self.known_numbers(sent, Field::Afloeser)?;
        Ok(place.zip(content).map(|((sted, _), content)| {
            let afloeser = sent.numbers(Field::Afloeser).collect();
            (sted, Change::Insert { content, afloeser })
        }))
    }

    fn update(&mut self, sent: &Sent, content: Option<Content>) -> Result<Allowed> {
        let Some((mut record, sted)) = self.existing(sent)? else {
            return Ok(None);
        };
        let parent = match record.content.parent() {
            Some(number) => self.view.record(number)?,
            None => None,
        };
        self.same_parent(sent, &record)?;
        self.as_updated(sent, (&record, &sted), parent.as_ref())?;
        self.lawful(sent, Some(&record), parent.as_ref())?;
        Ok(content.map(|mut content| {
            if !self.import.service.is_v2() {
                // An update through v1 leaves the fields that v1 does not have (kontrakt §3).
                content.keep(&record.content, Since::V1);
            }
            let before = Box::new(std::mem::replace(&mut record.content, content));
            let after = record;
            (sted, Change::Update { before, after })
        }))
    }

    fn close(&mut self, sent: &Sent, end: Vec<Problem>) -> Result<Allowed> {
        let found = self.existing(sent)?;
        if let Some((existing, _)) = &found {
            self.no_children(sent, existing)?;
            self.goes_to_school(sent, existing)?;
        }
        self.problems.extend(end);
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
        self.lawful(sent, existing, parent.as_ref())?;
        Ok(found.zip(parent).map(|((mut after, sted), parent)| {
            let from = after.content.parent();
            after.content.set_parent(parent.nummer);
            (sted, Change::Move { from, after })
        }))
    }

    /// What the law says of what is sent together with what stands above and under it.
    fn lawful(
        &mut self,
        sent: &Sent,
        existing: Option<&Record>,
        parent: Option<&Record>,
    ) -> Result<()> {
        let unit = match (self.import.level, existing.map(|own| &own.content)) {
            (Niveau::Daginstitution, _) => {
                return self.lawful_top(sent, existing.map(|own| own.nummer));
            }
            (_, Some(Content::Anvisningsenhed(unit))) if self.import.kind == WriteKind::Move => {
                Some((unit.inst_type, unit.p_nummer))
            }
            _ => {
                let inst_type = sent.code(Field::InstType3);
                inst_type.map(|inst_type| (inst_type, sent.p_number(Field::PNummer)))
            }
        };
        match unit.zip(parent) {
            Some((unit, parent)) => self.lawful_unit(sent, unit, parent),
            None => Ok(()),
        }
    }

    /// A daginstitution with the open units that it has. Dagpleje under it that becomes kommunal has P-numbers of the
    /// kommune's own.
    fn lawful_top(&mut self, sent: &Sent, own: Option<Institutionsnummer>) -> Result<()> {
        let Rules {
            tables, mirrors, ..
        } = self.rules;
        let ejerform = sent.code(Field::EjerformKode);
        let whose = ejerform.zip(sent.kommune(Field::AdmKommuneKode));
        if let Some((own, whose)) = own.zip(whose)
            && let Some(problem) = dagpleje::daginstitution(self.view, mirrors, own, whose)?
        {
            self.push(sent, Field::EjerformKode, problem);
        }
        let basis = sent.code(Field::LovgrundlagKode);
        if let Some(codes) = ejerform.zip(basis).filter(|_| self.cross_validates())
            && let Some(problem) = cross::daginstitution(tables, self.view, codes, own)?
        {
            self.push(sent, Field::LovgrundlagKode, problem);
        }
        Ok(())
    }

    /// A unit of a type and a P-number under a daginstitution. Kommunal dagpleje has a P-number of the kommune's own.
    fn lawful_unit(
        &mut self,
        sent: &Sent,
        (inst_type, p_nummer): (i32, Option<PNummer>),
        parent: &Record,
    ) -> Result<()> {
        let Rules {
            tables, mirrors, ..
        } = self.rules;
        let moves = self.import.kind == WriteKind::Move;
        let at = |field| match moves {
            true => Field::NytDaginstitutionsNummer,
            false => field,
        };
        let problem = dagpleje::problem(self.view, mirrors, parent, inst_type, p_nummer)?;
        if let Some(problem) = problem {
            self.push(sent, at(Field::PNummer), problem);
        }
        if self.cross_validates()
            && let Some(problem) = cross::enhed(tables, inst_type, parent)
        {
            self.push(sent, at(Field::InstType3), problem);
        }
        Ok(())
    }

    /// Version 1 has no cross-validation (kontrakt §7).
    fn cross_validates(&self) -> bool {
        self.import.service.is_v2()
    }

    /// Only what belongs to a landsbyordning goes on under its school's number.
    fn goes_to_school(&mut self, sent: &Sent, existing: &Record) -> Result<()> {
        if sent.reason(Field::Lukkeaarsag) != Some(Lukkeaarsag::BrugerSkolensNummer) {
            return Ok(());
        }
        let mut top = Some(existing.clone());
        while let Some(number) = top.as_ref().and_then(|record| record.content.parent()) {
            top = self.view.record(number)?;
        }
        if let Some(Content::Daginstitution(top)) = top.map(|record| record.content)
            && top.lovgrundlag != LANDSBYORDNING
        {
            let problem = Problem::new(&register::IKKE_LANDSBYORDNING)
                .with("nummer", existing.nummer)
                .with("lovgrundlag", top.lovgrundlag);
            self.push(sent, Field::Lukkeaarsag, problem);
        }
        Ok(())
    }

    fn no_children(&mut self, sent: &Sent, existing: &Record) -> Result<()> {
        if !self.view.has_active_children(existing.nummer)? {
            return Ok(());
        }
        let mut children = Vec::new();
        let selection = Selection {
            parent: Some(existing.nummer),
            ..Selection::default()
        };
        self.view.records(&selection, &mut |child| {
            children.push(if children.len() < MOST_CHILDREN {
                child.nummer.to_string()
            } else {
                "…".to_owned()
            });
            if children.len() > MOST_CHILDREN {
                std::ops::ControlFlow::Break(())
            } else {
                std::ops::ControlFlow::Continue(())
            }
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
