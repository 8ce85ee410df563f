//! From an operation's parameters to the records it reads. Parameters have passed the schema.

use unicode_normalization::UnicodeNormalization;

use crate::message::{Field, Message};
use crate::register::{Cvr, Institutionsnummer, Kommunekode, PNummer};
use crate::soap::Operation;
use crate::store::Selection;

/// What is chosen by the parameters that were sent. By-number operations give closed records too (kontrakt §5). Names
/// are stored in normal form C, so they are searched for in it.
pub(super) fn select(operation: &Operation, message: &Message) -> Selection {
    let number = |field| {
        message
            .parameter(field)
            .and_then(|text| Institutionsnummer::parse(text).ok())
    };
    let by_number = operation.name.ends_with("ByNummer")
        || operation.name == "GetDagtilbudByDagInstitutionsNummer";
    let mut selection = Selection {
        adm_kommune: message
            .parameter(Field::AdmKommuneKode)
            .and_then(|code| code.parse().ok())
            .map(Kommunekode),
        navn: message
            .parameter(Field::Navn)
            .map(|name| name.trim().nfc().collect::<String>().to_lowercase()),
        p_nummer: message
            .parameter(Field::PNummer)
            .and_then(|text| PNummer::parse(text).ok()),
        cvr: message
            .parameter(Field::CvrNummer)
            .and_then(|text| Cvr::parse(text).ok()),
        inkluder_nedlagte: by_number || message.flag(Field::InkluderNedlagte),
        ..Selection::default()
    };
    match operation.name {
        "GetDagtilbudByDagInstitutionsNummer" => {
            selection.rod = number(Field::DaginstitutionsNummer)
        }
        "GetDaginstitutionByNummer" => selection.nummer = number(Field::DaginstitutionsNummer),
        "GetAnvisningsEnhederByNummer" => selection.nummer = number(Field::EnhedsNummer),
        "GetAlternativAdresserByNummer" => {
            selection.nummer = number(Field::AlternativAdresseNummer)
        }
        "GetAnvisningsEnhederByDaginstitutionsnummer" => {
            selection.parent = number(Field::DaginstitutionsNummer)
        }
        "GetAlternativAdresserByEnhedsnummer" => selection.parent = number(Field::EnhedsNummer),
        _ => {}
    }
    selection
}
