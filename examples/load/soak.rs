//! Hours in minutes: writes as fast as they are taken and look-ups beside them, while memory, files and the WAL are watched.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::drive::{Plan, Target, Work, run};
use crate::faelles::Failure;
use crate::figures::{Process, round};

/// Between two looks.
const LOOK: Duration = Duration::from_secs(10);

/// Runs both works at once for a while; a line every ten seconds, and one at the end with the slope of the memory over
/// the second half, by least squares.
pub(crate) async fn soak(
    target: &Target,
    server: u32,
    folder: &Path,
    works: [Arc<dyn Work>; 2],
    lasts: Duration,
) -> Result<(), Failure> {
    let plan = move |connections, rate| Plan {
        connections,
        rate,
        warm_up: Duration::ZERO,
        measured: lasts,
    };
    let [writes, reads] = works;
    let (to, also) = (target.clone(), target.clone());
    let writing = tokio::spawn(async move { run(&to, server, writes, plan(16, None)).await });
    let reading = tokio::spawn(async move { run(&also, server, reads, plan(16, Some(200))).await });
    let (from, mut seen) = (Instant::now(), Vec::new());
    while from.elapsed() + LOOK <= lasts {
        tokio::time::sleep(LOOK).await;
        let now = Process::of(server)?;
        let seconds = from.elapsed().as_secs_f64();
        let size = |name: &str| std::fs::metadata(folder.join(name)).map_or(0, |file| file.len());
        seen.push((seconds, now.rss_kb as f64));
        println!(
            "{}",
            json!({
                "what": "soak",
                "seconds": round(seconds, 0),
                "rss_mb": round(now.rss_kb as f64 / 1024.0, 1),
                "files": Process::files(server),
                "wal_mb": round(size("register.db-wal") as f64 / f64::from(1 << 20), 2),
                "db_mb": round(size("register.db") as f64 / f64::from(1 << 20), 1),
            })
        );
    }
    println!("{}", writing.await??.json("soak writes", 16, 1));
    println!("{}", reading.await??.json("soak look-ups, 200/s", 16, 1));
    let half = &seen[seen.len() / 2..];
    println!(
        "{}",
        json!({ "what": "soak slope", "rss_mb_per_hour": round(slope(half) * 3600.0 / 1024.0, 2), "looks": half.len() })
    );
    Ok(())
}

/// Of a line through points, by least squares.
fn slope(points: &[(f64, f64)]) -> f64 {
    let count = points.len().max(1) as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / count;
    let (x, y) = (mean(|point| point.0), mean(|point| point.1));
    let spread: f64 = points.iter().map(|point| (point.0 - x).powi(2)).sum();
    let both: f64 = points
        .iter()
        .map(|point| (point.0 - x) * (point.1 - y))
        .sum();
    if spread == 0.0 { 0.0 } else { both / spread }
}
