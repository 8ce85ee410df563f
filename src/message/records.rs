//! From the fields of a message to the records of the register. Only called for messages that the schema accepted;
//! `None` means that a mandatory field is missing after all, which the schema rules out.

use unicode_normalization::{UnicodeNormalization, is_nfc};

use crate::register::{
    Adresse, AlternativAdresse, Anvisningsenhed, Content, Cvr, Daginstitution, Dato,
    Institutionsnummer, Kommunekode, Life, Lukkeaarsag, Niveau, PNummer,
};

use super::{Field, RawRecord};

/// What an insert or an update says. `parent` is the number that the record stands under.
pub fn content(post: &RawRecord, level: Niveau) -> Option<Content> {
    Some(match level {
        Niveau::Daginstitution => Content::Daginstitution(Daginstitution {
            navn: text(post, Field::DaginstitutionsNavn)?,
            ejerform: code(post, Field::EjerformKode)?,
            lovgrundlag: code(post, Field::LovgrundlagKode)?,
            adm_kommune: kommune(post, Field::AdmKommuneKode)?,
            gyldig_fra: date(post),
        }),
        Niveau::Anvisningsenhed => Content::Anvisningsenhed(Anvisningsenhed {
            daginstitution: number(post, Field::DaginstitutionsNummer)?,
            navn: text(post, Field::EnhedsNavn)?,
            adresse: address(post)?,
            inst_type: code(post, Field::InstType3)?,
            email: text(post, Field::Email),
            telefon: text(post, Field::TelefonNummer),
            cvr: cvr(post),
            p_nummer: p_nummer(post),
            gyldig_fra: date(post),
        }),
        Niveau::AlternativAdresse => Content::AlternativAdresse(AlternativAdresse {
            enhed: number(post, Field::EnhedsNummer)?,
            navn: text(post, Field::AlternativAdresseNavn)?,
            adresse: address(post)?,
            email: text(post, Field::Email),
            telefon: text(post, Field::TelefonNummer),
            cvr: cvr(post),
            p_nummer: p_nummer(post),
            gyldig_fra: date(post),
        }),
    })
}

/// The numbers that a new record succeeds.
pub fn lineage(post: &RawRecord, felt: Field) -> Vec<Institutionsnummer> {
    post.all(felt)
        .filter_map(|value| Institutionsnummer::parse(&value.text).ok())
        .collect()
}

/// What a delete adds to the life of the record it closes.
pub fn closing(post: &RawRecord, life: &mut Life) {
    life.lukkeaarsag = post.text(Field::Lukkeaarsag).and_then(Lukkeaarsag::parse);
    life.skolens_nummer = number(post, Field::SkolensInstitutionsnummer);
    life.afloest_af = lineage(post, Field::AfloestAf);
}

fn address(post: &RawRecord) -> Option<Adresse> {
    Some(Adresse {
        vej_navn: text(post, Field::VejNavn)?,
        vej_kode: text(post, Field::VejKode),
        hus_nummer: post.text(Field::HusNummer)?.to_ascii_uppercase(),
        etage: text(post, Field::Etage),
        doer: text(post, Field::Doer),
        post_nummer: text(post, Field::PostNummer)?,
        by_navn: text(post, Field::ByNavn),
        supplerende_bynavn: text(post, Field::SupplerendeBynavn),
        kommune_kode: kommune(post, Field::KommuneKode),
        dawa_id: post.text(Field::DawaId).map(str::to_ascii_lowercase),
        geo_bredde: coordinate(post, Field::GeoBredde),
        geo_laengde: coordinate(post, Field::GeoLaengde),
    })
}

/// Text in normal form C (kontrakt §3).
fn text(post: &RawRecord, felt: Field) -> Option<String> {
    let text = post.text(felt)?;
    Some(if is_nfc(text) {
        text.to_owned()
    } else {
        text.nfc().collect()
    })
}

/// A decimal number without a plus sign and without zeros before its digits; its decimals are kept as sent.
fn coordinate(post: &RawRecord, felt: Field) -> Option<String> {
    let text = post.text(felt)?;
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let digits = digits.trim_start_matches('0');
    let zero = if digits.is_empty() || digits.starts_with('.') {
        "0"
    } else {
        ""
    };
    Some(format!("{sign}{zero}{digits}"))
}

fn code(post: &RawRecord, felt: Field) -> Option<i32> {
    post.text(felt)?.parse().ok()
}

fn kommune(post: &RawRecord, felt: Field) -> Option<Kommunekode> {
    code(post, felt)
        .and_then(|code| u16::try_from(code).ok())
        .map(Kommunekode)
}

fn number(post: &RawRecord, felt: Field) -> Option<Institutionsnummer> {
    Institutionsnummer::parse(post.text(felt)?).ok()
}

fn cvr(post: &RawRecord) -> Option<Cvr> {
    Cvr::parse(post.text(Field::CvrNummer)?).ok()
}

fn p_nummer(post: &RawRecord) -> Option<PNummer> {
    PNummer::parse(post.text(Field::PNummer)?).ok()
}

fn date(post: &RawRecord) -> Option<Dato> {
    Dato::parse(post.text(Field::GyldigFra)?).ok()
}
