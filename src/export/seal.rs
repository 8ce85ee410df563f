//! The seal of a document: a signature by the operator's own certificate (X.509), for consumers that trust a CA and not a key.
//! It is CMS `SignedData` in DER without the content (RFC 5652), which `openssl cms -verify` and every platform's library proves.
//!
//! What is signed is the two attributes that CMS asks for, the kind of content and its digest. There is no time among them: the
//! document names its own, and so a seal is the same each time where the key's algorithm is.

use std::path::Path;

use aws_lc_rs::digest::{self, digest};
use rustls::SignatureScheme::{
    self, ECDSA_NISTP256_SHA256, ECDSA_NISTP384_SHA384, ECDSA_NISTP521_SHA512, ED25519,
    RSA_PKCS1_SHA256,
};
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::CertificateDer;
use rustls::sign::{CertifiedKey, Signer};
use time::OffsetDateTime;
use x509_parser::parse_x509_certificate;
use yasna::models::ObjectIdentifier;
use yasna::{DERWriter, Tag, construct_der};

use crate::config::Certifikat;
use crate::identity::TlsError;
use crate::identity::pem;

type Oid = &'static [u64];

const SIGNED_DATA: Oid = &[1, 2, 840, 113_549, 1, 7, 2];
const DATA: Oid = &[1, 2, 840, 113_549, 1, 7, 1];
const CONTENT_TYPE: Oid = &[1, 2, 840, 113_549, 1, 9, 3];
const MESSAGE_DIGEST: Oid = &[1, 2, 840, 113_549, 1, 9, 4];

/// How keys of a kind sign: the digest goes with the signature (RFC 5754, RFC 8419).
#[derive(Debug)]
struct Kind {
    scheme: SignatureScheme,
    signature: Oid,
    /// RSA's identifier has NULL for parameters, the others have none.
    null: bool,
    digest: &'static digest::Algorithm,
    digest_oid: Oid,
}

