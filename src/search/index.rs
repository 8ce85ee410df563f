//! The index in its file: tables, writing records, following changes. The file is its own; `store` knows nothing of it.
//!
//! Invariant: what the index holds and the change that it stands at are written in one transaction.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use rusqlite::{Connection, OpenFlags, OptionalExtension as _, Row, params};
use uuid::Uuid;

use super::entry::{Entry, Inherited, Names, id, level};
use super::figures;
use crate::register::{Niveau, Record, Sekvens};
use crate::store::Aendring;

/// The form of the file: another form is made anew.
const FORM: &str = "2";

/// Lengths of beginnings that are looked up directly; longer ones by way of the words that begin so.
pub(super) const BEGINNINGS: usize = 4;

const TABLES: &str = "
CREATE TABLE stand (
    id      INTEGER PRIMARY KEY CHECK (id = 1),
    form    TEXT NOT NULL,
    epoke   TEXT NOT NULL,
    sekvens INTEGER NOT NULL
) STRICT;
CREATE TABLE post (
    id        INTEGER PRIMARY KEY,
    version   INTEGER NOT NULL,
    niveau    INTEGER NOT NULL,
    foraelder INTEGER,
    aktiv     INTEGER NOT NULL,
    kommune   INTEGER,
    ejerform  INTEGER,
    inst_type INTEGER,
    navn      TEXT NOT NULL,
    foldet    TEXT NOT NULL,
    adresse   TEXT,
    p_nummer  TEXT,
    cvr       TEXT,
    afloest   TEXT,
    skole     TEXT,
    aabnet    INTEGER,
    lukket    INTEGER,
    felt      INTEGER
) STRICT;
CREATE TABLE tal (
    kommune INTEGER NOT NULL,
    art     INTEGER NOT NULL,
    kode    INTEGER NOT NULL,
    antal   INTEGER NOT NULL,
    PRIMARY KEY (kommune, art, kode)
) STRICT, WITHOUT ROWID;
CREATE TABLE ordbog (ord TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE VIRTUAL TABLE ord USING fts5(
    tekst, content='', contentless_delete=1, detail='none', prefix='1 2 3 4', tokenize=\"ascii tokenchars '='\"
);
INSERT INTO ord(ord, rank) VALUES('hashsize', 16777216);
";

/// Made when the records are there: each holds what filters ask, so that a search by name reads nothing else.
pub(super) const INDEXES: [&str; 3] = [
    "CREATE INDEX post_navn ON post (aktiv, foldet, id, kommune, inst_type, ejerform, niveau)",
    "CREATE INDEX post_kommune ON post (aktiv, kommune, foldet, id, inst_type, ejerform, niveau)",
    "CREATE INDEX post_foraelder ON post (foraelder) WHERE foraelder IS NOT NULL",
];

/// Where an index stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Standing {
    pub(super) epoke: Uuid,
    pub(super) sekvens: Sekvens,
}

/// Makes the tables in an empty database that nobody else sees yet, and that is thrown away when it is not finished.
pub(super) fn make(conn: &Connection) -> rusqlite::Result<()> {
    conn.execute_batch(
        "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE; PRAGMA cache_size = -32768;",
    )?;
    conn.execute_batch(TABLES)
}

/// Opens a finished index to be written.
pub(super) fn writable(file: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(file, flags)?;
    conn.busy_timeout(std::time::Duration::from_secs(5))?;
    conn.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -8192; PRAGMA journal_size_limit = 8388608;",
    )?;
    Ok(conn)
}

/// Opens a finished index to be read, beside whoever writes it.
pub(super) fn readable(file: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(file, flags)?;
    conn.busy_timeout(std::time::Duration::from_secs(5))?;
    conn.execute_batch("PRAGMA query_only = ON; PRAGMA cache_size = -8192;")?;
    Ok(conn)
}

