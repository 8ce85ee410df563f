//! The contract's files, embedded: WSDLs and schemas as they stand in `wsdl/` and `xsd/` (kontrakt §3), compiled once.
//!
//! The schemas are the only source of the rules about shape. What the validator cannot compile stops the start.

mod service;
pub mod services;

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::xsd::{Document, Schema, SchemaError};

pub use service::{Files, Operation, Service, SoapVersion};

/// Embeds schemas by file name.
macro_rules! embedded {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_str!(concat!("../xsd/", $name, ".xsd")))),*]
    };
}

/// The schemas that belong to no service, by name.
static SHARED: [(&str, &str); 5] =
    embedded!("Feed-v1", "Fejl-v1", "Fund-v1", "Typer-v1", "Typer-v2");

/// The address in the committed WSDLs, which the configured one replaces.
const COMMITTED_ADDRESS: &str = "https://localhost:8443/";

/// The contract as one server serves it.
#[derive(Debug)]
pub struct Contract {
    service_url: String,
    public_url: String,
    services: Vec<&'static Service>,
    /// The texts of the schemas, and the schemas, by name.
    texts: BTreeMap<&'static str, &'static str>,
    schemas: BTreeMap<&'static str, Schema>,
}

impl Contract {
    /// The contract of the register's own services. The URLs are what WSDLs and schemas advertise, without a slash at the end.
    ///
    /// # Errors
    /// See [`Contract::of`].
    pub fn new(service_url: &str, public_url: &str) -> Result<Self, Vec<SchemaError>> {
        Self::of(&services::ALL, service_url, public_url)
    }

    /// The contract of these services: compiles their schemas and those that they share.
    ///
    /// # Errors
    /// What the validator cannot compile.
    pub fn of(
        services: &[&'static Service],
        service_url: &str,
        public_url: &str,
    ) -> Result<Self, Vec<SchemaError>> {
        let own = services
            .iter()
            .map(|service| (service.document, service.files.xsd));
        let texts: BTreeMap<_, _> = own.chain(SHARED).collect();
        let resolve = |location: &str, _base: &str| {
            let text = texts.get(location.strip_suffix(".xsd")?)?;
            Some(Document {
                location: location.to_owned(),
                bytes: text.as_bytes().to_vec(),
            })
        };
        let mut schemas = BTreeMap::new();
        for name in texts.keys() {
            let schema = Schema::compile(&resolve, &[&format!("{name}.xsd")])?;
            schemas.insert(*name, schema);
        }
        let url = |url: &str| url.trim_end_matches('/').to_owned();
        Ok(Self {
            service_url: url(service_url),
            public_url: url(public_url),
            services: services.to_vec(),
            texts,
            schemas,
        })
    }

    /// The services, in the order in which callers are told of them.
    pub fn services(&self) -> &[&'static Service] {
        &self.services
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
        Some(self.texts.get(name)?.replace(
            "schemaLocation=\"",
            &format!("schemaLocation=\"{}/xsd/", self.public_url),
        ))
    }

    /// The file behind a path such as `/xsd/Typer-v2.xsd`, `/wsdl/ImportService-v2.wsdl`,
    /// `/wsdl/flat/ImportService-v2.wsdl` or `/wsdl/soap11/ImportService-v2.wsdl`; a WSDL with the configured address.
    pub fn file(&self, path: &str) -> Option<Cow<'static, str>> {
        if let Some(name) = path.strip_prefix("/xsd/") {
            let text = self.texts.get(name.strip_suffix(".xsd")?)?;
            return Some(Cow::Borrowed(text));
        }
        let (name, of): (_, fn(&Files) -> &'static str) =
            match path.strip_prefix("/wsdl/")?.split_once('/') {
                None => (path.strip_prefix("/wsdl/")?, |files| files.wsdl),
                Some(("flat", name)) => (name, |files| files.flat),
                Some(("soap11", name)) => (name, |files| files.soap11),
                Some(_) => return None,
            };
        let document = name.strip_suffix(".wsdl")?;
        let service = self.services.iter().find(|own| own.document == document)?;
        let location = format!("location=\"{}/", self.service_url);
        Some(Cow::Owned(of(&service.files).replace(
            &format!("location=\"{COMMITTED_ADDRESS}"),
            &location,
        )))
    }

    /// The paths of all files, for an index.
    pub fn paths(&self) -> impl Iterator<Item = String> {
        let wsdls = |folder: &'static str| {
            let names = self.services.iter().map(|service| service.document);
            names.map(move |name| format!("/wsdl/{folder}{name}.wsdl"))
        };
        let schemas = self.texts.keys().map(|name| format!("/xsd/{name}.xsd"));
        wsdls("")
            .chain(wsdls("flat/"))
            .chain(wsdls("soap11/"))
            .chain(schemas)
    }
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
        for path in contract.paths() {
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
        for service in services::ALL {
            let flat = format!("/wsdl/flat/{}.wsdl", service.document);
            assert!(contract.schema(service.document).is_some(), "{service:?}");
            assert!(contract.file(&flat).is_some(), "{service:?}");
        }
    }
}
