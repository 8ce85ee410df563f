//! The first load: numbers are kept, no row is lost, and what is wrong is refused whole.

use super::{fixture, load, text};
use crate::support::Folder;
use crate::support::messages::*;
use crate::support::process::{Server, dtr, dtr_json, installation, pairs, told};

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
