//! `dtr historik`: what has become of a record, each change in words, with who made it.

use std::io::Write;

use clap::Args as ClapArgs;

use super::common::{self, CliError, Common, Language, Verdict};
use crate::app;
use crate::chronicle::json::{self, Telling};
use crate::chronicle::{self, Names, Told, Words, told};
use crate::clock::Clock;
use crate::register::{Institutionsnummer, Kodetabeller};
use crate::store::{Origin, StoreExt};

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

pub(super) fn run(args: &Args, clock: &Clock, out: &mut dyn Write) -> Result<Verdict, CliError> {
    let number = common::number(&args.nummer)?;
    let (config, store) = args.common.config.open(clock)?;
    let tables = app::rules(&config, "", "")?.1;
    let read = store.read(|view| {
        let history = view.historik(chronicle::goes_on_as(view, number)?)?;
        let names = Names::of(view, &told(&history))?;
        Ok((history, names))
    });
    let (history, names) = read.map_err(CliError::store("the history can't be read"))?;
    let Some(last) = history.last() else {
        return common::unknown(number);
    };
    let told = told(&history);
    if args.common.json {
        common::json(
            out,
            &json::history(last, &told, &tables, &names, Telling::All),
        )?;
        return Ok(Verdict::Good);
    }
    let name = |number| names.get(number);
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

pub(super) fn words<'a>(
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
