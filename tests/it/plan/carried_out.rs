//! What is carried out is what was shown: all of it, or nothing.

use std::sync::Arc;

use dtr::agreements::PrivateRules;
use dtr::clock::Clock;
use dtr::config::Config;
use dtr::identity::Caller;
use dtr::import::{Rules, Safeguards};
use dtr::mirror::Mirrors;
use dtr::plan::{self, Desk, Order};
use dtr::register::Cvr;
use dtr::store::StoreExt;
use serde_json::json;

use super::{Sheet, World, codes, count};
use crate::support::messages::*;
use crate::support::process::{dtr, dtr_json};

/// What the register dates and counts.
const DATES: [&str; 4] = ["version", "senestOpdateret", "nedlagt", "aktivitetsstatus"];

/// 30 changes of all kinds that a file says of records that are there.
fn thirty(sheet: &mut Sheet) {
    for unit in 0..20 {
        let number = format!("G{}", 13_010 + unit);
        sheet.set(&number, "email", &format!("stue{unit}@aarhus.example"));
    }
    // Whatever a spreadsheet would run is a name, and comes back as it was written.
    sheet.set("G13030", "dagtilbudsNavn", "'=HYPERLINK(\"x\")");
    let row = sheet.at("G13030");
    let name = sheet.column("anvisningsenhedsNavn");
    sheet.rows[row][name] = "'=HYPERLINK(\"x\")".to_owned();
    for (unit, named) in [("G13031", "'@stue"), ("G13032", "'+1"), ("G13033", "'-1")] {
        sheet.set(unit, "dagtilbudsNavn", named);
        sheet.set(unit, "anvisningsenhedsNavn", named);
    }
    for unit in ["G13034", "G13035"] {
        sheet.set(unit, "daginstitutionsNummer", "G13001");
        sheet.set(unit, "daginstitutionsNavn", "Bakken");
    }
    for unit in ["G13036", "G13037"] {
        sheet.set(unit, "nedlagt", "2026-01-01");
    }
    sheet.set("G13038", "husNummer", "14B");
    sheet.set("G13039", "telefonNummer", "");
}

#[tokio::test]
async fn thirty_changes_come_back_as_they_were_written() {
    let world = World::new().await;
    let mut sheet = world.export();
    // The name is in quotes in the file, for it holds one.
    thirty(&mut sheet);
    let quoted = sheet
        .text()
        .replace("'=HYPERLINK(\"x\")", "\"'=HYPERLINK(\"\"x\"\")\"");
    let (told, well) = world.plan_of(quoted.as_bytes(), &[]);
    let plan = &told["plan"];
    assert!(well, "{plan}");
    let counts = ["aendres", "flyttes", "nedlaegges"].map(|list| count(&plan[list]));
    assert_eq!(counts, [26, 2, 2], "{plan}");
    let (done, well) = world.carry_out(&told, &[]);
    assert!(well, "{done}");
    assert_eq!(done["udfoert"]["aendringer"], 30);
    let after = world.export();
    let unquoted = |sheet: &Sheet| {
        let text = sheet.without(&DATES).text();
        text.replace("\"'=HYPERLINK(\"\"x\"\")\"", "'=HYPERLINK(\"x\")")
    };
    assert_eq!(unquoted(&after), unquoted(&sheet));
    // One line of the audit has all of it, and the chain holds.
    let line = world.last_audit_line();
    let digest = plan["digest"].as_str().unwrap();
    assert_eq!(line["operation"], "plan/udfoer");
    assert_eq!(line["sagsnummer"], "SAG-7");
    assert_eq!(line["noter"], format!("plan {digest}"));
    let ends = done["udfoert"]["sekvenser"].as_array().unwrap();
    assert_eq!(line["sekvenser"], format!("{}-{}", ends[0], ends[1]));
    assert!(dtr_json(&world.at, &["audit", "verify"]).1);
    // The file says what is so: nothing is left to do, and it can be changed further.
    let (again, well) = world.plan_of(quoted.as_bytes(), &[]);
    assert!(well, "{again}");
    assert_eq!(again["plan"]["uaendrede"], json!(sheet.rows.len()));
}

