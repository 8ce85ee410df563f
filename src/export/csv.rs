//! The four CSVs (kontrakt §9; fakta §6.7): `;` between cells, a byte order mark, CRLF, with the columns of the
//! register's own site and, after them, what it has besides: new columns come last, for consumers are known to count. A
//! cell is quoted only where it must be, for consumers are known to split at `;` alone. A text that a spreadsheet would
//! take for a formula begins with an apostrophe; a telephone number does not. `docs/csv.md` tells each column's element.

use std::collections::HashMap;

use crate::register::{
    Adresse, Anvisningsenhed, Content, Daginstitution, Institutionsnummer, Kodetabel, Kodetabeller,
    Niveau, Record,
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

/// Columns that each CSV has after its own.
const LIV: [&str; 5] = [
    "gyldigFra",
    "version",
    "oprettet",
    "senestOpdateret",
    "nedlagt",
];
/// What became of a record, and of which it is the successor: numbers with a space between.
const SLAEGT: [&str; 4] = [
    "lukkeaarsag",
    "skolensInstitutionsnummer",
    "afloeser",
    "afloestAf",
];
const GRUNDLAG: [&str; 6] = [
    "ejerformKode",
    "ejerformKode_Tekst",
    "lovgrundlagKode",
    "lovgrundlagKode_Tekst",
    "admKommuneKode",
    "admKommuneKode_Tekst",
];
const STED: [&str; 17] = [
    "cvrNummer",
    "pNummer",
    "vejNavn",
    "vejKode",
    "husNummer",
    "etage",
    "doer",
    "postNummer",
    "byNavn",
    "supplerendeBynavn",
    "kommuneKode",
    "kommuneKode_Tekst",
    "geoBredde",
    "geoLaengde",
    "dawaId",
    "email",
    "telefonNummer",
];
const TYPE: [&str; 2] = ["instType3", "instType3_Tekst"];

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

    fn kolonner(self) -> Vec<&'static str> {
        let own: &[&str] = match self {
            Self::Niveau(Niveau::Daginstitution) => {
                &["daginstitutionsNummer", "daginstitutionsNavn"]
            }
            Self::Niveau(Niveau::Anvisningsenhed) => &[
                "anvisningsenhedsNummer",
                "daginstitutionsNummer",
                "anvisningsenhedsNavn",
            ],
            Self::Niveau(Niveau::AlternativAdresse) => &[
                "alternativAdresseNummer",
                "anvisningsenhedsNummer",
                "daginstitutionsNummer",
                "alternativAdresseNavn",
            ],
            Self::Samlet => &[
                "dagtilbudsType",
                "daginstitutionsNummer",
                "anvisningsenhedsNummer",
                "alternativAdresseNummer",
                "dagtilbudsNavn",
            ],
        };
        let has_place = self != Self::Niveau(Niveau::Daginstitution);
        let place = [&TYPE[..], &STED[..]].concat();
        let mut all = own.to_vec();
        all.push("aktivitetsstatus");
        all.extend(GRUNDLAG);
        all.extend(place.iter().filter(|_| has_place));
        all.extend(LIV);
        all.extend(SLAEGT);
        // The names of what a record stands under.
        let over: &[&str] = match self {
            Self::Niveau(Niveau::Daginstitution) => &[],
            Self::Niveau(Niveau::Anvisningsenhed) => &["daginstitutionsNavn"],
            Self::Niveau(Niveau::AlternativAdresse) | Self::Samlet => {
                &["anvisningsenhedsNavn", "daginstitutionsNavn"]
            }
        };
        all.extend(over);
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
        out.push_str(&kolonner.join(";"));
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
                raekke.celle(kolonne, &mut out);
            }
            out.push_str("\r\n");
        }
        out.into_bytes()
    }
}

