//! Fields of a record as it was sent, where a right or a rule rests on them.

use crate::message::{Field, RawRecord};
use crate::register::{Kommunekode, PNummer};

use crate::agreements::PRIVAT;

pub(super) fn sent_kommune(record: &RawRecord) -> Option<Kommunekode> {
    record
        .text(Field::AdmKommuneKode)?
        .parse()
        .ok()
        .map(Kommunekode)
}

/// Whether the ownership as sent is private.
pub(super) fn sent_privat(record: &RawRecord) -> bool {
    record
        .text(Field::EjerformKode)
        .and_then(|code| code.parse().ok())
        == Some(PRIVAT)
}

pub(super) fn sent_p_nummer(record: &RawRecord) -> Option<PNummer> {
    PNummer::parse(record.text(Field::PNummer)?).ok()
}
