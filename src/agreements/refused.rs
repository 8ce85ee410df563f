//! Why a change of an organisation, a system or an agreement is refused. Whoever asked puts it into words.

use crate::register::{
    Administrator, Aftale, AftaleId, Anmodning, AnmodningId, Cvr, Dato, Institutionsnummer,
    Kommunekode, System, SystemId,
};
use crate::store::{Organisation, StoreError};

/// Why a change was not made.
#[derive(Debug)]
pub enum Unchanged<R> {
    /// The rules refuse it.
    Refused(R),
    /// The store failed.
    Store(StoreError),
}

/// What a change comes to.
pub type Changed<T, R> = std::result::Result<T, Unchanged<R>>;

impl<R> From<StoreError> for Unchanged<R> {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl<R> Unchanged<R> {
    /// The same, where the refusal is the reason of another.
    pub(super) fn because<T: From<R>>(self) -> Unchanged<T> {
        match self {
            Self::Refused(why) => Unchanged::Refused(why.into()),
            Self::Store(error) => Unchanged::Store(error),
        }
    }
}

/// Refuses a change.
pub(super) const fn refuse<T, R>(why: R) -> Changed<T, R> {
    Err(Unchanged::Refused(why))
}

/// The most numbers that one agreement names.
pub const MOST_NUMBERS: usize = 1000;

/// Why an agreement is not granted, ended or handed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AgreementRefused {
    /// Its last day has passed.
    Passed(Dato),
    /// Its last day lies before its first.
    Backwards {
        /// The first day.
        first: Dato,
    },
    /// It names too many numbers.
    TooManyNumbers,
    /// It can't be handed over from a day that has passed.
    TooLate(Dato),
    /// The system can't have it.
    System(UnfitSystem),
    /// A kommune is named by its code, not by its CVR number.
    KommuneByCvr(Organisation, Kommunekode),
    /// It names a record that it can't cover.
    Record(Institutionsnummer, UnfitRecord),
    /// Another system writes in the same place.
    Overlaps {
        /// Its agreement.
        other: Box<Aftale>,
        /// The principal or the record that both name.
        place: String,
    },
    /// No agreement has this id.
    Unknown(AftaleId),
    /// The agreement was ended before.
    Ended(Box<Aftale>),
    /// A handing over can't lie behind the agreement's last day.
    EndsBefore(AftaleId, Dato),
    /// The system has the agreement already.
    SameSystem(AftaleId, SystemId),
}

/// Why a request is not made or not settled, or an agreement not ended by who gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RequestRefused {
    /// The agreement that it asks for can't be, or is not there.
    Agreement(AgreementRefused),
    /// There is no such request, or it is not theirs who act: they are told the same of both.
    Unknown(AnmodningId),
    /// It was settled before.
    Settled(Box<Anmodning>),
    /// The system is of the organisation that is to let it act.
    OwnSystem(System),
    /// The system asks for that already.
    Asked(AnmodningId),
    /// The system has that already.
    Agreed(AftaleId),
    /// So many requests of the system wait that it gets no more.
    TooManyWaiting(SystemId),
}

impl From<AgreementRefused> for RequestRefused {
    fn from(why: AgreementRefused) -> Self {
        Self::Agreement(why)
    }
}

/// Why a system can't have an agreement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UnfitSystem {
    /// No system has this id.
    Unknown(SystemId),
    /// It is closed.
    Closed(SystemId),
    /// Its organisation is closed.
    ClosedOwner(System),
    /// The operator writes with a case number, and by no agreement.
    Operators(System),
    /// A consumer writes nothing.
    Consumers(System),
}

/// Why an agreement can't cover a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnfitRecord {
    /// The register does not have it.
    Unknown,
    /// It is closed.
    Closed,
    /// Another kommune supervises it.
    OtherKommune {
        /// The one that does.
        kommune: Kommunekode,
        /// The principal.
        own: Kommunekode,
    },
    /// It is private, and the configuration leaves private records to their owners.
    LeftToOwners,
    /// It is not private, so no owner can let a system act in it.
    NotPrivate,
}

/// Why an organisation stays as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OrganisationRefused {
    /// It is registered and open.
    Open(Organisation),
    /// It is closed already.
    Closed(Organisation),
    /// No organisation has this number.
    Unknown(Cvr),
    /// Its systems have open import agreements, which an organisation of this kind can't use.
    Agreements(Vec<AftaleId>),
}

/// Why an administrator is not listed, or not taken off the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AdministratorRefused {
    /// No organisation has this number.
    UnknownOrganisation(Cvr),
    /// The organisation is closed.
    ClosedOrganisation(Cvr),
    /// The certificate is bound to a system.
    System(String, System),
    /// No privilege is named.
    Nothing,
    /// The operator's privilege is for an operator's organisation.
    NotOperator(Cvr),
    /// The certificate is not on the list.
    NotListed(String),
}

/// Why a system stays as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SystemRefused {
    /// No organisation has this number.
    UnknownOwner(Cvr),
    /// Its owner is closed.
    ClosedOwner(Cvr),
    /// No system has this id.
    Unknown(SystemId),
    /// It is closed already.
    Closed(System),
    /// A certificate that is to be released is not bound to it.
    NotBound(SystemId, String),
    /// A certificate is bound to another system.
    BoundTo(String, System),
    /// A person signs in with a certificate.
    Administrator(Administrator),
}
