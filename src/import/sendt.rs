//! Fields of a record as it was sent, where a right or a rule rests on them.

use crate::message::{Felt, RawPost};
use crate::register::{Kommunekode, PNummer};

use super::sted::PRIVAT;

pub(super) fn sent_kommune(post: &RawPost) -> Option<Kommunekode> {
    post.text(Felt::AdmKommuneKode)?
        .parse()
        .ok()
        .map(Kommunekode)
}

/// Whether the ownership as sent is private.
pub(super) fn sent_privat(post: &RawPost) -> bool {
    post.text(Felt::EjerformKode)
        .and_then(|code| code.parse().ok())
        == Some(PRIVAT)
}

pub(super) fn sent_p_nummer(post: &RawPost) -> Option<PNummer> {
    PNummer::parse(post.text(Felt::PNummer)?).ok()
}
