//! `dtr load statistik`: the first load (kontrakt §11). A dry run first; then all rows, or none.

use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, IsTerminal, Write};
use std::path::{Path, PathBuf};

use clap::{Args as ClapArgs, Subcommand};
use serde_json::json;

use super::common::{self, CliError, Common, Verdict};
use crate::app;
use crate::clock::Clock;
use crate::first_load::{self, Accepted, FileRules, Report, RowProblem};
use crate::store::{Outcome, Store, StoreExt};

/// What audit and history call it.
const OPERATION: &str = "load statistik";
/// So many errors and warnings are shown to a person; all of them in JSON.
const SHOWN: usize = 50;

/// `dtr load …`.
#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Load the register as it was kept before: a CSV of three levels, numbers kept
    Statistik(StatistikArgs),
}

#[derive(Debug, ClapArgs)]
struct StatistikArgs {
    /// The CSV: `;` between cells, UTF-8 or windows-1252, columns named as in the register's own exports
    file: PathBuf,
    /// Columns of the file to leave out, known or not; their data is not loaded
    #[arg(long, value_name = "NAVN", value_delimiter = ',')]
    ignorer_kolonner: Vec<String>,
    /// Load the rows that are accepted, and write the others to this file, to be corrected and loaded later
    #[arg(long, value_name = "FILE", conflicts_with = "dry_run")]
    delvist: Option<PathBuf>,
    /// Judge every row and store nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    common: Common,
}

pub(super) fn run(args: &Args, clock: &Clock, out: &mut dyn Write) -> Result<Verdict, CliError> {
    let Command::Statistik(args) = &args.command;
    let (config, store) = args.common.config.open(clock)?;
    let (contract, tables) = app::rules(&config, "", "")?;
    let Some(schema) = contract.schema("ImportService-v2") else {
        return Err(CliError::Failed(
            "the contract has no schema of imports".to_owned(),
        ));
    };
    let file = File::open(&args.file).map_err(CliError::file(&args.file, "can't be read"))?;
    let rules = FileRules {
        schema,
        tables: &tables,
    };
    let judged = store
        .read(|view| {
            let file = BufReader::new(&file);
            Ok(first_load::judge(
                file,
                &args.ignorer_kolonner,
                rules,
                view,
                &mut progress(),
            ))
        })
        .map_err(CliError::store("the register can't be read"))?;
    let mut report = judged.map_err(|error| {
        let cause = io::Error::new(io::ErrorKind::InvalidData, error.to_string());
        CliError::file(&args.file, "can't be loaded")(cause)
    })?;
    let rows = std::mem::take(&mut report.accepted);
    let accepted = rows.len() as u64;
    let whole = report.rejected.is_empty();
    let rest = args.delvist.as_deref().filter(|_| !whole);
    let stored = if args.dry_run || !(whole || rest.is_some()) {
        0
    } else {
        if let Some(file) = rest {
            write_rest(&report, file)?;
        }
        keep(&store, rows, clock, &args.file)?;
        accepted
    };
    let told = Told {
        report: &report,
        accepted,
        stored,
        dry_run: args.dry_run,
        rest,
    };
    if args.common.json {
        told.as_json(out)?;
    } else {
        told.as_text(out)?;
    }
    Ok(Verdict::of(whole))
}

/// Writes the rows that are left out, on disk before the others are stored: never over a file that is there.
fn write_rest(report: &Report, file: &Path) -> Result<(), CliError> {
    let wrong = |cause| CliError::File {
        file: file.to_owned(),
        what: "the rejected rows can't be written; nothing was loaded",
        cause,
    };
    let mut out = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(file)
        .map_err(wrong)?;
    // A byte order mark, so that spreadsheets know that it is UTF-8.
    out.write_all("\u{feff}".as_bytes()).map_err(wrong)?;
    report
        .rest(&out)
        .map_err(|error| wrong(io::Error::other(error)))?;
    out.sync_all().map_err(wrong)
}

