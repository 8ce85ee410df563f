//! SOAP paths: what passes, each refusal, and each limit at n and n+1.

use std::time::{Duration, Instant};

use hyper::Method;
use hyper::body::Bytes;
use tokio::io::AsyncWriteExt;

use super::*;

const XML: (&str, &str) = ("Content-Type", "text/xml; charset=utf-8");
const SOAP12: (&str, &str) = ("Content-Type", "application/soap+xml; action=\"urn:b\"");
const IMPORT: &str = "/v2/ImportService";

/// Method, path, headers; status and how the body begins.
type Case<'a> = (&'a Method, &'a str, &'a [(&'a str, &'a str)], u16, &'a str);

#[tokio::test]
async fn a_call_reaches_the_gateway_with_what_its_head_says() {
    let server = TestServer::start().await;
    let client = server.client();
    let url = server.soap_url(IMPORT);
    let got = client
        .post(&url, &[XML, ("SOAPAction", "\"urn:a\"")], "<a/>")
        .await
        .unwrap();
    assert_eq!(got.status, 200);
    assert_eq!(
        got.text(),
        "import:v2 V11 Some(\"utf-8\") Some(\"urn:a\") 4 byte, 1 cert"
    );
    assert_eq!(got.header("cache-control"), Some("no-store"));
    assert_eq!(got.header("server"), None);
    let id = got.header("x-korrelations-id").unwrap();
    assert!(uuid::Uuid::parse_str(id).is_ok(), "{id}");

    let url = server.soap_url("/v1/EksportService");
    let got = client.post(&url, &[SOAP12], "<b/>").await.unwrap();
    assert_eq!(
        got.text(),
        "eksport:v1 V12 None Some(\"urn:b\") 4 byte, 1 cert"
    );
    assert_ne!(got.header("x-korrelations-id"), Some(id));
}

#[tokio::test]
async fn refusals_are_faults_in_the_callers_version() {
    let server = TestServer::start().await;
    let client = server.client();
    let post = Method::POST;
    let cases: &[Case] = &[
        (
            &post,
            IMPORT,
            &[("Content-Type", "text/plain")],
            415,
            "DTR1004 Some(V11)",
        ),
        (&post, IMPORT, &[], 415, "DTR1004 Some(V11)"),
        (&post, IMPORT, &[XML, XML], 415, "DTR1004 Some(V11)"),
        (
            &post,
            IMPORT,
            &[(
                "Content-Type",
                "multipart/related; type=\"application/xop+xml\"",
            )],
            415,
            "DTR1004",
        ),
        (
            &post,
            IMPORT,
            &[("Content-Type", "application/soap+xml; charset")],
            415,
            "DTR1004 Some(V12)",
        ),
        (
            &post,
            IMPORT,
            &[SOAP12, ("Content-Encoding", "gzip")],
            415,
            "DTR1005 Some(V12)",
        ),
        (
            &post,
            IMPORT,
            &[XML, ("Content-Encoding", "identity, br")],
            415,
            "DTR1005 Some(V11)",
        ),
        (
            &post,
            IMPORT,
            &[XML, ("Content-Encoding", "identity")],
            200,
            "import:v2",
        ),
        (
            &post,
            IMPORT,
            &[XML, ("SOAPAction", "a"), ("SOAPAction", "b")],
            500,
            "DTR3014",
        ),
        (
            &post,
            IMPORT,
            &[SOAP12, ("Expect", "tea")],
            417,
            "DTR1017 Some(V12)",
        ),
        (
            &post,
            "/v3/ImportService",
            &[SOAP12],
            404,
            "DTR1001 Some(V12)",
        ),
        (
            &post,
            "/v2/importservices",
            &[XML],
            404,
            "DTR1001 Some(V11)",
        ),
        (
            &post,
            "//v2/ImportService",
            &[XML],
            404,
            "DTR1001 Some(V11)",
        ),
        (&Method::GET, IMPORT, &[], 405, "DTR1002 Some(V11)"),
        (&Method::PUT, IMPORT, &[SOAP12], 405, "DTR1002 Some(V12)"),
        (&Method::DELETE, IMPORT, &[], 405, "DTR1002"),
        (&Method::OPTIONS, IMPORT, &[], 405, "DTR1002"),
        (&Method::TRACE, IMPORT, &[], 405, "DTR1002"),
        (&Method::GET, "/nowhere", &[], 404, "DTR1001 None"),
        (&Method::GET, "/healthz", &[], 404, "DTR1001 None"),
    ];
    for (method, path, headers, status, body) in cases {
        let got = client
            .send(
                (*method).clone(),
                &server.soap_url(path),
                headers,
                Bytes::from_static(b"<a/>"),
            )
            .await
            .unwrap();
        assert_eq!(
            got.status,
            *status,
            "{method} {path} {headers:?}: {}",
            got.text()
        );
        assert!(
            got.text().starts_with(body),
            "{method} {path} {headers:?}: {}",
            got.text()
        );
        let length = got.header("content-length").unwrap().parse();
        assert_eq!(length, Ok(got.body.len()));
        assert_eq!(got.header("allow"), (*status == 405).then_some("POST"));
    }
    let head = client
        .send(Method::HEAD, &server.soap_url(IMPORT), &[], Bytes::new())
        .await
        .unwrap();
    assert_eq!((head.status.as_u16(), head.body.len()), (405, 0));
}

