//! Bytes as what a proxy says of a caller: a PROXY header, and the Forwarded headers of a request, one a line.
//!
//! ```text
//! ASAN_OPTIONS=detect_odr_violation=0 cargo +nightly fuzz run proxy fuzz/corpus/proxy fuzz/seeds/proxy \
//!     -- -timeout=2 -max_total_time=600
//! ```
#![no_main]

use std::net::IpAddr;

use dtr::config::Proxy;
use dtr::server::proxy::{by_forwarded, by_header, rest_of};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Some((fixed, rest)) = bytes.split_first_chunk() {
        let told = by_header(fixed, rest);
        assert!(told.is_err() || rest_of(fixed) == Ok(rest.len()), "no more is read than there is");
    }
    let [proxy, stranger] = [[10, 0, 0, 1], [192, 0, 2, 1]].map(IpAddr::from);
    let trusted = Proxy {
        betroede: ["10.0.0.0/8".to_owned().try_into()].into_iter().flatten().collect(),
        ..Proxy::default()
    };
    let lines = || bytes.split(|byte| *byte == b'\n');
    let told = by_forwarded(lines(), stranger, &trusted);
    assert_eq!(told, Ok(stranger), "a stranger's word is not taken");
    // What a caller wrote before the proxy's word changes nothing, or the request is refused.
    let word = &b"for=192.0.2.7"[..];
    let told = by_forwarded(lines().chain([word]), proxy, &trusted);
    assert!(told.is_err() || told == Ok(IpAddr::from([192, 0, 2, 7])));
});
