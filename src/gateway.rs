//! The way of a call behind the HTTP layer: identify → read envelope → validate → authorise → decide → commit → answer.
//!
//! The front (`front`) knows all desks. The desk for SOAP (`soap`) takes a call from one station to the next; each station has
//! its own module. The others are for what is fetched without SOAP: documents, the feed, findings, the audit chain, agreements.

mod admission;
mod agreements;
mod budget;
mod cache;
mod common;
mod desk;
mod documents;
mod feed;
mod findings;
mod front;
mod judge;
mod login;
mod notices;
mod operation;
mod personal;
mod refusals;
mod revision;
mod site;
mod soap;

pub use budget::{Bounds, Full};
pub use desk::{About, Asked, Desk, InTurn, Job, Next, Reading, Run, Writing, answered_with};
pub use front::{Gateway, Needs};
pub use judge::Judge;
pub use operation::{Call, Definition, Found, Handler, Offline, Operate};
pub use revision::Publisher;
