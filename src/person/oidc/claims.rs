//! Whose claims mean what: from what a provider says to a [`Person`].

use serde_json::{Map, Value};

use super::super::bpp;
use super::super::privilege::{PrivilegeNames, Privileges, Unreadable};
use super::super::{Assurance, Person, Subject, Way};
use super::json;
use crate::config::{Forvalg, Oidc, PrivilegeForm};
use crate::problem::{Entry, login};
use crate::register::{Cvr, PNummer};

/// The longest name of a person, in characters.
const LONGEST_NAME: usize = 200;

/// Names of claims, and how privileges are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ClaimMap {
    cvr: String,
    pnummer: String,
    navn: String,
    loa: String,
    privilegier: String,
    person: String,
    form: PrivilegeForm,
}

/// What a preset says: claims in the order of [`ClaimMap`], the form, scopes, and parameters of the request.
struct Preset {
    claims: [&'static str; 6],
    form: PrivilegeForm,
    scopes: &'static [&'static str],
    parameters: &'static [(&'static str, &'static str)],
}

const fn preset(which: Forvalg) -> Preset {
    match which {
        Forvalg::Simpel => Preset {
            claims: ["cvr", "p_number", "name", "loa", "privileges", "sub"],
            form: PrivilegeForm::Json,
            scopes: &["openid", "profile"],
            parameters: &[],
        },
        Forvalg::Signaturgruppen => Preset {
            claims: [
                "nemlogin.cvr",
                "nemlogin.p_number",
                "nemlogin.name",
                "loa",
                "nemlogin.privileges",
                "nemlogin.persistent_professional_id",
            ],
            form: PrivilegeForm::Bpp,
            scopes: &["openid", "nemlogin"],
            parameters: &[("idp_values", "mitid_erhverv")],
        },
        Forvalg::MitidErhverv => Preset {
            claims: [
                "https://data.gov.dk/model/core/eid/professional/cvr",
                "https://data.gov.dk/model/core/eid/professional/productionUnit",
                "https://data.gov.dk/model/core/eid/fullName",
                "https://data.gov.dk/concept/core/nsis/loa",
                "https://data.gov.dk/model/core/eid/privilegesIntermediate",
                "sub",
            ],
            form: PrivilegeForm::Bpp,
            scopes: &["openid"],
            parameters: &[],
        },
    }
}

/// The scopes that are asked for.
pub(super) fn scopes(config: &Oidc) -> String {
    match &config.scopes {
        Some(own) => own.join(" "),
        None => preset(config.forvalg).scopes.join(" "),
    }
}

/// The parameters of the request beside those of each sign-in; the configuration's in place of the preset's.
pub(super) fn parameters(config: &Oidc) -> Vec<(String, String)> {
    let own = &config.parametre;
    let preset = preset(config.forvalg).parameters.iter();
    let preset = preset.filter(|(name, _)| !own.contains_key(*name));
    let preset = preset.map(|&(name, value)| (name.to_owned(), value.to_owned()));
    let own = own
        .iter()
        .map(|(name, value)| (name.clone(), value.clone()));
    preset.chain(own).collect()
}

/// Why somebody whose token is good can't sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(in crate::person) enum Unfit {
    #[error("no CVR number is told")]
    NoOrganisation,
    #[error("the level of assurance is lower than required, or not told")]
    Assurance,
    #[error(transparent)]
    Privileges(#[from] Unreadable),
    #[error("the claim that names the person is missing")]
    NoPerson,
}

impl Unfit {
    /// What the person is told.
    pub(super) const fn entry(self) -> &'static Entry {
        match self {
            Self::NoOrganisation => &login::LOGIN_UDEN_ORGANISATION,
            Self::Assurance => &login::LOGIN_SIKRING,
            Self::Privileges(_) => &login::LOGIN_PRIVILEGIER,
            Self::NoPerson => &login::LOGIN_UBEVIST,
        }
    }
}

