//! The command line as processes: a folder made, judged, filled, copied, put back; each command's status and JSON.

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::json;

use crate::support::Folder;
use crate::support::messages::*;
use crate::support::process::{Server, audit_lines, dtr, dtr_json, installation};

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn init_makes_a_folder_once() {
    let folder = Folder::new();
    let all = folder.join("");
    let (made, well) = dtr_json(&all, &["init", "ny"]);
    assert!(well);
    assert_eq!(made["organisationer"].as_array().unwrap().len(), 5);
    for (at, certificate) in ["leverandoer", "aftager"].into_iter().enumerate() {
        let system = &made["systemer"][at];
        assert_eq!(system["certifikat"], certificate);
        assert_eq!(system["id"], format!("SYS-{}", at + 1));
        assert_eq!(system["aftale"], format!("AFT-{}", at + 1));
    }
    for file in ["dtr.toml", "register.db", "pki/ca.pem", "pki/crl.pem"] {
        assert!(folder.join("ny").join(file).exists(), "{file}");
    }
    for name in [
        "server",
        "kommune",
        "kommune2",
        "leverandoer",
        "aftager",
        "operatoer",
        "udloebet",
        "fremmed",
        "uden-cvr",
        "kun-server",
        "tilbagekaldt",
    ] {
        assert!(
            folder.join(&format!("ny/pki/{name}.pem")).exists(),
            "{name}"
        );
        assert!(
            folder.join(&format!("ny/pki/{name}.key")).exists(),
            "{name}"
        );
    }
    let again = dtr(&all, &["init", "ny"]);
    assert_eq!(again.status.code(), Some(1));
    assert!(
        text(&again.stderr).contains("not empty"),
        "{}",
        text(&again.stderr)
    );
}

#[test]
fn check_judges_as_the_server_would() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let good = "fixtures/cases/InsertDaginstitution/v2/request.xml";
    let register = "fixtures/register/1-daginstitutioner.xml";
    let bad = "fixtures/cases/fejl/DTR4014-for-lang/request.xml";
    let fine = dtr(root, &["check", good, register]);
    assert_eq!(fine.status.code(), Some(0), "{}", text(&fine.stdout));
    let (judged, well) = dtr_json(root, &["check", good, bad]);
    assert!(!well);
    assert_eq!(judged["filer"][0]["gyldig"], true);
    let fejl = &judged["filer"][1]["fejl"][0];
    assert_eq!(
        (&fejl["kode"], &fejl["linje"]),
        (&json!("DTR4014"), &json!(7))
    );
    let missing = dtr(root, &["check", good, "findes-ikke.xml"]);
    assert_eq!(missing.status.code(), Some(2));
}

#[tokio::test]
async fn organisations_are_added_listed_and_closed_beside_a_server() {
    let folder = Folder::new();
    let at = installation(&folder).await;
    let server = Server::start(&at);
    let caller = server.caller("uregistreret");
    let hello = "<HelloWorld xmlns=\"urn:dagtilbudsregister:eksport:v2\"/>";
    let hello = || caller.call(&dtr::contract::services::EKSPORT_V2, hello);
    assert_eq!(hello().fault(500).await, "DTR1014");
    let add = [
        "org",
        "add",
        "--cvr",
        "99400439",
        "--navn",
        "Ny Aftager ApS",
        "--art",
        "aftager",
    ];
    assert!(dtr_json(&at, &add).1);
    assert_eq!(hello().send().await.status(), 200);
    let (list, _) = dtr_json(&at, &["org", "list"]);
    assert!(list.to_string().contains("Ny Aftager ApS"), "{list}");
    assert!(dtr_json(&at, &["org", "close", "--cvr", "99400439"]).1);
    assert_eq!(hello().fault(500).await, "DTR1015");
    let lines = audit_lines(&at, &[]);
    let acts: Vec<_> = lines
        .iter()
        .map(|line| line["operation"].as_str())
        .collect();
    // After the lines of those that are registered already.
    let own = acts.iter().position(|act| *act == Some("cli/org add"));
    assert_eq!(
        acts[own.unwrap()..],
        [Some("cli/org add"), Some("cli/org close")]
    );
    let bad = dtr(
        &at,
        &[
            "org", "add", "--cvr", "1234", "--navn", "x", "--art", "aftager",
        ],
    );
    assert_eq!(bad.status.code(), Some(1));
    assert!(text(&bad.stderr).contains("--cvr"), "{}", text(&bad.stderr));
}

