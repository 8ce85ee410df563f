//! The findings of a kommune: for that kommune, for the systems that write for it, and for the operator.

use super::common::{self, Common, NotGiven};
use crate::agreements;
use crate::export;
use crate::export::parameters::known_kommune;
use crate::identity::Caller;
use crate::problem::{Problem, http};
use crate::register::{Kommunekode, Part, Tjeneste};
use crate::server::exchange::{Answer, DocumentCall};
use crate::store::{self, Aftaler, OrgKind, Store, StoreExt};

impl<S: Store> Common<S> {
    /// The findings of a kommune. Who may not have them is told so before they are looked for.
    pub(super) fn findings(
        &self,
        kommune: Kommunekode,
        caller: Option<&Caller>,
        call: &DocumentCall,
    ) -> Result<Answer, NotGiven> {
        known_kommune(kommune, &self.tables.kommune)?;
        let sees = caller.map(|caller| self.may_see(caller, kommune));
        if !sees.transpose()?.unwrap_or(false) {
            let problem = Problem::new(&http::FUND_IKKE_TILLADT).with("kommune", kommune);
            return Err(Box::new(problem).into());
        }
        self.asked(call)?;
        let found = self.store.read(|view| export::fundrapport(view, kommune))?;
        Ok(common::given(call, found, None))
    }

    /// Whether a caller may see the findings of a kommune.
    fn may_see(&self, caller: &Caller, kommune: Kommunekode) -> store::Result<bool> {
        let organisation = caller.organisation();
        let own = organisation.art == OrgKind::Kommune && organisation.kommune == Some(kommune);
        match own || organisation.art == OrgKind::Operatoer {
            true => Ok(true),
            false => self.writes_for(caller, kommune),
        }
    }

    /// Whether the caller's system has an agreement in force to write for a kommune: who registers mends what is found.
    fn writes_for(&self, caller: &Caller, kommune: Kommunekode) -> store::Result<bool> {
        let Some(system) = caller.system() else {
            return Ok(false);
        };
        let today = agreements::today(self.clock.now())?;
        let open = Aftaler::AabneFor(system.id);
        let agreements = self.store.read(|view| view.aftaler(open))?;
        Ok(agreements.iter().any(|aftale| {
            aftale.tjeneste == Tjeneste::Import
                && aftale.part == Part::Kommune(kommune)
                && aftale.gaelder(today)
        }))
    }
}
