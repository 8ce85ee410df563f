//! S3, the HTTP layer: bytes as they go over the wire, what must come back, and that nothing hidden in them is answered.
//! The server's limits are short here, so that what is about time takes little of it.

mod slow;

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::{Case, Outcome};
use crate::support::TestApp;
use crate::support::raw::RawConnection;

/// Long enough for any answer on a busy machine.
const PATIENCE: Duration = crate::support::FOR_EVER;

/// Runs each case on a connection of its own.
pub(super) fn run(cases: &[Case]) -> Vec<Outcome> {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let app = TestApp::with(|config| {
            let limits = &mut config.graenser;
            limits.besked_bytes = 65_536;
            limits.haandtryk_ms = 2500;
            limits.foerste_byte_ms = 2000;
            limits.headere_ms = 2500;
            limits.stilstand_ms = 2000;
            limits.kald_ms = 5000;
            limits.ledig_ms = 2000;
            limits.svar_stilstand_ms = 2000;
        })
        .await;
        let mut outcomes = Vec::new();
        for case in cases {
            let outcome = match case.told.get("slags") {
                Some(_) => slow::run(&app, case.text("slags")).await,
                None => exchange(&app, case).await,
            };
            outcomes.push(match outcome {
                Ok(()) => still_serves(&app).await,
                wrong => wrong,
            });
        }
        outcomes
    })
}

/// Sends the bytes of a case and judges all that comes back.
async fn exchange(app: &TestApp, case: &Case) -> Outcome {
    let bytes = message(case);
    let answer = match case.told.get("lytter").and_then(toml::Value::as_str) {
        Some("service") => talk(RawConnection::open(app).await.into_stream(), &bytes).await?,
        _ => {
            let stream = TcpStream::connect(app.app.running.public).await;
            talk(stream.map_err(|error| error.to_string())?, &bytes).await?
        }
    };
    judge(case, &answer)
}

/// The parts of a message, each so often.
fn message(case: &Case) -> Vec<u8> {
    let parts = case.told.get("send").and_then(toml::Value::as_array);
    let mut bytes = Vec::new();
    for part in parts.expect("a case without slags has [[send]]") {
        let text = part["tekst"].as_str().unwrap();
        let times = part.get("gange").and_then(toml::Value::as_integer);
        bytes.extend(
            text.repeat(usize::try_from(times.unwrap_or(1)).unwrap())
                .into_bytes(),
        );
    }
    bytes
}

/// Sends everything, says that nothing more comes, and reads until the server closes.
async fn talk<S>(stream: S, bytes: &[u8]) -> Result<String, String>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let (mut read, mut write) = tokio::io::split(stream);
    let mut answer = Vec::new();
    let sends = async {
        // A server that has refused takes no more.
        let _ = write.write_all(bytes).await;
        let _ = write.flush().await;
        let _ = write.shutdown().await;
    };
    let both = async { tokio::join!(sends, read.read_to_end(&mut answer)) };
    if timeout(PATIENCE, both).await.is_err() {
        return Err(format!(
            "the connection stays open: {}",
            String::from_utf8_lossy(&answer)
        ));
    }
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

fn judge(case: &Case, answer: &str) -> Outcome {
    let number = |key| case.told.get(key).and_then(toml::Value::as_integer);
    let statuses: Vec<i64> = answer
        .match_indices("HTTP/1.")
        .filter_map(|(at, _)| answer.get(at + 9..at + 12)?.parse().ok())
        .collect();
    let wanted = number("status").ok_or("case.toml has no status")?;
    if statuses.first() != Some(&wanted) {
        return Err(format!("answered {statuses:?}, not {wanted}: {answer}"));
    }
    let count = number("svar").unwrap_or(1);
    if statuses.len() as i64 != count {
        return Err(format!("{} answers, not {count}: {answer}", statuses.len()));
    }
    if let Some(last) = number("sidst")
        && statuses.last() != Some(&last)
    {
        return Err(format!("answered {statuses:?}, and not {last} last"));
    }
    if let Some(code) = case.told.get("kode").and_then(toml::Value::as_str)
        && !answer.contains(code)
    {
        return Err(format!("no {code} in {answer}"));
    }
    let never = case.told.get("aldrig").and_then(toml::Value::as_str);
    match never.filter(|never| answer.to_lowercase().contains(&never.to_lowercase())) {
        Some(never) => Err(format!("{never:?} in {answer}")),
        None => Ok(()),
    }
}

/// A request straight after, on a new connection.
async fn still_serves(app: &TestApp) -> Outcome {
    let answer = app.kommune().import_v2(slow::HELLO).try_send().await;
    match answer.map(|answer| answer.status()) {
        Ok(200) => Ok(()),
        other => Err(format!("a good request after it is answered {other:?}")),
    }
}
