//! The strict XML layer: decoding, a pull reader that accepts well-formed and
//! namespace-well-formed XML 1.0 without DTD and nothing else, positions, and
//! a writer.
//!
//! quick-xml cuts the text into tokens; every judgement of well-formedness
//! beyond that is made here. The layer knows no schema.

mod attributes;
pub mod decode;

mod chars;
mod error;
mod event;
pub(crate) mod kinds;
mod limits;
mod namespaces;
mod position;
mod prolog;
mod reader;
mod text;
mod writer;

pub use chars::{is_name, is_ncname, is_xml_char};
pub(crate) use chars::{is_name_char, is_name_start, trim, trim_start};
pub use error::{XmlError, XmlErrorKind};
pub use event::{Attribute, EndTag, Event, Name, StartTag, Text};
pub use limits::Limits;
pub use namespaces::{Namespaces, XML_NAMESPACE, XMLNS_NAMESPACE};
pub use position::{Position, Positions};
pub use reader::Reader;
pub use writer::Writer;

/// A piece of the document for an error text, at most 80 characters.
fn error_excerpt(piece: &str) -> String {
    match piece.char_indices().nth(80) {
        Some((end, _)) => format!("{}…", &piece[..end]),
        None => piece.to_owned(),
    }
}

#[cfg(test)]
mod reader_tests;
