//! The mirrors of CVR and DAR in the domain's own terms (kontrakt §7): what is asked, what is answered, and the handle
//! through which everybody asks. Here are no SQL, no files and no rules: `store::sqlite::spejl` holds the mirrors,
//! `udtraek` reads the extracts that they are loaded from, `import::spejl` says what an answer means for a write.
//!
//! | word | meaning |
//! | --- | --- |
//! | spejl | a local copy of an extract of a public register, replaced as a whole |
//! | P-enhed | a production unit of CVR: one place of one company, named by its P-nummer |
//! | adgangsadresse, adresse | a house number on a street; and a door behind it, named by a `dawaId` |
//! | vejstykke | a street within one kommune, one postal district and one supplementary town |

mod celle;
mod cvr;
mod dar;
pub mod noegle;
pub mod udtraek;

use std::sync::Arc;

use crate::register::Tidspunkt;

pub use celle::SpejlCelle;
pub use cvr::{CvrSpejl, PAdresse, Penhed};
pub use dar::{DarAdresse, DarOpslag, DarSpejl, DarStatus, DarSvar, Dele, MOST_FORSLAG};

/// Which mirror.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Slags {
    /// Production units, by P-number.
    Cvr,
    /// Addresses.
    Dar,
}

impl Slags {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Cvr, Self::Dar];

    /// Its name on the command line, in figures and in `dtr status`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cvr => "cvr",
            Self::Dar => "dar",
        }
    }

    /// The name of its file, beside the register's.
    pub const fn file_name(self) -> &'static str {
        match self {
            Self::Cvr => "cvr.db",
            Self::Dar => "dar.db",
        }
    }
}

/// A mirror cannot be read: its file is damaged, or the disk fails.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the mirror {} cannot be read: {why}", .slags.as_str())]
pub struct SpejlFejl {
    /// Which.
    pub slags: Slags,
    /// Why, for the operator.
    pub why: String,
}

/// What a look-up comes to.
pub type Result<T> = std::result::Result<T, SpejlFejl>;

/// How a mirror was loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stand {
    /// When its loading was done.
    pub indlaest: Tidspunkt,
    /// The name of the extract's file, without its folder.
    pub kilde: String,
    /// Rows that it holds.
    pub raekker: u64,
    /// Rows of the extract that were rejected.
    pub afviste: u64,
}

/// The mirrors as they are at one moment. Cheap to clone; whoever works for long keeps one, and sees the same mirrors all
/// the way. A mirror that is not loaded is `None`: then nothing is known, and callers say that they did not check.
#[derive(Debug, Clone, Default)]
pub struct Spejle {
    /// Production units.
    pub cvr: Option<Arc<dyn CvrSpejl>>,
    /// Addresses.
    pub dar: Option<Arc<dyn DarSpejl>>,
}

impl Spejle {
    /// How a mirror was loaded, if it is.
    pub fn stand(&self, slags: Slags) -> Option<&Stand> {
        match slags {
            Slags::Cvr => self.cvr.as_deref().map(CvrSpejl::stand),
            Slags::Dar => self.dar.as_deref().map(DarSpejl::stand),
        }
    }
}
