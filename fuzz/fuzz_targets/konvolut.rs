//! Bytes as the body of a call: decoded, its envelope read, its message judged by the import schemas and built, in
//! both SOAP versions; what is refused is written as the fault that the caller would get.
//!
//! ```text
//! ASAN_OPTIONS=detect_odr_violation=0 cargo +nightly fuzz run konvolut fuzz/corpus/konvolut fuzz/seeds/konvolut -- \
//!     -timeout=2 -max_total_time=600
//! ```
#![no_main]

use std::sync::LazyLock;

use dtr::contract::Contract;
use dtr::import::WRITES;
use dtr::problem::{self, Problem};
use dtr::register::Tidspunkt;
use dtr::contract::SoapVersion;
use dtr::contract::services::{IMPORT_V1, IMPORT_V2};
use dtr::soap::{self, Failure, Incoming, Reply};
use dtr::xml::{Event, Limits, Positions, Reader, decode};
use libfuzzer_sys::fuzz_target;

static CONTRACT: LazyLock<Contract> = LazyLock::new(|| {
    Contract::new("https://localhost", "http://localhost").expect("compiles")
});

fuzz_target!(|bytes: &[u8]| {
    let text = match decode::decode(bytes, None) {
        Ok(text) => text,
        Err(error) => {
            let told = problem::from_decode(&error, &decode::readable(bytes, None, &error));
            assert!(told.da().len() < 4096 && told.en().len() < 4096, "bounded texts");
            return;
        }
    };
    for service in [&IMPORT_V2, &IMPORT_V1] {
        let schema = CONTRACT.schema(service.document).expect("is there");
        for version in [SoapVersion::V11, SoapVersion::V12] {
            let action = Some("urn:dagtilbudsregister:import:v2/InsertDaginstitution");
            for action in [None, action] {
                let incoming = Incoming {
                    service,
                    version,
                    action,
                    idempotency_key: None,
                    text: &text,
                };
                match soap::read(incoming, &WRITES, schema, Limits::default()) {
                    Ok(request) => {
                        let mut positions = Positions::new(&text);
                        let places = request.shape.problems.iter().filter_map(|problem| problem.place.offset);
                        for offset in places {
                            assert!(text.is_char_boundary(offset), "at a character");
                            positions.at(offset);
                        }
                        let id = request.key().unwrap_or_default();
                        assert!(id.chars().count() <= 512, "a bounded MessageID");
                    }
                    Err(rejected) => refused(&rejected.problems, &rejected.not_understood, rejected.version, &text),
                }
            }
        }
    }
});

/// A refusal says where, and becomes a fault of bounded size.
fn refused(problems: &[Problem], headers: &[(String, String)], version: SoapVersion, text: &str) {
    let head = problems.first().expect("a refusal has a reason");
    for problem in problems {
        if let Some(offset) = problem.place.offset {
            assert!(text.is_char_boundary(offset), "at a character");
        }
    }
    let failure = Failure {
        head,
        listed: problems,
        more: 0,
        id: Default::default(),
        at: Tidspunkt::from_millis(0),
        text,
        not_understood: headers,
    };
    let (status, fault) = soap::fault(Reply::bare(version), &failure);
    assert!((400..=599).contains(&status));
    let fault = std::str::from_utf8(&fault).expect("an answer is UTF-8");
    assert!(fault.len() < 64 << 10, "a fault of bounded size");
    let mut reader = Reader::new(fault, Limits::default());
    while !matches!(reader.next().expect("an answer is well-formed"), Event::Eof) {}
}
