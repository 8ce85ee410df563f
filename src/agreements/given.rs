//! What somebody gives of an organisation or a system, read the same way wherever it is given.

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use crate::identity::Certificate;
use crate::register::{Cvr, Kodetabel, Kommunekode};
use crate::store::OrgKind;

/// Why a certificate can't be bound or listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CertificateRefused {
    /// It is no certificate in PEM.
    NoPem,
    /// It is none of an organisation.
    Unreadable(String),
    /// It is another organisation's.
    OtherOwner(Cvr),
}

/// Why an organisation of a kind has no such kommunekode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KommuneRefused {
    /// A kommune needs one.
    Missing,
    /// The code table has no such code.
    Unknown,
    /// It is a kommune's alone.
    NotKommune,
}

/// A name on one line of at most `longest` characters, or a case number.
pub fn name(text: &str, longest: usize) -> Option<String> {
    let name = text.trim();
    let fits = !name.is_empty() && name.chars().count() <= longest;
    (fits && !name.chars().any(char::is_control)).then(|| name.to_owned())
}

/// The stable identity of an organisation's certificate.
///
/// # Errors
/// [`CertificateRefused`].
pub fn identity_of(pem: &[u8], owner: Cvr) -> Result<String, CertificateRefused> {
    let der = CertificateDer::from_pem_slice(pem).map_err(|_| CertificateRefused::NoPem)?;
    let certificate = Certificate::read(&der)
        .map_err(|cause| CertificateRefused::Unreadable(cause.to_string()))?;
    match certificate.cvr == owner {
        true => Ok(certificate.identity.to_string()),
        false => Err(CertificateRefused::OtherOwner(certificate.cvr)),
    }
}

/// A kommunekode of the code table.
pub fn known_kommune(text: &str, kommuner: &Kodetabel) -> Option<Kommunekode> {
    let code = Kommunekode::parse(text).ok()?;
    kommuner.tekst(i32::from(code.0)).is_some().then_some(code)
}

/// The kommunekode of an organisation: a kommune has one, and nobody else.
///
/// # Errors
/// [`KommuneRefused`].
pub fn kommune_for(
    art: OrgKind,
    text: Option<&str>,
    kommuner: &Kodetabel,
) -> Result<Option<Kommunekode>, KommuneRefused> {
    match (art, text) {
        (OrgKind::Kommune, None) => Err(KommuneRefused::Missing),
        (OrgKind::Kommune, Some(text)) => match known_kommune(text, kommuner) {
            None => Err(KommuneRefused::Unknown),
            known => Ok(known),
        },
        (_, Some(_)) => Err(KommuneRefused::NotKommune),
        (_, None) => Ok(None),
    }
}
