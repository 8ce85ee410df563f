//! `dtr vis`: a record as it stands or stood, with what is over and under it.

use std::io::Write;

use clap::Args as ClapArgs;

use super::common::{self, CliError, Common, Language, Verdict, value};
use crate::app;
use crate::chronicle::{self, Fields, Seen, Words, json};
use crate::clock::Clock;
use crate::export::parameters::{Param, Query};
use crate::register::{Kodetabeller, Record};
use crate::store::{Moment, StoreExt};

/// `dtr vis`.
#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    /// Its number; an A-number shows the record that goes on from it
    nummer: String,
    /// As it stood after this change (sekvens), at this instant, or at the end of this day
    #[arg(long, value_name = "WHEN")]
    pr: Option<String>,
    /// The language of the words: da or en
    #[arg(long, value_name = "SPROG", default_value = "en")]
    sprog: Language,
    #[command(flatten)]
    common: Common,
}

pub(super) fn run(args: &Args, clock: &Clock, out: &mut dyn Write) -> Result<Verdict, CliError> {
    let number = common::number(&args.nummer)?;
    let moment = args.pr.as_deref().map(moment).transpose()?;
    let (config, store) = args.common.config.open(clock)?;
    let tables = app::rules(&config, "", "")?.1;
    let read = store.read(|view| {
        let number = chronicle::goes_on_as(view, number)?;
        let moment = match moment {
            Some(moment) => moment,
            None => Moment::Sekvens(view.position()?.sekvens),
        };
        Seen::at(view, number, moment)
    });
    let Some(seen) = read.map_err(CliError::store("the record can't be read"))? else {
        return common::unknown(number);
    };
    if args.common.json {
        common::json(out, &json::record(&seen, &tables))?;
    } else {
        tell(&seen, &tables, args.sprog, out)?;
    }
    Ok(Verdict::Good)
}

fn moment(text: &str) -> Result<Moment, CliError> {
    let pairs = [(Param::Pr.name().to_owned(), text.to_owned())];
    let query = Query::parse(&pairs, &[Param::Pr]).ok();
    query.and_then(|query| query.moment).ok_or_else(|| {
        let told = format!("{text:?} is no sequence, instant or day, such as 12, 2026-11-30T10:00:00Z or 2026-11-30");
        value("--pr", told)
    })
}

fn tell(
    seen: &Seen,
    tables: &Kodetabeller,
    language: Language,
    out: &mut dyn Write,
) -> Result<(), CliError> {
    let mut fields = Fields::default();
    seen.record.write(&mut fields);
    let near = |number| seen.name(number);
    let words = Words {
        language: language.into(),
        tables,
        name: &near,
    };
    let said = |da, en| words.language.of(da, en);
    let line = |record: &Record| {
        let state = match record.is_active() {
            true => said("åben", "open"),
            false => said("nedlagt", "closed"),
        };
        let (name, level) = (record.content.navn(), record.niveau().element());
        format!("{name} ({}), {level}, {state}", record.nummer)
    };
    writeln!(out, "{}", line(&seen.record))?;
    let own = seen.record.niveau().number();
    for (field, def, value) in fields.0 {
        if field == own {
            continue;
        }
        let shown = def.map_or_else(|| value.to_string(), |def| words.value(def, value));
        writeln!(out, "  {:<28} {shown}", words.label(field))?;
    }
    for (heading, records) in [
        (said("Hører under", "Stands under"), &seen.over),
        (said("Under den", "Under it"), &seen.under),
    ] {
        if !records.is_empty() {
            writeln!(out, "{heading}:")?;
        }
        for record in records {
            writeln!(out, "  {}", line(record))?;
        }
    }
    Ok(())
}
