//! Certificates as a case wants them, and a call with one.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use rcgen::string::{BmpString, Ia5String, PrintableString, TeletexString};
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CustomExtension,
    DistinguishedName, DnType, DnValue, ExtendedKeyUsagePurpose, GeneralSubtree, IsCa, Issuer,
    KeyIdMethod, KeyPair, KeyUsagePurpose, NameConstraints, RevokedCertParams, RsaKeySize,
    SerialNumber,
};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{ClientConfig, RootCertStore};
use time::{Duration, OffsetDateTime};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::support::{Folder, TestApp, pki};
use crate::threats::Case;

/// What Aarhus' certificate says, unless a case says otherwise.
const ORGANISATION: &str = "NTRDK-55133018";
const SERIAL: &str = "UI:DK-O:G:9f0c2b4a-5d6e-4f70-8a91-b2c3d4e5f6a7";

/// A certificate as a case wants it.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    key: String,
    subject: Vec<(String, String, String)>,
    days: (i64, i64),
    /// Instead of the last day: so long from now.
    ends_in: Option<std::time::Duration>,
    usages: Option<Vec<String>>,
    extended: Vec<String>,
    chain: String,
    extension: String,
}

impl Wanted {
    /// The certificate of Aarhus, good in every way.
    pub(super) fn good() -> Self {
        Self {
            key: "p256".into(),
            subject: vec![
                ("orgid".into(), "utf8".into(), ORGANISATION.into()),
                ("serial".into(), "printable".into(), SERIAL.into()),
            ],
            days: (-1, 30),
            chain: "rod".into(),
            ..Self::default()
        }
    }

    /// With this chain.
    pub(super) fn through(&mut self, chain: &str) {
        self.chain = chain.to_owned();
    }

    /// Good for so long only.
    pub(super) fn ending_in(mut self, time: std::time::Duration) -> Self {
        self.ends_in = Some(time);
        self
    }

    /// The same, but for what a case says.
    pub(super) fn of(case: &Case) -> Self {
        let mut wanted = Self::good();
        let text = |key: &str| {
            case.told
                .get(key)
                .and_then(toml::Value::as_str)
                .map(str::to_owned)
        };
        let list = |key: &str| {
            let array = case.told.get(key)?.as_array()?;
            Some(
                array
                    .iter()
                    .map(|v| v.as_str().unwrap().to_owned())
                    .collect::<Vec<_>>(),
            )
        };
        if let Some(key) = text("noegle") {
            wanted.key = key;
        }
        if let Some(chain) = text("kaede") {
            wanted.chain = chain;
        }
        if let Some(extension) = text("udvidelse") {
            wanted.extension = extension;
        }
        if let Some(subject) = list("emne") {
            // attribute, kind of string, value.
            let part = |row: String| {
                let mut parts = row.splitn(3, '|').map(str::to_owned);
                (
                    parts.next().unwrap(),
                    parts.next().unwrap(),
                    parts.next().unwrap(),
                )
            };
            wanted.subject = subject.into_iter().map(part).collect();
        }
        let day = |key: &str| case.told.get(key).and_then(toml::Value::as_integer);
        wanted.days = (day("fra").unwrap_or(-1), day("til").unwrap_or(30));
        wanted.usages = list("brug");
        wanted.extended = list("udvidet_brug").unwrap_or_default();
        wanted
    }

