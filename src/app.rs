//! Puts the parts together: from a configuration to a server that runs. `dtr serve`, `dtr demo` and the tests start
//! here, so that what is tested is what is run.

mod background;
mod fetch;
mod mirrors;
mod status;
mod tls;
mod ur;

use std::net::SocketAddr;
use std::sync::Arc;

use aws_lc_rs::digest;
use hyper::body::Bytes;

use crate::agreements::PrivateRules;
use crate::audit::{KeyError, Signer};
use crate::calls::{self, CallLog, Calls, Recording};
use crate::clock::{self, Clock};
use crate::codetables::{self, CodeTableError};
use crate::config::{Config, Miljoe, Nummerformat};
use crate::contract::{self, Contract, Service};
use crate::export::{Seal, SealError};
use crate::gateway::{Bounds, Definition, Gateway, Needs, Publisher};
use crate::hex::Hex;
use crate::identity::TlsError;
use crate::identity::refusal::Refusals;
use crate::import::Safeguards;
use crate::metrics::Metrics;
use crate::person::{DemoLogin, SignIn, SignInError};
use crate::register::Kodetabeller;
use crate::search::{Feeder, Search};
use crate::server::routes;
use crate::server::{BindError, Listeners, Parts, Running};
use crate::services;
use crate::site::{self, Site};
use crate::store::sqlite::{self, Format, Numbering, Options, SqliteStore};
use crate::store::{StoreError, Watch};
use crate::trace::Tracer;
use crate::xml;
use crate::xsd::SchemaError;

