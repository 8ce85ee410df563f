//! An index made from the register as it stands: every record in portions, each portion a short view of its own.

use std::collections::HashSet;
use std::ops::ControlFlow;
use std::sync::Weak;

use rusqlite::Connection;

use super::Trouble;
use super::entry::{Entry, Names};
use super::index::{self, INDEXES, Standing};
use crate::register::{Institutionsnummer, Niveau, Record};
use crate::store::{self, Moment, Portion, Read, Selection, Store, StoreError, StoreExt as _};

/// Records read at a time.
const PORTION: usize = 500;
/// Portions written in one transaction.
const PORTIONS: usize = 20;
/// Words that are remembered as written, so that most are not written again.
const WORDS: usize = 100_000;
/// Pages of the index of words that are merged at a time.
const PAGES: i32 = 2000;

/// The register, for as long as it is open.
#[derive(Clone)]
pub(super) struct Source(pub(super) Weak<dyn Store>);

impl Source {
    pub(super) fn read<T>(
        &self,
        job: impl FnOnce(&dyn Read) -> store::Result<T>,
    ) -> store::Result<T> {
        let store = self.0.upgrade().ok_or(StoreError::Closed)?;
        store.read(job)
    }

    fn read_long<T>(&self, job: impl FnOnce(&dyn Read) -> store::Result<T>) -> store::Result<T> {
        let store = self.0.upgrade().ok_or(StoreError::Closed)?;
        store.read_long(job)
    }
}

/// Told how many records of how many are done; says whether to go on.
pub(super) type Progress<'a> = &'a mut dyn FnMut(u64, u64) -> ControlFlow<()>;

/// Fills an empty database with the index of a register, and tells where it stands.
///
/// All records are those of one moment, and no view of the register lasts longer than reading their numbers takes.
pub(super) fn fill(
    conn: &mut Connection,
    source: &Source,
    names: &Names,
    progress: Progress<'_>,
) -> Result<Standing, Trouble> {
    index::make(conn)?;
    let (position, counts) = source.read(|view| Ok((view.position()?, view.counts()?)))?;
    let of: u64 = counts.iter().map(|(open, closed)| open + closed).sum();
    let moment = Moment::Sekvens(position.sekvens);
    let mut written = Written::default();
    let mut done = 0;
    // What stands under others has something from them, so they go first.
    for niveau in Niveau::ALL {
        let numbers = source.read_long(|view| numbers(view, niveau))?;
        for portions in numbers.chunks(PORTION * PORTIONS) {
            let tx = conn.transaction()?;
            for portion in portions.chunks(PORTION) {
                let records = source.read(|view| records(view, moment, portion))?;
                for record in &records {
                    written.put(&tx, names, record)?;
                }
                done += records.len() as u64;
                if progress(done.min(of), of).is_break() {
                    return Err(Trouble::Stopped);
                }
            }
            tx.commit()?;
        }
    }
    finish(conn, progress, of)?;
    let standing = Standing {
        epoke: position.epoke,
        sekvens: position.sekvens,
    };
    index::keep_standing(conn, names, standing)?;
    Ok(standing)
}

/// The numbers of a level, in order.
fn numbers(view: &dyn Read, niveau: Niveau) -> store::Result<Vec<Institutionsnummer>> {
    let all = Selection {
        niveau: Some(niveau),
        inkluder_nedlagte: true,
        ..Selection::default()
    };
    let mut numbers = Vec::new();
    view.records(&all, &mut |record| {
        numbers.push(record.nummer);
        ControlFlow::Continue(())
    })?;
    Ok(numbers)
}

fn records(
    view: &dyn Read,
    moment: Moment,
    numbers: &[Institutionsnummer],
) -> store::Result<Vec<Record>> {
    let mut records = Vec::with_capacity(numbers.len());
    view.chosen_on(moment, Portion::Disse(numbers), &mut |record| {
        records.push(record);
        ControlFlow::Continue(())
    })?;
    Ok(records)
}

/// Words that have been written to the list of words, as far as they are remembered.
#[derive(Default)]
struct Written(HashSet<String>);

impl Written {
    fn put(&mut self, conn: &Connection, names: &Names, record: &Record) -> Result<(), Trouble> {
        let entry = Entry::new(record, index::above(conn, record)?);
        index::put(conn, None, &entry)?;
        index::put_words(conn, names, &entry, |word| self.is_new(word))?;
        Ok(())
    }

    fn is_new(&mut self, word: &str) -> bool {
        if self.0.contains(word) {
            return false;
        }
        if self.0.len() == WORDS {
            self.0.clear();
        }
        self.0.insert(word.to_owned())
    }
}

/// What is made when all records are there.
fn finish(conn: &Connection, progress: Progress<'_>, of: u64) -> Result<(), Trouble> {
    let mut go_on = || match progress(of, of) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => Err(Trouble::Stopped),
    };
    for sql in INDEXES {
        conn.execute_batch(sql)?;
        go_on()?;
    }
    // One list for each word is read faster than many: the first call begins to merge all, the others go on with it.
    let mut pages = -PAGES;
    loop {
        let before = conn.total_changes();
        conn.execute("INSERT INTO ord (ord, rank) VALUES ('merge', ?1)", [pages])?;
        go_on()?;
        if conn.total_changes() - before < 2 {
            return Ok(());
        }
        pages = PAGES;
    }
}