/// Where an index stands; none when it is of another form or other names, or not finished.
pub(super) fn standing(conn: &Connection, names: &Names) -> rusqlite::Result<Option<Standing>> {
    let row = conn
        .query_row(
            "SELECT form, epoke, sekvens FROM stand WHERE id = 1",
            [],
            |row| {
                let texts = (row.get::<_, String>(0)?, row.get::<_, String>(1)?);
                Ok((texts, row.get::<_, i64>(2)?))
            },
        )
        .optional()?;
    Ok(row.and_then(|((form, epoke), sekvens)| {
        (form == self::form(names)).then_some(())?;
        Some(Standing {
            epoke: Uuid::parse_str(&epoke).ok()?,
            sekvens: Sekvens(u64::try_from(sekvens).ok()?),
        })
    }))
}

/// Says where an index stands.
pub(super) fn keep_standing(
    conn: &Connection,
    names: &Names,
    standing: Standing,
) -> rusqlite::Result<()> {
    let sql = "INSERT OR REPLACE INTO stand (id, form, epoke, sekvens) VALUES (1, ?1, ?2, ?3)";
    let sekvens = i64::try_from(standing.sekvens.0).unwrap_or(i64::MAX);
    conn.prepare_cached(sql)?
        .execute(params![form(names), standing.epoke.to_string(), sekvens])?;
    Ok(())
}

fn form(names: &Names) -> String {
    format!("{FORM}:{}", names.mark)
}

/// Whether SQLite finds nothing wrong with the file. Reads the whole of it.
pub(super) fn is_whole(conn: &Connection) -> rusqlite::Result<bool> {
    conn.query_row("PRAGMA quick_check(1)", [], |row| {
        Ok(row.get::<_, String>(0)? == "ok")
    })
}

/// Carries changes out and says that the index stands at the last of them. Those that it holds already change nothing.
pub(super) fn apply(
    conn: &mut Connection,
    names: &Names,
    changes: &[Aendring],
    standing: Standing,
) -> rusqlite::Result<()> {
    let tx = conn.transaction()?;
    // The last of each record, by its place.
    let newest: BTreeMap<i64, &Record> = changes
        .iter()
        .map(|change| (id(change.record.nummer), &change.record))
        .collect();
    let mut touched = BTreeSet::new();
    // What stands under others has something from them, so they go first.
    for niveau in Niveau::ALL {
        let own = newest.values().filter(|record| record.niveau() == niveau);
        for record in own {
            place(&tx, record, &mut touched)?;
        }
    }
    // The index of words takes them fastest in the order of places.
    for id in touched {
        if let Some(entry) = entry(&tx, id)? {
            put_words(&tx, names, &entry, |_| true)?;
        }
    }
    keep_standing(&tx, names, standing)?;
    tx.commit()
}

/// Puts a record in its place, and hands on to those under it what they have from it. Notes whose words are to be written.
fn place(conn: &Connection, record: &Record, touched: &mut BTreeSet<i64>) -> rusqlite::Result<()> {
    let own = id(record.nummer);
    let before = entry(conn, own)?;
    if before
        .as_ref()
        .is_some_and(|before| before.version >= record.life.version)
    {
        return Ok(());
    }
    let new = Entry::new(record, above(conn, record)?);
    put(conn, before.as_ref(), &new)?;
    touched.insert(own);
    if before.is_none_or(|before| before.gives() == new.gives()) {
        return Ok(());
    }
    for unit in under(conn, own)? {
        let gives = hand_on(conn, unit, new.gives(), touched)?;
        for address in under(conn, unit)? {
            hand_on(conn, address, gives, touched)?;
        }
    }
    Ok(())
}

/// What a record has from above.
pub(super) fn above(conn: &Connection, record: &Record) -> rusqlite::Result<Inherited> {
    let parent = record.content.parent().map(id);
    let parent = parent.map(|id| entry(conn, id)).transpose()?.flatten();
    Ok(parent.map(|parent| parent.gives()).unwrap_or_default())
}

