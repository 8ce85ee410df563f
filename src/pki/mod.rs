//! Example certificates: a CA that anyone may know the key of, and certificates as the OCES issuers shape theirs.
//!
//! [`Ca`] issues, [`subject`] shapes the subjects, [`write_example`] writes the folder that `dtr init`, `dtr demo` and `dtr certs ny`
//! make. Nothing here is for operation: every CA's name begins `EKSEMPEL`, and the server refuses such a CA unless told otherwise.

mod ca;
mod example;
mod p12;
#[cfg(test)]
pub(crate) mod scratch;
pub mod subject;

use std::io;
use std::path::PathBuf;

pub use ca::{Ca, Issued, Profile, Usage, Validity};
pub use example::{
    ExampleCertificate, ExampleOrganisation, ExamplePki, ORGANISATIONS, write_example, write_issued,
};
pub use p12::PASSWORD;
pub use subject::Subject;

/// Why an example certificate can't be made or written.
#[derive(Debug, thiserror::Error)]
pub enum PkiError {
    /// A CA's name that doesn't say that it is an example.
    #[error("the name of an example CA must begin EKSEMPEL: {0}")]
    NotNamedExample(String),
    /// The CA's certificate or key can't be read.
    #[error("the CA's {what} can't be read: {detail}")]
    UnreadableCa {
        /// Certificate or key.
        what: &'static str,
        /// From the reader.
        detail: String,
    },
    /// The key is another CA's.
    #[error("the key is not that of the CA certificate")]
    KeyMismatch,
    /// The name holds a character that its attribute can't.
    #[error("{0} can't be written in a certificate")]
    UnwritableName(String),
    /// The system's random source failed.
    #[error("no random numbers from the operating system")]
    Random,
    /// From rcgen.
    #[error("the certificate can't be made: {0}")]
    Make(#[from] rcgen::Error),
    /// A file can't be written; an existing one is never overwritten.
    #[error("{file}: can't be written: {cause}", file = file.display())]
    Write {
        /// The file.
        file: PathBuf,
        /// From the operating system.
        cause: io::Error,
    },
}
