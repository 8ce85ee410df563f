//! The rows of a file: which column holds what. Columns are found by the names that the first load knows; none is passed over.

use crate::export::csv::fused;
use crate::first_load::{
    Broken, ColumnError, Header, Nearest, ReadError, RowReader, code_of, level_of, spellings,
};
use crate::problem::{Problem, plan, words};
use crate::register::{Column, Def, Field, Kind, Kodetabeller, Niveau};

/// Columns that the register keeps and that are compared with nothing: dates of change.
const NOT_READ: [&str; 2] = ["oprettet", "senestOpdateret"];

/// A file of rows.
pub(super) struct Sheet {
    pub(super) columns: Columns,
    pub(super) rows: Vec<csv::StringRecord>,
}

/// Where the cells of a row stand.
pub(super) struct Columns {
    says: Option<usize>,
    /// The number on each level.
    numbers: [Option<usize>; 3],
    /// The record's own name, whatever its level.
    name: Option<usize>,
    /// The name on each level.
    names: [Option<usize>; 3],
    fields: Vec<FieldColumn>,
    life: Vec<(Field, Option<usize>)>,
    /// What is known and not read, as the file names it.
    pub(super) not_read: Vec<&'static str>,
}

/// A field's cell, and the one with the text of its code.
pub(super) struct FieldColumn {
    pub(super) def: &'static Def,
    at: Option<usize>,
    text: Option<usize>,
}

/// What a row says of its end and its place, beside fields.
const LIFE: [Field; 7] = [
    Field::Aktivitetsstatus,
    Field::Version,
    Field::Nedlagt,
    Field::Lukkeaarsag,
    Field::SkolensInstitutionsnummer,
    Field::Afloeser,
    Field::AfloestAf,
];

/// The names of the columns with numbers and names, by level.
const NUMBERS: [(&str, &[&str]); 3] = [
    ("daginstitutionsNummer", &[]),
    ("anvisningsenhedsNummer", &["enhedsNummer"]),
    ("alternativAdresseNummer", &[]),
];
const NAMES: [(&str, &[&str]); 3] = [
    ("daginstitutionsNavn", &[]),
    ("anvisningsenhedsNavn", &["enhedsNavn"]),
    ("alternativAdresseNavn", &[]),
];

/// Reads all rows.
pub(super) fn read(file: &[u8], separator: u8) -> Result<Sheet, Vec<Problem>> {
    let one = |error: ReadError| vec![problem(&error)];
    let mut reader = RowReader::parted_by(separator, file).map_err(one)?;
    let mut header = reader.header(&[]).map_err(one)?;
    let columns = Columns::find(&mut header).map_err(columns_refused)?;
    let mut rows = Vec::new();
    let mut record = csv::StringRecord::new();
    while reader.next_row(&mut record, &header).map_err(one)? {
        rows.push(record.clone());
    }
    Ok(Sheet { columns, rows })
}

impl Sheet {
    /// The line of the file on which a row begins, from 1.
    pub(super) fn line(&self, row: usize) -> u64 {
        let position = self.rows.get(row).and_then(csv::StringRecord::position);
        position.map_or(0, csv::Position::line)
    }
}

impl Columns {
    fn find(header: &mut Header) -> Result<Self, ColumnError> {
        let number =
            |header: &mut Header, level: usize| header.find(NUMBERS[level].0, NUMBERS[level].1);
        let top = header.require(NUMBERS[0].0, NUMBERS[0].1)?;
        let numbers = [Some(top), number(header, 1), number(header, 2)];
        let name = header.find("dagtilbudsNavn", &["navn"]);
        let names = [0, 1, 2].map(|level: usize| header.find(NAMES[level].0, NAMES[level].1));
        let says = header.find("dagtilbudsType", &[]);
        let fields = described().map(|def| FieldColumn {
            def,
            at: header.find(def.field.name(), spellings(def.field)),
            text: match def.kind {
                Kind::Code(_) => header.find(def.field.text_name(), &[]),
                _ => None,
            },
        });
        let fields = fields.collect();
        let life = LIFE.map(|field| (field, header.find(field.name(), &[])));
        let not_read = NOT_READ.into_iter();
        let not_read = not_read
            .filter(|name| header.find(name, &[]).is_some())
            .collect();
        header.all_known()?;
        Ok(Self {
            says,
            numbers,
            name,
            names,
            fields,
            life: life.to_vec(),
            not_read,
        })
    }

