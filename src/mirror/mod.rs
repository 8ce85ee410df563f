//! The mirrors of CVR and DAR in the domain's own terms (kontrakt §7): what is asked, what is answered, and the handle
//! through which everybody asks. Here are no SQL, no files and no rules: `store::sqlite::mirror` holds the mirrors,
//! `extract` reads the extracts that they are loaded from, `import::mirrors` says what an answer means for a write.
//!
//! | word | meaning |
//! | --- | --- |
//! | spejl | a local copy of an extract of a public register, replaced as a whole |
//! | P-enhed | a production unit of CVR: one place of one company, named by its P-nummer |
//! | adgangsadresse, adresse | a house number on a street; and a door behind it, named by a `dawaId` |
//! | vejstykke | a street within one kommune, one postal district and one supplementary town |

mod cell;
mod cvr;
mod dar;
pub mod extract;
pub mod key;

use std::sync::Arc;

use crate::register::Tidspunkt;

pub use cell::MirrorCell;
pub use cvr::{CvrMirror, ProductionUnit, UnitAddress};
pub use dar::{
    AddressParts, DarAddress, DarAnswer, DarMirror, DarQuery, DarStatus, MOST_SUGGESTIONS,
};

/// Which mirror.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MirrorKind {
    /// Production units, by P-number.
    Cvr,
    /// Addresses.
    Dar,
}

impl MirrorKind {
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
#[error("the mirror {} cannot be read: {why}", .kind.as_str())]
pub struct MirrorError {
    /// Which.
    pub kind: MirrorKind,
    /// Why, for the operator.
    pub why: String,
}

/// What a look-up comes to.
pub type Result<T> = std::result::Result<T, MirrorError>;

/// How a mirror was loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MirrorState {
    /// When its loading was done.
    pub loaded: Tidspunkt,
    /// The name of the extract's file, without its folder.
    pub source: String,
    /// Rows that it holds.
    pub rows: u64,
    /// Rows of the extract that were rejected.
    pub rejected: u64,
}

/// The mirrors as they are at one moment. Cheap to clone; whoever works for long keeps one, and sees the same mirrors all
/// the way. A mirror that is not loaded is `None`: then nothing is known, and callers say that they did not check.
#[derive(Debug, Clone, Default)]
pub struct Mirrors {
    /// Production units.
    pub cvr: Option<Arc<dyn CvrMirror>>,
    /// Addresses.
    pub dar: Option<Arc<dyn DarMirror>>,
}

impl Mirrors {
    /// How a mirror was loaded, if it is.
    pub fn state(&self, kind: MirrorKind) -> Option<&MirrorState> {
        match kind {
            MirrorKind::Cvr => self.cvr.as_deref().map(CvrMirror::state),
            MirrorKind::Dar => self.dar.as_deref().map(DarMirror::state),
        }
    }
}
