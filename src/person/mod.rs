//! Persons: who somebody is, how that one signs in, and what that one may do (kontrakt §8).
//!
//! A [`Person`] is the inner interface. Each [`Way`] of signing in fills it, and everything behind it knows nothing of the
//! way: OpenID Connect, a certificate that is handed over, and the demonstration's own list. OIOSAML will be one more.
//!
//! | module | what it holds |
//! | --- | --- |
//! | `privilege`, `bpp` | privileges as a login tells them: groups with a scope, from XML or from JSON |
//! | `rights`, `deciding` | what a person's privileges come to in the register as it stands; over whose agreements they decide |
//! | `correcting` | for whom a person corrects |
//! | `signin` | signing in and out, step by step: what the pages call |
//! | `oidc`, `handover`, `demo` | the three ways |
//! | `session`, `waiting`, `cookie`, `query`, `secret` | who has signed in, who is about to; what browsers keep and send |
//! | `pseudonym` | what a person is called in the audit chain |
//!
//! Rights come from privileges alone. A CVR number or a P-number that a login tells only describes the person.

pub mod bpp;
pub mod cookie;
mod correcting;
mod deciding;
pub mod demo;
mod handover;
mod oidc;
pub mod privilege;
pub mod pseudonym;
pub mod query;
pub mod rights;
mod secret;
pub mod session;
pub mod signin;
mod waiting;

use crate::register::{Cvr, PNummer, words};

pub use crate::register::Privilege;
pub use demo::DemoLogin;
pub use privilege::{Held, PrivilegeNames, Privileges, Scope};
pub use query::{LocalPath, Parameters};
pub use rights::{Grant, PersonRights, Reach, Unit, rights};
pub use session::Session;
pub use signin::{Redirect, Refused, SignIn, SignInError, SignInPage};

words! {
    /// A way of signing in. OIOSAML 3 (NemLog-in) will be another, which fills a [`Person`] from an assertion.
    pub enum Way {
        /// OpenID Connect, at the provider that the configuration names.
        OpenId = "oidc",
        /// A certificate of a listed administrator, shown on the service listener.
        Certificate = "certifikat",
        /// The demonstration's own list of made-up persons.
        Demonstration = "demo",
    }
}

/// How sure it is that a person is the right one: the levels of NSIS, lowest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Assurance {
    /// Low.
    Low,
    /// Substantial.
    Substantial,
    /// High.
    High,
}

impl Assurance {
    /// Reads a level as providers tell it: its name, alone or at the end of an address.
    pub fn parse(text: &str) -> Option<Self> {
        let name = text.rsplit(['/', ':']).next().unwrap_or_default();
        match name.to_ascii_lowercase().as_str() {
            "low" | "lav" => Some(Self::Low),
            "substantial" | "betydelig" => Some(Self::Substantial),
            "high" | "hoej" => Some(Self::High),
            _ => None,
        }
    }
}

/// Which person of all: unique and lasting.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Subject {
    /// The way that the person signed in by, as its word.
    pub way: &'static str,
    /// Who vouches for the person: the provider's issuer, or the CVR number of the certificate's organisation.
    pub issuer: String,
    /// What the issuer calls the person.
    pub id: String,
}

/// A person who has signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Which one.
    pub subject: Subject,
    /// The way that the person signed in by.
    pub way: Way,
    /// The organisation that the person belongs to.
    pub cvr: Cvr,
    /// The place of it that the person is attached to. It describes, and limits nothing.
    pub p_nummer: Option<PNummer>,
    /// The name, for the person's own eyes; never in the audit chain.
    pub navn: String,
    /// How sure the login is; none where the way tells no level.
    pub level: Option<Assurance>,
    /// The privileges, as they were told at sign-in. For a certificate the register's list counts, which may have changed.
    pub held: Vec<Held>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_read_as_providers_tell_them() {
        for (text, level) in [
            ("Substantial", Some(Assurance::Substantial)),
            (
                "https://data.gov.dk/concept/core/nsis/High",
                Some(Assurance::High),
            ),
            (
                "https://data.gov.dk/concept/core/nsis/loa/Low",
                Some(Assurance::Low),
            ),
            ("urn:x:loa:substantial", Some(Assurance::Substantial)),
            ("3", None),
            ("", None),
            ("SubstantialHigh", None),
        ] {
            assert_eq!(Assurance::parse(text), level, "{text}");
        }
        assert!(
            Assurance::Low < Assurance::Substantial && Assurance::Substantial < Assurance::High
        );
    }
}