#[tokio::test]
async fn the_flat_wsdl_is_on_the_soap_path() {
    let server = TestServer::start().await;
    let client = server.client();
    for query in ["?wsdl", "?WSDL"] {
        let got = client
            .get(&server.soap_url(&format!("{IMPORT}{query}")), &[])
            .await
            .unwrap();
        assert_eq!(
            (got.status.as_u16(), got.text().as_ref()),
            (200, "<definitions/>")
        );
    }
    let other = client
        .get(&server.soap_url(&format!("{IMPORT}?wsdl=1")), &[])
        .await
        .unwrap();
    assert_eq!(other.status, 405);
}

#[tokio::test]
async fn a_body_is_taken_to_its_limit_and_not_beyond() {
    let server = TestServer::limited(|limits| limits.besked_bytes = 100_000).await;
    let client = server.client();
    let url = server.soap_url(IMPORT);
    let got = client
        .post(&url, &[XML], vec![b'x'; 100_000])
        .await
        .unwrap();
    assert!(got.text().contains("100000 byte"), "{}", got.text());
    let got = client
        .post(&url, &[XML], vec![b'x'; 100_001])
        .await
        .unwrap();
    assert_eq!(got.status, 500);
    assert!(got.text().contains("100000 bytes"), "{}", got.text());
    assert_eq!(got.header("connection"), Some("close"));

    let head = "POST /v2/ImportService HTTP/1.1\r\nHost: a\r\nContent-Type: text/xml\r\nTransfer-Encoding: chunked\r\n\
                Connection: close\r\n\r\n";
    let chunk = format!("3e8\r\n{}\r\n", "y".repeat(1000));
    let whole = format!("{head}{}0\r\n\r\n", chunk.repeat(100));
    assert!(server.raw(whole).await.contains("100000 byte"));
    let longer = format!("{head}{}1\r\nz\r\n0\r\n\r\n", chunk.repeat(100));
    assert_status(&server.raw(longer).await, 500);
}

#[tokio::test]
async fn a_refused_upload_sees_its_answer_although_it_goes_on_sending() {
    let server = TestServer::limited(|limits| limits.besked_bytes = 1024).await;
    let got = server
        .client()
        .post(&server.soap_url(IMPORT), &[XML], vec![b'x'; 12 << 20])
        .await
        .unwrap();
    assert_eq!(got.status, 500);
    let endless = server
        .client()
        .post(&server.soap_url(IMPORT), &[XML], vec![b'x'; 10 << 20])
        .await;
    assert_eq!(endless.unwrap().status, 500);
}

#[tokio::test]
async fn a_caller_that_asks_first_is_told_before_it_sends() {
    let server = TestServer::limited(|limits| limits.besked_bytes = 1024).await;
    let head = |length: usize| {
        format!(
            "POST {IMPORT} HTTP/1.1\r\nHost: a\r\nContent-Type: text/xml\r\nContent-Length: {length}\r\n\
             Expect: 100-continue\r\nConnection: close\r\n\r\n"
        )
    };
    let mut stream = server.service_stream().await;
    stream.write_all(head(4).as_bytes()).await.unwrap();
    assert_eq!(
        until(&mut stream, "\r\n\r\n").await,
        "HTTP/1.1 100 Continue\r\n\r\n"
    );
    let got = talk(stream, b"<a/>").await;
    assert_status(&got, 200);
    assert!(got.contains("4 byte"), "{got}");

    assert_status(&server.raw(head(1025)).await, 500);
}

