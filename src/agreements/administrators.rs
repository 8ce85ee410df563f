//! Administrators: certificates that persons sign in with. A certificate is a person's or a system's, never both.

use super::Act;
use super::refused::{AdministratorRefused, Changed, refuse};
use crate::register::{Administrator, Cvr, Privilege};
use crate::store::{OrgKind, Result, Right, Write};

type Stored<T> = Changed<T, AdministratorRefused>;

/// Lists a certificate of an open organisation, or gives one that is listed other privileges.
pub fn list(
    tx: &mut dyn Write,
    act: &Act,
    cvr: Cvr,
    identitet: String,
    rettigheder: &[Privilege],
) -> Stored<Administrator> {
    let organisation = match tx.organisation(cvr)? {
        Some(open) if open.lukket.is_none() => open,
        Some(_) => return refuse(AdministratorRefused::ClosedOrganisation(cvr)),
        None => return refuse(AdministratorRefused::UnknownOrganisation(cvr)),
    };
    if let Some(system) = tx.system_with(&identitet)? {
        return refuse(AdministratorRefused::System(identitet, system));
    }
    let all = Privilege::ALL.iter().map(|(privilege, _)| *privilege);
    let rettigheder: Vec<_> = all.filter(|own| rettigheder.contains(own)).collect();
    if rettigheder.is_empty() {
        return refuse(AdministratorRefused::Nothing);
    }
    if rettigheder.contains(&Privilege::Operate) && organisation.art != OrgKind::Operatoer {
        return refuse(AdministratorRefused::NotOperator(cvr));
    }
    let listed = tx.administrator(&identitet)?;
    let listed = listed.filter(|own| own.lukket.is_none() && own.cvr == cvr);
    let administrator = Administrator {
        identitet,
        cvr,
        rettigheder,
        oprettet: listed.map_or(act.now, |own| own.oprettet),
        lukket: None,
    };
    save(tx, act, &administrator)?;
    Ok(administrator)
}

/// Takes a certificate off the list: its holder may do nothing from the next page on.
pub fn unlist(tx: &mut dyn Write, act: &Act, identitet: &str) -> Stored<Administrator> {
    let listed = tx.administrator(identitet)?;
    let Some(mut administrator) = listed.filter(|own| own.lukket.is_none()) else {
        return refuse(AdministratorRefused::NotListed(identitet.to_owned()));
    };
    administrator.lukket = Some(act.now);
    save(tx, act, &administrator)?;
    Ok(administrator)
}

fn save(tx: &mut dyn Write, act: &Act, administrator: &Administrator) -> Result<()> {
    let mut noter = vec![
        format!("administrator {}", administrator.identitet),
        format!("cvr {}", administrator.cvr),
    ];
    let privileges = administrator.rettigheder.iter();
    noter.extend(privileges.map(|own| format!("ret {}", own.as_str())));
    tx.save_rights(&[Right::Administrator(administrator)], &act.line(noter))
}
