//! `dtr.toml`: what an installation can set, each key with its default, and errors that say where and what to do.
//!
//! Keys are Danish. Paths are relative to the configuration's folder. The file is read once; nothing here opens a listener,
//! a certificate or the database.

mod annotated;
mod check;
mod limits;
mod proxy;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use serde::Deserialize;

pub use limits::Graenser;
pub use proxy::{Adressekilde, Net, Proxy};

use crate::files;

/// Why a configuration can't be used. Each names the file and what to do; where it can, the line and the key.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file can't be read.
    #[error("{file}: can't be read: {cause}; name another with --config, or make one with dtr init", file = file.display())]
    Read {
        /// The file.
        file: PathBuf,
        /// From the operating system.
        cause: std::io::Error,
    },
    /// The file is not TOML, or holds a key or a kind of value that is not known.
    #[error("{file}, line {line}: {message}; correct the line, or compare with the file that dtr init writes", file = file.display())]
    Parse {
        /// The file.
        file: PathBuf,
        /// From 1.
        line: usize,
        /// What the reader met; names the key where there is one.
        message: String,
    },
    /// A value that can't be right.
    #[error("{file}, line {line}: {key}: {problem}", file = file.display())]
    Value {
        /// The file.
        file: PathBuf,
        /// From 1; the section's line when the key is left out.
        line: usize,
        /// Section and key.
        key: &'static str,
        /// What is wrong, and what to do.
        problem: String,
    },
}

/// What kind of installation it is (`miljoe`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Miljoe {
    /// Real data: settings made for tests are refused.
    #[default]
    Produktion,
    /// Trials and load tests.
    Test,
}

/// The form of new numbers (`nummer.format`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Nummerformat {
    /// `G` and five digits.
    #[default]
    Decimal,
    /// `G` and five of `0-9A-Z`; load tests only.
    Base36,
}

/// The form of the log (`log.format`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Logformat {
    /// One line of text per event.
    #[default]
    Tekst,
    /// One JSON object per event and line.
    Json,
}

/// How much is logged (`log.niveau`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogLevel {
    /// Only what failed.
    Error,
    /// Also what an operator should look at.
    Warn,
    /// Also one line per call.
    #[default]
    Info,
    /// Also connections and handshakes.
    Debug,
    /// Everything.
    Trace,
}

/// The whole of `dtr.toml`.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// What kind of installation it is.
    pub miljoe: Miljoe,
    /// The public address as callers reach it, without a slash at the end; none: see [`Config::public_url`].
    pub public_url: Option<String>,
    /// The service address as callers reach it, as the WSDLs advertise it; none: see [`Config::service_url`].
    pub service_url: Option<String>,
    /// Where to listen.
    pub lyt: Lyt,
    /// The service listener's TLS.
    pub tls: Tls,
    /// Proxies in front of the public listener.
    pub proxy: Proxy,
    /// TLS of the public listener; none: plain HTTP.
    pub offentlig_tls: Option<Certifikat>,
    /// The register's file.
    pub database: Database,
    /// How numbers are issued.
    pub nummer: Nummer,
    /// Who may do what, where kontrakt §8 leaves it to the installation.
    pub rettigheder: Rettigheder,
    /// All limits (kontrakt §10).
    pub graenser: Graenser,
    /// The log.
    pub log: Log,
    /// Where the code tables come from.
    pub kodetabeller: CodeTableFolder,
    /// The audit chain.
    pub revision: Revision,
    /// The certificate that seals documents; none: they have no seal.
    pub underskrift: Option<Certifikat>,
    /// The monthly run.
    pub kontrol: MonthlyRun,
    /// What accepted writes are warned of.
    pub advarsler: Advarsler,
    /// The machine's clock.
    pub ur: Ur,
}

/// Where the three listeners listen (kontrakt §2). Port 0 takes any free one.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Lyt {
    /// SOAP, exports and feeds; mutual TLS.
    pub service: SocketAddr,
    /// Documents for anyone.
    pub public: SocketAddr,
    /// Metrics and health; loopback addresses only.
    pub admin: SocketAddr,
}

impl Default for Lyt {
    fn default() -> Self {
        let at = |port| SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port);
        Self {
            service: at(8443),
            public: at(8080),
            admin: at(9090),
        }
    }
}

