//! A provider's public keys (JWKS), and what a signature of one is. Three algorithms are known, all of them with public keys:
//! `none` and those with a shared secret can't be asked for.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256,
    RsaPublicKeyComponents, UnparsedPublicKey,
};
use serde_json::{Map, Value};

use super::super::secret::decode;
use super::json;

/// The most keys of a provider.
const MOST: usize = 32;
/// The most bytes of an RSA key's modulus: 8,192 bits.
const LONGEST_MODULUS: usize = 1024;

/// An algorithm of signatures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Algorithm {
    Rs256,
    Ps256,
    Es256,
}

impl Algorithm {
    pub(super) fn parse(text: &str) -> Option<Self> {
        match text {
            "RS256" => Some(Self::Rs256),
            "PS256" => Some(Self::Ps256),
            "ES256" => Some(Self::Es256),
            _ => None,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Public {
    Rsa {
        n: Vec<u8>,
        e: Vec<u8>,
    },
    /// An uncompressed point of P-256.
    P256(Vec<u8>),
}

/// A key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key {
    id: Option<String>,
    /// The only algorithm that it is for, where it says so.
    only: Option<Algorithm>,
    public: Public,
}

/// The keys of a provider.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Keys(Vec<Key>);

impl Keys {
    /// Reads a set. Keys for other things, or of kinds that are not known, are passed over.
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        let set = json::object(bytes)?;
        let keys = set.get("keys")?.as_array()?;
        if keys.len() > MOST {
            return None;
        }
        let read = keys.iter().filter_map(|key| Key::read(key.as_object()?));
        Some(Self(read.collect()))
    }

    /// The keys that a token may be signed with. A token that names none is signed with the only key that fits.
    pub(super) fn fitting(&self, id: Option<&str>, algorithm: Algorithm) -> Vec<&Key> {
        let fits = self.0.iter().filter(|key| key.fits(algorithm));
        let named = fits.filter(|key| id.is_none() || key.id.as_deref() == id);
        let found: Vec<_> = named.collect();
        if id.is_none() && found.len() > 1 {
            Vec::new()
        } else {
            found
        }
    }
}

impl Key {
    fn read(map: &Map<String, Value>) -> Option<Self> {
        let text = |name: &str| json::text(map, name);
        if text("use").is_some_and(|own| own != "sig") {
            return None;
        }
        let verifies = |list: &Value| {
            let list = list.as_array();
            list.is_some_and(|list| list.iter().any(|own| own == "verify"))
        };
        if map.get("key_ops").is_some_and(|list| !verifies(list)) {
            return None;
        }
        let only = match text("alg") {
            Some(name) => Some(Algorithm::parse(name)?),
            None => None,
        };
        let number = |name: &str| decode(text(name)?);
        let public = match (text("kty")?, text("crv")) {
            ("RSA", _) => {
                let n = number("n")?;
                let first = n.iter().position(|byte| *byte != 0)?;
                let (n, e) = (n.get(first..)?.to_vec(), number("e")?);
                (n.len() <= LONGEST_MODULUS && e.len() <= 8).then_some(Public::Rsa { n, e })?
            }
            ("EC", Some("P-256")) => {
                let (x, y) = (number("x")?, number("y")?);
                (x.len() == 32 && y.len() == 32).then_some(())?;
                Public::P256([&[4][..], &x, &y].concat())
            }
            _ => return None,
        };
        let id = text("kid").map(str::to_owned);
        Some(Self { id, only, public })
    }

    fn fits(&self, algorithm: Algorithm) -> bool {
        let kind = match self.public {
            Public::Rsa { .. } => matches!(algorithm, Algorithm::Rs256 | Algorithm::Ps256),
            Public::P256(_) => algorithm == Algorithm::Es256,
        };
        kind && self.only.is_none_or(|only| only == algorithm)
    }

    /// Whether a signature is this key's.
    pub(super) fn verifies(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        let checked = match (&self.public, algorithm) {
            (Public::Rsa { n, e }, Algorithm::Rs256) => RsaPublicKeyComponents { n, e }.verify(
                &RSA_PKCS1_2048_8192_SHA256,
                message,
                signature,
            ),
            (Public::Rsa { n, e }, Algorithm::Ps256) => RsaPublicKeyComponents { n, e }.verify(
                &RSA_PSS_2048_8192_SHA256,
                message,
                signature,
            ),
            (Public::P256(point), Algorithm::Es256) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(message, signature)
            }
            _ => return false,
        };
        checked.is_ok()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn keys(value: &Value) -> Option<Keys> {
        Keys::parse(value.to_string().as_bytes())
    }

    #[test]
    fn keys_for_other_things_are_passed_over() {
        let x = super::super::super::secret::encode(&[1; 32]);
        let n = super::super::super::secret::encode(&[1; 256]);
        let set = keys(&json!({"keys": [
            {"kty": "EC", "crv": "P-256", "x": x, "y": x, "kid": "a"},
            {"kty": "EC", "crv": "P-384", "x": x, "y": x, "kid": "b"},
            {"kty": "EC", "crv": "P-256", "x": x, "y": "AAAA", "kid": "c"},
            {"kty": "oct", "k": x, "kid": "d"},
            {"kty": "RSA", "n": n, "e": "AQAB", "kid": "e", "use": "enc"},
            {"kty": "RSA", "n": n, "e": "AQAB", "kid": "f", "key_ops": ["encrypt"]},
            {"kty": "RSA", "n": n, "e": "AQAB", "kid": "g", "alg": "HS256"},
            {"kty": "RSA", "n": n, "e": "AQAB", "kid": "h", "alg": "PS256"},
            {"kty": "RSA", "n": n, "e": "AQAB", "kid": "i"},
            {"kid": "j"}, 7
        ]}));
        let set = set.unwrap();
        let ids: Vec<_> = set.0.iter().filter_map(|key| key.id.as_deref()).collect();
        assert_eq!(ids, ["a", "h", "i"]);
        let fitting = |id, algorithm| set.fitting(id, algorithm).len();
        assert_eq!(fitting(Some("a"), Algorithm::Es256), 1);
        assert_eq!(fitting(Some("a"), Algorithm::Rs256), 0);
        assert_eq!(
            fitting(Some("h"), Algorithm::Rs256),
            0,
            "it is for PS256 alone"
        );
        assert_eq!(fitting(None, Algorithm::Es256), 1);
        assert_eq!(fitting(None, Algorithm::Rs256), 1);
        assert_eq!(fitting(None, Algorithm::Ps256), 0, "two would fit");
        for wrong in [
            json!({}),
            json!({"keys": {}}),
            json!([]),
            json!({"keys": vec![7; MOST + 1]}),
        ] {
            assert_eq!(keys(&wrong), None);
        }
    }

    #[test]
    fn no_algorithm_without_a_public_key_is_known() {
        for name in [
            "none", "None", "HS256", "HS512", "RS512", "RS1", "rs256", "",
        ] {
            assert_eq!(Algorithm::parse(name), None, "{name}");
        }
    }
}
