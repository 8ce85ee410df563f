//! S11, the audit chain: what can be done to a register's file, to an export or to a saved head, and that `dtr audit
//! verify` says so, and where.
//!
//! `slags` of a case says how it is run. `kaede`: `goer` is done to the lines (in the register, or with `paa =
//! "eksport"` in an export), `hovedfil` to saved heads; then `dtr audit verify` must find just `fejl`, each of which is
//! a part of a finding; with `genskab`, `dtr restore` must refuse the file too, and say that. Further files of the case's folder lie beside the register. The others are functions of their names in `acts`.

mod acts;
mod register;
mod tamper;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use serde_json::Value;

use self::register::Base;
use super::{Case, Outcome};
use crate::support::Folder;
use crate::support::process::{dtr, dtr_json};

pub(super) fn run(cases: &[Case]) -> Vec<Outcome> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let base = runtime.block_on(Base::make());
    let one = |case: &Case| {
        let done = catch_unwind(AssertUnwindSafe(|| match case.text("slags") {
            "kaede" => chain(&base, case),
            "udloeser" => acts::triggers(&base, case),
            "gammel" => acts::old_copy(&base, case),
            "rotation" => acts::rotation(&base, case),
            "mange" => acts::many(case),
            "afvisninger" => acts::refusals(&base, case),
            "persondata" => acts::personal_data(&base, case),
            "ur" => runtime.block_on(acts::clock(case)),
            "nedbrud" => runtime.block_on(acts::crash(case)),
            "dagligt" => runtime.block_on(acts::daily(case)),
            other => Err(format!("no such slags: {other}")),
        }));
        done.unwrap_or_else(|panic| {
            let text = panic.downcast_ref::<String>().cloned();
            Err(text.unwrap_or_else(|| "panicked".to_owned()))
        })
    };
    cases.iter().map(one).collect()
}

/// Tampers as told, and verifies.
fn chain(base: &Base, case: &Case) -> Outcome {
    let folder = base.copy();
    for file in std::fs::read_dir(&case.folder).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), folder.join(file.file_name().to_str().unwrap())).unwrap();
    }
    let of_export = case
        .told
        .get("paa")
        .is_some_and(|paa| paa.as_str() == Some("eksport"));
    for change in tables(case, "hovedfil") {
        tamper::saved_head(&folder, change);
    }
    let file = folder.join("spor.txt");
    let acts = tables(case, "goer");
    if of_export {
        tamper::export(&file, &acts);
        verified(&folder, case, &["--fil", "spor.txt"])
    } else {
        tamper::database(&folder.join("register.db"), &acts);
        if case.told.contains_key("genskab") {
            refused(&folder, case)?;
        }
        verified(&folder, case, &[])
    }
}

/// `dtr restore` refuses the file as a backup, and says why.
fn refused(folder: &Folder, case: &Case) -> Outcome {
    let backup = folder.join("kopi.db");
    std::fs::copy(folder.join("register.db"), &backup).unwrap();
    let output = dtr(&folder.join(""), &["restore", backup.to_str().unwrap()]);
    let told = String::from_utf8_lossy(&output.stderr);
    if output.status.success() || !told.contains(case.text("genskab")) {
        return Err(format!("restored: {told}"));
    }
    Ok(())
}

/// `dtr audit verify` with the heads of the case must find what the case says, and nothing else.
fn verified(folder: &Folder, case: &Case, more: &[&str]) -> Outcome {
    let heads = texts(case, "hoved");
    let mut arguments = vec!["audit", "verify"];
    arguments.extend(more);
    for head in &heads {
        arguments.extend(["--hoved", head]);
    }
    if case.told.contains_key("noegle") {
        arguments.extend(["--noegle", case.text("noegle")]);
    }
    let (told, well) = dtr_json(&folder.join(""), &arguments);
    expected(case, &told, well)
}

fn expected(case: &Case, told: &Value, well: bool) -> Outcome {
    let wanted = texts(case, "fejl");
    let found: Vec<_> = told["fejl"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|finding| finding["besked"].as_str().unwrap_or_default())
        .collect();
    let alike = found.len() == wanted.len()
        && wanted
            .iter()
            .zip(&found)
            .all(|(part, found)| found.contains(part));
    let holds = wanted.is_empty();
    if !alike || well != holds || told["holder"] != holds {
        return Err(format!("expected {wanted:#?}, found {told:#}"));
    }
    for (key, value) in case
        .told
        .get("svar")
        .and_then(toml::Value::as_table)
        .into_iter()
        .flatten()
    {
        let wanted = serde_json::to_value(value).unwrap();
        if told[key] != wanted {
            return Err(format!("{key} is not {wanted}: {told:#}"));
        }
    }
    Ok(())
}

fn tables<'a>(case: &'a Case, key: &str) -> Vec<&'a toml::Table> {
    let list = case.told.get(key).and_then(toml::Value::as_array);
    list.into_iter()
        .flatten()
        .filter_map(toml::Value::as_table)
        .collect()
}

fn texts<'a>(case: &'a Case, key: &str) -> Vec<&'a str> {
    let list = case.told.get(key).and_then(toml::Value::as_array);
    list.into_iter()
        .flatten()
        .map(|text| text.as_str().unwrap())
        .collect()
}

fn number(table: &toml::Table, key: &str) -> u64 {
    let value = table.get(key).and_then(toml::Value::as_integer);
    value
        .unwrap_or_else(|| panic!("no number {key} in {table}"))
        .try_into()
        .unwrap()
}

fn word<'a>(table: &'a toml::Table, key: &str) -> &'a str {
    let value = table.get(key).and_then(toml::Value::as_str);
    value.unwrap_or_else(|| panic!("no text {key} in {table}"))
}

fn well(path: &Path, arguments: &[&str]) -> Value {
    let (told, well) = dtr_json(path, arguments);
    assert!(well, "{arguments:?}: {told:#}");
    told
}
