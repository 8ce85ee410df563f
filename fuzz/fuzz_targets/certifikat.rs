//! Bytes as a client's certificate in DER: who it says that it is.
//!
//! ```text
//! ASAN_OPTIONS=detect_odr_violation=0 cargo +nightly fuzz run certifikat fuzz/corpus/certifikat fuzz/seeds/certifikat -- \
//!     -timeout=2 -max_total_time=600
//! ```
#![no_main]

use dtr::identity::Certificate;
use dtr::identity::oces::StableId;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|der: &[u8]| match Certificate::read(der) {
    Ok(certificate) => {
        let cvr = certificate.cvr.as_str();
        assert!(cvr.len() == 8 && cvr.bytes().all(|b| b.is_ascii_digit()), "{cvr}");
        // The identity is what agreements are bound to: it has one spelling.
        let identity = certificate.identity.to_string();
        assert_eq!(StableId::parse(&identity).as_ref(), Some(&certificate.identity));
        assert!(!identity.contains(char::is_control), "{identity}");
    }
    Err(error) => assert!(error.to_string().len() < 4096, "a bounded text"),
});
