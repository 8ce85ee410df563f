//! `dtr audit list`: the lines of the chain that are asked for, one by one, however long it is.

use std::collections::VecDeque;
use std::io::Write;
use std::ops::ControlFlow;

use clap::{Args as ClapArgs, ValueEnum};

use crate::audit::Line;
use crate::cli::common::{self, CliError, ConfigArg, Verdict};
use crate::clock::Clock;
use crate::register::{Cvr, Day, Tidspunkt};
use crate::store::StoreExt;

#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    /// The first line to list
    #[arg(long, value_name = "N", default_value_t = 1)]
    from: u64,
    /// Of this call alone: the correlation id of an answer or a line of the log
    #[arg(long, value_name = "UUID", alias = "korrelation")]
    korrelationsid: Option<uuid::Uuid>,
    /// Of this organisation alone
    #[arg(long, value_name = "CVR")]
    cvr: Option<String>,
    /// From this Danish day on, YYYY-MM-DD, or this instant
    #[arg(long, value_name = "WHEN")]
    fra: Option<String>,
    /// To this Danish day, the day included, or before this instant
    #[arg(long, value_name = "WHEN")]
    til: Option<String>,
    /// Only those whose operation contains this, such as import:v2/ or cli/
    #[arg(long, value_name = "TEKST")]
    operation: Option<String>,
    /// Only those with this outcome
    #[arg(long, value_name = "UDFALD")]
    udfald: Option<Outcome>,
    /// Only those under this case number
    #[arg(long, value_name = "NR")]
    sagsnummer: Option<String>,
    /// Only refusals with this error, such as DTR5001
    #[arg(long, value_name = "KODE")]
    kode: Option<String>,
    /// Only the last so many
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    antal: Option<u32>,
    #[command(flatten)]
    config: ConfigArg,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
}

/// What came of an act, as lines say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Outcome {
    /// Stored
    Gemt,
    /// Refused with a list of errors
    Afvist,
    /// Refused with a fault
    Fejl,
}

impl Outcome {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Gemt => "gemt",
            Self::Afvist => "afvist",
            Self::Fejl => "fejl",
        }
    }
}

/// Which lines are listed.
struct Selection<'a> {
    args: &'a Args,
    korrelationsid: Option<String>,
    cvr: Option<Cvr>,
    kode: Option<String>,
    from: Option<Tidspunkt>,
    to: Option<Tidspunkt>,
}

impl<'a> Selection<'a> {
    fn of(args: &'a Args) -> Result<Self, CliError> {
        let cvr = args.cvr.as_deref().map(|text| common::cvr("--cvr", text));
        let (from, to) = common::span(args.fra.as_deref(), args.til.as_deref())?;
        Ok(Self {
            args,
            korrelationsid: args.korrelationsid.map(|id| id.to_string()),
            cvr: cvr.transpose()?,
            kode: args.kode.as_deref().map(str::to_ascii_uppercase),
            from: from.map(Day::begins),
            to: to.map(Day::ends),
        })
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
        let args = self.args;
        let named = |wanted: &String| {
            field("noter").is_some_and(|noter| noter.split(',').any(|each| each == wanted))
        };
        line.number >= args.from
            && is("korrelationsId", self.korrelationsid.as_deref())
            && is("cvr", self.cvr.as_ref().map(Cvr::as_str))
            && is("udfald", args.udfald.map(Outcome::as_str))
            && is("sagsnummer", args.sagsnummer.as_deref())
            && self.kode.as_ref().is_none_or(named)
            && args.operation.as_ref().is_none_or(|wanted| {
                field("operation").is_some_and(|own| own.contains(wanted.as_str()))
            })
            && (self.from.is_none() && self.to.is_none() || self.is_within(line))
    }

    fn is_within(&self, line: &Line) -> bool {
        line.tidspunkt().is_some_and(|at| {
            self.from.is_none_or(|first| at >= first) && self.to.is_none_or(|end| at < end)
        })
    }
}

/// Writes line by line, for a chain may be long.
pub(super) fn run(args: &Args, clock: &Clock, out: &mut dyn Write) -> Result<Verdict, CliError> {
    let chosen = Selection::of(args)?;
    let (_, store) = args.config.open(clock)?;
    let most = args.antal.and_then(|antal| usize::try_from(antal).ok());
    let mut last: VecDeque<Line> = VecDeque::new();
    let mut written = Ok(());
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
                written = write_line(&line, args.json, out);
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
        write_line(line, args.json, out)?;
    }
    Ok(Verdict::Good)
}

fn write_line(line: &Line, as_json: bool, out: &mut dyn Write) -> Result<(), CliError> {
    match as_json {
        true => common::json(out, &super::object(line)),
        false => Ok(writeln!(out, "{}", super::shown(line))?),
    }
}
