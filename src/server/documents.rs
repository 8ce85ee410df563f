//! What is read with GET and HEAD: the gateway's documents, the contract's files, the front page.

use std::sync::Arc;

use hyper::header::{ACCEPT_ENCODING, HeaderMap};
use hyper::http::request::Parts;
use uuid::Uuid;

use super::call::{Connection, Shared, refuse};
use super::exchange::{Asking, Backend, Browser, DocumentCall, IfNoneMatch, Sent};
use super::respond::Reply;
use super::routes::{Endpoint, Item};
use super::target;
use super::who::Who;
use crate::export::parameters::Query;
use crate::export::sha256;
use crate::problem::{Parameter, parameter};

/// Asks the gateway for a document.
pub(crate) async fn document<B: Backend>(
    shared: &Shared<B>,
    connection: &Connection,
    id: Uuid,
    (item, endpoint): (Item, &Endpoint),
    (parts, sent): (&Parts, Option<Sent>),
    who: Who,
) -> Reply {
    let (uri, headers) = (&parts.uri, &parts.headers);
    // What is answered to something sent is for its sender.
    let keep = sent.is_none();
    let Some(query) = target::query(uri) else {
        let query = uri.query().unwrap_or_default();
        let problem = parameter("?", query, Parameter::Invalid("%XX, UTF-8"));
        return refuse(shared, id, None, problem);
    };
    let document = DocumentCall {
        listener: connection.listener,
        item,
        content_type: endpoint.content_type,
        asked: Query::parse(&query, endpoint.parameters),
        path: target::path(uri).unwrap_or_default().into_owned(),
        query,
        gzip: accepts_gzip(headers),
        if_none_match: IfNoneMatch::of(headers),
        peer: connection.known.as_ref().map(|known| known.peer.clone()),
        sent,
        browser: item
            .is_for_persons()
            .then(|| Box::new(Browser::of(headers))),
        id,
        asking: Asking {
            polls: Arc::clone(shared.polls.on(connection.listener)),
            who,
            pace: Arc::clone(&connection.pace),
        },
        stopping: shared.stopping.clone(),
    };
    let answer = Arc::clone(&shared.backend).document(document).await;
    Reply {
        answer,
        keep,
        close: false,
    }
}

/// Whether a caller is given gzip (RFC 9110, 12.5.3): it takes it, by name or among all that it does not name, and does not
/// like the bytes as they are better. Who refuses those is given gzip unless it refuses that too.
fn accepts_gzip(headers: &HeaderMap) -> bool {
    let values = headers.get_all(ACCEPT_ENCODING).iter();
    let (mut gzip, mut identity, mut others) = (None, None, None);
    for coding in values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
    {
        let (name, weight) = match coding.split_once(';') {
            Some((name, parameter)) => (name, weight(parameter)),
            None => (coding, 1000),
        };
        match name.trim().to_ascii_lowercase().as_str() {
            "gzip" | "x-gzip" => gzip = Some(weight),
            "identity" => identity = Some(weight),
            "*" => others = Some(weight),
            _ => {}
        }
    }
    match (gzip.or(others), identity) {
        (Some(gzip), identity) => gzip > 0 && gzip >= identity.unwrap_or(0),
        (None, identity) => identity == Some(0),
    }
}

/// A weight in thousandths (RFC 9110, 12.4.2); an invalid one counts as zero.
fn weight(parameter: &str) -> u16 {
    let parameter = parameter.trim().to_ascii_lowercase();
    let Some(value) = parameter.strip_prefix("q=") else {
        return 0;
    };
    let (whole, decimals) = value.split_once('.').unwrap_or((value, ""));
    if decimals.len() > 3 || !decimals.bytes().all(|b| b.is_ascii_digit()) {
        return 0;
    }
    match whole {
        "1" if decimals.bytes().all(|b| b == b'0') => 1000,
        "0" => format!("{decimals:0<3}").parse().unwrap_or(0),
        _ => 0,
    }
}

/// A file of the contract, by its path without the first slash.
pub(crate) fn contract<B>(shared: &Shared<B>, path: &str) -> Option<Reply> {
    let (content_type, bytes) = (shared.contract)(path)?;
    let mut etag = sha256(&bytes);
    etag.truncate(32);
    let mut reply = Reply::own(200, content_type, bytes);
    reply.keep = true;
    reply.answer.etag = Some(etag);
    Some(reply)
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::header::HeaderValue;

    #[test]
    fn gzip_is_for_those_who_ask_for_it() {
        let accepts = |values: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(ACCEPT_ENCODING, HeaderValue::from_static(value));
            }
            accepts_gzip(&headers)
        };
        for yes in [
            "gzip",
            "GZIP",
            "br, gzip;q=0.1",
            "*",
            "x-gzip",
            "br;q=1.0, *;q=0.5",
            "identity;q=0",
            "identity;q=0.000, br",
            "gzip, identity",
            "gzip;q=0.001, identity;q=0",
            "identity;q=0.5, *;q=0.5",
            "gzip, *;q=0",
        ] {
            assert!(accepts(&[yes]), "{yes}");
        }
        for no in [
            "",
            "br",
            "gzip;q=0",
            "gzip; q=0.000",
            "*, gzip;q=0",
            "*;q=0",
            "gzip;q=x",
            "gzip;q=inf",
            "gzip;q=1.001",
            "gzip;q=0.0001",
            "gzip;level=1",
            "identity",
            "identity, gzip;q=0.5",
            "gzip;q=0, identity;q=0",
            "*;q=0, identity;q=0",
        ] {
            assert!(!accepts(&[no]), "{no}");
        }
        assert!(accepts(&["br", "gzip"]), "two lines are one list");
        assert!(!accepts(&[]));
    }
}
