//! What the hostile vendor does: each slow and flooding kind of the catalogue, until it is told to stop.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use rustls::pki_types::ServerName;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::faelles::envelope;
use crate::world::World;

/// The kinds, in turn.
pub(crate) const KINDS: [&str; 12] = [
    "nothing",
    "silent-connections",
    "half-handshakes",
    "handshake-flood",
    "header-drip",
    "body-drip",
    "chunk-stall",
    "slow-reader",
    "request-flood",
    "large-messages",
    "element-floods",
    "garbage",
];

/// How many of it at once.
const AT_ONCE: usize = 64;

const HEAD: &str =
    "POST /v2/ImportService HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/xml\r\n";

/// Goes on with one kind until it is over.
pub(crate) async fn run(
    world: Arc<World>,
    kind: &'static str,
    over: Arc<AtomicBool>,
    count: Arc<AtomicU64>,
) {
    if kind == "nothing" {
        return;
    }
    let mut tasks = JoinSet::new();
    for _ in 0..AT_ONCE {
        let (world, over, count) = (Arc::clone(&world), Arc::clone(&over), Arc::clone(&count));
        tasks.spawn(async move {
            while !over.load(Ordering::Relaxed) {
                count.fetch_add(1, Ordering::Relaxed);
                // Whatever comes of it; a vendor that is cut at once tries again, not faster than this.
                let _ = timeout(Duration::from_secs(8), once(&world, kind, &over)).await;
                sleep(Duration::from_millis(20)).await;
            }
        });
    }
    while tasks.join_next().await.is_some() {}
}

async fn tcp(world: &World) -> std::io::Result<TcpStream> {
    TcpStream::connect(world.app.running.service).await
}

async fn tls(world: &World) -> std::io::Result<TlsStream<TcpStream>> {
    let name = ServerName::try_from("localhost").map_err(std::io::Error::other)?;
    let connector = TlsConnector::from(Arc::clone(&world.vendors[0].tls));
    connector.connect(name, tcp(world).await?).await
}

async fn once(world: &World, kind: &str, over: &AtomicBool) -> std::io::Result<()> {
    match kind {
        "silent-connections" => {
            let mut stream = tcp(world).await?;
            stream.read_u8().await.map(|_| ())
        }
        "half-handshakes" => {
            let mut stream = tcp(world).await?;
            stream.write_all(b"\x16\x03\x01\x02\x00\x01\x00").await?;
            stream.read_u8().await.map(|_| ())
        }
        "handshake-flood" => tls(world).await.map(drop),
        "header-drip" => {
            drip(
                tls(world).await?,
                "POST /v2/ImportService HTTP/1.1\r\nX: ",
                over,
            )
            .await
        }
        "body-drip" => {
            drip(
                tls(world).await?,
                &format!("{HEAD}Content-Length: 90000\r\n\r\n<a>"),
                over,
            )
            .await
        }
        "chunk-stall" => {
            let mut stream = tls(world).await?;
            let begin = format!("{HEAD}Transfer-Encoding: chunked\r\n\r\nffff\r\n<a>");
            stream.write_all(begin.as_bytes()).await?;
            stream.flush().await?;
            stream.read_u8().await.map(|_| ())
        }
        "slow-reader" => {
            let mut stream = tls(world).await?;
            let body = envelope("eksport", "GetAllDagtilbud", "");
            let request = format!(
                "POST /v2/EksportService HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/xml\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            );
            for _ in 0..20 {
                stream.write_all(request.as_bytes()).await?;
            }
            stream.flush().await?;
            sleep(Duration::from_secs(7)).await;
            Ok(())
        }
        "request-flood" => {
            let mut stream = tls(world).await?;
            let body = envelope("import", "HelloWorld", "");
            let request = format!("{HEAD}Content-Length: {}\r\n\r\n{body}", body.len());
            let mut answer = [0; 4096];
            while !over.load(Ordering::Relaxed) {
                stream.write_all(request.as_bytes()).await?;
                stream.flush().await?;
                if stream.read(&mut answer).await? == 0 {
                    break;
                }
            }
            Ok(())
        }
        "large-messages" => {
            static MESSAGE: OnceLock<String> = OnceLock::new();
            send_whole(world, MESSAGE.get_or_init(|| whole(&"a".repeat(10 << 20)))).await
        }
        "element-floods" => {
            static MESSAGE: OnceLock<String> = OnceLock::new();
            send_whole(
                world,
                MESSAGE.get_or_init(|| whole(&"<a/>".repeat(199_000))),
            )
            .await
        }
        "garbage" => {
            let mut stream = tls(world).await?;
            stream.write_all(&[0x80; 4096]).await?;
            stream.flush().await?;
            stream.read_u8().await.map(|_| ())
        }
        _ => Ok(()),
    }
}

/// Sends a beginning, and then a byte now and then.
async fn drip(
    mut stream: TlsStream<TcpStream>,
    begin: &str,
    over: &AtomicBool,
) -> std::io::Result<()> {
    stream.write_all(begin.as_bytes()).await?;
    while !over.load(Ordering::Relaxed) {
        stream.write_all(b"a").await?;
        stream.flush().await?;
        sleep(Duration::from_millis(500)).await;
    }
    Ok(())
}

/// A message that is wrong, as large as it may be.
fn whole(inside: &str) -> String {
    let mut message = envelope("import", "InsertDaginstitution", inside);
    message.truncate(10 << 20);
    message
}

async fn send_whole(world: &World, message: &str) -> std::io::Result<()> {
    let mut stream = tls(world).await?;
    let head = format!("{HEAD}Content-Length: {}\r\n\r\n", message.len());
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(message.as_bytes()).await?;
    stream.flush().await?;
    let mut answer = [0; 4096];
    stream.read(&mut answer).await.map(|_| ())
}
