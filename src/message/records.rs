//! From the fields of a message to the records of the register. Only called for messages that the schema accepted;
//! `None` means that a mandatory field is missing after all, which the schema rules out.

use unicode_normalization::{UnicodeNormalization, is_nfc};

use crate::register::{
    Adresse, AlternativAdresse, Anvisningsenhed, Cvr, Daginstitution, Dato, Indhold,
    Institutionsnummer, Kommunekode, Livsforloeb, Lukkeaarsag, Niveau, PNummer,
};

use super::{Felt, RawPost};

/// What an insert or an update says. `parent` is the number that the record stands under.
pub fn content(post: &RawPost, level: Niveau) -> Option<Indhold> {
    Some(match level {
        Niveau::Daginstitution => Indhold::Daginstitution(Daginstitution {
            navn: text(post, Felt::DaginstitutionsNavn)?,
            ejerform: code(post, Felt::EjerformKode)?,
            lovgrundlag: code(post, Felt::LovgrundlagKode)?,
            adm_kommune: kommune(post, Felt::AdmKommuneKode)?,
            gyldig_fra: date(post),
        }),
        Niveau::Anvisningsenhed => Indhold::Anvisningsenhed(Anvisningsenhed {
            daginstitution: number(post, Felt::DaginstitutionsNummer)?,
            navn: text(post, Felt::EnhedsNavn)?,
            adresse: address(post)?,
            inst_type: code(post, Felt::InstType3)?,
            email: text(post, Felt::Email),
            telefon: text(post, Felt::TelefonNummer),
            cvr: cvr(post),
            p_nummer: p_nummer(post),
            gyldig_fra: date(post),
        }),
        Niveau::AlternativAdresse => Indhold::AlternativAdresse(AlternativAdresse {
            enhed: number(post, Felt::EnhedsNummer)?,
            navn: text(post, Felt::AlternativAdresseNavn)?,
            adresse: address(post)?,
            email: text(post, Felt::Email),
            telefon: text(post, Felt::TelefonNummer),
            cvr: cvr(post),
            p_nummer: p_nummer(post),
            gyldig_fra: date(post),
        }),
    })
}

/// The numbers that a new record succeeds.
pub fn lineage(post: &RawPost, felt: Felt) -> Vec<Institutionsnummer> {
    post.all(felt)
        .filter_map(|value| Institutionsnummer::parse(&value.text).ok())
        .collect()
}

/// What a delete adds to the life of the record it closes.
pub fn closing(post: &RawPost, life: &mut Livsforloeb) {
    life.lukkeaarsag = post.text(Felt::Lukkeaarsag).and_then(Lukkeaarsag::parse);
    life.skolens_nummer = number(post, Felt::SkolensInstitutionsnummer);
    life.afloest_af = lineage(post, Felt::AfloestAf);
}

fn address(post: &RawPost) -> Option<Adresse> {
    Some(Adresse {
        vej_navn: text(post, Felt::VejNavn)?,
        vej_kode: text(post, Felt::VejKode),
        hus_nummer: post.text(Felt::HusNummer)?.to_ascii_uppercase(),
        etage: text(post, Felt::Etage),
        doer: text(post, Felt::Doer),
        post_nummer: text(post, Felt::PostNummer)?,
        by_navn: text(post, Felt::ByNavn),
        supplerende_bynavn: text(post, Felt::SupplerendeBynavn),
        kommune_kode: kommune(post, Felt::KommuneKode),
        dawa_id: post.text(Felt::DawaId).map(str::to_ascii_lowercase),
        geo_bredde: text(post, Felt::GeoBredde),
        geo_laengde: text(post, Felt::GeoLaengde),
    })
}

/// Text in normal form C (decisions §3).
fn text(post: &RawPost, felt: Felt) -> Option<String> {
    let text = post.text(felt)?;
    Some(if is_nfc(text) {
        text.to_owned()
    } else {
        text.nfc().collect()
    })
}

fn code(post: &RawPost, felt: Felt) -> Option<i32> {
    post.text(felt)?.parse().ok()
}

fn kommune(post: &RawPost, felt: Felt) -> Option<Kommunekode> {
    code(post, felt)
        .and_then(|code| u16::try_from(code).ok())
        .map(Kommunekode)
}

fn number(post: &RawPost, felt: Felt) -> Option<Institutionsnummer> {
    Institutionsnummer::parse(post.text(felt)?).ok()
}

fn cvr(post: &RawPost) -> Option<Cvr> {
    Cvr::parse(post.text(Felt::CvrNummer)?).ok()
}

fn p_nummer(post: &RawPost) -> Option<PNummer> {
    PNummer::parse(post.text(Felt::PNummer)?).ok()
}

fn date(post: &RawPost) -> Option<Dato> {
    Dato::parse(post.text(Felt::GyldigFra)?).ok()
}
