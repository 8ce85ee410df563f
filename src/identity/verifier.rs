//! The handshake's judgement of a client certificate: rustls' own, plus key usage and serial numbers, issuers without a revocation list, and a
//! record of whom it refused.

use std::sync::Arc;

use rustls::client::danger::HandshakeSignatureValid;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{CertificateError, DigitallySignedStruct, DistinguishedName, Error, SignatureScheme};
use x509_parser::certificate::X509Certificate;
use x509_parser::parse_x509_certificate;
use x509_parser::public_key::PublicKey;

use super::refusal::{Check, Refusals};

/// Wraps the verifiers of rustls. `strict` knows the CAs that have a revocation list and refuses an unknown status; `lenient`
/// knows those marked as having none.
#[derive(Debug)]
pub(super) struct ClientVerifier {
    strict: Arc<dyn ClientCertVerifier>,
    lenient: Option<Arc<dyn ClientCertVerifier>>,
    hints: Vec<DistinguishedName>,
    refusals: Arc<Refusals>,
    /// A list is no longer believed: a certificate whose status is unknown is so for that reason.
    left_out: bool,
    /// Names of CAs of the other environment.
    others: Vec<Vec<u8>>,
}

impl ClientVerifier {
    /// With no strict CA at all, the caller passes the lenient verifier as `strict`.
    pub(super) fn new(
        strict: Arc<dyn ClientCertVerifier>,
        lenient: Option<Arc<dyn ClientCertVerifier>>,
        refusals: Arc<Refusals>,
        left_out: bool,
        others: Vec<Vec<u8>>,
    ) -> Self {
        let hints = strict
            .root_hint_subjects()
            .iter()
            .chain(lenient.iter().flat_map(|v| v.root_hint_subjects()))
            .cloned()
            .collect();
        Self {
            strict,
            lenient,
            hints,
            refusals,
            left_out,
            others,
        }
    }

    fn judge(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        let verdict = match (
            self.strict
                .verify_client_cert(end_entity, intermediates, now),
            &self.lenient,
        ) {
            (Err(Error::InvalidCertificate(CertificateError::UnknownIssuer)), Some(lenient)) => {
                lenient.verify_client_cert(end_entity, intermediates, now)?
            }
            (Err(Error::InvalidCertificate(CertificateError::UnknownRevocationStatus)), _)
                if self.left_out =>
            {
                return Err(CertificateError::ExpiredRevocationList.into());
            }
            (verdict, _) => verdict?,
        };
        check_the_rest(end_entity, intermediates)?;
        Ok(verdict)
    }

    fn recorded<T>(
        &self,
        verdict: Result<T, Error>,
        der: &CertificateDer<'_>,
        now: UnixTime,
    ) -> Result<T, Error> {
        if let Err(error) = &verdict {
            let check = match Check::of(error) {
                Check::UnknownCa if self.is_of_the_others(der) => Check::OtherEnvironment,
                check => check,
            };
            self.refusals.record(check, der, now.as_secs());
        }
        verdict
    }

    /// Whether a certificate names a CA of the other environment as its issuer. Unverified: it is refused in any case.
    fn is_of_the_others(&self, der: &CertificateDer<'_>) -> bool {
        parse_x509_certificate(der).is_ok_and(|(_, certificate)| {
            let issuer = certificate.issuer().as_raw();
            self.others.iter().any(|other| other == issuer)
        })
    }
}

/// What webpki leaves alone, asked of every certificate sent: no honest caller sends along one that fails here, even if the path
/// goes another way.
fn check_the_rest(leaf: &CertificateDer<'_>, sent: &[CertificateDer<'_>]) -> Result<(), Error> {
    std::iter::once(leaf)
        .chain(sent)
        .try_for_each(|der| check_one(der).map_err(Error::from))
}

/// Extensions: each once. keyUsage: a leaf that may not sign can't authenticate, and a CA without keyCertSign can't have issued it. Serial number: at
/// most the 20 bytes of RFC 5280, since a longer one couldn't stand in a revocation list.
fn check_one(der: &CertificateDer<'_>) -> Result<(), CertificateError> {
    let malformed = || CertificateError::BadEncoding;
    let (_, certificate) = parse_x509_certificate(der).map_err(|_| malformed())?;
    // An extension that is there twice could be read in two ways.
    certificate.extensions_map().map_err(|_| malformed())?;
    if !is_strong(&certificate) {
        return Err(CertificateError::BadSignature);
    }
    let serial = certificate.raw_serial();
    if serial.strip_prefix(&[0]).unwrap_or(serial).len() > 20 {
        return Err(malformed());
    }
    let usage = certificate.key_usage().map_err(|_| malformed())?;
    let may_sign = usage.is_none_or(|usage| {
        if certificate.is_ca() {
            usage.value.key_cert_sign()
        } else {
            usage.value.digital_signature()
        }
    });
    may_sign
        .then_some(())
        .ok_or(CertificateError::InvalidPurpose)
}

/// Keys that TLS could not use are refused with the certificate and not only with what they sign: RSA from 2048 bits, the
/// curves P-256, P-384 and P-521, Ed25519.
fn is_strong(certificate: &X509Certificate<'_>) -> bool {
    match certificate.public_key().parsed() {
        Ok(PublicKey::RSA(rsa)) => rsa.key_size() >= LEAST_RSA_BITS,
        Ok(PublicKey::EC(_)) => {
            let algorithm = &certificate.public_key().algorithm;
            let curve = algorithm
                .parameters
                .as_ref()
                .and_then(|curve| curve.as_oid().ok());
            curve.is_some_and(|curve| CURVES.contains(&curve.to_id_string().as_str()))
        }
        Ok(PublicKey::Unknown(_)) => {
            let algorithm = &certificate.public_key().algorithm.algorithm;
            algorithm.to_id_string() == ED25519
        }
        _ => false,
    }
}

/// As few as rustls' provider takes.
const LEAST_RSA_BITS: usize = 2048;
/// P-256, P-384, P-521.
const CURVES: [&str; 3] = ["1.2.840.10045.3.1.7", "1.3.132.0.34", "1.3.132.0.35"];
const ED25519: &str = "1.3.101.112";

impl ClientCertVerifier for ClientVerifier {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &self.hints
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        self.recorded(self.judge(end_entity, intermediates, now), end_entity, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let verdict = self.strict.verify_tls12_signature(message, cert, dss);
        self.recorded(verdict, cert, UnixTime::now())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let verdict = self.strict.verify_tls13_signature(message, cert, dss);
        self.recorded(verdict, cert, UnixTime::now())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.strict.supported_verify_schemes()
    }
}
