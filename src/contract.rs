//! The contract's files, embedded: WSDLs and schemas as they stand in `wsdl/` and `xsd/` (kontrakt §3), compiled once.
//!
//! The schemas are the only source of the rules about shape. What the validator cannot compile stops the start.

mod service;

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::xsd::{Document, Schema, SchemaError};

pub use service::{Service, SoapVersion};

/// Embeds files of a folder by name.
macro_rules! embedded {
    ($folder:literal: $($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../", $folder, "/", $name)))),*]
    };
}

/// The schemas by file name.
static XSD: &[(&str, &str)] = embedded!("xsd":
    "EksportService-v1.xsd", "EksportService-v2.xsd", "Feed-v1.xsd", "Fejl-v1.xsd", "Fund-v1.xsd",
    "ImportService-v1.xsd", "ImportService-v2.xsd", "Typer-v1.xsd", "Typer-v2.xsd");

/// The modular WSDLs by file name.
static WSDL: &[(&str, &str)] = embedded!("wsdl":
    "EksportService-v1.wsdl", "EksportService-v2.wsdl", "ImportService-v1.wsdl", "ImportService-v2.wsdl");

/// The one-file WSDLs by file name.
static FLAT: &[(&str, &str)] = embedded!("wsdl/flat":
    "EksportService-v1.wsdl", "EksportService-v2.wsdl", "ImportService-v1.wsdl", "ImportService-v2.wsdl");

/// The one-file WSDLs with SOAP 1.1 alone, for stacks that can't read the others.
static SOAP11: &[(&str, &str)] = embedded!("wsdl/soap11":
    "EksportService-v1.wsdl", "EksportService-v2.wsdl", "ImportService-v1.wsdl", "ImportService-v2.wsdl");

/// The address in the committed WSDLs, which the configured one replaces.
const COMMITTED_ADDRESS: &str = "https://localhost:8443/";

/// The contract as one server serves it.
#[derive(Debug)]
pub struct Contract {
    service_url: String,
    public_url: String,
    schemas: BTreeMap<&'static str, Schema>,
}

impl Contract {
    /// Compiles the schemas. The URLs are what WSDLs and schemas advertise, without a slash at the end.
    pub fn new(service_url: &str, public_url: &str) -> Result<Self, Vec<SchemaError>> {
        let resolve = |location: &str, _base: &str| {
            find(XSD, location).map(|text| Document {
                location: location.to_owned(),
                bytes: text.as_bytes().to_vec(),
            })
        };
        let mut schemas = BTreeMap::new();
        for (file, _) in XSD {
            schemas.insert(stem(file), Schema::compile(&resolve, &[file])?);
        }
        let url = |url: &str| url.trim_end_matches('/').to_owned();
        Ok(Self {
            service_url: url(service_url),
            public_url: url(public_url),
            schemas,
        })
    }

    /// The compiled schema of this name (a file name without suffix).
    pub fn schema(&self, name: &str) -> Option<&Schema> {
        self.schemas.get(name)
    }

    /// The names of the schemas.
    pub fn schema_names(&self) -> impl Iterator<Item = &'static str> {
        self.schemas.keys().copied()
    }

    /// The schema as one document whose imports can be followed from anywhere: they name the public listener.
    pub fn schema_document(&self, name: &str) -> Option<String> {
        let text = XSD.iter().find(|(file, _)| stem(file) == name)?.1;
        Some(text.replace(
            "schemaLocation=\"",
            &format!("schemaLocation=\"{}/xsd/", self.public_url),
        ))
    }

    /// The file behind a path such as `/xsd/Typer-v2.xsd`, `/wsdl/ImportService-v2.wsdl`,
    /// `/wsdl/flat/ImportService-v2.wsdl` or `/wsdl/soap11/ImportService-v2.wsdl`; a WSDL with the configured address.
    pub fn file(&self, path: &str) -> Option<Cow<'static, str>> {
        if let Some(name) = path.strip_prefix("/xsd/") {
            return find(XSD, name).map(Cow::Borrowed);
        }
        let name = path.strip_prefix("/wsdl/")?;
        let text = match name.split_once('/') {
            Some(("flat", name)) => find(FLAT, name)?,
            Some(("soap11", name)) => find(SOAP11, name)?,
            Some(_) => return None,
            None => find(WSDL, name)?,
        };
        let location = format!("location=\"{}/", self.service_url);
        Some(Cow::Owned(text.replace(
            &format!("location=\"{COMMITTED_ADDRESS}"),
            &location,
        )))
    }

    /// The one-file WSDL of a service.
    pub fn flat_wsdl(&self, service: Service) -> Option<Cow<'static, str>> {
        self.file(&format!("/wsdl/flat/{}.wsdl", service.document()))
    }

    /// The paths of all files, for an index.
    pub fn paths() -> impl Iterator<Item = String> {
        let wsdl = WSDL.iter().map(|(name, _)| format!("/wsdl/{name}"));
        let flat = FLAT.iter().map(|(name, _)| format!("/wsdl/flat/{name}"));
        let soap11 = SOAP11
            .iter()
            .map(|(name, _)| format!("/wsdl/soap11/{name}"));
        wsdl.chain(flat)
            .chain(soap11)
            .chain(XSD.iter().map(|(name, _)| format!("/xsd/{name}")))
    }
}

fn find(files: &'static [(&str, &str)], name: &str) -> Option<&'static str> {
    files
        .iter()
        .find(|(file, _)| *file == name)
        .map(|(_, text)| *text)
}

fn stem(file: &'static str) -> &'static str {
    file.split_once('.').map_or(file, |(stem, _)| stem)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contract() -> Contract {
        Contract::new("https://dtr.example/", "http://dtr.example:8080").unwrap()
    }

    #[test]
    fn wsdls_name_the_configured_address_alone() {
        let contract = contract();
        for path in Contract::paths() {
            let text = contract.file(&path).unwrap();
            assert!(!text.contains("localhost"), "{path}");
            assert_eq!(
                text.contains("https://dtr.example/v"),
                path.ends_with(".wsdl"),
                "{path}"
            );
        }
        assert_eq!(contract.file("/xsd/../wsdl/ImportService-v2.wsdl"), None);
    }

    #[test]
    fn a_schema_document_imports_from_the_public_listener() {
        let text = contract().schema_document("ImportService-v2").unwrap();
        assert!(text.contains("schemaLocation=\"http://dtr.example:8080/xsd/Typer-v2.xsd\""));
    }

    #[test]
    fn every_service_has_its_schema() {
        let contract = contract();
        for service in Service::ALL {
            assert!(contract.schema(service.document()).is_some(), "{service:?}");
            assert!(contract.flat_wsdl(service).is_some(), "{service:?}");
        }
    }
}
