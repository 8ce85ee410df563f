//! HTTP: methods, statuses, documents that are asked after, how a body may come, and a server that stops.

use std::time::Duration;

use dtr::client::Response;
use dtr::contract::services::ALL;
use dtr::store::{Outcome, StoreExt};
use hyper::Method;

use crate::support::messages::*;
use crate::support::{TestApp, raw};

const HELLO: &str = "<HelloWorld xmlns=\"urn:dagtilbudsregister:import:v2\"/>";

#[tokio::test]
async fn service_paths_take_post_and_tell_their_wsdl() {
    let app = TestApp::start().await;
    let caller = app.kommune();
    for method in [Method::GET, Method::PUT, Method::DELETE, Method::OPTIONS] {
        let answer = caller
            .request(method.clone(), "/v2/ImportService", &[], "")
            .await
            .unwrap();
        assert_eq!(answer.status, 405, "{method}");
        assert_eq!(answer.header("allow"), Some("POST"));
        assert!(answer.text().contains("<soap:Fault>") && answer.text().contains("DTR1002"));
    }
    for service in ALL {
        let wsdl = caller.get(&format!("{}?wsdl", service.path)).await;
        assert_eq!(wsdl.status, 200);
        let flat = app.public(&format!("/wsdl/flat/{}.wsdl", service.document));
        assert_eq!(wsdl.body, app.anyone().get(&flat, &[]).await.unwrap().body);
        // As .NET asks for it; and the address as people type it.
        for query in ["?singleWsdl", "?SINGLEWSDL", "?WSDL", "/?wsdl"] {
            let again = caller.get(&format!("{}{query}", service.path)).await;
            assert_eq!(
                (again.status.as_u16(), &again.body),
                (200, &wsdl.body),
                "{query}"
            );
        }
    }
    for path in [
        "/v2/Importservice",
        "/V2/IMPORTSERVICE/",
        "/v2/ImportService/",
    ] {
        let headers = [("Content-Type", "text/xml")];
        let body = caller.import_v2(HELLO).envelope();
        let answer = caller
            .request(Method::POST, path, &headers, body)
            .await
            .unwrap();
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    }
    let elsewhere = caller
        .request(Method::POST, "/v2/ImportServices", &[], "")
        .await
        .unwrap();
    assert_eq!(elsewhere.status, 404);
    assert!(elsewhere.text().contains("DTR1001"));
}

#[tokio::test]
async fn refusals_have_their_status_in_both_versions() {
    let app = TestApp::with(|config| config.graenser.besked_bytes = 4096).await;
    let caller = app.kommune();
    let typed = |value| caller.import_v2(HELLO).content_type(value);
    assert_eq!(typed("application/json").fault(415).await, "DTR1004");
    assert_eq!(
        typed("multipart/related; type=\"text/xml\"")
            .fault(415)
            .await,
        "DTR1004"
    );
    let zipped = caller.import_v2(HELLO).http("Content-Encoding", "gzip");
    assert_eq!(zipped.fault(415).await, "DTR1005");
    let large = || caller.import_v2("x".repeat(5000));
    assert_eq!(large().fault(500).await, "DTR1003");
    let large = large().soap12().send().await;
    assert_eq!((large.status(), &*large.fault_code()), (500, "DTR1003"));
    assert_eq!(large.tree().namespace, dtr::soap::SOAP12);
}

