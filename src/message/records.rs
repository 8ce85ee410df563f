//! From the fields of a message to the records of the register. Only called for messages that the schema accepted;
//! `None` means that a mandatory field is missing after all, which the schema rules out.

use unicode_normalization::{UnicodeNormalization, is_nfc};

use crate::register::{
    Adresse, AlternativAdresse, Anvisningsenhed, Content, Cvr, Daginstitution, Dato,
    Institutionsnummer, Kommunekode, Life, Lukkeaarsag, Niveau, PNummer,
};

use super::{Field, RawRecord};

/// What an insert or an update says. `parent` is the number that the record stands under.
pub fn content(record: &RawRecord, level: Niveau) -> Option<Content> {
    Some(match level {
        Niveau::Daginstitution => Content::Daginstitution(Daginstitution {
            navn: text(record, Field::DaginstitutionsNavn)?,
            ejerform: code(record, Field::EjerformKode)?,
            lovgrundlag: code(record, Field::LovgrundlagKode)?,
            adm_kommune: kommune(record, Field::AdmKommuneKode)?,
            gyldig_fra: date(record),
        }),
        Niveau::Anvisningsenhed => Content::Anvisningsenhed(Anvisningsenhed {
            daginstitution: number(record, Field::DaginstitutionsNummer)?,
            navn: text(record, Field::EnhedsNavn)?,
            adresse: address(record)?,
            inst_type: code(record, Field::InstType3)?,
            email: text(record, Field::Email),
            telefon: text(record, Field::TelefonNummer),
            cvr: cvr(record),
            p_nummer: p_nummer(record),
            gyldig_fra: date(record),
        }),
        Niveau::AlternativAdresse => Content::AlternativAdresse(AlternativAdresse {
            enhed: number(record, Field::EnhedsNummer)?,
            navn: text(record, Field::AlternativAdresseNavn)?,
            adresse: address(record)?,
            email: text(record, Field::Email),
            telefon: text(record, Field::TelefonNummer),
            cvr: cvr(record),
            p_nummer: p_nummer(record),
            gyldig_fra: date(record),
        }),
    })
}

/// The numbers that a new record succeeds.
pub fn lineage(record: &RawRecord, field: Field) -> Vec<Institutionsnummer> {
    record
        .all(field)
        .filter_map(|value| Institutionsnummer::parse(&value.text).ok())
        .collect()
}

/// What a delete adds to the life of the record it closes.
pub fn closing(record: &RawRecord, life: &mut Life) {
    life.lukkeaarsag = record.text(Field::Lukkeaarsag).and_then(Lukkeaarsag::parse);
    life.skolens_nummer = number(record, Field::SkolensInstitutionsnummer);
    life.afloest_af = lineage(record, Field::AfloestAf);
}

fn address(record: &RawRecord) -> Option<Adresse> {
    Some(Adresse {
        vej_navn: text(record, Field::VejNavn)?,
        vej_kode: text(record, Field::VejKode),
        hus_nummer: record.text(Field::HusNummer)?.to_ascii_uppercase(),
        etage: text(record, Field::Etage),
        doer: text(record, Field::Doer),
        post_nummer: text(record, Field::PostNummer)?,
        by_navn: text(record, Field::ByNavn),
        supplerende_bynavn: text(record, Field::SupplerendeBynavn),
        kommune_kode: kommune(record, Field::KommuneKode),
        dawa_id: record.text(Field::DawaId).map(str::to_ascii_lowercase),
        geo_bredde: coordinate(record, Field::GeoBredde),
        geo_laengde: coordinate(record, Field::GeoLaengde),
    })
}

/// Text in normal form C (kontrakt §3).
fn text(record: &RawRecord, field: Field) -> Option<String> {
    let text = record.text(field)?;
    Some(if is_nfc(text) {
        text.to_owned()
    } else {
        text.nfc().collect()
    })
}

/// A decimal number without a plus sign and without zeros before its digits; its decimals are kept as sent.
fn coordinate(record: &RawRecord, field: Field) -> Option<String> {
    let text = record.text(field)?;
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

fn code(record: &RawRecord, field: Field) -> Option<i32> {
    record.text(field)?.parse().ok()
}

fn kommune(record: &RawRecord, field: Field) -> Option<Kommunekode> {
    code(record, field)
        .and_then(|code| u16::try_from(code).ok())
        .map(Kommunekode)
}

fn number(record: &RawRecord, field: Field) -> Option<Institutionsnummer> {
    Institutionsnummer::parse(record.text(field)?).ok()
}

fn cvr(record: &RawRecord) -> Option<Cvr> {
    Cvr::parse(record.text(Field::CvrNummer)?).ok()
}

fn p_nummer(record: &RawRecord) -> Option<PNummer> {
    PNummer::parse(record.text(Field::PNummer)?).ok()
}

fn date(record: &RawRecord) -> Option<Dato> {
    Dato::parse(record.text(Field::GyldigFra)?).ok()
}
