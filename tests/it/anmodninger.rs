//! Requests for agreements over HTTP: a system asks with its certificate, who is asked answers with theirs, and what was agreed
//! holds with the next write.

use std::ops::ControlFlow;

use dtr::agreements::{Covers, Decider};
use dtr::client::Response;
use dtr::register::{Cvr, Kommunekode, Omfang, PNummer, Part};
use dtr::server::routes::{Endpoint, SURFACE};
use dtr::store::{OrgKind, StoreExt, sqlite};
use hyper::Method;
use serde_json::{Value, json};

use crate::support::messages::*;
use crate::support::tilslutning::*;
use crate::support::{Caller, TestApp};

const VENDOR: &str = "99100028";
const OWNER: &str = "99500030";
const AARHUS: &str = "55133018";

const REQUESTS: &str = "/aftaler/v1/anmodninger";
const SETTLEMENTS: &str = "/aftaler/v1/anmodninger/afgoerelser";
const AGREEMENTS: &str = "/aftaler/v1/aftaler";
const ENDINGS: &str = "/aftaler/v1/aftaler/afslutninger";

fn value(response: &Response) -> Value {
    serde_json::from_slice(&response.body)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&response.body)))
}

async fn sent(caller: &Caller, path: &str, headers: &[(&str, &str)], body: &str) -> Response {
    let mut all = vec![("Content-Type", "application/json")];
    all.extend(headers);
    let answered = caller.request(Method::POST, path, &all, body.to_owned());
    answered.await.unwrap()
}

/// Posts, and returns what a good answer says.
async fn post(caller: &Caller, path: &str, body: Value) -> Value {
    let response = sent(caller, path, &[], &body.to_string()).await;
    let told = value(&response);
    assert_eq!(response.status, 200, "{told}");
    told
}

/// Posts what is refused as a whole: its status and codes.
async fn refused(caller: &Caller, path: &str, body: &str) -> (u16, Vec<String>) {
    let response = sent(caller, path, &[], body).await;
    let kind = response.header("content-type").unwrap_or_default();
    assert_eq!(kind, "application/json");
    (response.status.as_u16(), codes(&value(&response)))
}

/// The codes of a refusal, each with texts in both languages.
fn codes(told: &Value) -> Vec<String> {
    let all = told["fejl"].as_array().unwrap_or_else(|| panic!("{told}"));
    all.iter().map(code).collect()
}

fn code(problem: &Value) -> String {
    let text = |name: &str| problem[name].as_str().unwrap_or_default();
    for name in ["beskedDa", "beskedEn", "afhjaelpningDa", "afhjaelpningEn"] {
        assert!(
            !text(name).is_empty() && !text(name).contains('{'),
            "{problem}"
        );
    }
    assert_ne!(text("beskedDa"), text("beskedEn"));
    text("kode").to_owned()
}

/// What became of each thing: OK, or its code.
fn results(told: &Value) -> Vec<String> {
    let all = told["resultater"]
        .as_array()
        .unwrap_or_else(|| panic!("{told}"));
    let result = |one: &Value| match one["status"].as_str() {
        Some("OK") => "OK".to_owned(),
        _ => code(&one["fejl"]),
    };
    all.iter().map(result).collect()
}

async fn got(caller: &Caller, path: &str) -> Value {
    let response = caller.get(path).await;
    let told = value(&response);
    assert_eq!(response.status, 200, "{told}");
    told
}

/// What a dry run tells.
async fn tried(caller: &Caller, path: &str, body: Value) -> Value {
    let path = format!("{path}?proeve=true");
    value(&sent(caller, &path, &[], &body.to_string()).await)
}

fn asks(kommune: u16) -> Value {
    json!({ "anmodninger": [{ "kommune": kommune }] })
}

fn settles(id: &str, how: &str) -> Value {
    json!({ "afgoerelser": [{ "anmodning": id, "afgoerelse": how }] })
}

/// A server with a system of the vendor, its caller, and Aarhus.
async fn world() -> (TestApp, Caller, Caller) {
    let app = TestApp::start().await;
    app.system("lev-aftale", VENDOR).await;
    let (system, kommune) = (app.caller("lev-aftale"), app.kommune());
    (app, system, kommune)
}

async fn verified(app: TestApp) {
    let stopped = app.stop().await;
    sqlite::verify(&stopped.config.database.fil).unwrap();
}

