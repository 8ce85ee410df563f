//! An XML Schema 1.0 engine: schema documents are compiled into flat tables
//! ([`Schema`], to be shared by all threads), against which a [`Validator`]
//! judges a document as its events come by, in one pass and time linear in the
//! document. A [`Sink`] gets the data on the way.
//!
//! Schema documents come through a [`Resolver`] only, never from the network and
//! never because a document asks.
//!
//! ```
//! use xsd_stream::xml::Limits;
//! use xsd_stream::xsd::{Document, Schema, validate};
//!
//! let xsd = r#"<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
//!   <xs:element name="postcode">
//!     <xs:simpleType>
//!       <xs:restriction base="xs:token"><xs:pattern value="[0-9]{4}"/></xs:restriction>
//!     </xs:simpleType>
//!   </xs:element>
//! </xs:schema>"#;
//! let resolver = |location: &str, _base: &str| {
//!     Some(Document { location: location.to_owned(), bytes: xsd.as_bytes().to_vec() })
//! };
//! let schema = Schema::compile(&resolver, &["address.xsd"]).map_err(|errors| errors[0].clone())?;
//!
//! assert!(validate(&schema, "<postcode>8000</postcode>", Limits::default())?.is_valid());
//! let report = validate(&schema, "<postcode>800</postcode>", Limits::default())?;
//! assert_eq!(report.errors[0].path, "/postcode");
//! assert_eq!(report.errors[0].constraint(), "cvc-pattern-valid");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod ahead;
mod builtin;
mod compile;
mod datatype;
mod document;
mod error;
mod identity;
mod likeness;
mod model;
mod names;
mod regex;
mod resolver;
mod simple;
mod sink;
mod steps;
mod tables;
mod validate;

pub use error::{Choices, ErrorKind, Report, SchemaError, ValidationError};
pub use resolver::{Document, FolderResolver, MemoryResolver, Resolver};
pub use sink::{AttributeValue, ElementEnd, ElementStart, SimpleValue, Sink};
pub use tables::Schema;
pub use validate::{Validator, validate};