#[tokio::test]
async fn a_rule_that_fails_in_the_middle_stores_nothing() {
    let world = World::new().await;
    let before = world.last_change();
    let mut sheet = world.export();
    thirty(&mut sheet);
    sheet.set("G13030", "dagtilbudsNavn", "Solen");
    sheet.set("G13030", "anvisningsenhedsNavn", "Solen");
    sheet.set("G13020", "instType3", "6020");
    let (told, well) = world.plan(&sheet, &[]);
    assert!(!well);
    let found = codes(&told["plan"]["fejl"]);
    assert_eq!(found.len(), 1, "{found:?}");
    let (refused, well) = world.carry_out(&told, &[]);
    assert!(!well);
    assert_eq!(refused["afvist"]["kode"], "DTR5530");
    assert_eq!(world.last_change(), before);
}

#[tokio::test]
async fn what_waits_for_another_row_is_done_after_it() {
    let world = World::new().await;
    let mut sheet = world.export();
    // A legal basis under which the one unit is not lawful, which the file closes; and a parent that is emptied and closed.
    sheet.set("G13003", "nedlagt", "2026-01-01");
    sheet.set("G13091", "nedlagt", "2026-01-01");
    let (told, well) = world.plan(&sheet, &[]);
    assert!(well, "{told}");
    assert_eq!(count(&told["plan"]["nedlaegges"]), 2);
    assert!(world.carry_out(&told, &[]).1);
}

#[tokio::test]
async fn a_plan_of_another_file_or_of_a_register_that_moved_on_is_refused() {
    let world = World::new().await;
    let mut sheet = world.export();
    sheet.set("G13011", "email", "en@aarhus.example");
    let (first, _) = world.plan(&sheet, &[]);
    sheet.set("G13012", "email", "to@aarhus.example");
    let (told, _) = world.plan(&sheet, &[]);
    let (other, well) = world.carry_out(&first, &[]);
    assert!(!well);
    assert_eq!(other["afvist"]["kode"], "DTR5531", "{other}");
    // What happens elsewhere does not matter.
    let elsewhere = institution_update("G13003", "", &institution_fields("Storbyen", 101));
    world.support(&write("UpdateDaginstitution", &[elsewhere]));
    sheet.rows.retain(|row| !row.contains(&"G13003".to_owned()));
    let (same, _) = world.plan(&sheet, &[]);
    let hash = |told: &serde_json::Value| {
        let digest = told["plan"]["digest"].as_str().unwrap().to_owned();
        digest.split_once('-').unwrap().1.to_owned()
    };
    assert_eq!(hash(&same), hash(&told));
    // What happens to a record of the plan does, whatever happened to it.
    let fields = unit_fields("G13001", "Stue 1");
    world.support(&write(
        "UpdateAnvisningsEnhed",
        &[unit_update("G13011", "", &fields)],
    ));
    let (moved, well) = world.carry_out(&same, &[]);
    assert!(!well);
    assert_eq!(moved["afvist"]["kode"], "DTR5532", "{moved}");
    assert!(
        moved["afvist"]["beskedDa"]
            .as_str()
            .unwrap()
            .contains("G13011"),
        "{moved}"
    );
    let none = dtr(
        &world.at,
        &["plan", "ret.csv", "--udfoer", "12", "--sagsnummer", "S"],
    );
    assert!(String::from_utf8_lossy(&none.stderr).contains("no digest"));
    let no_case = dtr(&world.at, &["plan", "ret.csv", "--udfoer", "12"]);
    assert!(!no_case.status.success());
}