/// The service listener's certificate, and whose certificates its callers may use (kontrakt §8).
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tls {
    /// PEM: the server's certificate, then its issuers.
    pub certifikat: PathBuf,
    /// PEM: its private key.
    pub noegle: PathBuf,
    /// PEM files of the CAs that issue callers' certificates.
    pub klient_ca: Vec<PathBuf>,
    /// Revocation lists of those CAs, PEM or DER: files, or folders of them.
    pub crl: Vec<PathBuf>,
    /// How many hours past its nextUpdate a list is believed; 0: not at all.
    pub crl_foraeldet_timer: u64,
    /// Those files of `klient_ca` whose CAs publish no revocation list.
    pub uden_crl: Vec<PathBuf>,
    /// CAs of the other environment: a certificate of theirs is refused as that of a stranger, and the log says whose it is.
    pub andet_miljoe: Vec<PathBuf>,
    /// Revocation lists to fetch; none: nothing is ever fetched.
    pub hent: Vec<Hent>,
    /// How often, in minutes.
    pub hent_minutter: u64,
    /// Accept the example CA that `dtr init` makes.
    pub tillad_eksempel_ca: bool,
}

/// A revocation list to fetch.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hent {
    /// Where, by http.
    pub url: String,
    /// The file that it replaces: one of `crl`, or in a folder of it.
    pub fil: PathBuf,
}

impl Default for Tls {
    fn default() -> Self {
        Self {
            certifikat: "pki/server.pem".into(),
            noegle: "pki/server.key".into(),
            klient_ca: vec!["pki/ca.pem".into()],
            crl: vec!["pki/crl.pem".into()],
            crl_foraeldet_timer: 72,
            uden_crl: Vec::new(),
            andet_miljoe: Vec::new(),
            hent: Vec::new(),
            hent_minutter: 60,
            tillad_eksempel_ca: false,
        }
    }
}

/// A certificate and its key.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Certifikat {
    /// PEM: the certificate, then its issuers.
    pub certifikat: PathBuf,
    /// PEM: its private key.
    pub noegle: PathBuf,
}

/// The register's file and how it is used.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Database {
    /// The SQLite file; the caches of CVR and DAR lie beside it.
    pub fil: PathBuf,
    /// Connections that read, each with a thread.
    pub laesere: usize,
    /// Writes that may wait for the one that writes, before callers are told that it is busy.
    pub skrivekoe: usize,
}

impl Default for Database {
    fn default() -> Self {
        Self {
            fil: "register.db".into(),
            laesere: 4,
            skrivekoe: 256,
        }
    }
}

/// How numbers are issued (kontrakt §6).
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Nummer {
    /// Numbers are issued above this one, and above the last one issued.
    pub gulv: u32,
    /// The form of new numbers.
    pub format: Nummerformat,
}

impl Default for Nummer {
    fn default() -> Self {
        Self {
            gulv: 30_000,
            format: Nummerformat::Decimal,
        }
    }
}

/// The log.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    /// Text or JSON.
    pub format: Logformat,
    /// How much.
    pub niveau: LogLevel,
    /// Lines a second that callers may cause whom nothing else bounds; 0: any.
    pub anonyme_pr_sekund: u64,
    /// The OpenTelemetry collector that gets a span for each call; none: calls are not traced.
    pub spor: Option<String>,
}

impl Default for Log {
    fn default() -> Self {
        Self {
            format: Logformat::default(),
            niveau: LogLevel::default(),
            anonyme_pr_sekund: 50,
            spor: None,
        }
    }
}

/// Where the code tables come from (kontrakt §7).
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CodeTableFolder {
    /// A folder whose files replace the built-in tables; none: the built-in ones.
    pub mappe: Option<PathBuf>,
}

/// The audit chain (kontrakt §6).
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Revision {
    /// PEM: the private key that signs published heads; none: they are not signed.
    pub noegle: Option<PathBuf>,
}

/// The machine's clock: what is written is dated by it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Ur {
    /// Hours that it may leap while the server runs; beyond it no write is taken until `dtr ur godkend`.
    pub spring_timer: u32,
}

/// The monthly run that looks for what is not as it should be (kontrakt §7).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MonthlyRun {
    /// Days between two runs of `serve`; 0: it makes none.
    pub dage: u32,
}

