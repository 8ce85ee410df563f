//! The pages behind the sign-in, and their paths (`/mit/…`).

use crate::register::Institutionsnummer;

/// The pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Personal {
    /// The units that the person has a right to see.
    Units,
    /// What is not as it should be among them.
    Findings,
    /// The same for spreadsheets.
    FindingsCsv,
    /// Who changed what.
    Changes,
    /// The calls of the person's organisations' systems.
    Calls,
    /// One of them, by its correlation id in `?id=`.
    Call,
    /// Certificates, and when they run out.
    Certificates,
    /// Requests for agreements, and agreements: seen, and answered.
    Agreements,
    /// Files that are planned, shown and carried out.
    Corrections,
    /// The contact data of a record.
    Contact(Institutionsnummer),
    /// The operator's pages.
    Console(Console),
}

/// The operator's pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Console {
    /// Where the register stands.
    Start,
    /// Organisations and their administrators.
    Organisations,
    /// Systems, their certificates, and when each last called.
    Systems,
    /// All agreements and requests.
    Agreements,
    /// Calls of everybody.
    Calls,
}

/// Their paths.
const FIXED: &[(&str, Personal)] = &[
    ("/mit/enheder", Personal::Units),
    ("/mit/fund", Personal::Findings),
    ("/mit/fund.csv", Personal::FindingsCsv),
    ("/mit/aendringer", Personal::Changes),
    ("/mit/kald", Personal::Calls),
    ("/mit/kald/vis", Personal::Call),
    ("/mit/certifikater", Personal::Certificates),
    ("/mit/aftaler", Personal::Agreements),
    ("/mit/ret", Personal::Corrections),
    ("/mit/drift", Personal::Console(Console::Start)),
    (
        "/mit/drift/organisationer",
        Personal::Console(Console::Organisations),
    ),
    ("/mit/drift/systemer", Personal::Console(Console::Systems)),
    ("/mit/drift/aftaler", Personal::Console(Console::Agreements)),
    ("/mit/drift/kald", Personal::Console(Console::Calls)),
];

/// The most bytes of a file that is posted.
pub(super) const UPLOAD: u64 = 10 << 20;

/// The most bytes of a form that chooses among many.
const FORM: u64 = 256 << 10;

impl Personal {
    /// What lies at a path.
    pub(super) fn at(path: &str) -> Option<Self> {
        if let Some((_, page)) = FIXED.iter().find(|(own, _)| *own == path) {
            return Some(*page);
        }
        let name = path.strip_prefix("/mit/ret/")?;
        let number = Institutionsnummer::parse(name).ok()?;
        (number.as_str() == name).then_some(Self::Contact(number))
    }

    /// Its path.
    pub(super) fn path(self) -> String {
        let fixed = FIXED.iter().find(|(_, page)| *page == self);
        match (fixed, self) {
            (Some((path, _)), _) => (*path).to_owned(),
            (None, Self::Contact(number)) => format!("/mit/ret/{number}"),
            (None, _) => "/mit".to_owned(),
        }
    }

    /// How many bytes may be posted to it, if anything.
    pub(super) const fn takes(self) -> Option<u64> {
        match self {
            Self::Agreements | Self::Contact(_) | Self::Console(Console::Agreements) => Some(FORM),
            Self::Console(Console::Organisations | Console::Systems) => Some(FORM),
            Self::Corrections => Some(UPLOAD),
            _ => None,
        }
    }

    /// Whether it is the operator's alone.
    pub const fn is_console(self) -> bool {
        matches!(self, Self::Console(_))
    }
}
