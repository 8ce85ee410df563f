//! Traces for an OpenTelemetry collector, where the configuration names one: a span for each call, in the JSON form of OTLP over
//! HTTP (`/v1/traces`). Off by default; what can't be sent is dropped and counted, and never holds a call up.
//!
//! A call with a `traceparent` header (W3C Trace Context) is a child of the caller's span; without one its trace has the number
//! of its correlation id, so that what a caller quotes leads to its trace. A span holds what the log's line holds: no field of a
//! message and nothing personal.

use std::sync::Arc;
use std::time::Duration;

use hyper::header::HeaderMap;
use serde_json::{Value, json};
use tokio::sync::mpsc::{Receiver, Sender, channel};
use uuid::Uuid;

use crate::client::Client;
use crate::hex::Hex;
use crate::metrics::Metrics;
use crate::register::{Cvr, Tidspunkt};

/// Spans that wait to be sent, at most; what comes beyond is dropped.
const WAITING: usize = 4_096;
/// Spans of one message to the collector.
const BATCH: usize = 512;
/// So long spans gather, and so long the collector has to take them.
const GATHER: Duration = Duration::from_secs(2);
const PATIENCE: Duration = Duration::from_secs(10);

/// Where a call comes from, by its `traceparent` header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceParent {
    trace: String,
    parent: String,
    sampled: bool,
}

impl TraceParent {
    /// Reads the header, which anyone may have written anything into.
    pub fn of(headers: &HeaderMap) -> Option<Self> {
        let text = headers.get("traceparent")?.to_str().ok()?;
        let mut parts = text.split('-');
        let (version, trace, parent) = (parts.next()?, parts.next()?, parts.next()?);
        let flags = u8::from_str_radix(parts.next()?, 16).ok()?;
        let is_hex = |text: &str, length: usize| {
            let mut bytes = text.bytes();
            text.len() == length
                && bytes.all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
                && text.bytes().any(|byte| byte != b'0')
        };
        // Later versions may say more, and say this first.
        let known =
            version.len() == 2 && version != "ff" && (version != "00" || parts.next().is_none());
        (known && is_hex(trace, 32) && is_hex(parent, 16)).then(|| Self {
            trace: trace.to_owned(),
            parent: parent.to_owned(),
            sampled: flags & 1 == 1,
        })
    }
}

/// A call that was answered.
#[derive(Debug)]
pub struct TracedCall {
    /// The correlation id.
    pub id: Uuid,
    /// Where it comes from, if it says so.
    pub parent: Option<TraceParent>,
    /// When its head had been read.
    pub begun: Tidspunkt,
    /// How long it took.
    pub took: Duration,
    /// The listener.
    pub listener: &'static str,
    /// The service, or kind of document.
    pub service: &'static str,
    /// The operation; `-` when it is not known.
    pub operation: &'static str,
    /// HTTP status.
    pub status: u16,
    /// The code of the refusal.
    pub kode: Option<&'static str>,
    /// The caller's CVR number.
    pub cvr: Option<Cvr>,
    /// Records in the message.
    pub poster: usize,
}

/// Takes spans on their way to the collector.
#[derive(Debug, Clone)]
pub struct Tracer {
    sender: Sender<TracedCall>,
    metrics: Arc<Metrics>,
}

impl Tracer {
    /// Sends to the collector at this address (`http://host:port`), on a task of the runtime that ends with the last clone.
    pub fn to(url: &str, metrics: Arc<Metrics>) -> Self {
        let (sender, receiver) = channel(WAITING);
        let url = format!("{}/v1/traces", url.trim_end_matches('/'));
        tokio::spawn(send(receiver, url, Arc::clone(&metrics)));
        Self { sender, metrics }
    }

    /// Notes a call, unless its caller traces it and has decided not to keep it.
    pub fn call(&self, call: TracedCall) {
        if call.parent.as_ref().is_some_and(|parent| !parent.sampled) {
            return;
        }
        if self.sender.try_send(call).is_err() {
            self.metrics.spans.at("dropped").inc();
        }
    }
}

async fn send(mut receiver: Receiver<TracedCall>, url: String, metrics: Arc<Metrics>) {
    let client = match Client::plain() {
        Ok(client) => client.with_timeout(PATIENCE),
        Err(error) => return tracing::error!(%error, "no traces are sent"),
    };
    let mut batch = Vec::with_capacity(BATCH);
    let mut failing = false;
    while receiver.recv_many(&mut batch, BATCH).await > 0 {
        if batch.len() < BATCH {
            tokio::time::sleep(GATHER).await;
            while batch.len() < BATCH
                && let Ok(more) = receiver.try_recv()
            {
                batch.push(more);
            }
        }
        let body = serde_json::to_vec(&message(&batch)).unwrap_or_default();
        let headers = [("content-type", "application/json")];
        let why = match client.post(&url, &headers, body).await {
            Ok(answer) if answer.status.is_success() => None,
            Ok(answer) => Some(answer.status.to_string()),
            Err(error) => Some(error.to_string()),
        };
        let outcome = if why.is_none() { "sent" } else { "dropped" };
        metrics.spans.at(outcome).inc_by(batch.len() as u64);
        match &why {
            Some(why) if !failing => {
                tracing::warn!(
                    why,
                    spans = batch.len(),
                    "the collector of traces takes none"
                );
            }
            None if failing => tracing::info!("the collector of traces takes them again"),
            _ => {}
        }
        failing = why.is_some();
        batch.clear();
    }
}

