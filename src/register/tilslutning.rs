//! Tilslutning (kontrakt §8): systems that call on behalf of others, and the agreements that let them. Who may do what
//! with them is decided in `import::authorise`; nothing here knows the clock.

use std::fmt;

use super::{Cvr, Dato, Institutionsnummer, Kommunekode, PNummer, Tidspunkt, UgyldigtNummer};

/// Ids that the register gives: a prefix and a number from 1 up.
macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u32);

        impl $name {
            /// Reads what [`fmt::Display`] writes.
            pub fn parse(text: &str) -> Result<Self, UgyldigtNummer> {
                text.strip_prefix(concat!($prefix, "-"))
                    .filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()))
                    .and_then(|digits| digits.parse().ok())
                    .filter(|&number| number > 0)
                    .map(Self)
                    .ok_or(UgyldigtNummer(concat!("id of the form ", $prefix, "-1")))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "-{}"), self.0)
            }
        }
    };
}
pub(super) use id;

id!(
    /// A system's id: `SYS-1`.
    SystemId, "SYS"
);
id!(
    /// An agreement's id: `AFT-1`.
    AftaleId, "AFT"
);

/// A system (udbydersystem): what a certificate acts as when it is bound to one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct System {
    /// Its id.
    pub id: SystemId,
    /// Its name.
    pub navn: String,
    /// The organisation that owns it; its certificates name that CVR number.
    pub ejer: Cvr,
    /// Stable identities of its certificates, as OCES gives them.
    pub certifikater: Vec<String>,
    /// When it was registered.
    pub oprettet: Tidspunkt,
    /// When it was closed; a closed system has no rights.
    pub lukket: Option<Tidspunkt>,
}

/// The service that an agreement is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tjeneste {
    /// Writing.
    Import,
    /// Reading.
    Eksport,
}

/// Who gave an agreement (principal).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// A kommune, for what it supervises.
    Kommune(Kommunekode),
    /// A private owner, for what is its own.
    Ejer(Cvr),
}

/// What of its principal's an agreement covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Omfang {
    /// Everything.
    Alle,
    /// Units with these P-numbers, and their alternative addresses.
    PNumre(Vec<PNummer>),
    /// These records and everything under them.
    Institutioner(Vec<Institutionsnummer>),
}

impl Tjeneste {
    /// The word that the command line and the database use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Import => "import",
            Self::Eksport => "eksport",
        }
    }

    /// Reads the word for it.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Import, Self::Eksport]
            .into_iter()
            .find(|service| service.as_str() == text)
    }

    /// The service's name in exports.
    pub const fn navn(self) -> &'static str {
        match self {
            Self::Import => "ImportService",
            Self::Eksport => "EksportService",
        }
    }
}

impl Omfang {
    /// The word for the kind of scope, as in exports.
    pub const fn art(&self) -> &'static str {
        match self {
            Self::Alle => "alle",
            Self::PNumre(_) => "pNumre",
            Self::Institutioner(_) => "institutionsnumre",
        }
    }

    /// The numbers it names, as text.
    pub fn numre(&self) -> Vec<&str> {
        match self {
            Self::Alle => Vec::new(),
            Self::PNumre(list) => list.iter().map(PNummer::as_str).collect(),
            Self::Institutioner(list) => list.iter().map(Institutionsnummer::as_str).collect(),
        }
    }
}

/// An agreement (aftale): a principal lets a system act for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Aftale {
    /// Its id.
    pub id: AftaleId,
    /// The system that may act.
    pub system: SystemId,
    /// Who lets it.
    pub part: Part,
    /// For which service.
    pub tjeneste: Tjeneste,
    /// How much of the principal's.
    pub omfang: Omfang,
    /// The first Danish day on which it holds.
    pub fra: Dato,
    /// The last one; none: until it is closed.
    pub til: Option<Dato>,
    /// It may overlap with another system's right to write in the same institution.
    pub overlap: bool,
    /// When it was registered.
    pub oprettet: Tidspunkt,
    /// When it was ended before its time, and why.
    pub lukket: Option<(Tidspunkt, String)>,
    /// The agreement that it took over from.
    pub afloeser: Option<AftaleId>,
}

