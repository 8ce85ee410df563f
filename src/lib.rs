//! Dagtilbudsregisteret: the system-to-system gateway of the Danish day-care register.

pub mod audit;
pub mod clock;
pub mod problem;
pub mod register;
pub mod server;
pub mod store;
