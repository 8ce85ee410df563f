//! The columns of a first load: found by name and by the spellings that exports have used, and none passed over.

use std::io::Read;
use std::ops::{Index, IndexMut};

use crate::export::csv::fused;
use crate::register::{Column, Def, Field, Kind, Kodetabel, Kodetabeller, Niveau};

use super::hoved::{Hoved, KolonneFejl, foldet};
use super::{LaesFejl, Laeser};

/// The cells of a row by what they mean; empty where the file has none. Codes that stand as text alone are codes again.
#[derive(Debug, Clone, Default)]
pub(super) struct Celler {
    pub(super) linje: u64,
    pub(super) niveau: Option<Niveau>,
    /// `dagtilbudsType` as it stands.
    pub(super) art: String,
    pub(super) daginstitution: String,
    pub(super) enhed: String,
    pub(super) adresse_nummer: String,
    pub(super) status: String,
    /// What the record says, by its column in the history.
    pub(super) values: [String; Column::COUNT],
    /// The house number as it stands, where it is read otherwise.
    pub(super) hus_nummer_i_filen: Option<String>,
    /// Whether the P-number is ten zeros, which is none.
    pub(super) p_nummer_nul: bool,
    /// The row as it stands.
    pub(super) raa: csv::StringRecord,
}

impl Index<Column> for Celler {
    type Output = String;

    fn index(&self, column: Column) -> &String {
        &self.values[column as usize]
    }
}

impl IndexMut<Column> for Celler {
    fn index_mut(&mut self, column: Column) -> &mut String {
        &mut self.values[column as usize]
    }
}

impl Celler {
    /// The cell of a field; that of the parent's number by the level of the parent.
    pub(super) fn of(&self, def: &Def, niveau: Niveau) -> &str {
        match (def.column, niveau) {
            (Column::Foraelder, Niveau::AlternativAdresse) => &self.enhed,
            (Column::Foraelder, _) => &self.daginstitution,
            (column, _) => &self[column],
        }
    }

    /// The record's own number, by its level.
    pub(super) fn nummer(&self) -> &str {
        match self.niveau {
            Some(Niveau::Daginstitution) | None => &self.daginstitution,
            Some(Niveau::Anvisningsenhed) => &self.enhed,
            Some(Niveau::AlternativAdresse) => &self.adresse_nummer,
        }
    }
}

/// Columns that a first load knows and does not take: what the register keeps of a record by itself, and the reasons in
/// a file of rows that were left out.
const EGNE: [&str; 9] = [
    "version",
    "oprettet",
    "senestOpdateret",
    "nedlagt",
    "lukkeaarsag",
    "skolensInstitutionsnummer",
    "afloeser",
    "afloestAf",
    FEJL,
];
/// The column of a file of rejected rows that says why.
pub(super) const FEJL: &str = "fejl";

/// What has no meaning where a P-number is asked for.
const NUL: &str = "0000000000";

/// Where a field stands: its cell, and that with the text of its code.
struct Sted {
    def: &'static Def,
    at: Option<usize>,
    text: Option<usize>,
}

impl Sted {
    fn find(hoved: &mut Hoved, def: &'static Def) -> Self {
        let also = OGSAA.iter().find(|(field, _)| *field == def.field);
        let at = hoved.find(def.field.name(), also.map_or(&[], |(_, names)| names));
        let text = match def.kind {
            Kind::Code(_) => hoved.find(def.field.text_name(), &[]),
            _ => None,
        };
        Self { def, at, text }
    }
}

/// The fields of all levels, each column once. Names and parents' numbers are found by columns of their own.
fn felter() -> impl Iterator<Item = &'static Def> {
    let own = [Column::Navn, Column::Foraelder];
    let of = |column: Column| {
        let all = Niveau::ALL.into_iter().flat_map(Niveau::fields);
        let mut same = all.filter(move |def| def.column == column);
        same.next()
    };
    let columns = Column::ALL.iter().copied();
    columns
        .filter(move |column| !own.contains(column))
        .filter_map(of)
}

/// Where the cells of a row stand.
struct Steder {
    daginstitution: usize,
    enhed: Option<usize>,
    adresse_nummer: Option<usize>,
    /// Names that any level may have, then those of each level.
    navne: [Option<usize>; 5],
    art: Option<usize>,
    status: Option<usize>,
    felter: Vec<Sted>,
    /// What is known and not loaded, as the file names it.
    ikke_indlaest: Vec<&'static str>,
}

impl Steder {
    /// Finds every column; one that means nothing refuses the file.
    fn find(hoved: &mut Hoved) -> Result<Self, KolonneFejl> {
        let daginstitution = hoved.skal("daginstitutionsNummer", &[])?;
        let enhed = hoved.find("anvisningsenhedsNummer", &["enhedsNummer"]);
        let adresse_nummer = hoved.find("alternativAdresseNummer", &[]);
        let navne = [
            hoved.find("dagtilbudsNavn", &[]),
            hoved.find("navn", &[]),
            hoved.find("daginstitutionsNavn", &[]),
            hoved.find("anvisningsenhedsNavn", &["enhedsNavn"]),
            hoved.find("alternativAdresseNavn", &[]),
        ];
        if navne.iter().all(Option::is_none) {
            return Err(hoved.mangler("dagtilbudsNavn"));
        }
        let art = hoved.find("dagtilbudsType", &[]);
        let status = hoved.find(Field::Aktivitetsstatus.name(), &[]);
        let felter = felter().map(|def| Sted::find(hoved, def)).collect();
        let ikke_indlaest = EGNE
            .into_iter()
            .filter(|name| hoved.find(name, &[]).is_some())
            .collect();
        hoved.alle_kendt()?;
        Ok(Self {
            daginstitution,
            enhed,
            adresse_nummer,
            navne,
            art,
            status,
            felter,
            ikke_indlaest,
        })
    }
}

