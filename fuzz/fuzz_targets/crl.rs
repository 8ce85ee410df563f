//! Bytes as the file of a revocation list, loaded as a starting or reloading server loads it: PEM or DER, its issuer,
//! and the verifier that is built from it.
//!
//! ```text
//! ASAN_OPTIONS=detect_odr_violation=0 cargo +nightly fuzz run crl fuzz/corpus/crl fuzz/seeds/crl -- \
//!     -timeout=2 -max_total_time=600
//! ```
#![no_main]

use std::path::PathBuf;
use std::sync::LazyLock;

use dtr::app;
use dtr::config::Config;
use dtr::pki::write_example;
use libfuzzer_sys::fuzz_target;
use time::OffsetDateTime;

/// A folder of example certificates, and a configuration that takes its revocation list from the fuzzer.
static PLACE: LazyLock<(PathBuf, Config)> = LazyLock::new(|| {
    let folder = std::env::temp_dir().join(format!("dtr-fuzz-crl-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    let now = OffsetDateTime::now_utc();
    write_example(&folder, now).expect("a folder of certificates");
    let file = folder.join("fuzz.crl");
    let mut config = Config::default();
    config.tls.certifikat = folder.join("server.pem");
    config.tls.noegle = folder.join("server.key");
    config.tls.klient_ca = vec![folder.join("ca.pem")];
    config.tls.crl = vec![file.clone()];
    config.tls.tillad_eksempel_ca = true;
    (file, config)
});

fuzz_target!(|bytes: &[u8]| {
    let (file, config) = &*PLACE;
    std::fs::write(file, bytes).expect("written");
    if let Err(error) = app::service_tls(config) {
        assert!(error.to_string().len() < 8192, "a bounded text");
    }
});
