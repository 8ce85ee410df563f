//! The server over real sockets, with a gateway that tells back what it was called with.

mod bodies;
mod connections;
mod documents;
mod polls;
mod soap;
mod tls;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use hyper::body::Bytes;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::WebPkiClientVerifier;
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::exchange::{Answer, AnswerBody, Backend, DocumentCall, SoapCall};
use super::{Listeners, Parts, Running, TlsCell};
use crate::client::Client;
use crate::clock::Clock;
use crate::config::{Config, Graenser, Log, Proxy};
use crate::contract::SoapVersion;
use crate::contract::services::ALL;
use crate::identity::PeerChain;
use crate::metrics::Metrics;
use crate::problem::{Problem, http};
use crate::register::Tidspunkt;

/// No test waits longer than this for anything.
const PATIENCE: Duration = Duration::from_secs(600);

/// Tells back what it was called with; some bodies make it do more.
#[derive(Debug, Default)]
pub(super) struct Echo {
    /// Lets go calls whose body is `VENT`.
    release: Notify,
    /// What `ready` says is wrong.
    broken: bool,
    /// Nobody is registered.
    closed: AtomicBool,
}

fn answer(status: u16, body: impl Into<AnswerBody>, kode: Option<&'static str>) -> Answer {
    let mut answer = Answer::new(status, "text/plain", body);
    answer.trace.kode = kode;
    answer
}

impl Backend for Echo {
    async fn admit(self: Arc<Self>, _: PeerChain, _: uuid::Uuid) -> Result<(), Box<Problem>> {
        match self.closed.load(Ordering::Relaxed) {
            true => Err(Box::new(Problem::new(&http::ORGANISATION_UKENDT))),
            false => Ok(()),
        }
    }

    async fn soap(self: Arc<Self>, call: SoapCall) -> Answer {
        if call.body == "VENT" {
            self.release.notified().await;
        }
        assert!(call.body != "PANIK", "as the test asked");
        let body = format!(
            "{} {:?} {:?} {:?} {} byte, {} cert",
            call.service.short,
            call.version,
            call.charset,
            call.action,
            call.body.len(),
            call.peer.len()
        );
        answer(200, body, None)
    }

    async fn document(self: Arc<Self>, call: DocumentCall) -> Answer {
        if call.path == "/feed/vent" {
            let Ok(place) = call.asking.wait() else {
                return answer(429, "intet sted", None);
            };
            return tokio::select! {
                () = place.is_needed() => answer(200, "besvaret", None),
                () = self.release.notified() => answer(200, "sluppet", None),
            };
        }
        if call.path == "/eksport/stor" {
            return answer(200, vec![b'x'; 64 << 20], None);
        }
        let body = format!("{:?} {} {:?}", call.listener, call.path, call.query);
        let mut answer = answer(200, body, None);
        answer.etag = Some("0123abcd-7".to_owned());
        answer
    }

    fn refuse(&self, version: Option<SoapVersion>, problem: Problem, _: uuid::Uuid) -> Answer {
        let fault = problem.entry.fault;
        let status = match version {
            Some(_) => fault.soap_status(),
            None => fault.document_status(),
        };
        let kode = problem.entry.kode;
        let body = format!("{kode} {version:?} {}", problem.en());
        answer(status, body, Some(kode))
    }

    async fn ready(self: Arc<Self>) -> Result<(), String> {
        if self.broken {
            return Err("the disk /dev/x is full".to_owned());
        }
        Ok(())
    }
}

/// A CA, and what it has issued.
pub(super) struct Pki {
    pub(super) ca: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Pki {
    pub(super) fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params
            .distinguished_name
            .push(DnType::CommonName, "EKSEMPEL test CA");
        let ca = params.self_signed(&key).unwrap().pem();
        Self {
            ca,
            issuer: Issuer::new(params, key),
        }
    }

    /// A certificate for localhost, and its key, PEM.
    pub(super) fn issue(&self, years: std::ops::Range<i32>) -> (String, String) {
        let key = KeyPair::generate().unwrap();
        let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
        let mut params = CertificateParams::new(names).unwrap();
        params.not_before = rcgen::date_time_ymd(years.start, 1, 1);
        params.not_after = rcgen::date_time_ymd(years.end, 1, 1);
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        (certificate.pem(), key.serialize_pem())
    }

