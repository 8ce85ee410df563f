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
