//! Decides: every rule of kontrakt §6 and §7 that a record breaks, from the message and the register as it stands.
//! Changes nothing, and judges the valid fields of a record even where others are missing.
//!
//! The cross-validation is in [`super::cross`], what the mirrors of CVR and DAR say in [`super::mirrors`]; what is warned of,
//! and does not refuse, in [`super::warnings`].

use std::collections::{HashMap, HashSet};

use crate::message::{Field, RawRecord};
use crate::mirror::Mirrors;
use crate::problem::{Problem, register};
use crate::register::{Content, Institutionsnummer, Kodetabeller, Niveau, Part, Record};
use crate::soap::WriteKind;
use crate::store::{Read, Result, Selection};

use super::alone::{self, number_field};
use super::sent::{sent_kommune, sent_p_nummer};
use super::{Import, Rules, cross, dagpleje};
use crate::agreements::{Places, Rights};

mod place;

/// The legal basis of a landsbyordning (kontrakt §7).
const LANDSBYORDNING: i32 = 6;
/// Closed because the school's number is used.
const SKOLENS_NUMMER: &str = "brugerSkolensNummer";
/// The most children that a refusal to close names.
const MOST_CHILDREN: usize = 5;

/// In whose name each record is written, by its position: those that an agreement lets the caller write.
pub(super) type Parter = HashMap<u32, Part>;

/// Everything that is wrong with the records of a write, in record order; and in whose name they are written.
pub(super) fn problems(
    import: &Import,
    rules: Rules<'_>,
    rights: &Rights,
    view: &dyn Read,
) -> Result<(Vec<Problem>, Parter)> {
    let mut check = Check {
        import,
        tables: rules.tables,
        mirrors: rules.mirrors,
        rights,
        places: Places::new(view, rights, rules.mirrors),
        view,
        parents: HashMap::new(),
        seen: HashSet::new(),
        problems: Vec::new(),
        parter: Parter::new(),
    };
    for record in &import.request.message.records {
        check.record(record)?;
    }
    Ok((check.problems, check.parter))
}

struct Check<'a> {
    import: &'a Import,
    tables: &'a Kodetabeller,
    mirrors: &'a Mirrors,
    rights: &'a Rights,
    places: Places<'a>,
    view: &'a dyn Read,
    /// Those looked up for this message: a batch mostly goes under a few.
    parents: HashMap<Institutionsnummer, Option<Record>>,
    seen: HashSet<Institutionsnummer>,
    problems: Vec<Problem>,
    parter: Parter,
}

