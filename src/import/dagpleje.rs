//! The P-number of dagpleje under kommunal ownership: it is one of the kommune's own (decisions §7; register facts §5.5).
//! Asked by imports and by the monthly run. Without a mirror of CVR, or where the kommune is not registered as an
//! organisation, nothing is known and nothing said.

use std::ops::ControlFlow;

use crate::problem::{Problem, register};
use crate::register::{Cvr, DAGPLEJE, Indhold, Institutionsnummer, Kommunekode, PNummer, Post};
use crate::spejl::Spejle;
use crate::store::{OrgArt, Organisation, Read, Result, Udvalg};

/// The ownership of kommunal institutions (code table `ejerform`).
const KOMMUNAL: i32 = 1;

/// Whose a P-number is, where it should be the kommune's and is not.
pub fn fremmed_dagpleje(
    organisations: &[Organisation],
    spejle: &Spejle,
    (ejerform, kommune): (i32, Kommunekode),
    inst_type: i32,
    p_nummer: Option<PNummer>,
) -> Option<(PNummer, Cvr)> {
    if inst_type != DAGPLEJE || ejerform != KOMMUNAL {
        return None;
    }
    let p_nummer = p_nummer?;
    // A mirror that fails is as none: it has been told where it is used for more.
    let unit = spejle.cvr.as_deref()?.penhed(p_nummer).ok()??;
    let owner = unit.cvr?;
    let mut own = organisations
        .iter()
        .filter(|known| known.art == OrgArt::Kommune && known.kommune == Some(kommune))
        .peekable();
    own.peek()?;
    (!own.any(|known| known.cvr == owner)).then_some((p_nummer, owner))
}

/// The error of a daginstitution as sent, whose open units would become kommunal dagpleje of another's P-numbers.
pub(super) fn daginstitution(
    view: &dyn Read,
    spejle: &Spejle,
    own: Institutionsnummer,
    (ejerform, kommune): (i32, Kommunekode),
) -> Result<Option<Problem>> {
    if ejerform != KOMMUNAL || spejle.cvr.is_none() {
        return Ok(None);
    }
    let under = Udvalg {
        foraelder: Some(own),
        ..Udvalg::default()
    };
    let mut units = Vec::new();
    view.poster(&under, &mut |child| {
        if let Indhold::Anvisningsenhed(unit) = &child.indhold
            && unit.inst_type == DAGPLEJE
        {
            units.push(unit.p_nummer);
        }
        ControlFlow::Continue(())
    })?;
    let organisations = view.organisationer()?;
    let foreign = units.into_iter().find_map(|p_nummer| {
        fremmed_dagpleje(
            &organisations,
            spejle,
            (ejerform, kommune),
            DAGPLEJE,
            p_nummer,
        )
    });
    Ok(foreign.map(|foreign| refused(foreign, kommune)))
}

fn refused((p_nummer, cvr): (PNummer, Cvr), kommune: Kommunekode) -> Problem {
    Problem::new(&register::DAGPLEJE_CVR)
        .with("pnummer", p_nummer)
        .with("cvr", cvr)
        .with("kommune", kommune)
}

/// The error of a unit as sent under a daginstitution.
pub(super) fn problem(
    view: &dyn Read,
    spejle: &Spejle,
    parent: &Post,
    inst_type: i32,
    p_nummer: Option<PNummer>,
) -> Result<Option<Problem>> {
    let Indhold::Daginstitution(top) = &parent.indhold else {
        return Ok(None);
    };
    if inst_type != DAGPLEJE || spejle.cvr.is_none() {
        return Ok(None);
    }
    let over = (top.ejerform, top.adm_kommune);
    let organisations = view.organisationer()?;
    let foreign = fremmed_dagpleje(&organisations, spejle, over, inst_type, p_nummer);
    Ok(foreign.map(|foreign| refused(foreign, top.adm_kommune)))
}
