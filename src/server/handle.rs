//! One request from its head to its response: route, answer, and the line in the log. A panic on the way becomes a 500.

use std::convert::Infallible;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

use hyper::body::Incoming;
use hyper::header::HeaderMap;
use hyper::http::request::Parts;
use hyper::{Method, Request, Response};
use uuid::Uuid;

use super::call::{Connection, Refusal, Shared, refuse};
use super::exchange::{AnswerBody, Backend, Listener, Trace};
use super::health;
use super::journal::Cause;
use super::known::Known;
use super::respond::{self, Asked, Reply, response};
use super::routes::{self, Endpoint, Page, Route};
use super::share::NoRoom;
use super::who::Who;
use super::{documents, media, origin, posted, soap, target};
use crate::calls::Answered;
use crate::contract::{Service, SoapVersion};
use crate::identity::refusal::Check;
use crate::ids;
use crate::metrics::CallLabels;
use crate::problem::{Problem, http, intern};
use crate::register::Cvr;
use crate::trace::{TraceParent, TracedCall};

/// Stands in logs and metrics where there is nothing to name.
const NONE: &str = "-";

/// Answers a request. Never fails: what goes wrong is an answer too.
pub(crate) async fn handle<B: Backend>(
    shared: Arc<Shared<B>>,
    connection: Arc<Connection>,
    request: Request<Incoming>,
) -> Result<Response<AnswerBody>, Infallible> {
    connection.pace.busy();
    let listener = connection.listener;
    let begun = Instant::now();
    let received = shared.clock.now();
    // Fresh, and ordered by time: that of the clock like any other.
    let id = ids::timed(u64::try_from(received.millis()).unwrap_or_default());
    let asked = Asked::of(request.method(), request.headers());
    let parent = shared
        .spor
        .as_ref()
        .map(|_| TraceParent::of(request.headers()));
    let json = routes::speaks_json(request.uri());
    let soap =
        connection.listener == Listener::Service && *request.method() == Method::POST && !json;
    let version = soap.then(|| media::version_of(request.headers()));
    let mut word = NONE;
    let person = (listener == Listener::Public && media::takes_html(request.headers()))
        .then(|| target::path(request.uri()).unwrap_or_default().into_owned());
    let who = origin::of_call(&shared.proxy, &connection, request.headers());
    let dispatched = dispatch(&shared, &connection, id, request, &who, &mut word);
    let mut reply = match unpanicked(dispatched).await {
        Ok(reply) => reply,
        Err(Panicked) => failed(&shared, id, version),
    };
    if let Some(path) = person
        && reply.answer.refused.is_some()
    {
        reply.answer = shared.backend.refusal_page(reply.answer, &path, id);
    }
    if json {
        reply.answer = shared.backend.refusal_json(reply.answer, id);
    }
    reply.close |= connection.spare || connection.pace.is_leaving();
    let close = reply.close;
    let mut trace = std::mem::take(&mut reply.answer.trace);
    // Whose call it was is known from its certificate, also where nobody read what it says.
    let of_certificate = || connection.known.as_ref().and_then(|known| known.payer);
    trace.cvr = trace.cvr.or_else(of_certificate);
    let mut response = response(reply, &asked, id);
    // What tells of a write is given whatever it takes.
    let counts = listener != Listener::Admin && trace.poster == 0;
    if counts && let Err(none) = hold(&shared, listener, who, &mut response) {
        let mut refused = refuse(&shared, id, version, none);
        if json {
            refused.answer = shared.backend.refusal_json(refused.answer, id);
        }
        refused.close = close;
        trace.kode = refused.answer.trace.kode;
        response = respond::response(refused, &asked, id);
    }
    connection.pace.answering(response.body().len() as u64);
    let labels = CallLabels {
        listener: listener.as_str(),
        service: word,
        operation: trace.operation.unwrap_or(NONE),
        status: response.status().as_u16(),
    };
    let took = begun.elapsed();
    note(&shared, &labels, id, &trace, took);
    if let (Some(spor), Some(parent)) = (&shared.spor, parent)
        && listener != Listener::Admin
    {
        spor.call(TracedCall {
            id,
            parent,
            begun: received,
            took,
            listener: labels.listener,
            service: labels.service,
            operation: labels.operation,
            status: labels.status,
            kode: trace.kode,
            cvr: trace.cvr,
            poster: trace.poster,
        });
    }
    if listener == Listener::Service {
        keep(&shared, &connection, &labels, (id, took), trace);
    }
    Ok(response)
}

