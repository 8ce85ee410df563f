//! `dtr anmodning`: the requests for agreements, as the operator sees and settles them (docs/aftaler.md). Works beside a running
//! server. Settling takes a case number, and goes by the rules that kommuner and private owners go by.

use std::io::Write;

use clap::{Args as ClapArgs, Subcommand};
use serde_json::json;

use super::aftale::{Names, rules};
use super::common::{self, CliError, Common, Verdict, value};
use super::org::{known_kommune, kommuner};
use super::system::system_id;
use crate::agreements::{
    self, Act, Decider, LONGEST_COMMENT, RequestRefused, Rules, Ruling, Unchanged, today,
};
use crate::clock::Clock;
use crate::register::{Anmodning, AnmodningId, Om, Part, Standing};
use crate::store::{Anmodninger, Asked, Outcome, StoreExt, Write as Tx};

/// The longest case number, in characters.
const LONGEST_CASE: usize = 40;
/// How many requests are read at a time.
const PAGE: u32 = 500;

/// `dtr anmodning …`.
#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List requests, with what was written beside them
    List(ListArgs),
    /// Approve requests: each becomes an agreement
    Godkend(SettleArgs),
    /// Reject requests
    Afvis(SettleArgs),
}

#[derive(Debug, ClapArgs)]
struct ListArgs {
    /// Those that wait for an answer alone
    #[arg(long)]
    venter: bool,
    /// Of this system alone
    #[arg(long, conflicts_with = "kommune")]
    system: Option<String>,
    /// Those alone that ask this kommune, by its kommunekode
    #[arg(long, value_name = "KODE")]
    kommune: Option<String>,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, ClapArgs)]
struct SettleArgs {
    /// The requests, such as ANM-1
    #[arg(value_name = "ANMODNING", required = true)]
    anmodninger: Vec<String>,
    /// The case number
    #[arg(long)]
    sagsnummer: String,
    /// What both sides are told; it is deleted after a time, and never in the audit chain
    #[arg(long)]
    kommentar: Option<String>,
    #[command(flatten)]
    common: Common,
}

pub(super) fn run(args: &Args, clock: &Clock, out: &mut dyn Write) -> Result<Verdict, CliError> {
    match &args.command {
        Command::List(args) => list(args, clock, out),
        Command::Godkend(args) => settle(args, Ruling::Approve, clock, out),
        Command::Afvis(args) => settle(args, Ruling::Reject, clock, out),
    }
}

fn list(args: &ListArgs, clock: &Clock, out: &mut dyn Write) -> Result<Verdict, CliError> {
    let (config, store) = args.common.config.open(clock)?;
    let af = match (&args.system, &args.kommune) {
        (Some(text), _) => Asked::System(system_id("--system", text)?),
        (None, Some(code)) => Asked::Hos(Part::Kommune(known_kommune(code, &kommuner(&config)?)?)),
        (None, None) => Asked::Alle,
    };
    let mut which = Anmodninger {
        af,
        standing: args.venter.then_some(Standing::Venter),
        efter: 0,
        antal: PAGE,
    };
    let failed = "the requests can't be read";
    let found = store.read(|view| {
        let mut all = Vec::new();
        loop {
            let page = view.anmodninger(&which)?;
            let Some(last) = page.last() else { break };
            which.efter = last.id.0;
            for request in page {
                let comments = view.comments(Om::Anmodning(request.id))?;
                let texts: Vec<_> = comments.into_iter().map(|one| one.tekst).collect();
                all.push((request, texts));
            }
        }
        Ok(all)
    });
    let found = found.map_err(CliError::store(failed))?;
    let day = today(clock.now()).map_err(CliError::store("the day can't be told"))?;
    let names = Names::read(&store, &config, day)?;
    if args.common.json {
        let shown = |(request, comments): &(Anmodning, Vec<String>)| {
            let mut row = names.asked(request);
            if let Some(fields) = row.as_object_mut() {
                fields.insert("kommentarer".to_owned(), json!(comments));
            }
            row
        };
        let rows: Vec<_> = found.iter().map(shown).collect();
        common::json(out, &json!({ "anmodninger": rows }))?;
        return Ok(Verdict::Good);
    }
    if found.is_empty() {
        writeln!(out, "No request is there.")?;
    }
    for (request, comments) in &found {
        writeln!(out, "{}", names.described_request(request))?;
        for text in comments {
            writeln!(out, "    \u{201c}{}\u{201d}", on_one_line(text))?;
        }
    }
    Ok(Verdict::Good)
}

