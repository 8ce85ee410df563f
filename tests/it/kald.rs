//! The call log end to end: a call over SOAP, what `dtr kald` tells of it, who has gone silent, and what is never kept.

use std::path::Path;

use dtr::calls::{self, Calls, Last};
use dtr::register::{Omfang, Tidspunkt};
use dtr::store::StoreExt;
use serde_json::Value;

use crate::support::messages::*;
use crate::support::process::{Server, audit_lines, dtr, dtr_json, installation};
use crate::support::tilslutning::of_kommune;
use crate::support::{Folder, TestApp};

const VENDOR: &str = "99100028";
const HOUR: i64 = 3600 * 1000;

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// What `dtr kald` tells of a call once it is kept.
fn kept(at: &Path, id: &str) -> Value {
    loop {
        let output = dtr(at, &["kald", id, "--json"]);
        let told: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        if !told["kald"].is_null() {
            return told;
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}

#[tokio::test]
async fn a_call_is_told_of_by_its_correlation_id() {
    let folder = Folder::new();
    let at = installation(&folder).await;
    let server = Server::start(&at);
    let kommune = server.caller("kommune");
    let id = |answer: &crate::support::caller::Answer| {
        answer.tree().text_of("korrelationsId").to_owned()
    };
    let good = [institution("Solstrålen", 751), institution("Månen", 751)];
    let stored = kommune
        .import_v2(write("InsertDaginstitution", &good))
        .message_id("urn:uuid:7d0b0f6e-1111-4222-8333-944445555666");
    let stored = id(&stored.ok().await);
    // Of another kommune, and a code that there is none of.
    let bad = element(
        "daginstitution",
        "",
        &coded_institution_fields("Hemmelig Børnehave", 101, 77, 1),
    );
    let refused = kommune.import_v2(write("InsertDaginstitution", &[bad]));
    let refused = id(&refused.send().await);

    let told = kept(&at, &stored);
    let call = &told["kald"];
    assert_eq!(
        (&call["status"], &call["udfald"]),
        (&200.into(), &"lykkedes".into())
    );
    assert_eq!(
        call["messageId"],
        "urn:uuid:7d0b0f6e-1111-4222-8333-944445555666"
    );
    assert_eq!(
        (&call["cvr"], &call["poster"]),
        (&"55133018".into(), &2.into())
    );
    assert_eq!(call["sekvenser"], serde_json::json!([1, 2]));
    assert_eq!(
        call["revision"],
        told["revision"]["nr"]
            .as_str()
            .unwrap()
            .parse::<u64>()
            .unwrap()
    );
    assert_eq!(told["aendringer"][1]["navn"], "Månen");
    assert_eq!(told["aendringer"][0]["nummer"], "G30001");
    let words = text(&dtr(&at, &["kald", &stored]).stdout);
    for said in [
        "import:v2/InsertDaginstitution",
        "Aarhus Kommune (55133018)",
        "G30002 Månen",
        "changes 1-2",
    ] {
        assert!(words.contains(said), "{said}: {words}");
    }

    let told = kept(&at, &refused);
    assert_eq!(told["kald"]["udfald"], "afvist");
    let error = &told["kald"]["fejl"][0];
    let kode = error["kode"].as_str().unwrap();
    assert!(
        error["sti"]
            .as_str()
            .unwrap()
            .starts_with("/InsertDaginstitution/daginstitution[1]/"),
        "{told}"
    );
    assert_eq!(told["revision"]["udfald"], "afvist");
    let words = text(&dtr(&at, &["kald", &refused, "--sprog", "da"]).stdout);
    let danish = calls::entry(kode).unwrap().da;
    assert!(words.contains(kode) && words.contains(danish), "{words}");
    assert!(!words.contains("Hemmelig"), "{words}");

    // Polls are one line, also for a list; a list is audited.
    for _ in 0..5 {
        assert_eq!(kommune.get("/feed/v1/hoved.json").await.status, 200);
    }
    lists(&at, &refused);
    only_codes_and_paths_are_kept(&at);
    without_the_call_log_the_audit_chain_knows(&at, server, &stored);
}

fn lists(at: &Path, refused: &str) {
    let list = |more: &[&str]| {
        let (told, well) = dtr_json(at, &[&["kald"], more].concat());
        assert!(well, "{told}");
        told["kald"].as_array().unwrap().clone()
    };
    // What came last is kept last.
    let polls = loop {
        let polls: u64 = list(&[])
            .iter()
            .filter(|call| call["poster"] == 0)
            .filter_map(|call| call["antal"].as_u64())
            .sum();
        if polls >= 5 {
            break polls;
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    };
    assert_eq!(polls, 5);
    let failed = list(&["--kun-fejl", "--cvr", "55133018"]);
    assert_eq!(
        (failed.len(), &failed[0]["korrelationsId"]),
        (1, &refused.into())
    );
    let kode = failed[0]["fejl"][0]["kode"].as_str().unwrap();
    assert_eq!(list(&["--kode", kode]).len(), 1);
    assert_eq!(list(&["--cvr", "64942212"]).len(), 0);
    assert_eq!(list(&["--til", "2020-01-01"]).len(), 0);
    let (page, _) = dtr_json(at, &["kald", "--antal", "1"]);
    let next = page["foer"].as_str().unwrap();
    assert_ne!(
        list(&["--foer", next, "--antal", "1"])[0]["korrelationsId"],
        next
    );
    let line = audit_lines(at, &["--operation", "cli/kald", "--antal", "1"]);
    assert!(line[0]["noter"].to_string().contains("antal 1"), "{line:?}");
    let line = audit_lines(at, &["--operation", "kald list", "--fra", "2020-01-01"]);
    assert!(
        line.iter()
            .any(|line| line["noter"] == "cvr 55133018,kun-fejl,antal 50"),
        "{line:?}"
    );
    for wrong in [
        ["--kode", "DTR0000"],
        ["--status", "9xx"],
        ["--fra", "i går"],
        ["--antal", "1001"],
    ] {
        assert!(
            !dtr(at, &[&["kald"], &wrong[..]].concat()).status.success(),
            "{wrong:?}"
        );
    }
}

fn only_codes_and_paths_are_kept(at: &Path) {
    let mut seen = 0;
    for file in ["kald.db", "kald.db-wal"] {
        let bytes = std::fs::read(at.join(file)).unwrap();
        seen += bytes.len();
        for never in ["Hemmelig", "Solstr", "127.0.0.1", "::1", "localhost"] {
            let found = bytes
                .windows(never.len())
                .any(|own| own == never.as_bytes());
            assert!(!found, "{never} in {file}");
        }
    }
    assert!(seen > 4096);
}

fn without_the_call_log_the_audit_chain_knows(at: &Path, server: Server, stored: &str) {
    drop(server);
    for file in ["kald.db", "kald.db-wal", "kald.db-shm"] {
        let _ = std::fs::remove_file(at.join(file));
    }
    let words = text(&dtr(at, &["kald", stored]).stdout);
    assert!(
        words.contains("does not know it") && words.contains("G30002 Månen"),
        "{words}"
    );
    let unknown = dtr(at, &["kald", "01890000-0000-7000-8000-000000000000"]);
    assert_eq!(unknown.status.code(), Some(1));
    let told = text(&unknown.stderr);
    assert!(
        told.contains("neither") && told.contains("no call log yet"),
        "{told}"
    );
    let foreign = dtr(at, &["kald", "11111111-2222-4333-8444-555555555555"]);
    assert!(text(&foreign.stderr).contains("no correlation id of dtr"));
    // What can't be read is told of, and the chain asked all the same.
    std::fs::write(at.join("kald.db"), "no database".repeat(1000)).unwrap();
    let output = dtr(at, &["kald", stored]);
    assert!(output.status.success() && text(&output.stderr).contains("warning"));
    let (status, _) = dtr_json(at, &["status"]);
    assert_eq!(status["tavseSystemer"], Value::Null);
}

#[test]
fn lines_of_the_chain_are_chosen() {
    let folder = Folder::new();
    let all = folder.join("");
    assert!(dtr_json(&all, &["init", "ny"]).1);
    let at = folder.join("ny");
    let everything = audit_lines(&at, &[]);
    let count = |more: &[&str]| audit_lines(&at, more).len();
    assert!(everything.len() > 5);
    assert_eq!(count(&["--udfald", "gemt"]), everything.len());
    assert_eq!(count(&["--udfald", "afvist"]), 0);
    assert_eq!(count(&["--kode", "DTR5001"]), 0);
    assert_eq!(count(&["--sagsnummer", "SAG-1"]), 0);
    assert_eq!(count(&["--operation", "cli/"]), everything.len());
    let id = everything[0]["korrelationsId"].as_str().unwrap();
    let first = everything[0]["tidspunkt"].as_str().unwrap();
    assert!(count(&["--korrelationsid", id]) >= 1);
    assert_eq!(
        count(&["--til", first]),
        0,
        "an instant is not part of the span"
    );
    assert_eq!(count(&["--fra", first]), everything.len());
}

#[tokio::test]
async fn a_system_that_wrote_and_calls_no_more_is_silent() {
    let app = TestApp::start().await;
    let system = app.system("lev-aftale", VENDOR).await;
    let aftale = app.aftale(of_kommune(system, 751, Omfang::Alle)).await;
    let vendor = app.caller("lev-aftale");
    vendor
        .import_v2(write("InsertDaginstitution", &[institution("Solen", 751)]))
        .ok()
        .await;
    let calls = Calls::beside(&app.config.database.fil);
    let last = loop {
        let last = calls.last().unwrap();
        if let Some(last) = last.iter().find(|last| last.system == Some(system)) {
            break *last;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    };
    let at = last.wrote.unwrap();
    assert_eq!(last.success, Some(at));
    let silent = |last: Last, now: Tidspunkt, hours| {
        let read = app
            .store()
            .read(|view| calls::silent(view, &[last], now, hours));
        read.unwrap().len()
    };
    assert_eq!(silent(last, at.plus_millis(72 * HOUR), 72), 0);
    let later = at.plus_millis(72 * HOUR + 1);
    assert_eq!(silent(last, later, 72), 1);
    assert_eq!(silent(last, later, 0), 0, "never");
    let never = Last {
        wrote: None,
        ..last
    };
    assert_eq!(silent(never, later, 72), 0, "it has not written");
    let refused = Last {
        refusal: Some(later),
        ..last
    };
    assert_eq!(silent(refused, later, 72), 1, "refusals are no success");
    app.end_aftale(aftale).await;
    assert_eq!(silent(last, later, 72), 0, "nobody lets it write");
}

#[tokio::test]
async fn status_and_the_list_of_systems_tell_when_each_last_called() {
    let folder = Folder::new();
    let at = installation(&folder).await;
    let pem = crate::support::pki::folder().join("lev-aftale.pem");
    let pem = pem.to_str().unwrap();
    let add = [
        "system",
        "add",
        "--cvr",
        VENDOR,
        "--navn",
        "Tavst",
        "--certifikat",
        pem,
    ];
    let (made, well) = dtr_json(&at, &add);
    assert!(well, "{made}");
    let id = made["id"].as_str().unwrap();
    let give = [
        "aftale",
        "add",
        "--system",
        id,
        "--kommune",
        "751",
        "--fra",
        "2020-01-01",
    ];
    assert!(dtr_json(&at, &give).1);
    assert_eq!(
        dtr_json(&at, &["status"]).0["tavseSystemer"],
        serde_json::json!([])
    );
    let server = Server::start(&at);
    let insert = write("InsertDaginstitution", &[institution("Solen", 751)]);
    let answer = server.caller("lev-aftale").import_v2(insert).ok().await;
    let told = kept(&at, answer.tree().text_of("korrelationsId"));
    assert_eq!(
        (&told["kald"]["system"], &told["systemNavn"]),
        (&id.into(), &"Tavst".into())
    );
    drop(server);
    assert_eq!(
        dtr_json(&at, &["status"]).0["tavseSystemer"],
        serde_json::json!([])
    );
    let (list, _) = dtr_json(&at, &["system", "list"]);
    assert_eq!(
        list["systemer"][0]["sidst"]["skrev"],
        told["kald"]["tidspunkt"]
    );
    let log = rusqlite::Connection::open(at.join("kald.db")).unwrap();
    // As if that had been four days ago.
    let earlier = "UPDATE sidst SET lykkedes = lykkedes - 4 * 86400000";
    assert_eq!(log.execute(earlier, []).unwrap(), 1);
    drop(log);
    let (status, _) = dtr_json(&at, &["status"]);
    assert_eq!(status["tavseSystemer"][0]["system"], id);
    let words = text(&dtr(&at, &["status"]).stdout);
    assert!(
        words.contains("Tavst (CVR 99100028): last success"),
        "{words}"
    );
    assert!(text(&dtr(&at, &["system", "list"]).stdout).contains("last call: 20"));
    // A server counts them when it starts, and each minute.
    let server = Server::start(&at);
    let figures = format!("{}/metrics", server.address("admin_url"));
    loop {
        let got = crate::support::anyone().get(&figures, &[]).await.unwrap();
        if got.text().contains("dtr_tavse_systemer 1") {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn a_call_log_may_be_left_out() {
    let app = TestApp::with(|config| config.kaldslog.til = false).await;
    let insert = write("InsertDaginstitution", &[institution("Solen", 751)]);
    app.kommune().import_v2(insert).ok().await;
    assert!(app.app.recording.is_none());
    let calls = Calls::beside(&app.config.database.fil);
    let app = app.stop().await;
    assert!(!calls.is_there());
    drop(app);
}
