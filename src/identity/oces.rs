//! What an OCES certificate says about its holder: CVR number, stable identity, generation (kontrakt §8).
//!
//! Reads one certificate; does not verify it. The chain, the dates, the usages and the revocation were judged in the handshake
//! ([`super::tls`]), and a [`Certificate`] read from anything else proves nothing.
//!
//! | generation | CVR number from | identity from |
//! | --- | --- | --- |
//! | OCES3 | `organizationIdentifier` = `NTRDK-<8 digits>` | `serialNumber` = `UI:DK-O:G:<uuid>` or `UI:DK-E:G:<uuid>` |
//! | OCES2 | `serialNumber` = `CVR:<8 digits>-FID\|UID\|RID:<digits>` | the same, whole |
//!
//! The rule for everything else is refusal: an attribute that is present must be right, also when another one would do. An OCES2
//! `serialNumber` beside an `organizationIdentifier` is accepted when both name the same CVR number.

use time::OffsetDateTime;
use x509_parser::certificate::X509CertificateParser;
use x509_parser::nom::Parser;

use super::error::OcesError;
pub use super::subject::{Fingerprint, LegacyId, StableId};
use super::subject::{Identifying, organization_identifier, serial_number};
use crate::register::Cvr;

/// The holder of a certificate, as its subject names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// The organisation.
    pub cvr: Cvr,
    /// The same across renewals of the certificate.
    pub identity: StableId,
    /// What holds it: an `organisation` or one of its systems (VOCES), a `function` (FOCES, OCES2 alone) or an `employee`
    /// (MOCES). A private person's is refused.
    pub kind: &'static str,
    /// End of validity.
    pub not_after: OffsetDateTime,
}

impl Certificate {
    /// Reads a leaf certificate.
    ///
    /// # Errors
    /// [`OcesError`], one variant per reason. A person's certificate is called that whatever else is wrong with it.
    pub fn read(der: &[u8]) -> Result<Self, OcesError> {
        // The extensions were the handshake's business; left unparsed, they can't trouble this.
        let mut parser = X509CertificateParser::new().with_deep_parse_extensions(false);
        let (rest, parsed) = parser.parse(der).map_err(|_| OcesError::NotACertificate)?;
        if !rest.is_empty() {
            return Err(OcesError::NotACertificate);
        }
        let (cvr, identity, kind) = holder(&Identifying::of(parsed.subject())?)?;
        Ok(Self {
            cvr,
            identity,
            kind,
            not_after: parsed.validity().not_after.to_datetime(),
        })
    }
}

/// Weighs the two attributes against each other.
fn holder(found: &Identifying<'_>) -> Result<(Cvr, StableId, &'static str), OcesError> {
    let serial = found.serial_number.map(serial_number).transpose()?;
    let organisation = found.organization_identifier;
    let organisation = organisation.map(organization_identifier).transpose()?;
    match (organisation, serial) {
        (None, Some((StableId::Legacy(id), kind))) => Ok((id.cvr, StableId::Legacy(id), kind)),
        (None, _) => Err(OcesError::NoCvr),
        (Some(_), None) => Err(OcesError::NoIdentity),
        (Some(cvr), Some((StableId::Legacy(id), _))) if id.cvr != cvr => Err(OcesError::Disagree),
        (Some(cvr), Some((identity, kind))) => Ok((cvr, identity, kind)),
    }
}

#[cfg(test)]
mod tests;
