//! Random values that nobody can guess, and what is kept of them: their hash. Who reads the memory of what is kept can't use it.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// What is kept of a secret.
pub(super) type Hash = [u8; 32];

/// The system gives no random bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the system gives no random bytes")]
pub struct NoRandom;

/// 256 random bits, as 43 characters that need no escaping anywhere.
pub(super) fn fresh() -> Result<String, NoRandom> {
    Ok(encode(&bytes::<32>()?))
}

/// Random bytes.
pub(super) fn bytes<const N: usize>() -> Result<[u8; N], NoRandom> {
    let mut bytes = [0; N];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| NoRandom)?;
    Ok(bytes)
}

/// What is kept of a secret: found by its hash, it is not compared character by character.
pub(super) fn hash(secret: &str) -> Hash {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest(&SHA256, secret.as_bytes()).as_ref());
    hash
}

/// Bytes in base64 for addresses.
pub(super) fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Reads what [`encode`] writes, and nothing else.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

/// The letters and digits of codes that a person types: none that looks like another.
const TYPED: &[u8; 32] = b"23456789abcdefghijkmnpqrstuvwxyz";

/// A code of twelve characters, 60 random bits, in three groups.
pub(super) fn typed() -> Result<String, NoRandom> {
    let bytes = bytes::<12>()?;
    let mut code = String::with_capacity(14);
    for (at, byte) in bytes.into_iter().enumerate() {
        if at > 0 && at % 4 == 0 {
            code.push('-');
        }
        code.push(char::from(TYPED[usize::from(byte & 31)]));
    }
    Ok(code)
}

/// A typed code as it is compared: without groups, white space and letter case.
pub(super) fn plain(code: &str) -> String {
    let kept = code.chars().filter(|c| !c.is_whitespace() && *c != '-');
    kept.take(32).map(|c| c.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_differ_and_are_safe_in_addresses_and_cookies() {
        let (one, other) = (fresh().unwrap(), fresh().unwrap());
        assert_ne!(one, other);
        assert_eq!(one.len(), 43);
        assert!(
            one.bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        );
        assert_eq!(decode(&one).unwrap().len(), 32);
        assert_eq!(
            (decode("a="), decode("a b"), decode("a+b/")),
            (None, None, None)
        );
    }

    #[test]
    fn a_typed_code_is_read_however_it_is_typed() {
        let code = typed().unwrap();
        assert_eq!(code.len(), 14);
        let shouted = format!(" {} ", code.to_uppercase().replace('-', " "));
        assert_eq!(plain(&shouted), plain(&code));
        assert_eq!(plain(&code).len(), 12);
    }
}
