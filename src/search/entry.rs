//! A record as the index keeps it, and the words that it is found by.

use std::collections::BTreeMap;

use aws_lc_rs::digest;

use super::asked::Shown;
use super::cell;
use super::fold::folded;
use crate::hex::Hex;
use crate::register::{Institutionsnummer, Kodetabeller, Kommunekode, Niveau, Record};

/// The place of a record in the index: its number read to base 36, so that the order of places is that of numbers.
pub(super) fn id(number: Institutionsnummer) -> i64 {
    let digits = number.as_str().chars().filter_map(|c| c.to_digit(36));
    digits.fold(0, |id, digit| id * 36 + i64::from(digit))
}

/// The number of a place; none for what is no place.
pub(super) fn number(id: i64) -> Option<Institutionsnummer> {
    let mut digits = [b'0'; 6];
    let mut rest = u64::try_from(id).ok()?;
    for digit in digits.iter_mut().rev() {
        let value = u32::try_from(rest % 36).ok()?;
        *digit = u8::try_from(char::from_digit(value, 36)?.to_ascii_uppercase()).ok()?;
        rest /= 36;
    }
    let number = std::str::from_utf8(&digits).ok()?;
    (rest == 0).then_some(())?;
    Institutionsnummer::parse(number).ok()
}

/// The kommuner's names, folded: records are found by them.
#[derive(Debug, Clone)]
pub(super) struct Names {
    of: BTreeMap<u16, String>,
    /// Another for other names: an index made with others is made anew.
    pub(super) mark: String,
}

impl Names {
    pub(super) fn of(tables: &Kodetabeller) -> Self {
        let rows = tables.kommune.koder.iter();
        let named = rows.filter_map(|(code, row)| {
            let code = u16::try_from(*code).ok()?;
            Some((code, folded(&row.tekst)))
        });
        let of: BTreeMap<u16, String> = named.collect();
        let mut whole = digest::Context::new(&digest::SHA256);
        for (code, name) in &of {
            whole.update(format!("{code} {name}\n").as_bytes());
        }
        let mark = Hex(&whole.finish().as_ref()[..8]).to_string();
        Self { of, mark }
    }
}

/// A record as the index keeps it. What stands under a daginstitution has its kommune and ownership, and an alternative
/// address the type of its unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) id: i64,
    pub(super) version: u32,
    pub(super) niveau: Niveau,
    pub(super) parent: Option<i64>,
    pub(super) open: bool,
    pub(super) kommune: Option<u16>,
    pub(super) ejerform: Option<i32>,
    pub(super) inst_type: Option<i32>,
    pub(super) name: String,
    pub(super) folded: String,
    pub(super) address: Option<String>,
    pub(super) p_number: Option<String>,
    pub(super) cvr: Option<String>,
    /// Numbers with a space between them.
    pub(super) successors: Option<String>,
    pub(super) school: Option<String>,
    /// The years in which it was opened and closed.
    pub(super) opened: Option<i32>,
    pub(super) closed: Option<i32>,
    /// The cell of the map that it lies in.
    pub(super) cell: Option<u32>,
}

/// What records have from above.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Inherited {
    pub(super) kommune: Option<u16>,
    pub(super) ejerform: Option<i32>,
    pub(super) inst_type: Option<i32>,
}

impl Entry {
    /// A record under one that gives it this.
    pub(super) fn new(record: &Record, above: Inherited) -> Self {
        use crate::register::Content::{AlternativAdresse, Anvisningsenhed, Daginstitution};
        let content = &*record.content;
        let own = match content {
            Daginstitution(own) => Inherited {
                kommune: Some(own.adm_kommune.0),
                ejerform: Some(own.ejerform),
                inst_type: None,
            },
            Anvisningsenhed(own) => Inherited {
                inst_type: Some(own.inst_type),
                ..above
            },
            AlternativAdresse(_) => above,
        };
        let life = &record.life;
        let successors: Vec<_> = life
            .afloest_af
            .iter()
            .map(Institutionsnummer::as_str)
            .collect();
        Self {
            id: id(record.nummer),
            version: life.version,
            niveau: record.niveau(),
            parent: content.parent().map(id),
            open: record.is_active(),
            kommune: own.kommune,
            ejerform: own.ejerform,
            inst_type: own.inst_type,
            name: content.navn().to_owned(),
            folded: folded(content.navn()),
            address: content.adresse().map(crate::register::Adresse::line),
            p_number: content.p_nummer().map(|number| number.to_string()),
            cvr: content.cvr().map(|number| number.to_string()),
            successors: (!successors.is_empty()).then(|| successors.join(" ")),
            school: life.skolens_nummer.map(|number| number.to_string()),
            opened: cell::year(life.oprettet),
            closed: life.nedlagt.and_then(cell::year),
            cell: content.adresse().and_then(cell::of),
        }
    }

