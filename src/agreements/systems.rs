//! Systems: registering them, binding certificates to them, closing them.

use super::Act;
use super::refused::{Changed, SystemRefused, refuse};
use crate::register::{Cvr, System, SystemId};
use crate::store::{Read, Result, Right, Write};

type Stored = Changed<System, SystemRefused>;

/// Registers a system of an open organisation, with the stable identities of its certificates.
pub fn register(
    tx: &mut dyn Write,
    act: &Act,
    ejer: Cvr,
    navn: String,
    certifikater: Vec<String>,
) -> Stored {
    match tx.organisation(ejer)? {
        Some(owner) if owner.lukket.is_none() => {}
        Some(_) => return refuse(SystemRefused::ClosedOwner(ejer)),
        None => return refuse(SystemRefused::UnknownOwner(ejer)),
    }
    free(tx, &certifikater, None)?;
    let system = System {
        id: tx.new_system_id()?,
        navn,
        ejer,
        certifikater,
        oprettet: act.now,
        lukket: None,
    };
    save(tx, act, &system)?;
    Ok(system)
}

/// Releases certificates of a system, and binds others to it.
pub fn bind(
    tx: &mut dyn Write,
    act: &Act,
    id: SystemId,
    released: &[String],
    added: Vec<String>,
) -> Stored {
    let mut system = open(tx, id)?;
    for gone in released {
        let Some(at) = system.certifikater.iter().position(|known| known == gone) else {
            return refuse(SystemRefused::NotBound(id, gone.clone()));
        };
        system.certifikater.remove(at);
    }
    free(tx, &added, Some(id))?;
    for identity in added {
        if !system.certifikater.contains(&identity) {
            system.certifikater.push(identity);
        }
    }
    save(tx, act, &system)?;
    Ok(system)
}

/// Closes a system: its certificates are refused from the next call on.
pub fn close(tx: &mut dyn Write, act: &Act, id: SystemId) -> Stored {
    let mut system = open(tx, id)?;
    system.lukket = Some(act.now);
    save(tx, act, &system)?;
    Ok(system)
}

fn open(view: &dyn Read, id: SystemId) -> Stored {
    match view.system(id)? {
        None => refuse(SystemRefused::Unknown(id)),
        Some(system) if system.lukket.is_some() => refuse(SystemRefused::Closed(system)),
        Some(system) => Ok(system),
    }
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

/// A certificate acts as one system at most, and as none where a person signs in with it.
fn free(
    view: &dyn Read,
    identities: &[String],
    own: Option<SystemId>,
) -> Changed<(), SystemRefused> {
    for identity in identities {
        let listed = view.administrator(identity)?;
        if let Some(person) = listed.filter(|listed| listed.lukket.is_none()) {
            return refuse(SystemRefused::Administrator(person));
        }
        let bound = view.system_with(identity)?;
        if let Some(other) = bound.filter(|system| Some(system.id) != own) {
            return refuse(SystemRefused::BoundTo(identity.clone(), other));
        }
    }
    Ok(())
}
