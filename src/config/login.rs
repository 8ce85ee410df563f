//! `[login]` and `[login.oidc]`: how persons sign in (kontrakt §8, docs/login.md).

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::annotated::section;

/// The least level of assurance of a sign-in (`login.sikring`), as NSIS has them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Sikring {
    /// Low.
    Lav,
    /// Substantial.
    #[default]
    Betydelig,
    /// High.
    Hoej,
}

/// Whose claim names a provider uses (`login.oidc.forvalg`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Forvalg {
    /// Short names, for a provider whose claims can be configured.
    #[default]
    Simpel,
    /// Those of Signaturgruppen's broker for MitID Erhverv.
    Signaturgruppen,
    /// Those of OIOSAML, which bridges from NemLog-in pass on as they are.
    MitidErhverv,
}

/// How a provider writes privileges (`login.oidc.privilegier_form`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PrivilegeForm {
    /// OIO Basic Privilege Profile: XML in base64.
    Bpp,
    /// A list of objects with scope and privileges.
    Json,
    /// A list of names, about the person's own organisation.
    #[serde(rename = "navne")]
    Names,
}

section! {
    /// How persons sign in to the pages under /mit, and what their privileges are called there.
    pub struct Login {
        /// Least level of assurance: "lav", "betydelig" or "hoej".
        sikring: Sikring = Sikring::default();
        /// Names of the privilege to look: units, findings, calls and agreements.
        laes: Vec<String> = vec!["urn:dtr:laes".to_owned()];
        /// Names of the privilege to answer about agreements.
        aftaler: Vec<String> = vec!["urn:dtr:aftaler".to_owned()];
        /// Names of the privilege to correct data.
        ret: Vec<String> = vec!["urn:dtr:ret".to_owned()];
        /// Names of the operator's privilege; counts with the CVR number of an operator's organisation alone.
        operatoer: Vec<String> = vec!["urn:dtr:operatoer".to_owned()];
        /// Certificates: the listed administrators of organisations (dtr org administrator) sign in with theirs.
        certifikat: bool = false;
        /// Minutes without a request after which a session ends.
        ledig_minutter: u64 = 30;
        /// Minutes after which any session ends.
        laengst_minutter: u64 = 480;
        /// An OpenID Connect provider. Left out: none.
        oidc: Option<Oidc> = None;
    }
}

section! {
    /// An OpenID Connect provider, such as a broker for MitID Erhverv.
    pub struct Oidc {
        /// Issuer, as the provider's own configuration document writes it: https, or http on this machine.
        udsteder: String = String::new();
        /// The client id that the provider has given. Its redirect address is public_url and /mit/retur.
        klient_id: String = String::new();
        /// File of the client's secret. Left out: none, and PKCE alone.
        klient_hemmelighed_fil: Option<PathBuf> = None;
        /// Preset of scopes, parameters and claim names: "simpel", "signaturgruppen" or "mitid-erhverv".
        forvalg: Forvalg = Forvalg::default();
        /// Scopes, instead of the preset's.
        scopes: Option<Vec<String>> = None;
        /// More parameters of the request to sign in, beside the preset's.
        #[serde(skip_serializing_if = "BTreeMap::is_empty")]
        parametre: BTreeMap<String, String> = BTreeMap::new();
        /// Claim names, instead of the preset's: cvr, pnummer, navn, loa, privilegier, person.
        #[serde(skip_serializing_if = "Claims::is_empty")]
        claims: Claims = Claims::default();
        /// Form of the privileges, instead of the preset's: "bpp", "json" or "navne".
        privilegier_form: Option<PrivilegeForm> = None;
        /// Ask the provider's userinfo too: for those that keep claims out of the ID token.
        brugerinfo: bool = false;
        /// CAs of the provider's own TLS certificate, PEM.
        ca: PathBuf = "/etc/ssl/certs/ca-certificates.crt".into();
    }
}

