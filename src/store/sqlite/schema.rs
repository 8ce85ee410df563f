//! The schema of a register's file, which must be exactly what the migrations make: every table, index, trigger and view,
//! character by character. A backup comes from elsewhere, and whoever can write to a file can put a trigger into it that
//! gives rights with the next write.
//!
//! What is compared is what SQLite keeps of the statements that made the schema, against a register made in memory.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use rusqlite::{Connection, TransactionBehavior};

use super::migrate;
use super::query::all;
use crate::store::{Result, StoreError};

/// How many differences are told.
const TOLD: usize = 10;

/// How much of a name that is in the file is told, in characters.
const LONGEST: usize = 80;

/// One row of the schema.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Part {
    kind: String,
    name: String,
    table: String,
    sql: Option<String>,
}

impl Part {
    /// `trigger "post_aldrig_vaek"`: a name from a file may be anything, and is shown as such.
    fn shown(&self) -> String {
        let short = |text: &str| text.chars().take(LONGEST).collect::<String>();
        format!("{:?} {:?}", short(&self.kind), short(&self.name))
    }
}

/// Brings a database to the version of this binary. Several processes may do so at once.
///
/// No step runs over a schema that is not exactly that of its version, and none is left otherwise: a trigger that somebody
/// else put into the file would run with the first write.
pub(super) fn migrate(conn: &mut Connection) -> Result<()> {
    while reached(conn)? < migrate::VERSION {
        let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        // Another process may have been faster.
        let reached = reached(&tx)?;
        if reached < migrate::VERSION {
            migrate::step(&tx, reached)?;
        }
        tx.commit()?;
    }
    Ok(())
}

/// The version of a database whose schema is exactly that of this version.
pub(super) fn reached(conn: &Connection) -> Result<usize> {
    // Version and schema of one moment.
    let view = conn
        .is_autocommit()
        .then(|| conn.unchecked_transaction())
        .transpose()?;
    let version = migrate::version(conn)?;
    check(conn, version)?;
    drop(view);
    Ok(version)
}

/// Refuses a database whose schema is not exactly that of a version.
///
/// # Errors
/// [`StoreError::Corrupt`] names what differs.
pub(super) fn check(conn: &Connection, version: usize) -> Result<()> {
    let found = parts(conn)?;
    let differences = match version {
        // Each start and each command asks for this one.
        migrate::VERSION => {
            static OWN: OnceLock<Vec<Part>> = OnceLock::new();
            let own = match OWN.get() {
                Some(own) => own,
                None => {
                    let made = expected(version)?;
                    OWN.get_or_init(|| made)
                }
            };
            differences(&found, own)
        }
        older => differences(&found, &expected(older)?),
    };
    if differences.is_empty() {
        return Ok(());
    }
    let more = match differences.len().saturating_sub(TOLD) {
        0 => String::new(),
        more => format!("; and {more} more"),
    };
    let told: Vec<_> = differences.into_iter().take(TOLD).collect();
    Err(StoreError::Corrupt(format!(
        "the schema of the file is not the one that this program made ({}{more}): somebody has changed the file, so nothing \
         in it is believed; use a backup from before that",
        told.join("; ")
    )))
}

/// The number that SQLite changes with each change of the schema, whoever makes it.
pub(super) fn cookie(conn: &Connection) -> Result<i64> {
    Ok(conn.pragma_query_value(None, "schema_version", |row| row.get(0))?)
}

fn expected(version: usize) -> Result<Vec<Part>> {
    let example = Connection::open_in_memory()?;
    migrate::make(&example, version)?;
    parts(&example)
}

fn parts(conn: &Connection) -> Result<Vec<Part>> {
    let sql = "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name";
    all(conn, sql, [], |row| {
        Ok(Part {
            kind: row.get(0)?,
            name: row.get(1)?,
            table: row.get(2)?,
            sql: row.get(3)?,
        })
    })
}

/// What a schema has that it should not have, has otherwise, or lacks.
fn differences(found: &[Part], expected: &[Part]) -> Vec<String> {
    let named = |of: &Part| (of.kind.clone(), of.name.clone());
    let known: BTreeSet<_> = expected.iter().map(named).collect();
    let there: BTreeSet<_> = found.iter().map(named).collect();
    let mut told: Vec<String> = found
        .iter()
        .filter(|part| !expected.contains(part))
        .map(|part| {
            if known.contains(&named(part)) {
                format!("{} is changed", part.shown())
            } else {
                format!("{} was added", part.shown())
            }
        })
        .collect();
    if told.is_empty() && found.len() > expected.len() {
        told.push("a part of it is there twice".to_owned());
    }
    let lost = expected.iter().filter(|part| !there.contains(&named(part)));
    told.extend(lost.map(|part| format!("{} is missing", part.shown())));
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example(version: usize) -> Connection {
        let conn = Connection::open_in_memory().unwrap();
        migrate::make(&conn, version).unwrap();
        conn
    }

    /// What is told of a register of this version after it was tampered with.
    fn told(tampering: &str) -> String {
        let conn = example(migrate::VERSION);
        conn.execute_batch(tampering).unwrap();
        match check(&conn, migrate::VERSION) {
            Ok(()) => String::new(),
            Err(StoreError::Corrupt(why)) => why,
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn every_version_is_as_its_migrations_make_it() {
        for version in 0..=migrate::VERSION {
            check(&example(version), version).unwrap();
        }
        let older = example(migrate::VERSION - 1);
        assert!(check(&older, migrate::VERSION).is_err());
    }

    #[test]
    fn whatever_is_added_changed_or_missing_is_named() {
        for (tampering, part) in [
            (
                "CREATE TRIGGER ny AFTER INSERT ON aendring BEGIN UPDATE organisation SET art = 'operatoer'; END",
                r#""trigger" "ny" was added"#,
            ),
            ("CREATE VIEW v AS SELECT 1", r#""view" "v" was added"#),
            (
                "CREATE TABLE t (x); CREATE INDEX i ON t (x)",
                r#""index" "i" was added; "table" "t" was added"#,
            ),
            (
                "DROP INDEX post_cvr; CREATE INDEX post_cvr ON post (cvr)",
                r#""index" "post_cvr" is changed"#,
            ),
            (
                "DROP TRIGGER post_aldrig_vaek; CREATE TRIGGER post_aldrig_vaek BEFORE DELETE ON post BEGIN SELECT 1; END",
                r#""trigger" "post_aldrig_vaek" is changed"#,
            ),
            (
                "DROP TRIGGER revision_aldrig_om",
                r#""trigger" "revision_aldrig_om" is missing"#,
            ),
            (
                "ALTER TABLE organisation ADD COLUMN x TEXT",
                r#""table" "organisation" is changed"#,
            ),
            (
                "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, 'aktiv IN (0, 1)', '1') \
                 WHERE name = 'post'",
                r#""table" "post" is changed"#,
            ),
            ("ANALYZE", r#""table" "sqlite_stat1" was added"#),
        ] {
            let why = told(tampering);
            assert!(why.contains(part), "{tampering}: {why}");
        }
        assert_eq!(told("SELECT 1"), "");
    }

    #[test]
    fn names_from_a_file_steer_no_terminal_and_fill_no_screen() {
        let name = format!("\u{1b}[2J{}", "x".repeat(5_000));
        let why = told(&format!("CREATE TABLE \"{name}\" (a)"));
        assert!(!why.contains('\u{1b}') && why.len() < 1_000, "{why}");
        let many: String = (0..50).map(|n| format!("CREATE TABLE t{n} (a);")).collect();
        assert!(told(&many).contains("and 40 more"));
    }
}