#[tokio::test]
async fn a_system_asks_the_kommune_approves_it_writes_and_is_ended() {
    let (app, system, kommune) = world().await;
    let message = || write("InsertDaginstitution", &[institution("Ny", 751)]);
    assert_eq!(system.import_v2(message()).refused().await, ["DTR5017"]);

    let asked =
        json!({ "anmodninger": [{ "kommune": 751 }], "kommentar": " Vi overtager \n i maj " });
    let asked = post(&system, REQUESTS, asked).await;
    assert_eq!(asked["status"], "OK");
    let request = &asked["resultater"][0]["anmodning"];
    assert_eq!(
        (&request["id"], &request["stand"], &request["omfang"]),
        (&json!("ANM-1"), &json!("VENTER"), &json!("alle"))
    );
    // Asked is not agreed.
    assert_eq!(system.import_v2(message()).refused().await, ["DTR5017"]);

    let waiting = got(&kommune, &format!("{REQUESTS}?stand=VENTER")).await;
    let own = &waiting["anmodninger"][0];
    assert_eq!(own["system"]["navn"], "System lev-aftale");
    assert_eq!(own["system"]["cvr"], VENDOR);
    assert_eq!(own["part"], json!({ "kommune": 751, "navn": "Aarhus" }));
    assert_eq!(own["kommentarer"][0]["tekst"], "Vi overtager \n i maj");
    assert_eq!(waiting["naeste"], Value::Null);

    let approved = json!({
        "afgoerelser": [{ "anmodning": "ANM-1", "afgoerelse": "GODKENDT" }],
        "kommentar": "Databehandleraftalen er underskrevet",
    });
    let approved = post(&kommune, SETTLEMENTS, approved).await;
    let settled = &approved["resultater"][0]["anmodning"];
    assert_eq!(
        (&settled["stand"], &settled["aftale"]),
        (&json!("GODKENDT"), &json!("AFT-1"))
    );
    assert_eq!(settled["afgjortAf"]["cvr"], AARHUS);
    system.import_v2(message()).ok().await;
    // Who asked sees the answer with its comment, and the agreement.
    let seen = got(&system, REQUESTS).await;
    let words: Vec<_> = seen["anmodninger"][0]["kommentarer"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["tekst"].as_str().unwrap())
        .collect();
    assert_eq!(
        words,
        [
            "Vi overtager \n i maj",
            "Databehandleraftalen er underskrevet"
        ]
    );
    let seen = got(&system, AGREEMENTS).await;
    assert_eq!(
        (&seen["aftaler"][0]["id"], &seen["aftaler"][0]["gaelder"]),
        (&json!("AFT-1"), &json!(true))
    );

    let ended = json!({ "aftaler": ["AFT-1"], "kommentar": "Ny leverandør" });
    let ended = post(&kommune, ENDINGS, ended).await;
    assert_eq!(
        ended["resultater"][0]["aftale"]["aarsag"],
        "afsluttet af kommune 751"
    );
    assert_eq!(system.import_v2(message()).refused().await, ["DTR5017"]);
    let seen = got(&kommune, AGREEMENTS).await;
    assert_eq!(
        seen["aftaler"][0]["kommentarer"][0]["tekst"],
        "Ny leverandør"
    );
    assert_eq!(
        got(&kommune, &format!("{AGREEMENTS}?gaelder=true")).await["aftaler"],
        json!([])
    );

    // The chain tells of each act, and of no comment.
    let mut lines = Vec::new();
    let read = app.store().read(|view| {
        view.audit_lines(&mut |line| {
            lines.push(line.canonical);
            ControlFlow::Continue(())
        })
    });
    read.unwrap();
    let told: Vec<_> = lines
        .iter()
        .filter(|line| line.contains("operation=aftaler:v1/"))
        .collect();
    assert_eq!(told.len(), 3, "{told:?}");
    for (line, named) in
        told.iter()
            .zip(["anmodning 1-1,", "aftale 1-1,anmodning 2-2,", "aftale 2-2,"])
    {
        assert!(line.contains(&format!("tilslutning={named}")), "{line}");
    }
    let all = lines.concat();
    assert!(!all.contains("leverandør") && !all.contains("Databehandler") && !all.contains("maj"));
    verified(app).await;
}

