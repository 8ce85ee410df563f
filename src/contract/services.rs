//! The register's own services, each in two versions (kontrakt §2 and §3).

use super::service::{Files, Service};
use crate::register::Version;

/// The files of a service by its document's name.
macro_rules! files {
    ($document:literal) => {
        Files {
            xsd: include_str!(concat!("../../xsd/", $document, ".xsd")),
            wsdl: include_str!(concat!("../../wsdl/", $document, ".wsdl")),
            flat: include_str!(concat!("../../wsdl/flat/", $document, ".wsdl")),
            soap11: include_str!(concat!("../../wsdl/soap11/", $document, ".wsdl")),
        }
    };
}

/// Version 1 of the ImportService.
pub static IMPORT_V1: Service = Service {
    path: "/v1/ImportService",
    document: "ImportService-v1",
    short: "import:v1",
    namespace: "urn:dagtilbudsregister:import:v1",
    type_namespace: "urn:dagtilbudsregister:typer:v1",
    version: Version::V1,
    files: files!("ImportService-v1"),
};

/// Version 2 of the ImportService.
pub static IMPORT_V2: Service = Service {
    path: "/v2/ImportService",
    document: "ImportService-v2",
    short: "import:v2",
    namespace: "urn:dagtilbudsregister:import:v2",
    type_namespace: "urn:dagtilbudsregister:typer:v2",
    version: Version::V2,
    files: files!("ImportService-v2"),
};

/// Version 1 of the EksportService.
pub static EKSPORT_V1: Service = Service {
    path: "/v1/EksportService",
    document: "EksportService-v1",
    short: "eksport:v1",
    namespace: "urn:dagtilbudsregister:eksport:v1",
    type_namespace: "urn:dagtilbudsregister:typer:v1",
    version: Version::V1,
    files: files!("EksportService-v1"),
};

/// Version 2 of the EksportService.
pub static EKSPORT_V2: Service = Service {
    path: "/v2/EksportService",
    document: "EksportService-v2",
    short: "eksport:v2",
    namespace: "urn:dagtilbudsregister:eksport:v2",
    type_namespace: "urn:dagtilbudsregister:typer:v2",
    version: Version::V2,
    files: files!("EksportService-v2"),
};

/// The two versions of the ImportService.
pub static IMPORT: [&Service; 2] = [&IMPORT_V1, &IMPORT_V2];

/// All of them, in the order in which callers are told of them.
pub static ALL: [&Service; 4] = [&IMPORT_V1, &IMPORT_V2, &EKSPORT_V1, &EKSPORT_V2];