#[tokio::test]
async fn backup_restore_status_and_audit() {
    let folder = Folder::new();
    let at = installation(&folder).await;
    let server = Server::start(&at);
    let insert = async |name: &str| {
        let insert = write("InsertDaginstitution", &[institution(name, 751)]);
        server
            .caller("kommune")
            .import_v2(insert)
            .ok()
            .await
            .number()
    };
    insert("Før kopien").await;
    let (copied, well) = dtr_json(&at, &["backup", "kopi.db"]);
    assert!(well && copied["sekvens"] == 1, "{copied}");
    let last = insert("Efter kopien").await;
    let (status, _) = dtr_json(&at, &["status"]);
    assert_eq!(status["poster"]["daginstitution"]["aktive"], 2);
    assert_eq!(status["numreTilbage"], 99_999 - 30_002);
    let (verified, holds) = dtr_json(&at, &["audit", "verify"]);
    assert!(holds && verified["hoved"]["nr"] == 3, "{verified}");
    let (head, _) = dtr_json(&at, &["audit", "head"]);
    for field in ["nr", "hash"] {
        assert_eq!(head[field], verified["hoved"][field]);
    }
    let lines = audit_lines(&at, &["--from", "3"]);
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0]["operation"], "import:v2/InsertDaginstitution");

    let process = server.id().to_string();
    let second = dtr(&at, &["serve"]);
    assert_eq!(second.status.code(), Some(1));
    let told = String::from_utf8_lossy(&second.stderr);
    assert!(
        told.contains("another dtr serve") && told.contains(&process),
        "{told}"
    );
    let in_use = dtr(&at, &["restore", "kopi.db"]);
    assert_eq!(in_use.status.code(), Some(1), "a server runs on it");
    let right = [
        "org",
        "add",
        "--cvr",
        "99400439",
        "--navn",
        "Ny Aftager ApS",
        "--art",
        "aftager",
    ];
    assert!(dtr_json(&at, &right).1);
    assert!(server.terminate().success());
    let (restored, well) = dtr_json(&at, &["restore", "kopi.db"]);
    assert!(well && restored["sekvens"] == 1, "{restored}");
    assert_eq!(restored["mistet"]["aendringer"], 1, "{restored}");
    let undone = restored["mistedeLinjer"].as_array().unwrap();
    assert_eq!(undone.len(), 1, "{restored}");
    assert_eq!(undone[0]["operation"], "cli/org add");
    assert_eq!(restored["numreIKopien"], "G30001");
    assert_ne!(restored["epoke"], copied["epoke"]);
    let server = Server::start(&at);
    let insert = write(
        "InsertDaginstitution",
        &[institution("Efter genskabelsen", 751)],
    );
    let next = server
        .caller("kommune")
        .import_v2(insert)
        .ok()
        .await
        .number();
    assert!(next > last, "{next} after {last}");
    assert!(dtr_json(&at, &["audit", "verify"]).1);
}

