//! A record of the extract of CVR: `VrproduktionsEnhed` as JSON, or a line of a plain CSV.

use std::borrow::Cow;

use serde::Deserialize;

use super::{Columns, ExtractError, ExtractForm, split};
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
pub struct CvrReader {
    csv: Option<(u8, [Option<usize>; 10])>,
}

impl CvrReader {
    /// For an extract of a form, which may lack the columns of a CSV that `uden` names.
    ///
    /// # Errors
    /// [`ExtractError::Header`] and [`ExtractError::Without`].
    pub fn new(form: &ExtractForm, without: &[String]) -> Result<Self, ExtractError> {
        let csv = match form {
            ExtractForm::Csv(columns) => Some(find(columns, &FIELDS, MUST, without)?),
            ExtractForm::Lines | ExtractForm::List => None,
        };
        Ok(Self { csv })
    }

    /// The production unit of a record.
    ///
    /// # Errors
    /// Why the record can't be used.
    pub fn read(&self, bytes: &[u8]) -> Result<ProductionUnit, String> {
        match &self.csv {
            Some((separator, at)) => from_csv(&fields(bytes, *separator)?, at),
            None => from_json(bytes),
        }
    }
}

/// Where the fields stand in a header. Of the columns after the first `must` those may lack that `uden` names: a mirror
/// without doors, for one, judges by less, and nobody would see that a column had another name.
pub(super) fn find<const N: usize>(
    columns: &Columns,
    names: &[&[&'static str]; N],
    must: usize,
    without: &[String],
) -> Result<(u8, [Option<usize>; N]), ExtractError> {
    let known = |name: &String| names[must..].iter().any(|names| same(names, name));
    if let Some(unknown) = without.iter().find(|name| !known(name)) {
        return Err(ExtractError::NoSuchColumn {
            name: unknown.clone(),
            possible: list(names[must..].iter().map(|names| names[0])),
        });
    }
    let at = names.map(|names| columns.find(names));
    let missing = |fields: std::ops::Range<usize>| {
        let missing = fields.filter(|&field| at[field].is_none());
        missing.map(|field| &names[field]).collect::<Vec<_>>()
    };
    let present = || columns.names().join(", ").chars().take(200).collect();
    let needed = missing(0..must);
    if !needed.is_empty() {
        return Err(ExtractError::Header {
            missing: list(needed.iter().map(|names| names[0])),
            present: present(),
        });
    }
    let mut wanted = missing(must..N);
    wanted.retain(|names| !without.iter().any(|name| same(names, name)));
    if !wanted.is_empty() {
        return Err(ExtractError::Without {
            missing: wanted.iter().map(|names| names[0]).collect(),
            present: present(),
        });
    }
    Ok((columns.separator(), at))
}

fn same(names: &[&str], name: &str) -> bool {
    let name = name.trim().to_lowercase();
    names.iter().any(|own| own.to_lowercase() == name)
}

fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.collect::<Vec<_>>().join(", ")
}

/// The fields of a line.
pub(super) fn fields(bytes: &[u8], separator: u8) -> Result<Vec<Cow<'_, str>>, String> {
    let line = std::str::from_utf8(bytes).map_err(|_| "not UTF-8".to_owned())?;
    split(line, separator).ok_or_else(|| "quotes are not closed".to_owned())
}

fn from_csv(fields: &[Cow<'_, str>], at: &[Option<usize>; 10]) -> Result<ProductionUnit, String> {
    let get = |field: usize| {
        at[field]
            .and_then(|at| fields.get(at))
            .map_or("", |f| f.trim())
    };
    let (vej_navn, hus_nummer, post_nummer) = (get(4), get(5), get(8));
    let adresse = (!vej_navn.is_empty() && !post_nummer.is_empty()).then(|| UnitAddress {
        vej_navn: vej_navn.to_owned(),
        hus_nummer: house(hus_nummer),
        etage: some(get(6)),
        doer: some(get(7)),
        post_nummer: zeros(post_nummer, 4),
        by_navn: some(get(9)),
    });
    unit(get(0), get(1), get(2), get(3), adresse)
}

fn unit(
    p_nummer: &str,
    cvr: &str,
    name: &str,
    status: &str,
    adresse: Option<UnitAddress>,
) -> Result<ProductionUnit, String> {
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
    Ok(ProductionUnit {
        p_nummer,
        cvr,
        name: name.to_owned(),
        status: status.to_owned(),
        adresse,
    })
}

/// Digits that a spreadsheet or a JSON number has taken the leading zeros from.
pub(super) fn zeros(text: &str, width: usize) -> String {
    if text.is_empty() {
        return String::new();
    }
    format!("{text:0>width$}")
}

/// A text that is there.
pub(super) fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// A house number as it is written elsewhere, or as it is.
fn house(text: &str) -> String {
    HouseNumber::parse(text).map_or_else(|| text.to_owned(), |house| house.to_string())
}

/// A number or a text, as extracts have both.
#[derive(Deserialize, Default)]
#[serde(untagged)]
pub(super) enum Scalar<'a> {
    #[default]
    Missing,
    Number(u64),
    #[serde(borrow)]
    Word(Cow<'a, str>),
}

impl Scalar<'_> {
    pub(super) fn text(&self) -> String {
        match self {
            Self::Missing => String::new(),
            Self::Number(number) => number.to_string(),
            Self::Word(text) => text.trim().to_owned(),
        }
    }
}

