//! What is read with GET and HEAD: the gateway's documents, the contract's files, the front page.

use std::fmt::Write;
use std::sync::Arc;

use hyper::header::{ACCEPT_ENCODING, HeaderMap};
use hyper::http::request::Parts;
use uuid::Uuid;

use super::call::{Connection, Shared, refuse};
use super::exchange::{Asking, Backend, DocumentCall, IfNoneMatch};
use super::respond::Reply;
use super::routes::{Endpoint, Item, Listing, SURFACE};
use super::target;
use super::who::Who;
use crate::contract::Service;
use crate::export::parameters::Query;
use crate::export::sha256;
use crate::problem::{Parameter, parameter};

/// Asks the gateway for a document.
pub(crate) async fn document<B: Backend>(
    shared: &Shared<B>,
    connection: &Connection,
    id: Uuid,
    (item, endpoint): (Item, &Endpoint),
    parts: &Parts,
    who: Who,
) -> Reply {
    let (uri, headers) = (&parts.uri, &parts.headers);
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
        keep: true,
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

/// What is listed of [`SURFACE`]. It tells of signatures where there are any.
fn listed(signed: bool) -> String {
    let link = |path: &str, name: &str| format!("<a href=\"{path}\">{name}</a>");
    let (mut lines, mut before) = (Vec::<(String, Vec<String>)>::new(), String::new());
    for endpoint in SURFACE {
        let Some(path) = endpoint.path().and_then(|path| path.strip_prefix('/')) else {
            continue;
        };
        match endpoint.shown {
            Listing::Signed(..) if !signed => {}
            Listing::Line(da, en) | Listing::Signed(da, en) => {
                let own = link(path, path);
                let line = format!("{before}{own}: {da} / <span lang=\"en\">{en}</span>");
                lines.push((line, Vec::new()));
                before.clear();
            }
            Listing::Behind(name) => {
                let line = lines.last_mut();
                line.into_iter()
                    .for_each(|(_, behind)| behind.push(link(path, name)));
            }
            Listing::Before => before = format!("{}, ", link(path, path)),
            Listing::No => {}
        }
    }
    let mut list = String::new();
    for (line, behind) in lines {
        let behind = match behind.join(", ").as_str() {
            "" => String::new(),
            links => format!(" ({links})"),
        };
        // Writing into a String can't fail.
        let _ = writeln!(list, "<li>{line}{behind}</li>");
    }
    list
}

/// The front page of the public listener: what is here, in Danish and English.
pub(crate) fn front_page(services: &[&Service], service_url: &str, signed: bool) -> String {
    let documents = listed(signed);
    let mut rows = String::new();
    for service in services {
        let name = service.document;
        // Writing into a String can't fail.
        let _ = writeln!(
            rows,
            "<tr><td>{address}</td><td><a href=\"wsdl/{name}.wsdl\">WSDL</a></td>\
             <td><a href=\"wsdl/flat/{name}.wsdl\">WSDL, \u{e9}n fil / one file</a></td>\
             <td><a href=\"xsd/{name}.xsd\">XSD</a></td></tr>",
            address = escaped(&format!("{service_url}{}", service.path)),
        );
    }
    format!(
        "<!DOCTYPE html>\n<html lang=\"da\">\n<head><meta charset=\"utf-8\"><title>Dagtilbudsregisteret</title>\n\
         <meta name=\"viewport\" content=\"width=device-width\"></head>\n<body>\n\
         <h1>Dagtilbudsregisteret</h1>\n\
         <p>System-til-system-adgang til registeret over dagtilbud: kommuner og deres leverandører vedligeholder det, \
         aftagere henter det. Tjenesterne kræver et OCES-certifikat; dokumenterne her er åbne for alle.</p>\n\
         <p lang=\"en\">System-to-system access to the register of day care: kommuner and their vendors maintain it, \
         consumers fetch it. The services require an OCES certificate; the documents here are open to anyone.</p>\n\
         <p>Serveren kører dtr, som er uafhængig software. Det officielle register er Styrelsen for It og Lærings. / \
         <span lang=\"en\">This server runs dtr, which is independent software. The official register is that of \
         Styrelsen for It og Læring.</span></p>\n\
         <h2>Tjenester / <span lang=\"en\">Services</span></h2>\n\
         <table>\n{rows}</table>\n\
         <h2>Dokumenter / <span lang=\"en\">Documents</span></h2>\n<ul>\n\
         {documents}</ul>\n</body>\n</html>\n"
    )
}

/// A text inside HTML.
fn escaped(text: &str) -> String {
    // The ampersand first, since the others bring some.
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
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
