//! `dtr audit`: proves, shows and lists the audit chain (decisions §6). Works beside a running server.

use std::io::Write;
use std::ops::ControlFlow;

use clap::{Args as ClapArgs, Subcommand};
use serde_json::json;

use super::common::{self, CliError, ConfigArg, Verdict};
use crate::audit::{Head, Line};
use crate::clock::Clock;
use crate::store::{StoreExt, sqlite};

/// `dtr audit …`.
#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Prove that no line was changed, taken out or put in, and that the register keeps its own rules
    Verify(Common),
    /// Print the number and hash of the last line, to be kept elsewhere and compared later
    Head(Common),
    /// List the lines: who did what, when, with what outcome
    List {
        /// The first line to list
        #[arg(long, value_name = "N", default_value_t = 1)]
        from: u64,
        #[command(flatten)]
        common: Common,
    },
}

#[derive(Debug, ClapArgs)]
struct Common {
    #[command(flatten)]
    config: ConfigArg,
    /// One JSON object on stdout
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args, clock: &Clock, out: &mut dyn Write) -> Result<Verdict, CliError> {
    match &args.command {
        Command::Verify(common) => verify(common, out),
        Command::Head(common) => head(common, clock, out),
        Command::List { from, common } => list(*from, common, clock, out),
    }
}

fn verify(args: &Common, out: &mut dyn Write) -> Result<Verdict, CliError> {
    let config = args.config.load()?;
    common::must_exist(&config)?;
    let file = config.database.fil;
    let verified = match sqlite::verify(&file) {
        Ok(verified) => verified,
        Err(cause) => {
            if args.json {
                let answer = json!({ "holder": false, "fejl": cause.detail() });
                common::json(out, &answer)?;
            }
            let what = "the register does not verify";
            return Err(CliError::Store { what, cause });
        }
    };
    let (stand, head) = (verified.stand, verified.head);
    if args.json {
        let answer = json!({
            "holder": true,
            "epoke": stand.epoke.to_string(),
            "sekvens": stand.sekvens.0,
            "hoved": shown(head),
        });
        common::json(out, &answer)?;
    } else {
        writeln!(
            out,
            "{}: holds. {} audit lines, {} changes, nothing missing, changed or out of order.",
            file.display(),
            head.number,
            stand.sekvens,
        )?;
        writeln!(
            out,
            "head   {} {}\nepoke  {}",
            head.number, head.hash, stand.epoke
        )?;
        writeln!(
            out,
            "A chain cut off at its end verifies too: compare the head with one noted elsewhere (dtr audit head)."
        )?;
    }
    Ok(Verdict::Good)
}

fn head(args: &Common, clock: &Clock, out: &mut dyn Write) -> Result<Verdict, CliError> {
    let (_, store) = args.config.open(clock)?;
    let head = store
        .read(|view| view.audit_head())
        .map_err(CliError::store("the audit chain can't be read"))?;
    if args.json {
        common::json(out, &shown(head))?;
    } else {
        writeln!(out, "{} {}", head.number, head.hash)?;
    }
    Ok(Verdict::Good)
}

fn shown(head: Head) -> serde_json::Value {
    json!({ "nr": head.number, "hash": head.hash.to_string() })
}

/// Writes line by line, for a chain may be long; also the one JSON object.
fn list(from: u64, args: &Common, clock: &Clock, out: &mut dyn Write) -> Result<Verdict, CliError> {
    let (_, store) = args.config.open(clock)?;
    if args.json {
        write!(out, "{{\"linjer\":[")?;
    }
    let mut written = Ok(());
    let mut first = true;
    store
        .read(|view| {
            view.audit_lines(&mut |line| {
                if line.number < from {
                    return ControlFlow::Continue(());
                }
                written = write_line(&line, args.json, std::mem::take(&mut first), out);
                if written.is_ok() {
                    ControlFlow::Continue(())
                } else {
                    ControlFlow::Break(())
                }
            })
        })
        .map_err(CliError::store("the audit chain can't be read"))?;
    written?;
    if args.json {
        writeln!(out, "]}}")?;
    }
    Ok(Verdict::Good)
}

fn write_line(
    line: &Line,
    as_json: bool,
    first: bool,
    out: &mut dyn Write,
) -> Result<(), CliError> {
    if as_json {
        let mut fields: serde_json::Map<_, _> = line
            .fields()
            .map(|(name, value)| (name.to_owned(), value.into()))
            .collect();
        fields.insert("hash".to_owned(), line.hash.to_string().into());
        let comma = if first { "" } else { "," };
        return Ok(write!(out, "{comma}{}", serde_json::Value::from(fields))?);
    }
    let mut text = line.number.to_string();
    for field in line.canonical.lines() {
        match field.split_once('=') {
            Some(("art" | "nr", _)) => {}
            Some(("tidspunkt" | "operation" | "udfald", value)) => {
                text.push_str(&format!("  {value}"));
            }
            Some(("antal", "1")) => {}
            _ => text.push_str(&format!("  {field}")),
        }
    }
    Ok(writeln!(out, "{text}")?)
}
