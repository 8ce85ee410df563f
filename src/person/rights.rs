//! What a person may do, and why: privileges, held against the register as it stands. Asked for anew with each page, so that
//! what is closed or withdrawn counts at once.
//!
//! The scope decides how far a privilege reaches:
//!
//! * the CVR number of a kommune's organisation: all that the kommune supervises (kontrakt §8);
//! * any other CVR number: the units with it;
//! * a P-number: every unit with it, and these units' alternative addresses;
//! * the operator's privilege: the whole register, where the scope is the person's own organisation and that is an operator's.

use std::ops::ControlFlow;

use super::privilege::{Held, Scope};
use super::{Person, Way};
use crate::register::{
    Content, Cvr, Institutionsnummer, Kommunekode, Niveau, PNummer, Privilege, Record, words,
};
use crate::store::{OrgKind, Organisation, Read, Result, Selection};

/// How far a right reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reach {
    /// What a kommune supervises.
    Kommune(Kommunekode),
    /// The units of an organisation.
    Organisation(Cvr),
    /// The units with a P-number.
    Place(PNummer),
    /// Everything.
    Register,
}

/// One right of a person: what, where, and which privilege gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Grant {
    /// What it lets the person do. Looking is always included, and the operator's includes all.
    pub privilege: Privilege,
    /// Where.
    pub reach: Reach,
    /// The scope of the privilege that gives it.
    pub scope: Scope,
    /// The organisation that the person acts for by it.
    pub acts_for: Cvr,
}

words! {
    /// Why a privilege gives no right.
    pub enum Empty {
        /// The organisation of its scope is closed.
        Closed = "lukket",
        /// It is the operator's, and its scope is not the person's own organisation, or that is no operator's.
        NotOperator = "ikke-operatoer",
    }
}

/// A unit, as far as rights depend on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// Its number.
    pub nummer: Institutionsnummer,
    /// The kommune that supervises it.
    pub kommune: Kommunekode,
    /// Its CVR number, and that of the unit above it. Of a daginstitution: the one that all its open units have.
    pub cvr: Vec<Cvr>,
    /// Its P-number, and that of the unit above it.
    pub p_numre: Vec<PNummer>,
}

impl Unit {
    /// A record as rights see it; none where the register lacks what stands above it.
    pub fn of(view: &dyn Read, record: &Record) -> Result<Option<Self>> {
        let Some(kommune) = view.adm_kommune(record.nummer)? else {
            return Ok(None);
        };
        let mut unit = Self {
            nummer: record.nummer,
            kommune,
            cvr: record.content.cvr().into_iter().collect(),
            p_numre: record.content.p_nummer().into_iter().collect(),
        };
        match &*record.content {
            Content::Daginstitution(_) => unit.cvr.extend(common_owner(view, record.nummer)?),
            Content::Anvisningsenhed(_) => {}
            Content::AlternativAdresse(extra) => {
                if let Some(above) = view.record(extra.enhed)? {
                    unit.cvr.extend(above.content.cvr());
                    unit.p_numre.extend(above.content.p_nummer());
                }
            }
        }
        Ok(Some(unit))
    }
}

/// The CVR number that all open units of a daginstitution have, if it has any.
fn common_owner(view: &dyn Read, top: Institutionsnummer) -> Result<Option<Cvr>> {
    let (mut common, mut differ) = (None, false);
    view.records(&Selection::under(top), &mut |record| {
        let own = record.content.cvr();
        differ |= own.is_none() || common.is_some_and(|common| Some(common) != own);
        common = common.or(own);
        if differ {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    })?;
    Ok(common.filter(|_| !differ))
}

impl Reach {
    /// Whether it reaches a unit.
    pub fn covers(self, unit: &Unit) -> bool {
        match self {
            Self::Kommune(kommune) => unit.kommune == kommune,
            Self::Organisation(cvr) => unit.cvr.contains(&cvr),
            Self::Place(number) => unit.p_numre.contains(&number),
            Self::Register => true,
        }
    }

    /// The records to look through for what it reaches. Alternative addresses of what is found are reached too.
    pub fn selection(self) -> Selection {
        let all = Selection::default();
        match self {
            Self::Kommune(kommune) => Selection {
                adm_kommune: Some(kommune),
                ..all
            },
            Self::Organisation(cvr) => Selection {
                cvr: Some(cvr),
                ..all
            },
            Self::Place(number) => Selection {
                p_nummer: Some(number),
                ..all
            },
            Self::Register => all,
        }
    }

    /// Whether it is by a P-number that several open units share: a right by it is a right in all of them.
    pub fn is_shared(self, view: &dyn Read) -> Result<bool> {
        let Self::Place(_) = self else {
            return Ok(false);
        };
        let units = Selection {
            niveau: Some(Niveau::Anvisningsenhed),
            ..self.selection()
        };
        view.has_more_than(&units, 1)
    }
}

impl Grant {
    /// Whether it lets a person do something, wherever it reaches.
    pub fn gives(&self, privilege: Privilege) -> bool {
        matches!(privilege, Privilege::Read)
            || self.privilege == privilege
            || self.privilege == Privilege::Operate
    }
}

/// What a person may do at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonRights {
    /// The person's organisation.
    pub(super) own: Cvr,
    /// The rights, each once.
    pub grants: Vec<Grant>,
    /// Privileges that give no right, and why.
    pub empty: Vec<(Held, Empty)>,
}

