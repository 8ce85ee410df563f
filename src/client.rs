//! A small HTTP/1.1 client, over mutual TLS or in the clear: what `dtr demo` and the tests call the server with.
//!
//! It keeps one connection and takes a new one when that has been closed. It is no general client: no redirects, no
//! proxies, no cookies.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1::{self, SendRequest};
use hyper::header::{HOST, HeaderMap};
use hyper::{Method, Request, StatusCode, Uri};
use hyper_util::rt::TokioIo;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::Mutex;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_rustls::TlsConnector;

/// Connecting and shaking hands may take so long, unless [`Client::with_connect_timeout`] says otherwise.
const CONNECT: Duration = Duration::from_secs(10);

/// A whole request and its answer may take so long, unless [`Client::with_timeout`] says otherwise.
const EXCHANGE: Duration = Duration::from_secs(60);

/// How long a broken connection is given to say why.
const AFTERMATH: Duration = Duration::from_secs(1);

/// The longest answer that is taken, in bytes, unless [`Client::with_largest`] says otherwise.
const LONGEST_ANSWER: u64 = 256 << 20;

/// How slow an answer may come.
#[derive(Debug, Clone, Copy)]
pub struct LowestPace {
    /// The least that is expected.
    pub bytes_a_second: u64,
    /// So long nothing is expected.
    pub head_start: Duration,
}

/// Why a call came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// What was given is not an address, or its scheme is neither http nor https.
    #[error("{0}: not an http or https address")]
    Url(String),
    /// A certificate or key can't be read.
    #[error("{what} can't be used: {cause}")]
    Pem {
        /// Which.
        what: &'static str,
        /// Why.
        cause: String,
    },
    /// No connection.
    #[error("can't connect to {authority}: {cause}")]
    Connect {
        /// Host and port.
        authority: String,
        /// From the operating system.
        cause: io::Error,
    },
    /// No TLS: the server's certificate was not accepted, or the server sent an alert.
    #[error("TLS handshake with {authority} failed: {cause}")]
    Tls {
        /// Host and port.
        authority: String,
        /// The alert or the reason.
        cause: String,
    },
    /// The exchange broke off. Under TLS 1.3 this is also how a refused client certificate shows: the text names the alert.
    #[error("{method} {url}: {cause}")]
    Exchange {
        /// Of the request.
        method: Method,
        /// Of the request.
        url: String,
        /// All that is known of the cause.
        cause: String,
    },
    /// It took too long.
    #[error("{what} took longer than {} s", limit.as_secs_f64())]
    Timeout {
        /// What was waited for.
        what: String,
        /// How long.
        limit: Duration,
    },
}

/// An answer, read whole.
#[derive(Debug, Clone)]
pub struct Response {
    /// HTTP status.
    pub status: StatusCode,
    /// All headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

impl Response {
    /// The body as text; bytes that are not UTF-8 are replaced.
    pub fn text(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }

    /// A header's value, when it is given and is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// A caller with its certificate, or with none. Calls on one client follow each other on one connection.
#[derive(Debug)]
pub struct Client {
    tls: Arc<ClientConfig>,
    limit: Duration,
    connect: Duration,
    largest: u64,
    pace: Option<LowestPace>,
    connection: Mutex<Option<Connection>>,
}

/// An open connection.
#[derive(Debug)]
struct Connection {
    /// Scheme and authority.
    origin: (String, String),
    sender: SendRequest<Full<Bytes>>,
    /// Carries the bytes; ends with why it ended.
    carrier: JoinHandle<Option<hyper::Error>>,
}

impl Client {
    /// A client that trusts the CAs of `ca_pem` and shows `identity`, a certificate chain and its key, both PEM.
    ///
    /// # Errors
    /// [`ClientError::Pem`].
    pub fn new(ca_pem: &[u8], identity: Option<(&[u8], &[u8])>) -> Result<Self, ClientError> {
        let mut roots = RootCertStore::empty();
        for ca in certificates("the CA", ca_pem)? {
            roots.add(ca).map_err(pem_error("the CA"))?;
        }
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(pem_error("TLS"))?
            .with_root_certificates(roots);
        let mut config = match identity {
            None => builder.with_no_client_auth(),
            Some((chain, key)) => {
                let key = PrivateKeyDer::from_pem_slice(key).map_err(pem_error("the key"))?;
                builder
                    .with_client_auth_cert(certificates("the certificate", chain)?, key)
                    .map_err(pem_error("the certificate with its key"))?
            }
        };
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self {
            tls: Arc::new(config),
            limit: EXCHANGE,
            connect: CONNECT,
            largest: LONGEST_ANSWER,
            pace: None,
            connection: Mutex::new(None),
        })
    }

    /// A client for plain HTTP.
    ///
    /// # Errors
    /// [`ClientError::Pem`], when TLS can't be set up at all.
    pub fn plain() -> Result<Self, ClientError> {
        Self::new(b"", None)
    }

