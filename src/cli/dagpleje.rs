//! `dtr dagpleje plan`: from a kommune's own list of dagplejere to the areas that it registers (fakta §5.5).
//! Dagplejere themselves are never registered, and what the list says of them is neither stored nor shown.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::{Args as ClapArgs, Subcommand};
use serde_json::json;

use super::common::{self, CliError, Verdict, value};
use super::mirror::plain;
use crate::app::{self, StartError};
use crate::config::Config;
use crate::contract::services::IMPORT_V2;
use crate::first_load::{ColumnError, ReadError, RowReader};
use crate::import;
use crate::register::{DAGPLEJE, looks_like_a_person};
use crate::soap;
use crate::xml::{Limits, Writer};

/// The most records of one message (kontrakt §4).
const MOST: usize = 500;
/// The most errors of a message that are told.
const SHOWN: usize = 20;

/// `dtr dagpleje …`.
#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Turn a list of dagplejere (id;omraade) into the areas to insert
    Plan(PlanArgs),
}

#[derive(Debug, ClapArgs)]
struct PlanArgs {
    /// The CSV: columns id and omraade, `;` between cells, UTF-8
    file: PathBuf,
    /// Columns of the file to leave out, where two stand for one thing
    #[arg(long, value_name = "NAVN", value_delimiter = ',')]
    ignorer_kolonner: Vec<String>,
    /// The daginstitution of dagpleje that the areas are put under
    #[arg(long, value_name = "NUMMER")]
    under: String,
    /// The P-number of the areas, under the kommune's own CVR number
    #[arg(long, value_name = "P-NUMMER")]
    p_nummer: String,
    /// Road of the areas' address, that of the P-number in CVR
    #[arg(long)]
    vej_navn: String,
    /// House number
    #[arg(long)]
    hus_nummer: String,
    /// Postal code
    #[arg(long)]
    post_nummer: String,
    /// The areas with their counts as one JSON object, instead of the message
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args, out: &mut dyn Write) -> Result<Verdict, CliError> {
    let Command::Plan(args) = &args.command;
    let areas = areas(&args.file, &args.ignorer_kolonner)?;
    if areas.len() > MOST {
        return Err(value(
            "FILE",
            format!("{} areas; one message has at most {MOST}", areas.len()),
        ));
    }
    let single: Vec<&String> = areas
        .keys()
        .filter(|name| looks_like_a_person(name))
        .collect();
    if let Some(name) = single.first() {
        let name = plain(name);
        let problem = format!("the area {name} reads as one person's name: an area is a group");
        return Err(value("FILE", problem));
    }
    let message = message(args, areas.keys());
    judged(&message)?;
    for (name, count) in &areas {
        let name = plain(name);
        let alone = match count {
            1 => ": an area is a group; is it to have only one?",
            _ => "",
        };
        writeln!(io::stderr(), "dtr: {name}: {count}{alone}")?;
    }
    if args.json {
        let shown: Vec<_> = areas
            .iter()
            .map(|(name, count)| json!({"omraade": name, "dagplejere": count}))
            .collect();
        common::json(out, &json!({"omraader": shown}))?;
    } else {
        out.write_all(message.as_bytes())?;
    }
    Ok(Verdict::Good)
}

/// Refuses a message that the register would refuse whatever stands in it: what was given for it is wrong. Tells each
/// error once, for most are those of every area.
fn judged(message: &str) -> Result<(), CliError> {
    let (contract, tables) = app::rules(&Config::default(), "", "")?;
    let schema = contract
        .schema(IMPORT_V2.document)
        .ok_or_else(|| StartError::Schemas(Vec::new()))?;
    let problems = match soap::read_bare(
        &IMPORT_V2,
        &import::WRITES,
        message,
        schema,
        Limits::default(),
    ) {
        Err(problems) => problems,
        Ok(request) => {
            let mut problems = request.shape.problems;
            let (write, message) = request.message;
            problems.extend(import::alone(write, &message, &tables));
            problems
        }
    };
    let mut told: Vec<String> = Vec::new();
    for problem in problems.iter().filter(|problem| problem.is_error()) {
        let text = format!("{} {} / {}", problem.entry.kode, problem.da(), problem.en());
        if !told.contains(&text) {
            told.push(text);
        }
    }
    if told.is_empty() {
        return Ok(());
    }
    let more = told.len().saturating_sub(SHOWN);
    told.truncate(SHOWN);
    if more > 0 {
        told.push(format!("and {more} more"));
    }
    let problem = format!(
        "no message is written, for it would be refused\n    {}",
        told.join("\n    ")
    );
    Err(value("FILE and options", problem))
}

