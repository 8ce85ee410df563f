//! What a session keeps to, from versions of TLS to keys that are changed beneath it.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::making::{Authority, Wanted, call, client, connect, hello, told};
use crate::support::{TestApp, pki};
use crate::threats::Outcome;

pub(super) async fn run(kind: &str) -> Outcome {
    let authority = Authority::new();
    let good = authority.issue(&Wanted::good());
    match kind {
        "tls-1.2" | "tls-1.3" => {
            let app = authority.serve(|_| {}).await;
            is("ok", &call(&app, &good, &kind[4..]).await)
        }
        "tls-1.0" => is_refused(&raw(&authority, &client_hello(0x0301)).await),
        "tls-1.1" => is_refused(&raw(&authority, &client_hello(0x0302)).await),
        "tomt-record" => is_cut(&raw(&authority, &[0x16, 3, 1, 0, 0]).await),
        "clienthello-64k" => {
            let mut bytes = vec![0x16, 3, 1, 0xff, 0xff, 1, 0, 0xff, 0xfb, 3, 3];
            bytes.resize(5 + 0xffff, 0);
            is_cut(&raw(&authority, &bytes).await)
        }
        "ikke-tls" => is_cut(&raw(&authority, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await),
        "clienthello-i-stykker" => fragmented(&authority, good).await,
        "uden-certifikat" => {
            let app = authority.serve(|_| {}).await;
            let asks = async {
                let mut stream = connect(&app, client(None, ""), "localhost").await?;
                hello(&mut stream).await
            };
            is("CertificateRequired", &told(asks).await)
        }
        "sni-mangler-eller-ukendt" => {
            // The name is judged by the client; the server has one certificate for all names.
            let app = authority.serve(|_| {}).await;
            let by_address = async {
                let mut stream = connect(&app, client(Some(&good), ""), "127.0.0.1").await?;
                hello(&mut stream).await
            };
            is("ok", &told(by_address).await)
        }
        "alpn-h2" => {
            let app = authority.serve(|_| {}).await;
            let mut config = (*client(Some(&good), "")).clone();
            config.alpn_protocols = vec![b"h2".to_vec()];
            let asks = async {
                let mut stream = connect(&app, Arc::new(config), "localhost").await?;
                hello(&mut stream).await
            };
            is("NoApplicationProtocol", &told(asks).await)
        }
        "genoptagelse" => resumption(&authority, good).await,
        "genoptaget-efter-udloeb" => resumed_after_expiry(&authority).await,
        "genoptaget-efter-spaerring" => {
            resumed_after_change(&authority, good, "CertificateRevoked").await
        }
        "genoptaget-paa-tvaers-af-ca" => resumed_after_change(&authority, good, "UnknownCA").await,
        "servercertifikat-skiftes" => renewed_server(&authority, good).await,
        "to-generationer" => two_generations().await,
        "ca-tages-ud" => withdrawn_ca(&authority, good).await,
        "nyt-certifikat-samme-cvr" => {
            let app = authority.serve(|_| {}).await;
            let again = authority.issue(&Wanted::good());
            is("ok", &call(&app, &good, "").await)?;
            is("ok", &call(&app, &again, "").await)
        }
        "udloeber-under-forbindelse" => expires(&authority).await,
        other => Err(format!("unknown kind {other}")),
    }
}

fn is(wanted: &str, found: &str) -> Outcome {
    if found == wanted {
        Ok(())
    } else {
        Err(format!("{found}, not {wanted}"))
    }
}

/// The fatal alert handshake_failure or protocol_version, and nothing else.
fn is_refused(answer: &[u8]) -> Outcome {
    match answer {
        [0x15, 3, _, 0, 2, 2, 40 | 70] => Ok(()),
        other => Err(format!("answered {other:?}")),
    }
}

/// An alert or nothing, and the end.
fn is_cut(answer: &[u8]) -> Outcome {
    match answer {
        [] | [0x15, ..] => Ok(()),
        other => Err(format!("answered {other:?}")),
    }
}

/// A ClientHello of an old version with a suite of its time.
fn client_hello(version: u16) -> Vec<u8> {
    let [major, minor] = version.to_be_bytes();
    let mut body = vec![major, minor];
    body.extend([7; 32]);
    body.extend([0, 0, 2, 0xc0, 0x13, 1, 0]);
    let length = u16::try_from(body.len()).unwrap();
    let mut message = vec![1, 0];
    message.extend(length.to_be_bytes());
    message.extend(body);
    let mut record = vec![0x16, 3, 1];
    record.extend(u16::try_from(message.len()).unwrap().to_be_bytes());
    record.extend(message);
    record
}

/// Everything that the server says to these bytes.
async fn raw(authority: &Authority, bytes: &[u8]) -> Vec<u8> {
    let app = authority
        .serve(|config| config.graenser.haandtryk_ms = 1500)
        .await;
    let mut stream = TcpStream::connect(app.app.running.service).await.unwrap();
    let _ = stream.write_all(bytes).await;
    let mut answer = Vec::new();
    let _ = tokio::time::timeout(crate::support::FOR_EVER, stream.read_to_end(&mut answer)).await;
    answer
}

/// The handshake in pieces of one byte: slow, and a handshake all the same.
async fn fragmented(authority: &Authority, good: super::making::Presented) -> Outcome {
    let app = authority.serve(|_| {}).await;
    let (near, far) = tokio::io::duplex(1);
    let server = TcpStream::connect(app.app.running.service).await.unwrap();
    server.set_nodelay(true).unwrap();
    tokio::spawn(async move {
        let (mut far, mut server) = (far, server);
        let _ = tokio::io::copy_bidirectional_with_sizes(&mut far, &mut server, 1, 4096).await;
    });
    let name = rustls::pki_types::ServerName::try_from("localhost").unwrap();
    let connector = tokio_rustls::TlsConnector::from(client(Some(&good), ""));
    let asks = async {
        let mut stream = connector.connect(name, near).await?;
        hello(&mut stream).await
    };
    is("ok", &told(asks).await)
}

/// What a connection of a client says that it opens anew, and whether it resumed a session.
async fn again(app: &TestApp, config: &Arc<rustls::ClientConfig>) -> (String, bool) {
    let mut resumed = false;
    let asks = async {
        let mut stream = connect(app, Arc::clone(config), "localhost").await?;
        resumed = stream.get_ref().1.handshake_kind() == Some(rustls::HandshakeKind::Resumed);
        hello(&mut stream).await
    };
    (told(asks).await, resumed)
}

fn are(wanted: (&str, bool), found: &(String, bool)) -> Outcome {
    if (found.0.as_str(), found.1) == wanted {
        Ok(())
    } else {
        Err(format!("{found:?}, not {wanted:?}"))
    }
}

/// Connections of one client one after the other, which share their sessions.
async fn resumption(authority: &Authority, good: super::making::Presented) -> Outcome {
    let app = authority.serve(|_| {}).await;
    for versions in ["1.2", "1.3"] {
        let config = client(Some(&good), versions);
        are(("ok", false), &again(&app, &config).await)?;
        are(("ok", true), &again(&app, &config).await)?;
        are(("ok", true), &again(&app, &config).await)?;
    }
    Ok(())
}

/// A session whose certificate has run out since: it is resumed, and the request refused.
async fn resumed_after_expiry(authority: &Authority) -> Outcome {
    let app = authority.serve(|_| {}).await;
    // A slow machine may need longer for the first connections than a certificate lasts: then one that lasts longer.
    for seconds in [8, 60, 400] {
        let ends = std::time::Instant::now() + Duration::from_secs(seconds);
        let presented = authority.issue(&Wanted::good().ending_in(Duration::from_secs(seconds)));
        let configs = ["1.2", "1.3"].map(|versions| client(Some(&presented), versions));
        let mut begun = true;
        for config in &configs {
            begun &= again(&app, config).await == ("ok".to_owned(), false);
        }
        if !begun {
            continue;
        }
        tokio::time::sleep_until((ends + Duration::from_secs(1)).into()).await;
        for config in &configs {
            are(("DTR1030", true), &again(&app, config).await)?;
        }
        return Ok(());
    }
    Err("no session was begun".to_owned())
}

/// Whatever changes whom the server trusts ends the sessions from before.
async fn resumed_after_change(
    authority: &Authority,
    good: super::making::Presented,
    refused: &str,
) -> Outcome {
    let (mut file, mut lists) = (None, None);
    let app = authority
        .serve(|config| {
            file = Some(config.tls.klient_ca[0].clone());
            lists = Some(config.tls.crl[0].clone());
        })
        .await;
    let configs = ["1.2", "1.3"].map(|versions| client(Some(&good), versions));
    for config in &configs {
        are(("ok", false), &again(&app, config).await)?;
        are(("ok", true), &again(&app, config).await)?;
    }
    let lists = lists.unwrap();
    if refused == "CertificateRevoked" {
        let list = authority.root.list(&[super::making::LEAF], -1, 100);
        replace(&lists.join("rod.crl"), list.as_bytes());
    } else {
        let other = Authority::named("Efterfølger");
        std::fs::write(lists.join("efter.crl"), other.root.list(&[], -1, 100)).unwrap();
        replace(&file.unwrap(), other.root.certificate.pem().as_bytes());
    }
    for config in &configs {
        let mut found = again(&app, config).await;
        for _ in 0..6000 {
            // One that was resumed in the moment of the change is refused at its first request.
            if found.0 != "ok" && found.0 != "DTR1030" {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
            found = again(&app, config).await;
        }
        are((refused, false), &found)?;
    }
    Ok(())
}

/// Puts a file beside another and renames it over it, as a careful operator does.
fn replace(file: &std::path::Path, content: &[u8]) {
    let aside = file.with_extension("ny");
    std::fs::write(&aside, content).unwrap();
    std::fs::rename(aside, file).unwrap();
}

async fn renewed_server(authority: &Authority, good: super::making::Presented) -> Outcome {
    let folder = crate::support::Folder::new();
    let (pem, key) = (folder.join("server.pem"), folder.join("server.key"));
    let own = pki::folder();
    std::fs::copy(own.join("server.pem"), &pem).unwrap();
    std::fs::copy(own.join("server.key"), &key).unwrap();
    let app = authority
        .serve(|config| (config.tls.certifikat, config.tls.noegle) = (pem.clone(), key.clone()))
        .await;
    let mut open = connect(&app, client(Some(&good), ""), "localhost")
        .await
        .map_err(|error| error.to_string())?;
    is("ok", &told(hello(&mut open)).await)?;
    let before = open.get_ref().1.peer_certificates().unwrap()[0].clone();
    // Another certificate of the same CA, with another key: the example PKI has one for the kommune.
    replace(&key, &std::fs::read(own.join("kommune.key")).unwrap());
    replace(&pem, &std::fs::read(own.join("kommune.pem")).unwrap());
    for _ in 0..6000 {
        is("ok", &told(hello(&mut open)).await)?;
        let mut config = (*client(Some(&good), "")).clone();
        let any = Arc::new(AnyServer);
        config.dangerous().set_certificate_verifier(any);
        let stream = connect(&app, Arc::new(config), "localhost").await;
        let stream = stream.map_err(|error| error.to_string())?;
        if stream.get_ref().1.peer_certificates().unwrap()[0] != before {
            // The open connection has lived through it.
            return is("ok", &told(hello(&mut open)).await);
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Err("the new certificate is not used".to_owned())
}

/// Takes any server: which certificate it has is what is looked at.
#[derive(Debug)]
struct AnyServer;

impl rustls::client::danger::ServerCertVerifier for AnyServer {
    fn verify_server_cert(
        &self,
        _: &rustls::pki_types::CertificateDer<'_>,
        _: &[rustls::pki_types::CertificateDer<'_>],
        _: &rustls::pki_types::ServerName<'_>,
        _: &[u8],
        _: rustls::pki_types::UnixTime,
    ) -> Result<rustls::client::danger::ServerCertVerified, rustls::Error> {
        Ok(rustls::client::danger::ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &rustls::pki_types::CertificateDer<'_>,
        _: &rustls::DigitallySignedStruct,
    ) -> Result<rustls::client::danger::HandshakeSignatureValid, rustls::Error> {
        Ok(rustls::client::danger::HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &rustls::pki_types::CertificateDer<'_>,
        _: &rustls::DigitallySignedStruct,
    ) -> Result<rustls::client::danger::HandshakeSignatureValid, rustls::Error> {
        Ok(rustls::client::danger::HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<rustls::SignatureScheme> {
        rustls::crypto::aws_lc_rs::default_provider()
            .signature_verification_algorithms
            .supported_schemes()
    }
}

async fn two_generations() -> Outcome {
    let (old, new) = (Authority::named("CA 1"), Authority::named("CA 2"));
    let folder = crate::support::Folder::new();
    let second = folder.join("ny.pem");
    std::fs::write(&second, new.root.certificate.pem()).unwrap();
    let list = folder.join("ny.crl");
    std::fs::write(&list, new.root.list(&[], -1, 100)).unwrap();
    let app = old
        .serve(|config| {
            config.tls.klient_ca.push(second);
            config.tls.crl.push(list);
        })
        .await;
    for authority in [&old, &new] {
        is(
            "ok",
            &call(&app, &authority.issue(&Wanted::good()), "").await,
        )?;
    }
    Ok(())
}

/// A CA that is taken out of the store is trusted no longer, by open sessions neither.
async fn withdrawn_ca(authority: &Authority, good: super::making::Presented) -> Outcome {
    let other = Authority::named("Efterfølger");
    let mut file = None;
    let mut lists = None;
    let app = authority
        .serve(|config| {
            file = Some(config.tls.klient_ca[0].clone());
            lists = Some(config.tls.crl[0].clone());
        })
        .await;
    let mut open = connect(&app, client(Some(&good), ""), "localhost")
        .await
        .map_err(|error| error.to_string())?;
    is("ok", &told(hello(&mut open)).await)?;
    let list = other.root.list(&[], -1, 100);
    std::fs::write(lists.unwrap().join("efter.crl"), list).unwrap();
    replace(&file.unwrap(), other.root.certificate.pem().as_bytes());
    for _ in 0..6000 {
        match told(hello(&mut open)).await.as_str() {
            "ok" => tokio::time::sleep(Duration::from_millis(100)).await,
            "DTR1030" => {
                is("UnknownCA", &call(&app, &good, "").await)?;
                return is("ok", &call(&app, &other.issue(&Wanted::good()), "").await);
            }
            other => return Err(format!("answered {other}")),
        }
    }
    Err("the session goes on".to_owned())
}

/// A certificate that runs out while its connection is used.
async fn expires(authority: &Authority) -> Outcome {
    let app: TestApp = authority.serve(|_| {}).await;
    // A slow machine may need longer for the first request than a certificate lasts: then one that lasts longer.
    for seconds in [4, 60, 400] {
        let wanted = Wanted::good().ending_in(Duration::from_secs(seconds));
        let presented = authority.issue(&wanted);
        let Ok(mut open) = connect(&app, client(Some(&presented), ""), "localhost").await else {
            continue;
        };
        if told(hello(&mut open)).await != "ok" {
            continue;
        }
        for _ in 0..6000 {
            match told(hello(&mut open)).await.as_str() {
                "ok" => tokio::time::sleep(Duration::from_millis(200)).await,
                found => {
                    is("DTR1030", found)?;
                    return is("CertificateExpired", &call(&app, &presented, "").await);
                }
            }
        }
        return Err("the session goes on".to_owned());
    }
    Err("no session was begun".to_owned())
}
