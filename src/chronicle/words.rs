//! Events as sentences, in Danish or English, with the texts of codes and the names of records.

use super::Event;
use crate::register::{
    Def, Field, Institutionsnummer, Kind, Kodetabeller, Language, Lukkeaarsag, Value,
};

/// Says events.
#[derive(Clone, Copy)]
pub struct Words<'a> {
    /// In this language.
    pub language: Language,
    /// The texts of codes; they are Danish.
    pub tables: &'a Kodetabeller,
    /// The names of other records.
    pub name: &'a dyn Fn(Institutionsnummer) -> Option<String>,
}

impl std::fmt::Debug for Words<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Words")
            .field("language", &self.language)
            .finish_non_exhaustive()
    }
}

impl Words<'_> {
    /// An event as a sentence without its full stop.
    pub fn event(&self, event: &Event<'_>) -> String {
        let said = |da, en| self.language.of(da, en);
        match *event {
            Event::Opened { under, succeeds } => {
                let mut text = said("Oprettet", "Opened").to_owned();
                if let Some(parent) = under {
                    text += &format!(" {} {}", said("under", "under"), self.record(parent));
                }
                if !succeeds.is_empty() {
                    let instead = said("i stedet for", "in the place of");
                    text += &format!(" {instead} {}", self.records(succeeds));
                }
                text
            }
            Event::Moved { from, to } => format!(
                "{} {} {} {}",
                said("Flyttet fra", "Moved from"),
                self.record(from),
                said("til", "to"),
                self.record(to)
            ),
            Event::Address { before, after } => format!(
                "{}: {} ({} {})",
                said("Ny adresse", "New address"),
                after.line(),
                said("før", "before:"),
                before.line()
            ),
            Event::Field { def, before, after } => self.field(def, before, after),
            Event::Closed {
                reason,
                school,
                successors,
            } => {
                let mut text = said("Nedlagt", "Closed").to_owned();
                if let Some(reason) = reason {
                    text += &format!(": {}", self.reason(reason));
                }
                if let Some(number) = school {
                    text += &format!(" ({number})");
                }
                if !successors.is_empty() {
                    let by = said("afløst af", "succeeded by");
                    text += &format!(", {by} {}", self.records(successors));
                }
                text
            }
            Event::Unchanged => {
                said("Sendt igen uden ændringer", "Sent again as it was").to_owned()
            }
        }
    }

    fn field(&self, def: &Def, before: Option<Value<'_>>, after: Option<Value<'_>>) -> String {
        let said = |da, en| self.language.of(da, en);
        let label = self.label(def.field);
        match (before, after) {
            (None, Some(after)) => {
                format!("{} {label}: {}", said("Fik", "Got"), self.value(def, after))
            }
            (Some(before), None) => {
                let gone = said("Ikke længere", "No longer");
                format!("{gone} {label}: {}", self.value(def, before))
            }
            (Some(before), Some(after)) => format!(
                "{} {label}: {} ({} {})",
                said(if is_neuter(def.field) { "Nyt" } else { "Ny" }, "New"),
                self.value(def, after),
                said("før", "before:"),
                self.value(def, before)
            ),
            (None, None) => label.to_owned(),
        }
    }

    /// A value as people read it: a code with its text.
    pub fn value(&self, def: &Def, value: Value<'_>) -> String {
        let code = match (def.kind, value) {
            (Kind::Code(table), Value::Code(code)) => Some((table, code)),
            (Kind::Code(table), Value::Kommune(kommune)) => Some((table, i32::from(kommune.0))),
            _ => None,
        };
        let text = code.and_then(|(table, code)| self.tables.of(table).tekst(code));
        match (value, text) {
            (_, Some(text)) => text.to_owned(),
            (Value::Number(number), None) => self.record(*number),
            (value, None) => value.to_string(),
        }
    }

    /// A record's number with its name.
    pub fn record(&self, number: Institutionsnummer) -> String {
        match (self.name)(number) {
            Some(name) => format!("{name} ({number})"),
            None => number.to_string(),
        }
    }

    fn records(&self, numbers: &[Institutionsnummer]) -> String {
        let each: Vec<_> = numbers.iter().map(|number| self.record(*number)).collect();
        each.join(", ")
    }

    fn reason(&self, reason: Lukkeaarsag) -> &'static str {
        let (da, en) = match reason {
            Lukkeaarsag::Ophoert => ("ophørt", "it ceased"),
            Lukkeaarsag::Sammenlagt => ("lagt sammen", "merged"),
            Lukkeaarsag::Opdelt => ("delt op", "split up"),
            Lukkeaarsag::BrugerSkolensNummer => {
                ("bruger skolens nummer", "it uses its school's number")
            }
        };
        self.language.of(da, en)
    }

    /// What people call a field of a record; the element's name of any other.
    pub fn label(&self, field: Field) -> &'static str {
        let (da, en) = match field {
            Field::DaginstitutionsNavn | Field::EnhedsNavn | Field::AlternativAdresseNavn => {
                ("navn", "name")
            }
            Field::DaginstitutionsNummer => ("daginstitution", "institution"),
            Field::EnhedsNummer => ("anvisningsenhed", "unit"),
            Field::EjerformKode => ("ejerform", "ownership"),
            Field::LovgrundlagKode => ("lovgrundlag", "legal basis"),
            Field::AdmKommuneKode => ("kommune", "kommune"),
            Field::InstType3 => ("type", "type"),
            Field::Email => ("e-mail", "e-mail"),
            Field::TelefonNummer => ("telefonnummer", "telephone number"),
            Field::CvrNummer => ("CVR-nummer", "CVR number"),
            Field::PNummer => ("P-nummer", "P-number"),
            Field::GyldigFra => ("gyldighedsdato", "date of validity"),
            Field::VejNavn => ("vejnavn", "road"),
            Field::VejKode => ("vejkode", "road code"),
            Field::HusNummer => ("husnummer", "house number"),
            Field::Etage => ("etage", "floor"),
            Field::Doer => ("dør", "door"),
            Field::PostNummer => ("postnummer", "postal code"),
            Field::ByNavn => ("postdistrikt", "postal district"),
            Field::SupplerendeBynavn => ("supplerende bynavn", "town within the postal district"),
            Field::KommuneKode => ("kommune for adressen", "kommune of the address"),
            Field::DawaId => ("adresse-id", "address id"),
            Field::GeoBredde => ("breddegrad", "latitude"),
            Field::GeoLaengde => ("længdegrad", "longitude"),
            Field::Aktivitetsstatus => ("status", "status"),
            Field::Version => ("version", "version"),
            Field::Oprettet => ("oprettet", "opened"),
            Field::SenestOpdateret => ("senest ændret", "last changed"),
            Field::Nedlagt => ("nedlagt", "closed"),
            Field::Lukkeaarsag => ("årsag", "reason"),
            Field::SkolensInstitutionsnummer => ("skolens nummer", "number of the school"),
            Field::Afloeser => ("i stedet for", "in the place of"),
            Field::AfloestAf => ("afløst af", "succeeded by"),
            other => (other.name(), other.name()),
        };
        self.language.of(da, en)
    }
}