/// The areas with how many each has. An id in two areas counts in both: a person may belong to several.
fn areas(path: &Path, ignorer: &[String]) -> Result<BTreeMap<String, usize>, CliError> {
    let wrong =
        |line: u64, why: &str| value("FILE", format!("{}: line {line}: {why}", path.display()));
    let file = File::open(path).map_err(CliError::file(path, "can't be read"))?;
    let read = |error: ReadError| value("FILE", format!("{}: {error}", path.display()));
    let mut reader = RowReader::new(file).map_err(read)?;
    let columns = |error: ColumnError| read(error.into());
    let mut header = reader.header(ignorer).map_err(read)?;
    let id = header.require("id", &[]).map_err(columns)?;
    let area = header.require("omraade", &["område"]).map_err(columns)?;
    // What else a list says of people stays in it; that it was not looked at is told all the same.
    let unread = header.unread().map_err(columns)?;
    if !unread.is_empty() {
        writeln!(
            io::stderr(),
            "dtr: read are id and omraade alone, not {}",
            unread.join(", ")
        )?;
    }
    // By the name without regard to letter case and white space, as it is first written.
    let mut areas: BTreeMap<String, (String, BTreeSet<String>)> = BTreeMap::new();
    let mut row = csv::StringRecord::new();
    while reader.next_row(&mut row, &header).map_err(read)? {
        let line = row.position().map_or(0, csv::Position::line);
        let cell = |at: usize| row.get(at).map(str::trim).filter(|cell| !cell.is_empty());
        let (Some(id), Some(area)) = (cell(id), cell(area)) else {
            return Err(wrong(line, "both id and omraade must be there"));
        };
        let name = area.split_whitespace().collect::<Vec<_>>().join(" ");
        let (_, ids) = areas
            .entry(name.to_lowercase())
            .or_insert_with(|| (name, BTreeSet::new()));
        ids.insert(id.to_owned());
    }
    if areas.is_empty() {
        return Err(wrong(1, "there is no row"));
    }
    Ok(areas
        .into_values()
        .map(|(name, ids)| (name, ids.len()))
        .collect())
}

/// The insert of the areas, as `dtr check` judges it and ImportService takes it in an envelope.
fn message<'a>(args: &PlanArgs, areas: impl Iterator<Item = &'a String>) -> String {
    let mut w = Writer::new();
    w.declaration();
    w.open("i:InsertAnvisningsEnhed")
        .attr("xmlns:i", IMPORT_V2.namespace)
        .attr("xmlns", IMPORT_V2.type_namespace);
    for name in areas {
        w.open("i:anvisningsenhed");
        w.leaf("daginstitutionsNummer", &args.under);
        w.leaf("enhedsNavn", name);
        w.open("adresse");
        w.leaf("vejNavn", &args.vej_navn);
        w.leaf("husNummer", &args.hus_nummer);
        w.leaf("postNummer", &args.post_nummer);
        w.close("adresse");
        w.leaf("instType3", &DAGPLEJE.to_string());
        w.leaf("pNummer", &args.p_nummer);
        w.close("i:anvisningsenhed");
    }
    w.close("i:InsertAnvisningsEnhed");
    let mut text = w.into_string();
    text.push('\n');
    text
}
