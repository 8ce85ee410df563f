//! What persons do on the pages behind the sign-in, in a browser: agreements are answered and ended there.

use std::ops::ControlFlow;

use dtr::client::Response;
use dtr::register::{AnmodningId, Cvr, RequestState, System, SystemId, Tidspunkt};
use dtr::store::{Anmodninger, Organisation, Outcome, Right, StoreExt};
use hyper::Method;
use serde_json::{Value, json};

use crate::login::{Visitor, value};
use crate::support::messages::*;
use crate::support::tilslutning::administers;
use crate::support::{Caller, TestApp};

const VENDOR: &str = "99100028";
const AARHUS: &str = "55133018";
const LIST: &str = "/mit/aftaler";

/// The demonstration with a system of the vendor, and a browser in which a person has signed in.
async fn world(person: &str) -> (Visitor, Caller) {
    let app = TestApp::demonstration().await;
    app.system("lev-aftale", VENDOR).await;
    let system = app.caller("lev-aftale");
    let visitor = Visitor::new(app);
    visitor.sign_in(person).await;
    (visitor, system)
}

/// A system asks.
async fn ask(caller: &Caller, wishes: Value) {
    let body = json!({ "anmodninger": wishes }).to_string();
    let headers = [("Content-Type", "application/json")];
    let path = "/aftaler/v1/anmodninger";
    let answered = caller.request(Method::POST, path, &headers, body).await;
    let answered = answered.unwrap();
    assert!(
        answered.text().contains("\"status\":\"OK\""),
        "{}",
        answered.text()
    );
}

async fn page(visitor: &Visitor, path: &str) -> String {
    let answer = visitor.send(path, None, &[]).await;
    let text = answer.text().into_owned();
    assert_eq!(answer.status.as_u16(), 200, "{text}");
    text
}

/// Posts fields with the token of the page.
async fn post(visitor: &Visitor, path: &str, token: &str, fields: &str) -> Response {
    let form = format!("token={token}&{fields}");
    visitor.send(path, Some(&form), &[]).await
}

/// Chooses in the list: the page that shows what would happen.
async fn choose(visitor: &Visitor, path: &str, fields: &str) -> String {
    let token = value(&page(visitor, path).await, "token");
    let shown = post(visitor, path, &token, fields).await;
    let text = shown.text().into_owned();
    assert_eq!(shown.status.as_u16(), 200, "{text}");
    text
}

/// Confirms what such a page shows.
async fn confirm(visitor: &Visitor, path: &str, shown: &str, fields: &str) -> String {
    let fields = format!("{fields}&vist={}", value(shown, "vist"));
    let done = post(visitor, path, &value(shown, "token"), &fields).await;
    done.text().into_owned()
}

fn state(visitor: &Visitor, id: u32) -> RequestState {
    let which = Anmodninger::en(AnmodningId(id));
    let found = visitor.app.store().read(|view| view.anmodninger(&which));
    found.unwrap().pop().unwrap().state
}

fn waits(visitor: &Visitor, id: u32) -> bool {
    state(visitor, id) == RequestState::Venter
}

/// Changes the register behind the server.
async fn change(app: &TestApp, right: impl FnOnce() -> Organisation + Send + 'static) {
    let written = app.store().write(move |tx| {
        let line = administers().line(Vec::new());
        tx.save_rights(&[Right::Organisation(&right())], &line)?;
        Ok(Outcome::Keep(()))
    });
    written.unwrap().await.unwrap().unwrap();
}