    fn params(&self) -> CertificateParams {
        let now = OffsetDateTime::now_utc();
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        for (attribute, kind, value) in &self.subject {
            let of = match attribute.as_str() {
                "orgid" => DnType::from_oid(&[2, 5, 4, 97]),
                "serial" => DnType::from_oid(&[2, 5, 4, 5]),
                "cn" => DnType::CommonName,
                "o" => DnType::OrganizationName,
                other => panic!("unknown attribute {other}"),
            };
            params.distinguished_name.push(of, string(kind, value));
        }
        (params.not_before, params.not_after) = (
            now + Duration::days(self.days.0),
            now + Duration::days(self.days.1),
        );
        if let Some(time) = self.ends_in {
            params.not_after = now + time;
        }
        params.serial_number = Some(SerialNumber::from(LEAF));
        params.key_usages = match &self.usages {
            None => vec![KeyUsagePurpose::DigitalSignature],
            Some(usages) => usages
                .iter()
                .map(|usage| match usage.as_str() {
                    "digitalSignature" => KeyUsagePurpose::DigitalSignature,
                    "keyEncipherment" => KeyUsagePurpose::KeyEncipherment,
                    other => panic!("unknown usage {other}"),
                })
                .collect(),
        };
        params.extended_key_usages = self
            .extended
            .iter()
            .map(|usage| match usage.as_str() {
                "clientAuth" => ExtendedKeyUsagePurpose::ClientAuth,
                "serverAuth" => ExtendedKeyUsagePurpose::ServerAuth,
                other => panic!("unknown usage {other}"),
            })
            .collect();
        // An OID that nobody knows.
        let mut unknown =
            CustomExtension::from_oid_content(&[1, 3, 6, 1, 4, 1, 99999, 1], vec![5, 0]);
        match self.extension.as_str() {
            "ukendt" => params.custom_extensions.push(unknown),
            "ukendt-kritisk" => {
                unknown.set_criticality(true);
                params.custom_extensions.push(unknown);
            }
            "to-ens" => params.custom_extensions.extend([unknown.clone(), unknown]),
            _ => {}
        }
        params
    }
}

fn string(kind: &str, value: &str) -> DnValue {
    match kind {
        "utf8" => DnValue::Utf8String(value.to_owned()),
        "printable" => DnValue::PrintableString(PrintableString::try_from(value).unwrap()),
        "ia5" => DnValue::Ia5String(Ia5String::try_from(value).unwrap()),
        "teletex" => DnValue::TeletexString(TeletexString::try_from(value).unwrap()),
        "bmp" => {
            let bytes = value.encode_utf16().flat_map(u16::to_be_bytes).collect();
            DnValue::BmpString(BmpString::from_utf16be(bytes).unwrap())
        }
        other => panic!("unknown kind of string {other}"),
    }
}

fn key(kind: &str) -> KeyPair {
    let of = |algorithm| KeyPair::generate_for(algorithm).unwrap();
    let rsa = |size| KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, size).unwrap();
    match kind {
        "p256" => of(&rcgen::PKCS_ECDSA_P256_SHA256),
        "p384" => of(&rcgen::PKCS_ECDSA_P384_SHA384),
        "ed25519" => of(&rcgen::PKCS_ED25519),
        "rsa2048" => rsa(RsaKeySize::_2048),
        "rsa3072" => rsa(RsaKeySize::_3072),
        "rsa4096" => rsa(RsaKeySize::_4096),
        other => panic!("unknown key {other}"),
    }
}

/// A certificate with its chain and key, as a client presents it.
#[derive(Debug, Clone)]
pub(super) struct Presented {
    pub(super) chain: Vec<CertificateDer<'static>>,
    key: Vec<u8>,
}

impl Presented {
    fn of(certificate: &rcgen::Certificate, rest: &[&Signer], key: &KeyPair) -> Self {
        let mut chain = vec![certificate.der().clone()];
        chain.extend(rest.iter().map(|signer| signer.certificate.der().clone()));
        Self {
            chain,
            key: key.serialize_der(),
        }
    }

    fn key(&self) -> PrivateKeyDer<'static> {
        PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(self.key.clone()))
    }
}

/// A CA.
pub(super) struct Signer {
    pub(super) certificate: rcgen::Certificate,
    issuer: Issuer<'static, KeyPair>,
}

impl Signer {
    fn new(name: &str, over: Option<&Self>, change: impl FnOnce(&mut CertificateParams)) -> Self {
        let key = key("p256");
        let now = OffsetDateTime::now_utc();
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.not_before = now - Duration::days(100);
        params.not_after = now + Duration::days(1000);
        change(&mut params);
        let certificate = match over {
            Some(over) => params.signed_by(&key, &over.issuer),
            None => params.self_signed(&key),
        };
        Self {
            certificate: certificate.unwrap(),
            issuer: Issuer::new(params, key),
        }
    }

    fn sign(&self, wanted: &Wanted, rest: &[&Self]) -> Presented {
        let key = key(&wanted.key);
        let certificate = wanted.params().signed_by(&key, &self.issuer).unwrap();
        Presented::of(&certificate, rest, &key)
    }

    /// A list of this issuer: made and due so many hours from now.
    pub(super) fn list(&self, revoked: &[u64], made: i64, due: i64) -> String {
        self.list_due(revoked, Duration::hours(made), Duration::hours(due))
    }

