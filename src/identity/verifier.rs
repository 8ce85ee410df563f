//! The handshake's judgement of a client certificate: rustls' own, plus key usage and serial numbers, issuers without a revocation list, and a
//! record of whom it refused.
//!
//! **No list, no acceptance:** under a CA that has lists, a certificate is accepted only if a list that is believed at that
//! very instant speaks of its issuer. What judges is made anew when an instant comes at which that changes, whether or not
//! anybody has read a file meanwhile.

use std::sync::{Arc, RwLock};

use rustls::client::danger::HandshakeSignatureValid;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{CertificateError, DigitallySignedStruct, DistinguishedName, Error, SignatureScheme};
use time::OffsetDateTime;
use x509_parser::certificate::X509Certificate;
use x509_parser::parse_x509_certificate;
use x509_parser::public_key::PublicKey;

use super::error::TlsError;
use super::refusal::{Check, Refusals};
use super::trust::{Judges, Trust};
use crate::sync;

/// Wraps the verifiers of rustls.
#[derive(Debug)]
pub(super) struct ClientVerifier {
    trust: Trust,
    judges: RwLock<Arc<Judges>>,
    /// Any of the verifiers: they know the same signatures.
    signatures: Arc<dyn ClientCertVerifier>,
    hints: Vec<DistinguishedName>,
    refusals: Arc<Refusals>,
}

impl ClientVerifier {
    /// As it judges at `at`.
    pub(super) fn new(
        trust: Trust,
        refusals: Arc<Refusals>,
        at: OffsetDateTime,
    ) -> Result<Self, TlsError> {
        trust.check_waiting(at)?;
        let judges = trust.at(at)?;
        let both = || judges.strict.iter().chain(&judges.lenient);
        let hints = both().flat_map(|verifier| verifier.root_hint_subjects());
        Ok(Self {
            signatures: Arc::clone(both().next().ok_or(TlsError::NoClientCa)?),
            hints: hints.cloned().collect(),
            trust,
            judges: RwLock::new(Arc::new(judges)),
            refusals,
        })
    }

    /// What judges at an instant.
    fn judges(&self, now: UnixTime) -> Result<Arc<Judges>, Error> {
        let at = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
        {
            let judges = sync::read(&self.judges);
            if judges.span.contains(&at) {
                return Ok(Arc::clone(&judges));
            }
        }
        let mut judges = sync::write(&self.judges);
        if !judges.span.contains(&at) {
            let instant = OffsetDateTime::from_unix_timestamp(at);
            let instant = instant.map_err(|_| Error::FailedToGetCurrentTime)?;
            let new = self.trust.at(instant);
            // Every list was accepted when it was loaded.
            *judges = Arc::new(new.map_err(|error| Error::General(error.to_string()))?);
        }
        Ok(Arc::clone(&judges))
    }

    fn judge(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        let judges = self.judges(now)?;
        let strict = match &judges.strict {
            Some(strict) => strict.verify_client_cert(end_entity, intermediates, now),
            None => Err(CertificateError::UnknownIssuer.into()),
        };
        let issuers = issuers(end_entity, intermediates);
        let is_believed = issuers
            .first()
            .is_some_and(|own| judges.believed.contains(own));
        let disbelieved = issuers.iter().any(|one| judges.disbelieved.contains(one));
        let unknown = || Error::from(CertificateError::UnknownRevocationStatus);
        let verdict = match (strict, &judges.lenient) {
            (Ok(_), _) if !is_believed => Err(unknown()),
            (Err(Error::InvalidCertificate(CertificateError::UnknownIssuer)), Some(lenient)) => {
                let verdict = lenient.verify_client_cert(end_entity, intermediates, now);
                // The mark excuses a CA that publishes no list, and no list that has run out.
                verdict.and_then(|accepted| match disbelieved {
                    true => Err(unknown()),
                    false => Ok(accepted),
                })
            }
            (verdict, _) => verdict,
        };
        let verdict = verdict.map_err(|error| match disbelieved && error == unknown() {
            true => CertificateError::ExpiredRevocationList.into(),
            false => error,
        })?;
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
            self.trust.others.iter().any(|other| other == issuer)
        })
    }
}

/// The issuers' names of all certificates sent, the leaf's first; none for one that can't be read, which is refused anyway.
fn issuers(leaf: &CertificateDer<'_>, sent: &[CertificateDer<'_>]) -> Vec<Vec<u8>> {
    let issuer = |der: &CertificateDer<'_>| {
        let (_, certificate) = parse_x509_certificate(der).ok()?;
        Some(certificate.issuer().as_raw().to_vec())
    };
    let Some(own) = issuer(leaf) else {
        return Vec::new();
    };
    std::iter::once(own)
        .chain(sent.iter().filter_map(issuer))
        .collect()
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
        let verdict = self.signatures.verify_tls12_signature(message, cert, dss);
        self.recorded(verdict, cert, UnixTime::now())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let verdict = self.signatures.verify_tls13_signature(message, cert, dss);
        self.recorded(verdict, cert, UnixTime::now())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.signatures.supported_verify_schemes()
    }
}
