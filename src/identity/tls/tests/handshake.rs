//! Client and server in memory: which caller gets in, which alert the others get, and what the log can say of them.

use super::*;
use crate::identity::oces::{Certificate, Fingerprint};
use crate::identity::refusal::HandshakeFailure;
use rustls::pki_types::ServerName;
use rustls::{
    AlertDescription, ClientConfig, ClientConnection, Error, HandshakeKind, ProtocolVersion,
    ServerConnection, SupportedProtocolVersion,
};
use std::io::{self, Read, Write};

const TLS12: &[&SupportedProtocolVersion] = &[&rustls::version::TLS12];
const TLS13: &[&SupportedProtocolVersion] = &[&rustls::version::TLS13];

/// A client that trusts the example CA and calls with the named certificate.
fn client(
    example: &Example,
    name: Option<&str>,
    versions: &[&'static SupportedProtocolVersion],
) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots
        .add(
            pem::certificates(&example.path("ca.pem"))
                .unwrap()
                .remove(0),
        )
        .unwrap();
    let builder = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_protocol_versions(versions)
        .unwrap()
        .with_root_certificates(roots);
    let mut config = match name {
        Some(name) => {
            let chain = pem::certificates(&example.path(&format!("{name}.pem"))).unwrap();
            let key = pem::private_key(&example.path(&format!("{name}.key"))).unwrap();
            builder.with_client_auth_cert(chain, key).unwrap()
        }
        None => builder.with_no_client_auth(),
    };
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config
}

struct Outcome {
    client: ClientConnection,
    server: ServerConnection,
    /// What the server refused with.
    refused: Option<Error>,
    /// The alert that reached the client.
    alert: Option<AlertDescription>,
}

/// Shakes hands and passes one message, without a socket.
fn shake(client: Arc<ClientConfig>, server: &Arc<ServerConfig>) -> Outcome {
    let name = ServerName::try_from("localhost").unwrap();
    let mut outcome = Outcome {
        client: ClientConnection::new(client, name).unwrap(),
        server: ServerConnection::new(Arc::clone(server)).unwrap(),
        refused: None,
        alert: None,
    };
    outcome.client.writer().write_all(b"hej").unwrap();
    for _ in 0..10 {
        let mut wire = Vec::new();
        while outcome.client.wants_write() {
            outcome.client.write_tls(&mut wire).unwrap();
        }
        let mut bytes = &wire[..];
        while !bytes.is_empty() && outcome.refused.is_none() {
            outcome.server.read_tls(&mut bytes).unwrap();
            outcome.refused = outcome.server.process_new_packets().err();
        }
        let mut wire = Vec::new();
        while outcome.server.wants_write() {
            outcome.server.write_tls(&mut wire).unwrap();
        }
        let mut bytes = &wire[..];
        while !bytes.is_empty() && outcome.alert.is_none() {
            outcome.client.read_tls(&mut bytes).unwrap();
            match outcome.client.process_new_packets() {
                Ok(_) => {}
                Err(Error::AlertReceived(alert)) => outcome.alert = Some(alert),
                Err(other) => panic!("the client refused the server: {other}"),
            }
        }
    }
    outcome
}

#[test]
fn good_callers_get_in_with_both_versions() {
    let example = Example::new();
    let refusals = Arc::new(Refusals::default());
    let listener = service(
        &example.files(),
        Arc::clone(&refusals),
        OffsetDateTime::now_utc(),
    )
    .unwrap();
    // uden-cvr is good here: its 403 comes after the handshake.
    let callers = [
        "kommune",
        "kommune2",
        "leverandoer",
        "aftager",
        "operatoer",
        "uden-cvr",
    ];
    for (versions, expected) in [
        (TLS12, ProtocolVersion::TLSv1_2),
        (TLS13, ProtocolVersion::TLSv1_3),
    ] {
        for name in callers {
            let config = client(&example, Some(name), versions);
            let mut outcome = shake(Arc::new(config), &listener.config);
            assert_eq!(outcome.refused, None, "{name}");
            assert!(!outcome.server.is_handshaking(), "{name}");
            assert_eq!(outcome.server.protocol_version(), Some(expected));
            assert_eq!(outcome.server.alpn_protocol(), Some(&b"http/1.1"[..]));
            let mut received = [0; 3];
            outcome.server.reader().read_exact(&mut received).unwrap();
            assert_eq!(&received, b"hej");
        }
    }
    assert_eq!(refusals.latest(), []);
}