    /// Lets a whole exchange take this long.
    #[must_use]
    pub const fn with_timeout(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// Lets connecting and shaking hands take this long. It is part of the whole exchange.
    #[must_use]
    pub const fn with_connect_timeout(mut self, limit: Duration) -> Self {
        self.connect = limit;
        self
    }

    /// Lets an answer take longer than [`Client::with_timeout`] says once it has begun, but come no slower than this.
    #[must_use]
    pub const fn with_pace(mut self, pace: LowestPace) -> Self {
        self.pace = Some(pace);
        self
    }

    /// Takes no larger answers than this, in bytes.
    #[must_use]
    pub const fn with_largest(mut self, largest: u64) -> Self {
        self.largest = largest;
        self
    }

    /// Sends a POST.
    ///
    /// # Errors
    /// [`ClientError`]; no status counts as one.
    pub async fn post(
        &self,
        url: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Result<Response, ClientError> {
        self.send(Method::POST, url, headers, body.into()).await
    }

    /// Sends a GET.
    ///
    /// # Errors
    /// [`ClientError`]; no status counts as one.
    pub async fn get(&self, url: &str, headers: &[(&str, &str)]) -> Result<Response, ClientError> {
        self.send(Method::GET, url, headers, Bytes::new()).await
    }

    /// Sends a request of any method.
    ///
    /// # Errors
    /// [`ClientError`]; no status counts as one.
    pub async fn send(
        &self,
        method: Method,
        url: &str,
        headers: &[(&str, &str)],
        body: Bytes,
    ) -> Result<Response, ClientError> {
        let what = || format!("{method} {url}");
        let late = |_| ClientError::Timeout {
            what: what(),
            limit: self.limit,
        };
        let begun = Instant::now();
        let slot = timeout(self.limit, self.connection.lock());
        let mut slot = slot.await.map_err(late)?;
        let exchange = self.exchange(&mut slot, &method, url, headers, body);
        let left = self.limit.saturating_sub(begun.elapsed());
        let (connection, response) = timeout(left, exchange).await.map_err(late)??;
        let body = whole(response, self.largest, self.pace);
        let answer = match self.pace {
            Some(_) => body.await,
            None => {
                let left = self.limit.saturating_sub(begun.elapsed());
                timeout(left, body).await.map_err(late)?
            }
        };
        let answer = answer.map_err(|cause| ClientError::Exchange {
            method: method.clone(),
            url: url.to_owned(),
            cause,
        })?;
        *slot = Some(connection);
        Ok(answer)
    }

    /// Sends a request and waits for the head of its answer.
    async fn exchange(
        &self,
        slot: &mut Option<Connection>,
        method: &Method,
        url: &str,
        headers: &[(&str, &str)],
        body: Bytes,
    ) -> Result<(Connection, hyper::Response<Incoming>), ClientError> {
        let (origin, target) = split(url).ok_or_else(|| ClientError::Url(url.to_owned()))?;
        let broken = |cause: String| ClientError::Exchange {
            method: method.clone(),
            url: url.to_owned(),
            cause,
        };
        // A connection is taken out while it is used, so that an exchange that is given up takes it along.
        let kept = slot
            .take()
            .filter(|open| open.origin == origin && !open.sender.is_closed());
        let mut reused = kept.is_some();
        let mut connection = match kept {
            Some(open) => open,
            None => self.connect(&origin).await?,
        };
        loop {
            let request = request(method, &origin.1, &target, headers, body.clone())
                .map_err(|e| broken(e.to_string()))?;
            match connection.sender.try_send_request(request).await {
                Ok(response) => return Ok((connection, response)),
                // The server had closed an idle connection. Once more, on a new one: where the request was never sent, or
                // where asking twice is as asking once.
                Err(error) if reused && (error.message().is_some() || method.is_safe()) => {
                    reused = false;
                    connection = self.connect(&origin).await?;
                }
                Err(error) => return Err(broken(connection.cause(&error.into_error()).await)),
            }
        }
    }

    async fn connect(&self, origin: &(String, String)) -> Result<Connection, ClientError> {
        let (scheme, authority) = origin;
        let connecting = async {
            let stream = TcpStream::connect(authority.as_str())
                .await
                .and_then(|stream| stream.set_nodelay(true).map(|()| stream))
                .map_err(|cause| ClientError::Connect {
                    authority: authority.clone(),
                    cause,
                })?;
            if scheme == "http" {
                return Connection::over(stream, origin).await;
            }
            let failed = |cause: String| ClientError::Tls {
                authority: authority.clone(),
                cause,
            };
            let name = server_name(authority)
                .ok_or_else(|| failed("the host is not a name".to_owned()))?;
            let stream = TlsConnector::from(Arc::clone(&self.tls))
                .connect(name, stream)
                .await;
            Connection::over(stream.map_err(|error| failed(error.to_string()))?, origin).await
        };
        timeout(self.connect, connecting)
            .await
            .map_err(|_| ClientError::Timeout {
                what: format!("connecting to {authority}"),
                limit: self.connect,
            })?
    }
}

impl Connection {
    async fn over<S>(stream: S, origin: &(String, String)) -> Result<Self, ClientError>
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let (sender, carrying) = http1::handshake(TokioIo::new(stream))
            .await
            .map_err(|error| ClientError::Connect {
                authority: origin.1.clone(),
                cause: io::Error::other(error),
            })?;
        Ok(Self {
            origin: origin.clone(),
            sender,
            carrier: tokio::spawn(async move { carrying.await.err() }),
        })
    }

    /// All that is known of why an exchange broke off: the alert of a refused certificate is told to the carrier alone.
    async fn cause(&mut self, error: &hyper::Error) -> String {
        let mut text = chain(error);
        if let Ok(Ok(Some(end))) = timeout(AFTERMATH, &mut self.carrier).await {
            let end = chain(&end);
            if !text.contains(&end) {
                text = format!("{text}; {end}");
            }
        }
        text
    }
}

/// An error and all its causes.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        next = cause.source();
    }
    text
}

