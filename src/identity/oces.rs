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

use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};
use time::OffsetDateTime;
use uuid::Uuid;
use x509_parser::certificate::X509CertificateParser;
use x509_parser::nom::Parser;

use super::error::OcesError;
use super::subject::{Identifying, Serial, organization_identifier, serial_number, uuid};
pub use super::subject::{LegacyClass, LegacyId};
use crate::hex::Hex;
use crate::register::Cvr;

/// The holder of a certificate, as its subject names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// The organisation.
    pub cvr: Cvr,
    /// The same across renewals of the certificate.
    pub identity: StableId,
    /// Which generation's rules it was read by.
    pub generation: Generation,
    /// Organisation, function or employee.
    pub kind: Kind,
    /// SHA-256 of the DER bytes.
    pub fingerprint: Fingerprint,
    /// End of validity.
    pub not_after: OffsetDateTime,
}

/// The generation of OCES certificates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Generation {
    /// NemID's.
    Oces2,
    /// MitID Erhverv's.
    Oces3,
}

/// What holds the certificate. A private person's is refused and has no value here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The organisation or one of its systems (VOCES).
    Organisation,
    /// A function (FOCES, OCES2 alone).
    Function,
    /// An employee (MOCES).
    Employee,
}

/// The identity that stays when a certificate is renewed. Ordered, so that it can be a key.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum StableId {
    /// OCES3's UUID; compared as a number, so the case of its hex digits doesn't matter.
    Uuid(Uuid),
    /// OCES2's `CVR:…-FID:…`.
    Legacy(LegacyId),
}

/// SHA-256 of a certificate's DER bytes; prints as 64 lower-case hex digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint(pub [u8; 32]);

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
        let (cvr, serial) = holder(&Identifying::of(parsed.subject())?)?;
        let (identity, generation, kind) = match serial {
            Serial::Organisation(id) => (StableId::Uuid(id), Generation::Oces3, Kind::Organisation),
            Serial::Employee(id) => (StableId::Uuid(id), Generation::Oces3, Kind::Employee),
            Serial::Legacy(id) => {
                let kind = match id.class() {
                    LegacyClass::Fid => Kind::Function,
                    LegacyClass::Uid => Kind::Organisation,
                    LegacyClass::Rid => Kind::Employee,
                };
                (StableId::Legacy(id), Generation::Oces2, kind)
            }
        };
        Ok(Self {
            cvr,
            identity,
            generation,
            kind,
            fingerprint: Fingerprint::of(der),
            not_after: parsed.validity().not_after.to_datetime(),
        })
    }

    /// For logs: CVR number and fingerprint, never a name.
    #[must_use]
    pub fn summary(&self) -> String {
        format!("CVR {}, sha256 {}", self.cvr, self.fingerprint)
    }
}

/// Weighs the two attributes against each other.
fn holder(found: &Identifying<'_>) -> Result<(Cvr, Serial), OcesError> {
    let serial = found.serial_number.map(serial_number).transpose()?;
    let organisation = found
        .organization_identifier
        .map(organization_identifier)
        .transpose()?;
    match (organisation, serial) {
        (None, Some(Serial::Legacy(id))) => Ok((id.cvr(), Serial::Legacy(id))),
        (None, _) => Err(OcesError::NoCvr),
        (Some(_), None) => Err(OcesError::NoIdentity),
        (Some(cvr), Some(Serial::Legacy(id))) if id.cvr() != cvr => Err(OcesError::Disagree),
        (Some(cvr), Some(serial)) => Ok((cvr, serial)),
    }
}

impl StableId {
    /// Reads what [`fmt::Display`] writes; the hex digits of a UUID in either case.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        uuid(text)
            .map(Self::Uuid)
            .or_else(|| LegacyId::parse(text).map(Self::Legacy))
    }
}

impl fmt::Display for StableId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Uuid(id) => id.hyphenated().fmt(f),
            Self::Legacy(id) => id.fmt(f),
        }
    }
}

impl Generation {
    /// `OCES2` or `OCES3`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Oces2 => "OCES2",
            Self::Oces3 => "OCES3",
        }
    }
}

impl Kind {
    /// `organisation`, `function` or `employee`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Organisation => "organisation",
            Self::Function => "function",
            Self::Employee => "employee",
        }
    }
}

impl Fingerprint {
    /// The fingerprint of a certificate's DER bytes.
    #[must_use]
    pub fn of(der: &[u8]) -> Self {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(digest(&SHA256, der).as_ref());
        Self(bytes)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Hex(&self.0).fmt(f)
    }
}

#[cfg(test)]
mod tests;