/// Other spellings that exports have used.
const OGSAA: [(Field, &[&str]); 5] = [
    (Field::CvrNummer, &["cvr"]),
    (Field::PNummer, &["pNumber"]),
    (Field::Doer, &["dør"]),
    (Field::GeoLaengde, &["geoLængde"]),
    (Field::DawaId, &["dawaUUID"]),
];

/// The rows of a file, and the columns that are known and not loaded.
pub(super) struct Laest {
    pub(super) raekker: Vec<Celler>,
    /// The header as it stands.
    pub(super) hoved: csv::StringRecord,
    pub(super) windows_1252: bool,
    pub(super) ikke_indlaest: Vec<&'static str>,
}

/// Reads all rows, without the columns that the operator leaves out.
pub(super) fn laes(
    file: impl Read,
    tables: &Kodetabeller,
    ignorer: &[String],
    progress: &mut dyn FnMut(u64),
) -> Result<Laest, LaesFejl> {
    let mut reader = Laeser::ny(file)?;
    let mut hoved = reader.hoved(ignorer)?;
    let steder = Steder::find(&mut hoved)?;
    let mut rows = Vec::new();
    let mut record = csv::StringRecord::new();
    while reader.naeste(&mut record, &hoved)? {
        rows.push(celler(&record, &steder, tables));
        progress(rows.len() as u64);
    }
    Ok(Laest {
        raekker: rows,
        hoved: reader.overskrift().clone(),
        windows_1252: reader.er_windows_1252(),
        ikke_indlaest: steder.ikke_indlaest,
    })
}

/// The cells of a row by what they mean.
fn celler(record: &csv::StringRecord, steder: &Steder, tables: &Kodetabeller) -> Celler {
    let cell = |at: Option<usize>| {
        at.and_then(|at| record.get(at))
            .map(unquoted)
            .unwrap_or_default()
    };
    let mut celler = Celler {
        linje: record.position().map_or(0, csv::Position::line),
        art: cell(steder.art),
        daginstitution: cell(Some(steder.daginstitution)),
        enhed: cell(steder.enhed),
        adresse_nummer: cell(steder.adresse_nummer),
        status: cell(steder.status),
        raa: record.clone(),
        ..Celler::default()
    };
    for Sted { def, at, text } in &steder.felter {
        let value = cell(*at);
        celler[def.column] = match def.kind {
            Kind::Code(table) => code_of(value, &cell(*text), tables.of(table)),
            Kind::Coordinate => value.replace(',', "."),
            Kind::HouseNumber => {
                let (read, stands) = husnummer(value);
                celler.hus_nummer_i_filen = stands;
                read
            }
            Kind::PNumber if value == NUL => {
                celler.p_nummer_nul = true;
                String::new()
            }
            _ => value,
        };
    }
    celler.niveau = niveau(&celler);
    // The name of what stands above a record is in its row too, and is not its own.
    let [any, name, of_level @ ..] = steder.navne;
    let own = celler.niveau.and_then(|niveau| match niveau {
        Niveau::Daginstitution => of_level[0],
        Niveau::Anvisningsenhed => of_level[1],
        Niveau::AlternativAdresse => of_level[2],
    });
    celler[Column::Navn] = [any, name, own]
        .into_iter()
        .map(cell)
        .find(|name| !name.is_empty())
        .unwrap_or_default();
    celler
}

/// A house number in the form of the register, and as it stands where that is another: without zeros before it and without
/// a space before its letter. What is no house number stays for the schema to refuse.
fn husnummer(cell: String) -> (String, Option<String>) {
    let digits = cell.trim_start_matches('0');
    let (number, letter) = match digits.find(|c: char| !c.is_ascii_digit()) {
        Some(at) => digits.split_at(at),
        None => (digits, ""),
    };
    let letter = letter.trim();
    let plain =
        !number.is_empty() && letter.len() <= 1 && letter.chars().all(|c| c.is_ascii_alphabetic());
    let read = format!("{number}{letter}");
    if plain && read != cell {
        (read, Some(cell))
    } else {
        (cell, None)
    }
}

/// A cell without what keeps a spreadsheet from taking it for a formula.
fn unquoted(cell: &str) -> String {
    fused(cell.trim()).to_owned()
}

/// The code, or that of the text where the file has the text alone.
fn code_of(code: String, text: &str, table: &Kodetabel) -> String {
    if !code.is_empty() || text.is_empty() {
        return code;
    }
    let known = table
        .koder
        .iter()
        .find(|(_, row)| foldet(&row.tekst) == foldet(text));
    known.map_or_else(|| text.to_owned(), |(code, _)| code.to_string())
}

/// The level, by what the row says or else by the numbers that it has.
fn niveau(celler: &Celler) -> Option<Niveau> {
    match foldet(&celler.art).as_str() {
        "daginstitution" => Some(Niveau::Daginstitution),
        "anvisningsenhed" => Some(Niveau::Anvisningsenhed),
        "alternativadresse" => Some(Niveau::AlternativAdresse),
        "" if !celler.adresse_nummer.is_empty() => Some(Niveau::AlternativAdresse),
        "" if !celler.enhed.is_empty() => Some(Niveau::Anvisningsenhed),
        "" if !celler.daginstitution.is_empty() => Some(Niveau::Daginstitution),
        _ => None,
    }
}
