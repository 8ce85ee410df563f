//! The findings of a kommune: for that kommune, for the systems that write for it, and for the operator.

use std::sync::Arc;

use super::common::{self, Common};
use crate::agreements;
use crate::export::parameters::known_kommune;
use crate::export::{self, ExportError};
use crate::identity::Caller;
use crate::problem::{Problem, http};
use crate::register::{Kommunekode, Part, Tjeneste};
use crate::server::exchange::{Answer, DocumentCall};
use crate::store::{self, Aftaler, OrgKind, Store, StoreExt};

/// Where findings are shown.
#[derive(Debug)]
pub(super) struct FindingsDesk<S> {
    common: Arc<Common<S>>,
}

impl<S: Store> FindingsDesk<S> {
    pub(super) const fn new(common: Arc<Common<S>>) -> Self {
        Self { common }
    }

    /// Whether the caller's system has an agreement in force to write for a kommune: who registers mends what is found.
    fn writes_for(&self, caller: &Caller, kommune: Kommunekode) -> store::Result<bool> {
        let Some(system) = caller.system() else {
            return Ok(false);
        };
        let today = agreements::today(self.common.clock.now())?;
        let agreements = self
            .common
            .store
            .read(|view| view.aftaler(Aftaler::AabneFor(system.id)))?;
        Ok(agreements.iter().any(|aftale| {
            aftale.tjeneste == Tjeneste::Import
                && aftale.part == Part::Kommune(kommune)
                && aftale.gaelder(today)
        }))
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

    /// The findings of a kommune. Who may not have them is told so before they are looked for.
    pub(super) fn give(
        &self,
        kommune: Kommunekode,
        caller: Option<&Caller>,
        call: &DocumentCall,
    ) -> Answer {
        match self.found(kommune, caller, call) {
            Ok(bytes) => common::given(call, bytes, None),
            Err(ExportError::Problem(problem)) => self.common.refused(&problem, call.id),
            Err(ExportError::Store(error)) => self.common.failed(call.id, &error),
        }
    }

    fn found(
        &self,
        kommune: Kommunekode,
        caller: Option<&Caller>,
        call: &DocumentCall,
    ) -> Result<Vec<u8>, ExportError> {
        known_kommune(kommune, &self.common.tables.kommune)?;
        let sees = caller.map(|caller| self.may_see(caller, kommune));
        if !sees.transpose()?.unwrap_or(false) {
            let problem = Problem::new(&http::FUND_IKKE_TILLADT);
            return Err(problem.with("kommune", kommune).into());
        }
        self.common.asked(call)?;
        let found = self
            .common
            .store
            .read(|view| export::fundrapport(view, kommune));
        Ok(found?)
    }
}