#[tokio::test]
async fn a_request_is_told_why_it_can_never_work() {
    let (app, system, kommune) = world().await;
    app.organisation(OWNER, OrgKind::PrivatEjer).await;
    let top = {
        let message = write("InsertDaginstitution", &[institution("Solsikken", 751)]);
        kommune.import_v2(message).ok().await.number()
    };
    let numbers = |part: &str, of: Value, list: &[&str]| json!({ part: of, "omfang": "institutionsnumre", "numre": list });
    let many: Vec<_> = (0..1001)
        .map(|n| format!("{:010}", 1_000_000_000 + n))
        .collect();
    for (wish, expected) in [
        (json!({ "kommune": 751, "til": "2020-01-01" }), "DTR5418"),
        (
            json!({ "kommune": 751, "fra": "2999-02-01", "til": "2999-01-01" }),
            "DTR5418",
        ),
        (json!({ "ejer": AARHUS }), "DTR5421"),
        (numbers("kommune", json!(751), &["G99999"]), "DTR5422"),
        (numbers("kommune", json!(101), &[&top]), "DTR5422"),
        (numbers("ejer", json!(OWNER), &[&top]), "DTR5422"),
        (
            json!({ "kommune": 751, "omfang": "pNumre", "numre": many }),
            "DTR5419",
        ),
    ] {
        let told = post(&system, REQUESTS, json!({ "anmodninger": [&wish] })).await;
        assert_eq!(
            (results(&told), &told["status"]),
            (vec![expected.to_owned()], &json!("AFVIST")),
            "{wish}"
        );
    }
    // A consumer's system may read, and ask for no more.
    app.system("aftager", "99200022").await;
    let consumer = app.caller("aftager");
    let told = post(&consumer, REQUESTS, asks(751)).await;
    assert_eq!(results(&told), ["DTR5420"]);
    let reads = json!({ "anmodninger": [{ "kommune": 751, "tjeneste": "eksport" }] });
    assert_eq!(results(&post(&consumer, REQUESTS, reads).await), ["OK"]);
    // Nothing was kept of what was refused.
    assert_eq!(got(&system, REQUESTS).await["anmodninger"], json!([]));
    verified(app).await;
}

#[tokio::test]
async fn what_is_asked_or_agreed_already_is_not_asked_again() {
    let (app, system, kommune) = world().await;
    let of = |list: &[&str]| json!({ "kommune": 751, "omfang": "pNumre", "numre": list });
    let ask = |wish: Value| post(&system, REQUESTS, json!({ "anmodninger": [wish] }));
    assert_eq!(
        results(&ask(of(&["1975100011", "1975100012"])).await),
        ["OK"]
    );
    assert_eq!(results(&ask(of(&["1975100012"])).await), ["DTR5413"]);
    assert_eq!(
        results(&ask(of(&["1975100012", "1975100013"])).await),
        ["OK"]
    );
    // Two in one message are judged one after the other.
    let twice = json!({ "anmodninger": [{ "kommune": 101 }, { "kommune": 101 }] });
    let told = post(&system, REQUESTS, twice).await;
    assert_eq!(
        (results(&told), &told["status"]),
        (vec!["OK".into(), "DTR5413".into()], &json!("DELVIS"))
    );
    post(&kommune, SETTLEMENTS, settles("ANM-1", "GODKENDT")).await;
    assert_eq!(results(&ask(of(&["1975100011"])).await), ["DTR5414"]);
    // Another system may ask for the same; it is refused where it would be approved.
    app.system("lev-andet-p", VENDOR).await;
    let other = app.caller("lev-andet-p");
    let told = post(
        &other,
        REQUESTS,
        json!({ "anmodninger": [of(&["1975100011"])] }),
    )
    .await;
    let id = told["resultater"][0]["anmodning"]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(
        results(&post(&kommune, SETTLEMENTS, settles(&id, "GODKENDT")).await),
        ["DTR5423"]
    );
    // Ending the other in the way is possible in the meantime.
    post(&kommune, ENDINGS, json!({ "aftaler": ["AFT-1"] })).await;
    assert_eq!(
        results(&post(&kommune, SETTLEMENTS, settles(&id, "GODKENDT")).await),
        ["OK"]
    );
    // What was settled stays so, and what has ended has.
    assert_eq!(
        results(&post(&kommune, SETTLEMENTS, settles(&id, "AFVIST")).await),
        ["DTR5411"]
    );
    assert_eq!(
        results(&post(&kommune, ENDINGS, json!({ "aftaler": ["AFT-1", "AFT-9"] })).await),
        ["DTR5417", "DTR5416"]
    );
    verified(app).await;
}