#[tokio::test]
async fn a_body_that_stands_still_or_takes_too_long_is_cut() {
    let server = TestServer::limited(|limits| {
        limits.stilstand_ms = 500;
    })
    .await;
    let head = format!(
        "POST {IMPORT} HTTP/1.1\r\nHost: a\r\nContent-Type: text/xml\r\nContent-Length: 100\r\n\r\n"
    );
    let begun = Instant::now();
    let got = server.raw(format!("{head}<a")).await;
    assert_status(&got, 408);
    assert!(
        got.contains("DTR1007") && begun.elapsed() >= Duration::from_millis(500),
        "{got}"
    );

    // It never stands still, and takes too long.
    let server = TestServer::limited(|limits| limits.kald_ms = 1500).await;
    let mut stream = server.service_stream().await;
    stream.write_all(head.as_bytes()).await.unwrap();
    let begun = Instant::now();
    let (mut reading, mut writing) = tokio::io::split(stream);
    let drip = tokio::spawn(async move {
        while writing.write_all(b"x").await.is_ok() && writing.flush().await.is_ok() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    });
    assert_status(&until(&mut reading, "\r\n\r\n").await, 408);
    assert!(begun.elapsed() >= Duration::from_millis(1500));
    drip.abort();
}

#[tokio::test]
async fn a_body_that_breaks_off_or_is_framed_wrongly_is_refused() {
    let server = TestServer::start().await;
    let head = format!("POST {IMPORT} HTTP/1.1\r\nHost: a\r\nContent-Type: text/xml\r\n");
    let mut stream = server.service_stream().await;
    stream
        .write_all(format!("{head}Content-Length: 9\r\n\r\n<a/>").as_bytes())
        .await
        .unwrap();
    stream.shutdown().await.unwrap();
    let got = to_end(&mut stream).await;
    assert_status(&got, 400);
    assert!(got.contains("DTR1009"), "{got}");
    let chunked = format!("{head}Transfer-Encoding: chunked\r\n\r\nzz\r\n<a/>\r\n0\r\n\r\n");
    assert_status(&server.raw(chunked).await, 400);
}

#[tokio::test]
async fn more_calls_than_allowed_are_told_to_come_again() {
    let server = TestServer::limited(|limits| limits.kald_i_gang = 1).await;
    let url = server.soap_url(IMPORT);
    let waiting = server.client();
    let waits = waiting.post(&url, &[XML], "VENT");
    let others = async {
        let client = server.client();
        let busy = loop {
            let got = client.post(&url, &[XML], "<a/>").await.unwrap();
            if got.status != 200 {
                break got;
            }
        };
        assert_eq!(busy.status, 503);
        assert!(busy.text().contains("DTR1006"), "{}", busy.text());
        assert_eq!(busy.header("retry-after"), Some("2"));
        let figures = Client::plain()
            .unwrap()
            .get(&server.admin_url("/metrics"), &[])
            .await
            .unwrap();
        assert!(
            figures.text().contains("dtr_in_flight 1"),
            "{}",
            figures.text()
        );
        server.echo.release.notify_one();
    };
    let (waited, ()) = tokio::join!(waits, others);
    assert_eq!(waited.unwrap().status, 200);
    let again = server.client().post(&url, &[XML], "<a/>").await.unwrap();
    assert_eq!(again.status, 200);
}

#[tokio::test]
async fn a_panic_is_a_fault_with_the_id_and_the_server_lives() {
    let server = TestServer::start().await;
    let client = server.client();
    let url = server.soap_url(IMPORT);
    let got = client.post(&url, &[SOAP12], "PANIK").await.unwrap();
    assert_eq!(got.status, 500);
    let id = got.header("x-korrelations-id").unwrap();
    assert!(
        got.text().starts_with("DTR9002 Some(V12)") && got.text().contains(id),
        "{}",
        got.text()
    );
    assert!(!got.text().contains("as the test asked"));
    assert_eq!(client.post(&url, &[XML], "<a/>").await.unwrap().status, 200);
}

#[tokio::test]
async fn pipelined_calls_are_answered_in_order() {
    let server = TestServer::start().await;
    let call = |path: &str, more: &str| {
        format!(
            "POST {path} HTTP/1.1\r\nHost: a\r\nContent-Type: text/xml\r\nContent-Length: 4\r\n{more}\r\n<a/>"
        )
    };
    let got = server
        .raw(
            call("/v1/ImportService", "")
                + &call(IMPORT, "")
                + &call("/v2/EksportService", "Connection: close\r\n"),
        )
        .await;
    assert_eq!(got.matches("HTTP/1.1 200 OK").count(), 3, "{got}");
    let at = |word| got.find(word).unwrap();
    assert!(at("import:v1") < at("import:v2") && at("import:v2") < at("eksport:v2"));
}

