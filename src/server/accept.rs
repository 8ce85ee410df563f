//! Listening: connections are taken while there is room, shaken hands with, served, and let go when the server stops.

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};
use tokio_rustls::server::TlsStream;

use super::call::{Connection, Shared};
use super::exchange::{Backend, Listener};
use super::handle::handle;
use super::journal::Cause;
use super::known::Known;
use super::origin;
use super::pace::Pace;
use super::rates::{self, Payer};
use super::room::Room;
use super::stream::Paced;
use super::tls::{self, Judged, TlsCell};
use crate::register::Cvr;

/// Room for Prometheus and an operator.
const ADMIN_CONNECTIONS: usize = 16;

/// Places on the public listener beyond its limit, for asking whether the server lives when all others are taken. Any other
/// request is told there that there is no room.
const SPARE: usize = 32;

/// hyper's buffer for a connection, read and write; a head must fit.
const LEAST_BUFFER: usize = 64 << 10;

/// Out of file descriptors, say: wait for some to be given back instead of spinning.
const ACCEPT_AGAIN: Duration = Duration::from_millis(100);

/// Sent in the clear to a caller for whom there is no room, where there is no TLS.
const NO_ROOM: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\nretry-after: 2\r\ncontent-length: 0\r\n\r\n";

/// Sent to an organisation that has as many connections as it may.
const TOO_MANY: &[u8] =
    b"HTTP/1.1 429 Too Many Requests\r\nconnection: close\r\nretry-after: 1\r\ncontent-length: 0\r\n\r\n";

/// So long it is given to take that.
const TURNED_AWAY: Duration = Duration::from_secs(1);

/// Serves a listener until the server is told to stop, then waits for the requests under way.
pub(crate) async fn listen<B: Backend>(
    shared: Arc<Shared<B>>,
    listener: Listener,
    socket: TcpListener,
    tls: Option<Arc<TlsCell>>,
) {
    let room = match listener {
        Listener::Admin => ADMIN_CONNECTIONS,
        Listener::Service | Listener::Public => shared.limits.forbindelser,
    };
    let room = Room::new(room);
    let spare = Room::new(match listener {
        Listener::Public => SPARE,
        // Whether the server lives is asked on the other listeners.
        Listener::Service | Listener::Admin => 0,
    });
    let mut stopping = shared.stopping.clone();
    let mut connections = JoinSet::new();
    loop {
        let (stream, from) = tokio::select! {
            () = stopping.told() => break,
            Some(_) = connections.join_next() => continue,
            accepted = socket.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!(listener = listener.as_str(), %error, "accept failed");
                    tokio::time::sleep(ACCEPT_AGAIN).await;
                    continue;
                }
            },
        };
        let now = Instant::now();
        let pace = Arc::new(Pace::at(now, from.ip()));
        let seat = room.enter(&pace, now).map(|seat| (seat, false));
        let seat = seat.or_else(|| Some((spare.enter(&pace, now)?, true)));
        let Some((seat, spare)) = seat else {
            shared.metrics.turned_away.at(listener.as_str()).inc();
            if tls.is_none() {
                let _ = stream.try_write(NO_ROOM);
            }
            continue;
        };
        let connection = Connection {
            listener,
            from,
            spare,
            known: None,
            pace: Arc::clone(&pace),
        };
        let (shared, tls) = (Arc::clone(&shared), tls.clone());
        connections.spawn(async move {
            let _counted = shared.metrics.connection(listener.as_str());
            tokio::select! {
                biased;
                () = connect(Arc::clone(&shared), connection, stream, tls) => {}
                () = pace.told_to_leave() => cut(&shared, listener, from, "room", ""),
            }
            drop(seat);
        });
    }
    drop(socket);
    let limit = Duration::from_millis(shared.limits.nedlukning_ms);
    let all = async { while connections.join_next().await.is_some() {} };
    if timeout(limit, all).await.is_err() {
        tracing::warn!(
            listener = listener.as_str(),
            cut = connections.len(),
            "requests cut at shutdown"
        );
    }
}

/// Counts and logs that the server ended a connection.
fn cut<B>(
    shared: &Shared<B>,
    listener: Listener,
    from: SocketAddr,
    reason: &'static str,
    detail: &'static str,
) {
    shared.metrics.cut.at(reason).inc();
    if shared.journal.may_write(Cause::on(listener)) {
        let listener = listener.as_str();
        tracing::info!(listener, %from, reason, detail, "connection cut");
    }
}

/// How much of an answer lies in the kernel before the caller's machine has taken it: enough to keep a fast one busy.
const UNSENT: u32 = 256 << 10;

