//! What the handshake refused: which check, and whose certificate.
//!
//! The alert tells the caller only a number, so the log and `dtr status` must tell its vendor the rest. [`Check::of`] names the
//! check behind any failed handshake; [`Refusals`] keeps the latest refused certificates.

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::sync::Mutex;

use rustls::{CertificateError, Error};

use super::Certificate;
use super::oces::Fingerprint;
use crate::register::Cvr;
use crate::sync;

/// Refusals kept for `dtr status`.
const KEPT: usize = 50;

macro_rules! checks {
    ($($(#[$doc:meta])* $name:ident = $slug:literal, $text:literal;)*) => {
        /// The check that a handshake failed.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Check { $($(#[$doc])* $name,)* }

        impl Check {
            /// A short stable name, for metrics and `--json`.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $slug,)* }
            }

            /// One line for the log.
            pub fn text(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

checks! {
    /// No certificate was sent.
    NoCertificate = "no_certificate", "the caller sent no certificate";
    /// A certificate of the chain is past its end.
    Expired = "expired", "the certificate or one of its issuers has expired";
    /// A certificate of the chain is before its beginning.
    NotYetValid = "not_yet_valid", "the certificate or one of its issuers is not valid yet";
    /// No path to a CA of the configuration.
    UnknownCa = "unknown_ca", "issued by no CA of the configuration (is it a test certificate, or is an intermediate missing?)";
    /// Issued by a CA of the other environment.
    OtherEnvironment = "other_environment", "issued by a CA of the other environment: a test certificate in production, or the reverse";
    /// On a revocation list.
    Revoked = "revoked", "the certificate or one of its issuers is revoked";
    /// No revocation list speaks for the issuer.
    RevocationUnknown = "revocation_unknown", "no revocation list covers the certificate's issuer";
    /// The revocation list is past its nextUpdate.
    CrlExpired = "crl_expired", "the revocation list of the certificate's issuer is out of date";
    /// The revocation list is not its issuer's.
    CrlInvalid = "crl_invalid", "the revocation list is not validly signed by the certificate's issuer";
    /// Extended key usage without clientAuth.
    ExtendedKeyUsage = "extended_key_usage", "extendedKeyUsage does not allow client authentication";
    /// Key usage without digitalSignature.
    KeyUsage = "key_usage", "keyUsage does not allow digital signatures (or, in an issuer, certificate signing)";
    /// A signature doesn't verify, or its algorithm is not accepted.
    Signature = "signature", "a signature is false, or its algorithm or key is not accepted";
    /// The certificate can't be read, or breaks a rule of X.509.
    Malformed = "malformed", "the certificate or its chain breaks a rule of X.509";
    /// No common TLS version, suite or application protocol; or not TLS at all.
    Protocol = "protocol", "no common TLS version, cipher suite or application protocol, or not TLS";
    /// The caller gave up: an alert, or the end of the stream.
    CallerGaveUp = "caller_gave_up", "the caller broke the handshake off";
    /// Anything else.
    Other = "other", "the handshake failed";
}

impl Check {
    /// The check behind a failed handshake.
    pub fn of(error: &Error) -> Self {
        match error {
            Error::NoCertificatesPresented => Self::NoCertificate,
            Error::InvalidCertificate(e) => Self::of_certificate(e),
            Error::InvalidCertRevocationList(_) => Self::CrlInvalid,
            Error::AlertReceived(_) => Self::CallerGaveUp,
            Error::PeerIncompatible(_)
            | Error::PeerMisbehaved(_)
            | Error::InvalidMessage(_)
            | Error::InappropriateMessage { .. }
            | Error::InappropriateHandshakeMessage { .. }
            | Error::NoApplicationProtocol
            | Error::PeerSentOversizedRecord
            | Error::DecryptError => Self::Protocol,
            _ => Self::Other,
        }
    }

    fn of_certificate(error: &CertificateError) -> Self {
        match error {
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => Self::Expired,
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                Self::NotYetValid
            }
            CertificateError::UnknownIssuer => Self::UnknownCa,
            CertificateError::Revoked => Self::Revoked,
            CertificateError::UnknownRevocationStatus => Self::RevocationUnknown,
            CertificateError::ExpiredRevocationList
            | CertificateError::ExpiredRevocationListContext { .. } => Self::CrlExpired,
            CertificateError::InvalidPurposeContext { .. } => Self::ExtendedKeyUsage,
            // webpki gives the purpose with its context; the plain form is our verifier's own.
            CertificateError::InvalidPurpose => Self::KeyUsage,
            CertificateError::BadSignature
            | CertificateError::UnsupportedSignatureAlgorithmContext { .. }
            | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
                Self::Signature
            }
            _ => Self::Malformed,
        }
    }
}

/// A failed handshake, ready for the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandshakeFailure {
    /// Which check failed.
    pub check: Check,
    /// One line: what failed, without anything that the caller chose.
    pub text: String,
}

impl HandshakeFailure {
    /// Explains the error of a TLS accept, which is a [`rustls::Error`] inside when TLS was at fault.
    pub fn of(error: &io::Error) -> Self {
        match error.get_ref().and_then(|e| e.downcast_ref::<Error>()) {
            Some(tls) => Self::of_tls(tls),
            None => Self {
                check: Check::CallerGaveUp,
                text: format!("{}: {}", Check::CallerGaveUp.text(), error.kind()),
            },
        }
    }

    /// Explains a TLS error.
    pub fn of_tls(error: &Error) -> Self {
        let check = Check::of(error);
        let text = match error {
            Error::AlertReceived(alert) => format!("{} ({alert:?})", check.text()),
            _ => check.text().to_owned(),
        };
        Self { check, text }
    }
}

/// Whose certificate was refused. Unverified: the CVR number is what the certificate claims.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Whose {
    /// The CVR number that the certificate claims, when it can be read.
    pub cvr: Option<Cvr>,
    /// Of the certificate as sent.
    pub fingerprint: Fingerprint,
}

impl Whose {
    pub(super) fn of(der: &[u8]) -> Self {
        Self {
            cvr: Certificate::read(der).ok().map(|c| c.cvr),
            fingerprint: Fingerprint::of(der),
        }
    }
}

impl fmt::Display for Whose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.cvr {
            Some(cvr) => write!(f, "claims CVR {cvr}, sha256 {}", self.fingerprint),
            None => write!(f, "no readable CVR number, sha256 {}", self.fingerprint),
        }
    }
}