#[tokio::test]
async fn many_closings_are_confirmed_by_themselves() {
    let world = World::new().await;
    let mut sheet = world.export();
    for unit in 1..=5 {
        sheet.set(&format!("G{}", 13_030 + unit), "nedlagt", "2026-01-01");
    }
    let (few, _) = world.plan(&sheet, &[]);
    assert_eq!(few["plan"]["bekraeftLukninger"], json!(null));
    sheet.set("G13036", "nedlagt", "2026-01-01");
    let (told, well) = world.plan(&sheet, &[]);
    assert!(well, "{told}");
    assert_eq!(told["plan"]["bekraeftLukninger"]["nedlaegges"], 6);
    let shown = dtr(&world.at, &["plan", "ret.csv"]);
    assert!(String::from_utf8_lossy(&shown.stdout).contains("--bekraeft-lukninger"));
    let before = world.last_change();
    let (refused, well) = world.carry_out(&told, &[]);
    assert!(!well);
    assert_eq!(refused["afvist"]["kode"], "DTR5533");
    assert_eq!(world.last_change(), before);
    assert!(world.carry_out(&told, &["--bekraeft-lukninger"]).1);
}

#[tokio::test]
async fn what_an_organisation_hands_in_is_what_it_may_do_itself() {
    let world = World::new().await;
    let mut sheet = world.export();
    sheet.set("G13011", "email", "en@aarhus.example");
    sheet.set("G13091", "email", "to@koebenhavn.example");
    let (told, well) = world.plan(&sheet, &["--som", "55133018"]);
    assert!(!well);
    let found = codes(&told["plan"]["fejl"]);
    assert!(
        found.len() == 1 && found[0].starts_with("DTR5002"),
        "{found:?}"
    );
    let (refused, _) = world.carry_out(&told, &["--som", "55133018"]);
    assert_eq!(refused["afvist"]["kode"], "DTR5530");
    let line = world.last_audit_line();
    assert_eq!(
        (&line["operation"], &line["udfald"]),
        (&json!("cli/plan"), &json!("afvist"))
    );
    sheet.set("G13091", "email", "");
    let (told, well) = world.plan(&sheet, &["--som", "55133018"]);
    assert!(well, "{told}");
    let (done, well) = world.carry_out(&told, &["--som", "55133018"]);
    assert!(well, "{done}");
    let line = world.last_audit_line();
    assert!(
        line["identitet"]
            .as_str()
            .unwrap()
            .contains("for CVR 55133018"),
        "{line}"
    );
}

#[tokio::test]
async fn a_register_that_moves_on_between_plan_and_turn_is_not_overwritten() {
    let world = World::new().await;
    let mut sheet = world.export();
    sheet.set("G13011", "email", "en@aarhus.example");
    let config = Config::load(&world.at.join("dtr.toml")).unwrap();
    let clock = Clock::System;
    let store = dtr::app::open_store(&config, &clock).unwrap();
    let (contract, tables) = dtr::app::rules(&config, "", "").unwrap();
    let desk = Desk {
        contract: &contract,
        rules: Rules {
            tables: Arc::new(tables),
            privat: PrivateRules::default(),
            safeguards: Safeguards::NONE,
            mirrors: Mirrors::default(),
        },
        store: &store,
        clock: &clock,
        limits: dtr::xml::Limits::default(),
        operation: plan::OPERATION,
    };
    let aarhus = Cvr::parse("55133018").unwrap();
    let organisation = store
        .read(|view| view.organisation(aarhus))
        .unwrap()
        .unwrap();
    let caller = Caller::at_console(organisation, "test".to_owned());
    let text = sheet.text();
    let code =
        |came: Result<plan::Done, plan::Refusal>| came.err().map(|own| own.problem.entry.kode);
    let order = |plan: &plan::Plan| Order {
        caller: caller.clone(),
        person: None,
        case_number: None,
        shown: plan.digest,
        confirmed: None,
    };
    let run = || {
        let planned = plan::plan(text.as_bytes(), None, &caller, &desk).unwrap();
        let same = plan::plan(text.as_bytes(), None, &caller, &desk).unwrap();
        assert_eq!(planned.changes.len(), 1);
        assert_eq!(planned.digest, same.digest);
        let first = order(&planned);
        let done = plan::carry_out(planned, first, &desk);
        let second = order(&same);
        (code(done), code(plan::carry_out(same, second, &desk)))
    };
    // Waiting for the writer is for threads outside the runtime.
    let came = std::thread::scope(|scope| scope.spawn(run).join()).unwrap();
    assert_eq!(came, (None, Some("DTR5532")));
}
