//! The audit chain as outsiders meet it: the head that is published, what it means, its key, the export and the
//! verifier that the documentation gives. What tampering is found is told by section S11 of `threats`.

use std::process::Command;

use dtr::audit::{ABOUT, PublicKey, Saved};
use dtr::config::Config;
use serde_json::Value;

use crate::support::messages::{institution, write};
use crate::support::process::{Server, dtr, dtr_json, installation, signing};
use crate::support::{Folder, TestApp};

/// RFC 8032, 7.1, test 2.
pub(crate) const KEY: &str = "-----BEGIN PRIVATE KEY-----\n\
    MC4CAQAwBQYDK2VwBCIEIEzNCJso/5banbbDRuwRTg9bijGfNaumJNqM9u1PuKb7\n\
    -----END PRIVATE KEY-----\n";

async fn insert(app: &TestApp, name: &str) {
    let insert = write("InsertDaginstitution", &[institution(name, 751)]);
    app.kommune().import_v2(insert).ok().await;
}

#[tokio::test]
async fn the_head_is_published_on_both_listeners_and_can_be_asked_after() {
    let app = TestApp::start().await;
    let anyone = app.anyone();
    let url = app.public("/revision/hoved.json");
    let empty = anyone.get(&url, &[]).await.unwrap();
    assert_eq!(empty.status, 200);
    let told: Value = serde_json::from_slice(&empty.body).unwrap();
    // The line of those that are registered.
    assert_eq!((&told["nr"], &told["sekvens"]), (&1.into(), &0.into()));
    insert(&app, "Kløverengen").await;
    let first = anyone.get(&url, &[]).await.unwrap();
    let told: Value = serde_json::from_slice(&first.body).unwrap();
    assert_eq!((&told["nr"], &told["sekvens"]), (&2.into(), &1.into()));
    assert_eq!(told["algoritme"], "sha256-kaede.1");
    assert_eq!(
        told["betydning"],
        app.public("/revision/om.txt")
            .replace("127.0.0.1", "localhost")
    );
    assert!(
        told.get("signatur").is_none() && told.get("noegle").is_none(),
        "{told}"
    );
    assert_eq!(first.header("content-type"), Some("application/json"));
    let etag = first.header("etag").unwrap().to_owned();
    let same = anyone.get(&url, &[("If-None-Match", &etag)]).await.unwrap();
    assert_eq!((same.status.as_u16(), same.body.len()), (304, 0));
    let service = app.kommune().get("/revision/hoved.json").await;
    assert_eq!(
        (service.status.as_u16(), service.header("etag")),
        (200, Some(&*etag))
    );
    // A refusal is no change of the register, and a line of the chain all the same.
    let refused = write("InsertDaginstitution", &[institution("Fremmed", 101)]);
    app.kommune().import_v2(refused).refused().await;
    insert(&app, "Solsikken").await;
    let later = anyone.get(&url, &[("If-None-Match", &etag)]).await.unwrap();
    let told: Value = serde_json::from_slice(&later.body).unwrap();
    assert_eq!((&told["nr"], &told["sekvens"]), (&4.into(), &2.into()));
    let odd = anyone
        .get(&app.public("/revision/hoved.json?x=1"), &[])
        .await
        .unwrap();
    assert_eq!(odd.status, 400);
    assert!(odd.text().contains("DTR1008"), "{}", odd.text());
}

#[tokio::test]
async fn what_it_means_is_served_and_the_key_where_there_is_one() {
    let app = TestApp::start().await;
    let anyone = app.anyone();
    let about = anyone
        .get(&app.public("/revision/om.txt"), &[])
        .await
        .unwrap();
    assert_eq!(about.text(), ABOUT);
    assert_eq!(app.kommune().get("/revision/om.txt").await.text(), ABOUT);
    let none = anyone.get(&app.public("/noegle.pem"), &[]).await.unwrap();
    assert_eq!(none.status, 404);
    let folder = Folder::new();
    let key = folder.join("egen.pem");
    std::fs::write(&key, KEY).unwrap();
    let signing = TestApp::with(|config| config.revision.noegle = Some(key)).await;
    insert(&signing, "Kløverengen").await;
    let key = anyone
        .get(&signing.public("/noegle.pem"), &[])
        .await
        .unwrap();
    let key = PublicKey::from_pem(&key.body).unwrap();
    let head = anyone
        .get(&signing.public("/revision/hoved.json"), &[])
        .await
        .unwrap();
    let head: Saved = serde_json::from_slice(&head.body).unwrap();
    assert!(key.verifies(&head.signed(), head.signatur.as_deref().unwrap()));
    assert!(!key.verifies(
        &head.signed().replace("nr=2", "nr=1"),
        head.signatur.as_deref().unwrap()
    ));
}

