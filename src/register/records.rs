//! The three kinds of record and their life (kontrakt §6). Values here are already of the right shape.

use std::sync::Arc;

use super::{Cvr, Dato, Institutionsnummer, Kommunekode, PNummer, Tidspunkt};

/// The level of a record in the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Niveau {
    /// The top.
    Daginstitution,
    /// Under a daginstitution.
    Anvisningsenhed,
    /// Under an anvisningsenhed.
    AlternativAdresse,
}

impl Niveau {
    /// All levels, parents first.
    pub const ALL: [Self; 3] = [
        Self::Daginstitution,
        Self::Anvisningsenhed,
        Self::AlternativAdresse,
    ];

    /// The name of the record's element in messages and documents.
    pub const fn element(self) -> &'static str {
        match self {
            Self::Daginstitution => "daginstitution",
            Self::Anvisningsenhed => "anvisningsenhed",
            Self::AlternativAdresse => "alternativadresse",
        }
    }

    /// The level that a record of this one stands under.
    pub const fn parent(self) -> Option<Self> {
        match self {
            Self::Daginstitution => None,
            Self::Anvisningsenhed => Some(Self::Daginstitution),
            Self::AlternativAdresse => Some(Self::Anvisningsenhed),
        }
    }

    /// The level of the element name, as [`Niveau::element`] gives it.
    pub fn from_element(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.element() == name)
    }
}

/// An address. Texts are token-collapsed and NFC; coordinates are decimal numbers with a point, as sent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Adresse {
    /// Road name.
    pub vej_navn: String,
    /// Road code, four digits.
    pub vej_kode: Option<String>,
    /// House number with an upper-case letter.
    pub hus_nummer: String,
    /// Floor.
    pub etage: Option<String>,
    /// Door.
    pub doer: Option<String>,
    /// Postal code, four digits.
    pub post_nummer: String,
    /// Postal district.
    pub by_navn: Option<String>,
    /// Supplementary town name.
    pub supplerende_bynavn: Option<String>,
    /// Kommune where the address lies; may differ from the administrative one.
    pub kommune_kode: Option<Kommunekode>,
    /// Identifier in the address register, lower-case UUID.
    pub dawa_id: Option<String>,
    /// Latitude, WGS84.
    pub geo_bredde: Option<String>,
    /// Longitude, WGS84.
    pub geo_laengde: Option<String>,
}

impl Adresse {
    /// As it stands on a letter, in one line: `Bøgeskrænten 4B, st. tv, Skåde, 8270 Højbjerg`.
    pub fn line(&self) -> String {
        let mut line = format!("{} {}", self.vej_navn, self.hus_nummer);
        if self.etage.is_some() || self.doer.is_some() {
            line.push(',');
        }
        if let Some(etage) = &self.etage {
            line += &format!(" {etage}.");
        }
        if let Some(doer) = &self.doer {
            line += &format!(" {doer}");
        }
        if let Some(town) = &self.supplerende_bynavn {
            line += &format!(", {town}");
        }
        line += &format!(", {}", self.post_nummer);
        if let Some(district) = &self.by_navn {
            line += &format!(" {district}");
        }
        line
    }
}

/// The fields of a daginstitution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Daginstitution {
    /// Name.
    pub navn: String,
    /// Ownership, a code of the table `ejerform`.
    pub ejerform: i32,
    /// Legal basis, a code of the table `lovgrundlag`.
    pub lovgrundlag: i32,
    /// The supervising kommune.
    pub adm_kommune: Kommunekode,
    /// When the latest change takes legal effect; informational.
    pub gyldig_fra: Option<Dato>,
}

/// The fields of an anvisningsenhed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anvisningsenhed {
    /// The daginstitution that it belongs to.
    pub daginstitution: Institutionsnummer,
    /// Name.
    pub navn: String,
    /// Address.
    pub adresse: Adresse,
    /// Type, a code of the table `instType3`.
    pub inst_type: i32,
    /// E-mail.
    pub email: Option<String>,
    /// Telephone.
    pub telefon: Option<String>,
    /// Owner of the P-number.
    pub cvr: Option<Cvr>,
    /// P-number; absent only where a first load found none.
    pub p_nummer: Option<PNummer>,
    /// When the latest change takes legal effect; informational.
    pub gyldig_fra: Option<Dato>,
}

/// The fields of an alternativ adresse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlternativAdresse {
    /// The anvisningsenhed that it belongs to.
    pub enhed: Institutionsnummer,
    /// Name.
    pub navn: String,
    /// Address.
    pub adresse: Adresse,
    /// E-mail.
    pub email: Option<String>,
    /// Telephone.
    pub telefon: Option<String>,
    /// Owner of the P-number.
    pub cvr: Option<Cvr>,
    /// P-number.
    pub p_nummer: Option<PNummer>,
    /// When the latest change takes legal effect; informational.
    pub gyldig_fra: Option<Dato>,
}

