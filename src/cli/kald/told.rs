//! What is known of a call, as text and as JSON: from the call log, from the audit chain, and what it changed in the register.

use std::io::Write;
use std::ops::ControlFlow;

use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::audit::Line;
use crate::calls::{self, Call, Written};
use crate::chronicle::{Names, Told, told};
use crate::cli::audit;
use crate::cli::common::{self, CliError, Language};
use crate::cli::historik;
use crate::register::{Cvr, Kodetabeller, Sekvens, SystemId};
use crate::store::{self, Aendring, Read};

/// So many of the changes of a call are shown.
const SHOWN: usize = 50;

/// A call with what the register says of it.
pub(super) struct Seen {
    id: Uuid,
    /// From the call log.
    call: Option<Call>,
    /// From the audit chain.
    line: Option<Line>,
    /// Names of the organisation and the system, where they are registered.
    organisation: Option<String>,
    system: Option<(SystemId, Option<String>)>,
    written: Option<Written>,
    changes: Vec<Changed>,
    /// Changes that are not shown.
    more: u64,
}

/// A change with the history of its record.
struct Changed {
    sekvens: Sekvens,
    history: Vec<Aendring>,
    names: Names,
}

impl Seen {
    /// What is known of a call; none when nothing is.
    pub(super) fn of(view: &dyn Read, id: Uuid, call: Option<Call>) -> store::Result<Option<Self>> {
        let written = call.as_ref().and_then(|call| call.written);
        // Only what was stored or refused stands in the chain.
        let may_be = call
            .as_ref()
            .is_none_or(|call| written.is_some() || call.kode.is_some());
        let line = match may_be {
            true => line_of(view, id)?,
            false => None,
        };
        if call.is_none() && line.is_none() {
            return Ok(None);
        }
        let written = written.or_else(|| line.as_ref().and_then(written_by));
        let cvr = call.as_ref().and_then(|call| call.cvr);
        let cvr = cvr.or_else(|| Cvr::parse(&field(line.as_ref()?, "cvr")?).ok());
        let organisation = match cvr {
            Some(cvr) => view.organisation(cvr)?.map(|own| own.navn),
            None => None,
        };
        let system = match call.as_ref().and_then(|call| call.system) {
            Some(id) => Some((id, view.system(id)?.map(|own| own.navn))),
            None => None,
        };
        let (changes, more) = match written {
            Some(written) => changes(view, id, written)?,
            None => (Vec::new(), 0),
        };
        Ok(Some(Self {
            id,
            call,
            line,
            organisation,
            system,
            written,
            changes,
            more,
        }))
    }

    /// Writes it for a person.
    pub(super) fn text(
        &self,
        language: Language,
        tables: &Kodetabeller,
        out: &mut dyn Write,
    ) -> Result<(), CliError> {
        writeln!(out, "{}", self.id)?;
        let mut say =
            |name: &str, text: &str| writeln!(out, "  {name:<13} {}", common::printable(text));
        match (&self.call, &self.line) {
            (Some(call), _) => self.say_call(call, &mut say)?,
            (None, Some(line)) => {
                say(
                    "call log",
                    "does not know it; what follows is from the audit chain",
                )?;
                for (name, value) in line.fields().filter(|(name, _)| *name != "art") {
                    say(name, &value)?;
                }
                if let Some(name) = &self.organisation {
                    say("organisation", name)?;
                }
            }
            (None, None) => {}
        }
        if let Some(line) = self.line.as_ref().filter(|_| self.call.is_some()) {
            say("audit line", &line.number.to_string())?;
            for name in ["sagsnummer", "noter", "antal"] {
                let said = field(line, name).filter(|said| name != "antal" || said != "1");
                said.map(|said| say(name, &said)).transpose()?;
            }
        }
        self.say_errors(language, out)?;
        self.say_changes(language, tables, out)
    }

