//! The pages for persons: what they show of the register, and that nothing which comes in becomes part of a page.

use std::time::{Duration, Instant};

use dtr::client::Response;

use crate::support::TestApp;
use crate::support::messages::*;

const HTML: [(&str, &str); 1] = [("accept", "text/html")];

async fn page(app: &TestApp, path: &str) -> Response {
    app.anyone().get(&app.public(path), &HTML).await.unwrap()
}

/// The text of a page once it holds something: the search follows the register a moment behind.
async fn soon(app: &TestApp, path: &str, wanted: &str) -> String {
    let begun = Instant::now();
    loop {
        let text = page(app, path).await.text().into_owned();
        if text.contains(wanted) {
            return text;
        }
        let waited = begun.elapsed() < Duration::from_secs(60);
        assert!(waited, "{path} never has {wanted:?}: {text}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// An institution in Aarhus with two units; the first is renamed, then closed with the second in its place.
async fn register() -> TestApp {
    let app = TestApp::start().await;
    let caller = app.operatoer();
    let renamed = unit_fields("G30001", "Månestrålen");
    for (operation, record) in [
        ("InsertDaginstitution", institution("Ågården", 751)),
        ("InsertAnvisningsEnhed", unit("G30001", "Solstrålen")),
        (
            "InsertAnvisningsEnhed",
            unit("G30001", "<i>&\"Sol\"")
                .replace("<i>&", "&lt;i&gt;&amp;")
                .replace("1975100001", "1975100002"),
        ),
        ("UpdateAnvisningsEnhed", unit_update("G30002", "", &renamed)),
        (
            "DeleteAnvisningsEnhed",
            element(
                "anvisningsenhed",
                "",
                "<enhedsNummer>G30002</enhedsNummer><lukkeaarsag>sammenlagt</lukkeaarsag><afloestAf>G30003</afloestAf>",
            ),
        ),
    ] {
        caller.import_v2(write(operation, &[record])).ok().await;
    }
    app
}

#[tokio::test]
async fn a_record_is_shown_with_its_history_its_neighbours_and_as_it_was() {
    let app = register().await;
    let now = page(&app, "/institution/G30002").await.text().into_owned();
    for wanted in [
        "<h1>Månestrålen</h1>",
        "Nedlagt",
        "Nyt navn: Månestrålen (før Solstrålen)",
        "Oprettet under Ågården (G30001)",
        "href=\"/institution/G30003\"",
        "href=\"/kommune/751\"",
        "href=\"/institution/G30002?pr=5\"",
    ] {
        assert!(now.contains(wanted), "{wanted}: {now}");
    }
    let then = page(&app, "/institution/G30002?pr=3")
        .await
        .text()
        .into_owned();
    assert!(then.contains("<h1>Solstrålen</h1>"), "{then}");
    assert!(!then.contains("Månestrålen"), "nothing of later: {then}");
    let again = page(&app, "/institution/G30002?pr=3").await;
    assert_eq!(again.text(), then, "the same for ever");
    let before = page(&app, "/institution/G30002?pr=1").await;
    assert_eq!(before.status, 404);
    let english = page(&app, "/en/institution/G30002")
        .await
        .text()
        .into_owned();
    assert!(
        english.contains("New name: Månestrålen (before: Solstrålen)"),
        "{english}"
    );
    let json = app
        .anyone()
        .get(&app.public("/institution/G30002.json"), &[])
        .await
        .unwrap();
    let json: serde_json::Value = serde_json::from_slice(&json.body).unwrap();
    assert_eq!(json["post"]["navn"], "Månestrålen");
    let history = json["historik"].as_array().unwrap();
    assert_eq!(history.len(), 3);
    assert!(
        history[0].get("operation").is_none(),
        "who acted is told as far as it is public"
    );
    assert_eq!(page(&app, "/institution/G39999").await.status, 404);
    assert_eq!(page(&app, "/institution/G30002?pr=x").await.status, 400);
}

#[tokio::test]
async fn records_are_found_however_they_are_written_and_by_their_numbers() {
    let app = register().await;
    let found = soon(&app, "/?q=maanestr", "G30002").await;
    assert!(
        found.contains("1 træffer") && found.contains("Afløst af"),
        "{found}"
    );
    for (query, wanted) in [
        ("q=agarden", "G30001"),
        ("q=G30003", "G30003"),
        ("q=1975100002", "G30003"),
        ("q=solstr&status=nedlagt", "Ingen træffere"),
        ("kommune=751&status=aaben", "2 træffere"),
        ("kommune=101", "Ingen træffere"),
        ("q=%22%20OR%20*", "Ingen træffere"),
    ] {
        let text = page(&app, &format!("/?{query}")).await.text().into_owned();
        assert!(text.contains(wanted), "{query}: {text}");
    }
    let english = page(&app, "/en?q=maanestr").await.text().into_owned();
    assert!(
        english.contains("1 hit") && english.contains("/en/institution/G30002"),
        "{english}"
    );
    for wrong in [
        "kommune=x",
        "side=0",
        "side=51",
        "type=a",
        &format!("q={}", "x".repeat(201)),
    ] {
        assert_eq!(
            page(&app, &format!("/?{wrong}")).await.status,
            400,
            "{wrong}"
        );
    }
}

#[tokio::test]
async fn a_kommune_and_the_country_have_their_figures() {
    let app = register().await;
    soon(&app, "/kommune/751", "Anvisningsenheder: 1").await;
    let kommune = page(&app, "/kommune/751").await.text().into_owned();
    for wanted in [
        "<h1>Aarhus</h1>",
        "href=\"/institution/G30001\"",
        "<svg",
        "<caption>",
        "/eksport/samlet.csv?kommune=751",
    ] {
        assert!(kommune.contains(wanted), "{wanted}: {kommune}");
    }
    let json = app
        .anyone()
        .get(&app.public("/kommune/751.json"), &[])
        .await
        .unwrap();
    let json: serde_json::Value = serde_json::from_slice(&json.body).unwrap();
    assert_eq!(
        json["antal"]["anvisningsenhed"],
        serde_json::json!({"aabne": 1, "nedlagte": 1})
    );
    assert_eq!(
        json["antal"]["daginstitution"],
        serde_json::json!({"aabne": 1, "nedlagte": 0})
    );
    let map = page(&app, "/kort").await.text().into_owned();
    assert_eq!(map.matches("class=\"flise\"").count(), 98);
    assert!(
        map.contains("<a href=\"/kommune/751\">Aarhus</a>: 1"),
        "{map}"
    );
    let figures = page(&app, "/tal").await.text().into_owned();
    assert!(
        figures.contains("Åbne anvisningsenheder efter type"),
        "{figures}"
    );
    assert_eq!(page(&app, "/kommune/9999").await.status, 404);
    let codes = page(&app, "/en/kodetabeller").await.text().into_owned();
    assert!(
        codes.contains("<h1>Code tables</h1>") && codes.contains("Aarhus"),
        "{codes}"
    );
}

#[tokio::test]
async fn what_records_and_readers_write_stays_text() {
    let app = register().await;
    let name = "&lt;i&gt;&amp;&quot;Sol&quot;";
    let escaped = |text: &str| {
        text.replace("&#60;", "&lt;")
            .replace("&#62;", "&gt;")
            .replace("&#38;", "&amp;")
            .replace("&#34;", "&quot;")
    };
    soon(&app, "/?q=sol", "G30003").await;
    for path in [
        "/institution/G30003",
        "/institution/G30001",
        "/?q=sol",
        "/kommune/751",
    ] {
        let text = escaped(&page(&app, path).await.text());
        assert!(text.contains(name), "{path}: {text}");
        assert!(!text.contains("<i>"), "{path}");
    }
    let asked = page(&app, "/?q=%3Cscript%3Ealert(1)%3C/script%3E%22%27")
        .await
        .text()
        .into_owned();
    assert!(!asked.contains("<script>"), "{asked}");
    assert!(!asked.contains("\"'"), "{asked}");
}
