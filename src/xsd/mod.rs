//! XSD
