//! The integration tests: one binary, a real server on real ports with real certificates for each test.
//!
//! What is sent and answered stands in `fixtures/cases`; the Rust around it is short, a file for each theme.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on has failed, and the panic says where"
)]

mod aftaler;
mod anmodninger;
mod bad_input;
mod cases;
mod cli;
mod contract;
mod docs;
mod dokumenter;
mod drift;
mod errors;
mod export;
mod feed;
mod fields;
mod filer;
mod foelg;
mod foerste;
mod graenser;
mod http;
mod hukommelse;
mod identity;
mod import;
mod kald;
mod konsol;
mod layers;
mod login;
mod names;
mod one_mistake;
mod paalidelighed;
mod personlige;
mod plan;
mod regler;
mod retries;
mod rettelser;
mod revision;
mod roundtrip;
mod sider;
mod site;
mod soeg;
mod spejle;
mod spor;
mod statistik;
mod store;
mod support;
mod threats;
mod tilslutning;
mod toy;
mod underskrift;
mod varsler;
mod wire;