#[tokio::test]
async fn a_person_approves_the_system_writes_and_is_ended() {
    let (visitor, system) = world("kommune").await;
    let kommune = visitor.app.kommune();
    let message = |name| write("InsertDaginstitution", &[institution(name, 751)]);
    kommune.import_v2(message("Gammel")).ok().await;
    ask(&system, json!([{ "kommune": 751 }])).await;
    let listed = page(&visitor, LIST).await;
    assert!(
        listed.contains("value=\"ANM-1\"") && listed.contains("System lev-aftale (SYS-1)"),
        "{listed}"
    );
    let fields = "handling=godkend&valg=ANM-1&kommentar=Efter+aftale%0D%0A17";
    let shown = choose(&visitor, LIST, fields).await;
    for told in [
        "begynder at",
        "1 åben post",
        "Aarhus (751)",
        "har ikke skrevet",
        "Efter aftale",
    ] {
        assert!(shown.contains(told), "{told} is not in {shown}");
    }
    // Shown is not done.
    assert!(waits(&visitor, 1));
    assert_eq!(system.import_v2(message("Ny")).refused().await, ["DTR5017"]);
    let done = confirm(&visitor, LIST, &shown, fields).await;
    assert!(done.contains("godkendt: AFT-1"), "{done}");
    let made = system.import_v2(message("Ny")).ok().await.number();
    // The same form again, as a browser sends it when the page is loaded anew.
    let again = confirm(&visitor, LIST, &shown, fields).await;
    assert!(
        again.contains("DTR5411") && again.contains("Intet er gjort"),
        "{again}"
    );

    let fields = "handling=afslut&valg=AFT-1&kommentar=Slut";
    let shown = choose(&visitor, LIST, fields).await;
    for told in [
        "holder op med at",
        "2 åbne poster",
        "har skrevet i dem siden",
        &made,
    ] {
        assert!(shown.contains(told), "{told} is not in {shown}");
    }
    let done = confirm(&visitor, LIST, &shown, fields).await;
    assert!(done.contains("afsluttet"), "{done}");
    assert_eq!(system.import_v2(message("Ny")).refused().await, ["DTR5017"]);
    // What has ended is shown on demand, with who did it.
    assert!(!page(&visitor, LIST).await.contains("AFT-1"));
    let ended = page(&visitor, "/mit/aftaler?stand=afsluttet").await;
    assert!(
        ended.contains("AFT-1") && ended.contains("afsluttet af kommune 751"),
        "{ended}"
    );
    assert!(
        ended.contains("Karen Kontor, ") && ended.contains("<q>Slut</q>"),
        "{ended}"
    );
    assert!(
        page(&visitor, "/en/mit/aftaler?stand=afgjort")
            .await
            .contains("approved → AFT-1")
    );

    // The chain names the person by pseudonym, and neither name nor comment.
    let mut lines = Vec::new();
    let read = visitor.app.store().read(|view| {
        view.audit_lines(&mut |line| {
            lines.push(line.canonical);
            ControlFlow::Continue(())
        })
    });
    read.unwrap();
    let own: Vec<_> = lines
        .iter()
        .filter(|line| line.contains("operation=mit/aftaler"))
        .collect();
    assert_eq!(own.len(), 2, "{own:?}");
    for line in own {
        assert!(line.contains("person=") && line.contains(AARHUS), "{line}");
    }
    let all = lines.concat();
    assert!(!all.contains("Karen") && !all.contains("Efter aftale") && !all.contains("Slut"));
}

#[tokio::test]
async fn nobody_approves_a_system_of_their_own_organisation() {
    let app = TestApp::demonstration().await;
    app.system("kommune", AARHUS).await;
    ask(&app.kommune(), json!([{ "kommune": 751 }])).await;
    let visitor = Visitor::new(app);
    visitor.sign_in("kommune").await;
    let fields = "handling=godkend&valg=ANM-1";
    let shown = choose(&visitor, LIST, fields).await;
    assert!(
        shown.contains("DTR5412") && !shown.contains("Godkend nu"),
        "{shown}"
    );
    // Confirmed without having been offered.
    let token = value(&page(&visitor, LIST).await, "token");
    for shown in ["x", ""] {
        let fields = format!("{fields}&vist={shown}");
        let bent = post(&visitor, LIST, &token, &fields).await;
        assert!(bent.text().contains("DTR5412"), "{}", bent.text());
    }
    assert!(waits(&visitor, 1));
    // Refusing it lets nobody in.
    let fields = "handling=afvis&valg=ANM-1";
    let shown = choose(&visitor, LIST, fields).await;
    confirm(&visitor, LIST, &shown, fields).await;
    assert!(matches!(state(&visitor, 1), RequestState::Afvist(_)));
}

#[tokio::test]
async fn what_asks_others_is_unseen_and_cannot_be_settled_by_a_bent_form() {
    for (person, own) in [
        ("kommune", json!({ "kommune": 751 })),
        ("ejer", json!({ "ejer": "99400013" })),
    ] {
        let (visitor, system) = world(person).await;
        ask(&system, json!([{ "kommune": 101 }, own])).await;
        let listed = page(&visitor, LIST).await;
        assert!(!listed.contains("ANM-1"), "{person}: {listed}");
        assert!(listed.contains("value=\"ANM-2\""), "{person}: {listed}");
        let token = value(&listed, "token");
        for handling in ["godkend", "afvis"] {
            let own = format!("handling={handling}&valg=ANM-1");
            let shown = post(&visitor, LIST, &token, &own).await;
            let shown = shown.text().into_owned();
            assert!(shown.contains("DTR5410"), "{shown}");
            // One that there is not is told the same.
            let none = own.replace("ANM-1", "ANM-99");
            let none = post(&visitor, LIST, &token, &none).await;
            assert_eq!(shown, none.text().replace("ANM-99", "ANM-1"));
            let confirmed = format!("{own}&vist={}", sha256_of_nothing());
            let done = post(&visitor, LIST, &token, &confirmed).await;
            assert!(done.text().contains("DTR5410"), "{}", done.text());
        }
        assert!(waits(&visitor, 1));
    }
}

