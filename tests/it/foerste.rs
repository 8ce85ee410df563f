//! The first load as operators meet it: files as spreadsheets and old systems write them, with what is wrong in real ones.

use std::path::Path;

use serde_json::{Value, json};

use crate::support::Folder;
use crate::support::process::{dtr, dtr_json, installation, pairs, told};

const HEADER: &str = "dagtilbudsType;daginstitutionsNummer;anvisningsenhedsNummer;alternativAdresseNummer;dagtilbudsNavn;\
                      ejerformKode;lovgrundlagKode;admKommuneKode;instType3;pNummer;vejNavn;husNummer;postNummer;\
                      geoBredde;geoLaengde";
const TOP: &str = "daginstitution;G13001;;;Bakken;1;1;751;;;;;;;";

fn write(at: &Path, name: &str, rows: &[&str]) {
    let text = format!("{HEADER}\n{}\n", rows.join("\n"));
    std::fs::write(at.join(name), text).unwrap();
}

fn load(at: &Path, file: &str, more: &[&str]) -> (Value, bool) {
    dtr_json(at, &[&["load", "statistik", file], more].concat())
}

fn row_of(list: &Value, kode: &str) -> Value {
    let rows = list.as_array().unwrap();
    rows.iter()
        .find(|row| row["kode"] == kode)
        .cloned()
        .unwrap_or_else(|| panic!("{kode}: {list}"))
}

#[tokio::test]
async fn what_is_odd_about_rows_is_warned_of() {
    let folder = Folder::new();
    let at = installation(&folder).await;
    write(
        &at,
        "sjove.csv",
        &[
            TOP,
            "anvisningsenhed;G13001;G13002;;Nul foran;;;;6012;1975100401;Havevej;080;8270;;",
            "anvisningsenhed;G13001;G13003;;Mellemrum;;;;6012;1975100402;Havevej;12 A;8270;;",
            "anvisningsenhed;G13001;G13004;;Begge;;;;6012;1975100403;Havevej;012b;8270;;",
            "anvisningsenhed;G13001;G13005;;Byttet;;;;6012;1975100404;Havevej;5;8270;10,19644;56,10868",
            "anvisningsenhed;G13001;G13006;;Nul;;;;6012;1975100405;Havevej;6;8270;0;0",
            "anvisningsenhed;G13001;G13007;;Nuller;;;;6012;0000000000;Havevej;7;8270;;",
            "anvisningsenhed;G13001;G13008;;Anden ejer;3;;101;6012;1975100406;Havevej;8;8270;56,1;10,1",
        ],
    );
    let (loaded, well) = load(&at, "sjove.csv", &[]);
    assert!(well, "{loaded}");
    let warnings = pairs(&[
        ("DTR5374", "G13002"),
        ("DTR5374", "G13003"),
        ("DTR5374", "G13004"),
        ("DTR5372", "G13005"),
        ("DTR5373", "G13006"),
        ("DTR5354", "G13007"),
        ("DTR5375", "G13007"),
        ("DTR5371", "G13008"),
        ("DTR5371", "G13008"),
    ]);
    assert_eq!(self::told(&loaded["advarsler"]), warnings);
    let (shown, _) = dtr_json(
        &at,
        &[
            "export",
            "dokument",
            "/eksport/anvisningsenhed.csv",
            "--til",
            "ud.csv",
        ],
    );
    let csv = std::fs::read_to_string(at.join("ud.csv")).unwrap_or_else(|_| panic!("{shown}"));
    for house in [";80;;;8270", ";12A;;;8270", ";12B;;;8270"] {
        assert!(csv.contains(house), "{house}: {csv}");
    }
    assert!(!csv.contains("0000000000"), "{csv}");
}

