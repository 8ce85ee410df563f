//! Dagtilbudsregisteret: the system-to-system gateway of the Danish day-care register.

pub mod audit;
pub mod cli;
pub mod clock;
pub mod identity;
pub mod pki;
pub mod problem;
pub mod register;
pub mod server;
pub mod store;
