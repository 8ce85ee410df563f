//! What is stored in another form than it was sent, told once for each field of a message: 500 house numbers in lower case
//! are one habit of one system.

use crate::message::{Field, RawRecord};
use crate::problem::{Place, Problem, register};

use super::Import;

/// Fields in which white space between words is looked at.
const TEXTS: [Field; 7] = [
    Field::DaginstitutionsNavn,
    Field::EnhedsNavn,
    Field::AlternativAdresseNavn,
    Field::VejNavn,
    Field::ByNavn,
    Field::SupplerendeBynavn,
    Field::TelefonNummer,
];

/// The fields of a message that are stored otherwise, each with its first value and how many records it concerns.
#[derive(Debug, Default)]
pub(super) struct Normaliseret(Vec<Felter>);

#[derive(Debug)]
struct Felter {
    field: Field,
    sted: Place,
    sendt: String,
    gemt: String,
    antal: u32,
}

impl Normaliseret {
    /// Looks at a record that is about to be stored.
    pub(super) fn se(&mut self, import: &Import, raw: &RawRecord) {
        if let Some(sent) = raw.text(Field::HusNummer)
            && sent.bytes().any(|byte| byte.is_ascii_lowercase())
        {
            let stored = sent.to_ascii_uppercase();
            self.tael(import, raw, Field::HusNummer, sent, &stored);
        }
        for field in TEXTS {
            let Some(value) = raw.get(field) else {
                continue;
            };
            // Words apart by one space, the usual case, take no look at what was sent.
            if !value.text.contains(' ') {
                continue;
            }
            let rest = import.text.get(value.offset..).unwrap_or_default();
            // Nor does what stands there as it is stored.
            let after = rest.strip_prefix(value.text.as_str());
            if after.is_some_and(|after| after.starts_with('<')) {
                continue;
            }
            let sent = rest.split('<').next().unwrap_or_default();
            let sent = sent.trim_matches(is_space);
            if is_collapsed(sent) {
                self.tael(import, raw, field, sent, &value.text);
            }
        }
    }

    fn tael(&mut self, import: &Import, raw: &RawRecord, field: Field, sendt: &str, gemt: &str) {
        if let Some(known) = self.0.iter_mut().find(|known| known.field == field) {
            known.antal += 1;
            return;
        }
        self.0.push(Felter {
            field,
            sted: raw.place_of(import.request.operation.name, field, 0),
            sendt: sendt.to_owned(),
            gemt: gemt.to_owned(),
            antal: 1,
        });
    }

    /// The warnings, one for each field.
    pub(super) fn advarsler(self) -> impl Iterator<Item = Problem> {
        self.0.into_iter().map(|of| {
            Problem::new(&register::GEMT_ANDERLEDES)
                .with("felt", of.field.name())
                .with("gemt", of.gemt)
                .with("sendt", of.sendt)
                .with("antal", of.antal)
                .at(of.sted)
        })
    }
}

/// White space as XML has it.
const fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r')
}

/// Whether white space between words was more than one space.
fn is_collapsed(text: &str) -> bool {
    let mut before = false;
    text.chars().any(|c| {
        let odd = (before && is_space(c)) || matches!(c, '\t' | '\n' | '\r');
        before = c == ' ';
        odd
    })
}

#[cfg(test)]
mod tests {
    use super::is_collapsed;

    #[test]
    fn one_space_between_words_is_as_it_is_stored() {
        for (text, collapsed) in [
            ("Den gule stue", false),
            ("Den  gule stue", true),
            ("Den\tgule", true),
            ("Den\n gule", true),
            ("Solen", false),
        ] {
            assert_eq!(is_collapsed(text), collapsed, "{text:?}");
        }
    }
}
