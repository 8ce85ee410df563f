//! Judges the mutants of `examples/differential` with the crate `xsd-schema`.
//!
//! `xsd-oracle DIR SCHEMAS` reads `DIR/manifest.tsv` (file, schema, …) and writes
//! `DIR/xsd-schema.tsv`: file, verdict (`v`, `i`, or `e` for not well-formed), the
//! first error. Schemas are those of the folder SCHEMAS.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;

use xsd_schema::SchemaSet;
use xsd_schema::load_and_process_schema;
use xsd_schema::validation::{
    CollectingValidationSink, DriveError, SchemaValidator, ValidationFlags, drive_quick_xml,
};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, schemas] = &arguments[..] else {
        return Err("usage: xsd-oracle DIR SCHEMAS".into());
    };
    let folder = Path::new(folder);
    let manifest = std::fs::read_to_string(folder.join("manifest.tsv"))?;
    let mut compiled: BTreeMap<&str, SchemaSet> = BTreeMap::new();
    let mut out = String::new();
    for row in manifest.lines() {
        let mut columns = row.split('\t');
        let (Some(file), Some(schema)) = (columns.next(), columns.next()) else {
            continue;
        };
        if !compiled.contains_key(schema) {
            let path = Path::new(schemas).join(schema);
            let mut set = SchemaSet::new();
            let location = path.to_str().ok_or("a path that is not text")?;
            load_and_process_schema(&std::fs::read(&path)?, location, &mut set, None)?;
            compiled.insert(schema, set);
        }
        let bytes = std::fs::read(folder.join(file))?;
        let (verdict, message) = judge(&compiled[schema], &bytes);
        writeln!(
            out,
            "{file}\t{verdict}\t{}",
            message.replace(['\n', '\t'], " ")
        )?;
    }
    std::fs::write(folder.join("xsd-schema.tsv"), out)?;
    Ok(())
}

fn judge(set: &SchemaSet, bytes: &[u8]) -> (char, String) {
    let validator = SchemaValidator::new(set, ValidationFlags::default());
    let (mut errors, mut warnings) = (Vec::new(), Vec::new());
    let sink = CollectingValidationSink {
        errors: &mut errors,
        warnings: &mut warnings,
    };
    let mut runtime = validator.start_run(sink);
    let outcome = drive_quick_xml(bytes, &mut runtime, set);
    drop(runtime);
    match outcome {
        Err(DriveError::NotWellFormed(error)) => ('e', error.to_string()),
        Err(error) => ('e', error.to_string()),
        Ok(_) => match errors.first() {
            None => ('v', String::new()),
            Some(error) => ('i', error.to_string()),
        },
    }
}
