//! What is posted to a path beside the services: what is refused before the body is read, and the body. Who has a certificate
//! must be registered first; who has none pays by its address.

use hyper::body::{Body, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderMap};
use hyper::http::request::Parts;
use uuid::Uuid;

use super::body::{self, BodyError};
use super::call::{Connection, Refusal, Shared, refuse};
use super::exchange::{Backend, Sent};
use super::media::{self, Expects};
use super::respond::Reply;
use super::soap::{body_refusal, compressed};
use super::who::Who;
use crate::problem::{Problem, http};

/// Reads what is posted, of at most so many bytes.
///
/// # Errors
/// The refusal. What is left of the body is read and dropped, unless the caller waits to be asked for it.
pub(crate) async fn read<B: Backend>(
    shared: &Shared<B>,
    connection: &Connection,
    id: Uuid,
    (who, most): (Who, u64),
    parts: &Parts,
    mut body: Incoming,
) -> Result<Sent, Reply> {
    let refused = |refusal: Refusal, body: Incoming| {
        let mut reply = refuse(shared, id, None, refusal);
        reply.close = !body.is_end_stream();
        if reply.close && Expects::of(&parts.headers) == Expects::Nothing {
            body::drop_rest(body);
        }
        reply
    };
    if let Err(refusal) = accept(&parts.headers, &body, most, shared) {
        return Err(refused(*refusal, body));
    }
    let idempotency_key = match media::idempotency_key(&parts.headers) {
        Ok(key) => key,
        Err(problem) => return Err(refused(problem.into(), body)),
    };
    if let Some(known) = &connection.known
        && let Err(problem) = known.admitted(&shared.backend, id).await
    {
        return Err(refused((*problem).into(), body));
    }
    match body::read(&mut body, shared, (who, most)).await {
        Ok((bytes, share)) => Ok(Sent {
            content_type: content_type(&parts.headers),
            idempotency_key,
            bytes,
            _share: share,
        }),
        Err(error) => Err(refused(body_refusal(error, shared, most), body)),
    }
}

fn accept<B>(
    headers: &HeaderMap,
    body: &Incoming,
    most: u64,
    shared: &Shared<B>,
) -> Result<(), Box<Refusal>> {
    if Expects::of(headers) == Expects::Unknown {
        return Err(Box::new(Problem::new(&http::FORVENTNING).into()));
    }
    if let Some(encoding) = compressed(headers) {
        let problem = Problem::new(&http::KOMPRIMERET).with("kodning", encoding);
        return Err(Box::new(problem.into()));
    }
    if body.size_hint().lower() > most {
        return Err(Box::new(body_refusal(BodyError::TooLarge, shared, most)));
    }
    Ok(())
}

/// The Content-Type; empty where there is none, or more than one.
fn content_type(headers: &HeaderMap) -> String {
    let mut values = headers.get_all(CONTENT_TYPE).iter();
    let value = values.next().filter(|_| values.next().is_none());
    let text = value.and_then(|value| value.to_str().ok());
    text.unwrap_or_default().to_owned()
}
