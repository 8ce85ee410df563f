//! `dtr dagpleje plan`: from a kommune's own list of dagplejere to the areas that it registers (register facts §5.5).
//! Dagplejere themselves are never registered, and what the list says of them is neither stored nor shown.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args as ClapArgs, Subcommand};
use serde_json::json;

use super::common::{self, CliError, Verdict, value};
use crate::register::{DAGPLEJE, ligner_person};
use crate::server::exchange::Service;
use crate::statistik;
use crate::xml::Writer;

/// The most records of one message (decisions §4).
const MOST: usize = 500;

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
    let areas = areas(&args.file)?;
    if areas.len() > MOST {
        return Err(value(
            "FILE",
            format!("{} areas; one message has at most {MOST}", areas.len()),
        ));
    }
    let single: Vec<&String> = areas.keys().filter(|name| ligner_person(name)).collect();
    if let Some(name) = single.first() {
        let problem = format!("the area {name} reads as one person's name: an area is a group");
        return Err(value("FILE", problem));
    }
    if args.json {
        let shown: Vec<_> = areas
            .iter()
            .map(|(name, count)| json!({"omraade": name, "dagplejere": count}))
            .collect();
        common::json(out, &json!({"omraader": shown}))?;
    } else {
        out.write_all(message(args, areas.keys()).as_bytes())?;
    }
    Ok(Verdict::Good)
}

/// The areas with how many each has. An id in two areas counts in both: a person may belong to several.
fn areas(path: &Path) -> Result<BTreeMap<String, usize>, CliError> {
    let wrong =
        |line: u64, why: &str| value("FILE", format!("{}: line {line}: {why}", path.display()));
    let file = File::open(path).map_err(CliError::file(path, "can't be read"))?;
    let mut reader = statistik::laeser(file);
    let header = reader
        .headers()
        .map_err(|error| wrong(1, &error.to_string()))?
        .clone();
    let column = |names: [&str; 2]| {
        header.iter().position(|own| {
            let own = own.trim_start_matches('\u{feff}').trim();
            names.iter().any(|name| own.eq_ignore_ascii_case(name))
        })
    };
    let (Some(id), Some(area)) = (column(["id", "id"]), column(["omraade", "område"])) else {
        return Err(wrong(1, "the columns are id and omraade"));
    };
    let mut areas: BTreeMap<String, std::collections::BTreeSet<String>> = BTreeMap::new();
    for (at, row) in reader.records().enumerate() {
        let row = row.map_err(|error| wrong(at as u64 + 2, &error.to_string()))?;
        let line = row.position().map_or(0, csv::Position::line);
        let cell = |at: usize| row.get(at).map(str::trim).filter(|cell| !cell.is_empty());
        let (Some(id), Some(area)) = (cell(id), cell(area)) else {
            return Err(wrong(line, "both id and omraade must be there"));
        };
        areas
            .entry(area.to_owned())
            .or_default()
            .insert(id.to_owned());
    }
    if areas.is_empty() {
        return Err(wrong(1, "there is no row"));
    }
    Ok(areas
        .into_iter()
        .map(|(name, ids)| (name, ids.len()))
        .collect())
}

/// The insert of the areas, as `dtr check` judges it and ImportService takes it in an envelope.
fn message<'a>(args: &PlanArgs, areas: impl Iterator<Item = &'a String>) -> String {
    let service = Service::ImportV2;
    let mut w = Writer::new();
    w.declaration();
    w.open("i:InsertAnvisningsEnhed")
        .attr("xmlns:i", service.namespace())
        .attr("xmlns", service.type_namespace());
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