    fn say_call(
        &self,
        call: &Call,
        say: &mut dyn FnMut(&str, &str) -> std::io::Result<()>,
    ) -> std::io::Result<()> {
        say("at", &call.at().to_string())?;
        let operation = format!("{}/{} on {}", call.service, call.operation, call.listener);
        say("operation", &operation)?;
        say(
            "answer",
            &format!("{} {}", call.status, call.outcome().as_str()),
        )?;
        let cvr = call.cvr.map(|cvr| cvr.to_string());
        let cvr = cvr.as_deref().unwrap_or("no CVR-nummer");
        let name = self.organisation.as_deref().unwrap_or("not registered");
        say("organisation", &format!("{name} ({cvr})"))?;
        match &self.system {
            Some((id, name)) => say("system", &format!("{id} {}", name.as_deref().unwrap_or("")))?,
            None => say("system", "none: the certificate acts as its organisation")?,
        }
        if let Some(certificate) = call.certificate {
            say("certificate", &format!("{certificate:016x}"))?;
        }
        if let Some(id) = &call.message_id {
            say("MessageID", id)?;
        }
        say("took", &took(call))?;
        if call.records > 0 {
            say("records", &call.records.to_string())?;
        }
        if call.count > 1 {
            let told = format!(
                "{} alike until {}; this is the first",
                call.count, call.last
            );
            say("calls", &told)?;
        }
        let nothing = call.records > 0 && self.written.is_none() && call.kode.is_none();
        if nothing {
            say(
                "stored",
                "nothing: a dry run, or the answer to an earlier write once more",
            )?;
        }
        Ok(())
    }

    fn say_errors(&self, language: Language, out: &mut dyn Write) -> Result<(), CliError> {
        let Some(call) = &self.call else {
            return Ok(());
        };
        let (errors, more) = call.errors();
        for error in errors {
            let path = error.path.unwrap_or_default();
            writeln!(out, "  {} {path}", error.kode)?;
            if let Some(entry) = calls::entry(error.kode) {
                let (what, remedy) = match language {
                    Language::Da => (entry.da, entry.hjaelp_da),
                    Language::En => (entry.en, entry.hjaelp_en),
                };
                writeln!(out, "    {what}\n    -> {remedy}")?;
            }
        }
        if more > 0 {
            writeln!(out, "  and {more} more errors")?;
        }
        Ok(())
    }

    fn say_changes(
        &self,
        language: Language,
        tables: &Kodetabeller,
        out: &mut dyn Write,
    ) -> Result<(), CliError> {
        let Some(Written {
            changes: (first, last),
            ..
        }) = self.written
        else {
            return Ok(());
        };
        writeln!(out, "  changes {first}-{last}")?;
        if self.changes.is_empty() {
            let told =
                "the register's changes of these numbers are of other calls: it was restored since";
            writeln!(out, "    {told}")?;
        }
        for changed in &self.changes {
            let name = |number| changed.names.get(number);
            let words = historik::words(language, tables, &name);
            for told in changed.told() {
                let record = &told.change.record;
                writeln!(
                    out,
                    "    {} {} (sekvens {})",
                    record.nummer,
                    record.content.navn(),
                    changed.sekvens
                )?;
                for event in &told.events {
                    writeln!(out, "      {}", words.event(event))?;
                }
            }
        }
        if self.more > 0 {
            writeln!(out, "    and {} more changes", self.more)?;
        }
        Ok(())
    }

    /// The same as a JSON object.
    pub(super) fn json(&self, tables: &Kodetabeller) -> Json {
        let changes: Vec<_> = self
            .changes
            .iter()
            .flat_map(|own| own.json(tables))
            .collect();
        json!({
            "korrelationsId": self.id.to_string(),
            "kald": self.call.as_ref().map(row),
            "organisation": self.organisation,
            "systemNavn": self.system.as_ref().and_then(|(_, name)| name.as_deref()),
            "revision": self.line.as_ref().map(audit::object),
            "aendringer": changes,
            "flereAendringer": self.more,
        })
    }
}

