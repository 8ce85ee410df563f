//! The signature of a published head: Ed25519 by a key of the operator's, so that a head can be passed on by anyone.

use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::encoding::{AsDer as _, PublicKeyX509Der};
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{PrivatePkcs8KeyDer, SubjectPublicKeyInfoDer};

use crate::files;
use crate::hex::Hex;

/// What stands before the 32 bytes of an Ed25519 public key in its `SubjectPublicKeyInfo` (RFC 8410).
const SPKI_PREFIX: [u8; 12] = [
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
];

/// Why a key can't be used. Each names the file and what to do.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file can't be read.
    #[error("{file}: can't be read: {1}; check the path, what lies there, and that dtr's user may read it", file = .0.display())]
    Read(PathBuf, std::io::Error),
    /// The file holds no private key that can sign.
    #[error(
        "{file}: holds no unencrypted Ed25519 key (PKCS#8, PEM); make one with openssl genpkey -algorithm ed25519 -out {file}",
        file = .0.display()
    )]
    NotPrivate(PathBuf),
    /// The file holds no public key.
    #[error("{file}: holds no Ed25519 public key (PEM); take the register's /noegle.pem", file = .0.display())]
    NotPublic(PathBuf),
}

fn read(file: &Path) -> Result<Vec<u8>, KeyError> {
    files::read(file, files::SMALL).map_err(|cause| KeyError::Read(file.to_owned(), cause))
}

/// Signs heads.
#[derive(Debug)]
pub struct Signer {
    key: Ed25519KeyPair,
    public: String,
}

impl Signer {
    /// Reads the private key of a PEM file: PKCS#8, unencrypted.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn load(file: &Path) -> Result<Self, KeyError> {
        Self::from_pem(&read(file)?).ok_or_else(|| KeyError::NotPrivate(file.to_owned()))
    }

    fn from_pem(pem: &[u8]) -> Option<Self> {
        let der = PrivatePkcs8KeyDer::from_pem_slice(pem).ok()?;
        // "Maybe unchecked": what openssl writes names no public key to be checked against.
        let key = Ed25519KeyPair::from_pkcs8_maybe_unchecked(der.secret_pkcs8_der()).ok()?;
        let spki: PublicKeyX509Der<'_> = key.public_key().as_der().ok()?;
        let public = format!(
            "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
            STANDARD.encode(spki.as_ref())
        );
        Some(Self { key, public })
    }

    /// The signature of a text, in base64.
    pub fn sign(&self, text: &str) -> String {
        STANDARD.encode(self.key.sign(text.as_bytes()))
    }

    /// What names the key: [`PublicKey::id`] of its public half.
    pub fn id(&self) -> String {
        id(self.key.public_key().as_ref())
    }

    /// The public key as PEM, for `/noegle.pem`.
    pub fn public_pem(&self) -> &str {
        &self.public
    }
}

fn id(public: &[u8]) -> String {
    let hash = digest(&SHA256, &[&SPKI_PREFIX, public].concat());
    Hex(&hash.as_ref()[..8]).to_string()
}

/// Checks signatures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey([u8; 32]);

