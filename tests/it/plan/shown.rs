//! What a plan shows, and that nothing is stored by it.

use serde_json::json;

use super::{World, codes, count, words};
use crate::support::process::{dtr, dtr_json};

const VENDOR: &str = "99100028";

#[tokio::test]
async fn an_export_as_it_is_changes_nothing() {
    let world = World::new().await;
    let sheet = world.export();
    let (told, well) = world.plan(&sheet, &[]);
    let plan = &told["plan"];
    assert!(well, "{plan}");
    assert_eq!(plan["uaendrede"], json!(sheet.rows.len()));
    assert_eq!(plan["ikkeLaest"], json!(["oprettet", "senestOpdateret"]));
    for list in [
        "oprettes",
        "aendres",
        "flyttes",
        "nedlaegges",
        "advarsler",
        "fejl",
    ] {
        assert_eq!(count(&plan[list]), 0, "{list}: {plan}");
    }
    assert!(words(&world.at, &[]).contains("There is nothing to do"));
    assert!(words(&world.at, &["--sprog", "da"]).contains("Der er intet at gøre"));
    let (refused, well) = world.carry_out(&told, &[]);
    assert!(!well);
    assert_eq!(refused["afvist"]["kode"], "DTR5534");
    // Commas between cells, coordinates with a comma, no mark at the beginning: a file is what it says.
    let quoted = |row: &Vec<String>| -> String {
        let cells: Vec<_> = row.iter().map(|cell| format!("\"{cell}\"")).collect();
        cells.join(",")
    };
    let lines = std::iter::once(&sheet.header)
        .chain(&sheet.rows)
        .map(quoted);
    let commas = lines.collect::<Vec<_>>().join("\n");
    assert_eq!(
        world.plan_of(commas.as_bytes(), &[]).0["plan"]["uaendrede"],
        json!(sheet.rows.len())
    );
    // Lines and columns with nothing in them are what spreadsheets leave behind.
    let empty = sheet.text().replace("\r\n", ";;\r\n") + ";;;;\r\n\r\n";
    assert_eq!(
        world.plan_of(empty.as_bytes(), &[]).0["plan"]["uaendrede"],
        json!(sheet.rows.len())
    );
}

