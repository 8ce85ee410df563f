//! Puts the parts together: from a configuration to a server that runs. `dtr serve`, `dtr demo` and the tests start
//! here, so that what is tested is what is run.

use std::sync::Arc;

use hyper::body::Bytes;

use crate::clock::Clock;
use crate::codetables::{self, CodeTableError};
use crate::config::{Config, Nummerformat};
use crate::contract::Contract;
use crate::gateway::Gateway;
use crate::identity::refusal::Refusals;
use crate::identity::tls::{self, ClientCa, ListenerTls, ServerFiles, ServiceFiles, TlsError};
use crate::metrics::Metrics;
use crate::register::Tidspunkt;
use crate::server::{self, BindError, Listeners, Parts, Running, TlsCell};
use crate::store::StoreError;
use crate::store::sqlite::{Numbering, Options, SqliteStore};
use crate::xml;
use crate::xsd::SchemaError;

/// Why the server does not start. Each says what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The schemas use something that the validator cannot do, or are wrong.
    #[error("the contract's schemas cannot be used:\n{}", lines(.0))]
    Schemas(Vec<SchemaError>),
    /// A code table is wrong.
    #[error("a code table cannot be used: {0}")]
    CodeTables(#[from] CodeTableError),
    /// The register cannot be opened.
    #[error("the register {file} cannot be opened: {cause}")]
    Store {
        /// The database.
        file: String,
        /// Why.
        cause: StoreError,
    },
    /// TLS cannot be configured.
    #[error("TLS: {0}")]
    Tls(#[from] TlsError),
    /// An address is taken.
    #[error(transparent)]
    Bind(#[from] BindError),
}

fn lines(errors: &[SchemaError]) -> String {
    errors.iter().map(|error| format!("  {error}\n")).collect()
}

/// A server that runs, with what it runs on.
#[derive(Debug)]
pub struct App {
    /// The listeners.
    pub running: Running,
    /// The register.
    pub store: Arc<SqliteStore>,
    /// What the WSDLs advertise.
    pub service_url: String,
    /// Where documents are served.
    pub public_url: String,
}

/// What to do when a configured address is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ports {
    /// Refuse to start.
    AsConfigured,
    /// Take any free port instead.
    OrAny,
}

/// Opens the register of a configuration.
pub fn open_store(config: &Config, clock: &Clock) -> Result<SqliteStore, StartError> {
    let file = &config.database.fil;
    SqliteStore::open(file, store_options(config, clock))
        .map_err(|cause| StartError::Store { file: file.display().to_string(), cause })
}

/// How the register of a configuration is opened.
pub fn store_options(config: &Config, clock: &Clock) -> Options {
    let numbers = match config.nummer.format {
        Nummerformat::Decimal => Numbering::Decimal { floor: config.nummer.gulv },
        Nummerformat::Base36 => Numbering::Base36 { floor: config.nummer.gulv },
    };
    Options {
        numbers,
        readers: config.database.laesere,
        queue: config.database.skrivekoe,
        clock: clock.clone(),
        ..Options::default()
    }
}

/// The contract and the code tables of a configuration.
pub fn contract(config: &Config, service_url: &str, public_url: &str) -> Result<(Contract, crate::register::Kodetabeller), StartError> {
    let contract = Contract::new(service_url, public_url).map_err(StartError::Schemas)?;
    let missing = || StartError::Schemas(Vec::new());
    let types = contract.schema("Typer-v2").ok_or_else(missing)?;
    let tables = codetables::load(config.kodetabeller.mappe.as_deref(), types)?;
    Ok((contract, tables))
}

/// Starts everything.
pub async fn start(config: &Config, ports: Ports, clock: Clock) -> Result<App, StartError> {
    let (service_tls, public_tls) = tls_of(config)?;
    let store = Arc::new(open_store(config, &clock)?);
    let listeners = match ports {
        Ports::AsConfigured => Listeners::bind(&config.lyt).await?,
        Ports::OrAny => Listeners::bind_or_any(&config.lyt).await?,
    };
    let service_url = config.service_url(listeners.service);
    let public_url = config.public_url(listeners.public);
    let (files, _) = contract(config, &service_url, &public_url)?;
    let (contract, tables) = contract(config, &service_url, &public_url)?;
    let limits = xml_limits(config);
    let gateway = Arc::new(Gateway::new(Arc::clone(&store), contract, tables, limits, clock.clone()));
    let parts = Parts {
        backend: gateway,
        contract: serve_files(files),
        tls: cell(&service_tls),
        public_tls: public_tls.as_ref().map(cell),
        clock,
        metrics: Arc::new(Metrics::new()),
    };
    let running = listeners.serve(config, parts);
    Ok(App { running, store, service_url, public_url })
}
