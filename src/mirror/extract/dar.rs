//! A record of the extract of DAR as DAWA gives it: CSV, or JSON in the structures `flad`, `mini` and nested.

use serde::Deserialize;
use unicode_normalization::UnicodeNormalization;
use uuid::Uuid;

use super::cvr::{Scalar, json};
use super::fields::Places;
use super::{ExtractError, ExtractForm};
use crate::mirror::DarStatus;
use crate::mirror::key::{HouseNumber, street_key};

/// Parts of a degree that coordinates are kept in: a centimetre.
pub const DEGREE_PARTS: f64 = 1e7;

/// An address of the extract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DarRow {
    /// Identifier.
    pub id: Uuid,
    /// Status.
    pub status: DarStatus,
    /// Road name.
    pub vej_navn: String,
    /// Road code, 1 to 9999.
    pub vej_kode: u16,
    /// House number.
    pub house: HouseNumber,
    /// Floor; empty for none.
    pub etage: String,
    /// Door; empty for none.
    pub doer: String,
    /// Supplementary town name; empty for none.
    pub supplerende_bynavn: String,
    /// Postal code.
    pub postnr: u16,
    /// Postal district.
    pub by_navn: String,
    /// Kommune.
    pub kommune: u16,
    /// Latitude and longitude in [`DEGREE_PARTS`].
    pub position: Option<(i32, i32)>,
}

/// The columns of a CSV by what they hold, with the names that each is found under.
const FIELDS: [&[&str]; 13] = [
    &["id"],
    &["vejnavn"],
    &["vejkode"],
    &["husnr"],
    &["postnr"],
    &["kommunekode"],
    &["postnrnavn"],
    &["etage"],
    &["dør", "doer", "dr"],
    &["supplerendebynavn"],
    &["status"],
    &["wgs84koordinat_bredde", "y"],
    &["wgs84koordinat_længde", "wgs84koordinat_laengde", "x"],
];
/// The first so many must be there.
const MUST: usize = 6;

/// Reads records of one extract.
#[derive(Debug)]
pub struct DarReader(Option<Places<13>>);

impl DarReader {
    /// For an extract of a form, which may lack the columns of a CSV that `without` names.
    ///
    /// # Errors
    /// [`ExtractError::Header`] and [`ExtractError::Without`].
    pub fn new(form: &ExtractForm, without: &[String]) -> Result<Self, ExtractError> {
        Places::of(form, &FIELDS, MUST, without).map(Self)
    }

    /// The address of a record.
    ///
    /// # Errors
    /// Why the record can't be used.
    pub fn read(&self, bytes: &[u8]) -> Result<DarRow, String> {
        match &self.0 {
            Some(places) => places.read(bytes, |get| address(get)),
            None => {
                let read: Adresse = serde_json::from_slice(bytes).map_err(|error| json(&error))?;
                let values = read.fields();
                address(&|field| values[field].as_str())
            }
        }
    }
}

/// An address of its fields, in the order of [`FIELDS`].
fn address<'a>(get: &dyn Fn(usize) -> &'a str) -> Result<DarRow, String> {
    let wrong = |field: usize| {
        let value: String = get(field).chars().take(60).collect();
        format!("{} {value:?} can't be right", FIELDS[field][0])
    };
    let number = |field: usize, longest: usize| {
        let value = get(field);
        let digits = value.len() <= longest && value.bytes().all(|byte| byte.is_ascii_digit());
        let number = value.parse::<u16>().ok().filter(|n| digits && *n > 0);
        number.ok_or_else(|| wrong(field))
    };
    let short = |field: usize, longest: usize| {
        let value = get(field);
        let fits = value.chars().count() <= longest && !value.chars().any(char::is_control);
        if fits {
            Ok(value.nfc().collect::<String>())
        } else {
            Err(wrong(field))
        }
    };
    let status = match get(10) {
        // DAWA shows those that are valid, where it does not say more.
        "" => DarStatus::Current,
        status => status
            .parse()
            .ok()
            .and_then(DarStatus::from_number)
            .ok_or_else(|| wrong(10))?,
    };
    let vej_navn = short(1, 40)?;
    if street_key(&vej_navn).is_empty() {
        return Err(wrong(1));
    }
    let position = match (get(11).is_empty(), get(12).is_empty()) {
        (true, true) => None,
        _ => Some((
            degrees(get(11), 90).ok_or_else(|| wrong(11))?,
            degrees(get(12), 180).ok_or_else(|| wrong(12))?,
        )),
    };
    Ok(DarRow {
        id: Uuid::parse_str(get(0)).map_err(|_| wrong(0))?,
        status,
        vej_kode: number(2, 4)?,
        house: HouseNumber::parse(get(3)).ok_or_else(|| wrong(3))?,
        etage: Some(short(7, 3)?.to_lowercase())
            .filter(|etage| is_etage(etage))
            .ok_or_else(|| wrong(7))?,
        doer: Some(short(8, 4)?.to_lowercase())
            .filter(|doer| is_doer(doer))
            .ok_or_else(|| wrong(8))?,
        supplerende_bynavn: short(9, 34)?,
        postnr: number(4, 4)?,
        by_navn: short(6, 34)?,
        kommune: number(5, 4)?,
        position,
        vej_navn,
    })
}

