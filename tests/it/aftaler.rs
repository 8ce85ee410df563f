//! Organisations, systems and agreements on the command line: what could never work is refused, what is odd is told.

use std::path::Path;

use serde_json::Value;

use crate::support::messages::*;
use crate::support::process::{Server, audit_lines, dtr, dtr_json, installation};
use crate::support::{Folder, pki};

/// The example vendor, consumer and operator.
const VENDOR: &str = "99100028";
const CONSUMER: &str = "99200022";
const OPERATOR: &str = "99300035";

/// What is told of a command that is refused.
fn refused(at: &Path, arguments: &[&str]) -> String {
    let output = dtr(at, arguments);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{arguments:?}: {told}");
    told
}

/// Registers a system of an organisation, with a certificate.
fn system(at: &Path, cvr: &str, certificate: &str) -> String {
    let file = pki::folder().join(format!("{certificate}.pem"));
    let file = file.to_string_lossy();
    let add = [
        "system",
        "add",
        "--cvr",
        cvr,
        "--navn",
        certificate,
        "--certifikat",
        &file,
    ];
    let (made, well) = dtr_json(at, &add);
    assert!(well, "{made}");
    made["id"].as_str().unwrap().to_owned()
}

fn agree(at: &Path, more: &[&str]) -> Value {
    let (made, well) = dtr_json(at, &[&["aftale", "add"], more].concat());
    assert!(well, "{made}");
    made["aftaler"][0].clone()
}

#[tokio::test]
async fn an_agreement_that_can_never_work_is_refused() {
    let folder = Folder::new();
    let at = installation(&folder).await;
    let vendor = system(&at, VENDOR, "lev-aftale");
    let consumer = system(&at, CONSUMER, "aftager");
    let operator = system(&at, OPERATOR, "operatoer");
    let add = |system: &str, more: &[&str]| {
        refused(
            &at,
            &[&["aftale", "add", "--system", system], more].concat(),
        )
    };
    let of_kommune = ["--kommune", "751"];
    // An aftager reads and never writes; the operator writes by no agreement.
    assert!(add(&consumer, &of_kommune).contains("of an aftager"));
    assert!(add(&operator, &of_kommune).contains("the operator's"));
    let reads = ["--system", &consumer, "--kommune", "751"];
    agree(&at, &[&reads[..], &["--tjeneste", "eksport"]].concat());
    // Nor is one handed over to it: the kommune would have no writer.
    let writes = agree(&at, &["--system", &vendor, "--kommune", "751"]);
    let id = writes["id"].as_str().unwrap();
    let over = ["aftale", "overdrag", "--aftale", id, "--til", &consumer];
    let told = refused(&at, &over);
    assert!(
        told.contains("--til") && told.contains("of an aftager"),
        "{told}"
    );
    let (all, _) = dtr_json(&at, &["aftale", "list"]);
    let still = all["aftaler"].as_array().unwrap();
    let still = still.iter().find(|own| own["id"] == id).unwrap();
    assert_eq!(
        (&still["gaelder"], &still["til"]),
        (&true.into(), &Value::Null)
    );
    // Days that have passed, a kommune as owner, and an organisation that is closed.
    let past = [
        "--kommune",
        "101",
        "--fra",
        "2026-01-01",
        "--til",
        "2026-01-31",
    ];
    assert!(add(&vendor, &past).contains("would never hold"));
    assert!(add(&vendor, &["--ejer", "55133018"]).contains("name it with --kommune 751"));
    // The vendor can't become an aftager while its system has an agreement to write.
    assert!(dtr_json(&at, &["org", "close", "--cvr", VENDOR]).1);
    assert!(add(&vendor, &["--kommune", "101"]).contains("organisation that is closed"));
    let again = ["org", "add", "--cvr", VENDOR, "--navn", "V", "--art"];
    let told = refused(&at, &[&again[..], &["aftager"]].concat());
    assert!(told.contains(id), "{told}");
    assert!(dtr_json(&at, &[&again[..], &["leverandoer"]].concat()).1);
}

