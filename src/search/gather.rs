//! The records that are hits, gathered in the order of their worth.
//!
//! Gathering ends when there is more than is counted. Terms that have few records are read to their end, and each record is looked
//! at; of terms that have many the first in the order of numbers are taken. So a word that half of the register has costs no more
//! than a rare one.

use std::collections::HashSet;

use rusqlite::{Connection, params};

use super::asked::{Asked, COUNTED, Shown};
use super::entry::{self, Entry, level};
use super::index;
use super::terms::{LAST, beginning, bound, quoted, quoted_all};
use crate::register::{Institutionsnummer, Kommunekode};

/// Names that are looked at to find those that begin with the words and pass the filters. Those behind are found by their words.
const NAMES: i64 = 5000;
/// Records that terms have at most to be looked at each.
const FEW: usize = COUNTED + COUNTED / 2;

/// The records that are named by number, and those that are hits by their words. There may be more than are counted.
pub(super) fn gather(
    conn: &Connection,
    asked: &Asked,
    named: &[Institutionsnummer],
) -> rusqlite::Result<Vec<Candidate>> {
    let mut gathering = Gathering {
        conn,
        asked,
        words: asked.words.folded(),
        seen: HashSet::new(),
        found: Vec::new(),
        first: 0,
    };
    gathering.named(named)?;
    if !asked.is_empty() {
        gathering.gather()?;
    }
    Ok(gathering.found)
}

/// Why a record is found, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Worth {
    /// Its number, P-number or CVR number is what is searched for.
    Number,
    /// Its name begins with the words.
    Begins,
    /// All words are in its name.
    Name,
    /// All words are in its name, address or numbers.
    Words,
    /// The last word begins one of them.
    Beginning,
}

/// A record that is found. The order of its parts is the order of hits.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Candidate {
    not_named: bool,
    closed: bool,
    worth: Worth,
    folded: String,
    pub(super) id: i64,
}

struct Gathering<'a> {
    conn: &'a Connection,
    asked: &'a Asked,
    words: Vec<String>,
    seen: HashSet<i64>,
    found: Vec<Candidate>,
    /// How many of them stand before all others: the open ones, unless closed ones are asked for.
    first: usize,
}

/// What a record's row says to who decides whether it is a hit, and which.
struct Looked {
    open: bool,
    folded: String,
    worth: Worth,
}

