//! Who decides over agreements, and over which: a kommune over its own, a private owner over its own, a person over P-numbers
//! of an organisation, the operator over all.

use std::collections::BTreeSet;

use super::refused::{AgreementRefused, RequestRefused, Unchanged};
use crate::register::{
    Aftale, Content, Institutionsnummer, Omfang, PNummer, Part, Person, Record, System,
};
use crate::store::{OrgKind, Organisation, Read, Result};

/// Over whose agreements somebody decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Covers {
    /// Everybody's: the register's operator.
    Alt,
    /// All of a kommune's, or all of a private owner's.
    Part(Part),
    /// Of these what names nothing but places with these P-numbers.
    PNumre(Part, BTreeSet<PNummer>),
}

/// Who decides over agreements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decider {
    /// The organisation for which it is done; none at the register's own machine.
    pub organisation: Option<Organisation>,
    /// Over whose.
    pub covers: Covers,
    /// The person who does it, where one signed in.
    pub person: Option<Person>,
}

impl Decider {
    /// Somebody at the register's own machine.
    pub const fn console() -> Self {
        Self {
            organisation: None,
            covers: Covers::Alt,
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
            covers,
            person: None,
        })
    }

    /// The principal that it decides for; none for the operator.
    pub const fn part(&self) -> Option<Part> {
        match &self.covers {
            Covers::Alt => None,
            Covers::Part(part) | Covers::PNumre(part, _) => Some(*part),
        }
    }

    /// Whether it decides over what a principal lets a system do in a scope.
    pub fn decides(&self, view: &dyn Read, part: Part, omfang: &Omfang) -> Result<bool> {
        let (own, numbers) = match &self.covers {
            Covers::Alt => return Ok(true),
            Covers::Part(own) => return Ok(*own == part),
            Covers::PNumre(own, numbers) => (*own, numbers),
        };
        if own != part {
            return Ok(false);
        }
        match omfang {
            Omfang::Alle => Ok(false),
            Omfang::PNumre(list) => Ok(list.iter().all(|number| numbers.contains(number))),
            Omfang::Institutioner(list) => {
                for &number in list {
                    let place = p_number(view, number)?;
                    if !place.is_some_and(|place| numbers.contains(&place)) {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
        }
    }

    /// Whether a system is of its own organisation: nobody lets that act.
    pub(super) fn owns(&self, view: &dyn Read, system: &System) -> Result<bool> {
        Ok(match &self.organisation {
            Some(own) => own.cvr == system.ejer,
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
