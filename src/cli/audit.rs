//! `dtr audit`: proves, shows, lists and exports the audit chain (decisions §6). Works beside a running server.

mod export;
mod verify;

use std::io::Write;
use std::ops::ControlFlow;

use clap::{Args as ClapArgs, Subcommand};

use super::common::{self, CliError, ConfigArg, Verdict};
use crate::app::{self, StartError};
use crate::audit::{DAYS, Hoved, Line};
use crate::clock::Clock;
use crate::store::StoreExt;

/// `dtr audit …`.
#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Prove that no line was changed, taken out or put in, and that the register keeps its own rules
    Verify(verify::Args),
    /// Print the head: the end of the chain, to be kept elsewhere and compared later
    Head(Common),
    /// Write the chain to a file that proves itself, here or anywhere (verify --fil)
    Export(export::Args),
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
        Command::Verify(args) => verify::run(args, out),
        Command::Export(args) => export::run(args, clock, out),
        Command::Head(common) => head(common, clock, out),
        Command::List { from, common } => list(*from, common, clock, out),
    }
}

fn head(args: &Common, clock: &Clock, out: &mut dyn Write) -> Result<Verdict, CliError> {
    let (config, store) = args.config.open(clock)?;
    let signer = app::signer(&config).map_err(StartError::Key)?;
    let (hoved, before) = store
        .read(|view| {
            let mut before = Vec::new();
            view.hoveder(DAYS, &mut |day| {
                before.push(day);
                ControlFlow::Continue(())
            })?;
            Ok((view.hoved()?, before))
        })
        .map_err(CliError::store("the audit chain can't be read"))?;
    let public_url = config.public_url(config.lyt.public);
    let document = hoved.document(&before, signer.as_ref(), &public_url);
    if args.json {
        let value = serde_json::to_value(&document).map_err(std::io::Error::other)?;
        common::json(out, &value)?;
        return Ok(Verdict::Good);
    }
    let Hoved { head, epoke, .. } = hoved;
    let written = document.tidspunkt.as_deref().unwrap_or("-");
    writeln!(out, "nr         {}\nhash       {}", head.number, head.hash)?;
    writeln!(
        out,
        "tidspunkt  {written}\nepoke      {epoke}\nsekvens    {}",
        hoved.sekvens
    )?;
    writeln!(out, "algoritme  {}", document.algoritme)?;
    if let Some(signature) = &document.signatur {
        writeln!(out, "signatur   {signature}")?;
    }
    writeln!(
        out,
        "Keep it elsewhere; later: dtr audit verify --hoved {}:{}",
        head.number, head.hash
    )?;
    Ok(Verdict::Good)
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
            .map(|(name, value)| (name.to_owned(), value.into_owned().into()))
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
    // A value may hold what steers a terminal.
    let shown = |c: char| match c {
        c if c.is_control() || matches!(c, '\u{2028}'..='\u{202E}') => '\u{FFFD}',
        c => c,
    };
    let text: String = text.chars().map(shown).collect();
    Ok(writeln!(out, "{text}")?)
}
