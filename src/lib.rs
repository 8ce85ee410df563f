//! dtr

pub mod xml;
pub mod xsd;