/// Who may do what: OK, or the code that each is told. The vendor's system has asked Aarhus, the owner, and Aarhus for two
/// P-numbers.
const MATRIX: &[(&str, &str, [&str; 3])] = &[
    ("kommune", "GODKENDT", ["OK", "DTR5410", "OK"]),
    ("kommune", "AFVIST", ["OK", "DTR5410", "OK"]),
    ("kommune2", "GODKENDT", ["DTR5410", "DTR5410", "DTR5410"]),
    ("kommune2", "AFVIST", ["DTR5410", "DTR5410", "DTR5410"]),
    ("ejer", "GODKENDT", ["DTR5410", "OK", "DTR5410"]),
    ("ejer", "AFVIST", ["DTR5410", "OK", "DTR5410"]),
    ("ejer2", "GODKENDT", ["DTR5410", "DTR5410", "DTR5410"]),
    ("operatoer", "GODKENDT", ["OK", "OK", "OK"]),
    ("operatoer", "AFVIST", ["OK", "OK", "OK"]),
    ("leverandoer", "GODKENDT", ["DTR5407", "DTR5407", "DTR5407"]),
    ("lev-aftale", "GODKENDT", ["DTR5407", "DTR5407", "DTR5407"]),
    ("lev-aftale", "TRUKKET", ["OK", "OK", "OK"]),
    ("lev-andet-p", "TRUKKET", ["DTR5410", "DTR5410", "DTR5410"]),
    ("kommune", "TRUKKET", ["DTR5406", "DTR5406", "DTR5406"]),
    ("aftager", "AFVIST", ["DTR5407", "DTR5407", "DTR5407"]),
    (
        "uregistreret",
        "GODKENDT",
        ["DTR1014", "DTR1014", "DTR1014"],
    ),
    ("lukket", "GODKENDT", ["DTR1015", "DTR1015", "DTR1015"]),
];

#[tokio::test]
async fn who_may_settle_a_request_is_a_table() {
    let (app, system, _) = world().await;
    app.system("lev-andet-p", VENDOR).await;
    for owner in [OWNER, "99500049"] {
        app.organisation(owner, OrgKind::PrivatEjer).await;
    }
    let wishes = json!({ "anmodninger": [
        { "kommune": 751 },
        { "ejer": OWNER },
        { "kommune": 751, "tjeneste": "eksport", "omfang": "pNumre", "numre": ["1975100011", "1975100012"] },
    ] });
    assert_eq!(
        results(&post(&system, REQUESTS, wishes).await),
        ["OK", "OK", "OK"]
    );
    for (who, how, expected) in MATRIX {
        let caller = app.caller(who);
        for (id, expected) in ["ANM-1", "ANM-2", "ANM-3"].iter().zip(expected) {
            let mut body = settles(id, how);
            if *who == "operatoer" {
                body["sagsnummer"] = json!("SAG-1");
            }
            // Tried alone: each row finds the same requests.
            let response = sent(
                &caller,
                &format!("{SETTLEMENTS}?proeve=true"),
                &[],
                &body.to_string(),
            )
            .await;
            let told = value(&response);
            let found = match response.status.as_u16() {
                200 => results(&told),
                _ => codes(&told),
            };
            assert_eq!(found, [*expected], "{who} {how} {id}: {told}");
        }
    }
    // What a stranger is told of a request that is not its, it is told of one that is not there.
    let stranger = app.kommune2();
    let of = |id: &'static str| post(&stranger, SETTLEMENTS, settles(id, "AFVIST"));
    let (foreign, none) = (of("ANM-1").await, of("ANM-9").await);
    let text = |told: &Value| told["resultater"].to_string();
    assert_eq!(text(&foreign).replace("ANM-1", "ANM-9"), text(&none));
    // Nobody's list has what is not theirs.
    for (who, ids) in [
        ("kommune", vec!["ANM-1", "ANM-3"]),
        ("kommune2", vec![]),
        ("ejer", vec!["ANM-2"]),
        ("operatoer", vec!["ANM-1", "ANM-2", "ANM-3"]),
        ("lev-aftale", vec!["ANM-1", "ANM-2", "ANM-3"]),
        ("lev-andet-p", vec![]),
        ("leverandoer", vec!["ANM-1", "ANM-2", "ANM-3"]),
        ("aftager", vec![]),
    ] {
        let told = got(&app.caller(who), REQUESTS).await;
        let all = told["anmodninger"].as_array().unwrap();
        let found: Vec<_> = all.iter().map(|own| own["id"].as_str().unwrap()).collect();
        assert_eq!(found, ids, "{who}");
    }
    verified(app).await;
}

