//! The four CSVs (kontrakt §9; fakta §6.7): `;` between cells, a byte order mark, CRLF, with the columns of the
//! register's own site and, after them, what it has besides: new columns come last, for consumers are known to count. A
//! cell is quoted only where it must be, for consumers are known to split at `;` alone. A text that a spreadsheet would
//! take for a formula begins with an apostrophe; a telephone number does not. `docs/csv.md` tells each column's element.

use std::collections::HashMap;
use std::fmt::Write;

use crate::register::{
    Column, Content, Def, Field, Institutionsnummer, Kind, Kodetabeller, Niveau, Pen, Record,
    Since, Table, Value,
};

/// Which of the four.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tabel {
    /// Records of one level.
    Niveau(Niveau),
    /// All three levels in one.
    Samlet,
}

/// How coordinates are written: a spreadsheet in Danish takes a point for no number, or for a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Decimal {
    /// `56.10868`, as in the XML.
    Punktum,
    /// `56,10868`.
    Komma,
}

impl Decimal {
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
const LIV: [Field; 4] = [
    Field::Version,
    Field::Oprettet,
    Field::SenestOpdateret,
    Field::Nedlagt,
];
/// What became of a record, and of which it is the successor: numbers with a space between.
const SLAEGT: [Field; 4] = [
    Field::Lukkeaarsag,
    Field::SkolensInstitutionsnummer,
    Field::Afloeser,
    Field::AfloestAf,
];
/// The columns of content in the order that consumers count on. A field that is not here gets a column at the end.
const GRUNDLAG: [Column; 3] = [Column::Ejerform, Column::Lovgrundlag, Column::AdmKommune];
const STED: [Column; 17] = [
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
struct Kolonne {
    navn: &'static str,
    celle: Celle,
}

/// What a cell shows.
#[derive(Clone, Copy)]
enum Celle {
    /// The level.
    Art,
    /// The number of the record, or of the one above it, on this level.
    Nummer(Niveau),
    /// The record's name.
    Navn,
    /// The name of the record, or of the one above it, on this level.
    NavnOver(Niveau),
    /// A field of the content.
    Felt(&'static Def),
    /// The text of its code.
    Tekst(&'static Def, Table),
    /// What the register itself knows.
    Liv(Field),
}

impl Tabel {
    /// The one of a file's name.
    pub fn af_fil(navn: &str) -> Option<Self> {
        Some(match navn {
            "daginstitution.csv" => Self::Niveau(Niveau::Daginstitution),
            "anvisningsenhed.csv" => Self::Niveau(Niveau::Anvisningsenhed),
            "alternativadresse.csv" => Self::Niveau(Niveau::AlternativAdresse),
            "samlet.csv" => Self::Samlet,
            _ => return None,
        })
    }

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
    fn felter(self) -> [Option<&'static Def>; Column::COUNT] {
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

    fn kolonner(self) -> Vec<Kolonne> {
        const TOP: Niveau = Niveau::Daginstitution;
        const ENHED: Niveau = Niveau::Anvisningsenhed;
        const ADRESSE: Niveau = Niveau::AlternativAdresse;
        let own: &[(&str, Celle)] = match self {
            Self::Niveau(TOP) => &[
                ("daginstitutionsNummer", Celle::Nummer(TOP)),
                ("daginstitutionsNavn", Celle::Navn),
            ],
            Self::Niveau(ENHED) => &[
                ("anvisningsenhedsNummer", Celle::Nummer(ENHED)),
                ("daginstitutionsNummer", Celle::Nummer(TOP)),
                ("anvisningsenhedsNavn", Celle::Navn),
            ],
            Self::Niveau(ADRESSE) => &[
                ("alternativAdresseNummer", Celle::Nummer(ADRESSE)),
                ("anvisningsenhedsNummer", Celle::Nummer(ENHED)),
                ("daginstitutionsNummer", Celle::Nummer(TOP)),
                ("alternativAdresseNavn", Celle::Navn),
            ],
            Self::Samlet => &[
                ("dagtilbudsType", Celle::Art),
                ("daginstitutionsNummer", Celle::Nummer(TOP)),
                ("anvisningsenhedsNummer", Celle::Nummer(ENHED)),
                ("alternativAdresseNummer", Celle::Nummer(ADRESSE)),
                ("dagtilbudsNavn", Celle::Navn),
            ],
        };
        // The names of what a record stands under.
        let over: &[(&str, Celle)] = match self {
            Self::Niveau(TOP) => &[],
            Self::Niveau(ENHED) => &[("daginstitutionsNavn", Celle::NavnOver(TOP))],
            Self::Niveau(ADRESSE) | Self::Samlet => &[
                ("anvisningsenhedsNavn", Celle::NavnOver(ENHED)),
                ("daginstitutionsNavn", Celle::NavnOver(TOP)),
            ],
        };
        let named = |(navn, celle): &(&'static str, Celle)| Kolonne {
            navn,
            celle: *celle,
        };
        let known = |field: Field| Kolonne {
            navn: field.name(),
            celle: Celle::Liv(field),
        };
        let mut felter = self.felter();
        // Names and numbers have columns of their own.
        felter[Column::Navn as usize] = None;
        felter[Column::Foraelder as usize] = None;
        let mut all: Vec<Kolonne> = own.iter().map(named).collect();
        all.push(known(Field::Aktivitetsstatus));
        for column in GRUNDLAG.into_iter().chain(STED) {
            all.extend(felter[column as usize].take().into_iter().flat_map(felt));
        }
        let date = felter[Column::GyldigFra as usize].take();
        all.extend(date.into_iter().flat_map(felt));
        all.extend(LIV.map(known));
        all.extend(SLAEGT.map(known));
        all.extend(over.iter().map(named));
        all.extend(felter.into_iter().flatten().flat_map(felt));
        all
    }

    /// Writes records; all parents of those that are shown must be among them.
    pub fn skriv(self, records: &[Record], tables: &Kodetabeller, decimal: Decimal) -> Vec<u8> {
        let mut over: HashMap<Institutionsnummer, &Content> = HashMap::new();
        for record in records {
            over.insert(record.nummer, &record.content);
        }
        let kolonner = self.kolonner();
        let mut out = String::with_capacity(256 * (records.len() + 1));
        out.push('\u{feff}');
        let navne: Vec<&str> = kolonner.iter().map(|kolonne| kolonne.navn).collect();
        out.push_str(&navne.join(";"));
        out.push_str("\r\n");
        let shown = |record: &&Record| match self {
            Self::Niveau(niveau) => record.niveau() == niveau,
            Self::Samlet => true,
        };
        for record in records.iter().filter(shown) {
            let raekke = Raekke::ny(record, &over, tables, decimal);
            for (n, kolonne) in kolonner.iter().enumerate() {
                if n > 0 {
                    out.push(';');
                }
                raekke.celle(kolonne.celle, &mut out);
            }
            out.push_str("\r\n");
        }
        out.into_bytes()
    }
}

/// The columns of a field: a code has its text beside it.
fn felt(def: &'static Def) -> impl Iterator<Item = Kolonne> {
    let tekst = match def.kind {
        Kind::Code(table) => Some(Kolonne {
            navn: def.field.text_name(),
            celle: Celle::Tekst(def, table),
        }),
        _ => None,
    };
    let own = Kolonne {
        navn: def.field.name(),
        celle: Celle::Felt(def),
    };
    [Some(own), tekst].into_iter().flatten()
}

/// A record with what stands above it.
struct Raekke<'a> {
    record: &'a Record,
    /// The record, or the one above it, on each level.
    over: [Option<(Institutionsnummer, &'a Content)>; 3],
    vaerdier: Vaerdier<'a>,
    tables: &'a Kodetabeller,
    decimal: Decimal,
}

/// The values of a row by column: the record's own, and those above it that are inherited.
struct Vaerdier<'a> {
    values: [Option<Value<'a>>; Column::COUNT],
    own: bool,
}

impl<'a> Pen<'a> for Vaerdier<'a> {
    fn field(&mut self, def: &'static Def, value: Value<'a>) {
        if self.own || def.inherited {
            self.values[def.column as usize] = Some(value);
        }
    }
}

impl<'a> Raekke<'a> {
    fn ny(
        record: &'a Record,
        all: &HashMap<Institutionsnummer, &'a Content>,
        tables: &'a Kodetabeller,
        decimal: Decimal,
    ) -> Self {
        let mut over = [None; 3];
        let mut vaerdier = Vaerdier {
            values: [None; Column::COUNT],
            own: true,
        };
        let mut at = Some((record.nummer, &record.content));
        while let Some((number, content)) = at {
            content.write(&mut vaerdier);
            vaerdier.own = false;
            over[content.niveau() as usize] = Some((number, content));
            let parent = content.parent().zip(content.niveau().parent());
            at = parent.and_then(|(number, level)| {
                let found = all.get(&number).copied();
                Some((number, found.filter(|found| found.niveau() == level)?))
            });
        }
        Self {
            record,
            over,
            vaerdier,
            tables,
            decimal,
        }
    }

    fn celle(&self, celle: Celle, out: &mut String) {
        let record = self.record;
        match celle {
            Celle::Art => quoted(out, record.niveau().element()),
            Celle::Nummer(level) => {
                let over = self.over[level as usize].as_ref();
                quoted(out, over.map_or("", |(number, _)| number.as_str()));
            }
            Celle::Navn => defused(out, record.content.navn()),
            Celle::NavnOver(level) => {
                let over = self.over[level as usize];
                defused(out, over.map_or("", |(_, content)| content.navn()));
            }
            Celle::Felt(def) => {
                if let Some(value) = self.vaerdier.values[def.column as usize] {
                    self.felt(def, value, out);
                }
            }
            Celle::Tekst(def, table) => {
                let value = self.vaerdier.values[def.column as usize];
                let code = value.and_then(|value| value.code());
                let text = code.and_then(|code| self.tables.of(table).tekst(code));
                defused(out, text.unwrap_or_default());
            }
            Celle::Liv(field) => self.liv(field, out),
        }
    }

    fn felt(&self, def: &Def, value: Value<'_>, out: &mut String) {
        let Some(text) = value.as_str() else {
            return quoted(out, &value.to_string());
        };
        match def.kind {
            Kind::Text => defused(out, text),
            Kind::Telephone => telefon(out, text),
            // Numbers, also below zero: no spreadsheet takes them for anything else.
            Kind::Coordinate if self.decimal == Decimal::Komma => {
                quoted(out, &text.replace('.', ","));
            }
            _ => quoted(out, text),
        }
    }

    /// A list of numbers has a space between.
    fn liv(&self, field: Field, out: &mut String) {
        let text = String::new();
        let mut cell = Liv { field, text };
        self.record.life.write(&mut cell);
        quoted(out, &cell.text);
    }
}

/// The cell of one thing that the register itself knows.
struct Liv {
    field: Field,
    text: String,
}

impl<'a> Pen<'a> for Liv {
    fn field(&mut self, _: &'static Def, _: Value<'a>) {}

    fn own(&mut self, field: Field, _: Since, value: Value<'a>) {
        if field == self.field {
            if !self.text.is_empty() {
                self.text.push(' ');
            }
            // Writing into a String can't fail.
            let _ = write!(self.text, "{value}");
        }
    }
}

/// A telephone number, which no apostrophe may stand before: whoever calls it, or reads it from the file, takes it as it
/// stands. What holds more than a number has is a text like any other.
fn telefon(out: &mut String, value: &str) {
    if value
        .chars()
        .all(|c| c.is_ascii_digit() || " +-()./".contains(c))
    {
        quoted(out, value);
    } else {
        defused(out, value);
    }
}

/// What makes a spreadsheet take a cell for a formula when it begins with it; some read the wide forms alike.
const FORMEL: [char; 10] = [
    '=', '+', '-', '@', '\t', '\r', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}',
];

/// Whether a text would be taken for a formula, or for one that is defused already.
fn is_formula(value: &str) -> bool {
    value.trim_start_matches('\'').starts_with(FORMEL)
}

/// A text that somebody wrote: no spreadsheet may run it.
pub(crate) fn defused(out: &mut String, value: &str) {
    if is_formula(value) {
        quoted(out, &format!("'{value}"));
    } else {
        quoted(out, value);
    }
}

/// The text of a cell that was written by [`defused`] and unquoted since. An apostrophe that is the text's own stays.
pub(crate) fn fused(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(text) if is_formula(text) => text,
        _ => cell,
    }
}

/// A cell, in quotes where it holds what ends one.
fn quoted(out: &mut String, value: &str) {
    if value.contains([';', '"', '\r', '\n']) {
        out.push('"');
        out.push_str(&value.replace('"', "\"\""));
        out.push('"');
    } else {
        out.push_str(value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_where_they_must_be_and_formulas_are_texts() {
        for (value, cell) in [
            ("Æblehaven", "Æblehaven"),
            ("a;b", "\"a;b\""),
            ("\"Blomsten\"", "\"\"\"Blomsten\"\"\""),
            ("=1+1", "'=1+1"),
            ("+45 00 75 10 01", "'+45 00 75 10 01"),
            ("-;x", "\"'-;x\""),
            ("@a", "'@a"),
            ("\u{ff1d}1", "'\u{ff1d}1"),
            ("a=1", "a=1"),
            ("'=1", "''=1"),
            ("'t Hart", "'t Hart"),
            ("'", "'"),
            ("", ""),
        ] {
            let mut out = String::new();
            defused(&mut out, value);
            assert_eq!(out, cell);
            if !cell.starts_with('"') {
                assert_eq!(fused(cell), value, "it is the same text again");
            }
        }
    }

    #[test]
    fn a_telephone_number_stands_as_it_is() {
        for (value, cell) in [
            ("+45 00 75 10 01", "+45 00 75 10 01"),
            ("(00) 75-10.01/2", "(00) 75-10.01/2"),
            ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
        ] {
            let mut out = String::new();
            telefon(&mut out, value);
            assert_eq!(out, cell);
        }
    }

    #[test]
    fn the_guide_tells_the_element_of_every_column() {
        let guide = include_str!("../../docs/csv.md");
        let tables = Niveau::ALL.map(Tabel::Niveau);
        for table in tables.into_iter().chain([Tabel::Samlet]) {
            for column in table.kolonner() {
                assert!(
                    guide.contains(&format!("\n| `{}` |", column.navn)),
                    "{}",
                    column.navn
                );
            }
        }
    }

    #[test]
    fn every_file_has_its_table() {
        let tables = Niveau::ALL.map(Tabel::Niveau);
        for table in tables.into_iter().chain([Tabel::Samlet]) {
            assert_eq!(Tabel::af_fil(table.fil()), Some(table));
            let columns = table.kolonner();
            let names = columns.iter().map(|column| column.navn);
            let unique: std::collections::BTreeSet<_> = names.collect();
            assert_eq!(unique.len(), columns.len(), "{table:?}");
        }
        assert_eq!(Tabel::af_fil("andet.csv"), None);
    }
}
