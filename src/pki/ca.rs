//! A certificate authority for examples and tests: P-256, certificates and revocation lists.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, ExtendedKeyUsagePurpose,
    IsCa, Issuer, KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, PublicKeyData,
    RevocationReason, RevokedCertParams, SanType, SerialNumber,
};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use time::{Duration, OffsetDateTime};
use x509_parser::parse_x509_certificate;

use super::{PkiError, Subject};
use crate::identity::files::EXAMPLE_PREFIX;

/// How long a certificate or revocation list is valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    /// First instant.
    pub not_before: OffsetDateTime,
    /// Last instant.
    pub not_after: OffsetDateTime,
}

impl Validity {
    /// Five years (kontrakt §8), from an hour ago so that a clock that is a little slow accepts it too.
    #[must_use]
    pub fn five_years(now: OffsetDateTime) -> Self {
        Self {
            not_before: now - Duration::hours(1),
            not_after: now + Duration::days(5 * 365 + 1),
        }
    }

    /// A year that ended yesterday.
    #[must_use]
    pub fn expired(now: OffsetDateTime) -> Self {
        Self {
            not_before: now - Duration::days(366),
            not_after: now - Duration::days(1),
        }
    }
}

/// What a certificate may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Usage {
    /// A caller, as OCES issues: no extended key usage at all.
    Caller,
    /// A caller's subject, but extended key usage serverAuth alone: refused in the handshake.
    ServerAuthOnly,
    /// A server on this machine: serverAuth; localhost, 127.0.0.1 and ::1.
    Server,
}

/// All that distinguishes one certificate to be issued from another.
#[derive(Debug, Clone)]
pub struct Profile {
    /// Its holder.
    pub subject: Subject,
    /// Its purpose.
    pub usage: Usage,
    /// Its dates.
    pub validity: Validity,
}

/// A certificate and its key.
#[derive(Debug)]
pub struct Issued {
    /// The certificate, PEM.
    pub certificate_pem: String,
    /// The private key, PKCS#8 PEM.
    pub key_pem: String,
    /// The certificate, DER.
    pub der: CertificateDer<'static>,
    /// The private key, PKCS#8 DER.
    pub key_der: Vec<u8>,
    /// Its CA's certificate, DER.
    pub issuer: CertificateDer<'static>,
    serial: SerialNumber,
}

/// An example CA.
#[derive(Debug)]
pub struct Ca {
    issuer: Issuer<'static, KeyPair>,
    der: CertificateDer<'static>,
    pem: String,
}

impl Ca {
    /// Makes a new one, self-signed, valid five years.
    ///
    /// # Errors
    /// [`PkiError::NotNamedExample`] unless the name begins `EKSEMPEL`, so that no such CA passes for a real one.
    pub fn new(common_name: &str, now: OffsetDateTime) -> Result<Self, PkiError> {
        if !common_name.starts_with(EXAMPLE_PREFIX) {
            return Err(PkiError::NotNamedExample(common_name.to_owned()));
        }
        let subject = Subject::country()
            .organisation("EKSEMPEL")
            .common_name(common_name);
        let mut params = params(&subject, Validity::five_years(now))?;
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let certificate = params.self_signed(&key)?;
        Ok(Self {
            der: certificate.der().clone(),
            pem: certificate.pem(),
            issuer: Issuer::new(params, key),
        })
    }

    /// Reads back a CA that [`Ca::new`] made.
    ///
    /// # Errors
    /// [`PkiError::UnreadableCa`]; [`PkiError::KeyMismatch`] when certificate and key are not a pair;
    /// [`PkiError::NotNamedExample`] when the CA is not an example.
    pub fn from_pem(certificate_pem: &str, key_pem: &str) -> Result<Self, PkiError> {
        let der = CertificateDer::from_pem_slice(certificate_pem.as_bytes())
            .map_err(|e| unreadable("certificate", &e))?;
        let key = KeyPair::from_pem(key_pem).map_err(|e| unreadable("key", &e))?;
        let (_, parsed) =
            parse_x509_certificate(&der).map_err(|e| unreadable("certificate", &e))?;
        let name = parsed.subject();
        let is_example = name
            .iter_common_name()
            .any(|cn| cn.as_slice().starts_with(EXAMPLE_PREFIX.as_bytes()));
        if !is_example {
            return Err(PkiError::NotNamedExample(name.to_string()));
        }
        if key.der_bytes() != parsed.public_key().subject_public_key.data.as_ref() {
            return Err(PkiError::KeyMismatch);
        }
        let subject = Subject::copied(name)
            .ok_or_else(|| unreadable("certificate", &"its subject is of another form"))?;
        let mut params = CertificateParams::default();
        params.distinguished_name = subject.to_name()?;
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        Ok(Self {
            issuer: Issuer::new(params, key),
            pem: certificate_pem.to_owned(),
            der,
        })
    }