/// None, or a floor as the register's schemas know them.
fn is_etage(etage: &str) -> bool {
    match etage.as_bytes() {
        [] | [b'1'..=b'9'] | [b'1'..=b'9', b'0'..=b'9'] | [b'k', b'2'..=b'9'] => true,
        _ => etage == "st" || etage == "kl",
    }
}

/// None, or a door as the register's schemas know them.
fn is_doer(doer: &str) -> bool {
    let sign = |c: char| c.is_ascii_lowercase() || "æøå/-".contains(c);
    let number = doer.chars().all(|c| c.is_ascii_digit());
    doer.chars().all(|c| sign(c) || c.is_ascii_digit()) && !(number && doer.starts_with('0'))
}

/// Degrees with a point or a comma, in [`DEGREE_PARTS`].
fn degrees(text: &str, most: i32) -> Option<i32> {
    let value: f64 = text.replace(',', ".").parse().ok()?;
    // Not a number is in no range, so this refuses `NaN` too.
    let most = f64::from(most);
    if !(-most..=most).contains(&value) {
        return None;
    }
    // Within the range of an i32 by the lines above.
    #[expect(clippy::cast_possible_truncation, reason = "at most 180 * 1e7")]
    let parts = (value * DEGREE_PARTS).round() as i32;
    Some(parts)
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Adresse {
    id: Scalar,
    status: Scalar,
    vejnavn: Scalar,
    vejkode: Scalar,
    husnr: Scalar,
    etage: Scalar,
    #[serde(rename = "dør", alias = "doer")]
    doer: Scalar,
    supplerendebynavn: Scalar,
    postnr: Scalar,
    postnrnavn: Scalar,
    kommunekode: Scalar,
    #[serde(alias = "y")]
    wgs84koordinat_bredde: Option<f64>,
    #[serde(rename = "wgs84koordinat_længde", alias = "x")]
    wgs84koordinat_laengde: Option<f64>,
    adgangsadresse: Option<Adgang>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Adgang {
    vejstykke: Option<Named>,
    husnr: Scalar,
    supplerendebynavn: Scalar,
    postnummer: Option<Named>,
    kommune: Option<Named>,
    adgangspunkt: Option<Point>,
}

/// A code, or a number, and its name.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Named {
    #[serde(alias = "nr")]
    kode: Scalar,
    #[serde(rename = "navn")]
    name: Scalar,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Point {
    /// Longitude, latitude.
    koordinater: Option<[f64; 2]>,
}

impl Adresse {
    /// The fields in the order of [`FIELDS`]; a flat one wins over a nested one.
    fn fields(self) -> [String; 13] {
        let below = self.adgangsadresse.unwrap_or_default();
        let vej = below.vejstykke.unwrap_or_default();
        let post = below.postnummer.unwrap_or_default();
        let kommune = below.kommune.unwrap_or_default();
        let at = below.adgangspunkt.and_then(|at| at.koordinater);
        let degrees = |flat: Option<f64>, index: usize| {
            let value = flat.or(at.map(|at| at[index]));
            value.map(|value| value.to_string()).unwrap_or_default()
        };
        [
            self.id.text(),
            self.vejnavn.or(vej.name),
            self.vejkode.or(vej.kode),
            self.husnr.or(below.husnr),
            self.postnr.or(post.kode),
            self.kommunekode.or(kommune.kode),
            self.postnrnavn.or(post.name),
            self.etage.text(),
            self.doer.text(),
            self.supplerendebynavn.or(below.supplerendebynavn),
            self.status.text(),
            degrees(self.wgs84koordinat_bredde, 1),
            degrees(self.wgs84koordinat_laengde, 0),
        ]
    }
}