#[test]
fn bad_callers_get_the_alert_that_says_why() {
    let example = Example::new();
    let refusals = Arc::new(Refusals::default());
    let listener = service(
        &example.files(),
        Arc::clone(&refusals),
        OffsetDateTime::now_utc(),
    )
    .unwrap();
    let purpose = AlertDescription::UnsupportedCertificate;
    let cases = [
        (
            "udloebet",
            AlertDescription::CertificateExpired,
            Check::Expired,
        ),
        ("fremmed", AlertDescription::UnknownCA, Check::UnknownCa),
        (
            "tilbagekaldt",
            AlertDescription::CertificateRevoked,
            Check::Revoked,
        ),
        ("kun-server", purpose, Check::ExtendedKeyUsage),
        ("server", purpose, Check::ExtendedKeyUsage),
    ];
    for versions in [TLS12, TLS13] {
        for (name, alert, check) in cases {
            let mut config = client(&example, Some(name), versions);
            config.client_auth_cert_resolver = Arc::new(Unasked(config.client_auth_cert_resolver));
            let outcome = shake(Arc::new(config), &listener.config);
            assert_eq!(outcome.alert, Some(alert), "{name}");
            let failure = HandshakeFailure::of_tls(&outcome.refused.unwrap());
            assert_eq!(failure.check, check, "{name}");

            let refusal = refusals.latest().pop().unwrap();
            let der = pem::certificates(&example.path(&format!("{name}.pem")))
                .unwrap()
                .remove(0);
            let cvr = Certificate::read(&der).ok().map(|c| c.cvr);
            assert_eq!(cvr.is_some(), name != "server");
            assert_eq!((refusal.check, refusal.whose.cvr), (check, cvr));
            assert_eq!(refusal.whose.fingerprint, Fingerprint::of(&der));
        }
    }
    let latest = refusals.latest();
    assert_eq!(latest.len(), 10);
    for (check, times) in [
        (Check::Expired, 2),
        (Check::UnknownCa, 2),
        (Check::Revoked, 2),
        (Check::ExtendedKeyUsage, 4),
    ] {
        let of = latest.iter().filter(|each| each.check == check);
        assert_eq!(of.count(), times, "{check:?}");
    }
}

/// Sends its certificate although the server named other issuers: a stubborn client.
#[derive(Debug)]
struct Unasked(Arc<dyn rustls::client::ResolvesClientCert>);

impl rustls::client::ResolvesClientCert for Unasked {
    fn resolve(
        &self,
        _: &[&[u8]],
        schemes: &[rustls::SignatureScheme],
    ) -> Option<Arc<rustls::sign::CertifiedKey>> {
        self.0.resolve(&[], schemes)
    }

    fn has_certs(&self) -> bool {
        true
    }
}

#[test]
fn a_caller_without_certificate_is_told_that_one_is_required() {
    let example = Example::new();
    let refusals = Arc::new(Refusals::default());
    let listener = service(
        &example.files(),
        Arc::clone(&refusals),
        OffsetDateTime::now_utc(),
    )
    .unwrap();
    let outcome = shake(Arc::new(client(&example, None, TLS13)), &listener.config);
    assert_eq!(outcome.alert, Some(AlertDescription::CertificateRequired));
    let failure = HandshakeFailure::of_tls(&outcome.refused.unwrap());
    assert_eq!(failure.check, Check::NoCertificate);
    assert_eq!(failure.text, "the caller sent no certificate");
    assert_eq!(refusals.latest(), []);
}

