//! What is asked of a provider: bounded in size and time, never redirected, and in the clear with this machine alone.

use std::time::Duration;

use hyper::{StatusCode, Uri};

use crate::client::{Client, ClientError, Response};

/// The most bytes of an answer.
const LARGEST: u64 = 256 << 10;
/// How long connecting and a whole exchange may take.
const CONNECT: Duration = Duration::from_secs(5);
const EXCHANGE: Duration = Duration::from_secs(10);

/// Why a provider can't be asked.
#[derive(Debug, thiserror::Error)]
pub(in crate::person) enum Unasked {
    /// No answer.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// An answer with another status than 200.
    #[error("status {0}")]
    Status(StatusCode),
    /// What it says can't be used.
    #[error("{0}")]
    Answer(&'static str),
}

/// Asks a provider.
#[derive(Debug)]
pub(super) struct Fetch(Client);

impl Fetch {
    /// One that trusts these CAs, PEM.
    pub(super) fn new(ca: &[u8]) -> Result<Self, ClientError> {
        let client = Client::new(ca, None)?;
        let client = client.with_largest(LARGEST).with_timeout(EXCHANGE);
        Ok(Self(client.with_connect_timeout(CONNECT)))
    }

    /// The body of a document.
    pub(super) async fn get(
        &self,
        url: &str,
        headers: &[(&str, &str)],
    ) -> Result<Vec<u8>, Unasked> {
        answer(self.0.get(address(url)?, headers).await?)
    }

    /// The body of the answer to a form.
    pub(super) async fn post(
        &self,
        url: &str,
        headers: &[(&str, &str)],
        form: String,
    ) -> Result<Vec<u8>, Unasked> {
        let form_type = ("content-type", "application/x-www-form-urlencoded");
        let headers: Vec<_> = headers.iter().copied().chain([form_type]).collect();
        answer(self.0.post(address(url)?, &headers, form).await?)
    }
}

fn answer(response: Response) -> Result<Vec<u8>, Unasked> {
    match response.status {
        StatusCode::OK => Ok(response.body.to_vec()),
        status => Err(Unasked::Status(status)),
    }
}

fn address(url: &str) -> Result<&str, Unasked> {
    is_safe(url)
        .then_some(url)
        .ok_or(Unasked::Answer("an address that is not https"))
}

/// Whether an address keeps secrets: https, or this machine itself. A document of the provider may name no other.
pub(super) fn is_safe(url: &str) -> bool {
    let Ok(uri) = url.parse::<Uri>() else {
        return false;
    };
    let Some(authority) = uri.authority() else {
        return false;
    };
    let host = authority.host();
    let here = ["localhost", "127.0.0.1", "[::1]"].contains(&host);
    let scheme = match uri.scheme_str() {
        Some("https") => true,
        Some("http") => here,
        _ => false,
    };
    let plain = url
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && !b"#\"<>\\;".contains(&byte));
    scheme && plain && !authority.as_str().contains('@') && !host.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_go_by_https_or_to_this_machine() {
        for (url, safe) in [
            ("https://login.example/authorize?a=b", true),
            ("http://127.0.0.1:4000/token", true),
            ("http://[::1]:4000/token", true),
            ("http://login.example/token", false),
            ("http://localhost.evil.example/", false),
            ("http://localhost@evil.example/", false),
            ("https://a@login.example/", false),
            ("https://login.example/a#b", false),
            ("https://login.example/a; script-src *", false),
            ("javascript:alert(1)", false),
            ("//login.example/", false),
            ("/token", false),
            ("", false),
        ] {
            assert_eq!(is_safe(url), safe, "{url}");
        }
    }
}
