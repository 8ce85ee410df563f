//! Extracts in all their forms.

use std::io::{BufReader, Cursor};

use super::cvr::CvrReader;
use super::dar::{DarReader, DarRow};
use super::*;
use crate::mirror::{DarStatus, ProductionUnit};

const ID: &str = "0a3f50a0-1111-32b8-e044-0003ba298018";

/// Reads through a buffer so small that every record crosses its edge.
fn open(text: &str) -> Result<Extract<BufReader<Cursor<Vec<u8>>>>, ExtractError> {
    Extract::open(BufReader::with_capacity(
        7,
        Cursor::new(text.as_bytes().to_vec()),
    ))
}

type Read<T> = Vec<(u64, Result<T, String>)>;

fn units(text: &str) -> Read<ProductionUnit> {
    let mut extract = open(text).unwrap();
    let without = ["etage", "doer"].map(str::to_owned);
    let reader = CvrReader::new(extract.form(), &without).unwrap();
    let mut all = Vec::new();
    while let Some(record) = extract.next_entry().unwrap() {
        all.push((record.line, reader.read(record.bytes.unwrap())));
    }
    all
}

fn addresses(text: &str) -> Read<DarRow> {
    let mut extract = open(text).unwrap();
    let without = ["postnrnavn", "dør", "supplerendebynavn"].map(str::to_owned);
    let reader = DarReader::new(extract.form(), &without).unwrap();
    let mut all = Vec::new();
    while let Some(record) = extract.next_entry().unwrap() {
        all.push((record.line, reader.read(record.bytes.unwrap())));
    }
    all
}

const META: &str = r#""produktionsEnhedMetadata":{"sammensatStatus":"Aktiv","nyesteNavn":{"navn":"Kernehuset","periode":{"gyldigFra":"2001-01-01"}},"nyesteCvrNummerRelation":55133018,"nyesteBeliggenhedsadresse":{"vejnavn":"Skovvejen","husnummerFra":12,"bogstavFra":"a","etage":"1","sidedoer":"th","postnummer":800,"postdistrikt":"Høje Taastrup","kommune":{"kommuneKode":751}}}"#;

