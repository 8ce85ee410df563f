//! The integration tests: one binary, a real server on real ports with real certificates for each test.
//!
//! What is sent and answered stands in `fixtures/cases`; the Rust around it is short, a file for each theme.

mod cases;
mod contract;
mod export;
mod identity;
mod import;
mod retries;
mod roundtrip;
mod support;
mod wire;
