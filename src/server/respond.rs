//! From an answer to the HTTP response: lengths, HEAD, conditional requests, caching, and the headers of pages.

use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, Response, StatusCode};
use uuid::Uuid;

use super::exchange::{Answer, AnswerBody, IfNoneMatch};

/// An answer with what the HTTP layer knows of it.
#[derive(Debug)]
pub(crate) struct Reply {
    /// What is answered.
    pub(crate) answer: Answer,
    /// Whether it may be kept for as long as it is asked after each time, by its ETag. Else it is one caller's, or of this
    /// moment.
    pub(crate) keep: bool,
    /// Whether the connection ends with it, since its request was not read to the end.
    pub(crate) close: bool,
}

impl Reply {
    /// An answer of this moment, after which the connection stays.
    pub(crate) const fn now(answer: Answer) -> Self {
        Self {
            answer,
            keep: false,
            close: false,
        }
    }

    /// A small answer of the HTTP layer itself.
    pub(crate) fn own(
        status: u16,
        content_type: &'static str,
        body: impl Into<AnswerBody>,
    ) -> Self {
        Self::now(Answer::new(status, content_type, body))
    }
}

/// What of the request decides on the form of the response.
#[derive(Debug)]
pub(crate) struct Asked {
    head: bool,
    if_none_match: IfNoneMatch,
}

impl Asked {
    /// Reads it from a request's head.
    pub(crate) fn of(method: &Method, headers: &HeaderMap) -> Self {
        let reads = *method == Method::GET || *method == Method::HEAD;
        Self {
            head: *method == Method::HEAD,
            if_none_match: if reads {
                IfNoneMatch::of(headers)
            } else {
                IfNoneMatch::default()
            },
        }
    }
}

/// Makes the response.
pub(crate) fn response(reply: Reply, asked: &Asked, id: Uuid) -> Response<AnswerBody> {
    let Reply {
        answer,
        keep,
        close,
    } = reply;
    let unchanged = answer.status == 200
        && answer
            .etag
            .as_deref()
            .is_some_and(|etag| asked.if_none_match.holds(etag));
    let length = answer.body.len();
    let body = if asked.head || unchanged {
        AnswerBody::default()
    } else {
        answer.body
    };

    let mut response = Response::new(body);
    *response.status_mut() = if unchanged {
        StatusCode::NOT_MODIFIED
    } else {
        StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    };
    let headers = response.headers_mut();
    if !unchanged {
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static(answer.content_type),
        );
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    }
    put(
        headers,
        HeaderName::from_static("x-korrelations-id"),
        id.hyphenated().encode_lower(&mut Uuid::encode_buffer()),
    );
    let cache = match keep && answer.status == 200 {
        true => "no-cache",
        false => "no-store",
    };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    if let Some(etag) = &answer.etag {
        put(headers, header::ETAG, &format!("\"{etag}\""));
    }
    if answer.content_type.starts_with("text/html") {
        secure_page(headers);
    }
    for (name, value) in &answer.headers {
        if let Ok(name) = HeaderName::from_bytes(name.as_bytes()) {
            put(headers, name, value);
        }
    }
    if close {
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// A value that can't stand in a header is left out: it would split the response.
fn put(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        match name == header::SET_COOKIE {
            true => drop(headers.append(name, value)),
            false => drop(headers.insert(name, value)),
        }
    }
}

/// A page loads nothing, sends nothing and is framed by nobody.
fn secure_page(headers: &mut HeaderMap) {
    for (name, value) in [
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        ),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        // With "no-referrer" a browser sends our own forms with `Origin: null`, and they would be taken for those of others.
        (header::REFERRER_POLICY, "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(values: &[&'static str]) -> Asked {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::IF_NONE_MATCH, HeaderValue::from_static(value));
        }
        Asked::of(&Method::GET, &headers)
    }

    #[test]
    fn an_etag_is_known_in_any_of_its_forms() {
        for known in ["\"a-1\"", "W/\"a-1\"", "*", "\"x\", \"a-1\"", "\"a-1-gz\""] {
            assert!(asked(&[known]).if_none_match.holds("a-1"), "{known}");
            assert!(
                asked(&["\"x\"", known]).if_none_match.holds("a-1-gz"),
                "{known}"
            );
        }
        for other in ["a-1", "\"a-2\"", "", "\"a-1", "\"A-1\""] {
            assert!(!asked(&[other]).if_none_match.holds("a-1"), "{other}");
        }
    }

    #[test]
    fn a_304_keeps_what_belongs_to_the_document() {
        let mut reply = Reply::own(200, "text/csv", "a;b");
        reply.keep = true;
        reply.answer.etag = Some("a-1".into());
        reply
            .answer
            .headers
            .push(("Vary", "Accept-Encoding".into()));
        let response = response(reply, &asked(&["\"a-1\""]), Uuid::nil());
        assert_eq!(response.status(), 304);
        let headers = response.headers();
        assert_eq!(headers["etag"], "\"a-1\"");
        assert_eq!(headers["vary"], "Accept-Encoding");
        assert_eq!(headers["cache-control"], "no-cache");
        assert!(!headers.contains_key("content-length"));
    }

    #[test]
    fn a_header_value_cannot_split_the_response() {
        let mut reply = Reply::own(200, "text/plain", "");
        reply.answer.headers.push(("X-A", "a\r\nX-B: b".into()));
        let response = response(reply, &asked(&[]), Uuid::nil());
        assert!(!response.headers().contains_key("x-a"));
        assert!(!response.headers().contains_key("x-b"));
    }
}
