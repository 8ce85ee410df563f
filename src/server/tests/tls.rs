//! Handshakes as the listeners see them, and what a caller is told of them.

use std::time::{Duration, Instant};

use super::*;

async fn refused(server: &TestServer, client: Client) -> String {
    let url = server.soap_url("/eksport/a");
    let call = client.get(&url, &[]);
    call.await
        .expect_err("the handshake should have failed")
        .to_string()
}

#[tokio::test]
async fn a_caller_without_a_good_certificate_is_told_by_its_alert() {
    let server = TestServer::start().await;
    let ca = server.pki.ca.as_bytes();
    let none = refused(&server, Client::new(ca, None).unwrap()).await;
    assert!(none.contains("CertificateRequired"), "{none}");

    let (certificate, key) = server.pki.issue(2000..2001);
    let identity = Some((certificate.as_bytes(), key.as_bytes()));
    let expired = refused(&server, Client::new(ca, identity).unwrap()).await;
    assert!(expired.contains("CertificateExpired"), "{expired}");

    let (certificate, key) = Pki::new().issue(2020..2040);
    let identity = Some((certificate.as_bytes(), key.as_bytes()));
    let foreign = refused(&server, Client::new(ca, identity).unwrap()).await;
    assert!(
        foreign.contains("UnknownCA") || foreign.contains("DecryptError"),
        "{foreign}"
    );

    let figures = server.metrics.render();
    for reason in ["no_certificate", "expired"] {
        let line = format!("dtr_handshake_failures_total{{reason=\"{reason}\"}} 1");
        assert!(figures.contains(&line), "{line}\n{figures}");
    }
    assert_eq!(
        server
            .client()
            .get(&server.soap_url("/eksport/a"), &[])
            .await
            .unwrap()
            .status,
        200
    );
}

#[tokio::test]
async fn a_server_that_the_caller_does_not_trust_is_named() {
    let server = TestServer::start().await;
    let stranger = Pki::new();
    let error = refused(&server, Client::new(stranger.ca.as_bytes(), None).unwrap()).await;
    assert!(
        error.starts_with("TLS handshake with localhost:"),
        "{error}"
    );
}

