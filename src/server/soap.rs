//! A SOAP path: what is refused before the body is read, the body, and the call.

use std::sync::Arc;

use hyper::Method;
use hyper::body::{Body, Incoming};
use hyper::header::{CONTENT_ENCODING, HeaderMap};
use hyper::http::request::Parts;
use uuid::Uuid;

use super::body::{self, BodyError};
use super::call::{Refusal, Shared, refuse};
use super::documents;
use super::exchange::{Backend, SoapCall};
use super::known::Known;
use super::media::{self, Expects, MediaError, SoapMedia};
use super::respond::Reply;
use super::share::NoRoom;
use super::who::Who;
use crate::contract::Service;
use crate::identity::PeerChain;
use crate::problem::{Problem, http, soap};

/// Answers a request on a SOAP path.
pub(crate) async fn answer<B: Backend>(
    shared: &Shared<B>,
    id: Uuid,
    service: &'static Service,
    known: &Known,
    parts: Parts,
    mut body: Incoming,
) -> Reply {
    if let Some(wsdl) = wsdl(shared, service, &parts) {
        return wsdl;
    }
    let version = media::version_of(&parts.headers);
    let (media, idempotency_key) = match accept(shared, service, &parts, &body) {
        Ok(read) => read,
        Err(refusal) => return refuse_path(shared, id, *refusal, &parts.headers, body),
    };
    if let Err(problem) = known.admitted(&shared.backend, id).await {
        return refuse_path(shared, id, *problem, &parts.headers, body);
    }
    let who = Who::Organisation(known.payer);
    let (bytes, share) =
        match body::read(&mut body, shared, (who, shared.limits.besked_bytes)).await {
            Ok(whole) => whole,
            Err(error) => {
                let refusal = body_refusal(error, shared, shared.limits.besked_bytes);
                return refuse_path(shared, id, refusal, &parts.headers, body);
            }
        };
    let Ok(_permit) = shared.in_flight.try_acquire() else {
        return refuse(shared, id, Some(version), NoRoom::All);
    };
    let soap = SoapCall {
        service,
        version: media.version,
        charset: media.charset,
        action: media.action,
        idempotency_key,
        body: bytes,
        peer: PeerChain::clone(&known.peer),
        id,
    };
    let answer = Arc::clone(&shared.backend).soap(soap).await;
    // The message counts against the budget until it has been answered.
    drop(share);
    Reply::now(answer)
}

/// Answers a SOAP caller with a fault, also off the SOAP paths. What is left of the request is read and dropped, unless the
/// caller waits to be asked for it.
pub(crate) fn refuse_path<B: Backend>(
    shared: &Shared<B>,
    id: Uuid,
    refusal: impl Into<Refusal>,
    headers: &HeaderMap,
    body: Incoming,
) -> Reply {
    let version = media::version_of(headers);
    let mut reply = refuse(shared, id, Some(version), refusal);
    reply.close = !body.is_end_stream();
    if reply.close && Expects::of(headers) == Expects::Nothing {
        body::drop_rest(body);
    }
    reply
}

/// Tells a SOAP caller on the public listener where its call belongs.
pub(crate) fn misplaced<B: Backend>(
    shared: &Shared<B>,
    id: Uuid,
    service: Option<&'static Service>,
    headers: &HeaderMap,
    body: Incoming,
) -> Reply {
    let path = service.map_or("", |service| service.path);
    let problem = Problem::new(&http::SOAP_PAA_OFFENTLIG)
        .with("adresse", format!("{}{path}", shared.service_url));
    refuse_path(shared, id, problem, headers, body)
}

/// The flat WSDL, for GET with `?wsdl` or `?singleWsdl`.
fn wsdl<B: Backend>(shared: &Shared<B>, service: &Service, parts: &Parts) -> Option<Reply> {
    let query = parts.uri.query()?;
    let asks = matches!(parts.method, Method::GET | Method::HEAD)
        && (query.eq_ignore_ascii_case("wsdl") || query.eq_ignore_ascii_case("singleWsdl"));
    let file = asks.then(|| format!("wsdl/flat/{}.wsdl", service.document))?;
    documents::contract(shared, &file)
}

/// Judges the head alone; what it says of the message when it may come, and the key to repeat it by.
fn accept<B>(
    shared: &Shared<B>,
    service: &Service,
    parts: &Parts,
    body: &Incoming,
) -> Result<(SoapMedia, Option<String>), Box<Refusal>> {
    let headers = &parts.headers;
    if parts.method != Method::POST {
        let refusal = Refusal::method(&parts.method, service.path, "POST");
        return Err(Box::new(refusal));
    }
    if Expects::of(headers) == Expects::Unknown {
        return Err(boxed(Problem::new(&http::FORVENTNING)));
    }
    let media = SoapMedia::of(headers).map_err(|error| match error {
        MediaError::ContentType(shown) => {
            boxed(Problem::new(&http::MEDIETYPE).with("medietype", shown))
        }
        MediaError::Action => {
            boxed(Problem::new(&soap::HEADER_UGYLDIG).with("element", "SOAPAction"))
        }
    })?;
    let key = media::idempotency_key(headers).map_err(boxed)?;
    if let Some(encoding) = compressed(headers) {
        let problem = Problem::new(&http::KOMPRIMERET).with("kodning", encoding);
        return Err(boxed(problem));
    }
    if body.size_hint().lower() > shared.limits.besked_bytes {
        return Err(Box::new(body_refusal(
            BodyError::TooLarge,
            shared,
            shared.limits.besked_bytes,
        )));
    }
    Ok((media, key))
}

fn boxed(problem: Problem) -> Box<Refusal> {
    Box::new(problem.into())
}

/// The encoding that a body is compressed with, if any.
pub(super) fn compressed(headers: &HeaderMap) -> Option<String> {
    headers
        .get_all(CONTENT_ENCODING)
        .iter()
        .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
        .find(|value| !value.trim().eq_ignore_ascii_case("identity"))
}

/// What a caller is told whose body, of at most so many bytes, was not read.
pub(super) fn body_refusal<B>(error: BodyError, shared: &Shared<B>, most: u64) -> Refusal {
    match error {
        BodyError::TooLarge => Problem::new(&http::FOR_STOR).with("graense", most).into(),
        BodyError::TooSlow => Problem::new(&http::LANGSOM)
            .with("sekunder", shared.limits.kald_ms.div_ceil(1000))
            .into(),
        BodyError::Broken => Problem::new(&http::AFBRUDT).into(),
        BodyError::NoRoom(none) => none.into(),
    }
}
