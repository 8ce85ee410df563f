//! dtr

pub mod cli;
pub mod identity;
pub mod pki;
