//! `dtr audit`: proves, shows, lists and exports the audit chain (kontrakt §6). Works beside a running server.

mod export;
mod list;
mod verify;

use std::io::Write;

use clap::{Args as ClapArgs, Subcommand};

use super::common::{self, CliError, Common, Verdict};
use crate::app::{self, StartError};
use crate::audit::{ChainHead, DAYS, Line};
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
    List(list::Args),
}

pub(super) fn run(args: &Args, clock: &Clock, out: &mut dyn Write) -> Result<Verdict, CliError> {
    match &args.command {
        Command::Verify(args) => verify::run(args, out),
        Command::Export(args) => export::run(args, clock, out),
        Command::Head(common) => head(common, clock, out),
        Command::List(args) => list::run(args, clock, out),
    }
}

fn head(args: &Common, clock: &Clock, out: &mut dyn Write) -> Result<Verdict, CliError> {
    let (config, store) = args.config.open(clock)?;
    let signer = app::signer(&config).map_err(StartError::Key)?;
    let (chain_head, before) = store
        .read(|view| Ok((view.chain_head()?, view.heads(DAYS)?)))
        .map_err(CliError::store("the audit chain can't be read"))?;
    let public_url = config.public_url(config.lyt.public);
    let document = chain_head.document(&before, signer.as_ref(), &public_url);
    if args.json {
        let value = serde_json::to_value(&document).map_err(std::io::Error::other)?;
        common::json(out, &value)?;
        return Ok(Verdict::Good);
    }
    let ChainHead { head, epoke, .. } = chain_head;
    let written = document.saved.tidspunkt.as_deref().unwrap_or("-");
    writeln!(out, "nr         {}\nhash       {}", head.number, head.hash)?;
    writeln!(
        out,
        "tidspunkt  {written}\nepoke      {epoke}\nsekvens    {}",
        chain_head.sekvens
    )?;
    writeln!(out, "algoritme  {}", document.saved.algoritme)?;
    if let Some(signature) = &document.saved.signatur {
        writeln!(out, "signatur   {signature}")?;
    }
    writeln!(
        out,
        "Keep it elsewhere; later: dtr audit verify --hoved {}:{}",
        head.number, head.hash
    )?;
    Ok(Verdict::Good)
}

/// A line as a JSON object.
pub(super) fn object(line: &Line) -> serde_json::Value {
    let mut fields: serde_json::Map<_, _> = line
        .fields()
        .map(|(name, value)| (name.to_owned(), value.into_owned().into()))
        .collect();
    fields.insert("hash".to_owned(), line.hash.to_string().into());
    fields.into()
}

/// A line as a person reads it.
pub(super) fn shown(line: &Line) -> String {
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
    common::printable(&text)
}
