//! What is read: front page, contract, documents, health, figures, and paths that do not exist.

use hyper::Method;
use hyper::body::Bytes;

use super::*;

#[tokio::test]
async fn a_document_is_asked_for_with_its_query_and_its_etag() {
    let server = TestServer::start().await;
    let client = Client::plain().unwrap();
    let url = server.public_url("/eksport/v2/dagtilbud.xml?kommune=751&pr=a%20b");
    let got = client.get(&url, &[]).await.unwrap();
    let expected = "Public /eksport/v2/dagtilbud.xml [(\"kommune\", \"751\"), (\"pr\", \"a b\")]";
    assert_eq!((got.status.as_u16(), got.text().as_ref()), (200, expected));
    assert_eq!(got.header("etag"), Some("\"0123abcd-7\""));
    assert_eq!(got.header("cache-control"), Some("no-cache"));
    assert_eq!(got.header("content-security-policy"), None);

    let same = client
        .get(&url, &[("If-None-Match", "W/\"x\", \"0123abcd-7-gz\"")])
        .await
        .unwrap();
    assert_eq!((same.status.as_u16(), same.body.len()), (304, 0));
    assert_eq!(same.header("etag"), Some("\"0123abcd-7\""));
    assert_eq!(same.header("content-length"), None);
    let counted = r#"listener="public",service="eksport",operation="-",status="304"} 1"#;
    assert!(server.metrics.render().contains(counted));
    let other = client
        .get(&url, &[("If-None-Match", "\"0123abcd-8\"")])
        .await
        .unwrap();
    assert_eq!(other.status, 200);

    let bad = client
        .get(&server.public_url("/eksport/a?b=%zz"), &[])
        .await
        .unwrap();
    assert!(
        bad.status == 400 && bad.text().starts_with("DTR1008 None"),
        "{}",
        bad.text()
    );

    let service = server
        .client()
        .get(&server.soap_url("/eksport/samlet.csv"), &[])
        .await
        .unwrap();
    assert_eq!(service.text(), "Service /eksport/samlet.csv []");
}

#[tokio::test]
async fn head_is_get_without_the_body() {
    let server = TestServer::start().await;
    let client = Client::plain().unwrap();
    for path in [
        "/",
        "/eksport/a",
        "/wsdl/flat/ImportService-v2.wsdl",
        "/healthz",
        "/readyz",
        "/nowhere",
    ] {
        let url = server.public_url(path);
        let get = client.get(&url, &[]).await.unwrap();
        let head = client
            .send(Method::HEAD, &url, &[], Bytes::new())
            .await
            .unwrap();
        assert_eq!(head.status, get.status, "{path}");
        assert!(head.body.is_empty() && !get.body.is_empty(), "{path}");
        for name in ["content-length", "content-type", "etag", "cache-control"] {
            assert_eq!(head.header(name), get.header(name), "{path} {name}");
        }
    }
    let url = server.public_url("/eksport/a");
    let headers = [("If-None-Match", "\"0123abcd-7\"")];
    let head = client
        .send(Method::HEAD, &url, &headers, Bytes::new())
        .await
        .unwrap();
    assert_eq!(head.status, 304);
}

#[tokio::test]
async fn the_contract_is_served_with_an_etag() {
    let server = TestServer::start().await;
    let client = Client::plain().unwrap();
    let url = server.public_url("/wsdl/flat/ImportService-v2.wsdl");
    let got = client.get(&url, &[]).await.unwrap();
    assert_eq!(
        (got.status.as_u16(), got.text().as_ref()),
        (200, "<definitions/>")
    );
    let etag = got.header("etag").unwrap();
    assert_eq!(etag.len(), 34);
    let same = client.get(&url, &[("If-None-Match", etag)]).await.unwrap();
    assert_eq!(same.status, 304);
    let none = client
        .get(&server.public_url("/wsdl/Andet.wsdl"), &[])
        .await
        .unwrap();
    assert!(
        none.status == 404 && none.text().starts_with("DTR1001 None"),
        "{}",
        none.text()
    );
}

