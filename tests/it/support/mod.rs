//! What the tests stand on: a real server ([`TestApp`]), callers with certificates ([`Caller`]), messages, and a tree to
//! look at answers with.

pub mod app;
pub mod caller;
pub mod cases;
pub mod messages;
pub mod pki;
pub mod process;
pub mod raw;
mod tree;

pub use app::{Folder, TestApp};
pub use caller::{Answer, Caller};
pub use tree::Element;
