//! Administrators (kontrakt §8): who may sign in as a person with a certificate of an organisation that has no other way, and what
//! privileges let persons do.

use super::{Cvr, Tidspunkt, words};

words! {
    /// What a person may do where a right reaches. Each of them includes looking.
    pub enum Privilege {
        /// Look: units, findings, calls and agreements.
        Read = "laes",
        /// Approve, reject and end agreements.
        Agreements = "aftaler",
        /// Correct data.
        Correct = "ret",
        /// Run the register. Counts with the CVR number of an operator's organisation alone.
        Operate = "operatoer",
    }
}

impl PartialOrd for Privilege {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Privilege {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (*self as u8).cmp(&(*other as u8))
    }
}

impl std::hash::Hash for Privilege {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        state.write_u8(*self as u8);
    }
}

/// An administrator of an organisation: a certificate, by its stable identity, that a person signs in with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Administrator {
    /// The certificate's stable identity.
    pub identitet: String,
    /// The organisation, whose CVR number the certificate names.
    pub cvr: Cvr,
    /// What its holder may do there, in the order of [`Privilege::ALL`].
    pub rettigheder: Vec<Privilege>,
    /// When it was listed.
    pub oprettet: Tidspunkt,
    /// When it was taken off the list.
    pub lukket: Option<Tidspunkt>,
}
