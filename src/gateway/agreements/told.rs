//! What is told in JSON: requests, agreements, effects and refusals, with the names behind the numbers.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::agreements::{Effect, Planned};
use crate::problem::Problem;
use crate::register::{
    Aftale, Anmodning, Cvr, Dato, Kodetabel, Kommentar, Om, Omfang, Part, SystemId, Tidspunkt,
};
use crate::store::{self, Read};

/// What was done.
#[derive(Debug)]
pub(super) enum Done {
    /// A request was made or settled.
    Request(Anmodning),
    /// An agreement was ended.
    Agreement(Aftale),
}

/// Where names are looked up.
pub(super) struct Names<'a> {
    pub(super) view: &'a dyn Read,
    pub(super) kommuner: &'a Kodetabel,
}

/// A value as it is sent.
pub(super) fn bytes(value: &Value) -> Vec<u8> {
    let mut text = value.to_string().into_bytes();
    text.push(b'\n');
    text
}

/// A problem.
pub(super) fn problem(problem: &Problem) -> Value {
    let [remedy_da, remedy_en] = problem.remedies();
    let path = problem.values.iter().find(|(name, _)| *name == "sti");
    json!({
        "kode": problem.entry.kode,
        "sti": path.map(|(_, path)| path),
        "beskedDa": problem.da(),
        "beskedEn": problem.en(),
        "afhjaelpningDa": remedy_da,
        "afhjaelpningEn": remedy_en,
    })
}

/// A refusal of a whole message.
pub(super) fn refusal(problems: &[Problem], id: Uuid, now: Tidspunkt) -> Value {
    json!({
        "korrelationsId": id.to_string(),
        "tidspunkt": now.to_string(),
        "fejl": problems.iter().map(problem).collect::<Vec<_>>(),
    })
}

/// What became of something that was refused.
pub(super) fn refused_result(index: usize, why: &Problem) -> Value {
    json!({ "nr": index + 1, "status": "AFVIST", "fejl": problem(why) })
}

/// The answer to a message: each result, and in a dry run what it would do.
pub(super) fn answer(
    (id, now, dry_run): (Uuid, Tidspunkt, bool),
    (results, refused): (Vec<Value>, usize),
    effects: Option<Vec<Value>>,
) -> Value {
    let status = match (refused, results.len()) {
        (0, _) => "OK",
        (refused, all) if refused == all => "AFVIST",
        _ => "DELVIS",
    };
    let mut answer = json!({
        "korrelationsId": id.to_string(),
        "tidspunkt": now.to_string(),
        "status": status,
        "proeve": dry_run,
        "resultater": results,
    });
    if let (Some(effects), Some(fields)) = (effects, answer.as_object_mut()) {
        fields.insert("virkninger".to_owned(), effects.into());
    }
    answer
}

