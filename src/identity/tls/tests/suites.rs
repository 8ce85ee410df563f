//! Which cipher suites are offered, and that the server's order decides.

use super::*;
use rustls::pki_types::ServerName;
use rustls::{CipherSuite, ClientConfig, ClientConnection, ServerConnection};

/// The suite that is chosen when the client likes this one best and takes all others too.
fn chosen(listener: &ListenerTls, roots: &RootCertStore, liked: CipherSuite) -> CipherSuite {
    let mut provider = default_provider();
    provider
        .cipher_suites
        .sort_by_key(|suite| suite.suite() != liked);
    let config = ClientConfig::builder_with_provider(Arc::new(provider))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots.clone())
        .with_no_client_auth();
    let name = ServerName::try_from("localhost").unwrap();
    let mut client = ClientConnection::new(Arc::new(config), name).unwrap();
    let mut server = ServerConnection::new(Arc::clone(&listener.config)).unwrap();
    let mut wire = Vec::new();
    while client.wants_write() {
        client.write_tls(&mut wire).unwrap();
    }
    server.read_tls(&mut &wire[..]).unwrap();
    server.process_new_packets().unwrap();
    server.negotiated_cipher_suite().unwrap().suite()
}

#[test]
fn the_servers_order_of_cipher_suites_decides() {
    let example = Example::new();
    let mut roots = RootCertStore::empty();
    for ca in pem::certificates(&example.path("ca.pem")).unwrap() {
        roots.add(ca).unwrap();
    }
    let service = service(&example.files(), Arc::default(), OffsetDateTime::now_utc()).unwrap();
    let public = public(&example.files().server, true).unwrap();
    for listener in [service, public] {
        for liked in [
            CipherSuite::TLS13_CHACHA20_POLY1305_SHA256,
            CipherSuite::TLS13_AES_128_GCM_SHA256,
        ] {
            let best = CipherSuite::TLS13_AES_256_GCM_SHA384;
            assert_eq!(chosen(&listener, &roots, liked), best);
        }
    }
}