/// One refused certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Unix seconds, of the handshake.
    pub at: u64,
    /// Which check failed.
    pub check: Check,
    /// Whose certificate.
    pub whose: Whose,
}

/// The latest fifty certificates refused since the start. Outlives a reload of the certificates.
#[derive(Debug, Default)]
pub struct Refusals(Mutex<VecDeque<Refusal>>);

impl Refusals {
    /// Logs and keeps a refusal. Runs inside the handshake, so the log line stands in that connection's span.
    pub(super) fn record(&self, check: Check, der: &[u8], at: u64) {
        let whose = Whose::of(der);
        tracing::warn!(
            check = check.as_str(),
            certificate = %whose,
            "client certificate refused: {}",
            check.text()
        );
        let mut latest = sync::lock(&self.0);
        if latest.len() == KEPT {
            latest.pop_front();
        }
        latest.push_back(Refusal { at, check, whose });
    }

    /// The latest refusals, oldest first.
    pub fn latest(&self) -> Vec<Refusal> {
        sync::lock(&self.0).iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alert_is_the_caller_giving_up_and_is_named() {
        let alert = Error::AlertReceived(rustls::AlertDescription::UnknownCA);
        assert_eq!(Check::of(&alert), Check::CallerGaveUp);
        let failure = HandshakeFailure::of_tls(&alert);
        assert_eq!(
            failure.text,
            "the caller broke the handshake off (UnknownCA)"
        );
        let other = HandshakeFailure::of_tls(&Error::DecryptError);
        assert_eq!(other.text, Check::Protocol.text());
    }

    #[test]
    fn whose_it_was_is_told_as_far_as_it_can_be_read() {
        let mut whose = Whose::of(b"no certificate");
        let fingerprint = whose.fingerprint.to_string();
        assert_eq!(
            whose.to_string(),
            format!("no readable CVR number, sha256 {fingerprint}")
        );
        whose.cvr = Cvr::parse("55133018").ok();
        assert_eq!(
            whose.to_string(),
            format!("claims CVR 55133018, sha256 {fingerprint}")
        );
    }

    #[test]
    fn the_latest_are_kept() {
        let refusals = Refusals::default();
        let all = KEPT as u64 + 3;
        for at in 0..all {
            refusals.record(Check::Revoked, &at.to_be_bytes(), at);
            let kept = refusals.latest();
            assert_eq!(kept.len() as u64, (at + 1).min(KEPT as u64));
            assert_eq!(kept.last().map(|last| last.at), Some(at));
        }
        assert_eq!(refusals.latest()[0].at, 3, "the oldest went");
    }
}
