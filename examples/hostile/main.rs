//! 32 vendors at once, one of them hostile in turn by each slow and flooding kind of the catalogue.
//!
//! ```text
//! cargo run --profile dist --example hostile -- [--sekunder 60] [--json]
//! ```
//!
//! The server runs in this process on loopback, with the limits that an installation has. Each of the other 31 calls twice a
//! second with its own certificate and kommune: inserts, updates, reads its own record, and now and then tries another's.
//! Printed for each kind: calls, errors, foreign data seen, p50, p99 and the longest of the 31; at the end the memory of the
//! process. Exits 1 on any error or foreign data, or when p99 is 200 ms or more.

mod attack;
#[path = "../faelles/mod.rs"]
mod faelles;
mod world;

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use attack::KINDS;
use world::{Vendor, World};

/// How often a good vendor calls.
const EVERY: Duration = Duration::from_millis(500);
/// What the good ones' p99 must stay under (issue of the catalogue: service kept).
const P99: Duration = Duration::from_millis(200);

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    let given = arguments.iter().position(|a| a == "--sekunder");
    let seconds = given
        .and_then(|at| arguments.get(at + 1)?.parse().ok())
        .unwrap_or(60_u64);
    let json = arguments.iter().any(|a| a == "--json");
    let world = match World::new().await {
        Ok(world) => Arc::new(world),
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::from(2);
        }
    };
    let each = Duration::from_secs(seconds) / KINDS.len() as u32;
    let mut good = true;
    for kind in KINDS {
        let seen = round(&world, kind, each).await;
        good &= seen.errors == 0 && seen.foreign == 0 && seen.at(99) < P99;
        seen.print(kind, json);
    }
    println!("memory: peak {} kB", peak_memory().unwrap_or_default());
    world.stop().await;
    if good {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(1)
    }
}

/// What the good vendors saw.
#[derive(Debug, Default)]
struct Seen {
    times: Vec<Duration>,
    errors: u64,
    foreign: u64,
    attacks: u64,
}

impl Seen {
    /// The percentile of the times.
    fn at(&self, percent: usize) -> Duration {
        let place = (self.times.len() * percent / 100).min(self.times.len().saturating_sub(1));
        self.times.get(place).copied().unwrap_or_default()
    }

    fn print(&self, kind: &str, json: bool) {
        let ms = |time: Duration| time.as_secs_f64() * 1000.0;
        let (p50, p99) = (ms(self.at(50)), ms(self.at(99)));
        let longest = ms(self.times.last().copied().unwrap_or_default());
        let (
            calls,
            Self {
                errors,
                foreign,
                attacks,
                ..
            },
        ) = (self.times.len(), self);
        if json {
            println!(
                "{{\"kind\":\"{kind}\",\"calls\":{calls},\"errors\":{errors},\"foreign\":{foreign},\"attacks\":{attacks},\
                 \"p50\":{p50:.1},\"p99\":{p99:.1},\"max\":{longest:.1}}}"
            );
        } else {
            println!(
                "{kind:<20} {calls:>5} calls, {errors} errors, {foreign} foreign, p50 {p50:>6.1} ms, p99 {p99:>6.1} ms, \
                 longest {longest:>6.1} ms, {attacks} attacks"
            );
        }
    }
}

/// One kind of hostility beside 31 good vendors.
async fn round(world: &Arc<World>, kind: &'static str, lasts: Duration) -> Seen {
    let over = Arc::new(AtomicBool::new(false));
    let attacks = Arc::new(AtomicU64::new(0));
    let hostile = tokio::spawn(attack::run(
        Arc::clone(world),
        kind,
        Arc::clone(&over),
        Arc::clone(&attacks),
    ));
    let end = Instant::now() + lasts;
    let good: Vec<_> = (1..world.vendors.len())
        .map(|n| tokio::spawn(vendor(Arc::clone(world), n, end)))
        .collect();
    let mut seen = Seen::default();
    for one in good {
        match one.await {
            Ok(found) => {
                seen.times.extend(found.times);
                seen.errors += found.errors;
                seen.foreign += found.foreign;
            }
            Err(_) => seen.errors += 1,
        }
    }
    over.store(true, Ordering::Relaxed);
    let _ = tokio::time::timeout(Duration::from_secs(10), hostile).await;
    seen.attacks = attacks.load(Ordering::Relaxed);
    seen.times.sort_unstable();
    seen
}

/// A good vendor, until the end.
async fn vendor(world: Arc<World>, n: usize, end: Instant) -> Seen {
    let mut seen = Seen::default();
    let own: &Vendor = &world.vendors[n];
    // Not all in the same moment.
    tokio::time::sleep(EVERY * n as u32 / world.vendors.len() as u32).await;
    let mut turn = n;
    while Instant::now() < end {
        let next = Instant::now() + EVERY;
        let from = Instant::now();
        let outcome = own.act(&world, turn).await;
        seen.times.push(from.elapsed());
        match outcome {
            Ok(true) => {}
            Ok(false) => seen.foreign += 1,
            Err(error) => {
                eprintln!("vendor {n}: {error}");
                seen.errors += 1;
            }
        }
        turn += 1;
        tokio::time::sleep_until(next.into()).await;
    }
    seen
}

/// The most memory that the process has held, in kB; known on Linux only.
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
