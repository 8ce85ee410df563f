//! Places and reasons in words, for terminals and pages alike.

use super::{MOST_CLOSED, Reason, Where};
use crate::register::Language;

impl Where {
    /// It in words.
    pub fn told(&self, language: Language) -> String {
        let line = language.of("linje", "line");
        let column = language.of("kolonne", "column");
        match self {
            Self::File => language.of("filen", "the file").to_owned(),
            Self::Row {
                line: at,
                column: None,
            } => format!("{line} {at}"),
            Self::Row {
                line: at,
                column: Some(name),
            } => format!("{line} {at}, {column} {name}"),
            Self::Message {
                line: at,
                column: of,
                ..
            } => format!("{line} {at}, {column} {of}"),
        }
    }
}

impl Reason {
    /// It in words.
    pub fn told(self, language: Language) -> String {
        match (self, language) {
            (Self::Many { closings }, Language::Da) => format!(
                "Planen nedlægger {closings} poster, flere end {MOST_CLOSED}: det bekræftes særskilt."
            ),
            (Self::Many { closings }, Language::En) => format!(
                "The plan closes {closings} records, more than {MOST_CLOSED}: that is confirmed by itself."
            ),
            (Self::Missing { closings, missing }, Language::Da) => format!(
                "Planen nedlægger {closings} poster, heraf {missing}, som filen ikke nævner: det bekræftes særskilt."
            ),
            (Self::Missing { closings, missing }, Language::En) => format!(
                "The plan closes {closings} records, {missing} of which the file does not name: that is confirmed by itself."
            ),
        }
    }
}
