//! The integration tests: one binary, a real server on real ports with real certificates for each test.
//!
//! What is sent and answered stands in `fixtures/cases`; the Rust around it is short, a file for each theme.

mod bad_input;
mod cases;
mod cli;
mod contract;
mod crash;
mod export;
mod identity;
mod import;
mod retries;
mod roundtrip;
mod store;
mod support;
mod wire;