#[tokio::test]
async fn a_head_is_taken_to_its_limits_and_not_beyond() {
    let server = TestServer::start().await;
    let head = |target: &str, headers: &str| {
        format!("GET {target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{headers}\r\n")
    };
    let query = |length: usize| format!("/?{}", "q".repeat(length - 2));
    assert_status(&server.raw_public(head(&query(4096), "")).await, 200);
    assert_status(&server.raw_public(head(&query(4097), "")).await, 414);

    let count = |n: usize| (2..n).map(|n| format!("X-{n}: a\r\n")).collect::<String>();
    assert_status(&server.raw_public(head("/", &count(64))).await, 200);
    assert_status(&server.raw_public(head("/", &count(65))).await, 431);
    assert_status(&server.raw_public(head("/", &count(300))).await, 431);

    let long = |n: usize| format!("X-A: {}\r\n", "a".repeat(n - 3));
    assert_status(&server.raw_public(head("/", &long(8192))).await, 200);
    assert_status(&server.raw_public(head("/", &long(8193))).await, 431);

    let all = |n: usize| {
        let three = long(8192).repeat(3);
        let rest = n - head("/", &three).len();
        head(
            "/",
            &(three + &format!("X-A: {}\r\n", "a".repeat(rest - 7))),
        )
    };
    assert_eq!(all(32768).len(), 32768);
    assert_status(&server.raw_public(all(32768)).await, 200);
    assert_status(&server.raw_public(all(32769)).await, 431);
}

/// Collects what is logged.
#[derive(Clone, Default)]
struct Sink(Arc<std::sync::Mutex<Vec<u8>>>);

impl std::io::Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn lines_that_nobody_pays_for_are_bounded_and_counted() {
    let sink = Sink::default();
    let make = sink.clone();
    let subscriber = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_writer(move || make.clone())
        .finish();
    let _logging = tracing::subscriber::set_default(subscriber);
    let server = TestServer::with(Wanted {
        lines: Some(1),
        ..Wanted::default()
    })
    .await;
    let client = Client::plain().unwrap();
    for _ in 0..60 {
        client.get(&server.public_url("/"), &[]).await.unwrap();
    }
    // Of who has a certificate every line is written, whatever strangers do.
    let known = server.client();
    for _ in 0..20 {
        let got = known.post(&server.soap_url(IMPORT), &[XML], "<a/>").await;
        assert_eq!(got.unwrap().status, 200);
    }
    let figures = server.metrics.render();
    server.running.stop().await;
    let logged = String::from_utf8(sink.0.lock().unwrap().clone()).unwrap();
    let lines: Vec<serde_json::Value> = logged
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let calls = |of: &str| {
        let calls = lines.iter().filter(|line| line["message"] == "kald");
        calls.filter(|line| line["listener"] == of).count() as u64
    };
    let left_out: u64 = lines
        .iter()
        .filter(|line| line["message"] == "log lines left out")
        .filter_map(|line| line["lines"].as_u64())
        .sum();
    assert_eq!(calls("service"), 20);
    assert!(calls("public") >= 10 && left_out > 0, "{logged}");
    assert_eq!(calls("public") + left_out, 60);
    let counted = format!(r#"dtr_log_lines_left_out_total{{of="public"}} {left_out}"#);
    assert!(figures.contains(&counted), "{figures}");
}

#[tokio::test]
async fn a_call_is_one_line_in_the_log_without_its_body() {
    let sink = Sink::default();
    let make = sink.clone();
    let subscriber = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_writer(move || make.clone())
        .finish();
    let _logging = tracing::subscriber::set_default(subscriber);
    let server = TestServer::start().await;
    let url = server.soap_url(IMPORT);
    let got = server
        .client()
        .post(&url, &[XML, ("Content-Encoding", "gzip")], "<hemmeligt/>")
        .await
        .unwrap();
    let logged = String::from_utf8(sink.0.lock().unwrap().clone()).unwrap();
    let line: serde_json::Value = logged
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .find(|line: &serde_json::Value| line["message"] == "kald")
        .unwrap();
    assert_eq!(
        line["korrelationsId"],
        got.header("x-korrelations-id").unwrap()
    );
    assert_eq!(
        (&line["listener"], &line["service"]),
        (&"service".into(), &"import:v2".into())
    );
    assert_eq!(
        (&line["status"], &line["kode"]),
        (&415.into(), &"DTR1005".into())
    );
    assert!(line["ms"].is_number());
    assert!(!logged.contains("hemmeligt"));
}
