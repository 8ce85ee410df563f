//! 4,000 units in, 4,000 units out: the same, field by field, over SOAP and as a document; and the made-up register.

use std::collections::BTreeMap;

use crate::support::messages::{institution, write};
use crate::support::{Element, TestApp};

const UNITS: usize = 4000;
const BATCH: usize = 500;
/// What the register adds.
const OWN: [&str; 5] = [
    "aktivitetsstatus",
    "version",
    "oprettet",
    "senestOpdateret",
    "enhedsNummer",
];

/// The fields of a unit as sent, those of the address among them, in the order of the schema.
fn unit(index: usize) -> Vec<(&'static str, String)> {
    let names = [
        "Æblehaven & Co.",
        "\"Rønnebærhuset\"",
        "Ålekistens <Børnegård>",
        "L'Étoile Öst",
        "Ναΐς 花",
    ];
    let name = format!("{} {index}{}", names[index % 5], "ø".repeat(index % 97));
    let sometimes = |every: usize, value: String| index.is_multiple_of(every).then_some(value);
    let optional = [
        ("vejNavn", Some(format!("Kærmindevej {}", index % 40))),
        ("vejKode", sometimes(2, format!("{:04}", index % 9999))),
        (
            "husNummer",
            Some(format!("{}{}", 1 + index % 999, ["", "a", "B"][index % 3])),
        ),
        ("etage", sometimes(5, ["st", "kl", "14"][index % 3].into())),
        ("doer", sometimes(7, ["tv", "mf", "12a"][index % 3].into())),
        ("postNummer", Some(format!("{:04}", 800 + index % 9000))),
        ("byNavn", sometimes(3, "Rønde".into())),
        ("supplerendeBynavn", sometimes(11, "Følle Strand".into())),
        ("kommuneKode", sometimes(4, "706".into())),
        (
            "dawaId",
            sometimes(6, format!("0a3f50a0-73c1-32b8-e044-{index:012x}")),
        ),
        ("geoBredde", sometimes(2, format!("56.{:05}", index))),
        (
            "geoLaengde",
            sometimes(2, format!("-10.{:05}", index * 7 % 100_000)),
        ),
    ];
    let mut fields = vec![
        ("daginstitutionsNummer", format!("G{}", 30_001 + index % 10)),
        ("enhedsNavn", name),
    ];
    fields.extend(
        optional
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?))),
    );
    fields.push(("instType3", ["6010", "6011", "6012"][index % 3].into()));
    fields.extend(sometimes(3, format!("enhed{index}@kommune.example")).map(|v| ("email", v)));
    fields.extend(sometimes(4, format!("00 75 {index:04}")).map(|v| ("telefonNummer", v)));
    fields.extend(sometimes(5, format!("{:08}", index)).map(|v| ("cvrNummer", v)));
    fields.push(("pNummer", format!("{:010}", 1_000_000_000 + index)));
    fields.extend(sometimes(9, format!("2026-{:02}-01", 1 + index % 12)).map(|v| ("gyldigFra", v)));
    fields
}

fn as_xml(fields: &[(&str, String)]) -> String {
    let mut xml = String::from("<i:anvisningsenhed>");
    for (name, value) in fields {
        let value = value.replace('&', "&amp;").replace('<', "&lt;");
        xml += match *name {
            "vejNavn" => "<adresse>",
            "instType3" => "</adresse>",
            _ => "",
        };
        xml += &format!("<{name}>{value}</{name}>");
    }
    xml + "</i:anvisningsenhed>"
}

/// What an exported unit says, without what the register adds.
fn exported(unit: &Element) -> Vec<(String, String)> {
    let mut fields = Vec::new();
    for child in &unit.children {
        let parts = match child.name.as_str() {
            "adresse" => child.children.as_slice(),
            _ => std::slice::from_ref(child),
        };
        fields.extend(
            parts
                .iter()
                .map(|part| (part.name.clone(), part.text.clone())),
        );
    }
    fields.retain(|(name, _)| !name.ends_with("_Tekst") && !OWN.contains(&name.as_str()));
    fields
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn four_thousand_units_come_back_as_they_were_sent() {
    let app = TestApp::start().await;
    let caller = app.kommune();
    let roots: Vec<_> = (0..10)
        .map(|n| institution(&format!("Rod {n}"), 751))
        .collect();
    caller
        .import_v2(write("InsertDaginstitution", &roots))
        .ok()
        .await;
    let mut sent = BTreeMap::new();
    for start in (0..UNITS).step_by(BATCH) {
        let units: Vec<_> = (start..start + BATCH).map(unit).collect();
        let records: Vec<_> = units.iter().map(|fields| as_xml(fields)).collect();
        let answer = caller
            .import_v2(write("InsertAnvisningsEnhed", &records))
            .ok()
            .await;
        sent.extend(answer.numbers().into_iter().zip(units));
    }
    assert_eq!(sent.len(), UNITS);
    for fields in sent.values_mut() {
        let house = fields
            .iter_mut()
            .find(|(name, _)| *name == "husNummer")
            .unwrap();
        house.1 = house.1.to_uppercase();
    }
    let soap = app
        .aftager()
        .eksport_v2("GetAllDagtilbud", "")
        .result()
        .await;
    same(&soap, &sent);
    let document = app
        .anyone()
        .get(&app.public("/eksport/v2/dagtilbud.xml"), &[])
        .await;
    same(&Element::parse(&document.unwrap().text()), &sent);
}

fn same(register: &Element, sent: &BTreeMap<String, Vec<(&'static str, String)>>) {
    let units = register.all("anvisningsenhed");
    assert_eq!(units.len(), sent.len());
    for unit in units {
        let number = unit.text_of("enhedsNummer");
        let expected = sent[number]
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()));
        assert_eq!(exported(unit), expected.collect::<Vec<_>>(), "{number}");
    }
}

#[tokio::test]
async fn the_made_up_register_is_accepted_whole() {
    let app = TestApp::start().await;
    let caller = app.operatoer();
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/register");
    for (file, records) in [
        ("1-daginstitutioner.xml", 75),
        ("2-anvisningsenheder.xml", 158),
        ("3-alternativadresser.xml", 36),
    ] {
        let message = std::fs::read_to_string(folder.join(file)).unwrap();
        let (_, message) = message.split_once("?>").unwrap();
        let answer = caller.import_v2(message).ok().await;
        assert_eq!(answer.numbers().len(), records, "{file}");
    }
    let all = caller.eksport_v2("GetAllDagtilbud", "").result().await;
    assert_eq!(all.all("aktivitetsstatus").len(), 75 + 158 + 36);
}
