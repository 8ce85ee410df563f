//! What a decision rests on: a caller's rights as they stand, and a record's place.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use crate::mirror::{Mirrors, ProductionUnit};
use crate::register::{
    Aftale, Content, Cvr, Dato, Institutionsnummer, Kommunekode, Niveau, PNummer, Part, Record,
    Sted,
};
use crate::store::{Aftaler, OrgKind, Read, Result, Selection};

use super::rights::Rights;

/// The ejerform of private institutions (register of codes, `ejerform`).
pub const PRIVAT: i32 = 3;

/// Finds out where records stand, in one view.
pub struct Places<'a> {
    view: &'a dyn Read,
    mirrors: &'a Mirrors,
    day: Dato,
    /// Whether it matters who owns what is private.
    owners_matter: bool,
}

/// All records of a selection.
pub(super) fn records(view: &dyn Read, selection: &Selection) -> Result<Vec<Record>> {
    let mut found = Vec::new();
    view.records(selection, &mut |record| {
        found.push(record);
        ControlFlow::Continue(())
    })?;
    Ok(found)
}

impl std::fmt::Debug for Places<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Places")
            .field("day", &self.day)
            .finish_non_exhaustive()
    }
}

impl<'a> Places<'a> {
    /// For a caller's decisions.
    pub fn new(view: &'a dyn Read, rights: &Rights, mirrors: &'a Mirrors) -> Self {
        let of_an_owner = |aftale: &Aftale| matches!(aftale.part, Part::Ejer(_));
        Self {
            owners_matter: rights.organisation.art == OrgKind::PrivatEjer
                || rights.aftaler.iter().any(of_an_owner),
            ..Self::on(view, rights.today, mirrors)
        }
    }

    /// For what agreements cover on a day, whoever calls.
    pub fn on(view: &'a dyn Read, day: Dato, mirrors: &'a Mirrors) -> Self {
        Self {
            view,
            mirrors,
            day,
            owners_matter: true,
        }
    }

    /// Where a record stands; none for one whose parents the register does not have.
    pub fn of(&self, record: &Record) -> Result<Option<Sted>> {
        match &*record.content {
            Content::Daginstitution(top) => {
                let privat = top.ejerform == PRIVAT;
                self.top(record.nummer, top.adm_kommune, privat).map(Some)
            }
            Content::Anvisningsenhed(unit) => {
                let parent = self.view.record(unit.daginstitution)?;
                let p_nummer = unit.p_nummer;
                parent.map_or(Ok(None), |top| {
                    self.unit(&top, Some(record.nummer), p_nummer)
                })
            }
            Content::AlternativAdresse(extra) => {
                let parent = self.view.record(extra.enhed)?;
                parent.map_or(Ok(None), |unit| self.address(&unit, Some(record.nummer)))
            }
        }
    }

    /// Where a record would stand under a parent of the right level; none when it is of another.
    pub fn under(
        &self,
        parent: &Record,
        own: Option<Institutionsnummer>,
        p_nummer: Option<PNummer>,
    ) -> Result<Option<Sted>> {
        match parent.niveau() {
            Niveau::Daginstitution => self.unit(parent, own, p_nummer),
            Niveau::Anvisningsenhed => self.address(parent, own),
            Niveau::AlternativAdresse => Ok(None),
        }
    }

    /// Where a daginstitution stands, or would with another kommune or ownership.
    pub fn top(
        &self,
        number: Institutionsnummer,
        kommune: Kommunekode,
        privat: bool,
    ) -> Result<Sted> {
        let mut sted = Sted {
            numre: vec![number],
            ..Sted::ny(kommune, privat)
        };
        if self.owners_matter && privat {
            sted.ejer = match self.proven(&sted.numre, None)? {
                Some(owner) => Some(owner),
                None => self.owner_of_all(number)?,
            };
        }
        Ok(sted)
    }

