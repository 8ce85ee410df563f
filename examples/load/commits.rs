//! The other ceiling: how many rows SQLite commits, with the settings of the register, so many in each transaction.

use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::{Connection, params};
use serde_json::{Value, json};

use crate::faelles::Failure;
use crate::figures::round;

/// Rows in each transaction.
const ROWS: [u64; 4] = [1, 8, 64, 512];

/// Commits rows of 600 bytes for a while, in a file of its own in `folder`.
pub(crate) fn measure(folder: &Path, lasts: Duration) -> Result<Vec<Value>, Failure> {
    let file = folder.join("raekker.db");
    let conn = Connection::open(&file)?;
    conn.pragma_update(None, "journal_mode", "wal")?;
    conn.pragma_update(None, "synchronous", "full")?;
    conn.execute(
        "CREATE TABLE raekke (id INTEGER PRIMARY KEY, indhold BLOB NOT NULL) STRICT",
        [],
    )?;
    let told = ROWS
        .into_iter()
        .map(|rows| commits(&conn, rows, lasts))
        .collect();
    drop(conn);
    for end in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(folder.join(format!("raekker.db{end}")));
    }
    told
}

fn commits(conn: &Connection, rows: u64, lasts: Duration) -> Result<Value, Failure> {
    let row = [7_u8; 600];
    let (from, mut times) = (Instant::now(), Vec::new());
    while from.elapsed() < lasts {
        let begin = Instant::now();
        conn.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        for _ in 0..rows {
            conn.prepare_cached("INSERT INTO raekke (indhold) VALUES (?1)")?
                .execute(params![row])?;
        }
        conn.prepare_cached("COMMIT")?.execute([])?;
        times.push(begin.elapsed());
    }
    let seconds = from.elapsed().as_secs_f64();
    times.sort_unstable();
    let at = |percent: usize| {
        let time = times.get(times.len() * percent / 100).copied();
        round(time.unwrap_or_default().as_secs_f64() * 1000.0, 3)
    };
    Ok(json!({
        "what": "limit sqlite",
        "rows_per_transaction": rows,
        "rows_per_second": round((times.len() as u64 * rows) as f64 / seconds, 0),
        "commit_p50_ms": at(50),
        "commit_p99_ms": at(99),
    }))
}