impl Changed {
    fn told(&self) -> impl Iterator<Item = Told<'_>> {
        let own = move |each: &Told<'_>| each.change.sekvens == self.sekvens;
        told(&self.history).into_iter().filter(own)
    }

    fn json(&self, tables: &Kodetabeller) -> Vec<Json> {
        let name = |number| self.names.get(number);
        let words = [Language::Da, Language::En].map(|own| historik::words(own, tables, &name));
        let [da, en] = words;
        let all = self.told().map(|told| {
            let change = told.change;
            let said: Vec<_> = told
                .events
                .iter()
                .map(|event| json!({ "da": da.event(event), "en": en.event(event) }))
                .collect();
            json!({
                "sekvens": change.sekvens.0,
                "nummer": change.record.nummer.as_str(),
                "navn": change.record.content.navn(),
                "handling": change.handling.as_str(),
                "ord": said,
            })
        });
        all.collect()
    }
}

/// A call of the log as a JSON object.
pub(super) fn row(call: &Call) -> Json {
    let (errors, more) = call.errors();
    let errors: Vec<_> = errors
        .into_iter()
        .map(|error| {
            let entry = calls::entry(error.kode);
            json!({
                "kode": error.kode,
                "sti": error.path,
                "beskedDa": entry.map(|entry| entry.da),
                "beskedEn": entry.map(|entry| entry.en),
            })
        })
        .collect();
    let changes = call.written.map(|written| written.changes);
    json!({
        "korrelationsId": call.id.to_string(),
        "tidspunkt": call.at().to_string(),
        "lytter": call.listener,
        "tjeneste": call.service,
        "operation": call.operation,
        "status": call.status,
        "udfald": call.outcome().as_str(),
        "fejl": errors,
        "flereFejl": more,
        "cvr": call.cvr.map(|cvr| cvr.to_string()),
        "system": call.system.map(|id| id.to_string()),
        "certifikat": call.certificate.map(|hash| format!("{hash:016x}")),
        "messageId": call.message_id,
        "mikrosekunder": u64::try_from(call.took.as_micros()).unwrap_or(u64::MAX),
        "poster": call.records,
        "revision": call.written.map(|written| written.line),
        "sekvenser": changes.map(|(first, last)| [first.0, last.0]),
        "antal": call.count,
        "senest": call.last.to_string(),
    })
}

/// How long a call took, for a person.
pub(super) fn took(call: &Call) -> String {
    format!("{:.1} ms", call.took.as_secs_f64() * 1000.0)
}

/// The line of the audit chain that tells of a call.
fn line_of(view: &dyn Read, id: Uuid) -> store::Result<Option<Line>> {
    let wanted = format!("\nkorrelationsId={id}\n");
    let mut found = None;
    view.audit_lines(&mut |line| {
        if !line.canonical.contains(&wanted) {
            return ControlFlow::Continue(());
        }
        found = Some(line);
        ControlFlow::Break(())
    })?;
    Ok(found)
}

fn field(line: &Line, wanted: &str) -> Option<String> {
    let found = line.fields().find(|(name, _)| *name == wanted);
    found.map(|(_, value)| value.into_owned())
}

/// What a line says was stored.
fn written_by(line: &Line) -> Option<Written> {
    let range = field(line, "sekvenser")?;
    let (first, last) = range.split_once('-')?;
    let number = |text: &str| text.parse().ok().map(Sekvens);
    Some(Written {
        line: line.number,
        changes: (number(first)?, number(last)?),
    })
}

/// The changes that a call made, as far as they are shown, and how many more there are. None where the register's are of other
/// calls.
fn changes(view: &dyn Read, id: Uuid, written: Written) -> store::Result<(Vec<Changed>, u64)> {
    let (first, last) = written.changes;
    let all = (last.0 + 1).saturating_sub(first.0);
    let limit = u32::try_from(all.min(SHOWN as u64)).unwrap_or(u32::MAX);
    let made = view.aendringer(Sekvens(first.0.saturating_sub(1)), limit)?;
    let mut changes = Vec::new();
    for change in made.iter().filter(|own| own.origin.korrelations_id == id) {
        let history = view.historik(change.record.nummer)?;
        changes.push(Changed {
            sekvens: change.sekvens,
            names: Names::of(view, &told(&history))?,
            history,
        });
    }
    let more = if changes.is_empty() {
        0
    } else {
        all - changes.len() as u64
    };
    Ok((changes, more))
}
