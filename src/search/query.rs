//! The hits of what is asked, best first.
//!
//! What is gathered comes in the order of its worth, and gathering ends when there is more than is counted: records named by their
//! number, then by the beginning of the name, then with all words as they were typed, then with the last one begun. So a word that
//! half of the register has costs no more than a rare one.
//!
//! Invariant: words reach the index of words folded and in quotation marks, as texts and never as its language.

use std::collections::HashSet;

use rusqlite::{Connection, params};

use super::asked::{Asked, COUNTED, HITS, Hit, Shown, Total};
use super::entry::{self, Entry, level};
use super::index::{self, BEGINNINGS};
use crate::register::{Institutionsnummer, Kommunekode};

/// Names that are looked at to find those that begin with the words and pass the filters. Those behind are found by their words.
const NAMES: i64 = 5000;
/// Words with one beginning that are asked for each by itself.
const ENDINGS: usize = 200;
/// Stands after every character.
const LAST: char = '\u{10ffff}';

/// The hits of a page, and how many there are, beginning with the records that are named by number.
pub(super) fn find(
    conn: &Connection,
    asked: &Asked,
    named: &[Institutionsnummer],
) -> rusqlite::Result<(Vec<Hit>, Total)> {
    let tx = conn.unchecked_transaction()?;
    let mut gathering = Gathering {
        conn: &tx,
        asked,
        words: asked.words.folded(),
        seen: HashSet::new(),
        found: Vec::new(),
    };
    gathering.named(named)?;
    let states = match asked.shown {
        Shown::All => &[Shown::Open, Shown::Closed][..],
        Shown::Open => &[Shown::Open],
        Shown::Closed => &[Shown::Closed],
    };
    if !asked.is_empty() {
        for shown in states {
            gathering.gather(*shown)?;
        }
    }
    let mut found = gathering.found;
    found.sort_unstable();
    let total = match found.len() {
        more if more > COUNTED => Total::MoreThan(COUNTED),
        exactly => Total::Exactly(exactly),
    };
    found.truncate(COUNTED);
    let page = found.into_iter().skip(asked.page.before()).take(HITS);
    let mut hits = Vec::with_capacity(HITS);
    for candidate in page {
        if let Some(entry) = index::entry(&tx, candidate.id)? {
            hits.extend(hit(&tx, entry)?);
        }
    }
    Ok((hits, total))
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
struct Candidate {
    not_named: bool,
    closed: bool,
    worth: Worth,
    folded: String,
    id: i64,
}

struct Gathering<'a> {
    conn: &'a Connection,
    asked: &'a Asked,
    words: Vec<String>,
    seen: HashSet<i64>,
    found: Vec<Candidate>,
}

impl Gathering<'_> {
    fn is_full(&self) -> bool {
        self.found.len() > COUNTED
    }

    fn add(&mut self, id: i64, open: bool, worth: Worth, folded: String) {
        if !self.is_full() && self.seen.insert(id) {
            self.found.push(Candidate {
                not_named: worth != Worth::Number,
                closed: !open,
                worth,
                folded,
                id,
            });
        }
    }

    /// The records of these numbers.
    fn named(&mut self, numbers: &[Institutionsnummer]) -> rusqlite::Result<()> {
        for number in numbers {
            let found = index::entry(self.conn, entry::id(*number))?;
            if let Some(entry) = found.filter(|entry| passes(entry, self.asked)) {
                self.add(entry.id, entry.open, Worth::Number, entry.folded);
            }
        }
        Ok(())
    }

    /// The open records, or the closed ones.
    fn gather(&mut self, shown: Shown) -> rusqlite::Result<()> {
        self.by_name(shown)?;
        let Some((last, others)) = self.words.split_last() else {
            return self.by_words(shown, &[], Worth::Words);
        };
        let others: Vec<_> = others.iter().map(|word| quoted(word)).collect();
        let whole = [others.clone(), vec![quoted(last)]].concat();
        let begun = [others, vec![beginning(self.conn, last)?]].concat();
        self.by_words(shown, &whole, Worth::Words)?;
        self.by_words(shown, &begun, Worth::Beginning)
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
            most(),
        ])?;
        while let Some(row) = rows.next()? {
            self.add(row.get(0)?, open, Worth::Begins, row.get(1)?);
        }
        Ok(())
    }

    /// Those with all these terms, of the index of words.
    fn by_words(&mut self, shown: Shown, terms: &[String], worth: Worth) -> rusqlite::Result<()> {
        if self.is_full() {
            return Ok(());
        }
        let query = [terms, &self.marks(shown)].concat().join(" AND ");
        let sql = "SELECT rowid FROM ord WHERE ord MATCH ?1 ORDER BY rowid LIMIT ?2";
        let mut statement = self.conn.prepare_cached(sql)?;
        let mut rows = statement.query(params![query, most()])?;
        let open = shown == Shown::Open;
        while let Some(row) = rows.next()? {
            let id = row.get(0)?;
            if self.is_full() {
                break;
            }
            if !self.seen.contains(&id)
                && let Some((folded, own)) = self.look(id, worth)?
            {
                self.add(id, open, own, folded);
            }
        }
        Ok(())
    }

    /// The name of a record, and what it is worth where it is worth more.
    fn look(&self, id: i64, worth: Worth) -> rusqlite::Result<Option<(String, Worth)>> {
        let sql = "SELECT foldet, p_nummer, cvr FROM post WHERE id = ?1";
        let mut statement = self.conn.prepare_cached(sql)?;
        let mut rows = statement.query([id])?;
        let Some(row) = rows.next()? else {
            return Ok(None);
        };
        let folded: String = row.get(0)?;
        let numbers: [Option<String>; 2] = [row.get(1)?, row.get(2)?];
        let is_number =
            matches!(&self.words[..], [word] if numbers.iter().flatten().any(|own| own == word));
        let worth = match is_number {
            true => Worth::Number,
            false if self.is_in_name(&folded) => Worth::Name,
            false => worth,
        };
        Ok(Some((folded, worth)))
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
        marks.iter().flatten().map(|mark| quoted(mark)).collect()
    }
}