/// Whether the Danish word is of the gender that says "nyt".
const fn is_neuter(field: Field) -> bool {
    matches!(
        field,
        Field::DaginstitutionsNavn
            | Field::EnhedsNavn
            | Field::AlternativAdresseNavn
            | Field::LovgrundlagKode
            | Field::TelefonNummer
            | Field::CvrNummer
            | Field::PNummer
            | Field::VejNavn
            | Field::HusNummer
            | Field::PostNummer
            | Field::ByNavn
            | Field::SupplerendeBynavn
            | Field::DawaId
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::register::{Dato, Niveau};

    fn words(language: Language, tables: &Kodetabeller) -> Words<'_> {
        let name: &dyn Fn(Institutionsnummer) -> Option<String> =
            &|number| (number.as_str() == "G30001").then(|| "Kløverengen".to_owned());
        Words {
            language,
            tables,
            name,
        }
    }

    #[test]
    fn every_field_has_a_name_for_people() {
        let tables = Kodetabeller::default();
        let both = [Language::Da, Language::En].map(|language| words(language, &tables));
        for level in Niveau::ALL {
            for def in level.fields() {
                for words in &both {
                    let label = words.label(def.field);
                    let is_word = ["type", "email", "etage"].contains(&label);
                    assert!(label != def.field.name() || is_word, "{label}");
                }
            }
        }
    }

    #[test]
    fn events_are_sentences() {
        let tables = Kodetabeller::default();
        let numbers = ["G30001", "G30002"].map(|number| Institutionsnummer::parse(number).unwrap());
        let def = |field| {
            let mut all = Niveau::Anvisningsenhed.fields();
            all.find(|def| def.field == field).unwrap()
        };
        let day = Dato::parse("2026-12-01").unwrap();
        for (event, da, en) in [
            (
                Event::Opened {
                    under: Some(numbers[0]),
                    succeeds: &numbers[1..],
                },
                "Oprettet under Kløverengen (G30001) i stedet for G30002",
                "Opened under Kløverengen (G30001) in the place of G30002",
            ),
            (
                Event::Moved {
                    from: numbers[0],
                    to: numbers[1],
                },
                "Flyttet fra Kløverengen (G30001) til G30002",
                "Moved from Kløverengen (G30001) to G30002",
            ),
            (
                Event::Field {
                    def: def(Field::EnhedsNavn),
                    before: Some(Value::Text("Solen")),
                    after: Some(Value::Text("Månen")),
                },
                "Nyt navn: Månen (før Solen)",
                "New name: Månen (before: Solen)",
            ),
            (
                Event::Field {
                    def: def(Field::GyldigFra),
                    before: None,
                    after: Some(Value::Date(day)),
                },
                "Fik gyldighedsdato: 2026-12-01",
                "Got date of validity: 2026-12-01",
            ),
            (
                Event::Field {
                    def: def(Field::Email),
                    before: Some(Value::Text("a@b.dk")),
                    after: None,
                },
                "Ikke længere e-mail: a@b.dk",
                "No longer e-mail: a@b.dk",
            ),
            (
                Event::Closed {
                    reason: Some(Lukkeaarsag::Sammenlagt),
                    school: None,
                    successors: &numbers[..1],
                },
                "Nedlagt: lagt sammen, afløst af Kløverengen (G30001)",
                "Closed: merged, succeeded by Kløverengen (G30001)",
            ),
            (
                Event::Unchanged,
                "Sendt igen uden ændringer",
                "Sent again as it was",
            ),
        ] {
            assert_eq!(words(Language::Da, &tables).event(&event), da);
            assert_eq!(words(Language::En, &tables).event(&event), en);
        }
    }
}
