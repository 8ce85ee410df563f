//! Subjects in the forms of OCES3 and OCES2, and a few that are wrong on purpose.
//!
//! The strings' types follow real certificates: `serialNumber` and C are PrintableString, names are UTF8String.

use rcgen::string::PrintableString;
use rcgen::{DistinguishedName, DnType, DnValue};
use uuid::Uuid;

use super::PkiError;

const ORGANIZATION_IDENTIFIER: [u64; 4] = [2, 5, 4, 97];
const SERIAL_NUMBER: [u64; 4] = [2, 5, 4, 5];

/// A certificate's subject, attribute by attribute in the order of the certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    attributes: Vec<(Vec<u64>, Text)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Text {
    Printable(String),
    Utf8(String),
}

impl Subject {
    /// OCES3, organisation: `C=DK, organizationIdentifier=NTRDK-<cvr>, O, serialNumber=UI:DK-O:G:<uuid>, CN`.
    #[must_use]
    pub fn oces3_organisation(cvr: &str, uuid: Uuid, organisation: &str, label: &str) -> Self {
        Self::country()
            .utf8(&ORGANIZATION_IDENTIFIER, &format!("NTRDK-{cvr}"))
            .organisation(organisation)
            .printable(&SERIAL_NUMBER, &format!("UI:DK-O:G:{uuid}"))
            .common_name(label)
    }

    /// OCES2, function: `C=DK, O=<NAME> // CVR:<cvr>, serialNumber=CVR:<cvr>-FID:<fid>, CN`.
    #[must_use]
    pub fn oces2_function(cvr: &str, fid: &str, organisation: &str, label: &str) -> Self {
        Self::country()
            .organisation(&format!("{} // CVR:{cvr}", organisation.to_uppercase()))
            .printable(&SERIAL_NUMBER, &format!("CVR:{cvr}-FID:{fid}"))
            .common_name(label)
    }

    /// Shaped like OCES3 but without organizationIdentifier: the CVR number stands in CN and O alone, where it doesn't count.
    #[must_use]
    pub fn without_cvr(cvr: &str, uuid: Uuid, organisation: &str) -> Self {
        Self::country()
            .organisation(&format!("{organisation} // CVR:{cvr}"))
            .printable(&SERIAL_NUMBER, &format!("UI:DK-O:G:{uuid}"))
            .common_name(&format!("CVR {cvr}"))
    }

    /// A server: `C=DK, O, CN`.
    #[must_use]
    pub fn server(organisation: &str, name: &str) -> Self {
        Self::country().organisation(organisation).common_name(name)
    }

    /// The same attributes as another certificate's subject, string types kept. `None` when there is one that can't be kept.
    pub(super) fn copied(name: &x509_parser::x509::X509Name<'_>) -> Option<Self> {
        use x509_parser::der_parser::asn1_rs::Tag;

        let mut attributes = Vec::new();
        for rdn in name.iter_rdn() {
            let mut parts = rdn.iter();
            let (Some(part), None) = (parts.next(), parts.next()) else {
                return None;
            };
            let text = part.as_str().ok()?.to_owned();
            let text = match part.attr_value().tag() {
                Tag::PrintableString => Text::Printable(text),
                Tag::Utf8String => Text::Utf8(text),
                _ => return None,
            };
            attributes.push((part.attr_type().iter()?.collect(), text));
        }
        Some(Self { attributes })
    }

    /// Begins every subject.
    pub(super) fn country() -> Self {
        let none = Self {
            attributes: Vec::new(),
        };
        none.printable(&[2, 5, 4, 6], "DK")
    }

    pub(super) fn organisation(self, name: &str) -> Self {
        self.utf8(&[2, 5, 4, 10], name)
    }

    pub(super) fn common_name(self, name: &str) -> Self {
        self.utf8(&[2, 5, 4, 3], name)
    }

    fn printable(mut self, oid: &[u64], text: &str) -> Self {
        self.attributes
            .push((oid.to_vec(), Text::Printable(text.to_owned())));
        self
    }

    fn utf8(mut self, oid: &[u64], text: &str) -> Self {
        self.attributes
            .push((oid.to_vec(), Text::Utf8(text.to_owned())));
        self
    }

    pub(super) fn to_name(&self) -> Result<DistinguishedName, PkiError> {
        let mut name = DistinguishedName::new();
        for (oid, text) in &self.attributes {
            let value = match text {
                Text::Utf8(text) => DnValue::Utf8String(text.clone()),
                Text::Printable(text) => DnValue::PrintableString(
                    PrintableString::try_from(text.as_str())
                        .map_err(|_| PkiError::UnwritableName(text.clone()))?,
                ),
            };
            name.push(DnType::from_oid(oid), value);
        }
        Ok(name)
    }
}
