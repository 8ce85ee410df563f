//! Bytes as a document, judged by two schemas: the one of ImportService-v2 and
//! `rich.xsd`, which has what that one leaves out (identity constraints,
//! substitution, wildcards, lists, unions, xsi:type, mixed content, counters).
//!
//! ```text
//! ASAN_OPTIONS=detect_odr_violation=0 cargo +nightly fuzz run instance -- -timeout=1 -max_total_time=1200
//! ```
//!
//! (Without the option the sanitizer stops at a name that two parts of the built-in SQLite share.)
#![no_main]

use std::sync::LazyLock;

use dtr::xml::{Limits, Positions, decode};
use dtr::xsd::{FolderResolver, MemoryResolver, Schema, validate};
use libfuzzer_sys::fuzz_target;

static SCHEMAS: LazyLock<[Schema; 2]> = LazyLock::new(|| {
    let folder = FolderResolver(concat!(env!("CARGO_MANIFEST_DIR"), "/../xsd").into());
    let import = Schema::compile(&folder, &["ImportService-v2.xsd"]);
    let rich = include_bytes!("../schemas/rich.xsd").to_vec();
    let memory = MemoryResolver([("rich.xsd".to_owned(), rich)].into());
    let rich = Schema::compile(&memory, &["rich.xsd"]);
    [import.expect("compiles"), rich.expect("compiles")]
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