impl Default for Ur {
    fn default() -> Self {
        Self { spring_timer: 24 }
    }
}

impl Default for MonthlyRun {
    fn default() -> Self {
        Self { dage: 30 }
    }
}

/// What accepted writes are warned of having left out (`[advarsler]`).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Advarsler {
    /// Updates, moves and closings of version 2 without `forventetVersion`.
    pub forventet_version: bool,
    /// Writes with neither `wsa:MessageID` nor `Idempotency-Key`.
    pub message_id: bool,
}

impl Default for Advarsler {
    fn default() -> Self {
        Self {
            forventet_version: true,
            message_id: true,
        }
    }
}

/// Who maintains private dagtilbud (`[rettigheder]`, kontrakt §8).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rettigheder {
    /// The kommune that supervises them may.
    pub private_af_kommune: bool,
    /// The owner may change its own.
    pub private_af_ejer: bool,
}

impl Default for Rettigheder {
    fn default() -> Self {
        Self {
            private_af_kommune: true,
            private_af_ejer: true,
        }
    }
}

impl Config {
    /// Reads a file; paths in it become relative to its folder.
    ///
    /// # Errors
    /// [`ConfigError`].
    pub fn load(file: &Path) -> Result<Self, ConfigError> {
        let text = files::read_text(file, files::SMALL).map_err(|cause| ConfigError::Read {
            file: file.to_owned(),
            cause,
        })?;
        Self::parse(&text, file)
    }

    /// Reads the text of a file that lies at `file`.
    ///
    /// # Errors
    /// [`ConfigError::Parse`], [`ConfigError::Value`].
    pub fn parse(text: &str, file: &Path) -> Result<Self, ConfigError> {
        let mut config: Self = toml::from_str(text).map_err(|error| ConfigError::Parse {
            file: file.to_owned(),
            line: check::line_at(text, error.span().map_or(0, |span| span.start)),
            message: error.message().replace('\n', ", "),
        })?;
        check::check(&config).map_err(|(key, problem)| ConfigError::Value {
            file: file.to_owned(),
            line: check::line_of(text, key),
            key,
            problem,
        })?;
        if let Some(folder) = file.parent() {
            config.resolve(folder);
        }
        Ok(config)
    }

    /// The annotated file that reads back as this configuration: every key, its meaning and its value.
    pub fn annotated(&self) -> String {
        annotated::render(self)
    }

    /// The service address that the WSDLs advertise: `service_url`, else `https://localhost:` and the port listened on.
    pub fn service_url(&self, bound: SocketAddr) -> String {
        self.service_url
            .clone()
            .unwrap_or_else(|| format!("https://localhost:{}", bound.port()))
    }

    /// The public address: `public_url`, else `http(s)://localhost:` and the port listened on.
    pub fn public_url(&self, bound: SocketAddr) -> String {
        let scheme = if self.offentlig_tls.is_some() {
            "https"
        } else {
            "http"
        };
        self.public_url
            .clone()
            .unwrap_or_else(|| format!("{scheme}://localhost:{}", bound.port()))
    }

    /// Makes every path relative to `folder`; absolute ones stay.
    fn resolve(&mut self, folder: &Path) {
        let tls = &mut self.tls;
        let lists = tls
            .klient_ca
            .iter_mut()
            .chain(&mut tls.crl)
            .chain(&mut tls.uden_crl)
            .chain(&mut tls.andet_miljoe)
            .chain(tls.hent.iter_mut().map(|source| &mut source.fil));
        let own = [&mut tls.certifikat, &mut tls.noegle, &mut self.database.fil];
        let public = self
            .offentlig_tls
            .iter_mut()
            .flat_map(|pair| [&mut pair.certifikat, &mut pair.noegle]);
        let seal = self
            .underskrift
            .iter_mut()
            .flat_map(|pair| [&mut pair.certifikat, &mut pair.noegle]);
        let tables = self.kodetabeller.mappe.iter_mut();
        let signing = self.revision.noegle.iter_mut();
        let own = own.into_iter().chain(public).chain(seal);
        for path in lists.chain(own).chain(tables).chain(signing) {
            *path = folder.join(&*path);
        }
    }
}

#[cfg(test)]
mod tests;
