//! What the operator does: the first load, the monthly run and its findings, A-numbers, areas of dagpleje, support.

use std::path::{Path, PathBuf};

use dtr::contract::Contract;
use dtr::xml::Limits;
use serde_json::Value;

use crate::support::messages::*;
use crate::support::process::{Server, dtr, dtr_json, installation, pairs, told};
use crate::support::{Element, Folder};

fn fixture(name: &str) -> String {
    let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "fixtures", name]
        .iter()
        .collect();
    path.display().to_string()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn load(at: &Path, file: &str, more: &[&str]) -> (Value, bool) {
    let file = fixture(file);
    dtr_json(at, &[&["load", "statistik", &file], more].concat())
}

#[tokio::test]
async fn a_first_load_keeps_numbers_and_leaves_findings() {
    let folder = Folder::new();
    let at = installation(&folder).await;
    let warnings = pairs(&[
        ("DTR5351", "G12005"),
        ("DTR5352", "G12007"),
        ("DTR5353", "G12008"),
        ("DTR5354", "G12004"),
    ]);
    let (tried, well) = load(&at, "statistik/gode.csv", &["--dry-run"]);
    assert!(well, "{tried}");
    assert_eq!(
        (&tried["raekker"], &tried["optaget"], &tried["gemt"]),
        (&11.into(), &11.into(), &0.into())
    );
    assert_eq!(told(&tried["advarsler"]), warnings);
    let (status, _) = dtr_json(&at, &["status"]);
    assert_eq!(status["sekvens"], 0, "a dry run stores nothing");
    let (loaded, well) = load(&at, "statistik/gode.csv", &[]);
    assert!(well && loaded["gemt"] == 11, "{loaded}");
    // Eleven inserts and two closings; the row without a number has one of the series.
    let (status, _) = dtr_json(&at, &["status"]);
    assert_eq!(status["sekvens"], 13);
    assert_eq!(status["numreTilbage"], 99_999 - 30_001);
    let (verified, holds) = dtr_json(&at, &["audit", "verify"]);
    assert!(holds, "{verified}");

    let (found, none) = dtr_json(&at, &["recheck"]);
    assert!(!none);
    let findings = pairs(&[
        ("DTR5201", "G30001"),
        ("DTR5202", "G12007"),
        ("DTR5204", "G12004"),
        ("DTR5205", "-"),
    ]);
    assert_eq!(told(&found["fund"]), findings);

    // What is mended is resolved by the next run, and what is new is new.
    let server = Server::start(&at);
    let kommune = server.caller("kommune");
    let fields = coded_institution_fields("Lovlig", 751, 1, 1);
    let update = write_v1(
        "UpdateDaginstitution",
        &[institution_update("G12007", "", &fields)],
    );
    kommune.import_v1(update).ok().await;
    let stuen = write("InsertAnvisningsEnhed", &[unit("G30001", "Stuen")]);
    kommune.import_v2(stuen).ok().await;
    let (found, _) = dtr_json(&at, &["recheck"]);
    let findings = pairs(&[
        ("DTR5203", "G12008"),
        ("DTR5204", "G12004"),
        ("DTR5205", "-"),
    ]);
    assert_eq!(told(&found["fund"]), findings);
    assert_eq!(
        (&found["kontrol"]["nye"], &found["kontrol"]["loeste"]),
        (&1.into(), &2.into())
    );
    // Of one kommune, the sums are those of what is shown.
    let sums = |kommune: &str| {
        let (found, _) = dtr_json(&at, &["recheck", "--vis", "--kommune", kommune]);
        let shown = found["fund"].as_array().unwrap().len() as u64;
        let run = &found["kontrol"];
        assert_eq!(run["aabne"], shown);
        [
            run["aabne"].clone(),
            run["nye"].clone(),
            run["loeste"].clone(),
        ]
    };
    assert_eq!(sums("751"), [3, 1, 2]);
    assert_eq!(sums("461"), [0, 0, 0]);
    let told = dtr(&at, &["recheck", "--vis", "--kommune", "461"]);
    assert!(
        text(&told.stdout).contains("0 findings of kommune 461 open (0 new), 0 resolved"),
        "{}",
        text(&told.stdout)
    );
    let csv = dtr(&at, &["recheck", "--vis", "--form", "csv"]);
    let csv = text(&csv.stdout);
    assert_eq!(csv.lines().count(), 6, "{csv}");
    let resolved = csv
        .lines()
        .find(|line| line.starts_with("DTR5202;"))
        .unwrap();
    assert!(!resolved.ends_with(';'), "{resolved}");
    // And the service takes the loaded records like any others.
    let closes = write(
        "DeleteAlternativAdresse",
        &[closing("alternativadresse", "G12003")],
    );
    kommune.import_v2(closes).ok().await;
}

