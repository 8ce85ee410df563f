//! Callers that take their time, and many at once. While each is at it, a good caller is served.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use crate::support::raw::RawConnection;
use crate::support::{Caller, TestApp};
use crate::threats::Outcome;

pub(super) const HELLO: &str = "<HelloWorld xmlns=\"urn:dagtilbudsregister:import:v2\"/>";

/// A slow caller that has not been cut by then never will be; the limits are a few seconds at most.
const CUT: Duration = crate::support::FOR_EVER;

const HEAD: &str = "POST /v2/ImportService HTTP/1.1\r\nHost: a\r\nContent-Type: text/xml\r\n";

pub(super) async fn run(app: &TestApp, kind: &str) -> Outcome {
    match kind {
        "tavs" => cut(app, open(app).await, b"", None).await,
        "header-byte" => cut(app, open(app).await, b"", Some("GET / HTTP/1.1\r\nX: ")).await,
        "body-byte" => {
            let connection = RawConnection::open(app).await.into_stream();
            let head = format!("{HEAD}Content-Length: 9000\r\n\r\n");
            cut(
                app,
                connection,
                head.as_bytes(),
                Some("<a>aaaaaaaaaaaaaaaa"),
            )
            .await
        }
        "stilstand-i-chunk" => {
            let connection = RawConnection::open(app).await.into_stream();
            let head = format!("{HEAD}Transfer-Encoding: chunked\r\n\r\n10\r\nabc");
            cut(app, connection, head.as_bytes(), None).await
        }
        "stilstand-i-haandtryk" => {
            let stream = TcpStream::connect(app.app.running.service).await.unwrap();
            // The beginning of a handshake record that never comes whole.
            cut(app, stream, b"\x16\x03\x01\x02\x00\x01\x00", None).await
        }
        "langsom-laeser" => slow_reader(app).await,
        "halvaabne" => half_open(app).await,
        "hamstrer" => hoarding(app).await,
        "forbindelser" => connections().await,
        "rate" => rate().await,
        other => Err(format!("unknown kind {other}")),
    }
}

async fn open(app: &TestApp) -> TcpStream {
    TcpStream::connect(app.app.running.public).await.unwrap()
}

/// Sends the beginning, then a byte of `drip` every now and then; the server must end it.
async fn cut<S>(app: &TestApp, stream: S, begin: &[u8], drip: Option<&str>) -> Outcome
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
{
    let (mut read, mut write) = tokio::io::split(stream);
    let _ = write.write_all(begin).await;
    let _ = write.flush().await;
    let drips = async {
        for byte in drip
            .unwrap_or_default()
            .bytes()
            .chain(std::iter::repeat(b'a'))
        {
            if drip.is_none() {
                std::future::pending::<()>().await;
            }
            sleep(Duration::from_millis(250)).await;
            if write.write_all(&[byte]).await.is_err() || write.flush().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    };
    let mut rest = Vec::new();
    let ended = async {
        tokio::select! {
            _ = read.read_to_end(&mut rest) => {}
            () = drips => {}
        }
    };
    let caller = app.kommune();
    let (ended, good) = tokio::join!(timeout(CUT, ended), served(&caller));
    good?;
    ended.map_err(|_| "the connection was not cut".to_owned())
}

/// A good caller, a few times in a row.
async fn served(caller: &Caller) -> Outcome {
    for _ in 0..10 {
        let answer = caller.import_v2(HELLO).try_send().await;
        let status = answer.map(|answer| answer.status());
        if !matches!(status, Ok(200)) {
            return Err(format!("a good caller: {status:?}"));
        }
        sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}

/// Asks for more than the buffers on the way hold, and reads nothing of it.
async fn slow_reader(app: &TestApp) -> Outcome {
    let mut stream = open(app).await;
    let request = "GET /wsdl/flat/EksportService-v2.wsdl HTTP/1.1\r\nHost: a\r\n\r\n";
    let many = request.repeat(400);
    let asks = async {
        // It stops taking requests once its answers do not go out.
        let _ = stream.write_all(many.as_bytes()).await;
        let mut last = [0];
        sleep(Duration::from_millis(3000)).await;
        loop {
            match stream.read(&mut last).await {
                Ok(0) | Err(_) => return,
                Ok(_) => {}
            }
        }
    };
    let caller = app.kommune();
    let (ended, good) = tokio::join!(timeout(CUT, asks), served(&caller));
    good?;
    ended.map_err(|_| "the connection was not cut".to_owned())
}

async fn half_open(app: &TestApp) -> Outcome {
    let mut silent = Vec::new();
    for _ in 0..300 {
        silent.push(TcpStream::connect(app.app.running.service).await.unwrap());
    }
    served(&app.kommune()).await?;
    let mut byte = [0];
    for stream in &mut silent {
        let ended = timeout(CUT, stream.read(&mut byte)).await;
        if !matches!(ended, Ok(Ok(0) | Err(_))) {
            return Err(format!("a silent connection: {ended:?}"));
        }
    }
    Ok(())
}

async fn hoarding(app: &TestApp) -> Outcome {
    let mut kept = Vec::new();
    for _ in 0..50 {
        let mut stream = open(app).await;
        stream
            .write_all(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
            .await
            .unwrap();
        kept.push(stream);
    }
    served(&app.kommune()).await?;
    for stream in &mut kept {
        let mut answer = Vec::new();
        if timeout(CUT, stream.read_to_end(&mut answer)).await.is_err() {
            return Err("an idle connection is kept".to_owned());
        }
        if !answer.starts_with(b"HTTP/1.1 200") {
            return Err(String::from_utf8_lossy(&answer).into_owned());
        }
    }
    Ok(())
}

/// The limits as they come: 32 connections of one organisation, the next is refused.
async fn connections() -> Outcome {
    let app = TestApp::start().await;
    let mut open = Vec::new();
    for n in 0..33 {
        let caller = app.kommune();
        let status = caller.import_v2(HELLO).send().await.status();
        let wanted = if n < 32 { 200 } else { 429 };
        if status != wanted {
            return Err(format!("connection {} was answered {status}", n + 1));
        }
        open.push(caller);
    }
    served(&app.kommune2()).await
}

/// 60 at once, as the limit comes, and then 429 with the time to wait. One a second is given back, so that a slow machine meets
/// the limit too.
async fn rate() -> Outcome {
    let app = TestApp::with(|config| {
        let default = dtr::config::Graenser::default();
        config.graenser.kald_pr_sekund = 1;
        config.graenser.kald_i_traek = default.kald_i_traek;
    })
    .await;
    let caller = app.kommune();
    let (mut good, mut refused) = (0, 0);
    let from = Instant::now();
    for _ in 0..400 {
        let answer = caller.import_v2(HELLO).send().await;
        match answer.status() {
            200 => good += 1,
            429 if answer.0.header("retry-after").is_some() => refused += 1,
            other => return Err(format!("answered {other}")),
        }
    }
    // Sixty at once, and one for each second that it took: who needs a second for each call is within the limit.
    let most = 60 + from.elapsed().as_secs() + 1;
    match (60..=most).contains(&good) {
        true => served(&app.kommune2()).await,
        false => Err(format!("{good} were served, {refused} refused")),
    }
}
