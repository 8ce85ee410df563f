//! What the admin listener shows Prometheus. No label names a caller: tenants are found in the log, not here.
//!
//! One [`Metrics`] per server, handed to whoever counts; there is no global registry.

use std::sync::atomic::AtomicU64;
use std::time::Duration;

use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{
    EncodeLabel, EncodeLabelSet, EncodeMetric, LabelSetEncoder, MetricEncoder,
};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::{MetricType, TypedMetric};
use prometheus_client::registry::{Metric, Registry, Unit};

use crate::store::Watch;

/// The media type of [`Metrics::render`].
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Upper bounds of the latency histogram, in seconds.
const BUCKETS: [f64; 13] = [
    0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0,
];

/// Upper bounds of what a commit takes, in seconds: an fsync of a good disk takes a tenth of a millisecond.
const COMMITS: [f64; 11] = [
    0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.1, 0.5, 2.5,
];

/// Upper bounds of how many jobs or changes go into a commit.
const SIZES: [f64; 11] = [
    1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 2048.0,
];

/// What a call is counted under.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CallLabels {
    /// `service`, `public` or `admin`.
    pub listener: &'static str,
    /// The service's short name, or the kind of document.
    pub service: &'static str,
    /// The operation; `-` when it is not known.
    pub operation: &'static str,
    /// HTTP status.
    pub status: u16,
}

impl EncodeLabelSet for CallLabels {
    fn encode(&self, encoder: &mut LabelSetEncoder<'_>) -> Result<(), std::fmt::Error> {
        ("listener", self.listener).encode(encoder.encode_label())?;
        ("service", self.service).encode(encoder.encode_label())?;
        ("operation", self.operation).encode(encoder.encode_label())?;
        ("status", u32::from(self.status)).encode(encoder.encode_label())
    }
}

