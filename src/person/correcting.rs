//! For whom a person corrects: the organisations for which one of the person's rights lets that one act.

use super::{Grant, PersonRights, Reach};
use crate::register::{Cvr, Kommunekode, Privilege};
use crate::store::{Organisation, Read, Result};

impl PersonRights {
    /// The rights by which the person corrects for an organisation.
    pub fn correcting(&self, cvr: Cvr) -> impl Iterator<Item = &Grant> {
        let grants = self.grants.iter();
        grants.filter(move |grant| grant.gives(Privilege::Correct) && grant.acts_for == cvr)
    }

    /// The organisations for which the person corrects. One that is not registered, or is closed, may itself write nothing.
    pub fn corrects_for(&self, view: &dyn Read) -> Result<Vec<Organisation>> {
        let mut numbers: Vec<Cvr> = Vec::new();
        for grant in &self.grants {
            if grant.gives(Privilege::Correct) && !numbers.contains(&grant.acts_for) {
                numbers.push(grant.acts_for);
            }
        }
        let mut found = Vec::new();
        for cvr in numbers {
            let organisation = view.organisation(cvr)?;
            found.extend(organisation.filter(|own| own.lukket.is_none()));
        }
        Ok(found)
    }

    /// The kommune all of which the person corrects for an organisation, if that is one.
    pub fn whole_kommune(&self, cvr: Cvr) -> Option<Kommunekode> {
        self.correcting(cvr).find_map(|grant| match grant.reach {
            Reach::Kommune(kommune) => Some(kommune),
            _ => None,
        })
    }
}
