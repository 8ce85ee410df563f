//! What the mirror of DAR is asked and answers.

use std::fmt;

use uuid::Uuid;

use super::{MirrorState, Result};
use crate::register::Kommunekode;

/// The most suggestions that are given for an address that is not found.
pub const MOST_SUGGESTIONS: usize = 3;

/// An address by its parts, as somebody wrote them: case, white space and ways to write saints do not matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AddressParts<'a> {
    /// Road name; may end with the house number, when that is the same.
    pub vej_navn: &'a str,
    /// House number, `100A` or `100a`.
    pub hus_nummer: &'a str,
    /// Floor: `st`, `1`, `kl`, …; none asks for the house.
    pub etage: Option<&'a str>,
    /// Door: `th`, `tv`, `12`, …
    pub doer: Option<&'a str>,
    /// Postal code, four digits.
    pub post_nummer: &'a str,
    /// Chooses among streets of the same name in a postal district.
    pub vej_kode: Option<&'a str>,
    /// Chooses likewise.
    pub kommune_kode: Option<Kommunekode>,
    /// Chooses likewise.
    pub supplerende_bynavn: Option<&'a str>,
    /// Chooses likewise, and among the doors of a house.
    pub dawa_id: Option<Uuid>,
}

impl fmt::Display for AddressParts<'_> {
    /// `Skovvejen 12A, 1. th, 8000`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write(
            f,
            (self.vej_navn, self.hus_nummer),
            (self.etage, self.doer),
            (self.post_nummer, None),
        )
    }
}

/// What is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DarQuery<'a> {
    /// The address of this identifier.
    Id(Uuid),
    /// The address of these parts.
    Parts(AddressParts<'a>),
}

/// DAR's status of an address (fakta §1.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DarStatus {
    /// 1, in force.
    Current = 1,
    /// 2, taken down.
    Closed,
    /// 3, in force until it is built.
    Preliminary,
    /// 4, given up before it came into force.
    Shelved,
}

impl DarStatus {
    /// By its number.
    pub fn from_number(number: i64) -> Option<Self> {
        let all = [
            Self::Current,
            Self::Closed,
            Self::Preliminary,
            Self::Shelved,
        ];
        all.into_iter().find(|status| status.number() == number)
    }

    /// Its number.
    pub const fn number(self) -> i64 {
        self as i64
    }

    /// Its name in DAR's words.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Current => "gældende",
            Self::Closed => "nedlagt",
            Self::Preliminary => "foreløbig",
            Self::Shelved => "henlagt",
        }
    }

    /// Whether an address of this status is valid.
    pub const fn is_valid(self) -> bool {
        matches!(self, Self::Current | Self::Preliminary)
    }
}

/// An address as DAR has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DarAddress {
    /// Its identifier (`dawaId`); none when a house with several doors was asked for without naming one.
    pub id: Option<Uuid>,
    /// Status.
    pub status: DarStatus,
    /// Road name.
    pub vej_navn: String,
    /// Road code, four digits.
    pub vej_kode: String,
    /// House number with its letter in upper case.
    pub hus_nummer: String,
    /// Floor.
    pub etage: Option<String>,
    /// Door.
    pub doer: Option<String>,
    /// Supplementary town name.
    pub supplerende_bynavn: Option<String>,
    /// Postal code, four digits.
    pub post_nummer: String,
    /// Postal district.
    pub by_navn: String,
    /// Kommune where it lies.
    pub kommune_kode: Kommunekode,
    /// Latitude, WGS84, decimal with a point.
    pub geo_bredde: Option<String>,
    /// Longitude, WGS84, decimal with a point.
    pub geo_laengde: Option<String>,
}

impl fmt::Display for DarAddress {
    /// `Skovvejen 12A, 1. th, 8000 Aarhus C`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write(
            f,
            (&self.vej_navn, &self.hus_nummer),
            (self.etage.as_deref(), self.doer.as_deref()),
            (&self.post_nummer, Some(&self.by_navn)),
        )
    }
}

/// An address on one line.
pub(super) fn write(
    f: &mut fmt::Formatter<'_>,
    (vej, house): (&str, &str),
    (etage, doer): (Option<&str>, Option<&str>),
    (post, by): (&str, Option<&str>),
) -> fmt::Result {
    write!(f, "{vej} {house}")?;
    match (etage, doer) {
        (Some(etage), Some(doer)) => write!(f, ", {etage}. {doer}")?,
        (Some(etage), None) => write!(f, ", {etage}.")?,
        (None, Some(doer)) => write!(f, ", {doer}")?,
        (None, None) => {}
    }
    write!(f, ", {post}")?;
    by.map_or(Ok(()), |by| write!(f, " {by}"))
}

/// What is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DarAnswer {
    /// A valid address.
    Found(Box<DarAddress>),
    /// DAR has it, but it is taken down or was given up.
    Closed(Box<DarAddress>),
    /// Several streets in the postal district fit, and nothing that was given tells which: two of them.
    Ambiguous(Box<[DarAddress; 2]>),
    /// DAR has no such address. [`DarMirror::suggestions`] looks for what may have been meant.
    Unknown,
}

/// The mirror of DAR's addresses.
pub trait DarMirror: Send + Sync + fmt::Debug {
    /// Looks an address up. Some ten microseconds; reads a local file.
    fn query(&self, query: &DarQuery<'_>) -> Result<DarAnswer>;

    /// What may have been meant by an address that is not found: whole addresses where the house or the door is the
    /// error, else names of streets with the postal district, at most [`MOST_SUGGESTIONS`], the likeliest first. Compares with
    /// every street of the district: up to a millisecond, so not for each record of a large message.
    fn suggestions(&self, parts: &AddressParts<'_>) -> Result<Vec<String>>;

    /// How it was loaded.
    fn state(&self) -> &MirrorState;
}
