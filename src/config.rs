//! `dtr.toml`: what an installation can set, each key with its default, and errors that say where and what to do.
//!
//! Keys are Danish. Paths are relative to the configuration's folder. The file is read once; nothing here opens a listener,
//! a certificate or the database.

#![expect(
    rustdoc::bare_urls,
    reason = "an example in the words of the file is no link"
)]

mod annotated;
mod check;
mod limits;
mod login;
mod proxy;
mod sections;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

pub use limits::Graenser;
pub use login::{Claims, Forvalg, Login, Oidc, PrivilegeForm, Sikring};
pub use proxy::{Adressekilde, Net, Proxy};
pub use sections::{
    Advarsler, CallLog, CodeTableFolder, Database, Hent, Log, Lyt, MonthlyRun, Nummer, Persons,
    Rettigheder, Revision, Side, Tls, Ur,
};

use self::annotated::section;
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Miljoe {
    /// Real data: settings made for tests are refused.
    #[default]
    Produktion,
    /// Trials and load tests.
    Test,
}

/// The form of new numbers (`nummer.format`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Nummerformat {
    /// `G` and five digits.
    #[default]
    Decimal,
    /// `G` and five of `0-9A-Z`; load tests only.
    Base36,
}

/// The form of the log (`log.format`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Logformat {
    /// One line of text per event.
    #[default]
    Tekst,
    /// One JSON object per event and line.
    Json,
}

/// How much is logged (`log.niveau`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize)]
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

section! {
    /// The whole of `dtr.toml`.
    pub struct Config {
        /// Configuration of dtr. Paths are relative to this file's folder; restart dtr after changing it.
        /// Environment: "produktion", or "test" for trials and load tests.
        miljoe: Miljoe = Miljoe::default();
        /// The public address as callers reach it, e.g. "https://dagtilbud.example".
        /// Left out: http://localhost and the port of lyt.public.
        public_url: Option<String> = None;
        /// The service address as callers reach it; the WSDLs advertise it.
        /// Left out: https://localhost and the port of lyt.service.
        service_url: Option<String> = None;
        /// Lyt: where to listen. Port 0 takes any free one.
        lyt: Lyt = Lyt::default();
        /// The service listener's certificate, and whose certificates its callers may use.
        tls: Tls = Tls::default();
        /// Proxies in front of the public listener: who waits, holds answers and fills the log is told apart by address.
        proxy: Proxy = Proxy::default();
        /// TLS of the public listener, read again like that above. Left out: plain HTTP, behind a proxy.
        offentlig_tls: Option<Certifikat> = None;
        /// The register.
        database: Database = Database::default();
        /// How institution numbers are issued.
        nummer: Nummer = Nummer::default();
        /// Who maintains private dagtilbud.
        rettigheder: Rettigheder = Rettigheder::default();
        /// Comments and names of persons, which the register forgets.
        personer: Persons = Persons::default();
        /// Limits. Sizes in bytes, times in milliseconds. A caller beyond one is refused, with the reason.
        graenser: Graenser = Graenser::default();
        /// The log, on standard error: one line per call, no message bodies and no personal data.
        log: Log = Log::default();
        /// The call log, kald.db beside the register: who called when, with what outcome (dtr kald, dtr status).
        kaldslog: CallLog = CallLog::default();
        /// Code tables.
        kodetabeller: CodeTableFolder = CodeTableFolder::default();
        /// Revisionsspor: the audit chain.
        revision: Revision = Revision::default();
        /// Seals of documents (CMS, .p7s), for consumers that trust a CA. Read when the server starts. Left out: none.
        underskrift: Option<Certifikat> = None;
        /// The monthly run: what is not as it should be in the register (dtr recheck).
        kontrol: MonthlyRun = MonthlyRun::default();
        /// The site for persons: who runs the register.
        side: Side = Side::default();
        /// Warnings that the answer to a write that went well carries, once for each message.
        advarsler: Advarsler = Advarsler::default();
        /// Login: how persons sign in to the pages under /mit. See docs/login.md.
        login: Login = Login::default();
        /// The machine's clock, which dates what is written. See dtr ur godkend --help.
        ur: Ur = Ur::default();
    }
}

/// A certificate and its key.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Certifikat {
    /// PEM: the certificate, then its issuers.
    pub certifikat: PathBuf,
    /// PEM: its private key.
    pub noegle: PathBuf,
}

impl Certifikat {
    const WORDS: annotated::Words = &[
        ("certifikat", &[" Certificate, then its issuers: PEM."]),
        ("noegle", &[" Private key: PEM."]),
    ];
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
        let login = self.login.oidc.iter_mut();
        let login =
            login.flat_map(|oidc| oidc.klient_hemmelighed_fil.iter_mut().chain([&mut oidc.ca]));
        let own = own.into_iter().chain(public).chain(seal);
        for path in lists.chain(own).chain(tables).chain(signing).chain(login) {
            *path = folder.join(&*path);
        }
    }
}

#[cfg(test)]
mod tests;
