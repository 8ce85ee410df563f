//! Who decides over agreements, and over which: a kommune over its own, a private owner over its own, a person over P-numbers
//! of an organisation, the operator over all.

use std::collections::BTreeSet;

use super::places::records;
use super::refused::{AgreementRefused, RequestRefused, Unchanged};
use crate::register::{
    Aftale, Content, Cvr, Institutionsnummer, Omfang, PNummer, Part, Person, Record, System,
};
use crate::store::{OrgKind, Organisation, Read, Result, Selection};

/// Over whose agreements somebody decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Covers {
    /// Everybody's: the register's operator.
    Alt,
    /// All of a kommune's, or all of a private owner's.
    Part(Part),
    /// What names nothing but places with this P-number: of whichever kommune, and of the private owner that is acted for. All
    /// units with the number are such places.
    PNummer(PNummer, Cvr),
}

/// Who decides over agreements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decider {
    /// The organisation for which it is done; none at the register's own machine.
    pub organisation: Option<Organisation>,
    /// Whose systems are its own beside that organisation's: nobody lets those act. Of a person never empty.
    pub own: BTreeSet<Cvr>,
    /// Over whose; what one does not reach, several may together.
    pub covers: Vec<Covers>,
    /// The person who does it, where one signed in.
    pub person: Option<Person>,
}

impl Decider {
    /// Somebody at the register's own machine.
    pub fn console() -> Self {
        Self {
            organisation: None,
            own: BTreeSet::new(),
            covers: vec![Covers::Alt],
            person: None,
        }
    }

    /// An organisation with its certificate; none for a kind that has nothing to decide over.
    pub fn of(organisation: &Organisation) -> Option<Self> {
        let covers = match organisation.art {
            OrgKind::Operatoer => Covers::Alt,
            _ => Covers::Part(principal_of(organisation)?),
        };
        Some(Self {
            organisation: Some(organisation.clone()),
            own: BTreeSet::new(),
            covers: vec![covers],
            person: None,
        })
    }

    /// Whether it decides over everybody's.
    pub fn is_operator(&self) -> bool {
        self.covers.contains(&Covers::Alt)
    }

    /// The principals of which it may decide over something: those that it decides for, and the kommuner of units with its
    /// P-numbers.
    pub fn parts(&self, view: &dyn Read) -> Result<Vec<Part>> {
        let mut parts = Vec::new();
        for covers in &self.covers {
            match *covers {
                Covers::Alt => {}
                Covers::Part(part) => parts.push(part),
                Covers::PNummer(number, cvr) => {
                    parts.push(Part::Ejer(cvr));
                    let units = Selection {
                        p_nummer: Some(number),
                        ..Selection::default()
                    };
                    for unit in records(view, &units)? {
                        parts.extend(view.adm_kommune(unit.nummer)?.map(Part::Kommune));
                    }
                }
            }
        }
        let mut each = Vec::with_capacity(parts.len());
        for part in parts {
            if !each.contains(&part) {
                each.push(part);
            }
        }
        Ok(each)
    }

    /// Whether it decides over what a principal lets a system do in a scope.
    pub fn decides(&self, view: &dyn Read, part: Part, omfang: &Omfang) -> Result<bool> {
        if self.is_operator() || self.covers.contains(&Covers::Part(part)) {
            return Ok(true);
        }
        let is_place = |place: PNummer| {
            self.covers.iter().any(|covers| match (covers, part) {
                (Covers::PNummer(own, _), Part::Kommune(_)) => *own == place,
                (Covers::PNummer(own, cvr), Part::Ejer(asked)) => *own == place && *cvr == asked,
                (Covers::Alt | Covers::Part(_), _) => false,
            })
        };
        match omfang {
            Omfang::Alle => Ok(false),
            // What names nothing is about nothing that anybody reaches.
            Omfang::PNumre(list) => {
                Ok(!list.is_empty() && list.iter().all(|&number| is_place(number)))
            }
            Omfang::Institutioner(list) => {
                for &number in list {
                    if !p_number(view, number)?.is_some_and(is_place) {
                        return Ok(false);
                    }
                }
                Ok(!list.is_empty())
            }
        }
    }

    /// Whether a system is of its own organisation: nobody lets that act.
    pub fn owns(&self, view: &dyn Read, system: &System) -> Result<bool> {
        if self.own.contains(&system.ejer) {
            return Ok(true);
        }
        Ok(match &self.organisation {
            Some(own) => own.cvr == system.ejer,
            // A person whose organisation is not registered.
            None if !self.own.is_empty() => false,
            None => {
                let owner = view.organisation(system.ejer)?;
                owner.is_some_and(|owner| owner.art == OrgKind::Operatoer)
            }
        })
    }

    /// An agreement that it decides over: one that is not there, and one of others, are told alike.
    pub(super) fn own(
        &self,
        view: &dyn Read,
        aftale: Aftale,
    ) -> std::result::Result<Aftale, Unchanged<RequestRefused>> {
        match self.decides(view, aftale.part, &aftale.omfang)? {
            true => Ok(aftale),
            false => Err(Unchanged::Refused(
                AgreementRefused::Unknown(aftale.id).into(),
            )),
        }
    }
}

/// As whom an organisation lets systems act.
pub fn principal_of(organisation: &Organisation) -> Option<Part> {
    match organisation.art {
        OrgKind::Kommune => organisation.kommune.map(Part::Kommune),
        OrgKind::PrivatEjer => Some(Part::Ejer(organisation.cvr)),
        OrgKind::Leverandoer | OrgKind::Aftager | OrgKind::Operatoer => None,
    }
}

/// The P-number of the unit that a record is, or belongs to.
fn p_number(view: &dyn Read, number: Institutionsnummer) -> Result<Option<PNummer>> {
    let of_unit = |record: &Record| match &*record.content {
        Content::Anvisningsenhed(unit) => unit.p_nummer,
        _ => None,
    };
    let Some(record) = view.record(number)? else {
        return Ok(None);
    };
    match &*record.content {
        Content::AlternativAdresse(extra) => {
            Ok(view.record(extra.enhed)?.as_ref().and_then(of_unit))
        }
        _ => Ok(of_unit(&record)),
    }
}
