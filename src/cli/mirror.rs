//! `dtr mirror load cvr|dar FILE`: loads the mirror of a public register from its extract. A running server takes the new
//! one within seconds.

use std::io::{self, IsTerminal, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::{Args as ClapArgs, Subcommand, ValueEnum};
use serde_json::json;

use super::common::{self, CliError, ConfigArg, Verdict};
use crate::clock::Clock;
use crate::problem::steers;
use crate::spejl::Slags;
use crate::spejl::udtraek::UdtraekFejl;
use crate::store::sqlite::spejl::{self, Fase, Fremskridt, Indlaes, IndlaesFejl, Indlaest};

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
    /// Columns that a CSV may lack; without them the mirror knows less
    #[arg(long, value_name = "NAVN", value_delimiter = ',')]
    tillad_uden: Vec<String>,
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
        tillad_uden: &args.tillad_uden,
        mellem_punkter: BETWEEN,
    };
    let loaded = spejl::indlaes(&job, &mut show(slags)).map_err(harmless)?;
    if args.json {
        as_json(slags, &loaded, out)?;
    } else {
        as_text(slags, &loaded, out)?;
    }
    Ok(Verdict::Good)
}

/// An error without what steers a terminal: an extract's header, and the names of files, may hold anything.
fn harmless(error: IndlaesFejl) -> IndlaesFejl {
    let path = |fil: &Path| PathBuf::from(plain(&fil.to_string_lossy()));
    match error {
        IndlaesFejl::Udtraek { fil, fejl } => IndlaesFejl::Udtraek {
            fil: path(&fil),
            fejl: match fejl {
                UdtraekFejl::Hoved { mangler, har } => UdtraekFejl::Hoved {
                    mangler,
                    har: plain(&har),
                },
                UdtraekFejl::Uden { mangler, har } => UdtraekFejl::Uden {
                    mangler,
                    har: plain(&har),
                },
                fejl => fejl,
            },
        },
        IndlaesFejl::Fil { fil, fejl } => IndlaesFejl::Fil {
            fil: path(&fil),
            fejl,
        },
        IndlaesFejl::Optaget(fil) => IndlaesFejl::Optaget(path(&fil)),
        IndlaesFejl::Ubrugelig {
            raekker,
            afviste,
            linje,
            grund,
        } => IndlaesFejl::Ubrugelig {
            raekker,
            afviste,
            linje,
            grund: plain(&grund),
        },
        error => error,
    }
}

/// A text from a file with what steers a terminal replaced.
pub(super) fn plain(text: &str) -> String {
    let shown = |c| if steers(c) { '\u{FFFD}' } else { c };
    text.chars().map(shown).collect()
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
        writeln!(out, "line {line}: rejected: {}", plain(why))?;
    }
    let more = stand.afviste.saturating_sub(SHOWN as u64);
    if more > 0 {
        let listed = loaded.afviste.len();
        let which = if listed as u64 == stand.afviste {
            "--json lists them".to_owned()
        } else {
            format!("the first {listed} are listed by --json")
        };
        writeln!(out, "and {more} more rejected; {which}")?;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::register::Tidspunkt;
    use crate::spejl::Stand;

    /// What is told of a mirror with this many rejected records, of which this many are listed.
    fn told(rejected: u64, listed: u64) -> String {
        let loaded = Indlaest {
            stand: Stand {
                indlaest: Tidspunkt::from_millis(0),
                kilde: "cvr.csv".to_owned(),
                raekker: 30_000,
                afviste: rejected,
            },
            afviste: (0..listed)
                .map(|line| (line, "a\u{1b}b".to_owned()))
                .collect(),
            genoptaget: None,
        };
        let mut out = Vec::new();
        as_text(Slags::Cvr, &loaded, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn no_more_is_promised_than_is_listed() {
        let all = told(10_000, 10_000);
        assert!(
            all.contains("and 9980 more rejected; --json lists them\n"),
            "{all}"
        );
        let more = told(10_001, 10_000);
        let end = "and 9981 more rejected; the first 10000 are listed by --json\n";
        assert!(more.contains(end), "{more}");
    }

    #[test]
    fn why_a_row_is_rejected_steers_no_terminal() {
        assert!(told(1, 1).starts_with("line 0: rejected: a\u{FFFD}b\n"));
    }
}
