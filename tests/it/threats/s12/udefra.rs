//! What can be seen of a server from outside: figures, headers, paths, refusals, and its process.

use std::collections::BTreeMap;

use dtr::client::Response;
use dtr::pki::ORGANISATIONS;

use super::{import, list, refused, without};
use crate::support::messages::{
    closing, institution, institution_fields, institution_update, unit, write,
};
use crate::threats::vagt::{Vagt, export, post};
use crate::threats::{Case, Outcome};

/// GET on a listener without certificates.
fn get(server: &Vagt, listener: &str, path: &str) -> Response {
    let url = format!("http://{}{path}", server.address(listener));
    let client = crate::support::anyone();
    server.runtime.block_on(client.get(&url, &[])).unwrap()
}

/// Everybody calls, and the figures name nobody.
pub(super) fn metrics(server: &Vagt, case: &Case) -> Outcome {
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
pub(super) fn foreign(server: &Vagt, case: &Case) -> Outcome {
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
                "DeleteDaginstitution" => closing("daginstitution", number),
                "InsertAnvisningsEnhed" => unit(number, "Indlagt"),
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
pub(super) fn headers(server: &Vagt, case: &Case) -> Outcome {
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
pub(super) fn core_dumps(server: &Vagt) -> Outcome {
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
pub(super) fn paths(server: &Vagt, case: &Case) -> Outcome {
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
