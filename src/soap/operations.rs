//! The table of operations: which service has which, and what kind of work each is (kontrakt §4 and §5).

use crate::contract::Service;
use crate::register::Niveau;

/// What a write does to the records it carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WriteKind {
    /// New records, numbered by the register.
    Insert,
    /// The whole record anew.
    Update,
    /// A logical close.
    Delete,
    /// Under another parent.
    Move,
}

/// What an export reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportOp {
    /// Trees: all of them, one, or a kommune's.
    Tree,
    /// Records of one level.
    List(Niveau),
    /// The code tables.
    CodeTables,
    /// Every version of one record.
    History,
    /// Trees as they stood at an instant.
    TreeAt,
    /// Changes after a sequence.
    Changes,
    /// The caller's agreements.
    Agreements,
}

/// The kind of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Shows that service and register are up.
    HelloWorld,
    /// Gives a schema.
    GetSchema,
    /// Validates a document.
    Validate,
    /// Changes the register.
    Write(WriteKind, Niveau),
    /// Reads the register.
    Export(ExportOp),
}

/// One operation; its element, action and answer follow from service and name.
#[derive(Debug, PartialEq, Eq)]
pub struct Operation {
    /// The name, which is the name of the body's child.
    pub name: &'static str,
    /// The kind.
    pub kind: Kind,
    /// The single child of the response wrapper.
    pub result: &'static str,
    /// Whether only version 2 has it.
    only_v2: bool,
}

impl Operation {
    /// The operation of this name on a service.
    pub fn find(service: Service, name: &str) -> Option<&'static Self> {
        Self::of(service).find(|operation| operation.name == name)
    }

    /// Whether an operation of any service has this name.
    pub fn is_name(name: &str) -> bool {
        let mut all = IMPORT.iter().chain(EXPORT);
        all.any(|operation| operation.name == name)
    }

    /// All operations of a service, in the order of its WSDL.
    pub fn of(service: Service) -> impl Iterator<Item = &'static Self> {
        let rows = if service.is_import() { IMPORT } else { EXPORT };
        rows.iter()
            .filter(move |operation| service.is_v2() || !operation.only_v2)
    }

    /// The SOAPAction.
    pub fn action(&self, service: Service) -> String {
        format!("{}/{}", service.namespace(), self.name)
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
    pub fn qualified(&self, service: Service) -> String {
        format!("{}/{}", service.short(), self.name)
    }

    /// Whether it changes the register.
    pub const fn is_write(&self) -> bool {
        matches!(self.kind, Kind::Write(..))
    }
}

const fn row(name: &'static str, kind: Kind, result: &'static str) -> Operation {
    Operation {
        name,
        kind,
        result,
        only_v2: false,
    }
}

const fn v2(name: &'static str, export: ExportOp, result: &'static str) -> Operation {
    Operation {
        name,
        kind: Kind::Export(export),
        result,
        only_v2: true,
    }
}

const fn write(name: &'static str, kind: WriteKind, level: Niveau) -> Operation {
    row(name, Kind::Write(kind, level), "importSvar")
}

const fn tree(name: &'static str) -> Operation {
    row(name, Kind::Export(ExportOp::Tree), "dagtilbudsRegister")
}

const fn list(name: &'static str, level: Niveau) -> Operation {
    let result = match level {
        Niveau::Daginstitution => "daginstitutionerExtend",
        Niveau::Anvisningsenhed => "anvisningenhederExtend",
        Niveau::AlternativAdresse => "alternativadresserExtend",
    };
    row(name, Kind::Export(ExportOp::List(level)), result)
}

use Niveau::{AlternativAdresse, Anvisningsenhed, Daginstitution};
use WriteKind::{Delete, Insert, Move, Update};

static IMPORT: &[Operation] = &[
    row("HelloWorld", Kind::HelloWorld, "HelloWorldResult"),
    row("GetXMLSchema", Kind::GetSchema, "GetXMLSchemaResult"),
    row("ValidateXmlAgainstSchema", Kind::Validate, "importSvar"),
    write("InsertDaginstitution", Insert, Daginstitution),
    write("UpdateDaginstitution", Update, Daginstitution),
    write("DeleteDaginstitution", Delete, Daginstitution),
    write("InsertAnvisningsEnhed", Insert, Anvisningsenhed),
    write("UpdateAnvisningsEnhed", Update, Anvisningsenhed),
    write("DeleteAnvisningsEnhed", Delete, Anvisningsenhed),
    write("MoveAnvisningsEnhed", Move, Anvisningsenhed),
    write("InsertAlternativAdresse", Insert, AlternativAdresse),
    write("UpdateAlternativAdresse", Update, AlternativAdresse),
    write("DeleteAlternativAdresse", Delete, AlternativAdresse),
    write("MoveAlternativAdresse", Move, AlternativAdresse),
];

static EXPORT: &[Operation] = &[
    row("HelloWorld", Kind::HelloWorld, "HelloWorldResult"),
    tree("GetAllDagtilbud"),
    tree("GetDagtilbudByDagInstitutionsNummer"),
    tree("GetDagtilbudByAdmKommuneNummer"),
    list("GetAllDaginstitutioner", Daginstitution),
    list("GetDaginstitutionByNummer", Daginstitution),
    list("GetDaginstitutionByNavn", Daginstitution),
    list("GetAllAnvisningsEnheder", Anvisningsenhed),
    list("GetAnvisningsEnhederByPnummer", Anvisningsenhed),
    list("GetAnvisningsEnhederByNummer", Anvisningsenhed),
    list("GetAnvisningsEnhederByCvrnummer", Anvisningsenhed),
    list("GetAnvisningsEnhederByNavn", Anvisningsenhed),
    list(
        "GetAnvisningsEnhederByDaginstitutionsnummer",
        Anvisningsenhed,
    ),
    list("GetAllAlternativAdresser", AlternativAdresse),
    list("GetAlternativAdresserByCvrnummer", AlternativAdresse),
    list("GetAlternativAdresserByPnummer", AlternativAdresse),
    list("GetAlternativAdresserByNummer", AlternativAdresse),
    list("GetAlternativAdresserByNavn", AlternativAdresse),
    list("GetAlternativAdresserByEnhedsnummer", AlternativAdresse),
    row(
        "GetKodetabeller",
        Kind::Export(ExportOp::CodeTables),
        "kodetabeller",
    ),
    v2("GetHistorik", ExportOp::History, "historik"),
    v2("GetDagtilbudPrDato", ExportOp::TreeAt, "dagtilbudsRegister"),
    v2("GetAendringer", ExportOp::Changes, "aendringer"),
    v2("HentDataAftaler", ExportOp::Agreements, "dataAftaler"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_action_ends_in_the_operations_name() {
        let operation = Operation::find(Service::ImportV2, "InsertDaginstitution").unwrap();
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