    fn roots(&self) -> RootCertStore {
        use rustls::pki_types::pem::PemObject;
        let mut roots = RootCertStore::empty();
        roots
            .add(CertificateDer::from_pem_slice(self.ca.as_bytes()).unwrap())
            .unwrap();
        roots
    }

    pub(super) fn server_config(&self, ask_for_certificate: bool) -> Arc<ServerConfig> {
        let (certificate, key) = self.issue(2020..2040);
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .unwrap();
        let builder = if ask_for_certificate {
            let roots = Arc::new(self.roots());
            let verifier = WebPkiClientVerifier::builder_with_provider(roots, provider);
            builder.with_client_cert_verifier(verifier.build().unwrap())
        } else {
            builder.with_no_client_auth()
        };
        let (chain, key) = pair(&certificate, &key);
        Arc::new(builder.with_single_cert(chain, key).unwrap())
    }
}

fn pair(certificate: &str, key: &str) -> (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>) {
    use rustls::pki_types::pem::PemObject;
    (
        vec![CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap()],
        PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap(),
    )
}

/// A server, and everything a test wants of it.
pub(super) struct TestServer {
    pub(super) running: Running,
    pub(super) pki: Pki,
    pub(super) echo: Arc<Echo>,
    pub(super) metrics: Arc<Metrics>,
    pub(super) tls: Arc<TlsCell>,
}

/// How a test wants its server.
pub(super) struct Wanted {
    pub(super) limits: Graenser,
    pub(super) broken: bool,
    pub(super) expired: bool,
    pub(super) public_tls: bool,
    pub(super) proxy: Proxy,
    /// Lines a second of callers that nothing bounds; none: as many as by default.
    pub(super) lines: Option<u64>,
}

impl Default for Wanted {
    fn default() -> Self {
        Self {
            limits: patient(),
            broken: false,
            expired: false,
            public_tls: false,
            proxy: Proxy::default(),
            lines: None,
        }
    }
}

/// Limits of time that no caller of a busy machine meets. Tests about time set their own.
pub(super) fn patient() -> Graenser {
    let long = PATIENCE.as_millis() as u64;
    Graenser {
        haandtryk_ms: long,
        foerste_byte_ms: long,
        headere_ms: long,
        stilstand_ms: long,
        kald_ms: long,
        ledig_ms: long,
        svar_stilstand_ms: long,
        ..Graenser::default()
    }
}

impl TestServer {
    pub(super) async fn start() -> Self {
        Self::with(Wanted::default()).await
    }

    pub(super) async fn limited(change: impl FnOnce(&mut Graenser)) -> Self {
        let mut wanted = Wanted::default();
        change(&mut wanted.limits);
        Self::with(wanted).await
    }

    pub(super) async fn with(wanted: Wanted) -> Self {
        let mut config = Config {
            graenser: wanted.limits,
            proxy: wanted.proxy,
            log: Log {
                anonyme_pr_sekund: wanted.lines.unwrap_or(Log::default().anonyme_pr_sekund),
                ..Log::default()
            },
            ..Config::default()
        };
        for address in [
            &mut config.lyt.service,
            &mut config.lyt.public,
            &mut config.lyt.admin,
        ] {
            address.set_port(0);
        }
        let pki = Pki::new();
        let clock = Clock::fixed(Tidspunkt::from_millis(1_000_000));
        let not_after = Tidspunkt::from_millis(if wanted.expired { 1_000_000 } else { 2_000_000 });
        let tls = Arc::new(TlsCell::new(pki.server_config(true), not_after));
        let echo = Arc::new(Echo {
            broken: wanted.broken,
            ..Echo::default()
        });
        let metrics = Arc::new(Metrics::new());
        let parts = Parts {
            spor: None,
            calls: crate::calls::CallLog::none(),
            backend: Arc::clone(&echo),
            contract: Arc::new(|path| {
                let known = path == "wsdl/flat/ImportService-v2.wsdl";
                known.then(|| {
                    (
                        "text/xml; charset=utf-8",
                        Bytes::from_static(b"<definitions/>"),
                    )
                })
            }),
            services: ALL.to_vec(),
            tls: Arc::clone(&tls),
            public_tls: wanted
                .public_tls
                .then(|| Arc::new(TlsCell::new(pki.server_config(false), not_after))),
            clock,
            refusals: Arc::default(),
            mirrors: Arc::default(),
            metrics: Arc::clone(&metrics),
        };
        let running = Listeners::bind(&config.lyt, false)
            .await
            .unwrap()
            .serve(&config, parts);
        Self {
            running,
            pki,
            echo,
            metrics,
            tls,
        }
    }

