//! Findings: what the monthly run finds wrong with what stands in the register (kontrakt §7). A finding changes nothing;
//! the kommune and the operator can fetch it until it is resolved.

use super::{Institutionsnummer, Kommunekode, Tidspunkt};

/// What a finding is and says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NytFund {
    /// The code of the catalogue, `DTR52nn`.
    pub kode: String,
    /// The record; none for a finding about the kommune as such.
    pub nummer: Option<Institutionsnummer>,
    /// The supervising kommune.
    pub kommune: Kommunekode,
    /// What is wrong, in Danish.
    pub besked_da: String,
    /// The same in English.
    pub besked_en: String,
    /// What to do, in Danish.
    pub hjaelp_da: String,
    /// The same in English.
    pub hjaelp_en: String,
}

/// A finding as it is kept. Code, record and kommune name it: found again while open it is the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fund {
    /// What it says, by the last run that saw it.
    pub fund: NytFund,
    /// The run that saw it first.
    pub foerst_set: Tidspunkt,
    /// The run that saw it last.
    pub sidst_set: Tidspunkt,
    /// The first run that saw it no more.
    pub loest: Option<Tidspunkt>,
}

/// What a run came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kontrol {
    /// When it began.
    pub begyndt: Tidspunkt,
    /// The open records that were looked at.
    pub records: u64,
    /// Findings seen for the first time.
    pub nye: u64,
    /// Findings that are open after it.
    pub aabne: u64,
    /// Findings that it saw no more.
    pub loeste: u64,
}