/// What is kept of a session is the server's alone, knows whose it is, and goes with its configuration.
#[test]
fn a_session_is_resumed_with_its_identity_and_by_its_configuration_alone() {
    let example = Example::new();
    let now = OffsetDateTime::now_utc();
    let listener = service(&example.files(), Arc::default(), now).unwrap();
    let renewed = service(&example.files(), Arc::default(), now).unwrap();
    let chain = pem::certificates(&example.path("kommune.pem")).unwrap();
    for versions in [TLS12, TLS13] {
        let config = Arc::new(client(&example, Some("kommune"), versions));
        for kind in [
            HandshakeKind::Full,
            HandshakeKind::Resumed,
            HandshakeKind::Resumed,
        ] {
            let outcome = shake(Arc::clone(&config), &listener.config);
            assert_eq!(outcome.server.handshake_kind(), Some(kind));
            assert_eq!(outcome.server.peer_certificates(), Some(&chain[..]));
            assert_eq!(outcome.refused, None);
        }
        let outcome = shake(Arc::clone(&config), &renewed.config);
        assert_eq!(outcome.server.handshake_kind(), Some(HandshakeKind::Full));
        // Another caller has nothing to resume.
        let other = Arc::new(client(&example, Some("kommune2"), versions));
        let outcome = shake(other, &listener.config);
        assert_eq!(outcome.server.handshake_kind(), Some(HandshakeKind::Full));
    }
}

#[test]
fn another_application_protocol_is_refused() {
    let example = Example::new();
    let listener = service(&example.files(), Arc::default(), OffsetDateTime::now_utc()).unwrap();
    let mut config = client(&example, Some("kommune"), TLS13);
    config.alpn_protocols = vec![b"h2".to_vec()];
    let outcome = shake(Arc::new(config), &listener.config);
    assert_eq!(outcome.alert, Some(AlertDescription::NoApplicationProtocol));
    let failure = HandshakeFailure::of_tls(&outcome.refused.unwrap());
    assert_eq!(failure.check, Check::Protocol);
}

#[test]
fn the_public_listener_asks_for_no_certificate() {
    let example = Example::new();
    let listener = public(&example.files().server, true).unwrap();
    let mut outcome = shake(Arc::new(client(&example, None, TLS13)), &listener.config);
    assert_eq!((outcome.refused, outcome.alert), (None, None));
    let mut received = [0; 3];
    outcome.server.reader().read_exact(&mut received).unwrap();
    assert_eq!(outcome.server.peer_certificates(), None);
}

#[test]
fn counts_the_days_to_expiry() {
    let example = Example::new();
    let listener = public(&example.files().server, true).unwrap();
    assert_eq!(listener.days_to_expiry(OffsetDateTime::now_utc()), 5 * 365);
    let after = listener.not_after + time::Duration::seconds(1);
    assert_eq!(listener.days_to_expiry(after), -1);
    assert_eq!(listener.days_to_expiry(listener.not_after), 0);
}

#[test]
fn garbage_is_no_tls() {
    let example = Example::new();
    let listener = service(&example.files(), Arc::default(), OffsetDateTime::now_utc()).unwrap();
    let mut server = ServerConnection::new(listener.config).unwrap();
    server
        .read_tls(&mut &b"POST /v2/ImportService HTTP/1.1\r\n\r\n"[..])
        .unwrap();
    let error = server.process_new_packets().unwrap_err();
    let failure = HandshakeFailure::of(&io::Error::new(io::ErrorKind::InvalidData, error));
    assert_eq!(failure.check, Check::Protocol);

    let gone = HandshakeFailure::of(&io::Error::from(io::ErrorKind::UnexpectedEof));
    assert_eq!(gone.check, Check::CallerGaveUp);
}