#[tokio::test]
async fn a_first_load_loses_no_row_and_gives_no_number_twice() {
    let folder = Folder::new();
    let at = installation(&folder).await;
    let header = "dagtilbudsType;daginstitutionsNummer;anvisningsenhedsNummer;dagtilbudsNavn;ejerformKode;\
                  lovgrundlagKode;admKommuneKode;instType3;pNummer;vejNavn;husNummer;postNummer;aktivitetsstatus;bemaerkning";
    let write = |name: &str, rows: &[&str]| {
        std::fs::write(at.join(name), format!("{header}\n{}\n", rows.join("\n"))).unwrap();
    };
    let left_out = ["--ignorer-kolonner", "bemaerkning"];
    let load = |name: &str| dtr(&at, &[&["load", "statistik", name], &left_out[..]].concat());
    // A quote that is never closed, or far below, makes one row of many: the file is refused with the line.
    write(
        "citat.csv",
        &[
            "daginstitution;G12001;;Et;1;1;751;;;;;;;\"se sagen",
            "daginstitution;G12002;;To;1;1;751;;;;;;;",
            "daginstitution;G12003;;Tre;1;1;751;;;;;;;se\"",
        ],
    );
    let refused = load("citat.csv");
    assert!(!refused.status.success(), "{}", text(&refused.stdout));
    assert!(
        text(&refused.stderr).contains("line 2"),
        "{}",
        text(&refused.stderr)
    );
    write(
        "celler.csv",
        &["daginstitution;G12001;;Et;1;1;751;;;;;;;;for meget"],
    );
    let refused = load("celler.csv");
    assert!(
        text(&refused.stderr).contains("more cells"),
        "{}",
        text(&refused.stderr)
    );
    // A row without a number gets none that another row keeps.
    write(
        "numre.csv",
        &[
            "daginstitution;;;Uden nummer;1;1;751;;;;;;;",
            "daginstitution;G30001;;Beholder;1;1;751;;;;;;;",
        ],
    );
    let loaded = load("numre.csv");
    assert!(loaded.status.success(), "{}", text(&loaded.stderr));
    let (status, _) = dtr_json(&at, &["status"]);
    assert_eq!(status["sekvens"], 2);
    // Without legal bases, types that go with none are findings and closed units count for nothing.
    let without = |ejerform: &str, nummer: &str, unit: &str, closed: &str| {
        [
            format!("daginstitution;{nummer}0;;Uden grundlag;{ejerform};;751;;;;;;;"),
            format!(
                "anvisningsenhed;{nummer}0;{nummer}1;Vuggestuen;;;;6012;1975100401;Havevej;3b;8270;;"
            ),
            format!(
                "anvisningsenhed;{nummer}0;{nummer}2;Det andet;;;;{unit};1975100402;Havevej;3b;8270;{closed};"
            ),
        ]
    };
    let open = without("1", "G1300", "6020", "");
    let closed = without("1", "G1301", "6020", "Nedlagt");
    let rows: Vec<&str> = open.iter().chain(&closed).map(String::as_str).collect();
    write("grundlag.csv", &rows);
    let (told, well) = dtr_json(
        &at,
        &[&["load", "statistik", "grundlag.csv"], &left_out[..]].concat(),
    );
    assert!(well && told["optaget"] == 6, "{told}");
    let warned = self::told(&told["advarsler"]);
    assert!(
        warned.contains(&("DTR5353".to_owned(), "G13002".to_owned())),
        "{told}"
    );
    assert!(
        !warned.contains(&("DTR5353".to_owned(), "G13012".to_owned())),
        "{told}"
    );
}

#[tokio::test]
async fn a_first_load_that_is_wrong_is_refused_whole() {
    let folder = Folder::new();
    let at = installation(&folder).await;
    assert!(load(&at, "statistik/gode.csv", &[]).1);
    let (refused, well) = load(&at, "statistik/daarlige.csv", &[]);
    assert!(!well);
    assert_eq!(
        (&refused["optaget"], &refused["afvist"], &refused["gemt"]),
        (&3.into(), &9.into(), &0.into())
    );
    let errors = pairs(&[
        ("DTR5301", "-"),
        ("DTR5302", "G13002"),
        ("DTR5303", "A13003"),
        ("DTR5304", "G13004"),
        ("DTR5305", "G12001"),
        ("DTR5306", "G13005"),
        ("DTR5307", "G13007"),
        ("DTR4011", "G13008"),
        ("DTR5001", "G13009"),
    ]);
    assert_eq!(told(&refused["fejl"]), errors);
    let lines: Vec<_> = refused["fejl"]
        .as_array()
        .unwrap()
        .iter()
        .map(|each| each["linje"].as_u64())
        .collect();
    assert!(lines.is_sorted() && lines[0] == Some(3), "{lines:?}");
    let (status, _) = dtr_json(&at, &["status"]);
    assert_eq!(status["sekvens"], 13, "nothing of it was stored");
    std::fs::write(at.join("skidt.csv"), "a;b\n1;2\n").unwrap();
    let bad = dtr(&at, &["load", "statistik", "skidt.csv"]);
    assert_eq!(bad.status.code(), Some(1));
    assert!(
        text(&bad.stderr).contains("no column daginstitutionsNummer"),
        "{}",
        text(&bad.stderr)
    );
}