    /// The same: made and due so long from now.
    pub(super) fn list_due(&self, revoked: &[u64], made: Duration, due: Duration) -> String {
        let now = OffsetDateTime::now_utc();
        let entry = |serial: &u64| RevokedCertParams {
            serial_number: SerialNumber::from(*serial),
            revocation_time: now - Duration::hours(1),
            reason_code: None,
            invalidity_date: None,
        };
        let list = CertificateRevocationListParams {
            this_update: now + made,
            next_update: now + due,
            crl_number: SerialNumber::from(1_u64),
            issuing_distribution_point: None,
            revoked_certs: revoked.iter().map(entry).collect(),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        list.signed_by(&self.issuer).unwrap().pem().unwrap()
    }
}

/// The serial numbers that lists speak of.
pub(super) const LEAF: u64 = 4711;
pub(super) const SUB: u64 = 4712;

/// The CA that the server trusts, one below it, and another that it does not know.
pub(super) struct Authority {
    pub(super) root: Signer,
    pub(super) sub: Signer,
    stranger: Signer,
}

impl Authority {
    pub(super) fn new() -> Self {
        Self::named("Prøve-CA")
    }

    pub(super) fn named(name: &str) -> Self {
        let root = Signer::new(name, None, |_| {});
        let sub = Signer::new("Prøve-udsteder", Some(&root), |params| {
            params.serial_number = Some(SerialNumber::from(SUB));
        });
        let stranger = Signer::new(name, None, |_| {});
        Self {
            root,
            sub,
            stranger,
        }
    }

    /// A server that trusts the root, with lists that say nothing against anybody.
    pub(super) async fn serve(&self, change: impl FnOnce(&mut dtr::config::Config)) -> TestApp {
        let folder = Folder::new();
        let file = |name: &str, text: &str| -> PathBuf {
            let file = folder.join(name);
            std::fs::write(&file, text).unwrap();
            file
        };
        let ca = file("rod.pem", &self.root.certificate.pem());
        let lists = folder.join("lister");
        std::fs::create_dir(&lists).unwrap();
        std::fs::write(lists.join("rod.crl"), self.root.list(&[], -1, 100)).unwrap();
        std::fs::write(lists.join("mellem.crl"), self.sub.list(&[], -1, 100)).unwrap();
        let app = TestApp::with(|config| {
            config.tls.klient_ca = vec![ca, outdated("ca")];
            config.tls.crl = vec![lists];
            config.tls.uden_crl = vec![outdated("ca")];
            change(config);
        })
        .await;
        // The server reads them again for as long as it runs.
        std::mem::forget(folder);
        app
    }

