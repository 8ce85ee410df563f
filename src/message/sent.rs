//! A record as it was sent: the fields that the schema let through, each read once, when it arrives, as the description of its
//! level says. Rules ask for a value by its type; a value that the schema refused is absent.

use unicode_normalization::{UnicodeNormalization, is_nfc};

use crate::problem::Place;
use crate::register::{
    Content, Cvr, Dato, Def, Institutionsnummer, Kind, Kommunekode, Life, Lukkeaarsag, Niveau,
    PNummer, Source, Table,
};

use super::{Field, Value};

/// The most values that are kept of one record: more are refused by the schema, and nothing is gained by judging them.
const MOST_VALUES: usize = 160;

/// One record as sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// Its position in the batch, from 1.
    pub nr: u32,
    /// The attribute `forventetVersion`.
    pub expected_version: Option<Value>,
    /// Byte offset of its start tag.
    offset: usize,
    /// The operation that it was sent to.
    operation: &'static str,
    level: Niveau,
    fields: Vec<(Field, Value, Option<Scalar>)>,
}

/// What a value was read as. Texts have none: they are stored, and no rule asks what they mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scalar {
    Code(i32),
    Kommune(Kommunekode),
    Number(Institutionsnummer),
    Cvr(Cvr),
    PNumber(PNummer),
    Date(Dato),
    Reason(Lukkeaarsag),
}