/// Finds what answers, and lets it. `word` becomes the service or kind of document as soon as it is known.
async fn dispatch<B: Backend>(
    shared: &Shared<B>,
    connection: &Connection,
    id: Uuid,
    request: Request<Incoming>,
    who: &Result<Who, Box<Problem>>,
    word: &mut &'static str,
) -> Reply {
    let (parts, body) = request.into_parts();
    if connection.listener == Listener::Public && parts.method == Method::POST {
        let service = routes::service(&shared.services, &parts.uri);
        if service.is_some() || media::is_soap(&parts.headers) {
            return soap::misplaced(shared, id, service, &parts.headers, body);
        }
    }
    let Some((route, its_word)) = routes::of(&shared.services, connection.listener, &parts.uri)
    else {
        let problem = path_problem(&shared.services, parts.uri.path());
        // To a SOAP caller who mistook the address the answer is a fault.
        if connection.listener == Listener::Service && parts.method == Method::POST {
            return soap::refuse_path(shared, id, problem, &parts.headers, body);
        }
        return refuse(shared, id, None, problem);
    };
    *word = its_word;
    let who = match (route, who) {
        // Whether the server lives is told to everybody, always.
        (Route::Read(Page::Alive | Page::Ready, _), _) => None,
        _ if connection.spare => return refuse(shared, id, None, NoRoom::All),
        (_, Ok(who)) => Some(*who),
        (_, Err(problem)) => return refuse(shared, id, None, Problem::clone(problem)),
    };
    if let Some(known) = &connection.known
        && let Err(check) = known.tls.judge(&known.peer, &known.judged)
    {
        let problem = no_longer_good(shared, known, check);
        let mut reply = refuse_route(shared, id, route, problem, &parts.headers, body);
        reply.close = true;
        return reply;
    }
    let now = tokio::time::Instant::now();
    if let Some(known) = &connection.known
        && let Err(wait) = shared.rates.take(known.payer, now)
    {
        let refusal = Refusal::until(&http::FOR_HURTIGT, wait.as_secs() + 1);
        return refuse_route(shared, id, route, refusal, &parts.headers, body);
    }
    match (route, &connection.known) {
        (Route::Soap(service), Some(known)) => {
            soap::answer(shared, id, service, known, parts, body).await
        }
        // No listener with SOAP paths takes a connection without a certificate.
        (Route::Soap(_), None) => refuse(shared, id, None, internal(id)),
        (Route::Read(page, endpoint), _) => {
            let who = who.unwrap_or(Who::Address(connection.from.ip().into()));
            read(
                shared,
                connection,
                id,
                (page, endpoint),
                (&parts, body),
                who,
            )
            .await
        }
    }
}

