//! What is measured: times, and a process's processor time and memory as Linux tells them.

use serde_json::{Value, json};

use crate::faelles::Failure;

/// Ticks of a second in `/proc/<pid>/stat`: the same on every Linux that Rust runs on.
const TICKS: f64 = 100.0;

/// A process at one moment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Process {
    pub(crate) cpu_ms: f64,
    pub(crate) rss_kb: u64,
    pub(crate) peak_kb: u64,
}

impl Process {
    pub(crate) fn of(id: u32) -> Result<Self, Failure> {
        let stat = std::fs::read_to_string(format!("/proc/{id}/stat"))?;
        // The name stands in parentheses and may hold anything; utime and stime are the 12th and 13th after it.
        let (_, rest) = stat.rsplit_once(')').ok_or("no process")?;
        let ticks: f64 = rest
            .split_whitespace()
            .skip(11)
            .take(2)
            .filter_map(|ticks| ticks.parse::<f64>().ok())
            .sum();
        let status = std::fs::read_to_string(format!("/proc/{id}/status"))?;
        let kb = |key: &str| {
            let line = status.lines().find(|line| line.starts_with(key))?;
            line.split_whitespace().nth(1)?.parse().ok()
        };
        Ok(Self {
            cpu_ms: ticks * 1000.0 / TICKS,
            rss_kb: kb("VmRSS:").unwrap_or_default(),
            peak_kb: kb("VmHWM:").unwrap_or_default(),
        })
    }

    /// How many files a process has open.
    pub(crate) fn files(id: u32) -> usize {
        std::fs::read_dir(format!("/proc/{id}/fd")).map_or(0, Iterator::count)
    }
}

/// What came of a run.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) seconds: f64,
    /// Of each right answer, in order of length.
    pub(crate) micros: Vec<u32>,
    pub(crate) errors: u64,
    pub(crate) cpu_ms: f64,
    pub(crate) rss_kb: u64,
    pub(crate) peak_kb: u64,
}

impl Run {
    pub(crate) fn per_second(&self) -> f64 {
        self.micros.len() as f64 / self.seconds
    }

    /// Milliseconds within which so many thousandths were answered.
    pub(crate) fn ms(&self, thousandth: usize) -> f64 {
        let place =
            (self.micros.len() * thousandth / 1000).min(self.micros.len().saturating_sub(1));
        f64::from(self.micros.get(place).copied().unwrap_or_default()) / 1000.0
    }

    pub(crate) fn cpu_ms_each(&self) -> f64 {
        self.cpu_ms / (self.micros.len().max(1) as f64)
    }

    /// As one line of JSON; `records` are in each request.
    pub(crate) fn json(&self, what: &str, connections: usize, records: u64) -> Value {
        let mut told = json!({
            "what": what,
            "connections": connections,
            "seconds": round(self.seconds, 2),
            "requests": self.micros.len(),
            "errors": self.errors,
            "per_second": round(self.per_second(), 0),
            "p50_ms": round(self.ms(500), 3),
            "p99_ms": round(self.ms(990), 3),
            "p999_ms": round(self.ms(999), 3),
            "cpu_ms_each": round(self.cpu_ms_each(), 4),
            "rss_mb": round(self.rss_kb as f64 / 1024.0, 1),
            "peak_mb": round(self.peak_kb as f64 / 1024.0, 1),
        });
        if records > 1 {
            told["records_per_second"] = json!(round(self.per_second() * records as f64, 0));
        }
        told
    }
}

pub(crate) fn round(value: f64, digits: i32) -> f64 {
    let scale = 10_f64.powi(digits);
    (value * scale).round() / scale
}
