//! A real server with real certificates in a folder of its own: `TestApp::start().await.kommune()` is a caller.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use dtr::app::{self, App, Ports};
use dtr::audit::{Entry, Udfald};
use dtr::client::Client;
use dtr::clock::Clock;
use dtr::config::{Config, Graenser, Miljoe};
use dtr::gateway::Definition;
use dtr::pki::ORGANISATIONS;
use dtr::register::{Cvr, Tidspunkt};
use dtr::store::sqlite::SqliteStore;
use dtr::store::{OrgKind, Organisation, Outcome, Right, Store, StoreExt};

use super::{Caller, FOR_EVER, pki};

/// A folder that is removed when it is let go.
#[derive(Debug)]
pub(crate) struct Folder(PathBuf);

impl Folder {
    /// A new, empty one.
    pub(crate) fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("it-{}-{count}", std::process::id());
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        // What lies there is of an earlier process with the same id.
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    /// A path in it.
    pub(crate) fn join(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A server that runs.
#[derive(Debug)]
pub(crate) struct TestApp {
    /// What it runs on; dropped first.
    pub app: App,
    /// Its configuration.
    pub config: Config,
    clock: Clock,
    /// Where its register lies.
    pub folder: Folder,
}

impl TestApp {
    /// A server with an empty register and the example organisations.
    pub(crate) async fn start() -> Self {
        Self::with(|_| {}).await
    }

    /// The same with a configuration changed.
    pub(crate) async fn with(change: impl FnOnce(&mut Config)) -> Self {
        Self::with_clock(Clock::System, change).await
    }

    /// The same with other services.
    pub(crate) async fn serving(services: Vec<Definition>) -> Self {
        let folder = Folder::new();
        let config = config(&folder.join("register.db"));
        let clock = Clock::System;
        let app = app::start_with(services, &config, Ports::AsConfigured, clock.clone());
        let this = Self {
            app: app.await.unwrap(),
            config,
            clock,
            folder,
        };
        register_organisations(&*this.app.store).await;
        this
    }

    /// The same as `dtr demo` starts it, with an empty register.
    pub(crate) async fn demonstration() -> Self {
        let folder = Folder::new();
        let config = config(&folder.join("register.db"));
        let clock = Clock::System;
        let app = app::start_demonstration(&config, Ports::AsConfigured, clock.clone());
        let this = Self {
            app: app.await.unwrap(),
            config,
            clock,
            folder,
        };
        register_organisations(&*this.app.store).await;
        this
    }

    /// The same with a clock of its own.
    pub(crate) async fn with_clock(clock: Clock, change: impl FnOnce(&mut Config)) -> Self {
        let folder = Folder::new();
        let mut config = config(&folder.join("register.db"));
        change(&mut config);
        let this = Self::in_folder(folder, config, clock).await;
        register_organisations(&*this.app.store).await;
        this
    }

    /// A server on the register that lies in a folder already.
    pub(crate) async fn on(folder: Folder, clock: Clock, change: impl FnOnce(&mut Config)) -> Self {
        let mut config = config(&folder.join("register.db"));
        change(&mut config);
        Self::in_folder(folder, config, clock).await
    }

    async fn in_folder(folder: Folder, config: Config, clock: Clock) -> Self {
        let app = app::start(&config, Ports::AsConfigured, clock.clone())
            .await
            .unwrap();
        Self {
            app,
            config,
            clock,
            folder,
        }
    }

    /// Stops the server; what it ran on is let go, the folder stays.
    pub(crate) async fn stop(self) -> Stopped {
        let Self {
            app,
            config,
            clock,
            folder,
        } = self;
        let App {
            running,
            store,
            feeder,
            ..
        } = app;
        running.stop().await;
        drop(feeder);
        drop(store);
        Stopped {
            config,
            clock,
            folder,
        }
    }

    /// Stops and starts again on the same register.
    pub(crate) async fn restart(self) -> Self {
        self.stop().await.start().await
    }

    /// The register behind the server.
    pub(crate) fn store(&self) -> &Arc<SqliteStore> {
        &self.app.store
    }

    /// A caller with the certificate of this name, as `pki/NAME.pem`.
    pub(crate) fn caller(&self, name: &str) -> Caller {
        let read = |file: &str| std::fs::read(pki::folder().join(file)).unwrap();
        let ca = read("ca.pem");
        let (chain, key) = (read(&format!("{name}.pem")), read(&format!("{name}.key")));
        let client = patient(Client::new(&ca, Some((&chain, &key))).unwrap());
        Caller::new(client, self.url(""), name == "operatoer")
    }

    /// Aarhus Kommune, 751.
    pub(crate) fn kommune(&self) -> Caller {
        self.caller("kommune")
    }

    /// Københavns Kommune, 101.
    pub(crate) fn kommune2(&self) -> Caller {
        self.caller("kommune2")
    }

    /// A vendor without any agreement.
    pub(crate) fn leverandoer(&self) -> Caller {
        self.caller("leverandoer")
    }

    /// A consumer of the export.
    pub(crate) fn aftager(&self) -> Caller {
        self.caller("aftager")
    }

    /// The operator. Its calls carry a case number unless told otherwise.
    pub(crate) fn operatoer(&self) -> Caller {
        self.caller("operatoer")
    }

    /// Somebody without a certificate, for the public and the admin listener.
    pub(crate) fn anyone(&self) -> Client {
        anyone()
    }

    /// A path on the service listener.
    pub(crate) fn url(&self, path: &str) -> String {
        format!(
            "https://localhost:{}{path}",
            self.app.running.service.port()
        )
    }

    /// A path on the public listener.
    pub(crate) fn public(&self, path: &str) -> String {
        format!("http://{}{path}", self.app.running.public)
    }

    /// A path on the admin listener.
    pub(crate) fn admin(&self, path: &str) -> String {
        format!("http://{}{path}", self.app.running.admin)
    }
}

/// A server that has been stopped.
#[derive(Debug)]
pub(crate) struct Stopped {
    /// Its configuration.
    pub config: Config,
    clock: Clock,
    /// Its folder.
    pub folder: Folder,
}

impl Stopped {
    /// Starts it again.
    pub(crate) async fn start(self) -> TestApp {
        TestApp::in_folder(self.folder, self.config, self.clock).await
    }
}

/// A client that waits: on a busy machine anything may take its time.
pub(crate) fn patient(client: Client) -> Client {
    client.with_timeout(FOR_EVER).with_connect_timeout(FOR_EVER)
}

/// Somebody without a certificate, who waits.
pub(crate) fn anyone() -> Client {
    patient(Client::plain().unwrap())
}

/// Limits of time that no caller of a busy machine meets. Tests about time set their own.
fn patient_limits(limits: &mut Graenser) {
    let long = u64::try_from(FOR_EVER.as_millis()).unwrap();
    for limit in [
        &mut limits.haandtryk_ms,
        &mut limits.foerste_byte_ms,
        &mut limits.headere_ms,
        &mut limits.stilstand_ms,
        &mut limits.kald_ms,
        &mut limits.ledig_ms,
        &mut limits.svar_stilstand_ms,
    ] {
        *limit = long;
    }
}

/// The configuration of a test: the product's defaults, any ports, the certificates of this process.
pub(crate) fn config(database: &Path) -> Config {
    let pki = pki::folder();
    let mut config = Config {
        miljoe: Miljoe::Test,
        ..Config::default()
    };
    let any = "127.0.0.1:0".parse().unwrap();
    (config.lyt.service, config.lyt.public, config.lyt.admin) = (any, any, any);
    config.database.fil = database.to_owned();
    config.tls.certifikat = pki.join("server.pem");
    config.tls.noegle = pki.join("server.key");
    config.tls.klient_ca = vec![pki.join("ca.pem"), pki.join("egen-ca.pem")];
    config.tls.crl = vec![pki.join("crl.pem")];
    config.tls.uden_crl = vec![pki.join("egen-ca.pem")];
    config.tls.tillad_eksempel_ca = true;
    // Most messages of the tests do without what these warn of; the cases and the tests of it set them.
    (
        config.advarsler.forventet_version,
        config.advarsler.message_id,
    ) = (false, false);
    // Tests send what they have at once; those about rates set their own.
    config.graenser.kald_pr_sekund = 10_000;
    config.graenser.kald_i_traek = 100_000;
    patient_limits(&mut config.graenser);
    config
}

/// The organisations of the example PKI, and one that is closed.
pub(crate) async fn register_organisations(store: &dyn Store) {
    let at = Tidspunkt::from_millis(1_767_600_000_000);
    let mut organisations: Vec<_> = ORGANISATIONS
        .iter()
        .filter_map(|known| known.registered(at))
        .collect();
    organisations.push(Organisation {
        cvr: Cvr::parse(pki::CLOSED_CVR).unwrap(),
        navn: "Lukket Eksempel ApS".to_owned(),
        art: OrgKind::Aftager,
        kommune: None,
        oprettet: at,
        lukket: Some(at),
    });
    let written = store.write(move |tx| {
        let rights: Vec<_> = organisations.iter().map(Right::Organisation).collect();
        tx.save_rights(&rights, &act(at))?;
        Ok(Outcome::Keep(()))
    });
    written.unwrap().await.unwrap().unwrap();
}

/// The audit line of a right that a test gives: without one the store gives none.
pub(crate) fn act(tidspunkt: Tidspunkt) -> Entry {
    Entry {
        tidspunkt,
        operation: "cli/test".to_owned(),
        udfald: Udfald::Gemt,
        cvr: None,
        identitet: "test".to_owned(),
        person: None,
        korrelations_id: uuid::Uuid::nil(),
        message_id: None,
        sagsnummer: None,
        sekvenser: None,
        noter: Vec::new(),
        antal: 1,
    }
}
