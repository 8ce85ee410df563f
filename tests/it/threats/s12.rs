//! S12: what leaks. Faults, logs, metrics, headers, memory on disk, and what the binary is made of. `slags` of a case
//! says which of the checks here it is for; its data stand in the case.
//!
//! Two servers run, one with each form of the log, and each message goes to both.

use std::collections::BTreeMap;
use std::time::Duration;

use dtr::client::Client;
use dtr::pki::ORGANISATIONS;
use dtr::soap::WSA;
use rcgen::string::PrintableString;
use rcgen::{CertificateParams, DnType, DnValue, KeyPair};
use x509_parser::pem::parse_x509_pem;

use super::svar::Svar;
use super::vagt::{Vagt, export, post};
use super::{Case, Outcome, panik, ramme};
use crate::support::messages::{institution, institution_fields, institution_update, write};
use crate::support::pki;

/// How long a line may be on its way into the log.
const PATIENCE: Duration = Duration::from_secs(10);

/// The longest line that a message may cause, in bytes.
const LONGEST_LINE: usize = 1024;

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
            "log" => self.log(case),
            "certifikat-i-log" => self.hostile_certificate(),
            "hemmeligt" => self.both(|server| secrets(server, case)),
            "certifikat" => self.both(certificate),
            "panik" => panik::run(&self.text.runtime),
            "metrikker" => metrics(&self.text, case),
            "fremmed" => foreign(&self.text, case),
            "headere" => headers(&self.text, case),
            "kerne" => core_dumps(&self.text),
            "stier" => paths(&self.text, case),
            "afhaengigheder" => ramme::dependencies(case),
            "byg" => ramme::build(case),
            other => Err(format!("no check {other}")),
        }
    }

    fn both(&self, check: impl Fn(&Vagt) -> Outcome) -> Outcome {
        check(&self.text).map_err(|why| format!("log as text: {why}"))?;
        check(&self.json).map_err(|why| format!("log as JSON: {why}"))
    }

    /// A message is answered as it should be, and no line of the log is other than the server's own.
    fn log(&self, case: &Case) -> Outcome {
        self.both(|server| server.case(case))?;
        self.lines_are_ours()
    }

    /// Every line is one event: it begins as events do, is of a length, and steers no terminal.
    fn lines_are_ours(&self) -> Outcome {
        // What comes later than the last answer must be there as well.
        self.both(|server| server.serves_on())?;
        self.both(|server| {
            let answer = server.exchange("kommune", &export("GetAllDaginstitutioner", ""))?;
            lines_of(server, &answer).map(|_| ())
        })?;
        for line in log(&self.json).lines() {
            let event: serde_json::Value =
                serde_json::from_str(line).map_err(|error| format!("{error}: {line}"))?;
            if !(event["timestamp"].is_string() && event["level"].is_string()) {
                return Err(format!("no event: {line}"));
            }
            harmless(line)?;
        }
        for line in log(&self.text).lines() {
            let mut words = line.split_whitespace();
            let time = words
                .next()
                .is_some_and(|time| time.ends_with('Z') && time.starts_with("20"));
            let level = words
                .next()
                .is_some_and(|level| ["INFO", "WARN", "ERROR"].contains(&level));
            if !(time && level) {
                return Err(format!("no event: {line}"));
            }
            harmless(line)?;
        }
        Ok(())
    }

    /// A certificate whose names forge lines and steer terminals, and are long. Nobody has issued it, so that it is
    /// refused in the handshake, and the refusal logged.
    fn hostile_certificate(&self) -> Outcome {
        let name = "styretegn";
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        let hostile = format!(
            "\r\nINFO forfalsket\u{1b}[2J\u{2028}\u{202e}{}",
            "x".repeat(5_000)
        );
        let subject = &mut params.distinguished_name;
        subject.push(DnType::CommonName, hostile.as_str());
        subject.push(DnType::OrganizationName, hostile.as_str());
        subject.push(
            DnType::from_oid(&[2, 5, 4, 97]),
            format!("NTRDK-55133018{hostile}"),
        );
        let serial =
            PrintableString::try_from("UI:DK-O:G:0d1f64f2-6c7d-4d6e-9d0a-3f5a1c7b2e11").unwrap();
        subject.push(
            DnType::from_oid(&[2, 5, 4, 5]),
            DnValue::PrintableString(serial),
        );
        let certificate = params.self_signed(&key).unwrap().pem();
        std::fs::write(pki::folder().join(format!("{name}.pem")), certificate).unwrap();
        std::fs::write(
            pki::folder().join(format!("{name}.key")),
            key.serialize_pem(),
        )
        .unwrap();
        self.both(|server| {
            refused(server, name)?;
            until(|| log(server).contains("client certificate refused"))
                .ok_or("the refusal is not in the log")?;
            Ok(())
        })?;
        self.lines_are_ours()
    }
}

fn harmless(line: &str) -> Outcome {
    let steers =
        |c: char| c.is_control() || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if line.contains(steers) {
        return Err(format!("it steers: {line:?}"));
    }
    if line.len() > LONGEST_LINE {
        return Err(format!("{} bytes: {line:.200}…", line.len()));
    }
    Ok(())
}

