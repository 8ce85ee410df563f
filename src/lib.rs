//! Dagtilbudsregisteret: the system-to-system gateway of the Danish day-care register.

pub mod audit;
pub mod client;
pub mod clock;
pub mod config;
pub mod logging;
pub mod metrics;
pub mod problem;
pub mod register;
pub mod server;
pub mod store;
