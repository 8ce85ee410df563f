//! Who may write where (kontrakt §8): one pure function from the caller, the operation and the record before and after
//! it to a decision with its reason. `fixtures/authorise/matrix.csv` is its table, and its documentation.
//!
//! [`crate::agreements`] gathers what the decision rests on; nothing here reads anything.

use crate::agreements::{Rights, writes_by_agreement};
use crate::register::{Aftale, Kommunekode, Niveau, Part, Sted, Tjeneste};
use crate::store::OrgKind;

use super::operations::WriteKind;

/// Why a write is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The operator, with a case number.
    Operatoer,
    /// The kommune supervises it.
    EgenKommune,
    /// The private owner owns it.
    EgenEjer,
    /// An agreement covers it.
    Aftale,
}

/// Why a write is not allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Denied {
    /// The organisation or the system is closed.
    Lukket,
    /// This kind of organisation writes nothing at all.
    NotAWriter,
    /// The operator writes with a case number only.
    IngenSag,
    /// A kommune writes in its own dagtilbud only.
    OtherKommune,
    /// The kommune leaves its private dagtilbud to their owners.
    PrivatAfEjer,
    /// An owner changes what is its own; it neither opens nor closes a daginstitution without an agreement.
    IkkeEjer,
    /// Vendors and private owners write by agreement, and there is none.
    NoAgreement,
    /// There was an agreement, or there will be, but not on this day.
    AftaleUdloebet,
    /// It would change the supervising kommune, and not both of them let the caller.
    BeggeKommuner,
}

impl Reason {
    /// The word of the matrix.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Operatoer => "operatoer",
            Self::EgenKommune => "egen-kommune",
            Self::EgenEjer => "egen-ejer",
            Self::Aftale => "aftale",
        }
    }
}

impl Denied {
    /// The word of the matrix.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Lukket => "lukket",
            Self::NotAWriter => "skriver-ikke",
            Self::IngenSag => "ingen-sag",
            Self::OtherKommune => "fremmed-kommune",
            Self::PrivatAfEjer => "privat-af-ejer",
            Self::IkkeEjer => "ikke-ejer",
            Self::NoAgreement => "ingen-aftale",
            Self::AftaleUdloebet => "aftale-udloebet",
            Self::BeggeKommuner => "begge-kommuner",
        }
    }
}

/// Decides. `before` is the record as it stands (none for an insert), `after` as the write would have it (none for a
/// delete, where nothing but its state changes): the caller must have the right to both. Where the two lie in different
/// kommuner, each kommune must be behind it: an owner that moved its dagtilbud alone would take the one's right away and
/// give the other what it did not ask for.
pub fn authorise(
    rights: &Rights,
    kind: WriteKind,
    level: Niveau,
    before: Option<&Sted>,
    after: Option<&Sted>,
) -> Result<Reason, Denied> {
    if rights.organisation.lukket.is_some() || rights.system_closed {
        return Err(Denied::Lukket);
    }
    match rights.organisation.art {
        OrgKind::Operatoer if rights.sagsnummer => return Ok(Reason::Operatoer),
        OrgKind::Operatoer => return Err(Denied::IngenSag),
        OrgKind::Aftager => return Err(Denied::NotAWriter),
        OrgKind::Kommune | OrgKind::PrivatEjer | OrgKind::Leverandoer => {}
    }
    let moved = before.zip(after).filter(|(a, b)| a.kommune != b.kommune);
    let mut reason = Err(Denied::NoAgreement);
    for sted in before.into_iter().chain(after.filter(|_| moved.is_none())) {
        reason = Ok(rights.at(kind, level, sted)?);
    }
    if let Some((before, after)) = moved {
        rights.by_kommune(before).ok_or(Denied::BeggeKommuner)?;
        reason = rights.by_kommune(after).ok_or(Denied::BeggeKommuner);
    }
    reason
}

