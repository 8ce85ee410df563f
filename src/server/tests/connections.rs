//! Connections over time: silence, slowness, idleness, too many, and the end of the server.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::*;
use crate::server::Signals;

const GET: &str = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n";

#[tokio::test]
async fn a_silent_connection_is_closed() {
    let server = TestServer::limited(|limits| limits.foerste_byte_ms = 200).await;
    for tls in [false, true] {
        let begun = Instant::now();
        let got = if tls {
            to_end(&mut server.service_stream().await).await
        } else {
            to_end(&mut server.public_stream().await).await
        };
        assert_eq!(got, "");
        assert!(begun.elapsed() >= Duration::from_millis(190));
    }
}

#[tokio::test]
async fn slow_headers_are_cut_however_they_drip() {
    let server = TestServer::limited(|limits| limits.headere_ms = 300).await;
    let (mut reading, mut writing) = server.public_stream().await.into_split();
    let begun = Instant::now();
    let drip = tokio::spawn(async move {
        for byte in GET.bytes().cycle() {
            if writing.write_all(&[byte]).await.is_err() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(40)).await;
        }
    });
    let got = until(&mut reading, "\r\n\r\n").await;
    assert_status(&got, 408);
    assert!(timed_out(&server), "not counted");
    assert!(begun.elapsed() >= Duration::from_millis(290));
    drip.abort();
}

#[tokio::test]
async fn an_idle_connection_is_closed_after_its_own_time() {
    // A connection that has been served lives longer than one may take to begin.
    let server = TestServer::limited(|limits| {
        limits.foerste_byte_ms = 1000;
        limits.headere_ms = 1000;
    })
    .await;
    let mut stream = loop {
        let mut stream = server.public_stream().await;
        // A busy machine may need longer to begin.
        if stream.write_all(GET.as_bytes()).await.is_ok() && stream.read_u8().await.is_ok() {
            break stream;
        }
    };
    until(&mut stream, "\"ok\"}").await;
    tokio::time::sleep(Duration::from_millis(1500)).await;
    stream.write_all(GET.as_bytes()).await.unwrap();
    until(&mut stream, "\"ok\"}").await;

    // And it does not live for ever.
    let server = TestServer::limited(|limits| limits.ledig_ms = 1000).await;
    let mut stream = server.public_stream().await;
    stream.write_all(GET.as_bytes()).await.unwrap();
    let begun = Instant::now();
    assert!(to_end(&mut stream).await.ends_with("\"ok\"}"));
    assert!(
        begun.elapsed() >= Duration::from_millis(990),
        "closed too early"
    );
}

