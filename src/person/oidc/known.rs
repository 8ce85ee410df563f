//! What is known of a provider: its places and its keys, kept for an hour and asked for again within limits. A provider that
//! does not answer for a while is believed as it was; no token makes the register ask more than once a minute.

use std::sync::Arc;

use serde_json::{Map, Value};
use tokio::sync::Mutex;

use super::fetch::{Fetch, Unasked, is_safe};
use super::json;
use super::keys::Keys;
use crate::clock::Clock;

/// How long what is known is good, in milliseconds; and how long at most while the provider does not answer.
const GOOD: i64 = 60 * 60 * 1000;
const AT_MOST: i64 = 24 * GOOD;
/// The least time between two questions for keys, and after one that failed.
const PAUSE: i64 = 60 * 1000;
/// The same while it has never answered.
const SHORT_PAUSE: i64 = 5 * 1000;

/// The places of a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Places {
    pub(super) authorize: String,
    pub(super) token: String,
    pub(super) keys: String,
    pub(super) userinfo: Option<String>,
    pub(super) end: Option<String>,
    /// It names itself in its answers (RFC 9207).
    pub(super) names_itself: bool,
}

impl Places {
    /// Reads the configuration document. It must be the issuer's own.
    fn parse(bytes: &[u8], issuer: &str) -> Result<Self, Unasked> {
        let wrong = Unasked::Answer;
        let map = json::object(bytes).ok_or(wrong("its configuration is no object"))?;
        if json::text(&map, "issuer") != Some(issuer) {
            return Err(wrong("its configuration is of another issuer"));
        }
        let challenges = "code_challenge_methods_supported";
        if map.contains_key(challenges) && !lists(&map, challenges, "S256") {
            return Err(wrong("it has no PKCE with S256"));
        }
        let place = |name: &str| {
            json::text(&map, name)
                .filter(|url| is_safe(url))
                .map(str::to_owned)
        };
        let needed =
            |name: &str| place(name).ok_or(wrong("a place that it needs is missing or not https"));
        Ok(Self {
            authorize: needed("authorization_endpoint")?,
            token: needed("token_endpoint")?,
            keys: needed("jwks_uri")?,
            userinfo: place("userinfo_endpoint"),
            end: place("end_session_endpoint"),
            names_itself: map.get("authorization_response_iss_parameter_supported")
                == Some(&Value::Bool(true)),
        })
    }
}

fn lists(map: &Map<String, Value>, name: &str, value: &str) -> bool {
    let list = map.get(name).and_then(Value::as_array);
    list.is_some_and(|list| list.iter().any(|own| own == value))
}

/// Something that was asked for, and when.
#[derive(Debug)]
struct Remembered<T> {
    value: Option<(Arc<T>, i64)>,
    /// When it was last asked for, with or without an answer.
    asked: Option<i64>,
}

impl<T> Default for Remembered<T> {
    fn default() -> Self {
        Self {
            value: None,
            asked: None,
        }
    }
}

impl<T> Remembered<T> {
    fn younger_than(&self, age: i64, now: i64) -> Option<Arc<T>> {
        let (value, since) = self.value.as_ref()?;
        (now - since < age).then(|| Arc::clone(value))
    }

    /// Whether it was asked for so shortly ago that it is not asked for again.
    fn rests(&self, now: i64) -> bool {
        // One that was never heard may just be starting.
        let pause = if self.value.is_some() {
            PAUSE
        } else {
            SHORT_PAUSE
        };
        self.asked.is_some_and(|asked| now - asked < pause)
    }

    /// Keeps an answer; without one what is not too old is still good.
    fn kept(&mut self, answer: Result<T, Unasked>, now: i64) -> Result<Arc<T>, Unasked> {
        match answer {
            Ok(value) => {
                let value = Arc::new(value);
                self.value = Some((Arc::clone(&value), now));
                Ok(value)
            }
            Err(error) => match self.younger_than(AT_MOST, now) {
                Some(value) => {
                    tracing::warn!(%error, "the login provider does not answer; what is known of it still counts");
                    Ok(value)
                }
                None => Err(error),
            },
        }
    }
}

/// What is known of a provider.
#[derive(Debug)]
pub(super) struct Known {
    issuer: String,
    clock: Clock,
    places: Mutex<Remembered<Places>>,
    keys: Mutex<Remembered<Keys>>,
}