#[tokio::test]
async fn a_file_with_a_column_that_means_nothing_is_refused() {
    let folder = Folder::new();
    let at = installation(&folder).await;
    let good = std::fs::read_to_string(fixture("statistik/gode.csv")).unwrap();
    let renamed = good.replacen(";telefonNummer", ";tlf", 1);
    std::fs::write(at.join("tlf.csv"), &renamed).unwrap();
    let refused = dtr(&at, &["load", "statistik", "tlf.csv"]);
    assert_eq!(refused.status.code(), Some(1));
    let why = text(&refused.stderr);
    assert!(
        why.contains("the column tlf is not known; the nearest is telefonNummer")
            && why.contains("--ignorer-kolonner tlf"),
        "{why}"
    );
    let without = ["load", "statistik", "tlf.csv", "--ignorer-kolonner", "tlf"];
    let (loaded, well) = dtr_json(&at, &[&without[..], &["--dry-run"]].concat());
    assert!(well && loaded["optaget"] == 11, "{loaded}");
    // Under no name at all, data would be lost as well.
    let unnamed = good.replacen(";husNummer", ";", 1);
    std::fs::write(at.join("uden.csv"), &unnamed).unwrap();
    let refused = dtr(&at, &["load", "statistik", "uden.csv"]);
    let why = text(&refused.stderr);
    assert_eq!(refused.status.code(), Some(1), "{why}");
    assert!(why.contains("more cells than the header names"), "{why}");

    let numbers = "aNummer;navn;kommune_kode;gNr\nA10001;Huset;751;\n";
    std::fs::write(at.join("a.csv"), numbers).unwrap();
    let load = ["anumre", "load", "a.csv"];
    let why = text(&dtr(&at, &load).stderr);
    assert!(
        why.contains("the column gNr is not known; the nearest is gNummer"),
        "{why}"
    );
    let without = ["--ignorer-kolonner", "gNr"];
    assert!(dtr_json(&at, &[&load[..], &without[..]].concat()).1);
}

#[tokio::test]
async fn what_the_register_keeps_by_itself_is_told_as_not_loaded() {
    let folder = Folder::new();
    let at = installation(&folder).await;
    let own = "daginstitutionsNummer;daginstitutionsNavn;aktivitetsstatus;ejerformKode;lovgrundlagKode;\
               admKommuneKode;version;oprettet\nG12001;Huset;Aktiv;1;1;751;3;2026-01-01T00:00:00.000Z\n";
    std::fs::write(at.join("own.csv"), own).unwrap();
    let (loaded, well) = dtr_json(&at, &["load", "statistik", "own.csv", "--dry-run"]);
    assert!(well, "{loaded}");
    assert_eq!(
        loaded["kolonnerIkkeIndlaest"],
        serde_json::json!(["version", "oprettet"])
    );
}

#[test]
fn what_is_succeeded_and_stays_open_becomes_a_finding() {
    use dtr::register::{
        Content, Daginstitution, Institutionsnummer, Kommunekode, Life, Record, Tidspunkt,
    };
    use dtr::store::sqlite::{Options, SqliteStore};
    use dtr::store::{Handling, NyAendring, Ophav, Outcome, StoreExt};

    const DAY: i64 = 86_400_000;
    let folder = Folder::new();
    let store = SqliteStore::open(&folder.join("register.db"), Options::default()).unwrap();
    let begun = Tidspunkt::from_millis(1_790_000_000_000);
    let made = store.write_blocking(move |tx| {
        let mut earlier = Vec::new();
        for _ in 0..2 {
            let post = Record {
                nummer: tx.issue_number()?,
                content: Content::Daginstitution(Daginstitution {
                    navn: "Huset".to_owned(),
                    ejerform: 1,
                    lovgrundlag: 1,
                    adm_kommune: Kommunekode(751),
                    gyldig_fra: None,
                }),
                life: Life {
                    version: 0,
                    oprettet: begun,
                    senest_opdateret: begun,
                    nedlagt: None,
                    lukkeaarsag: None,
                    skolens_nummer: None,
                    afloeser: earlier.clone(),
                    afloest_af: Vec::new(),
                },
            };
            let change = NyAendring {
                handling: Handling::Oprettet,
                ophav: Ophav {
                    cvr: None,
                    navn: "x".to_owned(),
                    operation: "x".to_owned(),
                    korrelations_id: uuid::Uuid::nil(),
                    sagsnummer: None,
                    system: None,
                    part: None,
                },
                record: post,
            };
            earlier = vec![tx.gem(change, begun)?.record.nummer];
        }
        Ok(Outcome::Keep(()))
    });
    made.unwrap();
    let contract = Contract::new("https://a.example", "http://a.example").unwrap();
    let tables = dtr::codetables::load(None, contract.schema("Typer-v2").unwrap()).unwrap();
    let spejle = dtr::mirror::Mirrors::default();
    let found = |days: i64| {
        let now = begun.plus_millis(days * DAY);
        let set = store.read(|view| dtr::kontrol::find(view, &tables, &spejle, now));
        let set = set.unwrap().fund.into_iter();
        set.filter(|each| each.kode == "DTR5212")
            .map(|each| (each.nummer.unwrap(), each.kommune))
            .collect::<Vec<_>>()
    };
    let first = Institutionsnummer::parse("G30001").unwrap();
    assert_eq!(found(30), []);
    assert_eq!(found(31), [(first, Kommunekode(751))]);
}