#[tokio::test]
async fn a_handshake_that_stands_still_is_cut() {
    let server = TestServer::limited(|limits| limits.haandtryk_ms = 200).await;
    let begun = Instant::now();
    let mut stream = TcpStream::connect(server.running.service).await.unwrap();
    assert_eq!(to_end(&mut stream).await, "");
    assert!(begun.elapsed() >= Duration::from_millis(190));
    assert!(
        server
            .metrics
            .render()
            .contains(r#"failures_total{reason="timeout"} 1"#)
    );
}

#[tokio::test]
async fn plain_http_to_the_service_listener_is_no_tls() {
    let server = TestServer::start().await;
    let stream = TcpStream::connect(server.running.service).await.unwrap();
    let got = talk(stream, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await;
    assert!(!got.contains("HTTP/1.1"), "{got:?}");
    assert!(
        server
            .metrics
            .render()
            .contains(r#"failures_total{reason="protocol"} 1"#)
    );
}

#[tokio::test]
async fn the_public_listener_can_have_tls_and_asks_for_no_certificate() {
    let server = TestServer::with(Wanted {
        public_tls: true,
        ..Wanted::default()
    })
    .await;
    let url = format!(
        "https://localhost:{}/eksport/a",
        server.running.public.port()
    );
    let client = Client::new(server.pki.ca.as_bytes(), None).unwrap();
    assert_eq!(client.get(&url, &[]).await.unwrap().status, 200);
}

#[tokio::test]
async fn tls_is_replaced_without_dropping_connections() {
    let server = TestServer::start().await;
    let old = server.client();
    let url = server.soap_url("/eksport/a");
    assert_eq!(old.get(&url, &[]).await.unwrap().status, 200);
    let other = Pki::new();
    server
        .tls
        .replace(other.server_config(true), Tidspunkt::from_millis(3_000_000));
    assert_eq!(old.get(&url, &[]).await.unwrap().status, 200);
    assert!(server.client().get(&url, &[]).await.is_err());
    let (certificate, key) = other.issue(2020..2040);
    let identity = Some((certificate.as_bytes(), key.as_bytes()));
    let new = Client::new(other.ca.as_bytes(), identity).unwrap();
    assert_eq!(new.get(&url, &[]).await.unwrap().status, 200);
}

#[tokio::test]
async fn a_client_takes_a_new_connection_when_its_own_was_closed() {
    let server = TestServer::limited(|limits| limits.ledig_ms = 100).await;
    let client = server.client();
    let url = server.soap_url("/eksport/a");
    for _ in 0..3 {
        assert_eq!(client.get(&url, &[]).await.unwrap().status, 200);
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
}

#[tokio::test]
async fn a_client_says_what_failed() {
    let client = Client::plain().unwrap().with_timeout(PATIENCE);
    let closed = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap();
    let error = client
        .get(&format!("http://{closed}/"), &[])
        .await
        .unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with(&format!("can't connect to {closed}: ")),
        "{error}"
    );
    let error = client.get("mailto:x", &[]).await.unwrap_err();
    assert_eq!(error.to_string(), "mailto:x: not an http or https address");
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", silent.local_addr().unwrap());
    let hasty = Client::plain()
        .unwrap()
        .with_timeout(Duration::from_millis(100));
    let error = hasty.get(&url, &[]).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("GET {url} took longer than 0.1 s")
    );
}

#[tokio::test]
async fn a_renewal_that_does_not_come_back_is_told() {
    let server = TestServer::start().await;
    let client = Client::plain().unwrap().with_timeout(PATIENCE);
    let told = async || {
        let ready = client.get(&server.admin_url("/readyz"), &[]).await.unwrap();
        let tls = client
            .get(&server.admin_url("/tls.json"), &[])
            .await
            .unwrap();
        let checks: serde_json::Value = serde_json::from_slice(&ready.body).unwrap();
        let tls: serde_json::Value = serde_json::from_slice(&tls.body).unwrap();
        (
            ready.status.as_u16(),
            checks["checks"]["fornyelse"].clone(),
            tls["eftersynHaenger"].clone(),
        )
    };
    assert_eq!(told().await, (200, true.into(), false.into()));
    // A machine that was started less than two minutes ago can't know of a time before.
    let long_ago = tokio::time::Instant::now().checked_sub(Duration::from_secs(120));
    if let Some(long_ago) = long_ago {
        server.tls.looked(long_ago);
        assert_eq!(told().await, (503, false.into(), true.into()));
    }
    server.tls.looked(tokio::time::Instant::now());
    assert_eq!(told().await, (200, true.into(), false.into()));
}

/// Answers every connection with these bytes, and then with a drop of others now and then for ever.
async fn drips(beginning: &'static [u8], drop: &'static [u8]) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let _ = stream.read(&mut [0; 1024]).await;
                let _ = stream.write_all(beginning).await;
                while stream.write_all(drop).await.is_ok() {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            });
        }
    });
    url
}

#[tokio::test]
async fn a_client_is_held_up_by_no_server_that_drips() {
    let body = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    let hasty = || {
        let client = Client::plain().unwrap();
        client.with_timeout(Duration::from_millis(300))
    };
    let url = drips(body, b"1\r\na\r\n").await;
    let error = hasty().get(&url, &[]).await.unwrap_err().to_string();
    assert!(error.contains("took longer than 0.3 s"), "{error}");
    let head = drips(b"HTTP/1.1 200 OK\r\nX: ", b"a").await;
    let pace = crate::client::LowestPace {
        bytes_a_second: 1 << 20,
        head_start: Duration::from_millis(300),
    };
    let paced = hasty().with_pace(pace);
    let error = paced.get(&head, &[]).await.unwrap_err().to_string();
    assert!(error.contains("took longer than 0.3 s"), "{error}");
    // The head has all the time that a busy machine may take.
    let paced = hasty().with_timeout(PATIENCE).with_pace(pace);
    let error = paced.get(&url, &[]).await.unwrap_err().to_string();
    assert!(error.contains("slower than 1048576 bytes"), "{error}");
    // And by none that sends more than was asked for.
    let error = hasty()
        .with_timeout(PATIENCE)
        .with_largest(10)
        .get(&url, &[])
        .await
        .unwrap_err()
        .to_string();
    assert!(error.contains("length limit"), "{error}");
}
