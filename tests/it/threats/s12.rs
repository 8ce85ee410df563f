//! S12: what leaks. Faults, logs, metrics, headers, memory on disk, and what the binary is made of. `slags` of a case
//! says which of the checks here it is for; its data stand in the case.
//!
//! Two servers run, one with each form of the log, and what is about the log goes to both.

mod logbog;
mod panik;
mod ramme;
mod udefra;

use dtr::soap::SOAP11;

use super::vagt::{Vagt, export, post};
use super::{Case, Outcome};
use crate::support::messages::{institution, write};
use crate::support::{give_back, lose_table};

pub(super) fn run(cases: &[Case]) -> Vec<Outcome> {
    let servers = Servers {
        text: Vagt::start(),
        json: Vagt::with(|config| config.replace("format = \"tekst\"", "format = \"json\"")),
    };
    cases.iter().map(|case| servers.run(case)).collect()
}

struct Servers {
    text: Vagt,
    json: Vagt,
}

impl Servers {
    fn run(&self, case: &Case) -> Outcome {
        match case.text("slags") {
            "fejl" => self.both(|server| server.case(case)),
            "intern" => internal(&self.text, case),
            "log" => {
                self.both(|server| server.case(case))?;
                logbog::lines_are_ours(self)
            }
            "certifikat-i-log" => logbog::hostile_certificate(self),
            "hemmeligt" => self.both(|server| logbog::secrets(server, case)),
            "certifikat" => self.both(logbog::certificate),
            "panik" => panik::run(&self.text.runtime),
            "metrikker" => udefra::metrics(&self.text, case),
            "fremmed" => udefra::foreign(&self.text, case),
            "headere" => udefra::headers(&self.text, case),
            "kerne" => udefra::core_dumps(&self.text),
            "stier" => udefra::paths(&self.text, case),
            "afhaengigheder" => ramme::dependencies(case),
            "byg" => ramme::build(case),
            other => Err(format!("no check {other}")),
        }
    }

    fn both(&self, check: impl Fn(&Vagt) -> Outcome) -> Outcome {
        check(&self.text).map_err(|why| format!("log as text: {why}"))?;
        check(&self.json).map_err(|why| format!("log as JSON: {why}"))
    }
}

/// The register's tables are gone: callers get an id, the log the cause.
fn internal(server: &Vagt, case: &Case) -> Outcome {
    let file = server.folder.join("register.db");
    let database = rusqlite::Connection::open(&file).unwrap();
    database.busy_timeout(logbog::PATIENCE).unwrap();
    let lost = lose_table(&database, "post");
    let calls = [
        export("GetAllDagtilbud", ""),
        import(&write(
            "InsertDaginstitution",
            &[institution("Uden tabel", 751)],
        )),
    ];
    let outcome = calls.iter().try_for_each(|call| {
        let answer = server.exchange("kommune", call)?;
        let text = answer.text();
        if answer.status != 500 || !text.contains("DTR9001") {
            return Err(format!("{} {text}", answer.status));
        }
        let mut words = list(case, "ord");
        let folder = server.folder.join("").display().to_string();
        words.extend([
            folder.as_str(),
            env!("CARGO_PKG_VERSION"),
            env!("CARGO_MANIFEST_DIR"),
        ]);
        without(&text, &words)?;
        let id = answer.header("x-korrelations-id").unwrap_or("(none)");
        if answer.tree().text_of("korrelationsId") != id {
            return Err(format!("another id than {id}: {text}"));
        }
        let lines = logbog::lines_of(server, &answer)?;
        let why = ["no such table", "the schema of the file"];
        let cause = lines.iter().any(|line| {
            line.contains("internal error") && why.iter().any(|why| line.contains(why))
        });
        if cause {
            Ok(())
        } else {
            Err(format!("no cause: {lines:?}"))
        }
    });
    give_back(&database, "post", lost);
    outcome?;
    server.serves_on()
}

/// The server refuses this certificate in the handshake.
fn refused(server: &Vagt, name: &str) -> Outcome {
    let caller = server.server.caller(name);
    let hello = "<HelloWorld xmlns=\"urn:dagtilbudsregister:import:v2\"/>";
    match server.runtime.block_on(caller.import_v2(hello).try_send()) {
        Ok(answer) => Err(format!("answered: {}", answer.text())),
        Err(_) => Ok(()),
    }
}

/// Texts of a list in the case.
fn list<'a>(case: &'a Case, key: &str) -> Vec<&'a str> {
    let list = case.told.get(key).and_then(toml::Value::as_array);
    let list = list.unwrap_or_else(|| panic!("{}: no list {key}", case.name));
    list.iter().map(|text| text.as_str().unwrap()).collect()
}

/// None of these words stands in a text, whatever their case.
fn without(text: &str, words: &[&str]) -> Outcome {
    let lower = text.to_lowercase();
    match words
        .iter()
        .find(|word| lower.contains(&word.to_lowercase()))
    {
        Some(word) => Err(format!("{word:?} in {text}")),
        None => Ok(()),
    }
}

/// A call of the import, as bytes.
fn import(body: &str) -> Vec<u8> {
    import_with("", body)
}

fn import_with(header: &str, body: &str) -> Vec<u8> {
    let envelope = format!(
        "<s:Envelope xmlns:s=\"{}\"><s:Header>{header}</s:Header><s:Body>{body}</s:Body></s:Envelope>",
        SOAP11
    );
    post("/v2/ImportService", "", &envelope)
}
