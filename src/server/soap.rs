//! A SOAP path: what is refused before the body is read, the body, and the call.

use std::sync::Arc;

use hyper::Method;
use hyper::body::{Body, Incoming};
use hyper::header::{CONTENT_ENCODING, HeaderMap};
use hyper::http::request::Parts;

use super::body::{self, BodyError, Purse, Whole};
use super::call::{self, Call, Shared};
use super::documents;
use super::exchange::{Backend, SoapCall};
use super::head::Expects;
use super::idempotency;
use super::known::Known;
use super::media::{self, MediaError, SoapMedia};
use super::respond::Reply;
use crate::contract::{Service, SoapVersion};
use crate::identity::PeerChain;
use crate::problem::{Problem, http, soap};

/// A caller that is told to come again shall wait so long, in seconds.
const RETRY_AFTER: u64 = 2;

/// A refusal, with what HTTP adds to its problem.
struct Refusal {
    problem: Problem,
    header: Option<(&'static str, String)>,
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self {
            problem,
            header: None,
        }
    }
}

/// Answers a request on a SOAP path.
pub(crate) async fn answer<B: Backend>(
    shared: &Shared<B>,
    call: Call,
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
        Err(refusal) => {
            return refuse(
                shared,
                call,
                version,
                *refusal,
                Some((&parts.headers, body)),
            );
        }
    };
    if let Err(problem) = known.admitted(&shared.backend, call.id).await {
        let rest = Some((&parts.headers, body));
        return refuse(shared, call, version, (*problem).into(), rest);
    }
    let purse = Purse {
        budget: &shared.budget,
        rates: &shared.rates,
        payer: known.payer,
    };
    let Whole { bytes, share } = match body::read(&mut body, &shared.limits, purse).await {
        Ok(whole) => whole,
        Err(error) => {
            let refusal = body_refusal(error, shared);
            return refuse(shared, call, version, refusal, Some((&parts.headers, body)));
        }
    };
    let Ok(_permit) = shared.in_flight.try_acquire() else {
        return refuse(shared, call, version, busy(), None);
    };
    let soap = SoapCall {
        service,
        version: media.version,
        charset: media.charset,
        action: media.action,
        idempotency_key,
        body: bytes,
        peer: PeerChain::clone(&known.peer),
        id: call.id,
        received: call.received,
    };
    let answer = Arc::clone(&shared.backend).soap(soap).await;
    // The message counts against the budget until it has been answered.
    drop(share);
    Reply::now(answer)
}

/// Refuses a request that is not for a SOAP path although it was sent as one: a SOAP caller is told in SOAP.
pub(crate) fn refuse_path<B: Backend>(
    shared: &Shared<B>,
    call: Call,
    problem: Problem,
    headers: &HeaderMap,
    body: Incoming,
) -> Reply {
    let version = media::version_of(headers);
    refuse(shared, call, version, problem.into(), Some((headers, body)))
}

/// Refuses a request of a caller that has asked too much in the last seconds.
pub(crate) fn too_fast<B: Backend>(
    shared: &Shared<B>,
    call: Call,
    seconds: u64,
    headers: &HeaderMap,
    body: Incoming,
) -> Reply {
    let refusal = Refusal {
        problem: call::too_fast(seconds),
        header: Some(("Retry-After", seconds.to_string())),
    };
    let version = media::version_of(headers);
    refuse(shared, call, version, refusal, Some((headers, body)))
}

/// Tells a SOAP caller on the public listener where its call belongs.
pub(crate) fn misplaced<B: Backend>(
    shared: &Shared<B>,
    call: Call,
    service: Option<&'static Service>,
    headers: &HeaderMap,
    body: Incoming,
) -> Reply {
    let path = service.map_or("", |service| service.path);
    let problem = Problem::new(&http::SOAP_PAA_OFFENTLIG)
        .with("adresse", format!("{}{path}", shared.service_url));
    refuse_path(shared, call, problem, headers, body)
}

/// The flat WSDL, for GET with `?wsdl` or `?singleWsdl`.
fn wsdl<B: Backend>(shared: &Shared<B>, service: &Service, parts: &Parts) -> Option<Reply> {
    let asks = matches!(parts.method, Method::GET | Method::HEAD)
        && parts.uri.query().is_some_and(|query| {
            ["wsdl", "singleWsdl"]
                .iter()
                .any(|known| query.eq_ignore_ascii_case(known))
        });
    if !asks {
        return None;
    }
    documents::contract(shared, &format!("wsdl/flat/{}.wsdl", service.document))
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
        let problem = Problem::new(&http::METODE)
            .with("metode", &parts.method)
            .with("sti", service.path)
            .with("tilladte", "POST");
        return Err(Box::new(Refusal {
            header: Some(("Allow", "POST".to_owned())),
            ..problem.into()
        }));
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
    let key = idempotency::key(headers).map_err(boxed)?;
    if let Some(encoding) = compressed(headers) {
        let problem = Problem::new(&http::KOMPRIMERET).with("kodning", encoding);
        return Err(boxed(problem));
    }
    if body.size_hint().lower() > shared.limits.besked_bytes {
        return Err(Box::new(body_refusal(BodyError::TooLarge, shared)));
    }
    Ok((media, key))
}

fn boxed(problem: Problem) -> Box<Refusal> {
    Box::new(problem.into())
}

/// The encoding that a body is compressed with, if any.
fn compressed(headers: &HeaderMap) -> Option<String> {
    headers
        .get_all(CONTENT_ENCODING)
        .iter()
        .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
        .find(|value| !value.trim().eq_ignore_ascii_case("identity"))
}

fn body_refusal<B>(error: BodyError, shared: &Shared<B>) -> Refusal {
    match error {
        BodyError::TooLarge => Problem::new(&http::FOR_STOR)
            .with("graense", shared.limits.besked_bytes)
            .into(),
        BodyError::TooSlow => Problem::new(&http::LANGSOM)
            .with("sekunder", shared.limits.kald_ms.div_ceil(1000))
            .into(),
        BodyError::Broken => Problem::new(&http::AFBRUDT).into(),
        BodyError::Busy => busy(),
        BodyError::Share => own_share(),
    }
}

fn busy() -> Refusal {
    Refusal {
        header: Some(("Retry-After", RETRY_AFTER.to_string())),
        ..Problem::new(&http::TRAVLT)
            .with("sekunder", RETRY_AFTER)
            .into()
    }
}

/// What a caller is told that has too much under way at a time.
fn own_share() -> Refusal {
    Refusal {
        header: Some(("Retry-After", RETRY_AFTER.to_string())),
        ..Problem::new(&http::EGEN_ANDEL)
            .with("sekunder", RETRY_AFTER)
            .into()
    }
}

/// Answers with a fault. What is left of the request is read and dropped, unless the caller waits to be asked for it.
fn refuse<B: Backend>(
    shared: &Shared<B>,
    call: Call,
    version: SoapVersion,
    refusal: Refusal,
    rest: Option<(&HeaderMap, Incoming)>,
) -> Reply {
    let mut answer = shared
        .backend
        .refuse(Some(version), refusal.problem, call.id);
    answer.headers.extend(refusal.header);
    let mut reply = Reply::now(answer);
    if let Some((headers, body)) = rest.filter(|(_, body)| !body.is_end_stream()) {
        reply.close = true;
        if Expects::of(headers) == Expects::Nothing {
            body::drop_rest(body);
        }
    }
    reply
}
