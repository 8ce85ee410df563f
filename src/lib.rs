//! Dagtilbudsregisteret: the system-to-system gateway of the Danish day-care register.

pub mod audit;
pub mod cli;
pub mod clock;
pub mod codetables;
pub mod contract;
pub mod export;
pub mod gateway;
pub mod identity;
pub mod import;
pub mod message;
pub mod pki;
pub mod problem;
pub mod register;
pub mod server;
pub mod soap;
pub mod store;
pub mod xml;
pub mod xsd;