/// A digest with its identifier.
type Digest = (&'static digest::Algorithm, Oid);

const SHA256: Digest = (&digest::SHA256, &[2, 16, 840, 1, 101, 3, 4, 2, 1]);
const SHA384: Digest = (&digest::SHA384, &[2, 16, 840, 1, 101, 3, 4, 2, 2]);
const SHA512: Digest = (&digest::SHA512, &[2, 16, 840, 1, 101, 3, 4, 2, 3]);

static KINDS: [Kind; 5] = [
    Kind {
        null: true,
        ..kind(RSA_PKCS1_SHA256, &[1, 2, 840, 113_549, 1, 1, 11], SHA256)
    },
    kind(ECDSA_NISTP256_SHA256, &[1, 2, 840, 10045, 4, 3, 2], SHA256),
    kind(ECDSA_NISTP384_SHA384, &[1, 2, 840, 10045, 4, 3, 3], SHA384),
    kind(ECDSA_NISTP521_SHA512, &[1, 2, 840, 10045, 4, 3, 4], SHA512),
    kind(ED25519, &[1, 3, 101, 112], SHA512),
];

const fn kind(scheme: SignatureScheme, signature: Oid, (digest, digest_oid): Digest) -> Kind {
    Kind {
        scheme,
        signature,
        null: false,
        digest,
        digest_oid,
    }
}

/// Why there is no seal.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// The certificate or its key can't be used.
    #[error(transparent)]
    Files(#[from] TlsError),
    /// Its time is over, or has not begun.
    #[error("{file}: is not valid now but from {from} until {until}; a seal of it would be refused", file = file.display())]
    NotNow {
        /// The certificate's file.
        file: std::path::PathBuf,
        /// Its first moment.
        from: OffsetDateTime,
        /// Its last.
        until: OffsetDateTime,
    },
    /// The key is of a kind that seals are not made with.
    #[error("{file}: seals are made with RSA, P-256, P-384, P-521 and Ed25519 keys", file = file.display())]
    Kind {
        /// The key's file.
        file: std::path::PathBuf,
    },
}

/// What seals: a certificate with its issuers, and its key.
#[derive(Debug)]
pub struct Seal {
    chain: Vec<CertificateDer<'static>>,
    /// The issuer's name and the serial number, in DER.
    issuer: Vec<u8>,
    serial: Vec<u8>,
    signer: Box<dyn Signer>,
    kind: &'static Kind,
    /// The last moment of the certificate.
    pub not_after: OffsetDateTime,
}

impl Seal {
    /// Reads the certificate and its key.
    ///
    /// # Errors
    /// [`SealError`]: what keeps the server from starting.
    pub fn load(files: &Certifikat, now: OffsetDateTime) -> Result<Self, SealError> {
        let chain = pem::certificates(&files.certifikat)?;
        let pair = |cause| TlsError::Pair {
            certificate: files.certifikat.clone(),
            key: files.noegle.clone(),
            cause,
        };
        let key = default_provider()
            .key_provider
            .load_private_key(pem::private_key(&files.noegle)?)
            .map_err(pair)?;
        let certified = CertifiedKey::new(chain, key);
        certified.keys_match().map_err(pair)?;
        let CertifiedKey { cert, key, .. } = certified;
        let signs = |kind: &'static Kind| Some((kind, key.choose_scheme(&[kind.scheme])?));
        let found = KINDS.iter().find_map(signs);
        let (kind, signer) = found.ok_or_else(|| SealError::Kind {
            file: files.noegle.clone(),
        })?;
        let (issuer, serial, not_after) = own(&files.certifikat, &cert, now)?;
        Ok(Self {
            chain: cert,
            issuer,
            serial,
            signer,
            kind,
            not_after,
        })
    }

    /// The seal of these bytes.
    ///
    /// # Errors
    /// When the key does not sign: there is no randomness, say.
    pub fn af(&self, content: &[u8]) -> Result<Vec<u8>, rustls::Error> {
        let hash = digest(self.kind.digest, content);
        let signature = self
            .signer
            .sign(&construct_der(|set| attributes(set, hash.as_ref())))?;
        Ok(construct_der(|writer| {
            writer.write_sequence(|content| {
                oid(content.next(), SIGNED_DATA);
                content.next().write_tagged(Tag::context(0), |signed| {
                    self.signed_data(signed, hash.as_ref(), &signature);
                });
            });
        }))
    }

    fn signed_data(&self, writer: DERWriter<'_>, hash: &[u8], signature: &[u8]) {
        writer.write_sequence(|signed| {
            signed.next().write_u8(1);
            let digests = signed.next();
            digests.write_set_of(|set| self.digest_algorithm(set.next()));
            let content = signed.next();
            content.write_sequence(|content| oid(content.next(), DATA));
            let certificates = signed.next();
            certificates.write_tagged_implicit(Tag::context(0), |certificates| {
                certificates.write_set_of(|set| {
                    for certificate in &self.chain {
                        set.next().write_der(certificate);
                    }
                });
            });
            signed.next().write_set_of(|signers| {
                signers.next().write_sequence(|signer| {
                    signer.next().write_u8(1);
                    signer.next().write_sequence(|id| {
                        id.next().write_der(&self.issuer);
                        id.next().write_der(&self.serial);
                    });
                    self.digest_algorithm(signer.next());
                    let signed = signer.next();
                    signed.write_tagged_implicit(Tag::context(0), |set| attributes(set, hash));
                    signer.next().write_sequence(|algorithm| {
                        oid(algorithm.next(), self.kind.signature);
                        if self.kind.null {
                            algorithm.next().write_null();
                        }
                    });
                    signer.next().write_bytes(signature);
                });
            });
        });
    }

    fn digest_algorithm(&self, writer: DERWriter<'_>) {
        writer.write_sequence(|algorithm| oid(algorithm.next(), self.kind.digest_oid));
    }
}

/// What is signed, as a set in the order that DER gives it.
fn attributes(writer: DERWriter<'_>, hash: &[u8]) {
    writer.write_set_of(|set| {
        attribute(set.next(), CONTENT_TYPE, |value| oid(value, DATA));
        attribute(set.next(), MESSAGE_DIGEST, |value| value.write_bytes(hash));
    });
}

fn attribute(writer: DERWriter<'_>, name: Oid, value: impl FnOnce(DERWriter<'_>)) {
    writer.write_sequence(|attribute| {
        oid(attribute.next(), name);
        attribute.next().write_set_of(|values| value(values.next()));
    });
}

fn oid(writer: DERWriter<'_>, oid: Oid) {
    writer.write_oid(&ObjectIdentifier::from_slice(oid));
}

