#![doc = include_str!("../README.md")]

pub mod xml;
pub mod xsd;
