//! The register's own services, each in two versions (kontrakt §2 and §3).

use super::service::{Files, Service};
use crate::register::Version;

/// Declares a service by its name in paths and files, its name in namespaces and logs, and its version.
macro_rules! services {
    ($($static:ident = $name:literal, $short:literal, $number:literal, $version:ident;)*) => {$(
        #[doc = concat!("Version ", $number, " of the ", $name, ".")]
        pub static $static: Service = Service {
            path: concat!("/v", $number, "/", $name),
            document: concat!($name, "-v", $number),
            short: concat!($short, ":v", $number),
            namespace: concat!("urn:dagtilbudsregister:", $short, ":v", $number),
            type_namespace: concat!("urn:dagtilbudsregister:typer:v", $number),
            version: Version::$version,
            files: Files {
                xsd: include_str!(concat!("../../xsd/", $name, "-v", $number, ".xsd")),
                wsdl: include_str!(concat!("../../wsdl/", $name, "-v", $number, ".wsdl")),
                flat: include_str!(concat!("../../wsdl/flat/", $name, "-v", $number, ".wsdl")),
                soap11: include_str!(concat!("../../wsdl/soap11/", $name, "-v", $number, ".wsdl")),
            },
        };
    )*};
}

services! {
    IMPORT_V1 = "ImportService", "import", 1, V1;
    IMPORT_V2 = "ImportService", "import", 2, V2;
    EKSPORT_V1 = "EksportService", "eksport", 1, V1;
    EKSPORT_V2 = "EksportService", "eksport", 2, V2;
}

/// The two versions of the ImportService.
pub static IMPORT: [&Service; 2] = [&IMPORT_V1, &IMPORT_V2];

/// All of them, in the order in which callers are told of them.
pub static ALL: [&Service; 4] = [&IMPORT_V1, &IMPORT_V2, &EKSPORT_V1, &EKSPORT_V2];
