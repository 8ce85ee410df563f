//! An OpenID Connect provider in this process, on loopback, that can be bent: good tokens, and every bad one that a test asks for.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex};

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256, RSA_PSS_SHA256,
    RsaKeyPair,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use dtr::person::Parameters;
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// The client that the provider knows, and its secret.
pub(crate) const CLIENT: &str = "dtr klient";
pub(crate) const SECRET: &str = "hemmelig+/&";

/// How a token is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signing {
    Rs256,
    Ps256,
    Es256,
    /// `alg` none, and no signature.
    Unsigned,
    /// HS256, with the public key as the secret.
    PublicAsSecret,
    /// RS256 by a key that the provider does not have, under the name of one that it has.
    Stranger,
}

/// Changes what a provider says.
type Change = Box<dyn Fn(&mut Value) + Send>;

/// How the provider is bent.
pub(crate) struct Bend {
    pub(crate) signing: Signing,
    /// The key's name in the token's header; that of the key without.
    pub(crate) kid: Option<String>,
    /// Changes the claims.
    pub(crate) claims: Change,
    /// Changes the configuration document.
    pub(crate) document: Change,
    /// Changes the keys' document.
    pub(crate) keys: Change,
    /// What userinfo says.
    pub(crate) userinfo: Value,
}

impl Default for Bend {
    fn default() -> Self {
        Self {
            signing: Signing::Rs256,
            kid: None,
            claims: Box::new(|_| {}),
            document: Box::new(|_| {}),
            keys: Box::new(|_| {}),
            userinfo: json!({}),
        }
    }
}

impl Bend {
    /// Good but for its claims.
    pub(crate) fn claims(change: impl Fn(&mut Value) + Send + 'static) -> Self {
        Self {
            claims: Box::new(change),
            ..Self::default()
        }
    }

    /// Good but for its signature.
    pub(crate) fn signing(signing: Signing) -> Self {
        Self {
            signing,
            ..Self::default()
        }
    }
}

/// A code that was given out.
struct Code {
    nonce: String,
    challenge: String,
    redirect: String,
}

struct State {
    issuer: String,
    /// Seconds: the time that tokens are made at.
    now: i64,
    ec: EcdsaKeyPair,
    codes: Mutex<HashMap<String, Code>>,
    bend: Mutex<Bend>,
    keys_asked: AtomicUsize,
}

/// A provider.
pub(crate) struct Op(Arc<State>);

/// The provider's key, and another. Made once, for that takes long.
static KEYS: LazyLock<[RsaKeyPair; 2]> = LazyLock::new(|| [rsa(), rsa()]);

fn rsa() -> RsaKeyPair {
    let key = aws_lc_rs::rsa::KeyPair::generate(KeySize::Rsa2048).unwrap();
    let der: aws_lc_rs::encoding::Pkcs8V1Der<'_> = key.as_der().unwrap();
    RsaKeyPair::from_pkcs8(der.as_ref()).unwrap()
}

fn text(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

impl Op {
    /// One whose clock stands at this second.
    pub(crate) async fn start(now: i64) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let state = Arc::new(State {
            issuer: format!("http://{}/op", listener.local_addr().unwrap()),
            now,
            ec: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap(),
            codes: Mutex::default(),
            bend: Mutex::default(),
            keys_asked: AtomicUsize::new(0),
        });
        let served = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let state = Arc::clone(&served);
                let service = service_fn(move |request| answer(Arc::clone(&state), request));
                let connection =
                    http1::Builder::new().serve_connection(TokioIo::new(stream), service);
                tokio::spawn(connection);
            }
        });
        Self(state)
    }

    pub(crate) fn issuer(&self) -> String {
        self.0.issuer.clone()
    }

    pub(crate) fn bend(&self, bend: Bend) {
        *self.0.bend.lock().unwrap() = bend;
    }

    /// How often its keys were asked for.
    pub(crate) fn keys_asked(&self) -> usize {
        self.0.keys_asked.load(Ordering::Relaxed)
    }

    /// The person signs in at the address where the browser was sent; gives the query that it comes back with.
    pub(crate) fn authorize(&self, location: &str) -> String {
        let (place, query) = location.split_once('?').unwrap();
        assert_eq!(place, format!("{}/auth", self.0.issuer));
        let asked = Parameters::parse(query).unwrap();
        let get = |name: &str| {
            asked
                .get(name)
                .unwrap_or_else(|| panic!("no {name}: {query}"))
                .to_owned()
        };
        assert_eq!(
            (get("response_type"), get("client_id")),
            ("code".to_owned(), CLIENT.to_owned())
        );
        assert_eq!(get("code_challenge_method"), "S256");
        assert!(get("scope").split(' ').any(|scope| scope == "openid"));
        let mut codes = self.0.codes.lock().unwrap();
        let name = format!("kode-{}", codes.len());
        let code = Code {
            nonce: get("nonce"),
            challenge: get("code_challenge"),
            redirect: get("redirect_uri"),
        };
        assert!(code.nonce.len() >= 16 && get("state").len() >= 16);
        codes.insert(name.clone(), code);
        format!("code={name}&state={}", get("state"))
    }
}