impl Known {
    pub(super) fn new(issuer: String, clock: Clock) -> Self {
        Self {
            issuer,
            clock,
            places: Mutex::default(),
            keys: Mutex::default(),
        }
    }

    fn now(&self) -> i64 {
        self.clock.now().millis()
    }

    /// Its places, if they are known and nobody is asking for them just now.
    pub(super) fn at_hand(&self) -> Option<Arc<Places>> {
        let places = self.places.try_lock().ok()?;
        places.younger_than(AT_MOST, self.now())
    }

    /// Its places. Callers wait for one question together.
    pub(super) async fn places(&self, fetch: &Fetch) -> Result<Arc<Places>, Unasked> {
        let mut places = self.places.lock().await;
        let now = self.now();
        if let Some(known) = places.younger_than(GOOD, now) {
            return Ok(known);
        }
        if places.rests(now) {
            let known = places.younger_than(AT_MOST, now);
            return known.ok_or(Unasked::Answer("it did not answer a moment ago"));
        }
        let url = format!(
            "{}/.well-known/openid-configuration",
            self.issuer.trim_end_matches('/')
        );
        let answer = fetch.get(&url, &[]).await;
        let answer = answer.and_then(|body| Places::parse(&body, &self.issuer));
        places.asked = Some(now);
        places.kept(answer, now)
    }

    /// Its keys.
    pub(super) async fn keys(&self, fetch: &Fetch) -> Result<Arc<Keys>, Unasked> {
        self.keys_younger_than(GOOD, fetch).await
    }

    /// Its keys as they are now, if they were not asked for a moment ago.
    pub(super) async fn newer_keys(&self, fetch: &Fetch) -> Result<Arc<Keys>, Unasked> {
        self.keys_younger_than(0, fetch).await
    }

    async fn keys_younger_than(&self, age: i64, fetch: &Fetch) -> Result<Arc<Keys>, Unasked> {
        let place = self.places(fetch).await?.keys.clone();
        let mut keys = self.keys.lock().await;
        let now = self.now();
        if let Some(known) = keys.younger_than(age, now) {
            return Ok(known);
        }
        if keys.rests(now) {
            let known = keys.younger_than(AT_MOST, now);
            return known.ok_or(Unasked::Answer("its keys could not be read a moment ago"));
        }
        keys.asked = Some(now);
        let answer = fetch.get(&place, &[]).await;
        let answer = answer
            .and_then(|body| Keys::parse(&body).ok_or(Unasked::Answer("its keys can't be read")));
        keys.kept(answer, now)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn places(change: impl FnOnce(&mut Value)) -> Result<Places, Unasked> {
        let mut document = json!({
            "issuer": "https://a",
            "authorization_endpoint": "https://a/auth",
            "token_endpoint": "https://a/token",
            "jwks_uri": "https://a/keys",
            "end_session_endpoint": "http://a/end",
            "code_challenge_methods_supported": ["plain", "S256"],
        });
        change(&mut document);
        Places::parse(document.to_string().as_bytes(), "https://a")
    }

    #[test]
    fn a_configuration_is_the_issuers_own_and_all_its_places_are_safe() {
        let read = places(|_| {}).unwrap();
        assert_eq!(
            (read.end, read.names_itself),
            (None, false),
            "in the clear to another machine"
        );
        for (name, value) in [
            ("issuer", json!("https://a/")),
            ("issuer", json!("https://evil.example")),
            ("authorization_endpoint", json!("http://a/auth")),
            ("authorization_endpoint", json!("javascript:alert(1)")),
            ("token_endpoint", json!("http://evil.example/token")),
            ("jwks_uri", json!("file:///etc/passwd")),
            ("jwks_uri", json!(null)),
            ("code_challenge_methods_supported", json!(["plain"])),
        ] {
            let bent = places(|document| document[name] = value.clone());
            assert!(bent.is_err(), "{name} {value}");
        }
    }

    #[test]
    fn what_is_known_is_believed_a_while_without_an_answer() {
        let mut remembered = Remembered::default();
        assert!(remembered.kept(Err(Unasked::Answer("x")), 0).is_err());
        assert_eq!(*remembered.kept(Ok(1), 0).unwrap(), 1);
        let late =
            |remembered: &mut Remembered<i32>, now| remembered.kept(Err(Unasked::Answer("x")), now);
        assert!(late(&mut remembered, AT_MOST - 1).is_ok());
        assert!(late(&mut remembered, AT_MOST).is_err());
        assert!(remembered.younger_than(GOOD, GOOD).is_none());
    }
}