#[tokio::test]
async fn a_record_is_shown_and_its_history_told() {
    let folder = Folder::new();
    let at = installation(&folder).await;
    let server = Server::start(&at);
    let kommune = server.caller("kommune");
    let send = async |operation: &str, record: String| {
        kommune.import_v2(write(operation, &[record])).ok().await
    };
    let insert = "InsertDaginstitution";
    let [old, new] = [
        send(insert, institution("Den gamle", 751)).await.number(),
        send(insert, institution("Den nye", 751)).await.number(),
    ];
    let unit = send("InsertAnvisningsEnhed", unit(&old, "Solen")).await;
    let unit = unit.number();
    send("MoveAnvisningsEnhed", moved("anvisningsenhed", &unit, &new)).await;
    send("DeleteDaginstitution", closing("daginstitution", &old)).await;

    let (told, well) = dtr_json(&at, &["historik", &unit]);
    assert!(well, "{told}");
    let changes = told["aendringer"].as_array().unwrap();
    let said = |at: usize| &changes[at]["ord"][0];
    assert_eq!(said(0)["da"], format!("Oprettet under Den gamle ({old})"));
    let moved = format!("Flyttet fra Den gamle ({old}) til Den nye ({new})");
    assert_eq!(said(1)["da"], moved);
    assert_eq!(changes[1]["organisation"]["cvr"], "55133018");
    assert_eq!(changes[1]["operation"], "import:v2/MoveAnvisningsEnhed");
    let lines = dtr(&at, &["historik", &unit, "--sprog", "da"]);
    assert!(text(&lines.stdout).contains(&moved), "{lines:?}");

    let (shown, _) = dtr_json(&at, &["vis", &unit]);
    assert_eq!(shown["over"][0]["nummer"], new);
    assert_eq!(shown["felter"]["enhedsNavn"], "Solen");
    let (before, _) = dtr_json(&at, &["vis", &old, "--pr", "3"]);
    assert_eq!(before["under"][0]["nummer"], unit);
    assert_eq!(before["post"]["aktiv"], true);
    let lines = dtr(&at, &["vis", &old, "--sprog", "da"]);
    let first = format!("Den gamle ({old}), daginstitution, nedlagt\n");
    assert!(text(&lines.stdout).starts_with(&first), "{lines:?}");
    for (arguments, status, why) in [
        (["vis", "G99999"].as_slice(), 1, "no record of this number"),
        (&["historik", "A12345"], 1, "no record is known to go on"),
        (&["vis", "G1"], 1, "is no institution number"),
        (&["vis", &unit, "--pr", "i går"], 1, "is no sequence"),
    ] {
        let refused = dtr(&at, arguments);
        assert_eq!(refused.status.code(), Some(status), "{arguments:?}");
        assert!(text(&refused.stderr).contains(why), "{refused:?}");
    }
}

#[tokio::test]
async fn the_log_names_calls_and_not_what_they_say() {
    let folder = Folder::new();
    let at = installation(&folder).await;
    let server = Server::start(&at);
    let secret = "Hemmelighedernes Hus";
    for kommune in [751, 101, 9999] {
        let insert = write("InsertDaginstitution", &[institution(secret, kommune)]);
        let caller = server.caller("kommune");
        let answer = caller
            .import_v2(insert)
            .message_id(&format!("urn:hemmelig-{kommune}"))
            .send()
            .await;
        assert_eq!(answer.0.header("x-korrelations-id").map(str::len), Some(36));
    }
    let _ = server.caller("udloebet").import_v2("<a/>").try_send().await;
    assert!(server.terminate().success());
    let log = std::fs::read_to_string(folder.join("log.txt")).unwrap();
    for expected in [
        "InsertDaginstitution",
        "55133018",
        "DTR5007",
        "expired",
        "stopped",
    ] {
        assert!(log.contains(expected), "{expected} is not in {log}");
    }
    assert!(!log.contains(secret) && !log.contains("Aarhus"), "{log}");
}

#[tokio::test]
async fn a_tampered_chain_does_not_verify() {
    let folder = Folder::new();
    let at = installation(&folder).await;
    let server = Server::start(&at);
    let insert = write("InsertDaginstitution", &[institution("Ægte", 751)]);
    server.caller("kommune").import_v2(insert).ok().await;
    assert!(server.terminate().success());
    let database = rusqlite::Connection::open(folder.join("register.db")).unwrap();
    let trigger = "SELECT sql FROM sqlite_schema WHERE name = 'revision_aldrig_om'";
    let trigger: String = database.query_row(trigger, [], |row| row.get(0)).unwrap();
    database
        .execute_batch("DROP TRIGGER revision_aldrig_om")
        .unwrap();
    let changed = database.execute(
        "UPDATE revision SET linje = replace(linje, 'gemt', 'glemt') WHERE nr = 2",
        [],
    );
    assert_eq!(changed.unwrap(), 1);
    database.execute_batch(&trigger).unwrap();
    drop(database);
    let (told, holds) = dtr_json(&at, &["audit", "verify"]);
    assert!(!holds && told["holder"] == false, "{told}");
    assert!(told.to_string().contains("line 2 was changed"), "{told}");
}

