//! OpenID Connect: this register as a relying party (authorization code, PKCE S256, state, nonce). What is refused, and why, stands
//! in the log; the person is told no more than what to do.
//!
//! | module | what it holds |
//! | --- | --- |
//! | `fetch`, `json` | asking the provider, bounded; objects whose members come once |
//! | `known` | its configuration document and its keys, read again within limits |
//! | `keys`, `id_token` | public keys; what a token must be and say |
//! | `claims` | whose claims mean what |

mod claims;
mod fetch;
mod id_token;
mod json;
mod keys;
mod known;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::Uri;
use serde_json::{Map, Value};

use self::claims::{ClaimMap, Unfit};
use self::fetch::{Fetch, Unasked};
use self::id_token::{Bent, Expected};
use self::known::Known;
use super::privilege::PrivilegeNames;
use super::query::{self, Parameters, encode};
use super::secret::{self, NoRandom};
use super::{Assurance, Person};
use crate::client::ClientError;
use crate::clock::Clock;
use crate::config::{self, Login};
use crate::files;
use crate::problem::{Entry, login};

/// The longest code that a provider hands out.
const LONGEST_CODE: usize = 4 << 10;
/// The longest secret of a client.
const LONGEST_SECRET: u64 = 4 << 10;

/// Why a provider can't be used at all.
#[derive(Debug, thiserror::Error)]
pub enum UnusableProvider {
    /// A file can't be read.
    #[error("{file}: {cause}", file = .0.display(), cause = .1)]
    File(std::path::PathBuf, std::io::Error),
    /// The CAs can't be used.
    #[error(transparent)]
    Ca(#[from] ClientError),
    /// The secret is empty.
    #[error("{file}: holds no secret on one line", file = .0.display())]
    Secret(std::path::PathBuf),
}

/// Why nobody is signed in.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotSignedIn {
    #[error("the provider can't be asked: {0}")]
    Unasked(#[from] Unasked),
    #[error("the provider refused the code: {0}")]
    Code(Unasked),
    #[error("the provider signed nobody in: {0:?}")]
    Refused(String),
    #[error("the answer is not one to a sign-in: {0}")]
    Answer(&'static str),
    #[error("the ID token: {0}")]
    Bent(#[from] Bent),
    #[error("the person: {0}")]
    Unfit(#[from] Unfit),
    #[error(transparent)]
    Random(#[from] NoRandom),
}

impl NotSignedIn {
    /// What the person is told.
    pub(super) const fn entry(&self) -> &'static Entry {
        match self {
            Self::Unasked(_) | Self::Random(_) => &login::LOGIN_UTILGAENGELIG,
            Self::Refused(_) => &login::LOGIN_AFBRUDT,
            Self::Code(_) | Self::Answer(_) | Self::Bent(_) => &login::LOGIN_UBEVIST,
            Self::Unfit(unfit) => unfit.entry(),
        }
    }
}

/// What is kept of a sign-in while the person is at the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Asked {
    nonce: String,
    verifier: String,
}

impl Asked {
    pub(super) fn fresh() -> Result<Self, NoRandom> {
        Ok(Self {
            nonce: secret::fresh()?,
            verifier: secret::fresh()?,
        })
    }
}

/// A provider.
#[derive(Debug)]
pub(super) struct Provider {
    issuer: String,
    client: String,
    secret: Option<String>,
    redirect: String,
    scopes: String,
    parameters: Vec<(String, String)>,
    claims: ClaimMap,
    userinfo: bool,
    least: Assurance,
    fetch: Fetch,
    known: Known,
    clock: Clock,
}

impl Provider {
    /// The provider of a configuration. Nothing is asked of it before somebody signs in.
    pub(super) fn new(
        config: &config::Oidc,
        login: &Login,
        public_url: &str,
        clock: Clock,
    ) -> Result<Self, UnusableProvider> {
        let unread = |file: &std::path::Path| {
            let file = file.to_owned();
            move |cause| UnusableProvider::File(file, cause)
        };
        let ca = if config.udsteder.starts_with("https://") {
            files::read(&config.ca, files::SMALL).map_err(unread(&config.ca))?
        } else {
            Vec::new()
        };
        let secret = match &config.klient_hemmelighed_fil {
            None => None,
            Some(file) => {
                let text = files::read_text(file, LONGEST_SECRET).map_err(unread(file))?;
                let secret = text.trim();
                let fits = !secret.is_empty() && secret.chars().all(|c| c.is_ascii_graphic());
                let secret = fits.then(|| secret.to_owned());
                Some(secret.ok_or_else(|| UnusableProvider::Secret(file.clone()))?)
            }
        };
        Ok(Self {
            issuer: config.udsteder.clone(),
            client: config.klient_id.clone(),
            secret,
            redirect: format!("{public_url}/mit/retur"),
            scopes: claims::scopes(config),
            parameters: claims::parameters(config),
            claims: ClaimMap::of(config),
            userinfo: config.brugerinfo,
            least: least(login.sikring),
            fetch: Fetch::new(&ca)?,
            known: Known::new(config.udsteder.clone(), clock.clone()),
            clock,
        })
    }

    /// The address where the person signs in.
    pub(super) async fn request(&self, state: &str, asked: &Asked) -> Result<String, NotSignedIn> {
        let place = self.known.places(&self.fetch).await?;
        let challenge = secret::encode(digest(&SHA256, asked.verifier.as_bytes()).as_ref());
        let fixed = [
            ("response_type", "code"),
            ("client_id", &self.client),
            ("redirect_uri", &self.redirect),
            ("scope", &self.scopes),
            ("state", state),
            ("nonce", &asked.nonce),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ];
        let more = self
            .parameters
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()));
        let query = query::write(fixed.into_iter().chain(more));
        Ok(with_query(&place.authorize, &query))
    }

    /// Who has signed in, by the answer that the browser has brought back.
    pub(super) async fn person(
        &self,
        answer: &Parameters,
        asked: &Asked,
        names: &PrivilegeNames,
    ) -> Result<Person, NotSignedIn> {
        let places = self.known.places(&self.fetch).await?;
        let from = answer.get("iss");
        if from.is_some_and(|from| from != self.issuer) || (from.is_none() && places.names_itself) {
            return Err(NotSignedIn::Answer("another provider sends it"));
        }
        if let Some(error) = answer.get("error") {
            return Err(NotSignedIn::Refused(error.chars().take(64).collect()));
        }
        let code = answer
            .get("code")
            .filter(|code| !code.is_empty() && code.len() <= LONGEST_CODE);
        let code = code.ok_or(NotSignedIn::Answer("it has no code"))?;
        let tokens = self.tokens(&places.token, code, &asked.verifier).await?;
        let token = json::text(&tokens, "id_token").ok_or(NotSignedIn::Answer("no ID token"))?;
        let mut claims = self.judged(token, &asked.nonce).await?;
        if let (true, Some(place)) = (self.userinfo, &places.userinfo) {
            self.add_userinfo(&mut claims, place, &tokens).await?;
        }
        let person = self.claims.person(&claims, &self.issuer, self.least, names);
        Ok(person?)
    }

    async fn tokens(
        &self,
        place: &str,
        code: &str,
        verifier: &str,
    ) -> Result<Map<String, Value>, NotSignedIn> {
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &self.redirect),
            ("code_verifier", verifier),
        ];
        let basic = self.secret.as_ref().map(|secret| {
            let pair = format!("{}:{}", encode(&self.client), encode(secret));
            format!("Basic {}", STANDARD.encode(pair))
        });
        if basic.is_none() {
            form.push(("client_id", &self.client));
        }
        let mut headers = vec![("accept", "application/json")];
        headers.extend(basic.as_deref().map(|basic| ("authorization", basic)));
        let body = self.fetch.post(place, &headers, query::write(form)).await;
        let body = body.map_err(|error| match error {
            // A code that was used, or is not ours, is the browser's fault and not the provider's.
            Unasked::Status(status) if status.is_client_error() => NotSignedIn::Code(error),
            other => NotSignedIn::Unasked(other),
        })?;
        json::object(&body).ok_or(NotSignedIn::Answer("no JSON with tokens"))
    }

    async fn judged(&self, token: &str, nonce: &str) -> Result<Map<String, Value>, NotSignedIn> {
        let cut = id_token::cut(token)?;
        let expected = Expected {
            issuer: &self.issuer,
            client: &self.client,
            nonce,
            now: self.clock.now().millis() / 1000,
        };
        let keys = self.known.keys(&self.fetch).await?;
        match cut.judged(&keys, &expected) {
            // It may have been made since.
            Err(Bent::UnknownKey) => {
                let keys = self.known.newer_keys(&self.fetch).await?;
                Ok(cut.judged(&keys, &expected)?)
            }
            judged => Ok(judged?),
        }
    }

    /// Adds what the provider tells beside the token, of the same person; what the token says stays.
    async fn add_userinfo(
        &self,
        claims: &mut Map<String, Value>,
        place: &str,
        tokens: &Map<String, Value>,
    ) -> Result<(), NotSignedIn> {
        let access =
            json::text(tokens, "access_token").ok_or(NotSignedIn::Answer("no access token"))?;
        if !access.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(NotSignedIn::Answer("an access token that is none"));
        }
        let bearer = format!("Bearer {access}");
        let body = self
            .fetch
            .get(place, &[("authorization", bearer.as_str())])
            .await?;
        let more = json::object(&body).ok_or(NotSignedIn::Answer("userinfo is no object"))?;
        if more.get("sub") != claims.get("sub") {
            return Err(NotSignedIn::Answer("userinfo is about somebody else"));
        }
        for (name, value) in more {
            claims.entry(name).or_insert(value);
        }
        Ok(())
    }

    /// Where the person's session at the provider is ended, if it has such a place and is known by now.
    pub(super) async fn log_out(&self, after: &str) -> Option<String> {
        let places = self.known.places(&self.fetch).await.ok()?;
        let query = query::write([
            ("client_id", self.client.as_str()),
            ("post_logout_redirect_uri", after),
        ]);
        Some(with_query(places.end.as_deref()?, &query))
    }

    /// Scheme and host of where a person may be sent, for the pages' rule of where forms may lead.
    pub(super) fn origins(&self) -> Vec<String> {
        let known = self.known.at_hand();
        let end = known.as_ref().and_then(|places| places.end.as_deref());
        let mut origins: Vec<_> = [Some(self.issuer.as_str()), end]
            .into_iter()
            .flatten()
            .filter_map(origin)
            .collect();
        origins.dedup();
        origins
    }
}

fn origin(url: &str) -> Option<String> {
    let uri: Uri = url.parse().ok()?;
    Some(format!("{}://{}", uri.scheme_str()?, uri.authority()?))
}

fn with_query(place: &str, query: &str) -> String {
    let joint = if place.contains('?') { '&' } else { '?' };
    format!("{place}{joint}{query}")
}

const fn least(level: config::Sikring) -> Assurance {
    match level {
        config::Sikring::Lav => Assurance::Low,
        config::Sikring::Betydelig => Assurance::Substantial,
        config::Sikring::Hoej => Assurance::High,
    }
}