/// What a seal says of its own certificate, which must be valid now: issuer and serial number in DER, its last moment.
fn own(
    file: &Path,
    chain: &[CertificateDer<'_>],
    now: OffsetDateTime,
) -> Result<(Vec<u8>, Vec<u8>, OffsetDateTime), SealError> {
    let unreadable = || TlsError::Unreadable {
        file: file.to_owned(),
        number: 1,
        what: "certificate",
    };
    let der = chain.first().ok_or_else(unreadable)?;
    let (_, certificate) = parse_x509_certificate(der).map_err(|_| unreadable())?;
    let validity = certificate.validity();
    let [from, until] = [validity.not_before, validity.not_after].map(|time| time.to_datetime());
    if now < from || now > until {
        return Err(SealError::NotNow {
            file: file.to_owned(),
            from,
            until,
        });
    }
    // A serial number has 20 bytes at most (RFC 5280): its length is one byte.
    let number = certificate.raw_serial();
    let length = u8::try_from(number.len())
        .ok()
        .filter(|length| *length < 128);
    let mut serial = vec![2, length.ok_or_else(unreadable)?];
    serial.extend_from_slice(number);
    Ok((certificate.issuer().as_raw().to_vec(), serial, until))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::scratch::Scratch;
    use rcgen::{CertificateParams, KeyPair};

    fn files(scratch: &Scratch, algorithm: &'static rcgen::SignatureAlgorithm) -> Certifikat {
        let key = KeyPair::generate_for(algorithm).unwrap();
        let certificate = CertificateParams::new(vec!["segl".to_owned()])
            .unwrap()
            .self_signed(&key)
            .unwrap();
        let files = Certifikat {
            certifikat: scratch.path().join("segl.pem"),
            noegle: scratch.path().join("segl.key"),
        };
        std::fs::write(&files.certifikat, certificate.pem()).unwrap();
        std::fs::write(&files.noegle, key.serialize_pem()).unwrap();
        files
    }

    /// Reads a seal as far as it takes to prove it: the attributes as they were signed, and the signature.
    fn read(seal: &[u8]) -> (Vec<u8>, Vec<u8>) {
        let parts = yasna::parse_der(seal, |reader| {
            reader.read_sequence(|content| {
                assert_eq!(content.next().read_oid()?.components(), SIGNED_DATA);
                content.next().read_tagged(Tag::context(0), |signed| {
                    signed.read_sequence(|signed| {
                        assert_eq!(signed.next().read_u8()?, 1);
                        signed.next().read_der()?;
                        signed.next().read_der()?;
                        signed.next().read_der()?;
                        let mut found = None;
                        signed.next().read_set_of(|signer| {
                            signer.read_sequence(|signer| {
                                signer.next().read_u8()?;
                                signer.next().read_der()?;
                                signer.next().read_der()?;
                                let attributes = signer.next().read_der()?;
                                signer.next().read_der()?;
                                found = Some((attributes, signer.next().read_bytes()?));
                                Ok(())
                            })
                        })?;
                        Ok(found.unwrap())
                    })
                })
            })
        });
        let (mut attributes, signature) = parts.unwrap();
        // What is signed is the set, not the field that it stands in.
        attributes[0] = 0x31;
        (attributes, signature)
    }

    #[test]
    fn a_seal_is_the_keys_signature_of_the_contents_digest() {
        let scratch = Scratch::new();
        for algorithm in [
            &rcgen::PKCS_ECDSA_P256_SHA256,
            &rcgen::PKCS_ECDSA_P384_SHA384,
            &rcgen::PKCS_ECDSA_P521_SHA512,
            &rcgen::PKCS_ED25519,
            &rcgen::PKCS_RSA_SHA256,
        ] {
            let files = files(&scratch, algorithm);
            let segl = Seal::load(&files, OffsetDateTime::now_utc()).unwrap();
            let (attributes, signature) = read(&segl.af(b"et dokument").unwrap());
            let hash = digest(segl.kind.digest, b"et dokument");
            assert_eq!(
                attributes,
                construct_der(|set| super::attributes(set, hash.as_ref()))
            );
            let wanted = rustls::crypto::aws_lc_rs::default_provider()
                .signature_verification_algorithms
                .mapping
                .iter()
                .find(|(scheme, _)| *scheme == segl.kind.scheme)
                .unwrap()
                .1;
            let (_, certificate) = parse_x509_certificate(&segl.chain[0]).unwrap();
            let public = &certificate.public_key().subject_public_key.data;
            let holds = |message: &[u8]| {
                wanted.iter().any(|algorithm| {
                    algorithm
                        .verify_signature(public, message, &signature)
                        .is_ok()
                })
            };
            assert!(holds(&attributes), "{:?}", segl.kind.scheme);
            assert!(!holds(b"andet"));
        }
    }

    #[test]
    fn what_cannot_seal_is_refused_with_a_reason() {
        let scratch = Scratch::new();
        let good = files(&scratch, &rcgen::PKCS_ECDSA_P256_SHA256);
        let later = OffsetDateTime::now_utc() + time::Duration::days(365 * 5000);
        let said = Seal::load(&good, later).unwrap_err().to_string();
        assert!(said.contains("is not valid now"), "{said}");
        let other = KeyPair::generate().unwrap();
        std::fs::write(&good.noegle, other.serialize_pem()).unwrap();
        let said = Seal::load(&good, OffsetDateTime::now_utc());
        let said = said.unwrap_err().to_string();
        assert!(said.contains("not a usable pair"), "{said}");
        std::fs::remove_file(&good.noegle).unwrap();
        let said = Seal::load(&good, OffsetDateTime::now_utc());
        assert!(said.unwrap_err().to_string().contains("can't be read"));
    }
}