pub use background::{forget_old, publish_head};
pub use status::status;
pub use tls::service_tls;

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
    #[error("the register {file} cannot be opened: {}", .cause.detail())]
    Store {
        /// The database.
        file: String,
        /// Why.
        cause: StoreError,
    },
    /// TLS cannot be configured.
    #[error("TLS: {0}")]
    Tls(#[from] TlsError),
    /// The key that signs heads of the audit chain.
    #[error("revision.noegle: {0}")]
    Key(#[from] KeyError),
    /// The certificate that seals documents.
    #[error("underskrift: {0}")]
    Seal(#[from] SealError),
    /// Persons can't sign in as the configuration says.
    #[error(transparent)]
    Login(#[from] SignInError),
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
    /// The search for institutions.
    pub search: Arc<Search>,
    /// Keeps the index of the search; to be let go before the register is.
    pub feeder: Feeder,
    /// The register.
    pub store: Arc<SqliteStore>,
    /// What the WSDLs advertise.
    pub service_url: String,
    /// Where documents are served.
    pub public_url: String,
    /// Keeps the last calls when it is let go.
    pub recording: Option<Recording>,
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
///
/// # Errors
/// [`StartError::Store`]; also when it is of an older program, which `dtr serve` alone brings to this one's version.
pub fn open_store(config: &Config, clock: &Clock) -> Result<SqliteStore, StartError> {
    let options = Options {
        migrate: false,
        ..store_options(config, clock)
    };
    open(config, options)
}

fn open(config: &Config, options: Options) -> Result<SqliteStore, StartError> {
    let file = &config.database.fil;
    options
        .clock
        .begin(config.ur.spring_timer, sqlite::heartbeat(file));
    SqliteStore::open(file, options).map_err(|cause| StartError::Store {
        file: file.display().to_string(),
        cause,
    })
}

/// How the register of a configuration is opened.
pub fn store_options(config: &Config, clock: &Clock) -> Options {
    let format = match config.nummer.format {
        Nummerformat::Decimal => Format::Decimal,
        Nummerformat::Base36 => Format::Base36,
    };
    Options {
        numbers: Numbering {
            floor: config.nummer.gulv,
            format,
        },
        readers: config.database.laesere,
        queue: config.database.skrivekoe,
        clock: clock.clone(),
        ..Options::default()
    }
}

/// The contract of the register's services as it is served under these URLs, and the code tables of a configuration.
pub fn rules(
    config: &Config,
    service_url: &str,
    public_url: &str,
) -> Result<(Contract, Kodetabeller), StartError> {
    rules_of(&contract::services::ALL, config, service_url, public_url)
}

fn rules_of(
    services: &[&'static Service],
    config: &Config,
    service_url: &str,
    public_url: &str,
) -> Result<(Contract, Kodetabeller), StartError> {
    let contract = Contract::of(services, service_url, public_url).map_err(StartError::Schemas)?;
    let types = contract
        .schema("Typer-v2")
        .ok_or_else(|| StartError::Schemas(Vec::new()))?;
    let tables = codetables::load(config.kodetabeller.mappe.as_deref(), types)?;
    Ok((contract, tables))
}

/// How much the gateway of a configuration lets itself be asked for.
fn bounds(config: &Config, tables: &Kodetabeller) -> Bounds {
    let replaced = config.kodetabeller.mappe.is_some();
    Bounds {
        xml: xml_limits(config),
        message_bytes: config.graenser.besked_bytes,
        privat: PrivateRules {
            by_kommune: config.rettigheder.private_af_kommune,
            by_owner: config.rettigheder.private_af_ejer,
        },
        safeguards: safeguards(config),
        readers: config.database.laesere,
        answer_bytes: config.graenser.svar_i_alt_bytes,
        tables_tag: replaced.then(|| {
            let hash = digest::digest(&digest::SHA256, format!("{tables:?}").as_bytes());
            format!("-{}", Hex(&hash.as_ref()[..4]))
        }),
    }
}

/// What accepted writes are warned of having left out.
fn safeguards(config: &Config) -> Safeguards {
    Safeguards {
        expected_version: config.advarsler.forventet_version,
        message_id: config.advarsler.message_id,
    }
}

/// The limits of XML of a configuration.
pub fn xml_limits(config: &Config) -> xml::Limits {
    let limits = &config.graenser;
    let mut reader = xml::Limits::default();
    reader.depth = limits.xml_dybde;
    reader.attributes = limits.xml_attributter;
    reader.declarations = limits.xml_navnerum;
    reader.elements = limits.xml_elementer;
    reader.name = limits.xml_navn_bytes;
    reader.text = limits.xml_tekst_bytes;
    reader
}

/// Starts a server of the register's services.
///
/// # Errors
/// See [`start_with`].
pub async fn start(config: &Config, ports: Ports, clock: Clock) -> Result<App, StartError> {
    start_with(services::all(), config, ports, clock).await
}

/// Starts a server as [`start`] does, where anybody at this machine may sign in as anybody: for `dtr demo` alone.
///
/// # Errors
/// See [`start_with`].
pub async fn start_demonstration(
    config: &Config,
    ports: Ports,
    clock: Clock,
) -> Result<App, StartError> {
    start_as(services::all(), config, ports, clock, DemoLogin::on).await
}

/// Starts everything that serves these services: TLS and register first, for they are what is oftenest wrong; then the sockets, whose addresses
/// the contract may advertise.
///
/// # Errors
/// Why it does not start.
pub async fn start_with(
    services: Vec<Definition>,
    config: &Config,
    ports: Ports,
    clock: Clock,
) -> Result<App, StartError> {
    start_as(services, config, ports, clock, |_| None).await
}

async fn start_as(
    services: Vec<Definition>,
    config: &Config,
    ports: Ports,
    clock: Clock,
    demo: fn(SocketAddr) -> Option<DemoLogin>,
) -> Result<App, StartError> {
    let refusals = Arc::new(Refusals::default());
    let seen = tls::mark(config);
    let tls = Arc::new(tls::cell(
        &tls::service(config, Arc::clone(&refusals))?,
        config,
    ));
    let public_tls = tls::public(config)?.map(|own| Arc::new(tls::cell(&own, config)));
    let signer = signer(config)?;
    let segl = segl(config)?;
    let metrics = Arc::new(Metrics::new());
    if let Some(segl) = &segl {
        let expires = segl.not_after.unix_timestamp();
        metrics.certificates.at("underskrift").set(expires as f64);
    }
    let store = Arc::new(open(
        config,
        Options {
            watch: Some(Arc::clone(&metrics) as Arc<dyn Watch>),
            server: true,
            ..store_options(config, &clock)
        },
    )?);
    warn_of_a_network(config);
    let switching = mirrors::Switching::new(config);
    let mirrors = switching.cell();
    let listeners = match ports {
        Ports::AsConfigured => Listeners::bind(&config.lyt, false).await?,
        Ports::OrAny => Listeners::bind(&config.lyt, true).await?,
    };
    let service_url = config.service_url(listeners.service);
    let public_url = config.public_url(listeners.public);
    let served: Vec<_> = services.iter().map(|own| own.service).collect();
    let (contract, tables) = rules_of(&served, config, &service_url, &public_url)?;
    let contract = Arc::new(contract);
    let files = Arc::clone(&contract);
    let bounds = bounds(config, &tables);
    let own = Arc::downgrade(&store);
    tokio::spawn(background::make_monthly_runs(
        own.clone(),
        (tables.clone(), Arc::clone(&mirrors)),
        clock.clone(),
        config.kontrol.dage,
    ));
    let database = config.database.fil.clone();
    tokio::spawn(background::keep_figures(
        own.clone(),
        database.clone(),
        Arc::clone(&metrics),
    ));
    let (search, feeder) = background::start_search(&store, &database, &tables, &metrics);
    tokio::spawn(background::publish_heads(own.clone(), clock.clone()));
    let days = config.personer.slettes_efter_dage;
    tokio::spawn(background::forget_persons(own.clone(), clock.clone(), days));
    tokio::spawn(ur::keep(
        (own, clock.clone()),
        database,
        Arc::clone(&metrics),
    ));
    let urls = (service_url.as_str(), public_url.as_str());
    let signin = SignIn::of(config, urls, demo(listeners.public), &clock)?.map(Arc::new);
    let site = site::Settings {
        has_sign_in: signin.is_some(),
        is_demonstration: signin.as_ref().is_some_and(|own| own.is_demonstration()),
        ..site_settings(config, &served, urls)
    };
    let gateway = Arc::new(Gateway::new(Needs {
        store: Arc::clone(&store),
        services,
        contract,
        tables,
        bounds,
        clock: clock.clone(),
        mirrors: Arc::clone(&mirrors),
        metrics: Arc::clone(&metrics),
        publisher: Publisher {
            url: public_url.clone(),
            signer,
            seal: segl,
        },
        site: Arc::new(Site::new(site)),
        search: Arc::clone(&search),
        calls: calls::Settings::of(config).map(|_| Arc::new(Calls::beside(&config.database.fil))),
        signin,
        status: status::gathering(config, &store, (&clock, listeners.admin)),
    }));
    tokio::spawn(background::forget_unused(Arc::downgrade(&gateway)));
    tokio::spawn(switching.watch());
    let spor = config.log.spor.as_deref();
    let (calls, recording) = call_log(config, &store, (&clock, &metrics));
    let parts = Parts {
        calls,
        spor: spor.map(|url| Tracer::to(url, Arc::clone(&metrics))),
        backend: gateway,
        contract: Arc::new(move |path: &str| file(&files, path)),
        services: served,
        tls: Arc::clone(&tls),
        public_tls: public_tls.clone(),
        refusals: Arc::clone(&refusals),
        mirrors,
        clock,
        metrics,
    };
    let renewal = tls::Renewal {
        config: config.clone(),
        service: Arc::downgrade(&tls),
        public: public_tls.as_ref().map(Arc::downgrade),
        refusals,
        seen,
        hangups: tls::hangups(),
    };
    tokio::spawn(fetch::watch(config.clone(), Arc::downgrade(&tls)));
    tokio::spawn(renewal.watch());
    let running = listeners.serve(config, parts);
    tokio::spawn(background::stop_without_files(
        store.gone(),
        running.stopper(),
    ));
    Ok(App {
        running,
        search,
        feeder,
        store,
        service_url,
        public_url,
        recording,
    })
}

/// What the site of a configuration knows of its register.
fn site_settings(
    config: &Config,
    services: &[&'static Service],
    (service_url, public_url): (&str, &str),
) -> site::Settings {
    let document = |service: &&'static Service| (service.path, service.document);
    site::Settings {
        public_url: public_url.to_owned(),
        service_url: service_url.to_owned(),
        services: services.iter().map(document).collect(),
        listed: routes::listed(config.revision.noegle.is_some()),
        contact: config.side.clone(),
        is_test: config.miljoe == Miljoe::Test,
        ..site::Settings::default()
    }
}

/// The call log of a configuration, if it keeps one.
fn call_log(
    config: &Config,
    store: &Arc<SqliteStore>,
    (clock, metrics): (&Clock, &Arc<Metrics>),
) -> (CallLog, Option<Recording>) {
    let Some(settings) = calls::Settings::of(config) else {
        return (CallLog::none(), None);
    };
    let store = Arc::downgrade(store);
    let (calls, recording) = CallLog::keep(settings, store, (clock.clone(), Arc::clone(metrics)));
    (calls, Some(recording))
}

/// What would keep a server of this configuration from starting, the register and its addresses aside: each reason once.
fn obstacles(config: &Config) -> Vec<String> {
    let reasons = [
        tls::service_tls(config)
            .err()
            .map(|error| error.to_string()),
        tls::public(config).err().map(|error| error.to_string()),
        signer(config).err().map(|error| error.to_string()),
        segl(config).err().map(|error| error.to_string()),
        rules(config, "", "").err().map(|error| error.to_string()),
    ];
    reasons.into_iter().flatten().collect()
}

/// A register on a network's drive is served, and its operator warned.
fn warn_of_a_network(config: &Config) {
    if let Some(kind) = sqlite::network(&config.database.fil) {
        let register = config.database.fil.display();
        tracing::warn!(
            kind,
            "{register} lies on a network file system, where locks and fsync may not hold what SQLite relies on: \
             move it to a drive of this machine"
        );
    }
}

/// The key that signs published heads, where the configuration names one.
///
/// # Errors
/// [`KeyError`]: what keeps the server from starting.
pub fn signer(config: &Config) -> Result<Option<Signer>, KeyError> {
    config
        .revision
        .noegle
        .as_deref()
        .map(Signer::load)
        .transpose()
}

/// What seals documents, where the configuration names a certificate.
///
/// # Errors
/// [`SealError`]: what keeps the server from starting.
pub fn segl(config: &Config) -> Result<Option<Seal>, SealError> {
    let files = config.underskrift.as_ref();
    files
        .map(|files| Seal::load(files, clock::of_tls()))
        .transpose()
}

/// A file of the contract, by its path without the first slash, as the HTTP layer serves it.
fn file(contract: &Contract, path: &str) -> Option<(&'static str, Bytes)> {
    let text = contract.file(&format!("/{path}"))?;
    let bytes = match text {
        std::borrow::Cow::Borrowed(text) => Bytes::from_static(text.as_bytes()),
        std::borrow::Cow::Owned(text) => Bytes::from(text),
    };
    Some(("text/xml; charset=utf-8", bytes))
}