/// Answers GET and HEAD, and POST where something is sent.
async fn read<B: Backend>(
    shared: &Shared<B>,
    connection: &Connection,
    id: Uuid,
    (page, endpoint): (Page, &'static Endpoint),
    (parts, body): (&Parts, Incoming),
    who: Who,
) -> Reply {
    let path = target::path(&parts.uri).unwrap_or_default();
    let methods = page.methods();
    if !methods.allow(&parts.method) {
        let refusal = Refusal::method(&parts.method, &path, methods.written());
        return refuse(shared, id, None, refusal);
    }
    let sent = match (methods.most(), &parts.method) {
        (Some(most), &Method::POST) => {
            match posted::read(shared, connection, id, (who, most), parts, body).await {
                Ok(sent) => Some(sent),
                Err(refused) => return refused,
            }
        }
        _ => {
            // Nothing that is read takes a body; hyper closes the connection if one is on its way.
            drop(body);
            None
        }
    };
    match page {
        Page::Item(item) => {
            documents::document(shared, connection, id, (item, endpoint), (parts, sent), who).await
        }
        Page::Contract => {
            let file = documents::contract(shared, path.trim_start_matches('/'));
            let unknown = || path_problem(&shared.services, &path);
            file.unwrap_or_else(|| refuse(shared, id, None, unknown()))
        }
        Page::Alive => health::alive(),
        Page::Ready => health::ready(shared).await,
        Page::Metrics => Reply::own(200, endpoint.content_type, health::figures(shared)),
        Page::Tls => health::tls(shared),
    }
}

fn path_problem(services: &[&Service], path: &str) -> Problem {
    let services: Vec<_> = services.iter().map(|service| service.path).collect();
    Problem::new(&http::UKENDT_STI)
        .with("sti", path)
        .with("stier", services.join(", "))
}

/// What a caller is told whose certificate was good when it connected.
fn no_longer_good<B>(shared: &Shared<B>, known: &Known, check: Check) -> Problem {
    shared.metrics.cut.at("certificate").inc();
    let cvr = known.payer.as_ref().map(Cvr::as_str);
    tracing::warn!(cvr, check = check.as_str(), "certificate no longer good");
    Problem::new(&http::CERTIFIKAT_IKKE_LAENGERE).with("kontrol", check.as_str())
}

/// Refuses in the form that its path has.
fn refuse_route<B: Backend>(
    shared: &Shared<B>,
    id: Uuid,
    route: Route,
    refusal: impl Into<Refusal>,
    headers: &HeaderMap,
    body: Incoming,
) -> Reply {
    match route {
        Route::Soap(_) => soap::refuse_path(shared, id, refusal, headers, body),
        Route::Read(..) => refuse(shared, id, None, refusal),
    }
}

/// Counts what is sent for who is sent it, until it is sent. Who is not known counts for its connection.
fn hold<B>(
    shared: &Shared<B>,
    listener: Listener,
    who: Result<Who, Box<Problem>>,
    response: &mut Response<AnswerBody>,
) -> Result<(), NoRoom> {
    let Ok(who) = who else {
        return Ok(());
    };
    let body = std::mem::take(response.body_mut());
    *response.body_mut() = shared.answers.on(listener).hold(who, body)?;
    Ok(())
}

fn internal(id: Uuid) -> Problem {
    Problem::new(&intern::INTERN).with("id", id)
}

/// What a caller is told when the handler panicked: its correlation id and nothing else.
fn failed<B: Backend>(shared: &Shared<B>, id: Uuid, version: Option<SoapVersion>) -> Reply {
    tracing::error!(korrelationsId = %id, "panic while answering");
    // A message may have been stored before its answer failed.
    let problem = match version {
        Some(_) => Problem::new(&intern::UVIST).with("id", id),
        None => internal(id),
    };
    let refuse = || shared.backend.refuse(version, problem, id);
    let answer = catch_unwind(AssertUnwindSafe(refuse));
    let mut reply = answer.map_or_else(|_| Reply::own(500, "text/plain", ""), Reply::now);
    reply.close = true;
    reply
}

/// The handler panicked; where is in the log.
struct Panicked;

/// Runs a future so that a panic in it ends it alone.
async fn unpanicked<F: Future>(future: F) -> Result<F::Output, Panicked> {
    let mut future = pin!(future);
    std::future::poll_fn(|cx| {
        // A future that panicked is not polled again, and nothing it held unlocked is half changed.
        match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx))) {
            Ok(Poll::Ready(output)) => Poll::Ready(Ok(output)),
            Ok(Poll::Pending) => Poll::Pending,
            Err(_) => Poll::Ready(Err(Panicked)),
        }
    })
    .await
}

/// Tells the call log, which nobody waits for.
fn keep<B>(
    shared: &Shared<B>,
    connection: &Connection,
    labels: &CallLabels,
    (id, took): (Uuid, Duration),
    trace: Trace,
) {
    shared.calls.note(|| Answered {
        id,
        took,
        listener: labels.listener,
        service: labels.service,
        operation: labels.operation,
        status: labels.status,
        kode: trace.kode,
        errors: trace.fejl,
        message_id: trace.message_id,
        cvr: trace.cvr,
        peer: connection.known.as_ref().map(|known| known.peer.clone()),
        records: trace.poster,
        written: trace.written,
    });
}

/// One line in the log and one count: what was called, by whom, with what outcome.
/// The line may be left out where nothing else bounds how often its caller calls.
fn note<B>(shared: &Shared<B>, labels: &CallLabels, id: Uuid, trace: &Trace, took: Duration) {
    shared.metrics.call(labels, took.as_secs_f64(), trace.kode);
    let cause = match labels.status {
        _ if labels.listener == Listener::Public.as_str() => Some(Cause::Public),
        429 => Some(Cause::TooMuch),
        _ => None,
    };
    if cause.is_some_and(|cause| !shared.journal.may_write(cause)) {
        return;
    }
    tracing::info!(
        korrelationsId = %id,
        listener = labels.listener,
        service = labels.service,
        operation = labels.operation,
        status = labels.status,
        kode = trace.kode,
        ms = took.as_micros() as f64 / 1000.0,
        cvr = trace.cvr.as_ref().map(Cvr::as_str),
        poster = (trace.poster > 0).then_some(trace.poster),
        fejl = trace.fejl.as_deref(),
        "kald"
    );
}
