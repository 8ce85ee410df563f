//! Code tables as the domain sees them (kontrakt §7). They are data: reading their files is not done here.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// One row of a code table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kode {
    /// Danish text.
    pub tekst: String,
    /// Whether the row is confirmed by a public source, or this project's reading.
    pub bekraeftet: bool,
    /// Where the row is known from.
    pub kilde: Option<String>,
}

/// One code table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Kodetabel {
    /// Its name: `ejerform`, `lovgrundlag`, `instType3` or `kommune`.
    pub navn: String,
    /// What it is and which rows are confirmed, in Danish.
    pub beskrivelse_da: String,
    /// The same in English.
    pub beskrivelse_en: String,
    /// The rows by code.
    pub koder: BTreeMap<i32, Kode>,
}

impl Kodetabel {
    /// The text of a code; none when the table lacks it.
    pub fn tekst(&self, code: i32) -> Option<&str> {
        self.koder.get(&code).map(|row| row.tekst.as_str())
    }

    /// A code with its text, such as `1 (Kommunal)`; the code alone when the table lacks it.
    pub fn named(&self, code: i32) -> String {
        match self.tekst(code) {
            Some(text) => format!("{code} ({text})"),
            None => code.to_string(),
        }
    }

    /// Codes with their texts; `-` for none.
    pub fn navngivne(&self, codes: &BTreeSet<i32>) -> String {
        joined(codes.iter().map(|&code| self.named(code)))
    }

    /// The rows as `1 (Kommunal), 2 (Selvejende)`, for an error that names what is allowed; none past `most` rows.
    pub fn listing(&self, most: usize) -> Option<String> {
        (self.koder.len() <= most).then(|| {
            let mut rows = String::with_capacity(self.koder.len() * 32);
            for (code, row) in &self.koder {
                if !rows.is_empty() {
                    rows.push_str(", ");
                }
                // Writing to a String cannot fail.
                let _ = write!(rows, "{code} (");
                rows.push_str(&row.tekst);
                rows.push(')');
            }
            rows
        })
    }
}

/// One lawful combination of the cross-validation (krydsvalidering).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Kombination {
    /// Legal basis.
    pub lovgrundlag: i32,
    /// Ownership.
    pub ejerform: i32,
    /// Type of institution.
    pub inst_type: i32,
    /// Whether the row is confirmed, or this project's reading.
    pub bekraeftet: bool,
}

/// Everything that the files of the code tables say.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Kodetabeller {
    /// Ownership.
    pub ejerform: Kodetabel,
    /// Legal basis.
    pub lovgrundlag: Kodetabel,
    /// Type of institution.
    pub inst_type: Kodetabel,
    /// Kommuner.
    pub kommune: Kodetabel,
    /// What the combinations are and which are confirmed, in Danish.
    pub kryds_da: String,
    /// The same in English.
    pub kryds_en: String,
    /// The lawful combinations; served, and from v2 enforced where kontrakt §7 says so.
    pub krydsvalidering: Vec<Kombination>,
}

impl Kodetabeller {
    /// The table of a coded field.
    pub const fn of(&self, table: super::Table) -> &Kodetabel {
        match table {
            super::Table::Ejerform => &self.ejerform,
            super::Table::Lovgrundlag => &self.lovgrundlag,
            super::Table::InstType => &self.inst_type,
            super::Table::Kommune => &self.kommune,
        }
    }

    /// The four tables in the order they are served.
    pub fn tables(&self) -> [&Kodetabel; 4] {
        use super::Table::{Ejerform, InstType, Kommune, Lovgrundlag};
        [Ejerform, Lovgrundlag, InstType, Kommune].map(|table| self.of(table))
    }
}

/// The cross-validation of kontrakt §7 as questions to the matrix.
impl Kodetabeller {
    /// The types of institution that are lawful with a legal basis and an ownership; none when the two never go together.
    pub fn lovlige_typer(&self, lovgrundlag: i32, ejerform: i32) -> BTreeSet<i32> {
        self.lovlige(|row| row.lovgrundlag == lovgrundlag && row.ejerform == ejerform)
            .map(|row| row.inst_type)
            .collect()
    }

    /// The ownerships that a legal basis allows.
    pub fn lovlige_ejerformer(&self, lovgrundlag: i32) -> BTreeSet<i32> {
        self.lovlige(|row| row.lovgrundlag == lovgrundlag)
            .map(|row| row.ejerform)
            .collect()
    }

    /// The legal bases that allow an ownership and, if it is given, a type of institution.
    pub fn lovlige_grundlag(&self, ejerform: i32, inst_type: Option<i32>) -> BTreeSet<i32> {
        self.lovlige(|row| {
            row.ejerform == ejerform && inst_type.is_none_or(|own| row.inst_type == own)
        })
        .map(|row| row.lovgrundlag)
        .collect()
    }

    /// Whether the three go together.
    pub fn er_lovlig(&self, lovgrundlag: i32, ejerform: i32, inst_type: i32) -> bool {
        self.krydsvalidering.iter().any(|row| {
            (row.lovgrundlag, row.ejerform, row.inst_type) == (lovgrundlag, ejerform, inst_type)
        })
    }

    fn lovlige(&self, wanted: impl Fn(&Kombination) -> bool) -> impl Iterator<Item = &Kombination> {
        self.krydsvalidering.iter().filter(move |row| wanted(row))
    }
}

/// Codes as `1, 2`, or `-` when there is none.
pub fn opregning(koder: &BTreeSet<i32>) -> String {
    joined(koder.iter().map(i32::to_string))
}

fn joined(texts: impl Iterator<Item = String>) -> String {
    let texts: Vec<_> = texts.collect();
    if texts.is_empty() {
        "-".to_owned()
    } else {
        texts.join(", ")
    }
}