impl PublicKey {
    /// Reads the public key of a PEM file, as `/noegle.pem` gives it.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn load(file: &Path) -> Result<Self, KeyError> {
        Self::from_pem(&read(file)?).ok_or_else(|| KeyError::NotPublic(file.to_owned()))
    }

    /// Reads PEM.
    pub fn from_pem(pem: &[u8]) -> Option<Self> {
        let der = SubjectPublicKeyInfoDer::from_pem_slice(pem).ok()?;
        let key = der.strip_prefix(&SPKI_PREFIX)?;
        Some(Self(key.try_into().ok()?))
    }

    /// What names the key: the first 16 hexadecimal digits of SHA-256 over its `SubjectPublicKeyInfo`, the bytes that its PEM
    /// holds.
    pub fn id(&self) -> String {
        id(&self.0)
    }

    /// Whether this base64 is the key's signature of this text.
    pub fn verifies(&self, text: &str, signature: &str) -> bool {
        let Ok(signature) = STANDARD.decode(signature) else {
            return false;
        };
        UnparsedPublicKey::new(&ED25519, &self.0)
            .verify(text.as_bytes(), &signature)
            .is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::scratch::Scratch;

    /// RFC 8032, 7.1, test 2: as openssl writes it, and its public half.
    const KEY: &str = "-----BEGIN PRIVATE KEY-----\n\
        MC4CAQAwBQYDK2VwBCIEIEzNCJso/5banbbDRuwRTg9bijGfNaumJNqM9u1PuKb7\n\
        -----END PRIVATE KEY-----\n";
    const PUBLIC: &str = "-----BEGIN PUBLIC KEY-----\n\
        MCowBQYDK2VwAyEAPUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw=\n\
        -----END PUBLIC KEY-----\n";
    const SIGNATURE: &str =
        "kqAJqfDUyrhyDoILX2QlQKKye1QWUD+Ps3YiI+vbadoIWsHkPhWZbkWPNhPQ8R2MOHsurrQwKu6wDSkWErsMAA==";

    #[test]
    fn a_key_signs_and_its_public_half_checks() {
        let signer = Signer::from_pem(KEY.as_bytes()).unwrap();
        assert_eq!(signer.public_pem(), PUBLIC);
        // openssl pkey -pubin -outform DER | sha256sum
        assert_eq!(signer.id(), "deb2ded39dc26fce");
        // RFC 8032 signs the one byte 0x72, an r.
        let signature = signer.sign("r");
        assert_eq!(signature, SIGNATURE);
        let key = PublicKey::from_pem(PUBLIC.as_bytes()).unwrap();
        assert_eq!(key.id(), signer.id());
        assert!(key.verifies("r", &signature));
        assert!(!key.verifies("s", &signature));
        assert!(!key.verifies("r", &signature.replace("kqAJ", "kqAK")));
        assert!(!key.verifies("r", "no base64"));
        assert!(!key.verifies("r", ""));
    }

    #[test]
    fn files_are_read_or_refused_by_name() {
        let scratch = Scratch::new();
        let (own, public) = (
            scratch.path().join("egen.pem"),
            scratch.path().join("noegle.pem"),
        );
        std::fs::write(&own, KEY).unwrap();
        std::fs::write(&public, PUBLIC).unwrap();
        assert!(Signer::load(&own).is_ok());
        assert!(PublicKey::load(&public).is_ok());
        assert!(matches!(
            Signer::load(&public),
            Err(KeyError::NotPrivate { .. })
        ));
        assert!(matches!(
            PublicKey::load(&own),
            Err(KeyError::NotPublic { .. })
        ));
        let absent = scratch.path().join("findes-ikke.pem");
        let told = Signer::load(&absent).unwrap_err().to_string();
        assert!(
            told.contains("findes-ikke.pem") && told.contains("can't be read"),
            "{told}"
        );
        assert!(matches!(
            PublicKey::load(&absent),
            Err(KeyError::Read { .. })
        ));
    }

    #[test]
    fn keys_of_other_kinds_are_refused() {
        let of = |der: &[u8]| {
            let pem = format!(
                "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
                STANDARD.encode(der)
            );
            PublicKey::from_pem(pem.as_bytes())
        };
        let mut der = SPKI_PREFIX.to_vec();
        der.extend([7; 32]);
        assert_eq!(of(&der), Some(PublicKey([7; 32])));
        der.push(7);
        assert_eq!(of(&der), None, "too long");
        der[5] = 7;
        assert_eq!(of(&der[..44]), None, "another algorithm");
        let p256 = crate::pki::Ca::new("EKSEMPEL P-256", time::OffsetDateTime::UNIX_EPOCH);
        assert!(p256.is_ok_and(|ca| Signer::from_pem(ca.key_pem().as_bytes()).is_none()));
    }
}