/// Stores all rows in one transaction, with one audit line.
fn keep(
    store: &dyn Store,
    rows: Vec<Accepted>,
    clock: &Clock,
    file: &Path,
) -> Result<(), CliError> {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let noter = vec![format!("fil {name}"), format!("raekker {}", rows.len())];
    let now = clock.now();
    let mut entry = common::audit_entry(OPERATION, noter, now);
    let origin = common::origin(&entry);
    store
        .write_blocking(move |tx| {
            entry.sekvenser = first_load::save(&rows, &origin, tx, now)?;
            tx.audit(&entry)?;
            Ok(Outcome::Keep(()))
        })
        .map_err(CliError::store("nothing was loaded"))
}

/// Shows on stderr how far the reading has come, when a person is looking.
fn progress() -> impl FnMut(u64) {
    let mut err = io::stderr();
    let shown = err.is_terminal();
    move |rows| {
        if shown && rows.is_multiple_of(1000) {
            // Progress that can't be shown is no reason to stop.
            let _ = write!(err, "\r{rows} rows");
        }
    }
}

/// What came of it, as it is told.
struct Told<'a> {
    report: &'a Report,
    accepted: u64,
    stored: u64,
    dry_run: bool,
    /// Where the rejected rows are.
    rest: Option<&'a Path>,
}

impl Told<'_> {
    fn as_json(&self, out: &mut dyn Write) -> Result<(), CliError> {
        let list = |list: &[RowProblem]| -> Vec<_> {
            list.iter()
                .map(|about| {
                    json!({
                        "linje": about.line,
                        "nummer": about.nummer,
                        "kode": about.problem.entry.kode,
                        "beskedDa": about.problem.da(),
                        "beskedEn": about.problem.en(),
                    })
                })
                .collect()
        };
        let answer = json!({
            "raekker": self.report.rows,
            "optaget": self.accepted,
            "afvist": self.report.rejected.len(),
            "tegnsaet": if self.report.windows_1252 { "windows-1252" } else { "UTF-8" },
            "rest": self.rest.map(|file| file.display().to_string()),
            "gemt": self.stored,
            "kolonnerIkkeIndlaest": self.report.not_loaded,
            "fejl": list(&self.report.fejl),
            "advarsler": list(&self.report.warnings),
        });
        common::json(out, &answer)
    }

    fn as_text(&self, out: &mut dyn Write) -> Result<(), CliError> {
        listed(&self.report.fejl, "errors", out)?;
        listed(&self.report.warnings, "warnings", out)?;
        if !self.report.not_loaded.is_empty() {
            writeln!(
                out,
                "Not loaded, since the register keeps them by itself: {}.",
                self.report.not_loaded.join(", ")
            )?;
        }
        writeln!(
            out,
            "{} rows: {} accepted, {} rejected",
            self.report.rows,
            self.accepted,
            self.report.rejected.len()
        )?;
        if self.report.windows_1252 {
            writeln!(out, "The file is not UTF-8; it was read as windows-1252.")?;
        }
        let what = match (self.dry_run, self.report.rejected.len(), self.stored) {
            (true, ..) => "Nothing was stored: this was a dry run.".to_owned(),
            (false, 0, stored) => {
                format!(
                    "All {stored} are stored; new numbers pass over those that were kept. No mirror was asked: dtr recheck looks P-numbers and addresses up."
                )
            }
            (false, rejected, stored) => match self.rest {
                Some(file) => format!(
                    "{stored} are stored. The {rejected} others are in {}: correct them there and load that file.",
                    file.display()
                ),
                None => "Nothing was stored: a load takes all rows or none, unless --delvist FILE names a file for the rest.".to_owned(),
            },
        };
        Ok(writeln!(out, "{what}")?)
    }
}

/// The first of a list in full, the rest by their count of each code.
fn listed(list: &[RowProblem], what: &str, out: &mut dyn Write) -> Result<(), CliError> {
    for about in list.iter().take(SHOWN) {
        let (kode, number) = (
            about.problem.entry.kode,
            about.nummer.as_deref().unwrap_or("-"),
        );
        writeln!(
            out,
            "line {} {number} {kode} {}",
            about.line,
            about.problem.da()
        )?;
        writeln!(out, "    {}", about.problem.en())?;
    }
    if list.len() > SHOWN {
        let counts: Vec<String> = first_load::counted(list)
            .into_iter()
            .map(|(kode, count)| format!("{kode} {count} times"))
            .collect();
        writeln!(
            out,
            "… {} {what} in all: {}; --json lists them",
            list.len(),
            counts.join(", ")
        )?;
    }
    Ok(())
}
