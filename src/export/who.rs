//! Who made a change, and who may know it (docs/hvem.md): the acting organisation is public; operation, call, system and
//! principal are for those who have a right to the private feed, and for the parties of the change.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::identity::Caller;
use crate::register::{Cvr, Dato, Part, SystemId, Tjeneste};
use crate::store::{self, Aendring, Aftaler, OrgKind, Origin, Read};
use crate::xml::Writer;

/// Who is shown for what was done from the command line: which person did it stands in the audit chain alone.
const OPERATIONS: &str = "Registerets drift";

/// Whether a caller has a right to the private feed on a Danish day: a kommune, an owner, the operator, and a system with
/// an agreement on EksportService.
///
/// # Errors
/// The store's.
pub fn may_follow(view: &dyn Read, caller: &Caller, today: Dato) -> store::Result<bool> {
    match caller.organisation().art {
        OrgKind::Kommune | OrgKind::PrivatEjer | OrgKind::Operatoer => return Ok(true),
        OrgKind::Leverandoer | OrgKind::Aftager => {}
    }
    let Some(system) = caller.system() else {
        return Ok(false);
    };
    let agreements = view.aftaler(Aftaler::AabneFor(system.id))?;
    Ok(agreements
        .iter()
        .any(|aftale| aftale.tjeneste == Tjeneste::Eksport && aftale.gaelder(today)))
}

/// What a caller may know of who made changes.
#[derive(Debug)]
pub(super) struct Insight {
    cvr: Cvr,
    all: bool,
}

impl Insight {
    /// For a caller on a Danish day.
    ///
    /// # Errors
    /// The store's.
    pub(super) fn new(view: &dyn Read, caller: &Caller, today: Dato) -> store::Result<Self> {
        Ok(Self {
            cvr: caller.organisation().cvr,
            all: may_follow(view, caller, today)?,
        })
    }

    /// Whether it may know all of who made a change: by right, or because it did so itself.
    pub(super) fn sees(&self, change: &Aendring) -> bool {
        let acting = change.origin.cvr == Some(self.cvr);
        self.all || acting || change.origin.part == Some(Part::Ejer(self.cvr))
    }
}

/// The names of systems, each read once.
#[derive(Debug, Default)]
pub(super) struct Systemnavne(HashMap<SystemId, Option<String>>);

impl Systemnavne {
    fn navn(&mut self, view: &dyn Read, id: SystemId) -> store::Result<Option<&str>> {
        let navn = match self.0.entry(id) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert(view.system(id)?.map(|system| system.navn)),
        };
        Ok(navn.as_deref())
    }
}

/// The acting organisation, for everybody.
pub(super) fn organisation(w: &mut Writer, origin: &Origin) {
    if let Some(cvr) = origin.cvr {
        w.leaf("d:aktoerCvrNummer", cvr.as_str());
    }
    w.leaf("d:aktoerNavn", navn(origin));
}

/// The name of the acting organisation.
pub fn navn(origin: &Origin) -> &str {
    match origin.cvr {
        Some(_) => &origin.navn,
        None => OPERATIONS,
    }
}

/// What else is known of who made a change.
///
/// # Errors
/// The store's.
pub(super) fn the_rest(
    w: &mut Writer,
    origin: &Origin,
    view: &dyn Read,
    names: &mut Systemnavne,
) -> store::Result<()> {
    w.leaf("d:operation", &origin.operation);
    w.leaf("d:korrelationsId", &origin.korrelations_id.to_string());
    if let Some(id) = origin.system {
        w.leaf("d:systemId", &id.to_string());
        if let Some(navn) = names.navn(view, id)? {
            w.leaf("d:systemNavn", navn);
        }
    }
    match origin.part {
        Some(Part::Kommune(kommune)) => w.leaf("d:principalKommuneKode", &kommune.to_string()),
        Some(Part::Ejer(cvr)) => w.leaf("d:principalCvrNummer", cvr.as_str()),
        None => w,
    };
    Ok(())
}