/// What a record says, by level.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// A daginstitution.
    Daginstitution(Daginstitution),
    /// An anvisningsenhed.
    Anvisningsenhed(Anvisningsenhed),
    /// An alternativ adresse.
    AlternativAdresse(AlternativAdresse),
}

impl Content {
    /// The level.
    pub const fn niveau(&self) -> Niveau {
        match self {
            Self::Daginstitution(_) => Niveau::Daginstitution,
            Self::Anvisningsenhed(_) => Niveau::Anvisningsenhed,
            Self::AlternativAdresse(_) => Niveau::AlternativAdresse,
        }
    }

    /// The record's name.
    pub fn navn(&self) -> &str {
        match self {
            Self::Daginstitution(record) => &record.navn,
            Self::Anvisningsenhed(record) => &record.navn,
            Self::AlternativAdresse(record) => &record.navn,
        }
    }

    /// The number of the record above; none for a daginstitution.
    pub const fn parent(&self) -> Option<Institutionsnummer> {
        match self {
            Self::Daginstitution(_) => None,
            Self::Anvisningsenhed(record) => Some(record.daginstitution),
            Self::AlternativAdresse(record) => Some(record.enhed),
        }
    }

    /// Puts the record under another one; nothing for a daginstitution.
    pub fn set_parent(&mut self, number: Institutionsnummer) {
        match self {
            Self::Daginstitution(_) => {}
            Self::Anvisningsenhed(record) => record.daginstitution = number,
            Self::AlternativAdresse(record) => record.enhed = number,
        }
    }

    /// The address, which a daginstitution has none of.
    pub const fn adresse(&self) -> Option<&Adresse> {
        match self {
            Self::Daginstitution(_) => None,
            Self::Anvisningsenhed(record) => Some(&record.adresse),
            Self::AlternativAdresse(record) => Some(&record.adresse),
        }
    }

    /// The P-number, where there is one.
    pub const fn p_nummer(&self) -> Option<PNummer> {
        match self {
            Self::Daginstitution(_) => None,
            Self::Anvisningsenhed(record) => record.p_nummer,
            Self::AlternativAdresse(record) => record.p_nummer,
        }
    }

    /// The CVR-number, where there is one.
    pub const fn cvr(&self) -> Option<Cvr> {
        match self {
            Self::Daginstitution(_) => None,
            Self::Anvisningsenhed(record) => record.cvr,
            Self::AlternativAdresse(record) => record.cvr,
        }
    }

    /// When the latest change takes legal effect.
    pub const fn gyldig_fra(&self) -> Option<Dato> {
        match self {
            Self::Daginstitution(record) => record.gyldig_fra,
            Self::Anvisningsenhed(record) => record.gyldig_fra,
            Self::AlternativAdresse(record) => record.gyldig_fra,
        }
    }
}

super::words! {
    /// Why a record was closed (kontrakt §4, Delete in v2).
    pub enum Lukkeaarsag {
        /// It ceased.
        Ophoert = "ophoert",
        /// It was merged into another.
        Sammenlagt = "sammenlagt",
        /// It was split.
        Opdelt = "opdelt",
        /// It goes on under its school's number (landsbyordning).
        BrugerSkolensNummer = "brugerSkolensNummer",
    }
}

/// What the register itself keeps of a record: version, times, closing and lineage.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Life {
    /// 1 at insert, one more for each change.
    pub version: u32,
    /// When it was inserted.
    pub oprettet: Tidspunkt,
    /// When this version was written.
    pub senest_opdateret: Tidspunkt,
    /// When it was closed; a closed record never changes again.
    pub nedlagt: Option<Tidspunkt>,
    /// Why it was closed.
    pub lukkeaarsag: Option<Lukkeaarsag>,
    /// The school's number that it goes on under (landsbyordning).
    pub skolens_nummer: Option<Institutionsnummer>,
    /// The numbers that it succeeds.
    pub afloeser: Vec<Institutionsnummer>,
    /// The numbers that succeed it.
    pub afloest_af: Vec<Institutionsnummer>,
}

/// A record as it stands in the register at some version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its number.
    pub nummer: Institutionsnummer,
    /// What it says. Versions that only differ in their life share it.
    pub content: Arc<Content>,
    /// What the register keeps of it.
    pub life: Life,
}

impl Record {
    /// A record before its first version.
    pub fn unborn(
        nummer: Institutionsnummer,
        content: Arc<Content>,
        afloeser: Vec<Institutionsnummer>,
    ) -> Self {
        let life = Life {
            afloeser,
            ..Life::default()
        };
        Self {
            nummer,
            content,
            life,
        }
    }

    /// The level.
    pub fn niveau(&self) -> Niveau {
        self.content.niveau()
    }

    /// Whether it is open.
    pub const fn is_active(&self) -> bool {
        self.life.nedlagt.is_none()
    }
}
