//! What the tests stand on: a real server ([`TestApp`]), callers with certificates ([`Caller`]), messages, and a tree to
//! look at answers with.

pub(crate) mod app;
pub(crate) mod caller;
pub(crate) mod cases;
pub(crate) mod messages;
pub(crate) mod pki;
pub(crate) mod process;
pub(crate) mod raw;
mod snapshot;
pub(crate) mod tilslutning;
mod tree;

pub(crate) use app::{Folder, TestApp};
pub(crate) use caller::Caller;
pub(crate) use tree::Element;

/// Says that the rest of a test is left out on this machine; in CI nothing is.
pub(crate) fn skipped(why: &str) {
    assert!(std::env::var_os("DTR_CI").is_none(), "{why}");
    eprintln!("SKIPPED: {why}");
}
