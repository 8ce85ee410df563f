//! What stands in the log: lines that are the server's own, nothing of messages and keys, and of a certificate no more
//! than who it is.

use std::time::{Duration, Instant};

use aws_lc_rs::digest;
use dtr::soap::WSA;
use rcgen::string::PrintableString;
use rcgen::{CertificateParams, DnType, DnValue, KeyPair};
use x509_parser::pem::parse_x509_pem;

use super::{Servers, import, import_with, list, refused, without};
use crate::support::messages::{institution, write};
use crate::support::pki;
use crate::threats::svar::Svar;
use crate::threats::vagt::{Vagt, export};
use crate::threats::{Case, Outcome};

/// How long a line may be on its way into the log.
pub(super) const PATIENCE: Duration = crate::support::FOR_EVER;

/// The longest line that a message may cause, in bytes.
const LONGEST_LINE: usize = 1024;

/// Every line is one event: it begins as events do, is of a length, and steers no terminal.
pub(super) fn lines_are_ours(servers: &Servers) -> Outcome {
    // What comes later than the last answer must be there as well.
    servers.both(|server| server.serves_on())?;
    servers.both(|server| {
        let answer = server.exchange("kommune", &export("GetAllDaginstitutioner", ""))?;
        lines_of(server, &answer).map(|_| ())
    })?;
    for line in log(&servers.json).lines() {
        let event: serde_json::Value =
            serde_json::from_str(line).map_err(|error| format!("{error}: {line}"))?;
        if !(event["timestamp"].is_string() && event["level"].is_string()) {
            return Err(format!("no event: {line}"));
        }
        harmless(line)?;
    }
    for line in log(&servers.text).lines() {
        let mut words = line.split_whitespace();
        let time = words
            .next()
            .is_some_and(|time| time.ends_with('Z') && time.starts_with("20"));
        let level = words
            .next()
            .is_some_and(|level| ["INFO", "WARN", "ERROR"].contains(&level));
        // What a case sends to be taken for a line of its own.
        let forged = words.next() == Some("forfalsket");
        if !(time && level) || forged {
            return Err(format!("no event of ours: {line}"));
        }
        harmless(line)?;
    }
    Ok(())
}

/// A certificate whose names forge lines and steer terminals, and are long. Nobody has issued it, so that it is
/// refused in the handshake, and the refusal logged.
pub(super) fn hostile_certificate(servers: &Servers) -> Outcome {
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
    servers.both(|server| {
        refused(server, name)?;
        until(|| log(server).contains("client certificate refused"))
            .ok_or("the refusal is not in the log")?;
        Ok(())
    })?;
    lines_are_ours(servers)
}

/// A whole life of a message, and nothing of it in the log at the level that production has.
pub(super) fn secrets(server: &Vagt, case: &Case) -> Outcome {
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
pub(super) fn certificate(server: &Vagt) -> Outcome {
    let answer = server.exchange("kommune", &export("GetAllDaginstitutioner", ""))?;
    let called = lines_of(server, &answer)?.concat();
    if !called.contains("55133018") {
        return Err(format!("no CVR number: {called}"));
    }
    for name in ["udloebet", "fremmed", "tilbagekaldt"] {
        refused(server, name)?;
        let pem = std::fs::read(pki::folder().join(format!("{name}.pem"))).unwrap();
        let (_, pem) = parse_x509_pem(&pem).unwrap();
        let hash = digest::digest(&digest::SHA256, &pem.contents);
        let hex: String = hash
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
pub(super) fn lines_of(server: &Vagt, answer: &Svar) -> Result<Vec<String>, String> {
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
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        if is() {
            return Some(());
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    None
}
