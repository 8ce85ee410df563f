//! The listeners and the HTTP layer: from a socket to a call for the gateway, and from its answer to a response.
//!
//! What stands behind is known as a [`Backend`] alone; XML, SQL and the register's rules are not known here. A request's
//! way is `accept` (room, handshake) → `stream` (deadlines) → `handle` → `target` (one spelling) →
//! `routes` → `soap` with `media` and `body`, or `documents`, or `health` → the gateway → `respond`.
//!
//! Invariant: nothing of a body is read before the head has been judged, and nothing is kept beyond the limits of
//! [`crate::config::Graenser`]. Invariant: the Host header decides nothing.

mod accept;
mod answers;
mod body;
mod call;
mod documents;
pub mod exchange;
mod framing;
mod handle;
mod health;
mod journal;
mod known;
mod media;
mod origin;
mod pace;
mod polls;
mod posted;
pub mod proxy;
mod rates;
mod readiness;
mod respond;
mod room;
pub mod routes;
mod share;
mod shutdown;
mod soap;
mod stream;
pub mod target;
mod tls;
mod who;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use hyper::body::Bytes;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::calls::CallLog;
use crate::clock::Clock;
use crate::config::{Config, Lyt};
use crate::contract::Service;
use crate::identity::refusal::Refusals;
use crate::metrics::Metrics;
use crate::mirror::MirrorCell;
use crate::trace::Tracer;
use call::{Each, Shared};
use exchange::{Backend, Listener};
use journal::Journal;

pub use shutdown::{Signals, Stopper};
pub use tls::{Held, TlsCell};

