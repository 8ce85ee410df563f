//! Differential test: mutations of valid messages, judged by several engines.
//!
//! ```text
//! cargo run --release --example differential -- generate DIR [--count N] [--seed S]
//! cargo run --release --example differential -- compare DIR
//! ```
//!
//! `generate` writes N mutants (2,000 unless said otherwise) of the messages in
//! `fixtures/xsd/differential` to DIR, with `manifest.tsv` (file, schema, kind of
//! mutation, places `line:column` where the first error may stand) and the
//! verdicts of this engine in `dtr.tsv`. Other engines add `NAME.tsv`: file and
//! verdict, `v` valid, `i` invalid, `e` not well-formed. `compare` prints where
//! they disagree and where the first error of this engine stands elsewhere.
//! `tools/differential.sh` does all of it.

mod document;
mod mutate;

use std::collections::{BTreeMap, HashSet};
use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use document::Message;
use dtr::xml::{Limits, Positions};
use dtr::xsd::{FolderResolver, Schema, validate};
use mutate::{MUTATIONS, Random};

/// The messages to start from, each with its schema.
const MESSAGES: [(&str, &str); 6] = [
    ("insert-v2.xml", "ImportService-v2.xsd"),
    ("update-v2.xml", "ImportService-v2.xsd"),
    ("delete-v2.xml", "ImportService-v2.xsd"),
    ("response-v2.xml", "ImportService-v2.xsd"),
    ("insert-v1.xml", "ImportService-v1.xsd"),
    ("register-v2.xml", "EksportService-v2.xsd"),
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let option = |name: &str| {
        let at = arguments.iter().position(|a| a == name)?;
        arguments.get(at + 1)?.parse::<u64>().ok()
    };
    let outcome = match &arguments[..] {
        [command, folder, ..] if command == "generate" => {
            let count = option("--count").unwrap_or(2_000) as usize;
            generate(Path::new(folder), count, option("--seed").unwrap_or(2026))
        }
        [command, folder, ..] if command == "compare" => compare(Path::new(folder)),
        _ => Err("usage: differential generate|compare DIR [--count N] [--seed S]".into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

fn generate(folder: &Path, count: usize, seed: u64) -> Result<(), Box<dyn Error>> {
    let home = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let mut schemas: BTreeMap<&str, Schema> = BTreeMap::new();
    let mut messages = Vec::new();
    for (message, schema) in MESSAGES {
        let text = std::fs::read_to_string(home.join("fixtures/xsd/differential").join(message))?;
        messages.push((Message::new(text)?, schema));
        if !schemas.contains_key(schema) {
            let resolver = FolderResolver(home.join("xsd"));
            let compiled = Schema::compile(&resolver, &[schema]);
            schemas.insert(schema, compiled.map_err(|errors| errors[0].to_string())?);
        }
    }
    std::fs::create_dir_all(folder)?;
    println!("seed {seed}");
    let mut random = Random(seed);
    let (mut manifest, mut verdicts) = (String::new(), String::new());
    let mut known: HashSet<String> = HashSet::new();
    let mut turn = 0;
    while known.len() < count {
        let (message, schema) = &messages[random.below(messages.len())];
        let mutation = MUTATIONS[turn % MUTATIONS.len()];
        turn += 1;
        let Some(mutant) = mutation(message, &mut random) else {
            continue;
        };
        if !known.insert(mutant.text.clone()) {
            continue;
        }
        let file = format!("{:05}.xml", known.len());
        std::fs::write(folder.join(&file), &mutant.text)?;
        let places = mutant.places.iter().map(|&at| place(&mutant.text, at));
        let places: Vec<String> = places.collect();
        writeln!(
            manifest,
            "{file}\t{schema}\t{}\t{}",
            mutant.kind,
            places.join(",")
        )?;
        writeln!(
            verdicts,
            "{file}\t{}",
            judge(&schemas[schema], &mutant.text)
        )?;
    }
    std::fs::write(folder.join("manifest.tsv"), manifest)?;
    std::fs::write(folder.join("dtr.tsv"), verdicts)?;
    Ok(())
}

fn place(text: &str, offset: usize) -> String {
    let at = Positions::new(text).at(offset);
    format!("{}:{}", at.line, at.column)
}

/// Verdict, and place and text of the first error.
fn judge(schema: &Schema, text: &str) -> String {
    let (verdict, offset, message) = match validate(schema, text, Limits::unlimited()) {
        Err(error) => ("e", error.offset, error.to_string()),
        Ok(report) => match report.errors.first() {
            None => return "v\t\t".to_owned(),
            Some(error) => ("i", error.offset, error.to_string()),
        },
    };
    format!("{verdict}\t{}\t{message}", place(text, offset))
}

/// Rows of a file by their first column.
fn rows(path: &Path) -> Result<BTreeMap<String, Vec<String>>, Box<dyn Error>> {
    let text = std::fs::read_to_string(path)?;
    let rows = text.lines().filter_map(|line| {
        let mut columns = line.split('\t').map(str::to_owned);
        Some((columns.next()?, columns.collect()))
    });
    Ok(rows.collect())
}

fn compare(folder: &Path) -> Result<(), Box<dyn Error>> {
    let manifest = rows(&folder.join("manifest.tsv"))?;
    let ours = rows(&folder.join("dtr.tsv"))?;
    let mut others = BTreeMap::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path
            .file_stem()
            .and_then(|n| n.to_str())
            .unwrap_or_default()
            .to_owned();
        let ends = path.extension().is_some_and(|e| e == "tsv");
        if ends && !matches!(name.as_str(), "manifest" | "dtr") {
            others.insert(name, rows(&path)?);
        }
    }
    let (mut differ, mut elsewhere, mut placed) = (0, 0, 0);
    let mut kinds: BTreeMap<&str, [usize; 3]> = BTreeMap::new();
    for (file, row) in &manifest {
        let [_, kind, places] = &row[..] else {
            continue;
        };
        let Some([verdict, at, message]) = ours.get(file).map(Vec::as_slice) else {
            continue;
        };
        let tally = kinds.entry(kind).or_default();
        tally[["v", "i", "e"]
            .iter()
            .position(|v| v == verdict)
            .unwrap_or(2)] += 1;
        let mut line = String::new();
        for (name, rows) in &others {
            let other = rows
                .get(file)
                .and_then(|r| r.first())
                .map_or("?", String::as_str);
            if other != verdict {
                write!(line, " {name}={other}")?;
            }
        }
        if !line.is_empty() {
            differ += 1;
            println!("DIFFER {file} ({kind}) dtr={verdict}{line} {at} {message}");
        }
        if verdict == "i" && !places.is_empty() {
            placed += 1;
            if !places.split(',').any(|p| p == at) {
                elsewhere += 1;
                println!("PLACE {file} ({kind}) expected {places}, found {at} {message}");
            }
        }
    }
    println!(
        "{:<20} {:>6} {:>8} {:>10}",
        "kind", "valid", "invalid", "malformed"
    );
    for (kind, [valid, invalid, malformed]) in kinds {
        println!("{kind:<20} {valid:>6} {invalid:>8} {malformed:>10}");
    }
    let engines: Vec<&str> = others.keys().map(String::as_str).collect();
    println!(
        "{} mutants, judged also by {}: {differ} disagreements; {placed} places checked, {elsewhere} elsewhere",
        manifest.len(),
        engines.join(" and ")
    );
    Ok(())
}
