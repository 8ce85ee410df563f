//! Why a certificate names nobody, and why the files of TLS can't be used.

use std::path::PathBuf;
use std::{fmt, io};

use rustls::pki_types::pem::Error;

/// An identifying subject attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attribute {
    /// `organizationIdentifier`, 2.5.4.97: the CVR number of OCES3.
    OrganizationIdentifier,
    /// `serialNumber`, 2.5.4.5: the identity of OCES3, CVR number and identity of OCES2.
    SerialNumber,
}

impl fmt::Display for Attribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OrganizationIdentifier => "organizationIdentifier",
            Self::SerialNumber => "serialNumber",
        })
    }
}

/// Why a certificate has no usable identity. The handshake is not the place to say so: each becomes a 403 with its own text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OcesError {
    /// The bytes are not one whole X.509 certificate.
    #[error("not an X.509 certificate in DER")]
    NotACertificate,
    /// Neither attribute names a CVR number. One in CN or O does not count.
    #[error(
        "no CVR number: neither organizationIdentifier (NTRDK-…) nor an OCES2 serialNumber (CVR:…)"
    )]
    NoCvr,
    /// A private person's certificate (POCES).
    #[error("a person's certificate; an organisation's, function's or employee's is needed")]
    PersonCertificate,
    /// A CVR number but no serialNumber, so nothing that lasts beyond this certificate.
    #[error("a CVR number but no serialNumber to identify the certificate by")]
    NoIdentity,
    /// Both attributes name a CVR number, and not the same one.
    #[error("organizationIdentifier and serialNumber name different CVR numbers")]
    Disagree,
    /// organizationIdentifier is from another register or country; with its scheme, the five letters before the hyphen.
    #[error("organizationIdentifier is of the scheme {0}, not NTRDK (CVR)")]
    OtherRegister(String),
    /// The attribute is not of its form: wrong length, digits, case, or something before or after.
    #[error("{0} is not of the form that OCES prescribes")]
    Malformed(Attribute),
    /// The attribute occurs more than once in the subject.
    #[error("{0} occurs more than once")]
    Duplicate(Attribute),
    /// The attribute is neither PrintableString nor UTF8String.
    #[error("{0} is neither PrintableString nor UTF8String")]
    Encoding(Attribute),
}

/// Why a TLS configuration can't be built. Each names its file and what to do.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The file can't be read.
    #[error("{file}: can't be read: {cause}; check the path, what lies there, and that dtr's user may read it", file = file.display())]
    Read {
        /// The file.
        file: PathBuf,
        /// From the operating system.
        cause: io::Error,
    },
    /// The file is not PEM.
    #[error("{file}: damaged PEM: {}; write the file anew from its source", damage(.cause), file = file.display())]
    Pem {
        /// The file.
        file: PathBuf,
        /// What the reader met.
        cause: Error,
    },
    /// The file holds none of what is looked for.
    #[error("{file}: holds no -----BEGIN {what}-----; is it the right file, in PEM and not encrypted?", file = file.display())]
    Empty {
        /// The file.
        file: PathBuf,
        /// The PEM section looked for.
        what: &'static str,
    },
    /// More files of revocation lists than anybody needs.
    #[error("{folder}: holds more than {limit} revocation lists; keep one for each issuer", folder = folder.display())]
    TooMany {
        /// The folder.
        folder: PathBuf,
        /// The most that are read.
        limit: usize,
    },
    /// A certificate or list in the file is not readable.
    #[error("{file}: number {number} in the file is not a readable {what}; take it out or replace it", file = file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// Its place in the file, from 1.
        number: usize,
        /// Certificate or revocation list.
        what: &'static str,
    },
    /// A certificate in the list of client CAs that is no CA's.
    #[error("{file}: {subject} is no CA certificate; only CAs belong in the list of client CAs", file = file.display())]
    NotACa {
        /// The file.
        file: PathBuf,
        /// The certificate's subject.
        subject: String,
    },
    /// The example CA outside the folders made for it.
    #[error("{file}: {subject} is an example CA, whose key anyone may have; use a real one, or say tillad_eksempel_ca = true for a trial", file = file.display())]
    ExampleCa {
        /// The file.
        file: PathBuf,
        /// The example's subject or issuer.
        subject: String,
    },
    /// A CA with neither list nor mark.
    #[error("{file}: no revocation list for {subject}; name its list, or mark the file uden_crl", file = file.display())]
    NoCrl {
        /// The CA's file.
        file: PathBuf,
        /// The CA.
        subject: String,
    },
    /// No CA at all.
    #[error("no client CA is configured; name at least one file of CA certificates")]
    NoClientCa,
    /// Certificate and key don't belong together, or the key is of a kind that TLS can't use.
    #[error("{certificate} and {key}: not a usable pair: {cause}; the key must be the one that the first certificate was issued for", certificate = certificate.display(), key = key.display())]
    Pair {
        /// The certificate's file.
        certificate: PathBuf,
        /// The key's file.
        key: PathBuf,
        /// From rustls.
        cause: rustls::Error,
    },
    /// A revocation list that the verifier doesn't accept (a delta or indirect list, an unknown critical extension, …).
    #[error("a revocation list can't be used: {0}; take the issuer's full, direct list")]
    Crl(String),
    /// rustls refuses the configuration as a whole.
    #[error("TLS can't be configured: {0}")]
    Rustls(#[from] rustls::Error),
}

/// What is wrong with PEM, in a few words. The library's own text lists the bytes of the line, which may be as long as
/// the file, and a piece of a key.
pub(super) fn damage(cause: &Error) -> &'static str {
    match cause {
        Error::MissingSectionEnd { .. } => "a section has no -----END line",
        Error::IllegalSectionStart { .. } => "a -----BEGIN line is malformed",
        Error::Base64Decode(_) => "a section is not base64",
        Error::SectionTooLarge => "a section is too large",
        _ => "it can't be read",
    }
}
