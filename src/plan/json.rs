//! A plan as JSON, with the names of answers and exports (kontrakt §4, §9).

use serde_json::{Map, Value as Json, json};

use super::{Notice, Plan, Planned, Reason, Where};
use crate::register::{Def, Kind, Kodetabeller, Value};

impl Plan {
    /// All of it.
    pub fn json(&self, tables: &Kodetabeller) -> Json {
        let all =
            |list: &[Planned]| -> Json { list.iter().map(|own| planned(own, tables)).collect() };
        let ended = self.ended.iter().map(|own| {
            json!({
                "aftale": own.agreement.to_string(),
                "system": own.system.to_string(),
                "nummer": own.number.as_str(),
            })
        });
        json!({
            "pr": {
                "epoke": self.seen.epoke.to_string(),
                "sekvens": self.seen.sekvens.0,
                "tidspunkt": self.seen.tidspunkt.map(|at| at.to_string()),
            },
            "digest": self.digest.to_string(),
            "oprettes": all(&self.openings),
            "aendres": all(&self.changes),
            "flyttes": all(&self.moves),
            "nedlaegges": all(&self.closings),
            "uaendrede": self.unchanged,
            "aftalerDerOphoerer": ended.collect::<Vec<_>>(),
            "bekraeftLukninger": self.needs_confirmation().map(reason),
            "ikkeLaest": self.not_read,
            "advarsler": self.warnings.iter().map(Notice::json).collect::<Vec<_>>(),
            "flereAdvarsler": self.more[1],
            "fejl": self.errors.iter().map(Notice::json).collect::<Vec<_>>(),
            "flereFejl": self.more[0],
        })
    }
}

fn reason(reason: Reason) -> Json {
    match reason {
        Reason::Many { closings } => json!({ "nedlaegges": closings, "mangler": 0 }),
        Reason::Missing { closings, missing } => {
            json!({ "nedlaegges": closings, "mangler": missing })
        }
    }
}

fn planned(own: &Planned, tables: &Kodetabeller) -> Json {
    let (mut fields, level) = (Map::new(), own.level.element());
    for (def, before, after) in own.differing() {
        let change = json!({
            "fra": before.map(|value| value.to_string()),
            "til": after.map(|value| value.to_string()),
            "fraTekst": before.and_then(|value| text(def, value, tables)),
            "tilTekst": after.and_then(|value| text(def, value, tables)),
        });
        fields.insert(def.field.name().to_owned(), change);
    }
    let parent = own.before.as_deref().and_then(|before| before.parent());
    let mut told = place(&own.place);
    told.extend([
        (
            "nummer".to_owned(),
            json!(own.number.map(|number| number.to_string())),
        ),
        ("kaldes".to_owned(), json!(own.called)),
        ("niveau".to_owned(), json!(level)),
        ("navn".to_owned(), json!(own.after.navn())),
        ("under".to_owned(), json!(own.under)),
        (
            "underFoer".to_owned(),
            json!(parent.map(|number| number.to_string())),
        ),
        ("felter".to_owned(), Json::Object(fields)),
    ]);
    Json::Object(told)
}

fn text(def: &Def, value: Value<'_>, tables: &Kodetabeller) -> Option<String> {
    let Kind::Code(table) = def.kind else {
        return None;
    };
    tables.of(table).tekst(value.code()?).map(str::to_owned)
}

fn place(place: &Where) -> Map<String, Json> {
    let told: &[(&str, Json)] = match place {
        Where::File => &[],
        Where::Row { line, column } => &[("linje", json!(line)), ("kolonnenavn", json!(column))],
        Where::Message { line, column, path } => &[
            ("linje", json!(line)),
            ("kolonne", json!(column)),
            ("sti", json!(path)),
        ],
    };
    told.iter()
        .map(|(name, value)| ((*name).to_owned(), value.clone()))
        .collect()
}

impl Notice {
    /// It with the names of an answer.
    pub fn json(&self) -> Json {
        let mut told = place(&self.place);
        let problem = &self.problem;
        told.extend([
            ("kode".to_owned(), json!(problem.entry.kode)),
            ("alvor".to_owned(), json!(problem.entry.alvor.as_str())),
            (
                "nummer".to_owned(),
                json!(self.number.map(|number| number.to_string())),
            ),
            ("beskedDa".to_owned(), json!(problem.da())),
            ("beskedEn".to_owned(), json!(problem.en())),
            ("afhjaelpning".to_owned(), json!(problem.hjaelp())),
        ]);
        Json::Object(told)
    }
}