#[test]
fn the_demonstration_runs_to_its_end() {
    let folder = Folder::new();
    let all = folder.join("");
    let demo = dtr(&all, &["demo", "--once", "--dir", "demo"]);
    let shown = text(&demo.stdout);
    assert_eq!(
        demo.status.code(),
        Some(0),
        "{shown}\n{}",
        text(&demo.stderr)
    );
    assert!(shown.contains("DTR"), "errors are shown: {shown}");
    assert!(shown.contains("not the official register"), "{shown}");
    // Paths of the temporary folder and lines to paste aside, it fits a terminal.
    let long = shown
        .lines()
        .filter(|line| line.chars().count() > 80 && !line.contains('/'));
    assert_eq!(long.collect::<Vec<_>>(), Vec::<&str>::new());
    // README shows a part of it.
    let readme = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    let readme = std::fs::read_to_string(readme).unwrap();
    let (_, example) = readme.split_once("shortened:\n\n```\n").unwrap();
    let (example, _) = example.split_once("```").unwrap();
    let mut printed = shown.lines();
    for line in example.lines() {
        assert!(printed.any(|each| each == line), "README has {line:?}");
    }
    assert!(folder.join("demo/demo.json").exists());
    let (verified, holds) = dtr_json(&all, &["audit", "verify", "--config", "demo/dtr.toml"]);
    assert!(holds, "{verified}");
}

#[test]
fn the_demonstration_is_told_in_a_line_a_step_and_in_danish() {
    let folder = Folder::new();
    let all = folder.join("");
    let demo = dtr(
        &all,
        &["demo", "--once", "--kort", "--sprog", "da", "--dir", "demo"],
    );
    let shown = text(&demo.stdout);
    assert_eq!(demo.status.code(), Some(0), "{shown}{}", text(&demo.stderr));
    let steps = (1..=14).map(|step| format!("\n{step}. "));
    assert!(
        steps.into_iter().all(|step| shown.contains(&step)),
        "{shown}"
    );
    assert!(
        shown.contains("Færdig") && !shown.contains("sender\n"),
        "{shown}"
    );
    let long = shown.lines().filter(|line| line.chars().count() > 80);
    assert_eq!(long.collect::<Vec<_>>(), Vec::<&str>::new());
}

#[test]
fn a_demonstration_that_nobody_hears_removes_its_folder() {
    let temporary = Folder::new();
    let mut demo = Command::new(env!("CARGO_BIN_EXE_dtr"))
        .args(["demo", "--once"])
        .env("TMPDIR", temporary.join(""))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    drop(demo.stdout.take());
    demo.wait().unwrap();
    let left: Vec<_> = std::fs::read_dir(temporary.join("")).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn mistakes_are_told_with_their_status() {
    let folder = Folder::new();
    let all = folder.join("");
    for (arguments, status, says) in [
        (&["serve"][..], 2, "dtr init"),
        (
            &["status", "--config", "findes/ikke.toml"],
            2,
            "findes/ikke.toml",
        ),
        (&["findes-ikke"], 2, "findes-ikke"),
        (&[], 2, "Usage"),
    ] {
        let output = dtr(&all, arguments);
        assert_eq!(output.status.code(), Some(status), "{arguments:?}");
        let said = text(&output.stderr);
        assert!(said.contains(says), "{arguments:?}: {said}");
        assert!(output.stdout.is_empty());
    }
    std::fs::write(folder.join("dtr.toml"), "[lyt]\nservise = 1\n").unwrap();
    let output = dtr(&all, &["serve"]);
    assert!(
        text(&output.stderr).contains("line 2"),
        "{}",
        text(&output.stderr)
    );
    let (codes, well) = dtr_json(&all, &["fejlkoder", "DTR5002"]);
    assert!(well && codes.to_string().contains("DTR5002"), "{codes}");
}
