//! Files: what is read, and what is refused for what it is.

use serde_json::json;

use super::{World, codes, count};
use crate::support::messages::*;

#[tokio::test]
async fn files_that_are_no_plan_are_told_for_what_they_are() {
    let world = World::new().await;
    let sheet = world.export();
    let text = sheet.text();
    let named = |old: &str, new: &str| text.replacen(old, new, 1).into_bytes();
    let wide: Vec<u8> = std::iter::once(0xfeff)
        .chain(text.trim_start_matches('\u{feff}').encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    let (windows, ..) = (
        text.trim_start_matches('\u{feff}')
            .replace("Tårnet", "T\u{1}rnet")
            .into_bytes(),
        0,
    );
    let windows: Vec<u8> = windows
        .into_iter()
        .map(|byte| if byte == 1 { 0xe5 } else { byte })
        .collect();
    for (bytes, code, said) in [
        (b"PK\x03\x04 a workbook".to_vec(), "DTR5501", "CSV UTF-8"),
        (wide, "DTR5501", "UTF-16"),
        (windows, "DTR5501", "Windows-1252"),
        (Vec::new(), "DTR5501", "empty"),
        (vec![b'x'; (10 << 20) + 1], "DTR5502", "10485760"),
        (named("Stue 3", "\"Stue 3"), "DTR5503", "quote"),
        (
            named(
                "\r\ndaginstitution;G13001",
                "\r\ndaginstitution;G13001;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;x\r\ndaginstitution;G13001",
            ),
            "DTR5503",
            "more cells",
        ),
        (named(";email;", ";e-post;"), "DTR5504", "e-post"),
        (named(";telefonNummer;", ";pNumber;"), "DTR5505", "pNumber"),
        (
            named("daginstitutionsNummer;", "x;"),
            "DTR5506",
            "daginstitutionsNummer",
        ),
        (b"<a/>".to_vec(), "DTR5507", "InsertDaginstitution"),
        (b"<a".to_vec(), "DTR2", ""),
    ] {
        let (told, well) = world.plan_of(&bytes, &[]);
        let first = &told["plan"]["fejl"][0];
        assert!(
            !well && first["kode"].as_str().unwrap().starts_with(code),
            "{code}: {told}"
        );
        let all = format!("{} {}", first["beskedEn"], first["afhjaelpning"]);
        assert!(all.contains(said), "{said}: {all}");
        let (refused, _) = world.carry_out(&told, &[]);
        assert_eq!(refused["afvist"]["kode"], "DTR5530", "{refused}");
    }
}

#[tokio::test]
async fn a_file_that_changes_too_much_is_refused_before_it_is_tried() {
    let world = World::new().await;
    let mut sheet = world.export();
    let row = sheet.rows[sheet.at("G13011")].clone();
    let number = sheet.column("anvisningsenhedsNummer");
    for _ in 0..=5000 {
        let mut new = row.clone();
        new[number].clear();
        sheet.rows.push(new);
    }
    let (told, well) = world.plan(&sheet, &[]);
    assert!(!well);
    assert_eq!(
        told["plan"]["fejl"][0]["kode"], "DTR5509",
        "{}",
        told["plan"]["fejl"][0]
    );
}

#[tokio::test]
async fn messages_are_planned_as_rows_are() {
    let world = World::new().await;
    let update = |version: &str, fields: &str| {
        let version = format!("forventetVersion=\"{version}\"");
        write(
            "UpdateDaginstitution",
            &[institution_update("G13001", &version, fields)],
        )
    };
    let insert = write(
        "InsertDaginstitution",
        &[institution("Engen", 751), institution("Mosen", 751)],
    );
    let unchanged = update("1", &institution_fields("Bakken", 751));
    let moves = write(
        "MoveAnvisningsEnhed",
        &[moved("anvisningsenhed", "G13011", "G13002")],
    );
    let closes = write(
        "DeleteAlternativAdresse",
        &[closing("alternativadresse", "G13092")],
    );
    let changes = update("1", &institution_fields("Bakketoppen", 751));
    let envelope = format!(
        "<?xml version=\"1.0\"?>\n<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body>{changes}</s:Body></s:Envelope>"
    );
    let all = [insert.as_str(), &unchanged, &moves, &closes, &envelope].join("\n\n");
    let (told, well) = world.plan_of(all.as_bytes(), &[]);
    let plan = &told["plan"];
    assert!(well, "{plan}");
    let counts = ["oprettes", "aendres", "flyttes", "nedlaegges"].map(|list| count(&plan[list]));
    assert_eq!(counts, [2, 1, 1, 1], "{plan}");
    assert_eq!(plan["uaendrede"], 1);
    assert_eq!(plan["oprettes"][1]["kaldes"], "nr 2");
    assert_eq!(plan["aendres"][0]["linje"], 10);
    let (done, well) = world.carry_out(&told, &[]);
    assert!(well, "{done}");
    assert_eq!(
        done["udfoert"]["numre"][1],
        json!({ "kaldes": "nr 2", "nummer": "G30002" })
    );
    let line = world.last_audit_line();
    assert_eq!(line["operation"], "plan/udfoer");
    // What is wrong is told with its place in the file, and nothing of it is stored.
    let good = write("InsertDaginstitution", &[institution("God", 751)]);
    let bad = write("InsertDaginstitution", &[institution("", 751)]);
    let (told, well) = world.plan_of(format!("{good}\n\n{bad}").as_bytes(), &[]);
    assert!(!well);
    let wrong = &told["plan"]["fejl"][0];
    assert_eq!(
        (&wrong["kode"], &wrong["linje"]),
        (&json!("DTR4013"), &json!(3)),
        "{wrong}"
    );
    assert_eq!(
        wrong["sti"],
        "/InsertDaginstitution/daginstitution[1]/daginstitutionsNavn"
    );
    let old = update("1", &institution_fields("Igen", 751));
    let (told, _) = world.plan_of(old.as_bytes(), &[]);
    assert!(
        codes(&told["plan"]["fejl"])[0].starts_with("DTR5009"),
        "{told}"
    );
    let twice = write(
        "DeleteAnvisningsEnhed",
        &[
            closing("anvisningsenhed", "G13012"),
            closing("anvisningsenhed", "G13012"),
        ],
    );
    let (told, _) = world.plan_of(twice.as_bytes(), &[]);
    assert!(
        codes(&told["plan"]["fejl"])[0].starts_with("DTR5013"),
        "{told}"
    );
}

#[tokio::test]
async fn messages_that_write_nothing_are_no_plan() {
    let world = World::new().await;
    let tried = dry_run("InsertDaginstitution", &[institution("Engen", 751)]);
    let (told, _) = world.plan_of(tried.as_bytes(), &[]);
    assert_eq!(told["plan"]["fejl"][0]["kode"], "DTR5508");
    let namespace = dtr::contract::services::IMPORT_V2.namespace;
    let hello = format!("<HelloWorld xmlns=\"{namespace}\"/>");
    let (told, _) = world.plan_of(hello.as_bytes(), &[]);
    assert_eq!(told["plan"]["fejl"][0]["kode"], "DTR5507");
}
