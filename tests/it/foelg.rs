//! `dtr follow`: a copy from snapshot and feed is the register, however often it is broken off.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use crate::support::Folder;
use crate::support::messages::*;
use crate::support::process::{Server, dtr, installation, signing};

/// What a command ended with: its last line as JSON, its errors, whether it ended well.
fn follow(at: &Path, url: &str, more: &[&str]) -> (Value, String, bool) {
    let arguments = [&["follow", url, "--once", "--json"], more].concat();
    let output = dtr(at, &arguments);
    let text = String::from_utf8(output.stdout).unwrap();
    let last = text.lines().last().unwrap_or("null");
    let errors = String::from_utf8(output.stderr).unwrap();
    (
        serde_json::from_str(last).unwrap(),
        errors,
        output.status.success(),
    )
}

/// The records of a folder, by the names of their files.
fn files(folder: &Path) -> BTreeMap<String, String> {
    let entries = std::fs::read_dir(folder).unwrap().flatten();
    entries
        .filter(|entry| entry.path().extension().is_some_and(|own| own == "xml"))
        .map(|entry| {
            let name = entry.file_name().into_string().unwrap();
            (name, std::fs::read_to_string(entry.path()).unwrap())
        })
        .collect()
}

/// The records of a SQLite copy, as the files would be.
fn rows(file: &Path) -> BTreeMap<String, String> {
    let conn = rusqlite::Connection::open(file).unwrap();
    let mut select = conn
        .prepare("SELECT nummer || '.xml', xml FROM post")
        .unwrap();
    let rows = select
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap();
    rows.map(Result::unwrap).collect()
}

async fn write_some(server: &Server, turn: usize) {
    let kommune = server.caller("kommune");
    let tops: Vec<_> = (0..3)
        .map(|n| institution(&format!("Hus {turn} {n} &amp; co"), 751))
        .collect();
    let tops = kommune
        .import_v2(write("InsertDaginstitution", &tops))
        .ok()
        .await
        .numbers();
    let units = [unit(&tops[0], "Stuen"), unit(&tops[1], "Loftet")];
    let units = kommune
        .import_v2(write("InsertAnvisningsEnhed", &units))
        .ok()
        .await
        .numbers();
    let moved = write(
        "MoveAnvisningsEnhed",
        &[moved("anvisningsenhed", &units[0], &tops[2])],
    );
    kommune.import_v2(moved).ok().await;
    let closed = write(
        "DeleteDaginstitution",
        &[closing("daginstitution", &tops[0])],
    );
    kommune.import_v2(closed).ok().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_is_the_register_however_it_came_to_be() {
    let folder = Folder::new();
    let at = installation(&folder).await;
    let server = Server::start(&at);
    let url = server.address("public_url");
    write_some(&server, 1).await;
    for copy in [["--to", "kopi"], ["--sqlite", "kopi.db"]] {
        let (told, errors, well) = follow(&at, &url, &copy);
        assert!(well, "{errors}");
        assert_eq!(
            (&told["sekvens"], &told["ajour"]),
            (&7.into(), &true.into())
        );
    }
    write_some(&server, 2).await;
    write_some(&server, 3).await;
    for copy in [["--to", "kopi"], ["--sqlite", "kopi.db"]] {
        let (told, errors, well) = follow(&at, &url, &copy);
        assert!(well, "{errors}");
        assert_eq!(
            (&told["sekvens"], &told["aendringer"]),
            (&21.into(), &14.into())
        );
        // Nothing more to do.
        assert_eq!(follow(&at, &url, &copy).0["aendringer"], 0);
    }
    let (told, ..) = follow(&at, &url, &["--to", "ny"]);
    assert_eq!(told["sekvens"], 21);
    let whole = files(&at.join("ny"));
    assert_eq!(whole.len(), 15);
    assert_eq!(
        files(&at.join("kopi")),
        whole,
        "by snapshot and by feed alike"
    );
    assert_eq!(rows(&at.join("kopi.db")), whole);
    // One that was broken off while it was begun anew is begun anew.
    std::fs::write(at.join("kopi/forfra"), "").unwrap();
    std::fs::remove_file(at.join("kopi/G30001.xml")).unwrap();
    let (_, errors, well) = follow(&at, &url, &["--to", "kopi"]);
    assert!(well, "{errors}");
    assert_eq!(files(&at.join("kopi")), whole);
    // And one whose register was restored, too.
    let stand = std::fs::read_to_string(at.join("kopi/stand.json")).unwrap();
    let epoke: Value = serde_json::from_str(&stand).unwrap();
    let epoke = epoke["epoke"].as_str().unwrap().to_owned();
    let other = stand.replace(&epoke, "00000000-0000-4000-8000-000000000000");
    std::fs::write(at.join("kopi/stand.json"), other).unwrap();
    std::fs::write(at.join("kopi/G99999.xml"), "of another history").unwrap();
    let (_, errors, well) = follow(&at, &url, &["--to", "kopi"]);
    assert!(well, "{errors}");
    assert_eq!(files(&at.join("kopi")), whole);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_does_not_hold_is_not_taken() {
    let folder = Folder::new();
    let at = installation(&folder).await;
    let server = Server::start(&at);
    let url = server.address("public_url");
    write_some(&server, 1).await;
    assert!(follow(&at, &url, &["--to", "kopi"]).2);
    let before = files(&at.join("kopi"));
    write_some(&server, 2).await;
    let stand = std::fs::read_to_string(at.join("kopi/stand.json")).unwrap();
    let kaede: Value = serde_json::from_str(&stand).unwrap();
    let kaede = kaede["kaede"].as_str().unwrap().to_owned();
    let other = stand.replace(&kaede, &"0".repeat(64));
    std::fs::write(at.join("kopi/stand.json"), other).unwrap();
    let (_, errors, well) = follow(&at, &url, &["--to", "kopi"]);
    assert!(!well && errors.contains("chain of digests"), "{errors}");
    assert_eq!(files(&at.join("kopi")), before);
    // A register that does not answer is told of, and by --once not waited for.
    let (_, errors, well) = follow(&at, "http://127.0.0.1:9", &["--to", "kopi"]);
    assert!(!well && errors.contains("can't connect"), "{errors}");
    let (_, errors, well) = follow(&at, "ftp://et.sted", &["--to", "kopi"]);
    assert!(!well && errors.contains("ftp://et.sted"), "{errors}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signed_head_is_checked() {
    let folder = Folder::new();
    let at = signing(&folder, crate::revision::KEY).await;
    let server = Server::start(&at);
    let url = server.address("public_url");
    write_some(&server, 1).await;
    let client = dtr::client::Client::plain().unwrap();
    let pem = client.get(&format!("{url}/noegle.pem"), &[]).await.unwrap();
    std::fs::write(folder.join("noegle.pem"), pem.body).unwrap();
    let own = ["--to", "kopi", "--noegle", "noegle.pem"];
    let (told, errors, well) = follow(&at, &url, &own);
    assert!(well && told["ajour"] == true, "{errors}");
    // RFC 8032's first key is another.
    std::fs::write(
        folder.join("anden.pem"),
        "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n-----END PUBLIC KEY-----\n",
    )
    .unwrap();
    let other = ["--to", "kopi", "--noegle", "anden.pem"];
    let (_, errors, well) = follow(&at, &url, &other);
    assert!(
        !well && errors.contains("not signed by the key"),
        "{errors}"
    );
}
