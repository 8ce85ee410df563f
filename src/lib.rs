//! Server software for a register of Danish day-care. The binary is thin; everything is here.
//!
//! # Layout
//!
//! In the order of a message: [`server`] accepts it within its limits, [`identity`] tells who calls, [`soap`] reads it in one
//! pass with [`xml`], [`xsd`] and [`message`], [`import`] decides on it, [`store`] keeps it with a line of [`audit`], and
//! [`export`] shows it. [`gateway`] takes it from one to the next; which operations there are, [`services`] says.
//!
//! [`register`] is the pure domain, with the glossary; [`problem`] has every error's texts; [`contract`] the schemas and
//! WSDLs. [`app`] puts the parts together for [`cli`].

pub mod agreements;
pub mod app;
pub mod audit;
pub mod calls;
pub mod chronicle;
pub mod cli;
pub mod client;
pub mod clock;
pub mod codetables;
pub mod config;
pub mod contract;
pub mod export;
pub mod files;
pub mod first_load;
pub mod follow;
pub mod gateway;
mod hex;
pub mod identity;
mod ids;
pub mod import;
pub mod kept;
pub mod logging;
pub mod message;
pub mod metrics;
pub mod mirror;
pub mod monthly;
pub mod person;
pub mod pki;
pub mod plan;
pub mod problem;
pub mod register;
pub mod search;
pub mod server;
pub mod services;
pub mod site;
pub mod soap;
pub mod status;
pub mod store;
mod sync;
pub mod trace;

pub use xsd_stream::{xml, xsd};
