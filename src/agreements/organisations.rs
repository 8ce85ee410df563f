//! Organisations: registering, opening again and closing them.

use super::Act;
use super::refused::{Changed, OrganisationRefused, refuse};
use super::rights::writes_by_agreement;
use crate::register::{AftaleId, Cvr, Kommunekode, Tjeneste};
use crate::store::{Aftaler, Organisation, Read, Result, Right, Write};

/// Something that looks like a mistake and is no reason to refuse: test environments have made-up numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Oddity {
    /// No organisation has a number with this check digit.
    CheckDigit(Cvr),
    /// Other open organisations are the same kommune.
    SameKommune(Kommunekode, Vec<Organisation>),
}

type Stored<T> = Changed<T, OrganisationRefused>;

/// Registers an organisation, or opens a closed one again. Returns it as stored, with its oddities.
pub fn register(
    tx: &mut dyn Write,
    act: &Act,
    new: Organisation,
) -> Stored<(Organisation, Vec<Oddity>)> {
    let organisation = match tx.organisation(new.cvr)? {
        Some(known) if known.lukket.is_none() => return refuse(OrganisationRefused::Open(known)),
        Some(closed) => Organisation {
            oprettet: closed.oprettet,
            ..new
        },
        None => new,
    };
    let unusable = unusable(tx, &organisation)?;
    if !unusable.is_empty() {
        return refuse(OrganisationRefused::Agreements(unusable));
    }
    let oddities = oddities(tx, &organisation)?;
    save(tx, act, &organisation)?;
    Ok((organisation, oddities))
}

/// Closes an organisation: its certificates are refused from the next call on.
pub fn close(tx: &mut dyn Write, act: &Act, cvr: Cvr) -> Stored<Organisation> {
    let mut organisation = match tx.organisation(cvr)? {
        None => return refuse(OrganisationRefused::Unknown(cvr)),
        Some(closed) if closed.lukket.is_some() => {
            return refuse(OrganisationRefused::Closed(closed));
        }
        Some(open) => open,
    };
    organisation.lukket = Some(act.now);
    save(tx, act, &organisation)?;
    Ok(organisation)
}

fn save(tx: &mut dyn Write, act: &Act, organisation: &Organisation) -> Result<()> {
    let mut noter = vec![
        format!("cvr {}", organisation.cvr),
        format!("art {}", organisation.art.as_str()),
    ];
    noter.extend(organisation.kommune.map(|code| format!("kommune {code}")));
    noter.push(format!("navn {}", organisation.navn));
    tx.save_rights(&[Right::Organisation(organisation)], &act.line(noter))
}

fn oddities(view: &dyn Read, new: &Organisation) -> Result<Vec<Oddity>> {
    let digit = (!new.cvr.har_kontrolciffer()).then_some(Oddity::CheckDigit(new.cvr));
    let mut found: Vec<_> = digit.into_iter().collect();
    let Some(kommune) = new.kommune else {
        return Ok(found);
    };
    let mut others = view.organisationer()?;
    others.retain(|other| {
        other.kommune == Some(kommune) && other.cvr != new.cvr && other.lukket.is_none()
    });
    if !others.is_empty() {
        found.push(Oddity::SameKommune(kommune, others));
    }
    Ok(found)
}

/// Open import agreements of an organisation's systems that it could not use.
fn unusable(view: &dyn Read, organisation: &Organisation) -> Result<Vec<AftaleId>> {
    let mut ids = Vec::new();
    if writes_by_agreement(organisation.art) {
        return Ok(ids);
    }
    for system in view.systemer()? {
        if system.ejer != organisation.cvr || system.lukket.is_some() {
            continue;
        }
        let open = view.aftaler(Aftaler::AabneFor(system.id))?;
        let import = open.iter().filter(|own| own.tjeneste == Tjeneste::Import);
        ids.extend(import.map(|own| own.id));
    }
    Ok(ids)
}
