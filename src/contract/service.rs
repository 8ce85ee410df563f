//! The services and the versions of SOAP: their names, paths and namespaces (kontrakt §2, §3).

/// The two services, each in two versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Service {
    /// `/v1/ImportService`
    ImportV1,
    /// `/v2/ImportService`
    ImportV2,
    /// `/v1/EksportService`
    EksportV1,
    /// `/v2/EksportService`
    EksportV2,
}

impl Service {
    /// All services.
    pub const ALL: [Self; 4] = [
        Self::ImportV1,
        Self::ImportV2,
        Self::EksportV1,
        Self::EksportV2,
    ];

    /// The path on the service listener.
    pub const fn path(self) -> &'static str {
        match self {
            Self::ImportV1 => "/v1/ImportService",
            Self::ImportV2 => "/v2/ImportService",
            Self::EksportV1 => "/v1/EksportService",
            Self::EksportV2 => "/v2/EksportService",
        }
    }

    /// The name of its WSDL and schema, without suffix.
    pub const fn document(self) -> &'static str {
        match self {
            Self::ImportV1 => "ImportService-v1",
            Self::ImportV2 => "ImportService-v2",
            Self::EksportV1 => "EksportService-v1",
            Self::EksportV2 => "EksportService-v2",
        }
    }

    /// The short name with version that logs, audit and history use.
    pub const fn short(self) -> &'static str {
        match self {
            Self::ImportV1 => "import:v1",
            Self::ImportV2 => "import:v2",
            Self::EksportV1 => "eksport:v1",
            Self::EksportV2 => "eksport:v2",
        }
    }

    /// The target namespace.
    pub const fn namespace(self) -> &'static str {
        match self {
            Self::ImportV1 => "urn:dagtilbudsregister:import:v1",
            Self::ImportV2 => "urn:dagtilbudsregister:import:v2",
            Self::EksportV1 => "urn:dagtilbudsregister:eksport:v1",
            Self::EksportV2 => "urn:dagtilbudsregister:eksport:v2",
        }
    }

    /// The namespace of the shared types of its version.
    pub const fn type_namespace(self) -> &'static str {
        if self.is_v2() {
            "urn:dagtilbudsregister:typer:v2"
        } else {
            "urn:dagtilbudsregister:typer:v1"
        }
    }

    /// Whether it is version 2.
    pub const fn is_v2(self) -> bool {
        matches!(self, Self::ImportV2 | Self::EksportV2)
    }

    /// Whether it is the ImportService.
    pub const fn is_import(self) -> bool {
        matches!(self, Self::ImportV1 | Self::ImportV2)
    }
}

/// The two SOAP versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SoapVersion {
    /// `text/xml`
    V11,
    /// `application/soap+xml`
    V12,
}

impl SoapVersion {
    /// The Content-Type of an answer.
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::V11 => "text/xml; charset=utf-8",
            Self::V12 => "application/soap+xml; charset=utf-8",
        }
    }
}
