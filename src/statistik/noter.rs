//! What is noteworthy about a row that is accepted: what an import would refuse and a first load does not, what was read
//! otherwise than it stands, and what is likely a mistake.

use crate::problem::{Problem, load};
use crate::register::{Column, Content, Kodetabeller};

use super::doem::Koder;
use super::kolonner::Celler;

/// All of it, for a record that is open.
pub(super) fn alle(
    tables: &Kodetabeller,
    celler: &Celler,
    content: &Content,
    over: Option<Koder>,
) -> Vec<Problem> {
    let mut problems = of_the_record(tables, content, over);
    problems.extend(other_than_parent(celler, content, over));
    problems.extend(coordinates(content));
    problems.extend(read_otherwise(celler));
    problems
}

/// The cross-validation, and a missing P-number.
fn of_the_record(tables: &Kodetabeller, content: &Content, over: Option<Koder>) -> Vec<Problem> {
    let mut problems = Vec::new();
    match content {
        Content::Daginstitution(top) => {
            if tables
                .lovlige_typer(top.lovgrundlag, top.ejerform)
                .is_empty()
            {
                problems.push(
                    Problem::new(&load::ULOVLIGT_GRUNDLAG)
                        .with("ejerform", top.ejerform)
                        .with("lovgrundlag", top.lovgrundlag),
                );
            }
        }
        Content::Anvisningsenhed(unit) => {
            if let Some(over) = over
                && !tables.er_lovlig(over.lovgrundlag, over.ejerform, unit.inst_type)
            {
                problems.push(
                    Problem::new(&load::ULOVLIG_TYPE)
                        .with("instType", unit.inst_type)
                        .with("ejerform", over.ejerform)
                        .with("lovgrundlag", over.lovgrundlag),
                );
            }
            if unit.p_nummer.is_none() {
                problems.push(Problem::new(&load::UDEN_P_NUMMER));
            }
        }
        Content::AlternativAdresse(_) => {}
    }
    problems
}

/// Ownership and kommune are the daginstitution's alone: a row that has others is read without them.
fn other_than_parent(celler: &Celler, content: &Content, over: Option<Koder>) -> Vec<Problem> {
    let (Some(over), false) = (over, matches!(content, Content::Daginstitution(_))) else {
        return Vec::new();
    };
    let of_row = [
        ("ejerformKode", &celler[Column::Ejerform], over.ejerform),
        (
            "admKommuneKode",
            &celler[Column::AdmKommune],
            over.adm_kommune,
        ),
    ];
    of_row
        .into_iter()
        .filter(|(_, cell, code)| !cell.is_empty() && cell.parse() != Ok(*code))
        .map(|(kolonne, cell, code)| {
            Problem::new(&load::ANDEN_END_FORAELDER)
                .with("kolonne", kolonne)
                .with("vaerdi", cell)
                .with("foraelder", code)
        })
        .collect()
}

/// Coordinates that lie in the sea off Africa, or as far north as Denmark lies east.
fn coordinates(content: &Content) -> Option<Problem> {
    let adresse = match content {
        Content::Daginstitution(_) => return None,
        Content::Anvisningsenhed(unit) => &unit.adresse,
        Content::AlternativAdresse(other) => &other.adresse,
    };
    let number = |text: &Option<String>| text.as_deref()?.parse::<f64>().ok();
    let (north, east) = (number(&adresse.geo_bredde)?, number(&adresse.geo_laengde)?);
    let likely = if north == 0.0 && east == 0.0 {
        &load::KOORDINATER_NUL
    } else if (7.0..16.0).contains(&north) && (54.0..58.5).contains(&east) {
        &load::KOORDINATER_BYTTET
    } else {
        return None;
    };
    Some(
        Problem::new(likely)
            .with("bredde", north)
            .with("laengde", east),
    )
}

/// What stands otherwise in the file.
fn read_otherwise(celler: &Celler) -> Vec<Problem> {
    let mut problems = Vec::new();
    if let Some(sendt) = &celler.hus_nummer_i_filen {
        problems.push(
            Problem::new(&load::HUSNUMMER_LAEST)
                .with("sendt", sendt)
                .with("laest", &celler[Column::HusNummer]),
        );
    }
    if celler.p_nummer_nul {
        problems.push(Problem::new(&load::P_NUMMER_NUL));
    }
    problems
}