    /// The CA's certificate, PEM.
    #[must_use]
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// The CA's certificate, DER.
    #[must_use]
    pub fn der(&self) -> &CertificateDer<'static> {
        &self.der
    }

    /// The CA's private key, PKCS#8 PEM.
    #[must_use]
    pub fn key_pem(&self) -> String {
        self.issuer.key().serialize_pem()
    }

    /// Issues a certificate with a new P-256 key.
    ///
    /// # Errors
    /// [`PkiError`] when the subject can't be written or no key made.
    pub fn issue(&self, profile: &Profile) -> Result<Issued, PkiError> {
        let mut params = params(&profile.subject, profile.validity)?;
        params.use_authority_key_identifier_extension = true;
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![
            KeyUsagePurpose::DigitalSignature,
            KeyUsagePurpose::KeyEncipherment,
        ];
        match profile.usage {
            Usage::Caller => {}
            Usage::ServerAuthOnly => {
                params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
            }
            Usage::Server => {
                params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
                params.subject_alt_names = vec![
                    SanType::DnsName("localhost".try_into()?),
                    SanType::IpAddress(IpAddr::V4(Ipv4Addr::LOCALHOST)),
                    SanType::IpAddress(IpAddr::V6(Ipv6Addr::LOCALHOST)),
                ];
            }
        }
        let serial = random_serial()?;
        params.serial_number = Some(serial.clone());
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let certificate = params.signed_by(&key, &self.issuer)?;
        Ok(Issued {
            certificate_pem: certificate.pem(),
            key_pem: key.serialize_pem(),
            der: certificate.der().clone(),
            key_der: key.serialize_der(),
            issuer: self.der.clone(),
            serial,
        })
    }

    /// The CA's revocation list, PEM: the certificates revoked at the beginning of its validity.
    ///
    /// # Errors
    /// [`PkiError`] when it can't be signed.
    pub fn revocation_list(
        &self,
        revoked: &[&Issued],
        validity: Validity,
    ) -> Result<String, PkiError> {
        let revoked_certs = revoked
            .iter()
            .map(|issued| RevokedCertParams {
                serial_number: issued.serial.clone(),
                revocation_time: validity.not_before,
                reason_code: Some(RevocationReason::CessationOfOperation),
                invalidity_date: None,
            })
            .collect();
        let list = CertificateRevocationListParams {
            this_update: validity.not_before,
            next_update: validity.not_after,
            crl_number: SerialNumber::from(1_u64),
            issuing_distribution_point: None,
            revoked_certs,
            key_identifier_method: rcgen::KeyIdMethod::Sha256,
        };
        Ok(list.signed_by(&self.issuer)?.pem()?)
    }
}

fn params(subject: &Subject, validity: Validity) -> Result<CertificateParams, PkiError> {
    let mut params = CertificateParams::default();
    params.distinguished_name = subject.to_name()?;
    params.not_before = validity.not_before;
    params.not_after = validity.not_after;
    params.serial_number = Some(random_serial()?);
    Ok(params)
}

/// 16 random bytes, positive and of full length in DER, so well within the 20 that RFC 5280 allows.
fn random_serial() -> Result<SerialNumber, PkiError> {
    let mut bytes = [0; 16];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| PkiError::Random)?;
    bytes[0] = bytes[0] & 0x7f | 0x40;
    Ok(SerialNumber::from_slice(&bytes))
}

fn unreadable(what: &'static str, detail: &dyn std::fmt::Display) -> PkiError {
    PkiError::UnreadableCa {
        what,
        detail: detail.to_string(),
    }
}

#[cfg(test)]
mod tests;