    /// The level of a row, by what it says or else by its numbers.
    pub(super) fn level(&self, row: &csv::StringRecord) -> Option<Niveau> {
        let numbers = self.numbers.map(|at| cell(row, at).unwrap_or_default());
        level_of(cell(row, self.says).unwrap_or_default(), numbers)
    }

    /// What a row says that it is.
    pub(super) fn says<'r>(&self, row: &'r csv::StringRecord) -> &'r str {
        cell(row, self.says).unwrap_or_default()
    }

    /// The number on a level; none where the file has no such column.
    pub(super) fn number<'r>(&self, row: &'r csv::StringRecord, level: Niveau) -> Option<&'r str> {
        cell(row, self.numbers[level as usize])
    }

    /// The record's own name.
    pub(super) fn name<'r>(&self, row: &'r csv::StringRecord, level: Niveau) -> Option<&'r str> {
        cell(row, self.name.or(self.names[level as usize]))
    }

    /// The name on a level, where it is not the column of the record's own.
    pub(super) fn name_on<'r>(
        &self,
        row: &'r csv::StringRecord,
        (level, own): (Niveau, Niveau),
    ) -> Option<&'r str> {
        let only = self.name.is_none() && level == own;
        cell(row, self.names[level as usize]).filter(|_| !only)
    }

    /// The cell of a field as a row of a level has it; none where the file has no such column. A code that stands as text alone
    /// is the code.
    pub(super) fn field<'r>(
        &self,
        row: &'r csv::StringRecord,
        (def, level): (&'static Def, Niveau),
        tables: &Kodetabeller,
    ) -> Option<std::borrow::Cow<'r, str>> {
        match (def.column, level.parent()) {
            (Column::Navn, _) => self.name(row, level).map(Into::into),
            (Column::Foraelder, Some(parent)) => self.number(row, parent).map(Into::into),
            _ => {
                let own = self.of(def.column)?;
                match (cell(row, own.at), cell(row, own.text), def.kind) {
                    (None, Some(text), Kind::Code(table)) => {
                        Some(code_of(String::new(), text, tables.of(table)).into())
                    }
                    (own, ..) => own.map(Into::into),
                }
            }
        }
    }

    /// The text beside a code's own cell.
    pub(super) fn text<'r>(&self, row: &'r csv::StringRecord, column: Column) -> Option<&'r str> {
        let own = self.of(column)?;
        own.at.and(cell(row, own.text))
    }

    fn of(&self, column: Column) -> Option<&FieldColumn> {
        self.fields.iter().find(|own| own.def.column == column)
    }

    /// The fields that have columns of their own.
    pub(super) fn described(&self) -> impl Iterator<Item = &'static Def> {
        let there = self.fields.iter().filter(|own| own.at.is_some());
        there.map(|own| own.def)
    }

    /// A cell of what the register keeps of a record's life.
    pub(super) fn life<'r>(&self, row: &'r csv::StringRecord, field: Field) -> Option<&'r str> {
        let (_, at) = self.life.iter().find(|(own, _)| *own == field)?;
        cell(row, *at)
    }

    /// What the file calls a field of a level.
    pub(super) fn called(&self, field: Field, level: Niveau) -> &'static str {
        let number = |level: Niveau| NUMBERS[level as usize].0;
        match field {
            Field::DaginstitutionsNavn | Field::EnhedsNavn | Field::AlternativAdresseNavn => {
                if self.name.is_some() {
                    "dagtilbudsNavn"
                } else {
                    NAMES[level as usize].0
                }
            }
            Field::DaginstitutionsNummer | Field::NytDaginstitutionsNummer => {
                number(Niveau::Daginstitution)
            }
            Field::EnhedsNummer | Field::NytEnhedsNummer => number(Niveau::Anvisningsenhed),
            other => other.name(),
        }
    }
}