#[tokio::test]
async fn a_document_can_be_asked_after() {
    let app = TestApp::start().await;
    let (url, anyone) = (app.public("/eksport/v2/dagtilbud.xml"), app.anyone());
    let first = anyone.get(&url, &[]).await.unwrap();
    assert_eq!(first.status, 200);
    let etag = first.header("etag").unwrap().to_owned();
    let head = anyone
        .send(Method::HEAD, &url, &[], Default::default())
        .await
        .unwrap();
    assert_eq!((head.status.as_u16(), head.body.len()), (200, 0));
    assert_eq!(head.header("etag"), Some(&*etag));
    assert_eq!(
        head.header("content-length"),
        Some(&*first.body.len().to_string())
    );
    let gz = etag.replace("-0\"", "-0-gz\"");
    for known in [&*etag, "*", &*gz] {
        let same = anyone.get(&url, &[("If-None-Match", known)]).await.unwrap();
        assert_eq!((same.status.as_u16(), same.body.len()), (304, 0), "{known}");
        assert_eq!(same.header("etag"), Some(&*etag));
    }
    let insert = write("InsertDaginstitution", &[institution("Ny", 751)]);
    app.kommune().import_v2(insert).ok().await;
    let changed = anyone.get(&url, &[("If-None-Match", &etag)]).await.unwrap();
    assert_eq!(changed.status, 200);
    assert_ne!(changed.header("etag"), Some(&*etag));
    // The same on the service listener.
    let service = app.aftager().get("/eksport/v2/dagtilbud.xml").await;
    assert_eq!(service.body, changed.body);
    assert_eq!(service.header("etag"), changed.header("etag"));
    let posted = anyone.post(&url, &[], "").await.unwrap();
    assert_eq!(
        (posted.status.as_u16(), posted.header("allow")),
        (405, Some("GET, HEAD"))
    );
    let fejl = app.aftager().get("/eksport/v2/findes-ikke.xml").await;
    assert_eq!(
        fejl.header("content-type"),
        Some("application/xml; charset=utf-8")
    );
    assert!(fejl.text().contains("fejlDetalje"));
}

