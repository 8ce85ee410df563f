//! Judges an ID token: its signature, then what it says (OpenID Connect Core 3.1.3.7). Nothing that it says is believed before.

use serde_json::{Map, Value};

use super::super::secret::decode;
use super::json::{self, object};
use super::keys::{Algorithm, Keys};

/// The longest token.
const LONGEST: usize = 32 << 10;
/// How far the clocks of both sides may be apart, in seconds.
const SKEW: i64 = 60;
/// How old a token may be, in seconds.
const OLDEST: i64 = 10 * 60;

/// What a token must say.
#[derive(Debug, Clone, Copy)]
pub(super) struct Expected<'a> {
    pub(super) issuer: &'a str,
    pub(super) client: &'a str,
    pub(super) nonce: &'a str,
    /// Now, in seconds.
    pub(super) now: i64,
}

/// Why a token proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(in crate::person) enum Bent {
    #[error("it has not the form of a signed token")]
    Form,
    #[error("its algorithm is none of RS256, PS256 and ES256")]
    Algorithm,
    #[error("it has a header that must be understood")]
    Critical,
    #[error("the provider has no such key")]
    UnknownKey,
    #[error("its signature is not the provider's")]
    Signature,
    #[error("another issuer made it")]
    Issuer,
    #[error("it is for another client")]
    Audience,
    #[error("another party was authorised (azp)")]
    Party,
    #[error("it has expired")]
    Expired,
    #[error("it is from the future")]
    Early,
    #[error("it is old")]
    Old,
    #[error("it answers another sign-in (nonce)")]
    Nonce,
    #[error("it names nobody (sub)")]
    Subject,
}

/// A token, cut into its parts.
pub(super) struct Cut<'t> {
    algorithm: Algorithm,
    key: Option<String>,
    signed: &'t str,
    claims: Vec<u8>,
    signature: Vec<u8>,
}

/// Cuts a token and reads its header.
pub(super) fn cut(token: &str) -> Result<Cut<'_>, Bent> {
    if token.len() > LONGEST {
        return Err(Bent::Form);
    }
    let (signed, signature) = token.rsplit_once('.').ok_or(Bent::Form)?;
    let (header, claims) = signed.split_once('.').ok_or(Bent::Form)?;
    let header = decode(header)
        .as_deref()
        .and_then(object)
        .ok_or(Bent::Form)?;
    let algorithm = json::text(&header, "alg").and_then(Algorithm::parse);
    let algorithm = algorithm.ok_or(Bent::Algorithm)?;
    if header.contains_key("crit") {
        return Err(Bent::Critical);
    }
    let key = match header.get("kid") {
        None => None,
        Some(id) => Some(id.as_str().ok_or(Bent::Form)?.to_owned()),
    };
    Ok(Cut {
        algorithm,
        key,
        signed,
        // A point inside is no base64, so a token of more parts fails here.
        claims: decode(claims).ok_or(Bent::Form)?,
        signature: decode(signature).ok_or(Bent::Form)?,
    })
}

impl Cut<'_> {
    /// What the token says, if one of the keys has signed it and it says what it must.
    pub(super) fn judged(
        &self,
        keys: &Keys,
        expected: &Expected<'_>,
    ) -> Result<Map<String, Value>, Bent> {
        let fitting = keys.fitting(self.key.as_deref(), self.algorithm);
        if fitting.is_empty() {
            return Err(Bent::UnknownKey);
        }
        let signed = self.signed.as_bytes();
        let mut fitting = fitting.into_iter();
        if !fitting.any(|key| key.verifies(self.algorithm, signed, &self.signature)) {
            return Err(Bent::Signature);
        }
        let claims = object(&self.claims).ok_or(Bent::Form)?;
        expected.judge(&claims)?;
        Ok(claims)
    }
}

impl Expected<'_> {
    fn judge(&self, claims: &Map<String, Value>) -> Result<(), Bent> {
        let text = |name: &str| json::text(claims, name);
        let must = |is: bool, bent: Bent| is.then_some(()).ok_or(bent);
        must(text("iss") == Some(self.issuer), Bent::Issuer)?;
        must(self.is_for_us(claims.get("aud")), Bent::Audience)?;
        let party = claims.get("azp");
        must(party.is_none_or(|party| party == self.client), Bent::Party)?;
        let seconds = |name: &str| claims.get(name).and_then(seconds);
        must(
            seconds("exp").is_some_and(|end| end > self.now - SKEW),
            Bent::Expired,
        )?;
        let made = seconds("iat").ok_or(Bent::Form)?;
        must(made <= self.now + SKEW, Bent::Early)?;
        must(made >= self.now - OLDEST - SKEW, Bent::Old)?;
        if let Some(from) = claims.get("nbf") {
            let from = self::seconds(from).ok_or(Bent::Form)?;
            must(from <= self.now + SKEW, Bent::Early)?;
        }
        must(text("nonce") == Some(self.nonce), Bent::Nonce)?;
        let named = |sub: &str| !sub.is_empty() && sub.len() <= 255;
        must(text("sub").is_some_and(named), Bent::Subject)
    }

    /// An audience of this client alone: another one in it could use the token here.
    fn is_for_us(&self, audience: Option<&Value>) -> bool {
        match audience {
            Some(Value::String(one)) => one == self.client,
            Some(Value::Array(list)) => matches!(&list[..], [one] if one == self.client),
            _ => false,
        }
    }
}

