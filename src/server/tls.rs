//! TLS as the listeners use it: a configuration that can be replaced while connections live, and why handshakes fail.
//! Building a configuration, and judging certificates, is the work of `identity`.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use rustls::ServerConfig;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::exchange::PeerChain;
use crate::identity::refusal::HandshakeFailure;
use crate::register::Tidspunkt;

/// After a refused handshake this much and this long is read and dropped, so that the caller sees the alert and not a
/// reset connection.
const LINGER_BYTES: u64 = 64 << 10;
const LINGER: Duration = Duration::from_secs(1);

/// A listener's TLS: its configuration now, and when its certificate expires. Replacing it concerns new connections.
#[derive(Debug)]
pub struct TlsCell(RwLock<(Arc<ServerConfig>, Tidspunkt)>);

impl TlsCell {
    /// With a first configuration, and the end of validity of the server's own certificate.
    pub fn new(config: Arc<ServerConfig>, not_after: Tidspunkt) -> Self {
        Self(RwLock::new((config, not_after)))
    }

    /// Puts another in its place; open connections keep theirs.
    pub fn replace(&self, config: Arc<ServerConfig>, not_after: Tidspunkt) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = (config, not_after);
    }

    /// When the server's own certificate expires.
    pub fn not_after(&self) -> Tidspunkt {
        self.0.read().unwrap_or_else(PoisonError::into_inner).1
    }

    fn config(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner).0)
    }
}

/// A handshake that came to nothing.
#[derive(Debug)]
pub(crate) struct HandshakeFailed {
    /// One of a fixed set, for the metrics.
    pub(crate) reason: &'static str,
    /// For the log.
    pub(crate) detail: String,
    /// What is left of the connection.
    stream: Option<TcpStream>,
}

impl HandshakeFailed {
    /// Says no more, and reads what the caller still sends, so that it sees its alert.
    pub(crate) async fn linger(self) {
        let Some(mut stream) = self.stream else {
            return;
        };
        let _ = timeout(LINGER, async {
            stream.shutdown().await?;
            tokio::io::copy(
                &mut (&mut stream).take(LINGER_BYTES),
                &mut tokio::io::sink(),
            )
            .await
        })
        .await;
    }
}

/// Performs the handshake within `limit` and takes the caller's certificates from it.
///
/// # Errors
/// When it fails or takes too long; the alert is then on its way.
pub(crate) async fn accept(
    cell: &TlsCell,
    stream: TcpStream,
    limit: Duration,
) -> Result<(TlsStream<TcpStream>, PeerChain), HandshakeFailed> {
    let handshake = TlsAcceptor::from(cell.config())
        .accept(stream)
        .into_fallible();
    let (error, stream) = match timeout(limit, handshake).await {
        Ok(Ok(stream)) => {
            let certificates = stream.get_ref().1.peer_certificates().unwrap_or_default();
            let chain = certificates.iter().map(|der| der.to_vec()).collect();
            return Ok((stream, chain));
        }
        Ok(Err(failed)) => failed,
        Err(_) => {
            return Err(HandshakeFailed {
                reason: "timeout",
                detail: format!("not done within {} ms", limit.as_millis()),
                stream: None,
            });
        }
    };
    let failure = HandshakeFailure::of(&error);
    Err(HandshakeFailed {
        reason: failure.check.as_str(),
        detail: failure.text,
        stream: Some(stream),
    })
}