    /// What it gives to those directly under it.
    pub(super) fn gives(&self) -> Inherited {
        Inherited {
            kommune: self.kommune,
            ejerform: self.ejerform,
            inst_type: self.inst_type,
        }
    }

    /// The text that is indexed, and those of its words of which a beginning is to be found.
    pub(super) fn text(&self, names: &Names) -> (String, Vec<String>) {
        let address = self.address.as_deref().map(folded).unwrap_or_default();
        let kommune = self.kommune.and_then(|code| names.of.get(&code));
        let mut text = format!("{} {address}", self.folded);
        if let Some(name) = kommune {
            text = format!("{text} {name}");
        }
        let begun = text.split(' ').filter(|word| is_begun(word));
        let begun = begun.map(str::to_owned).collect();
        let numbers = [
            number(self.id).map(|number| folded(number.as_str())),
            self.kommune.map(|code| format!("{code} {code:04}")),
            self.p_number.clone(),
            self.cvr.clone(),
            self.school.as_deref().map(folded),
        ];
        for part in numbers.into_iter().flatten() {
            text = format!("{text} {part}");
        }
        for mark in self.marks() {
            text = format!("{text} {mark}");
        }
        (text, begun)
    }

    fn marks(&self) -> impl Iterator<Item = String> {
        let shown = if self.open {
            Shown::Open
        } else {
            Shown::Closed
        };
        let marks = [
            open(shown),
            self.kommune.map(|code| kommune(Kommunekode(code))),
            self.ejerform.map(ejerform),
            self.inst_type.map(inst_type),
            Some(niveau(self.niveau)),
        ];
        marks.into_iter().flatten()
    }
}

/// Whether a word is one of which a beginning is looked up among all words. The beginnings of numbers are not.
pub(super) fn is_begun(word: &str) -> bool {
    word.bytes().any(|byte| !byte.is_ascii_digit())
}

// Marks of the index that no word is like, for words have no `=`. Filters ask for them.

pub(super) fn open(shown: Shown) -> Option<String> {
    match shown {
        Shown::All => None,
        Shown::Open => Some("a=1".to_owned()),
        Shown::Closed => Some("a=0".to_owned()),
    }
}

pub(super) fn kommune(code: Kommunekode) -> String {
    format!("k={code}")
}

pub(super) fn ejerform(code: i32) -> String {
    format!("e={code}")
}

pub(super) fn inst_type(code: i32) -> String {
    format!("t={code}")
}

pub(super) fn niveau(niveau: Niveau) -> String {
    format!("n={}", level(niveau))
}

/// A level as a column has it.
pub(super) fn level(niveau: Niveau) -> u8 {
    match niveau {
        Niveau::Daginstitution => 1,
        Niveau::Anvisningsenhed => 2,
        Niveau::AlternativAdresse => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_in_the_order_of_numbers() {
        let numbers = [
            "000000", "751001", "A10001", "G00001", "G30001", "G3000A", "ZZZZZZ",
        ];
        let numbers = numbers.map(|text| Institutionsnummer::parse(text).unwrap());
        assert!(numbers.map(id).is_sorted());
        assert_eq!(numbers.map(|own| number(id(own))), numbers.map(Some));
        assert_eq!((number(-1), number(36_i64.pow(6))), (None, None));
    }
}
