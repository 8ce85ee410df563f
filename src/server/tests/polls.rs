//! Long polls, and what proxies tell of who asks.

use tokio::io::AsyncWriteExt;

use super::*;
use crate::config::Adressekilde;

const POLL: &str = "GET /feed/vent HTTP/1.1\r\nHost: a\r\n\r\n";

/// A poll that waits already, with further header lines.
async fn poll(server: &TestServer, headers: &str) -> TcpStream {
    let waiting = waiting(server).await;
    let mut stream = server.public_stream().await;
    let request = POLL.replace("\r\n\r\n", &format!("\r\n{headers}\r\n"));
    stream.write_all(request.as_bytes()).await.unwrap();
    until_waiting(server, waiting + 1).await;
    stream
}

/// How many wait, by the admin listener.
async fn waiting(server: &TestServer) -> usize {
    let url = server.admin_url("/metrics");
    let page = Client::plain().unwrap().get(&url, &[]).await.unwrap();
    let text = page.text().into_owned();
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("dtr_polls_waiting{listener=\"public\"} "));
    line.unwrap().parse().unwrap()
}

async fn until_waiting(server: &TestServer, count: usize) {
    let seen = async {
        while waiting(server).await != count {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(PATIENCE, seen).await.expect("so many do not wait");
}

/// Longer than what has begun to wait is let be.
async fn a_while() {
    tokio::time::sleep(Duration::from_millis(1100)).await;
}

#[tokio::test]
async fn polls_that_wait_leave_the_listener_open() {
    let server = TestServer::limited(|limits| {
        limits.forbindelser = 4;
        limits.ventende = 100;
        limits.ventende_pr_adresse = 100;
    })
    .await;
    let mut polls = Vec::new();
    for _ in 0..4 {
        polls.push(poll(&server, "").await);
    }
    a_while().await;
    let mut other = server.public_stream().await;
    other
        .write_all(b"GET /eksport/a HTTP/1.1\r\nHost: a\r\n\r\n")
        .await
        .unwrap();
    let got = until(&mut other, "[]").await;
    assert_status(&got, 200);
    // The one that has waited longest was answered for it, and told that its connection ends.
    let answered = to_end(&mut polls[0]).await;
    assert_status(&answered, 200);
    assert!(answered.ends_with("besvaret"), "{answered}");
    assert!(answered.contains("connection: close"), "{answered}");
    until_waiting(&server, 3).await;
    server.echo.release.notify_waiters();
    for poll in &mut polls[1..] {
        until(poll, "sluppet").await;
    }
}

#[tokio::test]
async fn polls_of_one_address_give_way_to_its_own() {
    let server = TestServer::limited(|limits| limits.ventende_pr_adresse = 2).await;
    let mut first = poll(&server, "").await;
    let second = poll(&server, "").await;
    a_while().await;
    let mut third = server.public_stream().await;
    third.write_all(POLL.as_bytes()).await.unwrap();
    // Its connection stays: there is room for it.
    let answered = until(&mut first, "besvaret").await;
    assert!(!answered.contains("connection: close"), "{answered}");
    until_waiting(&server, 2).await;
    server.echo.release.notify_waiters();
    until(&mut third, "sluppet").await;
    drop(second);
}

#[tokio::test]
async fn there_are_so_many_polls_in_all() {
    let server = TestServer::with(Wanted {
        limits: Graenser {
            ventende: 2,
            ..patient()
        },
        proxy: trusted(Adressekilde::Forwarded),
        ..Wanted::default()
    })
    .await;
    let mut one = poll(&server, "Forwarded: for=192.0.2.1\r\n").await;
    let _other = poll(&server, "Forwarded: for=192.0.2.2\r\n").await;
    a_while().await;
    let mut third = server.public_stream().await;
    third.write_all(POLL.as_bytes()).await.unwrap();
    until(&mut one, "besvaret").await;
    until_waiting(&server, 2).await;
}

/// This machine is a trusted proxy.
fn trusted(adresse: Adressekilde) -> Proxy {
    Proxy {
        betroede: vec!["127.0.0.1".to_owned().try_into().unwrap()],
        adresse,
    }
}

async fn behind(adresse: Adressekilde) -> TestServer {
    TestServer::with(Wanted {
        limits: Graenser {
            ventende_pr_adresse: 1,
            ..patient()
        },
        proxy: trusted(adresse),
        ..Wanted::default()
    })
    .await
}

#[tokio::test]
async fn a_trusted_proxy_tells_callers_apart() {
    let server = behind(Adressekilde::Forwarded).await;
    let mut first = poll(&server, "Forwarded: for=192.0.2.1\r\n").await;
    // What the caller itself writes before the proxy's word counts for nothing.
    let _second = poll(
        &server,
        "Forwarded: for=192.0.2.1\r\nForwarded: for=192.0.2.2\r\n",
    )
    .await;
    let _third = poll(&server, "Forwarded: for=\"[2001:db8::1]:80\"\r\n").await;
    let _own = poll(&server, "X-Forwarded-For: 192.0.2.1\r\n").await;
    a_while().await;
    let mut again = server.public_stream().await;
    let request = POLL.replace("\r\n\r\n", "\r\nForwarded: for=192.0.2.1\r\n\r\n");
    again.write_all(request.as_bytes()).await.unwrap();
    until(&mut first, "besvaret").await;
    until_waiting(&server, 4).await;
}

#[tokio::test]
async fn what_a_proxy_tells_is_read_or_refused() {
    let server = behind(Adressekilde::Forwarded).await;
    let ask = |path: &str| {
        format!("GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nForwarded: for=\"1\r\n\r\n")
    };
    for path in ["/eksport/a", "/wsdl/a", "/"] {
        let got = server.raw_public(ask(path)).await;
        assert_status(&got, 400);
        assert!(got.contains("DTR1033"), "{got}");
    }
    assert_status(&server.raw_public(ask("/healthz")).await, 200);
    // To who has no proxy before it the header means nothing.
    let open = TestServer::start().await;
    assert_status(&open.raw_public(ask("/eksport/a")).await, 200);
}

/// A header of the PROXY protocol from 192.0.2.`last`.
fn header(last: u8) -> Vec<u8> {
    let addresses = [192, 0, 2, last, 127, 0, 0, 1, 0x12, 0x34, 0, 80];
    [&b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c"[..], &addresses].concat()
}

#[tokio::test]
async fn a_proxy_header_stands_before_the_connection() {
    let server = behind(Adressekilde::ProxyV2).await;
    let mut polls = Vec::new();
    for last in [1, 2] {
        let mut stream = server.public_stream().await;
        stream.write_all(&header(last)).await.unwrap();
        stream.write_all(POLL.as_bytes()).await.unwrap();
        until_waiting(&server, usize::from(last)).await;
        polls.push(stream);
    }
    a_while().await;
    let mut again = server.public_stream().await;
    again.write_all(&header(1)).await.unwrap();
    again.write_all(POLL.as_bytes()).await.unwrap();
    until(&mut polls[0], "besvaret").await;
    until_waiting(&server, 2).await;
    // Without it a connection is of no use: whose it is must not be guessed. Nor is Forwarded asked then.
    let bare = "GET /healthz HTTP/1.1\r\nHost: a\r\nForwarded: for=192.0.2.9\r\n\r\n";
    assert_eq!(server.raw_public(bare).await, "");
    for cut in [1, 12, 16, 20] {
        let mut stream = server.public_stream().await;
        stream.write_all(&header(1)[..cut]).await.unwrap();
        stream.shutdown().await.unwrap();
        assert_eq!(to_end(&mut stream).await, "");
    }
    let figures = server.metrics.render();
    assert!(
        figures.contains(r#"cut_total{reason="proxy"} 5"#),
        "{figures}"
    );
}

#[tokio::test]
async fn a_proxy_header_of_a_stranger_is_no_request() {
    let ask = |header: Vec<u8>| [&header[..], b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"].concat();
    for proxy in [
        Proxy::default(),
        trusted(Adressekilde::Forwarded),
        Proxy {
            betroede: vec!["192.0.2.1".to_owned().try_into().unwrap()],
            adresse: Adressekilde::ProxyV2,
        },
    ] {
        let server = TestServer::with(Wanted {
            proxy,
            ..Wanted::default()
        })
        .await;
        assert_status(&server.raw_public(ask(header(1))).await, 400);
    }
}

#[tokio::test]
async fn a_proxy_header_comes_before_tls() {
    let server = TestServer::with(Wanted {
        public_tls: true,
        proxy: trusted(Adressekilde::ProxyV2),
        ..Wanted::default()
    })
    .await;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(server.pki.roots())
        .with_no_client_auth();
    let mut stream = server.public_stream().await;
    stream.write_all(&header(1)).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    let tls = TlsConnector::from(Arc::new(config)).connect(name, stream);
    let mut tls = tls.await.unwrap();
    tls.write_all(b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        .await
        .unwrap();
    tls.flush().await.unwrap();
    assert_status(&to_end(&mut tls).await, 200);
}
