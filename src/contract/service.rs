//! What a service, an operation and a version of SOAP are. The register's own services stand in [`super::services`]; a
//! server serves those that it is given.

use std::fmt;
use std::hash::{Hash, Hasher};

use crate::register::Version;

/// A service: what callers, logs and documents know it by. What its operations do is not known here.
pub struct Service {
    /// The path on the service listener.
    pub path: &'static str,
    /// The name of its WSDL and schema, without suffix.
    pub document: &'static str,
    /// The short name with version that logs, metrics, audit and history use. No two services share one.
    pub short: &'static str,
    /// The target namespace.
    pub namespace: &'static str,
    /// The namespace of the shared types of its version.
    pub type_namespace: &'static str,
    /// The version of the contract: which fields its records have, and which rules hold.
    pub version: Version,
    /// Its files.
    pub files: Files,
}

/// The texts of a service's own files.
pub struct Files {
    /// The schema. It may import other services' schemas and the shared ones by their file names.
    pub xsd: &'static str,
    /// The WSDL, which imports the schema.
    pub wsdl: &'static str,
    /// The WSDL with all schemas inside.
    pub flat: &'static str,
    /// The same with SOAP 1.1 alone, for stacks that can't read the others.
    pub soap11: &'static str,
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.short)
    }
}

impl PartialEq for Service {
    fn eq(&self, other: &Self) -> bool {
        self.short == other.short
    }
}

impl Eq for Service {}

impl Hash for Service {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.short.hash(state);
    }
}

/// An operation of one or more services. Its element, action and answer follow from the service and the name.
#[derive(Debug, PartialEq, Eq)]
pub struct Operation {
    /// The name, which is the name of the body's child.
    pub name: &'static str,
    /// The single child of the response wrapper.
    pub result: &'static str,
    /// Whether it changes the register: a call that is refused leaves a line in the audit chain.
    pub writes: bool,
}

impl Operation {
    /// One that changes nothing.
    pub const fn reads(name: &'static str, result: &'static str) -> Self {
        Self {
            name,
            result,
            writes: false,
        }
    }

    /// One that changes the register.
    pub const fn writes(name: &'static str, result: &'static str) -> Self {
        Self {
            name,
            result,
            writes: true,
        }
    }

    /// The SOAPAction.
    pub fn action(&self, service: &Service) -> String {
        format!("{}/{}", service.namespace, self.name)
    }

    /// Whether an action names this operation: as the WSDL has it, or however else a stack makes one up from the name.
    /// What stacks put before it differs; what follows is at most the `Request` of the actions that WS-Addressing makes
    /// of a WSDL that gives none.
    pub fn is_named_by(&self, action: &str) -> bool {
        let action = action.strip_suffix("Request").unwrap_or(action);
        let before = action.strip_suffix(self.name);
        before.is_some_and(|before| before.is_empty() || before.ends_with(['/', '#', ':']))
    }

    /// The name with its service that history and audit keep.
    pub fn qualified(&self, service: &Service) -> String {
        format!("{}/{}", service.short, self.name)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_action_ends_in_the_operations_name() {
        let operation = Operation::writes("InsertDaginstitution", "importSvar");
        for action in [
            "urn:dagtilbudsregister:import:v2/InsertDaginstitution",
            "urn:x#InsertDaginstitution",
            "urn:x:InsertDaginstitution",
            "http://tempuri.org/IImport/InsertDaginstitution",
            "InsertDaginstitution",
            "urn:dagtilbudsregister:import:v2:ImportServicePortType:InsertDaginstitutionRequest",
            "urn:dagtilbudsregister:import:v2/ImportServicePortType/InsertDaginstitutionRequest",
        ] {
            assert!(operation.is_named_by(action), "{action}");
        }
        for action in [
            "urn:x/UpdateDaginstitution",
            "urn:x/insertDaginstitution",
            "urn:x/AlsoInsertDaginstitution",
            "urn:x/InsertDaginstitution/",
            "urn:x/InsertDaginstitutionResponse",
            "urn:x/InsertDaginstitutionRequestRequest",
        ] {
            assert!(!operation.is_named_by(action), "{action}");
        }
    }
}
