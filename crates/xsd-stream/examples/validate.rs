//! Validates a document against a schema and says what it cost.
//!
//! ```text
//! cargo run --release --example validate -- SCHEMA DOC [--repeat N] [--all]
//! ```
//!
//! Prints the verdict; the errors, each with line, column, path, constraint and
//! text (at most 20 unless `--all`); the time from bytes in memory to verdict,
//! best and median of N rounds, with MB/s; and the peak memory of the process
//! (VmHWM), with what it was before the first round. Schema documents that
//! SCHEMA includes or imports are found relative to it.
//!
//! Exits 0 when the document is valid, 1 when it is not (or not well-formed),
//! 2 when schema or document can't be read.

use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use xsd_stream::xml::{Event, Limits, Positions, Reader, decode};
use xsd_stream::xsd::{FolderResolver, Report, Schema, Validator};

/// Errors printed without `--all`.
const SHOWN: usize = 20;

struct Arguments {
    schema: String,
    document: String,
    repeat: usize,
    all: bool,
}

fn main() -> ExitCode {
    let Some(arguments) = arguments() else {
        eprintln!("usage: validate SCHEMA DOC [--repeat N] [--all]");
        return ExitCode::from(2);
    };
    match run(&arguments) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(message) => {
            eprintln!("{message}");
            ExitCode::from(2)
        }
    }
}

fn arguments() -> Option<Arguments> {
    let (mut files, mut repeat, mut all) = (Vec::new(), 1, false);
    let mut given = std::env::args().skip(1);
    while let Some(argument) = given.next() {
        match argument.as_str() {
            "--all" => all = true,
            "--repeat" => repeat = given.next()?.parse().ok().filter(|n| *n > 0)?,
            _ => files.push(argument),
        }
    }
    let [schema, document] = <[String; 2]>::try_from(files).ok()?;
    Some(Arguments {
        schema,
        document,
        repeat,
        all,
    })
}

/// Whether the document is valid; the message when that can't be told.
fn run(arguments: &Arguments) -> Result<bool, String> {
    let schema = compile(&arguments.schema)?;
    let bytes = std::fs::read(&arguments.document)
        .map_err(|error| format!("{}: {error}", arguments.document))?;
    let before = peak_memory();
    let mut times = Vec::with_capacity(arguments.repeat);
    let mut outcome = Err(String::new());
    for _ in 0..arguments.repeat {
        let from = Instant::now();
        outcome = judge(&schema, &bytes);
        times.push(from.elapsed());
    }
    let valid = match &outcome {
        Ok(report) => {
            print_report(report, &bytes, arguments.all);
            report.is_valid()
        }
        Err(message) => {
            println!("not well-formed: {message}");
            false
        }
    };
    print_cost(&mut times, bytes.len(), before);
    Ok(valid)
}

fn compile(path: &str) -> Result<Schema, String> {
    let path = Path::new(path);
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty());
    let resolver = FolderResolver(folder.unwrap_or(Path::new(".")).to_owned());
    let name = path.file_name().and_then(|name| name.to_str());
    let name = name.ok_or_else(|| format!("{}: not a file name", path.display()))?;
    Schema::compile(&resolver, &[name]).map_err(|errors| {
        let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
        lines.join("\n")
    })
}

/// One round: decoding, well-formedness and validity in one pass.
fn judge(schema: &Schema, bytes: &[u8]) -> Result<Report, String> {
    let text = decode::decode(bytes, None).map_err(|error| error.to_string())?;
    let mut reader = Reader::new(&text, Limits::unlimited());
    let mut validator = Validator::new(schema);
    loop {
        // By reference: to take the event out would copy it.
        match &reader.next() {
            Ok(Event::Start(tag)) => validator.start(tag, &mut ()),
            Ok(Event::Text(text)) => validator.text(text),
            Ok(Event::End(tag)) => validator.end(tag, &mut ()),
            Ok(Event::Eof) => return Ok(validator.finish()),
            Err(error) => {
                let at = Positions::new(&text).at(error.offset);
                return Err(format!("{}:{}: {error}", at.line, at.column));
            }
        }
    }
}

fn print_report(report: &Report, bytes: &[u8], all: bool) {
    let count = report.errors.len() + report.more;
    if count == 0 {
        println!("valid");
        return;
    }
    println!("invalid: {count} errors");
    let text = decode::decode(bytes, None).unwrap_or_default();
    let mut positions = Positions::new(&text);
    let shown = if all { report.errors.len() } else { SHOWN };
    for error in report.errors.iter().take(shown) {
        let at = positions.at(error.offset);
        println!("  {}:{}: {error}", at.line, at.column);
    }
    if count > shown.min(report.errors.len()) {
        println!("  … {} more", count - shown.min(report.errors.len()));
    }
}

fn print_cost(times: &mut [Duration], bytes: usize, before: Option<u64>) {
    times.sort_unstable();
    let (best, median) = (times[0], times[times.len() / 2]);
    let rate = |time: Duration| bytes as f64 / 1e6 / time.as_secs_f64().max(1e-9);
    println!(
        "time: best {best:.1?} ({:.1} MB/s), median of {} {median:.1?} ({:.1} MB/s)",
        rate(best),
        times.len(),
        rate(median)
    );
    if let (Some(before), Some(peak)) = (before, peak_memory()) {
        println!(
            "memory: peak {peak} kB, of which {} kB since schema and document were read",
            peak - before
        );
    }
}

/// The most memory the process has held, in kB; known on Linux only.
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