/// One more than is counted: then there are more.
fn most() -> i64 {
    i64::try_from(COUNTED + 1).unwrap_or(i64::MAX)
}

/// A word as a text of the index's language.
fn quoted(word: &str) -> String {
    format!("\"{}\"", word.replace('"', "\"\""))
}

/// The term for words that begin so. Short beginnings have lists of their own. Of longer ones each word that there is has its own,
/// which need not be read to the end; where there are too many, the index makes one of them.
fn beginning(conn: &Connection, word: &str) -> rusqlite::Result<String> {
    let directly = Ok(format!("{} *", quoted(word)));
    if word.chars().count() <= BEGINNINGS {
        return directly;
    }
    if !entry::is_begun(word) {
        // No list of words has the numbers of a million records, and nobody searches by half of one.
        return Ok(quoted(word));
    }
    let (letter, digits) = word.split_at(word.chars().next().map_or(0, char::len_utf8));
    if digits.len() < 6 && !letter.is_empty() && !entry::is_begun(digits) {
        // The beginning of an institution number: a hundred of them at most.
        return directly;
    }
    let sql = "SELECT ord FROM ordbog WHERE ord >= ?1 AND ord < ?2 LIMIT ?3";
    let mut statement = conn.prepare_cached(sql)?;
    let most = i64::try_from(ENDINGS + 1).unwrap_or(i64::MAX);
    let rows = statement.query_map(params![word, format!("{word}{LAST}"), most], |row| {
        row.get::<_, String>(0)
    })?;
    let endings: Vec<String> = rows.collect::<rusqlite::Result<_>>()?;
    if endings.len() > ENDINGS {
        return directly;
    }
    let terms: Vec<_> = [word]
        .into_iter()
        .chain(endings.iter().map(String::as_str))
        .map(quoted)
        .collect();
    Ok(format!("({})", terms.join(" OR ")))
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

/// A record as it is shown.
fn hit(conn: &Connection, entry: Entry) -> rusqlite::Result<Option<Hit>> {
    let Some(number) = entry::number(entry.id) else {
        return Ok(None);
    };
    let read = |text: &str| Institutionsnummer::parse(text).ok();
    let mut successors = Vec::new();
    let listed = entry.successors.as_deref().unwrap_or_default();
    for number in listed.split(' ').filter_map(read) {
        let known = index::entry(conn, entry::id(number))?;
        successors.push((number, known.map(|entry| entry.name)));
    }
    Ok(Some(Hit {
        number,
        niveau: entry.niveau,
        name: entry.name,
        address: entry.address,
        kommune: entry.kommune.map(Kommunekode),
        inst_type: entry.inst_type,
        ejerform: entry.ejerform,
        parent: entry.parent.and_then(entry::number),
        open: entry.open,
        successors,
        school: entry.school.as_deref().and_then(read),
    }))
}
