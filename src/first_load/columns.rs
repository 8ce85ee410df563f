//! The columns of a first load: found by name and by the spellings that exports have used, and none passed over.

use std::io::Read;
use std::ops::{Index, IndexMut};

use crate::export::csv::fused;
use crate::register::{Column, Def, Field, Kind, Kodetabel, Kodetabeller, Niveau};

use super::header::{ColumnError, Header, folded};
use super::{ReadError, RowReader};

/// The cells of a row by what they mean; empty where the file has none. Codes that stand as text alone are codes again.
#[derive(Debug, Clone, Default)]
pub(super) struct Cells {
    pub(super) line: u64,
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
    /// Whether the P-number is ten zeros, which means that the place has none.
    pub(super) p_nummer_nul: bool,
    /// The row as it stands.
    pub(super) raw: csv::StringRecord,
}

impl Index<Column> for Cells {
    type Output = String;

    fn index(&self, column: Column) -> &String {
        &self.values[column as usize]
    }
}

impl IndexMut<Column> for Cells {
    fn index_mut(&mut self, column: Column) -> &mut String {
        &mut self.values[column as usize]
    }
}

impl Cells {
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
const OWN: [&str; 9] = [
    "version",
    "oprettet",
    "senestOpdateret",
    "nedlagt",
    "lukkeaarsag",
    "skolensInstitutionsnummer",
    "afloeser",
    "afloestAf",
    ERROR_COLUMN,
];
/// The column of a file of rejected rows that says why.
pub(super) const ERROR_COLUMN: &str = "fejl";

/// What has no meaning where a P-number is asked for.
const ZEROS: &str = "0000000000";

/// Where a field stands: its cell, and that with the text of its code.
struct Sted {
    def: &'static Def,
    at: Option<usize>,
    text: Option<usize>,
}

impl Sted {
    fn find(header: &mut Header, def: &'static Def) -> Self {
        let at = header.find(def.field.name(), spellings(def.field));
        let text = match def.kind {
            Kind::Code(_) => header.find(def.field.text_name(), &[]),
            _ => None,
        };
        Self { def, at, text }
    }
}

/// The fields of all levels, each column once. Names and parents' numbers are found by columns of their own.
fn fields() -> impl Iterator<Item = &'static Def> {
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
struct Indices {
    daginstitution: usize,
    enhed: Option<usize>,
    adresse_nummer: Option<usize>,
    /// Names that any level may have, then those of each level.
    names: [Option<usize>; 5],
    art: Option<usize>,
    status: Option<usize>,
    fields: Vec<Sted>,
    /// What is known and not loaded, as the file names it.
    not_loaded: Vec<&'static str>,
}

impl Indices {
    /// Finds every column; one that means nothing refuses the file.
    fn find(header: &mut Header) -> Result<Self, ColumnError> {
        let daginstitution = header.require("daginstitutionsNummer", &[])?;
        let enhed = header.find("anvisningsenhedsNummer", &["enhedsNummer"]);
        let adresse_nummer = header.find("alternativAdresseNummer", &[]);
        let names = [
            header.find("dagtilbudsNavn", &[]),
            header.find("navn", &[]),
            header.find("daginstitutionsNavn", &[]),
            header.find("anvisningsenhedsNavn", &["enhedsNavn"]),
            header.find("alternativAdresseNavn", &[]),
        ];
        if names.iter().all(Option::is_none) {
            return Err(header.missing("dagtilbudsNavn"));
        }
        let art = header.find("dagtilbudsType", &[]);
        let status = header.find(Field::Aktivitetsstatus.name(), &[]);
        let fields = fields().map(|def| Sted::find(header, def)).collect();
        let not_loaded = OWN
            .into_iter()
            .filter(|name| header.find(name, &[]).is_some())
            .collect();
        header.all_known()?;
        Ok(Self {
            daginstitution,
            enhed,
            adresse_nummer,
            names,
            art,
            status,
            fields,
            not_loaded,
        })
    }
}

/// Other spellings that exports have used.
const ALSO: [(Field, &[&str]); 5] = [
    (Field::CvrNummer, &["cvr"]),
    (Field::PNummer, &["pNumber"]),
    (Field::Doer, &["dør"]),
    (Field::GeoLaengde, &["geoLængde"]),
    (Field::DawaId, &["dawaUUID"]),
];

/// The other spellings of a field's column.
pub(crate) fn spellings(field: Field) -> &'static [&'static str] {
    let also = ALSO.iter().find(|(own, _)| *own == field);
    also.map_or(&[], |(_, names)| names)
}

