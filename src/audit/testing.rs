//! Chains for the tests of this folder.

use super::{Entry, GENESIS, Line, Udfald, chain};
use crate::register::{Cvr, Sekvens, Tidspunkt};

/// A stored write of one change, in the second of its number.
pub(super) fn entry(number: u64) -> Entry {
    Entry {
        tidspunkt: Tidspunkt::from_millis(1000 * number as i64),
        operation: "import:v2/InsertDaginstitution".into(),
        udfald: Udfald::Gemt,
        cvr: Cvr::parse("55133018").ok(),
        identitet: "UI:DK-O:G:11111111-2222-3333-4444-555555555555".into(),
        person: None,
        korrelations_id: uuid::Uuid::from_u128(number.into()),
        message_id: None,
        sagsnummer: None,
        sekvenser: Some((Sekvens(number), Sekvens(number))),
        noter: vec![],
        antal: 1,
    }
}

/// A chain of these entries.
pub(super) fn chained(entries: impl IntoIterator<Item = Entry>) -> Vec<Line> {
    texts(
        (1..)
            .zip(entries)
            .map(|(number, entry)| entry.canonical(number)),
    )
}

/// A chain of these canonical forms.
pub(super) fn texts(canonical: impl IntoIterator<Item = String>) -> Vec<Line> {
    let mut previous = GENESIS;
    let line = |(number, canonical): (u64, String)| {
        previous = chain(&previous, &canonical);
        Line {
            number,
            canonical,
            hash: previous,
        }
    };
    (1..).zip(canonical).map(line).collect()
}

/// A good chain of so many stored writes.
pub(super) fn lines(count: u64) -> Vec<Line> {
    chained((1..=count).map(entry))
}
