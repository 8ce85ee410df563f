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
use crate::mirror::MirrorKind;
use crate::mirror::extract::ExtractError;
use crate::problem::steers;
use crate::store::sqlite::mirror::{self, Load, LoadError, LoadProgress, Loaded, Phase};

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
    #[arg(long = "tillad-mindre")]
    allow_smaller: bool,
    /// Columns that a CSV may lack; without them the mirror knows less
    #[arg(long = "tillad-uden", value_name = "NAVN", value_delimiter = ',')]
    allow_without: Vec<String>,
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
    let kind = match args.mirror {
        Mirror::Cvr => MirrorKind::Cvr,
        Mirror::Dar => MirrorKind::Dar,
    };
    let target = mirror::path(&config.database.fil, kind);
    let job = Load {
        kind,
        extract: &args.file,
        target: &target,
        now: clock.now(),
        allow_smaller: args.allow_smaller,
        allow_without: &args.allow_without,
        between_points: BETWEEN,
    };
    let loaded = mirror::load(&job, &mut show(kind)).map_err(harmless)?;
    if args.json {
        as_json(kind, &loaded, out)?;
    } else {
        as_text(kind, &loaded, out)?;
    }
    Ok(Verdict::Good)
}

/// An error without what steers a terminal: an extract's header, and the names of files, may hold anything.
fn harmless(mut error: LoadError) -> LoadError {
    let path = |file: &mut PathBuf| *file = PathBuf::from(plain(&file.to_string_lossy()));
    match &mut error {
        LoadError::Extract(file, error) => {
            path(file);
            if let ExtractError::Header(_, present) | ExtractError::Without(_, present) = error {
                *present = plain(present);
            }
        }
        LoadError::File(file, _) | LoadError::Busy(file) => path(file),
        LoadError::Unusable { reason, .. } => *reason = plain(reason),
        _ => {}
    }
    error
}

/// A text from a file with what steers a terminal replaced.
pub(super) fn plain(text: &str) -> String {
    let shown = |c| if steers(c) { '\u{FFFD}' } else { c };
    text.chars().map(shown).collect()
}

/// Shows progress on stderr: one line that is written over, or a line now and then where nobody looks on.
fn show(kind: MirrorKind) -> impl FnMut(LoadProgress) -> ControlFlow<()> {
    let mut err = io::stderr();
    let watched = err.is_terminal();
    let mut last: Option<Instant> = None;
    move |at| {
        let building = at.phase == Phase::Building;
        if !watched && !building && last.is_some_and(|last| last.elapsed() < LINES) {
            return ControlFlow::Continue(());
        }
        last = Some(Instant::now());
        let percent = (at.bytes * 100).checked_div(at.total).unwrap_or(100);
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
            kind.as_str(),
            at.rows,
            at.rejected,
        );
        ControlFlow::Continue(())
    }
}

fn as_json(kind: MirrorKind, loaded: &Loaded, out: &mut dyn Write) -> Result<(), CliError> {
    let rejected: Vec<_> = loaded
        .rejected
        .iter()
        .map(|(line, reason)| json!({ "linje": line, "grund": reason }))
        .collect();
    let answer = json!({
        "spejl": kind.as_str(),
        "kilde": loaded.state.source,
        "indlaest": loaded.state.loaded.to_string(),
        "raekker": loaded.state.rows,
        "afvist": loaded.state.rejected,
        "fejl": rejected,
        "genoptagetVedLinje": loaded.resumed,
    });
    common::json(out, &answer)
}

fn as_text(kind: MirrorKind, loaded: &Loaded, out: &mut dyn Write) -> Result<(), CliError> {
    let state = &loaded.state;
    if let Some(line) = loaded.resumed {
        writeln!(
            out,
            "went on at line {line}, where an earlier loading was interrupted"
        )?;
    }
    for (line, why) in loaded.rejected.iter().take(SHOWN) {
        writeln!(out, "line {line}: rejected: {}", plain(why))?;
    }
    let more = state.rejected.saturating_sub(SHOWN as u64);
    if more > 0 {
        let listed = loaded.rejected.len();
        let which = if listed as u64 == state.rejected {
            "--json lists them".to_owned()
        } else {
            format!("the first {listed} are listed by --json")
        };
        writeln!(out, "and {more} more rejected; {which}")?;
    }
    writeln!(
        out,
        "{}: {} rows in place, {} rejected. A running server takes it within seconds.",
        kind.as_str(),
        state.rows,
        state.rejected,
    )?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mirror::MirrorState;
    use crate::register::Tidspunkt;

    /// What is told of a mirror with this many rejected records, of which this many are listed.
    fn told(rejected: u64, listed: u64) -> String {
        let loaded = Loaded {
            state: MirrorState {
                loaded: Tidspunkt::from_millis(0),
                source: "cvr.csv".to_owned(),
                rows: 30_000,
                rejected,
            },
            rejected: (0..listed)
                .map(|line| (line, "a\u{1b}b".to_owned()))
                .collect(),
            resumed: None,
        };
        let mut out = Vec::new();
        as_text(MirrorKind::Cvr, &loaded, &mut out).unwrap();
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
