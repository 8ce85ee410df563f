//! The cross-validation (krydsvalidering) of kontrakt §7: ownership and legal basis of a daginstitution with the type of
//! every open unit under it. Enforced on exactly five writes of v2: insert and update of a daginstitution, insert, update
//! and move of an anvisningsenhed. The lawful combinations are data ([`Kodetabeller`]).

use std::ops::ControlFlow;

use crate::problem::{Problem, register};
use crate::register::{Content, Daginstitution, Institutionsnummer, Kodetabeller, Record};
use crate::store::{Read, Result, Selection};

/// The most units that an error names.
const MOST_UNITS: usize = 10;
/// The type of clubs, and of fritidshjem: under school law neither is a dagtilbud.
const KLUBBER: [i32; 2] = [6020, 6021];

/// What is unlawful about a daginstitution as sent, with the open units that it has.
pub(super) fn daginstitution(
    tables: &Kodetabeller,
    view: &dyn Read,
    (ejerform, lovgrundlag): (i32, i32),
    own: Option<Institutionsnummer>,
) -> Result<Option<Problem>> {
    // Where one is not in its table, that is the error.
    if tables.ejerform.tekst(ejerform).is_none() || tables.lovgrundlag.tekst(lovgrundlag).is_none()
    {
        return Ok(None);
    }
    let typer = tables.lovlige_typer(lovgrundlag, ejerform);
    if typer.is_empty() {
        let ejerformer = tables.lovlige_ejerformer(lovgrundlag);
        let grundlag = tables.lovlige_grundlag(ejerform, None);
        let problem = Problem::new(&register::KRYDS_GRUNDLAG)
            .with("ejerform", tables.ejerform.named(ejerform))
            .with("lovgrundlag", tables.lovgrundlag.named(lovgrundlag))
            .with("ejerformer", tables.ejerform.navngivne(&ejerformer))
            .with("grundlag", tables.lovgrundlag.navngivne(&grundlag));
        return Ok(Some(problem));
    }
    let Some(own) = own else {
        return Ok(None);
    };
    let mut unlawful = Vec::new();
    view.records(&Selection::under(own), &mut |child| {
        if let Content::Anvisningsenhed(unit) = &*child.content
            && !typer.contains(&unit.inst_type)
        {
            if unlawful.len() == MOST_UNITS {
                unlawful.push("…".to_owned());
                return ControlFlow::Break(());
            }
            let inst_type = tables.inst_type.named(unit.inst_type);
            unlawful.push(format!("{}: {inst_type}", child.nummer));
        }
        ControlFlow::Continue(())
    })?;
    Ok((!unlawful.is_empty()).then(|| {
        Problem::new(&register::KRYDS_ENHEDER)
            .with("nummer", own)
            .with("ejerform", tables.ejerform.named(ejerform))
            .with("lovgrundlag", tables.lovgrundlag.named(lovgrundlag))
            .with("enheder", unlawful.join(", "))
            .with("typer", tables.inst_type.navngivne(&typer))
    }))
}

/// What is unlawful about a unit of a type under a daginstitution.
pub(super) fn enhed(tables: &Kodetabeller, inst_type: i32, parent: &Record) -> Option<Problem> {
    let Content::Daginstitution(Daginstitution {
        ejerform,
        lovgrundlag,
        ..
    }) = *parent.content
    else {
        return None;
    };
    let unknown = tables.inst_type.tekst(inst_type).is_none();
    if unknown || tables.er_lovlig(lovgrundlag, ejerform, inst_type) {
        return None;
    }
    let entry = if KLUBBER.contains(&inst_type) {
        &register::KRYDS_KLUB
    } else {
        &register::KRYDS_ENHED
    };
    let typer = tables.lovlige_typer(lovgrundlag, ejerform);
    let grundlag = tables.lovlige_grundlag(ejerform, Some(inst_type));
    Some(
        Problem::new(entry)
            .with("instType", tables.inst_type.named(inst_type))
            .with("nummer", parent.nummer)
            .with("ejerform", tables.ejerform.named(ejerform))
            .with("lovgrundlag", tables.lovgrundlag.named(lovgrundlag))
            .with("typer", tables.inst_type.navngivne(&typer))
            .with("grundlag", tables.lovgrundlag.navngivne(&grundlag)),
    )
}