#[tokio::test]
async fn each_thing_that_becomes_of_a_record_is_told() {
    let world = World::new().await;
    let (made, well) = dtr_json(
        &world.at,
        &["system", "add", "--cvr", VENDOR, "--navn", "Prøvesystem"],
    );
    assert!(well, "{made}");
    let system = made["id"].as_str().unwrap();
    let scope = ["--kommune", "751", "--institution", "G13014"];
    let add = ["aftale", "add", "--system", system];
    let (agreed, well) = dtr_json(&world.at, &[&add[..], &scope].concat());
    assert!(well, "{agreed}");
    let agreement = agreed["aftaler"][0]["id"].clone();
    let before = world.last_change();
    let mut sheet = world.export();
    sheet.push(&[
        ("dagtilbudsType", "anvisningsenhed"),
        ("daginstitutionsNummer", "ny-1"),
        ("anvisningsenhedsNummer", "NY-2"),
        ("dagtilbudsNavn", "=SUM(A1)"),
        ("instType3", "6012"),
        ("pNummer", "1975199001"),
        ("vejNavn", "Havevej"),
        ("husNummer", "080"),
        ("postNummer", "8270"),
    ]);
    sheet.push(&[
        ("dagtilbudsType", "daginstitution"),
        ("daginstitutionsNummer", "NY-1"),
        ("dagtilbudsNavn", "Engen"),
        ("ejerformKode", "1"),
        ("lovgrundlagKode", "1"),
        ("admKommuneKode", "751"),
    ]);
    sheet.push(&[
        ("dagtilbudsType", "alternativadresse"),
        ("anvisningsenhedsNummer", "NY-2"),
        ("dagtilbudsNavn", "Legepladsen"),
        ("vejNavn", "Havevej"),
        ("husNummer", "81"),
        ("postNummer", "8270"),
    ]);
    sheet.set("G13011", "email", "stue1@aarhus.example");
    sheet.set("G13011", "instType3", "6010");
    sheet.set("G13012", "daginstitutionsNummer", "G13002");
    sheet.set("G13013", "daginstitutionsNummer", "NY-1");
    sheet.set("G13003", "admKommuneKode", "751");
    sheet.set("G13014", "nedlagt", "2026-01-01");
    sheet.set("G13014", "lukkeaarsag", "sammenlagt");
    sheet.set("G13014", "afloestAf", "G13011");
    let (told, fine) = world.plan(&sheet, &[]);
    let plan = &told["plan"];
    assert!(fine, "{plan}");
    let ended = &plan["aftalerDerOphoerer"][0];
    assert_eq!(
        (&ended["aftale"], &ended["nummer"]),
        (&agreement, &json!("G13014"))
    );
    let called = |list: &str| -> Vec<_> {
        let all = plan[list].as_array().unwrap();
        all.iter()
            .map(|own| own["kaldes"].as_str().unwrap())
            .collect()
    };
    assert_eq!(called("oprettes"), ["NY-1", "NY-2", "#49"]);
    assert_eq!(called("aendres"), ["G13011"]);
    assert_eq!(called("flyttes"), ["G13003", "G13012", "G13013"]);
    assert_eq!(called("nedlaegges"), ["G13014"]);
    assert_eq!(plan["uaendrede"], json!(45 - 5));
    let change = &plan["aendres"][0]["felter"];
    assert_eq!(change["instType3"]["fra"], "6012");
    assert_eq!(change["instType3"]["tilTekst"], "Vuggestue (0-2 år)");
    assert_eq!(change["email"]["fra"], json!(null));
    let new = &plan["oprettes"][1];
    assert_eq!(
        (&new["under"], &new["nummer"]),
        (&json!("NY-1"), &json!(null))
    );
    assert_eq!(new["felter"]["enhedsNavn"]["til"], "=SUM(A1)");
    assert_eq!(plan["flyttes"][2]["under"], "NY-1");
    let warnings = codes(&plan["advarsler"]);
    for warning in ["DTR5552 47 husNummer", "DTR5551 9 nedlagt"] {
        assert!(warnings.iter().any(|own| own == warning), "{warnings:?}");
    }
    let english = words(&world.at, &[]);
    for said in [
        "Opened (3)",
        "line 47: NY-2 =SUM(A1) (anvisningsenhed), under NY-1",
        "type: Aldersintegreret institution (0-5 år) → Vuggestue (0-2 år)",
        "e-mail: (nothing) → stue1@aarhus.example",
        "under: G13001 → G13002",
        "kommune: København → Aarhus",
        "Closed (1)",
        "Unchanged: 40",
        "Nothing was stored.",
    ] {
        assert!(english.contains(said), "{said}: {english}");
    }
    assert!(
        english
            .lines()
            .all(|line| line.chars().count() <= 80 || line.contains("--udfoer"))
    );
    assert!(
        words(&world.at, &["--sprog", "da"]).contains("e-mail: (intet) → stue1@aarhus.example")
    );
    assert_eq!(world.last_change(), before, "a plan stores nothing");
    // The numbers that were tried are issued all the same when it is carried out.
    let (done, well) = world.carry_out(&told, &[]);
    assert!(well, "{done}");
    assert_eq!(
        done["udfoert"]["numre"][0],
        json!({ "kaldes": "NY-1", "nummer": "G30001" })
    );
    let after = world.export();
    assert_eq!(
        after.rows[after.at("G30002")][after.column("dagtilbudsNavn")],
        "'=SUM(A1)"
    );
    assert_eq!(
        after.rows[after.at("G13013")][after.column("daginstitutionsNummer")],
        "G30001"
    );
    assert_eq!(
        after.rows[after.at("G13014")][after.column("afloestAf")],
        "G13011"
    );
}

