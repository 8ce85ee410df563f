//! A record of the extract of CVR: `VrproduktionsEnhed` as JSON, or a line of a plain CSV.

use serde::Deserialize;

use super::fields::Places;
use super::{ExtractError, ExtractForm};
use crate::mirror::key::HouseNumber;
use crate::mirror::{ProductionUnit, UnitAddress};
use crate::register::{Cvr, PNummer};

/// The columns of a CSV by what they hold, with the names that each is found under.
const FIELDS: [&[&str]; 10] = [
    &["pNummer", "p-nummer", "pnr"],
    &["cvrNummer", "cvr-nummer", "cvr"],
    &["navn"],
    &["status", "sammensatStatus"],
    &["vejnavn"],
    &["husnr", "husnummer"],
    &["etage"],
    &["doer", "dør", "sidedoer"],
    &["postnr", "postnummer"],
    &["bynavn", "postdistrikt", "postnrnavn"],
];
/// The first so many must be there.
const MUST: usize = 4;

/// Reads records of one extract.
#[derive(Debug)]
pub struct CvrReader(Option<Places<10>>);

impl CvrReader {
    /// For an extract of a form, which may lack the columns of a CSV that `without` names.
    ///
    /// # Errors
    /// [`ExtractError::Header`] and [`ExtractError::Without`].
    pub fn new(form: &ExtractForm, without: &[String]) -> Result<Self, ExtractError> {
        Places::of(form, &FIELDS, MUST, without).map(Self)
    }

    /// The production unit of a record.
    ///
    /// # Errors
    /// Why the record can't be used.
    pub fn read(&self, bytes: &[u8]) -> Result<ProductionUnit, String> {
        match &self.0 {
            Some(places) => places.read(bytes, |get| unit(get)),
            None => {
                let line: Line = serde_json::from_slice(bytes).map_err(|error| json(&error))?;
                let values = line.fields();
                if values[0].is_empty() {
                    return Err("no pNummer".to_owned());
                }
                unit(&|field| values[field].as_str())
            }
        }
    }
}

/// A unit of its fields, in the order of [`FIELDS`].
fn unit<'a>(get: &dyn Fn(usize) -> &'a str) -> Result<ProductionUnit, String> {
    let (p_nummer, cvr, status, vej_navn, post_nummer) = (get(0), get(1), get(3), get(4), get(8));
    let p_nummer = PNummer::parse(&zeros(p_nummer, 10))
        .map_err(|_| format!("pNummer {p_nummer:?} is not ten digits"))?;
    let cvr = match cvr {
        "" => None,
        cvr => Some(
            Cvr::parse(&zeros(cvr, 8))
                .map_err(|_| format!("cvrNummer {cvr:?} is not eight digits"))?,
        ),
    };
    if status.is_empty() {
        return Err(format!("{p_nummer} has no status"));
    }
    let adresse = (!vej_navn.is_empty() && !post_nummer.is_empty()).then(|| UnitAddress {
        vej_navn: vej_navn.to_owned(),
        hus_nummer: house(get(5)),
        etage: some(get(6)),
        doer: some(get(7)),
        post_nummer: zeros(post_nummer, 4),
        by_navn: some(get(9)),
    });
    Ok(ProductionUnit {
        p_nummer,
        cvr,
        name: get(2).to_owned(),
        status: status.to_owned(),
        adresse,
    })
}

/// Digits that a spreadsheet or a JSON number has taken the leading zeros from.
fn zeros(text: &str, width: usize) -> String {
    if text.is_empty() {
        return String::new();
    }
    format!("{text:0>width$}")
}

/// A text that is there.
fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// A house number as it is written elsewhere, or as it is.
fn house(text: &str) -> String {
    HouseNumber::parse(text).map_or_else(|| text.to_owned(), |house| house.to_string())
}

/// A number or a text, as extracts have both.
#[derive(Deserialize, Default)]
#[serde(untagged)]
pub(super) enum Scalar {
    #[default]
    Missing,
    Number(u64),
    Word(String),
}

impl Scalar {
    pub(super) fn text(self) -> String {
        match self {
            Self::Missing => String::new(),
            Self::Number(number) => number.to_string(),
            Self::Word(text) if text.trim().len() == text.len() => text,
            Self::Word(text) => text.trim().to_owned(),
        }
    }

    /// Its text, or that of another where it is missing.
    pub(super) fn or(self, other: Self) -> String {
        match self {
            Self::Missing => other.text(),
            there => there.text(),
        }
    }
}

/// Three shells at most: the line, Elasticsearch's `_source`, the unit's own name.
#[derive(Deserialize)]
struct Line {
    #[serde(rename = "_source")]
    source: Option<Shell>,
    #[serde(flatten)]
    shell: Shell,
}

#[derive(Deserialize)]
struct Shell {
    #[serde(
        rename = "VrproduktionsEnhed",
        alias = "Vrproduktionsenhed",
        alias = "vrproduktionsEnhed"
    )]
    inner: Option<Enhed>,
    #[serde(flatten)]
    enhed: Enhed,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Enhed {
    p_nummer: Scalar,
    produktions_enhed_metadata: Option<Metadata>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Metadata {
    sammensat_status: Scalar,
    nyeste_navn: Option<Name>,
    nyeste_cvr_nummer_relation: Scalar,
    nyeste_beliggenhedsadresse: Option<Beliggenhed>,
}

/// A name as CVR has it, with its period, or a plain text.
#[derive(Deserialize)]
#[serde(untagged)]
enum Name {
    Plain(String),
    Dated {
        #[serde(rename = "navn", default)]
        name: Scalar,
    },
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Beliggenhed {
    vejnavn: Scalar,
    husnummer_fra: Scalar,
    bogstav_fra: Scalar,
    etage: Scalar,
    sidedoer: Scalar,
    postnummer: Scalar,
    postdistrikt: Scalar,
}

impl Line {
    /// The fields in the order of [`FIELDS`].
    fn fields(self) -> [String; 10] {
        let shell = self.source.unwrap_or(self.shell);
        let enhed = shell.inner.unwrap_or(shell.enhed);
        let meta = enhed.produktions_enhed_metadata.unwrap_or_default();
        let at = meta.nyeste_beliggenhedsadresse.unwrap_or_default();
        let name = match meta.nyeste_navn {
            None => Scalar::Missing,
            Some(Name::Plain(name)) => Scalar::Word(name),
            Some(Name::Dated { name }) => name,
        };
        [
            enhed.p_nummer.text(),
            meta.nyeste_cvr_nummer_relation.text(),
            name.text(),
            meta.sammensat_status.text(),
            at.vejnavn.text(),
            at.husnummer_fra.text() + &at.bogstav_fra.text(),
            at.etage.text(),
            at.sidedoer.text(),
            at.postnummer.text(),
            at.postdistrikt.text(),
        ]
    }
}

/// What is wrong with a piece of JSON. Of the place only the column counts, for the line is the extract's.
pub(super) fn json(error: &serde_json::Error) -> String {
    let full = error.to_string();
    let what = full.split(" at line ").next().unwrap_or(&full);
    format!("not a record in JSON: {what} at column {}", error.column())
}
