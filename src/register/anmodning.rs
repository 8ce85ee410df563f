//! Requests for agreements (anmodninger, kontrakt §8): a system asks, who is asked decides. What somebody wrote beside, and
//! who a person is, stands apart from the request: it is forgotten, and the request is not.

use std::fmt;

use super::tilslutning::id;
use super::{Aftale, AftaleId, Cvr, Dato, Omfang, Part, SystemId, Tidspunkt, Tjeneste};
use super::{UgyldigtNummer, words};

id!(
    /// A request's id: `ANM-1`.
    AnmodningId, "ANM"
);

/// A person who acted, by a keyed hash: 64 lower-case hexadecimal digits. Who that is stands in a table that is forgotten.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pseudonym(Box<str>);

impl Pseudonym {
    /// Reads what [`Pseudonym::as_str`] gives.
    pub fn parse(text: &str) -> Option<Self> {
        let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        (text.len() == 64 && text.bytes().all(is_digit)).then(|| Self(text.into()))
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Pseudonym {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Who a pseudonym is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The hash.
    pub pseudonym: Pseudonym,
    /// The name, as who vouched for the person gave it.
    pub navn: String,
    /// For which organisation the person acts.
    pub cvr: Cvr,
}

/// Who settled a request, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Afgjort {
    /// When.
    pub tidspunkt: Tidspunkt,
    /// The organisation; none for the register's own machine.
    pub cvr: Option<Cvr>,
    /// The person, where one acted.
    pub person: Option<Pseudonym>,
}

/// Where a request stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RequestState {
    /// Nobody has answered.
    Venter,
    /// It became this agreement, whose end is its own.
    Godkendt(Afgjort, AftaleId),
    /// It was refused.
    Afvist(Afgjort),
    /// Who asked took it back.
    Trukket(Afgjort),
}

words! {
    /// The word for where a request stands.
    pub enum Standing {
        /// Nobody has answered.
        Venter = "VENTER",
        /// It became an agreement.
        Godkendt = "GODKENDT",
        /// It was refused.
        Afvist = "AFVIST",
        /// Who asked took it back.
        Trukket = "TRUKKET",
    }
}

impl RequestState {
    /// Its word.
    pub const fn standing(&self) -> Standing {
        match self {
            Self::Venter => Standing::Venter,
            Self::Godkendt(..) => Standing::Godkendt,
            Self::Afvist(_) => Standing::Afvist,
            Self::Trukket(_) => Standing::Trukket,
        }
    }

    /// Who settled it.
    pub const fn afgjort(&self) -> Option<&Afgjort> {
        match self {
            Self::Venter => None,
            Self::Godkendt(af, _) | Self::Afvist(af) | Self::Trukket(af) => Some(af),
        }
    }

    /// The agreement that it became.
    pub const fn aftale(&self) -> Option<AftaleId> {
        match self {
            Self::Godkendt(_, aftale) => Some(*aftale),
            Self::Venter | Self::Afvist(_) | Self::Trukket(_) => None,
        }
    }
}

/// A request (anmodning): a system asks to be let act for a principal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anmodning {
    /// Its id.
    pub id: AnmodningId,
    /// The system that asks.
    pub system: SystemId,
    /// Who is asked.
    pub part: Part,
    /// For which service.
    pub tjeneste: Tjeneste,
    /// How much of the principal's.
    pub omfang: Omfang,
    /// The first Danish day that is asked for.
    pub fra: Dato,
    /// The last one; none: until it is ended.
    pub til: Option<Dato>,
    /// When it was made.
    pub oprettet: Tidspunkt,
    /// Where it stands.
    pub state: RequestState,
}

impl Anmodning {
    /// The agreement that it becomes when it is approved on a day, at a moment.
    pub fn som_aftale(&self, dag: Dato, nu: Tidspunkt) -> Aftale {
        Aftale {
            id: AftaleId(0),
            system: self.system,
            part: self.part,
            tjeneste: self.tjeneste,
            omfang: self.omfang.clone(),
            // What has passed can't be agreed to any more.
            fra: self.fra.max(dag),
            til: self.til,
            overlap: false,
            oprettet: nu,
            lukket: None,
            afloeser: None,
        }
    }
}

/// What a comment is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Om {
    /// A request.
    Anmodning(AnmodningId),
    /// The end of an agreement.
    Aftale(AftaleId),
}

/// What somebody wrote beside an act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kommentar {
    /// What about.
    pub om: Om,
    /// When.
    pub tidspunkt: Tidspunkt,
    /// The organisation that wrote it; none for the register's own machine.
    pub cvr: Option<Cvr>,
    /// The person, where one wrote.
    pub person: Option<Pseudonym>,
    /// The words.
    pub tekst: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pseudonym_is_a_hash_in_digits() {
        let digits = "0123456789abcdef".repeat(4);
        assert_eq!(Pseudonym::parse(&digits).unwrap().to_string(), digits);
        for bad in [
            "",
            "0",
            &digits.to_uppercase(),
            &digits[1..],
            &"g".repeat(64),
        ] {
            assert_eq!(Pseudonym::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn what_is_settled_says_who_settled_it() {
        let af = Afgjort {
            tidspunkt: Tidspunkt::from_millis(1),
            cvr: None,
            person: None,
        };
        for (state, word, settled, aftale) in [
            (RequestState::Venter, "VENTER", false, None),
            (
                RequestState::Godkendt(af.clone(), AftaleId(7)),
                "GODKENDT",
                true,
                Some(AftaleId(7)),
            ),
            (RequestState::Afvist(af.clone()), "AFVIST", true, None),
            (RequestState::Trukket(af), "TRUKKET", true, None),
        ] {
            assert_eq!(state.standing().as_str(), word);
            assert_eq!(state.afgjort().is_some(), settled);
            assert_eq!(state.aftale(), aftale);
        }
    }

    #[test]
    fn an_agreement_begins_no_sooner_than_it_is_approved() {
        let day = |text| Dato::parse(text).unwrap();
        let asked = Anmodning {
            id: AnmodningId(1),
            system: SystemId(1),
            part: Part::Ejer(Cvr::parse("55133018").unwrap()),
            tjeneste: Tjeneste::Eksport,
            omfang: Omfang::Alle,
            fra: day("2026-03-01"),
            til: None,
            oprettet: Tidspunkt::from_millis(0),
            state: RequestState::Venter,
        };
        for (on, begins) in [("2026-02-01", "2026-03-01"), ("2026-04-01", "2026-04-01")] {
            let aftale = asked.som_aftale(day(on), Tidspunkt::from_millis(5));
            assert_eq!(aftale.fra, day(begins));
            assert_eq!((aftale.overlap, aftale.lukket), (false, None));
        }
    }
}