/// What names effects that are none.
fn sha256_of_nothing() -> &'static str {
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
}

#[tokio::test]
async fn a_form_needs_its_own_pages_token() {
    let (visitor, system) = world("kommune").await;
    ask(&system, json!([{ "kommune": 751 }])).await;
    let sign_out = value(&page(&visitor, "/mit").await, "token");
    let english = value(&page(&visitor, "/en/mit/aftaler").await, "token");
    let own = value(&page(&visitor, LIST).await, "token");
    let fields = format!("handling=afvis&valg=ANM-1&vist={}", sha256_of_nothing());
    for token in [
        "",
        "AAAA",
        &sign_out,
        &english,
        &format!("{own}&token={own}"),
    ] {
        let refused = post(&visitor, LIST, token, &fields).await;
        assert_eq!(refused.status.as_u16(), 403, "{token}");
        assert!(refused.text().contains("DTR1070"), "{}", refused.text());
    }
    let form = format!("token={own}&{fields}");
    let forged = visitor.send(LIST, Some(&form), &[("origin", "https://evil.example")]);
    assert!(forged.await.text().contains("DTR1070"));
    assert!(waits(&visitor, 1));
    for bad in [
        "handling=slet&valg=ANM-1",
        "handling=godkend",
        "handling=afslut&valg=ANM-1",
    ] {
        let refused = post(&visitor, LIST, &own, bad).await;
        assert_eq!(refused.status.as_u16(), 400, "{bad}");
    }
}

#[tokio::test]
async fn what_changes_before_it_is_confirmed_is_told_and_nothing_is_done() {
    let (visitor, system) = world("kommune").await;
    let kommune = visitor.app.kommune();
    let message = |name| write("InsertDaginstitution", &[institution(name, 751)]);
    kommune.import_v2(message("En")).ok().await;
    ask(
        &system,
        json!([{ "kommune": 751 }, { "kommune": 751, "tjeneste": "eksport" }]),
    )
    .await;
    let fields = "handling=godkend&valg=ANM-1";
    let shown = choose(&visitor, LIST, fields).await;
    kommune.import_v2(message("To")).ok().await;
    let moved = confirm(&visitor, LIST, &shown, fields).await;
    assert!(
        moved.contains("er et andet end før") && moved.contains("2 åbne poster"),
        "{moved}"
    );
    assert!(waits(&visitor, 1));
    // Somebody else settles one of two: the other is done, after it was seen.
    let both = "handling=afvis&valg=ANM-1&valg=ANM-2";
    let shown = choose(&visitor, LIST, both).await;
    let taken = json!({ "afgoerelser": [{ "anmodning": "ANM-1", "afgoerelse": "TRUKKET" }] });
    let headers = [("Content-Type", "application/json")];
    let path = "/aftaler/v1/anmodninger/afgoerelser";
    let taken = system.request(Method::POST, path, &headers, taken.to_string());
    assert_eq!(taken.await.unwrap().status, 200);
    let done = confirm(&visitor, LIST, &shown, both).await;
    assert!(
        done.contains("DTR5411") && done.contains("Det er gjort"),
        "{done}"
    );
    assert!(matches!(state(&visitor, 1), RequestState::Trukket(_)));
    assert!(matches!(state(&visitor, 2), RequestState::Afvist(_)));
}

#[tokio::test]
async fn a_right_that_ends_before_the_act_is_no_right() {
    let (visitor, system) = world("kommune").await;
    ask(&system, json!([{ "kommune": 751 }])).await;
    let fields = "handling=godkend&valg=ANM-1";
    let shown = choose(&visitor, LIST, fields).await;
    let cvr = Cvr::parse(AARHUS).unwrap();
    let known = visitor.app.store().read(|view| view.organisation(cvr));
    let closed = Organisation {
        lukket: Some(Tidspunkt::from_millis(1_767_600_000_000)),
        ..known.unwrap().unwrap()
    };
    change(&visitor.app, move || closed).await;
    let done = confirm(&visitor, LIST, &shown, fields).await;
    assert!(done.contains("DTR1071"), "{done}");
    assert!(waits(&visitor, 1));
}