#[tokio::test]
async fn findings_are_for_their_kommune_and_the_operator() {
    let folder = Folder::new();
    let at = installation(&folder).await;
    assert!(load(&at, "statistik/gode.csv", &[]).1);
    dtr_json(&at, &["recheck"]);
    let server = Server::start(&at);
    let schema = Contract::new("https://a.example", "http://a.example").unwrap();
    let schema = schema.schema("Fund-v1").unwrap();
    for name in ["kommune", "operatoer"] {
        let got = server.caller(name).get("/fund/751.xml").await;
        assert_eq!(got.status, 200, "{name}");
        let report = dtr::xsd::validate(schema, &got.text(), Limits::default());
        assert!(report.unwrap().is_valid(), "{}", got.text());
        let tree = Element::parse(&got.text());
        assert_eq!(
            (tree.text_of("kommuneKode"), tree.text_of("aabne")),
            ("751", "4")
        );
    }
    let (other, none) = dtr_json(&at, &["recheck", "--vis", "--kommune", "101"]);
    assert!(none && other["kontrol"]["aabne"] == 0, "{other}");
    // What is asked for in vain is refused before the run.
    let begun = || dtr_json(&at, &["recheck", "--vis"]).0["kontrol"]["begyndt"].clone();
    let last = begun();
    let before = dtr(&at, &["recheck", "--form", "xml"]);
    assert!(text(&before.stderr).contains("--kommune"));
    assert_eq!(begun(), last, "no run was made");
    // Every form tells both languages.
    let (found, _) = dtr_json(&at, &["recheck", "--vis"]);
    let first = &found["fund"][0];
    let csv = text(&dtr(&at, &["recheck", "--vis", "--form", "csv"]).stdout);
    assert!(csv.contains(";beskedDa;beskedEn;afhjaelpningDa;"), "{csv}");
    assert!(csv.contains(first["beskedEn"].as_str().unwrap()), "{csv}");
    let told = text(&dtr(&at, &["recheck", "--vis"]).stdout);
    for remedy in ["afhjaelpningDa", "afhjaelpningEn"] {
        let remedy = first[remedy].as_str().unwrap();
        assert!(told.contains(&format!("    -> {remedy}\n")), "{told}");
    }
    let own = dtr(
        &at,
        &["recheck", "--vis", "--kommune", "751", "--form", "xml"],
    );
    let got = server.caller("kommune").get("/fund/751.xml").await;
    assert_eq!(text(&own.stdout), got.text());
    for name in ["kommune2", "leverandoer", "aftager"] {
        let got = server.caller(name).get("/fund/751.xml").await;
        assert_eq!(got.status, 403, "{name}");
        assert!(got.text().contains("DTR1022"), "{}", got.text());
    }
    // Who writes for the kommune by agreement mends what is found.
    let certificate = crate::support::pki::folder().join("leverandoer.pem");
    let certificate = certificate.to_string_lossy();
    let system = ["system", "add", "--cvr", "99100028", "--navn", "S"];
    let bound = ["--certifikat", &certificate];
    assert!(dtr_json(&at, &[&system[..], &bound[..]].concat()).1);
    let agree = ["aftale", "add", "--system", "SYS-1", "--kommune", "751"];
    assert!(dtr_json(&at, &agree).1);
    for (kommune, status) in [("751", 200), ("101", 403), ("9999", 404)] {
        let vendor = server.caller("leverandoer");
        let got = vendor.get(&format!("/fund/{kommune}.xml")).await;
        assert_eq!(got.status, status, "{kommune}: {}", got.text());
    }
    let unknown = dtr(&at, &["recheck", "--vis", "--kommune", "9999"]);
    assert_eq!(unknown.status.code(), Some(1));
    let told = text(&unknown.stderr);
    assert!(told.contains("9999 is no kommunekode"), "{told}");
    let got = server.caller("kommune").get("/fund/751.xml?alt=1").await;
    assert_eq!(got.status, 400);
    assert_eq!(
        server.caller("kommune").get("/fund/alt.xml").await.status,
        404
    );
}

