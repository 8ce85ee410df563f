//! Words and filters in the language of the index of words.
//!
//! Invariant: words reach it folded and in quotation marks, as texts and never as its language.

use rusqlite::{Connection, params};

use super::entry;
use super::index::BEGINNINGS;

/// Words with one beginning that are asked for each by itself.
const ENDINGS: usize = 500;
/// Stands after every character.
pub(super) const LAST: char = '\u{10ffff}';

/// A word as a text of the index's language.
pub(super) fn quoted(word: &str) -> String {
    format!("\"{}\"", word.replace('"', "\"\""))
}

/// The term for words that begin so. Short beginnings have lists of their own. Of longer ones each word that there is has its own,
/// which need not be read to the end; where there are too many, the index makes one of them.
pub(super) fn beginning(conn: &Connection, word: &str) -> rusqlite::Result<String> {
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
    let rows = statement.query_map(
        params![word, format!("{word}{LAST}"), bound(ENDINGS + 1)],
        |row| row.get::<_, String>(0),
    )?;
    let endings: Vec<String> = rows.collect::<rusqlite::Result<_>>()?;
    if endings.len() > ENDINGS {
        return directly;
    }
    let others = endings
        .iter()
        .map(String::as_str)
        .filter(|ending| *ending != word);
    let terms: Vec<_> = [word].into_iter().chain(others).map(quoted).collect();
    Ok(match &terms[..] {
        [own] => own.clone(),
        all => format!("({})", all.join(" OR ")),
    })
}

/// Marks of filters, those that are there.
pub(super) fn quoted_all<const N: usize>(marks: [Option<String>; N]) -> Vec<String> {
    marks.iter().flatten().map(|mark| quoted(mark)).collect()
}

/// A count as a bound of a statement.
pub(super) fn bound(most: usize) -> i64 {
    i64::try_from(most).unwrap_or(i64::MAX)
}
