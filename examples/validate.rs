//! Validates a document and says how long it took.
//!
//! ```text
//! cargo run --release --example validate -- SCHEMA DOC [--repeat N]
//! ```
//!
//! Prints the verdict, the best time of N, MB/s and peak memory. Exits 0 when
//! the document is valid, 1 when it is not, 2 when schema or document can't be
//! read.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use dtr::xml::{Limits, Positions, decode::decode};
use dtr::xsd::{FolderResolver, Report, Schema, validate};

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(message) => {
            eprintln!("{message}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<bool, String> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let repeat = match arguments.iter().position(|a| a == "--repeat") {
        Some(at) => arguments
            .get(at + 1)
            .and_then(|n| n.parse().ok())
            .ok_or("--repeat needs a number")?,
        None => 1_usize,
    };
    let [schema, document, ..] = &arguments[..] else {
        return Err("usage: validate SCHEMA DOC [--repeat N]".to_owned());
    };
    let schema = Schema::compile(&FolderResolver(PathBuf::new()), &[schema])
        .map_err(|errors| errors.iter().map(|e| format!("{e}\n")).collect::<String>())?;
    let bytes = std::fs::read(document).map_err(|e| format!("{document}: {e}"))?;
    let (report, best) =
        measure(&schema, &bytes, repeat).map_err(|e| format!("{document}: {e}"))?;
    let text = decode(&bytes, None).map_err(|e| e.to_string())?;
    let mut positions = Positions::new(&text);
    for error in report.errors.iter().take(20) {
        let at = positions.at(error.offset);
        println!("{document}:{}:{}: {error}", at.line, at.column);
    }
    let seconds = best.as_secs_f64();
    println!(
        "{}: {} errors, {:.3} ms, {:.1} MB/s, peak {} kB",
        if report.is_valid() {
            "valid"
        } else {
            "invalid"
        },
        report.errors.len() + report.more,
        seconds * 1e3,
        bytes.len() as f64 / 1e6 / seconds,
        peak_kilobytes(),
    );
    Ok(report.is_valid())
}

/// Decodes and validates `repeat` times; the report and the best time.
fn measure(schema: &Schema, bytes: &[u8], repeat: usize) -> Result<(Report, Duration), String> {
    let mut best = Duration::MAX;
    let mut last = Report::default();
    for _ in 0..repeat.max(1) {
        let start = Instant::now();
        let text = decode(bytes, None).map_err(|e| e.to_string())?;
        last = validate(schema, &text, Limits::unlimited()).map_err(|e| e.to_string())?;
        best = best.min(start.elapsed());
    }
    Ok((last, best))
}

/// Peak resident memory, where the system tells.
fn peak_kilobytes() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
    line.map_or("?".to_owned(), |l| {
        l.trim().trim_end_matches(" kB").to_owned()
    })
}