#[tokio::test]
async fn other_methods_and_strange_targets_are_refused() {
    let server = TestServer::start().await;
    let client = Client::plain().unwrap();
    for method in [Method::POST, Method::PUT, Method::TRACE, Method::OPTIONS] {
        let got = client
            .send(method, &server.public_url("/"), &[], Bytes::new())
            .await
            .unwrap();
        assert_eq!(got.status, 405);
        assert_eq!(got.header("allow"), Some("GET, HEAD"));
    }
    for target in [
        "//",
        "/eksport/../",
        "/eksport/%2e%2e/x",
        "/eksport/%00",
        "/eksport/a%2fb",
        "/wsdl//x",
        "/%2e",
        "*",
        "http://evil.example/",
        "/v2/ImportService",
        "/metrics",
    ] {
        let got = server
            .raw_public(format!(
                "GET {target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
            ))
            .await;
        assert_status(&got, 404);
    }
    let connect = server
        .raw_public("CONNECT a:80 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        .await;
    assert_status(&connect, 404);
    for hosts in ["", "Host: a\r\nHost: b\r\n"] {
        let got = server
            .raw_public(format!(
                "GET / HTTP/1.1\r\n{hosts}Connection: close\r\n\r\n"
            ))
            .await;
        assert_status(&got, 400);
    }
}

#[tokio::test]
async fn ready_says_which_check_fails_and_not_why() {
    let client = Client::plain().unwrap();
    let server = TestServer::start().await;
    for url in [server.public_url("/readyz"), server.admin_url("/readyz")] {
        let got = client.get(&url, &[]).await.unwrap();
        assert_eq!(got.status, 200);
        let expected = r#"{"klar":true,"checks":{"register":true,"certifikat":true,"ur":true,"spaerrelister":true,"fornyelse":true,"modtager":true}}"#;
        assert_eq!(got.text(), expected);
    }

    let broken = TestServer::with(Wanted {
        broken: true,
        ..Wanted::default()
    })
    .await;
    let got = client
        .get(&broken.public_url("/readyz"), &[])
        .await
        .unwrap();
    assert_eq!(got.status, 503);
    assert!(
        got.text().contains("\"register\":false") && !got.text().contains("disk"),
        "{}",
        got.text()
    );
    assert_eq!(
        client
            .get(&broken.public_url("/healthz"), &[])
            .await
            .unwrap()
            .status,
        200
    );

    let expired = TestServer::with(Wanted {
        expired: true,
        ..Wanted::default()
    })
    .await;
    let got = client
        .get(&expired.public_url("/readyz"), &[])
        .await
        .unwrap();
    assert_eq!(got.status, 503);
    assert!(
        got.text().contains("\"certifikat\":false"),
        "{}",
        got.text()
    );
}

#[tokio::test]
async fn the_admin_listener_shows_figures_without_callers() {
    let server = TestServer::start().await;
    let client = Client::plain().unwrap();
    server
        .client()
        .get(&server.soap_url("/eksport/a"), &[])
        .await
        .unwrap();
    let got = client
        .get(&server.admin_url("/metrics"), &[])
        .await
        .unwrap();
    assert_eq!(
        got.header("content-type"),
        Some(crate::metrics::CONTENT_TYPE)
    );
    for line in [
        r#"dtr_requests_total{listener="service",service="eksport",operation="-",status="200"} 1"#,
        r#"dtr_certificate_expiry_timestamp_seconds{listener="service"} 2000.0"#,
        r#"dtr_connections{listener="admin"} 1"#,
    ] {
        assert!(got.text().contains(line), "{line}\n{}", got.text());
    }
    assert_eq!(
        client
            .get(&server.admin_url("/"), &[])
            .await
            .unwrap()
            .status,
        404
    );
}