/// A comment as a terminal may be shown it.
fn on_one_line(text: &str) -> String {
    let shown = |c: char| if c.is_control() { ' ' } else { c };
    text.chars().map(shown).collect()
}

/// What became of each request.
type Settled = Vec<(AnmodningId, Result<Anmodning, RequestRefused>)>;

fn settle(
    args: &SettleArgs,
    ruling: Ruling,
    clock: &Clock,
    out: &mut dyn Write,
) -> Result<Verdict, CliError> {
    let id = |text: &String| {
        let problem = || format!("{text} is no request: that is ANM- and a number");
        AnmodningId::parse(text).map_err(|_| value("ANMODNING", problem()))
    };
    let ids: Vec<_> = args.anmodninger.iter().map(id).collect::<Result<_, _>>()?;
    let comment = args.kommentar.as_deref();
    let comment = comment
        .map(|text| common::name("--kommentar", text, LONGEST_COMMENT))
        .transpose()?;
    let case = common::name("--sagsnummer", &args.sagsnummer, LONGEST_CASE)?;
    let (config, store) = args.common.config.open(clock)?;
    let now = clock.now();
    let word = match ruling {
        Ruling::Approve => "anmodning godkend",
        Ruling::Reject => "anmodning afvis",
    };
    let act = Act {
        sagsnummer: Some(case),
        ..common::act(word, now)
    };
    let rules = rules(&config);
    let job = move |tx: &mut dyn Tx| {
        let done = settled(tx, (&act, &rules), (&ids, ruling), comment.as_deref())?;
        Ok(match done.iter().any(|(_, done)| done.is_ok()) {
            true => Outcome::Keep(done),
            false => Outcome::Undo(done, None),
        })
    };
    let failed = "the requests can't be settled";
    let done = store.write_blocking(job).map_err(CliError::store(failed))?;
    let day = today(now).map_err(CliError::store("the day can't be told"))?;
    let names = Names::read(&store, &config, day)?;
    tell(&done, &names, args.common.json, out)
}

fn settled(
    tx: &mut dyn Tx,
    (act, rules): (&Act, &Rules),
    (ids, ruling): (&[AnmodningId], Ruling),
    comment: Option<&str>,
) -> crate::store::Result<Settled> {
    let operator = Decider::console();
    let mut all = Vec::with_capacity(ids.len());
    for &id in ids {
        let done = match agreements::settle(tx, act, rules, &operator, (id, ruling), comment) {
            Ok(done) => Ok(done),
            Err(Unchanged::Refused(why)) => Err(why),
            Err(Unchanged::Store(error)) => return Err(error),
        };
        all.push((id, done));
    }
    Ok(all)
}

fn tell(
    done: &Settled,
    names: &Names,
    as_json: bool,
    out: &mut dyn Write,
) -> Result<Verdict, CliError> {
    let verdict = Verdict::of(done.iter().all(|(_, done)| done.is_ok()));
    if as_json {
        let row = |(id, done): &(AnmodningId, Result<Anmodning, RequestRefused>)| match done {
            Ok(request) => json!({ "status": "OK", "anmodning": names.asked(request) }),
            Err(why) => {
                let problem = why.problem(None);
                json!({
                    "status": "AFVIST",
                    "anmodning": { "id": id.to_string() },
                    "kode": problem.entry.kode,
                    "beskedDa": problem.da(),
                    "beskedEn": problem.en(),
                })
            }
        };
        let rows: Vec<_> = done.iter().map(row).collect();
        common::json(out, &json!({ "resultater": rows }))?;
        return Ok(verdict);
    }
    for (id, done) in done {
        match done {
            Ok(request) => writeln!(out, "settled: {}", names.described_request(request))?,
            Err(why) => {
                let problem = why.problem(None);
                writeln!(
                    out,
                    "refused: {id}: {} {}",
                    problem.entry.kode,
                    problem.en()
                )?;
            }
        }
    }
    Ok(verdict)
}
