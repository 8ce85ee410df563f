//! PKCS#12 files (RFC 7292) of example certificates, for stacks that read nothing else: Java, .NET, Windows.
//!
//! They are protected as files of the year 2000 are, with triple DES and SHA-1, on purpose: that is the one form which old
//! and new importers read alike. Java before 8u301, Windows before Server 2019 and older macOS read no AES; OpenSSL 3 reads
//! triple DES without its legacy provider. Nothing is lost by it: the password is printed here, and the same key lies
//! beside the file in plain PEM.

use aws_lc_rs::{digest, hmac};
use des::TdesEde3;
use des::cipher::{Array, BlockCipherEncrypt, KeyInit};
use rustls::pki_types::CertificateDer;
use yasna::models::ObjectIdentifier;
use yasna::{DERWriter, DERWriterSeq, Tag, construct_der};

use super::PkiError;

/// The password of every file.
pub const PASSWORD: &str = "eksempel";

/// How often the hash is repeated: what importers expect, and the least that some take.
const ITERATIONS: u32 = 2048;
/// The block of triple DES, in bytes, and of SHA-1 where it makes keys.
const BLOCK: usize = 8;
const HASH_BLOCK: usize = 64;

type Oid = &'static [u64];
const DATA: Oid = &[1, 2, 840, 113_549, 1, 7, 1];
const ENCRYPTED_DATA: Oid = &[1, 2, 840, 113_549, 1, 7, 6];
const PBE_TRIPLE_DES: Oid = &[1, 2, 840, 113_549, 1, 12, 1, 3];
const KEY_BAG: Oid = &[1, 2, 840, 113_549, 1, 12, 10, 1, 2];
const CERTIFICATE_BAG: Oid = &[1, 2, 840, 113_549, 1, 12, 10, 1, 3];
const X509: Oid = &[1, 2, 840, 113_549, 1, 9, 22, 1];
const FRIENDLY_NAME: Oid = &[1, 2, 840, 113_549, 1, 9, 20];
const LOCAL_KEY_ID: Oid = &[1, 2, 840, 113_549, 1, 9, 21];
const SHA1: Oid = &[1, 3, 14, 3, 2, 26];

/// What a derived value is for (RFC 7292, appendix B.3).
#[derive(Clone, Copy)]
enum Purpose {
    Key = 1,
    Iv = 2,
    Mac = 3,
}

/// A file with a key, its certificate and that of the issuer, under the name that importers show.
///
/// # Errors
/// [`PkiError::Random`].
pub(super) fn file(
    name: &str,
    key: &[u8],
    certificate: &CertificateDer<'_>,
    issuer: &CertificateDer<'_>,
) -> Result<Vec<u8>, PkiError> {
    let id = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, certificate);
    let own = Some((name, id.as_ref()));
    let certificates = construct_der(|writer| {
        writer.write_sequence(|bags| {
            certificate_bag(bags, certificate, own);
            certificate_bag(bags, issuer, None);
        });
    });
    let (certificates, key) = (Sealed::of(&certificates)?, Sealed::of(key)?);
    let keys = construct_der(|writer| {
        writer.write_sequence(|bags| {
            bag(bags, KEY_BAG, own, |value| {
                value.write_sequence(|sealed| {
                    key.algorithm(sealed.next());
                    sealed.next().write_bytes(&key.content);
                });
            });
        });
    });
    let safe = construct_der(|writer| {
        writer.write_sequence(|parts| {
            content(parts.next(), ENCRYPTED_DATA, |data| {
                data.write_sequence(|data| {
                    data.next().write_u8(0);
                    data.next().write_sequence(|inner| {
                        oid(inner.next(), DATA);
                        certificates.algorithm(inner.next());
                        inner
                            .next()
                            .write_tagged_implicit(Tag::context(0), |sealed| {
                                sealed.write_bytes(&certificates.content);
                            });
                    });
                });
            });
            content(parts.next(), DATA, |data| data.write_bytes(&keys));
        });
    });
    whole(&safe)
}

/// The outermost structure: what is safe, and the proof that it was made with the password.
fn whole(safe: &[u8]) -> Result<Vec<u8>, PkiError> {
    let salt = salt()?;
    let key = derive(Purpose::Mac, &salt, 20);
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &key);
    let mac = hmac::sign(&key, safe);
    Ok(construct_der(|writer| {
        writer.write_sequence(|file| {
            file.next().write_u8(3);
            content(file.next(), DATA, |data| data.write_bytes(safe));
            file.next().write_sequence(|proof| {
                proof.next().write_sequence(|digest| {
                    digest.next().write_sequence(|algorithm| {
                        oid(algorithm.next(), SHA1);
                        algorithm.next().write_null();
                    });
                    digest.next().write_bytes(mac.as_ref());
                });
                proof.next().write_bytes(&salt);
                proof.next().write_u32(ITERATIONS);
            });
        });
    }))
}