impl ClaimMap {
    pub(super) fn of(config: &Oidc) -> Self {
        let preset = preset(config.forvalg);
        let [cvr, pnummer, navn, loa, privilegier, person] = preset.claims;
        let own = &config.claims;
        let named =
            |own: &Option<String>, preset: &str| own.clone().unwrap_or_else(|| preset.to_owned());
        Self {
            cvr: named(&own.cvr, cvr),
            pnummer: named(&own.pnummer, pnummer),
            navn: named(&own.navn, navn),
            loa: named(&own.loa, loa),
            privilegier: named(&own.privilegier, privilegier),
            person: named(&own.person, person),
            form: config.privilegier_form.unwrap_or(preset.form),
        }
    }

    /// The person of these claims. One without privileges signs in too, and sees that it has none.
    pub(super) fn person(
        &self,
        claims: &Map<String, Value>,
        issuer: &str,
        least: Assurance,
        names: &PrivilegeNames,
    ) -> Result<Person, Unfit> {
        let text = |name: &str| json::text(claims, name).map(str::trim);
        let level = text(&self.loa).and_then(Assurance::parse);
        if level.is_none_or(|level| level < least) {
            return Err(Unfit::Assurance);
        }
        let cvr = text(&self.cvr).and_then(|text| Cvr::parse(text).ok());
        let cvr = cvr.ok_or(Unfit::NoOrganisation)?;
        let id = text(&self.person).filter(|id| !id.is_empty() && id.len() <= 255);
        let told = match claims.get(&self.privilegier) {
            None | Some(Value::Null) => Privileges::default(),
            Some(value) => self.privileges(value, cvr)?,
        };
        if !told.ignored.is_empty() {
            tracing::info!(
                groups = told.ignored.len(),
                "privileges that count for nothing"
            );
        }
        let navn = text(&self.navn).unwrap_or_default();
        let seen = navn.chars().filter(|&c| !crate::problem::steers(c));
        Ok(Person {
            subject: Subject {
                way: Way::OpenId.as_str(),
                issuer: issuer.to_owned(),
                id: id.ok_or(Unfit::NoPerson)?.to_owned(),
            },
            way: Way::OpenId,
            cvr,
            p_nummer: text(&self.pnummer).and_then(|text| PNummer::parse(text).ok()),
            navn: seen.take(LONGEST_NAME).collect(),
            level,
            held: names.held(&told),
        })
    }

