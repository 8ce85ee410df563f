//! Where a record stands and goes, and whether the caller may write there. An unknown number and a foreign one are
//! answered alike.

use std::borrow::Borrow;
use std::rc::Rc;

use crate::agreements::PRIVAT;
use crate::message::{Field, Sent};
use crate::problem::{Entry, Problem, register};
use crate::register::{Content, Institutionsnummer, Kommunekode, Niveau, PNummer, Record, Sted};
use crate::store::Result;

use super::super::alone;
use super::super::authorise::{Denied, authorise};
use super::Decider;

/// A record that a message names.
#[derive(Clone, Copy)]
struct Named {
    field: Field,
    /// The level that it is named as.
    level: Niveau,
    number: Institutionsnummer,
}

/// An open record, and the place that gives the right to write it, or what is put under it.
type Found<R = Record> = Option<(R, Sted)>;

impl Decider<'_> {
    /// Where a new record is put: in a kommune the caller may write in, or under a parent there.
    pub(super) fn new_place(&mut self, sent: &Sent) -> Result<Option<(Sted, Option<Rc<Record>>)>> {
        let Some(field) = parent_field(self.import.level) else {
            return Ok(self.writable_kommune(sent).map(|sted| (sted, None)));
        };
        let parent = self.parent(sent, field, None, sent.p_number(Field::PNummer))?;
        Ok(parent.map(|(parent, sted)| (sted, Some(parent))))
    }

    /// The kommune of a daginstitution as sent.
    fn writable_kommune(&mut self, sent: &Sent) -> Option<Sted> {
        let kommune = sent.kommune(Field::AdmKommuneKode)?;
        // A code that no table has is told as such.
        if !self.is_known(kommune) {
            return None;
        }
        let privat = is_privat(sent);
        let entry: &'static Entry = match self.rights.in_kommune(kommune, privat) {
            Ok(_) => return Some(Sted::ny(kommune, privat)),
            Err(Denied::OtherKommune) => &register::FREMMED_KOMMUNE,
            Err(Denied::PrivatAfEjer) => &register::PRIVAT_AF_EJER,
            Err(Denied::AftaleUdloebet) => &register::AFTALE_UDLOEBET,
            Err(_) => &register::INGEN_AFTALE,
        };
        let problem = Problem::new(entry).with("kommune", kommune);
        self.push(sent, Field::AdmKommuneKode, problem);
        None
    }

    fn is_known(&self, kommune: Kommunekode) -> bool {
        let table = &self.rules.tables.kommune;
        table.tekst(i32::from(kommune.0)).is_some()
    }

    /// An update needs the right to what the record becomes as well: in a new kommune, under another ownership, with
    /// another P-number.
    pub(super) fn as_updated(
        &mut self,
        sent: &Sent,
        (existing, before): (&Record, &Sted),
        parent: Option<&Record>,
    ) -> Result<()> {
        let (field, after) = match &*existing.content {
            Content::Daginstitution(fields) => {
                let kommune = sent.kommune(Field::AdmKommuneKode);
                let kommune = kommune.unwrap_or(fields.adm_kommune);
                let field = if kommune == fields.adm_kommune {
                    Field::EjerformKode
                } else {
                    Field::AdmKommuneKode
                };
                let after = self.places.top(existing.nummer, kommune, is_privat(sent))?;
                (field, Some(after))
            }
            Content::Anvisningsenhed(_) => {
                let p_nummer = sent.p_number(Field::PNummer);
                let after = match parent {
                    Some(parent) => self.places.under(parent, Some(existing.nummer), p_nummer)?,
                    None => None,
                };
                (Field::PNummer, after)
            }
            Content::AlternativAdresse(_) => return Ok(()),
        };
        let after = after.as_ref().unwrap_or(before);
        let (kind, level) = (self.import.kind, self.import.level);
        if authorise(self.rights, kind, level, Some(before), Some(after)).is_ok() {
            return Ok(());
        }
        let problem = if field != Field::AdmKommuneKode {
            Problem::new(&register::UDENFOR_RET)
                .with("felt", field.name())
                .with("vaerdi", sent.text(field).unwrap_or_default())
                .with("nummer", existing.nummer)
        } else if self.is_known(after.kommune) {
            Problem::new(&register::BEGGE_KOMMUNER)
                .with("fra", before.kommune)
                .with("til", after.kommune)
        } else {
            // A code that no table has is told as such.
            return Ok(());
        };
        self.push(sent, field, problem);
        Ok(())
    }

    /// The open record that a write is about, which the caller may change. An unknown number and a foreign one are
    /// answered alike, after the same look-ups.
    pub(super) fn existing(&mut self, sent: &Sent) -> Result<Found> {
        let level = self.import.level;
        let Some(named) = self.named(sent, level.number(), level)? else {
            return Ok(None);
        };
        if !self.seen.insert(named.number) {
            self.problems.push(alone::twice(sent, named.number));
            return Ok(None);
        }
        let found = self.reachable(named)?;
        let entries = (&register::UKENDT_NUMMER, &register::LUKKET);
        let found = self.open_record(sent, named, found, entries);
        if let Some((existing, _)) = &found {
            self.expected_version(sent, existing);
        }
        Ok(found)
    }

    /// A number as sent that may name a record of a level.
    fn named(&mut self, sent: &Sent, field: Field, level: Niveau) -> Result<Option<Named>> {
        let Some(number) = sent.number(field) else {
            return Ok(None);
        };
        let usable = self.usable(sent, (field, 0, number))?;
        Ok(usable.then_some(Named {
            field,
            level,
            number,
        }))
    }

    fn expected_version(&mut self, sent: &Sent, existing: &Record) {
        let Some(expected) = &sent.expected_version else {
            return;
        };
        if expected.text.parse() != Ok(existing.life.version) {
            let mut place = sent.place();
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

    /// The open record that something is put under. The caller must have the right to what is put there: a parent
    /// where it has none is as one that does not exist.
    fn parent(
        &mut self,
        sent: &Sent,
        field: Field,
        moved: Option<Institutionsnummer>,
        p_nummer: Option<PNummer>,
    ) -> Result<Found<Rc<Record>>> {
        let (kind, own_level) = (self.import.kind, self.import.level);
        let level = own_level.parent().unwrap_or(own_level);
        let Some(named) = self.named(sent, field, level)? else {
            return Ok(None);
        };
        let found = match self.parents.get(&named.number) {
            Some(known) => known.clone(),
            None => {
                let found = self.view.record(named.number)?.map(Rc::new);
                self.parents.insert(named.number, found.clone());
                found
            }
        };
        let found = match found.filter(|parent| parent.niveau() == level) {
            Some(parent) => {
                let after = self.places.under(&parent, moved, p_nummer)?;
                let right = after.filter(|after| {
                    authorise(self.rights, kind, own_level, None, Some(after)).is_ok()
                });
                right.map(|right| (parent, right))
            }
            None => None,
        };
        let entries = (&register::FORAELDER_UKENDT, &register::FORAELDER_LUKKET);
        Ok(self.open_record(sent, named, found, entries))
    }

    /// A record if it is there and open; else one of the two refusals, at the field that names it.
    fn open_record<R: Borrow<Record>>(
        &mut self,
        sent: &Sent,
        named: Named,
        found: Found<R>,
        (unknown, closed): (&'static Entry, &'static Entry),
    ) -> Found<R> {
        let since = |(record, _): &(R, Sted)| record.borrow().life.nedlagt;
        let problem = match found.as_ref().map(since) {
            Some(None) => return found,
            Some(Some(since)) => Problem::new(closed)
                .with("nummer", named.number)
                .with("nedlagt", since),
            None => Problem::new(unknown)
                .with("niveau", named.level.element())
                .with("nummer", named.number),
        };
        self.push(sent, named.field, problem);
        None
    }

    /// An update names the parent that the record has.
    pub(super) fn same_parent(&mut self, sent: &Sent, existing: &Record) -> Result<()> {
        let level = self.import.level;
        let (Some(field), Some(parent)) = (parent_field(level), existing.content.parent()) else {
            return Ok(());
        };
        let Some(named) = self.named(sent, field, level)? else {
            return Ok(());
        };
        if named.number != parent {
            let operation = match level {
                Niveau::AlternativAdresse => "MoveAlternativAdresse",
                _ => "MoveAnvisningsEnhed",
            };
            let problem = Problem::new(&register::FORAELDER_ANDEN)
                .with("nummer", existing.nummer)
                .with("foraelder", parent)
                .with("sendt", named.number)
                .with("operation", operation);
            self.push(sent, field, problem);
        }
        Ok(())
    }

    /// A move goes to another open parent in the same kommune.
    pub(super) fn destination(
        &mut self,
        sent: &Sent,
        existing: Option<&Record>,
    ) -> Result<Option<Rc<Record>>> {
        let field = match self.import.level {
            Niveau::AlternativAdresse => Field::NytEnhedsNummer,
            _ => Field::NytDaginstitutionsNummer,
        };
        let moved = existing.map(|existing| existing.nummer);
        let p_nummer = existing.and_then(|existing| existing.content.p_nummer());
        let parent = self.parent(sent, field, moved, p_nummer)?;
        let (Some((parent, _)), Some(existing)) = (parent, existing) else {
            return Ok(None);
        };
        let entry: &'static Entry = if existing.content.parent() == Some(parent.nummer) {
            &register::FLYT_SAMME
        } else if self.view.adm_kommune(existing.nummer)? != self.view.adm_kommune(parent.nummer)? {
            &register::FLYT_ANDEN_KOMMUNE
        } else {
            return Ok(Some(parent));
        };
        let problem = Problem::new(entry)
            .with("nummer", existing.nummer)
            .with("til", parent.nummer);
        self.push(sent, field, problem);
        Ok(None)
    }

    /// The record of this number and level with its place, if the caller may write it.
    fn reachable(&self, named: Named) -> Result<Found> {
        let Some(found) = self.view.record(named.number)? else {
            return Ok(None);
        };
        let Some(sted) = self.places.of(&found)? else {
            return Ok(None);
        };
        let (kind, level) = (self.import.kind, named.level);
        let own = authorise(self.rights, kind, level, Some(&sted), None).is_ok();
        Ok(Some((found, sted)).filter(|(record, _)| own && record.niveau() == level))
    }
}

/// Whether the ownership as sent is private.
fn is_privat(sent: &Sent) -> bool {
    sent.code(Field::EjerformKode) == Some(PRIVAT)
}

/// The field in which an insert or an update names the parent.
const fn parent_field(level: Niveau) -> Option<Field> {
    match level.parent() {
        Some(parent) => Some(parent.number()),
        None => None,
    }
}