/// Gives a record what it has from above now; tells what it gives in turn.
fn hand_on(
    conn: &Connection,
    id: i64,
    above: Inherited,
    touched: &mut BTreeSet<i64>,
) -> rusqlite::Result<Inherited> {
    let Some(mut entry) = entry(conn, id)? else {
        return Ok(above);
    };
    let before = entry.clone();
    (entry.kommune, entry.ejerform) = (above.kommune, above.ejerform);
    if entry.niveau == Niveau::AlternativAdresse {
        entry.inst_type = above.inst_type;
    }
    put(conn, Some(&before), &entry)?;
    touched.insert(id);
    Ok(entry.gives())
}

fn under(conn: &Connection, id: i64) -> rusqlite::Result<Vec<i64>> {
    let mut statement = conn.prepare_cached("SELECT id FROM post WHERE foraelder = ?1")?;
    statement.query_map([id], |row| row.get(0))?.collect()
}

/// Writes a record, without its words.
pub(super) fn put(
    conn: &Connection,
    before: Option<&Entry>,
    entry: &Entry,
) -> rusqlite::Result<()> {
    figures::count(conn, before, entry)?;
    let sql = "INSERT OR REPLACE INTO post (id, version, niveau, foraelder, aktiv, kommune, ejerform, inst_type, \
         navn, foldet, adresse, p_nummer, cvr, afloest, skole, aabnet, lukket, felt) \
         VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)";
    conn.prepare_cached(sql)?.execute(params![
        entry.id,
        entry.version,
        level(entry.niveau),
        entry.parent,
        entry.open,
        entry.kommune,
        entry.ejerform,
        entry.inst_type,
        entry.name,
        entry.folded,
        entry.address,
        entry.p_number,
        entry.cvr,
        entry.successors,
        entry.school,
        entry.opened,
        entry.closed,
        entry.cell,
    ])?;
    Ok(())
}

/// Writes the words of a record in the place of those that it had. The list of all words gets those that are said to be new.
pub(super) fn put_words(
    conn: &Connection,
    names: &Names,
    entry: &Entry,
    mut is_new: impl FnMut(&str) -> bool,
) -> rusqlite::Result<()> {
    let (text, begun) = entry.text(names);
    conn.prepare_cached("INSERT OR REPLACE INTO ord (rowid, tekst) VALUES (?1, ?2)")?
        .execute(params![entry.id, text])?;
    let mut list = conn.prepare_cached("INSERT OR IGNORE INTO ordbog (ord) VALUES (?1)")?;
    for word in begun {
        if is_new(&word) {
            list.execute([word])?;
        }
    }
    Ok(())
}

/// The record in a place.
pub(super) fn entry(conn: &Connection, id: i64) -> rusqlite::Result<Option<Entry>> {
    let sql = "SELECT id, version, niveau, foraelder, aktiv, kommune, ejerform, inst_type, navn, foldet, adresse, \
         p_nummer, cvr, afloest, skole, aabnet, lukket, felt FROM post WHERE id = ?1";
    let mut statement = conn.prepare_cached(sql)?;
    statement.query_row([id], read).optional()
}

fn read(row: &Row<'_>) -> rusqlite::Result<Entry> {
    let level_of_row: u8 = row.get(2)?;
    let known = Niveau::ALL
        .into_iter()
        .find(|own| level(*own) == level_of_row);
    let niveau = known.ok_or(rusqlite::Error::IntegralValueOutOfRange(
        2,
        level_of_row.into(),
    ))?;
    Ok(Entry {
        id: row.get(0)?,
        version: row.get(1)?,
        niveau,
        parent: row.get(3)?,
        open: row.get(4)?,
        kommune: row.get(5)?,
        ejerform: row.get(6)?,
        inst_type: row.get(7)?,
        name: row.get(8)?,
        folded: row.get(9)?,
        address: row.get(10)?,
        p_number: row.get(11)?,
        cvr: row.get(12)?,
        successors: row.get(13)?,
        school: row.get(14)?,
        opened: row.get(15)?,
        closed: row.get(16)?,
        cell: row.get(17)?,
    })
}