/// The name of the column with numbers of a level.
pub(super) const fn number_column(level: Niveau) -> &'static str {
    NUMBERS[level as usize].0
}

/// The name of the column with names of a level.
pub(super) const fn name_column(level: Niveau) -> &'static str {
    NAMES[level as usize].0
}

/// A cell without what keeps a spreadsheet from taking it for a formula.
fn cell(row: &csv::StringRecord, at: Option<usize>) -> Option<&str> {
    let at = at?;
    Some(fused(row.get(at).unwrap_or_default().trim()))
}

/// The fields of all levels, each column once, without names and the numbers of parents.
fn described() -> impl Iterator<Item = &'static Def> {
    let of = |column: Column| {
        let mut all = Niveau::ALL.into_iter().flat_map(Niveau::fields);
        all.find(move |def| def.column == column)
    };
    let columns = Column::ALL.iter().copied();
    columns
        .filter(|column| ![Column::Navn, Column::Foraelder].contains(column))
        .filter_map(of)
}

fn problem(error: &ReadError) -> Problem {
    match error {
        ReadError::Csv { line, why } => {
            let why = match why {
                Broken::Quote => words!(
                    "en celle i anførselstegn går over flere linjer; mangler der et anførselstegn (\"), eller er der et for meget?",
                    "a cell in quotes goes over several lines; is a quote (\") missing or too many?"
                ),
                Broken::MoreCells => words!(
                    "den har flere celler end der er kolonner; står der en celle med skilletegn, som ikke er i anførselstegn?",
                    "it has more cells than there are columns; is a cell with the separator in it not in quotes?"
                ),
                Broken::Encoding => words!("den er ikke i UTF-8", "it is not in UTF-8"),
                Broken::Unreadable(_) => words!(
                    "den er for lang; mangler linjeskift, eller er et anførselstegn (\") ikke lukket?",
                    "it is too long; are line ends missing, or is a quote (\") not closed?"
                ),
            };
            let problem = Problem::new(&plan::CSV_BRUDT).with("linje", line);
            problem.with_words(
                "grund",
                why.map(|text| text.trim_end_matches('?').to_owned()),
            )
        }
        // The two others come from elsewhere.
        ReadError::Columns(_) | ReadError::Store(_) => {
            Problem::new(&crate::problem::intern::INTERN)
        }
    }
}

fn columns_refused(error: ColumnError) -> Vec<Problem> {
    match error {
        ColumnError::Missing { column, .. } => {
            vec![Problem::new(&plan::KOLONNE_MANGLER).with("kolonne", column)]
        }
        ColumnError::Twice(one, other, column) => {
            let twice = Problem::new(&plan::KOLONNE_IGEN);
            vec![
                twice
                    .with("en", one)
                    .with("anden", other)
                    .with("kolonne", column),
            ]
        }
        ColumnError::NotThere(name) => {
            vec![Problem::new(&plan::KOLONNE_MANGLER).with("kolonne", name)]
        }
        ColumnError::Unknown(all) => {
            let told = |(name, near): (String, Nearest)| {
                let near = match near {
                    Nearest::One(name) => name.to_owned(),
                    Nearest::OneOf(names) => names.join(", "),
                };
                let unknown = Problem::new(&plan::KOLONNE_UKENDT);
                unknown.with("kolonne", name).with("kendt", near)
            };
            all.into_iter().map(told).collect()
        }
    }
}