#[tokio::test]
async fn the_other_listeners_answer() {
    let app = TestApp::start().await;
    let anyone = app.anyone();
    for url in [
        app.public("/healthz"),
        app.public("/readyz"),
        app.admin("/healthz"),
        app.admin("/readyz"),
    ] {
        assert_eq!(anyone.get(&url, &[]).await.unwrap().status, 200, "{url}");
    }
    for path in ["/", "/wsdl/ImportService-v2.wsdl", "/xsd/Typer-v2.xsd"] {
        let get = format!("GET {path} HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n");
        let answer = raw::plain(&app, get.as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
        assert!(
            !answer.contains("evil"),
            "the Host header is never reflected"
        );
    }
    app.kommune().import_v2(HELLO).send().await;
    let metrics = anyone.get(&app.admin("/metrics"), &[]).await.unwrap();
    assert!(metrics.text().contains("HelloWorld"), "{}", metrics.text());
}

#[tokio::test]
async fn a_body_may_come_in_chunks_and_may_be_asked_for() {
    let app = TestApp::start().await;
    let envelope = app.kommune().import_v2(HELLO).envelope();
    let head = "POST /v2/ImportService HTTP/1.1\r\nHost: a\r\nContent-Type: text/xml\r\nConnection: close\r\n";
    let (first, rest) = envelope.split_at(50);
    let chunks: String = [first, rest, ""]
        .map(|part| format!("{:x}\r\n{part}\r\n", part.len()))
        .concat();
    let chunked = format!("{head}Transfer-Encoding: chunked\r\n\r\n{chunks}");
    let answer = raw::exchange(&app, chunked.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    let length = envelope.len();
    let asked = format!("{head}Expect: 100-continue\r\nContent-Length: {length}\r\n\r\n{envelope}");
    let answer = raw::exchange(&app, asked.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 100 "), "{answer}");
    assert!(answer.contains("HTTP/1.1 200 "), "{answer}");
    // Who is refused by its head alone is not asked for the body.
    let refused = asked.replace("text/xml", "text/plain");
    let answer = raw::exchange(&app, refused.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 415 "), "{answer}");
}

/// Waits until something holds, and not for ever.
async fn until(what: &str, holds: impl AsyncFn() -> bool) {
    let waiting = async {
        while !holds().await {
            tokio::task::yield_now().await;
        }
    };
    let waited = tokio::time::timeout(crate::support::FOR_EVER, waiting).await;
    assert!(waited.is_ok(), "{what}");
}

#[tokio::test]
async fn a_call_under_way_is_answered_when_the_server_stops() {
    let app = TestApp::start().await;
    let caller = app.kommune();
    // The writer is busy when the call comes, so that it is under way when the server is told to stop.
    let (go, may_go) = std::sync::mpsc::channel::<()>();
    let held = app.store().write(move |_| {
        let _ = may_go.recv();
        Ok(Outcome::Undo((), None))
    });
    let insert = write(
        "InsertDaginstitution",
        &[institution("Til det sidste", 751)],
    );
    let call = tokio::spawn(async move { caller.import_v2(insert).ok().await.number() });
    let metrics = app.admin("/metrics");
    let in_flight = async || {
        let page = app
            .anyone()
            .get(&metrics, &[])
            .await
            .unwrap()
            .text()
            .into_owned();
        page.lines().any(|line| {
            line.starts_with("dtr_") && line.contains("in_flight") && line.ends_with(" 1")
        })
    };
    until("the call is under way", in_flight).await;
    let address = app.app.running.service;
    app.app.running.stopper().stop();
    let closed = async || tokio::net::TcpStream::connect(address).await.is_err();
    until("nobody is let in any more", closed).await;
    go.send(()).unwrap();
    held.unwrap().await.unwrap().unwrap();
    assert_eq!(call.await.unwrap(), "G30001");
    let app = app.restart().await;
    let all = app
        .kommune()
        .eksport_v2("GetAllDaginstitutioner", "")
        .result()
        .await;
    assert_eq!(all.text_of("daginstitutionsNavn"), "Til det sidste");
}

#[tokio::test]
async fn soap_is_for_the_service_listener_alone() {
    let app = TestApp::start().await;
    let anyone = app.anyone();
    let own = format!("{}/v2/ImportService", app.url(""));
    let typed = |value| [("Content-Type", value)];
    let (old, new) = (
        typed("text/xml; charset=utf-8"),
        typed("application/soap+xml"),
    );
    // In the caller's version, and with the address where the call belongs, as far as it can be told.
    for (path, headers, content_type, address) in [
        (
            "/v2/ImportService",
            &old[..],
            "text/xml; charset=utf-8",
            own.as_str(),
        ),
        (
            "/v2/importservice/",
            &[][..],
            "text/xml; charset=utf-8",
            own.as_str(),
        ),
        (
            "/v2/ImportService",
            &new[..],
            "application/soap+xml; charset=utf-8",
            own.as_str(),
        ),
        ("/", &old[..], "text/xml; charset=utf-8", "https://"),
    ] {
        let answer = anyone
            .post(&app.public(path), headers, HELLO)
            .await
            .unwrap();
        assert_eq!(answer.status, 500, "{path}");
        assert_eq!(answer.header("content-type"), Some(content_type), "{path}");
        let text = answer.text();
        assert!(text.contains("DTR1036") && text.contains(address), "{text}");
    }
    // What is no SOAP is told what the path takes.
    let json = typed("application/json");
    let answer = anyone.post(&app.public("/"), &json, "{}").await.unwrap();
    assert_eq!(answer.status, 405);
}

/// The first answer that is beyond the share: a slow machine gives a call back now and then, and the next goes beyond.
async fn beyond(asks: impl AsyncFn() -> Response) -> Response {
    loop {
        let answer = asks().await;
        match answer.status.as_u16() {
            200 => {}
            429 => return answer,
            other => panic!("{other}: {}", answer.text()),
        }
    }
}

#[tokio::test]
async fn an_organisation_asks_no_more_than_its_share() {
    let app = TestApp::with(|config| {
        config.graenser.kald_pr_sekund = 1;
        config.graenser.kald_i_traek = 3;
    })
    .await;
    let caller = app.kommune();
    let head = || app.store().read(|view| view.audit_head()).unwrap();
    let before = head();
    for _ in 0..3 {
        assert_eq!(caller.import_v2(HELLO).send().await.status(), 200);
    }
    let refused = beyond(async || caller.import_v2(HELLO).send().await.0).await;
    assert!(refused.text().contains("DTR1018"), "{}", refused.text());
    assert_eq!(refused.header("retry-after"), Some("1"));
    let refused = beyond(async || caller.import_v2(HELLO).soap12().send().await.0).await;
    assert!(refused.text().contains(dtr::soap::SOAP12));
    let document = beyond(async || caller.get("/eksport/v2/dagtilbud.xml").await).await;
    assert!(document.text().contains("DTR1018") && document.text().contains("fejlDetalje"));
    // Others have their own share, and nothing of it was audited.
    assert_eq!(app.kommune2().import_v2(HELLO).send().await.status(), 200);
    assert_eq!(head(), before);
    tokio::time::sleep(Duration::from_millis(1100)).await;
    assert_eq!(caller.import_v2(HELLO).send().await.status(), 200);
}

#[tokio::test]
async fn an_organisation_has_no_more_connections_than_its_share() {
    let app = TestApp::with(|config| config.graenser.forbindelser_pr_cvr = 2).await;
    let hold = [app.kommune(), app.kommune()];
    for caller in &hold {
        assert_eq!(caller.import_v2(HELLO).send().await.status(), 200);
    }
    let third = app.kommune();
    assert_eq!(third.import_v2(HELLO).send().await.status(), 429);
    assert_eq!(app.kommune2().import_v2(HELLO).send().await.status(), 200);
    drop(hold);
    // A place is given back when its connection has ended.
    for _ in 0..30_000 {
        if app.kommune().import_v2(HELLO).send().await.status() == 200 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("a place was not given back");
}

#[tokio::test]
async fn pages_load_their_style_alone_and_reflect_nothing() {
    let app = TestApp::start().await;
    for path in [
        "/",
        "/en",
        "/data",
        "/en/data",
        "/om",
        "/tilgaengelighed",
        "/dokumentation/drift",
    ] {
        let got = app.anyone().get(&app.public(path), &[]).await.unwrap();
        assert_eq!(got.status, 200, "{path}");
        assert_eq!(got.header("content-type"), Some("text/html; charset=utf-8"));
        let policy = got.header("content-security-policy").unwrap();
        assert!(
            policy.starts_with("default-src 'none'; style-src 'self'"),
            "{policy}"
        );
        assert_eq!(got.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(got.header("referrer-policy"), Some("same-origin"));
        let text = got.text();
        assert!(!text.contains("src="), "{path}");
        let etag = got.header("etag").unwrap();
        let known = [("if-none-match", etag)];
        let again = app.anyone().get(&app.public(path), &known).await.unwrap();
        assert_eq!(again.status, 304, "{path}");
    }
    let data = app.anyone().get(&app.public("/data"), &[]).await.unwrap();
    assert!(
        data.text().contains("/v2/ImportService</td>"),
        "{}",
        data.text()
    );
    let evil = [
        ("x-forwarded-host", "evil.example"),
        ("accept", "text/html"),
    ];
    let got = app.anyone().get(&app.public("/nix"), &evil).await.unwrap();
    assert_eq!(got.status, 404);
    assert_eq!(got.header("content-type"), Some("text/html; charset=utf-8"));
    assert!(got.text().contains("<html lang=\"da\">") && !got.text().contains("evil"));
    let english = app
        .anyone()
        .get(&app.public("/en/nix"), &evil)
        .await
        .unwrap();
    assert!(
        english.text().contains("There is no such page"),
        "{}",
        english.text()
    );
    let machine = app.anyone().get(&app.public("/nix"), &[]).await.unwrap();
    assert_eq!(
        machine.header("content-type"),
        Some("application/xml; charset=utf-8")
    );
}