#[tokio::test]
async fn the_command_line_tells_the_same_head_and_proves_by_it() {
    let folder = Folder::new();
    let at = signing(&folder, KEY).await;
    let server = Server::start(&at);
    let insert = write("InsertDaginstitution", &[institution("Kløverengen", 751)]);
    server.caller("kommune").import_v2(insert).ok().await;
    let anyone = crate::support::anyone();
    let public = server.address("public_url");
    let file = |path: &str| {
        let (anyone, url) = (&anyone, format!("{public}{path}"));
        async move { anyone.get(&url, &[]).await.unwrap().body }
    };
    // The day's head may be published between the two.
    let served: Value = serde_json::from_slice(&file("/revision/hoved.json").await).unwrap();
    let (told, _) = dtr_json(&at, &["audit", "head"]);
    for field in [
        "algoritme",
        "epoke",
        "nr",
        "hash",
        "sekvens",
        "tidspunkt",
        "signatur",
    ] {
        assert_eq!(told[field], served[field], "{field}");
    }
    std::fs::write(folder.join("hoved.json"), served.to_string()).unwrap();
    std::fs::write(folder.join("noegle.pem"), file("/noegle.pem").await).unwrap();
    let kept = [
        "audit",
        "verify",
        "--hoved",
        "hoved.json",
        "--noegle",
        "noegle.pem",
    ];
    let (proved, holds) = dtr_json(&at, &kept);
    assert!(
        holds && proved["signaturer"].as_u64() >= Some(1),
        "{proved}"
    );
    let text = String::from_utf8(dtr(&at, &kept).stdout).unwrap();
    assert!(
        text.contains("holds. 2 audit lines, 1 changes") && text.contains("signatures are right"),
        "{text}"
    );
    let head = String::from_utf8(dtr(&at, &["audit", "head"]).stdout).unwrap();
    let named = format!("--hoved 2:{}", served["hash"].as_str().unwrap());
    assert!(
        head.contains(&named) && head.contains("sha256-kaede.1"),
        "{head}"
    );
    for (arguments, status, says) in [
        (&["--hoved", "findes-ikke.json"][..], 1, "findes-ikke.json"),
        (&["--hoved", "1:abc"], 1, "1:abc"),
        (&["--noegle", "egen.pem"], 1, "/noegle.pem"),
        (&["--fil", "hoved.json"], 1, "is no export"),
        // A file that can't be read has a status of its own.
        (&["--fil", "findes-ikke.txt"], 2, "findes-ikke.txt"),
    ] {
        let refused = dtr(&at, &[&["audit", "verify"], arguments].concat());
        let told = String::from_utf8(refused.stderr).unwrap();
        assert_eq!(refused.status.code(), Some(status), "{arguments:?}");
        assert!(told.contains(says), "{arguments:?}: {told}");
    }
}

#[tokio::test]
async fn a_key_that_can_t_sign_stops_the_start() {
    let folder = Folder::new();
    let at = installation(&folder).await;
    let mut config = Config::load(&folder.join("dtr.toml")).unwrap();
    config.revision.noegle = Some(config.tls.noegle.clone());
    std::fs::write(folder.join("dtr.toml"), config.annotated()).unwrap();
    let refused = dtr(&at, &["serve"]);
    let told = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(refused.status.code(), Some(1));
    assert!(
        told.contains("revision.noegle") && told.contains("openssl genpkey"),
        "{told}"
    );
}

/// The verifier of the documentation, run as it stands where there is a Python.
#[tokio::test]
async fn the_verifier_of_the_documentation_proves_an_export() {
    if Command::new("python3").arg("--version").output().is_err() {
        return crate::support::skipped("there is no python3");
    }
    let folder = Folder::new();
    let at = installation(&folder).await;
    for n in 0..3 {
        let cvr = format!("9940050{n}");
        let added = dtr(
            &at,
            &[
                "org",
                "add",
                "--cvr",
                &cvr,
                "--navn",
                "Blåbær\\",
                "--art",
                "aftager",
            ],
        );
        assert!(added.status.success());
    }
    let (exported, well) = dtr_json(&at, &["audit", "export", "spor.txt"]);
    assert!(well);
    let stdout = dtr(&at, &["audit", "export", "-"]).stdout;
    let file = std::fs::read(folder.join("spor.txt")).unwrap();
    let lines = |export: &[u8]| {
        let text = String::from_utf8(export.to_vec()).unwrap();
        text.split_once("\n\n").unwrap().1.to_owned()
    };
    assert_eq!(lines(&stdout), lines(&file));
    let (_, script) = ABOUT.split_once("```python\n").unwrap();
    let (script, _) = script.split_once("```").unwrap();
    std::fs::write(folder.join("efterproev.py"), script).unwrap();
    let python = |arguments: &[&str]| {
        let mut command = Command::new("python3");
        let output = command
            .arg("efterproev.py")
            .args(arguments)
            .current_dir(&at)
            .output()
            .unwrap();
        let told = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
        (output.status.success(), told.concat())
    };
    let hash = exported["hoved"]["hash"].as_str().unwrap();
    let (well, told) = python(&["spor.txt", &format!("4:{hash}")]);
    assert!(well && told == format!("holds: 4 {hash}\n"), "{told}");
    let other = "0".repeat(64);
    for (head, says) in [
        (format!("4:{other}"), "another head"),
        (format!("5:{other}"), "shorter"),
    ] {
        let (well, told) = python(&["spor.txt", &head]);
        assert!(!well && told.contains(says), "{told}");
    }
    let text = String::from_utf8(file).unwrap();
    let cut = text.rfind("slut ").unwrap();
    for (tampered, says) in [
        (text.replacen("org add", "org adx", 1), "line 2: changed"),
        (
            text.replacen("nr=3\n", "nr=4\n", 1),
            "line 3: another number",
        ),
        (text[..cut].to_owned(), "cut off"),
        (
            text[..text.find("linje 1").unwrap() - 1].to_owned(),
            "cut off",
        ),
        (
            text.replace("sha256-kaede", "sha3-kaede"),
            "another algorithm",
        ),
    ] {
        std::fs::write(folder.join("andet.txt"), tampered).unwrap();
        let (well, told) = python(&["andet.txt"]);
        assert!(!well && told.contains(says), "{says}: {told}");
    }
}