fn log(server: &Vagt) -> String {
    let bytes = std::fs::read(server.folder.join("log.txt")).unwrap();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The lines of the log that name the call of an answer; there must be some.
fn lines_of(server: &Vagt, answer: &Svar) -> Result<Vec<String>, String> {
    let id = answer
        .header("x-korrelations-id")
        .ok_or("no correlation id")?;
    let lines = || {
        let log = log(server);
        let lines: Vec<_> = log
            .lines()
            .filter(|line| line.contains(id))
            .map(str::to_owned)
            .collect();
        // The line of the call itself is the last.
        lines
            .iter()
            .any(|line| line.contains("kald"))
            .then_some(lines)
    };
    until(|| lines().is_some())
        .and_then(|()| lines())
        .ok_or_else(|| format!("{id} is not in the log"))
}

/// Waits for something to become true.
fn until(mut is: impl FnMut() -> bool) -> Option<()> {
    let begun = std::time::Instant::now();
    while begun.elapsed() < PATIENCE {
        if is() {
            return Some(());
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    None
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

/// The register's tables are gone: callers get an id, the log the cause.
fn internal(server: &Vagt, case: &Case) -> Outcome {
    let file = server.folder.join("register.db");
    let database = rusqlite::Connection::open(&file).unwrap();
    database.busy_timeout(PATIENCE).unwrap();
    database
        .execute_batch("ALTER TABLE post RENAME TO borte")
        .unwrap();
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
        let lines = lines_of(server, &answer)?;
        let cause = lines
            .iter()
            .any(|line| line.contains("internal error") && line.contains("no such table"));
        if cause {
            Ok(())
        } else {
            Err(format!("no cause: {lines:?}"))
        }
    });
    database
        .execute_batch("ALTER TABLE borte RENAME TO post")
        .unwrap();
    outcome?;
    server.serves_on()
}

fn import(body: &str) -> Vec<u8> {
    import_with("", body)
}

fn import_with(header: &str, body: &str) -> Vec<u8> {
    let envelope = format!(
        "<s:Envelope xmlns:s=\"{}\"><s:Header>{header}</s:Header><s:Body>{body}</s:Body></s:Envelope>",
        dtr::soap::SOAP11
    );
    post("/v2/ImportService", "", &envelope)
}

/// A whole life of a message, and nothing of it in the log at the level that production has.
fn secrets(server: &Vagt, case: &Case) -> Outcome {
    let words = list(case, "hemmeligt");
    let header = format!(
        "<w:MessageID xmlns:w=\"{WSA}\">urn:{}</w:MessageID>",
        words[0]
    );
    let good = import_with(
        &header,
        &write("InsertDaginstitution", &[institution(words[1], 751)]),
    );
    let wrong = import(&write(
        "InsertDaginstitution",
        &[institution(&format!("<{}/>", words[2]), 751)],
    ));
    let broken = import(&format!("<{}>", words[3]));
    for call in [good, wrong, broken] {
        let answer = server.exchange("kommune", &call)?;
        lines_of(server, &answer)?;
    }
    let log = log(server);
    without(&log, &words)?;
    for name in ["server.key", "kommune.key"] {
        let key = std::fs::read_to_string(pki::folder().join(name)).unwrap();
        let lines: Vec<_> = key
            .lines()
            .filter(|line| line.len() > 16 && !line.contains('-'))
            .collect();
        assert!(!lines.is_empty(), "{name} holds nothing");
        without(&log, &lines)?;
    }
    without(&log, &["PRIVATE KEY", "Envelope"])
}

/// A caller stands in the log with its CVR number, a refused certificate with the number that it claims and its
/// fingerprint; neither with anything else of its subject.
fn certificate(server: &Vagt) -> Outcome {
    let answer = server.exchange("kommune", &export("GetAllDaginstitutioner", ""))?;
    let called = lines_of(server, &answer)?.concat();
    if !called.contains("55133018") {
        return Err(format!("no CVR number: {called}"));
    }
    for name in ["udloebet", "fremmed", "tilbagekaldt"] {
        refused(server, name)?;
        let pem = std::fs::read(pki::folder().join(format!("{name}.pem"))).unwrap();
        let (_, pem) = parse_x509_pem(&pem).unwrap();
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &pem.contents);
        let hex: String = digest
            .as_ref()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let shown = || {
            let plain = log(server).to_lowercase().replace(':', "");
            plain.contains(&hex)
        };
        until(shown).ok_or_else(|| format!("the fingerprint of {name} is not in the log"))?;
    }
    for name in ["kommune", "udloebet", "fremmed", "tilbagekaldt"] {
        let pem = std::fs::read(pki::folder().join(format!("{name}.pem"))).unwrap();
        let (_, pem) = parse_x509_pem(&pem).unwrap();
        let certificate = pem.parse_x509().unwrap();
        let values = certificate.subject().iter_attributes();
        let values: Vec<_> = values
            .filter_map(|value| value.as_str().ok())
            .filter(|value| value.len() > 2)
            .collect();
        assert!(values.len() > 1, "{name} has no subject");
        without(&log(server), &values)?;
    }
    Ok(())
}

/// GET on a listener without certificates.
fn get(server: &Vagt, listener: &str, path: &str) -> dtr::client::Response {
    let url = format!("http://{}{path}", server.address(listener));
    let client = Client::plain().unwrap();
    server.runtime.block_on(client.get(&url, &[])).unwrap()
}

/// Everybody calls, and the figures name nobody.
fn metrics(server: &Vagt, case: &Case) -> Outcome {
    for organisation in &ORGANISATIONS {
        server.exchange(
            organisation.certificate,
            &export("GetAllDaginstitutioner", ""),
        )?;
    }
    refused(server, "udloebet")?;
    let figures = get(server, "admin_url", "/metrics").text().into_owned();
    if !figures.contains("GetAllDaginstitutioner") {
        return Err(format!("nothing was counted: {figures}"));
    }
    let mut words = list(case, "ord");
    words.extend(
        ORGANISATIONS
            .iter()
            .flat_map(|o| [o.cvr, o.navn, o.certificate]),
    );
    // The word of a service is no tenant's name.
    words.retain(|word| *word != "operatoer");
    without(&figures, &words)
}

/// Another's number and one that nobody has are refused in the same words.
fn foreign(server: &Vagt, case: &Case) -> Outcome {
    let insert = import(&write(
        "InsertDaginstitution",
        &[institution("Fremmed hus", 101)],
    ));
    let stored = server.exchange("kommune2", &insert)?.tree();
    let foreign = stored.text_of("institutionsnummer").to_owned();
    let absent = "G99999";
    for operation in list(case, "operationer") {
        let told = |number: &str| {
            let record = match operation {
                "DeleteDaginstitution" => {
                    crate::support::messages::closing("daginstitution", number)
                }
                _ => institution_update(number, "", &institution_fields("Overtaget", 751)),
            };
            let answer = server.exchange("kommune", &import(&write(operation, &[record])))?;
            let tree = answer.tree();
            let mut text = answer.text().replace(number, "NUMMER");
            for name in ["korrelationsId", "tidspunkt"] {
                text = text.replace(tree.text_of(name), name);
            }
            if tree.text_of("status") == "AFVIST" {
                Ok(text)
            } else {
                Err(format!("not refused: {text}"))
            }
        };
        let (foreign, absent) = (told(&foreign)?, told(absent)?);
        if foreign != absent {
            return Err(format!("{operation}: {foreign}\n{absent}"));
        }
    }
    Ok(())
}

/// No answer says what software gave it.
fn headers(server: &Vagt, case: &Case) -> Outcome {
    let names = list(case, "headere");
    let mut answers = BTreeMap::new();
    for (what, request) in [
        ("an export", export("GetAllDaginstitutioner", "")),
        ("a fault", import("<x/>")),
        ("no path", post("/findes-ikke", "", "")),
    ] {
        answers.insert(what, server.exchange("kommune", &request)?.headers);
    }
    for (listener, path) in [
        ("public_url", "/"),
        ("public_url", "/x"),
        ("admin_url", "/metrics"),
        ("admin_url", "/x"),
    ] {
        let got = get(server, listener, path).headers;
        let headers = got
            .iter()
            .map(|(name, value)| (name.to_string(), format!("{value:?}")));
        answers.insert(path, headers.collect());
    }
    for (what, headers) in answers {
        if let Some((name, value)) = headers
            .iter()
            .find(|(name, _)| names.contains(&name.as_str()))
        {
            return Err(format!("{what}: {name}: {value}"));
        }
    }
    Ok(())
}

/// The process may not leave its memory on the disk.
fn core_dumps(server: &Vagt) -> Outcome {
    let Ok(limits) = std::fs::read_to_string(format!("/proc/{}/limits", server.server.id())) else {
        eprintln!("SKIPPED: this system does not tell the limits of a process");
        return Ok(());
    };
    let core = limits
        .lines()
        .find(|line| line.starts_with("Max core file size"));
    let words: Vec<_> = core
        .unwrap_or_default()
        .split_whitespace()
        .skip(4)
        .take(2)
        .collect();
    match words.as_slice() {
        ["0", "0"] => Ok(()),
        other => Err(format!("core dumps of {other:?} bytes")),
    }
}

/// Paths at which other software shows its inside are not there, on any listener.
fn paths(server: &Vagt, case: &Case) -> Outcome {
    for path in list(case, "stier") {
        for listener in ["public_url", "admin_url"] {
            let status = get(server, listener, path).status;
            if status != 404 {
                return Err(format!("{path} on {listener}: {status}"));
            }
        }
        let head = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        let status = server.exchange("operatoer", head.as_bytes())?.status;
        if status != 404 {
            return Err(format!("{path} on the service listener: {status}"));
        }
    }
    Ok(())
}