/// The rows of a file, and the columns that are known and not loaded.
pub(super) struct Loaded {
    pub(super) rows: Vec<Cells>,
    /// The header as it stands.
    pub(super) header: csv::StringRecord,
    pub(super) windows_1252: bool,
    pub(super) not_loaded: Vec<&'static str>,
}

/// Reads all rows, without the columns that the operator leaves out.
pub(super) fn read(
    file: impl Read,
    tables: &Kodetabeller,
    ignore: &[String],
    progress: &mut dyn FnMut(u64),
) -> Result<Loaded, ReadError> {
    let mut reader = RowReader::new(file)?;
    let mut header = reader.header(ignore)?;
    let indices = Indices::find(&mut header)?;
    let mut rows = Vec::new();
    let mut record = csv::StringRecord::new();
    while reader.next_row(&mut record, &header)? {
        rows.push(cells(&record, &indices, tables));
        progress(rows.len() as u64);
    }
    Ok(Loaded {
        rows,
        header: reader.heading().clone(),
        windows_1252: reader.is_windows_1252(),
        not_loaded: indices.not_loaded,
    })
}

/// The cells of a row by what they mean.
fn cells(record: &csv::StringRecord, indices: &Indices, tables: &Kodetabeller) -> Cells {
    let cell = |at: Option<usize>| {
        at.and_then(|at| record.get(at))
            .map(unquoted)
            .unwrap_or_default()
    };
    let mut cells = Cells {
        line: record.position().map_or(0, csv::Position::line),
        art: cell(indices.art),
        daginstitution: cell(Some(indices.daginstitution)),
        enhed: cell(indices.enhed),
        adresse_nummer: cell(indices.adresse_nummer),
        status: cell(indices.status),
        raw: record.clone(),
        ..Cells::default()
    };
    for Sted { def, at, text } in &indices.fields {
        let value = cell(*at);
        cells[def.column] = match def.kind {
            Kind::Code(table) => code_of(value, &cell(*text), tables.of(table)),
            Kind::Coordinate => value.replace(',', "."),
            Kind::HouseNumber => {
                let (read, stands) = house_number(value);
                cells.hus_nummer_i_filen = stands;
                read
            }
            Kind::PNumber if value == ZEROS => {
                cells.p_nummer_nul = true;
                String::new()
            }
            _ => value,
        };
    }
    cells.niveau = level_of(
        &cells.art,
        [&cells.daginstitution, &cells.enhed, &cells.adresse_nummer],
    );
    // The name of what stands above a record is in its row too, and is not its own.
    let [any, name, of_level @ ..] = indices.names;
    let own = cells.niveau.and_then(|niveau| match niveau {
        Niveau::Daginstitution => of_level[0],
        Niveau::Anvisningsenhed => of_level[1],
        Niveau::AlternativAdresse => of_level[2],
    });
    cells[Column::Navn] = [any, name, own]
        .into_iter()
        .map(cell)
        .find(|name| !name.is_empty())
        .unwrap_or_default();
    cells
}

/// A house number in the form of the register, and as it stands where that is another: without zeros before it and without
/// a space before its letter. What is no house number stays for the schema to refuse.
pub(crate) fn house_number(cell: String) -> (String, Option<String>) {
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
pub(crate) fn code_of(code: String, text: &str, table: &Kodetabel) -> String {
    if !code.is_empty() || text.is_empty() {
        return code;
    }
    let known = table
        .koder
        .iter()
        .find(|(_, row)| folded(&row.tekst) == folded(text));
    known.map_or_else(|| text.to_owned(), |(code, _)| code.to_string())
}

/// The level, by what the row says or else by the numbers that it has on each.
pub(crate) fn level_of(says: &str, numbers: [&str; 3]) -> Option<Niveau> {
    let [top, unit, address] = numbers.map(|number| !number.is_empty());
    match folded(says).as_str() {
        "daginstitution" => Some(Niveau::Daginstitution),
        "anvisningsenhed" => Some(Niveau::Anvisningsenhed),
        "alternativadresse" => Some(Niveau::AlternativAdresse),
        "" if address => Some(Niveau::AlternativAdresse),
        "" if unit => Some(Niveau::Anvisningsenhed),
        "" if top => Some(Niveau::Daginstitution),
        _ => None,
    }
}