    /// The certificate that a case wants, with its chain.
    pub(super) fn issue(&self, wanted: &Wanted) -> Presented {
        let below = |name: &str, change: fn(&mut CertificateParams)| {
            Signer::new(name, Some(&self.root), change)
        };
        match wanted.chain.as_str() {
            "rod" => self.root.sign(wanted, &[]),
            "rod-med" => self.root.sign(wanted, &[&self.root]),
            "mellem" => self.sub.sign(wanted, &[&self.sub]),
            "uden-mellem" => self.sub.sign(wanted, &[]),
            "ekstra" => self.sub.sign(wanted, &[&self.stranger, &self.sub]),
            "hundrede" => self.sub.sign(wanted, &[&self.sub; 100]),
            "fremmed" => Signer::new("Fremmed CA", None, |_| {}).sign(wanted, &[]),
            "samme-navn" => self.stranger.sign(wanted, &[]),
            "selvunderskrevet" => {
                let key = key(&wanted.key);
                let certificate = wanted.params().self_signed(&key).unwrap();
                Presented::of(&certificate, &[], &key)
            }
            "udloebet-mellem" => {
                let sub = below("Gammel udsteder", |params| {
                    params.not_after = OffsetDateTime::now_utc() - Duration::days(1);
                });
                sub.sign(wanted, &[&sub])
            }
            "ingen-ca" => {
                let sub = below("Ingen CA", |params| params.is_ca = IsCa::ExplicitNoCa);
                sub.sign(wanted, &[&sub])
            }
            "uden-underskriftsret" => {
                let sub = below("Må ikke", |params| {
                    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
                });
                sub.sign(wanted, &[&sub])
            }
            "stilaengde" => {
                let over = below("Kun ét led", |params| {
                    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
                });
                let sub = Signer::new("Et led for meget", Some(&over), |_| {});
                sub.sign(wanted, &[&sub, &over])
            }
            "navnekrav" => {
                let sub = below("Kun andre navne", |params| {
                    params.name_constraints = Some(NameConstraints {
                        permitted_subtrees: Vec::new(),
                        excluded_subtrees: vec![GeneralSubtree::DirectoryName(
                            DistinguishedName::new(),
                        )],
                    });
                });
                sub.sign(wanted, &[&sub])
            }
            // One made beforehand, of which nobody has the key: it is judged before its signature.
            file => Presented {
                chain: vec![CertificateDer::from_pem_file(outdated(file)).unwrap()],
                key: key("rsa2048").serialize_der(),
            },
        }
    }
}

/// A certificate of `fixtures/tls`.
fn outdated(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/tls");
    folder.join(format!("{name}.pem"))
}

/// What a client may be, other than the ordinary one.
pub(super) fn client(presented: Option<&Presented>, versions: &str) -> Arc<ClientConfig> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let only: &[&rustls::SupportedProtocolVersion] = match versions {
        "1.2" => &[&rustls::version::TLS12],
        "1.3" => &[&rustls::version::TLS13],
        _ => &[&rustls::version::TLS12, &rustls::version::TLS13],
    };
    let builder = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(only)
        .unwrap();
    let mut roots = RootCertStore::empty();
    let server_ca = pki::folder().join("ca.pem");
    roots
        .add(CertificateDer::from_pem_file(server_ca).unwrap())
        .unwrap();
    let builder = builder.with_root_certificates(roots);
    Arc::new(match presented {
        None => builder.with_no_client_auth(),
        // Without the look that the client would take at it itself.
        Some(presented) => {
            let key = rustls::crypto::aws_lc_rs::sign::any_supported_type(&presented.key());
            let certified = CertifiedKey::new(presented.chain.clone(), key.unwrap());
            builder.with_client_cert_resolver(Arc::new(SingleCertAndKey::from(certified)))
        }
    })
}

/// Shakes hands; what comes of a client's certificate the server tells later in TLS 1.3.
pub(super) async fn connect(
    app: &TestApp,
    config: Arc<ClientConfig>,
    name: &str,
) -> io::Result<TlsStream<TcpStream>> {
    let stream = TcpStream::connect(app.app.running.service).await?;
    let name = ServerName::try_from(name.to_owned()).unwrap();
    TlsConnector::from(config).connect(name, stream).await
}

/// Says hello over a connection: `ok`, or the code of the fault.
pub(super) async fn hello<S>(stream: &mut S) -> io::Result<String>
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
{
    let body = "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body>\
                <HelloWorld xmlns=\"urn:dagtilbudsregister:import:v2\"/></s:Body></s:Envelope>";
    let request = format!(
        "POST /v2/ImportService HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/xml\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await?;
    stream.flush().await?;
    let mut answer = Vec::new();
    loop {
        let mut piece = [0; 4096];
        let read = stream.read(&mut piece).await?;
        answer.extend_from_slice(&piece[..read]);
        let text = String::from_utf8_lossy(&answer);
        if text.contains("</soap:Envelope>") || read == 0 {
            if text.contains("HelloWorldResult") {
                return Ok("ok".to_owned());
            }
            let code = text.find("DTR").and_then(|at| text.get(at..at + 7));
            return Ok(code.unwrap_or("intet svar").to_owned());
        }
    }
}

/// A whole call: `ok`, the code of the fault, or the alert by its name.
pub(super) async fn call(app: &TestApp, presented: &Presented, versions: &str) -> String {
    told(async {
        let mut stream = connect(app, client(Some(presented), versions), "localhost").await?;
        hello(&mut stream).await
    })
    .await
}

/// What came of a connection, with an error's alert by its name.
pub(super) async fn told(work: impl Future<Output = io::Result<String>>) -> String {
    let outcome = tokio::time::timeout(crate::support::FOR_EVER, work).await;
    match outcome {
        Err(_) => "tavshed".to_owned(),
        Ok(Ok(told)) => told,
        Ok(Err(error)) => {
            let inner = error
                .get_ref()
                .and_then(|inner| inner.downcast_ref::<rustls::Error>());
            match inner {
                Some(rustls::Error::AlertReceived(alert)) => format!("{alert:?}"),
                Some(other) => format!("{other}"),
                None => format!("{:?}", error.kind()),
            }
        }
    }
}
