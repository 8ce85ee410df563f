//! Where a record stands and goes, and whether the caller may write there. An unknown number and a foreign one are
//! answered alike.

use crate::message::{Field, RawRecord};
use crate::problem::{Entry, Problem, register};
use crate::register::{Content, Institutionsnummer, Niveau, PNummer, Record, Sted};
use crate::store::Result;

use super::super::alone::{self, number_field};
use super::super::authorise::{Denied, authorise};
use super::super::sent::{sent_kommune, sent_p_nummer, sent_privat};
use super::Check;

impl Check<'_> {
    /// Where a new record is put: in a kommune the caller may write in, or under a parent there.
    pub(super) fn new_place(&mut self, record: &RawRecord) -> Result<Option<Record>> {
        match parent_field(self.import.level) {
            None => {
                self.writable_kommune(record);
                Ok(None)
            }
            Some((field, level)) => self.parent(record, field, level, None, sent_p_nummer(record)),
        }
    }

    /// The kommune of a daginstitution as sent.
    fn writable_kommune(&mut self, record: &RawRecord) {
        let Some(kommune) = sent_kommune(record) else {
            return;
        };
        if self.tables.kommune.tekst(i32::from(kommune.0)).is_none() {
            return;
        }
        let privat = sent_privat(record);
        let entry: &'static Entry = match self.rights.in_kommune(kommune, privat) {
            Ok(_) => {
                self.in_whose_name(record, &Sted::ny(kommune, privat));
                return;
            }
            Err(Denied::OtherKommune) => &register::FREMMED_KOMMUNE,
            Err(Denied::PrivatAfEjer) => &register::PRIVAT_AF_EJER,
            Err(Denied::AftaleUdloebet) => &register::AFTALE_UDLOEBET,
            Err(_) => &register::INGEN_AFTALE,
        };
        self.push(
            record,
            Field::AdmKommuneKode,
            Problem::new(entry).with("kommune", kommune),
        );
    }

    /// An update needs the right to what the record becomes as well: in a new kommune, under another ownership, with
    /// another P-number.
    pub(super) fn as_updated(
        &mut self,
        record: &RawRecord,
        existing: &Record,
        before: &Sted,
    ) -> Result<()> {
        let (field, after) = match &existing.content {
            Content::Daginstitution(fields) => {
                let kommune = sent_kommune(record).unwrap_or(fields.adm_kommune);
                let field = if kommune == fields.adm_kommune {
                    Field::EjerformKode
                } else {
                    Field::AdmKommuneKode
                };
                let privat = sent_privat(record);
                (field, self.places.top(existing.nummer, kommune, privat)?)
            }
            Content::Anvisningsenhed(fields) => {
                let parent = self.view.record(fields.daginstitution)?;
                let p_nummer = sent_p_nummer(record);
                let after = match &parent {
                    Some(parent) => self.places.under(parent, Some(existing.nummer), p_nummer)?,
                    None => None,
                };
                (Field::PNummer, after.unwrap_or_else(|| before.clone()))
            }
            Content::AlternativAdresse(_) => return Ok(()),
        };
        let level = self.import.level;
        if authorise(
            self.rights,
            self.import.kind,
            level,
            Some(before),
            Some(&after),
        )
        .is_ok()
        {
            return Ok(());
        }
        if field == Field::AdmKommuneKode {
            // A code that no table has is told as such.
            if self
                .tables
                .kommune
                .tekst(i32::from(after.kommune.0))
                .is_some()
            {
                let problem = Problem::new(&register::BEGGE_KOMMUNER)
                    .with("fra", before.kommune)
                    .with("til", after.kommune);
                self.push(record, field, problem);
            }
            return Ok(());
        }
        let problem = Problem::new(&register::UDENFOR_RET)
            .with("felt", field.name())
            .with("vaerdi", record.text(field).unwrap_or_default())
            .with("nummer", existing.nummer);
        self.push(record, field, problem);
        Ok(())
    }

    /// The open record that a write is about, which the caller may change. An unknown number and a foreign one are
    /// answered alike, after the same look-ups.
    pub(super) fn existing(&mut self, record: &RawRecord) -> Result<Option<(Record, Sted)>> {
        let level = self.import.level;
        let field = number_field(level);
        let Some(number) = self.number(record, field, 0)? else {
            return Ok(None);
        };
        if !self.seen.insert(number) {
            let operation = self.import.request.operation;
            self.problems
                .push(alone::twice(record, operation, field, number));
            return Ok(None);
        }
        let found = self.reachable(number, level)?;
        let sted = found.as_ref().map(|(_, sted)| sted.clone());
        let found = self.open_record(
            record,
            field,
            level,
            number,
            found.map(|(record, _)| record),
            (&register::UKENDT_NUMMER, &register::LUKKET),
        );
        if let Some(existing) = &found {
            self.expected_version(record, existing);
        }
        let found = found.zip(sted);
        if let Some((_, sted)) = &found {
            self.in_whose_name(record, sted);
        }
        Ok(found)
    }

    /// Keeps whose agreement lets the caller write a record.
    fn in_whose_name(&mut self, record: &RawRecord, sted: &Sted) {
        let part = self.rights.part(self.import.kind, self.import.level, sted);
        if let Some(part) = part {
            self.parter.insert(record.nr, part);
        }
    }

    /// The open record that something is put under. The caller must have the right to what is put there: a parent
    /// where it has none is as one that does not exist.
    fn parent(
        &mut self,
        record: &RawRecord,
        field: Field,
        level: Niveau,
        moved: Option<Institutionsnummer>,
        p_nummer: Option<PNummer>,
    ) -> Result<Option<Record>> {
        let Some(number) = self.number(record, field, 0)? else {
            return Ok(None);
        };
        let found = match self.parents.get(&number) {
            Some(known) => known.clone(),
            None => {
                let found = self.view.record(number)?;
                self.parents.insert(number, found.clone());
                found
            }
        };
        let own_level = self.import.level;
        let found = match found.filter(|parent| parent.niveau() == level) {
            Some(parent) => {
                let after = self.places.under(&parent, moved, p_nummer)?;
                let right = after.filter(|after| {
                    authorise(self.rights, self.import.kind, own_level, None, Some(after)).is_ok()
                });
                if let (Some(after), None) = (&right, moved) {
                    self.in_whose_name(record, after);
                }
                let right = right.is_some();
                Some(parent).filter(|_| right)
            }
            None => None,
        };
        let entries = (&register::FORAELDER_UKENDT, &register::FORAELDER_LUKKET);
        Ok(self.open_record(record, field, level, number, found, entries))
    }

    /// A record if it is there and open; else one of the two refusals, at the field that names it.
    fn open_record(
        &mut self,
        record: &RawRecord,
        field: Field,
        level: Niveau,
        number: Institutionsnummer,
        found: Option<Record>,
        (unknown, closed): (&'static Entry, &'static Entry),
    ) -> Option<Record> {
        let problem = match found.as_ref().map(|record| record.life.nedlagt) {
            Some(None) => return found,
            Some(Some(since)) => Problem::new(closed)
                .with("nummer", number)
                .with("nedlagt", since),
            None => Problem::new(unknown)
                .with("niveau", level.element())
                .with("nummer", number),
        };
        self.push(record, field, problem);
        None
    }

    /// An update names the parent that the record has.
    pub(super) fn same_parent(&mut self, record: &RawRecord, existing: &Record) -> Result<()> {
        let (Some((field, _)), Some(parent)) =
            (parent_field(self.import.level), existing.content.parent())
        else {
            return Ok(());
        };
        let Some(sent) = self.number(record, field, 0)? else {
            return Ok(());
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
            self.push(record, field, problem);
        }
        Ok(())
    }

    /// A move goes to another open parent in the same kommune.
    pub(super) fn destination(
        &mut self,
        record: &RawRecord,
        existing: Option<&Record>,
    ) -> Result<Option<Record>> {
        let (field, level) = match self.import.level {
            Niveau::AlternativAdresse => (Field::NytEnhedsNummer, Niveau::Anvisningsenhed),
            _ => (Field::NytDaginstitutionsNummer, Niveau::Daginstitution),
        };
        let moved = existing.map(|existing| existing.nummer);
        let p_nummer = existing.and_then(|existing| existing.content.p_nummer());
        let parent = self.parent(record, field, level, moved, p_nummer)?;
        let (Some(parent), Some(existing)) = (parent, existing) else {
            return Ok(None);
        };
        let entry: &'static Entry = if existing.content.parent() == Some(parent.nummer) {
            &register::FLYT_SAMME
        } else if self.view.adm_kommune(existing.nummer)? != self.view.adm_kommune(parent.nummer)? {
            &register::FLYT_ANDEN_KOMMUNE
        } else {
            return Ok(Some(parent));
        };
        self.push(
            record,
            field,
            Problem::new(entry)
                .with("nummer", existing.nummer)
                .with("til", parent.nummer),
        );
        Ok(None)
    }

    /// The record of this number and level with its place, if the caller may write it.
    fn reachable(
        &self,
        number: Institutionsnummer,
        level: Niveau,
    ) -> Result<Option<(Record, Sted)>> {
        let Some(found) = self.view.record(number)? else {
            return Ok(None);
        };
        let Some(sted) = self.places.of(&found)? else {
            return Ok(None);
        };
        let kind = self.import.kind;
        let own = authorise(self.rights, kind, level, Some(&sted), None).is_ok();
        Ok(Some((found, sted)).filter(|(record, _)| own && record.niveau() == level))
    }
}

/// The field that names the parent, and the parent's level.
const fn parent_field(level: Niveau) -> Option<(Field, Niveau)> {
    match level {
        Niveau::Daginstitution => None,
        Niveau::Anvisningsenhed => Some((Field::DaginstitutionsNummer, Niveau::Daginstitution)),
        Niveau::AlternativAdresse => Some((Field::EnhedsNummer, Niveau::Anvisningsenhed)),
    }
}
