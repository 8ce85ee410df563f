//! Where a call comes from: the connection's other end, or what a trusted proxy there tells ([`super::proxy`]).

use std::net::SocketAddr;
use std::time::Duration;

use hyper::header::{FORWARDED, HeaderMap};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::time::timeout;

use super::call::Connection;
use super::exchange::Listener;
use super::proxy::{self, FIXED};
use super::who::{Address, Who};
use crate::config::{Adressekilde, Proxy};
use crate::problem::{Problem, http};

/// The caller's end of a connection that has just been taken. A trusted proxy that speaks the PROXY protocol has told it before
/// anything else; who speaks it and is not trusted is refused by the framing, as anybody who does not speak HTTP.
///
/// # Errors
/// Why the connection is of no use.
pub(crate) async fn of_connection(
    proxies: &Proxy,
    listener: Listener,
    stream: &mut (impl AsyncRead + Unpin),
    from: SocketAddr,
    limit: Duration,
) -> Result<SocketAddr, &'static str> {
    let speaks = listener == Listener::Public
        && proxies.adresse == Adressekilde::ProxyV2
        && proxies.is_trusted(from.ip());
    if !speaks {
        return Ok(from);
    }
    let header = async {
        let broken = |_| "PROXY header too short";
        let mut fixed = [0; FIXED];
        stream.read_exact(&mut fixed).await.map_err(broken)?;
        let length = proxy::rest_of(&fixed).map_err(|error| error.0)?;
        let mut rest = vec![0; length];
        stream.read_exact(&mut rest).await.map_err(broken)?;
        proxy::by_header(&fixed, &rest).map_err(|error| error.0)
    };
    let told = timeout(limit, header).await;
    let told = told.map_err(|_| "PROXY header too slow")??;
    Ok(told.unwrap_or(from))
}

/// Whom a call counts for.
///
/// # Errors
/// A trusted proxy has told it in a way that can't be read.
pub(crate) fn of_call(
    proxies: &Proxy,
    connection: &Connection,
    headers: &HeaderMap,
) -> Result<Who, Box<Problem>> {
    if let Some(known) = &connection.known {
        return Ok(Who::Organisation(known.payer));
    }
    let peer = connection.from.ip();
    let address = match proxies.adresse {
        Adressekilde::Forwarded if connection.listener == Listener::Public => {
            let values = headers.get_all(FORWARDED).into_iter();
            let values = values.map(hyper::header::HeaderValue::as_bytes);
            proxy::by_forwarded(values, peer, proxies)
                .map_err(|error| Box::new(Problem::new(&http::FORWARDED).with("grund", error)))?
        }
        _ => peer,
    };
    Ok(Who::Address(Address::from(address)))
}
