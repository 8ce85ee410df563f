//! Bodies and the memory that they take: what has come counts, not what is announced.

use tokio::io::AsyncWriteExt;
use tokio_rustls::client::TlsStream;

use super::*;

const XML: (&str, &str) = ("Content-Type", "text/xml; charset=utf-8");
const IMPORT: &str = "/v2/ImportService";

/// Bodies of 64 KiB, and room for two of them; what takes its time is not cut here.
async fn small() -> TestServer {
    TestServer::limited(|limits| {
        limits.besked_bytes = 64 << 10;
        limits.beskeder_i_alt_bytes = 128 << 10;
        limits.stilstand_ms = 120_000;
        limits.kald_ms = 120_000;
    })
    .await
}

/// Announces a body, and sends so much of it.
async fn begun(server: &TestServer, told: usize, sent: usize) -> TlsStream<TcpStream> {
    let mut stream = server.service_stream().await;
    let head = format!(
        "POST {IMPORT} HTTP/1.1\r\nHost: a\r\nContent-Type: text/xml\r\nContent-Length: {told}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(&vec![b'x'; sent]).await.unwrap();
    stream.flush().await.unwrap();
    stream
}

/// Waits until so many bytes are held.
async fn until_held(server: &TestServer, bytes: u64) {
    let line = format!("dtr_request_bodies_bytes {bytes}\n");
    let held = async {
        let (client, url) = (Client::plain().unwrap(), server.admin_url("/metrics"));
        while !client.get(&url, &[]).await.unwrap().text().contains(&line) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(PATIENCE, held).await.expect("so much is not held");
}

#[tokio::test]
async fn what_is_announced_takes_no_room() {
    let server = small().await;
    let mut waiting = Vec::new();
    for _ in 0..8 {
        waiting.push(begun(&server, 60_000, 1).await);
    }
    until_held(&server, 8).await;
    let (client, url) = (server.client(), server.soap_url(IMPORT));
    for _ in 0..4 {
        let got = client.post(&url, &[XML], vec![b'x'; 50_000]).await;
        assert_eq!(got.unwrap().status, 200);
    }
    // And who took its time is served too.
    let mut first = waiting.remove(0);
    first.write_all(&vec![b'x'; 59_999]).await.unwrap();
    first.flush().await.unwrap();
    until(&mut first, "1 cert").await;
}

#[tokio::test]
async fn who_holds_much_is_refused_more_until_it_is_sent() {
    let server = small().await;
    let mut holder = begun(&server, 64 << 10, 60_000).await;
    until_held(&server, 60_000).await;
    let (client, url) = (server.client(), server.soap_url(IMPORT));
    let more = || client.post(&url, &[XML], vec![b'x'; 20_000]);
    let refused = more().await.unwrap();
    assert_eq!(refused.status, 429, "{}", refused.text());
    assert!(refused.text().contains("DTR1031"), "{}", refused.text());
    assert!(refused.header("retry-after").is_some());
    // What is small enough beside it is taken.
    let small = client.post(&url, &[XML], vec![b'x'; 2000]).await.unwrap();
    assert_eq!(small.status, 200);
    holder
        .write_all(&vec![b'x'; (64 << 10) - 60_000])
        .await
        .unwrap();
    holder.flush().await.unwrap();
    until(&mut holder, "1 cert").await;
    until_held(&server, 0).await;
    assert_eq!(more().await.unwrap().status, 200);
}

#[tokio::test]
async fn a_body_in_chunks_is_held_to_the_same() {
    let server = small().await;
    let _holder = begun(&server, 64 << 10, 60_000).await;
    until_held(&server, 60_000).await;
    let chunk = format!("4e20\r\n{}\r\n", "x".repeat(20_000));
    let request = format!(
        "POST {IMPORT} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: text/xml\r\n\
         Transfer-Encoding: chunked\r\n\r\n{chunk}"
    );
    let got = server.raw(&request).await;
    assert_status(&got, 429);
    until_held(&server, 60_000).await;
}

#[tokio::test]
async fn who_is_not_registered_is_refused_before_its_message() {
    let server = small().await;
    server.echo.closed.store(true, Ordering::Relaxed);
    let mut stream = begun(&server, 64 << 10, 0).await;
    let got = to_end(&mut stream).await;
    assert!(got.contains("DTR1014"), "{got}");
    // Nor is it told to send it.
    let asks = format!(
        "POST {IMPORT} HTTP/1.1\r\nHost: a\r\nContent-Type: text/xml\r\nContent-Length: 60000\r\n\
         Expect: 100-continue\r\n\r\n"
    );
    let got = server.raw(&asks).await;
    assert!(!got.starts_with("HTTP/1.1 100"), "{got}");
    assert!(got.contains("DTR1014"), "{got}");
}

#[tokio::test]
async fn a_large_message_costs_before_it_comes() {
    // The debt of a large message is not paid within the time of a test.
    let server = TestServer::limited(|limits| {
        limits.kald_pr_sekund = 1;
        limits.kald_i_traek = 20;
        limits.stilstand_ms = 120_000;
    })
    .await;
    let _announced = begun(&server, 10 << 20, 1).await;
    until_held(&server, 1).await;
    let (client, url) = (server.client(), server.soap_url(IMPORT));
    let got = client.post(&url, &[XML], "<a/>").await.unwrap();
    assert_eq!(got.status, 429, "{}", got.text());
    assert!(got.text().contains("DTR1018"), "{}", got.text());
}
