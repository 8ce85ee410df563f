//! Many consumers that poll the feed every second, and one that waits for each change, while others write.

use std::sync::Arc;
use std::time::{Duration, Instant};

use dtr::register::Tidspunkt;
use http_body_util::Full;
use hyper::body::Bytes;
use hyper::{Request, StatusCode};
use serde_json::json;
use tokio::task::JoinSet;

use crate::drive::{Caller, Plan, Target, Work, run};
use crate::faelles::Failure;
use crate::figures::{Process, round};

/// Writes a second that go in meanwhile.
const WRITES: u32 = 50;

/// What one consumer saw.
#[derive(Default)]
struct Seen {
    polls: u64,
    changes: u64,
    errors: u64,
    /// Of each poll.
    took: Vec<Duration>,
    /// Of each change: from when it was made until it was here.
    lag: Vec<i64>,
}

/// Runs so many consumers for a while, and prints what they saw.
pub(crate) async fn measure(
    feed: &Target,
    service: &Target,
    server: u32,
    (consumers, lasts): (usize, Duration),
    writes: Arc<dyn Work>,
) -> Result<(), Failure> {
    let start = Process::of(server)?;
    let end = Instant::now() + lasts;
    let mut all = JoinSet::new();
    for n in 0..consumers {
        let feed = feed.clone();
        // Not all in the same moment.
        let pause = Duration::from_millis(1000 * n as u64 / consumers as u64);
        all.spawn(async move {
            tokio::time::sleep(pause).await;
            follow(&feed, end, false).await
        });
    }
    let (also, to) = (feed.clone(), service.clone());
    let waiting = tokio::spawn(async move { follow(&also, end, true).await });
    let plan = Plan {
        connections: 4,
        rate: Some(WRITES),
        warm_up: Duration::ZERO,
        measured: lasts,
    };
    let written = run(&to, server, writes, plan).await?;
    let mut polled = Seen::default();
    while let Some(seen) = all.join_next().await {
        let seen = seen??;
        polled.polls += seen.polls;
        polled.changes += seen.changes;
        polled.errors += seen.errors;
        polled.took.extend(seen.took);
    }
    let mut waited = waiting.await??;
    let used = Process::of(server)?;
    polled.took.sort_unstable();
    waited.lag.sort_unstable();
    let took = |share: usize| at(&polled.took, share).map_or(0.0, |t| t.as_secs_f64() * 1e3);
    println!(
        "{}",
        json!({
            "what": "consumers that poll every second",
            "consumers": consumers,
            "polls": polled.polls,
            "errors": polled.errors,
            "changes_each": polled.changes / consumers as u64,
            "p50_ms": round(took(50), 2),
            "p99_ms": round(took(99), 2),
            "cpu_percent_of_one": round((used.cpu_ms - start.cpu_ms) / lasts.as_secs_f64() / 10.0, 1),
            "rss_mb": round(used.rss_kb as f64 / 1024.0, 1),
        })
    );
    println!(
        "{}",
        json!({
            "what": "one that waits",
            "changes": waited.changes,
            "errors": waited.errors,
            "lag_p50_ms": at(&waited.lag, 50),
            "lag_p99_ms": at(&waited.lag, 99),
            "lag_most_ms": waited.lag.last(),
        })
    );
    println!("{}", written.json("the writes", 4, 1));
    Ok(())
}

fn at<T: Copy>(sorted: &[T], share: usize) -> Option<T> {
    sorted
        .get(sorted.len() * share / 100)
        .or(sorted.last())
        .copied()
}

/// Follows the feed from its end.
async fn follow(feed: &Target, end: Instant, wait: bool) -> Result<Seen, Failure> {
    let mut caller = Caller::connect(feed).await?;
    let mut seen = Seen::default();
    let mut last = None;
    while Instant::now() < end {
        let begun = Instant::now();
        let path = match last {
            None => "/feed/v1/hoved.json".to_owned(),
            Some(last) if wait => format!("/feed/v1/aendringer?efter={last}&antal=1000&vent=1"),
            Some(last) => format!("/feed/v1/aendringer?efter={last}&antal=1000"),
        };
        let request = Request::get(path)
            .header("Host", "localhost")
            .body(Full::new(Bytes::new()))?;
        let answer = caller.call(request).await?;
        let text = String::from_utf8_lossy(&answer.body);
        if answer.status != StatusCode::OK {
            seen.errors += 1;
        } else if last.is_none() {
            let head: serde_json::Value = serde_json::from_str(&text)?;
            last = head["sekvens"].as_u64();
            continue;
        } else {
            let now = dtr::clock::Clock::System.now().millis();
            let from = last.unwrap_or_default();
            let to = between(&text, "<sidsteSekvens>", "<").and_then(|at| at.parse().ok());
            last = to.or(last);
            seen.changes += to.unwrap_or(from) - from;
            if wait {
                let mut rest = &*text;
                while let Some(at) = between(rest, "<d:tidspunkt>", "<") {
                    let made = Tidspunkt::parse(at).map_err(|_| "no instant")?;
                    seen.lag.push(now - made.millis());
                    let (_, after) = rest.split_once("<d:tidspunkt>").unwrap_or_default();
                    rest = after;
                }
            }
        }
        seen.polls += 1;
        seen.took.push(begun.elapsed());
        if !wait {
            tokio::time::sleep(Duration::from_secs(1).saturating_sub(begun.elapsed())).await;
        }
    }
    Ok(seen)
}

fn between<'t>(text: &'t str, before: &str, after: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(before)?;
    rest.split_once(after).map(|(found, _)| found)
}
