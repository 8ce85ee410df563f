//! The sections of `dtr.toml`: each key with what it means, as the file that `dtr init` writes says it, its type and default.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::annotated::section;
use super::{LogLevel, Logformat, Nummerformat};

const fn at(port: u16) -> SocketAddr {
    SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port)
}

section! {
    /// Where the three listeners listen (kontrakt §2). Port 0 takes any free one.
    pub struct Lyt {
        /// SOAP, exports and feeds; mutual TLS.
        service: SocketAddr = at(8443);
        /// Documents for anyone; plain HTTP behind a proxy, or TLS (see offentlig_tls).
        public: SocketAddr = at(8080);
        /// Metrics and health; loopback only.
        admin: SocketAddr = at(9090);
    }
}

section! {
    /// The service listener's certificate, and whose certificates its callers may use (kontrakt §8).
    pub struct Tls {
        /// Certificate: PEM, the server's own first, then its issuers.
        certifikat: PathBuf = "pki/server.pem".into();
        /// Private key: PEM.
        noegle: PathBuf = "pki/server.key".into();
        /// Client CAs: PEM files of the CAs that issue callers' certificates.
        klient_ca: Vec<PathBuf> = vec!["pki/ca.pem".into()];
        /// Revocation lists of those CAs, PEM or DER: files, or folders of files .crl, .pem and .der. They, like the
        /// certificates above, are read again when they change, without a restart. Of an issuer's lists the newest counts.
        crl: Vec<PathBuf> = vec!["pki/crl.pem".into()];
        /// How many hours past its nextUpdate a list is believed; then every certificate of its issuer is refused.
        /// 0: not at all.
        crl_foraeldet_timer: u64 = 72;
        /// Without revocation list: those files of klient_ca whose CAs publish none.
        uden_crl: Vec<PathBuf> = Vec::new();
        /// CAs of the other environment, PEM: so that the log can say of a certificate of theirs what it is.
        andet_miljoe: Vec<PathBuf> = Vec::new();
        /// Revocation lists to fetch, e.g. [{ url = "http://crl.example/ca.crl", fil = "pki/ca.crl" }]; the only
        /// connections that dtr makes beside log.spor and login.oidc. A list is taken when a CA of klient_ca has signed it and it is newer. Left out: none.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        hent: Vec<Hent> = Vec::new();
        /// How often they are fetched, in minutes.
        hent_minutter: u64 = 60;
        /// Accept the example CA that dtr init makes. Anyone may have its key: never with real data.
        tillad_eksempel_ca: bool = false;
    }
}

/// A revocation list to fetch.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Hent {
    /// Where, by http.
    pub url: String,
    /// The file that it replaces: one of `crl`, or in a folder of it.
    pub fil: PathBuf,
}

section! {
    /// The register's file and how it is used.
    pub struct Database {
        /// File: the SQLite database; the caches of CVR and DAR lie beside it.
        fil: PathBuf = "register.db".into();
        /// Readers: connections that read, each with a thread.
        laesere: usize = 4;
        /// Write queue: writes that may wait before callers are told that the service is busy.
        skrivekoe: usize = 256;
    }
}

section! {
    /// How numbers are issued (kontrakt §6).
    pub struct Nummer {
        /// Floor: numbers are issued above G and these five digits.
        gulv: u32 = 30_000;
        /// "decimal": G and five digits. "base36" (0-9A-Z) for load tests, with miljoe = "test" only.
        format: Nummerformat = Nummerformat::Decimal;
    }
}

section! {
    /// The site for persons (`[side]`): who runs the register, and what the law wants told.
    pub struct Side {
        /// Name: who runs the register, as the pages say it. Left out: they say nothing of it.
        navn: Option<String> = None;
        /// E-mail: where questions about the register go.
        email: Option<String> = None;
        /// Telephone number: the same by voice; the law wants it beside the accessibility statement.
        telefon: Option<String> = None;
        /// Accessibility statement: its address, e.g. "https://www.was.digst.dk/...". Left out: a page of this site, of what is
        /// true of the program.
        tilgaengelighed: Option<String> = None;
        /// Security contact for /.well-known/security.txt, e.g. "mailto:sikkerhed@example.dk". Left out: there is no such file.
        sikkerhed: Option<String> = None;
    }
}

section! {
    /// Who maintains private dagtilbud (`[rettigheder]`, kontrakt §8).
    pub struct Rettigheder {
        /// The kommune that supervises them may.
        private_af_kommune: bool = true;
        /// Their owner may change its own: where an agreement or CVR proves that it is the owner.
        private_af_ejer: bool = true;
    }
}

section! {
    /// What is kept of persons (kontrakt §8).
    pub struct Persons {
        /// Days after which comments, and names of persons who were not seen since, are deleted.
        slettes_efter_dage: u32 = 365;
    }
}

section! {
    /// The log.
    pub struct Log {
        /// "tekst" or "json".
        format: Logformat = Logformat::default();
        /// Level: "error", "warn", "info" (one line per call), "debug" or "trace".
        niveau: LogLevel = LogLevel::default();
        /// Lines a second, ten seconds' at once after a pause, of callers that nothing else bounds: on the public listener,
        /// without a good certificate on the other, and beyond their rate. What is left out is counted. 0: any number.
        anonyme_pr_sekund: u64 = 50;
        /// OpenTelemetry collector (OTLP, http://host:4318) that gets a span for each call. Left out: none.
        spor: Option<String> = None;
    }
}

section! {
    /// The call log (docs/drift.md).
    pub struct CallLog {
        /// Keep one: calls of the service listener, with codes and paths of errors; no bodies, no addresses.
        til: bool = true;
        /// Days that a call is kept.
        dage: u32 = 90;
        /// The most that the file takes, in MiB. When it is full, the oldest calls of the organisation with most go first.
        maks_mb: u64 = 256;
        /// Hours without a successful call after which a system that may write, and has written, counts as silent. 0: never.
        tavs_efter_timer: u32 = 72;
    }
}

section! {
    /// Where the code tables come from (kontrakt §7).
    pub struct CodeTableFolder {
        /// Folder whose files replace the built-in tables. Left out: the built-in ones.
        mappe: Option<PathBuf> = None;
    }
}

section! {
    /// The audit chain (kontrakt §6).
    pub struct Revision {
        /// Key: PEM (Ed25519, PKCS#8) that signs published heads. Left out: they are not signed.
        /// Make one: openssl genpkey -algorithm ed25519 -out pki/revision.pem
        noegle: Option<PathBuf> = None;
    }
}

section! {
    /// The monthly run that looks for what is not as it should be (kontrakt §7).
    pub struct MonthlyRun {
        /// Days between two runs of serve; 0: none.
        dage: u32 = 30;
    }
}

section! {
    /// The machine's clock: what is written is dated by it.
    pub struct Ur {
        /// Hours that the clock may leap while the server runs; beyond it no write is taken (503, DTR1041), until it is set
        /// right or approved. A clock more than 30 days ahead of the register's last use is not believed at the start.
        spring_timer: u32 = 24;
    }
}

section! {
    /// What accepted writes are warned of having left out (`[advarsler]`).
    pub struct Advarsler {
        /// Updates, moves and closings (v2) without forventetVersion: a change that others made meanwhile is not noticed.
        /// .NET leaves it out unless forventetVersionSpecified is set too. Turn it off once your vendors mean to do without.
        forventet_version: bool = true;
        /// Writes without wsa:MessageID or Idempotency-Key: after a lost answer they can't safely be sent again.
        message_id: bool = true;
    }
}
