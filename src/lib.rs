//! Dagtilbudsregisteret: the system-to-system gateway of the Danish day-care register.

pub mod agreements;
pub mod app;
pub mod audit;
pub mod cli;
pub mod client;
pub mod clock;
pub mod codetables;
pub mod config;
pub mod contract;
pub mod export;
pub mod files;
pub mod follow;
pub mod gateway;
pub mod identity;
pub mod import;
pub mod kontrol;
pub mod logging;
pub mod message;
pub mod metrics;
pub mod mirror;
pub mod pki;
pub mod problem;
pub mod register;
pub mod server;
pub mod soap;
pub mod spor;
pub mod statistik;
pub mod store;

pub use xsd_stream::{xml, xsd};
