//! Certificates, keys and revocation lists from files, with the file's name in every error.

use std::path::Path;

use rustls::pki_types::pem::{Error, PemObject};
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer, PrivateKeyDer};
use x509_parser::certificate::X509Certificate;
use x509_parser::parse_x509_certificate;

use super::error::TlsError;
use crate::files;

fn bytes(file: &Path, most: u64) -> Result<Vec<u8>, TlsError> {
    files::read(file, most).map_err(|cause| TlsError::Read {
        file: file.to_owned(),
        cause,
    })
}

fn all<T: PemObject>(file: &Path, content: &[u8], what: &'static str) -> Result<Vec<T>, TlsError> {
    let found: Result<Vec<T>, _> = T::pem_slice_iter(content).collect();
    match found {
        Ok(found) if !found.is_empty() => Ok(found),
        found => Err(unusable(file, what, found.err())),
    }
}

/// Nothing is found, or what is wrong is told.
fn unusable(file: &Path, what: &'static str, cause: Option<Error>) -> TlsError {
    let file = file.to_owned();
    match cause {
        None | Some(Error::NoItemsFound) => TlsError::Empty { file, what },
        Some(cause) => TlsError::Pem { file, cause },
    }
}

/// Every certificate of a PEM file, at least one.
pub(crate) fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    all(file, &bytes(file, files::SMALL)?, "CERTIFICATE")
}

/// The first private key of a PEM file: PKCS#8, PKCS#1 or SEC1, unencrypted.
pub(crate) fn private_key(file: &Path) -> Result<PrivateKeyDer<'static>, TlsError> {
    let key = PrivateKeyDer::from_pem_slice(&bytes(file, files::SMALL)?);
    key.map_err(|cause| unusable(file, "PRIVATE KEY", Some(cause)))
}

/// Reads one certificate of a file, the `n`th from 0.
pub(super) fn parsed<'a>(
    file: &Path,
    n: usize,
    der: &'a CertificateDer<'_>,
) -> Result<X509Certificate<'a>, TlsError> {
    match parse_x509_certificate(der) {
        Ok(([], certificate)) => Ok(certificate),
        _ => Err(TlsError::Unreadable {
            file: file.to_owned(),
            number: n + 1,
            what: "certificate",
        }),
    }
}

/// The largest file of revocation lists. The largest of the issuers of OCES is a tenth of it.
pub(super) const LARGEST_LIST: u64 = 32 << 20;

/// Every revocation list of a PEM file; or the one of a DER file, which is how the OCES issuers publish theirs.
pub(super) fn revocation_lists(
    file: &Path,
) -> Result<Vec<CertificateRevocationListDer<'static>>, TlsError> {
    let content = bytes(file, LARGEST_LIST)?;
    if content.starts_with(&[0x30]) {
        return Ok(vec![content.into()]);
    }
    all(file, &content, "X509 CRL")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::error::damage;
    use crate::pki::scratch::Scratch;

    #[test]
    fn damage_is_told_in_few_words_however_long_the_line_is() {
        assert_eq!(damage(&Error::SectionTooLarge), "a section is too large");
        let scratch = Scratch::new();
        let file = scratch.path().join("skadet.pem");
        let garbled = "x".repeat(100_000);
        for (content, what) in [
            (
                format!("-----BEGIN {garbled}\n"),
                "a -----BEGIN line is malformed",
            ),
            (
                "-----BEGIN X509 CRL-----\nMA==\n".to_owned(),
                "a section has no -----END line",
            ),
            (
                format!("-----BEGIN X509 CRL-----\n{garbled}!\n-----END X509 CRL-----\n"),
                "a section is not base64",
            ),
        ] {
            std::fs::write(&file, content).unwrap();
            let told = revocation_lists(&file).unwrap_err().to_string();
            assert!(
                told.contains(what) && told.len() < 500,
                "{}",
                &told[..told.len().min(300)]
            );
        }
    }
}
