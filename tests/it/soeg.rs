//! The search of a server: fed by what callers write, kept over a restart, and asked from the command line beside it.

use std::time::Duration;

use dtr::search::{Asked, Search, State, Words};
use serde_json::json;

use crate::support::messages::*;
use crate::support::process::{Server, dtr, dtr_json, installation};
use crate::support::{Folder, TestApp};

/// Waits until the index has everything; tests are ended from outside where it never has.
async fn current(search: &Search) {
    while !matches!(search.state(), State::Ready { behind: 0, .. }) {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

fn numbers(search: &Search, words: &str) -> Vec<String> {
    let asked = Asked {
        words: Words::parse(words).unwrap(),
        ..Asked::default()
    };
    let found = search.find(&asked).unwrap();
    found
        .hits
        .iter()
        .map(|hit| hit.number.to_string())
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_written_is_found_and_the_index_outlives_the_server() {
    let app = TestApp::start().await;
    let caller = app.kommune();
    let insert = write(
        "InsertDaginstitution",
        &[institution("Områdeinstitution Vest", 751)],
    );
    let top = caller.import_v2(insert).ok().await.number();
    let insert = write(
        "InsertAnvisningsEnhed",
        &[unit(&top, "Børnehuset Solstrålen")],
    );
    let unit = caller.import_v2(insert).ok().await.number();
    current(&app.app.search).await;
    assert_eq!(
        numbers(&app.app.search, "boernehuset solstraa"),
        std::slice::from_ref(&unit)
    );
    // By the name of the kommune, from the code tables, and by an address.
    assert_eq!(numbers(&app.app.search, "aarhus").len(), 2);
    assert_eq!(
        numbers(&app.app.search, "bøgeskrænten 4b"),
        std::slice::from_ref(&unit)
    );
    let figures = app.anyone().get(&app.admin("/metrics"), &[]).await.unwrap();
    let figures = figures.text();
    assert!(
        figures.contains("dtr_search_lag ") && figures.contains("dtr_search_failed 0"),
        "{figures}"
    );
    let made = std::fs::metadata(app.folder.join("soeg.db"))
        .unwrap()
        .modified()
        .unwrap();
    let app = app.restart().await;
    current(&app.app.search).await;
    assert_eq!(numbers(&app.app.search, "solstrålen"), [unit]);
    let kept = std::fs::metadata(app.folder.join("soeg.db"))
        .unwrap()
        .created()
        .unwrap();
    assert!(kept <= made);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn institutions_are_searched_from_the_command_line() {
    let folder = Folder::new();
    let at = installation(&folder).await;
    let server = Server::start(&at);
    let insert = write(
        "InsertDaginstitution",
        &[institution("Søndergård &amp; Co", 751)],
    );
    let number = server
        .caller("kommune")
        .import_v2(insert)
        .ok()
        .await
        .number();
    // Beside the server, whose index has it in a moment.
    let found = loop {
        let (found, well) = dtr_json(&at, &["soeg", "sondergaard"]);
        if well {
            break found;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    assert_eq!(
        (
            &found["antal"],
            &found["flere"],
            &found["fundet"][0]["nummer"]
        ),
        (&json!(1), &json!(false), &json!(number))
    );
    assert!(server.terminate().success());
    // Without it, from what it left; and without that.
    for _ in 0..2 {
        let told = dtr(&at, &["soeg", "Søndergård", "--kommune", "751", "--aabne"]);
        let text = String::from_utf8_lossy(&told.stdout).into_owned();
        assert!(
            told.status.success() && text.contains("Søndergård & Co"),
            "{text}"
        );
        assert!(
            text.contains("751 (Aarhus)") && text.contains("1 found; page 1 of 1"),
            "{text}"
        );
        let none = dtr(&at, &["soeg", "Søndergård", "--kommune", "101"]);
        assert_eq!(none.status.code(), Some(1));
        for side in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(folder.join(&format!("soeg.db{side}")));
        }
    }
    assert!(!folder.join("soeg.db").exists());
    for wrong in [
        &["--side", "51"][..],
        &["--kommune", "x"],
        &[&"x".repeat(201)],
    ] {
        let refused = dtr(&at, &[&["soeg", "ord"], wrong].concat());
        assert_eq!(refused.status.code(), Some(1), "{wrong:?}");
    }
}