#[tokio::test]
async fn a_column_that_is_missing_and_a_row_that_is_missing_change_nothing() {
    let world = World::new().await;
    let mut sheet = world.export();
    sheet.set("G13011", "email", "ny@aarhus.example");
    let row = sheet.at("G13011");
    sheet.rows = vec![sheet.rows[row].clone()];
    let few = ["daginstitutionsNummer", "anvisningsenhedsNummer", "email"];
    let others: Vec<&str> = sheet
        .header
        .iter()
        .map(String::as_str)
        .filter(|own| !few.contains(own))
        .collect();
    let only = sheet.without(&others);
    let (told, well) = world.plan(&only, &[]);
    assert!(well, "{told}");
    let fields = told["plan"]["aendres"][0]["felter"].as_object().unwrap();
    assert_eq!(fields.keys().collect::<Vec<_>>(), ["email"]);
    assert_eq!(count(&told["plan"]["nedlaegges"]), 0);
    let (done, well) = world.carry_out(&told, &[]);
    assert!(well, "{done}");
    let after = world.export();
    let row = after.at("G13011");
    assert_eq!(after.rows[row][after.column("vejNavn")], "Havevej");
    assert_eq!(after.rows[row][after.column("email")], "ny@aarhus.example");
}

#[tokio::test]
async fn what_is_wrong_with_rows_is_told_with_row_and_column() {
    let world = World::new().await;
    let clean = world.export();
    let closed = {
        let mut sheet = clean.clone();
        sheet.set("G13049", "nedlagt", "2026-01-01");
        let (told, _) = world.plan(&sheet, &[]);
        assert!(world.carry_out(&told, &[]).1);
        world.export()
    };
    let unit = [
        ("vejKode", "12", "DTR5510"),
        ("postNummer", "827", "DTR5510"),
        ("gyldigFra", "01-12-2026", "DTR5511"),
        ("telefonNummer", "4500751001", "DTR5512"),
        ("pNummer", "1,97514E+09", "DTR5512"),
        ("ejerformKode", "3", "DTR5513"),
        ("ejerformKode_Tekst", "Privat", "DTR5513"),
        ("daginstitutionsNavn", "Haven", "DTR5513"),
        ("lukkeaarsag", "ophoert", "DTR5513"),
        ("afloeser", "G13012", "DTR5513"),
        ("instType3_Tekst", "Vuggestue (0-2 år)", "DTR5514"),
        ("alternativAdresseNavn", "x", "-"),
        ("daginstitutionsNummer", "NY-7", "DTR5516"),
        ("aktivitetsstatus", "Nedlagt", "DTR5518"),
        ("aktivitetsstatus", "Lukket", "DTR5302"),
        ("nedlagt", "2099-01-01", "DTR5519"),
        ("nedlagt", "30.11.26", "DTR5511"),
        ("dagtilbudsNavn", "", "DTR5320"),
        ("daginstitutionsNummer", "G13099", "DTR5004"),
        ("instType3", "9999", "DTR5001"),
        ("husNummer", "0", "DTR4011"),
        ("dagtilbudsType", "sandkasse", "DTR5301"),
    ];
    for (column, value, code) in unit.into_iter().filter(|(.., code)| *code != "-") {
        let mut sheet = closed.clone();
        sheet.set("G13011", column, value);
        let line = sheet
            .rows
            .iter()
            .position(|row| row.contains(&"G13011".to_owned()))
            .unwrap()
            + 2;
        let (told, well) = world.plan(&sheet, &[]);
        assert!(!well, "{column} {value}");
        let found = codes(&told["plan"]["fejl"]);
        let at = column.trim_end_matches("_Tekst");
        let at = if column == "ejerformKode_Tekst" {
            column
        } else {
            at
        };
        let at = if column == "aktivitetsstatus" && value == "Nedlagt" {
            "nedlagt"
        } else {
            at
        };
        assert_eq!(
            found,
            [format!("{code} {line} {at}")],
            "{column} {value}: {}",
            told["plan"]["fejl"]
        );
    }
    for (number, column, value, code) in [
        ("G13001", "email", "a@b.dk", "DTR5515"),
        ("G13049", "email", "a@b.dk", "DTR5003"),
        ("G13049", "nedlagt", "", "DTR5518"),
        ("G13011", "anvisningsenhedsNummer", "g1", "DTR5303"),
        ("G13011", "anvisningsenhedsNummer", "G13012", "DTR5304"),
        ("G13011", "anvisningsenhedsNummer", "G77777", "DTR5002"),
        ("G13011", "anvisningsenhedsNummer", "A12345", "DTR5008"),
    ] {
        let mut sheet = closed.clone();
        sheet.set(number, column, value);
        let (told, well) = world.plan(&sheet, &[]);
        let found = codes(&told["plan"]["fejl"]);
        assert!(
            !well && found.iter().any(|own| own.starts_with(code)),
            "{number} {column}: {found:?}"
        );
    }
    // A code whose text was left as it was is a change of the code; the row of another version is not carried out.
    let mut sheet = closed.clone();
    sheet.set("G13011", "instType3", "6010");
    assert!(world.plan(&sheet, &[]).1);
    sheet.set("G13011", "version", "7");
    let (told, _) = world.plan(&sheet, &[]);
    assert!(
        codes(&told["plan"]["fejl"])[0].starts_with("DTR5009"),
        "{told}"
    );
}

