//! Over whose agreements a person decides, or may look at them: what `agreements` takes it by.

use super::PersonRights;
use super::rights::Reach;
use crate::agreements::{Covers, Decider};
use crate::register::{Cvr, Part, Person, Privilege};
use crate::store::{Read, Result};

impl PersonRights {
    /// Over whose agreements the person may do something; none where over nobody's. Systems of the person's organisation, and of
    /// all that a right is about, are the person's own.
    pub fn decider(
        &self,
        view: &dyn Read,
        privilege: Privilege,
        person: Option<Person>,
    ) -> Result<Option<Decider>> {
        let grants = self.grants.iter().filter(|grant| grant.gives(privilege));
        let covers: Vec<_> = grants
            .map(|grant| match grant.reach {
                Reach::Register => Covers::Alt,
                Reach::Kommune(code) => Covers::Part(Part::Kommune(code)),
                Reach::Organisation(cvr) => Covers::Part(Part::Ejer(cvr)),
                Reach::Place(number) => Covers::PNummer(number, grant.acts_for),
            })
            .collect();
        if covers.is_empty() {
            return Ok(None);
        }
        let scopes = self.grants.iter().map(|grant| grant.acts_for);
        Ok(Some(Decider {
            organisation: view.organisation(self.own)?,
            own: scopes.chain([self.own]).collect(),
            covers,
            person,
        }))
    }

    /// For which organisation the person answers about what a principal lets systems do.
    pub fn answers_for(&self, part: Part) -> Cvr {
        let whole = match part {
            Part::Kommune(code) => Reach::Kommune(code),
            Part::Ejer(cvr) => Reach::Organisation(cvr),
        };
        let right = self.wide(Privilege::Agreements, whole);
        right.map_or(self.own, |right| right.acts_for)
    }
}
