//! Decides: every rule of decisions §6 and §7 that a record breaks, from the message and the register as it stands.
//! Changes nothing, and judges the valid fields of a record even where others are missing.
//!
//! The rules of the surroundings have their place here too, between codes and numbers, in the order of the table of
//! decisions §7: cross-validation, CVR, DAR, dagplejere, landsbyordning, double registrations. Without mirrors the
//! import says that it did not check.

use std::collections::HashSet;

use crate::message::{Felt, RawPost};
use crate::problem::{Entry, Problem, register};
use crate::register::{Indhold, Institutionsnummer, Kodetabeller, Kommunekode, Niveau, Post};
use crate::soap::WriteKind;
use crate::store::{Read, Result, Udvalg};

use super::Import;
use super::alone::{self, number_field};
use super::authorise::{Denied, may_write};

/// The most children that a refusal to close names.
const MOST_CHILDREN: usize = 5;

/// Everything that is wrong with the records of a write, in record order.
pub(super) fn problems(
    import: &Import,
    tables: &Kodetabeller,
    view: &dyn Read,
) -> Result<Vec<Problem>> {
    let mut check = Check {
        import,
        tables,
        view,
        seen: HashSet::new(),
        problems: Vec::new(),
    };
    for post in &import.request.message.poster {
        check.record(post)?;
    }
    Ok(check.problems)
}

struct Check<'a> {
    import: &'a Import,
    tables: &'a Kodetabeller,
    view: &'a dyn Read,
    seen: HashSet<Institutionsnummer>,
    problems: Vec<Problem>,
}