#[tokio::test]
async fn a_caller_that_takes_nothing_of_its_answer_is_cut() {
    let server = TestServer::limited(|limits| limits.svar_stilstand_ms = 200).await;
    let mut stream = server.public_stream().await;
    let request = "GET /eksport/stor HTTP/1.1\r\nHost: a\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    while !timed_out(&server) {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(to_end(&mut stream).await.len() < 64 << 20);
    let figures = server.metrics.render();
    assert!(
        figures.contains(r#"dtr_connections{listener="public"} 0"#),
        "{figures}"
    );
    assert!(timed_out(&server), "{figures}");
}

#[tokio::test]
async fn a_slow_caller_that_reads_on_gets_its_whole_answer() {
    // On a busy machine a pause may take longer than the limit: then all is slower.
    for times in [1, 10, 40] {
        if reads_on(times).await {
            return;
        }
    }
    panic!("it is cut though it reads on");
}

/// Each pause is far below the limit, and all of them together are beyond it. Tells whether the whole answer came.
async fn reads_on(times: u32) -> bool {
    const LIMIT: u32 = 3000;
    const PAUSES: u32 = 40;
    let server =
        TestServer::limited(|limits| limits.svar_stilstand_ms = u64::from(LIMIT * times)).await;
    let mut stream = server.public_stream().await;
    let request = "GET /eksport/stor HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut buffer = vec![0; 1 << 20];
    let (mut got, mut pauses) = (0, 0);
    while let Ok(n @ 1..) = stream.read(&mut buffer).await {
        got += n;
        if got > (pauses as usize) << 20 && pauses < PAUSES {
            pauses += 1;
            tokio::time::sleep(Duration::from_millis(100) * times).await;
        }
    }
    pauses == PAUSES && got > 64 << 20
}

#[tokio::test]
async fn a_caller_that_closes_its_side_still_gets_its_answer() {
    let server = TestServer::start().await;
    let mut stream = server.public_stream().await;
    stream.write_all(GET.as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    let got = to_end(&mut stream).await;
    assert_status(&got, 200);
    assert!(got.ends_with("{\"status\":\"ok\"}"), "{got}");
}

#[tokio::test]
async fn who_lets_the_server_wait_makes_room() {
    let server = TestServer::limited(|limits| limits.forbindelser = 2).await;
    let mut idle = server.public_stream().await;
    idle.write_all(GET.as_bytes()).await.unwrap();
    until(&mut idle, "\"ok\"}").await;
    let mut dripping = server.public_stream().await;
    dripping.write_all(b"GET /healthz").await.unwrap();
    tokio::time::sleep(Duration::from_millis(600)).await;
    let mut newcomer = server.public_stream().await;
    newcomer.write_all(GET.as_bytes()).await.unwrap();
    until(&mut newcomer, "\"ok\"}").await;
    assert_eq!(to_end(&mut idle).await, "", "it waited longest");
    dripping.write_all(&GET.as_bytes()[12..]).await.unwrap();
    until(&mut dripping, "\"ok\"}").await;
    assert!(
        server
            .metrics
            .render()
            .contains(r#"cut_total{reason="room"} 1"#)
    );
}

/// Asks on a connection of its own, and gives all that comes.
async fn ask(server: &TestServer, path: &str) -> String {
    let request = format!("GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    server.raw_public(request).await
}

#[tokio::test]
async fn a_full_listener_still_tells_that_the_server_lives() {
    let server = TestServer::limited(|limits| limits.forbindelser = 3).await;
    let mut held = Vec::new();
    // They are new for half a second only, which a busy machine may need for this.
    let refused = loop {
        held.clear();
        for _ in 0..3 {
            let mut stream = server.public_stream().await;
            stream.write_all(GET.as_bytes()).await.unwrap();
            until(&mut stream, "\"ok\"}").await;
            held.push(stream);
        }
        let got = ask(&server, "/eksport/a").await;
        let alive = ask(&server, "/healthz").await;
        assert_status(&alive, 200);
        if got.starts_with("HTTP/1.1 503 ") {
            break got;
        }
    };
    assert!(refused.contains("retry-after: 2\r\n"), "{refused}");
    assert!(refused.contains("DTR1006"), "{refused}");
    assert_eq!(
        server
            .client()
            .get(&server.soap_url("/eksport/a"), &[])
            .await
            .unwrap()
            .status,
        200
    );
    held.clear();
    let again = async {
        while !ask(&server, "/eksport/a")
            .await
            .starts_with("HTTP/1.1 200 ")
        {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(PATIENCE, again).await.expect("it is served again");
}

#[tokio::test]
async fn who_never_speaks_keeps_nobody_out() {
    let server = TestServer::limited(|limits| limits.forbindelser = 8).await;
    let mut silent = Vec::new();
    for _ in 0..40 {
        silent.push(server.public_stream().await);
    }
    // Longer than one that says nothing is let be; shorter than one that has spoken.
    tokio::time::sleep(Duration::from_millis(100)).await;
    for _ in 0..4 {
        let mut stream = server.public_stream().await;
        stream
            .write_all(b"GET /eksport/a HTTP/1.1\r\nHost: a\r\n\r\n")
            .await
            .unwrap();
        until(&mut stream, "[]").await;
        silent.push(stream);
        silent.push(server.public_stream().await);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test]
async fn stopping_finishes_what_is_under_way_and_ends_what_idles() {
    let server = TestServer::start().await;
    let url = server.soap_url("/v2/ImportService");
    let client = server.client();
    let echo = Arc::clone(&server.echo);
    let mut idle = server.public_stream().await;
    idle.write_all(GET.as_bytes()).await.unwrap();
    until(&mut idle, "\"ok\"}").await;
    let mut asked = server.public_stream().await;
    asked
        .write_all(b"GET /readyz HTTP/1.1\r\nHo")
        .await
        .unwrap();
    let waits = tokio::spawn(async move {
        client
            .post(&url, &[("Content-Type", "text/xml")], "VENT")
            .await
    });
    while !metrics_of(&server).await.contains("dtr_in_flight 1") {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }

    let (public, service) = (server.running.public, server.running.service);
    let stopping = tokio::spawn(server.running.stop());
    assert_eq!(to_end(&mut idle).await, "");
    asked.write_all(b"st: a\r\n\r\n").await.unwrap();
    let ready = to_end(&mut asked).await;
    assert_status(&ready, 503);
    assert!(ready.contains("\"modtager\":false"), "{ready}");
    assert!(TcpStream::connect(public).await.is_err());
    assert!(!stopping.is_finished());
    echo.release.notify_one();
    let answer = waits.await.unwrap().unwrap();
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("connection"), Some("close"));
    timeout(PATIENCE, stopping).await.unwrap().unwrap();
    assert!(TcpStream::connect(service).await.is_err());
}

#[tokio::test]
async fn stopping_does_not_wait_for_ever() {
    let server = TestServer::limited(|limits| limits.nedlukning_ms = 200).await;
    let url = server.soap_url("/v2/ImportService");
    let client = server.client();
    let waits = tokio::spawn(async move {
        client
            .post(&url, &[("Content-Type", "text/xml")], "VENT")
            .await
    });
    while !metrics_of(&server).await.contains("dtr_in_flight 1") {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    timeout(PATIENCE, server.running.stop()).await.unwrap();
    assert!(waits.await.unwrap().is_err());
}

#[tokio::test]
async fn a_server_that_waits_for_a_signal_can_be_stopped_too() {
    let server = TestServer::start().await;
    let stopper = server.running.stopper();
    let signals = Signals::listen().unwrap();
    let serving = tokio::spawn(server.running.until(signals));
    stopper.stop();
    timeout(PATIENCE, serving).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_taken_address_is_named_or_gone_round() {
    let server = TestServer::start().await;
    let lyt = crate::config::Lyt {
        service: server.running.service,
        public: "127.0.0.1:0".parse().unwrap(),
        admin: "127.0.0.1:0".parse().unwrap(),
    };
    let error = Listeners::bind(&lyt, false).await.unwrap_err().to_string();
    let expected = format!("can't listen on {} (lyt.service): ", server.running.service);
    assert!(error.starts_with(&expected), "{error}");
    let other = Listeners::bind(&lyt, true).await.unwrap();
    assert_ne!(other.service.port(), server.running.service.port());
}

async fn metrics_of(server: &TestServer) -> String {
    let got = Client::plain()
        .unwrap()
        .get(&server.admin_url("/metrics"), &[])
        .await;
    got.unwrap().text().into_owned()
}

#[tokio::test]
async fn what_is_no_http_is_refused_and_counted() {
    let server = TestServer::start().await;
    for bytes in [
        "\0\0\0\0\r\n\r\n",
        "GET / HTTP/1.1\r\nHost : a\r\n\r\n",
        "GET  / HTTP/1.1\r\n\r\n",
    ] {
        assert_status(&server.raw_public(bytes).await, 400);
    }
    // The last one is counted when its caller has let go.
    let counted = r#"dtr_connections_cut_total{reason="not_http"} 3"#;
    let waits = async {
        while !server.metrics.render().contains(counted) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let seen = timeout(PATIENCE, waits).await;
    assert!(seen.is_ok(), "{}", server.metrics.render());
}

fn timed_out(server: &TestServer) -> bool {
    let line = "dtr_connections_cut_total{reason=\"timeout\"} 1";
    server.metrics.render().contains(line)
}
