//! From the fields of a message to the records of the register. Only called for messages that the schema accepted;
//! `None` means that a mandatory field is missing after all, which the schema rules out.

use unicode_normalization::{UnicodeNormalization, is_nfc};

use crate::register::{
    Content, Cvr, Dato, Def, Institutionsnummer, Kind, Kommunekode, Life, Lukkeaarsag, Niveau,
    PNummer, Source,
};

use super::{Field, RawRecord};

/// What an insert or an update says.
pub fn content(record: &RawRecord, level: Niveau) -> Option<Content> {
    Content::read(level, &mut Sent(record)).ok()
}

/// The numbers that a new record succeeds.
pub fn lineage(record: &RawRecord, field: Field) -> Vec<Institutionsnummer> {
    record
        .all(field)
        .filter_map(|value| Institutionsnummer::parse(&value.text).ok())
        .collect()
}

/// What a delete adds to the life of the record it closes.
pub fn closing(record: &RawRecord, life: &mut Life) {
    life.lukkeaarsag = record.text(Field::Lukkeaarsag).and_then(Lukkeaarsag::parse);
    life.skolens_nummer = record
        .text(Field::SkolensInstitutionsnummer)
        .and_then(|text| Institutionsnummer::parse(text).ok());
    life.afloest_af = lineage(record, Field::AfloestAf);
}

/// A mandatory field is missing.
struct Missing;

/// The fields as sent. What is not of its shape is absent: the schema has let none such through.
struct Sent<'a>(&'a RawRecord);

impl Sent<'_> {
    fn parsed<T>(
        &self,
        def: &Def,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, Missing> {
        Ok(self.0.text(def.field).and_then(parse))
    }
}

impl Source for Sent<'_> {
    type Error = Missing;

    fn text(&mut self, def: &'static Def) -> Result<Option<String>, Missing> {
        self.parsed(def, |text| {
            Some(match def.kind {
                Kind::HouseNumber => text.to_ascii_uppercase(),
                Kind::Uuid => text.to_ascii_lowercase(),
                Kind::Coordinate => coordinate(text),
                _ => normal(text),
            })
        })
    }

    fn code(&mut self, def: &'static Def) -> Result<Option<i32>, Missing> {
        self.parsed(def, |text| text.parse().ok())
    }

    fn kommune(&mut self, def: &'static Def) -> Result<Option<Kommunekode>, Missing> {
        let code = self.code(def)?;
        Ok(code
            .and_then(|code| u16::try_from(code).ok())
            .map(Kommunekode))
    }

    fn number(&mut self, def: &'static Def) -> Result<Option<Institutionsnummer>, Missing> {
        self.parsed(def, |text| Institutionsnummer::parse(text).ok())
    }

    fn cvr(&mut self, def: &'static Def) -> Result<Option<Cvr>, Missing> {
        self.parsed(def, |text| Cvr::parse(text).ok())
    }

    fn p_number(&mut self, def: &'static Def) -> Result<Option<PNummer>, Missing> {
        self.parsed(def, |text| PNummer::parse(text).ok())
    }

    fn date(&mut self, def: &'static Def) -> Result<Option<Dato>, Missing> {
        self.parsed(def, |text| Dato::parse(text).ok())
    }

    fn missing(&self, _: &'static Def) -> Missing {
        Missing
    }
}

/// Text in normal form C (kontrakt §3).
fn normal(text: &str) -> String {
    if is_nfc(text) {
        text.to_owned()
    } else {
        text.nfc().collect()
    }
}

/// A decimal number without a plus sign and without zeros before its digits; its decimals are kept as sent.
fn coordinate(text: &str) -> String {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let digits = digits.trim_start_matches('0');
    let zero = if digits.is_empty() || digits.starts_with('.') {
        "0"
    } else {
        ""
    };
    format!("{sign}{zero}{digits}")
}
