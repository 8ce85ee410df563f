//! Bytes as the target of a request: its path, and its query by the parameters of each path.
//!
//! ```text
//! ASAN_OPTIONS=detect_odr_violation=0 cargo +nightly fuzz run forespoergsel fuzz/corpus/forespoergsel \
//!     fuzz/seeds/forespoergsel -- -timeout=2 -max_total_time=600
//! ```
#![no_main]

use dtr::export::parameters::Query;
use dtr::server::routes::SURFACE;
use dtr::server::target;
use hyper::Uri;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(uri) = Uri::try_from(bytes) else {
        return;
    };
    let path = target::path(&uri);
    if let Some(path) = &path {
        assert!(path.starts_with('/'));
        assert!(!path.contains(|c: char| c.is_control() || c == '\\'));
        assert!(!path.split('/').any(|part| matches!(part, "." | "..")), "one spelling");
        assert!(*path == "/" || !path.split('/').skip(1).any(str::is_empty), "one spelling");
    }
    let (Some(_), Some(query)) = (path, target::query(&uri)) else {
        return;
    };
    // Whatever the path is, the query is judged by the parameters of each that the service has.
    for endpoint in SURFACE {
        if let Err(problem) = Query::parse(&query, endpoint.parameters) {
            assert!(problem.da().len() < 8192 && problem.en().len() < 8192, "bounded texts");
        }
    }
});