/// An `ExportTraceServiceRequest` as JSON.
fn message(batch: &[TracedCall]) -> Value {
    let spans: Vec<_> = batch.iter().map(span).collect();
    json!({"resourceSpans": [{
        "resource": {"attributes": [
            text("service.name", "dtr"),
            text("service.version", env!("CARGO_PKG_VERSION")),
        ]},
        "scopeSpans": [{"scope": {"name": "dtr"}, "spans": spans}],
    }]})
}

fn span(call: &TracedCall) -> Value {
    let from = i128::from(call.begun.millis()) * 1_000_000;
    let until = from + i128::try_from(call.took.as_nanos()).unwrap_or_default();
    let random = Uuid::new_v4().into_bytes();
    let mut attributes = vec![
        text("dtr.listener", call.listener),
        text("dtr.korrelationsId", &call.id.to_string()),
        text("rpc.service", call.service),
        text("rpc.method", call.operation),
        json!({"key": "http.response.status_code", "value": {"intValue": call.status.to_string()}}),
    ];
    attributes.extend(call.kode.map(|kode| text("dtr.kode", kode)));
    attributes.extend(call.cvr.map(|cvr| text("dtr.cvr", cvr.as_str())));
    if call.poster > 0 {
        let poster = call.poster.to_string();
        attributes.push(json!({"key": "dtr.poster", "value": {"intValue": poster}}));
    }
    let mut span = json!({
        "traceId": call.parent.as_ref().map_or_else(|| call.id.simple().to_string(), |parent| parent.trace.clone()),
        "spanId": Hex(&random[..8]).to_string(),
        "name": format!("{} {}", call.service, call.operation),
        // A server's.
        "kind": 2,
        "startTimeUnixNano": from.to_string(),
        "endTimeUnixNano": until.to_string(),
        "attributes": attributes,
    });
    if let Some(parent) = &call.parent {
        span["parentSpanId"] = json!(parent.parent);
    }
    if call.status >= 500 {
        span["status"] = json!({"code": 2, "message": call.kode.unwrap_or_default()});
    }
    span
}

fn text(key: &str, value: &str) -> Value {
    json!({"key": key, "value": {"stringValue": value}})
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(traceparent: &str) -> Option<TraceParent> {
        let mut headers = HeaderMap::new();
        headers.insert("traceparent", traceparent.parse().unwrap());
        TraceParent::of(&headers)
    }

    #[test]
    fn only_a_good_traceparent_is_taken() {
        let (trace, parent) = ("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7");
        let taken = of(&format!("00-{trace}-{parent}-01")).unwrap();
        assert_eq!(
            (&*taken.trace, &*taken.parent, taken.sampled),
            (trace, parent, true)
        );
        assert!(!of(&format!("00-{trace}-{parent}-00")).unwrap().sampled);
        assert!(of(&format!("01-{trace}-{parent}-01-mere")).is_some());
        for bad in [
            String::new(),
            "00".to_owned(),
            format!("00-{trace}-{parent}"),
            format!("00-{trace}-{parent}-01-mere"),
            format!("ff-{trace}-{parent}-01"),
            format!("00-{}-{parent}-01", "0".repeat(32)),
            format!("00-{trace}-{}-01", "0".repeat(16)),
            format!("00-{}-{parent}-01", trace.to_uppercase()),
            format!("00-{trace}0-{parent}-01"),
            format!("00-{trace}-{parent}-xx"),
        ] {
            assert_eq!(of(&bad), None, "{bad}");
        }
    }

    #[test]
    fn a_span_tells_what_the_log_tells() {
        let call = TracedCall {
            id: Uuid::from_u128(7),
            parent: None,
            begun: Tidspunkt::from_millis(1_000),
            took: Duration::from_micros(1_500),
            listener: "service",
            service: "import:v2",
            operation: "InsertDaginstitution",
            status: 500,
            kode: Some("DTR9001"),
            cvr: None,
            poster: 3,
        };
        let told = message(&[call]);
        let span = &told["resourceSpans"][0]["scopeSpans"][0]["spans"][0];
        assert_eq!(span["traceId"], "00000000000000000000000000000007");
        assert_eq!(span["spanId"].as_str().unwrap().len(), 16);
        assert_eq!(span["name"], "import:v2 InsertDaginstitution");
        assert_eq!(span["startTimeUnixNano"], "1000000000");
        assert_eq!(span["endTimeUnixNano"], "1001500000");
        assert_eq!(span["status"]["code"], 2);
        let attributes = span["attributes"].as_array().unwrap();
        let poster = json!({"key": "dtr.poster", "value": {"intValue": "3"}});
        assert!(attributes.contains(&poster), "{attributes:?}");
        assert!(attributes.contains(&text("dtr.kode", "DTR9001")));
        assert!(span.get("parentSpanId").is_none());
    }
}
