//! Calls for the tests of this module.

use std::time::Duration;

use uuid::Uuid;

use super::{Answered, Call, at};
use crate::ids;
use crate::register::{Cvr, Tidspunkt};

/// A call that went well.
pub(super) fn call() -> Call {
    let id = Uuid::nil();
    Call {
        id,
        listener: "service".into(),
        service: "import:v2".into(),
        operation: "InsertDaginstitution".into(),
        status: 200,
        kode: None,
        told: None,
        message_id: None,
        cvr: None,
        system: None,
        certificate: None,
        took: Duration::from_millis(1),
        records: 1,
        written: None,
        count: 1,
        last: at(id),
    }
}

pub(super) const AARHUS: &str = "55133018";
pub(super) const VENDOR: &str = "99400501";

/// A time of some minutes after the beginning of these tests.
pub(super) fn minute(minutes: i64) -> Tidspunkt {
    Tidspunkt::from_millis(1_790_000_040_000 + minutes * 60_000)
}

/// A call of an organisation that went well, as the server tells of it.
pub(super) fn answered(cvr: &str, at: Tidspunkt) -> Answered {
    Answered {
        id: ids::timed(at.millis().try_into().unwrap()),
        took: Duration::from_micros(1500),
        listener: "service",
        service: "import:v2",
        operation: "InsertDaginstitution",
        status: 200,
        kode: None,
        errors: None,
        message_id: None,
        cvr: Some(Cvr::parse(cvr).unwrap()),
        peer: None,
        records: 1,
        written: None,
    }
}

/// A poll that went well.
pub(super) fn poll(cvr: &str, at: Tidspunkt) -> Answered {
    Answered {
        service: "feed",
        operation: "-",
        records: 0,
        ..answered(cvr, at)
    }
}
