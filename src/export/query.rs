//! From an operation's parameters to the records it reads. Parameters have passed the schema.

use unicode_normalization::UnicodeNormalization;

use crate::message::{Felt, Message};
use crate::register::{Cvr, Institutionsnummer, Kommunekode, PNummer};
use crate::soap::Operation;
use crate::store::Udvalg;

/// What is chosen by the parameters that were sent. By-number operations give closed records too (decisions §5). Names
/// are stored in normal form C, so they are searched for in it.
pub(super) fn select(operation: &Operation, message: &Message) -> Udvalg {
    let number = |felt| {
        message
            .parameter(felt)
            .and_then(|text| Institutionsnummer::parse(text).ok())
    };
    let by_number = operation.name.ends_with("ByNummer")
        || operation.name == "GetDagtilbudByDagInstitutionsNummer";
    let mut udvalg = Udvalg {
        adm_kommune: message
            .parameter(Felt::AdmKommuneKode)
            .and_then(|code| code.parse().ok())
            .map(Kommunekode),
        navn: message
            .parameter(Felt::Navn)
            .map(|name| name.trim().nfc().collect::<String>().to_lowercase()),
        p_nummer: message
            .parameter(Felt::PNummer)
            .and_then(|text| PNummer::parse(text).ok()),
        cvr: message
            .parameter(Felt::CvrNummer)
            .and_then(|text| Cvr::parse(text).ok()),
        inkluder_nedlagte: by_number || message.flag(Felt::InkluderNedlagte),
        ..Udvalg::default()
    };
    match operation.name {
        "GetDagtilbudByDagInstitutionsNummer" => udvalg.rod = number(Felt::DaginstitutionsNummer),
        "GetDaginstitutionByNummer" => udvalg.nummer = number(Felt::DaginstitutionsNummer),
        "GetAnvisningsEnhederByNummer" => udvalg.nummer = number(Felt::EnhedsNummer),
        "GetAlternativAdresserByNummer" => udvalg.nummer = number(Felt::AlternativAdresseNummer),
        "GetAnvisningsEnhederByDaginstitutionsnummer" => {
            udvalg.foraelder = number(Felt::DaginstitutionsNummer)
        }
        "GetAlternativAdresserByEnhedsnummer" => udvalg.foraelder = number(Felt::EnhedsNummer),
        _ => {}
    }
    udvalg
}
