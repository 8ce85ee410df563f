//! Listeners.
pub mod exchange;