#[tokio::test]
async fn nobody_approves_a_system_of_their_own_organisation() {
    let app = TestApp::start().await;
    // Aarhus has a system of its own, which acts by another certificate of it.
    app.system("oces2", AARHUS).await;
    let system = app.caller("oces2");
    assert_eq!(results(&post(&system, REQUESTS, asks(751)).await), ["OK"]);
    let told = post(&app.kommune(), SETTLEMENTS, settles("ANM-1", "GODKENDT")).await;
    assert_eq!(results(&told), ["DTR5412"]);
    // As a system it has that system's rights alone.
    let (status, codes) = refused(
        &system,
        SETTLEMENTS,
        &settles("ANM-1", "GODKENDT").to_string(),
    )
    .await;
    assert_eq!((status, codes), (403, vec!["DTR5407".to_owned()]));
    // It may say no, and the operator may say yes, with a case number.
    let operator = app.operatoer();
    let (status, codes) = refused(
        &operator,
        SETTLEMENTS,
        &settles("ANM-1", "GODKENDT").to_string(),
    )
    .await;
    assert_eq!((status, codes), (400, vec!["DTR5408".to_owned()]));
    let mut body = settles("ANM-1", "GODKENDT");
    body["sagsnummer"] = json!("SAG-17");
    assert_eq!(results(&post(&operator, SETTLEMENTS, body).await), ["OK"]);
    verified(app).await;
}

#[tokio::test]
async fn who_has_a_p_number_decides_over_what_names_its_places_alone() {
    let (app, _, kommune) = world().await;
    let top = write("InsertDaginstitution", &[institution("Solsikken", 751)]);
    let top = kommune.import_v2(top).ok().await.number();
    let mut units = Vec::new();
    for p in ["1975100011", "1975100011", "1975100012"] {
        let record = unit(&top, "Stue").replace("1975100001", p);
        let made = kommune
            .import_v2(write("InsertAnvisningsEnhed", &[record]))
            .ok()
            .await;
        units.push(made.number());
    }
    let extra = write("InsertAlternativAdresse", &[address(&units[0], "Skoven")]);
    let extra = kommune.import_v2(extra).ok().await.number();
    let cvr = |text: &str| Cvr::parse(text).unwrap();
    let own = |numbers: &[&str], acts_for: &str| {
        let place = |text: &&str| Covers::PNummer(PNummer::parse(text).unwrap(), cvr(acts_for));
        Decider {
            covers: numbers.iter().map(place).collect(),
            ..Decider::console()
        }
    };
    let (aarhus, owner) = (Part::Kommune(Kommunekode(751)), Part::Ejer(cvr(OWNER)));
    let names = |list: &[&str]| institutions(list);
    let shared = [units[0].as_str(), units[1].as_str()];
    app.store()
        .read(|view| {
            for (decider, part, omfang, decides) in [
                (own(&["1975100011"], OWNER), aarhus, Omfang::Alle, false),
                (
                    own(&["1975100011"], OWNER),
                    aarhus,
                    p_numbers(&["1975100011"]),
                    true,
                ),
                (
                    own(&["1975100011"], OWNER),
                    aarhus,
                    p_numbers(&["1975100011", "1975100012"]),
                    false,
                ),
                (
                    own(&["1975100011", "1975100012"], OWNER),
                    aarhus,
                    p_numbers(&["1975100011", "1975100012"]),
                    true,
                ),
                // A number that several units have is all of theirs, and reaches what stands under them.
                (own(&["1975100011"], OWNER), aarhus, names(&shared), true),
                (own(&["1975100011"], OWNER), aarhus, names(&[&extra]), true),
                (
                    own(&["1975100011"], OWNER),
                    aarhus,
                    names(&[&units[2]]),
                    false,
                ),
                (
                    own(&["1975100011"], OWNER),
                    aarhus,
                    names(&[&units[0], &units[2]]),
                    false,
                ),
                // What has no P-number of its own is nobody's by one.
                (own(&["1975100011"], OWNER), aarhus, names(&[&top]), false),
                (
                    own(&["1975100011"], OWNER),
                    aarhus,
                    names(&["G99999"]),
                    false,
                ),
                // An owner's agreement is that owner's to give.
                (
                    own(&["1975100011"], OWNER),
                    owner,
                    p_numbers(&["1975100011"]),
                    true,
                ),
                (
                    own(&["1975100011"], AARHUS),
                    owner,
                    p_numbers(&["1975100011"]),
                    false,
                ),
                (own(&[], OWNER), aarhus, p_numbers(&["1975100011"]), false),
            ] {
                let found = decider.decides(view, part, &omfang)?;
                assert_eq!(found, decides, "{:?} {part:?} {omfang:?}", decider.covers);
            }
            let parts = own(&["1975100011"], OWNER).parts(view)?;
            assert_eq!(parts, [owner, aarhus]);
            Ok(())
        })
        .unwrap();
}

