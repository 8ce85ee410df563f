//! What a request's head asks for before its body comes. Its limits and its framing are judged before hyper sees it
//! ([`super::framing`]).

use hyper::header::{EXPECT, HeaderMap};

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
