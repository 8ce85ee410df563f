//! `dtr audit verify`: proves a register, or an export alone, and compares both with heads that were kept elsewhere.

use std::fs::File;
use std::io::{BufReader, Write};
use std::path::{Path, PathBuf};

use clap::Args as ClapArgs;
use serde_json::json;

use super::super::common::{self, CliError, Common, Verdict, value};
use crate::audit::{Examined, Examiner, ExportError, Finding, Heads, PublicKey, Reader};
use crate::register::Sekvens;
use crate::store::sqlite;

/// `dtr audit verify`.
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "A chain that was cut off at its end, or an old copy of it, is a good chain: only a head kept elsewhere tells.\n\
    Keep /revision/hoved.json (or dtr audit head --json) daily, and name what was kept with --hoved."
)]
pub(super) struct Args {
    /// A head that was kept: NR:HASH, or a file with one or many (hoved.json); may be given often
    #[arg(long, value_name = "NR:HASH|FILE")]
    hoved: Vec<PathBuf>,
    /// The public key (/noegle.pem) that must have signed the heads kept in files
    #[arg(long, value_name = "FILE")]
    noegle: Option<PathBuf>,
    /// Prove this export (dtr audit export) instead of a register; needs no configuration
    #[arg(long, value_name = "EXPORT")]
    fil: Option<PathBuf>,
    #[command(flatten)]
    common: Common,
}

/// What was proved, and what came of it.
struct Proved {
    what: PathBuf,
    epoke: String,
    sekvens: Sekvens,
    examined: Examined,
}

pub(super) fn run(args: &Args, out: &mut dyn Write) -> Result<Verdict, CliError> {
    let heads = heads(args)?;
    let proved = match &args.fil {
        Some(file) => export(file, heads),
        None => register(args, heads),
    };
    let proved = match proved {
        Ok(proved) => proved,
        Err(error) => {
            if args.common.json {
                let finding = json!({ "linje": null, "besked": error.to_string() });
                common::json(
                    out,
                    &json!({ "holder": false, "fejl": [finding], "flereFejl": 0 }),
                )?;
            }
            return Err(error);
        }
    };
    if args.common.json {
        common::json(out, &shown(&proved))?;
    } else {
        tell(&proved, args, out)?;
    }
    Ok(Verdict::of(proved.examined.holds()))
}

/// The heads that were kept. An argument that can't be read stops the proof: it would prove less than was asked.
fn heads(args: &Args) -> Result<Heads, CliError> {
    let key = args.noegle.as_deref().map(PublicKey::load).transpose();
    let key = key.map_err(|error| value("--noegle", error.to_string()))?;
    let mut heads = Heads::default();
    for argument in &args.hoved {
        heads
            .add(argument, key.as_ref())
            .map_err(|error| value("--hoved", error.to_string()))?;
    }
    Ok(heads)
}

fn register(args: &Args, heads: Heads) -> Result<Proved, CliError> {
    let config = args.common.config.load()?;
    common::must_exist(&config)?;
    let what = config.database.fil;
    let (position, examined) =
        sqlite::examine(&what, heads).map_err(CliError::store("the register does not verify"))?;
    Ok(Proved {
        what,
        epoke: position.epoke.to_string(),
        sekvens: position.sekvens,
        examined,
    })
}

fn export(file: &Path, heads: Heads) -> Result<Proved, CliError> {
    let opened = File::open(file).map_err(CliError::file(file, "can't be read"))?;
    let unreadable = |error: ExportError| value("--fil", format!("{}: {error}", file.display()));
    let mut reader = Reader::new(BufReader::with_capacity(1 << 16, opened)).map_err(unreadable)?;
    let mut examiner = Examiner::new(heads);
    loop {
        match reader.next_line() {
            Ok(Some(line)) => drop(examiner.line(&line)),
            Ok(None) => break,
            Err(ExportError::Read(cause)) => {
                return Err(CliError::file(file, "can't be read")(cause));
            }
            // What was found until here is told all the same.
            Err(error) => {
                examiner.found(Finding::Register(error.to_string()));
                break;
            }
        }
    }
    let header = reader.header();
    Ok(Proved {
        what: file.to_owned(),
        epoke: header.epoke.clone(),
        sekvens: header.sekvens,
        examined: examiner.finish(&header.epoke, header.sekvens),
    })
}

fn shown(proved: &Proved) -> serde_json::Value {
    let examined = &proved.examined;
    let finding =
        |finding: &Finding| json!({ "linje": finding.line(), "besked": finding.to_string() });
    json!({
        "holder": examined.holds(),
        "epoke": proved.epoke,
        "sekvens": proved.sekvens.0,
        "hoved": { "nr": examined.head.number, "hash": examined.head.hash.to_string() },
        "hoveder": examined.heads,
        "signaturer": examined.signed,
        "ukendteLinjer": examined.unknown,
        "fejl": examined.findings.iter().map(finding).collect::<Vec<_>>(),
        "flereFejl": examined.more,
    })
}

fn tell(proved: &Proved, args: &Args, out: &mut dyn Write) -> Result<(), CliError> {
    let examined = &proved.examined;
    let what = proved.what.display();
    let head = examined.head;
    if examined.holds() {
        writeln!(
            out,
            "{what}: holds. {} audit lines, {} changes, nothing missing, changed or out of order.",
            head.number, proved.sekvens,
        )?;
    } else {
        writeln!(out, "{what}: does not hold.")?;
        for finding in &examined.findings {
            writeln!(out, "  {finding}")?;
        }
        if examined.more > 0 {
            writeln!(out, "  and {} more", examined.more)?;
        }
    }
    writeln!(
        out,
        "head   {} {}\nepoke  {}",
        head.number, head.hash, proved.epoke
    )?;
    if examined.unknown > 0 {
        let unknown = examined.unknown;
        writeln!(
            out,
            "{unknown} lines are of kinds that this program does not know; they are chained like the others."
        )?;
    }
    if args.hoved.is_empty() {
        writeln!(
            out,
            "A chain cut off at its end verifies too: name a head that was kept elsewhere (--hoved)."
        )?;
    } else if examined.holds() {
        let signed = match examined.signed {
            0 => "none is signed".to_owned(),
            signed => format!("{signed} signatures are right"),
        };
        writeln!(
            out,
            "The chain continues every head that was kept ({} with the register's own; {signed}).",
            examined.heads
        )?;
    }
    Ok(())
}