impl Rights {
    /// Whether an organisation of this kind may write in a kommune at all, as far as can be told before a record is
    /// looked at: for the kommune that a new daginstitution names.
    pub fn in_kommune(&self, kommune: Kommunekode, privat: bool) -> Result<Reason, Denied> {
        let sted = Sted::ny(kommune, privat);
        let (kind, level) = (WriteKind::Insert, Niveau::Daginstitution);
        authorise(self, kind, level, None, Some(&sted))
    }

    /// In whose name a record is written in a place where the caller has the right: whose agreement lets it. None where the
    /// organisation acts in its own name.
    pub fn part(&self, kind: WriteKind, level: Niveau, sted: &Sted) -> Option<Part> {
        let by_agreement = !self.aftaler.is_empty() && writes_by_agreement(self.organisation.art);
        if !by_agreement || self.at(kind, level, sted) != Ok(Reason::Aftale) {
            return None;
        }
        let mut agreements = self.aftaler.iter();
        agreements
            .find(|own| own.gaelder(self.today) && self.writes_by(own, sted))
            .map(|own| own.part)
    }

    /// The right to a record in one place.
    fn at(&self, kind: WriteKind, level: Niveau, sted: &Sted) -> Result<Reason, Denied> {
        let own = match self.organisation.art {
            OrgKind::Kommune => self.as_kommune(sted),
            OrgKind::PrivatEjer => self.as_owner(kind, level, sted),
            _ => Err(Denied::NoAgreement),
        };
        own.or_else(|why| self.by_agreement(sted).unwrap_or(Err(why)))
    }

    fn as_kommune(&self, sted: &Sted) -> Result<Reason, Denied> {
        if self.organisation.kommune != Some(sted.kommune) {
            Err(Denied::OtherKommune)
        } else if sted.privat && !self.privat.by_kommune {
            Err(Denied::PrivatAfEjer)
        } else {
            Ok(Reason::EgenKommune)
        }
    }

    fn as_owner(&self, kind: WriteKind, level: Niveau, sted: &Sted) -> Result<Reason, Denied> {
        let opens_or_closes = matches!(kind, WriteKind::Insert | WriteKind::Delete);
        let own = sted.privat && sted.ejer == Some(self.organisation.cvr);
        if own && self.privat.by_owner && !(level == Niveau::Daginstitution && opens_or_closes) {
            Ok(Reason::EgenEjer)
        } else {
            Err(Denied::IkkeEjer)
        }
    }

    /// The right to a record in one place that comes from its kommune: as that kommune, or by an agreement of it.
    fn by_kommune(&self, sted: &Sted) -> Option<Reason> {
        if self.organisation.art == OrgKind::Kommune && self.as_kommune(sted).is_ok() {
            return Some(Reason::EgenKommune);
        }
        let by = |aftale: &Aftale| {
            aftale.part == Part::Kommune(sted.kommune)
                && self.writes_by(aftale, sted)
                && aftale.gaelder(self.today)
        };
        self.aftaler.iter().any(by).then_some(Reason::Aftale)
    }

    /// Whether an agreement lets the caller write a record in a place, on whatever day.
    fn writes_by(&self, aftale: &Aftale, sted: &Sted) -> bool {
        aftale.tjeneste == Tjeneste::Import
            && aftale.daekker(sted)
            && (self.privat.by_kommune || !sted.privat || matches!(aftale.part, Part::Ejer(_)))
    }

    /// What the agreements that cover a record say of the day; none where there is none.
    fn by_agreement(&self, sted: &Sted) -> Option<Result<Reason, Denied>> {
        let mut covering = self
            .aftaler
            .iter()
            .filter(|own| self.writes_by(own, sted))
            .peekable();
        covering.peek()?;
        let now = covering.any(|own| own.gaelder(self.today));
        Some(if now {
            Ok(Reason::Aftale)
        } else {
            Err(Denied::AftaleUdloebet)
        })
    }
}

#[cfg(test)]
mod tests;
