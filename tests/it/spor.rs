//! Traces: what a collector gets, and that one that takes nothing holds nobody up.

use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use crate::support::TestApp;
use crate::support::messages::*;

/// A collector that answers each message with this status and passes it on.
async fn collector(status: &'static str) -> (String, mpsc::UnboundedReceiver<Value>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (sender, receiver) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut text = String::new();
            let body = loop {
                let mut piece = [0; 4096];
                let read = stream.read(&mut piece).await.unwrap();
                text.push_str(&String::from_utf8_lossy(&piece[..read]));
                assert!(
                    text.len() < 13 || text.starts_with("POST /v1/traces "),
                    "{text}"
                );
                if let Some((_, body)) = text.split_once("\r\n\r\n")
                    && let Ok(told) = serde_json::from_str(body)
                {
                    break told;
                }
                assert!(read > 0, "cut short: {text}");
            };
            let answer =
                format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            stream.write_all(answer.as_bytes()).await.unwrap();
            let _ = sender.send(body);
        }
    });
    (url, receiver)
}

fn text<'s>(span: &'s Value, key: &str) -> &'s str {
    let attributes = span["attributes"].as_array().unwrap();
    let found = attributes.iter().find(|attribute| attribute["key"] == key);
    found.map_or("", |found| found["value"]["stringValue"].as_str().unwrap())
}

async fn counted(app: &TestApp, line: &str) {
    let url = format!("http://{}/metrics", app.app.running.admin);
    let mut told = String::new();
    for _ in 0..12000 {
        told = app
            .anyone()
            .get(&url, &[])
            .await
            .unwrap()
            .text()
            .into_owned();
        if told.contains(line) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("no {line} in {told}");
}

#[tokio::test]
async fn each_call_is_a_span_of_its_callers_trace() {
    let (url, mut got) = collector("200 OK").await;
    let app = TestApp::with(|config| config.log.spor = Some(url)).await;
    let insert = write("InsertDaginstitution", &[institution("Kløverengen", 751)]);
    let answer = app.caller("kommune").import_v2(insert).ok().await;
    let id = answer.tree().text_of("korrelationsId").to_owned();
    let front = app.public("/");
    let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7";
    for flags in ["01", "00"] {
        let traced = [("traceparent", &*format!("{parent}-{flags}"))];
        assert_eq!(app.anyone().get(&front, &traced).await.unwrap().status, 200);
    }
    counted(&app, "dtr_spans_total{outcome=\"sent\"} 2").await;
    let told = got.recv().await.unwrap();
    let spans = told["resourceSpans"][0]["scopeSpans"][0]["spans"]
        .as_array()
        .unwrap();
    assert_eq!(
        spans.len(),
        2,
        "the one whose caller keeps no trace is not sent: {told}"
    );
    assert_eq!(spans[0]["traceId"], id.replace('-', ""));
    assert_eq!(text(&spans[0], "rpc.method"), "InsertDaginstitution");
    assert_eq!(text(&spans[0], "dtr.korrelationsId"), id);
    assert!(!text(&spans[0], "dtr.cvr").is_empty());
    assert_eq!(spans[1]["traceId"], "4bf92f3577b34da6a3ce929d0e0e4736");
    assert_eq!(spans[1]["parentSpanId"], "00f067aa0ba902b7");
    assert!(
        !told.to_string().contains("Kløverengen"),
        "no field of a message"
    );
}

#[tokio::test]
async fn a_collector_that_takes_nothing_holds_nobody_up() {
    let (url, mut got) = collector("503 Service Unavailable").await;
    let app = TestApp::with(|config| config.log.spor = Some(url)).await;
    let front = app.public("/");
    assert_eq!(app.anyone().get(&front, &[]).await.unwrap().status, 200);
    got.recv().await.unwrap();
    counted(&app, "dtr_spans_total{outcome=\"dropped\"} 1").await;
    assert_eq!(app.anyone().get(&front, &[]).await.unwrap().status, 200);
}