/// Gives a file of the contract by its path below the root, such as `wsdl/flat/ImportService-v2.wsdl`: Content-Type and
/// bytes.
pub type Contract = Arc<dyn Fn(&str) -> Option<(&'static str, Bytes)> + Send + Sync>;

/// A listener can't be opened.
#[derive(Debug, thiserror::Error)]
#[error("can't listen on {address} (lyt.{}): {cause}; is another dtr running? choose another address in dtr.toml", .listener.as_str())]
pub struct BindError {
    /// Which.
    pub listener: Listener,
    /// Where.
    pub address: SocketAddr,
    /// From the operating system.
    pub cause: io::Error,
}

/// The listeners' sockets, open but not yet served: their addresses are known before what depends on them is made.
#[derive(Debug)]
pub struct Listeners {
    /// Where the service listener listens.
    pub service: SocketAddr,
    /// Where the public listener listens.
    pub public: SocketAddr,
    /// Where the admin listener listens.
    pub admin: SocketAddr,
    sockets: [(Listener, TcpListener); 3],
}

/// What is served, and with what.
pub struct Parts<B> {
    /// The gateway.
    pub backend: Arc<B>,
    /// The contract's files.
    pub contract: Contract,
    /// The services, in the order in which callers are told of them.
    pub services: Vec<&'static Service>,
    /// The service listener's TLS; its configuration must require a client certificate.
    pub tls: Arc<TlsCell>,
    /// The public listener's TLS; none: plain HTTP.
    pub public_tls: Option<Arc<TlsCell>>,
    /// Tells the time.
    pub clock: Clock,
    /// Where calls are counted.
    pub metrics: Arc<Metrics>,
    /// Whose certificates the handshakes refused.
    pub refusals: Arc<Refusals>,
    /// The mirrors, whose age is told.
    pub mirrors: Arc<MirrorCell>,
    /// Where calls are traced; none: they are not.
    pub spor: Option<Tracer>,
    /// Where calls of the service listener are kept.
    pub calls: CallLog,
}

impl Listeners {
    /// Opens the three sockets. Where that is wanted, one whose address is taken gets any free port instead.
    ///
    /// # Errors
    /// [`BindError`] for the first that can't be opened.
    pub async fn bind(lyt: &Lyt, or_any: bool) -> Result<Self, BindError> {
        let (service, service_at) = bind(Listener::Service, lyt.service, or_any).await?;
        let (public, public_at) = bind(Listener::Public, lyt.public, or_any).await?;
        let (admin, admin_at) = bind(Listener::Admin, lyt.admin, or_any).await?;
        Ok(Self {
            service: service_at,
            public: public_at,
            admin: admin_at,
            sockets: [
                (Listener::Service, service),
                (Listener::Public, public),
                (Listener::Admin, admin),
            ],
        })
    }

    /// Serves the listeners, each in a task of the current runtime.
    pub fn serve<B: Backend>(self, config: &Config, parts: Parts<B>) -> Running {
        let stopper = Stopper::new();
        let service_url = config.service_url(self.service);
        let public_tls = parts.public_tls.map(|tls| (Listener::Public, tls));
        let certificates: Vec<_> = std::iter::once((Listener::Service, parts.tls))
            .chain(public_tls)
            .collect();
        let limits = config.graenser.clone();
        let polls = || polls::Polls::new(limits.ventende, limits.ventende_pr_adresse);
        let journal = Journal::new(config.log.anonyme_pr_sekund, Arc::clone(&parts.metrics));
        let shared = Arc::new(Shared {
            backend: parts.backend,
            contract: parts.contract,
            service_url,
            services: parts.services,
            clock: parts.clock,
            spor: parts.spor,
            calls: parts.calls,
            metrics: parts.metrics,
            refusals: parts.refusals,
            mirrors: parts.mirrors,
            budget: share::Budget::new(limits.beskeder_i_alt_bytes),
            rates: Arc::new(rates::Rates::new(&limits)),
            polls: Each {
                service: polls(),
                public: polls(),
            },
            answers: Each {
                service: answers::Answers::new(limits.svar_i_alt_bytes),
                public: answers::Answers::new(limits.svar_offentlige_bytes),
            },
            journal: Arc::clone(&journal),
            proxy: config.proxy.clone(),
            in_flight: Semaphore::new(limits.kald_i_gang.min(Semaphore::MAX_PERMITS)),
            limits,
            certificates: certificates.clone(),
            readiness: readiness::Readiness::default(),
            stopping: stopper.listen(),
        });
        let mut listening = JoinSet::new();
        listening.spawn(journal.watch(stopper.listen()));
        for (listener, socket) in self.sockets {
            let tls = certificates.iter().find(|(of, _)| *of == listener);
            let tls = tls.map(|(_, tls)| Arc::clone(tls));
            listening.spawn(accept::listen(Arc::clone(&shared), listener, socket, tls));
        }
        Running {
            service: self.service,
            public: self.public,
            admin: self.admin,
            stopper,
            listening,
        }
    }
}

async fn bind(
    listener: Listener,
    wanted: SocketAddr,
    or_any: bool,
) -> Result<(TcpListener, SocketAddr), BindError> {
    let failed = |cause| BindError {
        listener,
        address: wanted,
        cause,
    };
    let bound = match TcpListener::bind(wanted).await {
        Err(error) if or_any && error.kind() == io::ErrorKind::AddrInUse => {
            TcpListener::bind(SocketAddr::new(wanted.ip(), 0)).await
        }
        bound => bound,
    };
    let socket = bound.map_err(failed)?;
    let address = socket.local_addr().map_err(failed)?;
    Ok((socket, address))
}

/// A server that runs. Dropped, it stops at once; see [`Running::stop`] for the gentle way.
#[derive(Debug)]
pub struct Running {
    /// Where the service listener listens.
    pub service: SocketAddr,
    /// Where the public listener listens.
    pub public: SocketAddr,
    /// Where the admin listener listens.
    pub admin: SocketAddr,
    stopper: Stopper,
    listening: JoinSet<()>,
}

impl Running {
    /// Tells the server to stop, from anywhere.
    pub fn stopper(&self) -> Stopper {
        self.stopper.clone()
    }

    /// Stops: takes no more connections, ends idle ones, lets requests under way finish within `nedlukning_ms`.
    pub async fn stop(self) {
        self.stopper.stop();
        self.stopped().await;
    }

    /// Waits until somebody has told the server to stop and it has.
    pub async fn stopped(mut self) {
        while self.listening.join_next().await.is_some() {}
    }

    /// Serves until SIGTERM or SIGINT, or until somebody tells it to stop; then stops as [`Running::stop`] does.
    pub async fn until(self, signals: Signals) {
        signals.or(&mut self.stopper.listen()).await;
        tracing::info!("stopping");
        self.stop().await;
    }
}

#[cfg(test)]
mod tests;
