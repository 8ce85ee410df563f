//! A record and its history as JSON: what the command line gives with `--json`, and the site at `.json`.

use serde_json::map::Entry;
use serde_json::{Map, Value as Json, json};

use super::{Fields, Names, Seen, Told, Words};
use crate::register::{Field, Kodetabeller, Language, Record};
use crate::store::{Aendring, Position};

/// Who is told of a change: the acting organisation alone, or all of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Telling {
    /// For everybody (docs/hvem.md).
    Public,
    /// For the operator.
    All,
}

/// A record with its neighbours.
pub fn record(seen: &Seen, tables: &Kodetabeller) -> Json {
    let mut fields = Fields::default();
    seen.record.write(&mut fields);
    let words = Words {
        language: Language::Da,
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
            Entry::Vacant(first) => {
                first.insert(match field {
                    Field::Afloeser | Field::AfloestAf => json!([text]),
                    _ => text,
                });
            }
            Entry::Occupied(mut more) => {
                let all = more.get_mut().as_array_mut();
                all.into_iter().for_each(|all| all.push(text.clone()));
            }
        }
    }
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

fn brief(record: &Record) -> Json {
    json!({
        "nummer": record.nummer.as_str(),
        "niveau": record.niveau().element(),
        "navn": record.content.navn(),
        "aktiv": record.is_active(),
    })
}

/// The changes of a record, oldest first; `last` is the last of them.
pub fn history(
    last: &Aendring,
    told: &[Told<'_>],
    tables: &Kodetabeller,
    names: &Names,
    telling: Telling,
) -> Json {
    let name = |number| names.get(number);
    let [da, en] = Language::ALL.map(|language| Words {
        language,
        tables,
        name: &name,
    });
    let change = |Told { change, events }: &Told<'_>| {
        let origin = &change.origin;
        let said: Vec<_> = events
            .iter()
            .map(|event| json!({ "da": da.event(event), "en": en.event(event) }))
            .collect();
        let mut json = json!({
            "sekvens": change.sekvens.0,
            "tidspunkt": change.tidspunkt.to_string(),
            "handling": change.handling.as_str(),
            "version": change.record.life.version,
            "ord": said,
            "organisation": {
                "cvr": origin.cvr.map(|cvr| cvr.to_string()),
                "navn": match telling {
                    Telling::Public => crate::export::actor_name(origin),
                    Telling::All => &origin.navn,
                },
            },
        });
        if telling == Telling::All
            && let Some(object) = json.as_object_mut()
        {
            object.extend([
                (
                    "system".to_owned(),
                    json!(origin.system.map(|id| id.to_string())),
                ),
                ("operation".to_owned(), json!(origin.operation)),
                (
                    "korrelationsId".to_owned(),
                    json!(origin.korrelations_id.to_string()),
                ),
                ("sagsnummer".to_owned(), json!(origin.sagsnummer)),
            ]);
        }
        json
    };
    json!({
        "nummer": last.record.nummer.as_str(),
        "niveau": last.record.niveau().element(),
        "navn": last.record.content.navn(),
        "aendringer": told.iter().map(change).collect::<Vec<_>>(),
    })
}