/// A person's rights in the register as it stands.
pub fn rights(view: &dyn Read, person: &Person) -> Result<PersonRights> {
    let mut found = PersonRights {
        own: person.cvr,
        grants: Vec::new(),
        empty: Vec::new(),
    };
    // Held privileges are sorted by scope: an organisation is looked up once.
    let mut known: Option<(Cvr, Option<Organisation>)> = None;
    let listed;
    let held = match person.way {
        Way::Certificate => {
            listed = by_list(view, person)?;
            &listed
        }
        Way::OpenId | Way::Demonstration => &person.held,
    };
    for &held in held {
        let grant = match held.scope {
            Scope::Organisation(cvr) => {
                if known.as_ref().is_none_or(|(last, _)| *last != cvr) {
                    known = Some((cvr, view.organisation(cvr)?));
                }
                let organisation = known.as_ref().and_then(|(_, found)| found.as_ref());
                by_organisation(person.cvr, held, cvr, organisation)
            }
            Scope::Place(_) if held.privilege == Privilege::Operate => Err(Empty::NotOperator),
            Scope::Place(number) => Ok((Reach::Place(number), person.cvr)),
        };
        match grant {
            Err(why) => found.empty.push((held, why)),
            Ok((reach, acts_for)) => found.grants.push(Grant {
                privilege: held.privilege,
                reach,
                scope: held.scope,
                acts_for,
            }),
        }
    }
    Ok(found)
}

/// What the register's list gives an administrator now. A certificate that has become a system's gives nothing.
fn by_list(view: &dyn Read, person: &Person) -> Result<Vec<Held>> {
    let identity = &person.subject.id;
    let listed = view.administrator(identity)?;
    let listed = listed.filter(|own| own.lukket.is_none() && own.cvr == person.cvr);
    let Some(listed) = listed else {
        return Ok(Vec::new());
    };
    if view.system_with(identity)?.is_some() {
        return Ok(Vec::new());
    }
    let scope = Scope::Organisation(listed.cvr);
    let held = listed.rettigheder.into_iter();
    Ok(held.map(|privilege| Held { scope, privilege }).collect())
}

fn by_organisation(
    own: Cvr,
    held: Held,
    cvr: Cvr,
    organisation: Option<&Organisation>,
) -> std::result::Result<(Reach, Cvr), Empty> {
    let closed = organisation.is_some_and(|organisation| organisation.lukket.is_some());
    let open = organisation.filter(|_| !closed);
    if held.privilege == Privilege::Operate {
        let operates = open.is_some_and(|own| own.art == OrgKind::Operatoer) && cvr == own;
        return if operates {
            Ok((Reach::Register, cvr))
        } else {
            Err(Empty::NotOperator)
        };
    }
    if closed {
        return Err(Empty::Closed);
    }
    // Who is not registered calls nothing, but may be a unit's organisation.
    let kommune = open
        .filter(|own| own.art == OrgKind::Kommune)
        .and_then(|own| own.kommune);
    Ok((
        kommune.map_or(Reach::Organisation(cvr), Reach::Kommune),
        cvr,
    ))
}

impl PersonRights {
    /// Whether the person may sign in and see nothing.
    pub const fn is_nothing(&self) -> bool {
        self.grants.is_empty()
    }

    /// The right that lets the person do something with a unit.
    pub fn may(&self, privilege: Privilege, unit: &Unit) -> Option<&Grant> {
        self.why(privilege, unit).next()
    }

    /// All rights that let the person do something with a unit: what a page says when it is asked why.
    pub fn why(&self, privilege: Privilege, unit: &Unit) -> impl Iterator<Item = &Grant> {
        let grants = self.grants.iter();
        grants.filter(move |grant| grant.gives(privilege) && grant.reach.covers(unit))
    }

    /// The right that lets the person run the register.
    pub fn operator(&self) -> Option<&Grant> {
        self.grants
            .iter()
            .find(|grant| grant.reach == Reach::Register)
    }

    /// The right that lets the person do something with all of a kommune.
    pub fn may_in_kommune(&self, privilege: Privilege, kommune: Kommunekode) -> Option<&Grant> {
        self.wide(privilege, Reach::Kommune(kommune))
    }

    /// The right that reaches all of this.
    pub(super) fn wide(&self, privilege: Privilege, reach: Reach) -> Option<&Grant> {
        let covers = |own: Reach| own == reach || own == Reach::Register;
        let mut grants = self.grants.iter();
        grants.find(|grant| grant.gives(privilege) && covers(grant.reach))
    }
}

#[cfg(test)]
#[path = "rights_tests.rs"]
mod tests;
