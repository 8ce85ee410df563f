//! Who may act for whom: organisations, their systems, the agreements that give systems rights, and the requests for them
//! (kontrakt §8).
//!
//! Each change is one function: it judges by the rules, saves, and writes the audit line, inside the transaction that it
//! is given. The command line, and whatever else administers the register, calls these and holds no rules of its own.
//! Refusals are values; whoever asked puts them into words.

mod administrators;
mod cover;
mod decider;
mod effects;
mod given;
mod grants;
mod notices;
mod organisations;
mod places;
mod problems;
mod refused;
mod requests;
mod rights;
mod systems;
mod usable;

use uuid::Uuid;

use crate::audit::{Entry, Udfald};
use crate::register::{Cvr, Part, Pseudonym, Tidspunkt};

pub use administrators::{list as list_administrator, unlist as unlist_administrator};
pub use cover::covered;
pub use decider::{Covers, Decider, principal_of};
pub use effects::{Effect, MOST_NAMED, Planned, effects};
pub use given::{
    CertificateRefused, KommuneRefused, identity_of, known_kommune, kommune_for, name as given_name,
};
pub use grants::{Rules, end, grant, hand_over};
pub use notices::{
    MOST_NOTICED, Notices, NoticesRefused, Secret, give_notices, notices, take_notices,
};
pub use organisations::{Oddity, close as close_organisation, register as register_organisation};
pub use places::{PRIVAT, Places};
pub use refused::{
    AdministratorRefused, AgreementRefused, Changed, MOST_NUMBERS, OrganisationRefused,
    RequestRefused, SystemRefused, Unchanged, UnfitRecord, UnfitSystem,
};
pub use requests::{
    LONGEST_COMMENT, MOST_WAITING, Ruling, Wish, end_own, note_person, request, requests_of,
    settle, withdraw,
};
pub use rights::{PrivateRules, Rights, rights, today, writes_by_agreement};
pub use systems::{bind, close as close_system, register as register_system};

/// The longest name of an organisation or a system, in characters: as long as a record's.
pub const LONGEST_NAME: usize = 132;
/// The longest case number, in characters (kontrakt §3).
pub const LONGEST_CASE: usize = 40;
/// The longest reason for the end of an agreement, in characters.
pub const LONGEST_REASON: usize = 132;

/// One act of an administrator, which its audit lines tell of.
#[derive(Debug, Clone)]
pub struct Act {
    /// What is done and by which way, such as `cli/aftale add`.
    pub operation: String,
    /// Who does it.
    pub identity: String,
    /// The CVR number of who does it; absent on the console.
    pub cvr: Option<Cvr>,
    /// The person who does it, where one signed in.
    pub person: Option<Pseudonym>,
    /// The operator's case number.
    pub sagsnummer: Option<String>,
    /// Names the act in the audit chain.
    pub id: Uuid,
    /// When.
    pub now: Tidspunkt,
}

impl Act {
    /// The audit line of something that the act stores.
    pub fn line(&self, noter: Vec<String>) -> Entry {
        Entry {
            tidspunkt: self.now,
            operation: self.operation.clone(),
            udfald: Udfald::Gemt,
            cvr: self.cvr,
            identitet: self.identity.clone(),
            person: self.person.clone(),
            korrelations_id: self.id,
            message_id: None,
            sagsnummer: self.sagsnummer.clone(),
            sekvenser: None,
            noter,
            antal: 1,
        }
    }
}

/// A principal as audit lines and refusals name it.
pub fn principal(part: Part) -> String {
    match part {
        Part::Kommune(code) => format!("kommune {code}"),
        Part::Ejer(cvr) => format!("ejer {cvr}"),
    }
}