#[tokio::test]
async fn who_may_only_look_sees_the_list_and_settles_nothing() {
    let (visitor, system) = world("laeser").await;
    ask(&system, json!([{ "kommune": 751 }])).await;
    let listed = page(&visitor, LIST).await;
    assert!(
        listed.contains("ANM-1") && !listed.contains("type=\"checkbox\""),
        "{listed}"
    );
    let token = value(&listed, "token");
    let refused = post(&visitor, LIST, &token, "handling=godkend&valg=ANM-1").await;
    assert_eq!(refused.status.as_u16(), 403);
    assert!(refused.text().contains("DTR1071"), "{}", refused.text());
    let console = visitor.send("/mit/drift/aftaler", None, &[]).await;
    assert_eq!(console.status.as_u16(), 403);
    assert!(waits(&visitor, 1));
}

#[tokio::test]
async fn the_operator_answers_for_all_with_a_case_number() {
    let (visitor, system) = world("operatoer").await;
    ask(&system, json!([{ "kommune": 101 }])).await;
    let path = "/mit/drift/aftaler";
    let token = value(&page(&visitor, path).await, "token");
    let fields = "handling=godkend&valg=ANM-1";
    let refused = post(&visitor, path, &token, fields).await;
    assert!(refused.text().contains("DTR5408"), "{}", refused.text());
    let fields = format!("{fields}&sagsnummer=SAG-7");
    let shown = choose(&visitor, path, &fields).await;
    assert_eq!(value(&shown, "sagsnummer"), "SAG-7");
    let done = confirm(&visitor, path, &shown, &fields).await;
    assert!(done.contains("godkendt: AFT-1"), "{done}");
    assert!(page(&visitor, path).await.contains("value=\"AFT-1\""));
}

#[tokio::test]
async fn the_list_is_filtered_and_has_pages_and_a_systems_name_is_only_a_name() {
    let (visitor, system) = world("kommune").await;
    let name = "<script>alert(1)</script>\" onload='x'";
    let written = visitor.app.store().write(move |tx| {
        let known = tx.system(SystemId(1))?.unwrap();
        let named = System {
            navn: name.to_owned(),
            ..known
        };
        tx.save_rights(&[Right::System(&named)], &administers().line(Vec::new()))?;
        Ok(Outcome::Keep(()))
    });
    written.unwrap().await.unwrap().unwrap();
    let wishes: Vec<_> = (0..55)
        .map(|n| {
            let number = format!("{}", 1_000_000_001 + n);
            json!({ "kommune": 751, "omfang": "pNumre", "numre": [number] })
        })
        .collect();
    ask(&system, json!(wishes)).await;
    let first = page(&visitor, LIST).await;
    assert_eq!(first.matches("type=\"checkbox\"").count(), 50);
    assert!(
        first.contains("side=2") && first.len() < 100_000,
        "{}",
        first.len()
    );
    let second = page(&visitor, "/mit/aftaler?side=2").await;
    assert_eq!(second.matches("type=\"checkbox\"").count(), 5);
    let shown = choose(&visitor, LIST, "handling=godkend&valg=ANM-1").await;
    for page in [&first, &second, &shown] {
        assert!(
            !page.contains("<script") && !page.contains("\" onload"),
            "{page}"
        );
        assert!(page.contains("script"));
    }
    for (query, count) in [
        ("tjeneste=eksport", 0),
        ("tjeneste=import&kommune=751&system=SYS-1", 50),
        ("system=ALERT", 50),
        ("system=andet", 0),
        ("kommune=101", 0),
        ("stand=venter&side=2", 5),
        ("stand=gaelder", 0),
    ] {
        let listed = page(&visitor, &format!("{LIST}?{query}")).await;
        assert_eq!(
            listed.matches("type=\"checkbox\"").count(),
            count,
            "{query}"
        );
    }
    for bad in ["stand=x", "tjeneste=x", "kommune=x", "side=0"] {
        let refused = visitor.send(&format!("{LIST}?{bad}"), None, &[]).await;
        assert_eq!(refused.status.as_u16(), 400, "{bad}");
    }
}
