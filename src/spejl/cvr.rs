//! What the mirror of CVR is asked and answers.

use std::fmt;

use super::{Result, Stand};
use crate::register::{Cvr, PNummer};

/// The status that CVR's `sammensatStatus` has for a unit in operation; compared without regard to case.
const AKTIV: &str = "aktiv";

/// A production unit as CVR has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Penhed {
    /// Its number.
    pub p_nummer: PNummer,
    /// The company that it belongs to, the latest; some that have ceased have none.
    pub cvr: Option<Cvr>,
    /// Its latest name.
    pub navn: String,
    /// `sammensatStatus` in CVR's words: `Aktiv`, `Ophørt`, …
    pub status: String,
    /// Where it lies, the latest; some have none.
    pub adresse: Option<PAdresse>,
}

impl Penhed {
    /// Whether it is in operation.
    pub fn er_aktiv(&self) -> bool {
        self.status.to_lowercase() == AKTIV
    }
}

/// An address in CVR. Not judged by DAR there before about 2017, so it may be one that DAR does not know.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PAdresse {
    /// Road name.
    pub vej_navn: String,
    /// House number with its letter in upper case.
    pub hus_nummer: String,
    /// Floor.
    pub etage: Option<String>,
    /// Door.
    pub doer: Option<String>,
    /// Postal code, four digits.
    pub post_nummer: String,
    /// Postal district.
    pub by_navn: Option<String>,
}

impl fmt::Display for PAdresse {
    /// `Skovvejen 12A, 1. th, 8000 Aarhus C`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        super::dar::skriv(
            f,
            (&self.vej_navn, &self.hus_nummer),
            (self.etage.as_deref(), self.doer.as_deref()),
            (&self.post_nummer, self.by_navn.as_deref()),
        )
    }
}

/// The mirror of CVR's production units.
pub trait CvrSpejl: Send + Sync + fmt::Debug {
    /// The unit of a P-number; `None` when CVR has none. A few microseconds; reads a local file.
    fn penhed(&self, p_nummer: PNummer) -> Result<Option<Penhed>>;

    /// How it was loaded.
    fn stand(&self) -> &Stand;
}
