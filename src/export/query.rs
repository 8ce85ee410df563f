//! From an operation's parameters to the records it reads. Parameters have passed the schema.

use unicode_normalization::UnicodeNormalization;

use super::operations::Number;
use crate::message::{Field, Message};
use crate::register::{Cvr, Institutionsnummer, Kommunekode, PNummer};
use crate::store::Selection;

/// What is chosen by the parameters that were sent. Names are stored in normal form C, so they are searched for in it.
pub(super) fn select(number: Number, message: &Message) -> Selection {
    let sent = |field| {
        message
            .parameter(field)
            .and_then(|text| Institutionsnummer::parse(text).ok())
    };
    let named = matches!(number, Number::Record(_) | Number::Root(_));
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
        inkluder_nedlagte: named || message.flag(Field::InkluderNedlagte),
        ..Selection::default()
    };
    match number {
        Number::Nothing => {}
        Number::Record(field) => selection.nummer = sent(field),
        Number::Root(field) => selection.root = sent(field),
        Number::Parent(field) => selection.parent = sent(field),
    }
    selection
}
