//! Where a register stands, and what will need a hand soon: gathered once, shown as text or JSON. What a server shows of the
//! same (`/readyz`, `/tls.json`, `/metrics`) is said by the same parts.
//!
//! What is gathered comes from `app`, which alone knows what a configuration makes of its files; who asks is not known here.

mod json;
mod mirrors;
mod text;
mod tls;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub use mirrors::MirrorStatus;
pub use text::Lines;
pub use tls::{
    FailedRenewal, FetchedList, ListStatus, OlderList, OwnTls, RefusedCertificate, TlsSeen,
};

use crate::audit::Head;
use crate::calls::Silent;
use crate::client::Client;
use crate::register::Kontrol;
use crate::store::{self, Position, Read};

/// How long a server is given to say that it is there.
const ASKING: Duration = Duration::from_secs(3);

/// What `dtr status` shows.
#[derive(Debug)]
pub struct Status {
    /// The database.
    pub database: PathBuf,
    /// The size of its files.
    pub bytes: u64,
    /// The kind of network's drive that it lies on, if it lies on one.
    pub network: Option<String>,
    /// Why the machine's clock is not believed, if it is not.
    pub distrust: Option<String>,
    /// What the register says of itself.
    pub register: RegisterStatus,
    /// The mirrors beside it.
    pub mirrors: [MirrorStatus; 2],
    /// The systems that have gone silent, or why the call log does not tell.
    pub silent: Result<Vec<Silent>, String>,
    /// What TLS of the configuration's files looks like, or why a server could not use them.
    pub tls: Result<OwnTls, String>,
    /// What would keep a server from starting: each reason once.
    pub obstacles: Vec<String>,
    /// The server of the configuration.
    pub server: ServerStatus,
}

/// What the register itself says, in one consistent view.
#[derive(Debug)]
pub struct RegisterStatus {
    position: Position,
    /// Open and closed records, by level.
    counts: [(u64, u64); 3],
    numbers_left: u64,
    head: Head,
    /// Open and closed organisations.
    organisations: (usize, usize),
    /// The last monthly run.
    last_run: Option<Kontrol>,
}

/// Gathers the status of a server's register whenever it is asked for.
pub struct Gathering(Box<dyn Fn() -> store::Result<Status> + Send + Sync>);

impl Gathering {
    /// By this, which may block.
    pub fn by(gather: impl Fn() -> store::Result<Status> + Send + Sync + 'static) -> Self {
        Self(Box::new(gather))
    }

    /// Gathers it; blocks.
    ///
    /// # Errors
    /// What the store says.
    pub fn now(&self) -> store::Result<Status> {
        (self.0)()
    }
}

impl std::fmt::Debug for Gathering {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Gathering")
    }
}

impl RegisterStatus {
    /// Reads it.
    ///
    /// # Errors
    /// What the store says.
    pub fn read(view: &dyn Read) -> store::Result<Self> {
        let organisations = view.organisationer()?;
        let closed = organisations.iter().filter(|o| o.lukket.is_some()).count();
        Ok(Self {
            position: view.position()?,
            counts: view.counts()?,
            numbers_left: view.numbers_left()?,
            head: view.audit_head()?,
            organisations: (organisations.len() - closed, closed),
            last_run: view.last_kontrol()?,
        })
    }
}

/// The files of a register, by the names of the metrics, and their bytes.
pub fn files(database: &Path) -> [(&'static str, u64); 2] {
    [("register.db", ""), ("register.db-wal", "-wal")].map(|(name, end)| {
        let mut path = database.as_os_str().to_owned();
        path.push(end);
        (name, std::fs::metadata(path).map_or(0, |file| file.len()))
    })
}

/// Whether a server is ready.
#[derive(Debug, PartialEq, Eq)]
pub enum ServerState {
    /// It is.
    Ready,
    /// It answers, and is not ready for this reason.
    NotReady(String),
    /// It does not answer.
    NoAnswer,
}

/// What the admin listener of a configuration answers.
#[derive(Debug)]
pub struct ServerStatus {
    address: SocketAddr,
    state: ServerState,
    /// What its TLS has seen, where it tells.
    tls: Option<TlsSeen>,
}

impl ServerStatus {
    /// One that has not been asked.
    pub const fn unasked(address: SocketAddr) -> Self {
        Self {
            address,
            state: ServerState::NoAnswer,
            tls: None,
        }
    }

    /// Asks it.
    pub async fn ask(address: SocketAddr) -> Self {
        let mut status = Self::unasked(address);
        let Ok(client) = Client::plain() else {
            return status;
        };
        let client = client.with_timeout(ASKING);
        let url = |path| format!("http://{address}{path}");
        if let Ok(answer) = client.get(&url("/readyz"), &[]).await {
            status.state = match answer.status.is_success() {
                true => ServerState::Ready,
                false => ServerState::NotReady(answer.text().trim().to_owned()),
            };
        }
        if let Ok(answer) = client.get(&url("/tls.json"), &[]).await
            && answer.status.is_success()
        {
            status.tls = serde_json::from_slice(&answer.body).ok();
        }
        status
    }
}
