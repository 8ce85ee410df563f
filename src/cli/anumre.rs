//! `dtr anumre`: numbers from before the register (kontrakt §6). Load them, look at who they may be, confirm or reject,
//! plan their end, list them for suppliers. Works beside a running server, which names the successor from then on.

mod candidates;
mod decision;

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args as ClapArgs, Subcommand};
use serde_json::json;

use super::common::{self, CliError, Common, ConfigArg, Verdict, value};
use crate::clock::Clock;
use crate::first_load;
use crate::register::{ANummer, Dato, Institutionsnummer, Kommunekode, PNummer};
use crate::store::{Outcome, StoreError, StoreExt};

/// The longest name, in characters.
const LONGEST_NAME: usize = 132;

/// `dtr anumre …`.
#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Load A-numbers from a CSV: aNummer;navn;kommuneKode;pNummer;vejNavn;husNummer;postNummer;gNummer
    Load(LoadArgs),
    /// List the open units that undecided A-numbers may be, the likeliest first
    Kandidater(Common),
    /// Confirm that a record goes on from an A-number: its history and the feed say so from now on
    Bekraeft(PairArgs),
    /// Reject a candidate; one that is confirmed is first taken back (fortryd)
    Afvis(PairArgs),
    /// Take a confirmation back: the A-number leaves the record's afloeser by a new change, and is undecided again
    Fortryd(PairArgs),
    /// Set when agreements under an A-number end, and when it is closed: information for suppliers and dtr anumre list
    ///
    /// The dates are information for suppliers and the list. The register ends no agreement and closes nothing by them.
    Plan(PlanArgs),
    /// List all A-numbers with successor and plan, as CSV for suppliers
    List(Common),
}

#[derive(Debug, ClapArgs)]
struct LoadArgs {
    /// The CSV: `;` between cells, UTF-8
    file: PathBuf,
    /// Columns of the file to leave out, known or not; their data is not loaded
    #[arg(long, value_name = "NAVN", value_delimiter = ',')]
    ignorer_kolonner: Vec<String>,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, ClapArgs)]
struct PairArgs {
    /// The A-number
    a: String,
    /// The record's number
    g: String,
    #[command(flatten)]
    config: ConfigArg,
}

#[derive(Debug, ClapArgs)]
struct PlanArgs {
    /// The A-numbers; none: all that are confirmed
    a: Vec<String>,
    /// The last day of agreements under the A-number, YYYY-MM-DD
    #[arg(long, value_name = "DATO")]
    aftaler_til: String,
    /// The day on which the A-number is closed; after that
    #[arg(long, value_name = "DATO")]
    lukkes: String,
    #[command(flatten)]
    config: ConfigArg,
}

pub(super) fn run(args: &Args, clock: &Clock, out: &mut dyn Write) -> Result<Verdict, CliError> {
    match &args.command {
        Command::Load(args) => load(args, clock, out),
        Command::Kandidater(args) => candidates::candidates(args, clock, out),
        Command::Bekraeft(args) => decision::confirm(args, clock, out),
        Command::Afvis(args) => decision::reject(args, clock, out),
        Command::Fortryd(args) => decision::undo(args, clock, out),
        Command::Plan(args) => plan(args, clock, out),
        Command::List(args) => list(args, clock, out),
    }?;
    Ok(Verdict::Good)
}

fn refused(why: String) -> StoreError {
    StoreError::Refused(why)
}

fn a_number(text: &str) -> Result<Institutionsnummer, String> {
    Institutionsnummer::parse(text)
        .ok()
        .filter(Institutionsnummer::is_a_number)
        .ok_or_else(|| format!("{text} is no A-number: A and five digits"))
}

fn load(args: &LoadArgs, clock: &Clock, out: &mut dyn Write) -> Result<(), CliError> {
    let (_, store) = args.common.config.open(clock)?;
    let numbers = read_file(&args.file, &args.ignorer_kolonner)?;
    let count = numbers.len();
    let now = clock.now();
    let confirmed = store
        .write_blocking(move |tx| {
            let mut confirmed = 0;
            for (number, successor) in &numbers {
                let known = tx.a_nummer(number.nummer)?;
                let number = ANummer {
                    afgjort: known.as_ref().and_then(|known| known.afgjort),
                    aftaler_til: known.as_ref().and_then(|known| known.aftaler_til),
                    lukkes: known.as_ref().and_then(|known| known.lukkes),
                    ..number.clone()
                };
                tx.save_a_nummer(&number)?;
                if let Some(successor) = successor {
                    confirmed += usize::from(decision::link(tx, number.nummer, *successor, now)?);
                }
            }
            let noter = vec![format!("antal {}", numbers.len())];
            tx.audit(&common::audit_entry("anumre load", noter, now))?;
            Ok(Outcome::Keep(confirmed))
        })
        .map_err(CliError::store("nothing was loaded"))?;
    if args.common.json {
        return common::json(out, &json!({"optaget": count, "bekraeftet": confirmed}));
    }
    Ok(writeln!(
        out,
        "{count} A-numbers loaded, {confirmed} confirmed by the file; dtr anumre kandidater shows who the others may be"
    )?)
}

