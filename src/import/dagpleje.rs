//! The P-number of dagpleje under kommunal ownership: it is one of the kommune's own (kontrakt §7; fakta §5.5).
//! Asked by imports and by the monthly run. Without a mirror of CVR, or where the kommune is not registered as an
//! organisation, nothing is known and nothing said.

use std::ops::ControlFlow;

use crate::mirror::Mirrors;
use crate::problem::{Problem, register};
use crate::register::{Content, Cvr, DAGPLEJE, Institutionsnummer, Kommunekode, PNummer, Record};
use crate::store::{OrgKind, Organisation, Read, Result, Selection};

/// The ownership of kommunal institutions (code table `ejerform`).
const KOMMUNAL: i32 = 1;

/// Whose the P-number of kommunal dagpleje is by CVR; none for anything else, and where nothing is known.
pub fn ejer(
    mirrors: &Mirrors,
    ejerform: i32,
    inst_type: i32,
    p_nummer: Option<PNummer>,
) -> Option<(PNummer, Cvr)> {
    if inst_type != DAGPLEJE || ejerform != KOMMUNAL {
        return None;
    }
    let p_nummer = p_nummer?;
    // A mirror that fails is as none: it has been told where it is used for more.
    let unit = mirrors.cvr.as_deref()?.production_unit(p_nummer).ok()??;
    Some((p_nummer, unit.cvr?))
}

/// Whether a CVR number is another's than a kommune's that is registered here.
pub fn er_fremmed(organisations: &[Organisation], kommune: Kommunekode, cvr: Cvr) -> bool {
    let mut own = organisations
        .iter()
        .filter(|known| er_kommune(known, kommune))
        .peekable();
    own.peek().is_some() && !own.any(|known| known.cvr == cvr)
}

fn er_kommune(known: &Organisation, kommune: Kommunekode) -> bool {
    known.art == OrgKind::Kommune && known.kommune == Some(kommune)
}

/// The error of the first of these that belongs to another than the kommune. All organisations are looked through only for
/// an owner that is not simply the kommune.
fn refused(
    view: &dyn Read,
    kommune: Kommunekode,
    owners: impl IntoIterator<Item = (PNummer, Cvr)>,
) -> Result<Option<Problem>> {
    for (p_nummer, cvr) in owners {
        let owner = view.organisation(cvr)?;
        if owner.is_some_and(|owner| er_kommune(&owner, kommune)) {
            continue;
        }
        if er_fremmed(&view.organisationer()?, kommune, cvr) {
            let problem = Problem::new(&register::DAGPLEJE_CVR)
                .with("pnummer", p_nummer)
                .with("cvr", cvr)
                .with("kommune", kommune);
            return Ok(Some(problem));
        }
    }
    Ok(None)
}

/// The error of a daginstitution as sent, whose open units would become kommunal dagpleje of another's P-numbers.
pub(super) fn daginstitution(
    view: &dyn Read,
    mirrors: &Mirrors,
    own: Institutionsnummer,
    (ejerform, kommune): (i32, Kommunekode),
) -> Result<Option<Problem>> {
    if ejerform != KOMMUNAL || mirrors.cvr.is_none() {
        return Ok(None);
    }
    let mut owners = Vec::new();
    view.records(&Selection::under(own), &mut |child| {
        if let Content::Anvisningsenhed(unit) = &*child.content {
            owners.extend(ejer(mirrors, ejerform, unit.inst_type, unit.p_nummer));
        }
        ControlFlow::Continue(())
    })?;
    refused(view, kommune, owners)
}

/// The error of a unit as sent under a daginstitution.
pub(super) fn problem(
    view: &dyn Read,
    mirrors: &Mirrors,
    parent: &Record,
    inst_type: i32,
    p_nummer: Option<PNummer>,
) -> Result<Option<Problem>> {
    let Content::Daginstitution(top) = &*parent.content else {
        return Ok(None);
    };
    let owner = ejer(mirrors, top.ejerform, inst_type, p_nummer);
    refused(view, top.adm_kommune, owner)
}
