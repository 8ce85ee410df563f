//! `dtr vis`: a record as it stands or stood, with what is over and under it.

use std::io::Write;

use clap::Args as ClapArgs;
use serde_json::{Map, Value as Json, json};

use super::common::{self, CliError, Common, Language, Verdict, value};
use crate::app;
use crate::chronicle::Words;
use crate::clock::Clock;
use crate::export::parameters::{Param, Query};
use crate::register::{Def, Field, Institutionsnummer, Kodetabeller, Pen, Record, Value, Version};
use crate::store::{self, Moment, Portion, Position, Read, StoreExt};

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

/// A record with its neighbours.
struct Seen {
    position: Position,
    record: Record,
    /// What it stands under, the nearest first.
    over: Vec<Record>,
    /// What stands directly under it, closed ones too.
    under: Vec<Record>,
}

impl Seen {
    fn at(
        view: &dyn Read,
        number: Institutionsnummer,
        moment: Moment,
    ) -> store::Result<Option<Self>> {
        let chosen = |portion: Portion<'_>| {
            let mut found = Vec::new();
            view.chosen_on(moment, portion, &mut |record| {
                found.push(record);
                std::ops::ControlFlow::Continue(())
            })?;
            Ok::<_, store::StoreError>(found)
        };
        let one = |number| Ok::<_, store::StoreError>(chosen(Portion::Disse(&[number]))?.pop());
        let Some(record) = one(number)? else {
            return Ok(None);
        };
        let mut over = Vec::new();
        let mut parent = record.content.parent();
        while let Some(found) = parent.map(one).transpose()?.flatten() {
            parent = found.content.parent();
            over.push(found);
        }
        Ok(Some(Self {
            position: view.position_on(moment)?,
            under: chosen(Portion::Under(&[number]))?,
            record,
            over,
        }))
    }
}

pub(super) fn run(args: &Args, clock: &Clock, out: &mut dyn Write) -> Result<Verdict, CliError> {
    let number = common::number(&args.nummer)?;
    let moment = args.pr.as_deref().map(moment).transpose()?;
    let (config, store) = args.common.config.open(clock)?;
    let tables = app::rules(&config, "", "")?.1;
    let read = store.read(|view| {
        let number = common::goes_on_as(view, number)?;
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
        common::json(out, &shown(&seen, &tables))?;
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

/// The fields of a record in document order.
#[derive(Default)]
struct Fields<'a>(Vec<(Field, Option<&'static Def>, Value<'a>)>);

impl<'a> Pen<'a> for Fields<'a> {
    fn field(&mut self, def: &'static Def, value: Value<'a>) {
        self.0.push((def.field, Some(def), value));
    }

    fn own(&mut self, field: Field, _: Version, value: Value<'a>) {
        self.0.push((field, None, value));
    }
}

fn tell(
    seen: &Seen,
    tables: &Kodetabeller,
    language: Language,
    out: &mut dyn Write,
) -> Result<(), CliError> {
    let mut fields = Fields::default();
    seen.record.write(&mut fields);
    let near = |number| {
        let mut all = seen.over.iter().chain(&seen.under);
        let found = all.find(|record| record.nummer == number);
        found.map(|record| record.content.navn().to_owned())
    };
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

fn shown(seen: &Seen, tables: &Kodetabeller) -> Json {
    let mut fields = Fields::default();
    seen.record.write(&mut fields);
    let words = Words {
        language: Language::Da.into(),
        tables,
        name: &|_| None,
    };
    let (mut values, mut texts) = (Map::new(), Map::new());
    for (field, def, value) in fields.0 {
        let text = Json::from(value.to_string());
        if let Some(def) = def
            && words.value(def, value) != value.to_string()
        {
            texts.insert(field.name().to_owned(), words.value(def, value).into());
        }
        match values.entry(field.name()) {
            serde_json::map::Entry::Vacant(first) => {
                first.insert(match field {
                    Field::Afloeser | Field::AfloestAf => json!([text]),
                    _ => text,
                });
            }
            serde_json::map::Entry::Occupied(mut more) => {
                more.get_mut()
                    .as_array_mut()
                    .into_iter()
                    .for_each(|all| all.push(text.clone()));
            }
        }
    }
    let brief = |record: &Record| {
        json!({
            "nummer": record.nummer.as_str(),
            "niveau": record.niveau().element(),
            "navn": record.content.navn(),
            "aktiv": record.is_active(),
        })
    };
    let Position {
        epoke,
        sekvens,
        tidspunkt,
    } = seen.position;
    json!({
        "pr": {
            "epoke": epoke.to_string(),
            "sekvens": sekvens.0,
            "tidspunkt": tidspunkt.map(|at| at.to_string()),
        },
        "post": brief(&seen.record),
        "felter": values,
        "tekster": texts,
        "over": seen.over.iter().map(brief).collect::<Vec<_>>(),
        "under": seen.under.iter().map(brief).collect::<Vec<_>>(),
    })
}