impl Check<'_> {
    fn record(&mut self, post: &RawPost) -> Result<()> {
        match self.import.kind {
            WriteKind::Insert => {
                self.codes(post);
                self.new_place(post)?;
                self.known_numbers(post, Felt::Afloeser)
            }
            WriteKind::Update => {
                self.codes(post);
                if let Some(existing) = self.existing(post)? {
                    self.same_parent(post, &existing);
                    self.new_kommune(post, &existing);
                }
                Ok(())
            }
            WriteKind::Delete => {
                if let Some(existing) = self.existing(post)? {
                    self.no_children(post, &existing)?;
                }
                self.closing(post);
                self.known_numbers(post, Felt::AfloestAf)
            }
            WriteKind::Move => {
                let existing = self.existing(post)?;
                self.destination(post, existing.as_ref())
            }
        }
    }

    /// Every coded field must be in its table.
    fn codes(&mut self, post: &RawPost) {
        let operation = self.import.request.operation;
        self.problems
            .extend(alone::codes(post, operation, self.tables));
    }

    /// Where a new record is put: in a kommune the caller may write in, or under a parent there.
    fn new_place(&mut self, post: &RawPost) -> Result<()> {
        match parent_field(self.import.level) {
            None => self.writable_kommune(post),
            Some((felt, level)) => {
                self.parent(post, felt, level)?;
            }
        }
        Ok(())
    }

    /// The kommune of a daginstitution as sent.
    fn writable_kommune(&mut self, post: &RawPost) {
        let Some(kommune) = sent_kommune(post) else {
            return;
        };
        if self.tables.kommune.tekst(i32::from(kommune.0)).is_none() {
            return;
        }
        let entry: &'static Entry = match may_write(&self.import.caller.organisation, kommune) {
            Ok(()) => return,
            Err(Denied::OtherKommune) => &register::FREMMED_KOMMUNE,
            Err(Denied::NoAgreement | Denied::NotAWriter) => &register::INGEN_AFTALE,
        };
        self.push(
            post,
            Felt::AdmKommuneKode,
            Problem::new(entry).with("kommune", kommune),
        );
    }

    /// The open record that a write is about, which the caller may change. An unknown number and a foreign one are
    /// answered alike, after the same look-ups.
    fn existing(&mut self, post: &RawPost) -> Result<Option<Post>> {
        let level = self.import.level;
        let felt = number_field(level);
        let Some(number) = self.number(post, felt, 0) else {
            return Ok(None);
        };
        if !self.seen.insert(number) {
            let operation = self.import.request.operation;
            self.problems
                .push(alone::twice(post, operation, felt, number));
            return Ok(None);
        }
        let found = self.open_record(
            post,
            felt,
            level,
            number,
            &register::UKENDT_NUMMER,
            &register::LUKKET,
        )?;
        if let Some(existing) = &found {
            self.expected_version(post, existing);
        }
        Ok(found)
    }

    fn expected_version(&mut self, post: &RawPost, existing: &Post) {
        let Some(expected) = &post.expected_version else {
            return;
        };
        if expected.text.parse() != Ok(existing.liv.version) {
            let mut place = post.place(self.import.request.operation.name);
            place.offset = Some(expected.offset);
            if let Some(sti) = &mut place.sti {
                sti.push_str("/@forventetVersion");
            }
            let problem = Problem::new(&register::VERSION_AFVIGER)
                .with("nummer", existing.nummer)
                .with("version", existing.liv.version)
                .with("forventet", &expected.text);
            self.problems.push(problem.at(place));
        }
    }

    /// The open record that something is put under; its own level and the caller's right are part of knowing it.
    fn parent(&mut self, post: &RawPost, felt: Felt, level: Niveau) -> Result<Option<Post>> {
        let Some(number) = self.number(post, felt, 0) else {
            return Ok(None);
        };
        self.open_record(
            post,
            felt,
            level,
            number,
            &register::FORAELDER_UKENDT,
            &register::FORAELDER_LUKKET,
        )
    }

    /// A record that is open and that the caller may write; else one of the two refusals, at the field that names it.
    fn open_record(
        &mut self,
        post: &RawPost,
        felt: Felt,
        level: Niveau,
        number: Institutionsnummer,
        unknown: &'static Entry,
        closed: &'static Entry,
    ) -> Result<Option<Post>> {
        let found = self.reachable(number, level)?;
        let problem = match found.as_ref().map(|record| record.liv.nedlagt) {
            Some(None) => return Ok(found),
            Some(Some(since)) => Problem::new(closed)
                .with("nummer", number)
                .with("nedlagt", since),
            None => Problem::new(unknown)
                .with("niveau", level.element())
                .with("nummer", number),
        };
        self.push(post, felt, problem);
        Ok(None)
    }

    /// An update names the parent that the record has.
    fn same_parent(&mut self, post: &RawPost, existing: &Post) {
        let (Some((felt, _)), Some(parent)) = (
            parent_field(self.import.level),
            existing.indhold.foraelder(),
        ) else {
            return;
        };
        let Some(sent) = self.number(post, felt, 0) else {
            return;
        };
        if sent != parent {
            let operation = match self.import.level {
                Niveau::AlternativAdresse => "MoveAlternativAdresse",
                _ => "MoveAnvisningsEnhed",
            };
            let problem = Problem::new(&register::FORAELDER_ANDEN)
                .with("nummer", existing.nummer)
                .with("foraelder", parent)
                .with("sendt", sent)
                .with("operation", operation);
            self.push(post, felt, problem);
        }
    }

    /// A change of kommune needs the right in the new one as well.
    fn new_kommune(&mut self, post: &RawPost, existing: &Post) {
        if let Indhold::Daginstitution(before) = &existing.indhold
            && sent_kommune(post) != Some(before.adm_kommune)
        {
            self.writable_kommune(post);
        }
    }

    fn no_children(&mut self, post: &RawPost, existing: &Post) -> Result<()> {
        if !self.view.has_active_children(existing.nummer)? {
            return Ok(());
        }
        let mut children = Vec::new();
        let udvalg = Udvalg {
            foraelder: Some(existing.nummer),
            ..Udvalg::default()
        };
        self.view.poster(&udvalg, &mut |child| {
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
        self.push(post, number_field(self.import.level), problem);
        Ok(())
    }

    /// The reason `brugerSkolensNummer` and the school's number go together.
    fn closing(&mut self, post: &RawPost) {
        let operation = self.import.request.operation;
        self.problems.extend(alone::closing(post, operation));
    }

    /// Lineage names numbers of the register, closed ones and other kommuner's too: the export shows them all.
    fn known_numbers(&mut self, post: &RawPost, felt: Felt) -> Result<()> {
        for index in 0..post.all(felt).count() {
            let Some(number) = self.number(post, felt, index) else {
                continue;
            };
            if self.view.post(number)?.is_none() {
                let problem = Problem::new(&register::AFLOESER_UKENDT)
                    .with("felt", felt.name())
                    .with("nummer", number);
                self.problems.push(problem.at(post.place_of(
                    self.import.request.operation.name,
                    felt,
                    index,
                )));
            }
        }
        Ok(())
    }

    /// A move goes to another open parent in the same kommune.
    fn destination(&mut self, post: &RawPost, existing: Option<&Post>) -> Result<()> {
        let (felt, level) = match self.import.level {
            Niveau::AlternativAdresse => (Felt::NytEnhedsNummer, Niveau::Anvisningsenhed),
            _ => (Felt::NytDaginstitutionsNummer, Niveau::Daginstitution),
        };
        let (Some(parent), Some(existing)) = (self.parent(post, felt, level)?, existing) else {
            return Ok(());
        };
        let entry: &'static Entry = if existing.indhold.foraelder() == Some(parent.nummer) {
            &register::FLYT_SAMME
        } else if self.view.adm_kommune(existing.nummer)? != self.view.adm_kommune(parent.nummer)? {
            &register::FLYT_ANDEN_KOMMUNE
        } else {
            return Ok(());
        };
        self.push(
            post,
            felt,
            Problem::new(entry)
                .with("nummer", existing.nummer)
                .with("til", parent.nummer),
        );
        Ok(())
    }

    /// The record of this number and level, if the caller may write it.
    fn reachable(&self, number: Institutionsnummer, level: Niveau) -> Result<Option<Post>> {
        let found = self.view.post(number)?;
        let kommune = self.view.adm_kommune(number)?;
        let own = kommune
            .is_some_and(|kommune| may_write(&self.import.caller.organisation, kommune).is_ok());
        Ok(found.filter(|post| own && post.niveau() == level))
    }

    /// A number as sent; an A-number is refused here.
    fn number(&mut self, post: &RawPost, felt: Felt, index: usize) -> Option<Institutionsnummer> {
        let operation = self.import.request.operation;
        match alone::number(post, operation, felt, index)? {
            Ok(number) => Some(number),
            Err(problem) => {
                self.problems.push(*problem);
                None
            }
        }
    }

    fn push(&mut self, post: &RawPost, felt: Felt, problem: Problem) {
        self.problems
            .push(problem.at(post.place_of(self.import.request.operation.name, felt, 0)));
    }
}

/// The field that names the parent, and the parent's level.
const fn parent_field(level: Niveau) -> Option<(Felt, Niveau)> {
    match level {
        Niveau::Daginstitution => None,
        Niveau::Anvisningsenhed => Some((Felt::DaginstitutionsNummer, Niveau::Daginstitution)),
        Niveau::AlternativAdresse => Some((Felt::EnhedsNummer, Niveau::Anvisningsenhed)),
    }
}

fn sent_kommune(post: &RawPost) -> Option<Kommunekode> {
    post.text(Felt::AdmKommuneKode)?
        .parse()
        .ok()
        .map(Kommunekode)
}
