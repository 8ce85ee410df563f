//! What the mirror of CVR is asked and answers.

use std::fmt;

use super::{MirrorState, Result};
use crate::register::{Cvr, PNummer};

/// The status that CVR's `sammensatStatus` has for a unit in operation; compared without regard to case.
const ACTIVE: &str = "aktiv";

/// A production unit as CVR has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProductionUnit {
    /// Its number.
    pub p_nummer: PNummer,
    /// The company that it belongs to, the latest; some that have ceased have none.
    pub cvr: Option<Cvr>,
    /// Its latest name.
    pub name: String,
    /// `sammensatStatus` in CVR's words: `Aktiv`, `Ophørt`, …
    pub status: String,
    /// Where it lies, the latest; some have none.
    pub adresse: Option<UnitAddress>,
}

impl ProductionUnit {
    /// Whether it is in operation.
    pub fn is_active(&self) -> bool {
        self.status.to_lowercase() == ACTIVE
    }
}

/// An address in CVR. Not judged by DAR there before about 2017, so it may be one that DAR does not know.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UnitAddress {
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

impl fmt::Display for UnitAddress {
    /// `Skovvejen 12A, 1. th, 8000 Aarhus C`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        super::dar::write(
            f,
            (&self.vej_navn, &self.hus_nummer),
            (self.etage.as_deref(), self.doer.as_deref()),
            (&self.post_nummer, self.by_navn.as_deref()),
        )
    }
}

/// The mirror of CVR's production units.
pub trait CvrMirror: Send + Sync + fmt::Debug {
    /// The unit of a P-number; `None` when CVR has none. A few microseconds; reads a local file.
    fn production_unit(&self, p_nummer: PNummer) -> Result<Option<ProductionUnit>>;

    /// How it was loaded.
    fn state(&self) -> &MirrorState;
}
