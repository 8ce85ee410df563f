//! What the operator does: the first load, the monthly run and its findings, A-numbers, areas of dagpleje, support.

mod a_numbers;
mod areas;
mod commands;
mod findings;
mod first_load;

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::process::dtr_json;

fn fixture(name: &str) -> String {
    let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "fixtures", name]
        .iter()
        .collect();
    path.display().to_string()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn load(at: &Path, file: &str, more: &[&str]) -> (Value, bool) {
    let file = fixture(file);
    dtr_json(at, &[&["load", "statistik", &file], more].concat())
}