/// Names of claims (`login.oidc.claims`); what is left out is the preset's.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Claims {
    /// The person's organisation: a CVR number.
    pub cvr: Option<String>,
    /// The place that the person is attached to.
    pub pnummer: Option<String>,
    /// The person's name.
    pub navn: Option<String>,
    /// The level of assurance.
    pub loa: Option<String>,
    /// The privileges.
    pub privilegier: Option<String>,
    /// What the person is called for ever, instead of `sub`.
    pub person: Option<String>,
}

impl Claims {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What is wrong with a configuration of this, if anything: key and problem.
pub(super) fn check(login: &Login) -> Option<(&'static str, String)> {
    let Some(oidc) = &login.oidc else {
        return None;
    };
    if !is_safe(&oidc.udsteder) {
        let problem =
            "name the issuer by https://, or by http:// and localhost, 127.0.0.1 or [::1]";
        return Some(("login.oidc.udsteder", problem.to_owned()));
    }
    if oidc.klient_id.is_empty() {
        let problem = "name the client id that the provider has given";
        return Some(("login.oidc.klient_id", problem.to_owned()));
    }
    let reserved = |key: &&String| RESERVED.contains(&key.as_str());
    if let Some(key) = oidc.parametre.keys().find(reserved) {
        let problem = format!("{key} is set for each sign-in; leave it out");
        return Some(("login.oidc.parametre", problem));
    }
    None
}

/// Parameters that are made for each sign-in.
const RESERVED: [&str; 9] = [
    "client_id",
    "code_challenge",
    "code_challenge_method",
    "nonce",
    "redirect_uri",
    "response_mode",
    "response_type",
    "scope",
    "state",
];

/// Whether an address keeps secrets: https, or this machine itself.
fn is_safe(url: &str) -> bool {
    let (scheme, rest) = url.split_once("://").unwrap_or_default();
    let host = rest.split('/').next().unwrap_or_default();
    let plain = rest
        .chars()
        .all(|c| c.is_ascii_graphic() && !"?#@\\\"<>".contains(c));
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let here = ["localhost", "127.0.0.1", "[::1]"].contains(&name);
    plain && !name.is_empty() && (scheme == "https" || (scheme == "http" && here))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_is_https_or_this_machine() {
        for (url, safe) in [
            ("https://login.example", true),
            ("https://login.example/realms/a", true),
            ("https://login.example:8443", true),
            ("http://localhost:4000", true),
            ("http://127.0.0.1:4000/op", true),
            ("http://[::1]:4000", true),
            ("http://login.example", false),
            ("http://localhost.example", false),
            ("http://localhost@evil.example", false),
            ("https://", false),
            ("https://a b", false),
            ("https://a?b", false),
            ("ftp://localhost", false),
            ("", false),
        ] {
            assert_eq!(is_safe(url), safe, "{url}");
        }
    }

    #[test]
    fn what_is_missing_or_reserved_is_told() {
        let of = |oidc: Oidc| {
            let login = Login {
                oidc: Some(oidc),
                ..Login::default()
            };
            check(&login).map(|(key, _)| key)
        };
        let good = Oidc {
            udsteder: "https://login.example".to_owned(),
            klient_id: "dtr".to_owned(),
            ..Oidc::default()
        };
        assert_eq!(check(&Login::default()), None);
        assert_eq!(of(good.clone()), None);
        assert_eq!(
            of(Oidc {
                udsteder: String::new(),
                ..good.clone()
            }),
            Some("login.oidc.udsteder")
        );
        assert_eq!(
            of(Oidc {
                klient_id: String::new(),
                ..good.clone()
            }),
            Some("login.oidc.klient_id")
        );
        let parametre = BTreeMap::from([("state".to_owned(), "x".to_owned())]);
        assert_eq!(of(Oidc { parametre, ..good }), Some("login.oidc.parametre"));
    }
}
