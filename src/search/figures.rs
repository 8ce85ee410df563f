//! Figures: how many records of which kind there are, kept in the index as counters, so that they cost the same at any size.

use std::collections::BTreeMap;

use rusqlite::{Connection, params};

use super::cell::SIDE;
use super::entry::{Entry, level};
use crate::register::{Kommunekode, Niveau};

/// Figures of the register or of a kommune.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Figures {
    /// Open and closed records, by level from the top.
    pub levels: [[u64; 2]; 3],
    /// Open anvisningsenheder by type.
    pub types: BTreeMap<i32, u64>,
    /// Open daginstitutioner by ownership.
    pub ownership: BTreeMap<i32, u64>,
    /// Anvisningsenheder opened and closed, by year.
    pub years: BTreeMap<i32, [u64; 2]>,
    /// Where open records with an address lie.
    pub cells: Vec<Cell>,
}

/// A place on the map, about 230 m wide and tall, with open records in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell {
    /// From the west.
    pub x: u32,
    /// From the north.
    pub y: u32,
    /// How many.
    pub count: u64,
}

/// What a counter counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Open = 1,
    Closed = 2,
    Type = 3,
    Ownership = 4,
    OpenedIn = 5,
    ClosedIn = 6,
    Cell = 7,
}

/// The counters that a record counts in.
fn counters(entry: &Entry) -> impl Iterator<Item = (Kind, i64)> {
    let own = i64::from(level(entry.niveau));
    let is_unit = entry.niveau == Niveau::Anvisningsenhed;
    let is_top = entry.niveau == Niveau::Daginstitution;
    let state = if entry.open { Kind::Open } else { Kind::Closed };
    let open = |is: bool| (is && entry.open).then_some(());
    let unit = || is_unit.then_some(());
    [
        Some((state, own)),
        open(is_unit).and_then(|()| Some((Kind::Type, entry.inst_type?.into()))),
        open(is_top).and_then(|()| Some((Kind::Ownership, entry.ejerform?.into()))),
        unit().and_then(|()| Some((Kind::OpenedIn, entry.opened?.into()))),
        unit().and_then(|()| Some((Kind::ClosedIn, entry.closed?.into()))),
        open(true).and_then(|()| Some((Kind::Cell, entry.cell?.into()))),
    ]
    .into_iter()
    .flatten()
}

/// Counts a record as it is, and no longer as it was.
pub(super) fn count(
    conn: &Connection,
    before: Option<&Entry>,
    after: &Entry,
) -> rusqlite::Result<()> {
    let mut add = conn.prepare_cached(
        "INSERT INTO tal (kommune, art, kode, antal) VALUES (?1, ?2, ?3, ?4) \
         ON CONFLICT DO UPDATE SET antal = antal + excluded.antal",
    )?;
    let both = before
        .map(|entry| (entry, -1))
        .into_iter()
        .chain([(after, 1)]);
    for (entry, by) in both {
        for (kind, code) in counters(entry) {
            let kommune = entry.kommune.unwrap_or(0);
            add.execute(params![kommune, kind as i64, code, by])?;
        }
    }
    Ok(())
}

/// The figures of a kommune, or of all.
pub(super) fn read(conn: &Connection, kommune: Option<Kommunekode>) -> rusqlite::Result<Figures> {
    let mut figures = Figures::default();
    let sql = match kommune {
        Some(_) => {
            "SELECT art, kode, antal FROM tal WHERE kommune = ?1 AND antal > 0 ORDER BY art, kode"
        }
        None => {
            "SELECT art, kode, SUM(antal) FROM tal WHERE ?1 IS NULL GROUP BY art, kode \
             HAVING SUM(antal) > 0 ORDER BY art, kode"
        }
    };
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query([kommune.map(|code| code.0)])?;
    while let Some(row) = rows.next()? {
        let (kind, code, count): (i64, i64, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
        figures.take(kind, code, count.unsigned_abs());
    }
    Ok(figures)
}

/// How many open anvisningsenheder each kommune has.
pub(super) fn units(conn: &Connection) -> rusqlite::Result<BTreeMap<u16, u64>> {
    let sql = "SELECT kommune, antal FROM tal WHERE art = ?1 AND kode = ?2 AND antal > 0";
    let mut statement = conn.prepare_cached(sql)?;
    let unit = level(Niveau::Anvisningsenhed);
    let rows = statement.query_map(params![Kind::Open as i64, unit], |row| {
        Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs()))
    })?;
    rows.collect()
}

impl Figures {
    fn take(&mut self, kind: i64, code: i64, count: u64) {
        let narrow = i32::try_from(code).unwrap_or_default();
        let is = |own: Kind| kind == own as i64;
        let level = usize::try_from(code - 1).ok();
        if is(Kind::Open) || is(Kind::Closed) {
            let level = level.and_then(|level| self.levels.get_mut(level));
            level
                .into_iter()
                .for_each(|both| both[usize::from(is(Kind::Closed))] = count);
        } else if is(Kind::Type) {
            self.types.insert(narrow, count);
        } else if is(Kind::Ownership) {
            self.ownership.insert(narrow, count);
        } else if is(Kind::OpenedIn) || is(Kind::ClosedIn) {
            self.years.entry(narrow).or_default()[usize::from(is(Kind::ClosedIn))] = count;
        } else if is(Kind::Cell) {
            let code = u32::try_from(code).unwrap_or_default();
            self.cells.push(Cell {
                x: code % SIDE,
                y: code / SIDE,
                count,
            });
        }
    }
}
