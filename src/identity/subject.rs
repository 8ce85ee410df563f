//! The two subject attributes that identify an OCES certificate, and their grammars.
//!
//! Only `organizationIdentifier` (2.5.4.97) and `serialNumber` (2.5.4.5) are ever looked at: CN and O are free text, and what
//! they say about a CVR number is nobody's promise. Reading the certificate around the subject is [`super::oces`].

use std::fmt;

use uuid::Uuid;
use x509_parser::der_parser::Oid;
use x509_parser::der_parser::asn1_rs::Tag;
use x509_parser::der_parser::oid;
use x509_parser::x509::{AttributeTypeAndValue, X509Name};

use super::error::{Attribute, OcesError};
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
                return Err(OcesError::Duplicate { attribute });
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
        && value.class() == x509_parser::der_parser::asn1_rs::Class::Universal
        && !value.header.is_constructed();
    if !readable {
        return Err(OcesError::Encoding { attribute });
    }
    std::str::from_utf8(value.data).map_err(|_| OcesError::Encoding { attribute })
}

/// Reads `NTRDK-<8 digits>`.
pub(super) fn organization_identifier(text: &str) -> Result<Cvr, OcesError> {
    let malformed = OcesError::Malformed {
        attribute: Attribute::OrganizationIdentifier,
    };
    if let Some(digits) = text.strip_prefix("NTRDK-") {
        return Cvr::parse(digits).map_err(|_| malformed);
    }
    match text.split_once('-') {
        Some((scheme, _))
            if scheme.len() == 5 && scheme.bytes().all(|b| b.is_ascii_uppercase()) =>
        {
            Err(OcesError::OtherRegister {
                scheme: scheme.to_owned(),
            })
        }
        _ => Err(malformed),
    }
}

/// What a `serialNumber` says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Serial {
    /// `UI:DK-O:G:<uuid>`.
    Organisation(Uuid),
    /// `UI:DK-E:G:<uuid>`.
    Employee(Uuid),
    /// `CVR:<8>-FID|UID|RID:<number>`.
    Legacy(LegacyId),
}

/// Reads a `serialNumber` of either generation.
pub(super) fn serial_number(text: &str) -> Result<Serial, OcesError> {
    let malformed = || OcesError::Malformed {
        attribute: Attribute::SerialNumber,
    };
    if text.starts_with("PID:") || text.starts_with("UI:DK-P:") {
        return Err(OcesError::PersonCertificate);
    }
    if let Some(rest) = text.strip_prefix("UI:DK-O:G:") {
        return uuid(rest).map(Serial::Organisation).ok_or_else(malformed);
    }
    if let Some(rest) = text.strip_prefix("UI:DK-E:G:") {
        return uuid(rest).map(Serial::Employee).ok_or_else(malformed);
    }
    LegacyId::parse(text)
        .map(Serial::Legacy)
        .ok_or_else(malformed)
}

/// The hyphenated form only; the library also reads braces, `urn:` and bare digits, all of other lengths.
pub(super) fn uuid(text: &str) -> Option<Uuid> {
    (text.len() == 36)
        .then(|| Uuid::try_parse(text).ok())
        .flatten()
}

/// The OCES2 identity: `CVR:<8>-FID:<number>` and its siblings.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LegacyId {
    cvr: Cvr,
    class: LegacyClass,
    number: String,
}

/// Which kind of OCES2 certificate a number belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LegacyClass {
    /// FOCES, a function (a system).
    Fid,
    /// VOCES, the company.
    Uid,
    /// MOCES, an employee.
    Rid,
}

impl LegacyId {
    /// Digits of a number: OCES2 used eight, the first generation up to thirteen.
    const DIGITS: std::ops::RangeInclusive<usize> = 8..=20;

    pub(super) fn parse(text: &str) -> Option<Self> {
        let (digits, rest) = text.strip_prefix("CVR:")?.split_once('-')?;
        let (class, number) = rest.split_once(':')?;
        let class = match class {
            "FID" => LegacyClass::Fid,
            "UID" => LegacyClass::Uid,
            "RID" => LegacyClass::Rid,
            _ => return None,
        };
        let whole =
            Self::DIGITS.contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit());
        whole.then_some(())?;
        Some(Self {
            cvr: Cvr::parse(digits).ok()?,
            class,
            number: number.to_owned(),
        })
    }

    /// The organisation's CVR number.
    #[must_use]
    pub fn cvr(&self) -> Cvr {
        self.cvr
    }

    /// Function, company or employee.
    #[must_use]
    pub fn class(&self) -> LegacyClass {
        self.class
    }
}

impl fmt::Display for LegacyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let class = match self.class {
            LegacyClass::Fid => "FID",
            LegacyClass::Uid => "UID",
            LegacyClass::Rid => "RID",
        };
        write!(f, "CVR:{}-{class}:{}", self.cvr, self.number)
    }
}
