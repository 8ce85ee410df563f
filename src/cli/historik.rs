//! `dtr historik`: what has become of a record, each change in words, with who made it.

use std::collections::HashMap;
use std::io::Write;

use clap::Args as ClapArgs;
use serde_json::{Value as Json, json};

use super::common::{self, CliError, Common, Language, Verdict};
use crate::app;
use crate::chronicle::{Event, Told, Words, told};
use crate::clock::Clock;
use crate::register::{Institutionsnummer, Kodetabeller};
use crate::store::{self, Aendring, Origin, Read, StoreExt};

/// `dtr historik`.
#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    /// Its number; an A-number tells of the record that goes on from it
    nummer: String,
    /// The language of the words: da or en
    #[arg(long, value_name = "SPROG", default_value = "en")]
    sprog: Language,
    #[command(flatten)]
    common: Common,
}

/// The names of the records that events speak of, as they are now.
type Names = HashMap<Institutionsnummer, String>;

pub(super) fn run(args: &Args, clock: &Clock, out: &mut dyn Write) -> Result<Verdict, CliError> {
    let number = common::number(&args.nummer)?;
    let (config, store) = args.common.config.open(clock)?;
    let tables = app::rules(&config, "", "")?.1;
    let read = store.read(|view| {
        let history = view.historik(common::goes_on_as(view, number)?)?;
        let names = names(view, &history)?;
        Ok((history, names))
    });
    let (history, names) = read.map_err(CliError::store("the history can't be read"))?;
    let Some(last) = history.last() else {
        return common::unknown(number);
    };
    let told = told(&history);
    if args.common.json {
        common::json(out, &shown(last, &told, &tables, &names))?;
        return Ok(Verdict::Good);
    }
    let name = |number| names.get(&number).cloned();
    let words = words(args.sprog, &tables, &name);
    let record = &last.record;
    let (name, level) = (record.content.navn(), record.niveau().element());
    writeln!(out, "{name} ({}), {level}", record.nummer)?;
    for Told { change, events } in &told {
        writeln!(out, "{}  sekvens {}", change.tidspunkt, change.sekvens)?;
        for event in events {
            writeln!(out, "  {}", words.event(event))?;
        }
        writeln!(out, "  {}", who(&change.origin))?;
    }
    Ok(Verdict::Good)
}

fn words<'a>(
    language: Language,
    tables: &'a Kodetabeller,
    name: &'a dyn Fn(Institutionsnummer) -> Option<String>,
) -> Words<'a> {
    Words {
        language: language.into(),
        tables,
        name,
    }
}

fn names(view: &dyn Read, history: &[Aendring]) -> store::Result<Names> {
    let mut names = Names::new();
    for event in told(history).iter().flat_map(|told| &told.events) {
        let one: &[_] = match event {
            Event::Opened { under, .. } => under.as_slice(),
            Event::Moved { from, to } => &[*from, *to],
            Event::Address { .. }
            | Event::Field { .. }
            | Event::Closed { .. }
            | Event::Unchanged => &[],
        };
        let more: &[_] = match event {
            Event::Opened { succeeds, .. } => succeeds,
            Event::Closed { successors, .. } => successors,
            _ => &[],
        };
        for &number in one.iter().chain(more) {
            if !names.contains_key(&number)
                && let Some(record) = view.record(number)?
            {
                names.insert(number, record.content.navn().to_owned());
            }
        }
    }
    Ok(names)
}

/// `Aarhus Kommune (55133018), SYS-1, for kommune 751; import:v2/InsertDaginstitution, 0190…`.
fn who(origin: &Origin) -> String {
    let mut text = origin.navn.clone();
    if let Some(cvr) = origin.cvr {
        text += &format!(" ({cvr})");
    }
    if let Some(system) = origin.system {
        text += &format!(", {system}");
    }
    if let Some(part) = origin.part {
        text += &format!(", for {}", crate::agreements::principal(part));
    }
    text += &format!("; {}, {}", origin.operation, origin.korrelations_id);
    if let Some(case) = &origin.sagsnummer {
        text += &format!(", {case}");
    }
    text
}

fn shown(last: &Aendring, told: &[Told<'_>], tables: &Kodetabeller, names: &Names) -> Json {
    let name = |number| names.get(&number).cloned();
    let [da, en] = [Language::Da, Language::En].map(|language| words(language, tables, &name));
    let changes: Vec<_> = told
        .iter()
        .map(|Told { change, events }| {
            let origin = &change.origin;
            let said: Vec<_> = events
                .iter()
                .map(|event| json!({ "da": da.event(event), "en": en.event(event) }))
                .collect();
            json!({
                "sekvens": change.sekvens.0,
                "tidspunkt": change.tidspunkt.to_string(),
                "handling": change.handling.as_str(),
                "version": change.record.life.version,
                "ord": said,
                "organisation": { "cvr": origin.cvr.map(|cvr| cvr.to_string()), "navn": origin.navn },
                "system": origin.system.map(|id| id.to_string()),
                "operation": origin.operation,
                "korrelationsId": origin.korrelations_id.to_string(),
                "sagsnummer": origin.sagsnummer,
            })
        })
        .collect();
    json!({
        "nummer": last.record.nummer.as_str(),
        "niveau": last.record.niveau().element(),
        "navn": last.record.content.navn(),
        "aendringer": changes,
    })
}