impl State {
    fn document(&self) -> Value {
        let at = |path: &str| format!("{}{path}", self.issuer);
        let mut document = json!({
            "issuer": self.issuer,
            "authorization_endpoint": at("/auth"),
            "token_endpoint": at("/token"),
            "userinfo_endpoint": at("/userinfo"),
            "jwks_uri": at("/keys"),
            "end_session_endpoint": at("/end"),
            "code_challenge_methods_supported": ["S256"],
        });
        (self.bend.lock().unwrap().document)(&mut document);
        document
    }

    fn keys(&self) -> Value {
        let rsa = KEYS[0].public_key();
        let point = self.ec.public_key().as_ref();
        let mut keys = json!({"keys": [
            {
                "kty": "RSA", "kid": "rsa", "use": "sig",
                "n": text(rsa.modulus().big_endian_without_leading_zero()),
                "e": text(rsa.exponent().big_endian_without_leading_zero())
            },
            {"kty": "EC", "crv": "P-256", "kid": "ec", "x": text(&point[1..33]), "y": text(&point[33..])},
        ]});
        (self.bend.lock().unwrap().keys)(&mut keys);
        keys
    }

    fn token(&self, nonce: &str) -> String {
        let bend = self.bend.lock().unwrap();
        let mut claims = json!({
            "iss": self.issuer, "aud": CLIENT, "sub": "person-1", "nonce": nonce,
            "iat": self.now, "exp": self.now + 300,
            "cvr": "55133018", "name": "Kim Kontor", "loa": "Substantial",
            "privileges": [{
                "scope": "urn:dk:gov:saml:cvrNumberIdentifier:55133018", "privileges": ["urn:dtr:aftaler"]
            }],
        });
        (bend.claims)(&mut claims);
        let (algorithm, key) = match bend.signing {
            Signing::Rs256 | Signing::Stranger => ("RS256", "rsa"),
            Signing::Ps256 => ("PS256", "rsa"),
            Signing::Es256 => ("ES256", "ec"),
            Signing::Unsigned => ("none", "rsa"),
            Signing::PublicAsSecret => ("HS256", "rsa"),
        };
        let kid = bend.kid.as_deref().unwrap_or(key);
        let header = json!({"alg": algorithm, "kid": kid, "typ": "JWT"});
        let signed = format!("{}.{}", text(header.to_string()), text(claims.to_string()));
        let signature = self.sign(bend.signing, signed.as_bytes());
        format!("{signed}.{}", text(signature))
    }

    fn sign(&self, signing: Signing, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        let by = |key: &RsaKeyPair, how| {
            let mut signature = vec![0; key.public_modulus_len()];
            key.sign(how, &random, message, &mut signature).unwrap();
            signature
        };
        match signing {
            Signing::Rs256 => by(&KEYS[0], &RSA_PKCS1_SHA256),
            Signing::Ps256 => by(&KEYS[0], &RSA_PSS_SHA256),
            Signing::Stranger => by(&KEYS[1], &RSA_PKCS1_SHA256),
            Signing::Es256 => self.ec.sign(&random, message).unwrap().as_ref().to_vec(),
            Signing::Unsigned => Vec::new(),
            Signing::PublicAsSecret => {
                let secret = KEYS[0].public_key().as_ref();
                let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
                hmac::sign(&key, message).as_ref().to_vec()
            }
        }
    }

    /// The answer to a code, which is good once, for its own verifier, client and address.
    fn redeem(&self, authorization: &str, form: &str) -> Option<Value> {
        let form = Parameters::parse(form)?;
        let pair =
            base64::engine::general_purpose::STANDARD.decode(authorization.strip_prefix("Basic ")?);
        assert_eq!(
            String::from_utf8(pair.ok()?).ok()?,
            "dtr%20klient:hemmelig%2B%2F%26"
        );
        assert_eq!(form.get("grant_type"), Some("authorization_code"));
        let code = self
            .codes
            .lock()
            .unwrap()
            .get_mut(form.get("code")?)
            .map(|code| Code {
                nonce: code.nonce.clone(),
                challenge: std::mem::take(&mut code.challenge),
                redirect: code.redirect.clone(),
            })?;
        let own = text(digest(&SHA256, form.get("code_verifier")?.as_bytes())) == code.challenge;
        let there = form.get("redirect_uri") == Some(code.redirect.as_str());
        (own && there).then(|| {
            json!({"token_type": "Bearer", "access_token": "adgang", "id_token": self.token(&code.nonce)})
        })
    }
}

async fn answer(
    state: Arc<State>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (parts, body) = request.into_parts();
    let authorization = parts.headers.get("authorization");
    let authorization = authorization
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let found = match parts.uri.path() {
        "/op/.well-known/openid-configuration" => Some(state.document()),
        "/op/keys" => {
            state.keys_asked.fetch_add(1, Ordering::Relaxed);
            Some(state.keys())
        }
        "/op/token" => {
            let form = body.collect().await.unwrap().to_bytes();
            state.redeem(
                authorization,
                std::str::from_utf8(&form).unwrap_or_default(),
            )
        }
        "/op/userinfo" => {
            let given = state.bend.lock().unwrap().userinfo.clone();
            (authorization == "Bearer adgang").then_some(given)
        }
        _ => None,
    };
    let (status, text) = match found {
        Some(found) => (StatusCode::OK, found.to_string()),
        None => (
            StatusCode::BAD_REQUEST,
            r#"{"error":"invalid_grant"}"#.to_owned(),
        ),
    };
    let mut response = Response::new(Full::new(Bytes::from(text)));
    *response.status_mut() = status;
    Ok(response)
}