#[test]
fn a_unit_is_found_in_every_shell() {
    let plain = format!(r#"{{"pNummer":1000000001,"navne":[{{"navn":"x"}}],{META}}}"#);
    let own = format!(r#"{{"Vrproduktionsenhed":{{"pNummer":1000000001,{META}}}}}"#);
    let other = format!(r#"{{"VrproduktionsEnhed":{{"pNummer":"1000000001",{META}}}}}"#);
    let hit = format!(r#"{{"_index":"x","_source":{own}}}"#);
    let bare = format!(r#"{{"_source":{plain}}}"#);
    let text = [plain, own, other, hit, bare].join("\n");
    let read = units(&text);
    assert_eq!(read.len(), 5);
    for (line, unit) in read {
        let unit = unit.unwrap_or_else(|e| panic!("{line}: {e}"));
        assert_eq!(unit.p_nummer.as_str(), "1000000001");
        assert_eq!(unit.cvr.unwrap().as_str(), "55133018");
        assert_eq!(unit.name, "Kernehuset");
        assert!(unit.is_active());
        let at = unit.adresse.unwrap().to_string();
        assert_eq!(at, "Skovvejen 12A, 1. th, 0800 Høje Taastrup");
    }
}

#[test]
fn a_unit_may_lack_owner_and_address_but_not_number_and_status() {
    let text = concat!(
        r#"{"pNummer":17,"produktionsEnhedMetadata":{"sammensatStatus":"Ophørt","nyesteCvrNummerRelation":null,"nyesteBeliggenhedsadresse":null}}"#,
        "\n\n{\"pNummer\":18}\n{}\n{\"pNummer\":12345678901,\"produktionsEnhedMetadata\":{\"sammensatStatus\":\"Aktiv\"}}\n{\"pNummer\":",
    );
    let read = units(text);
    let first = read[0].1.as_ref().unwrap();
    assert_eq!(first.p_nummer.as_str(), "0000000017");
    assert!(first.cvr.is_none() && first.adresse.is_none() && !first.is_active());
    let rest: Vec<_> = read[1..]
        .iter()
        .map(|(line, unit)| format!("{line}: {}", unit.as_ref().unwrap_err()))
        .collect();
    assert_eq!(
        rest,
        [
            "3: 0000000018 has no status",
            "4: no pNummer",
            "5: pNummer \"12345678901\" is not ten digits",
            "6: not a record in JSON: EOF while parsing a value at column 11",
        ]
    );
}

#[test]
fn units_in_csv_with_either_separator_and_quotes() {
    for separator in [";", ","] {
        let text = "\u{feff}PNUMMER;cvrNummer;navn;status;vejnavn;husnr;postnr;bynavn;andet\r\n\
             1000000001;55133018;\"Kerne;huset, \"\"det nye\"\"\r\nmed to linjer\";Aktiv;Skovvejen;012a;8000;Aarhus C;x\r\n\
             2;;Lukket;Ophørt;;;;;\r\n\
             x;;;;;;;;\r\n"
            .replace(';', separator);
        let read = units(&text);
        let first = read[0].1.as_ref().unwrap();
        assert!(first.name.starts_with("Kerne") && first.name.ends_with("linjer"));
        assert!(first.name.contains("\"det nye\""), "{}", first.name);
        assert_eq!(
            first.adresse.as_ref().unwrap().to_string(),
            "Skovvejen 12A, 8000 Aarhus C"
        );
        assert_eq!(read[1].0, 4);
        assert!(read[1].1.as_ref().unwrap().adresse.is_none());
        assert!(read[2].1.is_err());
    }
    let missing = open("pNummer;navn\n").unwrap();
    let error = CvrReader::new(missing.form(), &[]).unwrap_err().to_string();
    assert!(error.contains("cvrNummer, status"), "{error}");
}

#[test]
fn a_column_that_a_mirror_can_do_without_is_missing_only_where_somebody_says_so() {
    let header = "pNummer;cvrNummer;navn;status;vejnavn;husnr;sal;doer;postnr;bynavn\n";
    let extract = open(header).unwrap();
    let read = |without: &[&str]| {
        let without: Vec<String> = without.iter().map(|name| (*name).to_owned()).collect();
        CvrReader::new(extract.form(), &without)
    };
    let error = read(&[]).unwrap_err().to_string();
    assert!(
        error.contains("no column etage;") && error.ends_with("--tillad-uden etage"),
        "{error}"
    );
    assert!(read(&["Etage"]).is_ok());
    let error = read(&["status"]).unwrap_err().to_string();
    assert!(
        error.contains("may be missing are vejnavn, husnr,"),
        "{error}"
    );
}

fn the_one(row: &DarRow) {
    assert_eq!(row.id.to_string(), ID);
    assert_eq!(row.status, DarStatus::Preliminary);
    assert_eq!((row.vej_navn.as_str(), row.vej_kode), ("Ørbækvej", 9876));
    assert_eq!(row.house.to_string(), "100A");
    assert_eq!((row.etage.as_str(), row.doer.as_str()), ("st", "tv"));
    assert_eq!(row.supplerende_bynavn, "Fraugde");
    assert_eq!((row.postnr, row.by_navn.as_str()), (5220, "Odense SØ"));
    assert_eq!(row.kommune, 461);
    assert_eq!(row.position, Some((553_856_789, 104_567_891)));
}

#[test]
fn an_address_is_the_same_in_every_structure() {
    let csv = format!(
        "id,status,vejkode,vejnavn,adresseringsvejnavn,husnr,etage,dør,supplerendebynavn,postnr,postnrnavn,kommunekode,wgs84koordinat_bredde,wgs84koordinat_længde\n\
         {ID},3,9876,Ørbækvej,x,100A,st,tv,Fraugde,5220,Odense SØ,0461,55.38567891,10.4567891\n"
    );
    let flat = format!(
        r#"[
          {{"id": "{ID}", "status": 3, "vejkode": "9876", "vejnavn": "Ørbækvej", "husnr": "100A", "etage": "ST", "dør": "tv",
            "supplerendebynavn": "Fraugde", "postnr": "5220", "postnrnavn": "Odense SØ", "kommunekode": "0461",
            "wgs84koordinat_bredde": 55.38567891, "wgs84koordinat_længde": 10.4567891, "betegnelse": "a \" ] }} \\"}}
        ]"#
    );
    let mini = format!(
        r#"{{"id":"{ID}","status":3,"vejkode":"9876","vejnavn":"Ørbækvej","husnr":"100a","etage":"st","dør":"tv","supplerendebynavn":"Fraugde","postnr":"5220","postnrnavn":"Odense SØ","kommunekode":"0461","x":10.4567891,"y":55.38567891}}"#
    );
    let nested = format!(
        r#"{{"id":"{ID}","status":3,"etage":"st","dør":"tv","adgangsadresse":{{"id":"x","vejstykke":{{"navn":"Ørbækvej","kode":"9876"}},"husnr":"100A","supplerendebynavn":"Fraugde","postnummer":{{"nr":"5220","navn":"Odense SØ"}},"kommune":{{"kode":"0461","navn":"Odense"}},"adgangspunkt":{{"koordinater":[10.4567891,55.38567891]}}}}}}"#
    );
    for text in [csv, flat, mini, nested] {
        let read = addresses(&text);
        assert_eq!(read.len(), 1, "{text}");
        the_one(read[0].1.as_ref().unwrap_or_else(|e| panic!("{e}: {text}")));
    }
}

#[test]
fn addresses_that_cannot_be_are_rejected_with_the_field() {
    let text = format!(
        "id;vejnavn;vejkode;husnr;postnr;kommunekode;etage;status;wgs84koordinat_bredde;wgs84koordinat_længde\n\
         {ID};Skovvejen;1;1;8000;751;;;;\n\
         x;Skovvejen;1;1;8000;751;;;;\n\
         {ID};;1;1;8000;751;;;;\n\
         {ID};Skovvejen;0;1;8000;751;;;;\n\
         {ID};Skovvejen;1;1-3;8000;751;;;;\n\
         {ID};Skovvejen;1;1;80000;751;;;;\n\
         {ID};Skovvejen;1;1;8000;;;;;\n\
         {ID};Skovvejen;1;1;8000;751;2a;;;\n\
         {ID};Skovvejen;1;1;8000;751;;5;;\n\
         {ID};Skovvejen;1;1;8000;751;;1;91;10\n\
         {ID};Skovvejen;1;1;8000;751;;1;56,1;10,2\n\
         \"{ID};Skovvejen\n"
    );
    let read = addresses(&text);
    let first = read[0].1.as_ref().unwrap();
    assert_eq!((first.status, first.position), (DarStatus::Current, None));
    let fields = [
        "id",
        "vejnavn",
        "vejkode",
        "husnr",
        "postnr",
        "kommunekode",
        "etage",
        "status",
        "wgs84koordinat_bredde",
    ];
    for (row, field) in read[1..10].iter().zip(fields) {
        let why = row.1.as_ref().unwrap_err();
        assert!(why.starts_with(&format!("{field} ")), "{field}: {why}");
    }
    let comma = read[10].1.as_ref().unwrap();
    assert_eq!(comma.position, Some((561_000_000, 102_000_000)));
    assert_eq!(read[11].1.as_ref().unwrap_err(), "quotes are not closed");
}

#[test]
fn reading_goes_on_where_it_was() {
    let list = r#"[ {"a":1},
        {"b":{"c":"}"}} , {"d":2}
    ]"#;
    let lines = "{\"a\":1}\n{\"b\":2}\n{\"d\":2}";
    let csv = "a;b\n1;2\n3;4\n5;6\n";
    for text in [list, lines, csv] {
        let mut whole = open(text).unwrap();
        let mut places = vec![whole.place()];
        let mut records = Vec::new();
        while let Some(record) = whole.next_entry().unwrap() {
            records.push((record.line, record.bytes.unwrap().to_vec()));
            places.push(whole.place());
        }
        assert_eq!(records.len(), 3);
        for (index, place) in places.into_iter().enumerate() {
            let mut again = open(text).unwrap();
            again.seek_to(place).unwrap();
            for (line, bytes) in &records[index..] {
                let record = again.next_entry().unwrap().unwrap();
                assert_eq!((record.line, record.bytes.unwrap()), (*line, &bytes[..]));
            }
            assert!(again.next_entry().unwrap().is_none());
        }
    }
}

#[test]
fn a_file_that_is_cut_off_or_foreign_is_told_from_one_that_ends() {
    assert!(matches!(open("\u{feff} \n "), Err(ExtractError::Empty)));
    let mut cut = open("[{\"a\":1},\n{\"b\":").unwrap();
    assert!(cut.next_entry().unwrap().is_some());
    assert!(matches!(cut.next_entry(), Err(ExtractError::CutOff(2))));
    let mut open_list = open("[{\"a\":1},\n").unwrap();
    assert!(open_list.next_entry().unwrap().is_some());
    assert!(matches!(
        open_list.next_entry(),
        Err(ExtractError::CutOff(2))
    ));
    let mut numbers = open("[1,2]").unwrap();
    assert!(matches!(
        numbers.next_entry(),
        Err(ExtractError::NotAList(1))
    ));
}

#[test]
fn a_record_that_is_too_long_is_passed_over() {
    let long = format!("{{\"a\":\"{}\"}}", "x".repeat(LONGEST));
    for text in [
        format!("{{}}\n{long}\n{{}}\n"),
        format!("[{{}},\n{long},\n{{}}]"),
    ] {
        let mut extract = Extract::open(Cursor::new(text.into_bytes())).unwrap();
        let mut seen = Vec::new();
        while let Some(record) = extract.next_entry().unwrap() {
            seen.push((record.line, record.bytes.is_some()));
        }
        assert_eq!(seen, [(1, true), (2, false), (3, true)]);
    }
}

#[test]
fn a_stray_quote_costs_its_own_line_alone() {
    let mut text = "pNummer;cvrNummer;navn;status\n".to_owned();
    for n in 0..200 {
        let name = match n {
            10 => "\"Aldrig lukket".to_owned(),
            20 => "19\" TV".to_owned(),
            30 => "\"To\nlinjer\"".to_owned(),
            _ => format!("Enhed {n}"),
        };
        text.push_str(&format!("{};55133018;{name};Aktiv\n", 1_000_000_000 + n));
    }
    let (mut good, mut bad) = (Vec::new(), Vec::new());
    let mut extract = Extract::open(Cursor::new(text)).unwrap();
    let reader = CvrReader::new(
        extract.form(),
        &["vejnavn", "husnr", "etage", "doer", "postnr", "bynavn"].map(str::to_owned),
    )
    .unwrap();
    while let Some(record) = extract.next_entry().unwrap() {
        let line = record.line;
        match reader.read(record.bytes.unwrap()) {
            Ok(unit) => good.push(unit),
            Err(why) => bad.push((line, why)),
        }
    }
    assert_eq!(bad, [(12, "quotes are not closed".to_owned())]);
    assert_eq!(good.len(), 199);
    assert!(good.iter().all(ProductionUnit::is_active));
    assert!(good.iter().any(|unit| unit.name == "19\" TV"));
    assert!(good.iter().any(|unit| unit.name == "To\nlinjer"));
}