impl Aftale {
    /// Whether it holds on a Danish day.
    pub fn gaelder(&self, day: Dato) -> bool {
        self.lukket.is_none() && self.fra <= day && self.til.is_none_or(|last| day <= last)
    }

    /// Whether there may be a day on which both hold.
    pub fn moedes(&self, anden: &Self) -> bool {
        let ends_before = |a: &Self, b: &Self| a.til.is_some_and(|last| last < b.fra);
        self.lukket.is_none()
            && anden.lukket.is_none()
            && !ends_before(self, anden)
            && !ends_before(anden, self)
    }
}

/// Where a record stands, as far as rights depend on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sted {
    /// The kommune that supervises it.
    pub kommune: Kommunekode,
    /// Its daginstitution is privately owned (ejerform 3).
    pub privat: bool,
    /// Its own number, if it has one yet, and those of the records above it.
    pub numre: Vec<Institutionsnummer>,
    /// The P-number of its unit; a daginstitution has none.
    pub p_nummer: Option<PNummer>,
    /// Whose it is, where that is proven: by a mirror of CVR or an agreement, never by what was sent. Of a
    /// daginstitution: whose all its open units are.
    pub ejer: Option<Cvr>,
}

impl Sted {
    /// That of a daginstitution which the register does not have yet.
    pub const fn ny(kommune: Kommunekode, privat: bool) -> Self {
        Self {
            kommune,
            privat,
            numre: Vec::new(),
            p_nummer: None,
            ejer: None,
        }
    }
}