    /// A client with a good certificate.
    pub(super) fn client(&self) -> Client {
        let (certificate, key) = self.pki.issue(2020..2040);
        let identity = Some((certificate.as_bytes(), key.as_bytes()));
        Client::new(self.pki.ca.as_bytes(), identity)
            .unwrap()
            .with_timeout(PATIENCE)
            .with_connect_timeout(PATIENCE)
    }

    pub(super) fn soap_url(&self, path: &str) -> String {
        format!("https://localhost:{}{path}", self.running.service.port())
    }

    pub(super) fn public_url(&self, path: &str) -> String {
        format!("http://localhost:{}{path}", self.running.public.port())
    }

    pub(super) fn admin_url(&self, path: &str) -> String {
        format!("http://localhost:{}{path}", self.running.admin.port())
    }

    /// An open mutual TLS connection, for bytes of the test's own.
    pub(super) async fn service_stream(&self) -> tokio_rustls::client::TlsStream<TcpStream> {
        let (certificate, key) = self.pki.issue(2020..2040);
        let (chain, key) = pair(&certificate, &key);
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(self.pki.roots())
            .with_client_auth_cert(chain, key)
            .unwrap();
        let stream = TcpStream::connect(self.running.service).await.unwrap();
        let name = ServerName::try_from("localhost").unwrap();
        TlsConnector::from(Arc::new(config))
            .connect(name, stream)
            .await
            .unwrap()
    }

    pub(super) async fn public_stream(&self) -> TcpStream {
        TcpStream::connect(self.running.public).await.unwrap()
    }

    /// Sends bytes to the service listener and reads until it closes.
    pub(super) async fn raw(&self, bytes: impl AsRef<[u8]>) -> String {
        talk(self.service_stream().await, bytes.as_ref()).await
    }

    /// Sends bytes to the public listener and reads until it closes.
    pub(super) async fn raw_public(&self, bytes: impl AsRef<[u8]>) -> String {
        talk(self.public_stream().await, bytes.as_ref()).await
    }
}

/// Writes, and reads to the end.
pub(super) async fn talk(mut stream: impl AsyncRead + AsyncWrite + Unpin, bytes: &[u8]) -> String {
    stream.write_all(bytes).await.unwrap();
    stream.flush().await.unwrap();
    to_end(&mut stream).await
}

/// Reads until the server closes; how it closes does not matter.
pub(super) async fn to_end(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut got = Vec::new();
    timeout(PATIENCE, async {
        let mut buffer = vec![0; 64 << 10];
        while let Ok(n @ 1..) = stream.read(&mut buffer).await {
            got.extend_from_slice(&buffer[..n]);
        }
    })
    .await
    .expect("the server did not close");
    String::from_utf8_lossy(&got).into_owned()
}

/// Reads until what has come ends with `end`.
pub(super) async fn until(stream: &mut (impl AsyncRead + Unpin), end: &str) -> String {
    let mut got = Vec::new();
    timeout(PATIENCE, async {
        while !got.ends_with(end.as_bytes()) {
            let byte = stream
                .read_u8()
                .await
                .unwrap_or_else(|e| panic!("{e} after {:?}", String::from_utf8_lossy(&got)));
            got.push(byte);
        }
    })
    .await
    .expect("the server did not say that");
    String::from_utf8_lossy(&got).into_owned()
}

/// Whether the first answer in the text has this status.
#[track_caller]
pub(super) fn assert_status(text: &str, status: u16) {
    let line = text.lines().next().unwrap_or_default();
    assert!(line.starts_with(&format!("HTTP/1.1 {status} ")), "{text}");
}
