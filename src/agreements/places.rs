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
            view,
            mirrors,
            day: rights.today,
            owners_matter: rights.organisation.art == OrgKind::PrivatEjer
                || rights.aftaler.iter().any(of_an_owner),
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
            kommune,
            privat,
            numre: vec![number],
            p_nummer: None,
            ejer: None,
        };
        if self.owners_matter && privat {
            sted.ejer = match self.proven(&sted)? {
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
            kommune: fields.adm_kommune,
            privat: fields.ejerform == PRIVAT,
            numre: own.into_iter().chain([top.nummer]).collect(),
            p_nummer,
            ejer: None,
        };
        if self.owners_matter && sted.privat {
            sted.ejer = match self.proven(&sted)? {
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
        let before = match own {
            Some(own) => self.view.record(own)?,
            None => None,
        };
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
        let selection = Selection {
            parent: Some(top),
            ..Selection::default()
        };
        let mut units = Vec::new();
        self.view.records(&selection, &mut |unit| {
            units.push((unit.nummer, unit.content.p_nummer()));
            ControlFlow::Continue(())
        })?;
        let mut owners = BTreeSet::new();
        for (number, p_nummer) in units {
            let values = [number.to_string()]
                .into_iter()
                .chain(p_nummer.map(|p| p.to_string()));
            let owner = self.proven_by(values)?;
            owners.insert(owner.or_else(|| self.in_mirror(p_nummer)));
        }
        let mut owners = owners.into_iter();
        Ok(match (owners.next(), owners.next()) {
            (Some(owner), None) => owner,
            _ => None,
        })
    }

    /// Whose a record in a place is, as far as an agreement in force that names it, its unit's P-number or what is
    /// above it proves.
    fn proven(&self, sted: &Sted) -> Result<Option<Cvr>> {
        let numbers = sted.numre.iter().map(ToString::to_string);
        self.proven_by(numbers.chain(sted.p_nummer.map(|p| p.to_string())))
    }

    fn proven_by(&self, values: impl Iterator<Item = String>) -> Result<Option<Cvr>> {
        let mut owners = BTreeSet::new();
        for value in values {
            for aftale in self.view.aftaler(Aftaler::AabneOm(&value))? {
                if let (Part::Ejer(cvr), true) = (aftale.part, aftale.gaelder(self.day)) {
                    owners.insert(cvr);
                }
            }
        }
        // Two owners of one thing prove nothing.
        Ok(owners.pop_first().filter(|_| owners.is_empty()))
    }
}
