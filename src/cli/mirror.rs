//! `dtr mirror load cvr|dar FILE`: loads the mirror of a public register from its extract. A running server takes the new
//! one within seconds.

use std::io::{self, IsTerminal, Write};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::{Args as ClapArgs, Subcommand, ValueEnum};
use serde_json::json;

use super::common::{self, CliError, ConfigArg, Verdict};
use crate::clock::Clock;
use crate::spejl::Slags;
use crate::store::sqlite::spejl::{self, Fase, Fremskridt, Indlaes, Indlaest};

/// Records between two checkpoints: what an interrupted loading reads again at most.
const BETWEEN: u64 = 50_000;

/// Rejected records that are shown as text; `--json` lists all that were kept.
const SHOWN: usize = 20;

/// How often progress is shown where it goes to a file.
const LINES: Duration = Duration::from_secs(10);

/// `dtr mirror`.
#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Load an extract; interrupted, the same command goes on where it was
    Load(LoadArgs),
}

#[derive(Debug, ClapArgs)]
struct LoadArgs {
    #[command(flatten)]
    config: ConfigArg,
    /// Which mirror: CVR's production units (P-numbers), or DAR's addresses
    mirror: Mirror,
    /// The extract: CSV with a header, JSON lines or a JSON list
    file: PathBuf,
    /// Put it in place even if it has less than nine tenths of the rows of the one that is there
    #[arg(long)]
    tillad_mindre: bool,
    /// One JSON object on stdout
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Mirror {
    Cvr,
    Dar,
}

pub(super) fn run(args: &Args, clock: &Clock, out: &mut dyn Write) -> Result<Verdict, CliError> {
    let Command::Load(args) = &args.command;
    let config = args.config.load()?;
    let slags = match args.mirror {
        Mirror::Cvr => Slags::Cvr,
        Mirror::Dar => Slags::Dar,
    };
    let til = spejl::path(&config.database.fil, slags);
    let job = Indlaes {
        slags,
        udtraek: &args.file,
        til: &til,
        nu: clock.now(),
        tillad_mindre: args.tillad_mindre,
        mellem_punkter: BETWEEN,
    };
    let loaded = spejl::indlaes(&job, &mut show(slags))?;
    if args.json {
        as_json(slags, &loaded, out)?;
    } else {
        as_text(slags, &loaded, out)?;
    }
    Ok(Verdict::Good)
}

/// Shows progress on stderr: one line that is written over, or a line now and then where nobody looks on.
fn show(slags: Slags) -> impl FnMut(Fremskridt) -> ControlFlow<()> {
    let mut err = io::stderr();
    let watched = err.is_terminal();
    let mut last: Option<Instant> = None;
    move |at| {
        let building = at.fase == Fase::Bygger;
        if !watched && !building && last.is_some_and(|last| last.elapsed() < LINES) {
            return ControlFlow::Continue(());
        }
        last = Some(Instant::now());
        let percent = (at.bytes * 100).checked_div(at.i_alt).unwrap_or(100);
        let what = if building {
            "making the mirror"
        } else {
            "reading"
        };
        let (begin, end) = if watched { ("\r", "") } else { ("", "\n") };
        let end = if watched && building { "\n" } else { end };
        // Progress that can't be shown is no reason to stop.
        let _ = write!(
            err,
            "{begin}{}: {what}, {percent} %, {} rows, {} rejected{end}",
            slags.as_str(),
            at.raekker,
            at.afviste,
        );
        ControlFlow::Continue(())
    }
}

fn as_json(slags: Slags, loaded: &Indlaest, out: &mut dyn Write) -> Result<(), CliError> {
    let rejected: Vec<_> = loaded
        .afviste
        .iter()
        .map(|(linje, grund)| json!({ "linje": linje, "grund": grund }))
        .collect();
    let answer = json!({
        "spejl": slags.as_str(),
        "kilde": loaded.stand.kilde,
        "indlaest": loaded.stand.indlaest.to_string(),
        "raekker": loaded.stand.raekker,
        "afvist": loaded.stand.afviste,
        "fejl": rejected,
        "genoptagetVedLinje": loaded.genoptaget,
    });
    common::json(out, &answer)
}

fn as_text(slags: Slags, loaded: &Indlaest, out: &mut dyn Write) -> Result<(), CliError> {
    let stand = &loaded.stand;
    if let Some(line) = loaded.genoptaget {
        writeln!(
            out,
            "went on at line {line}, where an earlier loading was interrupted"
        )?;
    }
    for (line, why) in loaded.afviste.iter().take(SHOWN) {
        writeln!(out, "line {line}: rejected: {why}")?;
    }
    let more = stand.afviste.saturating_sub(SHOWN as u64);
    if more > 0 {
        let listed = loaded.afviste.len();
        let which = if listed as u64 == stand.afviste {
            "them".to_owned()
        } else {
            format!("the first {listed}")
        };
        writeln!(out, "and {more} more rejected; --json lists {which}")?;
    }
    writeln!(
        out,
        "{}: {} rows in place, {} rejected. A running server takes it within seconds.",
        slags.as_str(),
        stand.raekker,
        stand.afviste,
    )?;
    Ok(())
}
