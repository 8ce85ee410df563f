//! Systems: registering them, binding certificates to them, closing them.

use super::Act;
use super::refused::SystemRefused;
use crate::register::{Cvr, System, SystemId};
use crate::store::{Read, Result, Right, Write};

type Stored = std::result::Result<System, SystemRefused>;

/// Registers a system of an open organisation, with the stable identities of its certificates.
pub fn register(
    tx: &mut dyn Write,
    act: &Act,
    ejer: Cvr,
    navn: String,
    certifikater: Vec<String>,
) -> Result<Stored> {
    match tx.organisation(ejer)? {
        Some(owner) if owner.lukket.is_none() => {}
        Some(_) => return Ok(Err(SystemRefused::ClosedOwner(ejer))),
        None => return Ok(Err(SystemRefused::UnknownOwner(ejer))),
    }
    if let Some(refused) = bound_elsewhere(tx, &certifikater, None)? {
        return Ok(Err(refused));
    }
    let system = System {
        id: tx.new_system_id()?,
        navn,
        ejer,
        certifikater,
        oprettet: act.now,
        lukket: None,
    };
    save(tx, act, &system)?;
    Ok(Ok(system))
}

/// Releases certificates of a system, and binds others to it.
pub fn bind(
    tx: &mut dyn Write,
    act: &Act,
    id: SystemId,
    released: &[String],
    added: Vec<String>,
) -> Result<Stored> {
    let mut system = match open(tx, id)? {
        Ok(system) => system,
        Err(refused) => return Ok(Err(refused)),
    };
    for gone in released {
        let Some(at) = system.certifikater.iter().position(|known| known == gone) else {
            return Ok(Err(SystemRefused::NotBound(id, gone.clone())));
        };
        system.certifikater.remove(at);
    }
    if let Some(refused) = bound_elsewhere(tx, &added, Some(id))? {
        return Ok(Err(refused));
    }
    for identity in added {
        if !system.certifikater.contains(&identity) {
            system.certifikater.push(identity);
        }
    }
    save(tx, act, &system)?;
    Ok(Ok(system))
}

/// Closes a system: its certificates are refused from the next call on.
pub fn close(tx: &mut dyn Write, act: &Act, id: SystemId) -> Result<Stored> {
    let known = match open(tx, id)? {
        Ok(known) => known,
        Err(refused) => return Ok(Err(refused)),
    };
    let closed = System {
        lukket: Some(act.now),
        ..known
    };
    save(tx, act, &closed)?;
    Ok(Ok(closed))
}

fn open(view: &dyn Read, id: SystemId) -> Result<Stored> {
    Ok(match view.system(id)? {
        None => Err(SystemRefused::Unknown(id)),
        Some(system) if system.lukket.is_some() => Err(SystemRefused::Closed(system)),
        Some(system) => Ok(system),
    })
}

fn save(tx: &mut dyn Write, act: &Act, system: &System) -> Result<()> {
    let mut noter = vec![
        format!("system {}", system.id),
        format!("cvr {}", system.ejer),
    ];
    let bound = system.certifikater.iter();
    noter.extend(bound.map(|id| format!("certifikat {id}")));
    noter.push(format!("navn {}", system.navn));
    tx.save_rights(&[Right::System(system)], &act.line(noter))
}

/// A certificate acts as one system at most.
fn bound_elsewhere(
    view: &dyn Read,
    identities: &[String],
    own: Option<SystemId>,
) -> Result<Option<SystemRefused>> {
    for identity in identities {
        let bound = view.system_with(identity)?;
        if let Some(other) = bound.filter(|system| Some(system.id) != own) {
            return Ok(Some(SystemRefused::BoundTo(identity.clone(), other)));
        }
    }
    Ok(None)
}