#[tokio::test]
async fn a_numbers_are_matched_confirmed_and_named() {
    let folder = Folder::new();
    let at = installation(&folder).await;
    assert!(load(&at, "statistik/gode.csv", &[]).1);
    let file = "aNummer;navn;kommuneKode;pNummer;vejNavn;husNummer;postNummer;gNummer\n\
                A10001;hyldebærret;751;;Havevej;3B;8270;\n\
                A10002;Et andet navn;751;1975100402;Havevej;3b;8270;\n\
                A10003;Ukendt;751;;;;;\n\
                A10004;Kendt;751;;;;;G12008\n";
    std::fs::write(at.join("a.csv"), file).unwrap();
    let (loaded, well) = dtr_json(&at, &["anumre", "load", "a.csv"]);
    assert!(
        well && loaded["optaget"] == 4 && loaded["bekraeftet"] == 1,
        "{loaded}"
    );
    let candidates = || {
        let (found, _) = dtr_json(&at, &["anumre", "kandidater"]);
        let list = found["aNumre"].as_array().unwrap().clone();
        let first = |each: &Value| {
            let best = &each["kandidater"][0];
            (
                each["aNummer"].as_str().unwrap().to_owned(),
                best["nummer"].clone(),
                best["lighed"].clone(),
            )
        };
        list.iter().map(first).collect::<Vec<_>>()
    };
    let row = |a: &str, g: Value, likeness: Value| (a.to_owned(), g, likeness);
    assert_eq!(
        candidates(),
        [
            row("A10001", "G12002".into(), 85.into()),
            row("A10002", "G12006".into(), 65.into()),
            row("A10003", Value::Null, Value::Null),
        ]
    );
    assert!(
        dtr(&at, &["anumre", "afvis", "A10002", "G12006"])
            .status
            .success()
    );
    assert_eq!(candidates()[1], row("A10002", Value::Null, Value::Null));

    // Until it is confirmed the refusal can't name it.
    let server = Server::start(&at);
    let kommune = server.caller("kommune");
    let stuen = || write("InsertAlternativAdresse", &[address("A10001", "Skuret")]);
    assert_eq!(kommune.import_v2(stuen()).refused().await, ["DTR5008"]);
    assert!(
        dtr(&at, &["anumre", "bekraeft", "A10001", "G12002"])
            .status
            .success()
    );
    let answer = kommune.import_v2(stuen()).send().await;
    assert_eq!(answer.errors(), ["DTR5035"]);
    assert!(answer.text().contains("Brug G12002."), "{}", answer.text());
    // The lineage stands in the history of its successor.
    let parameters = "<institutionsnummer>G12002</institutionsnummer>";
    let history = kommune.eksport_v2("GetHistorik", parameters).result().await;
    assert_eq!(history.texts("afloeser"), ["A10001"]);
    let other = dtr(&at, &["anumre", "bekraeft", "A10001", "G12006"]);
    assert!(
        text(&other.stderr).contains("goes on as G12002 already"),
        "{}",
        text(&other.stderr)
    );

    let plan = ["anumre", "plan", "--aftaler-til", "2097-02-15", "--lukkes"];
    let early = dtr(&at, &[&plan[..], &["2097-02-15"]].concat());
    assert_eq!(early.status.code(), Some(1));
    let past = ["--aftaler-til", "2026-01-31", "--lukkes", "2097-03-16"];
    let past = dtr(&at, &[&plan[..2], &past].concat());
    assert_eq!(past.status.code(), Some(1));
    assert!(
        text(&past.stderr).contains("2026-01-31 is in the past"),
        "{}",
        text(&past.stderr)
    );
    let help = text(&dtr(&at, &["anumre", "plan", "--help"]).stdout);
    assert!(
        help.contains("information for suppliers and the list"),
        "{help}"
    );
    assert!(
        dtr(&at, &[&plan[..], &["2097-03-16"]].concat())
            .status
            .success()
    );
    let list = text(&dtr(&at, &["anumre", "list"]).stdout);
    assert!(
        list.contains("A10001;hyldebærret;751;G12002;2097-02-15;2097-03-16\r\n"),
        "{list}"
    );
    assert!(list.contains("A10003;Ukendt;751;;;\r\n"), "{list}");
    assert!(dtr_json(&at, &["audit", "verify"]).1);
}

