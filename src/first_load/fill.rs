//! Cells that a row must have. An empty one is named by its column, once; what else is wrong with the row is found with
//! something valid in its place.

use crate::register::{Column, Kodetabel, Kodetabeller, Niveau};

use super::columns::Cells;

/// A number that a parent could have.
const ANY_NUMBER: &str = "G00000";

/// Fills the empty cells that the level of a row must have, and gives their columns.
pub(super) fn fill_in(
    cells: &mut Cells,
    niveau: Niveau,
    tables: &Kodetabeller,
) -> Vec<&'static str> {
    let first = |table: &Kodetabel| {
        let code = table.koder.keys().next();
        code.map_or_else(String::new, ToString::to_string)
    };
    let mut empty = Vec::new();
    let mut fill = |cell: &mut String, column, valid: &str| {
        if cell.is_empty() {
            empty.push(column);
            valid.clone_into(cell);
        }
    };
    match niveau {
        Niveau::Daginstitution => {
            fill(&mut cells[Column::Navn], "dagtilbudsNavn", "x");
            // The legal basis is chosen by the ownership: without that there is one mistake, not two.
            let chosen = cells[Column::Ejerform].is_empty();
            fill(
                &mut cells[Column::Ejerform],
                "ejerformKode",
                &first(&tables.ejerform),
            );
            let basis = first(&tables.lovgrundlag);
            if chosen && cells[Column::Lovgrundlag].is_empty() {
                cells[Column::Lovgrundlag].clone_from(&basis);
            }
            fill(&mut cells[Column::Lovgrundlag], "lovgrundlagKode", &basis);
            fill(
                &mut cells[Column::AdmKommune],
                "admKommuneKode",
                &first(&tables.kommune),
            );
        }
        Niveau::Anvisningsenhed => {
            fill(
                &mut cells.daginstitution,
                "daginstitutionsNummer",
                ANY_NUMBER,
            );
            fill(&mut cells[Column::Navn], "dagtilbudsNavn", "x");
            fill(
                &mut cells[Column::InstType],
                "instType3",
                &first(&tables.inst_type),
            );
        }
        Niveau::AlternativAdresse => {
            fill(&mut cells.enhed, "anvisningsenhedsNummer", ANY_NUMBER);
            fill(&mut cells[Column::Navn], "dagtilbudsNavn", "x");
        }
    }
    if niveau != Niveau::Daginstitution {
        fill(&mut cells[Column::VejNavn], "vejNavn", "x");
        fill(&mut cells[Column::HusNummer], "husNummer", "1");
        fill(&mut cells[Column::PostNummer], "postNummer", "1000");
    }
    empty
}