/// Three shells at most: the line, Elasticsearch's `_source`, the unit's own name.
#[derive(Deserialize)]
struct Line<'a> {
    #[serde(rename = "_source", borrow)]
    source: Option<Shell<'a>>,
    #[serde(flatten, borrow)]
    shell: Shell<'a>,
}

#[derive(Deserialize)]
struct Shell<'a> {
    #[serde(
        rename = "VrproduktionsEnhed",
        alias = "Vrproduktionsenhed",
        alias = "vrproduktionsEnhed",
        borrow
    )]
    inner: Option<Enhed<'a>>,
    #[serde(flatten, borrow)]
    enhed: Enhed<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Enhed<'a> {
    #[serde(default, borrow)]
    p_nummer: Option<Scalar<'a>>,
    #[serde(default, borrow)]
    produktions_enhed_metadata: Option<Metadata<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Metadata<'a> {
    #[serde(borrow)]
    sammensat_status: Option<Scalar<'a>>,
    #[serde(borrow)]
    nyeste_navn: Option<Name<'a>>,
    #[serde(borrow)]
    nyeste_cvr_nummer_relation: Option<Scalar<'a>>,
    #[serde(borrow)]
    nyeste_beliggenhedsadresse: Option<Beliggenhed<'a>>,
}

/// A name as CVR has it, with its period, or a plain text.
#[derive(Deserialize)]
#[serde(untagged)]
enum Name<'a> {
    Plain(#[serde(borrow)] Cow<'a, str>),
    Dated {
        #[serde(rename = "navn", default, borrow)]
        name: Option<Scalar<'a>>,
    },
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Beliggenhed<'a> {
    #[serde(borrow)]
    vejnavn: Option<Scalar<'a>>,
    #[serde(borrow)]
    husnummer_fra: Option<Scalar<'a>>,
    #[serde(borrow)]
    bogstav_fra: Option<Scalar<'a>>,
    #[serde(borrow)]
    etage: Option<Scalar<'a>>,
    #[serde(borrow)]
    sidedoer: Option<Scalar<'a>>,
    #[serde(borrow)]
    postnummer: Option<Scalar<'a>>,
    #[serde(borrow)]
    postdistrikt: Option<Scalar<'a>>,
}

pub(super) fn text(field: Option<&Scalar<'_>>) -> String {
    field.map(Scalar::text).unwrap_or_default()
}

fn from_json(bytes: &[u8]) -> Result<ProductionUnit, String> {
    let line: Line<'_> = serde_json::from_slice(bytes).map_err(|error| json(&error))?;
    let shell = line.source.unwrap_or(line.shell);
    let enhed = shell.inner.unwrap_or(shell.enhed);
    let number = text(enhed.p_nummer.as_ref());
    if number.is_empty() {
        return Err("no pNummer".to_owned());
    }
    let meta = enhed.produktions_enhed_metadata.unwrap_or_default();
    let name = match &meta.nyeste_navn {
        None => String::new(),
        Some(Name::Plain(name)) => name.trim().to_owned(),
        Some(Name::Dated { name }) => text(name.as_ref()),
    };
    let place = meta.nyeste_beliggenhedsadresse.map(place);
    unit(
        &number,
        &text(meta.nyeste_cvr_nummer_relation.as_ref()),
        &name,
        &text(meta.sammensat_status.as_ref()),
        place.flatten(),
    )
}

fn place(at: Beliggenhed<'_>) -> Option<UnitAddress> {
    let number = format!(
        "{}{}",
        text(at.husnummer_fra.as_ref()),
        text(at.bogstav_fra.as_ref())
    );
    let (vej_navn, post) = (text(at.vejnavn.as_ref()), text(at.postnummer.as_ref()));
    (!vej_navn.is_empty() && !post.is_empty()).then(|| UnitAddress {
        vej_navn,
        hus_nummer: house(&number),
        etage: some(&text(at.etage.as_ref())),
        doer: some(&text(at.sidedoer.as_ref())),
        post_nummer: zeros(&post, 4),
        by_navn: some(&text(at.postdistrikt.as_ref())),
    })
}

/// What is wrong with a piece of JSON. Of the place only the column counts, for the line is the extract's.
pub(super) fn json(error: &serde_json::Error) -> String {
    let full = error.to_string();
    let what = full.split(" at line ").next().unwrap_or(&full);
    format!("not a record in JSON: {what} at column {}", error.column())
}