/// A moment in whole seconds; some providers write fractions.
fn seconds(value: &Value) -> Option<i64> {
    let whole = |number: f64| (0.0..1e12).contains(&number).then_some(number as i64);
    value.as_i64().or_else(|| value.as_f64().and_then(whole))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: i64 = 1_700_000_000;

    fn judge(change: impl FnOnce(&mut Map<String, Value>)) -> Result<(), Bent> {
        let claims = json!({
            "iss": "https://a", "aud": "dtr", "exp": NOW + 300, "iat": NOW, "nonce": "n", "sub": "1"
        });
        let mut claims = claims.as_object().unwrap().clone();
        change(&mut claims);
        let expected = Expected {
            issuer: "https://a",
            client: "dtr",
            nonce: "n",
            now: NOW,
        };
        expected.judge(&claims)
    }

    fn set(name: &str, value: Value) -> Result<(), Bent> {
        judge(|claims| {
            claims.insert(name.to_owned(), value);
        })
    }

    #[test]
    fn a_token_says_what_it_must() {
        assert_eq!(judge(|_| {}), Ok(()));
        assert_eq!(set("aud", json!(["dtr"])), Ok(()));
        assert_eq!(set("azp", json!("dtr")), Ok(()));
        assert_eq!(set("exp", json!(NOW as f64 + 0.5)), Ok(()));
        for (name, value, bent) in [
            ("iss", json!("https://a/"), Bent::Issuer),
            ("iss", json!(["https://a"]), Bent::Issuer),
            ("aud", json!("andet"), Bent::Audience),
            ("aud", json!([]), Bent::Audience),
            ("aud", json!(["dtr", "andet"]), Bent::Audience),
            ("azp", json!("andet"), Bent::Party),
            ("azp", json!(null), Bent::Party),
            ("exp", json!(NOW - SKEW), Bent::Expired),
            ("exp", json!("snart"), Bent::Expired),
            ("exp", json!(1e300), Bent::Expired),
            ("iat", json!(NOW + SKEW + 1), Bent::Early),
            ("iat", json!(NOW - OLDEST - SKEW - 1), Bent::Old),
            ("iat", json!(null), Bent::Form),
            ("nbf", json!(NOW + SKEW + 1), Bent::Early),
            ("nbf", json!("nu"), Bent::Form),
            ("nonce", json!("m"), Bent::Nonce),
            ("nonce", json!(null), Bent::Nonce),
            ("sub", json!(""), Bent::Subject),
            ("sub", json!("x".repeat(256)), Bent::Subject),
            ("sub", json!(1), Bent::Subject),
        ] {
            assert_eq!(set(name, value.clone()), Err(bent), "{name} {value}");
        }
        for (name, bent) in [
            ("iss", Bent::Issuer),
            ("aud", Bent::Audience),
            ("exp", Bent::Expired),
            ("iat", Bent::Form),
            ("nonce", Bent::Nonce),
            ("sub", Bent::Subject),
        ] {
            let without = judge(|claims| {
                claims.remove(name);
            });
            assert_eq!(without, Err(bent), "without {name}");
        }
    }

    #[test]
    fn only_signed_tokens_of_three_parts_are_cut() {
        let encode = super::super::super::secret::encode;
        let with = |header: &str| cut(&format!("{}.e30.AA", encode(header.as_bytes()))).err();
        assert_eq!(with(r#"{"alg":"RS256"}"#), None);
        for (header, bent) in [
            (r#"{"alg":"none"}"#, Bent::Algorithm),
            (r#"{"alg":"HS256"}"#, Bent::Algorithm),
            (r#"{"alg":["RS256"]}"#, Bent::Algorithm),
            (r#"{"kid":"a"}"#, Bent::Algorithm),
            (r#"{"alg":"none","alg":"RS256"}"#, Bent::Form),
            (
                r#"{"alg":"RS256","crit":["b64"],"b64":false}"#,
                Bent::Critical,
            ),
            (r#"{"alg":"RS256","kid":7}"#, Bent::Form),
            ("[]", Bent::Form),
        ] {
            assert_eq!(with(header), Some(bent), "{header}");
        }
        let header = encode(br#"{"alg":"RS256"}"#);
        for token in [
            String::new(),
            header.clone(),
            format!("{header}.e30"),
            format!("{header}.e30.AA.AA.AA"),
            format!("{header}.e30.A=="),
            format!("{header}.{}.AA", "e".repeat(LONGEST)),
        ] {
            assert_eq!(
                cut(&token).err(),
                Some(Bent::Form),
                "{}",
                &token[..token.len().min(60)]
            );
        }
    }
}