/// Reads the rows; one that is wrong refuses the file.
fn read_file(
    path: &Path,
    ignorer: &[String],
) -> Result<Vec<(ANummer, Option<Institutionsnummer>)>, CliError> {
    let file = File::open(path).map_err(CliError::file(path, "can't be read"))?;
    let wrong =
        |line: u64, why: &str| value("FILE", format!("{}: line {line}: {why}", path.display()));
    let read = |error: first_load::ReadError| value("FILE", format!("{}: {error}", path.display()));
    let mut reader = first_load::RowReader::new(file).map_err(read)?;
    let mut header = reader.header(ignorer).map_err(read)?;
    let own = header
        .require("aNummer", &[])
        .map_err(|error| read(error.into()))?;
    let columns = [
        "navn",
        "kommuneKode",
        "pNummer",
        "vejNavn",
        "husNummer",
        "postNummer",
        "gNummer",
    ]
    .map(|name| header.find(name, &[]));
    header.all_known().map_err(|error| read(error.into()))?;
    let mut numbers = Vec::new();
    let mut row = csv::StringRecord::new();
    while reader.next_row(&mut row, &header).map_err(read)? {
        let line = row.position().map_or(0, csv::Position::line);
        let [
            navn,
            kommune,
            p_nummer,
            vej_navn,
            hus_nummer,
            post_nummer,
            g_nummer,
        ] = columns.map(|at| {
            at.and_then(|at| row.get(at))
                .map(str::trim)
                .filter(|cell| !cell.is_empty())
        });
        let nummer =
            a_number(row.get(own).unwrap_or_default().trim()).map_err(|why| wrong(line, &why))?;
        let navn = navn.unwrap_or_default();
        if navn.chars().count() > LONGEST_NAME || navn.chars().any(char::is_control) {
            return Err(wrong(line, "a name is at most 132 characters on one line"));
        }
        let p_nummer = p_nummer.map(PNummer::parse).transpose();
        let p_nummer = p_nummer.map_err(|_| wrong(line, "pNummer is ten digits"))?;
        let kommune = kommune.map(Kommunekode::parse).transpose();
        let kommune = kommune.map_err(|_| wrong(line, "kommuneKode is no kommunekode"))?;
        let successor = g_nummer.map(Institutionsnummer::parse).transpose();
        let successor = successor.map_err(|_| wrong(line, "gNummer is no institution number"))?;
        let number = ANummer {
            nummer,
            navn: navn.to_owned(),
            kommune,
            p_nummer,
            vej_navn: vej_navn.map(str::to_owned),
            hus_nummer: hus_nummer.map(str::to_owned),
            post_nummer: post_nummer.map(str::to_owned),
            afgjort: None,
            aftaler_til: None,
            lukkes: None,
        };
        numbers.push((number, successor));
    }
    Ok(numbers)
}

fn plan(args: &PlanArgs, clock: &Clock, out: &mut dyn Write) -> Result<(), CliError> {
    let day = |option, text: &str| {
        Dato::parse(text).map_err(|_| value(option, format!("{text} is no date: YYYY-MM-DD")))
    };
    let now = clock.now();
    let ends = day("--aftaler-til", &args.aftaler_til)?;
    if Dato::dansk(now).is_some_and(|today| ends < today) {
        return Err(value("--aftaler-til", format!("{ends} is in the past")));
    }
    let closes = day("--lukkes", &args.lukkes)?;
    if closes <= ends {
        let problem = "an A-number is closed after its agreements have ended".to_owned();
        return Err(value("--lukkes", problem));
    }
    let chosen = args
        .a
        .iter()
        .map(|text| a_number(text).map_err(|why| value("A", why)))
        .collect::<Result<Vec<_>, _>>()?;
    let (_, store) = args.config.open(clock)?;
    let planned = store
        .write_blocking(move |tx| {
            let all = tx.a_numre()?;
            if let Some(unknown) = chosen
                .iter()
                .find(|a| !all.iter().any(|own| own.nummer == **a))
            {
                return Err(refused(format!("{unknown} is not loaded")));
            }
            let mut planned = 0;
            for number in all {
                if !chosen.is_empty() && !chosen.contains(&number.nummer) {
                    continue;
                }
                match number.afgjort {
                    Some(_) => {}
                    None if chosen.is_empty() => continue,
                    None => {
                        let nummer = number.nummer;
                        let why = format!("{nummer} has no confirmed successor yet");
                        return Err(refused(why));
                    }
                }
                tx.save_a_nummer(&ANummer {
                    aftaler_til: Some(ends),
                    lukkes: Some(closes),
                    ..number
                })?;
                planned += 1;
            }
            let noter = vec![
                format!("antal {planned}"),
                format!("aftaler til {ends}"),
                format!("lukkes {closes}"),
            ];
            tx.audit(&common::audit_entry("anumre plan", noter, now))?;
            Ok(Outcome::Keep(planned))
        })
        .map_err(CliError::store("nothing was planned"))?;
    Ok(writeln!(
        out,
        "{planned} A-numbers: agreements end {ends}, closed {closes} (dtr anumre list)"
    )?)
}

fn list(args: &Common, clock: &Clock, out: &mut dyn Write) -> Result<(), CliError> {
    let (_, store) = args.config.open(clock)?;
    let numbers = store
        .read(|view| view.a_numre())
        .map_err(CliError::store("the A-numbers can't be read"))?;
    fn text(value: Option<impl ToString>) -> String {
        value.map(|value| value.to_string()).unwrap_or_default()
    }
    let cells = |number: &ANummer| {
        [
            number.nummer.to_string(),
            number.navn.clone(),
            text(number.kommune),
            text(number.afgjort.map(|(g, _)| g)),
            text(number.aftaler_til),
            text(number.lukkes),
        ]
    };
    let names = [
        "aNummer",
        "navn",
        "kommuneKode",
        "gNummer",
        "aftalerTil",
        "lukkes",
    ];
    if args.json {
        let shown: Vec<serde_json::Value> = numbers
            .iter()
            .map(|number| names.into_iter().zip(cells(number)).collect())
            .collect();
        return common::json(out, &json!({"aNumre": shown}));
    }
    common::csv(out, &names.join(";"), numbers.iter().map(cells))
}
