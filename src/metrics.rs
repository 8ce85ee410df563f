//! What the admin listener shows Prometheus. No label names a caller: tenants are found in the log, not here.
//!
//! One [`Metrics`] per server, handed to whoever counts; there is no global registry.

use std::sync::atomic::{AtomicI64, AtomicU64};
use std::time::Duration;

use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{EncodeLabel, EncodeLabelSet, LabelSetEncoder};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

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

/// One label with one of a fixed set of values.
type One = [(&'static str, &'static str); 1];

/// All figures.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    calls: Family<CallLabels, Counter>,
    seconds: Family<One, Histogram, fn() -> Histogram>,
    refusals: Family<One, Counter>,
    spans: Family<One, Counter>,
    handshakes: Family<One, Counter>,
    handshakes_failed: Family<One, Counter>,
    connections: Family<One, Gauge>,
    turned_away: Family<One, Counter>,
    cut: Family<One, Counter>,
    certificates: Family<One, Gauge<f64, AtomicU64>>,
    lists: Family<One, Gauge>,
    mirror_age: Family<One, Gauge>,
    mirror_rows: Family<One, Gauge>,
    mirror_failed: Family<One, Gauge>,
    /// Listeners whose certificates or lists on disk can't be used; they go on with the old.
    pub renewals_failed: Gauge,
    /// 1 while the machine's clock is not believed, and no write is taken.
    pub clock_distrusted: Gauge,
    /// SOAP calls being worked on.
    pub in_flight: Gauge,
    polls: Family<One, Gauge>,
    answers: Family<One, Gauge>,
    left_out: Family<One, Counter>,
    /// Bytes of request bodies held.
    pub body_bytes: Gauge,
    writer_queue: Gauge<i64, AtomicI64>,
    commit: Histogram,
    group_jobs: Histogram,
    group_changes: Histogram,
    commits_failed: Counter,
    feed_lag: Histogram,
    /// Bytes of documents that are kept.
    pub document_bytes: Gauge<i64, AtomicI64>,
    files: Family<One, Gauge<i64, AtomicI64>>,
    /// Numbers that can still be issued.
    pub numbers_left: Gauge<i64, AtomicI64>,
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// Figures that all begin at nothing.
    pub fn new() -> Self {
        let mut new = Self {
            registry: Registry::with_prefix("dtr"),
            calls: Family::default(),
            seconds: Family::new_with_constructor(|| Histogram::new(BUCKETS)),
            refusals: Family::default(),
            spans: Family::default(),
            handshakes: Family::default(),
            handshakes_failed: Family::default(),
            connections: Family::default(),
            turned_away: Family::default(),
            cut: Family::default(),
            certificates: Family::default(),
            lists: Family::default(),
            mirror_age: Family::default(),
            mirror_rows: Family::default(),
            mirror_failed: Family::default(),
            renewals_failed: Gauge::default(),
            clock_distrusted: Gauge::default(),
            in_flight: Gauge::default(),
            polls: Family::default(),
            answers: Family::default(),
            left_out: Family::default(),
            body_bytes: Gauge::default(),
            writer_queue: Gauge::default(),
            commit: Histogram::new(COMMITS),
            feed_lag: Histogram::new(BUCKETS),
            document_bytes: Gauge::default(),
            group_jobs: Histogram::new(SIZES),
            group_changes: Histogram::new(SIZES),
            commits_failed: Counter::default(),
            files: Family::default(),
            numbers_left: Gauge::default(),
        };
        new.register();
        new
    }

    fn register(&mut self) {
        let r = &mut self.registry;
        r.register("requests", "Answered requests", self.calls.clone());
        r.register_with_unit(
            "request",
            "Time from the end of a request's headers to its answer",
            Unit::Seconds,
            self.seconds.clone(),
        );
        r.register("refusals", "Refused calls by code", self.refusals.clone());
        r.register(
            "spans",
            "Traced calls: sent to the collector, or dropped because it did not take them",
            self.spans.clone(),
        );
        r.register(
            "handshakes",
            "TLS handshakes that were done: full ones, and sessions that were resumed",
            self.handshakes.clone(),
        );
        r.register(
            "handshake_failures",
            "TLS handshakes that failed, by reason",
            self.handshakes_failed.clone(),
        );
        r.register("connections", "Open connections", self.connections.clone());
        r.register(
            "connections_turned_away",
            "Connections closed at once because the listener was full",
            self.turned_away.clone(),
        );
        r.register(
            "connections_cut",
            "Connections that the server ended, by reason",
            self.cut.clone(),
        );
        r.register_with_unit(
            "certificate_expiry_timestamp",
            "When the listener's own certificate expires",
            Unit::Seconds,
            self.certificates.clone(),
        );
        r.register(
            "revocation_lists",
            "Revocation lists of client CAs, by state",
            self.lists.clone(),
        );
        r.register_with_unit(
            "mirror_age",
            "Time since a mirror of CVR or DAR was loaded; absent when there is none",
            Unit::Seconds,
            self.mirror_age.clone(),
        );
        r.register(
            "mirror_rows",
            "Rows of a mirror of CVR or DAR; absent when there is none",
            self.mirror_rows.clone(),
        );
        r.register(
            "mirror_failed",
            "1 when the file of a mirror can't be used",
            self.mirror_failed.clone(),
        );
        r.register(
            "tls_renewals_failed",
            "Listeners whose new certificates or lists can't be used",
            self.renewals_failed.clone(),
        );
        r.register(
            "clock_distrusted",
            "1 while the machine's clock is not believed, and no write is taken",
            self.clock_distrusted.clone(),
        );
        r.register(
            "in_flight",
            "SOAP calls being worked on",
            self.in_flight.clone(),
        );
        r.register(
            "polls_waiting",
            "Long polls that wait for a change",
            self.polls.clone(),
        );
        r.register_with_unit(
            "answers_held",
            "Larger answers that are being sent, what is shared counted once",
            Unit::Bytes,
            self.answers.clone(),
        );
        r.register(
            "log_lines_left_out",
            "Lines left out of the log, because callers that nothing else bounds caused too many",
            self.left_out.clone(),
        );
        r.register_with_unit(
            "request_bodies",
            "Request bodies held in memory",
            Unit::Bytes,
            self.body_bytes.clone(),
        );
        r.register(
            "writer_queue",
            "Writes waiting their turn",
            self.writer_queue.clone(),
        );
        r.register_with_unit(
            "writer_commit",
            "Time of a commit, from COMMIT to on disk",
            Unit::Seconds,
            self.commit.clone(),
        );
        r.register(
            "writer_group_jobs",
            "Writes that one commit held",
            self.group_jobs.clone(),
        );
        r.register(
            "writer_group_changes",
            "Changed records that one commit held",
            self.group_changes.clone(),
        );
        r.register(
            "writer_commits_failed",
            "Commits that failed: a full or broken disk",
            self.commits_failed.clone(),
        );
        r.register_with_unit(
            "feed_lag",
            "Time from a change until the feed had it for those who ask; of a feed that nobody asks, until somebody does",
            Unit::Seconds,
            self.feed_lag.clone(),
        );
        r.register_with_unit(
            "documents_kept",
            "Documents kept in memory, with their gzip forms",
            Unit::Bytes,
            self.document_bytes.clone(),
        );
        r.register_with_unit(
            "register_file",
            "The register's files: the database and its write-ahead log",
            Unit::Bytes,
            self.files.clone(),
        );
        r.register(
            "numbers_left",
            "Institution numbers that can still be issued",
            self.numbers_left.clone(),
        );
    }

    /// The feed has a change that was made so long ago.
    pub fn feed_has(&self, lag: Duration) {
        self.feed_lag.observe(lag.as_secs_f64());
    }

    /// Counts an answered call and its time.
    pub fn call(&self, labels: &CallLabels, seconds: f64, kode: Option<&'static str>) {
        self.calls.get_or_create(labels).inc();
        self.seconds
            .get_or_create(&[("operation", labels.operation)])
            .observe(seconds);
        if let Some(kode) = kode {
            self.refusals.get_or_create(&[("kode", kode)]).inc();
        }
    }

    /// What waits and what is being sent on a listener.
    pub fn held(&self, listener: &'static str, polls: usize, answers: u64) {
        let label = [("listener", listener)];
        self.polls
            .get_or_create(&label)
            .set(i64::try_from(polls).unwrap_or(i64::MAX));
        self.answers
            .get_or_create(&label)
            .set(i64::try_from(answers).unwrap_or(i64::MAX));
    }

    /// Counts a line left out of the log.
    pub fn lines_left_out(&self, of: &'static str) {
        self.left_out.get_or_create(&[("of", of)]).inc();
    }

    /// Counts traced calls.
    pub fn spans(&self, outcome: &'static str, count: usize) {
        self.spans
            .get_or_create(&[("outcome", outcome)])
            .inc_by(count as u64);
    }

    /// Counts a handshake, or a session that was resumed.
    pub fn handshake(&self, resumed: bool) {
        let kind = if resumed { "resumed" } else { "full" };
        self.handshakes.get_or_create(&[("kind", kind)]).inc();
    }

    /// Counts a failed handshake.
    pub fn handshake_failed(&self, reason: &'static str) {
        self.handshakes_failed
            .get_or_create(&[("reason", reason)])
            .inc();
    }

    /// Counts a connection for as long as the answer lives.
    pub fn connection(&self, listener: &'static str) -> Counted {
        Counted::new(
            self.connections
                .get_or_create_owned(&[("listener", listener)]),
        )
    }

    /// Counts a connection for which there was no room.
    pub fn turned_away(&self, listener: &'static str) {
        self.turned_away
            .get_or_create(&[("listener", listener)])
            .inc();
    }

    /// Counts a connection that the server ended.
    pub fn cut(&self, reason: &'static str) {
        self.cut.get_or_create(&[("reason", reason)]).inc();
    }

    /// Says when a listener's certificate expires, in seconds since 1970.
    pub fn certificate(&self, listener: &'static str, expires: f64) {
        self.certificates
            .get_or_create(&[("listener", listener)])
            .set(expires);
    }

    /// Says how many revocation lists are in a state.
    pub fn revocation_lists(&self, state: &'static str, count: usize) {
        self.lists
            .get_or_create(&[("state", state)])
            .set(i64::try_from(count).unwrap_or(i64::MAX));
    }

    /// Says how old a mirror is, in seconds, and its rows, where it is loaded; and whether its file can't be used.
    pub fn mirror(&self, mirror: &'static str, loaded: Option<(i64, u64)>, failed: bool) {
        let label = [("mirror", mirror)];
        self.mirror_failed
            .get_or_create(&label)
            .set(i64::from(failed));
        let Some((age, rows)) = loaded else {
            self.mirror_age.remove(&label);
            self.mirror_rows.remove(&label);
            return;
        };
        self.mirror_age.get_or_create(&label).set(age);
        let rows = i64::try_from(rows).unwrap_or(i64::MAX);
        self.mirror_rows.get_or_create(&label).set(rows);
    }

    /// Says how large a file of the register is.
    pub fn file(&self, file: &'static str, bytes: u64) {
        self.files
            .get_or_create(&[("file", file)])
            .set(i64::try_from(bytes).unwrap_or(i64::MAX));
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
        self.writer_queue
            .set(i64::try_from(jobs).unwrap_or(i64::MAX));
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
        metrics.spans("dropped", 2);
        metrics.handshake(false);
        metrics.handshake(true);
        metrics.handshake_failed("certificate_expired");
        metrics.certificate("service", 1_800_000_000.0);
        let open = metrics.connection("public");
        metrics.waiting(3);
        metrics.committed(3, 501, Duration::from_micros(200), true);
        metrics.committed(1, 1, Duration::from_secs(1), false);
        metrics.file("register.db-wal", 4096);
        metrics.feed_has(Duration::from_millis(2));
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
        metrics.handshake_failed("x");
        let _open = metrics.connection("public");
        metrics.turned_away("public");
        metrics.cut("x");
        metrics.certificate("service", 1.0);
        metrics.revocation_lists("x", 1);
        metrics.mirror("cvr", Some((1, 1)), false);
        metrics.file("register.db", 1);
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