/// Asks for the first value of a field that is of a type.
macro_rules! first {
    ($($(#[$doc:meta])* $name:ident: $variant:ident, $type:ty;)*) => {$(
        $(#[$doc])*
        pub fn $name(&self, field: Field) -> Option<$type> {
            self.scalars(field).find_map(|scalar| match scalar {
                Scalar::$variant(value) => Some(value),
                _ => None,
            })
        }
    )*};
}

impl Sent {
    pub(super) fn new(operation: &'static str, level: Niveau, nr: u32, offset: usize) -> Self {
        Self {
            nr,
            expected_version: None,
            offset,
            operation,
            level,
            fields: Vec::with_capacity(16),
        }
    }

    /// Takes a value that the schema let through.
    pub(super) fn push(&mut self, field: Field, value: Value) {
        if self.fields.len() < MOST_VALUES {
            let scalar = scalar(self.level, field, &value.text);
            self.fields.push((field, value, scalar));
        }
    }

    /// Names another record in a field that names one.
    pub fn set_number(&mut self, field: Field, number: Institutionsnummer) {
        let mut all = self.fields.iter_mut();
        if let Some((_, value, scalar)) = all.find(|(name, ..)| *name == field) {
            value.text = number.to_string();
            *scalar = Some(Scalar::Number(number));
        }
    }

    first! {
        /// A code of a table.
        code: Code, i32;
        /// A kommune.
        kommune: Kommune, Kommunekode;
        /// The number of a record.
        number: Number, Institutionsnummer;
        /// A CVR number.
        cvr: Cvr, Cvr;
        /// A P-number.
        p_number: PNumber, PNummer;
        /// A date.
        date: Date, Dato;
        /// Why the record is closed.
        reason: Reason, Lukkeaarsag;
    }

    /// All numbers of a field that may repeat.
    pub fn numbers(&self, field: Field) -> impl Iterator<Item = Institutionsnummer> {
        self.scalars(field).filter_map(|scalar| match scalar {
            Scalar::Number(number) => Some(number),
            _ => None,
        })
    }

    /// The level of the record.
    pub const fn level(&self) -> Niveau {
        self.level
    }

    /// The value of a field; the first where it repeats.
    pub fn get(&self, field: Field) -> Option<&Value> {
        let mut all = self.fields.iter();
        all.find(|(name, ..)| *name == field)
            .map(|(_, value, _)| value)
    }

    /// The text of a field.
    pub fn text(&self, field: Field) -> Option<&str> {
        self.get(field).map(|value| value.text.as_str())
    }

    /// All numbers, each with its field and its position among the values of that field.
    pub fn all_numbers(&self) -> impl Iterator<Item = (Field, usize, Institutionsnummer)> {
        let all = self.fields.iter().enumerate();
        all.filter_map(|(at, (field, _, scalar))| match scalar {
            Some(Scalar::Number(number)) => {
                let before = self.fields.iter().take(at);
                let index = before.filter(|(name, ..)| name == field).count();
                Some((*field, index, *number))
            }
            _ => None,
        })
    }

    /// The place of the record itself.
    pub fn place(&self) -> Place {
        let (element, nr) = (self.level.element(), self.nr);
        Place {
            nr: Some(nr),
            sti: Some(format!("/{}/{element}[{nr}]", self.operation)),
            offset: Some(self.offset),
        }
    }

    /// The place of a field; that of the record where the field was not sent.
    pub fn place_of(&self, field: Field) -> Place {
        self.place_of_nth(field, 0)
    }

    /// The place of one value of a field that may repeat.
    pub fn place_of_nth(&self, field: Field, index: usize) -> Place {
        let mut place = self.place();
        let mut all = self.fields.iter().filter(|(name, ..)| *name == field);
        let Some((_, value, _)) = all.nth(index) else {
            return place;
        };
        place.offset = Some(value.offset);
        if let Some(sti) = &mut place.sti {
            sti.push_str(if field.in_address() { "/adresse/" } else { "/" });
            sti.push_str(field.name());
            if matches!(field, Field::Afloeser | Field::AfloestAf) {
                sti.push_str(&format!("[{}]", index + 1));
            }
        }
        place
    }

    /// What an insert or an update says. `None` where a field that the level can't be without is absent, as in a message that
    /// the schema refused.
    pub fn content(&self) -> Option<Content> {
        Content::read(self.level, &mut Reading(self)).ok()
    }

    /// Adds to the life of a record what a delete says of its end.
    pub fn close(&self, life: &mut Life) {
        life.lukkeaarsag = self.reason(Field::Lukkeaarsag);
        life.skolens_nummer = self.number(Field::SkolensInstitutionsnummer);
        life.afloest_af = self.numbers(Field::AfloestAf).collect();
    }

    fn scalars(&self, field: Field) -> impl Iterator<Item = Scalar> {
        let all = self.fields.iter().filter(move |(name, ..)| *name == field);
        all.filter_map(|(.., scalar)| *scalar)
    }
}

/// Reads a value as what its field holds. Beside the described fields stand the reason of a closing, and numbers.
fn scalar(level: Niveau, field: Field, text: &str) -> Option<Scalar> {
    let def = level.fields().find(|def| def.field == field);
    match def.map_or(Kind::Number, |def| def.kind) {
        Kind::Number if field == Field::Lukkeaarsag => Lukkeaarsag::parse(text).map(Scalar::Reason),
        Kind::Number => Institutionsnummer::parse(text).map(Scalar::Number).ok(),
        Kind::Code(Table::Kommune) => text.parse().map(Kommunekode).map(Scalar::Kommune).ok(),
        Kind::Code(_) => text.parse().map(Scalar::Code).ok(),
        Kind::Cvr => Cvr::parse(text).map(Scalar::Cvr).ok(),
        Kind::PNumber => PNummer::parse(text).map(Scalar::PNumber).ok(),
        Kind::Date => Dato::parse(text).map(Scalar::Date).ok(),
        Kind::Text
        | Kind::Token
        | Kind::HouseNumber
        | Kind::Uuid
        | Kind::Coordinate
        | Kind::Telephone => None,
    }
}

/// A mandatory field is missing.
struct Missing;

/// Gives what was sent to the description of the level.
struct Reading<'a>(&'a Sent);

/// Gives the first value of a field.
macro_rules! give {
    ($($name:ident: $type:ty;)*) => {$(
        fn $name(&mut self, def: &'static Def) -> Result<Option<$type>, Missing> {
            Ok(self.0.$name(def.field))
        }
    )*};
}

impl Source for Reading<'_> {
    type Error = Missing;

    fn text(&mut self, def: &'static Def) -> Result<Option<String>, Missing> {
        Ok(self.0.text(def.field).map(|text| match def.kind {
            Kind::HouseNumber => text.to_ascii_uppercase(),
            Kind::Uuid => text.to_ascii_lowercase(),
            Kind::Coordinate => coordinate(text),
            _ => normal(text),
        }))
    }

    give! {
        code: i32;
        kommune: Kommunekode;
        number: Institutionsnummer;
        cvr: Cvr;
        p_number: PNummer;
        date: Dato;
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