#[tokio::test]
async fn an_owner_agrees_on_what_is_private_alone() {
    let folder = Folder::new();
    let at = installation(&folder).await;
    let vendor = system(&at, VENDOR, "lev-aftale");
    let server = Server::start(&at);
    let kommune = server.caller("kommune");
    let private = element(
        "daginstitution",
        "",
        &coded_institution_fields("Den Private", 751, 3, 4),
    );
    let tops = write(
        "InsertDaginstitution",
        &[institution("Solsikken", 751), private],
    );
    let numbers = kommune.import_v2(tops).ok().await.numbers();
    let units = [unit(&numbers[0], "Rød"), unit(&numbers[1], "Blå")];
    let units = write("InsertAnvisningsEnhed", &units);
    let units = kommune.import_v2(units).ok().await.numbers();
    let add = |part: &[&str], number: &str| {
        let named = [
            "aftale",
            "add",
            "--system",
            &vendor,
            "--institution",
            number,
        ];
        dtr(&at, &[&named[..], part].concat())
    };
    let owner = ["--ejer", "99500006"];
    for number in [&numbers[0], &units[0]] {
        let output = add(&owner, number);
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(
            told.contains("is not privately owned (ejerform 3)"),
            "{told}"
        );
    }
    assert!(add(&owner, &units[1]).status.success());
    // Where kommuner leave those to their owners, their agreements don't reach them either.
    let toml = at.join("dtr.toml");
    let mut config = dtr::config::Config::load(&toml).unwrap();
    config.rettigheder.private_af_kommune = false;
    std::fs::write(toml, config.annotated()).unwrap();
    let output = add(&["--kommune", "751"], &numbers[1]);
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(told.contains("rettigheder.private_af_kommune"), "{told}");
}

#[tokio::test]
async fn what_is_odd_about_an_organisation_is_told() {
    let folder = Folder::new();
    let at = installation(&folder).await;
    let add = |cvr: &str, more: &[&str]| {
        let new = ["org", "add", "--cvr", cvr, "--navn", "Ny", "--art"];
        let (made, well) = dtr_json(&at, &[&new[..], more].concat());
        assert!(well, "{made}");
        made["advarsler"].as_array().unwrap().clone()
    };
    let odd = add("55133081", &["kommune", "--kommune", "751"]);
    assert_eq!(odd.len(), 2, "{odd:?}");
    assert!(odd[0].as_str().unwrap().contains("wrong check digit"));
    assert!(odd[1].as_str().unwrap().contains("55133018 Aarhus Kommune"));
    assert!(add("35209115", &["kommune", "--kommune", "461"]).is_empty());
    let told = dtr(
        &at,
        &[
            "org", "add", "--cvr", "12345678", "--navn", "Ny", "--art", "aftager",
        ],
    );
    let told = String::from_utf8_lossy(&told.stderr);
    assert!(
        told.contains("warning: 12345678 has a wrong check digit"),
        "{told}"
    );
}

#[tokio::test]
async fn lines_of_the_audit_chain_are_found_by_what_they_say() {
    let folder = Folder::new();
    let at = installation(&folder).await;
    let server = Server::start(&at);
    let kommune = server.caller("kommune");
    let mut calls = Vec::new();
    for name in ["En", "To"] {
        let insert = write("InsertDaginstitution", &[institution(name, 751)]);
        let answer = kommune.import_v2(insert).ok().await;
        calls.push(answer.tree().text_of("korrelationsId").to_owned());
    }
    system(&at, VENDOR, "lev-aftale");
    let list = |more: &[&str]| {
        let lines = audit_lines(&at, more);
        let operations = lines
            .iter()
            .map(|line| line["operation"].as_str().unwrap().to_owned());
        operations.collect::<Vec<_>>()
    };
    let insert = "import:v2/InsertDaginstitution";
    assert_eq!(list(&["--korrelationsid", &calls[1]]), [insert]);
    assert_eq!(list(&["--cvr", "55133018"]), [insert, insert]);
    assert_eq!(list(&["--antal", "1"]), ["cli/system add"]);
    assert_eq!(list(&["--antal", "1", "--cvr", "55133018"]), [insert]);
    assert_eq!(list(&["--til", "2020-01-01"]).len(), 0);
    assert_eq!(list(&["--fra", "2020-01-01"]).len(), list(&[]).len());
    let told = refused(
        &at,
        &[
            "audit",
            "list",
            "--fra",
            "2020-02-02",
            "--til",
            "2020-01-01",
        ],
    );
    assert!(told.contains("lies before the first"), "{told}");
}