fn request(
    method: &Method,
    authority: &str,
    target: &str,
    headers: &[(&str, &str)],
    body: Bytes,
) -> Result<Request<Full<Bytes>>, hyper::http::Error> {
    let mut builder = Request::builder()
        .method(method.clone())
        .uri(target)
        .header(HOST, authority);
    for (name, value) in headers {
        builder = builder.header(*name, *value);
    }
    builder.body(Full::new(body))
}

async fn whole(
    response: hyper::Response<Incoming>,
    largest: u64,
    pace: Option<LowestPace>,
) -> Result<Response, String> {
    let (parts, body) = response.into_parts();
    let limit = usize::try_from(largest).unwrap_or(usize::MAX);
    let mut body = Limited::new(body, limit);
    let mut bytes = Vec::new();
    let begun = Instant::now();
    loop {
        let frame = match pace {
            None => body.frame().await,
            // Enough must have come by the time that what has come already allows.
            Some(pace) => {
                let least = pace.bytes_a_second;
                let allowed = Duration::from_secs(bytes.len() as u64 / least.max(1));
                timeout_at(begun + pace.head_start + allowed, body.frame())
                    .await
                    .map_err(|_| format!("the answer comes slower than {least} bytes a second"))?
            }
        };
        let Some(frame) = frame else { break };
        let frame = frame.map_err(|error| format!("the answer broke off: {}", chain(&*error)))?;
        if let Ok(data) = frame.into_data() {
            bytes.extend_from_slice(&data);
        }
    }
    Ok(Response {
        status: parts.status,
        headers: parts.headers,
        body: bytes.into(),
    })
}

/// Scheme and authority with port, and the target with its query.
fn split(url: &str) -> Option<((String, String), String)> {
    let uri: Uri = url.parse().ok()?;
    let port = match uri.scheme_str()? {
        "http" => 80,
        "https" => 443,
        _ => return None,
    };
    let authority = uri.authority()?;
    let authority = match authority.port() {
        Some(_) => authority.as_str().to_owned(),
        None => format!("{authority}:{port}"),
    };
    let target = uri.path_and_query().map_or("/", |target| target.as_str());
    Some(((uri.scheme_str()?.to_owned(), authority), target.to_owned()))
}

fn server_name(authority: &str) -> Option<ServerName<'static>> {
    let host = authority
        .rsplit_once(':')
        .map_or(authority, |(host, _)| host);
    let host = host.trim_start_matches('[').trim_end_matches(']');
    ServerName::try_from(host.to_owned()).ok()
}

fn certificates(
    what: &'static str,
    pem: &[u8],
) -> Result<Vec<CertificateDer<'static>>, ClientError> {
    CertificateDer::pem_slice_iter(pem)
        .collect::<Result<_, _>>()
        .map_err(pem_error(what))
}

fn pem_error<E: std::fmt::Display>(what: &'static str) -> impl Fn(E) -> ClientError {
    move |cause| ClientError::Pem {
        what,
        cause: cause.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_taken_apart() {
        let parts = |url| {
            split(url).map(|((scheme, authority), target)| format!("{scheme} {authority} {target}"))
        };
        assert_eq!(
            parts("http://localhost:8080").as_deref(),
            Some("http localhost:8080 /")
        );
        assert_eq!(
            parts("https://a.example/b?c=d").as_deref(),
            Some("https a.example:443 /b?c=d")
        );
        assert_eq!(parts("ftp://a/"), None);
        assert_eq!(parts("/a"), None);
        assert!(server_name("[::1]:8443").is_some());
    }
}
