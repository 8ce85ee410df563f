//! Agreements: granting, ending and handing them over.

use super::cover::{covered, covered_places};
use super::refused::{AgreementRefused, Changed, refuse};
use super::rights::today;
use super::usable::can_work;
use super::{Act, principal};
use crate::mirror::Mirrors;
use crate::register::{Aftale, AftaleId, Dato, Omfang, Part, SystemId, Tjeneste};
use crate::store::{self, Aftaler, Read, Right, Write};

/// What rules on agreements rest on beside the register.
#[derive(Debug, Clone)]
pub struct Rules {
    /// The supervising kommune may maintain private dagtilbud.
    pub by_kommune: bool,
    /// The mirrors, which prove whose a P-number is.
    pub mirrors: Mirrors,
}

type Result<T> = Changed<T, AgreementRefused>;

/// Registers an agreement, whose id is given here.
pub fn grant(tx: &mut dyn Write, act: &Act, rules: &Rules, new: Aftale) -> Result<Aftale> {
    let aftale = granted(tx, act, rules, new)?;
    save(tx, act, &aftale)?;
    Ok(aftale)
}

/// Judges an agreement and gives it its id; nothing is saved.
pub(super) fn granted(tx: &mut dyn Write, act: &Act, rules: &Rules, new: Aftale) -> Result<Aftale> {
    judge(tx, act, rules, &new, None)?;
    Ok(Aftale {
        id: tx.new_agreement_id()?,
        ..new
    })
}

/// Ends an agreement now.
pub fn end(tx: &mut dyn Write, act: &Act, id: AftaleId, why: String) -> Result<Aftale> {
    let mut aftale = open(tx, id)?;
    aftale.lukket = Some((act.now, why));
    save(tx, act, &aftale)?;
    Ok(aftale)
}

/// Hands an agreement over to another system on a day: the old right ends as the new one begins. Returns both.
pub fn hand_over(
    tx: &mut dyn Write,
    act: &Act,
    rules: &Rules,
    id: AftaleId,
    to: SystemId,
    first: Dato,
) -> Result<[Aftale; 2]> {
    if first < today(act.now)? {
        return refuse(AgreementRefused::TooLate(first));
    }
    let mut old = open(tx, id)?;
    if old.til.is_some_and(|last| last < first) {
        return refuse(AgreementRefused::EndsBefore(id, first));
    }
    if old.system == to {
        return refuse(AgreementRefused::SameSystem(id, to));
    }
    let new = Aftale {
        id: tx.new_agreement_id()?,
        system: to,
        fra: first.max(old.fra),
        oprettet: act.now,
        afloeser: Some(old.id),
        ..old.clone()
    };
    judge(tx, act, rules, &new, Some(id))?;
    match new.fra.dagen_foer().filter(|&last| last >= old.fra) {
        Some(last) => old.til = Some(last),
        // It would never have held.
        None => old.lukket = Some((act.now, format!("overdraget som {}", new.id))),
    }
    save(tx, act, &old)?;
    save(tx, act, &new)?;
    Ok([old, new])
}

fn judge(
    view: &dyn Read,
    act: &Act,
    rules: &Rules,
    new: &Aftale,
    instead_of: Option<AftaleId>,
) -> Result<()> {
    can_work(view, new, today(act.now)?, rules.by_kommune)?;
    apart(view, new, instead_of, &rules.mirrors)
}

/// An agreement that has not been ended.
pub(super) fn open(view: &dyn Read, id: AftaleId) -> Result<Aftale> {
    match view.aftaler(Aftaler::En(id))?.pop() {
        None => refuse(AgreementRefused::Unknown(id)),
        Some(ended) if ended.lukket.is_some() => refuse(AgreementRefused::Ended(Box::new(ended))),
        Some(aftale) => Ok(aftale),
    }
}

fn save(tx: &mut dyn Write, act: &Act, aftale: &Aftale) -> store::Result<()> {
    tx.save_rights(&[Right::Agreement(aftale)], &act.line(words(aftale)))
}

/// What an audit line says of an agreement.
pub(super) fn words(aftale: &Aftale) -> Vec<String> {
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
    noter
}

/// Refuses an agreement that another system's meets in time and in a record, unless one of the two allows it: an institution
/// has one import source (kontrakt §8).
fn apart(
    view: &dyn Read,
    new: &Aftale,
    instead_of: Option<AftaleId>,
    mirrors: &Mirrors,
) -> Result<()> {
    if new.overlap || new.tjeneste != Tjeneste::Import {
        return Ok(());
    }
    let own = covered_places(view, new, new.fra, mirrors)?;
    for other in view.aftaler(Aftaler::Alle)? {
        let apart = other.overlap
            || Some(other.id) == instead_of
            || other.tjeneste != Tjeneste::Import
            || other.system == new.system
            || !new.moedes(&other);
        if apart || is_closed(view, &other)? {
            continue;
        }
        let meets = if same_words(new, &other) {
            Some(principal(new.part))
        } else if rests_on_owner(&other) {
            let theirs = covered(view, &other, new.fra.max(other.fra), mirrors)?;
            let both = theirs.into_iter().find(|number| own.contains_key(number));
            both.map(|number| number.to_string())
        } else {
            let both = own.iter().find(|(_, sted)| other.daekker(sted));
            both.map(|(number, _)| number.to_string())
        };
        if let Some(place) = meets {
            let other = Box::new(other);
            return refuse(AgreementRefused::Overlaps { other, place });
        }
    }
    Ok(())
}

/// Whether what it covers may be another on another day: whose a record is, agreements in force prove too.
fn rests_on_owner(aftale: &Aftale) -> bool {
    matches!((aftale.part, &aftale.omfang), (Part::Ejer(_), Omfang::Alle))
}

fn is_closed(view: &dyn Read, aftale: &Aftale) -> store::Result<bool> {
    let system = view.system(aftale.system)?;
    Ok(system.is_none_or(|system| system.lukket.is_some()))
}

/// Whether both speak of the same, whatever the register holds now.
fn same_words(a: &Aftale, b: &Aftale) -> bool {
    a.part == b.part
        && match (&a.omfang, &b.omfang) {
            (Omfang::Alle, Omfang::Alle) => true,
            (a, b) => {
                let theirs = b.numre();
                a.numre().iter().any(|number| theirs.contains(number))
            }
        }
}