#[tokio::test]
async fn the_log_tells_the_errors_of_a_refusal_and_whose_call_went_astray() {
    let folder = Folder::new();
    let at = installation(&folder).await;
    let server = Server::start(&at);
    let kommune = server.caller("kommune");
    let wrong = institution("Hemmeligt navn", 751).replace("<ejerformKode>1", "<ejerformKode>77");
    let wrong = write("InsertDaginstitution", &[wrong]);
    kommune.import_v2(wrong).refused().await;
    assert_eq!(kommune.get("/findes/ikke").await.status, 404);
    drop(server);
    let log = std::fs::read_to_string(at.join("log.txt")).unwrap();
    let refused = log.lines().find(|line| line.contains("DTR5001")).unwrap();
    assert!(
        refused.contains("DTR5001 /InsertDaginstitution/daginstitution[1]/ejerformKode"),
        "{refused}"
    );
    let astray = log.lines().find(|line| line.contains("DTR1001")).unwrap();
    assert!(astray.contains("55133018"), "{astray}");
    assert!(!log.contains("Hemmeligt"), "{log}");
}

#[tokio::test]
async fn status_is_not_good_when_a_server_would_not_start() {
    let folder = Folder::new();
    let at = installation(&folder).await;
    assert!(dtr_json(&at, &["status"]).1);
    let toml = at.join("dtr.toml");
    let mut config = dtr::config::Config::load(&toml).unwrap();
    config.tls.certifikat = at.join("findes-ikke.pem");
    std::fs::write(&toml, config.annotated()).unwrap();
    let (told, well) = dtr_json(&at, &["status"]);
    assert!(!well, "{told}");
    let reasons = told["starterIkke"].as_array().unwrap();
    assert!(
        reasons[0].as_str().unwrap().contains("findes-ikke.pem"),
        "{told}"
    );
    // A file that can't be read is told apart by its status.
    std::fs::remove_file(&toml).unwrap();
    assert_eq!(dtr(&at, &["status"]).status.code(), Some(2));
    let missing = dtr(&at, &["load", "statistik", "findes-ikke.csv"]);
    assert_eq!(missing.status.code(), Some(2));
}

#[tokio::test]
async fn agreements_are_listed_with_the_names_behind_the_numbers() {
    let folder = Folder::new();
    let at = installation(&folder).await;
    let vendor = system(&at, VENDOR, "lev-aftale");
    let made = agree(&at, &["--system", &vendor, "--kommune", "751"]);
    let names = ["systemNavn", "systemEjer", "partNavn"].map(|name| made[name].as_str().unwrap());
    let owner = "Eksempel Dagtilbudssystemer A/S";
    assert_eq!(names, ["lev-aftale", owner, "Aarhus"]);
    let list = dtr(&at, &["aftale", "list"]);
    let list = String::from_utf8_lossy(&list.stdout);
    let line = "AFT-1  SYS-1 (lev-aftale, of Eksempel Dagtilbudssystemer A/S) import for kommune 751 (Aarhus): alle from ";
    assert!(list.starts_with(line), "{list}");
    assert!(list.ends_with("(in force)\n"), "{list}");
}