#[tokio::test]
async fn candidates_of_the_own_kommune_stand_before_all_others() {
    let folder = Folder::new();
    let at = installation(&folder).await;
    let mut file = "dagtilbudsType;daginstitutionsNummer;anvisningsenhedsNummer;dagtilbudsNavn;aktivitetsstatus;\
                    ejerformKode;lovgrundlagKode;admKommuneKode;instType3;pNummer;vejNavn;husNummer;postNummer\n\
                    daginstitution;G14001;;Her;Aktiv;1;1;751;;;;;\n\
                    daginstitution;G14002;;Der;Aktiv;1;1;461;;;;;\n"
        .to_owned();
    let mut unit = |top: &str, number: &str, name: &str, p_number: &str| {
        file.push_str(&format!(
            "anvisningsenhed;{top};{number};{name};Aktiv;;;;6012;{p_number};Havevej;3b;8270\n"
        ));
    };
    // The same name and P-number, but elsewhere; a part of the name; the P-number alone; too little of the name.
    unit("G14002", "G14010", "Den Grønne Skov", "1975100501");
    unit("G14001", "G14011", "Skov, den grønne lille", "1975100502");
    unit("G14001", "G14012", "Mariehønen", "1975100501");
    unit("G14001", "G14013", "Den Blå Sø", "1975100503");
    for last in 0..6 {
        let p_number = format!("197510061{last}");
        unit("G14001", &format!("G1402{last}"), "Solstrålen", &p_number);
    }
    std::fs::write(at.join("enheder.csv"), file).unwrap();
    let (loaded, well) = dtr_json(&at, &["load", "statistik", "enheder.csv"]);
    assert!(well && loaded["gemt"] == 12, "{loaded}");
    let file = "aNummer;navn;kommuneKode;pNummer\n\
                A10001;Den Grønne Skov;751;1975100501\n\
                A10002;SOLSTRÅLEN;751;\n";
    std::fs::write(at.join("a.csv"), file).unwrap();
    assert!(dtr_json(&at, &["anumre", "load", "a.csv"]).1);
    let (found, _) = dtr_json(&at, &["anumre", "kandidater"]);
    let shown = |each: &Value| -> Vec<(String, u64, bool)> {
        let list = each["kandidater"].as_array().unwrap().iter();
        list.map(|own| {
            (
                own["nummer"].as_str().unwrap().to_owned(),
                own["lighed"].as_u64().unwrap(),
                own["andenKommune"].as_bool().unwrap(),
            )
        })
        .collect()
    };
    assert_eq!(
        shown(&found["aNumre"][0]),
        [
            ("G14011".to_owned(), 45, false),
            ("G14012".to_owned(), 40, false),
            ("G14010".to_owned(), 100, true),
        ]
    );
    assert_eq!(found["aNumre"][0]["flere"], 0);
    assert_eq!(shown(&found["aNumre"][1]).len(), 5);
    assert_eq!(found["aNumre"][1]["flere"], 1);
    let told = text(&dtr(&at, &["anumre", "kandidater"]).stdout);
    assert!(
        told.contains("100 % G14010 Den Grønne Skov (of another kommune, 461)\n"),
        "{told}"
    );
    assert!(told.contains("    and 1 more\n"), "{told}");
}

