//! The first line as the charset of a Content-Type, the rest as a body to be decoded; what decodes is read as XML.
//!
//! ```text
//! cargo +nightly fuzz run decoding fuzz/corpus/decoding fuzz/seeds/decoding -- -timeout=2 -max_total_time=600
//! ```
#![no_main]

use xsd_stream::xml::{Event, Limits, Reader, decode};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let end = bytes.iter().position(|&b| b == b'\n').unwrap_or(0);
    let (charset, body) = bytes.split_at(end);
    let charset = std::str::from_utf8(charset).ok().filter(|c| !c.is_empty());
    let body = body.get(1..).unwrap_or_default();
    match decode::decode(body, charset) {
        Ok(text) => {
            assert!(text.len() <= body.len() * 3, "no text grows beyond three bytes for one");
            let mut reader = Reader::new(&text, Limits::default());
            let mut events = 0;
            while !matches!(reader.next(), Ok(Event::Eof) | Err(_)) {
                events += 1;
                assert!(events <= 2 * text.len() + 2, "each event takes some of the text");
            }
        }
        Err(error) => {
            assert!(error.offset <= body.len(), "the place is in the body");
            let told: usize = error.kind.args().iter().map(|(_, value)| value.len()).sum();
            assert!(error.to_string().len() + told < 4096, "bounded texts");
        }
    }
});
