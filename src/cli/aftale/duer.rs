//! Whether an agreement can work: one that gives nobody a right, or another right than its words say, is refused before it
//! is stored. A kommune would find out by the first write of its vendor that is refused.

use std::collections::HashSet;

use super::{Refused, principal};
use crate::import::{PRIVAT, covered, ved_aftale};
use crate::mirror::Mirrors;
use crate::register::{
    Aftale, AftaleId, Content, Dato, Institutionsnummer, Niveau, Omfang, Part, Record, Tjeneste,
};
use crate::store::{self, Aftaler, OrgArt, Read, Write as Tx};

/// Why an agreement could never be used: by its system, its principal, the numbers that it names, or its days.
pub(super) fn aldrig(
    tx: &dyn Tx,
    new: &Aftale,
    today: Dato,
    af_kommune: bool,
) -> store::Result<Option<Refused>> {
    if let Some(last) = new.til.filter(|last| *last < today) {
        let problem = format!("{last} has passed: the agreement would never hold");
        return Ok(Some(("--til", problem)));
    }
    if let Some(refused) = system(tx, new)? {
        return Ok(Some(refused));
    }
    if let Some(refused) = part(tx, new.part)? {
        return Ok(Some(refused));
    }
    let Omfang::Institutioner(list) = &new.omfang else {
        return Ok(None);
    };
    for &number in list {
        if let Some(problem) = institution(tx, new, number, af_kommune)? {
            return Ok(Some(("--institution", problem)));
        }
    }
    Ok(None)
}

/// The system: there, open, of an open organisation, and of a kind that agreements give rights to.
fn system(tx: &dyn Tx, new: &Aftale) -> store::Result<Option<Refused>> {
    let Some(system) = tx.system(new.system)? else {
        let problem = format!("there is no {}; see dtr system list", new.system);
        return Ok(Some(("--system", problem)));
    };
    if system.lukket.is_some() {
        return Ok(Some(("--system", format!("{} is closed", new.system))));
    }
    let named = |problem: &str| {
        let id = system.id;
        Ok(Some((
            "--system",
            format!("{id} ({}) {problem}", system.navn),
        )))
    };
    let owner = tx.organisation(system.ejer)?;
    let Some(owner) = owner.filter(|owner| owner.lukket.is_none()) else {
        return named(
            "is of an organisation that is closed, so its certificates are refused; open it with dtr org add",
        );
    };
    if new.tjeneste == Tjeneste::Import && !ved_aftale(owner.art) {
        return named(match owner.art {
            OrgArt::Operatoer => {
                "is the operator's, which writes with a case number and by no agreement; name another system"
            }
            _ => {
                "is of an aftager, which may read and write nothing; name a system of a leverandoer, a kommune or a \
                 private owner, or say --tjeneste eksport"
            }
        });
    }
    Ok(None)
}

/// The principal: a kommune is named by its code, for what it supervises is not owned by its CVR number.
fn part(tx: &dyn Tx, part: Part) -> store::Result<Option<Refused>> {
    let Part::Ejer(cvr) = part else {
        return Ok(None);
    };
    let known = tx.organisation(cvr)?;
    Ok(known.and_then(|known| match (known.art, known.kommune) {
        (OrgArt::Kommune, Some(code)) => {
            let problem = format!("{cvr} is {}; name it with --kommune {code}", known.navn);
            Some(("--ejer", problem))
        }
        _ => None,
    }))
}

/// A number that the agreement names: an open record of its principal.
fn institution(
    tx: &dyn Tx,
    new: &Aftale,
    number: Institutionsnummer,
    af_kommune: bool,
) -> store::Result<Option<String>> {
    let Some(record) = tx.record(number)? else {
        return Ok(Some(format!("the register has no {number}")));
    };
    if !record.is_active() {
        return Ok(Some(format!("{number} is closed")));
    }
    let private = is_private(tx, record)?;
    Ok(match (new.part, tx.adm_kommune(number)?) {
        (Part::Kommune(own), Some(kommune)) if own != kommune => Some(format!(
            "{number} is supervised by kommune {kommune}, not {own}"
        )),
        (Part::Kommune(_), _) if private && !af_kommune && new.tjeneste == Tjeneste::Import => {
            Some(format!(
                "{number} is privately owned, and kommuner leave those to their owners here \
                 (rettigheder.private_af_kommune); name the owner with --ejer"
            ))
        }
        (Part::Ejer(_), _) if !private => Some(format!(
            "{number} is not privately owned (ejerform {PRIVAT}), so no owner can let a system act in it; name its \
             kommune with --kommune"
        )),
        _ => None,
    })
}

/// Whether the daginstitution that a record is, or stands under, is privately owned.
fn is_private(tx: &dyn Tx, mut record: Record) -> store::Result<bool> {
    for _ in Niveau::ALL {
        if let Content::Daginstitution(top) = &record.content {
            return Ok(top.ejerform == PRIVAT);
        }
        let above = record.content.parent().map(|number| tx.record(number));
        match above.transpose()?.flatten() {
            Some(next) => record = next,
            None => break,
        }
    }
    Ok(false)
}

/// One import source for each institution (kontrakt §8): another system's agreement that meets the new one in time and
/// in a record, unless one of the two allows it.
pub(super) fn overlapping(
    tx: &dyn Tx,
    new: &Aftale,
    instead_of: Option<AftaleId>,
    spejle: &Mirrors,
) -> store::Result<Option<Refused>> {
    if new.overlap || new.tjeneste != Tjeneste::Import {
        return Ok(None);
    }
    let own: HashSet<_> = covered(tx, new, new.fra, spejle)?.into_iter().collect();
    for other in tx.aftaler(Aftaler::Alle)? {
        let apart = other.overlap
            || Some(other.id) == instead_of
            || other.tjeneste != Tjeneste::Import
            || other.system == new.system
            || !new.moedes(&other);
        if apart || is_closed(tx, &other)? {
            continue;
        }
        let meets = if same_words(new, &other) {
            Some(principal(new.part))
        } else {
            let theirs = covered(tx, &other, new.fra.max(other.fra), spejle)?;
            let both = theirs.into_iter().find(|number| own.contains(number));
            both.map(|number| number.to_string())
        };
        if let Some(what) = meets {
            let problem = format!(
                "{} of {} writes in {what} as well: one source for each institution; end it with dtr aftale close, hand \
                 it over with dtr aftale overdrag, or say --tillad-overlap",
                other.id, other.system
            );
            return Ok(Some(("aftale", problem)));
        }
    }
    Ok(None)
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
