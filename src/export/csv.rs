//! The four CSVs (kontrakt §9; fakta §6.7): `;` between cells, a byte order mark, CRLF, with the columns of the
//! register's own site and, after them, what it has besides: new columns come last, for consumers are known to count.
//! `docs/csv.md` tells each column's element.

mod cell;

use std::collections::HashMap;
use std::fmt::Write;

pub(crate) use cell::{defused, fused};
use cell::{quoted, telephone};

use crate::register::{
    Column, Content, Def, Field, Institutionsnummer, Kind, Kodetabeller, Niveau, Pen, Record,
    Table, Value, Version,
};

/// Which of the four.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sheet {
    /// Records of one level.
    Niveau(Niveau),
    /// All three levels in one.
    Samlet,
}

/// How coordinates are written: a spreadsheet in Danish takes a point for no number, or for a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DecimalMark {
    /// `56.10868`, as in the XML.
    Punktum,
    /// `56,10868`.
    Komma,
}

impl DecimalMark {
    /// By its name in a query.
    pub fn parse(navn: &str) -> Option<Self> {
        match navn {
            "punktum" => Some(Self::Punktum),
            "komma" => Some(Self::Komma),
            _ => None,
        }
    }
}

/// Columns that each CSV has after its own; `gyldigFra` stands before them.
const LIFE: [Field; 4] = [
    Field::Version,
    Field::Oprettet,
    Field::SenestOpdateret,
    Field::Nedlagt,
];
/// What became of a record, and of which it is the successor: numbers with a space between.
const LINEAGE: [Field; 4] = [
    Field::Lukkeaarsag,
    Field::SkolensInstitutionsnummer,
    Field::Afloeser,
    Field::AfloestAf,
];
/// The columns of content in the order that consumers count on. A field that is not here gets a column at the end.
const BASIS: [Column; 3] = [Column::Ejerform, Column::Lovgrundlag, Column::AdmKommune];
const PLACE: [Column; 17] = [
    Column::InstType,
    Column::Cvr,
    Column::PNummer,
    Column::VejNavn,
    Column::VejKode,
    Column::HusNummer,
    Column::Etage,
    Column::Doer,
    Column::PostNummer,
    Column::ByNavn,
    Column::SupplerendeBynavn,
    Column::KommuneKode,
    Column::GeoBredde,
    Column::GeoLaengde,
    Column::DawaId,
    Column::Email,
    Column::Telefon,
];

/// A column: its name, and what its cells show.
struct SheetColumn {
    name: &'static str,
    cell: Cell,
}

