//! Callers: each has a connection of its own that it keeps. In a closed loop each asks again when it has its answer; in
//! an open loop requests fall due at a rate, and their time counts from when they were due, answered late or not.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{self, SendRequest};
use hyper::header::HeaderMap;
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinSet;
use tokio_rustls::TlsConnector;

use crate::faelles::Failure;
use crate::figures::{Process, Run};

/// Where to call, and how.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    pub(crate) address: SocketAddr,
    /// None: plain HTTP.
    pub(crate) tls: Option<Arc<ClientConfig>>,
}

/// An answer, read whole.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// What is sent, told apart by a number; and whether an answer is the right one.
pub(crate) trait Work: Send + Sync + 'static {
    /// The request of this number.
    fn request(&self, number: u64) -> Request<Full<Bytes>>;
    /// Whether this is what was asked for.
    fn is_right(&self, answer: &Answer) -> bool;
}

/// A connection.
pub(crate) struct Caller(SendRequest<Full<Bytes>>);

impl Caller {
    pub(crate) async fn connect(target: &Target) -> Result<Self, Failure> {
        let stream = TcpStream::connect(target.address).await?;
        stream.set_nodelay(true)?;
        let Some(tls) = &target.tls else {
            return Self::speak(stream).await;
        };
        let name = ServerName::try_from("localhost")?;
        let stream = TlsConnector::from(Arc::clone(tls))
            .connect(name, stream)
            .await?;
        Self::speak(stream).await
    }

    async fn speak<S>(stream: S) -> Result<Self, Failure>
    where
        S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Send + Unpin + 'static,
    {
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Self(sender))
    }

    pub(crate) async fn call(&mut self, request: Request<Full<Bytes>>) -> Result<Answer, Failure> {
        self.0.ready().await?;
        let (head, mut body) = self.0.send_request(request).await?.into_parts();
        // One part is the rule, and is not copied.
        let mut whole = Bytes::new();
        let mut parts = Vec::new();
        while let Some(frame) = body.frame().await {
            if let Ok(data) = frame?.into_data() {
                if whole.is_empty() && parts.is_empty() {
                    whole = data;
                } else {
                    if parts.is_empty() {
                        parts.extend_from_slice(&whole);
                    }
                    parts.extend_from_slice(&data);
                }
            }
        }
        let body = if parts.is_empty() {
            whole
        } else {
            parts.into()
        };
        Ok(Answer {
            status: head.status,
            headers: head.headers,
            body,
        })
    }
}

/// What all callers of a run share.
struct Shared {
    work: Arc<dyn Work>,
    target: Target,
    next: AtomicU64,
    measuring: AtomicBool,
    over: AtomicBool,
    errors: AtomicU64,
}

impl Shared {
    /// One exchange of a caller, which connects anew when its connection is gone.
    async fn exchange(&self, caller: &mut Option<Caller>) -> bool {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let answer = async {
            let open = match caller {
                Some(open) => open,
                None => caller.insert(Caller::connect(&self.target).await?),
            };
            open.call(self.work.request(number)).await
        };
        let answer: Result<Answer, Failure> = answer.await;
        let right = match &answer {
            Ok(answer) if self.work.is_right(answer) => true,
            other => {
                if self.errors.fetch_add(1, Ordering::Relaxed) == 0 {
                    report(other);
                }
                false
            }
        };
        if answer.is_err() {
            *caller = None;
        }
        right
    }
}

/// Tells the first thing that went wrong; the rest are counted.
fn report(answer: &Result<Answer, Failure>) {
    match answer {
        Ok(answer) => eprintln!(
            "status {}: {}",
            answer.status,
            String::from_utf8_lossy(&answer.body[..answer.body.len().min(2000)])
        ),
        Err(error) => eprintln!("{error}"),
    }
}

/// How a run is made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    pub(crate) connections: usize,
    /// Requests a second, in an open loop; none: a closed one.
    pub(crate) rate: Option<u32>,
    /// Before anything is counted.
    pub(crate) warm_up: Duration,
    pub(crate) measured: Duration,
}

/// Makes a run; processor time is that of the process `server`.
pub(crate) async fn run(
    target: &Target,
    server: u32,
    work: Arc<dyn Work>,
    plan: Plan,
) -> Result<Run, Failure> {
    let shared = Arc::new(Shared {
        work,
        target: target.clone(),
        next: AtomicU64::new(0),
        measuring: AtomicBool::new(false),
        over: AtomicBool::new(false),
        errors: AtomicU64::new(0),
    });
    let mut callers = JoinSet::new();
    let due = plan.rate.map(|rate| dispatcher(Arc::clone(&shared), rate));
    for _ in 0..plan.connections {
        let shared = Arc::clone(&shared);
        match &due {
            Some(due) => callers.spawn(open_loop(shared, Arc::clone(due))),
            None => callers.spawn(closed_loop(shared)),
        };
    }
    tokio::time::sleep(plan.warm_up).await;
    shared.errors.store(0, Ordering::Relaxed);
    let (before, from) = (Process::of(server)?, Instant::now());
    shared.measuring.store(true, Ordering::Relaxed);
    tokio::time::sleep(plan.measured).await;
    shared.measuring.store(false, Ordering::Relaxed);
    let (after, seconds) = (Process::of(server)?, from.elapsed().as_secs_f64());
    shared.over.store(true, Ordering::Relaxed);
    let mut micros: Vec<u32> = Vec::new();
    while let Some(done) = callers.join_next().await {
        micros.append(&mut done?);
    }
    micros.sort_unstable();
    Ok(Run {
        seconds,
        micros,
        errors: shared.errors.load(Ordering::Relaxed),
        cpu_ms: after.cpu_ms - before.cpu_ms,
        rss_kb: after.rss_kb,
        peak_kb: after.peak_kb,
    })
}

async fn closed_loop(shared: Arc<Shared>) -> Vec<u32> {
    let (mut caller, mut micros) = (None, Vec::new());
    while !shared.over.load(Ordering::Relaxed) {
        let from = Instant::now();
        let right = shared.exchange(&mut caller).await;
        if right && shared.measuring.load(Ordering::Relaxed) {
            micros.push(since(from));
        }
        if !right {
            // A caller that is told to come again does not hammer.
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
    micros
}

type Due = Arc<Mutex<mpsc::UnboundedReceiver<Instant>>>;

async fn open_loop(shared: Arc<Shared>, due: Due) -> Vec<u32> {
    let (mut caller, mut micros) = (None, Vec::new());
    loop {
        let next = due.lock().await.recv().await;
        let Some(from) = next else { return micros };
        if shared.exchange(&mut caller).await && shared.measuring.load(Ordering::Relaxed) {
            micros.push(since(from));
        }
    }
}

/// Requests falling due. A thread of its own sleeps to the moment: the runtime's timer counts in milliseconds.
fn dispatcher(shared: Arc<Shared>, rate: u32) -> Due {
    let (sender, receiver) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        let start = Instant::now();
        for number in 0_u32.. {
            let at = start + Duration::from_secs(1) / rate * number;
            std::thread::sleep(at.saturating_duration_since(Instant::now()));
            if shared.over.load(Ordering::Relaxed) || sender.send(at).is_err() {
                return;
            }
        }
    });
    Arc::new(Mutex::new(receiver))
}

fn since(from: Instant) -> u32 {
    u32::try_from(from.elapsed().as_micros()).unwrap_or(u32::MAX)
}