    fn unit(
        &self,
        top: &Record,
        own: Option<Institutionsnummer>,
        p_nummer: Option<PNummer>,
    ) -> Result<Option<Sted>> {
        let Content::Daginstitution(fields) = &*top.content else {
            return Ok(None);
        };
        let mut sted = Sted {
            numre: own.into_iter().chain([top.nummer]).collect(),
            p_nummer,
            ..Sted::ny(fields.adm_kommune, fields.ejerform == PRIVAT)
        };
        if self.owners_matter && sted.privat {
            sted.ejer = match self.proven(&sted.numre, p_nummer)? {
                Some(owner) => Some(owner),
                None => self.owner_of_unit(top.nummer, own, p_nummer)?,
            };
        }
        Ok(Some(sted))
    }

    /// An alternative address is where its unit is, and whose its unit is.
    fn address(&self, unit: &Record, own: Option<Institutionsnummer>) -> Result<Option<Sted>> {
        if unit.niveau() != Niveau::Anvisningsenhed {
            return Ok(None);
        }
        let mut sted = self.of(unit)?;
        if let (Some(sted), Some(own)) = (&mut sted, own) {
            sted.numre.insert(0, own);
        }
        Ok(sted)
    }

    /// Whose a unit is by its P-number. What comes under another parent than it has needs that parent to be the same
    /// owner's: a P-number of one's own gives no right to other people's daginstitutioner.
    fn owner_of_unit(
        &self,
        top: Institutionsnummer,
        own: Option<Institutionsnummer>,
        p_nummer: Option<PNummer>,
    ) -> Result<Option<Cvr>> {
        let Some(owner) = self.in_mirror(p_nummer) else {
            return Ok(None);
        };
        let before = own.map(|own| self.view.record(own)).transpose()?.flatten();
        let stays = before.is_some_and(|before| before.content.parent() == Some(top));
        let owns = stays || self.owner_of_all(top)? == Some(owner);
        Ok(owns.then_some(owner))
    }

    /// Whose a P-number is, as far as a loaded mirror of CVR proves: a unit in operation with a company. A mirror that
    /// fails proves nothing.
    fn in_mirror(&self, p_nummer: Option<PNummer>) -> Option<Cvr> {
        let unit = self.mirrors.cvr.as_deref()?.production_unit(p_nummer?);
        match unit {
            Ok(unit) => unit.filter(ProductionUnit::is_active)?.cvr,
            Err(error) => {
                tracing::error!(%error, "a mirror fails; it proves no ownership");
                None
            }
        }
    }

    /// Whose all open units of a daginstitution are, if it has any.
    fn owner_of_all(&self, top: Institutionsnummer) -> Result<Option<Cvr>> {
        let units = records(self.view, &Selection::under(top))?;
        let mut owners = BTreeSet::new();
        for unit in units {
            let p_nummer = unit.content.p_nummer();
            let owner = self.proven(&[unit.nummer], p_nummer)?;
            owners.insert(owner.or_else(|| self.in_mirror(p_nummer)));
        }
        let mut owners = owners.into_iter();
        Ok(match (owners.next(), owners.next()) {
            (Some(owner), None) => owner,
            _ => None,
        })
    }

    /// Whose a record is, as far as an agreement in force proves that names it, what is above it, or its unit's P-number.
    fn proven(
        &self,
        numbers: &[Institutionsnummer],
        p_nummer: Option<PNummer>,
    ) -> Result<Option<Cvr>> {
        let numbers = numbers.iter().map(Institutionsnummer::as_str);
        let mut owners = BTreeSet::new();
        for value in numbers.chain(p_nummer.as_ref().map(PNummer::as_str)) {
            for aftale in self.view.aftaler(Aftaler::AabneOm(value))? {
                if let (Part::Ejer(cvr), true) = (aftale.part, aftale.gaelder(self.day)) {
                    owners.insert(cvr);
                }
            }
        }
        // Two owners of one thing prove nothing.
        Ok(owners.pop_first().filter(|_| owners.is_empty()))
    }
}
