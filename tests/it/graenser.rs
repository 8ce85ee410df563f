//! What many who hold much take from others: nothing.

use std::time::Duration;

use dtr::config::Config;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpSocket, TcpStream};

use crate::support::TestApp;
use crate::support::messages::*;
use crate::support::raw::RawConnection;

/// No test waits longer than this for anything.
const PATIENCE: Duration = crate::support::FOR_EVER;

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

/// Sends a GET on a connection of its own to the public listener, and leaves it.
async fn asked(app: &TestApp, path: &str) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    // Little of an answer lies on the way, so that who does not read is seen not to.
    socket.set_recv_buffer_size(4096).unwrap();
    let mut stream = socket.connect(app.app.running.public).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}

async fn status(app: &TestApp, path: &str) -> u16 {
    let answer = app.anyone().get(&app.public(path), &[]).await;
    answer.map_or(0, |answer| answer.status.as_u16())
}

#[tokio::test]
async fn polls_that_wait_keep_nobody_from_the_public_listener() {
    const PLACES: usize = 60;
    for (all, each) in [(1000, 1000), (40, 40), (1000, 20)] {
        let app = TestApp::with(|config| {
            config.graenser.forbindelser = PLACES;
            config.graenser.ventende = all;
            config.graenser.ventende_pr_adresse = each;
        })
        .await;
        let mut polls = Vec::new();
        for _ in 0..PLACES {
            polls.push(asked(&app, "/feed/v1/aendringer?efter=0&vent=25").await);
        }
        let waiting = PLACES.min(all).min(each) as u64;
        until("polls wait", async || {
            figure(&app, "dtr_polls_waiting{listener=\"public\"} ").await >= waiting
        })
        .await;
        // Whether it lives is told at once, however full it is.
        for path in ["/healthz", "/readyz"] {
            assert_eq!(status(&app, path).await, 200, "{path}");
        }
        // What is new is let be for half a second.
        until("others are served", async || {
            status(&app, "/eksport/v2/dagtilbud.xml").await == 200
        })
        .await;
        for n in 0..2 * PLACES {
            if n.is_multiple_of(4) {
                polls.push(asked(&app, "/feed/v1/aendringer?efter=0&vent=25").await);
            }
            for path in ["/healthz", "/readyz", "/"] {
                until(path, async || status(&app, path).await == 200).await;
            }
        }
        inserted(&app, "Mens de venter").await;
    }
}

#[tokio::test]
async fn polls_beyond_their_number_are_told_to_come_again() {
    let app = TestApp::with(|config| config.graenser.ventende_pr_adresse = 1).await;
    let poll = "/feed/v1/aendringer?efter=0&vent=25";
    let first = asked(&app, poll).await;
    until("it waits", async || {
        figure(&app, "dtr_polls_waiting{listener=\"public\"} ").await == 1
    })
    .await;
    let mut others = vec![first];
    // One that has waited for a second gives its place away instead, which a busy machine may need for this.
    let refused = loop {
        let (client, url) = (app.anyone(), app.public(poll));
        let asks = tokio::spawn(async move { client.get(&url, &[]).await.unwrap() });
        match tokio::time::timeout(Duration::from_millis(700), asks).await {
            Ok(answer) => break answer.unwrap(),
            Err(_) => others.push(asked(&app, poll).await),
        }
    };
    assert_eq!(refused.status, 429, "{}", refused.text());
    assert!(refused.text().contains("DTR1032"), "{}", refused.text());
    assert_eq!(refused.header("retry-after"), Some("1"));
    // Who does not wait is answered.
    assert_eq!(status(&app, "/feed/v1/aendringer?efter=0").await, 200);
    // And so is a caller with a certificate that waits: its polls are its organisation's.
    let waiting = app.aftager();
    let poll = tokio::spawn(async move { waiting.get(poll).await });
    until("it waits too", async || {
        figure(&app, "dtr_polls_waiting{listener=\"service\"} ").await == 1
    })
    .await;
    inserted(&app, "Det, der ventes på").await;
    assert_eq!(poll.await.unwrap().status, 200);
}

#[tokio::test]
async fn slow_readers_on_one_listener_take_nothing_from_the_other() {
    let app = TestApp::with(|config| {
        config.graenser.svar_i_alt_bytes = 3 << 20;
        config.graenser.svar_offentlige_bytes = 1 << 20;
    })
    .await;
    let mut moments = Vec::new();
    for n in 0..6 {
        let records: Vec<_> = (0..200)
            .map(|m| institution(&format!("Nummer {n} {m}"), 101))
            .collect();
        let insert = write("InsertDaginstitution", &records);
        app.kommune2().import_v2(insert).ok().await;
        // By sequence: changes of one message are a millisecond apart, and so ahead of a fast machine's clock.
        moments.push(200 * (n + 1));
    }
    // Each asks for another document, and reads nothing of it.
    let mut slow = Vec::new();
    for moment in moments.iter().rev().cycle().take(24) {
        slow.push(asked(&app, &format!("/eksport/v2/dagtilbud.xml?pr={moment}")).await);
    }
    let full = moments
        .iter()
        .map(|moment| format!("/eksport/v2/dagtilbud.xml?pr={moment}"));
    let full: Vec<_> = full.collect();
    until("the public listener has no room for another", async || {
        matches!(status(&app, &full[3]).await, 429 | 503)
    })
    .await;
    let held = figure(&app, "dtr_answers_held_bytes{listener=\"public\"} ").await;
    assert!((1..=1 << 20).contains(&held), "{held}");
    // Who has a certificate gets all of it, by document and by SOAP.
    for path in &full {
        let answer = app.aftager().get(path).await;
        assert_eq!(answer.status, 200, "{path}");
    }
    let all = app.aftager().eksport_v2("GetAllDagtilbud", "").send().await;
    assert_eq!(all.status(), 200);
    // What is small is not counted, and places are given back when its readers go.
    assert_eq!(status(&app, "/healthz").await, 200);
    drop(slow);
    until("it has room again", async || {
        status(&app, &full[3]).await == 200
    })
    .await;
}
