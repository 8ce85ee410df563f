//! Whether an agreement can work: one that gives nobody a right, or another right than its words say, is refused before it
//! is stored. A kommune would find out by the first write of its vendor that is refused.

use super::places::PRIVAT;
use super::refused::{AgreementRefused, Changed, MOST_NUMBERS, UnfitRecord, UnfitSystem, refuse};
use super::rights::writes_by_agreement;
use crate::register::{
    Aftale, Content, Dato, Institutionsnummer, Niveau, Omfang, Part, Record, Tjeneste,
};
use crate::store::{OrgKind, Read, Result};

type Usable = Changed<(), AgreementRefused>;

/// Refuses an agreement that could never be used: by its system, its principal, the numbers that it names, or its days.
pub(super) fn can_work(view: &dyn Read, new: &Aftale, today: Dato, by_kommune: bool) -> Usable {
    if new.omfang.numre().len() > MOST_NUMBERS {
        return refuse(AgreementRefused::TooManyNumbers);
    }
    if new.til.is_some_and(|last| last < new.fra) {
        return refuse(AgreementRefused::Backwards { first: new.fra });
    }
    if let Some(last) = new.til.filter(|last| *last < today) {
        return refuse(AgreementRefused::Passed(last));
    }
    system(view, new)?;
    principal(view, new.part)?;
    let Omfang::Institutioner(list) = &new.omfang else {
        return Ok(());
    };
    for &number in list {
        if let Some(unfit) = record(view, new, number, by_kommune)? {
            return refuse(AgreementRefused::Record(number, unfit));
        }
    }
    Ok(())
}

/// The system: there, open, of an open organisation, and of a kind that agreements give rights to.
fn system(view: &dyn Read, new: &Aftale) -> Usable {
    let unfit = |why| refuse(AgreementRefused::System(why));
    let Some(system) = view.system(new.system)? else {
        return unfit(UnfitSystem::Unknown(new.system));
    };
    if system.lukket.is_some() {
        return unfit(UnfitSystem::Closed(new.system));
    }
    let owner = view.organisation(system.ejer)?;
    let Some(owner) = owner.filter(|owner| owner.lukket.is_none()) else {
        return unfit(UnfitSystem::ClosedOwner(system));
    };
    if new.tjeneste == Tjeneste::Import && !writes_by_agreement(owner.art) {
        return unfit(match owner.art {
            OrgKind::Operatoer => UnfitSystem::Operators(system),
            _ => UnfitSystem::Consumers(system),
        });
    }
    Ok(())
}

/// The principal: a kommune is named by its code, for what it supervises is not owned by its CVR number.
fn principal(view: &dyn Read, part: Part) -> Usable {
    let Part::Ejer(cvr) = part else {
        return Ok(());
    };
    match view
        .organisation(cvr)?
        .map(|known| (known.art, known.kommune, known))
    {
        Some((OrgKind::Kommune, Some(code), known)) => {
            refuse(AgreementRefused::KommuneByCvr(known, code))
        }
        _ => Ok(()),
    }
}

/// A number that the agreement names: an open record of its principal.
fn record(
    view: &dyn Read,
    new: &Aftale,
    number: Institutionsnummer,
    by_kommune: bool,
) -> Result<Option<UnfitRecord>> {
    let Some(record) = view.record(number)? else {
        return Ok(Some(UnfitRecord::Unknown));
    };
    if !record.is_active() {
        return Ok(Some(UnfitRecord::Closed));
    }
    let private = is_private(view, record)?;
    Ok(match (new.part, view.adm_kommune(number)?) {
        (Part::Kommune(own), Some(kommune)) if own != kommune => {
            Some(UnfitRecord::OtherKommune { kommune, own })
        }
        (Part::Kommune(_), _) if private && !by_kommune && new.tjeneste == Tjeneste::Import => {
            Some(UnfitRecord::LeftToOwners)
        }
        (Part::Ejer(_), _) if !private => Some(UnfitRecord::NotPrivate),
        _ => None,
    })
}

/// Whether the daginstitution that a record is, or stands under, is privately owned.
fn is_private(view: &dyn Read, mut record: Record) -> Result<bool> {
    for _ in Niveau::ALL {
        if let Content::Daginstitution(top) = &*record.content {
            return Ok(top.ejerform == PRIVAT);
        }
        let above = record.content.parent().map(|number| view.record(number));
        match above.transpose()?.flatten() {
            Some(next) => record = next,
            None => break,
        }
    }
    Ok(false)
}