#[tokio::test]
async fn a_pair_is_never_both_confirmed_and_rejected() {
    let folder = Folder::new();
    let at = installation(&folder).await;
    assert!(load(&at, "statistik/gode.csv", &[]).1);
    let file = "aNummer;navn;kommuneKode\nA10001;Hyldebærret;751\n";
    std::fs::write(at.join("a.csv"), file).unwrap();
    assert!(dtr_json(&at, &["anumre", "load", "a.csv"]).1);
    let sequence = || dtr_json(&at, &["status"]).0["sekvens"].clone();
    let done = |command: &str, g: &str| {
        let output = dtr(&at, &["anumre", command, "A10001", g]);
        assert!(output.status.success(), "{}", text(&output.stderr));
    };
    let refused = |command: &str, g: &str, why: &str| {
        let before = sequence();
        let output = dtr(&at, &["anumre", command, "A10001", g]);
        assert_eq!(output.status.code(), Some(1));
        let told = text(&output.stderr);
        assert!(told.contains(why), "{told}");
        assert_eq!(sequence(), before, "nothing was stored");
    };
    done("afvis", "G12006");
    refused("bekraeft", "G12006", "G12006 has been rejected");
    refused("fortryd", "G12002", "no confirmed successor");
    done("bekraeft", "G12002");
    refused("afvis", "G12002", "dtr anumre fortryd A10001 G12002");
    refused("fortryd", "G12006", "goes on as G12002, not as G12006");
    let plan = [
        "anumre",
        "plan",
        "--aftaler-til",
        "2097-02-15",
        "--lukkes",
        "2097-03-16",
    ];
    assert!(dtr(&at, &plan).status.success());

    let before = sequence().as_u64().unwrap();
    done("fortryd", "G12002");
    assert_eq!(sequence(), before + 1, "by a change of its own");
    let list = text(&dtr(&at, &["anumre", "list"]).stdout);
    assert!(list.contains("A10001;Hyldebærret;751;;;\r\n"), "{list}");
    let (lines, _) = dtr_json(&at, &["audit", "list"]);
    let line = lines["linjer"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(line["operation"], "cli/anumre fortryd");
    let server = Server::start(&at);
    let kommune = server.caller("kommune");
    let parameters = "<institutionsnummer>G12002</institutionsnummer>";
    let history = kommune.eksport_v2("GetHistorik", parameters).result().await;
    // The version that it was confirmed in still says so; the one after it does not.
    assert_eq!(history.texts("afloeser"), ["A10001"]);
    assert_eq!(history.texts("version").last(), Some(&"3"));
    let skuret = write("InsertAlternativAdresse", &[address("A10001", "Skuret")]);
    assert_eq!(kommune.import_v2(skuret).refused().await, ["DTR5008"]);
    // Taken back, it can be rejected, or confirmed again.
    done("bekraeft", "G12002");
    done("fortryd", "G12002");
    done("afvis", "G12002");
    refused("bekraeft", "G12002", "G12002 has been rejected");
    assert!(dtr_json(&at, &["audit", "verify"]).1);
}

#[tokio::test]
async fn a_list_of_dagplejere_becomes_areas() {
    let folder = Folder::new();
    let at = installation(&folder).await;
    std::fs::write(
        at.join("d.csv"),
        "id;omraade\n17;Dagplejen Nord\n18;Dagplejen Syd\n19;Dagplejen Nord\n",
    )
    .unwrap();
    let plan = [
        "dagpleje",
        "plan",
        "d.csv",
        "--under",
        "G30001",
        "--p-nummer",
        "1975100551",
        "--vej-navn",
        "Rådhuspladsen",
        "--hus-nummer",
        "2",
        "--post-nummer",
        "8000",
    ];
    let (areas, _) = dtr_json(&at, &plan);
    assert_eq!(
        areas["omraader"][0],
        serde_json::json!({"omraade": "Dagplejen Nord", "dagplejere": 2})
    );
    let message = text(&dtr(&at, &plan).stdout);
    assert!(!message.contains("17"), "no person is in it: {message}");
    // What the register would refuse for its shape is not written, and areas are told apart by more than letter case.
    let wrong = plan.map(|word| if word == "1975100551" { "197510" } else { word });
    let wrong = dtr(&at, &wrong);
    assert!(!wrong.status.success() && wrong.stdout.is_empty());
    assert!(
        text(&wrong.stderr).contains("DTR40"),
        "{}",
        text(&wrong.stderr)
    );
    // Nor what breaks its rules whatever stands in the register, as a message or as a list; each error is told once.
    for (given, meant, code) in [("G30001", "A10001", "DTR5008"), ("8000", "80", "DTR4011")] {
        let wrong = plan.map(|word| if word == given { meant } else { word });
        for more in [&[][..], &["--json"]] {
            let wrong = dtr(&at, &[&wrong[..], more].concat());
            assert!(!wrong.status.success() && wrong.stdout.is_empty());
            let told = text(&wrong.stderr);
            assert_eq!(told.matches(code).count(), 1, "{told}");
            assert!(told.contains(meant), "{told}");
        }
    }
    let list = "Id;oMRAADE\n17;Nord\u{202e}en\n18;Nord\u{202e}en\n";
    std::fs::write(at.join("f.csv"), list).unwrap();
    let steering = plan.map(|word| if word == "d.csv" { "f.csv" } else { word });
    let told = text(&dtr(&at, &steering).stderr);
    assert!(
        told.contains("Nord") && !told.contains('\u{202e}'),
        "{told:?}"
    );
    let list = "ID;OMRÅDE\n17;Nord\n18; nord\n19;Syd  Vest\n";
    std::fs::write(at.join("e.csv"), list).unwrap();
    let other = plan.map(|word| if word == "d.csv" { "e.csv" } else { word });
    let told = dtr(&at, &[&other[..], &["--json"]].concat());
    let areas: Value = serde_json::from_slice(&told.stdout).unwrap();
    assert_eq!(
        areas["omraader"],
        serde_json::json!([{"omraade": "Nord", "dagplejere": 2}, {"omraade": "Syd Vest", "dagplejere": 1}])
    );
    assert!(
        text(&told.stderr).contains("Syd Vest: 1: an area is a group"),
        "{}",
        text(&told.stderr)
    );
    std::fs::write(at.join("d.xml"), &message).unwrap();
    assert!(dtr_json(&at, &["check", "d.xml"]).1);
    // It is what support carries out, under the daginstitution that the areas belong to.
    let server = Server::start(&at);
    let top = element(
        "daginstitution",
        "",
        &coded_institution_fields("Dagplejen", 751, 1, 5),
    );
    let top = write("InsertDaginstitution", &[top]);
    assert_eq!(
        server.caller("kommune").import_v2(top).ok().await.number(),
        "G30001"
    );
    let done = dtr(
        &at,
        &["support", "d.xml", "--sagsnummer", "SAG-7", "--udfoer"],
    );
    assert!(done.status.success(), "{}", text(&done.stderr));
    let svar = Element::parse(&text(&done.stdout));
    assert_eq!(svar.texts("institutionsnummer"), ["G30002", "G30003"]);
    std::fs::write(at.join("en.csv"), "id;omraade\n17;Hanne Nielsen\n").unwrap();
    let one = dtr(&at, &[&plan[..2], &["en.csv"], &plan[3..]].concat());
    assert!(
        text(&one.stderr).contains("one person's name"),
        "{}",
        text(&one.stderr)
    );
}

#[tokio::test]
async fn what_a_mirror_is_loaded_from_steers_no_terminal() {
    let folder = Folder::new();
    let at = installation(&folder).await;
    let name = "cvr\u{1b}[31m.csv";
    let bad = |content: &str| {
        std::fs::write(at.join(name), content).unwrap();
        let output = dtr(&at, &["mirror", "load", "cvr", name]);
        assert_eq!(output.status.code(), Some(1));
        let told = text(&output.stderr);
        assert!(told.contains("cvr\u{FFFD}[31m.csv"), "{told:?}");
        assert!(
            !told
                .trim_end()
                .contains(|c: char| c.is_control() && c != '\n'),
            "{told:?}"
        );
        told
    };
    bad("");
    let told = bad("pnr;\u{1b}]0;title\u{7};navn\n1;2;3\n");
    assert!(told.contains("line 1 must be a header"), "{told:?}");
}

#[tokio::test]
async fn support_works_by_the_same_rules_under_a_case_number() {
    let folder = Folder::new();
    let at = installation(&folder).await;
    let message =
        |name: &str, kommune| write("InsertDaginstitution", &[institution(name, kommune)]);
    std::fs::write(at.join("ny.xml"), message("Kornblomsten", 751)).unwrap();
    let support = |more: &[&str]| {
        dtr(
            &at,
            &[&["support", "ny.xml", "--sagsnummer", "SAG-2026-9"], more].concat(),
        )
    };
    let tried = support(&[]);
    assert!(tried.status.success(), "{}", text(&tried.stderr));
    assert_eq!(
        Element::parse(&text(&tried.stdout)).text_of("proeve"),
        "true"
    );
    assert_eq!(dtr_json(&at, &["status"]).0["sekvens"], 0);
    // What the one who handed it in may not do is not done for it.
    let foreign = support(&["--udfoer", "--for", "64942212"]);
    assert_eq!(foreign.status.code(), Some(1));
    assert!(
        text(&foreign.stdout).contains("DTR5007"),
        "{}",
        text(&foreign.stdout)
    );
    assert_eq!(dtr_json(&at, &["status"]).0["sekvens"], 0);
    let (lines, _) = dtr_json(&at, &["audit", "list"]);
    let line = lines["linjer"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(
        (&line["operation"], &line["udfald"]),
        (&"cli/support".into(), &"afvist".into())
    );
    assert!(line["noter"].to_string().contains("for 64942212"), "{line}");
    // A message that is a dry run is not carried out, and is not said to be.
    let proeve = dry_run("InsertDaginstitution", &[institution("Kornblomsten", 751)]);
    std::fs::write(at.join("proeve.xml"), proeve).unwrap();
    let not = dtr(
        &at,
        &["support", "proeve.xml", "--sagsnummer", "SAG-1", "--udfoer"],
    );
    assert!(!not.status.success() && text(&not.stderr).contains("proeve"));
    let done = support(&["--udfoer", "--for", "55133018"]);
    assert!(done.status.success(), "{}", text(&done.stderr));
    assert_eq!(
        Element::parse(&text(&done.stdout)).text_of("institutionsnummer"),
        "G30001"
    );
    let (lines, _) = dtr_json(&at, &["audit", "list"]);
    let line = lines["linjer"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(line["operation"], "import:v2/InsertDaginstitution");
    assert_eq!(line["sagsnummer"], "SAG-2026-9");
    let who = line["identitet"].as_str().unwrap();
    assert!(
        who.contains("uid") && who.contains("for CVR 55133018"),
        "{line}"
    );
    // A refusal leaves its audit line and nothing else.
    std::fs::write(at.join("ny.xml"), message("", 751)).unwrap();
    let refused = support(&["--udfoer"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(
        text(&refused.stdout).contains("AFVIST"),
        "{}",
        text(&refused.stdout)
    );
    std::fs::write(at.join("ny.xml"), "<a/>").unwrap();
    let none = support(&[]);
    assert!(
        text(&none.stderr).contains("DTR3"),
        "{}",
        text(&none.stderr)
    );
    let (verified, holds) = dtr_json(&at, &["audit", "verify"]);
    assert!(holds, "{verified}");
}