/// A figure for each value of one label, which the table names.
#[derive(Debug, Clone)]
pub struct By<M>(&'static str, Family<[(&'static str, &'static str); 1], M>);

impl<M: Clone> By<M> {
    fn label(label: &'static str) -> Self
    where
        M: Default,
    {
        Self(label, Family::default())
    }

    /// The figure of this value.
    pub fn at(&self, value: &'static str) -> M {
        self.1.get_or_create_owned(&[(self.0, value)])
    }

    /// Does not show this value any more.
    fn remove(&self, value: &'static str) {
        self.1.remove(&[(self.0, value)]);
    }
}

impl<M: EncodeMetric + TypedMetric> EncodeMetric for By<M> {
    fn encode(&self, encoder: MetricEncoder<'_>) -> std::fmt::Result {
        self.1.encode(encoder)
    }

    fn metric_type(&self) -> MetricType {
        M::TYPE
    }

    fn is_empty(&self) -> bool {
        self.1.is_empty()
    }
}

/// Shows a figure under its name, with its unit where it has one.
fn show(
    registry: &mut Registry,
    (name, help): (&str, &str),
    unit: Option<Unit>,
    figure: impl Metric,
) {
    match unit {
        Some(unit) => registry.register_with_unit(name, help, unit, figure),
        None => registry.register(name, help, figure),
    }
}

/// The first of what is given.
macro_rules! first {
    ($first:expr $(, $rest:expr)?) => {
        $first
    };
}

/// A row for each figure: its name for Prometheus (without `dtr_`), its unit in brackets, and what it tells; then its name
/// here, its type, and how it begins where it does not begin at nothing.
macro_rules! figures {
    ($(
        $name:literal $([$unit:ident])?, $help:literal;
        $field:ident: $type:ty $(= $begins:expr)?;
    )*) => {
        /// All figures.
        #[derive(Debug)]
        pub struct Metrics {
            registry: Registry,
            $(#[doc = $help] pub $field: $type,)*
        }

        impl Metrics {
            /// Figures that all begin at nothing.
            pub fn new() -> Self {
                let mut registry = Registry::with_prefix("dtr");
                $(
                    let $field: $type = first!($($begins,)? <$type>::default());
                    let unit = first!($(Some(Unit::$unit),)? None);
                    show(&mut registry, ($name, $help), unit, $field.clone());
                )*
                Self { registry, $($field,)* }
            }
        }
    };
}

figures! {
    "requests", "Answered requests";
    calls: Family<CallLabels, Counter>;

    "request" [Seconds], "Time from the end of a request's headers to its answer";
    seconds: By<Histogram> = By("operation", Family::new_with_constructor(|| Histogram::new(BUCKETS)));

    "refusals", "Refused calls by code";
    refusals: By<Counter> = By::label("kode");

    "spans", "Traced calls: sent to the collector, or dropped because it did not take them";
    spans: By<Counter> = By::label("outcome");

    "handshakes", "TLS handshakes that were done: full ones, and sessions that were resumed";
    handshakes: By<Counter> = By::label("kind");

    "handshake_failures", "TLS handshakes that failed, by reason";
    handshakes_failed: By<Counter> = By::label("reason");

    "connections", "Open connections";
    connections: By<Gauge> = By::label("listener");

    "connections_turned_away", "Connections closed at once because the listener was full";
    turned_away: By<Counter> = By::label("listener");

    "connections_cut", "Connections that the server ended, by reason";
    cut: By<Counter> = By::label("reason");

    "certificate_expiry_timestamp" [Seconds], "When the listener's own certificate expires";
    certificates: By<Gauge<f64, AtomicU64>> = By::label("listener");

    "revocation_lists", "Revocation lists of client CAs, by state";
    lists: By<Gauge> = By::label("state");

    "mirror_age" [Seconds], "Time since a mirror of CVR or DAR was loaded; absent when there is none";
    mirror_age: By<Gauge> = By::label("mirror");

    "mirror_rows", "Rows of a mirror of CVR or DAR; absent when there is none";
    mirror_rows: By<Gauge> = By::label("mirror");

    "mirror_failed", "1 when the file of a mirror can't be used";
    mirror_failed: By<Gauge> = By::label("mirror");

    "tls_renewals_failed", "Listeners whose new certificates or lists can't be used";
    renewals_failed: Gauge;

    "clock_distrusted", "1 while the machine's clock is not believed, and no write is taken";
    clock_distrusted: Gauge;

    "in_flight", "SOAP calls being worked on";
    in_flight: Gauge;

    "polls_waiting", "Long polls that wait for a change";
    polls: By<Gauge> = By::label("listener");

    "answers_held" [Bytes], "Larger answers that are being sent, what is shared counted once";
    answers: By<Gauge> = By::label("listener");

    "log_lines_left_out", "Lines left out of the log, because callers that nothing else bounds caused too many";
    left_out: By<Counter> = By::label("of");

    "calls_left_out", "Calls left out of the call log: its queue was full, or the disk did not take them";
    calls_left_out: By<Counter> = By::label("of");

    "tavse_systemer", "Systems with an agreement to write that have written before and have gone silent";
    silent_systems: Gauge;

    "request_bodies" [Bytes], "Request bodies held in memory";
    body_bytes: Gauge;

    "writer_queue", "Writes waiting their turn";
    writer_queue: Gauge;

    "writer_commit" [Seconds], "Time of a commit, from COMMIT to on disk";
    commit: Histogram = Histogram::new(COMMITS);

    "writer_group_jobs", "Writes that one commit held";
    group_jobs: Histogram = Histogram::new(SIZES);

    "writer_group_changes", "Changed records that one commit held";
    group_changes: Histogram = Histogram::new(SIZES);

    "writer_commits_failed", "Commits that failed: a full or broken disk";
    commits_failed: Counter;

    "feed_lag" [Seconds],
    "Time from a change until the feed had it for those who ask; of a feed that nobody asks, until somebody does";
    feed_lag: Histogram = Histogram::new(BUCKETS);

    "search_lag", "Changes that the index of the search has not yet";
    search_lag: Gauge;

    "search_failed", "1 while the index of the search can't be made or kept current";
    search_failed: Gauge;

    "documents_kept" [Bytes], "Documents kept in memory, with their gzip forms";
    document_bytes: Gauge;

    "register_file" [Bytes], "The register's files: the database and its write-ahead log";
    files: By<Gauge> = By::label("file");

    "numbers_left", "Institution numbers that can still be issued";
    numbers_left: Gauge;
}

/// A count as a gauge holds it.
pub fn whole(count: impl TryInto<i64>) -> i64 {
    count.try_into().unwrap_or(i64::MAX)
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// Counts an answered call and its time.
    pub fn call(&self, labels: &CallLabels, seconds: f64, kode: Option<&'static str>) {
        self.calls.get_or_create(labels).inc();
        self.seconds.at(labels.operation).observe(seconds);
        if let Some(kode) = kode {
            self.refusals.at(kode).inc();
        }
    }

    /// Counts a handshake, or a session that was resumed.
    pub fn handshake(&self, resumed: bool) {
        let kind = if resumed { "resumed" } else { "full" };
        self.handshakes.at(kind).inc();
    }

    /// Counts a connection for as long as the answer lives.
    pub fn connection(&self, listener: &'static str) -> Counted {
        Counted::new(self.connections.at(listener))
    }

    /// Says how old a mirror is, in seconds, and its rows, where it is loaded; and whether its file can't be used.
    pub fn mirror(&self, mirror: &'static str, loaded: Option<(i64, u64)>, failed: bool) {
        self.mirror_failed.at(mirror).set(i64::from(failed));
        let Some((age, rows)) = loaded else {
            self.mirror_age.remove(mirror);
            self.mirror_rows.remove(mirror);
            return;
        };
        self.mirror_age.at(mirror).set(age);
        self.mirror_rows.at(mirror).set(whole(rows));
    }

    /// The text for Prometheus, of media type [`CONTENT_TYPE`].
    pub fn render(&self) -> String {
        let mut out = String::with_capacity(8 << 10);
        // Writing into a String can't fail.
        let _ = encode(&mut out, &self.registry);
        out
    }
}

impl Watch for Metrics {
    fn waiting(&self, jobs: usize) {
        self.writer_queue.set(whole(jobs));
    }

    fn committed(&self, jobs: usize, changes: u64, took: Duration, done: bool) {
        if !done {
            self.commits_failed.inc();
            return;
        }
        self.commit.observe(took.as_secs_f64());
        self.group_jobs.observe(jobs as f64);
        self.group_changes.observe(changes as f64);
    }
}

/// Holds a gauge up by one until it is dropped.
#[derive(Debug)]
pub struct Counted(Gauge);

impl Counted {
    /// Counts one more.
    pub fn new(gauge: Gauge) -> Self {
        gauge.inc();
        Self(gauge)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.dec();
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn what_is_counted_is_shown() {
        let metrics = Metrics::new();
        let none = metrics.render();
        assert!(
            !none.contains("dtr_requests") && !none.contains("dtr_spans"),
            "{none}"
        );
        let labels = CallLabels {
            listener: "service",
            service: "import:v2",
            operation: "HelloWorld",
            status: 200,
        };
        metrics.call(&labels, 0.003, None);
        metrics.call(
            &CallLabels {
                status: 413,
                ..labels
            },
            0.001,
            Some("DTR1003"),
        );
        metrics.spans.at("dropped").inc_by(2);
        metrics.handshake(false);
        metrics.handshake(true);
        metrics.handshakes_failed.at("certificate_expired").inc();
        metrics.certificates.at("service").set(1_800_000_000.0);
        let open = metrics.connection("public");
        metrics.waiting(3);
        metrics.committed(3, 501, Duration::from_micros(200), true);
        metrics.committed(1, 1, Duration::from_secs(1), false);
        metrics.files.at("register.db-wal").set(4096);
        metrics.feed_lag.observe(0.002);
        metrics.document_bytes.set(9);
        let text = metrics.render();
        for line in [
            r#"dtr_requests_total{listener="service",service="import:v2",operation="HelloWorld",status="200"} 1"#,
            r#"dtr_request_seconds_bucket{le="0.0025",operation="HelloWorld"} 1"#,
            r#"dtr_refusals_total{kode="DTR1003"} 1"#,
            r#"dtr_spans_total{outcome="dropped"} 2"#,
            r#"dtr_handshakes_total{kind="full"} 1"#,
            r#"dtr_handshakes_total{kind="resumed"} 1"#,
            r#"dtr_handshake_failures_total{reason="certificate_expired"} 1"#,
            r#"dtr_connections{listener="public"} 1"#,
            r#"dtr_certificate_expiry_timestamp_seconds{listener="service"} 1800000000.0"#,
            "dtr_in_flight 0",
            "dtr_writer_queue 3",
            r#"dtr_writer_commit_seconds_bucket{le="0.00025"} 1"#,
            r#"dtr_writer_group_jobs_bucket{le="4.0"} 1"#,
            r#"dtr_writer_group_changes_bucket{le="512.0"} 1"#,
            "dtr_writer_commits_failed_total 1",
            r#"dtr_register_file_bytes{file="register.db-wal"} 4096"#,
            r#"dtr_feed_lag_seconds_bucket{le="0.0025"} 1"#,
            "dtr_documents_kept_bytes 9",
        ] {
            assert!(text.contains(line), "{line}\n{text}");
        }
        drop(open);
        assert!(
            metrics
                .render()
                .contains(r#"dtr_connections{listener="public"} 0"#)
        );
    }

    #[test]
    fn the_dashboard_shows_only_what_there_is() {
        let metrics = Metrics::new();
        let labels = CallLabels {
            listener: "service",
            service: "import:v2",
            operation: "HelloWorld",
            status: 200,
        };
        metrics.call(&labels, 0.1, Some("DTR1003"));
        metrics.handshakes_failed.at("x").inc();
        let _open = metrics.connection("public");
        metrics.turned_away.at("public").inc();
        metrics.cut.at("x").inc();
        metrics.certificates.at("service").set(1.0);
        metrics.lists.at("x").set(1);
        metrics.mirror("cvr", Some((1, 1)), false);
        metrics.files.at("register.db").set(1);
        let text = metrics.render();
        let given: BTreeSet<_> = text
            .lines()
            .filter_map(|line| line.strip_prefix("# TYPE "))
            .filter_map(|line| line.split(' ').next())
            .collect();
        let dashboard = include_str!("../docs/grafana.json");
        let mut shown = BTreeSet::new();
        for (at, _) in dashboard.match_indices("dtr_") {
            let rest = &dashboard[at..];
            let end = rest
                .find(|c: char| !c.is_ascii_lowercase() && c != '_')
                .unwrap_or(rest.len());
            let name = ["_bucket", "_sum", "_count", "_total"]
                .into_iter()
                .fold(&rest[..end], |name, end| name.trim_end_matches(end));
            shown.insert(name);
        }
        let unknown: Vec<_> = shown.difference(&given).collect();
        assert!(shown.len() > 20 && unknown.is_empty(), "{unknown:?}");
    }
}