#[tokio::test]
async fn a_dry_run_tells_the_effects_and_stores_nothing() {
    let (app, system, kommune) = world().await;
    let top = {
        let message = write("InsertDaginstitution", &[institution("Solsikken", 751)]);
        kommune.import_v2(message).ok().await.number()
    };
    for name in ["Rød", "Blå"] {
        let message = write("InsertAnvisningsEnhed", &[unit(&top, name)]);
        kommune.import_v2(message).ok().await;
    }
    let asked = tried(&system, REQUESTS, asks(751)).await;
    assert_eq!(
        (&asked["proeve"], results(&asked)),
        (&json!(true), vec!["OK".to_owned()])
    );
    assert_eq!(asked["resultater"][0]["anmodning"].get("id"), None);
    assert_eq!(got(&system, REQUESTS).await["anmodninger"], json!([]));
    // Both units have one P-number: an agreement about it is one about both.
    let shared =
        json!({ "anmodninger": [{ "kommune": 751, "omfang": "pNumre", "numre": ["1975100001"] }] });
    post(&system, REQUESTS, shared).await;
    let told = tried(&kommune, SETTLEMENTS, settles("ANM-1", "GODKENDT")).await;
    let effect = &told["virkninger"][0];
    assert_eq!(
        (&effect["virkning"], &effect["antal"]),
        (&json!("BEGYNDER"), &json!(2))
    );
    assert_eq!(told["resultater"][0]["anmodning"].get("aftale"), None);
    assert_eq!(got(&kommune, AGREEMENTS).await["aftaler"], json!([]));
    // Carried out, and a write later, its end tells since when the system writes.
    post(&kommune, SETTLEMENTS, settles("ANM-1", "GODKENDT")).await;
    let units = effect["numre"].as_array().unwrap();
    let number = units[0].as_str().unwrap();
    let change = unit_update(number, "", &unit_fields(&top, "Rød stue"));
    system
        .import_v2(write("UpdateAnvisningsEnhed", &[change]))
        .ok()
        .await;
    let told = tried(&kommune, ENDINGS, json!({ "aftaler": ["AFT-1"] })).await;
    let effect = &told["virkninger"][0];
    assert_eq!(
        (&effect["virkning"], &effect["antal"]),
        (&json!("STANDSER"), &json!(2))
    );
    assert_eq!(effect["system"]["navn"], "System lev-aftale");
    assert_eq!(effect["part"]["kommune"], 751);
    assert!(effect["sidsteSkrivning"].is_string(), "{effect}");
    assert_eq!(effect["foersteSkrivning"], effect["sidsteSkrivning"]);
    // Where another agreement of the system holds on, its end stops nothing.
    let all = json!({ "anmodninger": [{ "kommune": 751 }] });
    post(&system, REQUESTS, all).await;
    post(&kommune, SETTLEMENTS, settles("ANM-2", "GODKENDT")).await;
    let told = tried(&kommune, ENDINGS, json!({ "aftaler": ["AFT-1"] })).await;
    assert_eq!(told["virkninger"][0]["antal"], 0);
    let told = tried(&kommune, ENDINGS, json!({ "aftaler": ["AFT-1", "AFT-2"] })).await;
    let counts: Vec<_> = told["virkninger"]
        .as_array()
        .unwrap()
        .iter()
        .map(|own| own["antal"].clone())
        .collect();
    assert_eq!(counts, [json!(2), json!(3)]);
    // A stranger is told of no effect.
    let told = tried(&app.kommune2(), ENDINGS, json!({ "aftaler": ["AFT-1"] })).await;
    assert_eq!(
        (results(&told), &told["virkninger"]),
        (vec!["DTR5416".to_owned()], &json!([]))
    );
    verified(app).await;
}

