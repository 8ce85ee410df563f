//! What the tests stand on: a real server ([`TestApp`]), callers with certificates ([`Caller`]), messages, and a tree to
//! look at answers with.

pub(crate) mod app;
pub(crate) mod caller;
pub(crate) mod cases;
pub(crate) mod cpu;
pub(crate) mod messages;
pub(crate) mod op;
pub(crate) mod pki;
pub(crate) mod process;
pub(crate) mod raw;
mod snapshot;
pub(crate) mod tilslutning;
mod tree;

pub(crate) use app::{Folder, TestApp, anyone, patient};
pub(crate) use caller::Caller;
pub(crate) use tree::Element;

/// Whoever waits longer than this waits for ever: a bound that ends a broken test, and no measure of anything. A machine may be
/// a hundred times slower than it should be.
pub(crate) const FOR_EVER: std::time::Duration = std::time::Duration::from_secs(600);

/// Says that the rest of a test is left out on this machine; in CI nothing is.
pub(crate) fn skipped(why: &str) {
    assert!(std::env::var_os("DTR_CI").is_none(), "{why}");
    eprintln!("SKIPPED: {why}");
}

/// What a register's schema said before a table of it was lost.
pub(crate) struct Lost(Vec<(i64, Option<String>)>);

/// Takes a table away from a register in use.
pub(crate) fn lose_table(database: &rusqlite::Connection, table: &str) -> Lost {
    let rows = database
        .prepare("SELECT rowid, sql FROM sqlite_schema")
        .and_then(|mut all| {
            let rows = all.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            rows.collect()
        });
    let rename = format!("ALTER TABLE {table} RENAME TO borte");
    database.execute_batch(&rename).unwrap();
    Lost(rows.unwrap())
}

/// Gives it back, with the schema as it was to the letter: renaming writes names in another way.
pub(crate) fn give_back(database: &rusqlite::Connection, table: &str, lost: Lost) {
    let rename = format!("ALTER TABLE borte RENAME TO {table}; PRAGMA writable_schema = ON");
    database.execute_batch(&rename).unwrap();
    for row in lost.0 {
        let sql = "UPDATE sqlite_schema SET sql = ?2 WHERE rowid = ?1";
        database.execute(sql, row).unwrap();
    }
    let version: i64 = database
        .pragma_query_value(None, "schema_version", |row| row.get(0))
        .unwrap();
    database
        .execute_batch(&format!(
            "PRAGMA schema_version = {}; PRAGMA writable_schema = RESET",
            version + 1
        ))
        .unwrap();
}