impl Aftale {
    /// Whether it covers a record in its place. Time is not looked at.
    pub fn daekker(&self, sted: &Sted) -> bool {
        let principals = match self.part {
            Part::Kommune(kommune) => kommune == sted.kommune,
            Part::Ejer(cvr) => {
                sted.privat && (sted.ejer == Some(cvr) || self.omfang != Omfang::Alle)
            }
        };
        principals
            && match &self.omfang {
                Omfang::Alle => true,
                Omfang::PNumre(list) => sted.p_nummer.is_some_and(|number| list.contains(&number)),
                Omfang::Institutioner(list) => sted.numre.iter().any(|n| list.contains(n)),
            }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn aftale(part: Part, omfang: Omfang) -> Aftale {
        Aftale {
            id: AftaleId(1),
            system: SystemId(1),
            part,
            tjeneste: Tjeneste::Import,
            omfang,
            fra: Dato::parse("2026-03-01").unwrap(),
            til: Dato::parse("2026-03-31").ok(),
            overlap: false,
            oprettet: Tidspunkt::from_millis(0),
            lukket: None,
            afloeser: None,
        }
    }

    fn nummer(text: &str) -> Institutionsnummer {
        Institutionsnummer::parse(text).unwrap()
    }

    #[test]
    fn ids_are_read_as_they_are_written() {
        assert_eq!(SystemId::parse("SYS-12"), Ok(SystemId(12)));
        assert_eq!(SystemId(12).to_string(), "SYS-12");
        assert_eq!(AftaleId::parse("AFT-1"), Ok(AftaleId(1)));
        for wrong in [
            "SYS-0",
            "SYS-",
            "SYS-+1",
            "AFT-1",
            "12",
            "sys-1",
            "SYS-4294967296",
        ] {
            assert!(SystemId::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn words_are_read_as_they_are_written() {
        for service in [Tjeneste::Import, Tjeneste::Eksport] {
            assert_eq!(Tjeneste::parse(service.as_str()), Some(service));
        }
        assert_eq!(Tjeneste::parse("begge"), None);
        assert_eq!(Tjeneste::Eksport.navn(), "EksportService");
        assert_eq!(Tjeneste::Import.navn(), "ImportService");
        let numbers = Omfang::Institutioner(vec![nummer("G12345")]);
        assert_eq!(
            (numbers.art(), numbers.numre()),
            ("institutionsnumre", vec!["G12345"])
        );
        let p = Omfang::PNumre(vec![PNummer::parse("1000000001").unwrap()]);
        assert_eq!((p.art(), p.numre()), ("pNumre", vec!["1000000001"]));
        assert_eq!((Omfang::Alle.art(), Omfang::Alle.numre()), ("alle", vec![]));
    }

    #[test]
    fn an_agreement_holds_from_its_first_day_to_its_last() {
        let aftale = aftale(Part::Kommune(Kommunekode(751)), Omfang::Alle);
        for (day, holds) in [
            ("2026-02-28", false),
            ("2026-03-01", true),
            ("2026-03-31", true),
            ("2026-04-01", false),
        ] {
            assert_eq!(aftale.gaelder(Dato::parse(day).unwrap()), holds, "{day}");
        }
        let day = Dato::parse("2026-03-15").unwrap();
        let open = Aftale {
            til: None,
            ..aftale.clone()
        };
        assert!(open.gaelder(Dato::parse("2126-01-01").unwrap()));
        let closed = Aftale {
            lukket: Some((Tidspunkt::from_millis(1), "x".into())),
            ..aftale
        };
        assert!(!closed.gaelder(day));
    }

    #[test]
    fn agreements_meet_where_a_day_is_in_both() {
        let march = aftale(Part::Kommune(Kommunekode(751)), Omfang::Alle);
        let from = |fra: &str, til: Option<&str>| Aftale {
            fra: Dato::parse(fra).unwrap(),
            til: til.map(|til| Dato::parse(til).unwrap()),
            ..march.clone()
        };
        for (fra, til, meet) in [
            ("2026-03-31", None, true),
            ("2026-04-01", None, false),
            ("2026-01-01", Some("2026-02-28"), false),
            ("2026-01-01", Some("2026-03-01"), true),
            ("2026-01-01", None, true),
        ] {
            let other = from(fra, til);
            assert_eq!(march.moedes(&other), meet, "{fra} {til:?}");
            assert_eq!(other.moedes(&march), meet, "{fra} {til:?}");
        }
        let closed = Aftale {
            lukket: Some((Tidspunkt::from_millis(1), "x".into())),
            ..march.clone()
        };
        assert!(!march.moedes(&closed) && !closed.moedes(&march));
    }

    #[test]
    fn scope_is_the_principals_and_what_it_names() {
        let (kommune, ejer) = (Kommunekode(751), Cvr::parse("55133018").unwrap());
        let p = PNummer::parse("1000000001").unwrap();
        let sted = Sted {
            kommune,
            privat: false,
            numre: vec![nummer("G00002"), nummer("G00001")],
            p_nummer: Some(p),
            ejer: None,
        };
        let private = Sted {
            privat: true,
            ..sted.clone()
        };
        let owned = Sted {
            ejer: Some(ejer),
            ..private.clone()
        };
        let of = Part::Kommune(kommune);
        let other = Part::Kommune(Kommunekode(101));
        let numbers = |n: &str| Omfang::Institutioner(vec![nummer(n)]);
        let p_numbers = Omfang::PNumre(vec![p]);
        let none = Omfang::PNumre(vec![PNummer::parse("1000000002").unwrap()]);
        for (part, omfang, sted, covers) in [
            (of, Omfang::Alle, &sted, true),
            (other, Omfang::Alle, &sted, false),
            (of, numbers("G00001"), &sted, true),
            (of, numbers("G00002"), &sted, true),
            (of, numbers("G00003"), &sted, false),
            (other, numbers("G00001"), &sted, false),
            (of, p_numbers.clone(), &sted, true),
            (of, none.clone(), &sted, false),
            (Part::Ejer(ejer), Omfang::Alle, &private, false),
            (Part::Ejer(ejer), Omfang::Alle, &owned, true),
            (Part::Ejer(ejer), p_numbers.clone(), &private, true),
            (Part::Ejer(ejer), p_numbers, &sted, false),
            (Part::Ejer(ejer), none, &owned, false),
            (Part::Ejer(ejer), numbers("G00001"), &private, true),
        ] {
            assert_eq!(
                aftale(part, omfang.clone()).daekker(sted),
                covers,
                "{part:?} {omfang:?} {sted:?}"
            );
        }
        let top = Sted {
            p_nummer: None,
            ..sted
        };
        assert!(!aftale(of, Omfang::PNumre(vec![p])).daekker(&top));
    }
}