    fn privileges(&self, value: &Value, own: Cvr) -> Result<Privileges, Unreadable> {
        match self.form {
            PrivilegeForm::Bpp => {
                let text = value.as_str().ok_or(Unreadable("not a text"))?;
                bpp::read(text)
            }
            PrivilegeForm::Json => Privileges::from_objects(value),
            PrivilegeForm::Names => Privileges::from_names(value, own),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;
    use crate::config::Claims;

    fn person(config: &Oidc, claims: &Value) -> Result<Person, Unfit> {
        let claims = claims.as_object().unwrap();
        let names = PrivilegeNames::default();
        ClaimMap::of(config).person(claims, "https://a", Assurance::Substantial, &names)
    }

    fn of(forvalg: Forvalg) -> Oidc {
        Oidc {
            forvalg,
            ..Oidc::default()
        }
    }

    #[test]
    fn each_preset_reads_its_providers_claims() {
        use base64::Engine as _;
        let bpp = "<PrivilegeList xmlns=\"http://digst.dk/oiosaml/basic_privilege_profile\"><PrivilegeGroup \
                   Scope=\"urn:dk:gov:saml:cvrNumberIdentifier:55133018\"><Privilege>urn:dtr:ret</Privilege>\
                   </PrivilegeGroup></PrivilegeList>";
        let bpp = base64::engine::general_purpose::STANDARD.encode(bpp);
        let core = "https://data.gov.dk/model/core/eid";
        for (forvalg, claims) in [
            (
                Forvalg::Simpel,
                json!({
                    "sub": "7", "cvr": "55133018", "p_number": "1234567890", "name": "Kim", "loa": "Substantial",
                    "privileges": [{"scope": "urn:dk:gov:saml:cvrNumberIdentifier:55133018", "privileges": ["urn:dtr:ret"]}]
                }),
            ),
            (
                Forvalg::Signaturgruppen,
                json!({
                    "sub": "x", "nemlogin.cvr": "55133018", "nemlogin.p_number": "1234567890", "nemlogin.name": "Kim",
                    "loa": "https://data.gov.dk/concept/core/nsis/Substantial", "nemlogin.privileges": bpp,
                    "nemlogin.persistent_professional_id": "7"
                }),
            ),
            (
                Forvalg::MitidErhverv,
                json!({
                    "sub": "7", format!("{core}/professional/cvr"): "55133018",
                    format!("{core}/professional/productionUnit"): "1234567890", format!("{core}/fullName"): "Kim",
                    "https://data.gov.dk/concept/core/nsis/loa": "Substantial",
                    format!("{core}/privilegesIntermediate"): bpp
                }),
            ),
        ] {
            let person = person(&of(forvalg), &claims).unwrap();
            assert_eq!(
                (person.subject.id.as_str(), person.navn.as_str()),
                ("7", "Kim")
            );
            assert_eq!(person.cvr.as_str(), "55133018");
            assert_eq!(person.p_nummer.unwrap().as_str(), "1234567890");
            assert_eq!(person.held.len(), 1, "{forvalg:?}");
        }
    }

    #[test]
    fn who_is_not_sure_enough_or_in_no_organisation_does_not_get_in() {
        let good = json!({"sub": "7", "cvr": "55133018", "loa": "High"});
        let with = |name: &str, value: Value| {
            let mut claims = good.clone();
            claims[name] = value;
            person(&of(Forvalg::Simpel), &claims).err()
        };
        assert!(person(&of(Forvalg::Simpel), &good).unwrap().held.is_empty());
        for (name, value, unfit) in [
            ("loa", json!("Low"), Unfit::Assurance),
            ("loa", json!(null), Unfit::Assurance),
            ("loa", json!(4), Unfit::Assurance),
            ("loa", json!("Substantially"), Unfit::Assurance),
            ("cvr", json!(null), Unfit::NoOrganisation),
            ("cvr", json!("5513301"), Unfit::NoOrganisation),
            ("cvr", json!(55133018), Unfit::NoOrganisation),
            ("sub", json!(""), Unfit::NoPerson),
        ] {
            assert_eq!(with(name, value.clone()), Some(unfit), "{name} {value}");
        }
        let unreadable = with("privileges", json!("urn:dtr:ret"));
        assert!(
            matches!(unreadable, Some(Unfit::Privileges(_))),
            "{unreadable:?}"
        );
    }

    #[test]
    fn what_the_configuration_names_takes_the_presets_place() {
        let config = Oidc {
            forvalg: Forvalg::Signaturgruppen,
            scopes: Some(vec!["openid".to_owned(), "andet".to_owned()]),
            parametre: BTreeMap::from([
                ("idp_values".to_owned(), "x".to_owned()),
                ("a".to_owned(), "b".to_owned()),
            ]),
            claims: Claims {
                cvr: Some("org".to_owned()),
                ..Claims::default()
            },
            privilegier_form: Some(PrivilegeForm::Names),
            ..Oidc::default()
        };
        assert_eq!(scopes(&config), "openid andet");
        assert_eq!(scopes(&of(Forvalg::Signaturgruppen)), "openid nemlogin");
        let pairs = parameters(&config);
        let pairs: Vec<_> = pairs
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        assert_eq!(pairs, ["a=b", "idp_values=x"]);
        let claims = json!({
            "org": "55133018", "loa": "high", "nemlogin.persistent_professional_id": "7",
            "nemlogin.privileges": ["urn:dtr:laes", "urn:andet"], "nemlogin.name": "Kim\u{202e}\n"
        });
        let person = person(&config, &claims).unwrap();
        assert_eq!((person.held.len(), person.navn.as_str()), (1, "Kim"));
    }
}
