//! Who is calling: from the certificate of the handshake to the organisation behind it.
//!
//! [`oces`] reads an OCES certificate's subject, [`tls`] builds the listeners' TLS configurations, the verifier behind it decides in
//! the handshake and [`refusal`] keeps what it refused. What a caller may do once it is known is not decided here.

use std::sync::Arc;

mod caller;
mod error;
pub mod files;
pub mod oces;
pub(crate) mod pem;
pub mod refusal;
pub mod revocation;
mod subject;
pub mod tls;
mod trust;
mod verifier;

pub use caller::{Caller, Identify, Refused};
pub use error::{Attribute, OcesError, TlsError};
pub use oces::Certificate;

/// The peer's certificate chain as the handshake left it: leaf first, DER.
pub type PeerChain = Arc<[Vec<u8>]>;
