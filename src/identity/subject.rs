//! The two subject attributes that identify an OCES certificate, and their grammars.
//!
//! Only `organizationIdentifier` (2.5.4.97) and `serialNumber` (2.5.4.5) are ever looked at: CN and O are free text, and what
//! they say about a CVR number is nobody's promise. Reading the certificate around the subject is [`super::oces`].

use std::fmt;
use std::ops::RangeInclusive;

use aws_lc_rs::digest::{SHA256, digest};
use uuid::Uuid;
use x509_parser::der_parser::Oid;
use x509_parser::der_parser::asn1_rs::{Class, Tag};
use x509_parser::der_parser::oid;
use x509_parser::x509::{AttributeTypeAndValue, X509Name};

use super::error::{Attribute, OcesError};
use crate::hex::Hex;
use crate::register::Cvr;

const ORGANIZATION_IDENTIFIER: Oid<'static> = oid!(2.5.4.97);
const SERIAL_NUMBER: Oid<'static> = oid!(2.5.4.5);

/// The identifying attributes of a subject, each at most once.
#[derive(Debug, Default)]
pub(super) struct Identifying<'a> {
    pub(super) organization_identifier: Option<&'a str>,
    pub(super) serial_number: Option<&'a str>,
}

impl<'a> Identifying<'a> {
    /// Collects them. A multi-valued RDN is read like single ones (OCES2 put CN and serialNumber into one), so "at most once"
    /// counts over the whole subject.
    pub(super) fn of(subject: &'a X509Name<'_>) -> Result<Self, OcesError> {
        let mut found = Self::default();
        for part in subject.iter_rdn().flat_map(|rdn| rdn.iter()) {
            let (attribute, slot) = if *part.attr_type() == ORGANIZATION_IDENTIFIER {
                (
                    Attribute::OrganizationIdentifier,
                    &mut found.organization_identifier,
                )
            } else if *part.attr_type() == SERIAL_NUMBER {
                (Attribute::SerialNumber, &mut found.serial_number)
            } else {
                continue;
            };
            if slot.replace(text(part, attribute)?).is_some() {
                return Err(OcesError::Duplicate(attribute));
            }
        }
        Ok(found)
    }
}

/// The value, when it is a primitive PrintableString or UTF8String. The other string types have more than one reading of the
/// same bytes, and no OCES issuer uses them here.
fn text<'a>(
    part: &'a AttributeTypeAndValue<'_>,
    attribute: Attribute,
) -> Result<&'a str, OcesError> {
    let value = part.attr_value();
    let readable = matches!(value.tag(), Tag::PrintableString | Tag::Utf8String)
        && value.class() == Class::Universal
        && !value.header.is_constructed();
    if !readable {
        return Err(OcesError::Encoding(attribute));
    }
    std::str::from_utf8(value.data).map_err(|_| OcesError::Encoding(attribute))
}

/// Reads `NTRDK-<8 digits>`.
pub(super) fn organization_identifier(text: &str) -> Result<Cvr, OcesError> {
    let malformed = OcesError::Malformed(Attribute::OrganizationIdentifier);
    if let Some(digits) = text.strip_prefix("NTRDK-") {
        return Cvr::parse(digits).map_err(|_| malformed);
    }
    match text.split_once('-') {
        Some((scheme, _))
            if scheme.len() == 5 && scheme.bytes().all(|b| b.is_ascii_uppercase()) =>
        {
            Err(OcesError::OtherRegister(scheme.to_owned()))
        }
        _ => Err(malformed),
    }
}

/// Reads a `serialNumber` of either generation, and what holds its certificate.
pub(super) fn serial_number(text: &str) -> Result<(StableId, &'static str), OcesError> {
    if text.starts_with("PID:") || text.starts_with("UI:DK-P:") {
        return Err(OcesError::PersonCertificate);
    }
    let read = if let Some(rest) = text.strip_prefix("UI:DK-O:G:") {
        uuid(rest).map(|id| (StableId::Uuid(id), "organisation"))
    } else if let Some(rest) = text.strip_prefix("UI:DK-E:G:") {
        uuid(rest).map(|id| (StableId::Uuid(id), "employee"))
    } else {
        LegacyId::parse(text).map(|(id, kind)| (StableId::Legacy(id), kind))
    };
    read.ok_or(OcesError::Malformed(Attribute::SerialNumber))
}

/// The identity that stays when a certificate is renewed. Ordered, so that it can be a key.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum StableId {
    /// OCES3's UUID; compared as a number, so the case of its hex digits doesn't matter.
    Uuid(Uuid),
    /// OCES2's `CVR:…-FID:…`.
    Legacy(LegacyId),
}

impl StableId {
    /// Reads what [`fmt::Display`] writes; the hex digits of a UUID in either case.
    pub fn parse(text: &str) -> Option<Self> {
        let legacy = || LegacyId::parse(text).map(|(id, _)| Self::Legacy(id));
        uuid(text).map(Self::Uuid).or_else(legacy)
    }

    /// Which generation's rules it was read by: NemID's or MitID Erhverv's.
    pub const fn generation(&self) -> &'static str {
        match self {
            Self::Legacy(_) => "OCES2",
            Self::Uuid(_) => "OCES3",
        }
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

/// The hyphenated form only; the library also reads braces, `urn:` and bare digits, all of other lengths.
fn uuid(text: &str) -> Option<Uuid> {
    Uuid::try_parse(text).ok().filter(|_| text.len() == 36)
}

/// The OCES2 identity: `CVR:<8>-FID:<number>` and its siblings.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LegacyId {
    pub(super) cvr: Cvr,
    class: &'static str,
    number: String,
}

/// The classes of numbers, and what holds their certificates: FOCES, VOCES and MOCES.
const CLASSES: [(&str, &str); 3] = [
    ("FID", "function"),
    ("UID", "organisation"),
    ("RID", "employee"),
];

/// Digits of a number: OCES2 used eight, the first generation up to thirteen.
const DIGITS: RangeInclusive<usize> = 8..=20;

impl LegacyId {
    fn parse(text: &str) -> Option<(Self, &'static str)> {
        let (cvr, rest) = text.strip_prefix("CVR:")?.split_once('-')?;
        let (class, number) = rest.split_once(':')?;
        let whole = DIGITS.contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit());
        let (class, kind) = CLASSES.into_iter().find(|(known, _)| *known == class)?;
        let id = Self {
            cvr: Cvr::parse(cvr).ok()?,
            class,
            number: whole.then(|| number.to_owned())?,
        };
        Some((id, kind))
    }
}

impl fmt::Display for LegacyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CVR:{}-{}:{}", self.cvr, self.class, self.number)
    }
}

/// SHA-256 of a certificate's DER bytes; prints as 64 lower-case hex digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint(pub [u8; 32]);

impl Fingerprint {
    /// The fingerprint of a certificate's DER bytes.
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
