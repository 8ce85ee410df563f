//! Certificates: the example PKI of the product, and a few more that it has no use for. Made once per process.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::{Duration, SystemTime};

use dtr::pki::write_example;
use rcgen::string::PrintableString;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, DnValue, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    PKCS_ECDSA_P256_SHA256,
};
use time::OffsetDateTime;

/// Folders of processes that ended this long ago are swept away.
const STALE: Duration = Duration::from_secs(3600);

/// The organisation that is registered and closed again in every [`super::TestApp`].
pub(crate) const CLOSED_CVR: &str = "99400420";

/// Certificates beyond the example PKI, from a CA of their own: name, organizationIdentifier, serialNumber.
const EXTRA: [(&str, &str, &str); 13] = [
    (
        "ejer",
        "NTRDK-99500030",
        "UI:DK-O:G:1f0c2b4a-5d6e-4f70-8a91-b2c3d4e5f601",
    ),
    (
        "ejer2",
        "NTRDK-99500049",
        "UI:DK-O:G:1f0c2b4a-5d6e-4f70-8a91-b2c3d4e5f602",
    ),
    // Systems of the example vendor.
    (
        "lev-aftale",
        "NTRDK-99100028",
        "UI:DK-O:G:2a1b3c4d-0001-4e5f-8a6b-7c8d9e0f1a01",
    ),
    (
        "lev-udloebet",
        "NTRDK-99100028",
        "UI:DK-O:G:2a1b3c4d-0002-4e5f-8a6b-7c8d9e0f1a02",
    ),
    (
        "lev-andet-p",
        "NTRDK-99100028",
        "UI:DK-O:G:2a1b3c4d-0003-4e5f-8a6b-7c8d9e0f1a03",
    ),
    (
        "lev-lukket",
        "NTRDK-99100028",
        "UI:DK-O:G:2a1b3c4d-0004-4e5f-8a6b-7c8d9e0f1a04",
    ),
    (
        "lev-begge",
        "NTRDK-99100028",
        "UI:DK-O:G:2a1b3c4d-0005-4e5f-8a6b-7c8d9e0f1a05",
    ),
    ("person", "", "PID:9208-2002-2-000000000000"),
    ("uenig", "NTRDK-55133018", "CVR:64942212-FID:1234567890123"),
    (
        "misdannet",
        "NTRDK-5513301",
        "UI:DK-O:G:0d1f64f2-6c7d-4d6e-9d0a-3f5a1c7b2e11",
    ),
    (
        "uregistreret",
        "NTRDK-99400439",
        "UI:DK-O:G:4b0a5c8e-0f0b-4a34-8f6e-8f3f2a7d9b22",
    ),
    (
        "lukket",
        "NTRDK-99400420",
        "UI:DK-O:G:7e1f3a9c-2d4b-4c5d-8e6f-1a2b3c4d5e33",
    ),
    ("oces2", "", "CVR:55133018-FID:1234567890123"),
];

/// The folder of all certificates of this process.
pub(crate) fn folder() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let all = Path::new(env!("CARGO_TARGET_TMPDIR"));
        sweep(all);
        let folder = all.join(format!("pki-{}", std::process::id()));
        // What lies there is of an earlier process with the same id.
        let _ = fs::remove_dir_all(&folder);
        write_example(&folder, OffsetDateTime::now_utc()).unwrap();
        write_extra(&folder);
        folder
    })
}

fn sweep(all: &Path) {
    for entry in fs::read_dir(all).into_iter().flatten().flatten() {
        let age = entry
            .metadata()
            .and_then(|data| data.modified())
            .map(|at| SystemTime::now().duration_since(at).unwrap_or_default());
        if age.is_ok_and(|age| age > STALE) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// `egen-ca.pem` and what it issues. It publishes no revocation list.
fn write_extra(folder: &Path) {
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
    let mut ca = CertificateParams::default();
    ca.distinguished_name
        .push(DnType::CommonName, "EKSEMPEL CA til prøver");
    ca.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    ca.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let pem = ca.self_signed(&key).unwrap().pem();
    fs::write(folder.join("egen-ca.pem"), pem).unwrap();
    let issuer = Issuer::new(ca, key);
    for (name, organisation, serial) in EXTRA {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
        let mut params = CertificateParams::default();
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        let subject = &mut params.distinguished_name;
        if !organisation.is_empty() {
            let identifier = DnType::from_oid(&[2, 5, 4, 97]);
            subject.push(identifier, organisation);
        }
        let serial = PrintableString::try_from(serial).unwrap();
        let serial_number = DnType::from_oid(&[2, 5, 4, 5]);
        subject.push(serial_number, DnValue::PrintableString(serial));
        subject.push(DnType::CommonName, name);
        let certificate = params.signed_by(&key, &issuer).unwrap();
        fs::write(folder.join(format!("{name}.pem")), certificate.pem()).unwrap();
        fs::write(folder.join(format!("{name}.key")), key.serialize_pem()).unwrap();
    }
}