#[tokio::test]
async fn the_same_key_and_message_get_the_stored_answer() {
    let (app, system, _) = world().await;
    let key = [("Idempotency-Key", "\"n-1\"")];
    let send = |body: Value| {
        let (system, text) = (&system, body.to_string());
        async move { sent(system, REQUESTS, &key, &text).await }
    };
    let first = send(asks(751)).await;
    let again = send(asks(751)).await;
    assert_eq!((first.status.as_u16(), &first.body), (200, &again.body));
    let other = send(asks(101)).await;
    assert_eq!(
        (other.status.as_u16(), codes(&value(&other))),
        (400, vec!["DTR3012".to_owned()])
    );
    // SOAP and this have one space of names.
    let message = write("InsertDaginstitution", &[institution("Ny", 751)]);
    assert_eq!(
        system.import_v2(message).message_id("n-1").fault(500).await,
        "DTR3012"
    );
    assert_eq!(
        got(&system, REQUESTS).await["anmodninger"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    verified(app).await;
}

#[tokio::test]
async fn five_hundred_are_settled_and_ended_at_once() {
    let (app, system, kommune) = world().await;
    let wish = |n: usize| json!({ "kommune": 751, "omfang": "pNumre", "numre": [format!("{:010}", 1_975_200_000 + n)] });
    let wishes: Vec<_> = (0..500).map(wish).collect();
    let told = post(&system, REQUESTS, json!({ "anmodninger": wishes })).await;
    assert_eq!(results(&told), vec!["OK"; 500]);
    // A page has an end, and goes on.
    let (mut after, mut seen) = (String::new(), 0);
    loop {
        let page = got(&kommune, &format!("{REQUESTS}?antal=200{after}")).await;
        seen += page["anmodninger"].as_array().unwrap().len();
        match page["naeste"].as_str() {
            Some(next) => after = format!("&efter={next}"),
            None => break,
        }
    }
    assert_eq!(seen, 500);
    let all = |how: &str| {
        let one = |n| json!({ "anmodning": format!("ANM-{n}"), "afgoerelse": how });
        let all: Vec<_> = (1..=500).map(one).collect();
        json!({ "afgoerelser": all, "kommentar": "Samlet svar" })
    };
    let told = post(&kommune, SETTLEMENTS, all("GODKENDT")).await;
    assert_eq!(
        (results(&told), &told["status"]),
        (vec!["OK".to_owned(); 500], &json!("OK"))
    );
    let told = post(&kommune, SETTLEMENTS, all("AFVIST")).await;
    assert_eq!(
        (results(&told), &told["status"]),
        (vec!["DTR5411".to_owned(); 500], &json!("AFVIST"))
    );
    let ids: Vec<_> = (1..=500).map(|n| format!("AFT-{n}")).collect();
    let told = post(&kommune, ENDINGS, json!({ "aftaler": ids })).await;
    assert_eq!(results(&told), vec!["OK"; 500]);
    verified(app).await;
}

#[tokio::test]
async fn a_message_that_is_not_as_described_is_told_what_and_where() {
    let (app, system, kommune) = world().await;
    for (path, body, status, expected) in [
        (REQUESTS, "{", 400, "DTR5402"),
        (REQUESTS, "\u{1}", 400, "DTR5402"),
        (REQUESTS, "{}", 400, "DTR5403"),
        (
            REQUESTS,
            r#"{"anmodninger":[{"kommune":"751"}]}"#,
            400,
            "DTR5403",
        ),
        (
            REQUESTS,
            r#"{"anmodninger":[{"kommune":751,"andet":1}]}"#,
            400,
            "DTR5403",
        ),
        (
            REQUESTS,
            r#"{"anmodninger":[{"kommune":751,"kommune":751}]}"#,
            400,
            "DTR5403",
        ),
        (REQUESTS, r#"{"anmodninger":[]}"#, 400, "DTR5405"),
        (REQUESTS, r#"{"anmodninger":[{}]}"#, 400, "DTR5404"),
        (
            REQUESTS,
            r#"{"anmodninger":[{"kommune":999}]}"#,
            400,
            "DTR5404",
        ),
        (
            REQUESTS,
            r#"{"anmodninger":[{"kommune":751,"numre":["G30001"]}]}"#,
            400,
            "DTR5404",
        ),
        (
            REQUESTS,
            r#"{"anmodninger":[{"kommune":751}],"kommentar":"a\u0007"}"#,
            400,
            "DTR5404",
        ),
        (
            SETTLEMENTS,
            r#"{"afgoerelser":[{"anmodning":"1","afgoerelse":"AFVIST"}]}"#,
            400,
            "DTR5404",
        ),
        (
            SETTLEMENTS,
            r#"{"afgoerelser":[{"anmodning":"ANM-1","afgoerelse":"VENTER"}]}"#,
            400,
            "DTR5404",
        ),
        (ENDINGS, r#"{"aftaler":["ANM-1"]}"#, 400, "DTR5404"),
    ] {
        assert_eq!(
            refused(&system, path, body).await,
            (status, vec![expected.to_owned()]),
            "{body}"
        );
    }
    // All that is wrong with the values is told at once, each with its path.
    let body = json!({ "anmodninger": [
        { "ejer": "1", "tjeneste": "andet", "fra": "i dag" },
        { "kommune": 751, "omfang": "pNumre", "numre": ["1975100011", "x"] },
    ] });
    let response = sent(&system, REQUESTS, &[], &body.to_string()).await;
    let told = value(&response);
    let paths: Vec<_> = told["fejl"]
        .as_array()
        .unwrap()
        .iter()
        .map(|own| own["sti"].as_str().unwrap())
        .collect();
    assert_eq!(
        paths,
        [
            "/anmodninger/0/ejer",
            "/anmodninger/0/tjeneste",
            "/anmodninger/0/fra",
            "/anmodninger/1/numre/1"
        ]
    );
    // What HTTP refuses is JSON here too.
    let at = |method: Method, path: &'static str, kind: &'static str, body: Vec<u8>| {
        let system = &system;
        async move {
            let headers = [("Content-Type", kind)];
            let response = system.request(method, path, &headers, body).await.unwrap();
            let shown = response
                .header("content-type")
                .unwrap_or_default()
                .to_owned();
            assert_eq!(shown, "application/json", "{path}");
            (response.status.as_u16(), codes(&value(&response)))
        }
    };
    let json = "application/json";
    let large = vec![b' '; (1 << 20) + 1];
    for (method, path, kind, body, status, expected) in [
        (Method::GET, SETTLEMENTS, json, vec![], 405, "DTR1002"),
        (Method::DELETE, REQUESTS, json, vec![], 405, "DTR1002"),
        (Method::POST, AGREEMENTS, json, vec![], 405, "DTR1002"),
        (
            Method::POST,
            REQUESTS,
            "text/xml",
            b"{}".to_vec(),
            415,
            "DTR5401",
        ),
        (Method::POST, REQUESTS, json, large, 413, "DTR1003"),
        (
            Method::GET,
            "/aftaler/v2/anmodninger",
            json,
            vec![],
            404,
            "DTR1001",
        ),
        (
            Method::GET,
            "/aftaler/v1/anmodninger?stand=NY",
            json,
            vec![],
            400,
            "DTR1008",
        ),
        (
            Method::GET,
            "/aftaler/v1/anmodninger?antal=501",
            json,
            vec![],
            400,
            "DTR1008",
        ),
        (
            Method::GET,
            "/aftaler/v1/aftaler?andet=1",
            json,
            vec![],
            400,
            "DTR1008",
        ),
        (
            Method::POST,
            "/aftaler/v1/anmodninger?proeve=ja",
            json,
            b"{}".to_vec(),
            400,
            "DTR1008",
        ),
    ] {
        let found = at(method, path, kind, body).await;
        assert_eq!(found, (status, vec![expected.to_owned()]), "{path}");
    }
    // The public listener has the description, and nothing else of it.
    let public = app.anyone();
    let described = public
        .send(
            Method::GET,
            &app.public("/aftaler/v1/openapi.json"),
            &[],
            hyper::body::Bytes::new(),
        )
        .await
        .unwrap();
    assert_eq!(described.status, 200);
    let hidden = public
        .send(
            Method::GET,
            &app.public(REQUESTS),
            &[],
            hyper::body::Bytes::new(),
        )
        .await
        .unwrap();
    assert_eq!(hidden.status, 404);
    drop(kommune);
    verified(app).await;
}

#[tokio::test]
async fn no_system_has_more_requests_waiting_than_it_may() {
    let (app, system, _) = world().await;
    for round in 0..4 {
        let wish = |n: usize| json!({ "kommune": 751, "omfang": "pNumre", "numre": [format!("{:010}", 1_975_300_000 + 500 * round + n)] });
        let wishes: Vec<_> = (0..500).map(wish).collect();
        let told = post(&system, REQUESTS, json!({ "anmodninger": wishes })).await;
        assert_eq!(told["status"], "OK");
    }
    assert_eq!(
        results(&post(&system, REQUESTS, asks(101)).await),
        ["DTR5415"]
    );
    verified(app).await;
}

#[test]
fn the_description_has_each_path_and_no_other() {
    let text = include_str!("../../src/gateway/agreements/openapi.json");
    let described: Value = serde_json::from_str(text).unwrap();
    assert_eq!(described["openapi"], "3.1.0");
    let paths: Vec<_> = described["paths"]
        .as_object()
        .unwrap()
        .keys()
        .cloned()
        .collect();
    let mut served: Vec<_> = SURFACE
        .iter()
        .filter(|endpoint| endpoint.word == "aftaler")
        .filter_map(Endpoint::path)
        .map(str::to_owned)
        .collect();
    served.sort();
    assert_eq!(paths, served);
    // Each reference names something.
    for piece in text.split("\"#/").skip(1) {
        let pointer = format!("/{}", piece.split('"').next().unwrap());
        assert!(described.pointer(&pointer).is_some(), "{pointer}");
    }
}