#[tokio::test]
async fn new_rows_are_called_by_names_of_their_own() {
    let world = World::new().await;
    let mut sheet = world.export();
    let top = |name: &'static str, basis: &'static str| {
        [
            ("dagtilbudsType", "daginstitution"),
            ("daginstitutionsNummer", name),
            ("dagtilbudsNavn", "Ny"),
            ("ejerformKode", "1"),
            ("lovgrundlagKode", basis),
            ("admKommuneKode", "751"),
        ]
    };
    sheet.push(&top("NY-1", "99"));
    sheet.push(&top("ny-1", "1"));
    sheet.push(&[
        ("dagtilbudsType", "anvisningsenhed"),
        ("daginstitutionsNummer", "NY-1"),
        ("dagtilbudsNavn", "Under den"),
        ("instType3", "6012"),
        ("pNummer", "1975199001"),
        ("vejNavn", "Havevej"),
        ("husNummer", "80"),
        ("postNummer", "8270"),
    ]);
    let (told, well) = world.plan(&sheet, &[]);
    assert!(!well);
    let found = codes(&told["plan"]["fejl"]);
    assert_eq!(
        found,
        [
            "DTR5001 47 lovgrundlagKode",
            "DTR5517 48 daginstitutionsNummer",
            "DTR5521 49 -"
        ],
        "{told}"
    );
}

#[tokio::test]
async fn the_file_of_a_whole_kommune_closes_what_it_does_not_name() {
    let world = World::new().await;
    let mut sheet = world.export();
    let gone = [sheet.at("G13092"), sheet.at("G13010")];
    let mut at = 0;
    sheet.rows.retain(|_| {
        at += 1;
        !gone.contains(&(at - 1))
    });
    let (told, _) = world.plan(&sheet, &["--hele-kommunen", "751"]);
    let foreign = codes(&told["plan"]["fejl"]);
    assert!(
        foreign.iter().all(|own| own.starts_with("DTR5520")) && foreign.len() == 2,
        "{foreign:?}"
    );
    sheet.rows.retain(|row| !row.contains(&"G13003".to_owned()));
    let whole = ["--hele-kommunen", "751"];
    let (told, well) = world.plan(&sheet, &whole);
    assert!(well, "{told}");
    // Children first.
    let closed: Vec<_> = told["plan"]["nedlaegges"]
        .as_array()
        .unwrap()
        .iter()
        .map(|own| own["nummer"].clone())
        .collect();
    assert_eq!(closed, ["G13092", "G13010"]);
    assert_eq!(
        told["plan"]["bekraeftLukninger"],
        json!({ "nedlaegges": 2, "mangler": 2 })
    );
    let (refused, _) = world.carry_out(&told, &whole);
    assert_eq!(refused["afvist"]["kode"], "DTR5533");
    // The plan of the file alone is another one.
    let (other, _) = world.carry_out(&told, &["--bekraeft-lukninger"]);
    assert_eq!(other["afvist"]["kode"], "DTR5531");
    let (done, well) = world.carry_out(&told, &["--hele-kommunen", "751", "--bekraeft-lukninger"]);
    assert!(well, "{done}");
    assert_eq!(done["udfoert"]["aendringer"], 2);
    let unknown = dtr(&world.at, &["plan", "ret.csv", "--hele-kommunen", "999"]);
    assert!(!unknown.status.success());
}
