//! `dtr audit`: proves, shows, lists and exports the audit chain (kontrakt §6). Works beside a running server.

mod export;
mod verify;

use std::collections::VecDeque;
use std::io::Write;
use std::ops::ControlFlow;

use clap::{Args as ClapArgs, Subcommand};

use super::common::{self, CliError, Common, Verdict, value};
use crate::app::{self, StartError};
use crate::audit::{ChainHead, DAYS, Line};
use crate::clock::Clock;
use crate::register::{Cvr, Dato, Tidspunkt};
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
    List(ListArgs),
}

#[derive(Debug, ClapArgs)]
struct ListArgs {
    /// The first line to list
    #[arg(long, value_name = "N", default_value_t = 1)]
    from: u64,
    /// Of this call alone: the correlation id of an answer or a line of the log
    #[arg(long, value_name = "UUID")]
    korrelation: Option<uuid::Uuid>,
    /// Of this organisation alone
    #[arg(long, value_name = "CVR")]
    cvr: Option<String>,
    /// From this Danish day on, YYYY-MM-DD
    #[arg(long, value_name = "DATO")]
    fra: Option<String>,
    /// To this Danish day, the day included
    #[arg(long, value_name = "DATO")]
    til: Option<String>,
    /// Only the last so many
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    antal: Option<u32>,
    #[command(flatten)]
    common: Common,
}

/// Which lines are listed.
struct Selection {
    from: u64,
    korrelation: Option<String>,
    cvr: Option<Cvr>,
    fra: Option<Dato>,
    til: Option<Dato>,
}

impl Selection {
    fn of(args: &ListArgs) -> Result<Self, CliError> {
        let day = |option, text: &Option<String>| {
            let parsed = text.as_deref().map(Dato::parse).transpose();
            parsed.map_err(|_| {
                let text = text.as_deref().unwrap_or_default();
                value(option, format!("{text} is no day: that is YYYY-MM-DD"))
            })
        };
        let cvr = args.cvr.as_deref().map(Cvr::parse).transpose();
        let chosen = Self {
            from: args.from,
            korrelation: args.korrelation.map(|id| id.to_string()),
            cvr: cvr.map_err(|_| value("--cvr", "a CVR-nummer is eight digits".to_owned()))?,
            fra: day("--fra", &args.fra)?,
            til: day("--til", &args.til)?,
        };
        if let (Some(first), Some(last)) = (chosen.fra, chosen.til)
            && last < first
        {
            let problem = format!("the last day lies before the first, {first}");
            return Err(value("--til", problem));
        }
        Ok(chosen)
    }

    /// Whether a line is chosen. What is not asked for is not looked at.
    fn has(&self, line: &Line) -> bool {
        let field = |name: &str| {
            let found = line.fields().find(|(own, _)| *own == name);
            found.map(|(_, value)| value)
        };
        let is = |name, wanted: Option<&str>| {
            wanted.is_none_or(|wanted| field(name).is_some_and(|own| own == wanted))
        };
        let day = || Dato::dansk(Tidspunkt::parse(&field("tidspunkt")?).ok()?);
        line.number >= self.from
            && is("korrelationsId", self.korrelation.as_deref())
            && is("cvr", self.cvr.as_ref().map(Cvr::as_str))
            && self
                .fra
                .is_none_or(|first| day().is_some_and(|own| own >= first))
            && self
                .til
                .is_none_or(|last| day().is_some_and(|own| own <= last))
    }
}

pub(super) fn run(args: &Args, clock: &Clock, out: &mut dyn Write) -> Result<Verdict, CliError> {
    match &args.command {
        Command::Verify(args) => verify::run(args, out),
        Command::Export(args) => export::run(args, clock, out),
        Command::Head(common) => head(common, clock, out),
        Command::List(args) => list(args, clock, out),
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

/// Writes line by line, for a chain may be long; also the one JSON object.
fn list(args: &ListArgs, clock: &Clock, out: &mut dyn Write) -> Result<Verdict, CliError> {
    let chosen = Selection::of(args)?;
    let (_, store) = args.common.config.open(clock)?;
    let most = args.antal.and_then(|antal| usize::try_from(antal).ok());
    let args = &args.common;
    let mut last: VecDeque<Line> = VecDeque::new();
    if args.json {
        write!(out, "{{\"linjer\":[")?;
    }
    let mut written = Ok(());
    let mut first = true;
    store
        .read(|view| {
            view.audit_lines(&mut |line| {
                if !chosen.has(&line) {
                    return ControlFlow::Continue(());
                }
                if let Some(most) = most {
                    // The last ones are known at the end.
                    if last.len() == most {
                        last.pop_front();
                    }
                    last.push_back(line);
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
    for line in &last {
        write_line(line, args.json, std::mem::take(&mut first), out)?;
    }
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
        let comma = if first { "" } else { "," };
        return Ok(write!(out, "{comma}{}", object(line))?);
    }
    Ok(writeln!(out, "{}", shown(line))?)
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
    // A value may hold what steers a terminal.
    let shown = |c: char| match c {
        c if c.is_control() || matches!(c, '\u{2028}'..='\u{202E}') => '\u{FFFD}',
        c => c,
    };
    text.chars().map(shown).collect()
}
