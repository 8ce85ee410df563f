//! The hits of what is asked, best first.

use rusqlite::Connection;

use super::asked::{Asked, COUNTED, HITS, Hit, Total};
use super::entry::{self, Entry};
use super::gather::gather;
use super::index;
use crate::register::{Institutionsnummer, Kommunekode};

/// The hits of a page, and how many there are, beginning with the records that are named by number.
pub(super) fn find(
    conn: &Connection,
    asked: &Asked,
    named: &[Institutionsnummer],
) -> rusqlite::Result<(Vec<Hit>, Total)> {
    let tx = conn.unchecked_transaction()?;
    let mut found = gather(&tx, asked, named)?;
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