impl Gathering<'_> {
    /// Whether more is found than is counted, and nothing that comes yet stands before it.
    fn is_full(&self) -> bool {
        self.first > COUNTED
    }

    fn add(&mut self, id: i64, looked: Looked) {
        let Looked {
            open,
            folded,
            worth,
        } = looked;
        if self.seen.insert(id) {
            self.first += usize::from(open || self.asked.shown == Shown::Closed);
            self.found.push(Candidate {
                not_named: worth != Worth::Number,
                closed: !open,
                worth,
                folded,
                id,
            });
        }
    }

    /// Open and closed, as they are asked for.
    fn states(&self) -> &'static [Shown] {
        match self.asked.shown {
            Shown::All => &[Shown::Open, Shown::Closed],
            Shown::Open => &[Shown::Open],
            Shown::Closed => &[Shown::Closed],
        }
    }

    /// The records of these numbers.
    fn named(&mut self, numbers: &[Institutionsnummer]) -> rusqlite::Result<()> {
        for number in numbers {
            let found = index::entry(self.conn, entry::id(*number))?;
            if let Some(entry) = found.filter(|entry| passes(entry, self.asked)) {
                let looked = Looked {
                    open: entry.open,
                    folded: entry.folded,
                    worth: Worth::Number,
                };
                self.add(entry.id, looked);
            }
        }
        Ok(())
    }

    fn gather(&mut self) -> rusqlite::Result<()> {
        for shown in self.states() {
            if !self.is_full() {
                self.by_name(*shown)?;
            }
        }
        let Some((last, others)) = self.words.split_last() else {
            return self.by_words(&[], Worth::Words);
        };
        let others: Vec<_> = others.iter().map(|word| quoted(word)).collect();
        let whole = [others.clone(), vec![quoted(last)]].concat();
        let begun = [others, vec![beginning(self.conn, last)?]].concat();
        self.by_words(&whole, Worth::Words)?;
        if begun == whole {
            return Ok(());
        }
        self.by_words(&begun, Worth::Beginning)
    }

    /// Those whose name begins with the words.
    fn by_name(&mut self, shown: Shown) -> rusqlite::Result<()> {
        // Written out twice: only with a value that is there can SQLite go along the index of kommuner.
        let sql = match self.asked.kommune {
            None => {
                "SELECT id, foldet FROM (SELECT id, foldet, kommune, inst_type, ejerform, niveau FROM post \
                 INDEXED BY post_navn WHERE aktiv = ?1 AND foldet >= ?2 AND foldet < ?3 ORDER BY foldet, id LIMIT ?8) \
                 WHERE ?4 IS NULL AND (?5 IS NULL OR inst_type = ?5) AND (?6 IS NULL OR ejerform = ?6) \
                 AND (?7 IS NULL OR niveau = ?7) LIMIT ?9"
            }
            Some(_) => {
                "SELECT id, foldet FROM (SELECT id, foldet, kommune, inst_type, ejerform, niveau FROM post \
                 INDEXED BY post_kommune WHERE aktiv = ?1 AND kommune = ?4 AND foldet >= ?2 AND foldet < ?3 \
                 ORDER BY foldet, id LIMIT ?8) \
                 WHERE (?5 IS NULL OR inst_type = ?5) AND (?6 IS NULL OR ejerform = ?6) \
                 AND (?7 IS NULL OR niveau = ?7) LIMIT ?9"
            }
        };
        let first = self.words.join(" ");
        let open = shown == Shown::Open;
        let mut statement = self.conn.prepare_cached(sql)?;
        let mut rows = statement.query(params![
            open,
            first,
            format!("{first}{LAST}"),
            self.asked.kommune.map(|kommune| kommune.0),
            self.asked.inst_type,
            self.asked.ejerform,
            self.asked.niveau.map(level),
            NAMES,
            bound(COUNTED + 1),
        ])?;
        while let Some(row) = rows.next()? {
            let looked = Looked {
                open,
                folded: row.get(1)?,
                worth: Worth::Begins,
            };
            self.add(row.get(0)?, looked);
        }
        Ok(())
    }

    /// Those with all these terms, of the index of words.
    fn by_words(&mut self, terms: &[String], worth: Worth) -> rusqlite::Result<()> {
        if self.is_full() {
            return Ok(());
        }
        // The filters that few records pass; the others have long lists, and a row says the same.
        let closed = (self.asked.shown == Shown::Closed).then_some(Shown::Closed);
        let marks = [
            self.asked.kommune.map(entry::kommune),
            closed.and_then(entry::open),
        ];
        let terms_of_few = [terms, &quoted_all(marks)].concat();
        let few = self.matching(&terms_of_few, FEW)?;
        if let Some(ids) = few.filter(|ids| ids.len() < FEW) {
            for id in ids {
                if !self.seen.contains(&id)
                    && let Some(looked) = self.look(id, worth)?
                {
                    self.add(id, looked);
                }
            }
            return Ok(());
        }
        for shown in self.states() {
            if self.is_full() {
                break;
            }
            let all = [terms, &self.marks(*shown)].concat();
            for id in self.matching(&all, COUNTED + 1)?.unwrap_or_default() {
                let looked = Looked {
                    open: *shown == Shown::Open,
                    folded: String::new(),
                    worth,
                };
                self.add(id, looked);
            }
        }
        Ok(())
    }

    /// The first records with all these terms, by number; none without a term.
    fn matching(&self, terms: &[String], most: usize) -> rusqlite::Result<Option<Vec<i64>>> {
        if terms.is_empty() {
            return Ok(None);
        }
        let sql = "SELECT rowid FROM ord WHERE ord MATCH ?1 ORDER BY rowid LIMIT ?2";
        let mut statement = self.conn.prepare_cached(sql)?;
        let query = terms.join(" AND ");
        let rows = statement.query_map(params![query, bound(most)], |row| row.get(0))?;
        rows.collect::<rusqlite::Result<_>>().map(Some)
    }

    /// Looks at a record that has the terms: what it is worth, perhaps more than they; none where it does not pass the filters.
    fn look(&self, id: i64, worth: Worth) -> rusqlite::Result<Option<Looked>> {
        let sql = "SELECT aktiv, foldet, p_nummer, cvr FROM post WHERE id = ?1 AND aktiv IN (?2, ?3) \
             AND (?4 IS NULL OR inst_type = ?4) AND (?5 IS NULL OR ejerform = ?5) AND (?6 IS NULL OR niveau = ?6)";
        let asked = self.asked;
        let mut statement = self.conn.prepare_cached(sql)?;
        // Of open and closed: both, or the one twice.
        let mut rows = statement.query(params![
            id,
            asked.shown != Shown::Closed,
            asked.shown == Shown::Open,
            asked.inst_type,
            asked.ejerform,
            asked.niveau.map(level),
        ])?;
        let Some(row) = rows.next()? else {
            return Ok(None);
        };
        let folded: String = row.get(1)?;
        let numbers: [Option<String>; 2] = [row.get(2)?, row.get(3)?];
        let is_number =
            matches!(&self.words[..], [word] if numbers.iter().flatten().any(|own| own == word));
        let worth = match is_number {
            true => Worth::Number,
            false if self.is_in_name(&folded) => Worth::Name,
            false => worth,
        };
        Ok(Some(Looked {
            open: row.get(0)?,
            folded,
            worth,
        }))
    }

    /// Whether all words are in a name, the last one perhaps begun.
    fn is_in_name(&self, folded: &str) -> bool {
        let Some((last, others)) = self.words.split_last() else {
            return false;
        };
        others
            .iter()
            .all(|word| folded.split(' ').any(|own| own == word))
            && folded.split(' ').any(|own| own.starts_with(last))
    }

    fn marks(&self, shown: Shown) -> Vec<String> {
        let asked = self.asked;
        let marks = [
            entry::open(shown),
            asked.kommune.map(entry::kommune),
            asked.inst_type.map(entry::inst_type),
            asked.ejerform.map(entry::ejerform),
            asked.niveau.map(entry::niveau),
        ];
        quoted_all(marks)
    }
}

/// Whether a record passes the filters.
fn passes(entry: &Entry, asked: &Asked) -> bool {
    let shown = match asked.shown {
        Shown::All => true,
        Shown::Open => entry.open,
        Shown::Closed => !entry.open,
    };
    let kommune = entry.kommune.map(Kommunekode);
    shown
        && (asked.kommune.is_none() || asked.kommune == kommune)
        && (asked.inst_type.is_none() || asked.inst_type == entry.inst_type)
        && (asked.ejerform.is_none() || asked.ejerform == entry.ejerform)
        && asked.niveau.is_none_or(|niveau| niveau == entry.niveau)
}
