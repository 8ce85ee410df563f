//! Bytes over TLS, for what a well-behaved client would not send.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::{TestApp, pki};

/// Long enough for any answer, short enough for a test that hangs.
const PATIENCE: Duration = crate::support::FOR_EVER;

/// An open connection to the service listener, with Aarhus' certificate.
#[derive(Debug)]
pub(crate) struct RawConnection(TlsStream<TcpStream>);

impl RawConnection {
    /// Connects and shakes hands.
    pub(crate) async fn open(app: &TestApp) -> Self {
        Self::to(app.app.running.service, "kommune").await
    }

    /// The same to any address, with the certificate of this name.
    pub(crate) async fn to(service: SocketAddr, certificate: &str) -> Self {
        let file = |name: &str| pki::folder().join(name);
        let mut roots = RootCertStore::empty();
        let ca = CertificateDer::from_pem_file(file("ca.pem")).unwrap();
        roots.add(ca).unwrap();
        let leaf = CertificateDer::from_pem_file(file(&format!("{certificate}.pem")));
        let chain = vec![leaf.unwrap()];
        let key = PrivateKeyDer::from_pem_file(file(&format!("{certificate}.key"))).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_client_auth_cert(chain, key)
            .unwrap();
        let stream = TcpStream::connect(service).await.unwrap();
        // Else the request waits for the server to acknowledge the handshake's end, which it takes its time with.
        stream.set_nodelay(true).unwrap();
        let name = ServerName::try_from("localhost").unwrap();
        let tls = TlsConnector::from(Arc::new(config));
        Self(tls.connect(name, stream).await.unwrap())
    }

    /// The connection itself.
    pub(crate) fn into_stream(self) -> TlsStream<TcpStream> {
        self.0
    }

    /// Sends bytes.
    pub(crate) async fn send(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).await.unwrap();
        self.0.flush().await.unwrap();
    }

    /// Says that nothing more comes.
    pub(crate) async fn finish(&mut self) {
        self.0.shutdown().await.unwrap();
    }

    /// Sends bytes while what comes back is read, as a server may answer before it has all.
    pub(crate) async fn talk(self, bytes: &[u8]) -> Vec<u8> {
        let (mut read, mut write) = tokio::io::split(self.0);
        let mut answer = Vec::new();
        let sending = async {
            // A server that has answered need not take the rest.
            let _ = write.write_all(bytes).await;
            let _ = write.flush().await;
        };
        let mut sending = std::pin::pin!(sending);
        let exchange = async {
            let reading = read.read_to_end(&mut answer);
            let mut reading = std::pin::pin!(reading);
            tokio::select! {
                () = &mut sending => {}
                _ = &mut reading => return,
            }
            let _ = reading.await;
        };
        timeout(PATIENCE, exchange)
            .await
            .expect("the server answers and closes");
        answer
    }

    /// Everything that comes until the server closes.
    pub(crate) async fn rest(mut self) -> String {
        let mut bytes = Vec::new();
        // A server that closes without a goodbye has still said what came before.
        let _ = timeout(PATIENCE, self.0.read_to_end(&mut bytes))
            .await
            .expect("the server closes");
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

/// Sends bytes on a connection of its own and gives everything that comes back.
pub(crate) async fn exchange(app: &TestApp, bytes: &[u8]) -> String {
    let mut connection = RawConnection::open(app).await;
    connection.send(bytes).await;
    connection.rest().await
}

/// The same over plain TCP, to the public listener.
pub(crate) async fn plain(app: &TestApp, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(app.app.running.public).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    let mut answer = Vec::new();
    let read = timeout(PATIENCE, stream.read_to_end(&mut answer)).await;
    read.expect("the server closes").unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}
