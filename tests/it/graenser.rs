//! What many who hold much take from others: nothing.

use std::time::Duration;

use dtr::config::Config;

use crate::support::TestApp;
use crate::support::messages::*;
use crate::support::raw::RawConnection;

/// No test waits longer than this for anything.
const PATIENCE: Duration = Duration::from_secs(60);

/// Who takes its time is not cut, so that a busy machine does not change what is seen.
fn patient(config: &mut Config) {
    config.graenser.stilstand_ms = 120_000;
    config.graenser.kald_ms = 120_000;
}

/// A figure of the admin listener.
async fn figure(app: &TestApp, name: &str) -> u64 {
    let page = app.anyone().get(&app.admin("/metrics"), &[]).await.unwrap();
    let text = page.text();
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|value| value.trim().parse().ok())
        .unwrap_or_else(|| panic!("no {name} in {text}"))
}

/// Waits until something holds, and not for ever.
async fn until(what: &str, holds: impl AsyncFn() -> bool) {
    let waiting = async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let waited = tokio::time::timeout(PATIENCE, waiting).await;
    assert!(waited.is_ok(), "{what}");
}

/// Announces a message, and sends so much of it.
async fn begun(app: &TestApp, certificate: &str, told: usize, sent: usize) -> RawConnection {
    let mut connection = RawConnection::to(app.app.running.service, certificate).await;
    let head = format!(
        "POST /v2/ImportService HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/xml\r\nContent-Length: {told}\r\n\r\n"
    );
    connection.send(head.as_bytes()).await;
    connection.send(" ".repeat(sent).as_bytes()).await;
    connection
}

/// A good write of another organisation.
async fn inserted(app: &TestApp, name: &str) {
    let insert = write("InsertDaginstitution", &[institution(name, 101)]);
    app.kommune2().import_v2(insert).ok().await;
}

#[tokio::test]
async fn messages_that_drip_keep_nobody_out() {
    let app = TestApp::with(patient).await;
    let mut dripping = Vec::new();
    for _ in 0..31 {
        dripping.push(begun(&app, "kommune", 10 << 20, 1).await);
    }
    until("they have all begun", async || {
        figure(&app, "dtr_request_bodies_bytes ").await == 31
    })
    .await;
    for n in 0..32 {
        inserted(&app, &format!("Dryp {n}")).await;
    }
}

#[tokio::test]
async fn who_is_not_registered_holds_no_memory() {
    let app = TestApp::start().await;
    let mut refused = Vec::new();
    for certificate in ["uregistreret", "lukket", "person", "misdannet"] {
        for _ in 0..4 {
            refused.push(begun(&app, certificate, 10 << 20, 0).await);
        }
    }
    for connection in refused {
        let answer = connection.rest().await;
        assert!(answer.contains("DTR101"), "{answer}");
    }
    assert_eq!(figure(&app, "dtr_request_bodies_bytes ").await, 0);
    inserted(&app, "Efter de ukendte").await;
}

#[tokio::test]
async fn one_organisation_leaves_room_for_others() {
    let app = TestApp::with(|config| {
        patient(config);
        config.graenser.besked_bytes = 64 << 10;
        config.graenser.beskeder_i_alt_bytes = 128 << 10;
    })
    .await;
    let _holding = begun(&app, "kommune", 64 << 10, 60_000).await;
    until("it is held", async || {
        figure(&app, "dtr_request_bodies_bytes ").await == 60_000
    })
    .await;
    let large = app.kommune().import_v2(" ".repeat(20_000)).send().await;
    assert_eq!((large.status(), &*large.fault_code()), (429, "DTR1031"));
    assert!(large.0.header("retry-after").is_some());
    // Another organisation finds room for as much.
    let other = app.kommune2().import_v2(" ".repeat(20_000)).send().await;
    assert_ne!(other.status(), 429);
    inserted(&app, "Ved siden af").await;
}