impl Check<'_> {
    fn record(&mut self, record: &RawRecord) -> Result<()> {
        match self.import.kind {
            WriteKind::Insert => {
                self.codes(record);
                let parent = self.new_place(record)?;
                self.lawful(record, None, parent.as_ref())?;
                self.known_numbers(record, Field::Afloeser)
            }
            WriteKind::Update => {
                self.codes(record);
                if let Some((existing, sted)) = self.existing(record)? {
                    self.same_parent(record, &existing)?;
                    self.as_updated(record, &existing, &sted)?;
                    let parent = match existing.content.parent() {
                        Some(number) => self.view.record(number)?,
                        None => None,
                    };
                    self.lawful(record, Some(&existing), parent.as_ref())?;
                }
                Ok(())
            }
            WriteKind::Delete => {
                if let Some((existing, _)) = self.existing(record)? {
                    self.no_children(record, &existing)?;
                    self.goes_to_school(record, &existing)?;
                }
                self.closing(record);
                self.known_numbers(record, Field::AfloestAf)
            }
            WriteKind::Move => {
                let existing = self.existing(record)?.map(|(existing, _)| existing);
                let parent = self.destination(record, existing.as_ref())?;
                self.lawful(record, existing.as_ref(), parent.as_ref())
            }
        }
    }

    /// Every coded field must be in its table.
    fn codes(&mut self, record: &RawRecord) {
        let operation = self.import.request.operation;
        self.problems
            .extend(alone::codes(record, operation, self.tables));
    }

    /// What the law says of what is sent together with what stands above and under it.
    fn lawful(
        &mut self,
        record: &RawRecord,
        existing: Option<&Record>,
        parent: Option<&Record>,
    ) -> Result<()> {
        self.own_dagpleje(record, existing, parent)?;
        if !cross::gaelder(self.import) {
            return Ok(());
        }
        let (field, problem) = match (
            self.import.level,
            existing.map(|existing| &existing.content),
        ) {
            (Niveau::Daginstitution, _) => {
                let own = existing.map(|existing| existing.nummer);
                let problem = cross::daginstitution(self.tables, self.view, record, own)?;
                (Field::LovgrundlagKode, problem)
            }
            (_, Some(Content::Anvisningsenhed(unit))) if self.import.kind == WriteKind::Move => {
                let of = |parent| cross::enhed(self.tables, unit.inst_type, parent);
                (Field::NytDaginstitutionsNummer, parent.and_then(of))
            }
            _ => {
                let sent = cross::code(record, Field::InstType3).zip(parent);
                let of = |(inst_type, parent)| cross::enhed(self.tables, inst_type, parent);
                (Field::InstType3, sent.and_then(of))
            }
        };
        if let Some(problem) = problem {
            self.push(record, field, problem);
        }
        Ok(())
    }

    /// Kommunal dagpleje has a P-number of the kommune's own.
    fn own_dagpleje(
        &mut self,
        record: &RawRecord,
        existing: Option<&Record>,
        parent: Option<&Record>,
    ) -> Result<()> {
        if let Some(own) = existing.filter(|own| own.niveau() == Niveau::Daginstitution) {
            let sent = cross::code(record, Field::EjerformKode).zip(sent_kommune(record));
            let problem = match sent {
                Some(over) => dagpleje::daginstitution(self.view, self.mirrors, own.nummer, over)?,
                None => None,
            };
            if let Some(problem) = problem {
                self.push(record, Field::EjerformKode, problem);
            }
            return Ok(());
        }
        let (field, unit) = match existing.map(|existing| &existing.content) {
            Some(Content::Anvisningsenhed(unit)) if self.import.kind == WriteKind::Move => (
                Field::NytDaginstitutionsNummer,
                Some((unit.inst_type, unit.p_nummer)),
            ),
            _ => {
                let inst_type = cross::code(record, Field::InstType3);
                (
                    Field::PNummer,
                    inst_type.map(|inst_type| (inst_type, sent_p_nummer(record))),
                )
            }
        };
        if let (Some((inst_type, p_nummer)), Some(parent)) = (unit, parent)
            && let Some(problem) =
                dagpleje::problem(self.view, self.mirrors, parent, inst_type, p_nummer)?
        {
            self.push(record, field, problem);
        }
        Ok(())
    }

    /// Only what belongs to a landsbyordning goes on under its school's number.
    fn goes_to_school(&mut self, record: &RawRecord, existing: &Record) -> Result<()> {
        if record.text(Field::Lukkeaarsag) != Some(SKOLENS_NUMMER) {
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
            self.push(record, Field::Lukkeaarsag, problem);
        }
        Ok(())
    }

    fn expected_version(&mut self, record: &RawRecord, existing: &Record) {
        let Some(expected) = &record.expected_version else {
            return;
        };
        if expected.text.parse() != Ok(existing.life.version) {
            let mut place = record.place(self.import.request.operation.name);
            place.offset = Some(expected.offset);
            if let Some(sti) = &mut place.sti {
                sti.push_str("/@forventetVersion");
            }
            let problem = Problem::new(&register::VERSION_AFVIGER)
                .with("nummer", existing.nummer)
                .with("version", existing.life.version)
                .with("forventet", &expected.text);
            self.problems.push(problem.at(place));
        }
    }

    fn no_children(&mut self, record: &RawRecord, existing: &Record) -> Result<()> {
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
        self.push(record, number_field(self.import.level), problem);
        Ok(())
    }

    /// The reason `brugerSkolensNummer` and the school's number go together.
    fn closing(&mut self, record: &RawRecord) {
        let operation = self.import.request.operation;
        self.problems.extend(alone::closing(record, operation));
    }

    /// Lineage names numbers of the register, closed ones and other kommuner's too: the export shows them all.
    fn known_numbers(&mut self, record: &RawRecord, field: Field) -> Result<()> {
        let operation = self.import.request.operation;
        self.problems
            .extend(alone::lineage(record, operation, self.import.level));
        for index in 0..record.all(field).count() {
            let Some(number) = self.number(record, field, index)? else {
                continue;
            };
            if self.view.record(number)?.is_none() {
                let problem = Problem::new(&register::AFLOESER_UKENDT)
                    .with("felt", field.name())
                    .with("nummer", number);
                self.problems.push(problem.at(record.place_of(
                    self.import.request.operation.name,
                    field,
                    index,
                )));
            }
        }
        Ok(())
    }

    /// A number as sent; an A-number is refused here, with the number that it has now if that is known.
    fn number(
        &mut self,
        record: &RawRecord,
        field: Field,
        index: usize,
    ) -> Result<Option<Institutionsnummer>> {
        let operation = self.import.request.operation;
        let mut problem = match alone::number(record, operation, field, index) {
            None => return Ok(None),
            Some(Ok(number)) => return Ok(Some(number)),
            Some(Err(problem)) => *problem,
        };
        let sent = record
            .all(field)
            .nth(index)
            .map(|value| value.text.as_str());
        if let Some(number) = sent.and_then(|text| Institutionsnummer::parse(text).ok())
            && let Some(known) = self.view.a_nummer(number)?
            && let Some((now, _)) = known.afgjort
        {
            problem = Problem::new(&register::A_NUMMER_KENDT)
                .with("nummer", number)
                .with("nyt", now)
                .at(problem.place);
        }
        self.problems.push(problem);
        Ok(None)
    }

    fn push(&mut self, record: &RawRecord, field: Field, problem: Problem) {
        self.problems.push(problem.at(record.place_of(
            self.import.request.operation.name,
            field,
            0,
        )));
    }
}
