//! The way of a call behind the HTTP layer: identify → read envelope → validate → authorise → decide → commit → answer.
//!
//! This module only takes a call from one station to the next; each station has its own.

use std::sync::Arc;

use hyper::body::Bytes;
use uuid::Uuid;

use crate::audit::Udfald;
use crate::clock::Clock;
use crate::contract::Contract;
use crate::export::{Document, DocumentError, Export};
use crate::identity::{Caller, Identify, Refused};
use crate::import::{Answered, AuditedCall, Import, audit_entry};
use crate::problem::{self, Place, Problem, http, intern, soap as soap_problems};
use crate::register::{Kodetabeller, Tidspunkt};
use crate::server::exchange::{Answer, Backend, DocumentCall, SoapCall, SoapVersion, Trace};
use crate::soap::{self, Failure, Incoming, Kind, Operation, Rejected, Reply, Request};
use crate::store::{OrgArt, Outcome, Store, StoreError, StoreExt};
use crate::xml;

/// A message up to this size, in bytes, is read on the thread that received it; a larger one is handed to another, so
/// that it never holds up the connections of others.
const READ_INLINE: usize = 64 * 1024;
/// After how many seconds a caller that met a full queue should try again.
const RETRY_AFTER: u32 = 1;

/// Everything behind the HTTP layer.
#[derive(Debug)]
pub struct Gateway<S> {
    /// The register.
    pub store: Arc<S>,
    /// WSDLs and compiled schemas.
    pub contract: Contract,
    /// The code tables.
    pub tables: Arc<Kodetabeller>,
    /// Limits of XML.
    pub limits: xml::Limits,
    /// The clock.
    pub clock: Clock,
    identify: Identify,
}

/// What came of reading a call: an answer, or what still has to be done elsewhere.
enum Next {
    Answer(Box<Answer>),
    Write(Box<Import>),
    Read(Box<Reading>),
}

/// An operation that reads the register, or needs it to refuse a write whole.
enum Reading {
    Export { call: SoapCall, caller: Caller, request: Request },
    Hello { call: SoapCall, request: Request },
    Invalid(Box<Import>),
}

impl<S: Store> Gateway<S> {
    /// A gateway over a store.
    pub fn new(store: Arc<S>, contract: Contract, tables: Kodetabeller, limits: xml::Limits, clock: Clock) -> Self {
        Self { store, contract, tables: Arc::new(tables), limits, clock, identify: Identify::default() }
    }
}
