//! What an operator relies on when machine, disk or clock fail: `dtr serve` as a process of its own is
//! killed, its writes and fsyncs fail, its disk is full, its clock jumps; and afterwards what was answered is there, nothing
//! is half there, and the register's invariants hold.
//!
//! Each test prints its seed; `DTR_FROE=<number>` repeats it. How much is tried in `cargo test` is what takes seconds; the
//! counts of the catalogue are asked for by variables:
//!
//! | variable | what | in `cargo test` | catalogue |
//! | --- | --- | --- | --- |
//! | `DTR_DRAB` | kills under eight writers | 50 | 1,000 |
//! | `DTR_STROEM` | power losses by the model of torn writes | 100 | 10,000 |
//! | `DTR_GENTAG` | messages sent up to six times at once | 1,000 | 10,000 |
//!
//! `fejl.c` stands between the process and the system; it is built here with `cc` and preloaded into the child alone.

mod disk;
mod drab;
mod fremmed;
mod gentag;
mod kopi;
mod stroem;
mod styring;
mod ur;

use std::path::Path;

use dtr::store::sqlite::{self, Verified};

use crate::support::process::dtr_json;

/// The seed of a test, told for a repetition.
fn seed() -> u64 {
    let given = std::env::var("DTR_FROE")
        .ok()
        .and_then(|text| text.parse().ok());
    let seed = given.unwrap_or_else(|| u64::from(std::process::id()));
    println!("DTR_FROE={seed}");
    seed
}

/// How much of something to try.
fn count(variable: &str, otherwise: u64) -> u64 {
    let given = std::env::var(variable).ok();
    given.map_or(otherwise, |text| text.parse().unwrap())
}

/// A few bits that differ from number to number (splitmix64).
fn mixed(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The chain as the operator proves it, the database as SQLite does, and every invariant of the register.
fn sound(folder: &Path) -> Verified {
    let (told, holds) = dtr_json(folder, &["audit", "verify"]);
    assert!(holds && told["holder"] == true, "{told}");
    intact(&folder.join("register.db"))
}

/// The same without a process.
fn intact(database: &Path) -> Verified {
    let verified = sqlite::verify(database).unwrap_or_else(|error| panic!("{error}"));
    let whole: String = open(database)
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .unwrap();
    assert_eq!(whole, "ok");
    verified
}

/// The database beside the product.
fn open(database: &Path) -> rusqlite::Connection {
    let conn = rusqlite::Connection::open(database).unwrap();
    conn.busy_timeout(std::time::Duration::from_secs(10))
        .unwrap();
    conn
}