/// One connection, with TLS where the listener has it.
async fn connect<B: Backend>(
    shared: Arc<Shared<B>>,
    mut connection: Connection,
    mut stream: TcpStream,
    tls: Option<Arc<TlsCell>>,
) {
    // Answers are written whole; waiting for more would only delay them.
    let _ = stream.set_nodelay(true);
    // What a slow caller does not take stays with us, where it is shared and counted.
    let _ = SockRef::from(&stream).set_tcp_notsent_lowat(UNSENT);
    let (listener, from) = (connection.listener, connection.from);
    let first = Duration::from_millis(shared.limits.foerste_byte_ms);
    let told = origin::of_connection(&shared.proxy, listener, &mut stream, from, first);
    match told.await {
        Ok(from) => connection.from = from,
        Err(detail) => return cut(&shared, listener, from, "proxy", detail),
    }
    connection.pace.is_from(connection.from.ip());
    let Some(tls) = tls else {
        return serve(shared, connection, stream).await;
    };
    let limit = Duration::from_millis(shared.limits.haandtryk_ms);
    // Read before the handshake: what is replaced during it is judged again.
    let judged = Judged::by(tls.held().generation);
    let mut stopping = shared.stopping.clone();
    let handshake = tokio::select! {
        () = stopping.told() => return,
        handshake = tls::accept(&tls, stream, limit) => handshake,
    };
    let accepted = match handshake {
        Ok(accepted) => accepted,
        Err(failed) => {
            shared.metrics.handshakes_failed.at(failed.reason).inc();
            if shared.journal.may_write(Cause::on(listener)) {
                tracing::info!(
                    listener = listener.as_str(),
                    from = %connection.from,
                    reason = failed.reason,
                    detail = failed.detail,
                    "handshake failed"
                );
            }
            return failed.linger().await;
        }
    };
    shared.metrics.handshake(accepted.resumed);
    if listener != Listener::Service {
        return serve(shared, connection, accepted.stream).await;
    }
    let payer = rates::payer(&accepted.peer);
    let Some(_place) = shared.rates.connect(payer) else {
        return turn_away(&shared, accepted.stream, payer).await;
    };
    connection.known = Some(Known {
        peer: accepted.peer,
        payer,
        judged: if accepted.resumed {
            Judged::not_yet()
        } else {
            judged
        },
        tls,
        registered: Mutex::default(),
    });
    serve(shared, connection, accepted.stream).await;
}

/// Says to an organisation that has all the connections it may have, and so in TLS, that this one is too many.
async fn turn_away<B>(shared: &Shared<B>, mut stream: TlsStream<TcpStream>, payer: Payer) {
    shared.metrics.turned_away.at("cvr").inc();
    if shared.journal.may_write(Cause::TooMuch) {
        tracing::info!(
            cvr = payer.as_ref().map(Cvr::as_str),
            "too many connections of one organisation"
        );
    }
    let _ = timeout(TURNED_AWAY, async {
        // An answer that comes before its request would be none to the caller.
        stream.read_u8().await?;
        stream.write_all(TOO_MANY).await?;
        stream.shutdown().await?;
        tokio::io::copy(
            &mut (&mut stream).take(LEAST_BUFFER as u64),
            &mut tokio::io::sink(),
        )
        .await
    })
    .await;
}

/// HTTP/1 on a connection until either side ends it.
async fn serve<B: Backend, S>(shared: Arc<Shared<B>>, connection: Connection, stream: S)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let mut stopping = shared.stopping.clone();
    let limits = &shared.limits;
    let stream = Paced::new(stream, Arc::clone(&connection.pace), limits);
    let connection = Arc::new(connection);
    let mut http = http1::Builder::new();
    // Header count is judged in `head`: hyper keeps its own, larger bound on the stack. Timeouts are the stream's.
    http.timer(TokioTimer::new())
        .header_read_timeout(None)
        .half_close(true)
        .max_header_size(limits.headere_bytes)
        .max_buf_size(limits.headere_bytes.max(LEAST_BUFFER));
    let served = (Arc::clone(&shared), Arc::clone(&connection));
    let service = service_fn(move |request| {
        let (shared, connection) = &served;
        handle(Arc::clone(shared), Arc::clone(connection), request)
    });
    let mut serving = pin!(http.serve_connection(TokioIo::new(stream), service));
    let outcome = tokio::select! {
        biased;
        outcome = &mut serving => outcome,
        () = stopping.told() => {
            serving.as_mut().graceful_shutdown();
            serving.await
        }
    };
    // What hyper, a deadline or the framing refused has reached no handler: it is counted and logged here.
    let error = outcome.err();
    let (listener, from) = (connection.listener, connection.from);
    if let Some((reason, detail)) = cut_reason(error.as_ref(), &connection.pace) {
        cut(&shared, listener, from, reason, detail);
    } else if let Some(error) = error {
        tracing::debug!(listener = listener.as_str(), %from, %error, "connection ended");
    }
}

/// Why the server ended a connection, for the metrics and for the log; none when the caller did.
fn cut_reason(error: Option<&hyper::Error>, pace: &Pace) -> Option<(&'static str, &'static str)> {
    if let Some(refused) = pace.refused() {
        let reason = match refused.status {
            414 | 431 => "head_too_large",
            _ => "not_http",
        };
        return Some((reason, refused.reason));
    }
    let error = error?;
    let cause = std::error::Error::source(error).and_then(|cause| cause.downcast_ref());
    if cause.is_some_and(|cause: &io::Error| cause.kind() == io::ErrorKind::TimedOut) {
        Some(("timeout", "too slow"))
    } else if error.is_parse_too_large() {
        Some(("head_too_large", "head too large"))
    } else if error.is_parse() {
        Some(("not_http", "no request"))
    } else {
        None
    }
}
