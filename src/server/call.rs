//! What all listeners share, what is known of a connection, and what names a call.

use std::net::SocketAddr;
use std::sync::Arc;

use hyper::Method;
use tokio::sync::Semaphore;
use uuid::Uuid;

use super::Contract;
use super::answers::Answers;
use super::exchange::{Backend, Listener};
use super::journal::Journal;
use super::known::Known;
use super::pace::Pace;
use super::polls::Polls;
use super::rates::Rates;
use super::readiness::Readiness;
use super::respond::Reply;
use super::share::{Budget, NoRoom};
use super::shutdown::Stopping;
use super::tls::TlsCell;
use crate::calls::CallLog;
use crate::clock::Clock;
use crate::config::{Graenser, Proxy};
use crate::contract::{Service, SoapVersion};
use crate::identity::refusal::Refusals;
use crate::metrics::Metrics;
use crate::mirror::MirrorCell;
use crate::problem::{Entry, Problem, http};
use crate::trace::Tracer;

/// What all listeners and connections share.
pub(crate) struct Shared<B> {
    pub(crate) backend: Arc<B>,
    pub(crate) contract: Contract,
    /// The services that are served, in the order in which callers are told of them.
    pub(crate) services: Vec<&'static Service>,
    /// Where the service listener is reached from outside, without a slash at the end.
    pub(crate) service_url: String,
    pub(crate) clock: Clock,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) refusals: Arc<Refusals>,
    pub(crate) mirrors: Arc<MirrorCell>,
    pub(crate) spor: Option<Tracer>,
    pub(crate) calls: CallLog,
    pub(crate) limits: Graenser,
    pub(crate) budget: Arc<Budget>,
    pub(crate) rates: Arc<Rates>,
    pub(crate) polls: Each<Arc<Polls>>,
    pub(crate) answers: Each<Arc<Answers>>,
    pub(crate) journal: Arc<Journal>,
    pub(crate) proxy: Proxy,
    pub(crate) in_flight: Semaphore,
    pub(crate) certificates: Vec<(Listener, Arc<TlsCell>)>,
    pub(crate) readiness: Readiness,
    pub(crate) stopping: Stopping,
}

/// What the listeners for callers have each for itself, so that none of one takes from those of the other.
#[derive(Debug)]
pub(crate) struct Each<T> {
    pub(crate) service: T,
    pub(crate) public: T,
}

impl<T> Each<T> {
    /// That of a listener; the admin listener has none of its own.
    pub(crate) const fn on(&self, listener: Listener) -> &T {
        match listener {
            Listener::Service => &self.service,
            Listener::Public | Listener::Admin => &self.public,
        }
    }
}

/// What is known of a connection from its beginning.
#[derive(Debug)]
pub(crate) struct Connection {
    /// On which listener.
    pub(crate) listener: Listener,
    /// The other end, or what a trusted proxy told of it.
    pub(crate) from: SocketAddr,
    /// It has one of the places that are kept for asking whether the server lives; nothing else is answered on it.
    pub(crate) spare: bool,
    /// Who calls, on the service listener.
    pub(crate) known: Option<Known>,
    /// Tells the stream what the connection is doing.
    pub(crate) pace: Arc<Pace>,
}

/// A caller that is told to come again shall wait so long, in seconds.
const RETRY_AFTER: u64 = 2;

/// A refusal, with what HTTP adds to its problem.
pub(crate) struct Refusal {
    problem: Problem,
    header: Option<(&'static str, String)>,
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self {
            problem,
            header: None,
        }
    }
}

impl From<NoRoom> for Refusal {
    fn from(none: NoRoom) -> Self {
        let entry = match none {
            NoRoom::All => &http::TRAVLT,
            NoRoom::Own => &http::EGEN_ANDEL,
        };
        Self::until(entry, RETRY_AFTER)
    }
}

impl Refusal {
    /// For so many seconds.
    pub(crate) fn until(entry: &'static Entry, seconds: u64) -> Self {
        Self {
            problem: Problem::new(entry).with("sekunder", seconds),
            header: Some(("Retry-After", seconds.to_string())),
        }
    }

    /// Of a method that a path does not have.
    pub(crate) fn method(method: &Method, path: &str, allowed: &'static str) -> Self {
        let problem = Problem::new(&http::METODE)
            .with("metode", method)
            .with("sti", path)
            .with("tilladte", allowed);
        Self {
            problem,
            header: Some(("Allow", allowed.to_owned())),
        }
    }
}

/// Refuses: with a fault of this version, or off the SOAP paths as a document.
pub(crate) fn refuse<B: Backend>(
    shared: &Shared<B>,
    id: Uuid,
    version: Option<SoapVersion>,
    refusal: impl Into<Refusal>,
) -> Reply {
    let Refusal { problem, header } = refusal.into();
    let mut answer = shared.backend.refuse(version, problem, id);
    answer.headers.extend(header);
    Reply::now(answer)
}
