//! Agreements: granting, ending and handing them over.

use super::overlap::overlapping;
use super::refused::AgreementRefused;
use super::rights::today;
use super::usable::never;
use super::{Act, principal};
use crate::mirror::Mirrors;
use crate::register::{Aftale, AftaleId, Dato, SystemId};
use crate::store::{Aftaler, Read, Result, Right, Write};

/// What rules on agreements rest on beside the register.
#[derive(Debug, Clone)]
pub struct Rules {
    /// The supervising kommune may maintain private dagtilbud.
    pub by_kommune: bool,
    /// The mirrors, which prove whose a P-number is.
    pub mirrors: Mirrors,
}

type Stored<T> = std::result::Result<T, AgreementRefused>;

/// Registers an agreement, whose id is given here.
pub fn grant(tx: &mut dyn Write, act: &Act, rules: &Rules, new: Aftale) -> Result<Stored<Aftale>> {
    if let Some(refused) = judged(tx, act, rules, &new, None)? {
        return Ok(Err(refused));
    }
    let aftale = Aftale {
        id: tx.new_agreement_id()?,
        ..new
    };
    save(tx, act, &aftale)?;
    Ok(Ok(aftale))
}

/// Ends an agreement now.
pub fn end(tx: &mut dyn Write, act: &Act, id: AftaleId, why: String) -> Result<Stored<Aftale>> {
    let mut aftale = match open(tx, id)? {
        Ok(aftale) => aftale,
        Err(refused) => return Ok(Err(refused)),
    };
    aftale.lukket = Some((act.now, why));
    save(tx, act, &aftale)?;
    Ok(Ok(aftale))
}

/// Hands an agreement over to another system on a day: the old right ends as the new one begins. Returns both.
pub fn hand_over(
    tx: &mut dyn Write,
    act: &Act,
    rules: &Rules,
    id: AftaleId,
    to: SystemId,
    first: Dato,
) -> Result<Stored<[Aftale; 2]>> {
    if first < today(act.now)? {
        return Ok(Err(AgreementRefused::TooLate(first)));
    }
    let mut old = match open(tx, id)? {
        Ok(old) => old,
        Err(refused) => return Ok(Err(refused)),
    };
    if old.til.is_some_and(|last| last < first) {
        return Ok(Err(AgreementRefused::EndsBefore(id, first)));
    }
    if old.system == to {
        return Ok(Err(AgreementRefused::SameSystem(id, to)));
    }
    let new = Aftale {
        id: tx.new_agreement_id()?,
        system: to,
        fra: first.max(old.fra),
        oprettet: act.now,
        afloeser: Some(old.id),
        ..old.clone()
    };
    if let Some(refused) = judged(tx, act, rules, &new, Some(id))? {
        return Ok(Err(refused));
    }
    match new.fra.dagen_foer().filter(|&last| last >= old.fra) {
        Some(last) => old.til = Some(last),
        // It would never have held.
        None => old.lukket = Some((act.now, format!("overdraget som {}", new.id))),
    }
    save(tx, act, &old)?;
    save(tx, act, &new)?;
    Ok(Ok([old, new]))
}

fn judged(
    view: &dyn Read,
    act: &Act,
    rules: &Rules,
    new: &Aftale,
    instead_of: Option<AftaleId>,
) -> Result<Option<AgreementRefused>> {
    match never(view, new, today(act.now)?, rules.by_kommune)? {
        Some(refused) => Ok(Some(refused)),
        None => overlapping(view, new, instead_of, &rules.mirrors),
    }
}

fn open(view: &dyn Read, id: AftaleId) -> Result<Stored<Aftale>> {
    Ok(match view.aftaler(Aftaler::En(id))?.pop() {
        None => Err(AgreementRefused::Unknown(id)),
        Some(aftale) if aftale.lukket.is_some() => Err(AgreementRefused::Ended(Box::new(aftale))),
        Some(aftale) => Ok(aftale),
    })
}

fn save(tx: &mut dyn Write, act: &Act, aftale: &Aftale) -> Result<()> {
    let mut noter = vec![
        format!("aftale {}", aftale.id),
        format!("system {}", aftale.system),
        principal(aftale.part),
        format!("tjeneste {}", aftale.tjeneste.as_str()),
        format!("omfang {}", aftale.omfang.art()),
        format!("fra {}", aftale.fra),
    ];
    noter.extend(aftale.til.map(|last| format!("til {last}")));
    noter.extend(aftale.afloeser.map(|id| format!("afloeser {id}")));
    noter.extend(aftale.lukket.iter().map(|(_, why)| format!("aarsag {why}")));
    tx.save_rights(&[Right::Agreement(aftale)], &act.line(noter))
}
