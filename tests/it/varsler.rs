//! The operator's side of requests on the command line; notices at secret addresses; and that what is kept of persons is
//! forgotten.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use dtr::app::forget_old;
use dtr::client::Response;
use dtr::clock::Clock;
use dtr::register::{AnmodningId, Kommentar, NytFund, Om, Person, Pseudonym, Tidspunkt};
use dtr::store::{OrgKind, Outcome, StoreExt, sqlite};
use hyper::Method;
use hyper::body::Bytes;
use serde_json::{Value, json};

use crate::support::messages::*;
use crate::support::process::{Server, dtr, dtr_json, installation};
use crate::support::{Folder, TestApp, pki};

const VENDOR: &str = "99100028";
const AARHUS: &str = "55133018";
const DAY: i64 = 24 * 60 * 60 * 1000;

/// What is told of a command that is refused.
fn refused(at: &Path, arguments: &[&str]) -> String {
    let output = dtr(at, arguments);
    assert_eq!(output.status.code(), Some(1), "{arguments:?}");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

async fn ask(server: &Server, wishes: Value) {
    let caller = server.caller("lev-aftale");
    let body = json!({ "anmodninger": wishes, "kommentar": "Hej\nAarhus" }).to_string();
    let headers = [("Content-Type", "application/json")];
    let path = "/aftaler/v1/anmodninger";
    let answered = caller.request(Method::POST, path, &headers, body).await;
    assert_eq!(answered.unwrap().status, 200);
}

#[tokio::test]
async fn the_operator_sees_and_settles_requests_on_the_command_line() {
    let folder = Folder::new();
    let at = installation(&folder).await;
    let file = pki::folder().join("lev-aftale.pem");
    let file = file.to_string_lossy();
    let add = [
        "system",
        "add",
        "--cvr",
        VENDOR,
        "--navn",
        "Pladsen",
        "--certifikat",
        &file,
    ];
    assert!(dtr_json(&at, &add).1);
    let (nothing, _) = dtr_json(&at, &["anmodning", "list"]);
    assert_eq!(nothing["anmodninger"], json!([]));
    let server = Server::start(&at);
    let kommune = server.caller("kommune");
    let top = kommune.import_v2(write(
        "InsertDaginstitution",
        &[institution("Solsikken", 751)],
    ));
    let top = top.ok().await.number();
    let named = json!({ "kommune": 751, "omfang": "institutionsnumre", "numre": [&top] });
    ask(&server, json!([named, { "kommune": 101 }])).await;

    let (waiting, _) = dtr_json(&at, &["anmodning", "list", "--venter"]);
    let first = &waiting["anmodninger"][0];
    assert_eq!(
        (&first["id"], &first["systemNavn"], &first["partNavn"]),
        (&json!("ANM-1"), &json!("Pladsen"), &json!("Aarhus"))
    );
    assert_eq!(first["kommentarer"], json!(["Hej\nAarhus"]));
    let shown = dtr(&at, &["anmodning", "list", "--kommune", "751"]);
    let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert!(
        shown.contains("ANM-1  SYS-1 (Pladsen, of ") && shown.contains("“Hej Aarhus”"),
        "{shown}"
    );
    assert!(!shown.contains("ANM-2"), "{shown}");

    // A case number is asked for; each is told by itself, and the exit status tells of a refusal.
    let settle = ["anmodning", "godkend", "ANM-1", "ANM-9"];
    assert!(!dtr(&at, &settle).status.success());
    let (done, well) = dtr_json(
        &at,
        &[
            &settle[..],
            &["--sagsnummer", "SAG-1", "--kommentar", "Aftalt"],
        ]
        .concat(),
    );
    assert!(!well);
    let results = done["resultater"].as_array().unwrap();
    assert_eq!(
        (&results[0]["status"], &results[0]["anmodning"]["aftale"]),
        (&json!("OK"), &json!("AFT-1"))
    );
    assert_eq!(
        (&results[1]["status"], &results[1]["kode"]),
        (&json!("AFVIST"), &json!("DTR5410"))
    );
    let (_, well) = dtr_json(
        &at,
        &["anmodning", "afvis", "ANM-2", "--sagsnummer", "SAG-1"],
    );
    assert!(well);
    assert!(
        refused(&at, &["anmodning", "afvis", "1", "--sagsnummer", "S"])
            .contains("ANM- and a number")
    );
    let (all, _) = dtr_json(&at, &["anmodning", "list"]);
    let stands: Vec<_> = all["anmodninger"]
        .as_array()
        .unwrap()
        .iter()
        .map(|own| own["stand"].clone())
        .collect();
    assert_eq!(stands, [json!("GODKENDT"), json!("AFVIST")]);

    // Agreements of a kommune, with the names behind the numbers.
    let (own, _) = dtr_json(&at, &["aftale", "list", "--kommune", "751"]);
    let own = &own["aftaler"][0];
    assert_eq!(
        (&own["numre"], &own["numreNavne"]),
        (&json!([&top]), &json!(["Solsikken"]))
    );
    let (none, _) = dtr_json(&at, &["aftale", "list", "--kommune", "101"]);
    assert_eq!(none["aftaler"], json!([]));
    let shown = dtr(&at, &["aftale", "list", "--kommune", "751"]);
    assert!(String::from_utf8_lossy(&shown.stdout).contains(&format!("{top} (Solsikken)")));
    let shown = dtr(&at, &["audit", "list"]);
    let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert!(
        shown.contains("cli/anmodning godkend") && shown.contains("sagsnummer=SAG-1"),
        "{shown}"
    );
    assert!(!shown.contains("Aftalt"), "{shown}");
    assert!(dtr(&at, &["audit", "verify"]).status.success());
}

async fn fetched(server: &Server, address: &str) -> Response {
    let anyone = crate::support::anyone();
    let path = &address[address.find("/varsler/").unwrap()..];
    let url = format!("{}{path}", server.address("public_url"));
    anyone
        .send(Method::GET, &url, &[], Bytes::new())
        .await
        .unwrap()
}

#[tokio::test]
async fn notices_lie_at_a_secret_address_until_it_is_taken_away() {
    let folder = Folder::new();
    let at = installation(&folder).await;
    let file = pki::folder().join("lev-aftale.pem");
    let file = file.to_string_lossy();
    let add = [
        "system",
        "add",
        "--cvr",
        VENDOR,
        "--navn",
        "Pladsen <b>",
        "--certifikat",
        &file,
    ];
    assert!(dtr_json(&at, &add).1);
    let server = Server::start(&at);
    ask(&server, json!([{ "kommune": 751 }, { "kommune": 101 }])).await;
    let make = ["org", "varsel", AARHUS];
    let (first, well) = dtr_json(&at, &make);
    assert!(well, "{first}");
    let first = first["adresse"].as_str().unwrap();
    let secret = first.rsplit('/').next().unwrap().trim_end_matches(".xml");
    assert_eq!(secret.len(), 64, "256 bits");

    let got = fetched(&server, first).await;
    let text = got.text().into_owned();
    assert_eq!(got.status, 200, "{text}");
    assert_eq!(got.header("cache-control"), Some("no-store"));
    assert_eq!(
        got.header("content-type"),
        Some("application/atom+xml; charset=utf-8")
    );
    assert!(
        text.contains("ANM-1: SYS-1 (Pladsen &lt;b&gt;) venter på svar / waits for an answer"),
        "{text}"
    );
    // Neither what asks others, nor what somebody wrote.
    assert!(!text.contains("ANM-2") && !text.contains("Hej"), "{text}");

    // Another address, near or far, is no address; its answer is that of any path.
    let near = format!("{}0.xml", &first[..first.len() - 5]);
    let near = match near == first {
        true => format!("{}1.xml", &first[..first.len() - 5]),
        false => near,
    };
    for wrong in [
        near.as_str(),
        "/varsler/0.xml",
        "/varsler/x",
        &first
            .to_uppercase()
            .replace("/VARSLER/", "/varsler/")
            .replace(".XML", ".xml"),
    ] {
        if wrong != first {
            assert_eq!(fetched(&server, wrong).await.status, 404, "{wrong}");
        }
    }
    // The secret itself lies nowhere in the register, nor in the log.
    drop(dtr(&at, &["status"]));
    for name in ["register.db", "register.db-wal", "log.txt"] {
        let bytes = std::fs::read(at.join(name)).unwrap_or_default();
        let found = bytes.windows(64).any(|part| part == secret.as_bytes());
        assert!(!found, "{name}");
    }
    // A new one takes its place, and taking that away leaves none.
    let (second, _) = dtr_json(&at, &make);
    let second = second["adresse"].as_str().unwrap();
    assert_eq!(fetched(&server, first).await.status, 404);
    assert_eq!(fetched(&server, second).await.status, 200);
    let take = ["org", "varsel", AARHUS, "--tilbagekald"];
    assert!(dtr_json(&at, &take).1);
    assert_eq!(fetched(&server, second).await.status, 404);
    assert!(refused(&at, &take).contains("no address"));
    assert!(refused(&at, &["org", "varsel", VENDOR]).contains("asked for nothing"));
    assert!(refused(&at, &["org", "varsel", "12345678"]).contains("no open organisation"));
    // A closed organisation is told of nothing.
    let (third, _) = dtr_json(&at, &make);
    assert!(dtr_json(&at, &["org", "close", "--cvr", AARHUS]).1);
    assert_eq!(
        fetched(&server, third["adresse"].as_str().unwrap())
            .await
            .status,
        404
    );
    assert!(dtr(&at, &["audit", "verify"]).status.success());
}

#[tokio::test]
async fn notices_count_the_findings_of_a_kommune() {
    let app = TestApp::start().await;
    let store = app.store();
    let found = |nummer: Option<&str>| NytFund {
        kode: "DTR5205".into(),
        nummer: nummer.map(|text| dtr::register::Institutionsnummer::parse(text).unwrap()),
        kommune: dtr::register::Kommunekode(751),
        besked_da: "da".into(),
        besked_en: "en".into(),
        hjaelp_da: "da".into(),
        hjaelp_en: "en".into(),
    };
    let (old, both) = (vec![found(None)], vec![found(None), found(Some("G30001"))]);
    let at = |second: i64| Tidspunkt::from_millis(1_790_000_000_000 + 1000 * second);
    let secret = dtr::agreements::Secret::of([7; 32]);
    let written = store.write(move |tx| {
        tx.save_fund(&old, &[], 1, at(1))?;
        tx.save_fund(&both, &[], 1, at(2))?;
        let cvr = dtr::register::Cvr::parse(AARHUS).unwrap();
        tx.save_notices(cvr, Some(&secret.hash()))
            .map(Outcome::Keep)
    });
    written.unwrap().await.unwrap().unwrap();
    let url = app.public(&format!("/varsler/{}.xml", secret.digits()));
    let got = app
        .anyone()
        .send(Method::GET, &url, &[], Bytes::new())
        .await
        .unwrap();
    let text = got.text().into_owned();
    assert!(
        text.contains("2 åbne fund, 1 nye / 2 open findings, 1 new"),
        "{text}"
    );
}

#[tokio::test]
async fn what_is_kept_of_persons_is_forgotten_in_time_and_the_chain_holds() {
    let begun = Tidspunkt::parse("2026-06-01T10:00:00Z").unwrap();
    let millis = Arc::new(AtomicI64::new(begun.millis()));
    let clock = Clock::Fixed(Arc::clone(&millis));
    let app = TestApp::with_clock(clock.clone(), |_| {}).await;
    app.organisation("99500030", OrgKind::PrivatEjer).await;
    app.system("lev-aftale", VENDOR).await;
    let caller = app.caller("lev-aftale");
    let body =
        json!({ "anmodninger": [{ "ejer": "99500030" }], "kommentar": "Ring til Bodil Birkerod" });
    let headers = [("Content-Type", "application/json")];
    let path = "/aftaler/v1/anmodninger";
    let asked = caller
        .request(Method::POST, path, &headers, body.to_string())
        .await;
    assert_eq!(asked.unwrap().status, 200);
    // A person settles it: the chain gets the pseudonym, the table the name.
    let pseudonym = Pseudonym::parse(&"5a".repeat(32)).unwrap();
    let (person, own) = (
        Person {
            pseudonym: pseudonym.clone(),
            navn: "Bodil Birkerod".into(),
            cvr: dtr::register::Cvr::parse("99500030").unwrap(),
        },
        pseudonym.clone(),
    );
    let settled = app.store().write(move |tx| {
        let organisation = tx.organisation(person.cvr)?.unwrap();
        let decider = dtr::agreements::Decider {
            person: Some(person.clone()),
            ..dtr::agreements::Decider::of(&organisation).unwrap()
        };
        let act = dtr::agreements::Act {
            operation: "mit/afgoer".into(),
            identity: "session".into(),
            cvr: Some(person.cvr),
            person: Some(own),
            sagsnummer: None,
            id: uuid::Uuid::from_u128(5),
            now: begun,
        };
        let rules = dtr::agreements::Rules {
            by_kommune: true,
            mirrors: Default::default(),
        };
        let decision = (AnmodningId(1), dtr::agreements::Ruling::Reject);
        let comment = Some("Nej tak, hilsen Birkerod");
        dtr::agreements::note_person(tx, &decider, begun)?;
        let done = dtr::agreements::settle(tx, &act, &rules, &decider, decision, comment);
        Ok(Outcome::Keep(done.is_ok()))
    });
    assert!(settled.unwrap().await.unwrap().unwrap());
    let kept = || {
        let read = app.store().read(|view| {
            let comments: Vec<Kommentar> = view.comments(Om::Anmodning(AnmodningId(1)))?;
            Ok((comments.len(), view.person(&pseudonym)?.is_some()))
        });
        read.unwrap()
    };
    let forget = |days: i64| {
        millis.store(begun.millis() + days * DAY, Ordering::Relaxed);
        let (store, clock) = (Arc::clone(app.store()), clock.clone());
        async move {
            let done = tokio::task::spawn_blocking(move || forget_old(&*store, &clock, 365));
            done.await.unwrap().unwrap()
        }
    };
    assert_eq!((kept(), forget(365).await), ((2, true), 0));
    assert_eq!(forget(366).await, 3);
    assert_eq!((kept(), forget(366).await), ((0, false), 0));
    let mut lines = String::new();
    let read = app.store().read(|view| {
        view.audit_lines(&mut |line| {
            lines.push_str(&line.canonical);
            std::ops::ControlFlow::Continue(())
        })
    });
    read.unwrap();
    assert!(lines.contains(&format!("person={}\n", "5a".repeat(32))));
    assert!(lines.contains("operation=serve/glem") && lines.contains("noter=slettet 3"));
    assert!(!lines.contains("Birkerod"));
    let stopped = app.stop().await;
    sqlite::verify(&stopped.config.database.fil).unwrap();
    for name in ["register.db", "register.db-wal"] {
        let bytes = std::fs::read(stopped.folder.join(name)).unwrap_or_default();
        assert!(!bytes.windows(8).any(|part| part == b"Birkerod"), "{name}");
    }
}