impl Names<'_> {
    /// What became of something that was done. A dry run names no id that it did not reserve.
    pub(super) fn result(&self, index: usize, done: Done, dry_run: bool) -> store::Result<Value> {
        let (name, mut value) = match done {
            Done::Request(request) => {
                let is_new = request.state.afgjort().is_none();
                let mut value = self.request(&request)?;
                if let (true, Some(fields)) = (dry_run, value.as_object_mut()) {
                    fields.remove("aftale");
                    if is_new {
                        fields.remove("id");
                    }
                }
                ("anmodning", value)
            }
            Done::Agreement(aftale) => ("aftale", self.agreement(&aftale, None)?),
        };
        // Who has just written it need not be told.
        if let Some(fields) = value.as_object_mut() {
            fields.remove("kommentarer");
        }
        Ok(json!({ "nr": index + 1, "status": "OK", name: value }))
    }

    pub(super) fn request(&self, request: &Anmodning) -> store::Result<Value> {
        let settled = request.state.afgjort();
        let by = match settled.and_then(|af| af.cvr) {
            Some(cvr) => Some(self.organisation(cvr)?),
            None => None,
        };
        Ok(json!({
            "id": request.id.to_string(),
            "stand": request.state.standing().as_str(),
            "system": self.system(request.system)?,
            "part": self.part(request.part)?,
            "tjeneste": request.tjeneste.as_str(),
            "omfang": request.omfang.art(),
            "numre": numbers(&request.omfang),
            "fra": request.fra.to_string(),
            "til": request.til.map(|last| last.to_string()),
            "oprettet": request.oprettet.to_string(),
            "afgjort": settled.map(|af| af.tidspunkt.to_string()),
            "afgjortAf": by,
            "aftale": request.state.aftale().map(|id| id.to_string()),
            "kommentarer": self.comments(Om::Anmodning(request.id))?,
        }))
    }

    /// An agreement; with a day whether it holds on that.
    pub(super) fn agreement(&self, aftale: &Aftale, today: Option<Dato>) -> store::Result<Value> {
        let (closed, why) = aftale.lukket.as_ref().map(|(at, why)| (at, why)).unzip();
        Ok(json!({
            "id": aftale.id.to_string(),
            "gaelder": today.map(|day| aftale.gaelder(day)).unwrap_or(closed.is_none()),
            "system": self.system(aftale.system)?,
            "part": self.part(aftale.part)?,
            "tjeneste": aftale.tjeneste.as_str(),
            "omfang": aftale.omfang.art(),
            "numre": numbers(&aftale.omfang),
            "fra": aftale.fra.to_string(),
            "til": aftale.til.map(|last| last.to_string()),
            "oprettet": aftale.oprettet.to_string(),
            "afsluttet": closed.map(ToString::to_string),
            "aarsag": why,
            "kommentarer": self.comments(Om::Aftale(aftale.id))?,
        }))
    }

    /// What a decision would do.
    pub(super) fn effect(&self, effect: &Effect) -> Value {
        let (what, of) = match effect.of {
            Planned::Approve(id) => ("BEGYNDER", id.to_string()),
            Planned::End(id) => ("STANDSER", id.to_string()),
        };
        let (first, last) = effect.written.unzip();
        let numbers: Vec<_> = effect.records.iter().map(|own| own.as_str()).collect();
        let owner = effect.owner.as_ref();
        let part = match effect.part {
            Part::Kommune(code) => json!({
                "kommune": code.0,
                "navn": self.kommuner.tekst(i32::from(code.0)),
            }),
            Part::Ejer(cvr) => json!({ "ejer": cvr.as_str() }),
        };
        json!({
            "af": of,
            "virkning": what,
            "system": {
                "id": effect.system.id.to_string(),
                "navn": effect.system.navn,
                "cvr": effect.system.ejer.as_str(),
                "organisation": owner.map(|owner| &owner.navn),
            },
            "part": part,
            "tjeneste": effect.tjeneste.as_str(),
            "antal": effect.count,
            "numre": numbers,
            "foersteSkrivning": first.map(|at| at.to_string()),
            "sidsteSkrivning": last.map(|at| at.to_string()),
        })
    }

    fn system(&self, id: SystemId) -> store::Result<Value> {
        let Some(system) = self.view.system(id)? else {
            return Ok(json!({ "id": id.to_string() }));
        };
        let owner = self.view.organisation(system.ejer)?;
        Ok(json!({
            "id": id.to_string(),
            "navn": system.navn,
            "cvr": system.ejer.as_str(),
            "organisation": owner.map(|owner| owner.navn),
        }))
    }

    fn part(&self, part: Part) -> store::Result<Value> {
        Ok(match part {
            Part::Kommune(code) => json!({
                "kommune": code.0,
                "navn": self.kommuner.tekst(i32::from(code.0)),
            }),
            Part::Ejer(cvr) => {
                let known = self.view.organisation(cvr)?;
                json!({ "ejer": cvr.as_str(), "navn": known.map(|own| own.navn) })
            }
        })
    }

    fn organisation(&self, cvr: Cvr) -> store::Result<Value> {
        let known = self.view.organisation(cvr)?;
        Ok(json!({ "cvr": cvr.as_str(), "navn": known.map(|own| own.navn) }))
    }

    fn comments(&self, om: Om) -> store::Result<Value> {
        let comments = self.view.comments(om)?;
        let shown = |one: &Kommentar| {
            json!({
                "tidspunkt": one.tidspunkt.to_string(),
                "cvr": one.cvr.map(|cvr| cvr.to_string()),
                "tekst": one.tekst,
            })
        };
        Ok(comments.iter().map(shown).collect::<Vec<_>>().into())
    }
}

fn numbers(omfang: &Omfang) -> Vec<&str> {
    omfang.numre()
}
