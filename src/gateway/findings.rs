//! The findings of a kommune: for that kommune, for the systems that write for it, and for the operator.

use std::sync::Arc;

use super::common::{Common, XML};
use crate::agreements;
use crate::export;
use crate::identity::Caller;
use crate::problem::{Parameter, Problem, http, parameter};
use crate::register::{Kommunekode, Part, Tjeneste};
use crate::server::exchange::{Answer, DocumentCall, Trace};
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

    /// `/fund/<kommune>.xml`; none when the path is another's. Who may not have it is told so before it is looked for.
    pub(super) fn document(&self, call: &DocumentCall, caller: Option<&Caller>) -> Option<Answer> {
        let name = call.path.strip_prefix("/fund/")?.strip_suffix(".xml")?;
        let kommune = Kommunekode::parse(name).ok()?;
        let organisation = caller.map(|caller| caller.organisation())?;
        self.common.tables.kommune.tekst(i32::from(kommune.0))?;
        let own = organisation.art == OrgKind::Kommune && organisation.kommune == Some(kommune);
        let admitted = own || organisation.art == OrgKind::Operatoer;
        let admitted = match caller {
            Some(caller) if !admitted => match self.writes_for(caller, kommune) {
                Ok(writes) => writes,
                Err(error) => return Some(self.common.failed(call.id, &error)),
            },
            _ => admitted,
        };
        if !admitted {
            let problem = Problem::new(&http::FUND_IKKE_TILLADT).with("kommune", kommune);
            return Some(self.common.refused(&problem, call.id));
        }
        if let Some((name, value)) = call.query.first() {
            let problem = parameter(name, value, Parameter::Unknown(""));
            return Some(self.common.refused(&problem, call.id));
        }
        Some(
            match self
                .common
                .store
                .read(|view| export::fundrapport(view, kommune))
            {
                Ok(bytes) => Answer {
                    status: 200,
                    content_type: XML,
                    body: bytes.into(),
                    etag: None,
                    headers: Vec::new(),
                    trace: Trace::default(),
                },
                Err(error) => self.common.failed(call.id, &error),
            },
        )
    }
}
