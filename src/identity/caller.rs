//! Who calls. A [`Caller`] is built only from a verified certificate and a registered organisation.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::problem::{Entry, Problem, http};
use crate::register::{Cvr, System, Tidspunkt};
use crate::server::exchange::PeerChain;
use crate::store::{Organisation, Store, StoreError, StoreExt};

use super::{Certificate, OcesError};

/// How long before its end a certificate's expiry is announced, in milliseconds: 60 days.
const EXPIRY_NOTICE: i64 = 60 * 24 * 3600 * 1000;
/// The most certificates whose reading is remembered.
const REMEMBERED: usize = 1024;

/// An identified caller.
#[derive(Debug, Clone)]
pub struct Caller {
    /// What its certificate says.
    pub certificate: Arc<Certificate>,
    /// The organisation that the certificate's CVR-number names.
    pub organisation: Organisation,
    /// The system that the certificate is bound to; none: it acts as its organisation.
    pub system: Option<System>,
}

impl Caller {
    /// When its certificate expires, if that is so soon that it must be told.
    pub fn expires_soon(&self, now: Tidspunkt) -> Option<Tidspunkt> {
        let end = Tidspunkt::from_millis(
            self.certificate
                .not_after
                .unix_timestamp()
                .saturating_mul(1000),
        );
        (end < now.plus_millis(EXPIRY_NOTICE)).then_some(end)
    }

    /// The key under which its answers are stored: the calling system, or its organisation (decisions §4).
    pub fn answer_key(&self) -> String {
        match &self.system {
            Some(system) => system.id.to_string(),
            None => self.organisation.cvr.to_string(),
        }
    }

    /// For the audit: the certificate's stable identity, and the system that it acts as.
    pub fn identitet(&self) -> String {
        match &self.system {
            Some(system) => format!("{} {}", self.certificate.identity, system.id),
            None => self.certificate.identity.to_string(),
        }
    }
}

/// Why a caller is not let in.
#[derive(Debug)]
pub enum Refused {
    /// What the caller is told.
    Problem(Box<Problem>),
    /// The store failed.
    Store(StoreError),
}

/// Makes callers of certificates; remembers what it has read, for a connection sends the same one with every call.
#[derive(Debug, Default)]
pub struct Identify {
    read: Mutex<HashMap<Vec<u8>, Arc<Certificate>>>,
}

impl Identify {
    /// The caller behind a verified chain (leaf first).
    pub fn caller(&self, chain: &PeerChain, store: &dyn Store) -> Result<Caller, Refused> {
        let refuse = |problem| Err(Refused::Problem(Box::new(problem)));
        let Some(leaf) = chain.first() else {
            return refuse(Problem::new(&http::CERTIFIKAT_UDEN_CVR));
        };
        let certificate = match self.certificate(leaf) {
            Ok(certificate) => certificate,
            Err(error) => return refuse(problem(&error)),
        };
        let cvr = certificate.cvr;
        let identity = certificate.identity.to_string();
        let (organisation, system) = store
            .read(|view| Ok((view.organisation(cvr)?, view.system_med(&identity)?)))
            .map_err(Refused::Store)?;
        if let Some(system) = &system
            && let Some(entry) = unusable(system, cvr)
        {
            return refuse(
                Problem::new(entry)
                    .with("system", system.id)
                    .with("cvr", cvr),
            );
        }
        match organisation {
            None => refuse(Problem::new(&http::ORGANISATION_UKENDT).with("cvr", cvr)),
            Some(organisation) if organisation.lukket.is_some() => {
                refuse(Problem::new(&http::ORGANISATION_LUKKET).with("cvr", cvr))
            }
            Some(organisation) => Ok(Caller {
                certificate,
                organisation,
                system,
            }),
        }
    }

    fn certificate(&self, leaf: &[u8]) -> Result<Arc<Certificate>, OcesError> {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = read.get(leaf) {
            return Ok(Arc::clone(known));
        }
        let certificate = Arc::new(Certificate::read(leaf)?);
        if read.len() == REMEMBERED {
            read.clear();
        }
        read.insert(leaf.to_vec(), Arc::clone(&certificate));
        Ok(certificate)
    }
}

/// Why a certificate can't act as the system that it is bound to.
fn unusable(system: &System, cvr: Cvr) -> Option<&'static Entry> {
    if system.lukket.is_some() {
        Some(&http::SYSTEM_LUKKET)
    } else if system.ejer != cvr {
        Some(&http::SYSTEM_ANDEN_EJER)
    } else {
        None
    }
}

/// What the caller is told of a certificate that names no organisation.
fn problem(error: &OcesError) -> Problem {
    match error {
        OcesError::NoCvr | OcesError::OtherRegister { .. } | OcesError::NotACertificate => {
            Problem::new(&http::CERTIFIKAT_UDEN_CVR)
        }
        OcesError::PersonCertificate => Problem::new(&http::CERTIFIKAT_PERSON),
        OcesError::Disagree | OcesError::Duplicate { .. } => Problem::new(&http::CERTIFIKAT_UENIGT),
        OcesError::NoIdentity => {
            Problem::new(&http::CERTIFIKAT_FORM).with("attribut", "serialNumber")
        }
        OcesError::Malformed { attribute } | OcesError::Encoding { attribute } => {
            Problem::new(&http::CERTIFIKAT_FORM).with("attribut", attribute)
        }
    }
}