/// What a cell shows.
#[derive(Clone, Copy)]
enum Cell {
    /// The level.
    Level,
    /// The number of the record, or of the one above it, on this level.
    Number(Niveau),
    /// The record's name.
    Name,
    /// The name of the record, or of the one above it, on this level.
    NameAbove(Niveau),
    /// A field of the content.
    Field(&'static Def),
    /// The text of its code.
    Text(&'static Def, Table),
    /// What the register itself knows.
    Life(Field),
}

impl Sheet {
    /// Its file's name.
    pub const fn fil(self) -> &'static str {
        match self {
            Self::Niveau(Niveau::Daginstitution) => "daginstitution.csv",
            Self::Niveau(Niveau::Anvisningsenhed) => "anvisningsenhed.csv",
            Self::Niveau(Niveau::AlternativAdresse) => "alternativadresse.csv",
            Self::Samlet => "samlet.csv",
        }
    }

    /// The fields that it shows, by column: of a record's own level, and of those above that are inherited.
    fn fields(self) -> [Option<&'static Def>; Column::COUNT] {
        let mut all = [None; Column::COUNT];
        let shown = |level: Niveau| match self {
            Self::Niveau(own) => level <= own,
            Self::Samlet => true,
        };
        for level in Niveau::ALL.into_iter().filter(|level| shown(*level)) {
            let own = self == Self::Samlet || self == Self::Niveau(level);
            for def in level.fields().filter(|def| own || def.inherited) {
                all[def.column as usize] = Some(def);
            }
        }
        all
    }

    fn columns(self) -> Vec<SheetColumn> {
        const TOP: Niveau = Niveau::Daginstitution;
        const UNIT: Niveau = Niveau::Anvisningsenhed;
        const ADDRESS: Niveau = Niveau::AlternativAdresse;
        let own: &[(&str, Cell)] = match self {
            Self::Niveau(TOP) => &[
                ("daginstitutionsNummer", Cell::Number(TOP)),
                ("daginstitutionsNavn", Cell::Name),
            ],
            Self::Niveau(UNIT) => &[
                ("anvisningsenhedsNummer", Cell::Number(UNIT)),
                ("daginstitutionsNummer", Cell::Number(TOP)),
                ("anvisningsenhedsNavn", Cell::Name),
            ],
            Self::Niveau(ADDRESS) => &[
                ("alternativAdresseNummer", Cell::Number(ADDRESS)),
                ("anvisningsenhedsNummer", Cell::Number(UNIT)),
                ("daginstitutionsNummer", Cell::Number(TOP)),
                ("alternativAdresseNavn", Cell::Name),
            ],
            Self::Samlet => &[
                ("dagtilbudsType", Cell::Level),
                ("daginstitutionsNummer", Cell::Number(TOP)),
                ("anvisningsenhedsNummer", Cell::Number(UNIT)),
                ("alternativAdresseNummer", Cell::Number(ADDRESS)),
                ("dagtilbudsNavn", Cell::Name),
            ],
        };
        // The names of what a record stands under.
        let above: &[(&str, Cell)] = match self {
            Self::Niveau(TOP) => &[],
            Self::Niveau(UNIT) => &[("daginstitutionsNavn", Cell::NameAbove(TOP))],
            Self::Niveau(ADDRESS) | Self::Samlet => &[
                ("anvisningsenhedsNavn", Cell::NameAbove(UNIT)),
                ("daginstitutionsNavn", Cell::NameAbove(TOP)),
            ],
        };
        let named = |(name, cell): &(&'static str, Cell)| SheetColumn { name, cell: *cell };
        let known = |field: Field| SheetColumn {
            name: field.name(),
            cell: Cell::Life(field),
        };
        let mut fields = self.fields();
        // Names and numbers have columns of their own.
        fields[Column::Navn as usize] = None;
        fields[Column::Foraelder as usize] = None;
        let mut all: Vec<SheetColumn> = own.iter().map(named).collect();
        all.push(known(Field::Aktivitetsstatus));
        for column in BASIS.into_iter().chain(PLACE) {
            all.extend(fields[column as usize].take().into_iter().flat_map(field));
        }
        let date = fields[Column::GyldigFra as usize].take();
        all.extend(date.into_iter().flat_map(field));
        all.extend(LIFE.map(known));
        all.extend(LINEAGE.map(known));
        all.extend(above.iter().map(named));
        all.extend(fields.into_iter().flatten().flat_map(field));
        all
    }

    /// Writes records; all parents of those that are shown must be among them.
    pub fn write(self, records: &[Record], tables: &Kodetabeller, decimal: DecimalMark) -> Vec<u8> {
        let mut above: HashMap<Institutionsnummer, &Content> = HashMap::new();
        for record in records {
            above.insert(record.nummer, &*record.content);
        }
        let columns = self.columns();
        let mut out = String::with_capacity(256 * (records.len() + 1));
        out.push('\u{feff}');
        let names: Vec<&str> = columns.iter().map(|column| column.name).collect();
        out.push_str(&names.join(";"));
        out.push_str("\r\n");
        let shown = |record: &&Record| match self {
            Self::Niveau(niveau) => record.niveau() == niveau,
            Self::Samlet => true,
        };
        for record in records.iter().filter(shown) {
            let row = Row::new(record, &above, tables, decimal);
            for (n, column) in columns.iter().enumerate() {
                if n > 0 {
                    out.push(';');
                }
                row.cell(column.cell, &mut out);
            }
            out.push_str("\r\n");
        }
        out.into_bytes()
    }
}

/// The columns of a field: a code has its text beside it.
fn field(def: &'static Def) -> impl Iterator<Item = SheetColumn> {
    let text = match def.kind {
        Kind::Code(table) => Some(SheetColumn {
            name: def.field.text_name(),
            cell: Cell::Text(def, table),
        }),
        _ => None,
    };
    let own = SheetColumn {
        name: def.field.name(),
        cell: Cell::Field(def),
    };
    [Some(own), text].into_iter().flatten()
}

/// A record with what stands above it.
struct Row<'a> {
    record: &'a Record,
    /// The record, or the one above it, on each level.
    above: [Option<(Institutionsnummer, &'a Content)>; 3],
    values: Values<'a>,
    tables: &'a Kodetabeller,
    decimal: DecimalMark,
}

/// The values of a row by column: the record's own, and those above it that are inherited.
struct Values<'a> {
    by_column: [Option<Value<'a>>; Column::COUNT],
    own: bool,
}

impl<'a> Pen<'a> for Values<'a> {
    fn field(&mut self, def: &'static Def, value: Value<'a>) {
        if self.own || def.inherited {
            self.by_column[def.column as usize] = Some(value);
        }
    }
}

impl<'a> Row<'a> {
    fn new(
        record: &'a Record,
        all: &HashMap<Institutionsnummer, &'a Content>,
        tables: &'a Kodetabeller,
        decimal: DecimalMark,
    ) -> Self {
        let mut above = [None; 3];
        let mut values = Values {
            by_column: [None; Column::COUNT],
            own: true,
        };
        let mut at = Some((record.nummer, &*record.content));
        while let Some((number, content)) = at {
            content.write(&mut values);
            values.own = false;
            above[content.niveau() as usize] = Some((number, content));
            let parent = content.parent().zip(content.niveau().parent());
            at = parent.and_then(|(number, level)| {
                let found = all.get(&number).copied();
                Some((number, found.filter(|found| found.niveau() == level)?))
            });
        }
        Self {
            record,
            above,
            values,
            tables,
            decimal,
        }
    }

    fn cell(&self, cell: Cell, out: &mut String) {
        let record = self.record;
        match cell {
            Cell::Level => quoted(out, record.niveau().element()),
            Cell::Number(level) => {
                let above = self.above[level as usize].as_ref();
                quoted(out, above.map_or("", |(number, _)| number.as_str()));
            }
            Cell::Name => defused(out, record.content.navn()),
            Cell::NameAbove(level) => {
                let above = self.above[level as usize];
                defused(out, above.map_or("", |(_, content)| content.navn()));
            }
            Cell::Field(def) => {
                if let Some(value) = self.values.by_column[def.column as usize] {
                    self.field(def, value, out);
                }
            }
            Cell::Text(def, table) => {
                let value = self.values.by_column[def.column as usize];
                let code = value.and_then(|value| value.code());
                let text = code.and_then(|code| self.tables.of(table).tekst(code));
                defused(out, text.unwrap_or_default());
            }
            Cell::Life(field) => self.life(field, out),
        }
    }

    fn field(&self, def: &Def, value: Value<'_>, out: &mut String) {
        let Some(text) = value.as_str() else {
            return quoted(out, &value.to_string());
        };
        match def.kind {
            Kind::Text => defused(out, text),
            Kind::Telephone => telephone(out, text),
            // Numbers, also below zero: no spreadsheet takes them for anything else.
            Kind::Coordinate if self.decimal == DecimalMark::Komma => {
                quoted(out, &text.replace('.', ","));
            }
            _ => quoted(out, text),
        }
    }

    /// A list of numbers has a space between.
    fn life(&self, field: Field, out: &mut String) {
        let text = String::new();
        let mut cell = LifeCell { field, text };
        self.record.life.write(&mut cell);
        quoted(out, &cell.text);
    }
}

/// The cell of one thing that the register itself knows.
struct LifeCell {
    field: Field,
    text: String,
}

impl<'a> Pen<'a> for LifeCell {
    fn field(&mut self, _: &'static Def, _: Value<'a>) {}

    fn own(&mut self, field: Field, _: Version, value: Value<'a>) {
        if field == self.field {
            if !self.text.is_empty() {
                self.text.push(' ');
            }
            // Writing into a String can't fail.
            let _ = write!(self.text, "{value}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_guide_tells_the_element_of_every_column() {
        let guide = include_str!("../../docs/csv.md");
        let tables = Niveau::ALL.map(Sheet::Niveau);
        for table in tables.into_iter().chain([Sheet::Samlet]) {
            for column in table.columns() {
                assert!(
                    guide.contains(&format!("\n| `{}` |", column.name)),
                    "{}",
                    column.name
                );
            }
        }
    }

    #[test]
    fn each_column_of_a_file_has_its_own_name() {
        let tables = Niveau::ALL.map(Sheet::Niveau);
        for table in tables.into_iter().chain([Sheet::Samlet]) {
            let columns = table.columns();
            let names = columns.iter().map(|column| column.name);
            let unique: std::collections::BTreeSet<_> = names.collect();
            assert_eq!(unique.len(), columns.len(), "{table:?}");
        }
    }
}
