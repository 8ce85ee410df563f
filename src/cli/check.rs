//! `dtr check`: judges messages offline, as the server would as far as it needs no register for it. Judging is the gateway's
//! ([`Judge`]); here is what is said of it.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use clap::Args as ClapArgs;
use serde_json::{Value, json};

use super::common::{self, CliError, Verdict};
use crate::app;
use crate::config::Config;
use crate::gateway::Judge;
use crate::services;
use crate::soap::{Judgement, NOT_CHECKED};
use crate::xml::Positions;

/// `dtr check`.
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "A file holds a SOAP envelope or an operation's element alone (InsertDaginstitution, …); its namespace says which\n\
    service and version it is for. Encodings are those of the server: UTF-8, UTF-16 with a byte order mark, ISO-8859-1,\n\
    windows-1252. Exit status: 0 no errors, 1 errors, 2 a file can't be read."
)]
pub(super) struct Args {
    /// The messages
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Take limits and code tables from this configuration [default: those of the program]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// One JSON object on stdout
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args, out: &mut dyn Write) -> Result<Verdict, CliError> {
    let config = match &args.config {
        Some(file) => Config::load(file)?,
        None => Config::default(),
    };
    let (contract, tables) = app::rules(&config, "", "")?;
    let services = services::all();
    let judge = Judge {
        services: &services,
        contract: &contract,
        tables: &tables,
        limits: app::xml_limits(&config),
        largest: config.graenser.besked_bytes,
    };
    let mut verdict = Verdict::Good;
    let mut rows = Vec::new();
    for file in &args.files {
        match read(file, judge.largest) {
            Ok(bytes) => {
                let judgement = judge.judge(&bytes, None);
                if verdict == Verdict::Good && !judgement.is_good() {
                    verdict = Verdict::Wanting;
                }
                if args.json {
                    rows.push(shown(file, &judgement));
                } else {
                    tell(file, &judgement, out)?;
                }
            }
            Err(cause) => {
                verdict = Verdict::Unreadable;
                writeln!(
                    io::stderr(),
                    "dtr: {}: can't be read: {cause}",
                    file.display()
                )?;
                let fil = file.display().to_string();
                rows.push(json!({ "fil": fil, "gyldig": false, "ulaeselig": cause.to_string() }));
            }
        }
    }
    if args.json {
        common::json(
            out,
            &json!({ "filer": rows, "ikkeKontrolleret": NOT_CHECKED.map(|(_, en)| en) }),
        )?;
    } else {
        writeln!(
            out,
            "Not checked (needs the register): {}.",
            NOT_CHECKED.map(|(_, en)| en).join("; ")
        )?;
    }
    Ok(verdict)
}

/// Reads a file, or as much of it as shows that it is too large for the server.
pub(super) fn read(file: &Path, largest: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(file)?
        .take(largest.saturating_add(1))
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn tell(file: &Path, judgement: &Judgement, out: &mut dyn Write) -> Result<(), CliError> {
    let name = file.display();
    let mut positions = Positions::new(&judgement.text);
    for problem in &judgement.problems {
        write!(out, "{name}")?;
        if let Some(offset) = problem.place.offset {
            let at = positions.at(offset);
            write!(out, ":{}:{}", at.line, at.column)?;
        }
        let (kode, alvor) = (problem.entry.kode, problem.entry.alvor.as_str());
        let sti = problem.place.sti.as_deref().unwrap_or_default();
        writeln!(out, ": {}", format!("{kode} {alvor} {sti}").trim_end())?;
        writeln!(out, "    {}\n    {}", problem.da(), problem.en())?;
        let [da, en] = problem.remedies();
        writeln!(out, "    -> {da}\n    -> {en}")?;
    }
    if judgement.more > 0 {
        writeln!(out, "{name}: {} more errors", judgement.more)?;
    }
    let what = judgement
        .operation
        .as_ref()
        .map_or(String::new(), |operation| match judgement.records {
            0 => format!(" ({operation})"),
            1 => format!(" ({operation}, 1 record)"),
            records => format!(" ({operation}, {records} records)"),
        });
    let errors = judgement.problems.iter().filter(|p| p.is_error()).count();
    match errors + judgement.more {
        0 => writeln!(out, "{name}: no errors{what}")?,
        1 => writeln!(out, "{name}: 1 error{what}")?,
        errors => writeln!(out, "{name}: {errors} errors{what}")?,
    }
    Ok(())
}

fn shown(file: &Path, judgement: &Judgement) -> Value {
    let mut all = judgement.json();
    all["fil"] = json!(file.display().to_string());
    all
}