fn content(writer: DERWriter<'_>, kind: Oid, inside: impl FnOnce(DERWriter<'_>)) {
    writer.write_sequence(|content| {
        oid(content.next(), kind);
        content.next().write_tagged(Tag::context(0), inside);
    });
}

fn certificate_bag(
    bags: &mut DERWriterSeq<'_>,
    certificate: &CertificateDer<'_>,
    own: Option<(&str, &[u8])>,
) {
    bag(bags, CERTIFICATE_BAG, own, |value| {
        content(value, X509, |data| data.write_bytes(certificate));
    });
}

/// One thing in the file; what belongs to the key has its name and id.
fn bag(
    bags: &mut DERWriterSeq<'_>,
    kind: Oid,
    own: Option<(&str, &[u8])>,
    inside: impl FnOnce(DERWriter<'_>),
) {
    bags.next().write_sequence(|bag| {
        oid(bag.next(), kind);
        bag.next().write_tagged(Tag::context(0), inside);
        let Some((name, id)) = own else { return };
        bag.next().write_set_of(|attributes| {
            attributes.next().write_sequence(|attribute| {
                oid(attribute.next(), FRIENDLY_NAME);
                attribute
                    .next()
                    .write_set_of(|values| values.next().write_bmp_string(name));
            });
            attributes.next().write_sequence(|attribute| {
                oid(attribute.next(), LOCAL_KEY_ID);
                attribute
                    .next()
                    .write_set_of(|values| values.next().write_bytes(id));
            });
        });
    });
}

fn oid(writer: DERWriter<'_>, oid: Oid) {
    writer.write_oid(&ObjectIdentifier::from_slice(oid));
}

/// Content under the password: triple DES in CBC mode.
struct Sealed {
    salt: [u8; BLOCK],
    content: Vec<u8>,
}

impl Sealed {
    fn of(plain: &[u8]) -> Result<Self, PkiError> {
        let salt = salt()?;
        let key = derive(Purpose::Key, &salt, 24);
        let cipher = TdesEde3::new_from_slice(&key).map_err(|_| PkiError::Random)?;
        let mut before = derive(Purpose::Iv, &salt, BLOCK);
        // Padded to whole blocks, and by one if it is whole already (RFC 8018, section 6.1.1).
        let pad = BLOCK - plain.len() % BLOCK;
        let mut content = plain.to_vec();
        content.extend(std::iter::repeat_n(pad as u8, pad));
        for block in content.chunks_exact_mut(BLOCK) {
            let mut mixed = [0; BLOCK];
            for (mixed, (plain, before)) in mixed.iter_mut().zip(block.iter().zip(&before)) {
                *mixed = plain ^ before;
            }
            let mut mixed = Array::from(mixed);
            cipher.encrypt_block(&mut mixed);
            block.copy_from_slice(&mixed);
            before.copy_from_slice(&mixed);
        }
        Ok(Self { salt, content })
    }

    fn algorithm(&self, writer: DERWriter<'_>) {
        writer.write_sequence(|algorithm| {
            oid(algorithm.next(), PBE_TRIPLE_DES);
            algorithm.next().write_sequence(|parameters| {
                parameters.next().write_bytes(&self.salt);
                parameters.next().write_u32(ITERATIONS);
            });
        });
    }
}

fn salt() -> Result<[u8; BLOCK], PkiError> {
    let mut salt = [0; BLOCK];
    aws_lc_rs::rand::fill(&mut salt).map_err(|_| PkiError::Random)?;
    Ok(salt)
}

/// Bytes from the password (RFC 7292, appendix B.2).
fn derive(purpose: Purpose, salt: &[u8], length: usize) -> Vec<u8> {
    // As a BMPString with two zero bytes after it.
    let password: Vec<u8> = PASSWORD
        .encode_utf16()
        .chain([0])
        .flat_map(u16::to_be_bytes)
        .collect();
    let filled = |text: &[u8]| -> Vec<u8> {
        let length = text.len().next_multiple_of(HASH_BLOCK);
        text.iter().copied().cycle().take(length).collect()
    };
    let mut input = [filled(salt), filled(&password)].concat();
    let mut out = Vec::with_capacity(length);
    while out.len() < length {
        let mut hash = [[purpose as u8; HASH_BLOCK].as_slice(), &input].concat();
        for _ in 0..ITERATIONS {
            hash = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, &hash)
                .as_ref()
                .to_vec();
        }
        let added: Vec<u8> = hash.iter().copied().cycle().take(HASH_BLOCK).collect();
        for block in input.chunks_exact_mut(HASH_BLOCK) {
            add(block, &added);
        }
        out.extend_from_slice(&hash);
    }
    out.truncate(length);
    out
}

/// `block + added + 1`, as numbers of as many bytes.
fn add(block: &mut [u8], added: &[u8]) {
    let mut carry = 1;
    for (byte, more) in block.iter_mut().zip(added).rev() {
        let sum = u16::from(*byte) + u16::from(*more) + carry;
        *byte = sum as u8;
        carry = sum >> 8;
    }
}

#[cfg(test)]
mod tests;