/// A record with what stands above it.
struct Raekke<'a> {
    record: &'a Record,
    top: Option<(Institutionsnummer, &'a Daginstitution)>,
    unit: Option<(Institutionsnummer, &'a Anvisningsenhed)>,
    tables: &'a Kodetabeller,
    decimal: Decimal,
}

impl<'a> Raekke<'a> {
    fn ny(
        record: &'a Record,
        over: &HashMap<Institutionsnummer, &'a Content>,
        tables: &'a Kodetabeller,
        decimal: Decimal,
    ) -> Self {
        let unit_of = |nummer| match over.get(&nummer) {
            Some(Content::Anvisningsenhed(unit)) => Some((nummer, unit)),
            _ => None,
        };
        let top_of = |nummer| match over.get(&nummer) {
            Some(Content::Daginstitution(top)) => Some((nummer, top)),
            _ => None,
        };
        let unit = match &record.content {
            Content::Daginstitution(_) => None,
            Content::Anvisningsenhed(unit) => Some((record.nummer, unit)),
            Content::AlternativAdresse(other) => unit_of(other.enhed),
        };
        let top = match &record.content {
            Content::Daginstitution(top) => Some((record.nummer, top)),
            _ => unit.and_then(|(_, unit)| top_of(unit.daginstitution)),
        };
        Self {
            record,
            top,
            unit,
            tables,
            decimal,
        }
    }

    fn adresse(&self) -> Option<&'a Adresse> {
        match &self.record.content {
            Content::Daginstitution(_) => None,
            Content::Anvisningsenhed(unit) => Some(&unit.adresse),
            Content::AlternativAdresse(other) => Some(&other.adresse),
        }
    }

    fn kontakt(&self) -> (Option<&'a String>, Option<&'a String>) {
        match &self.record.content {
            Content::Daginstitution(_) => (None, None),
            Content::Anvisningsenhed(unit) => (unit.email.as_ref(), unit.telefon.as_ref()),
            Content::AlternativAdresse(other) => (other.email.as_ref(), other.telefon.as_ref()),
        }
    }

    fn celle(&self, kolonne: &str, out: &mut String) {
        let adresse = self.adresse();
        let part = |of: fn(&Adresse) -> Option<&str>| adresse.and_then(of).unwrap_or_default();
        let text = |out: &mut String, value: &str| defused(out, value);
        let plain = |out: &mut String, value: &str| quoted(out, value);
        let record = self.record;
        match kolonne {
            "dagtilbudsType" => plain(out, record.niveau().element()),
            "daginstitutionsNummer" => {
                plain(
                    out,
                    self.top.as_ref().map_or("", |(nummer, _)| nummer.as_str()),
                );
            }
            "anvisningsenhedsNummer" => {
                plain(
                    out,
                    self.unit.as_ref().map_or("", |(nummer, _)| nummer.as_str()),
                );
            }
            "alternativAdresseNummer" if record.niveau() == Niveau::AlternativAdresse => {
                plain(out, record.nummer.as_str());
            }
            "dagtilbudsNavn" | "alternativAdresseNavn" => text(out, record.content.navn()),
            "daginstitutionsNavn" => text(out, self.top.map_or("", |(_, top)| &top.navn)),
            "anvisningsenhedsNavn" => text(out, self.unit.map_or("", |(_, unit)| &unit.navn)),
            "aktivitetsstatus" => {
                plain(
                    out,
                    if record.is_active() {
                        "Aktiv"
                    } else {
                        "Nedlagt"
                    },
                );
            }
            "ejerformKode" => self.kode(out, self.top.map(|(_, top)| top.ejerform)),
            "ejerformKode_Tekst" => self.tekst(
                out,
                self.top.map(|(_, top)| top.ejerform),
                &self.tables.ejerform,
            ),
            "lovgrundlagKode" => self.kode(out, self.top.map(|(_, top)| top.lovgrundlag)),
            "lovgrundlagKode_Tekst" => self.tekst(
                out,
                self.top.map(|(_, top)| top.lovgrundlag),
                &self.tables.lovgrundlag,
            ),
            "admKommuneKode" => self.kode(out, self.adm_kommune()),
            "admKommuneKode_Tekst" => self.tekst(out, self.adm_kommune(), &self.tables.kommune),
            "instType3" => self.kode(out, self.unit.map(|(_, unit)| unit.inst_type)),
            "instType3_Tekst" => self.tekst(
                out,
                self.unit.map(|(_, unit)| unit.inst_type),
                &self.tables.inst_type,
            ),
            "cvrNummer" => plain(
                out,
                record.content.cvr().as_ref().map_or("", |cvr| cvr.as_str()),
            ),
            "pNummer" => plain(
                out,
                record
                    .content
                    .p_nummer()
                    .as_ref()
                    .map_or("", |p| p.as_str()),
            ),
            "vejNavn" => text(out, part(|at| Some(&at.vej_navn))),
            "vejKode" => plain(out, part(|at| at.vej_kode.as_deref())),
            "husNummer" => plain(out, part(|at| Some(&at.hus_nummer))),
            "etage" => plain(out, part(|at| at.etage.as_deref())),
            "doer" => text(out, part(|at| at.doer.as_deref())),
            "postNummer" => plain(out, part(|at| Some(&at.post_nummer))),
            "byNavn" => text(out, part(|at| at.by_navn.as_deref())),
            "supplerendeBynavn" => text(out, part(|at| at.supplerende_bynavn.as_deref())),
            "kommuneKode" => self.kode(out, kommune_kode(adresse)),
            "kommuneKode_Tekst" => self.tekst(out, kommune_kode(adresse), &self.tables.kommune),
            // Numbers, also below zero: no spreadsheet takes them for anything else.
            "geoBredde" => self.tal(out, part(|at| at.geo_bredde.as_deref())),
            "geoLaengde" => self.tal(out, part(|at| at.geo_laengde.as_deref())),
            "dawaId" => plain(out, part(|at| at.dawa_id.as_deref())),
            "email" => text(out, self.kontakt().0.map_or("", String::as_str)),
            "telefonNummer" => telefon(out, self.kontakt().1.map_or("", String::as_str)),
            "gyldigFra" => plain(out, &shown(record.content.gyldig_fra())),
            "version" => plain(out, &record.life.version.to_string()),
            "oprettet" => plain(out, &record.life.oprettet.to_string()),
            "senestOpdateret" => plain(out, &record.life.senest_opdateret.to_string()),
            "nedlagt" => plain(out, &shown(record.life.nedlagt)),
            "lukkeaarsag" => plain(out, record.life.lukkeaarsag.map_or("", |why| why.as_str())),
            "skolensInstitutionsnummer" => {
                let number = record.life.skolens_nummer.as_ref();
                plain(out, number.map_or("", Institutionsnummer::as_str));
            }
            "afloeser" => plain(out, &numre(&record.life.afloeser)),
            "afloestAf" => plain(out, &numre(&record.life.afloest_af)),
            _ => {}
        }
    }

    fn tal(&self, out: &mut String, value: &str) {
        match self.decimal {
            Decimal::Punktum => quoted(out, value),
            Decimal::Komma => quoted(out, &value.replace('.', ",")),
        }
    }

    fn adm_kommune(&self) -> Option<i32> {
        self.top.map(|(_, top)| i32::from(top.adm_kommune.0))
    }

    fn kode(&self, out: &mut String, kode: Option<i32>) {
        quoted(out, &shown(kode));
    }

    fn tekst(&self, out: &mut String, kode: Option<i32>, table: &Kodetabel) {
        defused(
            out,
            kode.and_then(|kode| table.tekst(kode)).unwrap_or_default(),
        );
    }
}

fn kommune_kode(adresse: Option<&Adresse>) -> Option<i32> {
    adresse?.kommune_kode.map(|kode| i32::from(kode.0))
}

fn shown(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

fn numre(numre: &[Institutionsnummer]) -> String {
    let all: Vec<&str> = numre.iter().map(Institutionsnummer::as_str).collect();
    all.join(" ")
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
                assert!(guide.contains(&format!("\n| `{column}` |")), "{column}");
            }
        }
    }

    #[test]
    fn every_file_has_its_table() {
        let tables = Niveau::ALL.map(Tabel::Niveau);
        for table in tables.into_iter().chain([Tabel::Samlet]) {
            assert_eq!(Tabel::af_fil(table.fil()), Some(table));
            let columns = table.kolonner();
            let unique: std::collections::BTreeSet<_> = columns.iter().collect();
            assert_eq!(unique.len(), columns.len(), "{table:?}");
        }
        assert_eq!(Tabel::af_fil("andet.csv"), None);
    }
}
