//! Gathers what [`super::authorise`] decides on: a caller's rights as they stand, and a record's place.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use crate::identity::Caller;
use crate::mirror::{Mirrors, ProductionUnit};
use crate::register::{
    Aftale, Content, Cvr, Dato, Institutionsnummer, Kommunekode, Niveau, Omfang, PNummer, Part,
    Record, Sted, Tidspunkt,
};
use crate::store::{Aftaler, OrgArt, Read, Result, StoreError, Udvalg};

use super::authorise::{Privat, Rettigheder};

/// The ejerform of private institutions (register of codes, `ejerform`).
pub const PRIVAT: i32 = 3;

/// The caller's rights as the register has them now: what has been closed or withdrawn since it was identified counts.
pub fn rettigheder(
    view: &dyn Read,
    caller: &Caller,
    sagsnummer: bool,
    privat: Privat,
    now: Tidspunkt,
) -> Result<Rettigheder> {
    let closed = |since| crate::store::Organisation {
        lukket: Some(since),
        ..caller.organisation.clone()
    };
    let organisation = view
        .organisation(caller.organisation.cvr)?
        .unwrap_or_else(|| closed(now));
    let (system_lukket, aftaler) = match &caller.system {
        None => (false, Vec::new()),
        Some(system) => {
            let stands = view.system(system.id)?;
            let lukket = stands.is_none_or(|system| system.lukket.is_some());
            (lukket, view.aftaler(Aftaler::AabneFor(system.id))?)
        }
    };
    Ok(Rettigheder {
        organisation,
        system_lukket,
        aftaler,
        dag: dag(now)?,
        sagsnummer,
        privat,
    })
}

/// The Danish day.
pub fn dag(now: Tidspunkt) -> Result<Dato> {
    Dato::dansk(now).ok_or_else(|| StoreError::Failed("the clock is beyond all dates".into()))
}

/// Finds out where records stand, in one view.
pub struct Steder<'a> {
    view: &'a dyn Read,
    spejle: &'a Mirrors,
    dag: Dato,
    /// Whether it matters who owns what is private.
    ejere: bool,
}

impl std::fmt::Debug for Steder<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Steder")
            .field("dag", &self.dag)
            .finish_non_exhaustive()
    }
}

impl<'a> Steder<'a> {
    /// For a caller's decisions.
    pub fn new(view: &'a dyn Read, ret: &Rettigheder, spejle: &'a Mirrors) -> Self {
        let of_an_owner = |aftale: &Aftale| matches!(aftale.part, Part::Ejer(_));
        Self {
            view,
            spejle,
            dag: ret.dag,
            ejere: ret.organisation.art == OrgArt::PrivatEjer
                || ret.aftaler.iter().any(of_an_owner),
        }
    }

    /// For what agreements cover on a day, whoever calls.
    pub fn on(view: &'a dyn Read, dag: Dato, spejle: &'a Mirrors) -> Self {
        Self {
            view,
            spejle,
            dag,
            ejere: true,
        }
    }

    /// Where a record stands; none for one whose parents the register does not have.
    pub fn of(&self, record: &Record) -> Result<Option<Sted>> {
        match &record.content {
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
        if self.ejere && privat {
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
        let Content::Daginstitution(fields) = &top.content else {
            return Ok(None);
        };
        let mut sted = Sted {
            kommune: fields.adm_kommune,
            privat: fields.ejerform == PRIVAT,
            numre: own.into_iter().chain([top.nummer]).collect(),
            p_nummer,
            ejer: None,
        };
        if self.ejere && sted.privat {
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
        let unit = self.spejle.cvr.as_deref()?.production_unit(p_nummer?);
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
        let udvalg = Udvalg {
            parent: Some(top),
            ..Udvalg::default()
        };
        let mut units = Vec::new();
        self.view.records(&udvalg, &mut |unit| {
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
                if let (Part::Ejer(cvr), true) = (aftale.part, aftale.gaelder(self.dag)) {
                    owners.insert(cvr);
                }
            }
        }
        // Two owners of one thing prove nothing.
        Ok(owners.pop_first().filter(|_| owners.is_empty()))
    }
}

/// The open records that an agreement covers on a day, by number.
pub fn covered(
    view: &dyn Read,
    aftale: &Aftale,
    dag: Dato,
    spejle: &Mirrors,
) -> Result<Vec<Institutionsnummer>> {
    let steder = Steder::on(view, dag, spejle);
    let mut posts = Vec::new();
    let mut gather = |udvalg: &Udvalg| {
        view.records(udvalg, &mut |record| {
            posts.push(record);
            ControlFlow::Continue(())
        })
    };
    match (&aftale.omfang, aftale.part) {
        (Omfang::Alle, Part::Kommune(kommune)) => gather(&Udvalg {
            adm_kommune: Some(kommune),
            ..Udvalg::default()
        })?,
        (Omfang::Alle, Part::Ejer(_)) => gather(&Udvalg::default())?,
        (Omfang::PNumre(list), _) => {
            for &number in list {
                gather(&Udvalg {
                    p_nummer: Some(number),
                    ..Udvalg::default()
                })?;
            }
            let units: Vec<_> = posts.iter().map(|record: &Record| record.nummer).collect();
            for unit in units {
                view.records(
                    &Udvalg {
                        parent: Some(unit),
                        ..Udvalg::default()
                    },
                    &mut |record| {
                        posts.push(record);
                        ControlFlow::Continue(())
                    },
                )?;
            }
        }
        (Omfang::Institutioner(list), _) => {
            for &number in list {
                below(view, number, &mut posts)?;
            }
        }
    }
    let mut numbers = BTreeSet::new();
    for record in posts {
        if record.is_active()
            && steder
                .of(&record)?
                .is_some_and(|sted| aftale.daekker(&sted))
        {
            numbers.insert(record.nummer);
        }
    }
    Ok(numbers.into_iter().collect())
}

/// A record and everything under it: three levels at most.
fn below(view: &dyn Read, top: Institutionsnummer, posts: &mut Vec<Record>) -> Result<()> {
    let mut level: Vec<Record> = view.record(top)?.into_iter().collect();
    while !level.is_empty() {
        let mut next = Vec::new();
        for record in level {
            view.records(
                &Udvalg {
                    parent: Some(record.nummer),
                    ..Udvalg::default()
                },
                &mut |child| {
                    next.push(child);
                    ControlFlow::Continue(())
                },
            )?;
            posts.push(record);
        }
        level = next;
    }
    Ok(())
}
