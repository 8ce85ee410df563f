//! What is judged of a request's head before anything else: its limits, its Host, what it expects.

use hyper::header::{EXPECT, HOST, HeaderMap};
use hyper::http::request::Parts;
use hyper::{StatusCode, Version};

use crate::config::Graenser;

/// Checks the head against its limits. hyper has already refused heads that are too large in all.
///
/// # Errors
/// The status of an answer without a body: what is wrong here no SOAP caller brings about.
pub(crate) fn check(parts: &Parts, limits: &Graenser) -> Result<(), StatusCode> {
    let uri = parts
        .uri
        .path_and_query()
        .map_or(0, |target| target.as_str().len());
    if uri > limits.uri_bytes {
        return Err(StatusCode::URI_TOO_LONG);
    }
    let headers = &parts.headers;
    let too_long = |(name, value): (&hyper::header::HeaderName, &hyper::header::HeaderValue)| {
        name.as_str().len() + value.len() > limits.header_bytes
    };
    if headers.len() > limits.header_antal || headers.iter().any(too_long) {
        return Err(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE);
    }
    let hosts = headers.get_all(HOST).iter().count();
    if hosts > 1 || (hosts == 0 && parts.version == Version::HTTP_11) {
        return Err(StatusCode::BAD_REQUEST);
    }
    Ok(())
}

/// What a request expects before it sends its body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Expects {
    /// Nothing: the body comes.
    Nothing,
    /// A word that the body is welcome; hyper gives it when the body is read.
    Continue,
    /// Something that is not known here.
    Unknown,
}

impl Expects {
    /// Reads the Expect header.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let mut values = headers.get_all(EXPECT).iter();
        match (values.next(), values.next()) {
            (None, _) => Self::Nothing,
            (Some(value), None) if value.as_bytes().eq_ignore_ascii_case(b"100-continue") => {
                Self::Continue
            }
            _ => Self::Unknown,
        }
    }
}
