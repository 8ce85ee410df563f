//! What is noteworthy about a row that is accepted: what an import would refuse and a first load does not, what was read
//! otherwise than it stands, and what is likely a mistake.

use crate::problem::{Problem, load};
use crate::register::{Column, Content, Kodetabeller};

use super::columns::Cells;

/// The codes of a daginstitution that what stands under it is judged by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Codes {
    pub(super) lovgrundlag: i32,
    pub(super) ejerform: i32,
    pub(super) adm_kommune: i32,
}

impl Codes {
    pub(super) fn of(content: &Content) -> Option<Self> {
        match content {
            Content::Daginstitution(top) => Some(Self {
                lovgrundlag: top.lovgrundlag,
                ejerform: top.ejerform,
                adm_kommune: i32::from(top.adm_kommune.0),
            }),
            _ => None,
        }
    }
}

/// All of it, for a record that is open.
pub(super) fn all(
    tables: &Kodetabeller,
    cells: &Cells,
    content: &Content,
    above: Option<Codes>,
) -> Vec<Problem> {
    let mut problems = of_the_record(tables, content, above);
    problems.extend(other_than_parent(cells, content, above));
    problems.extend(coordinates(content));
    problems.extend(read_otherwise(cells));
    problems
}

/// The cross-validation, and a missing P-number.
fn of_the_record(tables: &Kodetabeller, content: &Content, above: Option<Codes>) -> Vec<Problem> {
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
            if let Some(above) = above
                && !tables.er_lovlig(above.lovgrundlag, above.ejerform, unit.inst_type)
            {
                problems.push(
                    Problem::new(&load::ULOVLIG_TYPE)
                        .with("instType", unit.inst_type)
                        .with("ejerform", above.ejerform)
                        .with("lovgrundlag", above.lovgrundlag),
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
fn other_than_parent(cells: &Cells, content: &Content, above: Option<Codes>) -> Vec<Problem> {
    let (Some(above), false) = (above, matches!(content, Content::Daginstitution(_))) else {
        return Vec::new();
    };
    let of_row = [
        ("ejerformKode", &cells[Column::Ejerform], above.ejerform),
        (
            "admKommuneKode",
            &cells[Column::AdmKommune],
            above.adm_kommune,
        ),
    ];
    of_row
        .into_iter()
        .filter(|(_, cell, code)| !cell.is_empty() && cell.parse() != Ok(*code))
        .map(|(column, cell, code)| {
            Problem::new(&load::ANDEN_END_FORAELDER)
                .with("kolonne", column)
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
fn read_otherwise(cells: &Cells) -> Vec<Problem> {
    let mut problems = Vec::new();
    if let Some(as_sent) = &cells.hus_nummer_i_filen {
        problems.push(
            Problem::new(&load::HUSNUMMER_LAEST)
                .with("sendt", as_sent)
                .with("laest", &cells[Column::HusNummer]),
        );
    }
    if cells.p_nummer_nul {
        problems.push(Problem::new(&load::P_NUMMER_NUL));
    }
    problems
}