#[tokio::test]
async fn what_is_wrong_with_rows_is_told_once_and_where() {
    let folder = Folder::new();
    let at = installation(&folder).await;
    write(
        &at,
        "forkert.csv",
        &[
            TOP,
            "anvisningsenhed;G13001;G13002;;;;;;;1975100401;;3b;8270;;",
            "daginstitution;G13010;;;;1;1;751;;;;;;;",
            "anvisningsenhed;G13010;G13011;;Under afvist;;;;6012;1975100402;Havevej;1;8270;;",
            "anvisningsenhed;G13010;G13012;;Under afvist;;;;6012;1975100403;Havevej;2;8270;;",
            "alternativadresse;G13010;G13012;G13013;To trin under;;;;;;Havevej;2;8270;;",
            "anvisningsenhed;G13990;G13020;;Forældreløs;;;;6012;1975100404;Havevej;3;8270;;",
            "anvisningsenhed;G13990;G13021;;Forældreløs;;;;6012;1975100405;Havevej;4;8270;;",
        ],
    );
    let (refused, well) = load(&at, "forkert.csv", &["--dry-run"]);
    assert!(!well);
    assert_eq!(
        (&refused["optaget"], &refused["afvist"]),
        (&1.into(), &7.into())
    );
    let errors = pairs(&[
        ("DTR5320", "G13002"),
        ("DTR5320", "G13002"),
        ("DTR5320", "G13002"),
        ("DTR5320", "G13010"),
        ("DTR5321", "G13010"),
        ("DTR5321", "G13012"),
        ("DTR5306", "G13020"),
    ]);
    assert_eq!(self::told(&refused["fejl"]), errors);
    let says = |kode: &str| {
        row_of(&refused["fejl"], kode)["beskedDa"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert!(says("DTR5321").contains("linje 5, 6"), "{refused}");
    assert!(
        says("DTR5306").contains("2 rækker: linje 8, 9"),
        "{refused}"
    );
    assert!(says("DTR5320").contains("dagtilbudsNavn"), "{refused}");
}

#[tokio::test]
async fn good_rows_are_loaded_and_the_rest_is_a_file_to_correct() {
    let folder = Folder::new();
    let at = installation(&folder).await;
    let bad = "anvisningsenhed;G13001;G13003;;\"Lærken; ude\";;;;6099;1975100402;Havevej;2;8270;;";
    write(
        &at,
        "blandet.csv",
        &[
            TOP,
            bad,
            "anvisningsenhed;G13001;G13002;;Solen;;;;6012;1975100401;Havevej;1;8270;;",
        ],
    );
    let (loaded, well) = load(&at, "blandet.csv", &["--delvist", "rest.csv"]);
    assert!(!well, "some rows wait");
    assert_eq!((&loaded["gemt"], &loaded["afvist"]), (&2.into(), &1.into()));
    let rest = std::fs::read_to_string(at.join("rest.csv")).unwrap();
    assert!(rest.starts_with('\u{feff}'), "{rest}");
    let lines: Vec<&str> = rest.lines().collect();
    assert_eq!(
        lines,
        [
            &format!("\u{feff}{HEADER};fejl")[..],
            &format!("{bad};DTR5001")[..]
        ]
    );
    let again = dtr(
        &at,
        &["load", "statistik", "blandet.csv", "--delvist", "rest.csv"],
    );
    assert_eq!(
        again.status.code(),
        Some(1),
        "a file that is there is never written over"
    );
    std::fs::write(at.join("rest.csv"), rest.replace(";6099;", ";6012;")).unwrap();
    let (mended, well) = load(&at, "rest.csv", &[]);
    assert!(well && mended["gemt"] == 1, "{mended}");
    assert_eq!(mended["kolonnerIkkeIndlaest"], json!(["fejl"]));
}

#[tokio::test]
async fn files_of_old_spreadsheets_are_read() {
    let folder = Folder::new();
    let at = installation(&folder).await;
    let text = format!(
        "{HEADER}\r\n{TOP}\r\n;;;;;;;;;;;;;;\r\n\
         anvisningsenhed;G13001;G13002;;\"B\u{f8}rnehuset\r\n\u{c6}rten\";;;;6012;1975100401;Havevej;1;8270;;\r\n"
    );
    let bytes: Vec<u8> = text
        .chars()
        .map(|c| u8::try_from(u32::from(c)).unwrap())
        .collect();
    std::fs::write(at.join("gammel.csv"), bytes).unwrap();
    let (loaded, well) = load(&at, "gammel.csv", &[]);
    assert!(well && loaded["raekker"] == 2, "{loaded}");
    assert_eq!(loaded["tegnsaet"], "windows-1252");
    dtr_json(
        &at,
        &[
            "export",
            "dokument",
            "/eksport/anvisningsenhed.csv",
            "--til",
            "ud.csv",
        ],
    );
    let csv = std::fs::read_to_string(at.join("ud.csv")).unwrap();
    assert!(csv.contains(";Børnehuset Ærten;"), "{csv}");
}
