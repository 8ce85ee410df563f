//! The description of a record's fields: the same as the types of the contract, and followed by whatever shows records.

use std::fs;

use dtr::codetables;
use dtr::contract::Contract;
use dtr::export::csv::{DecimalMark, Sheet};
use dtr::first_load;
use dtr::message::{self, Form};
use dtr::register::{
    Content, Cvr, Dato, Def, Entry, Field, Institutionsnummer, Kind, Kommunekode, Life,
    Lukkeaarsag, Niveau, PNummer, Pen, Record, Source, Tidspunkt, Value, Version,
};
use dtr::xml::Writer;

use crate::support::Element;

fn number(text: &str) -> Institutionsnummer {
    Institutionsnummer::parse(text).unwrap()
}

/// Gives each field that is wanted a value of its own, which tells its element.
struct Every<F>(F);

impl<F: Fn(&Def) -> bool> Every<F> {
    fn given<T>(&self, def: &Def, value: T) -> Result<Option<T>, &'static Def> {
        Ok((self.0)(def).then_some(value))
    }
}

impl<F: Fn(&Def) -> bool> Source for Every<F> {
    type Error = &'static Def;

    fn text(&mut self, def: &'static Def) -> Result<Option<String>, &'static Def> {
        let text = match def.kind {
            Kind::Coordinate => format!("{}.5", def.column as usize),
            _ => format!("{}-{}", def.column as usize, def.field.name()),
        };
        self.given(def, text)
    }

    fn code(&mut self, def: &'static Def) -> Result<Option<i32>, &'static Def> {
        self.given(def, 1)
    }

    fn kommune(&mut self, def: &'static Def) -> Result<Option<Kommunekode>, &'static Def> {
        self.given(def, Kommunekode(751))
    }

    fn number(&mut self, def: &'static Def) -> Result<Option<Institutionsnummer>, &'static Def> {
        let text = match def.field {
            Field::DaginstitutionsNummer => "G00001",
            _ => "G00002",
        };
        self.given(def, number(text))
    }

    fn cvr(&mut self, def: &'static Def) -> Result<Option<Cvr>, &'static Def> {
        self.given(def, Cvr::parse("00000012").unwrap())
    }

    fn p_number(&mut self, def: &'static Def) -> Result<Option<PNummer>, &'static Def> {
        self.given(def, PNummer::parse("1000000012").unwrap())
    }

    fn date(&mut self, def: &'static Def) -> Result<Option<Dato>, &'static Def> {
        self.given(def, Dato::parse("2026-12-01").unwrap())
    }

    fn missing(&self, def: &'static Def) -> &'static Def {
        def
    }
}

/// One record on each level, each with all it can have.
fn whole() -> Vec<Record> {
    let numbers = ["G00001", "G00002", "G00003"];
    let all = Niveau::ALL.into_iter().zip(numbers);
    all.map(|(level, own)| Record {
        nummer: number(own),
        content: Content::read(level, &mut Every(|_: &Def| true))
            .unwrap()
            .into(),
        life: Life {
            version: 2,
            oprettet: Tidspunkt::from_millis(1_790_000_000_000),
            senest_opdateret: Tidspunkt::from_millis(1_790_000_001_000),
            nedlagt: Some(Tidspunkt::from_millis(1_790_000_002_000)),
            lukkeaarsag: Some(Lukkeaarsag::Opdelt),
            skolens_nummer: Some(number("101001")),
            afloeser: vec![number("G00009")],
            afloest_af: vec![number("G00010")],
        },
    })
    .collect()
}

/// What a pen is shown.
#[derive(Default)]
struct Shown {
    content: Vec<(&'static Def, String)>,
    own: Vec<(&'static str, Version)>,
}

impl<'a> Pen<'a> for Shown {
    fn field(&mut self, def: &'static Def, value: Value<'a>) {
        self.content.push((def, value.to_string()));
    }

    fn own(&mut self, field: Field, since: Version, _: Value<'a>) {
        self.own.push((field.name(), since));
    }
}

/// The elements of a type of the contract, in order.
fn elements(types: &Element, name: &str) -> Vec<String> {
    let all = types.all("complexType");
    let found = all.iter().find(|t| t.attribute("name") == Some(name));
    let elements = found.unwrap_or_else(|| panic!("{name}")).all("element");
    let names = elements
        .iter()
        .map(|e| e.attribute("name").unwrap().to_owned());
    names.collect()
}

/// The elements of described fields that a version has, with those of codes' texts on the way out.
fn described(entries: &[Entry], version: Version, out: bool) -> Vec<String> {
    let mut names = Vec::new();
    for entry in entries {
        match entry {
            Entry::Address(_) => names.push("adresse".to_owned()),
            Entry::Field(def) if def.since <= version => {
                names.push(def.field.name().to_owned());
                if out && matches!(def.kind, Kind::Code(_)) {
                    names.push(def.field.text_name().to_owned());
                }
            }
            Entry::Field(_) => {}
        }
    }
    names
}

#[test]
fn the_contract_has_the_fields_that_are_described_in_the_same_order() {
    for (file, version) in [("Typer-v1.xsd", Version::V1), ("Typer-v2.xsd", Version::V2)] {
        let text = fs::read_to_string(format!("xsd/{file}")).unwrap();
        let types = Element::parse(&text);
        for record in whole() {
            let level = record.niveau();
            let name = format!("{level:?}");
            let entries = level.entries();
            let own = vec![level.number().name().to_owned()];
            let sent = described(entries, version, false);

            let mut insert = sent.clone();
            insert.extend((version == Version::V2).then(|| "afloeser".to_owned()));
            assert_eq!(elements(&types, &format!("{name}Insert")), insert, "{file}");
            let update = [own, sent].concat();
            assert_eq!(elements(&types, &format!("{name}Update")), update, "{file}");

            let mut shown = Shown::default();
            record.write(&mut shown);
            let kept = shown.own.iter().filter(|(_, since)| *since <= version);
            let mut kept: Vec<_> = kept.map(|(name, _)| (*name).to_owned()).collect();
            kept.splice(1..1, described(entries, version, true));
            assert_eq!(elements(&types, &format!("{name}Extend")), kept, "{file}");

            for entry in entries {
                if let Entry::Address(inside) = entry {
                    let sent = described(inside, version, false);
                    assert_eq!(elements(&types, "Adresse"), sent, "{file}");
                    let shown = described(inside, version, true);
                    assert_eq!(elements(&types, "AdresseExtend"), shown, "{file}");
                }
            }
        }
    }
}

#[test]
fn the_contract_demands_what_a_record_cannot_be_without() {
    for file in ["Typer-v1.xsd", "Typer-v2.xsd"] {
        let types = Element::parse(&fs::read_to_string(format!("xsd/{file}")).unwrap());
        let demanded = |name: &str, field: &str| {
            let all = types.all("complexType");
            let found = all.iter().find(|t| t.attribute("name") == Some(name));
            let elements = found.unwrap_or_else(|| panic!("{name}")).all("element");
            let mut named = elements
                .iter()
                .filter(|e| e.attribute("name") == Some(field));
            let sure = named.any(|e| e.attribute("minOccurs").is_none());
            assert!(sure, "{file}: {name}/{field}");
        };
        for level in Niveau::ALL {
            let own = level.number().name();
            demanded(&format!("{level:?}Update"), own);
            demanded(&format!("{level:?}Delete"), own);
            let mut whole = Vec::new();
            if let Some(parent) = level.parent() {
                demanded(&format!("{level:?}Move"), own);
                let to = match parent {
                    Niveau::Daginstitution => Field::NytDaginstitutionsNummer,
                    _ => Field::NytEnhedsNummer,
                };
                demanded(&format!("{level:?}Move"), to.name());
                whole.push("adresse");
            }
            for def in level.fields() {
                let mut others = Every(|own: &Def| own.field != def.field);
                match Content::read(level, &mut others) {
                    Err(_) if def.field.in_address() => demanded("Adresse", def.field.name()),
                    Err(_) => whole.push(def.field.name()),
                    Ok(_) => {}
                }
            }
            for field in whole {
                demanded(&format!("{level:?}Insert"), field);
                demanded(&format!("{level:?}Update"), field);
            }
        }
    }
}

#[test]
fn every_field_is_in_documents_tables_and_the_first_load() {
    let contract = Contract::new("https://a.example", "http://b.example").unwrap();
    let types = contract.schema("Typer-v2").unwrap();
    let tables = codetables::load(None, types).unwrap();
    let records = whole();
    let csv = Sheet::Samlet.write(&records, &tables, DecimalMark::Punktum);
    let rows = first_load::rows(csv.as_slice(), &tables).unwrap();
    let csv = String::from_utf8(csv).unwrap();
    let mut lines = csv.trim_start_matches('\u{feff}').lines();
    let header: Vec<_> = lines.next().unwrap().split(';').collect();
    for ((record, row), line) in records.iter().zip(rows).zip(lines) {
        let mut shown = Shown::default();
        record.write(&mut shown);
        let mut w = Writer::with_capacity(1024);
        let form = Form {
            version: Version::V2,
            tables: &tables,
        };
        message::fields(&mut w, record, form);
        let document = w.into_string();
        let parent = record.content.parent();
        let insert = row.record_under(parent.as_ref().map_or("", |number| number.as_str()));
        let cells: Vec<_> = line.split(';').collect();
        for (name, _) in shown.own.iter().skip(1) {
            assert!(document.contains(&format!("<t:{name}>")), "{name}");
            assert!(header.contains(name), "{name}");
        }
        for (def, value) in shown.content {
            let name = def.field.name();
            assert!(
                document.contains(&format!("<t:{name}>{value}</t:{name}>")),
                "{name}"
            );
            assert!(
                insert.contains(&format!("<{name}>{value}</{name}>")),
                "{name}"
            );
            // Names and parents' numbers have columns of their own.
            if let Some(at) = header.iter().position(|column| *column == name) {
                assert_eq!(cells[at], value, "{name}");
            } else {
                assert!(cells.contains(&value.as_str()), "{name}");
            }
        }
    }
}

#[test]
fn an_update_through_v1_keeps_what_v1_does_not_have() {
    for record in whole() {
        let mut shown = Shown::default();
        record.write(&mut shown);
        let newer = shown
            .content
            .iter()
            .filter(|(def, _)| def.since > Version::V1);
        let newer: Vec<_> = newer
            .map(|(def, value)| (def.field, value.clone()))
            .collect();
        assert!(!newer.is_empty());

        let mut of_v1 = Every(|def: &Def| def.since == Version::V1);
        let mut after = Content::read(record.niveau(), &mut of_v1).unwrap();
        after.keep(&record.content, Version::V1);
        let mut shown = Shown::default();
        after.write(&mut shown);
        let kept = shown
            .content
            .iter()
            .filter(|(def, _)| def.since > Version::V1);
        let kept: Vec<_> = kept
            .map(|(def, value)| (def.field, value.clone()))
            .collect();
        assert_eq!(kept, newer);
    }
}
