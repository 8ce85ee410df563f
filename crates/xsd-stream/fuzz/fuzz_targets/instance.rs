//! Bytes as a document, judged by two schemas: `plain.xsd` with records of simple
//! fields, and `rich.xsd`, which has what that one leaves out (identity constraints,
//! substitution, wildcards, lists, unions, xsi:type, mixed content, counters).
//!
//! ```text
//! cargo +nightly fuzz run instance -- -timeout=1 -max_total_time=1200
//! ```
#![no_main]

use std::sync::LazyLock;

use xsd_stream::xml::{Limits, Positions, decode};
use xsd_stream::xsd::{FolderResolver, Schema, validate};
use libfuzzer_sys::fuzz_target;

static SCHEMAS: LazyLock<[Schema; 2]> = LazyLock::new(|| {
    let folder = FolderResolver(concat!(env!("CARGO_MANIFEST_DIR"), "/schemas").into());
    ["plain.xsd", "rich.xsd"].map(|name| Schema::compile(&folder, &[name]).expect("compiles"))
});

// The schemas are compiled first, so that no document answers for that time.
fuzz_target!(init: { LazyLock::force(&SCHEMAS); }, |bytes: &[u8]| {
    let Ok(text) = decode::decode(bytes, None) else {
        return;
    };
    for schema in SCHEMAS.iter() {
        let Ok(report) = validate(schema, &text, Limits::default()) else {
            continue;
        };
        let mut positions = Positions::new(&text);
        let mut last = 0;
        for error in &report.errors {
            assert!(error.offset >= last, "in document order");
            assert!(text.is_char_boundary(error.offset), "at a character");
            assert!(error.path.starts_with('/'), "with a path");
            assert!(!error.to_string().is_empty());
            positions.at(error.offset);
            last = error.offset;
        }
    }
});
