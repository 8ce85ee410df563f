//! Bytes as a schema document. One that compiles is then used on a few
//! documents, so that its tables are walked too.
//!
//! ```text
//! cargo +nightly fuzz run schema -- -timeout=1 -max_total_time=1200
//! ```
#![no_main]

use xsd_stream::xml::Limits;
use xsd_stream::xsd::{MemoryResolver, Schema, validate};
use libfuzzer_sys::fuzz_target;

const DOCUMENTS: [&str; 4] = [
    "<a/>",
    "<a xmlns='urn:t'>1<b x='2'>3</b><b/><c>2024-01-01</c></a>",
    "<r xmlns='urn:t' id='a'><a>x y</a><a k='1'/><b k='1'>-1.0</b></r>",
    "<r xmlns='urn:r' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' xsi:type='T' xsi:nil='true'/>",
];

fuzz_target!(|bytes: &[u8]| {
    // An include of itself is all it can reach.
    let memory = MemoryResolver([("a.xsd".to_owned(), bytes.to_vec())].into());
    match Schema::compile(&memory, &["a.xsd"]) {
        Ok(schema) => {
            for document in DOCUMENTS {
                let _ = validate(&schema, document, Limits::default());
            }
        }
        Err(errors) => {
            assert!(!errors.is_empty());
            assert!(errors.iter().all(|e| e.line > 0 && !e.message.is_empty()));
        }
    }
});
